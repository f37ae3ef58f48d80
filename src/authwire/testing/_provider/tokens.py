"""The token, userinfo and revocation endpoints."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from authwire.http import Request, Response
from authwire.testing._provider.answers import EndpointError, json_response, laid_over, posted
from authwire.testing._provider.keys import Keys, at_hash
from authwire.testing._provider.model import Clock, FakeClient, FakeUser, Faults
from authwire.testing._provider.state import (
    TOKEN_SECONDS,
    AccessToken,
    Grant,
    RefreshToken,
    State,
)

__all__ = ["TokenService"]

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")
Claims = Callable[[FakeUser, tuple[str, ...]], dict[str, Any]]


class TokenService:
    """Issues tokens, tells about their owners, takes tokens back."""

    def __init__(
        self,
        *,
        issuer: str,
        openid: bool,
        keys: Keys,
        state: State,
        users: Mapping[str, FakeUser],
        claims: Claims,
        faults: Faults,
        now: Clock,
    ) -> None:
        self._issuer = issuer
        self._openid = openid
        self._keys = keys
        self._state = state
        self._users = users
        self._claims = claims
        self._faults = faults
        self._now = now

    # --- the token endpoint ---------------------------------------------------------------------

    def token(self, client: FakeClient, params: Mapping[str, str]) -> Response:
        match params.get("grant_type"):
            case "authorization_code":
                body = self._redeem(client, params)
            case "refresh_token":
                body = self._refresh(client, params)
            case None:
                raise EndpointError("invalid_request", "grant_type is missing")
            case _:
                raise EndpointError("unsupported_grant_type", "no such grant type here")
        return json_response(laid_over(body, self._faults.token))

    def _redeem(self, client: FakeClient, params: Mapping[str, str]) -> dict[str, Any]:
        if "code" not in params or "redirect_uri" not in params:
            raise EndpointError("invalid_request", "code or redirect_uri is missing")
        code = self._state.codes.get(params["code"])
        if code is None or code.grant.client_id != client.client_id:
            raise EndpointError("invalid_grant", "the code is unknown, expired, or not yours")
        grant = code.grant
        if code.used:
            grant.revoked = True  # RFC 6749 §4.1.2: somebody else has it too
            raise EndpointError("invalid_grant", "the code was used before")
        code.used = True
        if grant.request.redirect_uri != params["redirect_uri"]:
            raise EndpointError("invalid_grant", "another redirect_uri than before")
        _check_verifier(grant.request.code_challenge, params.get("code_verifier"))
        return self._issue(client, grant, grant.scope, nonce=grant.request.nonce)

    def _refresh(self, client: FakeClient, params: Mapping[str, str]) -> dict[str, Any]:
        if "refresh_token" not in params:
            raise EndpointError("invalid_request", "refresh_token is missing")
        token = self._state.refresh_tokens.get(params["refresh_token"])
        if token is None or token.grant.revoked or token.grant.client_id != client.client_id:
            raise EndpointError("invalid_grant", "the refresh token is unknown or not yours")
        if token.used:
            token.grant.revoked = True  # RFC 9700 §4.14.2: one of the two users stole it
            raise EndpointError("invalid_grant", "the refresh token was used before")
        scope = tuple(params.get("scope", " ".join(token.grant.scope)).split())
        if not set(scope) <= set(token.grant.scope):
            raise EndpointError("invalid_scope", "more than was allowed")
        token.used = True
        return self._issue(client, token.grant, scope, nonce=None)

    def _issue(
        self, client: FakeClient, grant: Grant, scope: tuple[str, ...], *, nonce: str | None
    ) -> dict[str, Any]:
        access_token = self._state.access_tokens.put(AccessToken(grant=grant, scope=scope))
        body: dict[str, Any] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": " ".join(scope),
        }
        if not self._openid or "offline_access" in grant.scope:
            body["refresh_token"] = self._state.refresh_tokens.put(RefreshToken(grant=grant))
        if self._openid and "openid" in scope:
            body["id_token"] = self._id_token(client, grant, scope, nonce, access_token)
        return body

    def _id_token(
        self,
        client: FakeClient,
        grant: Grant,
        scope: tuple[str, ...],
        nonce: str | None,
        access_token: str,
    ) -> str:
        """OpenID Connect Core §2."""
        now = int(self._now().timestamp())
        claims = self._claims(self._users[grant.sub], scope) | {
            "iss": self._issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": grant.auth_time,
            "at_hash": at_hash(access_token),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        claims = laid_over(claims, self._faults.id_token)
        return self._keys.sign(claims, client.id_token_signed_response_alg, self._faults)

    # --- userinfo -------------------------------------------------------------------------------

    def userinfo(self, request: Request) -> Response:
        """OpenID Connect Core §5.3, with the errors of RFC 6750 §3.1."""
        header = request.headers.get("authorization")
        if header is None:
            raise _bearer_error(None, "no access token", status=401)
        scheme, _, value = header.partition(" ")
        token = self._state.access_tokens.get(value)
        if scheme.lower() != "bearer" or token is None or token.grant.revoked:
            raise _bearer_error("invalid_token", "the access token is not valid", status=401)
        if self._openid and "openid" not in token.scope:
            raise _bearer_error("insufficient_scope", "openid was not allowed", status=403)
        claims = self._claims(self._users[token.grant.sub], token.scope)
        return json_response(laid_over(claims, self._faults.userinfo))

    # --- revocation -----------------------------------------------------------------------------

    def revoke(self, client: FakeClient, request: Request) -> Response:
        """RFC 7009. A token of somebody else, or of nobody, is answered like any other."""
        value = posted(request).get("token")
        if value is None:
            raise EndpointError("invalid_request", "token is missing")
        refresh, access = (
            self._state.refresh_tokens.get(value),
            self._state.access_tokens.get(value),
        )
        if refresh is not None and refresh.grant.client_id == client.client_id:
            refresh.grant.revoked = True  # §2.1: the access tokens of the grant go with it
        elif access is not None and access.grant.client_id == client.client_id:
            self._state.access_tokens.drop(value)
        return Response(status=200, headers=(("cache-control", "no-store"),))


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    """RFC 7636 §4.6; a verifier without a challenge is a downgrade (RFC 9700 §4.8.2)."""
    if challenge is None and verifier is None:
        return
    if challenge is None or verifier is None or not _VERIFIER.match(verifier):
        raise EndpointError("invalid_grant", "the code_verifier is missing, or not asked for")
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    hashed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(hashed, challenge):
        raise EndpointError("invalid_grant", "the code_verifier is wrong")


def _bearer_error(error: str | None, description: str, *, status: int) -> EndpointError:
    challenge = "Bearer" if error is None else f'Bearer error="{error}"'
    return EndpointError(
        error or "invalid_request",
        description,
        status=status,
        headers=(("www-authenticate", challenge),),
    )
