"""Config + environment + runtime → engine, once, with all faults reported together."""

from __future__ import annotations

from authwire.resolve.resolver import log_for, resolve

__all__ = ["log_for", "resolve"]
