from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from inspect import iscoroutine
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, Response, g, jsonify, render_template_string, request, url_for
from flask.typing import ResponseReturnValue
from tests.integrations.scenarios import SESSION, set_names, sign_in
from tests.integrations.world import World

from authwire import AuthConfig, Callbacks, ConfigError, SyncAuth, User
from authwire.config import JWTParams
from authwire.integrations.flask import FlaskAuth, current_session
from authwire.models import JSON
from authwire.runtime import PortalRuntime, drive
from authwire.testing.client import AuthClient


def browse(app: Flask, world: World, **options: Any) -> AuthClient:
    return AuthClient.wsgi(app, now=world.now, **options)


def app_of(auth: FlaskAuth[Any]) -> Flask:
    app = Flask(__name__)
    auth.init_app(app)

    @app.get("/me")
    @auth.required
    def me() -> ResponseReturnValue:
        return jsonify(current_session.user.name)

    return app


def test_template_knows_the_current_session_and_reads_it_only_if_it_looks() -> None:
    world = World()
    app = app_of(FlaskAuth(world.config()))

    @app.get("/looks")
    def looks() -> str:
        return render_template_string(
            "{% if current_session %}{{ current_session.user.name }}{% else %}nobody{% endif %}"
        )

    @app.get("/does-not")
    def does_not() -> str:
        return render_template_string("hello")

    browser = browse(app, world)
    assert browser.get("/looks").text == "nobody"
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    quiet = browser.get("/does-not")
    assert (quiet.set_cookies, quiet.headers.get("vary")) == ([], None)
    looked = browser.get("/looks")
    assert looked.text == "Ada"
    assert set_names(looked) == [SESSION]
    assert looked.headers.get("vary") == "Cookie"


def test_current_session_outside_of_a_request_or_extension_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="needs a request"):
        str(current_session.user)
    with (
        Flask(__name__).test_request_context(),
        pytest.raises(RuntimeError, match=r"auth\.init_app"),
    ):
        str(current_session.user)


def test_requests_inside_one_app_context_do_not_share_a_session() -> None:
    world = World()
    app = app_of(FlaskAuth(world.config()))
    browser = browse(app, world)
    with app.app_context():
        g.marker = "this g lives for both requests"
        assert browser.get("/me").status == 302
        sign_in(browser)
        assert browser.get("/me").status == 200
        assert browser.another_browser().get("/me").status == 302


def test_urls_can_be_built_by_name() -> None:
    app = app_of(FlaskAuth(World().config()))
    with app.test_request_context():
        assert url_for("auth.signin") == "/auth/signin"
        assert url_for("auth.verify_request") == "/auth/verify-request"
        assert url_for("auth.callback_provider", provider="github") == "/auth/callback/github"


def test_command_prints_a_secret() -> None:
    runner = app_of(FlaskAuth(World().config())).test_cli_runner()
    first, second = (runner.invoke(args=["auth", "secret"]).output.strip() for _ in range(2))
    assert len(first) >= 43
    assert first != second


def test_form_that_another_extension_has_read_already_still_signs_in() -> None:
    world = World()
    app = app_of(FlaskAuth(world.config()))

    @app.before_request
    def like_a_csrf_extension() -> None:
        request.form.get("csrf_token")

    sign_in(browse(app, world))


def _chunked(app: Flask, body: bytes) -> int:
    seen: list[int] = []

    def begin(status: str, *_: Any) -> Callable[[bytes], object]:
        seen.append(int(status[:3]))
        return lambda _: None

    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/auth/signin/email",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
    }
    app(environ, begin)
    return seen[0]


def test_body_without_a_length_is_read_up_to_the_limit() -> None:
    app = app_of(FlaskAuth(World().config()))
    assert _chunked(app, b"email=a%40example.com") == 302
    assert _chunked(app, b"x" * ((1 << 20) + 1)) == 413


class InlineApp(Flask):
    def async_to_sync(self, func: Callable[..., Coroutine[Any, Any, Any]]) -> Any:
        return lambda *args, **kwargs: drive(func(*args, **kwargs))  # without asgiref


class OwnEnsureApp(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = func(*args, **kwargs)
            return drive(result) if iscoroutine(result) else result

        return call


@pytest.mark.parametrize("kind", [InlineApp, OwnEnsureApp])
def test_async_view_is_guarded_too(kind: type[Flask]) -> None:
    world = World()
    auth = FlaskAuth(world.config())
    app = kind(__name__)
    auth.init_app(app)

    @app.get("/async")
    @auth.required
    async def view() -> str:
        return "done"

    browser = browse(app, world)
    assert browser.get("/async").status == 302
    sign_in(browser)
    assert browser.get("/async").text == "done"


def test_plain_view_that_returns_a_coroutine_is_left_to_the_app() -> None:
    world = World()
    auth = FlaskAuth(world.config())
    app = OwnEnsureApp(__name__)
    auth.init_app(app)

    async def later(word: str) -> str:
        return word

    app.add_url_rule("/later", "later", auth.required(lambda: later("done")))
    browser = browse(app, world)
    sign_in(browser)
    assert browser.get("/later").text == "done"


def test_app_may_be_given_at_once_and_a_sync_auth_shared() -> None:
    world = World()
    app = Flask(__name__)
    shared = SyncAuth(world.config())
    auth = FlaskAuth(shared, app)
    assert auth.auth is shared
    assert browse(app, world).session() is None


async def _slow_jwt(params: JWTParams[User]) -> JSON:
    return {**params.token, "name": "from a coroutine"}


def test_async_callback_needs_the_portal() -> None:
    world = World()
    config = world.config(callbacks=Callbacks(jwt=_slow_jwt))
    with pytest.raises(ConfigError, match=r"callbacks\.jwt"):
        FlaskAuth(config)
    runtime = PortalRuntime()
    browser = browse(app_of(FlaskAuth(config, runtime=runtime)), world)
    sign_in(browser)
    assert browser.get("/me").json() == "from a coroutine"
    runtime.close()


def test_hook_that_reads_the_session_adds_nothing_to_the_routes() -> None:
    world = World()
    auth = FlaskAuth(world.config())
    app = app_of(auth)

    @app.before_request
    def load_user() -> None:
        g.user = auth.session()

    browser = browse(app, world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.sign_out()
    assert set_names(answer).count(SESSION) == 1
    assert "vary" not in answer.headers


# --- protection -----------------------------------------------------------------------------------------


def test_protecting_everything_leaves_the_way_in_open() -> None:
    world = World()
    auth = FlaskAuth(world.config())
    app = app_of(auth)
    auth.protect(app, ["/*"], public=["/health"])

    @app.get("/health")
    def health() -> str:
        return "fine"

    browser = browse(app, world)
    assert browser.get("/health").status == 200
    page = browser.get("/anything", follow=True)
    assert page.status == 200
    assert page.url.startswith("http://localhost/auth/signin?")
    sign_in(browser)
    assert browser.get("/anything").status == 404


def test_authorized_callback_answers_for_itself() -> None:
    world = World()
    callbacks: Callbacks[User] = Callbacks(authorized=lambda _: False)
    auth = FlaskAuth(world.config(callbacks=callbacks))
    app = app_of(auth)
    auth.protect(app, ["/me"])
    browser = browse(app, world)
    sign_in(browser)
    assert browser.get("/me").status == 302


# --- where it is mounted --------------------------------------------------------------------------------


def test_app_below_a_script_name() -> None:
    world = World(base_path="/app/auth")
    auth = FlaskAuth(world.config(), url_prefix="/auth")
    browser = browse(app_of(auth), world, script_name="/app", base_path="/app/auth")
    turned_away = browser.get("/app/me")
    assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
    browser.follow(turned_away)
    done = browser.sign_in_oauth("fake", world.idp)
    assert done.location == "http://localhost/app/me"
    assert browser.follow(done).json() == "Alice Liddell"


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    browser = browse(app_of(FlaskAuth(world.config())), world, base_path="")
    assert browser.get("/me").status == 302
    sign_in(browser)
    assert browser.get("/me").status == 200
    assert browser.get("/other").status == 404


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_own_user_type_reaches_the_view() -> None:
    world = World()
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1], secret=base.secret, user=Member, now=world.now
    )
    auth = FlaskAuth(config)
    app = app_of(auth)

    @app.get("/role")
    @auth.required
    def role() -> Response:
        return jsonify(auth.current_session.user.role)

    browser = browse(app, world)
    sign_in(browser)
    assert browser.get("/role").json() == "member"


def test_an_answer_that_the_app_keeps_for_all_carries_nobodys_cookies() -> None:
    world = World()
    auth = FlaskAuth(world.config())
    app = app_of(auth)
    kept = Response("the same for all")

    @app.get("/kept")
    def same() -> Response:
        auth.session()
        return kept

    browser = browse(app, world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    assert set_names(browser.get("/kept")) == [SESSION]
    stranger = browser.another_browser()
    assert stranger.get("/kept").set_cookies == stranger.get("/kept").set_cookies == []
    assert kept.headers.getlist("set-cookie") == []
    assert kept.headers.getlist("vary") == ["Cookie"]  # what everybody may know
