from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, JsonResponse
from django.test import override_settings
from django.urls import include, path
from tests.adapters.django import support
from tests.integrations.apps._common import (
    PROTECT,
    PUBLIC,
    Builder,
    Built,
    over_asgi,
    over_wsgi,
    who,
)
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.integrations.django import DjangoAuth, auth
from authwire.runtime import PortalRuntime

support.configure()

MIDDLEWARE = ["authwire.integrations.django.AuthMiddleware"]


# --- under WSGI -----------------------------------------------------------------------------------


def home(request: Any) -> HttpResponse:
    return JsonResponse(who(request.auth))


@auth.required
def me(request: Any) -> HttpResponse:
    return JsonResponse({"name": request.user.name})


@auth.require(is_ada)
def ada(request: Any) -> HttpResponse:
    return JsonResponse(who(auth.session(request)))


@auth.required
def twice(request: Any) -> HttpResponse:
    assert auth.session(request) is auth.session(request)
    return JsonResponse(who(request.auth))


def vault(request: Any, name: str) -> HttpResponse:
    return HttpResponse(name)


def enter(request: Any) -> HttpResponse:
    return auth.sign_in(request, "credentials", form=request.POST, callback_url="/me")


def leave(request: Any) -> HttpResponse:
    return auth.sign_out(request, callback_url="/")


@auth.required
def rename(request: Any) -> HttpResponse:
    session = auth.update_session(request, {"name": "Countess"})
    assert session == request.auth
    return JsonResponse(session.data if session else None, safe=False)


@auth.required
def quit_(request: Any) -> HttpResponse:
    return auth.sign_out(request, callback_url="/")


# --- under ASGI -----------------------------------------------------------------------------------


async def ahome(request: Any) -> HttpResponse:
    return JsonResponse(who(await request.aauth()))


@auth.required
async def ame(request: Any) -> HttpResponse:
    user = await request.auser()
    return JsonResponse({"name": user.name})


@auth.require(is_ada)
async def aada(request: Any) -> HttpResponse:
    return JsonResponse(who(await auth.asession(request)))


@auth.required
async def atwice(request: Any) -> HttpResponse:
    assert await auth.asession(request) is await request.aauth()
    return JsonResponse(who(request.auth))  # it is known by now


async def avault(request: Any, name: str) -> HttpResponse:
    return HttpResponse(name)


async def aenter(request: Any) -> HttpResponse:
    return await auth.asign_in(request, "credentials", form=request.POST, callback_url="/me")


async def aleave(request: Any) -> HttpResponse:
    return await auth.asign_out(request, callback_url="/")


@auth.required
async def arename(request: Any) -> HttpResponse:
    session = await auth.aupdate_session(request, {"name": "Countess"})
    return JsonResponse(session.data if session else None, safe=False)


@auth.required
async def aquit(request: Any) -> HttpResponse:
    return await auth.asign_out(request, callback_url="/")


# --- both -----------------------------------------------------------------------------------------


def urls(*views: Any) -> tuple[Any, ...]:
    """A URLconf; ``views`` in the order of the table in ``apps``."""
    paths = ("", "me", "ada", "twice", "vault/<name>", "enter", "leave", "rename", "quit")
    return (
        path("auth/", include("authwire.integrations.django.urls")),
        *(path(where, view) for where, view in zip(paths, views, strict=True)),
    )


SYNC = urls(home, me, ada, twice, vault, enter, leave, rename, quit_)
ASYNC = urls(ahome, ame, aada, atwice, avault, aenter, aleave, arename, aquit)


def project(setting: Any, urlconf: Any, **changes: Any) -> Callable[[], None]:
    """Make this process' project be one with ``setting``, until the returned function is called."""
    options: dict[str, Any] = {
        "AUTHWIRE": setting,
        "ROOT_URLCONF": urlconf,
        "MIDDLEWARE": MIDDLEWARE,
        "ALLOWED_HOSTS": ["*"],
        "LOGIN_URL": "auth:signin",
    }
    override = override_settings(**options | changes)
    override.enable()
    return override.disable


def _built(built: Built, *also: Callable[[], None]) -> Built:
    def close() -> None:
        for each in (built.close, *also):
            each()

    return Built(built.browser, close)


def build_django(config: AuthConfig[User], world: World) -> Built:
    end = project(DjangoAuth(config, protect=PROTECT, public=PUBLIC), SYNC)
    return over_wsgi(WSGIHandler(), world, end)


def build_django_portal(config: AuthConfig[User], world: World) -> Built:
    runtime = PortalRuntime()
    setting = DjangoAuth(config, protect=PROTECT, public=PUBLIC, runtime=runtime)
    end = project(setting, SYNC)
    return _built(over_wsgi(WSGIHandler(), world, end), runtime.close)


def build_django_async(config: AuthConfig[User], world: World) -> Built:
    end = project(DjangoAuth(config, protect=PROTECT, public=PUBLIC), ASYNC)
    return _built(over_asgi(ASGIHandler(), world), end)


def build_django_sync_asgi(config: AuthConfig[User], world: World) -> Built:
    """Sync views under ASGI."""
    end = project(DjangoAuth(config, protect=PROTECT, public=PUBLIC), SYNC)
    return _built(over_asgi(ASGIHandler(), world), end)


def build_django_async_wsgi(config: AuthConfig[User], world: World) -> Built:
    """Async views under WSGI."""
    end = project(DjangoAuth(config, protect=PROTECT, public=PUBLIC), ASYNC)
    return over_wsgi(WSGIHandler(), world, end)


BUILDERS: dict[str, Builder] = {
    "django": build_django,
    "django-async": build_django_async,
    "django-async-wsgi": build_django_async_wsgi,
    "django-portal": build_django_portal,
    "django-sync-asgi": build_django_sync_asgi,
}
