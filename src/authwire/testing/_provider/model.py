"""Who may sign in, for whom, and how the provider is to break the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

from authwire.http import Response

__all__ = ["Callback", "Clock", "Endpoint", "FakeClient", "FakeUser", "Faults"]

Clock: TypeAlias = Callable[[], datetime]
Endpoint: TypeAlias = Literal[
    "authorize",
    "consent",
    "discovery",
    "jwks",
    "logout",
    "par",
    "picture",
    "revoke",
    "token",
    "userinfo",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeUser:
    """Somebody with an account at the provider."""

    sub: str
    """The account id, which never changes (OpenID Connect Core §2)."""
    name: str | None = None
    email: str | None = None
    email_verified: bool = True
    picture: str | None = None
    """Default: a drawing of the initials that the provider serves itself."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """More that the scope ``profile`` tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeClient:
    """An app that is registered at the provider; fields as in RFC 7591 §2."""

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...]
    """Compared character by character."""
    name: str = "App"
    """For the consent page."""
    token_endpoint_auth_method: Literal[
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ] = "client_secret_basic"
    """The only method that is accepted from this client."""
    public_key: Mapping[str, Any] | None = None
    """A JWK, for ``private_key_jwt``."""
    id_token_signed_response_alg: Literal["RS256", "ES256"] = "RS256"
    post_logout_redirect_uris: tuple[str, ...] = ()
    require_pkce: bool = False
    """Refuse authorization requests without a challenge; a public client needs one always."""


@dataclass(slots=True, kw_only=True)
class Faults:
    """What the provider does wrong. Set a field at any time; `clear` mends everything.

    The mappings are laid over what the provider would say; None takes a field away. A wrong nonce is
    ``faults.id_token["nonce"] = "other"``, a mix-up ``faults.callback["iss"] = "https://evil.example"``.
    """

    id_token: dict[str, Any] = field(default_factory=dict)
    """Claims of the ID token. They are signed like all others."""
    id_token_header: dict[str, Any] = field(default_factory=dict)
    id_token_alg: Literal["none", "HS256"] | None = None
    """Sign with nothing, or with the text of the public RSA key (algorithm confusion)."""
    id_token_bad_signature: bool = False
    id_token_foreign_key: bool = False
    """Sign with a key that is not published, under the id of one that is."""
    token: dict[str, Any] = field(default_factory=dict)
    """The token response."""
    callback: dict[str, str | None] = field(default_factory=dict)
    """Parameters that the browser brings back."""
    discovery: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    answers: dict[Endpoint, Response] = field(default_factory=dict)
    """The whole answer of an endpoint, such as ``{"token": Response(status=502)}``."""
    unreachable: set[Endpoint] = field(default_factory=set)
    """Endpoints that do not answer at all; served by ASGI, they answer 503."""
    delay: float = 0.0
    """Seconds before each answer, when served by ASGI."""

    def clear(self) -> None:
        """Behave again."""
        fresh = Faults()
        for each in fields(self):
            setattr(self, each.name, getattr(fresh, each.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """The request that the provider makes the browser send to the app."""

    method: Literal["GET", "POST"]
    redirect_uri: str
    params: Mapping[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """With GET the parameters are in the query."""
        if self.method == "POST":
            return self.redirect_uri
        mark = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{mark}{urlencode(self.params)}"

    @property
    def body(self) -> bytes:
        """With POST the parameters are the form."""
        return urlencode(self.params).encode() if self.method == "POST" else b""
