# Not `from __future__ import annotations`: BlackSheep could not look up the names inside a function.

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from blacksheep import Application, Content, Request, Response, Router, StreamedContent, WebSocket
from blacksheep.exceptions import Conflict, Unauthorized
from blacksheep.server.authentication.apikey import APIKey, APIKeyAuthentication
from blacksheep.server.authorization import Policy, auth
from blacksheep.server.controllers import Controller
from blacksheep.server.csrf import AntiForgeryHandler
from blacksheep.server.openapi.v3 import OpenAPIHandler
from blacksheep.server.responses import redirect
from blacksheep.server.routing import RoutesRegistry
from blacksheep.server.sse import ServerSentEvent
from blacksheep.testing import TestClient
from essentials.secrets import Secret
from guardpost import AuthorizationStrategy, UnauthorizedError
from guardpost.common import AuthenticatedRequirement
from openapidocs.v3 import Info
from tests.integrations.scenarios import LOGIN, SESSION, set_names, sign_in
from tests.integrations.sockets import connect, handshake
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, Callbacks, JWTConfig, Session, User
from authwire.config import AuthorizedParams, JWTDecodeParams, JWTEncodeParams
from authwire.integrations.asgi import AuthMiddleware
from authwire.integrations.blacksheep import BlackSheepAuth, FromSession, SessionIdentity
from authwire.runtime.asgi import Message, Receive, Scope, Send
from authwire.testing import session_cookies
from authwire.testing.client import AuthClient

JSON = {"accept": "application/json"}


def app_of(sheep: BlackSheepAuth[Any], **options: Any) -> Application:
    app = Application(router=Router())
    sheep.use(app, **options)
    return app


def browse(app: Application, world: World, **options: Any) -> AuthClient:
    """A browser at the app, which is started."""
    asyncio.run(app.start())
    return AuthClient.asgi(app, now=world.now, **options)


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "administrator"


def members(world: World) -> AuthConfig[Member]:
    base = world.config()
    return AuthConfig(providers=base.providers[:1], secret=base.secret, user=Member, now=world.now)


# --- injection ------------------------------------------------------------------------------------------


def test_session_is_injected_in_every_way_it_can_be_asked_for() -> None:
    world = World()
    app = app_of(BlackSheepAuth(members(world)))
    required, optional = ("/plain", "/mine", "/value"), ("/perhaps", "/maybe", "/maybe-mine")

    @app.router.get("/plain")
    async def plain(session: Session) -> str:
        return session.user.name or ""

    @app.router.get("/mine")
    def mine(session: Session[Member]) -> str:
        return session.user.role

    @app.router.get("/value")
    async def value(session: FromSession[Member]) -> str:
        return session.value.user.role

    @app.router.get("/perhaps")
    async def perhaps(session: Session | None = None) -> str:
        return str(session and session.user.name)

    @app.router.get("/maybe")
    async def maybe(session: FromSession | None) -> str:
        return str(session and session.value.user.name)

    @app.router.get("/maybe-mine")
    async def maybe_mine(session: Session[Member] | None = None) -> str:
        return str(session and session.user.role)

    with browse(app, world) as browser:
        assert [browser.get(path).status for path in required] == [302] * 3
        assert [browser.get(path, headers=JSON).status for path in required] == [401] * 3
        assert [browser.get(path).text for path in optional] == ["None"] * 3
        sign_in(browser)
        shown = [browser.get(path).text for path in (*required, *optional)]
        assert shown == ["Ada", "administrator", "administrator", "Ada", "Ada", "administrator"]


def test_optional_session_without_a_default_does_not_start() -> None:
    app = app_of(BlackSheepAuth(World().config()))

    @app.router.get("/")
    async def home(session: Session[User] | None) -> str:
        return str(session)

    with pytest.raises(TypeError, match=r"home: write session: Session \| None = None"):
        asyncio.run(app.start())


@pytest.mark.parametrize("path", ["/user", "/other", "/controller"])
def test_session_is_never_taken_from_the_body(path: str) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Other(User):
        pass

    world = World()
    app = app_of(BlackSheepAuth(world.config()))
    controllers = RoutesRegistry()
    app.controllers_router = controllers

    @app.router.post("/user")
    async def user(session: Session[User]) -> str:
        return session.user.id

    @app.router.post("/other")
    async def other(session: Session[Other]) -> str:
        return session.user.id

    class Pages(Controller):
        @controllers.post("/controller")
        async def page(self, session: Session[Other]) -> str:
            return session.user.id

    forged = {"user": {"id": "1", "name": "Mallory"}, "expires": "2031-01-01T00:00:00Z"}
    with browse(app, world) as browser:
        answer = browser.post(path, json=forged, headers=JSON)
        assert (answer.status, answer.json()) == (401, {"error": "Unauthorized"})
        sign_in(browser)
        assert browser.post(path, json=forged).text == "id of ada@example.com"


def test_controllers_are_guarded_and_served_too() -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep)
    controllers = RoutesRegistry()
    app.controllers_router = controllers

    class Pages(Controller):
        @controllers.get("/injected")
        async def injected(self, session: Session) -> str:
            return session.user.name or ""

        @controllers.get("/decorated")
        @sheep.require(is_ada)
        def decorated(self) -> str:
            return "only Ada"

    with browse(app, world) as browser:
        assert [browser.get(p).status for p in ("/injected", "/decorated")] == [302, 302]
        sign_in(browser, "eve@example.com")
        assert [browser.get(p).status for p in ("/injected", "/decorated")] == [200, 403]
        sign_in(browser)
        assert browser.get("/decorated").text == "only Ada"


def test_app_that_does_not_use_it_is_told_so() -> None:
    sheep = BlackSheepAuth(World().config())
    app = Application(router=Router(), show_error_details=True)

    @app.router.get("/")
    async def home(request: Request) -> str:
        return str(await sheep.session(request))

    with browse(app, World()) as browser:
        answer = browser.get("/")
        assert answer.status == 500
        assert "call auth.use(app)" in answer.text


def test_using_it_twice_or_too_late_is_refused() -> None:
    sheep = BlackSheepAuth(World().config())
    app = app_of(sheep)
    with pytest.raises(RuntimeError, match="once, before the app starts"):
        sheep.use(app)
    late = Application(router=Router())
    asyncio.run(late.start())
    with pytest.raises(RuntimeError, match="once, before the app starts"):
        sheep.use(late)


def test_app_starts_and_stops_with_its_server() -> None:
    app = app_of(BlackSheepAuth(World().config()))
    waiting: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    told: list[tuple[str, bool]] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        told.append((message["type"], app.started))

    asyncio.run(app({"type": "lifespan"}, receive, send))
    assert told == [("lifespan.startup.complete", True), ("lifespan.shutdown.complete", False)]


# --- decorators -----------------------------------------------------------------------------------------


def test_decorated_handler_need_not_take_the_request() -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep, identity=False)

    @app.router.get("/sync/{name}")
    @sheep.required
    def sync(name: str) -> str:
        return name

    @app.router.get("/async")
    @sheep.required
    async def async_() -> str:
        return "async"

    with browse(app, world) as browser:
        assert [browser.get(path).status for path in ("/sync/x", "/async")] == [302, 302]
        sign_in(browser)
        assert [browser.get(path).text for path in ("/sync/x", "/async")] == ["x", "async"]


def test_async_predicate_is_awaited() -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep)

    async def nobody(_: object) -> bool:
        return False

    @app.router.get("/")
    @sheep.require(nobody)
    async def page() -> str:
        return "never"

    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/").status == 403


def test_handler_that_yields_is_guarded_by_its_parameter() -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep)

    async def events(session: Session) -> AsyncIterable[ServerSentEvent]:
        yield ServerSentEvent({"name": session.user.name})

    with pytest.raises(TypeError, match=r"guarded by @auth\(\), or by a parameter"):
        sheep.required(events)
    app.router.get("/events")(events)
    with browse(app, world) as browser:
        assert browser.get("/events", headers=JSON).status == 401
        sign_in(browser)
        assert '"Ada"' in browser.get("/events").text


# --- authentication and authorization of BlackSheep -----------------------------------------------------


def test_user_of_the_request_is_the_signed_in_one() -> None:
    world = World()
    app = app_of(BlackSheepAuth(members(world)))

    @app.router.get("/")
    async def whoami(request: Request) -> Any:
        user = request.user
        own = user.user.role if isinstance(user, SessionIdentity) else None
        return [user.is_authenticated(), user.sub, own, user.roles, user.get("email")]

    with browse(app, world) as browser:
        assert browser.get("/").json() == [False, None, None, None, None]
        sign_in(browser)
        email = "ada@example.com"
        shown = [True, f"id of {email}", "administrator", ["administrator"], email]
        assert browser.get("/").json() == shown


@pytest.mark.parametrize(
    ("role", "status"), [("administrator", 200), ("admin", 403), ("editor", 403)]
)
def test_role_is_the_whole_word(role: str, status: int) -> None:
    world = World()
    app = app_of(BlackSheepAuth(members(world)))

    @app.router.get("/")
    @auth(None, roles=[role])
    async def page() -> str:
        return "in"

    app.use_authorization(AuthorizationStrategy())
    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/").status == status


@pytest.mark.parametrize(
    ("held", "roles"),
    [
        ({}, []),
        ({"roles": "admin"}, ["admin"]),
        ({"roles": ("a", "b")}, ["a", "b"]),
        ({"role": None}, []),
    ],
)
def test_roles_are_a_list_however_the_user_keeps_them(
    held: dict[str, Any], roles: list[str]
) -> None:
    user = User(id="1", name="Ada")
    for name, value in held.items():
        object.__setattr__(user, name, value)
    identity = SessionIdentity(Session(user=user, expires=World().now()))
    assert (identity.roles, identity.id, identity.name) == (roles, "1", "Ada")


def test_authorization_works_without_being_configured() -> None:
    world = World()
    app = app_of(BlackSheepAuth(world.config()))

    @app.router.get("/")
    @auth()
    async def page() -> str:
        return "in"

    with browse(app, world) as browser:
        assert browser.get("/").status == 302
        refused = browser.get("/", headers=JSON)
        assert (refused.status, refused.json()) == (401, {"error": "Unauthorized"})
        sign_in(browser)
        assert browser.get("/").text == "in"


def test_default_policy_of_the_app_leaves_the_way_in_open() -> None:
    world = World()
    app = app_of(BlackSheepAuth(world.config()))
    app.use_authorization().with_default_policy(Policy("all", AuthenticatedRequirement()))

    @app.router.get("/")
    async def page() -> str:
        return "in"

    with browse(app, world) as browser:
        shown = browser.get("/", follow=True)
        assert shown.status == 200
        assert shown.url.startswith("http://localhost/auth/signin?")
        sign_in(browser)
        assert browser.get("/").text == "in"


def test_requirement_takes_an_async_predicate_or_none() -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep)

    async def is_eve(session: Session[User]) -> bool:
        return session.user.name == "Eve"

    strategy = app.use_authorization()
    strategy.add(Policy("someone", sheep.requirement()))
    strategy.add(Policy("eve", sheep.requirement(is_eve)))

    @app.router.get("/someone")
    @auth("someone")
    async def someone() -> str:
        return "in"

    @app.router.get("/eve")
    @auth("eve", authentication_schemes=["session"])
    async def eve() -> str:
        return "in"

    with browse(app, world) as browser:
        assert [browser.get(path).status for path in ("/someone", "/eve")] == [302, 302]
        sign_in(browser)
        assert [browser.get(path).status for path in ("/someone", "/eve")] == [200, 403]
        sign_in(browser, "eve@example.com")
        assert browser.get("/eve").text == "in"


@pytest.mark.parametrize("key", [Unauthorized, 401])
def test_exception_handlers_of_the_app_see_the_refusals(key: Any) -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep)

    @app.exception_handler(key)
    async def strangers(_: Any, request: Request, exc: Exception) -> Response:
        return Response(418, content=Content(b"text/plain", str(exc).encode()))

    @app.exception_handler(403)
    async def others(_: Any, request: Request, exc: Exception) -> Response:
        return Response(451)

    @app.exception_handler(UnauthorizedError)
    async def by_policy(_: Any, request: Request, exc: Exception) -> Response:
        return Response(419)

    @app.router.get("/mine")
    async def mine(session: Session) -> str:
        return "in"

    @app.router.get("/policy")
    @auth()
    async def policy() -> str:
        return "in"

    @app.router.get("/never")
    @sheep.require(lambda _: False)
    async def never() -> str:
        return "in"

    with browse(app, world) as browser:
        answer = browser.get("/mine")
        assert (answer.status, answer.text) == (418, "Not authenticated")
        assert browser.get("/policy").status == 419
        sign_in(browser)
        assert browser.get("/never").status == 451


def test_untrusted_host_has_nobody_signed_in_and_no_error() -> None:
    world = World()
    app = app_of(BlackSheepAuth(world.config(trust_host=["app.example"])))

    @app.router.get("/health")
    async def health(request: Request) -> str:
        return str(request.user.is_authenticated())

    with browse(app, world) as browser:
        answer = browser.get("/health", headers={"host": "10.0.0.3:8000", "cookie": f"{SESSION}=x"})
        assert (answer.status, answer.text) == (200, "False")


# --- cookies --------------------------------------------------------------------------------------------


def every_way_to_answer(sheep: BlackSheepAuth[Any]) -> Application:
    app = app_of(sheep, identity=False)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    def conflict() -> Response:
        raise Conflict

    def broken() -> Response:
        raise ZeroDivisionError

    ways: dict[str, Callable[[], Response]] = {
        "/text": lambda: Response(200, content=Content(b"text/plain", b"text")),
        "/redirect": lambda: redirect("/elsewhere"),
        "/empty": lambda: Response(204),
        "/stream": lambda: Response(200, content=StreamedContent(b"text/plain", pieces)),
        "/conflict": conflict,
        "/broken": broken,
    }

    def route(path: str, end: Callable[[], Response]) -> None:
        @app.router.get(path)
        async def handler(request: Request) -> Response:
            assert await sheep.session(request) is not None
            return end()

    for path, end in ways.items():
        route(path, end)
    return app


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/text", 200),
        ("/redirect", 302),
        ("/empty", 204),
        ("/stream", 200),
        ("/conflict", 409),
        ("/broken", 500),
    ],
)
def test_every_kind_of_answer_carries_the_rolled_cookie_once(path: str, status: int) -> None:
    world = World()
    with browse(every_way_to_answer(BlackSheepAuth(world.config())), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get(path)
        assert answer.status == status
        assert set_names(answer) == [SESSION]
        assert answer.headers.get_all("vary") == ["Cookie"]
        assert browser.get(path).set_cookies == []


@pytest.mark.parametrize(("identity", "reads"), [(True, 1), (False, 0)])
def test_token_is_decoded_as_often_as_was_agreed(identity: bool, reads: int) -> None:
    world = World()
    decoded: list[str] = []

    def encode(params: JWTEncodeParams) -> str:
        return json.dumps(params.token)

    def decode(params: JWTDecodeParams) -> dict[str, Any]:
        decoded.append(params.salt)
        return dict(json.loads(params.token))

    sheep = BlackSheepAuth(world.config(jwt=JWTConfig(encode=encode, decode=decode)))
    app = app_of(sheep, protect=["/vault/*"], identity=identity)

    @app.router.get("/quiet")
    async def quiet() -> str:
        return "quiet"

    @app.router.get("/me")
    async def me(session: Session, request: Request) -> str:
        assert await sheep.session(request) is session
        return "me"

    with browse(app, world) as browser:
        sign_in(browser)
        decoded.clear()
        browser.get("/quiet")
        assert len(decoded) == reads
        decoded.clear()
        browser.get("/me")
        assert len(decoded) == 1
        decoded.clear()
        browser.get("/auth/session")
        assert len(decoded) == 1


# --- WebSockets -----------------------------------------------------------------------------------------


def socket_app(sheep: BlackSheepAuth[User], **options: Any) -> Application:
    app = app_of(sheep, **options)

    async def greet(websocket: WebSocket, session: Session[User] | None) -> None:
        await websocket.accept()
        await websocket.send_text(session.user.name or "" if session else "nobody")

    @app.router.ws("/open")
    async def open_(websocket: WebSocket) -> None:
        await greet(websocket, await sheep.session(websocket))

    @app.router.ws("/required")
    @sheep.required
    async def required(websocket: WebSocket) -> None:
        await greet(websocket, await sheep.session(websocket))

    @app.router.ws("/never")
    @sheep.require(lambda _: False)
    async def never(websocket: WebSocket) -> None:
        await greet(websocket, None)

    @app.router.ws("/injected")
    async def injected(websocket: WebSocket, session: Session) -> None:
        await greet(websocket, session)

    @app.router.ws("/user")
    @auth()
    async def user(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.user["name"])

    asyncio.run(app.start())
    return app


def said(app: Any, scope: Scope) -> Any:
    sent = asyncio.run(connect(app, scope))
    return sent[1]["text"] if sent[0]["type"] == "websocket.accept" else sent


def cookie_of(sheep: BlackSheepAuth[Any], **options: Any) -> str:
    cookies = session_cookies(sheep, User(id="1", name="Ada"), **options)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)


@pytest.mark.parametrize("path", ["/required", "/injected", "/user"])
def test_websocket_is_for_signed_in_people_of_our_own_pages(path: str) -> None:
    sheep = BlackSheepAuth(World().config())
    app = socket_app(sheep)
    cookie = cookie_of(sheep)
    foreign = "https://evil.example"
    assert said(app, handshake(path))[0]["type"] == "websocket.close"
    assert said(app, handshake(path, cookie=cookie)) == "Ada"
    assert said(app, handshake(path, cookie=cookie, origin="http://localhost")) == "Ada"
    assert said(app, handshake(path, cookie=cookie, origin=foreign))[0]["type"] == "websocket.close"


def test_decorated_websocket_is_closed_with_the_code_for_policies() -> None:
    sheep = BlackSheepAuth(World().config())
    app = socket_app(sheep)
    closed = [{"type": "websocket.close", "code": 1008, "reason": None}]
    assert said(app, handshake("/required")) == closed
    assert said(app, handshake("/never", cookie=cookie_of(sheep))) == closed


def test_websocket_of_another_origin_has_no_session_unless_it_is_named() -> None:
    world = World()
    origin = "https://app.example"
    closed = BlackSheepAuth(world.config())
    opened = BlackSheepAuth(world.config(), websocket_origins=[origin])
    for sheep, name in ((closed, "nobody"), (opened, "Ada")):
        scope = handshake("/open", cookie=cookie_of(sheep), origin=origin)
        assert said(socket_app(sheep), scope) == name


def test_websocket_below_a_protected_path_is_closed() -> None:
    sheep = BlackSheepAuth(World().config())
    app = socket_app(sheep, protect=["/open"])
    assert said(app, handshake("/open")) == [{"type": "websocket.close", "code": 1008}]
    assert said(app, handshake("/open", cookie=cookie_of(sheep))) == "Ada"


def test_websocket_updates_no_session() -> None:
    sheep = BlackSheepAuth(World().config())
    app = app_of(sheep)
    told: list[str] = []

    @app.router.ws("/rename")
    async def rename(websocket: WebSocket) -> None:
        with pytest.raises(RuntimeError, match="carries none") as caught:
            await sheep.update_session(websocket, {"name": "Countess"})
        told.append(str(caught.value))
        await websocket.close()

    asyncio.run(app.start())
    said(app, handshake("/rename", cookie=cookie_of(sheep)))
    assert told


# --- protection -----------------------------------------------------------------------------------------


def test_callback_is_asked_about_the_path_as_blacksheep_routes_it() -> None:
    world = World()
    seen: list[str] = []

    def authorized(params: AuthorizedParams[User]) -> bool:
        seen.append(params.request.path)
        return not params.request.path.startswith("/vault")

    sheep = BlackSheepAuth(world.config(callbacks=Callbacks(authorized=authorized)))
    app = app_of(sheep, protect=["/*"], public=["/vault/open"])

    @app.router.get("/vault/{name}")
    async def vault(name: str, request: Request) -> str:
        return f"{name} {sheep.visit(request).request.path}"

    with browse(app, world) as browser:
        for path in ("/vault/gold", "/VAULT/gold", "/Vault/Gold"):
            assert browser.get(path).status == 302
        assert seen == ["/vault/gold", "/VAULT/gold", "/vault/gold", "/Vault/Gold", "/vault/gold"]
        assert browser.get("/vault/open").text == "open /vault/open"
        assert browser.get("/elsewhere").status == 404


# --- where it is mounted --------------------------------------------------------------------------------


async def plain_asgi(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"mounted"})


def test_app_mounted_afterwards_is_protected_too() -> None:
    world = World()
    app = app_of(BlackSheepAuth(world.config()), protect=["/files/*"])
    app.mount("/files", plain_asgi)
    with browse(app, world) as browser:
        assert browser.get("/files/secret").status == 302
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get("/files/secret")
        assert answer.text == "mounted"
        assert set_names(answer) == [SESSION]


def test_mounted_app_serves_its_routes_below_its_own_prefix() -> None:
    world = World(base_path="/api/auth")
    child = app_of(BlackSheepAuth(world.config(), prefix="/auth"))

    @child.router.get("/me")
    async def me(session: Session) -> str:
        return session.user.name or ""

    outer = Application(router=Router())
    outer.mount("/api", child)
    with browse(outer, world, base_path="/api/auth") as browser:
        turned_away = browser.get("/api/me")
        assert (turned_away.location or "").startswith("http://localhost/api/auth/signin?")
        browser.follow(turned_away)
        done = browser.sign_in_oauth("fake", world.idp)
        assert done.location == "http://localhost/api/me"
        assert browser.follow(done).text == "Alice Liddell"


def test_mounted_app_of_another_kind_finds_the_visit_in_the_scope() -> None:
    world = World()
    app = app_of(BlackSheepAuth(world.config()))

    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        session = await scope["authwire"].session()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": session.user.name.encode()})

    app.mount("/other", other)
    with browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get("/other/")
        assert (answer.text, set_names(answer)) == ("Ada", [SESSION])


def test_visit_of_a_middleware_around_the_app_serves_the_app_too() -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = Application(router=Router())

    @app.router.get("/me")
    async def me(request: Request) -> str:
        session = await sheep.session(request)
        return session.user.name or "" if session else "nobody"

    asyncio.run(app.start())
    with AuthClient.asgi(AuthMiddleware(app, sheep.auth), now=world.now) as browser:
        sign_in(browser)
        assert browser.get("/me").text == "Ada"


def test_request_that_nobody_asks_about_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    app = app_of(BlackSheepAuth(world.config()), identity=False)

    @app.router.get("/open")
    async def page() -> str:
        return "open"

    @app.router.get("/me")
    async def me(session: Session) -> str:
        return session.user.name or ""

    with browse(app, world) as browser:
        sign_in(browser)
        monkeypatch.setattr("authwire.integrations.blacksheep._app.request_of", None)
        assert browser.get("/open").text == "open"
        assert browser.get("/me").status == 500


def test_apps_that_share_their_authentication_read_the_session_once() -> None:
    world = World()
    config = world.config(base_path="/auth")
    inner = BlackSheepAuth(config, prefix="/inner/auth")
    outer = BlackSheepAuth(inner.auth)
    child, parent = app_of(inner), app_of(outer)

    @child.router.get("/me")
    async def me(session: Session, request: Request) -> str:
        return f"{session.user.name} {inner.visit(request) is outer.visit(request)}"

    parent.mount("/child", child)
    with browse(parent, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get("/child/me")
        assert answer.text == "Ada True"
        assert set_names(answer) == [SESSION]


def test_passkeys_are_those_of_whoever_is_signed_in() -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep)

    @app.router.get("/keys")
    async def keys(request: Request, session: Session) -> Any:
        return len(await sheep.passkeys(request).list())

    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/keys").json() == 0


def test_router_with_a_prefix() -> None:
    world = World(base_path="/v1/auth")
    app = Application(router=Router(prefix="/v1"))
    BlackSheepAuth(world.config(), prefix="/auth").use(app)
    with browse(app, world, base_path="/v1/auth") as browser:
        assert browser.sign_in_credentials(LOGIN).status == 302
        assert browser.session() is not None


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    app = app_of(BlackSheepAuth(world.config()))

    @app.router.get("/other")
    async def other() -> str:
        return "mine"

    with browse(app, world, base_path="") as browser:
        assert browser.get("/other").text == "mine"
        sign_in(browser)
        assert browser.session() is not None
        assert browser.get("/nothing").status == 404


def test_percent_encoded_route_is_taken_as_blacksheep_took_it() -> None:
    world = World()
    with browse(app_of(BlackSheepAuth(world.config())), world) as browser:
        assert browser.get("/auth/%73ession").json() is None
        assert browser.get("/auth/callback/%E2%82%AC").status == 302  # no such provider


def test_config_by_request_may_be_broken_for_one_tenant_only() -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)
    app = app_of(BlackSheepAuth(lambda r: good if r.host == "good.localhost" else bad))
    with browse(app, world, base_url="http://good.localhost") as browser:
        assert browser.session() is None
    bad_tenant = {"host": "bad.localhost"}
    with browse(app, world) as browser:
        assert browser.get("/auth/session", headers=bad_tenant).status == 500


def test_callbacks_see_blacksheeps_own_request() -> None:
    world = World()
    seen: list[Any] = []

    def authorized(params: AuthorizedParams[User]) -> bool:
        native = params.request.native
        assert isinstance(native, Request)
        seen.append(native.query)
        return True

    config = world.config(callbacks=Callbacks(authorized=authorized))
    with browse(app_of(BlackSheepAuth(config), protect=["/page"]), world) as browser:
        assert browser.get("/page?x=7").status == 404
    assert seen == [{"x": ["7"]}]


# --- bodies ---------------------------------------------------------------------------------------------


def test_body_without_a_length_is_read_up_to_the_limit() -> None:
    app = app_of(BlackSheepAuth(World().config()))

    async def post(body: bytes) -> int:
        scope = handshake("/auth/signin/email")
        scope.update(type="http", method="POST", scheme="http")
        scope["headers"].append((b"content-type", b"application/x-www-form-urlencoded"))
        chunks: list[Message] = [
            {"type": "http.request", "body": body[:10], "more_body": True},
            {"type": "http.request", "body": body[10:], "more_body": False},
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            return chunks.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return int(sent[0]["status"])

    async def statuses() -> list[int]:
        await app.start()
        return [await post(body) for body in (b"email=a%40example.com", b"x" * ((1 << 20) + 1))]

    assert asyncio.run(statuses()) == [302, 413]


def test_anti_forgery_tokens_of_blacksheep_are_not_asked_for() -> None:
    world = World()
    app = app_of(BlackSheepAuth(world.config()))
    app.middlewares.append(AntiForgeryHandler(secret_keys=[Secret.from_plain_text("s" * 40)]))

    @app.router.post("/other")
    async def other() -> str:
        return "not without a token"

    with browse(app, world) as browser:
        assert browser.post("/other").status == 401
        sign_in(browser)


def test_form_that_a_middleware_has_read_already_still_signs_in() -> None:
    world = World()
    app = app_of(BlackSheepAuth(world.config()))

    async def reads(request: Request, handler: Callable[[Request], Any]) -> Any:
        await request.form()
        return await handler(request)

    app.middlewares.append(reads)
    with browse(app, world) as browser:
        sign_in(browser)


# --- in tests and in documents --------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_blacksheeps_own_test_client_can_be_signed_in(strategy: str) -> None:
    world = World(strategy=strategy)
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep, protect=["/vault/*"])

    @app.router.get("/me")
    @sheep.required
    async def me(session: Session) -> str:
        return session.user.name or ""

    @app.router.get("/vault/gold")
    async def gold() -> str:
        return "gold"

    cookies = {
        cookie.name: cookie.value for cookie in session_cookies(sheep, User(id="1", name="Ada"))
    }

    async def visit() -> None:
        await app.start()
        client = TestClient(app)
        assert (await client.get("/me")).status == 302
        assert (await client.get("/vault/gold")).status == 302
        world.pass_time(timedelta(days=2))
        answer = await client.get("/me", cookies=cookies)
        assert await answer.text() == "Ada"
        assert list(answer.cookies) == [SESSION]
        assert await (await client.get("/vault/gold", cookies=cookies)).text() == "gold"

    asyncio.run(visit())


def test_openapi_tells_of_the_cookie_and_not_of_the_routes() -> None:
    world = World()
    sheep = BlackSheepAuth(world.config())
    app = app_of(sheep)
    docs = OpenAPIHandler(info=Info("App", "1"))
    docs.bind_app(app)
    sheep.document(docs)

    @app.router.get("/me")
    @auth(authentication_schemes=["session"])
    async def me(session: Session[User], value: FromSession, perhaps: Session | None = None) -> str:
        return ""

    with browse(app, world) as browser:
        document = browser.get("/openapi.json").json()
    assert list(document["paths"]) == ["/me"]
    operation = document["paths"]["/me"]["get"]
    assert operation["security"] == [{"session": []}]
    assert not operation["parameters"]
    assert "requestBody" not in operation
    assert document["components"]["securitySchemes"] == {
        "session": {"type": "apiKey", "name": SESSION, "in": "cookie"}
    }


@pytest.mark.parametrize(
    ("secure", "name"), [(True, f"__Secure-{SESSION}"), (False, SESSION), (None, SESSION)]
)
def test_openapi_names_the_cookie_as_it_is_configured(secure: bool | None, name: str) -> None:
    sheep = BlackSheepAuth(World().config(use_secure_cookies=secure))
    docs = OpenAPIHandler(info=Info("App", "1"))
    sheep.document(docs)
    app = app_of(sheep)
    app.use_authentication().add(APIKeyAuthentication(APIKey("s" * 16), param_name="x-key"))
    schemes = docs.generate_documentation(app).components.security_schemes or {}
    assert {key.name for key in schemes.values()} == {name, "x-key"}


def test_openapi_names_the_usual_cookie_if_the_config_depends_on_the_request() -> None:
    config = World().config()
    sheep = BlackSheepAuth(lambda _: config)
    docs = OpenAPIHandler(info=Info("App", "1"))
    sheep.document(docs)
    schemes = docs.generate_documentation(app_of(sheep)).components.security_schemes or {}
    assert [key.name for key in schemes.values()] == [SESSION]
