from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.contrib.auth import alogout, authenticate, get_user_model, login, logout
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import Permission
from django.contrib.auth.models import User as DjangoUser
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import connections
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.views.generic import RedirectView
from tests.adapters.django.support import READER
from tests.integrations.django.projects import DJANGOS, Projects, open_link, people
from tests.integrations.scenarios import SESSION, set_names
from tests.integrations.world import ADA, World

from authwire import Events
from authwire.adapters.django import AsyncDjangoAdapter, DjangoAdapter
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.usefixtures("database")
EVE = "eve@example.com"


@login_required
def me(request: Any) -> HttpResponse:
    return HttpResponse(request.user.email)


@login_required
async def ame(request: Any) -> HttpResponse:
    return HttpResponse((await request.auser()).email)


@permission_required("auth.add_user", raise_exception=True)
def add(request: Any) -> HttpResponse:
    return HttpResponse("added")


def django_login(request: Any) -> HttpResponse:
    found = authenticate(request, username="eve", password="apple")
    login(request, found)
    return HttpResponse(f"{request.user.email} {bool(request.auth)}")


def django_logout(request: Any) -> HttpResponse:
    logout(request)
    return HttpResponse(f"{request.user.is_authenticated} {bool(request.auth)}")


async def django_alogout(request: Any) -> HttpResponse:
    await alogout(request)
    return HttpResponse(f"{bool(await request.aauth())}")


def remember(request: Any) -> HttpResponse:
    request.session["cart"] = "planted"
    return HttpResponse(get_token(request))


def cart(request: Any) -> HttpResponse:
    return HttpResponse(str(request.session.get("cart")))


def the_admin() -> Any:
    """Its models can be imported only while it is installed."""
    from django.contrib import admin

    return path("admin/", admin.site.urls)


def ours_for_the_admin() -> Any:
    to_ours = RedirectView.as_view(pattern_name="auth:signin", query_string=True)
    return path("admin/login/", to_ours)


def stored() -> set[str]:
    """The keys of Django's sessions."""
    return set(apps.get_model("sessions", "Session").objects.values_list("pk", flat=True))


PATTERNS = (
    path("me", me),
    path("ame", ame),
    path("add", add),
    path("django-login", django_login),
    path("django-logout", django_logout),
    path("django-alogout", django_alogout),
    path("remember", remember),
    path("cart", cart),
    ours_for_the_admin,
    the_admin,
)


@pytest.fixture(params=["wsgi", "asgi"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world() -> World:
    return World(strategy="database")


@pytest.fixture
def browser(projects: Projects, world: World, kind: str) -> AuthClient:
    return whole(projects, world, kind)


def whole(projects: Projects, world: World, kind: str, **changes: Any) -> AuthClient:
    config = people(world, **changes)
    found: AuthClient = getattr(projects, kind)(world, config, *PATTERNS, MIDDLEWARE=DJANGOS)
    return found


@pytest.fixture
def announced() -> Iterator[list[tuple[str, str]]]:
    """What Django's signals said."""
    seen: list[tuple[str, str]] = []

    def came(user: Any, request: Any, **_: Any) -> None:
        assert request.path
        seen.append(("in", user.email))

    def went(user: Any, request: Any, **_: Any) -> None:
        seen.append(("out", user.email if user else "?"))

    user_logged_in.connect(came)
    user_logged_out.connect(went)
    yield seen
    user_logged_in.disconnect(came)
    user_logged_out.disconnect(went)


def make_eve(**changes: Any) -> Any:
    return DjangoUser.objects.create_user("eve", EVE, "apple", **changes)


# --- request.user ---------------------------------------------------------------------------------


def test_djangos_own_decorators_work(browser: AuthClient, world: World) -> None:
    turned_away = browser.get("/ame")
    assert (turned_away.location or "").endswith("/auth/signin?next=/ame")
    assert browser.follow(turned_away).status == 200
    open_link(browser, world)
    assert [browser.get(where).text for where in ("/me", "/ame")] == [ADA, ADA]
    assert browser.get("/add").status == 403
    row = DjangoUser.objects.get(email=ADA)
    row.user_permissions.add(Permission.objects.get(codename="add_user"))
    assert browser.get("/add").text == "added"


def test_deactivated_user_is_a_stranger_though_the_token_is_good(
    projects: Projects, kind: str
) -> None:
    world = World(strategy="jwt")
    browser = whole(projects, world, kind)
    open_link(browser, world)
    assert browser.get("/me").text == ADA
    DjangoUser.objects.update(is_active=False)
    assert browser.session() is not None
    assert [browser.get(where).status for where in ("/me", "/ame")] == [302, 302]


def test_user_is_read_with_one_query_and_only_if_asked_for(
    projects: Projects, world: World
) -> None:
    seen: list[str] = []

    def quiet(request: Any) -> HttpResponse:
        return HttpResponse("quiet")

    def note(run: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return run(sql, *rest)

    browser = projects.wsgi(world, people(world), *PATTERNS, path("quiet", quiet))
    open_link(browser, world)
    with connections["default"].execute_wrapper(note):
        browser.get("/quiet")
        assert seen == []
        browser.get("/me")
    assert ["authwire_session" in seen[0], "auth_user" in seen[1]] == [True, True]
    assert len(seen) == 2


@pytest.mark.parametrize("adapter", [None, DjangoAdapter, AsyncDjangoAdapter])
def test_adapter_may_be_left_out_or_of_either_kind(
    projects: Projects, world: World, kind: str, adapter: Any
) -> None:
    browser = whole(projects, world, kind, adapter=adapter and adapter())
    open_link(browser, world)
    assert [browser.get(where).text for where in ("/me", "/ame")] == [ADA, ADA]
    assert DjangoUser.objects.count() == 1


def test_user_is_of_the_model_that_the_adapter_was_given(projects: Projects, world: World) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse(f"{request.user.__class__.__name__} {request.user.email}")

    adapter: Any = READER.adapter("default", close_connections=False)
    browser = projects.wsgi(world, people(world, adapter=adapter), path("", view))
    open_link(browser, world)
    assert browser.get("/").text == f"Reader {ADA}"


def test_blocking_code_runs_in_the_thread_of_the_requests_sync_code(
    projects: Projects, world: World
) -> None:
    seen: list[int] = []

    class Watching(DjangoAdapter[Any]):
        def get_session_and_user(self, session_token: str) -> Any:
            seen.append(threading.get_ident())
            return super().get_session_and_user(session_token)

    async def view(request: Any) -> HttpResponse:
        await request.aauth()
        here = await sync_to_async(threading.get_ident, thread_sensitive=True)()
        return HttpResponse(str(seen == [here] and here != threading.get_ident()))

    browser = projects.asgi(world, people(world, adapter=Watching()), path("view", view))
    open_link(browser, world)
    seen.clear()
    assert browser.get("/view").text == "True"


# --- signals --------------------------------------------------------------------------------------


def test_sign_in_and_out_are_announced_as_djangos_own(
    browser: AuthClient, world: World, announced: list[tuple[str, str]]
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    open_link(browser, world)
    row = DjangoUser.objects.get()
    assert row.last_login is not None
    assert row.last_login > before
    browser.sign_out()
    assert announced == [("in", ADA), ("out", ADA)]


def test_sign_out_of_a_token_is_announced_too(
    projects: Projects, announced: list[tuple[str, str]], kind: str
) -> None:
    world = World(strategy="jwt")
    browser = whole(projects, world, kind)
    open_link(browser, world)
    browser.sign_out()
    assert announced == [("in", ADA), ("out", ADA)]


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
def test_events_of_the_app_come_first_and_may_fail(
    projects: Projects, world: World, announced: list[tuple[str, str]], *, is_async: bool
) -> None:
    def own(event: Any) -> None:
        announced.append(("event", event.user.email))
        raise RuntimeError("the app's own")

    async def own_async(event: Any) -> None:
        await asyncio.sleep(0)
        own(event)

    events: Events[Any] = Events(sign_in=own_async if is_async else own)
    browser = whole(projects, world, "asgi" if is_async else "wsgi", events=events)
    open_link(browser, world)
    assert announced == [("event", ADA), ("in", ADA)]
    assert any("sign_in event handler failed" in line for line in world.logged)


def test_planted_session_and_csrf_token_are_renewed_at_sign_in(
    browser: AuthClient, world: World
) -> None:
    planted = browser.get("/remember").text
    key = browser.cookies["sessionid"]
    token = browser.cookies["csrftoken"]
    open_link(browser, world)
    assert browser.get("/cart").text == "planted"
    assert browser.cookies["sessionid"] != key
    assert browser.cookies["csrftoken"] not in (token, planted)
    assert key not in stored()


def test_sign_out_forgets_what_djangos_session_holds(browser: AuthClient, world: World) -> None:
    open_link(browser, world)
    browser.get("/remember")
    browser.sign_out()
    assert browser.get("/cart").text == "None"
    assert not stored()


# --- beside Django's own login --------------------------------------------------------------------


def test_djangos_login_of_somebody_else_ends_our_session(browser: AuthClient, world: World) -> None:
    make_eve()
    open_link(browser, world)
    answer = browser.get("/django-login")
    assert answer.text == f"{EVE} False"
    assert SESSION in set_names(answer)
    assert browser.get("/me").text == EVE
    assert browser.session() is None


def test_djangos_login_of_the_same_user_leaves_our_session(
    browser: AuthClient, world: World
) -> None:
    make_eve()
    open_link(browser, world, EVE)
    assert browser.get("/django-login").text == f"{EVE} True"
    assert browser.session() is not None


def test_sign_in_of_somebody_else_ends_djangos_login(browser: AuthClient, world: World) -> None:
    make_eve()
    browser.get("/django-login")
    assert [browser.get(where).text for where in ("/me", "/ame")] == [EVE, EVE]
    open_link(browser, world)
    assert [browser.get(where).text for where in ("/me", "/ame")] == [ADA, ADA]
    browser.sign_out()
    assert browser.get("/me").status == 302


def test_djangos_logout_ends_our_session(
    browser: AuthClient, world: World, announced: list[tuple[str, str]]
) -> None:
    for where, said in (("/django-logout", "False False"), ("/django-alogout", "False")):
        open_link(browser, world)
        answer = browser.get(where)
        assert answer.text == said
        assert set_names(answer).count(SESSION) == 1
        assert browser.session() is None
        assert browser.get("/me").status == 302
    assert announced == [("in", ADA), ("out", ADA)] * 2


def test_djangos_logout_works_on_hosts_that_we_do_not_trust(
    projects: Projects, world: World
) -> None:
    def leave(request: Any) -> HttpResponse:
        logout(request)
        return HttpResponse(str(request.user.is_authenticated))

    config = people(world, trust_host=["app.example"])
    browser = projects.wsgi(world, config, path("leave", leave), MIDDLEWARE=DJANGOS)
    assert browser.get("/leave").text == "False"


def test_admin_knows_our_sessions_and_its_logout_ends_them(
    browser: AuthClient, world: World
) -> None:
    page = browser.get("/admin/", follow=True)
    assert page.url == "http://localhost/auth/signin?next=/admin/"
    open_link(browser, world, EVE)
    assert browser.get("/admin/").status == 302
    get_user_model().objects.update(is_staff=True, is_superuser=True)
    assert "Site administration" in browser.get("/admin/").text
    form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    assert browser.post("/admin/logout/", form=form).status == 200
    assert browser.session() is None
