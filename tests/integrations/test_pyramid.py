from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from types import ModuleType
from typing import Any

import pytest
from tests.integrations.scenarios import LOGIN, SESSION, set_names, sign_in
from tests.integrations.world import ADA, World, is_ada

from authwire import AuthConfig, Callbacks, JWTConfig, SyncAuth, User
from authwire.config import AuthorizedParams, JWTDecodeParams, JWTEncodeParams
from authwire.runtime.wsgi import WSGIApp
from authwire.testing import signed_in
from authwire.testing.client import AuthClient

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Pyramid imports cgi and pkg_resources
    from pyramid.authorization import Allow, Authenticated
    from pyramid.config import Configurator
    from pyramid.events import NewRequest
    from pyramid.exceptions import ConfigurationConflictError, ConfigurationError
    from pyramid.httpexceptions import HTTPForbidden, HTTPFound, HTTPNotFound
    from pyramid.request import Request
    from pyramid.response import Response
    from pyramid.scripting import prepare
    from pyramid.security import forget, remember
    from pyramid.view import view_config, view_defaults
    from webtest import TestApp

    from authwire.integrations.pyramid import PyramidAuth

ACCEPT_JSON = {"accept": "application/json"}


def browse(app: WSGIApp, world: World, **options: Any) -> AuthClient:
    return AuthClient.wsgi(app, now=world.now, **options)


def configured(auth: PyramidAuth[Any], **options: Any) -> Any:
    config = Configurator(**options)
    config.include(auth.includeme)
    return config


def page(config: Any, path: str, view: Any, **options: Any) -> None:
    config.add_route(path, path)
    config.add_view(view, route_name=path, renderer="string", **options)


def me(request: Any) -> str:
    return request.auth_session.user.name if request.auth_session else "nobody"


# --- configuration --------------------------------------------------------------------------------------


def test_setting_names_the_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = PyramidAuth(World().config())
    security = ModuleType("security_of_some_app")
    vars(security)["auth"] = auth
    monkeypatch.setitem(sys.modules, security.__name__, security)
    config = Configurator(settings={"authwire.auth": "security_of_some_app:auth"})
    config.include("authwire.integrations.pyramid")
    page(config, "/me", auth.required(me))
    assert browse(config.make_wsgi_app(), World()).get("/me").status == 302


def test_app_without_an_integration_does_not_start() -> None:
    config = Configurator()
    config.include("authwire.integrations.pyramid")
    with pytest.raises(ConfigurationError, match=r"config\.set_authwire\(auth\)"):
        config.make_wsgi_app()


def test_list_of_tweens_without_ours_does_not_start() -> None:
    auth = PyramidAuth(World().config())
    settings = {"pyramid.tweens": "pyramid.tweens.excview_tween_factory"}
    with pytest.raises(ConfigurationError, match=r"must name authwire\.integrations\.pyramid"):
        configured(auth, settings=settings).make_wsgi_app()
    settings["pyramid.tweens"] += "\nauthwire.integrations.pyramid.tween_factory"
    configured(auth, settings=settings).make_wsgi_app()


def test_two_integrations_in_one_app_are_a_conflict() -> None:
    config = configured(PyramidAuth(World().config()))
    config.include(PyramidAuth(World().config()).includeme)
    with pytest.raises(ConfigurationConflictError):
        config.make_wsgi_app()


def test_protection_of_an_app_that_has_not_included_it_is_refused() -> None:
    auth = PyramidAuth(World().config())
    with pytest.raises(ConfigurationError, match=r"config\.include\(auth\.includeme\)"):
        auth.protect(Configurator(), ["/*"])


# --- security policy ------------------------------------------------------------------------------------


class Root:
    __acl__ = (
        (Allow, Authenticated, "view"),
        (Allow, f"user:id of {ADA}", "own"),
        (Allow, "role:member", "join"),
    )

    def __init__(self, request: Any) -> None:
        self.request = request


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def members(world: World) -> AuthConfig[Member]:
    base = world.config()
    return AuthConfig(providers=base.providers[:1], secret=base.secret, user=Member, now=world.now)


def test_permissions_are_decided_by_the_acl_of_the_context() -> None:
    world = World()
    auth = PyramidAuth(members(world), principals=lambda s: [f"role:{s.user.role}"])
    config = configured(auth, root_factory=Root)
    for permission in ("view", "own", "join", "destroy"):
        page(config, f"/{permission}", me, permission=permission)
    browser = browse(config.make_wsgi_app(), world)
    paths = ("/view", "/own", "/join", "/destroy")
    assert [browser.get(path).status for path in paths] == [302] * 4
    assert [browser.get(path, headers=ACCEPT_JSON).status for path in paths] == [401] * 4
    sign_in(browser)
    assert [browser.get(path).status for path in paths] == [200, 200, 200, 403]
    sign_in(browser, "eve@example.com")
    assert [browser.get(path).status for path in paths] == [200, 403, 200, 403]


def test_pyramids_own_attributes_know_who_is_there() -> None:
    world = World()
    config = configured(PyramidAuth(world.config()))

    def whoami(request: Any) -> Any:
        identity = request.identity
        return json.dumps(
            [
                request.is_authenticated,
                request.authenticated_userid,
                identity and identity.user.name,
            ]
        )

    page(config, "/", whoami)
    browser = browse(config.make_wsgi_app(), world)
    assert browser.get("/").json() == [False, None, None]
    sign_in(browser)
    assert browser.get("/").json() == [True, f"id of {ADA}", "Ada"]


def test_forget_signs_out_and_remember_is_refused() -> None:
    world = World(strategy="database")
    config = configured(PyramidAuth(world.config()))
    page(config, "/bye", lambda request: HTTPFound("/", headers=forget(request)))
    page(config, "/hi", lambda request: HTTPFound("/", headers=remember(request, "1")))
    browser = browse(config.make_wsgi_app(), world)
    sign_in(browser)
    assert set_names(browser.get("/bye")).count(SESSION) == 1
    assert SESSION not in browser.cookies
    assert not world.adapter.sessions
    with pytest.raises(NotImplementedError, match=r"auth\.sign_in"):
        browser.get("/hi")


def test_untrusted_host_has_nobody_signed_in_and_no_error() -> None:
    world = World()
    auth = PyramidAuth(world.config(trust_host=["app.example"]))
    config = configured(auth, root_factory=Root)
    page(config, "/health", lambda request: str(request.is_authenticated))
    page(config, "/closed", me, permission="view")
    browser = browse(config.make_wsgi_app(), world)
    by_address = {"host": "10.0.0.3:8000", "cookie": f"{SESSION}=x"}
    assert browser.get("/health", headers=by_address).text == "False"
    assert browser.get("/closed", headers=by_address).status == 403


def test_default_permission_and_csrf_check_leave_the_routes_alone() -> None:
    world = World()
    config = configured(PyramidAuth(world.config()), root_factory=Root)
    config.set_default_permission("view")
    config.set_default_csrf_options(require_csrf=True)
    page(config, "/me", me)
    browser = browse(config.make_wsgi_app(), world)
    assert browser.get("/me").status == 302
    sign_in(browser)
    assert browser.get("/me").text == "Ada"


def test_forbidden_view_and_policy_of_the_app_win() -> None:
    world = World()
    auth = PyramidAuth(world.config())
    config = configured(auth)
    page(config, "/me", auth.required(me))
    page(config, "/mine", auth.require(lambda _: False)(me))
    config.add_forbidden_view(lambda exc, _: Response(f"my own: {exc.detail}", status=418))
    browser = browse(config.make_wsgi_app(), world)
    assert browser.get("/me").text == "my own: Not authenticated"
    sign_in(browser)
    assert browser.get("/mine").status == 418


# --- decorators -----------------------------------------------------------------------------------------

CLASS_AUTH = PyramidAuth(World().config())


@view_defaults(renderer="string")
class Pages:
    def __init__(self, request: Any) -> None:
        self.request = request

    @view_config(route_name="method")
    @CLASS_AUTH.required
    def method(self) -> str:
        return me(self.request)

    @view_config(route_name="condition", decorator=CLASS_AUTH.require(is_ada))
    def condition(self) -> str:
        return me(self.request)


def test_methods_of_view_classes_are_decorated_too() -> None:
    world = World()
    config = configured(CLASS_AUTH)
    for name in ("method", "condition"):
        config.add_route(name, f"/{name}")
        config.add_view(Pages, attr=name, route_name=name, renderer="string")
    config.add_view(
        Pages,
        attr="condition",
        name="guarded",
        renderer="string",
        decorator=CLASS_AUTH.require(is_ada),
    )
    browser = browse(config.make_wsgi_app(), world)
    assert [browser.get(path).status for path in ("/method", "/guarded")] == [302, 302]
    sign_in(browser, "eve@example.com")
    assert [browser.get(path).status for path in ("/method", "/guarded")] == [200, 403]


def test_functions_take_the_request_or_the_context_and_the_request() -> None:
    world = World()
    auth = PyramidAuth(world.config())

    @auth.required
    def both(context: Any, request: Any) -> str:
        return me(request)

    @auth.required
    def one(request: Any, greeting: str = "hello") -> str:
        return f"{greeting} {me(request)}"

    config = configured(auth)
    page(config, "/both", both)
    page(config, "/one", one)
    browser = browse(config.make_wsgi_app(), world)
    assert browser.get("/both").status == 302
    sign_in(browser)
    assert [browser.get(path).text for path in ("/both", "/one")] == ["Ada", "hello Ada"]


def test_view_without_a_request_is_told_so() -> None:
    view = PyramidAuth(World().config()).required(lambda thing: thing)
    with pytest.raises(TypeError, match="must take the request"):
        view("not a request")


# --- cookies --------------------------------------------------------------------------------------------

KEPT = Response("kept by the app and given again and again")
KEPT_ERROR = HTTPNotFound("kept too")


def read_then(end: Callable[[], Any]) -> Callable[[Any], Any]:
    def view(request: Any) -> Any:
        assert request.auth_session is not None
        return end()

    return view


def throw(error: BaseException) -> Any:
    raise error


def pieces() -> Iterator[bytes]:
    yield b"one "
    yield b"two"


def every_way_to_answer(auth: PyramidAuth[Any]) -> WSGIApp:
    config = configured(auth)
    page(config, "/string", read_then(lambda: "text"))
    page(config, "/raised", read_then(lambda: throw(HTTPFound("/elsewhere"))))
    page(config, "/returned", read_then(lambda: HTTPFound("/elsewhere")))
    page(config, "/forbidden", read_then(lambda: throw(HTTPForbidden())))
    page(config, "/missing", read_then(lambda: throw(KEPT_ERROR)))
    page(config, "/kept", read_then(lambda: KEPT))
    page(config, "/stream", read_then(lambda: Response(app_iter=pieces())))
    page(config, "/broken", read_then(lambda: throw(ZeroDivisionError())))
    page(config, "/plain/missing", lambda _: throw(KEPT_ERROR))
    page(config, "/plain/kept", lambda _: KEPT)
    config.add_exception_view(lambda *_: Response(status=500), context=ZeroDivisionError)
    return config.make_wsgi_app()  # type: ignore[no-any-return]  # Pyramid has no types


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/string", 200, "text"),
        ("/raised", 302, "302 Found"),
        ("/returned", 302, "302 Found"),
        ("/forbidden", 403, "403 Forbidden"),
        ("/missing", 404, "kept too"),
        ("/kept", 200, "kept by the app"),
        ("/stream", 200, "one two"),
        ("/broken", 500, ""),
    ],
)
def test_every_kind_of_answer_carries_the_rolled_cookie_once(
    path: str, status: int, text: str
) -> None:
    world = World()
    browser = browse(every_way_to_answer(PyramidAuth(world.config())), world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.get(path)
    assert answer.status == status
    assert text in answer.text
    assert set_names(answer) == [SESSION]
    assert "Cookie" in answer.headers.get_all("vary")
    assert browser.get(path).set_cookies == []


@pytest.mark.parametrize("name", ["missing", "kept"])
def test_answer_that_is_used_again_keeps_nobodys_cookie(name: str) -> None:
    world = World()
    browser = browse(every_way_to_answer(PyramidAuth(world.config())), world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    assert set_names(browser.get(f"/{name}")) == [SESSION]
    assert browser.another_browser().get(f"/plain/{name}").set_cookies == []


def test_token_is_not_decoded_for_a_view_that_does_not_ask() -> None:
    world = World()
    decoded: list[str] = []

    def encode(params: JWTEncodeParams) -> str:
        return json.dumps(params.token)

    def decode(params: JWTDecodeParams) -> dict[str, Any]:
        decoded.append(params.salt)
        return dict(json.loads(params.token))

    auth = PyramidAuth(world.config(jwt=JWTConfig(encode=encode, decode=decode)))
    config = configured(auth)
    auth.protect(config, ["/vault/*"])
    page(config, "/quiet", lambda _: "quiet")
    page(config, "/me", me)
    browser = browse(config.make_wsgi_app(), world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    decoded.clear()
    answer = browser.get("/quiet")
    assert (answer.set_cookies, answer.headers.get("vary"), decoded) == ([], None, [])
    browser.get("/me")
    assert decoded == [SESSION]


def test_attribute_is_new_after_an_update_and_none_after_signing_out() -> None:
    world = World()
    auth = PyramidAuth(world.config())
    config = configured(auth)

    def rename(request: Any) -> str:
        before = me(request)
        auth.update_session(request, {"name": "Countess"})
        return f"{before}, {me(request)}"

    def leave(request: Any) -> Any:
        assert request.auth_session is not None
        response = auth.sign_out(request)
        assert request.auth_session is None
        return response

    page(config, "/rename", rename)
    page(config, "/leave", leave)
    browser = browse(config.make_wsgi_app(), world)
    sign_in(browser)
    assert browser.get("/rename").text == "Ada, Countess"
    browser.get("/leave")
    assert SESSION not in browser.cookies


def test_passkeys_are_those_of_whoever_is_signed_in() -> None:
    world = World()
    auth = PyramidAuth(world.config())
    config = configured(auth)
    page(config, "/keys", lambda request: str(len(auth.passkeys(request).list())))
    browser = browse(config.make_wsgi_app(), world)
    sign_in(browser)
    assert browser.get("/keys").text == "0"


# --- protection -----------------------------------------------------------------------------------------


def test_protecting_everything_leaves_the_way_in_open() -> None:
    world = World()
    auth = PyramidAuth(world.config())
    config = configured(auth)
    auth.protect(config, ["/*"], public=["/health"])
    page(config, "/health", lambda _: "fine")
    browser = browse(config.make_wsgi_app(), world)
    assert browser.get("/health").status == 200
    shown = browser.get("/anything", follow=True)
    assert shown.status == 200
    assert shown.url.startswith("http://localhost/auth/signin?")
    sign_in(browser)
    assert browser.get("/anything").status == 404


class Folder(dict[str, Any]):
    def __init__(self, *_: Any) -> None:
        super().__init__()


def resources(_: Any) -> Folder:
    root, vault = Folder(), Folder()
    vault["gold"] = Folder()
    root["vault"] = vault
    return root


@pytest.mark.parametrize("by_callback", [False, True])
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/admin", {}),
        ("/@@admin", {}),
        ("/%40%40admin", {}),
        ("/vault/gold", {}),
        ("/gold", {"x-vhm-root": "/vault"}),
        ("/./gold", {"x-vhm-root": "/vault/"}),
        ("/x/../@@admin", {}),
    ],
)
def test_traversal_finds_no_way_around(
    path: str, headers: dict[str, str], *, by_callback: bool
) -> None:
    world = World()

    def authorized(params: AuthorizedParams[User]) -> bool:
        closed = params.request.path.startswith(("/vault", "/admin"))
        return params.session is not None or not closed

    callbacks: Callbacks[User] = Callbacks(authorized=authorized)
    auth = PyramidAuth(world.config(callbacks=callbacks) if by_callback else world.config())
    config = configured(auth, root_factory=resources)
    auth.protect(config, ["/*"] if by_callback else ["/vault/*", "/admin"])
    config.add_view(lambda *_: Response("secret"), name="admin")
    config.add_view(lambda *_: Response("secret"), context=Folder, name="")
    browser = browse(config.make_wsgi_app(), world)
    assert browser.get(path, headers=headers).status == 302
    sign_in(browser)
    assert browser.get(path, headers=headers).text == "secret"


def test_refusal_by_path_carries_the_cookie_that_the_look_at_the_session_made() -> None:
    world = World()
    callbacks: Callbacks[User] = Callbacks(authorized=lambda _: False)
    auth = PyramidAuth(world.config(callbacks=callbacks))
    config = configured(auth)
    auth.protect(config, ["/vault"])
    browser = browse(config.make_wsgi_app(), world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.get("/vault")
    assert answer.status == 302
    assert set_names(answer) == [SESSION]


# --- routes ---------------------------------------------------------------------------------------------


def test_urls_can_be_built_by_name() -> None:
    config = configured(PyramidAuth(World().config()))
    page(
        config,
        "/names",
        lambda request: json.dumps(
            [
                request.route_path("auth.signin"),
                request.route_path("auth.verify-request"),
                request.route_path("auth.callback_provider", provider="github"),
            ]
        ),
    )
    assert browse(config.make_wsgi_app(), World()).get("/names").json() == [
        "/auth/signin",
        "/auth/verify-request",
        "/auth/callback/github",
    ]


def test_form_that_a_subscriber_has_read_already_still_signs_in() -> None:
    world = World()
    config = configured(PyramidAuth(world.config()))
    config.add_subscriber(lambda event: event.request.POST.get("csrf"), NewRequest)
    sign_in(browse(config.make_wsgi_app(), world))


def test_subscriber_that_reads_the_session_adds_nothing_to_the_routes() -> None:
    world = World()
    config = configured(PyramidAuth(world.config()))
    config.add_subscriber(lambda event: event.request.auth_session, NewRequest)
    browser = browse(config.make_wsgi_app(), world)
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.sign_out()
    assert set_names(answer).count(SESSION) == 1
    assert "vary" not in answer.headers


def test_requests_of_one_kind_have_one_class() -> None:
    class OwnRequest(Request):
        """An app's own."""

    world = World()
    config = configured(PyramidAuth(world.config()), request_factory=OwnRequest)
    kinds: list[type] = []

    def view(request: Any) -> Any:
        kinds.append(type(request))
        return me(request)

    page(config, "/kind", view)
    browser = browse(config.make_wsgi_app(), world)
    assert [browser.get("/kind").text for _ in range(2)] == ["nobody", "nobody"]
    assert kinds[0] is kinds[1]
    assert issubclass(kinds[0], OwnRequest)


def test_subrequests_and_scripts_have_the_session_too() -> None:
    world = World()
    config = configured(PyramidAuth(world.config()))

    def outer(request: Any) -> Any:
        inner = Request.blank("/inner", headers={"cookie": request.headers["cookie"]})
        return request.invoke_subrequest(inner).text

    page(config, "/inner", me)
    page(config, "/outer", outer)
    browser = browse(config.make_wsgi_app(), world)
    sign_in(browser)
    assert browser.get("/outer").text == "Ada"
    with prepare(registry=config.registry) as env:
        assert env["request"].auth_session is None


def test_tests_may_put_a_session_in_place_and_apps_add_properties() -> None:
    world = World()
    config = configured(PyramidAuth(world.config()))
    config.add_request_method(lambda _: "theirs", "extra", property=True)

    def view(request: Any) -> Any:
        request.auth_session = "put in place"
        return f"{request.auth_session}, {request.extra}"

    page(config, "/put", view)
    assert browse(config.make_wsgi_app(), world).get("/put").text == "put in place, theirs"


def test_app_may_take_the_name_of_the_session_itself() -> None:
    world = World()
    config = configured(PyramidAuth(world.config()))
    config.add_request_method(lambda _: "theirs", "auth_session", property=True)
    page(config, "/name", lambda request: request.auth_session)
    assert browse(config.make_wsgi_app(), world).get("/name").text == "theirs"


def test_body_without_a_length_is_read_up_to_the_limit() -> None:
    app = configured(PyramidAuth(World().config())).make_wsgi_app()

    def post(body: bytes) -> int:
        seen: list[int] = []

        def begin(status: str, *_: Any) -> Callable[[bytes], object]:
            seen.append(int(status[:3]))
            return lambda _: None

        environ = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/auth/signin/email",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.input_terminated": True,
        }
        app(environ, begin)
        return seen[0]

    assert post(b"email=a%40example.com") == 302
    assert post(b"x" * ((1 << 20) + 1)) == 413


def test_app_below_a_script_name() -> None:
    world = World(base_path="/app/auth")
    auth = PyramidAuth(world.config(), prefix="/auth")
    config = configured(auth)
    page(config, "/me", auth.required(me))
    browser = browse(config.make_wsgi_app(), world, script_name="/app", base_path="/app/auth")
    turned_away = browser.get("/app/me")
    assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
    browser.follow(turned_away)
    done = browser.sign_in_oauth("fake", world.idp)
    assert done.location == "http://localhost/app/me"
    assert browser.follow(done).text == "Alice Liddell"


def test_included_below_a_route_prefix() -> None:
    world = World(base_path="/api/auth")
    auth = PyramidAuth(world.config(), prefix="/auth")
    config = Configurator()
    config.include(auth.includeme, route_prefix="/api")
    browser = browse(config.make_wsgi_app(), world, base_path="/api/auth")
    assert browser.sign_in_credentials(LOGIN).status == 302
    assert browser.session() is not None


def test_base_path_at_the_root_leaves_other_paths_to_the_app() -> None:
    world = World(base_path="/")
    auth = PyramidAuth(world.config())
    config = configured(auth)
    page(config, "/me", auth.required(me))
    browser = browse(config.make_wsgi_app(), world, base_path="")
    assert browser.get("/me").status == 302
    sign_in(browser)
    assert browser.get("/me").status == 200
    assert browser.get("/other").status == 404


def test_percent_encoded_route_is_taken_as_pyramid_took_it() -> None:
    world = World()
    browser = browse(configured(PyramidAuth(world.config())).make_wsgi_app(), world)
    assert browser.get("/auth/%73ession").json() is None
    assert browser.get("/auth/callback/%E2%82%AC").status == 302  # no such provider


def test_config_by_request_may_be_broken_for_one_tenant_only() -> None:
    world = World()
    good, bad = world.config(), world.config(secret=None)
    auth = PyramidAuth(lambda request: good if request.host == "good.localhost" else bad)
    app = configured(auth).make_wsgi_app()
    assert browse(app, world, base_url="http://good.localhost").session() is None
    assert browse(app, world, base_url="http://bad.localhost").get("/auth/session").status == 500


# --- in tests, and with types ---------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_client_of_webtest_can_be_signed_in(strategy: str) -> None:
    shared = SyncAuth(World(strategy=strategy).config())
    auth = PyramidAuth(shared)
    config = configured(auth)
    page(config, "/me", auth.required(me))
    client = TestApp(config.make_wsgi_app())
    client.get("/me", status=401)
    assert signed_in(client, User(id="1", name="Ada"), auth).get("/me").text == "Ada"


def test_callbacks_see_pyramids_own_request() -> None:
    world = World()
    seen: list[str] = []

    def authorized(params: AuthorizedParams[User]) -> bool:
        seen.append(params.request.native.params["x"])
        return True

    callbacks: Callbacks[User] = Callbacks(authorized=authorized)
    auth = PyramidAuth(world.config(callbacks=callbacks))
    config = configured(auth)
    auth.protect(config, ["/page"])
    page(config, "/page", me)
    browse(config.make_wsgi_app(), world).get("/page?x=7")
    assert seen == ["7"]
