"""Talking to a provider's endpoints for one sign-in: push, redeem, verify, userinfo.

DPoP runs through all of them, so it lives here: the key of this sign-in, and the nonce that each server
asks for (RFC 9449 §8, answered by one retry).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Generic

from authwire.core.context import Context
from authwire.errors import CallbackRouteError, OAuthCallbackError, ProtocolError
from authwire.http import HttpRequest, HttpResponse
from authwire.models import TokenSet, U
from authwire.protocol import oauth2, oidc
from authwire.protocol.client_auth import Client
from authwire.protocol.discovery import ServerMetadata
from authwire.protocol.dpop import DPoPKey, wanted_nonce
from authwire.protocol.urls import require_https
from authwire.providers._types import OAuthProvider

__all__ = ["Exchange"]


class Exchange(Generic[U]):
    """The back-channel calls of one sign-in."""

    def __init__(self, ctx: Context[U], provider: OAuthProvider, server: ServerMetadata) -> None:
        self._engine = ctx.engine
        self._provider = provider
        self._server = server
        self._dpop = DPoPKey.generate() if provider.dpop else None
        secret = provider.client_secret
        self._client = Client(
            client_id=provider.client_id,
            client_secret=secret(ctx.engine.now()) if callable(secret) else secret,
            token_endpoint_auth_method=provider.token_endpoint_auth_method,
            private_key=provider.client_private_key,
            id_token_signed_response_alg=provider.id_token_signed_response_alg,
        )

    def _now(self) -> int:
        return int(self._engine.now().timestamp())

    async def _send(self, build: Callable[[str | None], HttpRequest]) -> HttpResponse:
        """Send what ``build`` makes; once more if the server wants its own DPoP nonce in it."""
        response = await self._engine.http.send(build(None))
        nonce = wanted_nonce(response) if self._dpop is not None else None
        if nonce is not None:
            response = await self._engine.http.send(build(nonce))
        return response

    async def push(self, params: Mapping[str, str]) -> str:
        """Push the authorization request (RFC 9126) and return its ``request_uri``.

        Without a DPoP proof, which would bind the code to a key (RFC 9449 §10.1): the request that
        redeems the code has another one, since no key is kept while the browser is away.
        """
        request = oauth2.build_par_request(
            self._server,
            self._client,
            params=params,
            now=self._now(),
            jti=self._engine.new_id(),
        )
        return oauth2.process_par_response(await self._engine.http.send(request))

    async def redeem(
        self, callback: oauth2.ValidatedCallback, *, redirect_uri: str, code_verifier: str | None
    ) -> TokenSet:
        """Exchange the code for tokens (RFC 6749 §4.1.3)."""

        def build(nonce: str | None) -> HttpRequest:
            request = oauth2.build_code_request(
                self._server,
                self._client,
                callback=callback,
                redirect_uri=redirect_uri,
                code_verifier=code_verifier,
                now=self._now(),
                jti=self._engine.new_id(),
                dpop=self._dpop,
                dpop_nonce=nonce,
                extra=self._provider.token_params,
            )
            conform = self._provider.conform_token_request
            return request if conform is None else conform(request)

        response = await self._send(build)
        if self._provider.conform_token is not None:
            response = self._provider.conform_token(response)
        try:
            tokens = oauth2.process_token_response(
                response, now=self._now(), require_id_token=self._provider.type == "oidc"
            )
        except OAuthCallbackError as exc:
            # Only what the provider told the browser may be shown there; this it told us.
            raise CallbackRouteError(f"{self._provider.id} refused the code") from exc
        if self._dpop is None:
            return tokens
        # Whoever refreshes or uses these tokens later needs their key; the ``account`` hook and the
        # ``jwt`` callback may keep it.
        return replace(tokens, extra={**tokens.extra, "dpop_jwk": self._dpop.to_jwk()})

    async def validate_id_token(self, tokens: TokenSet, nonce: str | None) -> Mapping[str, Any]:
        """The claims of the ID token (OIDC Core §3.1.3.7); unknown keys are fetched anew, once."""
        id_token = tokens.id_token
        if id_token is None:
            raise ProtocolError(f"{self._provider.id} sent no ID token")
        issuer = self._server.issuer
        if self._provider.issuer_from is not None:
            issuer = self._provider.issuer_from(oidc.unverified_claims(id_token), issuer)

        async def validate(*, missed: bool) -> Mapping[str, Any]:
            return oidc.validate_id_token(
                id_token,
                keys=await self._engine.directory.keys(self._server, missed=missed),
                issuer=issuer,
                client=self._client,
                nonce=nonce,
                now=self._now(),
                server_algs=self._server.id_token_signing_alg_values_supported,
                access_token=tokens.access_token,
            )

        try:
            return await validate(missed=False)
        except oidc.UnknownKey:
            return await validate(missed=True)

    async def userinfo(self, tokens: TokenSet, *, expected_sub: str | None) -> Mapping[str, Any]:
        """The userinfo answer; with ``expected_sub`` it must be about that subject (§5.3.2)."""
        url, access_token = self._server.userinfo_endpoint, tokens.access_token
        if url is None or access_token is None:
            raise ProtocolError(
                f"{self._provider.id} has no userinfo endpoint, or sent no access token"
            )
        endpoint = require_https(url, "userinfo endpoint")
        response = await self._send(
            lambda nonce: oauth2.build_userinfo_request(
                endpoint,
                access_token=access_token,
                dpop=self._dpop,
                dpop_nonce=nonce,
                now=self._now(),
                jti=self._engine.new_id(),
            )
        )
        return oauth2.process_userinfo_response(response, expected_sub=expected_sub)
