"""The built-in pages, and the mail with the magic link. Only passkeys need JavaScript."""

from __future__ import annotations

from authwire.pages.renderer import PageView, Renderer
from authwire.pages.theme import page_problems

__all__ = ["PageView", "Renderer", "page_problems"]
