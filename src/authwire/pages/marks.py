"""The drawings on buttons and pages: inline SVG in the colour of the text around it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from markupsafe import Markup

__all__ = ["LOGOS", "icon", "logo"]

LOGOS: Final = frozenset(
    {
        "apple",
        "auth0",
        "discord",
        "github",
        "gitlab",
        "google",
        "keycloak",
        "microsoft-entra-id",
        "okta",
        "slack",
    }
)
"""Ids of the providers with a mark of their own; all others get a key."""


def logo(provider_id: str) -> Markup:
    """The mark of a provider. An id never becomes a path: only known names are read."""
    return _read(f"logos/{provider_id if provider_id in LOGOS else 'key'}.svg")


def icon(name: str) -> Markup:
    """One of our own icons, such as ``mail``."""
    return _read(f"icons/{name}.svg")


@cache
def _read(path: str) -> Markup:
    svg = files("authwire.pages").joinpath(path).read_text("utf-8").strip()
    # The words beside it say all, so a screen reader may skip it. The file is part of the package.
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704
