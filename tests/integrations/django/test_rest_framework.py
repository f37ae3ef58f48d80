from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User as DjangoUser
from django.urls import path
from tests.integrations.django.projects import Projects, open_link, people
from tests.integrations.scenarios import sign_in
from tests.integrations.world import ADA, World

BOTH = ["wsgi", "asgi"]


def views() -> Any:
    """The framework reads the settings when it is imported."""
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.response import Response
    from rest_framework.views import APIView

    from authwire.integrations.django.rest_framework import SessionAuthentication

    class Me(APIView):
        authentication_classes = (SessionAuthentication,)
        permission_classes = (IsAuthenticated,)

        def get(self, request: Any) -> Response:
            return Response([request.user.email, request.auth.user.email])

        def post(self, request: Any) -> Response:
            return Response("changed")

    return path("me", Me.as_view())


@pytest.mark.parametrize("kind", BOTH)
def test_session_authenticates(projects: Projects, kind: str) -> None:
    world = World()
    browser = getattr(projects, kind)(world, world.config(), views)
    answer = browser.get("/me", headers={"accept": "application/json"})
    assert answer.status == 401
    assert answer.headers.get("www-authenticate") == 'Bearer realm="authwire"'
    sign_in(browser)
    assert browser.get("/me", headers={"accept": "application/json"}).json() == [ADA, ADA]


@pytest.mark.parametrize("kind", BOTH)
def test_unsafe_methods_need_djangos_csrf_token(projects: Projects, kind: str) -> None:
    world = World()
    browser = getattr(projects, kind)(world, world.config(), views)
    sign_in(browser)
    refused = browser.post("/me", headers={"accept": "application/json"})
    assert refused.status == 403
    assert "CSRF Failed" in refused.text
    token = "t" * 32
    browser.cookies.set("csrftoken", token)
    headers = {"accept": "application/json", "x-csrftoken": token}
    assert browser.post("/me", headers=headers).json() == "changed"


@pytest.mark.parametrize("kind", BOTH)
def test_deactivated_user_is_not_let_in(projects: Projects, kind: str, database: object) -> None:
    world = World(strategy="jwt")
    browser = getattr(projects, kind)(world, people(world), views)
    open_link(browser, world)
    headers = {"accept": "application/json"}
    assert browser.get("/me", headers=headers).json() == [ADA, ADA]
    DjangoUser.objects.update(is_active=False)
    assert browser.get("/me", headers=headers).status == 401
