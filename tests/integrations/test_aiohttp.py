from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler, Middleware
from tests.integrations.apps.aiohttp import aiohttp_app, running
from tests.integrations.scenarios import JSON, LOGIN, SESSION, set_names, sign_in
from tests.integrations.world import World

from authwire import Auth, AuthConfig, Callbacks, Request, User
from authwire.http import Response
from authwire.integrations.aiohttp import AioHttpAuth
from authwire.providers import Credentials
from authwire.testing import signed_in
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.anyio
ADA = User(id="1", name="Ada", email="ada@example.com")


@contextmanager
def browse(app: web.Application, world: World, **options: Any) -> Iterator[AuthClient]:
    options.setdefault("base_url", world.origin)
    with running(app) as address:
        yield AuthClient.server(address, now=world.now, **options)


@asynccontextmanager
async def client_of(app: web.Application) -> AsyncIterator[TestClient[web.Request, Any]]:
    async with TestClient(TestServer(app)) as client:
        yield client


def app_of(auth: AioHttpAuth[Any], *middlewares: Middleware, **options: Any) -> web.Application:
    app = web.Application(middlewares=middlewares, **options)
    auth.setup(app)

    @auth.required
    async def me(request: web.Request) -> web.Response:
        session = await auth.session(request)
        return web.json_response(session.user.name if session else None)

    app.router.add_get("/me", me)
    return app


# --- aiohttp's own ways -------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["jwt", "database"])
async def test_aiohttps_own_client_is_signed_in(strategy: str) -> None:
    auth = AioHttpAuth(World(strategy=strategy).config())
    async with client_of(aiohttp_app(auth)) as client:
        async with client.get("/me", headers=JSON) as answer:
            assert answer.status == 401
        signed_in(client, ADA, auth)
        async with client.get("/me") as answer:
            assert await answer.json() == {"name": "Ada"}


def test_urls_can_be_built_by_name() -> None:
    router = app_of(AioHttpAuth(World().config())).router
    assert str(router["auth.signin"].url_for()) == "/auth/signin"
    assert str(router["auth.verify_request"].url_for()) == "/auth/verify-request"
    named = router["auth.callback_provider"].url_for(provider="github")
    assert str(named) == "/auth/callback/github"


def test_views_and_methods_are_guarded_too() -> None:
    world = World()
    auth = AioHttpAuth(world.config())
    app = app_of(auth)

    class Base(web.View):
        async def get(self) -> web.Response:
            return web.Response(text="base")

    @auth.required
    class Whole(Base):
        async def get(self) -> web.Response:
            answer = await super(Whole, self).get()  # noqa: UP008  # the long way works too
            return web.Response(text=f"whole of {answer.text}")

    class Derived(Whole):
        """Guarded by its base."""

    class Part(web.View):
        @auth.required
        async def get(self) -> web.Response:
            return web.Response(text="part")

        async def post(self) -> web.Response:
            return web.Response(text="open")

    class Controller:
        @auth.required
        async def page(self, request: web.Request) -> web.Response:
            return web.Response(text="method")

    app.router.add_view("/whole", Whole)
    app.router.add_view("/derived", Derived)
    app.router.add_view("/part", Part)
    app.router.add_get("/method", Controller().page)
    app.router.add_view("/base", Base)
    said = {
        "/whole": "whole of base",
        "/derived": "whole of base",
        "/part": "part",
        "/method": "method",
    }
    with browse(app, world) as browser:
        assert [browser.get(path).status for path in said] == [302] * 4
        assert browser.get("/base").text == "base"
        assert browser.post("/part").text == "open"
        sign_in(browser)
        assert {path: browser.get(path).text for path in said} == said
        assert browser.request("DELETE", "/whole").status == 405


def test_async_predicate_is_awaited() -> None:
    world = World()
    auth = AioHttpAuth(world.config())
    app = app_of(auth)

    async def nobody(_: object) -> bool:
        return False

    @auth.require(nobody)
    async def page(request: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/", page)
    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/").status == 403


async def test_what_cannot_be_guarded_is_told_so() -> None:
    auth = AioHttpAuth(World().config())

    @auth.required
    async def page() -> web.Response:
        raise NotImplementedError

    with pytest.raises(TypeError, match="must take the request"):
        await page()
    with pytest.raises(TypeError, match=r"int is no web\.View"):
        auth.required(int)


def test_middlewares_see_refusals_as_aiohttps_exceptions() -> None:
    world = World()
    auth = AioHttpAuth(world.config())
    seen: list[str] = []

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            seen.append(type(error).__name__)
            raise

    app = app_of(auth, note, auth.middleware(protect=["/vault/*"]))

    @auth.require(lambda _: False)
    async def never(request: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/never", never)
    with browse(app, world) as browser:
        for path in ("/me", "/vault/gold"):
            refused = browser.get(path, headers=JSON)
            assert refused.json() == {"error": "Unauthorized"}
            assert refused.headers.get_all("content-type") == ["application/json"]
            assert (refused.headers.get("www-authenticate") or "").startswith("Bearer")
        turned_away = browser.get("/me?x=%2F%C3%A4+b")
        assert turned_away.location == (
            "http://localhost/auth/signin?callbackUrl="
            "http%3A%2F%2Flocalhost%2Fme%3Fx%3D%252F%25C3%25A4%2Bb"
        )
        assert browser.get("/vault/%25252525252525gold").status == 400
        sign_in(browser)
        assert browser.get("/never").status == 403
    kinds = ["HTTPUnauthorized", "HTTPUnauthorized", "HTTPFound", "HTTPBadRequest", "HTTPForbidden"]
    assert seen == kinds


async def test_connections_are_closed_when_the_app_ends() -> None:
    class Watched(Auth[User]):
        closed = False

        async def aclose(self) -> None:
            self.closed = True
            await super().aclose()

    auth = Watched(World().config())
    async with client_of(app_of(AioHttpAuth(auth))):
        assert not auth.closed
    assert auth.closed


# --- answers ------------------------------------------------------------------------------------


def test_every_kind_of_answer_carries_the_rolled_cookie(tmp_path: Path) -> None:
    world = World()
    auth = AioHttpAuth(world.config())
    app = app_of(auth)
    file = tmp_path / "file.txt"
    file.write_text("from a file")

    @auth.required
    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"one ")
        await response.write_eof(b"two")
        return response

    @auth.required
    async def download(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(file)

    @auth.required
    async def missing(request: web.Request) -> web.Response:
        raise web.HTTPNotFound

    @auth.required
    async def broken(request: web.Request) -> web.Response:
        raise ValueError("a fault of the app")

    expected = [
        (stream, 200, "one two"),
        (download, 200, "from a file"),
        (missing, 404, "404: Not Found"),
        (broken, 500, "500 Internal Server Error"),
    ]
    for handler, _, _ in expected:
        app.router.add_get(f"/{handler.__name__}", handler)
    with browse(app, world) as browser:
        sign_in(browser)
        for handler, status, text in expected:
            world.pass_time(timedelta(days=2))
            answer = browser.get(f"/{handler.__name__}", headers=JSON)
            assert (answer.status, set_names(answer)) == (status, [SESSION])
            assert answer.text.startswith(text)


def test_what_the_app_sets_wins_and_public_answers_get_nothing() -> None:
    world = World()
    auth = AioHttpAuth(world.config())
    app = app_of(auth)

    async def own(request: web.Request) -> web.Response:
        await auth.session(request)
        response = web.Response()
        response.set_cookie(SESSION, "mine")
        return response

    async def public(request: web.Request) -> web.Response:
        await auth.session(request)
        return web.Response(headers={"Cache-Control": "public"})

    app.router.add_get("/own", own)
    app.router.add_get("/public", public)
    with browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get("/public")
        assert (answer.set_cookies, answer.headers.get("vary")) == ([], "Cookie")
        assert [cookie.partition(";")[0] for cookie in browser.get("/own").set_cookies] == [
            f"{SESSION}=mine"
        ]


def test_handlers_that_do_not_ask_read_nothing() -> None:
    world = World()
    app = app_of(AioHttpAuth(world.config()))

    async def quiet(request: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/quiet", quiet)
    with browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get("/quiet")
        assert (answer.set_cookies, answer.headers.get("vary")) == ([], None)


def test_request_that_nobody_asks_about_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    app = app_of(AioHttpAuth(world.config()))

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="open")

    app.router.add_get("/open", page)
    with browse(app, world) as browser:
        sign_in(browser)
        monkeypatch.setattr("authwire.integrations.aiohttp._auth.request_of", None)
        assert browser.get("/open").text == "open"
        assert browser.get("/me").status == 500


@pytest.mark.parametrize("first", [True, False], ids=["read before too", "read only then"])
def test_session_that_is_read_after_the_answer_began_is_not_rolled(first: bool) -> None:
    world = World(strategy="database")
    auth = AioHttpAuth(world.config())
    app = app_of(auth)

    async def late(request: web.Request) -> web.StreamResponse:
        if first:
            await auth.session(request)
        response = web.StreamResponse()
        await response.prepare(request)
        session = await auth.session(request)
        try:
            await auth.update_session(request, {"name": "Countess"})
        except RuntimeError as error:
            await response.write(f"{session and session.user.name}: {error}".encode())
        return response

    app.router.add_get("/late", late)
    with browse(app, world) as browser:
        sign_in(browser)
        before = world.adapter.sessions
        world.pass_time(timedelta(days=2))
        answer = browser.get("/late")
        assert answer.text.startswith("Ada: update_session changes the session cookie")
        assert set_names(answer) == [SESSION] * first
        assert (world.adapter.sessions == before) is not first


def test_request_that_a_middleware_cloned_keeps_its_cookies() -> None:
    world = World(origin="https://app.example")
    auth = AioHttpAuth(world.config(trust_host=["app.example"]))
    secure = f"__Secure-{SESSION}"

    @web.middleware
    async def behind_proxy(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await handler(request.clone(scheme="https", host="app.example"))

    app = app_of(auth, behind_proxy)

    async def in_a_task(request: web.Request) -> web.Response:
        session = await asyncio.create_task(auth.session(request))
        return web.Response(text=session.user.name if session else "nobody")

    app.router.add_get("/task", in_a_task)
    with browse(app, world) as browser:
        sign_in(browser)
        for path in ("/me", "/task"):
            world.pass_time(timedelta(days=2))
            assert set_names(browser.get(path)) == [secure]
            assert browser.get(path).set_cookies == []


def test_two_requests_over_one_connection_have_visits_of_their_own() -> None:
    world = World()
    app = app_of(AioHttpAuth(world.config()))

    async def talk(address: str, *cookies: str) -> list[int]:
        headers = [{**JSON, "cookie": cookie} for cookie in cookies]
        statuses = []
        async with ClientSession() as session:
            for fields in headers:
                async with session.get(f"{address}/me", headers=fields) as answer:
                    await answer.read()
                    statuses.append(answer.status)
        return statuses

    with running(app) as address:
        browser = AuthClient.server(address, now=world.now, base_url=world.origin)
        sign_in(browser)
        cookie = f"{SESSION}={browser.cookies[SESSION]}"
        assert asyncio.run(talk(address, cookie, "", cookie, "x=y")) == [200, 401, 200, 401]


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_reading_changes_nothing_in_an_app_without_setup(strategy: str) -> None:
    world = World(strategy=strategy)
    auth = AioHttpAuth(world.config())
    app = web.Application()

    async def home(request: web.Request) -> web.Response:
        session = await auth.session(request)
        try:
            await auth.update_session(request, {"name": "Countess"})
        except RuntimeError as error:
            return web.Response(text=f"{session and session.user.name}: {error}")
        return web.Response()

    app.router.add_get("/", home)
    with browse(app_of(auth), world) as browser:
        sign_in(browser)
    before = world.adapter.sessions
    world.pass_time(timedelta(days=2))
    with browse(app, world) as other:
        other.cookies.set(SESSION, browser.cookies[SESSION])
        answer = other.get("/")
    assert answer.text.startswith("Ada: ")
    assert "auth.setup(app)" in answer.text
    assert answer.set_cookies == []
    assert world.adapter.sessions == before


def test_middleware_that_reads_the_session_adds_nothing_to_the_routes() -> None:
    world = World()
    auth = AioHttpAuth(world.config())

    @web.middleware
    async def load_user(request: web.Request, handler: Handler) -> web.StreamResponse:
        await auth.session(request)
        return await handler(request)

    with browse(app_of(auth, load_user), world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.sign_out()
        assert set_names(answer).count(SESSION) == 1
        assert "vary" not in answer.headers


# --- bodies -------------------------------------------------------------------------------------


def test_body_that_a_middleware_has_read_already_still_signs_in() -> None:
    world = World()

    @web.middleware
    async def like_a_csrf_check(request: web.Request, handler: Handler) -> web.StreamResponse:
        await request.post()
        return await handler(request)

    app = app_of(AioHttpAuth(world.config()), like_a_csrf_check, client_max_size=1 << 22)
    with browse(app, world) as browser:
        sign_in(browser)
        large = {"email": "x" * (1 << 20)}
        assert browser.post("/auth/signin/email", form=large).status == 413


def test_callbacks_can_read_the_body_from_aiohttps_request() -> None:
    world = World()

    async def authorize(form: Any, request: Request) -> User | None:
        fields = await request.native.post()
        return User(id="1", name=str(fields["email"]))

    providers = [Credentials(authorize=authorize)]
    with browse(app_of(AioHttpAuth(world.config(providers=providers))), world) as browser:
        browser.sign_in_credentials(LOGIN)
        assert browser.get("/me").json() == LOGIN["email"]


@pytest.mark.parametrize(
    ("limit", "size", "status"),
    [
        (0, (1 << 20) - 1, 302),
        (0, (1 << 20) + 1, 413),
        (1 << 22, (1 << 20) + 1, 413),
        (100, 99, 302),
        (100, 101, 413),
    ],
)
async def test_body_is_read_up_to_our_limit_or_the_apps(limit: int, size: int, status: int) -> None:
    async def in_chunks() -> AsyncIterator[bytes]:
        body = b"email=".ljust(size, b"x")
        for start in range(0, size, 1 << 16):
            yield body[start : start + (1 << 16)]

    app = app_of(AioHttpAuth(World().config()), client_max_size=limit)
    headers = {"content-type": "application/x-www-form-urlencoded", "connection": "close"}
    async with (
        client_of(app) as client,
        client.post(
            "/auth/signin/email", data=in_chunks(), headers=headers, allow_redirects=False
        ) as answer,
    ):
        assert "content-length" not in answer.request_info.headers
        assert answer.status == status


async def answer_to(app: web.Application, sent: bytes) -> int:
    """The status for bytes that no client would send."""
    async with asyncio.timeout(10), TestServer(app) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(sent)
        status = int((await reader.readline()).split()[1])
        writer.close()
        await writer.wait_closed()
    return status


async def test_an_app_without_a_limit_has_ours() -> None:
    app = app_of(AioHttpAuth(World().config()), client_max_size=0)
    head = b"POST /auth/signin/email HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    endless = b"10000\r\n" + b"x" * (1 << 16) + b"\r\n"
    assert await answer_to(app, head + endless * 17) == 413


# --- protection ---------------------------------------------------------------------------------


def test_protecting_everything_leaves_the_way_in_open() -> None:
    world = World()
    auth = AioHttpAuth(world.config())
    app = app_of(auth, auth.middleware(protect=["/*"], public=["/health"]))

    async def health(request: web.Request) -> web.Response:
        return web.Response(text="fine")

    app.router.add_get("/health", health)
    with browse(app, world) as browser:
        assert browser.get("/health").status == 200
        page = browser.get("/anything", follow=True)
        assert page.status == 200
        assert page.url.startswith("http://localhost/auth/signin?")
        sign_in(browser)
        assert browser.get("/anything").status == 404


def nested(auth: AioHttpAuth[Any], protect: list[str]) -> web.Application:
    """An app in an app in an app; the middleware is in the innermost."""

    async def gold(request: web.Request) -> web.Response:
        return web.Response(text="gold")

    inner = web.Application(middlewares=[auth.middleware(protect=protect)])
    inner.router.add_get("/gold", gold)
    middle = web.Application()
    middle.router.add_get("/gold", gold)
    middle.add_subapp("/vault", inner)
    app = app_of(auth)
    app.add_subapp("/bank", middle)
    return app


@pytest.mark.parametrize("pattern", ["/*", "/gold", "/bank/vault/gold"])
def test_a_sub_app_is_protected_by_paths_from_either_root(pattern: str) -> None:
    world = World()
    auth = AioHttpAuth(world.config())
    with browse(nested(auth, [pattern]), world) as browser:
        assert browser.get("/bank/gold").text == "gold"
        refused = browser.get("/bank/vault/gold")
        assert refused.status == 302
        sign_in(browser)
        assert browser.get("/bank/vault/gold").text == "gold"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/vault/gold", 401),
        ("/vault%2Fgold", 401),
        ("/%76ault/gold", 401),
        ("//vault/gold", 401),
        ("/x/../vault/gold", 401),
        ("/VAULT/gold", 401),
        ("http://x/vault/gold", 401),
        ("/vault/gold#x", 401),
        ("/vaults", 404),
        ("/vault/open", 200),
    ],
)
async def test_no_spelling_of_a_path_slips_through(target: str, status: int) -> None:
    app = aiohttp_app(AioHttpAuth(World().config()))
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert await answer_to(app, head.encode()) == status


def test_authorized_callback_answers_for_itself() -> None:
    world = World()
    own = [
        Callbacks[User](authorized=lambda _: False),
        Callbacks[User](authorized=lambda _: Response(status=418)),
    ]
    for callbacks, status in zip(own, (302, 418), strict=True):
        auth = AioHttpAuth(world.config(callbacks=callbacks))
        app = app_of(auth, auth.middleware(protect=["/me"]))
        with browse(app, world) as browser:
            sign_in(browser)
            assert browser.get("/me").status == status


# --- WebSockets ---------------------------------------------------------------------------------


def chatting(auth: AioHttpAuth[User]) -> web.Application:
    async def greet(request: web.Request) -> web.WebSocketResponse:
        session = await auth.session(request)
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        try:
            await auth.update_session(request, {"name": "Countess"})
        except RuntimeError:
            await websocket.send_str(session.user.name or "" if session else "nobody")
        return websocket

    app = app_of(auth, auth.middleware(protect=["/vault/*"]))
    app.router.add_get("/open", greet)
    app.router.add_get("/vault/chat", greet)
    app.router.add_get("/required", auth.required(greet))
    app.router.add_get("/nobody", auth.require(lambda _: False)(greet))
    return app


async def hear(client: TestClient[web.Request, Any], path: str, **headers: str) -> str | int:
    """What the WebSocket says first, or the status of the refusal."""
    connection: ClientWebSocketResponse[bool]
    try:
        async with client.ws_connect(path, headers=headers) as connection:
            assert "vary" not in connection._response.headers
            return await connection.receive_str()
    except WSServerHandshakeError as refused:
        return refused.status


async def test_websockets_have_the_session_and_refuse_strangers() -> None:
    auth = AioHttpAuth(World().config())
    async with client_of(chatting(auth)) as client:
        assert await hear(client, "/open") == "nobody"
        for path in ("/required", "/vault/chat", "/nobody"):
            assert await hear(client, path, accept="text/html") == 403
        signed_in(client, ADA, auth)
        origin = str(client.make_url("")).rstrip("/")
        assert await hear(client, "/open") == "Ada"
        assert await hear(client, "/required", origin=origin) == "Ada"
        assert await hear(client, "/vault/chat") == "Ada"
        assert await hear(client, "/nobody") == 403


async def test_pages_of_other_origins_do_not_use_the_session_of_a_websocket() -> None:
    auth = AioHttpAuth(World().config(), websocket_origins=["https://app.example"])
    async with client_of(chatting(auth)) as client:
        signed_in(client, ADA, auth)
        assert await hear(client, "/open", origin="https://evil.example") == "nobody"
        assert await hear(client, "/required", origin="https://evil.example") == 403
        assert await hear(client, "/vault/chat", origin="https://evil.example") == 403
        assert await hear(client, "/required", origin="https://app.example") == "Ada"


# --- where it is mounted ------------------------------------------------------------------------


def test_sub_app_serves_its_routes_below_its_own_prefix() -> None:
    world = World(base_path="/api/auth")
    auth = AioHttpAuth(world.config(), prefix="/auth")
    outer = web.Application()
    outer.add_subapp("/api", app_of(auth, auth.middleware(protect=["/*"])))
    with browse(outer, world, base_path="/api/auth") as browser:
        turned_away = browser.get("/api/me")
        assert (turned_away.location or "").startswith("http://localhost/api/auth/signin?")
        browser.follow(turned_away)
        done = browser.sign_in_oauth("fake", world.idp)
        assert done.location == "http://localhost/api/me"
        assert browser.follow(done).json() == "Alice Liddell"
        world.pass_time(timedelta(days=2))
        assert set_names(browser.get("/api/me")) == [SESSION]
    assert world.logged == []


def test_handlers_of_a_sub_app_have_sessions_of_the_outer_apps_auth() -> None:
    world = World()
    auth = AioHttpAuth(world.config())
    app = app_of(auth)
    sub = web.Application()

    @auth.required
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="sub")

    sub.router.add_get("/page", page)
    app.add_subapp("/sub", sub)
    with browse(app, world) as browser:
        assert browser.get("/sub/page").status == 302
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.get("/sub/page")
        assert (answer.text, set_names(answer)) == ("sub", [SESSION])


def test_prefix_that_is_not_the_base_path_works_and_warns_once() -> None:
    world = World()
    app = app_of(AioHttpAuth(world.config(), prefix="/account"))
    with browse(app, world, base_path="/account") as browser:
        assert browser.session() is None
        assert browser.session() is None
        assert browser.get("/account/signin").status == 200
    assert len([line for line in world.logged if "[base-path]" in line and "session" in line]) == 1


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    with browse(app_of(AioHttpAuth(world.config())), world, base_path="") as browser:
        assert browser.get("/me").status == 302
        sign_in(browser)
        assert browser.get("/me").status == 200
        assert browser.get("/other").status == 404


def test_percent_encoded_route_is_taken_as_aiohttp_took_it() -> None:
    world = World()
    with browse(app_of(AioHttpAuth(world.config())), world) as browser:
        assert browser.get("/auth/%73ession").json() is None
        assert browser.get("/auth/callback/%E2%82%AC").status == 302  # no such provider
    assert world.logged == [line for line in world.logged if "[base-path]" not in line]


def test_config_by_request_may_be_broken_for_one_tenant_only() -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)

    def choose(request: Any) -> AuthConfig[User]:
        return good if request.host == "good.localhost" else bad

    app = app_of(AioHttpAuth(choose))
    with browse(app, world, base_url="http://good.localhost") as browser:
        assert browser.session() is None
    app = app_of(AioHttpAuth(choose))
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
    auth = AioHttpAuth(config)
    app = app_of(auth)

    async def role(request: web.Request) -> web.Response:
        session = await auth.session(request)
        return web.Response(text=json.dumps(session.user.role if session else "nobody"))

    app.router.add_get("/role", role)
    with browse(app, world) as browser:
        assert browser.get("/role").json() == "nobody"
        sign_in(browser)
        assert browser.get("/role").json() == "member"
