from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from bottle import Bottle, HTTPError, HTTPResponse, PluginError, abort, redirect, request
from tests.integrations.scenarios import LOGIN, SESSION, set_names, sign_in
from tests.integrations.world import ADA, World

from authwire import AuthConfig, Callbacks, JWTConfig, SyncAuth, User, has_role
from authwire.config import AuthorizedParams, JWTDecodeParams, JWTEncodeParams
from authwire.integrations.bottle import BottleAuth
from authwire.providers import Credentials
from authwire.testing import signed_in
from authwire.testing.client import AuthClient

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # WebOb imports cgi
    from webtest import TestApp  # type: ignore[import-untyped]  # WebTest has no types

JSON = {"accept": "application/json"}


def browse(app: Bottle, world: World, **options: Any) -> AuthClient:
    return AuthClient.wsgi(app, now=world.now, **options)


def in_silence(app: Bottle) -> Any:
    """``app``, whose errors nobody hears."""
    return lambda environ, start: app({**environ, "wsgi.errors": StringIO()}, start)


def app_of(auth: BottleAuth[Any]) -> Bottle:
    app = Bottle()
    app.install(auth)

    @app.get("/me", auth=True)
    def me() -> str:
        return auth.required_session().user.name or ""

    return app


# --- route configuration --------------------------------------------------------------------------------


def test_configuration_of_the_app_goes_for_routes_that_say_nothing_else() -> None:
    world = World()
    app = app_of(BottleAuth(world.config()))
    app.config["auth"] = True
    app.get("/closed", callback=lambda: "closed")
    app.get("/open", callback=lambda: "open", auth=False)
    browser = browse(app, world)
    assert browser.get("/closed").status == 302
    assert browser.get("/open").text == "open"
    assert browser.session() is None  # the routes of Authwire stay open
    sign_in(browser)
    assert browser.get("/closed").text == "closed"


def test_route_may_name_a_role() -> None:
    world = World()
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1], secret=base.secret, user=Member, now=world.now
    )
    app = app_of(BottleAuth(config))
    app.get("/members", callback=lambda: "m", auth=has_role("member"))
    app.get("/admins", callback=lambda: "a", auth=has_role("admin"))
    browser = browse(app, world)
    assert browser.get("/admins").status == 302
    sign_in(browser)
    assert [browser.get(path).status for path in ("/members", "/admins")] == [200, 403]


def test_keyword_may_have_another_name() -> None:
    world = World()
    app = Bottle()
    app.install(BottleAuth(world.config(), keyword="login"))
    app.get("/a", callback=lambda: "a", login=True)
    app.get("/b", callback=lambda: "b", auth="another plugin's")
    browser = browse(app, world)
    assert [browser.get(path).status for path in ("/a", "/b")] == [302, 200]


def test_misspelt_configuration_lets_nobody_in() -> None:
    world = World()
    app = app_of(BottleAuth(world.config()))
    app.get("/typo", callback=lambda: "open", auth="admin")
    app.config["catchall"] = False
    browser = browse(app, world)
    sign_in(browser)
    with pytest.raises(PluginError, match="auth= takes True, False or a function, not 'admin'"):
        browser.get("/typo")


def test_second_plugin_in_one_app_is_refused() -> None:
    app = app_of(BottleAuth(World().config()))
    with pytest.raises(PluginError, match="already"):
        app.install(BottleAuth(World().config()))


def test_skipping_the_plugin_leaves_the_session_readable() -> None:
    world = World()
    auth = BottleAuth(world.config())
    app = app_of(auth)
    app.config["auth"] = True
    for path, skip in (("/one", auth), ("/two", "authwire"), ("/three", True)):
        app.get(path, callback=lambda: str(auth.session() is not None), skip=skip)
    browser = browse(app, world)
    assert [browser.get(path).text for path in ("/one", "/two", "/three")] == ["False"] * 3
    sign_in(browser)
    assert browser.get("/three").text == "True"


def test_app_without_the_plugin_is_told_so() -> None:
    auth = BottleAuth(World().config())
    app = Bottle()
    app.config["catchall"] = False
    app.get("/", callback=auth.session)
    with pytest.raises(RuntimeError, match=r"app\.install\(auth\)"):
        browse(app, World()).get("/")


# --- refusals -------------------------------------------------------------------------------------------


def test_error_handlers_of_the_app_see_the_refusals() -> None:
    world = World()
    auth = BottleAuth(world.config())
    app = app_of(auth)
    app.get("/never", callback=lambda: "", auth=lambda _: False)

    @app.error(401)
    def strangers(error: HTTPError) -> str:
        return f"who are you? {error.body}"

    @app.error(403)
    def others(error: HTTPError) -> str:
        return "not for you"

    browser = browse(app, world)
    answer = browser.get("/me", headers=JSON)
    assert (answer.status, answer.text) == (401, "who are you? Not authenticated")
    assert (answer.headers.get("www-authenticate") or "").startswith("Bearer")
    assert browser.get("/me").status == 302
    sign_in(browser)
    forbidden = browser.get("/never")
    assert (forbidden.status, forbidden.text) == (403, "not for you")


def test_required_session_stops_a_handler_in_its_middle() -> None:
    world = World()
    auth = BottleAuth(world.config())
    app = app_of(auth)

    @app.get("/greet/<name>")
    def greet(name: str) -> str:
        if name == "nobody":
            return "hello"
        return f"hello {auth.required_session().user.name}"

    browser = browse(app, world)
    assert browser.get("/greet/nobody").text == "hello"
    assert browser.get("/greet/me").status == 302
    assert browser.get("/greet/me", headers=JSON).status == 401


# --- cookies --------------------------------------------------------------------------------------------

NOT_FOUND = HTTPError(404, "kept by the app and raised again and again")
TEAPOT = HTTPResponse("teapot", 418)


def every_way_to_answer(auth: BottleAuth[Any]) -> Bottle:
    app = app_of(auth)

    def read_then(end: Callable[[], Any]) -> Callable[[], Any]:
        def handler() -> Any:
            assert auth.session() is not None
            return end()

        return handler

    def broken() -> None:
        raise ZeroDivisionError

    def raised() -> None:
        raise NOT_FOUND

    def generator() -> Iterator[str]:
        yield auth.required_session().user.name or ""
        yield "!"

    app.get("/abort", callback=read_then(lambda: abort(409, "no")))
    app.get("/redirect", callback=read_then(lambda: redirect("/elsewhere")))
    app.get("/raised", callback=read_then(raised))
    app.get("/returned", callback=read_then(lambda: TEAPOT))
    app.get("/file", callback=read_then(lambda: BytesIO(b"file")))
    app.get("/empty", callback=read_then(lambda: HTTPResponse(status=204)))
    app.get("/broken", callback=read_then(broken))
    app.get("/generator", callback=generator)
    return app


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/me", 200),
        ("/abort", 409),
        ("/redirect", 303),
        ("/raised", 404),
        ("/returned", 418),
        ("/file", 200),
        ("/empty", 204),
        ("/broken", 500),
        ("/generator", 200),
    ],
)
def test_every_kind_of_answer_carries_the_rolled_cookie_once(path: str, status: int) -> None:
    world = World()
    browser = browse(in_silence(every_way_to_answer(BottleAuth(world.config()))), world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.get(path)
    assert answer.status == status
    assert set_names(answer) == [SESSION]
    assert answer.headers.get_all("vary") == ["Cookie"]
    assert browser.get(path).set_cookies == []


@pytest.mark.parametrize("path", ["/raised", "/returned"])
def test_answer_that_is_used_again_keeps_nobodys_cookie(path: str) -> None:
    world = World()
    auth = BottleAuth(world.config())
    app = every_way_to_answer(auth)
    app.get("/raised/plain", callback=lambda: abort_with(NOT_FOUND))
    app.get("/returned/plain", callback=lambda: TEAPOT)
    browser = browse(app, world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    assert set_names(browser.get(path)) == [SESSION]
    stranger = browser.another_browser().get(f"{path}/plain")
    assert stranger.set_cookies == []
    assert "vary" not in stranger.headers


def abort_with(error: HTTPError) -> None:
    raise error


def test_generator_is_guarded_before_it_starts() -> None:
    world = World()
    auth = BottleAuth(world.config())
    app = app_of(auth)
    started: list[bool] = []

    @app.get("/stream")
    @auth.required
    def stream() -> Iterator[str]:
        started.append(True)
        yield "secret"

    browser = browse(app, world)
    assert browser.get("/stream").status == 302
    assert not started
    sign_in(browser)
    assert browser.get("/stream").text == "secret"


def test_token_is_not_decoded_for_a_handler_that_does_not_ask() -> None:
    world = World()
    decoded: list[str] = []

    def encode(params: JWTEncodeParams) -> str:
        return json.dumps(params.token)

    def decode(params: JWTDecodeParams) -> dict[str, Any]:
        decoded.append(params.salt)
        return dict(json.loads(params.token))

    auth = BottleAuth(world.config(jwt=JWTConfig(encode=encode, decode=decode)))
    app = app_of(auth)
    auth.protect(app, ["/vault/*"])
    app.get("/quiet", callback=lambda: "quiet")
    browser = browse(app, world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    decoded.clear()
    answer = browser.get("/quiet")
    assert (answer.set_cookies, answer.headers.get("vary"), decoded) == ([], None, [])
    browser.get("/me")
    assert decoded == [SESSION]


def test_hook_that_reads_the_session_adds_nothing_to_the_routes() -> None:
    world = World()
    auth = BottleAuth(world.config())
    app = app_of(auth)
    app.add_hook("before_request", auth.session)
    browser = browse(app, world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.sign_out()
    assert set_names(answer).count(SESSION) == 1
    assert "vary" not in answer.headers


# --- routes and forms -----------------------------------------------------------------------------------


def test_urls_can_be_built_by_name() -> None:
    world = World()
    app = app_of(BottleAuth(world.config()))
    app.get(
        "/names",
        callback=lambda: {
            "names": [
                app.get_url("auth.signin"),
                app.get_url("auth.verify-request"),
                app.get_url("auth.callback_provider", provider="github"),
            ]
        },
    )
    assert browse(app, world).get("/names").json() == {
        "names": ["/auth/signin", "/auth/verify-request", "/auth/callback/github"]
    }


def test_catch_all_of_the_app_does_not_swallow_the_routes() -> None:
    world = World()
    app = app_of(BottleAuth(world.config()))
    app.get("/<path:path>", callback=lambda path: f"app {path}")
    app.post("/<path:path>", callback=lambda path: f"app {path}")
    browser = browse(app, world)
    sign_in(browser)
    assert browser.get("/auth/session").json()["user"]["name"] == "Ada"
    assert browser.get("/other").text == "app other"


def test_form_that_a_hook_has_read_already_still_signs_in() -> None:
    world = World()
    app = app_of(BottleAuth(world.config()))
    app.add_hook("before_request", lambda: request.forms.get("csrf"))
    sign_in(browse(app, world))


def test_text_of_a_form_reaches_the_provider_as_it_was_typed() -> None:
    world = World()
    typed: list[str] = []

    def authorize(form: Any, _: Any) -> User | None:
        typed.append(form["pin"])
        return User(id="1", name="Zoë") if form["pin"] == "päss wörd €" else None

    config = world.config(providers=[Credentials(authorize=authorize)])
    auth = BottleAuth(config)
    app = app_of(auth)
    app.post("/enter", callback=lambda: auth.sign_in("credentials", form=request.forms))
    browser = browse(app, world)
    assert browser.post("/enter", form={"pin": "päss wörd €"}).status == 302
    assert browser.get("/me").text == "Zoë"
    assert typed == ["päss wörd €"]


def test_form_that_is_no_utf_8_is_a_bad_request() -> None:
    auth = BottleAuth(World().config())
    app = app_of(auth)
    app.post("/enter", callback=lambda: auth.sign_in("credentials", form=request.forms))
    assert post(app, "/enter", b"email=%FF%FE", CONTENT_LENGTH="12") == 400


def post(app: Bottle, path: str, body: bytes, **environ: Any) -> int:
    seen: list[int] = []

    def begin(status: str, *_: Any) -> Callable[[bytes], object]:
        seen.append(int(status[:3]))
        return lambda _: None

    app(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "wsgi.url_scheme": "http",
            "wsgi.errors": BytesIO(),
            "wsgi.input": BytesIO(body),
            **environ,
        },
        begin,
    )
    return seen[0]


def test_body_is_read_up_to_the_limit_whether_its_length_is_known_or_not() -> None:
    app = app_of(BottleAuth(World().config()))
    ended: dict[str, Any] = {"wsgi.input_terminated": True}
    small, large = b"email=a%40example.com", b"x" * ((1 << 20) + 1)
    assert post(app, "/auth/signin/email", small, **ended) == 302
    assert post(app, "/auth/signin/email", large, **ended) == 413
    assert post(app, "/auth/signin/email", large, CONTENT_LENGTH=str(len(large))) == 413
    assert post(app, "/auth/signin/email", small, CONTENT_LENGTH="many") == 413
    assert post(app, "/auth/signin/email", small) == 302


def test_passkeys_are_those_of_whoever_is_signed_in() -> None:
    world = World()
    auth = BottleAuth(world.config())
    app = app_of(auth)
    app.get("/keys", callback=lambda: str(len(auth.passkeys().list())))
    browser = browse(app, world)
    sign_in(browser)
    assert browser.get("/keys").text == "0"


# --- protection -----------------------------------------------------------------------------------------


def test_protecting_everything_leaves_the_way_in_open() -> None:
    world = World()
    auth = BottleAuth(world.config())
    app = app_of(auth)
    auth.protect(app, ["/*"], public=["/health"])
    app.get("/health", callback=lambda: "fine")
    browser = browse(app, world)
    assert browser.get("/health").status == 200
    page = browser.get("/anything", follow=True)
    assert page.status == 200
    assert page.url.startswith("http://localhost/auth/signin?")
    sign_in(browser)
    assert browser.get("/anything").status == 404


def test_callback_judges_the_path_that_bottle_routes() -> None:
    world = World()
    seen: list[str] = []

    def authorized(params: AuthorizedParams[User]) -> bool:
        seen.append(params.request.path)
        return not params.request.path.startswith("/vault")

    auth = BottleAuth(world.config(callbacks=Callbacks(authorized=authorized)))
    app = app_of(auth)
    auth.protect(app, ["/*"])
    app.get("/vault/gold", callback=lambda: "gold")
    # Bottle leaves out bytes that are no UTF-8, so this is /vault/gold to its router.
    assert browse(app, world).get("/va%FFult/gold").status == 302
    assert seen == ["/vault/gold"]


# --- where it is mounted --------------------------------------------------------------------------------


def child_of(auth: BottleAuth[Any]) -> Bottle:
    child = app_of(auth)
    auth.protect(child, ["/vault/*"], public=["/vault/open", "/app/vault/open"])
    child.get("/vault/<name>", callback=lambda name: name, skip=True)
    return child


def test_mounted_app_keeps_its_routes_cookies_and_protection() -> None:
    world = World(base_path="/app/auth")
    outer = Bottle()
    outer.get("/vault/gold", callback=lambda: "the outer app's own")
    outer.mount("/app/", child_of(BottleAuth(world.config(), prefix="/auth")))
    browser = browse(outer, world, base_path="/app/auth")
    assert browser.get("/vault/gold").text == "the outer app's own"
    assert browser.get("/app/vault/open").text == "open"
    assert browser.get("/app/vault/gold").status == 302
    turned_away = browser.get("/app/me")
    assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
    browser.follow(turned_away)
    done = browser.sign_in_oauth("fake", world.idp)
    assert done.location == "http://localhost/app/me"
    world.pass_time(timedelta(days=2))
    rolled = browser.follow(done)
    assert rolled.text == "Alice Liddell"
    assert set_names(rolled) == [SESSION]
    assert browser.get("/app/vault/gold").text == "gold"


def test_app_mounted_twice_over_and_protected_afterwards() -> None:
    world = World(base_path="/a/b/auth")
    auth = BottleAuth(world.config(), prefix="/auth")
    child, middle, outer = app_of(auth), Bottle(), Bottle()
    child.get("/vault/<name>", callback=lambda name: name)
    middle.mount("/b/", child)
    outer.mount("/a/", middle)
    auth.protect(child, ["/vault/*"])
    browser = browse(outer, world, base_path="/a/b/auth")
    assert browser.get("/a/b/vault/gold").status == 302
    assert browser.sign_in_credentials(LOGIN).status == 302
    world.pass_time(timedelta(days=2))
    assert set_names(browser.get("/a/b/vault/gold")) == [SESSION]


def test_plugin_in_both_the_outer_and_the_mounted_app() -> None:
    world = World()
    auth = BottleAuth(world.config())
    outer, child = app_of(auth), Bottle()
    child.install(auth)
    child.get("/name", callback=lambda: auth.required_session().user.name, auth=True)
    outer.mount("/child/", child)
    browser = browse(outer, world)
    assert browser.get("/child/name").status == 302
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.get("/child/name")
    assert answer.text == "Ada"
    assert set_names(answer) == [SESSION]


def test_protected_app_below_a_wildcard_is_refused() -> None:
    child = child_of(BottleAuth(World().config()))
    with pytest.raises(ValueError, match="below a wildcard"):
        Bottle().mount("/<tenant>/", child)


def test_merged_routes_take_their_protection_along() -> None:
    world = World()
    auth = BottleAuth(world.config())
    inner, outer = app_of(auth), Bottle()
    auth.protect(inner, ["/vault/*"])
    inner.get("/vault/<name>", callback=lambda name: name)
    outer.merge(inner)
    outer.config["catchall"] = False
    with pytest.raises(RuntimeError, match=r"app\.install\(auth\)"):
        browse(outer, world).get("/vault/gold")
    served = Bottle()
    served.install(auth)
    served.merge(inner)
    browser = browse(served, world)
    assert browser.get("/vault/gold").status == 302
    sign_in(browser)
    assert browser.get("/vault/gold").text == "gold"


def test_plain_wsgi_routes_can_be_mounted_too() -> None:
    world = World()
    shared = SyncAuth(world.config())
    auth = BottleAuth(shared)
    app = Bottle()
    app.mount("/auth/", shared.wsgi)
    app.install(auth)
    app.get("/me", callback=lambda: auth.required_session().user.name, auth=True)
    browser = browse(app, world)
    sign_in(browser)
    assert browser.get("/me").text == "Ada"


def test_app_below_a_script_name() -> None:
    world = World(base_path="/app/auth")
    auth = BottleAuth(world.config(), prefix="/auth")
    browser = browse(app_of(auth), world, script_name="/app", base_path="/app/auth")
    turned_away = browser.get("/app/me")
    assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
    browser.follow(turned_away)
    done = browser.sign_in_oauth("fake", world.idp)
    assert done.location == "http://localhost/app/me"
    assert browser.follow(done).text == "Alice Liddell"


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    browser = browse(app_of(BottleAuth(world.config())), world, base_path="")
    assert browser.get("/me").status == 302
    sign_in(browser)
    assert browser.get("/me").status == 200
    assert browser.get("/other").status == 404


def test_config_by_request_may_be_broken_for_one_tenant_only() -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)
    app = app_of(BottleAuth(lambda r: good if r.host == "good.localhost" else bad))
    assert browse(app, world, base_url="http://good.localhost").session() is None
    assert browse(app, world, base_url="http://bad.localhost").get("/auth/session").status == 500


# --- in tests, and with types ---------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_client_of_webtest_can_be_signed_in(strategy: str) -> None:
    auth = BottleAuth(World(strategy=strategy).config())
    client = signed_in(TestApp(app_of(auth)), User(id="1", name="Ada", email=ADA), auth)
    assert client.get("/me").text == "Ada"


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_own_user_type_and_native_request_reach_the_app() -> None:
    world = World()
    asked: list[str] = []

    def authorize(form: Any, received: Any) -> Member:
        asked.append(received.native.get_header("X-Marker"))
        return Member(id="1", role="admin")

    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=[Credentials(authorize=authorize)],
        secret=base.secret,
        user=Member,
        now=world.now,
    )
    auth = BottleAuth(config)
    app = app_of(auth)
    app.get("/role", callback=lambda: auth.required_session().user.role)
    app.post("/enter", callback=lambda: auth.sign_in("credentials"))
    browser = browse(app, world)
    browser.post("/enter", headers={"x-marker": "seen"})
    assert browser.get("/role").text == "member"  # the token keeps no role by itself
    assert asked == ["seen"]
