"""Reading lists of objects inside profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["first_object", "objects"]


def objects(profile: Mapping[str, object], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list ``name``; what else stands in it is left out."""
    value = profile.get(name)
    listed = value if isinstance(value, list) else []
    return [item for item in listed if isinstance(item, Mapping)]


def first_object(profile: Mapping[str, object], name: str) -> Mapping[str, Any]:
    """The first object in the list ``name``; an empty one if there is none."""
    return next(iter(objects(profile, name)), {})
