"""Django: an app, a middleware, routes, decorators and mixins, for WSGI and ASGI.

For example::

    # settings.py
    INSTALLED_APPS = [..., "authwire.adapters.django", "authwire.integrations.django"]
    MIDDLEWARE = [..., "authwire.integrations.django.AuthMiddleware"]
    AUTHWIRE = AuthConfig(providers=[GitHub])
    LOGIN_URL = "auth:signin"

    # urls.py
    urlpatterns = [path("auth/", include("authwire.integrations.django.urls"))]
"""

from __future__ import annotations

try:
    import django as _django  # type: ignore[import-untyped]  # Django has no types
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Django: pip install 'authwire[django]'", name=exc.name
    ) from exc

from authwire.integrations.django.django_auth import DjangoAuth, auth
from authwire.integrations.django.http import to_response
from authwire.integrations.django.middleware import AuthMiddleware
from authwire.integrations.django.mixins import AuthPredicateMixin, SessionRequiredMixin
from authwire.integrations.django.users import SessionUser

__all__ = [
    "AuthMiddleware",
    "AuthPredicateMixin",
    "DjangoAuth",
    "SessionRequiredMixin",
    "SessionUser",
    "auth",
    "require",
    "session_required",
    "to_response",
]

session_required = auth.required
"""`DjangoAuth.required`, for ``settings.AUTHWIRE``."""
require = auth.require
"""`DjangoAuth.require`, for ``settings.AUTHWIRE``."""

del _django
