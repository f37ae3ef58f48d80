"""What Django loads for ``"authwire.adapters.django"`` in ``INSTALLED_APPS``."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig  # type: ignore[import-untyped]  # Django has no types
from django.core import checks  # type: ignore[import-untyped]  # as above

from authwire.adapters.django.checks import check_settings, check_user_model

__all__ = ["AuthwireConfig"]


class AuthwireConfig(AppConfig):  # type: ignore[misc]  # as above
    name = "authwire.adapters.django"
    label = "authwire"
    verbose_name = "Authwire"
    default_auto_field: Any = "django.db.models.BigAutoField"

    def ready(self) -> None:
        checks.register(check_settings, checks.Tags.models)
        checks.register(check_user_model, checks.Tags.models)
