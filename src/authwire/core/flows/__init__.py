"""Ways to prove who you are. Each flow begins on POST ``/signin/:provider`` and ends in a `Proof`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final, Protocol

from authwire.core.context import Context
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


# Only sign-ins need a flow, so the first of each kind loads it.


@cache
def _oauth() -> Flow:
    from authwire.core.flows.oauth import OAuthFlow

    return OAuthFlow()


@cache
def _email() -> Flow:
    from authwire.core.flows.email import EmailFlow

    return EmailFlow()


@cache
def _credentials() -> Flow:
    from authwire.core.flows.credentials import CredentialsFlow

    return CredentialsFlow()


@cache
def _webauthn() -> Flow:
    from authwire.core.flows.webauthn import WebAuthnFlow

    return WebAuthnFlow()


class _Flows(Mapping[ProviderType, Flow]):
    def __init__(self, load: Mapping[ProviderType, Callable[[], Flow]]) -> None:
        self._load = load

    def __getitem__(self, kind: ProviderType) -> Flow:
        return self._load[kind]()

    def __iter__(self) -> Iterator[ProviderType]:
        return iter(self._load)

    def __len__(self) -> int:
        return len(self._load)


FLOWS: Final[Mapping[ProviderType, Flow]] = _Flows(
    {
        "oauth": _oauth,
        "oidc": _oauth,
        "email": _email,
        "credentials": _credentials,
        "webauthn": _webauthn,
    }
)
