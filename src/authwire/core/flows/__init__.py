"""Ways to prove who you are. Each flow begins on POST ``/signin/:provider`` and ends in a `Proof`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from authwire.core.context import Context
from authwire.core.flows.credentials import CredentialsFlow
from authwire.core.flows.email import EmailFlow
from authwire.core.flows.oauth import OAuthFlow
from authwire.core.flows.webauthn import WebAuthnFlow
from authwire.core.identity import Proof
from authwire.http import Response
from authwire.models import ProviderType, U

__all__ = ["FLOWS", "Flow"]


class Flow(Protocol):
    """One kind of provider."""

    csrf_on_callback: bool
    """Whether a POST to the callback is a form of ours, to be CSRF-checked."""

    async def begin(self, ctx: Context[U]) -> Response:
        """Answer to "sign me in with this provider"."""
        ...

    async def finish(self, ctx: Context[U]) -> Proof[U] | Response:
        """Judge what came to the callback; a response if the flow needs another step first."""
        ...


FLOWS: Final[Mapping[ProviderType, Flow]] = {
    "oauth": OAuthFlow(),
    "oidc": OAuthFlow(),
    "email": EmailFlow(),
    "credentials": CredentialsFlow(),
    "webauthn": WebAuthnFlow(),
}
