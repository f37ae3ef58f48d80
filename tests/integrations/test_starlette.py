from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket
from tests.integrations.scenarios import LOGIN, SESSION, query, set_names, sign_in
from tests.integrations.sockets import connect, handshake
from tests.integrations.world import World, leaving_no

from authwire import AuthConfig, JWTConfig, Session, User
from authwire.config import JWTDecodeParams, JWTEncodeParams
from authwire.integrations._visit import Visit
from authwire.integrations.starlette import SessionUser, StarletteAuth
from authwire.protocol import jwe
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.anyio


def browse(app: Any, world: World, **options: Any) -> AuthClient:
    return AuthClient.asgi(app, now=world.now, **options)


def app_of(
    auth: StarletteAuth[Any], *routes: BaseRoute, middleware: list[Middleware] | None = None
) -> Starlette:
    return Starlette(
        routes=[Mount("/auth", routes=auth.routes, name="auth"), *routes],
        middleware=[auth.middleware()] if middleware is None else middleware,
    )


# --- Starlette's own way ------------------------------------------------------------------------------


def test_requires_redirects_to_the_sign_in_page_and_comes_back() -> None:
    world = World()
    auth = StarletteAuth(world.config())

    @requires("authenticated", redirect="auth:signin")
    async def me(request: Request) -> Response:
        return JSONResponse({"hello": request.user.display_name})

    backend = [Middleware(AuthenticationMiddleware, backend=auth.backend)]
    app = app_of(auth, Route("/me", me), middleware=backend)
    with browse(app, world) as browser:
        turned_away = browser.get("/me?x=1")
        assert turned_away.status == 303
        assert query(turned_away) == {"next": "http://localhost/me?x=1"}
        browser.follow(turned_away)
        done = browser.sign_in_credentials(LOGIN)
        assert done.location == "http://localhost/me?x=1"
        assert browser.follow(done).json() == {"hello": "Ada"}


def test_user_and_scopes_are_starlettes() -> None:
    world = World()
    auth = StarletteAuth(world.config())

    async def whoami(request: Request) -> Response:
        user = request.user
        email = user.user.email if isinstance(user, SessionUser) else None
        return JSONResponse(
            [user.is_authenticated, user.display_name, email, list(request.auth.scopes)]
        )

    with browse(app_of(auth, Route("/", whoami)), world) as browser:
        assert browser.get("/").json() == [False, "", None, []]
        sign_in(browser)
        assert browser.get("/").json() == [True, "Ada", "ada@example.com", ["authenticated"]]


def test_without_identity_only_those_who_ask_have_the_session_read() -> None:
    world = World()
    read: list[str] = []

    def decode(params: JWTDecodeParams) -> Any:
        read.append(params.token)
        return jwe.decode(
            params.token, secrets=params.secrets, salt=params.salt, now=world.now().timestamp()
        )

    auth = StarletteAuth(world.config(jwt=JWTConfig(decode=decode)))

    async def open_(request: Request) -> Response:
        return PlainTextResponse(str("user" in request.scope))

    @auth.required
    async def me(request: Request) -> Response:
        session = await auth.session(request)
        return PlainTextResponse(session.user.name if session else None)

    app = app_of(
        auth,
        Route("/open", open_),
        Route("/me", me),
        middleware=[auth.middleware(identity=False)],
    )
    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/open").text == "False"
        assert not read
        world.pass_time(timedelta(days=2))
        answer = browser.get("/me")
        assert (answer.text, set_names(answer), len(read)) == ("Ada", [SESSION], 1)


@pytest.mark.parametrize("identity", [True, False])
def test_request_leaves_nothing_to_the_garbage_collector(identity: bool) -> None:
    world = World()
    auth = StarletteAuth(world.config())

    async def whoami(request: Request) -> Response:
        session = await auth.session(request) if request.url.path == "/me" else None
        return PlainTextResponse(session.user.name if session else "nobody")

    app = app_of(
        auth,
        Route("/open", whoami),
        Route("/me", whoami),
        middleware=[auth.middleware(identity=identity)],
    )
    with browse(app, world) as browser:
        sign_in(browser)
        with leaving_no(Visit):
            assert (browser.get("/open").text, browser.get("/me").text) == ("nobody", "Ada")


@pytest.mark.parametrize(
    ("name", "email", "shown"), [("Ada", "a@x", "Ada"), (None, "a@x", "a@x"), (None, None, "7")]
)
def test_display_name_is_the_best_there_is(name: str | None, email: str | None, shown: str) -> None:
    session = Session(user=User(id="7", name=name, email=email), expires=World().now())
    user = SessionUser(session)
    assert (user.display_name, user.identity) == (shown, "7")


def test_untrusted_host_has_nobody_signed_in_and_no_error() -> None:
    world = World()
    auth = StarletteAuth(world.config(trust_host=["app.example"]))

    async def health(request: Request) -> Response:
        return PlainTextResponse(str(request.user.is_authenticated))

    with browse(app_of(auth, Route("/health", health)), world) as browser:
        answer = browser.get("/health", headers={"host": "10.0.0.3:8000", "cookie": f"{SESSION}=x"})
        assert (answer.status, answer.text) == (200, "False")


# --- without the middleware ---------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_reading_changes_nothing_without_the_middleware(strategy: str) -> None:
    world = World(strategy=strategy)
    auth = StarletteAuth(world.config())

    async def home(request: Request) -> Response:
        session = await auth.session(request)
        return PlainTextResponse(str(session.user.name if session else None))

    with browse(app_of(auth, Route("/", home), middleware=[]), world) as browser:
        sign_in(browser)
        before = world.adapter.sessions
        world.pass_time(timedelta(days=2))
        answer = browser.get("/")
        assert answer.text == "Ada"
        assert answer.set_cookies == []
        assert world.adapter.sessions == before


def test_token_is_not_even_made_when_nobody_would_carry_it() -> None:
    world = World()
    made: list[str] = []

    def encode(params: JWTEncodeParams) -> str:
        made.append(params.salt)
        return json.dumps(params.token)

    def decode(params: JWTDecodeParams) -> dict[str, Any]:
        return dict(json.loads(params.token))

    auth = StarletteAuth(world.config(jwt=JWTConfig(encode=encode, decode=decode)))

    async def home(request: Request) -> Response:
        return PlainTextResponse(str(await auth.session(request) is not None))

    with browse(app_of(auth, Route("/", home), middleware=[]), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        assert browser.get("/").text == "True"
    assert made == [SESSION]


def test_update_that_nobody_would_carry_is_refused() -> None:
    world = World()
    auth = StarletteAuth(world.config())

    async def lost(request: Request) -> Response:
        await auth.update_session(request, {"name": "Countess"})
        return PlainTextResponse("")

    async def carried(request: Request) -> Response:
        response = PlainTextResponse("")
        await auth.update_session(request, {"name": "Countess"}, response=response)
        return response

    app = app_of(auth, Route("/lost", lost), Route("/carried", carried), middleware=[])
    with browse(app, world) as browser:
        sign_in(browser)
        with pytest.raises(RuntimeError, match=r"auth\.middleware\(\)"):
            browser.get("/lost")
        assert set_names(browser.get("/carried")) == [SESSION]
        assert (browser.session() or {})["user"]["name"] == "Countess"


def test_response_of_an_update_carries_the_cookie_once_also_with_the_middleware() -> None:
    world = World()
    auth = StarletteAuth(world.config())

    async def rename(request: Request) -> Response:
        response = PlainTextResponse("")
        await auth.session(request)
        await auth.update_session(request, {"name": "Countess"}, response=response)
        return response

    with browse(app_of(auth, Route("/", rename)), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        assert set_names(browser.get("/")) == [SESSION]
        assert (browser.session() or {})["user"]["name"] == "Countess"


# --- decorators -----------------------------------------------------------------------------------------


def test_plain_function_runs_in_a_thread_and_methods_are_decorated_too() -> None:
    world = World()
    auth = StarletteAuth(world.config())
    threads: list[threading.Thread] = []

    @auth.required
    def sync(request: Request) -> Response:
        threads.append(threading.current_thread())
        return PlainTextResponse("sync")

    async def anybody(request: Request) -> Response:
        threads.append(threading.current_thread())
        return PlainTextResponse("async")

    class Page(HTTPEndpoint):
        @auth.required
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("page")

    app = app_of(auth, Route("/sync", sync), Route("/async", anybody), Route("/page", Page))
    with browse(app, world) as browser:
        assert [browser.get(path).status for path in ("/sync", "/page")] == [302, 302]
        sign_in(browser)
        assert browser.get("/sync").text == "sync"
        assert browser.get("/page").text == "page"
        browser.get("/async")
    assert threads[0] is not threads[1]


def test_async_predicate_is_awaited() -> None:
    world = World()
    auth = StarletteAuth(world.config())

    async def nobody(_: object) -> bool:
        return False

    @auth.require(nobody)
    async def page(request: Request) -> Response:
        return PlainTextResponse("")

    with browse(app_of(auth, Route("/", page)), world) as browser:
        sign_in(browser)
        assert browser.get("/").status == 403


async def test_endpoint_without_a_request_is_told_so() -> None:
    @StarletteAuth(World().config()).required
    async def page() -> Response:
        raise NotImplementedError

    with pytest.raises(TypeError, match="must take the request"):
        await page()


@pytest.mark.parametrize("guard", ["required", "require"])
async def test_websocket_is_closed_for_strangers(guard: str) -> None:
    world = World()
    auth = StarletteAuth(world.config())

    async def chat(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.user.display_name)

    guarded = auth.required(chat) if guard == "required" else auth.require(lambda _: False)(chat)
    app = app_of(auth, WebSocketRoute("/chat", guarded))
    assert [m["type"] for m in await connect(app, handshake("/chat"))] == ["websocket.close"]
    with browse(app, world) as browser:
        sign_in(browser)
        cookie = f"{SESSION}={browser.cookies[SESSION]}"
    sent = await connect(app, handshake("/chat", cookie=cookie))
    if guard == "required":
        assert sent[1]["text"] == "Ada"
    else:
        assert sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
    foreign = handshake("/chat", cookie=cookie, origin="https://evil.example")
    assert (await connect(app, foreign))[0]["type"] == "websocket.close"


# --- where it is mounted --------------------------------------------------------------------------------


def test_sub_app_serves_its_routes_below_its_own_prefix() -> None:
    world = World(base_path="/api/auth")
    auth = StarletteAuth(world.config())

    @auth.required
    async def me(request: Request) -> Response:
        return PlainTextResponse(request.user.display_name)

    outer = Starlette(routes=[Mount("/api", app=app_of(auth, Route("/me", me)))])
    with browse(outer, world, base_path="/api/auth") as browser:
        turned_away = browser.get("/api/me")
        assert turned_away.location is not None
        assert turned_away.location.startswith("http://localhost/api/auth/signin?")
        browser.follow(turned_away)
        done = browser.sign_in_oauth("fake", world.idp)
        assert done.location == "http://localhost/api/me"
        assert browser.follow(done).text == "Alice Liddell"
    assert world.logged == []


def test_mount_that_is_not_the_base_path_works_and_warns_once() -> None:
    world = World()
    auth = StarletteAuth(world.config())
    app = Starlette(routes=[Mount("/account", routes=auth.routes)])
    with browse(app, world, base_path="/account") as browser:
        assert browser.session() is None
        assert browser.session() is None
        assert browser.get("/account/signin").status == 200
    assert len([line for line in world.logged if "[base-path]" in line and "session" in line]) == 1


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    auth = StarletteAuth(world.config())

    async def other(request: Request) -> Response:
        return PlainTextResponse("mine")

    app = Starlette(routes=[*auth.routes, Route("/other", other)])
    with browse(app, world, base_path="") as browser:
        assert browser.get("/other").text == "mine"
        sign_in(browser)
        assert browser.session() is not None


def test_percent_encoded_route_is_taken_as_starlette_took_it() -> None:
    world = World()
    with browse(app_of(StarletteAuth(world.config())), world) as browser:
        assert browser.get("/auth/%73ession").json() is None
        assert browser.get("/auth/callback/%E2%82%AC").status == 302  # no such provider


def test_config_by_request_may_be_broken_for_one_tenant_only() -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)

    def choose(request: Any) -> AuthConfig[User]:
        return good if request.host == "good.localhost" else bad

    app = app_of(StarletteAuth(choose), middleware=[])
    with browse(app, world, base_url="http://good.localhost") as browser:
        assert browser.session() is None
    with browse(app, world, base_url="http://bad.localhost") as browser:
        assert browser.get("/auth/session").status == 500


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_own_user_type_reaches_the_handler() -> None:
    world = World()
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1], secret=base.secret, user=Member, now=world.now
    )
    auth = StarletteAuth(config)

    async def role(request: Request) -> Response:
        session = await auth.session(request)
        return PlainTextResponse(session.user.role if session else "nobody")

    with browse(app_of(auth, Route("/", role)), world) as browser:
        assert browser.get("/").text == "nobody"
        sign_in(browser)
        assert browser.get("/").text == "member"
