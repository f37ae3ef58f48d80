from __future__ import annotations

import http.client
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from sanic import Blueprint, Request, Sanic, Websocket, empty, json, text
from sanic.exceptions import Forbidden, SanicException, Unauthorized
from sanic.response import HTTPResponse, file_stream
from sanic.views import HTTPMethodView
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.integrations.apps import Built
from tests.integrations.apps.sanic import new_app, over_asgi, over_server, serve, started
from tests.integrations.scenarios import LOGIN, SESSION, set_names, sign_in
from tests.integrations.sockets import connect, handshake
from tests.integrations.world import World, is_ada
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect as dial

from authwire import Auth, AuthConfig, Callbacks, JWTConfig, User
from authwire.config import JWTDecodeParams
from authwire.integrations.sanic import SanicAuth, request_of
from authwire.models import Authenticator
from authwire.providers import Passkey
from authwire.testing import session_cookies, signed_in
from authwire.testing.client import Answer, AuthClient

pytestmark = pytest.mark.anyio

AnyApp = Sanic[Any, Any]
AnyRequest = Request[Any, Any]
Over = Callable[..., Built]
JSON = {"accept": "application/json"}


@pytest.fixture(params=[over_server, over_asgi], ids=["server", "asgi"])
def over(request: pytest.FixtureRequest) -> Over:
    """Sanic's own server, and an ASGI server."""
    way: Over = request.param
    return way


@contextmanager
def browse(
    app: AnyApp, world: World, *, over: Over = over_asgi, **options: Any
) -> Iterator[AuthClient]:
    built = over(app, world, **options)
    try:
        yield built.browser
    finally:
        built.close()


def app_of(auth: SanicAuth[Any]) -> AnyApp:
    app = new_app()
    auth.init_app(app)

    @app.get("/me")
    @auth.required
    async def me(request: AnyRequest) -> HTTPResponse:
        return json(auth.current_session(request).user.name)

    return app


# --- decorators -----------------------------------------------------------------------------------


def test_class_based_views_are_guarded_by_method_by_class_and_by_list() -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)

    class ByMethod(HTTPMethodView, attach=app, uri="/method"):
        @auth.required
        async def get(self, request: AnyRequest) -> HTTPResponse:
            return text("get")

        def post(self, request: AnyRequest) -> HTTPResponse:
            return text("anybody")

    @auth.require(is_ada)
    class ByClass(HTTPMethodView, attach=app, uri="/class/<name:str>"):
        def get(self, request: AnyRequest, name: str) -> HTTPResponse:
            return text(name)

        async def post(self, request: AnyRequest, name: str) -> HTTPResponse:
            return text(name)

    class ByList(HTTPMethodView):
        decorators = [auth.required]  # noqa: RUF012  # so Sanic's documentation says

        async def get(self, request: AnyRequest) -> HTTPResponse:
            return text("list")

    app.add_route(ByList.as_view(), "/list")
    asked = [("GET", "/method"), ("GET", "/class/x"), ("POST", "/class/x"), ("GET", "/list")]
    with browse(app, world) as browser:
        assert [browser.request(*each, headers=JSON).status for each in asked] == [401] * 4
        assert browser.post("/method").text == "anybody"
        sign_in(browser, "eve@example.com")
        assert [browser.request(*each).status for each in asked] == [200, 403, 403, 200]
        sign_in(browser)
        assert [browser.request(*each).text for each in asked] == ["get", "x", "x", "list"]
    del ByMethod, ByClass


def test_async_predicate_is_awaited() -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)

    async def nobody(_: object) -> bool:
        return False

    @app.get("/")
    @auth.require(nobody)
    async def page(request: AnyRequest) -> HTTPResponse:
        return text("")

    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/").status == 403


def test_blueprints_and_groups_are_guarded_as_a_whole() -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)
    one, two, three = (Blueprint(name, url_prefix=f"/{name}") for name in ("one", "two", "three"))
    for blueprint in (one, two, three):

        @blueprint.get("/")
        async def page(request: AnyRequest) -> HTTPResponse:
            return text("page")

    group = Blueprint.group(two, three, url_prefix="/group")
    one.on_request(auth.required)
    group.on_request(auth.require(is_ada))
    app.blueprint(one)
    app.blueprint(group)
    paths = ("/one/", "/group/two/", "/group/three/")
    with browse(app, world) as browser:
        assert [browser.get(path).status for path in paths] == [302] * 3
        assert [browser.get(path, headers=JSON).status for path in paths] == [401] * 3
        sign_in(browser, "eve@example.com")
        assert [browser.get(path).status for path in paths] == [200, 403, 403]
        sign_in(browser)
        assert [browser.get(path).text for path in paths] == ["page"] * 3


def test_refusals_are_sanics_own_exceptions_so_that_handlers_see_them(over: Over) -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)

    @app.get("/no")
    @auth.require(lambda _: False)
    async def no(request: AnyRequest) -> HTTPResponse:
        return text("")

    @app.exception(Unauthorized, Forbidden)
    async def handle(request: AnyRequest, error: SanicException) -> HTTPResponse:
        return text(type(error).__name__, 418, headers=error.headers)

    with browse(app, world, over=over) as browser:
        refused = browser.get("/me", headers=JSON)
        assert refused.text == "Unauthorized"
        assert refused.headers.get("www-authenticate") == 'Bearer realm="authwire"'
        assert refused.headers.get("cache-control") == "private, no-cache, no-store"
        assert browser.get("/me").status == 302
        sign_in(browser)
        assert browser.get("/no").text == "Forbidden"


def test_refusal_is_json_where_the_app_says_so() -> None:
    world = World()
    app = app_of(SanicAuth(world.config()))
    app.config.FALLBACK_ERROR_FORMAT = "json"
    with browse(app, world) as browser:
        refused = browser.get("/me", headers={"accept": "*/*"})
        assert (refused.status, refused.json()["status"]) == (401, 401)


async def test_handler_without_a_request_is_told_so() -> None:
    @SanicAuth(World().config()).required
    async def page() -> HTTPResponse:
        raise NotImplementedError

    with pytest.raises(TypeError, match="must take the request"):
        await page()


def test_current_session_without_a_guard_is_an_error() -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)

    @app.get("/")
    async def page(request: AnyRequest) -> HTTPResponse:
        with pytest.raises(LookupError, match=r"@auth\.required"):
            auth.current_session(request)
        return text("done")

    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/").text == "done"


# --- cookies --------------------------------------------------------------------------------------


Handle = Callable[[AnyRequest], Any]


def stale(over: Over, handle: Handle, prepare: Callable[[AnyApp], object] = id) -> Answer:
    """The answer to somebody whose session cookie is due to be renewed."""
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)
    prepare(app)

    @app.get("/")
    async def page(request: AnyRequest) -> Any:
        assert await auth.session(request) is not None
        return await handle(request)

    with browse(app, world, over=over) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        return browser.get("/")


async def refuse(request: AnyRequest) -> None:
    raise SanicException("gone", 410)


async def crash(request: AnyRequest) -> None:
    raise ZeroDivisionError


async def stream(request: AnyRequest) -> None:
    response = await request.respond(content_type="text/plain")
    await response.send("a")
    await response.send("b")
    await response.eof()


async def own_response(request: AnyRequest) -> None:
    await request.respond(text("own"))


async def stream_a_file(request: AnyRequest) -> Any:
    return await file_stream(__file__)


async def give_up(request: AnyRequest) -> None:
    await request.respond(text("thrown away"))
    raise SanicException("gone", 410)


async def nothing(request: AnyRequest) -> HTTPResponse:
    return empty()


@pytest.mark.parametrize(
    ("handle", "status"),
    [
        (refuse, 410),
        (crash, 500),
        (stream, 200),
        (own_response, 200),
        (stream_a_file, 200),
        (give_up, 410),
        (nothing, 204),
    ],
)
def test_rolled_cookie_is_sent_once_with_answers_of_all_kinds(
    over: Over, handle: Handle, status: int
) -> None:
    answer = stale(over, handle)
    assert answer.status == status
    assert set_names(answer) == [SESSION]
    assert answer.headers.get("cache-control") == "private, no-cache, no-store"
    assert answer.headers.get_all("vary") == ["Cookie"]
    assert handle is not stream or answer.text == "ab"


@pytest.mark.parametrize("returns", ["the same", "another"])
def test_rolled_cookie_survives_middleware_that_returns_an_answer(over: Over, returns: str) -> None:
    def prepare(app: AnyApp) -> None:
        @app.on_response
        async def last_word(request: AnyRequest, response: HTTPResponse) -> HTTPResponse:
            return text("another") if returns == "another" and request.path == "/" else response

    answer = stale(over, nothing, prepare)
    assert answer.text == ("another" if returns == "another" else "")
    assert set_names(answer) == [SESSION]


def test_cookie_that_the_app_sets_by_itself_wins(over: Over) -> None:
    def prepare(app: AnyApp) -> None:
        @app.on_response
        async def own(request: AnyRequest, response: HTTPResponse) -> None:
            response.add_cookie(SESSION, "mine")

    answer = stale(over, nothing, prepare)
    assert [header.partition(";")[0] for header in answer.set_cookies] == [f"{SESSION}=mine"]


def test_answer_for_shared_caches_carries_no_cookie(over: Over) -> None:
    async def public(request: AnyRequest) -> HTTPResponse:
        return text("", headers={"Cache-Control": "public, max-age=60"})

    answer = stale(over, public)
    assert (answer.set_cookies, answer.headers.get("cache-control")) == ([], "public, max-age=60")


def test_nothing_is_decrypted_for_requests_that_do_not_ask() -> None:
    world = World()
    read: list[str] = []

    def decode(params: JWTDecodeParams) -> None:
        read.append(params.salt)

    app = app_of(SanicAuth(world.config(jwt=JWTConfig(decode=decode))))
    with browse(app, world) as browser:
        browser.cookies.set(SESSION, "something")
        quiet = browser.get("/does-not")
        assert (quiet.status, quiet.headers.get("vary"), read) == (404, None, [])
        browser.get("/me")
        assert read == [SESSION]


def test_middleware_that_reads_the_session_adds_nothing_to_the_routes() -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)

    @app.on_request
    async def load_user(request: AnyRequest) -> None:
        request.ctx.user = await auth.session(request)

    with browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.sign_out()
        assert set_names(answer).count(SESSION) == 1
        assert "vary" not in answer.headers


def test_visit_of_another_auth_is_not_taken_for_ours() -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)

    @app.on_request
    async def another(request: AnyRequest) -> None:
        request.ctx.authwire = SanicAuth(world.config()).visit(request)

    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/me").json() == "Ada"


# --- protection -----------------------------------------------------------------------------------


def test_protecting_everything_leaves_the_way_in_open(over: Over) -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)
    auth.protect(app, ["/*"], public=["/health"])

    @app.get("/health")
    async def health(request: AnyRequest) -> HTTPResponse:
        return text("fine")

    with browse(app, world, over=over) as browser:
        assert browser.get("/health").status == 200
        assert browser.get("/%2568ealth").status == 302
        page = browser.get("/anything", follow=True)
        assert page.status == 200
        assert page.url.startswith("http://localhost/auth/signin?")
        sign_in(browser)
        assert browser.get("/anything").status == 404


def test_blueprint_is_asked_about_only_for_its_own_paths() -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)
    blueprint = Blueprint("vault", url_prefix="/vault")
    auth.protect(blueprint, lambda request: not request.path.endswith("/open"))

    @blueprint.get("/<name:str>")
    async def page(request: AnyRequest, name: str) -> HTTPResponse:
        return text(name)

    app.blueprint(blueprint)
    with browse(app, world) as browser:
        assert browser.get("/vault/gold").status == 302
        assert browser.get("/vault/open").text == "open"
        assert browser.get("/elsewhere").status == 404


def test_authorized_callback_answers_for_itself() -> None:
    world = World()
    callbacks: Callbacks[User] = Callbacks(authorized=lambda _: False)
    auth = SanicAuth(world.config(callbacks=callbacks))
    app = app_of(auth)
    auth.protect(app, ["/me"])
    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/me").status == 302


def test_static_files_are_protected_by_path(tmp_path: Any) -> None:
    (tmp_path / "gold.txt").write_text("gold")
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)
    auth.protect(app, ["/files/*"])
    app.static("/files", str(tmp_path))
    with browse(app, world) as browser:
        assert browser.get("/files/gold.txt").status == 302
        sign_in(browser)
        assert browser.get("/files/gold.txt").text == "gold"


# --- where it is mounted --------------------------------------------------------------------------


def test_routes_have_names() -> None:
    app = app_of(SanicAuth(World().config()))
    assert app.url_for("auth.signin") == "/auth/signin"
    assert app.url_for("auth.verify_request") == "/auth/verify-request"
    assert app.url_for("auth.callback_provider", provider="github") == "/auth/callback/github"
    Sanic.unregister_app(app)


def test_app_mounted_in_another() -> None:
    world = World(base_path="/app/auth")
    auth = SanicAuth(world.config())
    app = new_app()
    auth.init_app(app)
    auth.protect(app, ["/app/vault"])

    @app.get("/app/me")  # Sanic sees the whole path
    @auth.required
    async def me(request: AnyRequest) -> HTTPResponse:
        return json(auth.current_session(request).user.name)

    outer = Starlette(routes=[Mount("/app", app=started(app))])
    with AuthClient.asgi(outer, now=world.now, base_path="/app/auth") as browser:
        turned_away = browser.get("/app/me")
        assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
        assert browser.get("/app/vault").status == 302
        browser.follow(turned_away)
        assert browser.sign_in_credentials(LOGIN).location == "http://localhost/app/me"
        assert browser.get("/app/me").json() == "Ada"
    Sanic.unregister_app(app)
    assert world.logged == []


def test_prefix_that_is_not_the_base_path_works_and_warns_once() -> None:
    world = World()
    app = app_of(SanicAuth(world.config(), url_prefix="/account/"))
    with browse(app, world, base_path="/account") as browser:
        assert browser.session() is None
        assert browser.get("/account/signin").status == 200
    assert len([line for line in world.logged if "[base-path]" in line]) == 1


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    app = app_of(SanicAuth(world.config()))
    with browse(app, world, base_path="") as browser:
        assert browser.get("/me").status == 302
        sign_in(browser)
        assert browser.get("/me").json() == "Ada"
        assert browser.get("/other").status == 404


def test_routes_of_the_app_with_fields_everywhere_take_nothing_away() -> None:
    world = World()
    app = app_of(SanicAuth(world.config()))

    @app.get("/<a:str>/<b:str>", name="two")
    @app.get("/<a:str>/<b:str>/<c:str>", name="three")
    async def page(request: AnyRequest, **fields: str) -> HTTPResponse:
        return text("mine")

    with browse(app, world) as browser:
        assert browser.get("/auth/signin").status == 200
        sign_in(browser)
        assert browser.session() is not None
        assert browser.get("/auth/nothing").status == 400
        assert browser.get("/auth/nothing/at").status == 400
        assert browser.get("/other/path").text == "mine"


def test_percent_encoded_route_is_taken_as_sanic_took_it(over: Over) -> None:
    with browse(app_of(SanicAuth(World().config())), World(), over=over) as browser:
        assert browser.get("/auth/%73ession").status == 400  # Sanic decodes no paths
        assert browser.get("/auth/callback/%E2%82%AC").status == 302  # no such provider


def test_config_by_request_may_be_broken_for_one_tenant_only() -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)

    def choose(request: Any) -> AuthConfig[User]:
        return good if request.host == "good.localhost" else bad

    with browse(app_of(SanicAuth(choose)), world, base_url="http://good.localhost") as browser:
        assert browser.session() is None
    with browse(app_of(SanicAuth(choose)), world, base_url="http://bad.localhost") as browser:
        assert browser.get("/auth/session").status == 500


# --- requests -------------------------------------------------------------------------------------


def test_request_is_told_as_the_server_saw_it(over: Over) -> None:
    app = new_app()
    seen: list[Any] = []

    @app.get("/<path:path>")
    async def page(request: AnyRequest, path: str) -> HTTPResponse:
        seen.append(request_of(request))
        return text("")

    lies = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "x-real-ip": "1.2.3.4",
    }
    app.config.PROXIES_COUNT = 1
    app.config.SERVER_NAME = "https://configured.example"
    with browse(app, World(), over=over, base_url="http://app.example:8000") as browser:
        browser.get("/%C3%A4/x?y=%20&z", headers=lies)
    (request,) = seen
    assert (request.scheme, request.host) == ("http", "app.example:8000")
    assert request.target == "/%C3%A4/x?y=%20&z"
    assert request.client == "127.0.0.1"
    assert isinstance(request.native, Request)


def raw_request(headers: list[tuple[str, str]], **info: Any) -> AnyRequest:
    from sanic.compat import Header
    from sanic.models.server_types import ConnInfo

    transport: Any = SimpleNamespace(get_extra_info=info.get)
    app: Any = new_app()
    request: AnyRequest = Request(b"/x", Header(headers), "1.1", "GET", transport, app)
    request.conn_info = ConnInfo(transport)
    Sanic.unregister_app(app)
    return request


def test_tls_and_host_are_those_of_the_connection() -> None:
    names = {"sockname": ("10.0.0.1", 8443), "peername": ("10.0.0.2", 50000)}
    secure = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), False)
    asked = request_of(raw_request([("x-odd", "\udcff é")], ssl_object=secure, **names))
    assert (asked.scheme, asked.host, asked.client) == ("https", "10.0.0.1:8443", "10.0.0.2")
    assert asked.headers.get("x-odd") == "ÿ Ã©"
    local = request_of(raw_request([("host", "a")], sockname="/run/app.sock"))
    assert (local.scheme, local.host, local.client) == ("http", "a", None)


def chunks(size: int) -> Iterator[bytes]:
    yield b"email="
    for _ in range(size // 1024):
        yield b"x" * 1024


@pytest.mark.parametrize(("size", "status"), [(1 << 10, 302), (1 << 21, 413)])
def test_body_without_a_length_is_read_up_to_the_limit(size: int, status: int) -> None:
    address, stop = serve(app_of(SanicAuth(World().config())))
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    fields = {"content-type": "application/x-www-form-urlencoded"}
    try:
        connection.request("POST", "/auth/signin/email", chunks(size), fields, encode_chunked=True)
        assert connection.getresponse().status == status
    finally:
        connection.close()
        stop()


def test_body_that_a_middleware_has_read_already_still_signs_in(over: Over) -> None:
    world = World()
    app = app_of(SanicAuth(world.config()))

    @app.on_request
    async def like_a_csrf_extension(request: AnyRequest) -> None:
        await request.receive_body()
        assert request.method == "GET" or request.form

    with browse(app, world, over=over) as browser:
        sign_in(browser)


# --- WebSockets -----------------------------------------------------------------------------------


def chat_app(auth: SanicAuth[User]) -> AnyApp:
    app = new_app()
    auth.init_app(app)
    auth.protect(app, ["/vault"])

    async def chat(request: AnyRequest, ws: Websocket) -> None:
        session = await auth.session(request)
        await ws.send(session.user.name or "" if session else "nobody")
        await ws.recv()  # the client hangs up

    @app.websocket("/late")
    async def late(request: AnyRequest, ws: Websocket) -> None:
        with pytest.raises(RuntimeError, match="WebSocket"):
            await auth.update_session(request, {"name": "Countess"})
        await ws.send("refused")
        await ws.recv()

    app.add_websocket_route(chat, "/chat")
    app.add_websocket_route(chat, "/vault", name="vault")
    app.add_websocket_route(auth.required(chat), "/required", name="required")
    app.add_websocket_route(auth.require(lambda _: False)(chat), "/never", name="never")
    guarded = Blueprint("guarded", url_prefix="/guarded")
    guarded.on_request(auth.required)
    guarded.add_websocket_route(chat, "/", name="chat")
    barred = Blueprint("barred", url_prefix="/barred")
    barred.on_request(auth.require(lambda _: False))
    barred.add_websocket_route(chat, "/", name="chat")
    app.blueprint([guarded, barred])
    return app


def ada_in(world: World) -> str:
    """Ada's cookie."""
    with AuthClient.asgi(Auth(world.config()).asgi, now=world.now) as browser:
        sign_in(browser)
        return f"{SESSION}={browser.cookies[SESSION]}"


FRIEND = "https://friend.example"


@pytest.mark.parametrize(
    ("path", "known", "stranger"),
    [
        ("/chat", "Ada", "nobody"),
        ("/late", "refused", "refused"),
        ("/required", "Ada", 1008),
        ("/never", 1008, 1008),
        ("/vault", "Ada", 401),
        ("/guarded/", "Ada", 401),
        ("/barred/", 403, 401),
    ],
)
def test_websocket_of_sanics_own_server(path: str, known: object, stranger: object) -> None:
    world = World()
    cookie = ada_in(world)
    auth = SanicAuth(world.config(), websocket_origins=[FRIEND])
    address, stop = serve(chat_app(auth))
    port = urlsplit(address).port

    def hear(**headers: str) -> object:
        fields = {name.title(): value for name, value in headers.items()}
        try:
            with dial(f"ws://localhost:{port}{path}", additional_headers=fields) as ws:
                return ws.recv(5)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
        except InvalidStatus as refused:
            return refused.response.status_code

    try:
        assert hear() == stranger
        assert hear(cookie=cookie) == known
        assert hear(cookie=cookie, origin=f"http://localhost:{port}") == known
        assert hear(cookie=cookie, origin=FRIEND) == known
        foreign = hear(cookie=cookie, origin="https://evil.example")
        assert foreign == (403 if path == "/vault" else stranger)
    finally:
        stop()


CLOSED = [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    ("path", "known", "stranger"),
    [
        ("/chat", "Ada", "nobody"),
        ("/late", "refused", "refused"),
        ("/required", "Ada", "opened and closed"),
        ("/never", "opened and closed", "opened and closed"),
        ("/vault", "Ada", "closed"),
        ("/guarded/", "Ada", "closed"),
        ("/barred/", "closed", "closed"),
    ],
)
async def test_websocket_of_an_asgi_server(path: str, known: str, stranger: str) -> None:
    world = World()
    cookie = ada_in(world)
    inner = chat_app(SanicAuth(world.config(), websocket_origins=[FRIEND]))
    app = started(inner)

    async def hear(**headers: str) -> str:
        sent = await connect(app, handshake(path, **headers))
        if sent == CLOSED:
            return "closed"
        assert sent[0]["type"] == "websocket.accept"
        return "opened and closed" if sent[1:] == CLOSED else str(sent[1]["text"])

    assert await hear() == stranger
    assert await hear(cookie=cookie) == known
    assert await hear(cookie=cookie, origin="http://localhost") == known
    assert await hear(cookie=cookie, origin=FRIEND) == known
    assert await hear(cookie=cookie, origin="https://evil.example") == stranger
    Sanic.unregister_app(inner)


# --- set up ---------------------------------------------------------------------------------------


def test_app_may_be_given_at_once_and_an_auth_shared() -> None:
    world = World()
    shared = Auth(world.config())
    app = new_app()
    assert SanicAuth(shared, app).auth is shared
    with browse(app, world) as browser:
        assert browser.session() is None


def test_connections_are_closed_when_the_server_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = SanicAuth(World().config())
    closed: list[bool] = []

    async def close() -> None:
        closed.append(True)

    monkeypatch.setattr(auth.auth, "aclose", close)
    _, stop = serve(app_of(auth))
    assert closed == []
    stop()
    assert closed == [True]


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_own_user_type_reaches_the_handler() -> None:
    world = World()
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1], secret=base.secret, user=Member, now=world.now
    )
    auth = SanicAuth(config)
    app = app_of(auth)

    @app.get("/role")
    @auth.required
    async def role(request: AnyRequest) -> HTTPResponse:
        return text(auth.current_session(request).user.role)

    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/role").text == "member"


async def test_handler_sees_the_passkeys_of_its_visitor() -> None:
    world = World(strategy="database")
    auth = SanicAuth(world.config(providers=[*world.config().providers, Passkey()]))
    app = app_of(auth)

    @app.get("/keys")
    async def keys(request: AnyRequest) -> HTTPResponse:
        return json([key.credential_id for key in await auth.passkeys(request).list()])

    with browse(app, world) as browser:
        sign_in(browser)
        row = Authenticator(
            credential_id="AQID",
            user_id=world.adapter.users[0].id,
            provider_account_id="AQID",
            credential_public_key="BAUG",
            counter=0,
            credential_device_type="singleDevice",
            credential_backed_up=False,
        )
        await world.adapter.create_authenticator(row)
        assert browser.get("/keys").json() == ["AQID"]
        assert browser.another_browser().get("/keys").json() == []


# --- Sanic's test clients -------------------------------------------------------------------------


@pytest.fixture
def testing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``sanic_testing``, which changes Sanic itself."""
    monkeypatch.setattr(Sanic, "test_mode", True)
    monkeypatch.setattr(Sanic, "__call__", Sanic.__call__)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports websockets.legacy
        import sanic_testing.testing
    return sanic_testing.testing


@pytest.mark.parametrize("strategy", ["jwt", "database"])
async def test_asgi_test_client_can_be_signed_in(testing: Any, strategy: str) -> None:
    world = World(strategy=strategy)
    auth = SanicAuth(world.config())
    app = app_of(auth)
    async with testing.SanicASGITestClient(app) as client:
        _, refused = await client.get("/me")
        assert refused.status == 401
        signed_in(client, User(id="1", name="Ada"), auth)
        _, answer = await client.get("/me")
        assert answer.json == "Ada"
        world.pass_time(timedelta(days=2))
        _, answer = await client.get("/me")
        assert answer.headers.get_list("set-cookie")
    Sanic.unregister_app(app)


def test_cookies_of_a_session_are_for_the_other_test_client(testing: Any) -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)
    app.config.TOUCHUP = True
    app.config.DEPRECATION_FILTER = "ignore"  # the client's own listener is of the old kind
    cookies = session_cookies(auth, User(id="1", name="Ada"))
    client = testing.SanicTestClient(app)
    sent = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
    _, answer = client.get("/me", headers={"cookie": sent})
    assert answer.json == "Ada"
    Sanic.unregister_app(app)


def test_an_answer_that_the_app_keeps_for_all_carries_nobodys_cookies(over: Over) -> None:
    world = World()
    auth = SanicAuth(world.config())
    app = app_of(auth)
    kept = text("the same for all")

    @app.get("/kept")
    async def same(request: AnyRequest) -> HTTPResponse:
        await auth.session(request)
        return kept

    with browse(app, world, over=over) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        assert set_names(browser.get("/kept")) == [SESSION]
        assert browser.another_browser().get("/kept").set_cookies == []
    assert "set-cookie" not in kept.headers
