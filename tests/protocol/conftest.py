"""Keys and provider answers for the tests of ``protocol/``. Key pairs are made once: RSA is slow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from joserfc.jwk import ECKey, OKPKey, RSAKey

from authwire.http import Headers, HttpResponse
from authwire.protocol.client_auth import Client
from authwire.protocol.discovery import ServerMetadata
from authwire.protocol.keys import AsymmetricKey

# Tests share slow machines: what counts is that nothing unforeseen is raised, not how soon.
settings.register_profile(
    "protocol", deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("protocol")

NOW = 1_800_000_000
Answer = Callable[..., HttpResponse]


@pytest.fixture(scope="session")
def private_keys() -> dict[str, AsymmetricKey]:
    """A private key of each family."""
    return {
        "RSA": RSAKey.generate_key(2048),
        "P-256": ECKey.generate_key("P-256"),
        "P-384": ECKey.generate_key("P-384"),
        "P-521": ECKey.generate_key("P-521"),
        "Ed25519": OKPKey.generate_key("Ed25519"),
    }


@pytest.fixture(scope="session")
def server() -> ServerMetadata:
    return ServerMetadata(
        issuer="https://idp.example",
        authorization_endpoint="https://idp.example/authorize",
        token_endpoint="https://idp.example/token",
        userinfo_endpoint="https://idp.example/userinfo",
        revocation_endpoint="https://idp.example/revoke",
        pushed_authorization_request_endpoint="https://idp.example/par",
        jwks_uri="https://idp.example/jwks",
    )


@pytest.fixture(scope="session")
def client() -> Client:
    return Client(client_id="app", client_secret="the client's secret")


@pytest.fixture(scope="session")
def answer() -> Answer:
    """Make a provider's answer: ``answer({...})``, ``answer(b"...", status=502)``."""

    def make(
        body: Any = b"", *, status: int = 200, headers: dict[str, str] | None = None
    ) -> HttpResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"content-type": "application/json", **(headers or {})}
        return HttpResponse(status=status, headers=Headers(fields.items()), body=data)

    return make
