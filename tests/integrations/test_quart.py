from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from quart import (
    Blueprint,
    Quart,
    Response,
    jsonify,
    render_template_string,
    request,
    stream_template_string,
    stream_with_context,
    url_for,
    websocket,
)
from quart.testing import WebsocketResponseError
from quart.typing import TestClientProtocol as Client
from tests.integrations.apps.quart import quart_app
from tests.integrations.scenarios import JSON, LOGIN, SESSION, set_names, sign_in
from tests.integrations.world import World
from werkzeug.exceptions import HTTPException

from authwire import Auth, AuthConfig, Callbacks, Request, User
from authwire.integrations.quart import QuartAuth, current_session
from authwire.providers import Credentials
from authwire.runtime.asgi import Message
from authwire.testing import session_cookies, signed_in
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.anyio
ADA = User(id="1", name="Ada", email="ada@example.com")


def browse(app: Quart, world: World, **options: Any) -> AuthClient:
    return AuthClient.asgi(app, now=world.now, **options)


def app_of(auth: QuartAuth[Any]) -> Quart:
    app = Quart(__name__)
    auth.init_app(app)

    @app.get("/me")
    @auth.required
    async def me() -> Response:
        session = await auth.session()
        return jsonify(session.user.name if session else None)

    return app


# --- in views and templates ---------------------------------------------------------------------


def test_template_asks_for_the_current_session_and_nothing_is_read_before() -> None:
    world = World()
    app = app_of(QuartAuth(world.config()))

    @app.get("/looks")
    async def looks() -> str:
        return await render_template_string(
            "{% if current_session() %}{{ current_session().user.name }}{% else %}nobody{% endif %}"
        )

    @app.get("/does-not")
    async def does_not() -> str:
        return await render_template_string("hello")

    with browse(app, world) as browser:
        assert browser.get("/looks").text == "nobody"
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        quiet = browser.get("/does-not")
        assert (quiet.set_cookies, quiet.headers.get("vary")) == ([], None)
        looked = browser.get("/looks")
        assert looked.text == "Ada"
        assert set_names(looked) == [SESSION]
        assert looked.headers.get("vary") == "Cookie"


async def test_a_template_that_forgets_the_call_lets_nobody_in() -> None:
    app = app_of(QuartAuth(World().config()))
    async with app.test_request_context("/"):
        with pytest.raises(TypeError, match=r"current_session\(\)"):
            await render_template_string("{% if current_session %}secret{% endif %}")


async def test_current_session_outside_of_a_request_or_extension_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="app context"):
        await current_session()
    async with app_of(QuartAuth(World().config())).app_context():
        with pytest.raises(RuntimeError, match="request context"):
            await current_session()
    async with Quart(__name__).test_request_context("/"):
        with pytest.raises(RuntimeError, match=r"auth\.init_app"):
            await current_session()


async def test_urls_can_be_built_by_name() -> None:
    app = app_of(QuartAuth(World().config()))
    async with app.test_request_context("/"):
        assert url_for("auth.signin") == "/auth/signin"
        assert url_for("auth.verify_request") == "/auth/verify-request"
        assert url_for("auth.callback_provider", provider="github") == "/auth/callback/github"


def test_command_prints_a_secret() -> None:
    runner = app_of(QuartAuth(World().config())).test_cli_runner()
    first, second = (runner.invoke(args=["auth", "secret"]).output.strip() for _ in range(2))
    assert len(first) >= 43
    assert first != second


def test_sync_view_and_async_predicate() -> None:
    world = World()
    auth = QuartAuth(world.config())
    app = app_of(auth)

    async def nobody(_: object) -> bool:
        return False

    @app.get("/sync")
    @auth.required
    def sync() -> str:
        return "done"

    @app.get("/nobody")
    @auth.require(nobody)
    async def closed() -> str:
        return ""

    with browse(app, world) as browser:
        assert browser.get("/sync").status == 302
        sign_in(browser)
        assert browser.get("/sync").text == "done"
        assert browser.get("/nobody").status == 403


def test_app_may_be_given_at_once_and_an_auth_shared() -> None:
    world = World()
    app = Quart(__name__)
    shared = Auth(world.config())
    auth = QuartAuth(shared, app)
    assert auth.auth is shared
    with browse(app, world) as browser:
        assert browser.session() is None


def test_hook_that_reads_the_session_adds_nothing_to_the_routes() -> None:
    world = World()
    auth = QuartAuth(world.config())
    app = app_of(auth)

    @app.before_request
    async def load_user() -> None:
        await auth.session()

    with browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        answer = browser.sign_out()
        assert set_names(answer).count(SESSION) == 1
        assert "vary" not in answer.headers


@pytest.mark.parametrize("strategy", ["jwt", "database"])
async def test_quarts_own_client_is_signed_in(strategy: str) -> None:
    world = World(strategy=strategy)
    auth = QuartAuth(world.config())
    client = quart_app(auth).test_client()
    assert (await client.get("/me", headers=JSON)).status_code == 401
    signed_in(client, ADA, auth)
    assert await (await client.get("/me")).get_json() == {"name": "Ada"}


async def test_connections_are_closed_when_the_server_stops() -> None:
    class Watched(Auth[User]):
        closed = False

        async def aclose(self) -> None:
            self.closed = True
            await super().aclose()

    auth = Watched(World().config())
    async with app_of(QuartAuth(auth)).test_app():
        assert not auth.closed
    assert auth.closed


# --- answers ------------------------------------------------------------------------------------


def test_streams_and_errors_carry_the_rolled_cookie() -> None:
    world = World()
    auth = QuartAuth(world.config())
    app = app_of(auth)

    @app.get("/stream")
    @auth.required
    async def stream() -> Response:
        async def parts() -> AsyncIterator[str]:
            yield "one "
            yield "two"

        return Response(parts())

    @app.get("/broken")
    @auth.required
    async def broken() -> str:
        raise ValueError("a fault of the app")

    @app.get("/missing")
    @auth.required
    async def missing() -> Response:
        raise NotFoundHere

    class NotFoundHere(HTTPException):
        code = 404

    with browse(app, world) as browser:
        sign_in(browser)
        for path, status in (("/stream", 200), ("/broken", 500), ("/missing", 404)):
            world.pass_time(timedelta(days=2))
            answer = browser.get(path)
            assert (answer.status, set_names(answer)) == (status, [SESSION])
        assert browser.get("/stream").text == "one two"


def test_session_that_is_read_only_while_the_answer_streams_is_not_rolled() -> None:
    world = World(strategy="database")
    auth = QuartAuth(world.config())
    app = app_of(auth)

    @app.get("/template")
    async def template() -> AsyncIterator[str]:
        return await stream_template_string("{{ current_session().user.name }}")

    @app.get("/update")
    async def update() -> Any:
        @stream_with_context
        async def parts() -> AsyncIterator[str]:
            try:
                await auth.update_session({"name": "Countess"})
            except RuntimeError as error:
                yield str(error)

        return parts()

    with browse(app, world) as browser:
        sign_in(browser)
        before = world.adapter.sessions
        world.pass_time(timedelta(days=2))
        answer = browser.get("/template")
        assert (answer.text, answer.set_cookies) == ("Ada", [])
        assert world.adapter.sessions == before
        assert "no answer is left" in browser.get("/update").text


# --- bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", ["form", "get_data", "get_json"])
def test_body_that_a_hook_has_read_already_still_signs_in(reading: str) -> None:
    world = World()
    app = app_of(QuartAuth(world.config()))

    @app.before_request
    async def like_a_csrf_extension() -> None:
        read = getattr(request, reading)
        await (read() if callable(read) else read)

    with browse(app, world) as browser:
        if reading == "get_json":
            body = {**LOGIN, "csrfToken": browser.csrf_token()}
            browser.post("/auth/callback/credentials", json=body)
            assert SESSION in browser.cookies
        else:
            sign_in(browser)


def test_callbacks_can_read_the_body_from_quarts_request() -> None:
    world = World()

    async def authorize(form: Any, request: Request) -> User | None:
        fields = await request.native.form
        return User(id="1", name=fields["email"])

    providers = [Credentials(authorize=authorize)]
    with browse(app_of(QuartAuth(world.config(providers=providers))), world) as browser:
        browser.sign_in_credentials(LOGIN)
        assert browser.get("/me").json() == LOGIN["email"]


async def post_in_chunks(app: Quart, *chunks: bytes) -> int:
    """The status for a body whose length is not told before. What is not sent is waited for."""
    async with app.test_client().request(
        "/auth/signin/email",
        method="POST",
        headers={"content-type": "application/x-www-form-urlencoded"},
    ) as connection:
        for chunk in chunks:
            await connection.send(chunk)
        if chunks:
            await connection.send_complete()
    return (await connection.as_response()).status_code


async def test_body_without_a_length_is_read_up_to_the_limit() -> None:
    app = app_of(QuartAuth(World().config()))
    assert await post_in_chunks(app, b"email=a", b"%40example.com") == 302
    assert await post_in_chunks(app, *[b"x" * (1 << 18)] * 4, b"x") == 413


async def test_limits_of_the_app_hold_too() -> None:
    app = app_of(QuartAuth(World().config()))
    app.config["MAX_CONTENT_LENGTH"] = 100
    assert await post_in_chunks(app, b"x" * 101) == 413
    app.config["BODY_TIMEOUT"] = 0.05
    assert await post_in_chunks(app) == 408


# --- protection ---------------------------------------------------------------------------------


def test_protecting_everything_leaves_the_way_in_open() -> None:
    world = World()
    auth = QuartAuth(world.config())
    app = app_of(auth)
    auth.protect(app, ["/*"], public=["/health"])

    @app.get("/health")
    async def health() -> str:
        return "fine"

    with browse(app, world) as browser:
        assert browser.get("/health").status == 200
        page = browser.get("/anything", follow=True)
        assert page.status == 200
        assert page.url.startswith("http://localhost/auth/signin?")
        sign_in(browser)
        assert browser.get("/anything").status == 404


def test_a_blueprint_is_protected_as_a_whole() -> None:
    world = World()
    auth = QuartAuth(world.config())
    app = app_of(auth)
    admin = Blueprint("admin", __name__, url_prefix="/admin")
    auth.protect(admin, ["/*"])

    @admin.get("/users")
    async def users() -> str:
        return "users"

    @app.get("/shop")
    async def shop() -> str:
        return "shop"

    app.register_blueprint(admin)
    with browse(app, world) as browser:
        assert browser.get("/shop").text == "shop"
        assert browser.get("/admin/users").status == 302
        sign_in(browser)
        assert browser.get("/admin/users").text == "users"


def test_error_handlers_see_the_refusal() -> None:
    world = World()
    auth = QuartAuth(world.config())
    app = app_of(auth)
    auth.protect(app, ["/vault/*"])
    seen: list[int | None] = []

    @app.errorhandler(HTTPException)
    async def note(error: HTTPException) -> Any:
        seen.append(error.code)
        return error

    @app.get("/never")
    @auth.require(lambda _: False)
    async def never() -> str:
        return ""

    with browse(app, world) as browser:
        for path in ("/me", "/vault/gold"):
            answer = browser.get(path, headers=JSON)
            assert answer.status == 401
            assert (answer.headers.get("www-authenticate") or "").startswith("Bearer")
            assert answer.json() == {"error": "Unauthorized"}
        assert browser.get("/me").status == 302
        assert browser.get("/vault/%25252525252525gold").status == 400
        sign_in(browser)
        assert browser.get("/never").status == 403
    assert seen == [401, 401, 400, 403]


def test_authorized_callback_answers_for_itself() -> None:
    world = World()
    callbacks: Callbacks[User] = Callbacks(authorized=lambda _: False)
    auth = QuartAuth(world.config(callbacks=callbacks))
    app = app_of(auth)
    auth.protect(app, ["/me"])
    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/me").status == 302


# --- WebSockets ---------------------------------------------------------------------------------


def chatting(auth: QuartAuth[User]) -> Quart:
    app = app_of(auth)
    auth.protect(app, ["/vault/*"])

    async def greet() -> None:
        session = await auth.session()
        await websocket.send(session.user.name or "" if session else "nobody")

    app.add_websocket("/open", view_func=greet)
    app.add_websocket("/vault/chat", view_func=greet, endpoint="vault")
    app.add_websocket("/required", view_func=auth.required(greet), endpoint="required")
    app.add_websocket("/nobody", view_func=auth.require(lambda _: False)(greet), endpoint="nobody")
    return app


async def hear(client: Client, path: str, **headers: str) -> str | int:
    """What the WebSocket says first, or the status of the refusal."""
    async with client.websocket(path, headers={"host": "localhost", **headers}) as connection:
        try:
            return str(await connection.receive())
        except WebsocketResponseError as refused:
            return refused.response.status_code


async def test_websockets_have_the_session_and_refuse_strangers() -> None:
    world = World()
    auth = QuartAuth(world.config())
    client = chatting(auth).test_client()
    assert await hear(client, "/open") == "nobody"
    for path in ("/required", "/vault/chat", "/nobody"):
        assert await hear(client, path) == 403
    signed_in(client, ADA, auth)
    assert await hear(client, "/open") == "Ada"
    assert await hear(client, "/required", origin="http://localhost") == "Ada"
    assert await hear(client, "/vault/chat") == "Ada"
    assert await hear(client, "/nobody") == 403


async def test_pages_of_other_origins_do_not_use_the_session_of_a_websocket() -> None:
    world = World()
    auth = QuartAuth(world.config(), websocket_origins=["https://app.example"])
    client = signed_in(chatting(auth).test_client(), ADA, auth)
    assert await hear(client, "/open", origin="https://evil.example") == "nobody"
    assert await hear(client, "/required", origin="https://evil.example") == 403
    assert await hear(client, "/vault/chat", origin="https://evil.example") == 403
    assert await hear(client, "/required", origin="https://app.example") == "Ada"


async def test_a_websocket_cannot_update_the_session() -> None:
    auth = QuartAuth(World().config())
    app = app_of(auth)

    @app.websocket("/rename")
    async def rename() -> None:
        try:
            await auth.update_session({"name": "Countess"})
        except RuntimeError as error:
            await websocket.send(str(error))

    client = signed_in(app.test_client(), ADA, auth)
    assert "no answer is left" in str(await hear(client, "/rename"))


# --- where it is mounted ------------------------------------------------------------------------


def test_app_below_a_root_path() -> None:
    world = World(base_path="/app/auth")
    auth = QuartAuth(world.config(), url_prefix="/auth")
    app = app_of(auth)
    auth.protect(app, ["/vault/*"])
    with browse(app, world, root_path="/app", base_path="/app/auth") as browser:
        turned_away = browser.get("/app/me")
        assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
        browser.follow(turned_away)
        done = browser.sign_in_oauth("fake", world.idp)
        assert done.location == "http://localhost/app/me"
        assert browser.follow(done).json() == "Alice Liddell"
        assert browser.another_browser().get("/app/vault/gold").status == 302
    assert world.logged == []


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    with browse(app_of(QuartAuth(world.config())), world, base_path="") as browser:
        assert browser.get("/me").status == 302
        sign_in(browser)
        assert browser.get("/me").status == 200
        assert browser.get("/other").status == 404


def test_prefix_that_is_not_the_base_path_works_and_warns_once() -> None:
    world = World()
    app = app_of(QuartAuth(world.config(), url_prefix="/account"))
    with browse(app, world, base_path="/account") as browser:
        assert browser.session() is None
        assert browser.session() is None
        assert browser.get("/account/signin").status == 200
    assert len([line for line in world.logged if "[base-path]" in line and "session" in line]) == 1


def test_percent_encoded_route_is_taken_as_quart_took_it() -> None:
    world = World()
    with browse(app_of(QuartAuth(world.config())), world) as browser:
        assert browser.get("/auth/%73ession").json() is None
        assert browser.get("/auth/callback/%E2%82%AC").status == 302  # no such provider


def test_config_by_request_may_be_broken_for_one_tenant_only() -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)

    def choose(request: Any) -> AuthConfig[User]:
        return good if request.host == "good.localhost" else bad

    app = app_of(QuartAuth(choose))
    with browse(app, world, base_url="http://good.localhost") as browser:
        assert browser.session() is None
    with browse(app, world, base_url="http://bad.localhost") as browser:
        assert browser.get("/auth/session").status == 500


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_own_user_type_reaches_the_view() -> None:
    world = World()
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1], secret=base.secret, user=Member, now=world.now
    )
    auth = QuartAuth(config)
    app = app_of(auth)

    @app.get("/role")
    async def role() -> Response:
        session = await auth.session()
        return jsonify(session.user.role if session else "nobody")

    with browse(app, world) as browser:
        assert browser.get("/role").json() == "nobody"
        sign_in(browser)
        assert browser.get("/role").json() == "member"


async def test_client_that_goes_away_is_no_error() -> None:
    app = app_of(QuartAuth(World().config()))
    (cookie,) = session_cookies(app.extensions["authwire"], ADA)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/auth/signout",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"cookie", cookie.header().encode())],
    }
    await app(scope, receive, send)  # type: ignore[arg-type]  # Quart knows the types of a server
    assert sent == []


def test_an_answer_that_the_app_keeps_for_all_carries_nobodys_cookies() -> None:
    world = World()
    auth = QuartAuth(world.config())
    app = app_of(auth)
    kept = Response("the same for all")

    @app.get("/kept")
    async def same() -> Response:
        await auth.session()
        return kept

    with browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        assert set_names(browser.get("/kept")) == [SESSION]
        stranger = browser.another_browser()
        assert stranger.get("/kept").set_cookies == stranger.get("/kept").set_cookies == []
    assert kept.headers.getlist("set-cookie") == []
    assert kept.headers.getlist("vary") == ["Cookie"]  # what everybody may know
