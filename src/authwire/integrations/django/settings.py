"""``settings.AUTHWIRE``."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings  # type: ignore[import-untyped]  # Django has no types
from django.core.exceptions import ImproperlyConfigured  # type: ignore[import-untyped]  # as above
from django.utils.module_loading import import_string  # type: ignore[import-untyped]  # as above

from authwire.config import AuthConfig
from authwire.integrations.django.setup import Config, Setup

__all__ = ["current_setup", "forget_setup"]


class _Chosen:
    """The setup that was made of a setting, as long as the setting stays the same."""

    value: Any = None
    setup: Setup[Any] | None = None


def current_setup() -> Setup[Any]:
    """What ``settings.AUTHWIRE`` says now.

    Raises:
        ImproperlyConfigured: if it says nothing, or nothing that makes sense.
    """
    value = getattr(settings, "AUTHWIRE", None)
    if _Chosen.setup is None or _Chosen.value is not value:
        _Chosen.setup, _Chosen.value = _setup_of(value), value
    return _Chosen.setup


def forget_setup(*, setting: str, **_: Any) -> None:
    """Read the settings anew, because a test has changed them."""
    if setting in ("AUTHWIRE", "AUTH_USER_MODEL", "INSTALLED_APPS"):
        _Chosen.setup = None


def _setup_of(value: Any) -> Setup[Any]:
    if isinstance(value, str):
        try:
            value = import_string(value)
        except ImportError as exc:
            raise ImproperlyConfigured(f"AUTHWIRE cannot be imported: {exc}") from exc
    own = getattr(value, "own_setup", None)  # of a DjangoAuth
    if isinstance(own, Setup):
        return own
    if isinstance(value, AuthConfig):
        return Setup(value)
    if callable(value) and not isinstance(value, type):
        return Setup(cast("Config[Any]", value))
    raise ImproperlyConfigured(
        "AUTHWIRE must be an AuthConfig, a DjangoAuth, a function of the request that returns an"
        " AuthConfig, or the dotted path of one of these"
    )
