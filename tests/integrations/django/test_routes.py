from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import include, path, re_path, reverse
from tests.integrations.apps.django import MIDDLEWARE
from tests.integrations.django.projects import DJANGOS, Projects, open_link, people
from tests.integrations.scenarios import LOGIN, SESSION, set_names, sign_in
from tests.integrations.world import World

from authwire import AuthConfig, Events
from authwire.http import Cookie, CookieOptions, Response
from authwire.integrations.django import DjangoAuth, auth, to_response
from authwire.integrations.django.views import answer
from authwire.testing.client import AuthClient


def who(request: Any) -> HttpResponse:
    return HttpResponse(request.auth.user.name if request.auth else "nobody")


def me(request: Any) -> HttpResponse:
    return HttpResponse(request.auth.user.email if request.auth else "nobody")


# --- where they are -------------------------------------------------------------------------------


def test_urls_have_names(projects: Projects) -> None:
    projects.settings(World().config())
    assert reverse("auth:signin") == "/auth/signin"
    assert reverse("auth:verify_request") == "/auth/verify-request"
    assert reverse("auth:callback_provider", args=["github"]) == "/auth/callback/github"


def test_project_below_a_script_name(projects: Projects) -> None:
    world = World(base_path="/app/auth")
    setting = DjangoAuth(world.config(), protect=["/*"])
    browser = projects.wsgi(world, setting, path("me", who), script_name="/app")
    turned_away = browser.get("/app/me")
    assert (turned_away.location or "").startswith("http://localhost/app/auth/signin?")
    assert browser.follow(turned_away).status == 200
    done = browser.sign_in_oauth("fake", world.idp)
    assert done.location == "http://localhost/app/me"
    assert browser.follow(done).text == "Alice Liddell"


def test_project_below_a_root_path(projects: Projects) -> None:
    world = World(base_path="/app/auth")
    setting = DjangoAuth(world.config(), protect=["/*"])
    browser = projects.asgi(world, setting, path("me", who), root_path="/app")
    assert browser.get("/app/me", follow=True).status == 200
    sign_in_below = browser.sign_in_credentials(LOGIN)
    assert sign_in_below.location == "http://localhost/app/me"
    assert browser.follow(sign_in_below).text == "Ada"


def test_proxy_that_takes_the_prefix_away(projects: Projects) -> None:
    world = World(base_path="/app/auth")
    setting = DjangoAuth(world.config(), protect=["/*"])
    browser = projects.wsgi(world, setting, path("me", who), FORCE_SCRIPT_NAME="/app")
    refused = browser.get("/me?x=1")
    assert refused.location == (
        "http://localhost/app/auth/signin?callbackUrl=http%3A%2F%2Flocalhost%2Fapp%2Fme%3Fx%3D1"
    )
    assert browser.get("/auth/signin").status == 200


def test_routes_elsewhere_than_the_base_path_answer_and_are_warned_of_once(
    projects: Projects,
) -> None:
    world = World()
    routes = path("accounts/", include("authwire.integrations.django.urls"))
    setting = DjangoAuth(world.config(), protect=["/*"])
    browser = projects.wsgi(world, setting, ROOT_URLCONF=(routes,))
    assert browser.get("/accounts/signin").status == 200
    assert browser.get("/accounts/providers").status == 200
    assert sum("mounted elsewhere" in line for line in world.logged) == 1


def test_base_path_at_the_root_leaves_other_paths_to_the_app(projects: Projects) -> None:
    world = World(base_path="/")
    routes = path("", include("authwire.integrations.django.urls"))
    urlconf = (routes, path("me", who), path("signin/of/mine", who))
    browser = projects.wsgi(world, world.config(), ROOT_URLCONF=urlconf)
    assert browser.get("/me").text == "nobody"
    sign_in(browser)
    assert browser.get("/me").text == "Ada"
    assert browser.get("/signin/of/mine").text == "Ada"
    assert browser.get("/other").status == 404


def test_paths_below_the_routes_never_reach_the_rest_of_the_project(projects: Projects) -> None:
    world = World()
    browser = projects.wsgi(world, world.config(), re_path(".*", who))
    for where in ("/auth/", "/auth/nothing", "/auth/signin/fake/x", "/auth/%2e%2e/x"):
        assert browser.get(where).status == 400, where
    assert browser.get("/auth/signin/").status == 200


def test_config_is_chosen_by_request(projects: Projects) -> None:
    world = World()
    configs = {host: world.config(base_path="/auth") for host in ("a.localhost", "b.localhost")}

    def choose(request: Any) -> AuthConfig[Any]:
        return configs[request.host]

    projects.settings(choose, path("me", who))
    browser = AuthClient.wsgi(WSGIHandler(), now=world.now, base_url="http://a.localhost")
    sign_in(browser)
    assert browser.get("/me").text == "Ada"


def test_config_may_be_named_by_its_dotted_path(projects: Projects) -> None:
    name = f"{__name__}.CONFIG"
    browser = projects.wsgi(World(), name, path("me", who))
    assert browser.get("/me").text == "nobody"
    assert auth.setup is CONFIG.own_setup


CONFIG = DjangoAuth(World().config())


# --- other parts of a project ---------------------------------------------------------------------


def test_djangos_csrf_check_leaves_the_routes_alone(projects: Projects, database: object) -> None:
    world = World()
    browser = projects.wsgi(world, world.config(), path("me", who), MIDDLEWARE=DJANGOS)
    sign_in(browser)
    assert browser.post("/me").status == 403


def test_routes_are_open_where_django_requires_a_login(
    projects: Projects, database: object
) -> None:
    world = World()
    middleware = [*DJANGOS, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    browser = projects.wsgi(world, world.config(), path("me", who), MIDDLEWARE=middleware)
    turned_away = browser.get("/me")
    assert turned_away.location == "http://localhost/auth/signin?next=/me"
    assert browser.follow(turned_away).status == 200
    done = browser.sign_in_credentials(LOGIN)
    assert done.location == "http://localhost/me"
    assert browser.follow(done).text == "Ada"


def test_used_magic_link_stays_used_though_requests_are_transactions(
    projects: Projects, database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(strategy="database")
    monkeypatch.setitem(settings.DATABASES["default"], "ATOMIC_REQUESTS", True)
    seen: list[bool] = []

    def watch(_event: Any) -> None:
        seen.append(transaction.get_connection().in_atomic_block)

    def in_transaction(_request: Any) -> HttpResponse:
        return HttpResponse(str(transaction.get_connection().in_atomic_block))

    config = people(world, events=Events(sign_in=watch))
    browser = projects.wsgi(world, config, path("me", in_transaction))
    open_link(browser, world)
    assert seen == [False]
    assert browser.get("/me").text == "True"


def test_form_that_a_middleware_has_read_already_still_signs_in(projects: Projects) -> None:
    world = World()
    reading = f"{__name__}.reads_the_form"
    browser = projects.wsgi(world, world.config(), MIDDLEWARE=[reading, *MIDDLEWARE])
    sign_in(browser)


def reads_the_form(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        assert request.POST is not None
        return get_response(request)

    return middleware


def test_body_that_a_middleware_has_consumed_is_no_error(projects: Projects) -> None:
    world = World()
    consuming = f"{__name__}.consumes_the_body"
    browser = projects.wsgi(world, world.config(), MIDDLEWARE=[consuming, *MIDDLEWARE])
    assert browser.post("/auth/signin/email", form={"email": "a@example.com"}).status == 302
    assert not world.outbox


def consumes_the_body(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        request.read()
        return get_response(request)

    return middleware


def test_length_that_is_no_number_is_refused(projects: Projects) -> None:
    projects.settings(World().config())
    request = RequestFactory(SERVER_NAME="localhost").post("/auth/signout", {})
    request.META["CONTENT_LENGTH"] = "much"
    assert answer(request, action="signout").status_code == 413


# --- answers of the app ---------------------------------------------------------------------------


def _missing(request: Any) -> HttpResponse:
    assert request.auth
    raise Http404


def test_error_answers_carry_the_rolled_cookie(
    projects: Projects, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")
    world = World()

    def broken(request: Any) -> HttpResponse:
        assert request.auth
        raise RuntimeError("broken")

    browser = projects.wsgi(
        world, world.config(), path("missing", _missing), path("broken", broken)
    )
    sign_in(browser)
    for where, status in (("/missing", 404), ("/broken", 500)):
        world.pass_time(timedelta(days=2))
        answer = browser.get(where)
        assert (answer.status, set_names(answer)) == (status, [SESSION])


def test_streamed_answer_carries_the_rolled_cookie_and_rolls_no_more(projects: Projects) -> None:
    world = World(strategy="database")

    def stream(request: Any) -> StreamingHttpResponse:
        assert request.auth
        return StreamingHttpResponse(iter([b"a", b"b"]))

    def lazy(request: Any) -> StreamingHttpResponse:
        def parts() -> Any:
            yield request.auth.user.email

        return StreamingHttpResponse(parts())

    browser = projects.wsgi(world, world.config(), path("stream", stream), path("lazy", lazy))
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    lazily = browser.get("/lazy")
    assert (lazily.text, lazily.set_cookies) == ("ada@example.com", [])
    (row,) = world.adapter.sessions
    before = row.expires
    streamed = browser.get("/stream")
    assert (streamed.text, set_names(streamed)) == ("ab", [SESSION])
    (row,) = world.adapter.sessions
    assert row.expires > before


def test_session_that_nobody_looks_at_is_not_read(projects: Projects) -> None:
    world = World()

    def quiet(_request: Any) -> HttpResponse:
        return HttpResponse("hello")

    browser = projects.wsgi(world, world.config(), path("quiet", quiet))
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.get("/quiet")
    assert (answer.set_cookies, answer.headers.get("vary")) == ([], None)


def test_vary_of_the_app_is_kept(projects: Projects) -> None:
    world = World()

    def view(request: Any) -> HttpResponse:
        assert not request.auth
        return HttpResponse(headers={"Vary": "Accept"})

    browser = projects.wsgi(world, world.config(), path("me", view))
    assert browser.get("/me").headers.get_all("vary") == ["Accept, Cookie"]


def test_cookie_goes_out_as_it_was_written_unless_the_app_changes_it() -> None:
    cookie = Cookie("a", "x y|z", CookieOptions(secure=True, max_age=9, domain="example.com"))
    native = to_response(Response(cookies=(cookie,)))
    assert native.cookies["a"].OutputString() == cookie.header()
    assert native.cookies["a"].value == "x y|z"
    native.cookies["a"]["samesite"] = "Strict"
    changed = native.cookies["a"].OutputString()
    assert "SameSite=Strict" in changed
    assert "Domain=example.com" in changed
    assert changed.startswith("a=x%20y%7Cz;")


def test_answer_has_only_the_fields_that_authwire_gave_it() -> None:
    native = to_response(Response(status=302, headers=(("location", "/x"),)))
    assert dict(native.items()) == {"location": "/x"}
    assert native.status_code == 302
