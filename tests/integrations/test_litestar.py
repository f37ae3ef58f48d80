"""Litestar. Not ``from __future__ import annotations``: apps are made inside functions here."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from litestar import Controller, Litestar, Request, Response, Router, WebSocket, get, post
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import WebsocketListener, asgi, websocket
from litestar.middleware.logging import LoggingMiddlewareConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components
from litestar.response import Stream
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.integrations.apps.litestar import FromPath, NamedDependency
from tests.integrations.scenarios import JSON, SESSION, query, set_names, sign_in
from tests.integrations.sockets import connect, handshake
from tests.integrations.world import World

from authwire import (
    Auth,
    AuthConfig,
    AuthorizedParams,
    Callbacks,
    CookieConfig,
    Cookies,
    JWTConfig,
    Pages,
    Session,
    User,
)
from authwire.config import JWTDecodeParams, JWTEncodeParams
from authwire.integrations.litestar import LitestarAuth
from authwire.integrations.litestar._paths import routed_paths, sent_path
from authwire.testing import signed_in
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.anyio

Signed = Request[User, Session[User], State]
Plain = Request[Any, Any, State]


def browse(app: Any, world: World, **options: Any) -> AuthClient:
    return AuthClient.asgi(app, now=world.now, **options)


def handlers() -> list[Any]:
    """New ones each time: what a handler took from its app stays with it."""

    @get("/me")
    async def me(session: NamedDependency[Session]) -> User:
        return session.user

    @get("/maybe")
    async def maybe(maybe_session: NamedDependency[Session | None]) -> bool:
        return maybe_session is not None

    @get("/open")
    async def open_() -> str:
        return "open"

    return [me, maybe, open_]


def app_of(auth: LitestarAuth[Any], *more: Any, **options: Any) -> Litestar:
    return Litestar([*handlers(), *more], plugins=[auth], logging_config=None, **options)


def counting(world: World) -> tuple[AuthConfig[User], list[str]]:
    """A config that tells when a session token is read."""
    read: list[str] = []

    def encode(params: JWTEncodeParams) -> str:
        return json.dumps(params.token)

    def decode(params: JWTDecodeParams) -> dict[str, Any]:
        read.append(params.salt)
        return dict(json.loads(params.token))

    return world.config(jwt=JWTConfig(encode=encode, decode=decode)), read


# --- the routes -----------------------------------------------------------------------------------------


def _signs_in_below(app: Any, world: World, me: str, **options: Any) -> None:
    with browse(app, world, base_path=world.base_path, **options) as browser:
        turned_away = browser.get(f"{me}?x=1")
        assert (turned_away.location or "").startswith(f"http://localhost{world.base_path}/signin?")
        assert browser.follow(turned_away).status == 200
        done = browser.sign_in_oauth("fake", world.idp)
        assert done.location == f"http://localhost{me}?x=1"
        assert browser.follow(done).status == 200
    assert world.logged == []


def test_routes_leave_paths_to_the_app_that_begin_with_the_same_letters() -> None:
    @get("/authors/{name:str}")
    async def author(name: FromPath[str]) -> str:
        return name

    @get("/auth/help")
    async def own() -> str:
        return "help"

    world = World()
    with browse(app_of(LitestarAuth(world.config()), author, own), world) as browser:
        assert browser.get("/authors/ada").text == "ada"
        assert browser.get("/auth/help").text == "help"
        assert browser.session() is None


def test_routes_have_names() -> None:
    app = app_of(LitestarAuth(World().config(), name="staff"))
    assert app.route_reverse("staff:signin") == "/auth/signin"
    assert app.route_reverse("staff:signin", provider="github") == "/auth/signin/github"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/auth/session", 200),
        ("GET", "/auth/%73ession", 200),
        ("GET", "/auth/session/", 200),
        ("GET", "/auth//session", 200),
        ("GET", "/auth", 400),
        ("GET", "/auth/", 400),
        ("TRACE", "/auth/session", 400),
        ("GET", "/auth/callback/%E2%82%AC", 302),  # no such provider
        ("HEAD", "/open", 405),
    ],
)
def test_path_is_taken_as_the_routes_of_other_frameworks_take_it(
    method: str, path: str, status: int
) -> None:
    world = World()
    with browse(app_of(LitestarAuth(world.config())), world) as browser:
        assert browser.request(method, path).status == status


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    app = app_of(LitestarAuth(world.config()), middleware=[])
    with browse(app, world, base_path="") as browser:
        assert browser.get("/open").text == "open"
        assert browser.get("/nothing").status == 404
        sign_in(browser)
        assert browser.session() is not None


def test_protection_of_everything_leaves_the_routes_open_even_at_the_root() -> None:
    world = World(base_path="/")
    auth = LitestarAuth(world.config())
    app = app_of(auth, middleware=[auth.middleware(protect=["/*"])])
    with browse(app, world, base_path="") as browser:
        turned_away = browser.get("/open")
        assert (turned_away.location or "").startswith("http://localhost/signin?")
        assert browser.follow(turned_away).status == 200


def test_app_with_a_path_of_its_own() -> None:
    world = World(base_path="/v1/auth")
    _signs_in_below(app_of(LitestarAuth(world.config()), path="/v1/"), world, "/v1/me")


def test_app_whose_path_is_the_base_path() -> None:
    world = World(base_path="/v1")
    _signs_in_below(app_of(LitestarAuth(world.config()), path="v1"), world, "/v1/me")


def test_root_path_of_a_proxy_that_strips_it() -> None:
    world = World(base_path="/app/auth")
    app = app_of(LitestarAuth(world.config(), prefix="/auth"))
    # As uvicorn --root-path does it: the path has the root path again.
    _signs_in_below(app, world, "/app/me", root_path="/app")


def test_app_mounted_in_another() -> None:
    world = World(base_path="/api/auth")
    inner = app_of(LitestarAuth(world.config(), prefix="/auth/"))
    _signs_in_below(Starlette(routes=[Mount("/api", app=inner)]), world, "/api/me")


def test_prefix_that_is_not_the_base_path_works_and_warns_once() -> None:
    world = World()
    app = app_of(LitestarAuth(world.config(), prefix="/account"))
    with browse(app, world, base_path="/account") as browser:
        assert browser.session() is None
        assert browser.session() is None
        assert browser.get("/account/signin").status == 200
    assert len([line for line in world.logged if "[base-path]" in line and "session" in line]) == 1


def test_config_by_request_may_be_broken_for_one_tenant_only() -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)

    def choose(request: Any) -> AuthConfig[User]:
        assert request.native is not None
        return good if request.host == "good.localhost" else bad

    app = app_of(LitestarAuth(choose))
    with browse(app, world, base_url="http://good.localhost") as browser:
        assert browser.session() is None
    with browse(app, world, base_url="http://bad.localhost") as browser:
        assert browser.get("/auth/session").status == 500


def test_broken_tenant_at_a_prefix_is_still_answered() -> None:
    world = World()
    bad = world.config(secret=None)
    app = app_of(LitestarAuth(lambda _: bad, prefix="/account"))
    with browse(app, world, base_path="/account") as browser:
        assert browser.get("/account/session").status == 500


def test_config_of_the_app_that_forbids_what_the_routes_need_is_told_to_leave_them_alone() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    def with_header(response: Response[Any]) -> Response[Any]:
        response.set_header("x-app", "1")
        return response

    app = app_of(
        auth,
        csrf_config=CSRFConfig(secret="x" * 32, exclude_from_csrf_key="no_csrf"),
        middleware=[LoggingMiddlewareConfig().middleware],  # it reads the bodies
        after_request=with_header,
        cache_control=None,
    )
    app.get_logger = lambda *_: Quiet()  # type: ignore[assignment,method-assign,return-value]  # a logger is all it needs
    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/me").headers.get("x-app") == "1"
        assert browser.post("/me").status in (403, 405)


class Quiet:
    def info(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing."""


def test_connections_to_providers_are_closed_with_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Auth[Any]] = []

    async def aclose(auth: Auth[Any]) -> None:
        closed.append(auth)

    monkeypatch.setattr(Auth, "aclose", aclose)
    auth = LitestarAuth(World().config())
    with TestClient(app_of(auth)):
        assert closed == []
    assert closed == [auth.auth]


# --- who is signed in -----------------------------------------------------------------------------------


def test_nothing_is_read_before_somebody_asks_and_then_once() -> None:
    world = World()
    config, read = counting(world)
    auth = LitestarAuth(config)

    async def helper(maybe_session: NamedDependency[Session | None]) -> Session | None:
        return maybe_session

    async def other(session: NamedDependency[Session]) -> Session:
        return session

    @get(
        "/all",
        guards=[auth.required],
        dependencies={"helper": Provide(helper), "other": Provide(other)},
    )
    async def everything(
        request: Signed,
        session: NamedDependency[Session],
        maybe_session: NamedDependency[Session | None],
        helper: NamedDependency[Session | None],
        other: NamedDependency[Session],
    ) -> bool:
        assert await auth.session(request) is session
        return session is maybe_session is helper is other is request.auth

    @get("/both")
    async def both(
        session: NamedDependency[Session], maybe_session: NamedDependency[Session | None]
    ) -> bool:
        return session is maybe_session

    with browse(app_of(auth, everything, both), world) as browser:
        sign_in(browser)
        read.clear()
        assert browser.get("/open").text == "open"
        assert browser.get("/nothing").status == 404
        assert read == []
        assert browser.get("/all").json() is True
        assert read == [SESSION]
        read.clear()
        assert browser.get("/both").json() is True
        assert read == [SESSION]


def test_user_is_set_by_a_guard_or_by_the_middleware_that_reads_ahead() -> None:
    world = World()
    config, read = counting(world)
    auth = LitestarAuth(config)

    @get("/user")
    async def user(request: Request[User | None, Session | None, State]) -> list[Any]:
        assert (request.auth is None) == (request.user is None)
        return [request.user.name if request.user else None]

    @get("/out", exclude_from_auth=True)
    async def out(request: Plain) -> bool:
        return "user" in request.scope

    eager = auth.authentication(exclude=["^/open"])
    with browse(app_of(auth, user, out, middleware=[eager]), world) as browser:
        assert browser.get("/user").json() == [None]
        sign_in(browser)
        read.clear()
        assert browser.get("/user").json() == ["Ada"]
        assert read == [SESSION]
        read.clear()
        assert browser.get("/open").status == 200
        assert browser.get("/out").json() is False
        assert browser.get("/auth/signin").status == 200
        assert read == []


def test_reading_ahead_finds_nobody_at_an_untrusted_host() -> None:
    world = World()
    auth = LitestarAuth(world.config(trust_host=["app.example"]))

    @get("/health")
    async def health(request: Plain) -> str:
        return str(request.user)

    app = app_of(auth, health, middleware=[auth.authentication(exclude="^/open")])
    with browse(app, world) as browser:
        answer = browser.get("/health", headers={"host": "10.0.0.3:8000", "cookie": f"{SESSION}=x"})
        assert (answer.status, answer.text) == (200, "None")


def test_user_of_the_request_follows_an_update_and_a_sign_out() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @get("/change", guards=[auth.required])
    async def change(request: Signed) -> list[Any]:
        await auth.update_session(request, {"name": "Countess"})
        renamed = request.user.name
        await auth.sign_out(request)
        return [renamed, request.user]

    with browse(app_of(auth, change), world) as browser:
        sign_in(browser)
        assert browser.get("/change").json() == ["Countess", None]


def test_user_that_another_middleware_has_set_is_left_alone() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @get("/mine")
    async def mine(request: Plain, session: NamedDependency[Session]) -> list[Any]:
        request.scope["user"] = request.scope["auth"] = "mine"
        await auth.update_session(request, {"name": "Countess"})
        return [request.user, session.user.name]

    with browse(app_of(auth, mine), world) as browser:
        sign_in(browser)
        assert browser.get("/mine").json() == ["mine", "Ada"]


def test_dependency_of_the_app_with_the_same_name_wins() -> None:
    def database() -> str:
        return "database"

    @get("/own")
    async def own(session: NamedDependency[str]) -> str:
        return session

    world = World()
    dependencies = {"session": Provide(database, sync_to_thread=False)}
    app = Litestar([own], plugins=[LitestarAuth(world.config())], dependencies=dependencies)
    with browse(app, world) as browser:
        assert browser.get("/own").text == "database"


def test_two_plugins_in_one_app_do_not_mix_their_sessions() -> None:
    world, other_world = World(), World(base_path="/staff")
    cookie = Cookies(session_token=CookieConfig(name="staff"))
    customers = LitestarAuth(world.config())
    staff = LitestarAuth(other_world.config(cookies=cookie), name="staff")

    @get("/both", dependencies={"employee": Provide(staff.provide_maybe_session)})
    async def both(
        maybe_session: NamedDependency[Session | None], employee: NamedDependency[Session | None]
    ) -> list[bool]:
        return [maybe_session is not None, employee is not None]

    @get("/office", dependencies={"employee": Provide(staff.provide_session)})
    async def office(employee: NamedDependency[Session]) -> str:
        return employee.user.name or ""

    app = Litestar([both, office], plugins=[customers, staff])
    with browse(app, world) as browser, browse(app, world, base_path="/staff") as employee:
        assert browser.get("/both").json() == [False, False]
        sign_in(browser)
        assert browser.get("/both").json() == [True, False]
        assert (browser.get("/office").location or "").startswith("http://localhost/staff/signin?")
        world.pass_time(timedelta(days=2))
        assert set_names(browser.get("/both")) == [SESSION]
        sign_in(employee)
        assert employee.get("/both").json() == [False, True]
        assert employee.get("/office").text == "Ada"
        other_world.pass_time(timedelta(days=2))
        assert set_names(employee.get("/both")) == ["staff"]


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_own_user_type_reaches_the_handler_and_is_serialised_as_it_is() -> None:
    world = World()
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1], secret=base.secret, user=Member, now=world.now
    )

    @get("/member")
    async def member(session: NamedDependency[Session[Member]]) -> Member:
        return session.user

    with browse(app_of(LitestarAuth(config), member), world) as browser:
        sign_in(browser)
        assert browser.get("/member").json()["role"] == "member"


def test_update_without_the_plugin_is_not_lost_in_silence() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @get("/who")
    async def who(request: Plain) -> str:
        session = await auth.session(request)
        return session.user.name or "" if session else "nobody"

    @post("/rename")
    async def rename(request: Plain) -> None:
        await auth.update_session(request, {"name": "Countess"})

    app = Litestar([who, rename], logging_config=None, debug=True)
    client = signed_in(TestClient(app), User(id="1", name="Ada"), auth)
    with client:
        assert client.get("/who").text == "Ada"
        assert "plugins=[auth]" in client.post("/rename").text


def test_passkeys_are_those_of_whoever_is_signed_in() -> None:
    world = World(strategy="database")
    auth = LitestarAuth(world.config())

    @get("/passkeys", guards=[auth.required])
    async def passkeys(request: Signed) -> int:
        return len(await auth.passkeys(request).list())

    client = signed_in(TestClient(app_of(auth, passkeys)), User(id="1", name="Ada"), auth)
    with client:
        assert client.get("/passkeys").json() == 0


# --- guards ---------------------------------------------------------------------------------------------


def test_guards_of_controllers_and_routers() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    async def nobody(session: Session) -> bool:
        return False

    class Account(Controller):
        path = "/account"
        guards = [auth.required]  # noqa: RUF012  # as Litestar's documentation has it

        @get("/keys")
        async def keys(self, request: Signed) -> str:
            return request.user.name or ""

        @get("/never", guards=[auth.require(nobody)])
        async def never(self) -> None: ...

    @get("/a")
    async def a(request: Signed) -> str:
        return request.auth.user.email or ""

    @get("/b")
    async def b(employee: NamedDependency[Session]) -> str:
        return employee.user.id

    private = Router("/private", route_handlers=[a], guards=[auth.required])
    copied = Router(
        "/copied",
        route_handlers=[b],
        dependencies={"employee": Provide(auth.provide_session)},
        middleware=[auth.middleware(protect=["/copied/*"])],
    )
    with browse(app_of(auth, Account, private, copied), world) as browser:
        paths = ["/account/keys", "/account/never", "/private/a", "/copied/b"]
        assert [browser.get(path).status for path in paths] == [302] * 4
        assert [browser.get(path, headers=JSON).status for path in paths] == [401] * 4
        sign_in(browser)
        answers = [browser.get(path) for path in paths]
        assert [answer.status for answer in answers] == [200, 403, 200, 200]
        assert [answers[0].text, answers[2].text] == ["Ada", "ada@example.com"]
        assert answers[1].json() == {"status_code": 403, "detail": "Forbidden"}


def test_guard_of_the_app_leaves_the_routes_of_every_plugin_open() -> None:
    world, other_world = World(), World(base_path="/staff")
    auth = LitestarAuth(world.config())
    staff = LitestarAuth(other_world.config(), name="staff")
    app = Litestar(handlers(), plugins=[auth, staff], guards=[auth.required])
    with browse(app, world) as browser:
        turned_away = browser.get("/open")
        assert query(turned_away) == {"callbackUrl": "http://localhost/open"}
        assert browser.follow(turned_away).status == 200
        assert browser.get("/staff/signin").status == 200
        sign_in(browser)
        assert browser.get("/open").text == "open"


def test_guard_keeps_people_out_of_a_mounted_app() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @asgi("/files", is_mount=True, copy_scope=True, guards=[auth.required])
    async def files(scope: Scope, receive: Receive, send: Send) -> None:
        body = scope["path"].encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    with browse(app_of(auth, files), world) as browser:
        turned_away = browser.get("/files/a%20b/c.pdf?x=1")
        assert query(turned_away) == {"callbackUrl": "http://localhost/files/a%20b/c.pdf?x=1"}
        sign_in(browser)
        assert browser.get("/files/a%20b/c.pdf").text == "/a b/c.pdf/"


def test_refusal_is_an_exception_that_the_app_may_handle() -> None:
    world = World()

    def own(request: Plain, exc: NotAuthorizedException) -> Response[dict[str, int]]:
        return Response(
            {"sorry": exc.status_code}, status_code=exc.status_code, headers=exc.headers
        )

    auth = LitestarAuth(world.config())
    with browse(app_of(auth), world) as browser:
        refused = browser.get("/me", headers=JSON)
        assert refused.json() == {"status_code": 401, "detail": "Not authenticated"}
    handled = app_of(auth, exception_handlers={NotAuthorizedException: own})
    with browse(handled, world) as browser:
        answer = browser.get("/me", headers=JSON)
        assert answer.json() == {"sorry": 401}
        assert answer.headers.get("www-authenticate") is not None
        page = browser.get("/me")
        assert (page.status, page.json()) == (302, {"sorry": 302})
        assert browser.follow(page).status == 200


# --- cookies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["jwt", "database"])
@pytest.mark.parametrize("path", ["/own", "/stream", "/fails", "/me", "/denied"])
def test_rolled_cookie_goes_out_once_with_every_kind_of_answer(path: str, strategy: str) -> None:
    world = World(strategy=strategy)
    auth = LitestarAuth(world.config())

    @get("/own", guards=[auth.required])
    async def own() -> Response[str]:
        response = Response("own")
        response.set_cookie("mine", "1")
        return response

    @get("/stream", guards=[auth.required])
    async def stream() -> Stream:
        async def chunks() -> AsyncIterator[str]:
            yield "a"
            yield "b"

        return Stream(chunks())

    @get("/fails", guards=[auth.required])
    async def fails() -> None:
        raise LookupError

    @get("/denied", guards=[auth.require(lambda _: False)])
    async def denied() -> None: ...

    with browse(app_of(auth, own, stream, fails, denied), world) as browser:
        sign_in(browser)
        assert SESSION not in set_names(browser.get(path))
        world.pass_time(timedelta(days=2))
        answer = browser.get(path)
        assert set_names(answer).count(SESSION) == 1
        assert answer.headers.get("cache-control") == "private, no-cache, no-store"
        assert SESSION not in set_names(browser.get(path))


def test_rolled_cookie_never_gets_into_the_response_cache() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @get("/cached", cache=60)
    async def cached(maybe_session: NamedDependency[Session | None]) -> str:
        return "for everybody"

    with browse(app_of(auth, cached), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        assert set_names(browser.get("/cached")) == [SESSION]
        stranger = browser.another_browser().get("/cached")
        assert (stranger.text, stranger.set_cookies) == ("for everybody", [])


def test_answer_that_others_may_keep_carries_no_cookie() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @get("/shared", guards=[auth.required], response_headers={"cache-control": "public"})
    async def shared() -> str:
        return ""

    with browse(app_of(auth, shared), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        assert browser.get("/shared").set_cookies == []


def test_redirects_of_ones_own_handlers_keep_what_the_app_adds_to_answers() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @post("/leave")
    async def leave(request: Plain) -> Response[bytes]:
        response = await auth.sign_out(request, callback_url="/")
        response.set_cookie("bye", "1")
        return response

    app = app_of(auth, leave, response_headers={"x-app": "1"})
    with browse(app, world) as browser:
        sign_in(browser)
        answer = browser.post("/leave")
        assert (answer.status, answer.headers.get("x-app")) == (302, "1")
        assert "bye" in set_names(answer)
        assert SESSION not in browser.cookies


def test_request_that_nobody_asks_about_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    auth = LitestarAuth(world.config())

    with browse(app_of(auth), world) as browser:
        sign_in(browser)
        monkeypatch.setattr("authwire.integrations.litestar._sessions.request_of", None)
        assert browser.get("/open").status == 200
        assert browser.get("/me").status == 500


def test_app_of_another_kind_finds_the_visit_in_the_scope() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @asgi("/other", copy_scope=True)
    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        session = await cast("Any", scope)["authwire"].session()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        body = session.user.name.encode()
        await send({"type": "http.response.body", "body": body, "more_body": False})

    with browse(app_of(auth, other), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get("/other")
        assert (answer.text, set_names(answer)) == ("Ada", [SESSION])


# --- protected paths ------------------------------------------------------------------------------------


def test_mounted_files_are_protected_by_their_whole_path() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @asgi(["/files", "/downloads"], is_mount=True, copy_scope=True)
    async def files(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"file", "more_body": False})

    protect = auth.middleware(protect=["/files/*"], public=["/files/logo.png"])
    app = app_of(auth, files, middleware=[protect])

    async def without_raw_path(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "raw_path": None}, receive, send)

    for served in (app, without_raw_path):
        with browse(served, world) as browser:
            # Without a raw path it might be for either mount, and is stopped for the one.
            assert browser.get("/files/a.pdf").status == 302
            for odd in ("//files/a.pdf", "/FILES/a.pdf", "/x/..%2ffiles/a.pdf"):
                assert browser.get(f"http://localhost{odd}").status in (302, 404), odd
            sign_in(browser)
            assert browser.get("/files/a.pdf").text == "file"


def test_public_file_in_a_mount_is_open_and_the_others_lead_back() -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @asgi("/files", is_mount=True, copy_scope=True)
    async def files(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"file", "more_body": False})

    protect = auth.middleware(protect=["/files/*"], public=["/files/logo.png"])
    with browse(app_of(auth, files, middleware=[protect]), world) as browser:
        assert browser.get("/files/logo.png").text == "file"
        refused = browser.get("/files/logo.jpg?x=1")
        assert query(refused) == {"callbackUrl": "http://localhost/files/logo.jpg?x=1"}
        assert browser.get("/open").text == "open"


@pytest.mark.parametrize("path", ["/Vault/gold", "//vault/gold", "/vault//gold/", "/v%61ult/gold"])
def test_odd_spelling_opens_no_protected_path(path: str) -> None:
    world = World()
    auth = LitestarAuth(world.config())

    @get(["/vault/gold", "/Vault/gold"])
    async def gold() -> str:
        return "gold"

    app = app_of(auth, gold, middleware=[auth.middleware(protect=["/vault/*"])])
    with browse(app, world) as browser:
        assert browser.get(f"http://localhost{path}").status == 302
        sign_in(browser)
        assert browser.get(f"http://localhost{path}").text == "gold"


def test_callback_decides_and_sees_the_path_of_the_route() -> None:
    world = World()
    seen: list[str] = []

    def authorized(params: AuthorizedParams[User]) -> bool:
        seen.append(params.request.path)
        return False

    auth = LitestarAuth(world.config(callbacks=Callbacks(authorized=authorized)))
    app = app_of(auth, middleware=[auth.middleware(protect=["/*"])])

    async def rewritten(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "path": "/open"}, receive, send)  # raw_path is left behind

    with browse(app, world) as browser:
        assert browser.get("http://localhost//open/").status == 302
    with browse(rewritten, world) as browser:
        assert browser.get("/elsewhere").status == 302
    assert seen == ["/open/", "/open"]


def test_own_sign_in_page_is_open_under_protection() -> None:
    world = World()
    auth = LitestarAuth(world.config(pages=Pages(sign_in="/open")))
    app = app_of(auth, middleware=[auth.middleware(protect=["/*"])])
    with browse(app, world) as browser:
        assert browser.get("/me", follow=True).text == "open"


# --- WebSockets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["guard", "dependency", "listener", "path"])
async def test_websocket_is_closed_for_strangers(kind: str) -> None:
    world = World()
    auth = LitestarAuth(world.config())

    async def talk(socket: WebSocket[Any, Any, Any]) -> None:
        session = await auth.session(socket)
        await socket.accept()
        await socket.send_text(session.user.name or "" if session else "nobody")

    if kind == "guard":

        @websocket("/chat", guards=[auth.required])
        async def chat(socket: WebSocket[User, Session, State]) -> None:
            assert socket.user is socket.auth.user
            await talk(socket)

    elif kind == "dependency":

        @websocket("/chat")
        async def chat(
            socket: WebSocket[Any, Any, State], session: NamedDependency[Session]
        ) -> None:
            await talk(socket)

    elif kind == "path":

        @websocket("/chat")
        async def chat(socket: WebSocket[Any, Any, State]) -> None:
            await talk(socket)

    else:

        class Chat(WebsocketListener):
            path = "/chat"
            guards = [auth.required]  # noqa: RUF012  # as Litestar's documentation has it

            async def on_accept(self, socket: WebSocket[Any, Any, State]) -> None:
                await socket.send_text(socket.user.name)

            async def on_receive(self, data: str) -> None: ...

        chat: Any = Chat  # type: ignore[no-redef]  # one name for four kinds

    middleware = [auth.middleware(protect=["/chat"])] if kind == "path" else []
    app: Any = app_of(auth, chat, middleware=middleware)
    (closed,) = await connect(app, handshake("/chat"))
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    with browse(app, world) as browser:
        sign_in(browser)
        cookie = f"{SESSION}={browser.cookies[SESSION]}"
    sent = await connect(app, handshake("/chat", cookie=cookie))
    assert [message["type"] for message in sent[:2]] == ["websocket.accept", "websocket.send"]
    assert sent[1]["text"] == "Ada"
    foreign = handshake("/chat", cookie=cookie, origin="https://evil.example")
    assert (await connect(app, foreign))[0]["code"] == 1008


async def test_websocket_of_somebody_who_may_not_is_closed_and_friends_may_connect() -> None:
    world = World()
    auth = LitestarAuth(world.config(), websocket_origins=["https://friend.example"])

    @websocket("/admin", guards=[auth.require(lambda session: session.user.name == "Root")])
    async def admin(socket: WebSocket[Any, Any, State]) -> None: ...

    @websocket("/chat")
    async def chat(
        socket: WebSocket[Any, Any, State], maybe_session: NamedDependency[Session | None]
    ) -> None:
        await socket.accept()
        await socket.send_text(str(maybe_session is not None))

    app: Any = app_of(auth, admin, chat)
    with browse(app, world) as browser:
        sign_in(browser)
        cookie = f"{SESSION}={browser.cookies[SESSION]}"
    assert (await connect(app, handshake("/admin", cookie=cookie)))[0]["code"] == 1008
    for origin, there in [("https://friend.example", "True"), ("https://evil.example", "False")]:
        sent = await connect(app, handshake("/chat", cookie=cookie, origin=origin))
        assert sent[1]["text"] == there


# --- OpenAPI --------------------------------------------------------------------------------------------


def test_what_is_guarded_shows_in_openapi_and_the_routes_do_not() -> None:
    auth = LitestarAuth(World().config())

    @get("/guarded", guards=[auth.require(lambda _: True)])
    async def guarded() -> None: ...

    @get("/renamed", dependencies={"employee": Provide(auth.provide_session)})
    async def renamed(employee: NamedDependency[Session]) -> None: ...

    @get("/twice", guards=[auth.required], security=[{"auth_session": []}])
    async def twice(session: NamedDependency[Session]) -> None: ...

    schema = app_of(auth, guarded, renamed, twice).openapi_schema.to_schema()
    assert schema["components"]["securitySchemes"] == {
        "auth_session": {"type": "apiKey", "in": "cookie", "name": SESSION}
    }
    security = {path: item["get"].get("security") for path, item in schema["paths"].items()}
    needs = [{"auth_session": []}]
    assert security == {
        "/me": needs,
        "/maybe": None,
        "/open": None,
        "/guarded": needs,
        "/renamed": needs,
        "/twice": needs,
    }
    assert "parameters" not in schema["paths"]["/me"]["get"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"url": "https://app.example"}, f"__Secure-{SESSION}"),
        ({"use_secure_cookies": True}, f"__Secure-{SESSION}"),
        ({"cookies": Cookies(session_token=CookieConfig(name="sid"))}, "sid"),
    ],
)
def test_openapi_names_the_cookie_that_is_used(changes: dict[str, Any], name: str) -> None:
    schema = app_of(LitestarAuth(World().config(**changes))).openapi_schema.to_schema()
    assert schema["components"]["securitySchemes"]["auth_session"]["name"] == name


def test_config_by_request_has_the_usual_name_in_openapi() -> None:
    config = World().config()
    schema = app_of(LitestarAuth(lambda _: config)).openapi_schema.to_schema()
    assert schema["components"]["securitySchemes"]["auth_session"]["name"] == SESSION


@pytest.mark.parametrize("listed", [False, True])
def test_openapi_config_of_the_app_is_added_to_and_not_changed(listed: bool) -> None:
    mine = Components(schemas={})
    own = OpenAPIConfig(title="x", version="1", components=[mine] if listed else mine)
    app = app_of(LitestarAuth(World().config()), openapi_config=own)
    assert "auth_session" in app.openapi_schema.to_schema()["components"]["securitySchemes"]
    assert own.components == ([mine] if listed else mine)
    assert mine.security_schemes is None


def test_app_without_openapi_has_none() -> None:
    world = World()
    with browse(app_of(LitestarAuth(world.config()), openapi_config=None), world) as browser:
        assert browser.get("/schema").status == 404
        assert browser.get("/me").status == 302


# --- testing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_client_of_litestar_may_be_signed_in(strategy: str) -> None:
    auth = LitestarAuth(World(strategy=strategy).config())
    with TestClient(app_of(auth)) as client:
        assert client.get("/me").status_code == 401
        signed_in(client, User(id="7", name="Ada"), auth)
        assert client.get("/me").json()["name"] == "Ada"


# --- paths ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "raw", "root", "expected"),
    [
        ("/me", b"/me/", "", "/me/"),
        ("/ä", b"/%C3%A4", "", "/%C3%A4"),
        ("/ä", b"", "", "/%C3%A4"),
        ("/me", b"/me?x=1", "", "/me"),
        ("/me", b"/app/me", "/app", "/app/me"),
        ("/me", b"/me", "/app", "/app/me"),
        ("/app/me", b"/app/app/me", "/app", "/app/app/me"),
        ("/me", b"/other", "/app/", "/app/me"),
        ("/", b"/app/", "/app", "/app/"),
    ],
)
def test_whole_path_is_found_as_it_was_sent(
    path: str, raw: bytes, root: str, expected: str
) -> None:
    scope = {"path": path, "raw_path": raw, "root_path": root}
    assert routed_paths(scope) == (path,)
    assert sent_path(scope) == expected
