"""What a document depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from authwire.config import Pages
from authwire.models import ProviderType

__all__ = ["Facts"]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A configuration, as far as it shows in the document."""

    base_path: str
    """Without a trailing slash; empty at the root."""
    session_cookie: str
    csrf_cookie: str
    csrf: bool
    """Whether POSTs must repeat the CSRF token."""
    providers: Mapping[str, ProviderType] | None
    """Ids and types; None if they are not known."""
    pages: Pages | None
    """The app's own pages; None if they are not known."""

    def ids(self, *types: ProviderType) -> list[str] | None:
        """The ids of the providers of these types, or of all; None if they are not known."""
        if self.providers is None:
            return None
        return [name for name, kind in self.providers.items() if not types or kind in types]
