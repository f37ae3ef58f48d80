"""For ``TEMPLATES[…]["OPTIONS"]["context_processors"]``."""

from __future__ import annotations

from typing import Any

__all__ = ["auth"]


def auth(request: Any) -> dict[str, Any]:
    """``auth`` in every template: the session, false if nobody is signed in."""
    return {"auth": getattr(request, "auth", None)}
