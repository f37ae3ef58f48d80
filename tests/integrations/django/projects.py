"""Projects for the tests: settings, a URLconf and a browser."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from django.urls import include, path
from tests.integrations.apps.django import MIDDLEWARE
from tests.integrations.world import World

from authwire import User
from authwire.adapters.django import DjangoAdapter
from authwire.testing.client import AuthClient

__all__ = ["APPS", "DJANGOS", "ROUTES", "Projects", "open_link", "people"]

APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "authwire.adapters.django",
    "authwire.integrations.django",
    "tests.adapters.django.people",
]
DJANGOS = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *MIDDLEWARE,
    "django.contrib.messages.middleware.MessageMiddleware",
]
"""The middleware of a whole project."""
ROUTES = path("auth/", include("authwire.integrations.django.urls"))
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "authwire.integrations.django.context_processors.auth",
            ],
        },
    },
]


class Projects:
    """Each replaces the one before."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def close(self) -> None:
        self._stack.close()

    def settings(self, setting: Any, *patterns: Any, **changes: Any) -> None:
        """The settings of a project, with the routes and ``patterns``, or functions that make one."""
        options: dict[str, Any] = {
            "AUTHWIRE": setting,
            "MIDDLEWARE": MIDDLEWARE,
            "INSTALLED_APPS": APPS,
            "TEMPLATES": TEMPLATES,
            "ALLOWED_HOSTS": ["*"],
            "LOGIN_URL": "auth:signin",
            "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        }
        self._stack.enter_context(override_settings(**options | changes))
        if "ROOT_URLCONF" not in changes:
            found = (each() if callable(each) else each for each in patterns)
            self._stack.enter_context(override_settings(ROOT_URLCONF=(ROUTES, *found)))

    def wsgi(
        self, world: World, setting: Any, *patterns: Any, script_name: str = "", **changes: Any
    ) -> AuthClient:
        """A browser of a project that a WSGI server runs."""
        self.settings(setting, *patterns, **changes)
        return AuthClient.wsgi(
            WSGIHandler(), now=world.now, base_path=world.base_path, script_name=script_name
        )

    def asgi(
        self, world: World, setting: Any, *patterns: Any, root_path: str = "", **changes: Any
    ) -> AuthClient:
        """A browser of a project that an ASGI server runs."""
        self.settings(setting, *patterns, **changes)
        browser = AuthClient.asgi(
            ASGIHandler(), now=world.now, base_path=world.base_path, root_path=root_path
        )
        return self._stack.enter_context(browser)


def people(world: World, **changes: Any) -> Any:
    """A config whose users are Django's."""
    options: dict[str, Any] = {"adapter": DjangoAdapter[User](), **changes}
    return world.config(**options)


def open_link(browser: AuthClient, world: World, email: str = "ada@example.com") -> None:
    """Sign in by magic link."""
    browser.sign_in_email(email, callback_url="/me")
    answer = browser.open_magic_link(world.outbox.pop().url)
    assert answer.location == f"{browser.base_url}/me"
