"""The parity rig's app as a Django project under ASGI: routes by the URLconf, the rest by views.

Run like `app.py`, and compared with the same recorded answers::

    B_CMD="$PWD/.venv/bin/python $PWD/tests/parity/django_app.py" bash ../shared/rig/run.sh golden
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import django
import uvicorn
from app import LATE, MAX_HEADER_BYTES, RigApp
from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import include, path, re_path
from rig_state import REQUEST

from authwire import AuthError
from authwire import Request as AuthRequest
from authwire.integrations.django import DjangoAuth, auth, to_response, urls
from authwire.integrations.django.http import body_of, request_of

OURS = "authwire.integrations.django"


def whole(request: Any) -> AuthRequest:
    """The request as Authwire sees it, with its body."""
    return replace(request_of(request), body=body_of(request) or b"")


class RigMiddleware:
    """Tells the callbacks which request they are about."""

    sync_capable = False
    async_capable = True
    rig: RigApp

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: Any) -> HttpResponse:
        rig = self.rig
        if request.path.startswith(rig.mount):
            if rig.browser_run and request.headers.get("referer", "").endswith("/?form=1"):
                rig.browser_run = False
                await asyncio.sleep(LATE)
            REQUEST.set(whole(request))
        return await self.get_response(request)


async def bare(_request: Any) -> HttpResponse:
    return JsonResponse({"ok": True})


async def protected(request: Any) -> HttpResponse:
    try:
        # Without a jar, as the recorded server reads it: it sends no cookies here.
        session = await auth.aauth.session(request_of(request))
    except AuthError:
        return JsonResponse({"error": "express"}, status=500)
    if session is None:
        return JsonResponse({"error": "Unauthorized"}, status=401)
    return JsonResponse({"user": session.data["user"]})


async def control(request: Any, name: str) -> HttpResponse:
    return to_response(RigMiddleware.rig.control(whole(request)))


async def nothing(_request: Any) -> HttpResponse:
    return JsonResponse({"error": "Not Found"}, status=404)


def project(rig: RigApp) -> Any:
    """The ASGI app."""
    RigMiddleware.rig = rig
    mount = rig.mount.removeprefix("/")
    settings.configure(
        ALLOWED_HOSTS=["*"],
        AUTHWIRE=DjangoAuth(rig.auth.config or rig.auth._front._choose),
        INSTALLED_APPS=[OURS],
        LOGGING_CONFIG=None,
        MIDDLEWARE=[f"{__name__}.RigMiddleware", f"{OURS}.AuthMiddleware"],
        ROOT_URLCONF=(
            path(mount, include(urls)),
            path("bare", bare),
            path("protected", protected),
            path("__rig/<name>", control),
            re_path("", nothing),
        ),
    )
    django.setup()
    return get_asgi_application()


def main() -> None:
    port = int(os.environ.get("PORT", "4002"))
    rig = RigApp(os.environ.get("VARIANT", "jwt"), port, os.environ["RIG_HOME"])
    uvicorn.run(
        project(rig),
        host="127.0.0.1",
        port=port,
        http="h11",
        loop="asyncio",
        lifespan="off",
        proxy_headers=False,
        access_log=False,
        log_level="warning",
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
    )


if __name__ == "__main__":
    main()
