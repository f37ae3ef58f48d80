"""The ways an app can be registered at a provider, and how it then talks to it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, RSAKey

SECRET = "a-client-secret-of-more-than-32-characters"
# All that must be encoded before it can stand in a Basic header (RFC 6749 §2.3.1).
ODD_ID = "web:odd+id"
ODD_SECRET = "s%cret&/+ =x:?#[]@!$'()*,;<>~\"%2B%zz"

ACCOUNTS: Mapping[str, Mapping[str, Any]] = {
    "ada-1": {
        "name": "Ada Lovelace",
        "email": "Ada@Example.com",
        "email_verified": True,
        "picture": "https://img.example/ada.png",
    },
    "eve-2": {"name": "Eve", "email": "eve@example.com", "email_verified": False},
}


@dataclass(frozen=True)
class Issuers:
    """Where the two running providers are; see `Way.issuer`."""

    open: str
    strict: str


@dataclass(frozen=True)
class Way:
    """A client's registration (RFC 7591 names) and the provider options that belong to it."""

    registered: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    issuer: str = "open"
    """Which of the providers: ``open``, or ``strict`` that wants every request pushed and tells the
    profile at its userinfo endpoint only."""

    def metadata(self, *redirect_uris: str) -> dict[str, Any]:
        """What the provider is to know of the client."""
        return {
            "redirect_uris": redirect_uris,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            **self.registered,
        }

    def provider_options(self, issuer: str) -> dict[str, Any]:
        """The arguments of our `OIDC` for it."""
        return {
            "issuer": issuer,
            "client_id": self.registered["client_id"],
            "client_secret": self.registered.get("client_secret"),
            "token_endpoint_auth_method": self.registered["token_endpoint_auth_method"],
            **self.options,
        }


@functools.cache
def _rsa() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "client-rsa", "alg": "RS256", "use": "sig"})


@functools.cache
def _ec() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "client-ec", "alg": "ES256", "use": "sig"})


def _with_secret(
    name: str, method: str = "client_secret_basic", /, **registered: Any
) -> dict[str, Any]:
    return {
        "client_id": name,
        "client_secret": SECRET,
        "token_endpoint_auth_method": method,
        **registered,
    }


def _with_key(name: str, key: RSAKey | ECKey) -> dict[str, Any]:
    return {
        "client_id": name,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": key.alg,
        "jwks": {"keys": [key.as_dict(private=False)]},
    }


def _signed(alg: str) -> dict[str, Any]:
    return _with_secret(f"signed-{alg}", id_token_signed_response_alg=alg)


@functools.cache
def ways() -> Mapping[str, Way]:
    """All of them by name. Made when first needed, because keys take time."""
    pem = _rsa().as_pem(private=True)
    public = {"client_id": "public", "token_endpoint_auth_method": "none"}
    bound = {**public, "client_id": "bound", "dpop_bound_access_tokens": True}
    pushing = _with_secret("pushing", require_pushed_authorization_requests=True)
    return {
        "basic": Way(_with_secret(ODD_ID, client_secret=ODD_SECRET)),
        "post": Way(_with_secret("post", "client_secret_post")),
        "secret-jwt": Way(_with_secret("secret-jwt", "client_secret_jwt")),
        "key-jwt-rsa": Way(_with_key("key-jwt-rsa", _rsa()), {"client_private_key": pem}),
        "key-jwt-ec": Way(_with_key("key-jwt-ec", _ec()), {"client_private_key": _ec()}),
        "public": Way(public),
        "no-pkce": Way(_with_secret("no-pkce"), {"checks": ("state", "nonce")}),
        "form-post": Way(
            _with_secret("form-post"),
            {"params": {"response_mode": "form_post"}, "checks": ("pkce", "state", "nonce")},
        ),
        "par": Way(pushing, {"par": True}),
        "dpop": Way(bound, {"dpop": True}),
        "par-dpop": Way(
            {**bound, "client_id": "par-dpop"}, {"dpop": True, "id_token": False}, issuer="strict"
        ),
        "par-key-jwt": Way(
            _with_key("par-key-jwt", _ec()),
            {"client_private_key": _ec().as_dict(private=True), "id_token": False},
            issuer="strict",
        ),
        "userinfo": Way(_with_secret("userinfo"), {"id_token": False}, issuer="strict"),
        "es256": Way(_signed("ES256"), {"id_token_signed_response_alg": "ES256"}),
        "ps256": Way(_signed("PS256")),
        "eddsa": Way(_signed("EdDSA")),
    }


WAYS = (
    "basic",
    "post",
    "secret-jwt",
    "key-jwt-rsa",
    "key-jwt-ec",
    "public",
    "no-pkce",
    "form-post",
    "par",
    "dpop",
    "par-dpop",
    "par-key-jwt",
    "userinfo",
    "es256",
    "ps256",
    "eddsa",
)
"""Their names, known before any key is made."""
