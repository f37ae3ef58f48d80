from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import falcon
import falcon.asgi
import falcon.testing
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.integrations.scenarios import LOGIN, SESSION, query, set_names, sign_in
from tests.integrations.sockets import connect, handshake
from tests.integrations.world import World, is_ada

from authwire import Auth, AuthConfig, Callbacks, ConfigError, JWTConfig, Session, SyncAuth, User
from authwire.config import JWTDecodeParams, JWTParams
from authwire.integrations.falcon import FalconAuth, SyncFalconAuth
from authwire.models import JSON, Authenticator
from authwire.providers import Passkey
from authwire.runtime import PortalRuntime, drive
from authwire.testing import signed_in
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.anyio

Respond = Callable[[Any, Any, Session[Any] | None], object]


@dataclass(frozen=True)
class Kind:
    """One of the two kinds of app, and how to write the same for both."""

    asynchronous: bool

    def auth(self, config: Any, **options: Any) -> Any:
        return (FalconAuth if self.asynchronous else SyncFalconAuth)(config, **options)

    def app(self, auth: Any, **options: Any) -> Any:
        app = falcon.asgi.App(**options) if self.asynchronous else falcon.App(**options)
        auth.init_app(app)
        return app

    def browse(self, app: Any, world: World, *, below: str = "", **options: Any) -> AuthClient:
        if self.asynchronous:
            return AuthClient.asgi(app, now=world.now, root_path=below, **options)
        return AuthClient.wsgi(app, now=world.now, script_name=below, **options)

    def resource(self, auth: Any, respond: Respond) -> Any:
        """A resource that reads the session before it responds."""

        class Asynchronous:
            async def on_get(self, req: Any, resp: Any, **_: str) -> None:
                respond(req, resp, await auth.session(req))

        class Synchronous:
            def on_get(self, req: Any, resp: Any, **_: str) -> None:
                respond(req, resp, auth.session(req))

        return Asynchronous() if self.asynchronous else Synchronous()

    def guarded(self, auth: Any, guard: Any) -> Any:
        """A resource behind a guard, which tells the name."""

        class Asynchronous:
            @guard
            async def on_get(self, req: Any, resp: Any) -> None:
                resp.media = auth.current_session(req).user.name

        class Synchronous:
            @guard
            def on_get(self, req: Any, resp: Any) -> None:
                resp.media = auth.current_session(req).user.name

        return Asynchronous() if self.asynchronous else Synchronous()


@pytest.fixture(params=[True, False], ids=["asgi", "wsgi"])
def kind(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)


def tell(req: Any, resp: Any, session: Session[Any] | None) -> None:
    resp.media = session.user.name if session else None


# --- hooks and decorators -------------------------------------------------------------------------


class Everything:
    """All kinds of responders."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = "get"

    def on_get_other(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = "other"

    def on_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = "default"

    def on_holiday(self) -> str:
        return "no responder"


def test_decorated_class_is_guarded_in_all_its_responders() -> None:
    world = World()
    auth = SyncFalconAuth(world.config())
    resource = auth.required(type("Everything", (Everything,), {}))()
    app = falcon.App()
    auth.init_app(app)
    app.add_route("/things", resource)
    app.add_route("/others", resource, suffix="other")
    browser = AuthClient.wsgi(app, now=world.now)
    json = {"accept": "application/json"}
    asked = [("GET", "/things"), ("GET", "/others")]
    assert [browser.request(*each, headers=json).status for each in asked] == [401, 401]
    with pytest.raises(falcon.HTTPUnauthorized):
        resource.on_request(falcon.Request(falcon.testing.create_environ()), falcon.Response())
    sign_in(browser)
    assert [browser.request(*each).text for each in asked] == ["get", "other"]
    assert resource.on_holiday() == "no responder"
    assert Everything.on_get.__qualname__ == "Everything.on_get"


def test_hook_sees_the_fields_of_the_route_unharmed(kind: Kind) -> None:
    world = World()
    auth = kind.auth(world.config())

    @falcon.before(auth.require(is_ada))
    class Asynchronous:
        async def on_get(self, req: Any, resp: Any, name: str) -> None:
            resp.text = name

    @falcon.before(auth.require(is_ada))
    class Synchronous:
        def on_get(self, req: Any, resp: Any, name: str) -> None:
            resp.text = name

    app = kind.app(auth)
    app.add_route("/{name}", Asynchronous() if kind.asynchronous else Synchronous())
    with kind.browse(app, world) as browser:
        assert browser.get("/x").status == 302
        sign_in(browser, "eve@example.com")
        assert browser.get("/x").status == 403
        sign_in(browser)
        assert browser.get("/x").text == "x"


def test_async_predicate_is_awaited() -> None:
    world = World()
    auth = FalconAuth(world.config())

    async def nobody(_: object) -> bool:
        return False

    app = falcon.asgi.App()
    auth.init_app(app)
    app.add_route("/", Kind(asynchronous=True).guarded(auth, auth.require(nobody)))
    with AuthClient.asgi(app, now=world.now) as browser:
        sign_in(browser)
        assert browser.get("/").status == 403


def test_refusals_are_falcons_own_errors_so_that_handlers_see_them(kind: Kind) -> None:
    world = World()
    auth = kind.auth(world.config())
    app = kind.app(auth)

    def handle(req: Any, resp: Any, error: Any, params: object) -> None:
        resp.status = 418
        resp.text = f"{type(error).__name__} {dict(error.headers or {}).get('cache-control')}"

    async def handle_async(req: Any, resp: Any, error: Any, params: object, **_: object) -> None:
        handle(req, resp, error, params)

    for error in (falcon.HTTPUnauthorized, falcon.HTTPFound, falcon.HTTPForbidden):
        app.add_error_handler(error, handle_async if kind.asynchronous else handle)
    app.add_route("/me", kind.guarded(auth, auth.required))
    app.add_route("/no", kind.guarded(auth, auth.require(lambda _: False)))
    with kind.browse(app, world) as browser:
        assert browser.get("/me").text == "HTTPFound None"
        json = {"accept": "application/json"}
        refused = browser.get("/me", headers=json)
        assert refused.text == "HTTPUnauthorized private, no-cache, no-store"
        sign_in(browser)
        assert browser.get("/no").text == "HTTPForbidden None"


def test_current_session_without_a_guard_is_an_error(kind: Kind) -> None:
    auth = kind.auth(World().config())
    scope = falcon.testing.create_scope()
    req = (
        falcon.asgi.Request(scope, None)  # type: ignore[arg-type]  # nothing is received
        if kind.asynchronous
        else falcon.Request(falcon.testing.create_environ())
    )
    with pytest.raises(LookupError, match=r"@auth\.required"):
        auth.current_session(req)


# --- cookies --------------------------------------------------------------------------------------


def stale(kind: Kind, respond: Respond, path: str = "/") -> Any:
    """The answer to somebody whose session cookie is due to be renewed."""
    world = World()
    auth = kind.auth(world.config())
    app = kind.app(auth)
    app.add_route(path, kind.resource(auth, respond))
    with kind.browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        return browser.get(path)


def refuse(req: Any, resp: Any, session: object) -> None:
    raise falcon.HTTPGone(headers={"vary": "Accept"})


def redirect(req: Any, resp: Any, session: object) -> None:
    raise falcon.HTTPSeeOther("/elsewhere")


@pytest.mark.parametrize(("respond", "status"), [(tell, 200), (refuse, 410), (redirect, 303)])
def test_rolled_cookie_is_sent_with_errors_too(kind: Kind, respond: Respond, status: int) -> None:
    answer = stale(kind, respond)
    assert answer.status == status
    assert set_names(answer) == [SESSION]
    assert answer.headers.get("cache-control") == "private, no-cache, no-store"
    assert "Cookie" in (answer.headers.get("vary") or "")


def test_rolled_cookie_is_sent_when_the_app_fails(kind: Kind) -> None:
    def crash(req: Any, resp: Any, session: object) -> None:
        raise ZeroDivisionError

    world = World()
    auth = kind.auth(world.config())
    app = kind.app(auth)
    app.add_route("/", kind.resource(auth, crash))
    client = signed_in(falcon.testing.TestClient(app), User(id="1", name="Ada"), auth)
    world.pass_time(timedelta(days=2))
    answer = client.simulate_get("/")
    assert answer.status_code == 500
    assert list(answer.cookies) == [SESSION]


def test_rolled_cookie_is_sent_with_a_stream(kind: Kind) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    def respond(req: Any, resp: Any, session: object) -> None:
        resp.stream = parts() if kind.asynchronous else iter([b"a", b"b"])

    answer = stale(kind, respond)
    assert answer.text == "ab"
    assert set_names(answer) == [SESSION]


@pytest.mark.parametrize("way", ["set_cookie", "append_header", "unset_cookie"])
def test_cookie_that_the_app_sets_by_itself_wins(kind: Kind, way: str) -> None:
    def respond(req: Any, resp: Any, session: object) -> None:
        if way == "append_header":
            resp.append_header("Set-Cookie", f"{SESSION}=mine")
        elif way == "set_cookie":
            resp.set_cookie(SESSION, "mine")
        else:
            resp.unset_cookie(SESSION)

    answer = stale(kind, respond)
    assert set_names(answer) == [SESSION]
    assert "mine" in answer.set_cookies[0] or way == "unset_cookie"


def test_answer_for_shared_caches_carries_no_cookie(kind: Kind) -> None:
    def respond(req: Any, resp: Any, session: object) -> None:
        resp.cache_control = ["public", "max-age=60"]

    answer = stale(kind, respond)
    assert (answer.set_cookies, answer.headers.get("cache-control")) == ([], "public, max-age=60")


def test_nothing_is_decrypted_for_requests_that_do_not_ask(kind: Kind) -> None:
    world = World()
    read: list[str] = []

    def decode(params: JWTDecodeParams) -> None:
        read.append(params.salt)

    auth = kind.auth(world.config(jwt=JWTConfig(decode=decode)))
    app = kind.app(auth)
    app.add_route("/asks", kind.resource(auth, tell))
    with kind.browse(app, world) as browser:
        browser.cookies.set(SESSION, "something")
        quiet = browser.get("/does-not")
        assert (quiet.status, quiet.headers.get("vary"), read) == (404, "Accept", [])
        browser.get("/asks")
        assert read == [SESSION]


def test_middleware_that_reads_the_session_adds_nothing_to_the_routes(kind: Kind) -> None:
    world = World()
    auth = kind.auth(world.config())

    class Reader:
        def process_request(self, req: Any, resp: Any) -> None:
            req.context.session = auth.session(req)

        async def process_request_async(self, req: Any, resp: Any) -> None:
            req.context.session = await auth.session(req)

    app = kind.app(auth, middleware=[Reader()])
    with kind.browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.sign_out()
        assert set_names(answer).count(SESSION) == 1
        assert "vary" not in answer.headers


# --- protection -----------------------------------------------------------------------------------


def test_protecting_everything_leaves_the_way_in_open(kind: Kind) -> None:
    world = World()
    auth = kind.auth(world.config())
    app = kind.app(auth)
    auth.protect(app, ["/*"], public=["/health"])
    app.add_route("/health", kind.resource(auth, tell))
    with kind.browse(app, world) as browser:
        assert browser.get("/health").status == 200
        assert browser.get("/%2568ealth").status == 302
        page = browser.get("/anything", follow=True)
        assert page.status == 200
        assert page.url.startswith("http://localhost/auth/signin?")
        sign_in(browser)
        assert browser.get("/anything").status == 404


def test_authorized_callback_answers_for_itself(kind: Kind) -> None:
    world = World()
    callbacks: Callbacks[User] = Callbacks(authorized=lambda _: False)
    auth = kind.auth(world.config(callbacks=callbacks))
    app = kind.app(auth)
    auth.protect(app, ["/me"])
    with kind.browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/me").status == 302


def test_static_files_are_protected_by_path(kind: Kind, tmp_path: Any) -> None:
    (tmp_path / "gold.txt").write_text("gold")
    world = World()
    auth = kind.auth(world.config())
    app = kind.app(auth)
    auth.protect(app, ["/files/*"])
    app.add_static_route("/files", str(tmp_path))
    with kind.browse(app, world) as browser:
        assert browser.get("/files/gold.txt").status == 302
        sign_in(browser)
        assert browser.get("/files/gold.txt").text == "gold"


# --- where it is mounted --------------------------------------------------------------------------


def test_app_below_a_script_name() -> None:
    kind, world = Kind(asynchronous=False), World(base_path="/app/auth")
    auth = kind.auth(world.config(), prefix="/auth")
    app = kind.app(auth)
    app.add_route("/me", kind.guarded(auth, auth.required))
    browser = kind.browse(app, world, below="/app", base_path="/app/auth")
    turned_away = browser.get("/app/me")
    assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
    browser.follow(turned_away)
    done = browser.sign_in_oauth("fake", world.idp)
    assert done.location == "http://localhost/app/me"
    assert browser.follow(done).json() == "Alice Liddell"
    assert world.logged == []


def test_app_mounted_in_another() -> None:
    kind, world = Kind(asynchronous=True), World(base_path="/app/auth")
    auth = kind.auth(world.config())
    app = kind.app(auth)
    auth.protect(app, ["/vault"])
    app.add_route("/app/me", kind.guarded(auth, auth.required))  # Falcon sees the whole path
    outer = Starlette(routes=[Mount("/app", app=app)])
    with kind.browse(outer, world, base_path="/app/auth") as browser:
        turned_away = browser.get("/app/me")
        assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
        assert browser.get("/app/vault").status == 302
        browser.follow(turned_away)
        assert browser.sign_in_credentials(LOGIN).location == "http://localhost/app/me"
        assert browser.get("/app/me").json() == "Ada"
    assert world.logged == []


def test_prefix_that_is_not_the_base_path_works_and_warns_once(kind: Kind) -> None:
    world = World()
    app = kind.app(kind.auth(world.config(), prefix="/account/"))
    with kind.browse(app, world, base_path="/account") as browser:
        assert browser.session() is None
        assert browser.get("/account/signin").status == 200
    assert len([line for line in world.logged if "[base-path]" in line]) == 1


def test_base_path_at_the_root_leaves_other_paths_to_the_app(kind: Kind) -> None:
    world = World(base_path="/")
    auth = kind.auth(world.config())
    app = kind.app(auth)
    app.add_route("/me", kind.guarded(auth, auth.required))
    with kind.browse(app, world, base_path="") as browser:
        assert browser.get("/me").status == 302
        sign_in(browser)
        assert browser.get("/me").json() == "Ada"
        assert browser.get("/other").status == 404


def test_routes_of_the_app_with_fields_everywhere_take_nothing_away(kind: Kind) -> None:
    world = World()
    auth = kind.auth(world.config())
    app = kind.app(auth)
    for template in ("/{a}/{b}", "/{a}/{b}/{c}"):
        app.add_route(template, kind.resource(auth, tell))
    with kind.browse(app, world) as browser:
        assert browser.get("/auth/signin").status == 200
        sign_in(browser)
        assert browser.session() is not None
        assert browser.get("/auth/nothing").status == 400
        assert browser.get("/other/path").json() == "Ada"


def test_percent_encoded_route_is_taken_as_falcon_took_it(kind: Kind) -> None:
    world = World()
    with kind.browse(kind.app(kind.auth(world.config())), world) as browser:
        assert browser.get("/auth/%73ession").json() is None
        assert browser.get("/auth/callback/%E2%82%AC").status == 302  # no such provider


def test_query_and_errors_of_a_provider_are_passed_on(kind: Kind) -> None:
    world = World()
    with kind.browse(kind.app(kind.auth(world.config())), world) as browser:
        answer = browser.get("/auth/callback/fake?error=access_denied")
        assert answer.status == 302
        assert "error" in query(answer)


def test_config_by_request_may_be_broken_for_one_tenant_only(kind: Kind) -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)

    def choose(request: Any) -> AuthConfig[User]:
        return good if request.host == "good.localhost" else bad

    app = kind.app(kind.auth(choose))
    with kind.browse(app, world, base_url="http://good.localhost") as browser:
        assert browser.session() is None
    with kind.browse(app, world, base_url="http://bad.localhost") as browser:
        assert browser.get("/auth/session").status == 500


# --- set up ---------------------------------------------------------------------------------------


def test_the_other_kind_of_app_is_refused() -> None:
    config = World().config()
    with pytest.raises(TypeError, match="SyncFalconAuth"):
        FalconAuth(config).init_app(falcon.App())  # type: ignore[arg-type]  # that is the mistake
    with pytest.raises(TypeError, match="needs FalconAuth"):
        SyncFalconAuth(config, falcon.asgi.App())


def test_app_may_be_given_at_once_and_an_auth_shared() -> None:
    world = World()
    sync, asynchronous = SyncAuth(world.config()), Auth(world.config())
    wsgi, asgi = falcon.App(), falcon.asgi.App()
    assert SyncFalconAuth(sync, wsgi).auth is sync
    assert FalconAuth(asynchronous, asgi).auth is asynchronous
    assert AuthClient.wsgi(wsgi, now=world.now).session() is None
    with AuthClient.asgi(asgi, now=world.now) as browser:
        assert browser.session() is None


async def _slow_jwt(params: JWTParams[User]) -> JSON:
    return {**params.token, "name": "from a coroutine"}


def test_async_callback_of_a_wsgi_app_needs_the_portal() -> None:
    kind, world = Kind(asynchronous=False), World()
    config = world.config(callbacks=Callbacks(jwt=_slow_jwt))
    with pytest.raises(ConfigError, match=r"callbacks\.jwt"):
        SyncFalconAuth(config)
    runtime = PortalRuntime()
    auth = kind.auth(config, runtime=runtime)
    app = kind.app(auth)
    app.add_route("/me", kind.guarded(auth, auth.required))
    browser = kind.browse(app, world)
    sign_in(browser)
    assert browser.get("/me").json() == "from a coroutine"
    runtime.close()


async def test_connections_are_closed_when_the_app_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = FalconAuth(World().config())
    app = falcon.asgi.App()
    auth.init_app(app)
    closed: list[bool] = []

    async def close() -> None:
        closed.append(True)

    monkeypatch.setattr(auth.auth, "aclose", close)
    async with falcon.testing.ASGIConductor(app):
        assert closed == []
    assert closed == [True]


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_own_user_type_reaches_the_responder(kind: Kind) -> None:
    world = World()
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1], secret=base.secret, user=Member, now=world.now
    )
    auth = kind.auth(config)
    app = kind.app(auth)

    def role(req: Any, resp: Any, session: Session[Any] | None) -> None:
        resp.text = session.user.role if session else "nobody"

    app.add_route("/", kind.resource(auth, role))
    with kind.browse(app, world) as browser:
        assert browser.get("/").text == "nobody"
        sign_in(browser)
        assert browser.get("/").text == "member"


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_falcons_test_client_can_be_signed_in(kind: Kind, strategy: str) -> None:
    world = World(strategy=strategy)
    auth = kind.auth(world.config())
    app = kind.app(auth)
    app.add_route("/me", kind.guarded(auth, auth.required))
    client = falcon.testing.TestClient(app)
    assert client.simulate_get("/me").status_code == 401
    signed_in(client, User(id="1", name="Ada"), auth)
    assert client.simulate_get("/me").json == "Ada"


def passkey_of(user: User) -> Authenticator:
    return Authenticator(
        credential_id="AQID",
        user_id=user.id,
        provider_account_id="AQID",
        credential_public_key="BAUG",
        counter=0,
        credential_device_type="singleDevice",
        credential_backed_up=False,
    )


def test_responder_sees_the_passkeys_of_its_visitor() -> None:
    world = World(strategy="database")
    config = world.config(providers=[*world.config().providers, Passkey()])
    shown: list[list[Any]] = []

    class Keys:
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            shown.append(sync.passkeys(req).list())

    class AsyncKeys:
        async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
            shown.append(await asynchronous.passkeys(req).list())

    wsgi, asgi = falcon.App(), falcon.asgi.App()
    sync, asynchronous = SyncFalconAuth(config, wsgi), FalconAuth(config, asgi)
    wsgi.add_route("/", Keys())
    asgi.add_route("/", AsyncKeys())
    browser = AuthClient.wsgi(wsgi, now=world.now)
    sign_in(browser)
    drive(world.adapter.create_authenticator(passkey_of(world.adapter.users[0])))
    browser.get("/")
    with AuthClient.asgi(asgi, now=world.now) as other:
        other.get("/")
        other.cookies.set(SESSION, browser.cookies[SESSION])
        other.get("/")
    assert [[key.credential_id for key in keys] for keys in shown] == [["AQID"], [], ["AQID"]]


# --- bodies ---------------------------------------------------------------------------------------


def chunked(app: Any, body: bytes) -> str:
    environ = {
        **falcon.testing.create_environ(
            "/auth/signin/email",
            method="POST",
            headers={"content-type": "application/x-www-form-urlencoded"},
        ),
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
    }
    seen = falcon.testing.StartResponseMock()
    app(environ, seen)
    return seen.status or ""


def test_body_without_a_length_is_read_up_to_the_limit() -> None:
    app = falcon.App()
    SyncFalconAuth(World().config(), app)
    assert chunked(app, b"email=a%40example.com") == "302 Found"
    assert chunked(app, b"x" * ((1 << 20) + 1)).startswith("413 ")


@pytest.mark.parametrize(("size", "status"), [(10, 302), ((1 << 20) + 1, 413)])
async def test_body_in_parts_is_read_up_to_the_limit(size: int, status: int) -> None:
    app = falcon.asgi.App()
    FalconAuth(World().config(), app)
    fields = {"content-type": "application/x-www-form-urlencoded"}
    scope = falcon.testing.create_scope("/auth/signin/email", method="POST", headers=fields)
    parts: Iterator[dict[str, Any]] = iter(
        [
            {"type": "http.request", "body": b"email=", "more_body": True},
            {"type": "http.request", "body": b"x" * size, "more_body": False},
        ]
    )
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(parts)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == status


# --- WebSockets -----------------------------------------------------------------------------------


def chat(auth: FalconAuth[User]) -> type:
    class Chat:
        async def on_websocket(self, req: falcon.asgi.Request, ws: falcon.asgi.WebSocket) -> None:
            session = await auth.session(req)
            await ws.accept()
            await ws.send_text(session.user.name or "" if session else "nobody")

    return Chat


@pytest.fixture
def ada() -> tuple[World, str]:
    """A world, and a cookie of Ada in it."""
    world = World()
    with AuthClient.asgi(Auth(world.config()).asgi, now=world.now) as browser:
        sign_in(browser)
        return world, f"{SESSION}={browser.cookies[SESSION]}"


async def test_websocket_sees_the_session_only_from_our_own_pages(ada: tuple[World, str]) -> None:
    world, cookie = ada
    friend = "https://friend.example"
    auth = FalconAuth(world.config(), websocket_origins=[friend])
    app = falcon.asgi.App()
    auth.init_app(app)
    app.add_route("/chat", chat(auth)())
    for origin, name in [
        ("http://localhost", "Ada"),
        (friend, "Ada"),
        ("https://evil.example", "nobody"),
    ]:
        sent = await connect(app, handshake("/chat", cookie=cookie, origin=origin))
        assert sent[1]["text"] == name
        assert "set-cookie" not in dict(sent[0].get("headers", ()))


@pytest.mark.parametrize(("guard", "code"), [("required", 3401), ("require", 3403)])
async def test_guarded_websocket_is_refused(ada: tuple[World, str], guard: str, code: int) -> None:
    world, cookie = ada
    auth = FalconAuth(world.config())
    app = falcon.asgi.App()
    auth.init_app(app)
    guards = {"required": auth.required, "require": auth.require(lambda _: False)}
    app.add_route("/chat", guards[guard](chat(auth))())
    (refused,) = await connect(app, handshake("/chat"))
    assert (refused["type"], refused["code"]) == ("websocket.close", 3401)
    own = await connect(app, handshake("/chat", cookie=cookie))
    if guard == "required":
        assert own[1]["text"] == "Ada"
    else:
        assert (own[0]["type"], own[0]["code"]) == ("websocket.close", code)
    foreign = handshake("/chat", cookie=cookie, origin="https://evil.example")
    assert (await connect(app, foreign))[0]["type"] == "websocket.close"


async def test_websocket_is_protected_by_path(ada: tuple[World, str]) -> None:
    world, cookie = ada
    auth = FalconAuth(world.config())
    app = falcon.asgi.App()
    auth.init_app(app)
    auth.protect(app, ["/chat"])
    app.add_route("/chat", chat(auth)())
    (refused,) = await connect(app, handshake("/chat"))
    assert (refused["type"], refused["code"]) == ("websocket.close", 3403)
    foreign = handshake("/chat", cookie=cookie, origin="https://evil.example")
    assert [m["type"] for m in await connect(app, foreign)] == ["websocket.close"]
    assert (await connect(app, handshake("/chat", cookie=cookie)))[1]["text"] == "Ada"


@pytest.mark.parametrize("path", ["/auth/session", "/auth/nothing"])
async def test_routes_open_no_websockets(path: str) -> None:
    app = falcon.asgi.App()
    FalconAuth(World().config(), app)
    (refused,) = await connect(app, handshake(path))
    assert refused["type"] == "websocket.close"


async def test_websocket_cannot_update_the_session(ada: tuple[World, str]) -> None:
    world, cookie = ada
    auth = FalconAuth(world.config())
    scope = handshake("/chat", cookie=cookie)
    req = falcon.asgi.Request(scope, None)  # type: ignore[arg-type]  # nothing is received
    with pytest.raises(RuntimeError, match="WebSocket"):
        await auth.update_session(req, {"name": "Countess"})
