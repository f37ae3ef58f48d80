"""What providers publish about themselves: endpoints and keys, fetched once and kept.

Fetches are idempotent and need no lock: two at once cost one request more and agree in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from authwire.errors import ProtocolError, ProviderUnreachable
from authwire.ports import Http
from authwire.providers._types import OAuthProvider

# Every engine has a directory, but only sign-ins ask it: the first of them loads the protocol.
if TYPE_CHECKING:
    from authwire.protocol.discovery import KeySet, ServerMetadata

__all__ = ["Directory"]

FRESH: Final = timedelta(hours=1)
"""How long metadata and keys are used without asking again."""
STALE: Final = timedelta(days=1)
"""How long old metadata still serves when the provider cannot be reached."""
COOL_DOWN: Final = timedelta(minutes=1)
"""Unknown key ids make us fetch keys at most this often, so that junk tokens can't use us to flood."""


class Directory:
    """Metadata and keys of all providers of one engine."""

    def __init__(self, http: Http, now: Callable[[], datetime]) -> None:
        self._http = http
        self._now = now
        self._servers: dict[str, tuple[ServerMetadata, datetime]] = {}
        self._keys: dict[str, tuple[KeySet, datetime]] = {}
        """What was fetched, and when."""

    async def server(self, provider: OAuthProvider) -> ServerMetadata:
        """Where ``provider`` answers: what its config says, the rest as discovered.

        Raises:
            ProtocolError: if an endpoint is missing, not https, or the metadata is not the issuer's.
        """
        from authwire.protocol.discovery import ServerMetadata

        if _needs_discovery(provider):
            found = await self._discover(provider)
        else:
            found = ServerMetadata(issuer=provider.issuer or "")
        return replace(
            found,
            authorization_endpoint=provider.authorization or found.authorization_endpoint,
            token_endpoint=provider.token or found.token_endpoint,
            userinfo_endpoint=provider.userinfo or found.userinfo_endpoint,
            jwks_uri=provider.jwks_uri or found.jwks_uri,
        )

    async def keys(self, server: ServerMetadata, *, missed: bool = False) -> KeySet:
        """The keys that ID tokens of ``server`` are signed with.

        Args:
            server: whose keys.
            missed: a token named a key that is not in the set; ask again, within the cool-down.

        Raises:
            ProtocolError: if there is no ``jwks_uri`` or its answer is no key set.
        """
        from authwire.protocol.discovery import build_jwks_request, process_jwks_response

        uri = server.jwks_uri
        if uri is None:
            raise ProtocolError(
                f"{server.issuer} publishes no jwks_uri, so ID tokens cannot be verified"
            )
        kept = self._keys.get(uri)
        if kept is not None:
            age = self._now() - kept[1]
            if age < (COOL_DOWN if missed else FRESH):
                return kept[0]
        response = await self._http.send(build_jwks_request(uri))
        keys = process_jwks_response(response)
        self._keys[uri] = keys, self._now()
        return keys

    async def _discover(self, provider: OAuthProvider) -> ServerMetadata:
        issuer = provider.issuer
        if issuer is None:
            raise ProtocolError(f"provider {provider.id} has no issuer to discover endpoints from")
        kept = self._servers.get(issuer)
        if kept is not None and self._now() - kept[1] < FRESH:
            return kept[0]
        try:
            found = await self._fetch(provider, issuer)
        except ProviderUnreachable:
            if kept is not None and self._now() - kept[1] < STALE:
                return kept[0]
            raise
        self._servers[issuer] = found, self._now()
        return found

    async def _fetch(self, provider: OAuthProvider, issuer: str) -> ServerMetadata:
        from authwire.protocol.discovery import build_discovery_request, process_discovery_response

        stated = provider.discovery_issuer or issuer
        response = await self._http.send(build_discovery_request(issuer))
        if response.status == 404 and provider.type == "oauth":
            # RFC 8414 §3: servers that know nothing of OpenID Connect publish here instead.
            response = await self._http.send(build_discovery_request(issuer, kind="oauth2"))
        found = process_discovery_response(stated, response)
        return replace(found, issuer=issuer)


def _needs_discovery(provider: OAuthProvider) -> bool:
    """Whether the config leaves out an endpoint that the flow will use."""
    if provider.authorization is None or provider.token is None:
        return True
    if provider.type == "oidc":
        return provider.jwks_uri is None or (not provider.id_token and provider.userinfo is None)
    return provider.userinfo is None and provider.fetch_profile is None
