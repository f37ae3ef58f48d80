from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, SynchronousOnlyOperation
from django.http import HttpResponse, JsonResponse
from django.test import AsyncClient, Client, RequestFactory
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from tests.integrations.django.projects import Projects
from tests.integrations.scenarios import LOGIN, SESSION, set_names, sign_in
from tests.integrations.test_passkeys import give_passkey
from tests.integrations.world import ADA, World, is_ada

from authwire import (
    AuthConfig,
    Callbacks,
    ConfigError,
    CredentialsSignin,
    PasskeyNotFound,
    User,
    has_role,
)
from authwire.config import JWTParams
from authwire.errors import SignOutError, UntrustedHost
from authwire.integrations.django import (
    AuthPredicateMixin,
    DjangoAuth,
    SessionRequiredMixin,
    SessionUser,
    auth,
    require,
    session_required,
)
from authwire.integrations.django.users import Stranger
from authwire.models import JSON
from authwire.providers import Passkey
from authwire.runtime import PortalRuntime
from authwire.testing import signed_in

LOCAL = {"SERVER_NAME": "localhost"}
ADA_USER = User(id="1", name="Ada", email=ADA)
JSON_ONLY = {"accept": "application/json"}


@pytest.fixture
def world() -> World:
    return World()


# --- request.auth and request.user ----------------------------------------------------------------


def test_session_is_false_and_user_a_stranger_if_nobody_is_signed_in(
    projects: Projects, world: World
) -> None:
    def view(request: Any) -> HttpResponse:
        assert not request.auth
        assert request.auth == None  # noqa: E711  # the lazy object cannot be None itself
        assert not request.user.is_authenticated
        assert auth.session(request) is None
        return HttpResponse(type(request.user._wrapped).__name__)

    assert projects.wsgi(world, world.config(), path("", view)).get("/").text == "AnonymousUser"


@pytest.mark.parametrize("way", ["wsgi", "asgi"])
def test_request_that_nobody_asks_about_is_not_looked_at(
    projects: Projects, world: World, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse("open")

    browser = getattr(projects, way)(world, world.config(), path("", view))
    sign_in(browser)
    monkeypatch.setattr("authwire.integrations.django.exchange.request_of", None)
    assert browser.get("/").text == "open"


def test_stranger_needs_no_app_of_djangos(projects: Projects, world: World) -> None:
    def view(request: Any) -> HttpResponse:
        user = request.user
        assert (user.is_authenticated, user.is_anonymous, user.is_active) == (False, True, False)
        assert (user.pk, user.id, user.get_username(), str(user)) == (None, None, "", "nobody")
        assert not user.has_perm("a.b")
        return HttpResponse(type(user._wrapped).__name__)

    apps = ["authwire.integrations.django"]
    browser = projects.wsgi(world, world.config(), path("", view), INSTALLED_APPS=apps)
    assert browser.get("/").text == Stranger.__name__


def test_user_of_the_session_has_no_rights_of_djangos(projects: Projects, world: World) -> None:
    async def view(request: Any) -> HttpResponse:
        user: SessionUser[User] = await request.auser()
        assert user is await request.auser()
        assert (user.is_authenticated, user.is_anonymous, user.is_active) == (True, False, True)
        assert (user.is_staff, user.is_superuser) == (False, False)
        assert not user.has_perm("auth.add_user")
        assert not user.has_perms(["auth.add_user"])
        assert not user.has_module_perms("auth")
        assert not await user.ahas_perm("auth.add_user")
        assert not await user.ahas_perms(["auth.add_user"])
        assert not await user.ahas_module_perms("auth")
        assert user.get_all_permissions() == set()
        assert user == SessionUser(user.session)
        assert hash(user) == hash(user.pk)
        assert user != user.session
        return JsonResponse([user.id, user.name, user.email, str(user), user.user.name], safe=False)

    browser = projects.asgi(world, world.config(), path("", view))
    sign_in(browser)
    assert browser.get("/").json() == [f"id of {ADA}", "Ada", ADA, "Ada", "Ada"]


def test_lazy_session_in_async_code_asks_to_be_awaited(projects: Projects, world: World) -> None:
    async def view(request: Any) -> HttpResponse:
        with pytest.raises(SynchronousOnlyOperation, match=r"await request\.aauth"):
            bool(request.auth)
        with pytest.raises(SynchronousOnlyOperation, match=r"request\.auser"):
            bool(request.user.is_authenticated)
        session = await request.aauth()
        assert request.auth == session  # it is there now
        return HttpResponse(request.user.name)

    browser = projects.asgi(world, world.config(), path("", view))
    sign_in(browser)
    assert browser.get("/").text == "Ada"


def test_untrusted_host_means_nobody_to_django_and_an_error_to_who_asks_for_the_session(
    projects: Projects, world: World
) -> None:
    def view(request: Any) -> HttpResponse:
        with pytest.raises(UntrustedHost):
            auth.session(request)
        return HttpResponse(str(request.user.is_authenticated))

    async def aview(request: Any) -> HttpResponse:
        return HttpResponse(str((await request.auser()).is_authenticated))

    config = world.config(trust_host=["app.example"])
    assert projects.wsgi(world, config, path("", view)).get("/").text == "False"
    assert projects.asgi(world, config, path("", aview)).get("/").text == "False"


def test_request_that_no_middleware_saw_has_a_session_which_is_not_rolled(
    projects: Projects, world: World
) -> None:
    def view(request: Any) -> HttpResponse:
        session = auth.session(request)
        with pytest.raises(RuntimeError, match="AuthMiddleware"):
            auth.update_session(request, {})
        return HttpResponse(session.user.name if session else "nobody")

    browser = projects.wsgi(world, world.config(), path("", view), MIDDLEWARE=[])
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.get("/")
    assert (answer.text, answer.set_cookies) == ("Ada", [])


# --- guards ---------------------------------------------------------------------------------------


def test_short_names_of_the_decorators(projects: Projects, world: World) -> None:
    @session_required
    def me(request: Any) -> HttpResponse:
        return HttpResponse("me")

    @require(is_ada)
    def ada(request: Any) -> HttpResponse:
        return HttpResponse("ada")

    browser = projects.wsgi(world, world.config(), path("me", me), path("ada", ada))
    assert [browser.get(where).status for where in ("/me", "/ada")] == [302, 302]
    sign_in(browser)
    assert [browser.get(where).text for where in ("/me", "/ada")] == ["me", "ada"]


async def _is_ada_slowly(session: Any) -> bool:
    return is_ada(session)


class Plain(SessionRequiredMixin, View):
    def get(self, request: Any, name: str = "") -> HttpResponse:
        return HttpResponse(f"{request.user.name}{name}")


class Awaited(SessionRequiredMixin, View):
    async def get(self, request: Any, name: str = "") -> HttpResponse:
        return HttpResponse(f"{(await request.auser()).name}{name}")


class OnlyAda(AuthPredicateMixin, View):
    predicate = staticmethod(is_ada)

    def get(self, request: Any) -> HttpResponse:
        return HttpResponse("ada")


class OnlyAdaAwaited(AuthPredicateMixin, View):
    async def predicate(self, session: Any) -> bool:
        return is_ada(session)

    async def get(self, request: Any) -> HttpResponse:
        return HttpResponse("ada")


class Methods(View):
    @auth.required
    def get(self, request: Any) -> HttpResponse:
        return HttpResponse("got")

    @method_decorator(auth.require(is_ada))
    def post(self, request: Any) -> HttpResponse:
        return HttpResponse("posted")


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_class_based_views_are_guarded(projects: Projects, world: World, kind: str) -> None:
    patterns = [
        path("plain/<name>", Plain.as_view()),
        path("awaited/<name>", Awaited.as_view()),
        path("ada", OnlyAda.as_view()),
        path("ada-awaited", OnlyAdaAwaited.as_view()),
        path("methods", Methods.as_view()),
    ]
    browser = getattr(projects, kind)(world, world.config(), *patterns)
    everywhere = ("/plain/!", "/awaited/!", "/ada", "/ada-awaited", "/methods")
    assert [browser.get(where).status for where in everywhere] == [302] * 5
    assert browser.get("/plain/!", headers=JSON_ONLY).status == 401
    sign_in(browser, "eve@example.com")
    assert [browser.get(where).status for where in everywhere] == [200, 200, 403, 403, 200]
    assert browser.post("/methods").status == 403
    assert browser.post("/awaited/!").status == 405
    sign_in(browser)
    texts = [browser.get(where).text for where in everywhere]
    assert texts == ["Ada!", "Ada!", "ada", "ada", "got"]
    assert browser.post("/methods").text == "posted"


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
@pytest.mark.parametrize("predicate", [is_ada, _is_ada_slowly], ids=["plain", "async"])
def test_predicate_and_view_may_be_of_any_kind(
    projects: Projects, world: World, kind: str, predicate: Any
) -> None:
    @auth.require(predicate)
    def view(request: Any) -> HttpResponse:
        return HttpResponse("ada")

    @auth.require(predicate)
    async def aview(request: Any) -> HttpResponse:
        return HttpResponse("ada")

    patterns = path("sync", view), path("async", aview)
    browser = getattr(projects, kind)(world, world.config(), *patterns)
    sign_in(browser, "eve@example.com")
    assert [browser.get(where).status for where in ("/sync", "/async")] == [403, 403]
    sign_in(browser)
    assert [browser.get(where).text for where in ("/sync", "/async")] == ["ada", "ada"]


def test_mixin_without_a_predicate_and_view_without_a_request_are_mistakes(
    projects: Projects, world: World
) -> None:
    class Forgotten(AuthPredicateMixin, View):
        pass

    projects.settings(world.config())
    client = signed_in(Client(**LOCAL), ADA_USER, auth)
    request = RequestFactory(**LOCAL).get("/")
    request.META["HTTP_COOKIE"] = client.cookies.output(attrs=[], header="", sep=";")
    with pytest.raises(NotImplementedError, match="Forgotten needs a predicate"):
        Forgotten.as_view()(request)
    with pytest.raises(TypeError, match="must take the request"):
        auth.required(lambda: None)()


# --- signing in and out ---------------------------------------------------------------------------


def test_form_of_the_apps_own_signs_in_and_tells_a_wrong_password(
    projects: Projects, world: World
) -> None:
    def enter(request: Any) -> HttpResponse:
        try:
            return auth.sign_in(request, "credentials", form=request.POST, callback_url="/me")
        except CredentialsSignin:
            return HttpResponse("wrong", status=401)

    browser = projects.wsgi(world, world.config(), path("enter", enter))
    assert browser.post("/enter", form={**LOGIN, "password": "no"}).text == "wrong"
    assert browser.post("/enter", form=LOGIN).location == "http://localhost/me"
    assert browser.session() is not None


def test_signing_out_shows_in_the_same_request(projects: Projects, world: World) -> None:
    def leave(request: Any) -> HttpResponse:
        assert request.auth
        assert request.user.is_authenticated
        answer = auth.sign_out(request)
        assert not request.auth
        assert not request.user.is_authenticated
        return answer

    async def aleave(request: Any) -> HttpResponse:
        assert await request.aauth()
        answer = await auth.asign_out(request)
        assert not await request.aauth()
        return answer

    patterns = path("leave", leave), path("aleave", aleave)
    browser = projects.wsgi(world, world.config(), *patterns)
    for where in ("/leave", "/aleave"):
        sign_in(browser)
        assert set_names(browser.get(where)) == [SESSION]
        assert browser.session() is None


def test_everywhere_needs_sessions_in_the_database(projects: Projects) -> None:
    def leave(request: Any) -> HttpResponse:
        try:
            return auth.sign_out(request, everywhere=True)
        except SignOutError as exc:
            return HttpResponse(type(exc).__name__)

    world = World()
    browser = projects.wsgi(world, world.config(), path("leave", leave))
    sign_in(browser)
    assert browser.get("/leave").text == "SignOutError"
    world = World(strategy="database")
    browser = projects.wsgi(world, world.config(), path("leave", leave))
    other = browser.another_browser()
    for each in (browser, other):
        sign_in(each)
    browser.get("/leave")
    assert not world.adapter.sessions


def test_provider_may_be_asked_for_with_parameters(projects: Projects, world: World) -> None:
    async def again(request: Any) -> HttpResponse:
        return await auth.asign_in(request, "fake", params={"prompt": "login"})

    def anyhow(request: Any) -> HttpResponse:
        return auth.sign_in(request)

    patterns = path("again", again), path("anyhow", anyhow)
    browser = projects.asgi(world, world.config(), *patterns)
    assert "prompt=login" in (browser.get("/again").location or "")
    assert (browser.get("/anyhow").location or "").endswith("/signin?callbackUrl=%2Fanyhow")


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_passkeys_can_be_managed_from_code_of_both_kinds(projects: Projects, kind: str) -> None:
    def keys(request: Any, wanted: str) -> HttpResponse:
        mine = auth.passkeys(request)
        try:
            mine.rename(wanted, "New")
            names = [row.name for row in mine.list()]
            mine.remove(wanted, allow_last=True)
        except PasskeyNotFound:
            return HttpResponse("not yours")
        return JsonResponse([names, mine.list()], safe=False)

    async def akeys(request: Any, wanted: str) -> HttpResponse:
        mine = auth.apasskeys(request)
        try:
            await mine.rename(wanted, "New")
            names = [row.name for row in await mine.list()]
            await mine.remove(wanted, allow_last=True)
        except PasskeyNotFound:
            return HttpResponse("not yours")
        return JsonResponse([names, await mine.list()], safe=False)

    world = World(strategy="database")
    config = world.config(providers=[*world.config().providers, Passkey()])
    patterns = path("keys/<wanted>", keys), path("akeys/<wanted>", akeys)
    browser = getattr(projects, kind)(world, config, *patterns)
    sign_in(browser)
    (user,) = world.adapter.users
    for where in ("keys", "akeys"):
        give_passkey(world, user.id, "AQID")
        assert browser.get(f"/{where}/BBBB").text == "not yours"
        assert browser.get(f"/{where}/AQID").json() == [["New"], []]


# --- the runtime ----------------------------------------------------------------------------------


async def _slow_jwt(params: JWTParams[User]) -> JSON:
    return {**params.token, "name": "from a coroutine"}


def test_async_callback_needs_asgi_or_the_portal(
    projects: Projects, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse(request.user.name)

    config = world.config(callbacks=Callbacks(jwt=_slow_jwt))
    assert projects.wsgi(world, config).get("/auth/signin").status == 500
    assert "callbacks.jwt" in caplog.text
    browser = projects.asgi(world, config, path("", view))
    sign_in(browser)
    assert browser.get("/").text == "from a coroutine"
    runtime = PortalRuntime()
    browser = projects.wsgi(world, DjangoAuth(config, runtime=runtime), path("", view))
    sign_in(browser)
    assert browser.get("/").text == "from a coroutine"
    runtime.close()


def test_broken_config_is_told_when_the_app_starts(projects: Projects) -> None:
    config: AuthConfig[User] = AuthConfig(secret="")
    for kind in ("wsgi", "asgi"):
        with pytest.raises(ConfigError, match="secret"):
            getattr(projects, kind)(World(), config)
    with pytest.raises(ImproperlyConfigured, match="AUTHWIRE must be"):
        projects.wsgi(World(), None)


# --- tests of the user's own ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


@pytest.fixture
def members(projects: Projects, world: World) -> DjangoAuth[Member]:
    """A project with a user type and a protected page."""
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1],
        secret=base.secret,
        user=Member,
        now=world.now,
        trust_host=["testserver"],
    )
    own = DjangoAuth(config)

    @own.require(has_role("member"))
    def view(request: Any) -> HttpResponse:
        session = own.session(request)
        return HttpResponse(session.user.role if session else "")

    # Without the app of the ORM, so that users are only in the cookie.
    apps = ["authwire.integrations.django"]
    projects.settings(own, path("role", view), INSTALLED_APPS=apps)
    return own


def test_djangos_test_client_is_signed_in(members: DjangoAuth[Member]) -> None:
    client = Client()
    assert client.get("/role?x=1").status_code == 401
    signed_in(client, Member(id="1"), members, base_url="http://testserver")
    assert client.get("/role?x=1").content == b"member"


@pytest.mark.anyio
async def test_djangos_async_test_client_is_signed_in(members: DjangoAuth[Member]) -> None:
    client = AsyncClient()
    assert (await client.get("/role?x=1")).status_code == 401
    signed_in(client, Member(id="1"), members, base_url="http://testserver")
    assert (await client.get("/role?x=1")).content == b"member"
