"""One request on its way through: what was asked, who answers, which cookies go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic

from authwire.core.engine import BoundProvider, CookieSpec, CookieTable, Engine
from authwire.core.jar import CookieJar
from authwire.core.route import Action
from authwire.errors import InvalidProvider
from authwire.http import Request
from authwire.models import U
from authwire.pages import PageView
from authwire.providers._types import Provider
from authwire.texts import Texts

__all__ = ["Context"]


@dataclass(slots=True, kw_only=True)
class Context(Generic[U]):
    """Everything an action may need. Made by `guards.enter`."""

    request: Request
    engine: Engine[U]
    action: Action
    origin: str
    """The app's own, such as ``https://app.example``."""
    cookies: CookieTable
    jar: CookieJar = field(default_factory=CookieJar)
    selected: BoundProvider | None = None
    """The provider that the path names, if it names one."""
    form: Mapping[str, Any] = field(default_factory=dict, repr=False)
    csrf_token: str | None = field(default=None, repr=False)
    csrf_verified: bool = False
    callback_url: str = ""
    authorization_params: Mapping[str, str] = field(default_factory=dict)
    """What the caller wants added to the authorization request."""
    texts: Texts

    @property
    def base_url(self) -> str:
        """Origin and base path, without a trailing slash."""
        return self.origin + self.engine.base_path

    @property
    def bound(self) -> BoundProvider:
        """The provider that the path names, with its hooks.

        Raises:
            InvalidProvider: if it names none.
        """
        if self.selected is None:
            raise InvalidProvider(f"{self.action} was called without a provider")
        return self.selected

    @property
    def provider(self) -> Provider:
        """The provider that the path names; raises like `bound`."""
        return self.bound.provider

    @property
    def provider_callback_url(self) -> str:
        """Our callback for this provider."""
        return f"{self.base_url}/callback/{self.provider.id}"

    def cookie(self, spec: CookieSpec) -> str | None:
        """The value that the browser sent for ``spec``."""
        return self.request.cookies.get(spec.name)

    def view(self) -> PageView:
        """What pages need to know of this request."""
        return PageView(
            texts=self.texts,
            origin=self.origin,
            host=self.origin.partition("://")[2],
            base_url=self.base_url,
            csrf_token=self.csrf_token,
        )
