"""What ``manage.py check`` says about the config and the project: ids ``authwire_web.E001`` and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.apps import apps  # type: ignore[import-untyped]  # Django has no types
from django.conf import settings  # type: ignore[import-untyped]  # as above
from django.core import checks  # type: ignore[import-untyped]  # as above
from django.core.exceptions import ImproperlyConfigured  # type: ignore[import-untyped]  # as above
from django.shortcuts import resolve_url  # type: ignore[import-untyped]  # as above
from django.urls import NoReverseMatch, Resolver404, resolve, reverse  # type: ignore[import-untyped]  # as above
from django.utils.module_loading import import_string  # type: ignore[import-untyped]  # as above

from authwire.errors import ConfigError, ConfigProblem
from authwire.http import Request
from authwire.integrations.django.middleware import AuthMiddleware
from authwire.integrations.django.settings import current_setup

__all__ = ["check_config", "check_deployment", "check_project"]

_OURS: Final = "authwire.integrations.django.AuthMiddleware"
_DJANGOS: Final = "django.contrib.auth.middleware.AuthenticationMiddleware"


def _is_installed() -> bool:
    """Whether there is anything to check: Django's list of checks outlives a test's settings."""
    return bool(apps.is_installed("authwire.integrations.django"))


def _check(kind: Any, number: str, message: str, hint: str) -> Any:
    return kind(message, hint=hint, id=f"authwire_web.{number}")


# --- the config ---------------------------------------------------------------------------------


def check_config(**_options: Any) -> list[Any]:
    """E001: no config. E002: faults of it. W001, W002: what only WSGI or only ASGI could not do."""
    if not _is_installed():
        return []
    try:
        setup = current_setup()
    except ImproperlyConfigured as exc:
        hint = "AUTHWIRE = AuthConfig(providers=[…])"
        return [_check(checks.Error, "E001", str(exc), hint)]
    sync = _problems(lambda: setup.auth)
    found = _problems(lambda: setup.aauth)
    both = [problem for problem in found if problem in sync]
    return [
        *(_told(checks.Error, "E002", problem) for problem in both),
        *(
            _told(checks.Warning, "W001", problem, "Under WSGI, ")
            for problem in sync
            if problem not in both and settings.WSGI_APPLICATION is not None
        ),
        *(
            _told(checks.Warning, "W002", problem, "Under ASGI, ")
            for problem in found
            if problem not in both
        ),
    ]


def _problems(resolve_it: Callable[[], object]) -> list[ConfigProblem]:
    try:
        resolve_it()
    except ConfigError as exc:
        return list(exc.problems)
    return []


def _told(kind: Any, number: str, problem: ConfigProblem, before: str = "") -> Any:
    message = f"{before}AUTHWIRE {problem.where}: {problem.message} [{problem.type}]"
    return _check(kind, number, message, problem.hint)


# --- the project --------------------------------------------------------------------------------


def check_project(**_options: Any) -> list[Any]:
    """E003, W003: the middleware. E004, W004: the routes. W005: ``LOGIN_URL``."""
    if not _is_installed():
        return []
    return [*_about_middleware(), *_about_routes(), *_about_login()]


def _about_middleware() -> Iterator[Any]:
    places = [_is_a(name, AuthMiddleware) for name in settings.MIDDLEWARE]
    if True not in places:
        yield _check(
            checks.Error,
            "E003",
            f"{_OURS} is not in MIDDLEWARE: sessions are not renewed, and request.auth is missing.",
            f'Add "{_OURS}" to MIDDLEWARE.',
        )
    elif _DJANGOS in settings.MIDDLEWARE[places.index(True) :]:
        yield _check(
            checks.Warning,
            "W003",
            "Django's AuthenticationMiddleware comes after ours and replaces request.user.",
            f'Put "{_OURS}" below "{_DJANGOS}".',
        )


def _is_a(name: str, kind: type) -> bool:
    try:
        found = import_string(name)
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, kind)


def _about_routes() -> Iterator[Any]:
    if not getattr(settings, "ROOT_URLCONF", None):
        return
    try:
        url = reverse("auth:signin")
    except NoReverseMatch:
        yield _check(
            checks.Error,
            "E004",
            "The routes of Authwire are in no URLconf.",
            'Add path("auth/", include("authwire.integrations.django.urls")).',
        )
        return
    try:
        base_path = current_setup().base_path
    except (ConfigError, ImproperlyConfigured):
        return  # E001 or E002 says so
    if url != f"{base_path}/signin":
        yield _check(
            checks.Warning,
            "W004",
            f"The routes are at {url.removesuffix('/signin')!r}, but links lead to {base_path!r}.",
            "Make the path and AuthConfig(base_path=…) the same. If a proxy in front puts the two"
            " together, silence this check.",
        )


def _about_login() -> Iterator[Any]:
    if not getattr(settings, "ROOT_URLCONF", None):
        return
    try:
        url = resolve_url(settings.LOGIN_URL)
        if url.startswith("/"):
            resolve(url.partition("?")[0])
    except (NoReverseMatch, Resolver404):
        yield _check(
            checks.Warning,
            "W005",
            f"LOGIN_URL leads nowhere: {settings.LOGIN_URL}. Django's login_required goes there.",
            'LOGIN_URL = "auth:signin"',
        )


# --- deployment ---------------------------------------------------------------------------------


def check_deployment(**_options: Any) -> list[Any]:
    """W006: no host but the developer's own may be used in links."""
    if not _is_installed():
        return []
    try:
        setup = current_setup()
        if setup.aauth.config is None:
            return []
        hosts = setup.aauth.engine(Request(method="GET", path="/")).hosts
    except (ConfigError, ImproperlyConfigured):
        return []
    if hosts.url is not None or hosts.rule != "loopback":
        return []
    return [
        _check(
            checks.Warning,
            "W006",
            "Nobody can sign in but on localhost: no other host may be used in links.",
            "AuthConfig(trust_host=[…]) with the hosts of ALLOWED_HOSTS, or AUTH_URL.",
        )
    ]
