"""django-allauth: its headless session endpoint, a view that needs a user, and a bare one.

Sessions are signed cookies (``STRATEGY=jwt``) or in Django's cache in this process (``database``). Django
reads the user from the database in both cases; it is SQLite in memory. Runs in an environment of its
own, without Authwire; ``SITE`` tells it the user.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from typing import Any

import django
from django.conf import settings

SITE = json.loads(os.environ["SITE"])
ENGINE = {"jwt": "signed_cookies", "database": "cache"}[os.environ["STRATEGY"]]

settings.configure(
    SECRET_KEY=SITE["secret"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    SESSION_ENGINE=f"django.contrib.sessions.backends.{ENGINE}",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "allauth",
        "allauth.account",
        "allauth.headless",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    HEADLESS_ONLY=True,
    LOGGING_CONFIG=None,
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402  # needs the settings above
from django.core.management import call_command  # noqa: E402  # as above
from django.core.wsgi import get_wsgi_application  # noqa: E402  # as above
from django.http import HttpResponse, JsonResponse  # noqa: E402  # as above
from django.urls import include, path  # noqa: E402  # as above


def sign_in() -> str:
    """Store the user and a session; what a browser that is signed in sends."""
    call_command("migrate", verbosity=0)
    first, last = SITE["user"]["name"].split()
    user: Any = get_user_model().objects.create(
        username="ada", email=SITE["user"]["email"], first_name=first, last_name=last
    )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def bare(request: Any) -> HttpResponse:
    return JsonResponse({"user": SITE["user"]})


def protected(request: Any) -> HttpResponse:
    user = request.user
    if not user.is_authenticated:
        return JsonResponse({"error": "Unauthorized"}, status=401)
    return JsonResponse({"user": {"name": user.get_full_name(), "email": user.email}})


COOKIE = sign_in()
urlpatterns = [
    path("bare", bare),
    path("protected", protected),
    path("cookie", lambda request: JsonResponse(COOKIE, safe=False)),
    path("_allauth/", include("allauth.headless.urls")),
]
app = get_wsgi_application()
