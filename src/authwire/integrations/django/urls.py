"""The routes, for ``path("auth/", include("authwire.integrations.django.urls"))``.

Their names are those of the actions: ``auth:signin``, ``auth:verify_request``.
"""

from __future__ import annotations

from typing import Final

from django.urls import path, register_converter  # type: ignore[import-untyped]  # Django has no types

from authwire.errors import ConfigError
from authwire.integrations._blueprint import ENDPOINTS, PROVIDER_ENDPOINTS
from authwire.integrations.django.settings import current_setup
from authwire.integrations.django.views import answer

__all__ = ["app_name", "urlpatterns"]


class _RestConverter:
    """All that is left; at the root of the site the other paths are the app's."""

    regex = ".*"

    def to_python(self, value: str) -> str:
        try:
            at_root = not current_setup().base_path
        except ConfigError:
            at_root = False
        if at_root:
            raise ValueError("not ours")
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(_RestConverter, "authwire_rest")

app_name: Final = "auth"
urlpatterns = [
    *(path(action, answer, {"action": action}, name=name) for name, action in ENDPOINTS.items()),
    *(
        path(f"{action}/<str:provider>", answer, {"action": action}, name=name)
        for name, action in PROVIDER_ENDPOINTS.items()
    ),
    path("<authwire_rest:path>", answer, name="unknown"),
]
