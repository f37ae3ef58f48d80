from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.template import engines
from django.urls import path
from tests.integrations.django.projects import Projects
from tests.integrations.scenarios import LOGIN, SESSION, set_names, sign_in
from tests.integrations.world import World

from authwire import Callbacks, RedirectParams
from authwire.integrations.django.templatetags.authwire import sign_in_url
from authwire.testing.client import AuthClient

TEMPLATE = """{% load authwire %}
{% if auth %}{{ auth.user.name }} {% sign_out_form label %}
{% else %}stranger <a href="{% sign_in_url %}">in</a> <a href="{% sign_in_url "/me" %}">me</a>
{% endif %}<a href="{% sign_out_url %}">out</a>"""


def render(request: Any, source: str = TEMPLATE) -> HttpResponse:
    return HttpResponse(
        engines["django"].from_string(source).render({"label": "Leave & go"}, request)
    )


async def arender(request: Any) -> HttpResponse:
    await request.aauth()
    return render(request)


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
@pytest.mark.parametrize("where", ["/sync?x=1", "/async?x=1"])
def test_template_leads_in_and_out(projects: Projects, kind: str, where: str) -> None:
    world = World()
    patterns = path("sync", render), path("async", arender)
    browser: AuthClient = getattr(projects, kind)(world, world.config(), *patterns)
    page = browser.get(where).text
    encoded = where.replace("/", "%2F").replace("?", "%3F").replace("=", "%3D")
    assert f'stranger <a href="/auth/signin?callbackUrl={encoded}">' in page
    assert '<a href="/auth/signin?callbackUrl=%2Fme">' in page
    assert '<a href="/auth/signout">' in page
    sign_in(browser)
    answer = browser.get(where)
    assert answer.text.strip().startswith("Ada ")
    assert "Leave &amp; go" in answer.text
    left = browser.post("/auth/signout", form=fields(answer.text))
    assert left.location == "http://localhost/"
    assert browser.session() is None


def test_form_brings_its_own_csrf_cookie_once(projects: Projects) -> None:
    world = World()
    browser = projects.wsgi(world, world.config(), path("", render))
    sign_in(browser)
    other = browser.another_browser()
    other.cookies.set(SESSION, browser.cookies[SESSION])
    first = other.get("/")
    assert set_names(first) == ["authjs.csrf-token"]
    assert first.headers.get("cache-control") == "private, no-cache, no-store"
    second = other.get("/")
    assert second.set_cookies == []
    assert fields(first.text) == fields(second.text)
    assert other.post("/auth/signout", form=fields(first.text)).location == "http://localhost/"
    assert other.session() is None


async def _back(params: RedirectParams) -> str:
    await asyncio.sleep(0)
    return params.base_url


def test_form_works_with_an_async_redirect_callback(projects: Projects) -> None:
    world = World()
    config = world.config(callbacks=Callbacks(redirect=_back))
    browser = projects.asgi(world, config, path("", render))
    browser.sign_in_credentials(LOGIN)
    assert fields(browser.get("/").text)["csrfToken"]


def test_template_without_a_session_reads_nothing(projects: Projects) -> None:
    world = World()

    def plain(request: Any) -> HttpResponse:
        return render(request, "hello")

    browser = projects.wsgi(world, world.config(), path("", plain))
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    assert browser.get("/").set_cookies == []


def test_template_of_a_request_that_no_middleware_saw_knows_nobody(projects: Projects) -> None:
    world = World()
    browser = projects.wsgi(world, world.config(), path("", render), MIDDLEWARE=[])
    assert "stranger" in browser.get("/").text


def test_sign_in_url_without_a_request_leads_to_the_start(projects: Projects) -> None:
    projects.settings(World().config())
    assert sign_in_url({}) == "/auth/signin"
