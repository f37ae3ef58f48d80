from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.integrations.scenarios import SESSION, sign_in
from tests.integrations.sockets import connect, handshake
from tests.integrations.world import World, leaving_no

from authwire import Auth, AuthConfig, AuthorizedParams, Callbacks, Response, User
from authwire.integrations.asgi import AuthMiddleware, Visit, session
from authwire.runtime import drive
from authwire.runtime.asgi import ASGIApp, Receive, Scope, Send, request_of, send_response
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.anyio


def app_that(answer: Response, *, read: bool = True) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if read:
            await scope["authwire"].session()
        await send_response(send, answer)

    return app


def browse(app: ASGIApp, world: World, **options: Any) -> AuthClient:
    return AuthClient.asgi(app, now=world.now, **options)


async def signed_in_cookie(auth: Auth[User], world: World) -> str:
    with AuthClient.handler(auth.handle, now=world.now) as browser:
        sign_in(browser)
        return f"{SESSION}={browser.cookies[SESSION]}"


# --- reading and sending ----------------------------------------------------------------------------


def test_nothing_is_read_unless_the_app_asks() -> None:
    world = World()
    auth = Auth(world.config())
    with browse(AuthMiddleware(app_that(Response(), read=False), auth), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get("/")
        assert answer.set_cookies == []
        assert "vary" not in answer.headers


def test_session_may_be_asked_for_when_the_answer_is_sent() -> None:
    world = World()
    auth = Auth(world.config())
    visits: list[Visit[User]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        visits.append(scope["authwire"])
        await send_response(send, Response())

    with browse(AuthMiddleware(app, auth), world) as browser:
        sign_in(browser)
        browser.get("/")
    session_ = drive(visits[0].session())
    assert session_ is not None
    assert session_.user.name == "Ada"


@pytest.mark.parametrize("read", [True, False])
def test_request_leaves_nothing_to_the_garbage_collector(read: bool) -> None:
    world = World()
    app = AuthMiddleware(app_that(Response(), read=read), Auth(world.config()))
    with browse(app, world) as browser:
        sign_in(browser)
        with leaving_no(Visit):
            assert browser.get("/").status == 200


def test_answer_for_shared_caches_carries_no_session() -> None:
    world = World()
    for policy, expected in (("public, max-age=60", 0), ("s-maxage=9", 0), ("max-age=60", 1)):
        answer = Response(headers=(("cache-control", policy), ("vary", "Accept, Cookie")))
        app = AuthMiddleware(app_that(answer), Auth(world.config()))
        with browse(app, world) as browser:
            sign_in(browser)
            world.pass_time(timedelta(days=2))
            got = browser.get("/")
            assert len(got.set_cookies) == expected, policy
            assert got.headers.get_all("cache-control") == [policy]
            assert got.headers.get_all("vary") == ["Accept, Cookie"]


def test_cookie_that_the_app_sets_itself_wins() -> None:
    world = World()
    answer = Response(headers=(("set-cookie", f"{SESSION}=mine; Path=/"),))
    with browse(AuthMiddleware(app_that(answer), Auth(world.config())), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        assert browser.get("/").set_cookies == [f"{SESSION}=mine; Path=/"]


def test_broken_cookie_is_cleared() -> None:
    world = World()
    with browse(AuthMiddleware(app_that(Response()), Auth(world.config())), world) as browser:
        browser.cookies.set(SESSION, "garbage")
        browser.get("/")
        assert SESSION not in browser.cookies


async def test_visit_is_found_in_scope_and_in_state() -> None:
    world = World()
    found: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.extend((scope["authwire"], scope["state"]["authwire"]))
        await send_response(send, Response())

    with browse(AuthMiddleware(app, Auth(world.config())), world) as browser:
        browser.get("/")
    assert found[0] is found[1]
    assert isinstance(found[0], Visit)


async def test_session_without_the_middleware_names_the_cure() -> None:
    auth = Auth(World().config())
    with pytest.raises(LookupError, match="AuthMiddleware"):
        await session({"type": "http"}, auth)


async def test_other_kinds_of_scope_pass_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        return {}

    middleware = AuthMiddleware(app, Auth(World().config()), protect=["/*"])
    await middleware({"type": "lifespan"}, nothing, nothing)
    assert seen == ["lifespan"]


# --- protection ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/admin", "/admin/x", "//admin/x", "/./admin", "/ADMIN", "/%61dmin", "/x%2f..%2fadmin"],
)
def test_disguised_path_is_stopped(path: str) -> None:
    world = World()
    app = AuthMiddleware(app_that(Response()), Auth(world.config()), protect=["/admin/*"])
    with browse(app, world) as browser:
        assert browser.request("GET", f"http://localhost{path}").status == 302


async def test_path_rewritten_by_another_middleware_is_judged_as_the_app_sees_it() -> None:
    world = World()
    app = AuthMiddleware(app_that(Response()), Auth(world.config()), protect=["/admin/*"])

    async def rewriting(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "path": "/admin/x"}, receive, send)  # raw_path stays behind

    with browse(rewriting, world) as browser:
        assert browser.get("/harmless").status == 302


def test_authorized_callback_decides() -> None:
    world = World()
    answers: dict[str, bool | Response] = {
        "/yes": True,
        "/no": False,
        "/teapot": Response(status=418),
    }
    callbacks: Callbacks[User] = Callbacks(authorized=lambda p: answers[p.request.path])
    auth = Auth(world.config(callbacks=callbacks))
    with browse(AuthMiddleware(app_that(Response()), auth, protect=["/*"]), world) as browser:
        assert browser.get("/yes").status == 200
        assert browser.get("/no").status == 302
        assert browser.get("/teapot").status == 418


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin", 403),
        ("/%61dmin", 403),
        ("//admin", 403),
        ("/me/../admin", 403),
        ("/%2561dmin", 403),
        ("/me", 200),
        (f"/%{'25' * 9}61dmin", 400),
    ],
)
def test_callback_that_judges_by_path_is_not_fooled(path: str, status: int) -> None:
    world = World()

    def authorized(params: AuthorizedParams[User]) -> bool | Response:
        return Response(status=403) if params.request.path.startswith("/admin") else True

    auth = Auth(world.config(callbacks=Callbacks(authorized=authorized)))
    with browse(AuthMiddleware(app_that(Response()), auth, protect=["/*"]), world) as browser:
        assert browser.request("GET", f"http://localhost{path}").status == status


def test_failing_database_is_no_way_in() -> None:
    world = World(strategy="database")

    class Broken:
        io = "none"

        def __getattr__(self, name: str) -> Any:
            return getattr(world.adapter, name)

        async def get_session_and_user(self, token: str) -> None:
            raise OSError("the database is down")

    app = AuthMiddleware(
        app_that(Response(), read=False), Auth(world.config(adapter=Broken())), protect=["/*"]
    )
    with browse(app, world) as browser:
        browser.cookies.set(SESSION, "token")
        with pytest.raises(Exception, match="get_session_and_user"):
            browser.get("/")


# --- where it is mounted ------------------------------------------------------------------------------


@pytest.mark.parametrize("stripped", [False, True])
async def test_routes_below_a_root_path_are_found(stripped: bool) -> None:
    world = World(base_path="/api/auth")
    inner = AuthMiddleware(app_that(Response()), Auth(world.config()), protect=["/private/*"])

    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "root_path": "/api"}
        if stripped:
            scope["path"] = scope["path"].removeprefix("/api")
            scope["raw_path"] = scope["raw_path"].removeprefix(b"/api")
        await inner(scope, receive, send)

    with browse(mounted, world, base_path="/api/auth") as browser:
        refused = browser.get("/api/private/x")
        assert refused.location == (
            "http://localhost/api/auth/signin"
            "?callbackUrl=http%3A%2F%2Flocalhost%2Fapi%2Fprivate%2Fx"
        )
        sign_in(browser)
        assert browser.get("/api/private/x").status == 200


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"path": "/a b", "raw_path": b"/a%20b"}, "/a%20b"),
        ({"path": "/ä"}, "/%C3%A4"),
        ({"path": "/a%b"}, "/a%25b"),
        ({"path": "/x", "raw_path": b"/stale"}, "/x"),
        ({"path": "/x", "raw_path": b"/x?q=1"}, "/x"),
        ({"path": "/r/x", "raw_path": b"/r/x", "root_path": "/r"}, "/r/x"),
        ({"path": "/x", "raw_path": b"/%78", "root_path": "/r"}, "/r/%78"),
        ({"path": "/rest", "raw_path": b"/rest", "root_path": "/r"}, "/r/rest"),
        ({"path": "/x", "root_path": "/r/"}, "/r/x"),
    ],
)
def test_request_has_the_whole_path_as_sent(scope: dict[str, Any], expected: str) -> None:
    assert request_of({"type": "http", "headers": [], **scope}).path == expected


def test_config_by_request_finds_its_own_base_path() -> None:
    world = World()
    tenants: dict[str, AuthConfig[User]] = {
        "a.localhost": world.config(base_path="/auth"),
        "b.localhost": world.config(base_path="/login"),
    }
    auth: Auth[User] = Auth(lambda request: tenants[request.host])
    app = AuthMiddleware(app_that(Response(status=204)), auth)
    for host, path, status in (
        ("a.localhost", "/auth/session", 200),
        ("a.localhost", "/login/session", 204),
        ("b.localhost", "/login/session", 200),
        ("b.localhost", "/auth/session", 204),
    ):
        with browse(app, world, base_url=f"http://{host}") as browser:
            assert browser.get(path).status == status


def test_broken_config_of_one_request_is_answered_as_such() -> None:
    world = World()
    auth: Auth[User] = Auth(lambda _: world.config(secret=None), environ={})
    with browse(AuthMiddleware(app_that(Response(), read=False), auth), world) as browser:
        assert browser.get("/auth/session").status == 500
        assert browser.get("/").status == 200


# --- WebSockets ---------------------------------------------------------------------------------------


def socket_app(names: list[str | None]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        current = await scope["authwire"].session()
        names.append(current.user.name if current else None)
        await send({"type": "websocket.accept"})

    return app


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        (None, "Ada"),
        ("http://localhost", "Ada"),
        ("https://friend.example", "Ada"),
        ("http://localhost:5173", None),
        ("https://evil.example", None),
        ("null", None),
    ],
)
async def test_websocket_has_the_session_of_its_own_pages_only(
    origin: str | None, name: str | None
) -> None:
    world = World()
    auth = Auth(world.config())
    cookie = await signed_in_cookie(auth, world)
    names: list[str | None] = []
    app = AuthMiddleware(
        socket_app(names), auth, websocket_origins=["https://friend.example"], protect=["/private"]
    )
    headers = {"cookie": cookie} | ({"origin": origin} if origin else {})
    assert (await connect(app, handshake("/", **headers)))[0]["type"] == "websocket.accept"
    assert names == [name]
    first = (await connect(app, handshake("/private", **headers)))[0]["type"]
    assert first == ("websocket.accept" if name else "websocket.close")


async def test_protected_websocket_is_closed_for_strangers() -> None:
    names: list[str | None] = []
    app = AuthMiddleware(socket_app(names), Auth(World().config()), protect=["/*"])
    sent = await connect(app, handshake("/chat"))
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert names == []


async def test_websocket_of_an_untrusted_host_has_no_session() -> None:
    world = World()
    auth = Auth(world.config(trust_host=["app.example"]))
    names: list[str | None] = []
    app = AuthMiddleware(socket_app(names), auth, protect=["/private"])
    scope = handshake("/private", host="evil.example", origin="https://evil.example")
    assert (await connect(app, scope))[0]["type"] == "websocket.close"
