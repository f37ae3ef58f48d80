"""Django, under WSGI and under ASGI.

A process has one project. So the settings are those of the app that is asked; who is asked again,
finds them in place.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import django
from benchmarks import sample
from benchmarks.frameworks._common import ANSWER, Framework, over_asgi, over_wsgi
from django.conf import settings

OURS = "authwire.integrations.django"

settings.configure(
    ALLOWED_HOSTS=["*"],
    AUTHWIRE=None,
    INSTALLED_APPS=[OURS],
    LOGGING_CONFIG=None,
    MIDDLEWARE=[],
    ROOT_URLCONF=None,
    SECRET_KEY=sample.SECRET,
    USE_TZ=True,
)
django.setup()

from django.core.handlers.asgi import ASGIHandler  # noqa: E402  # needs the settings above
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402  # as above
from django.http import HttpRequest, JsonResponse  # noqa: E402  # as above
from django.urls import include, path  # noqa: E402  # as above

from authwire import AuthConfig  # noqa: E402  # as above
from authwire.integrations.django import DjangoAuth, auth  # noqa: E402  # as above

__all__ = ["FRAMEWORKS"]


def _open(request: HttpRequest) -> JsonResponse:
    return JsonResponse(ANSWER)


@auth.required
def _protected(request: Any) -> JsonResponse:
    return JsonResponse({"user": request.auth.data["user"]})


async def _aopen(request: HttpRequest) -> JsonResponse:
    return JsonResponse(ANSWER)


@auth.required
async def _aprotected(request: Any) -> JsonResponse:
    session = await request.aauth()
    return JsonResponse({"user": session.data["user"]})


class _Bare:
    urlpatterns = (path("open", _open),)


class _BareAsync:
    urlpatterns = (path("open", _aopen),)


class _Whole:
    urlpatterns = (
        path("auth/", include(f"{OURS}.urls")),
        path("open", _open),
        path("protected", _protected),
    )


class _WholeAsync:
    urlpatterns = (
        path("auth/", include(f"{OURS}.urls")),
        path("open", _aopen),
        path("protected", _aprotected),
    )


class Project:
    """An app with its settings."""

    _current: Project | None = None

    def __init__(self, config: AuthConfig | None, urls: Any, handler: type[Any]) -> None:
        self._setting = None if config is None else DjangoAuth(config)
        self._urls = urls
        self.choose()
        self.handler = handler()  # it reads MIDDLEWARE once

    def choose(self) -> None:
        Project._current = self
        settings.AUTHWIRE = self._setting
        settings.MIDDLEWARE = [] if self._setting is None else [f"{OURS}.AuthMiddleware"]
        settings.ROOT_URLCONF = self._urls

    def __call__(self, *asked: Any) -> Any:
        if Project._current is not self:
            self.choose()
        return self.handler(*asked)


def build(config: AuthConfig | None) -> Project:
    return Project(config, _Bare if config is None else _Whole, WSGIHandler)


def build_async(config: AuthConfig | None, *, views: tuple[Any, Any]) -> Project:
    return Project(config, views[config is not None], ASGIHandler)


FRAMEWORKS = {
    "django": Framework("Django, WSGI", build, over_wsgi),
    "django-asgi": Framework(
        "Django, ASGI", partial(build_async, views=(_BareAsync, _WholeAsync)), over_asgi
    ),
}
