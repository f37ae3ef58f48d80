"""The tables used without an engine and without tables of your own."""

from __future__ import annotations

from typing import Final

from authwire.adapters.piccolo.mixins import made_for

__all__ = ["TABLES"]

TABLES: Final = made_for(None)
