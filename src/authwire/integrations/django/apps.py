"""What Django loads for ``"authwire.integrations.django"`` in ``INSTALLED_APPS``."""

from __future__ import annotations

from django.apps import AppConfig, apps  # type: ignore[import-untyped]  # Django has no types
from django.core import checks  # type: ignore[import-untyped]  # as above
from django.core.signals import setting_changed  # type: ignore[import-untyped]  # as above

from authwire.integrations.django import signals
from authwire.integrations.django.checks import check_config, check_deployment, check_project
from authwire.integrations.django.settings import forget_setup

__all__ = ["AuthwireWebConfig"]


class AuthwireWebConfig(AppConfig):  # type: ignore[misc]  # Django has no types
    name = "authwire.integrations.django"
    label = "authwire_web"
    verbose_name = "Authwire sign-in"

    def ready(self) -> None:
        checks.register(check_config)
        checks.register(check_project, checks.Tags.urls)
        checks.register(check_deployment, checks.Tags.security, deploy=True)
        setting_changed.connect(forget_setup, dispatch_uid="authwire.settings")
        if apps.is_installed("django.contrib.auth"):
            signals.connect()
