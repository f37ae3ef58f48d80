"""The first program of docs/integrations/django.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse  # type: ignore[import-untyped]  # Django has no types
from django.urls import include, path  # type: ignore[import-untyped]  # as above

from authwire import AuthConfig
from authwire.integrations.django import auth
from authwire.providers import GitHub

INSTALLED_APPS = [..., "authwire.adapters.django", "authwire.integrations.django"]
MIDDLEWARE = [..., "authwire.integrations.django.AuthMiddleware"]
AUTHWIRE: AuthConfig = AuthConfig(providers=[GitHub])
LOGIN_URL = "auth:signin"

urlpatterns = [path("auth/", include("authwire.integrations.django.urls"))]


@auth.required
def me(request: Any) -> HttpResponse:
    return HttpResponse(f"Hello {request.auth.user.name}")  # pyright: ignore[reportArgumentType]  # its types are guessed


@auth.required
async def me_too(request: Any) -> HttpResponse:
    session = await request.aauth()
    return HttpResponse(f"Hello {session.user.name}")  # pyright: ignore[reportArgumentType]  # its types are guessed
