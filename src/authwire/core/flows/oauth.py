"""OAuth 2 and OpenID Connect: send the browser to the provider, redeem the code it brings back.

The protocol itself is in ``authwire.protocol``; this is the order of its steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from authwire.core.context import Context
from authwire.core.flows.checks import (
    Expected,
    begin_checks,
    decode_state,
    effective_checks,
    use_checks,
)
from authwire.core.flows.exchange import Exchange
from authwire.core.guards import resolve_redirect
from authwire.core.identity import Proof
from authwire.core.replies import redirect
from authwire.core.urls import same_origin, with_params
from authwire.errors import InvalidCheck, OAuthProfileParseError, ProtocolError
from authwire.http import Response
from authwire.models import Account, TokenSet, U, User
from authwire.protocol import oauth2, pkce
from authwire.protocol.discovery import ServerMetadata
from authwire.protocol.encoding import json_text
from authwire.providers._types import OAuthProvider, Profile

__all__ = ["OAuthFlow"]

RESERVED: Final = frozenset(
    {
        "callbackUrl",
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "csrfToken",
        "dpop_jkt",
        "nonce",
        "redirect_uri",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "state",
    }
)
"""Parameters that decide where the answer goes and what protects it: a query can't change them."""


class OAuthFlow:
    """Authorization code flow (RFC 6749 §4.1) with PKCE, state, nonce, PAR and DPoP."""

    csrf_on_callback = False

    async def begin(self, ctx: Context[U]) -> Response:
        """Send the browser to the provider."""
        provider, engine = _provider(ctx), ctx.engine
        server = await engine.directory.server(provider)
        if server.authorization_endpoint is None:
            raise ProtocolError(f"provider {provider.id} has no authorization endpoint")
        expected = begin_checks(
            ctx,
            provider,
            effective_checks(provider, server),
            origin=ctx.provider_callback_url if _through_proxy(ctx, provider) else None,
            cross_site=_is_form_post(provider),
        )
        params = _authorization_params(ctx, provider, server, expected)
        engine.log.debug("%s: sending the browser to the provider", provider.id)
        if provider.par or server.require_pushed_authorization_requests:
            pushed = await Exchange(ctx, provider, server).push(params)
            params = {"client_id": provider.client_id, "request_uri": pushed}
        return redirect(oauth2.build_authorization_url(server.authorization_endpoint, params))

    async def finish(self, ctx: Context[U]) -> Proof[U] | Response:
        """Judge the provider's answer, redeem the code, read the profile.

        Raises:
            InvalidCheck: the answer is not for a sign-in that this browser began.
            OAuthCallbackError: the provider answered with an error.
            ProtocolError: an answer breaks a standard.
            OAuthProfileParseError: the profile cannot be turned into a user.
        """
        provider, engine = _provider(ctx), ctx.engine
        params = _callback_params(ctx, provider)
        onward = _proxy_target(ctx, provider, params)
        if onward is not None:
            return redirect(onward)
        server = await engine.directory.server(provider)
        expected = use_checks(
            ctx,
            provider,
            effective_checks(provider, server),
            state=params.get("state"),
            cross_site=_is_form_post(provider),
        )
        if expected.callback_url:
            ctx.callback_url = await resolve_redirect(ctx, expected.callback_url)
        callback = oauth2.validate_callback(
            params,
            server=server,
            expected_state=oauth2.SKIP_STATE if expected.state is None else expected.state,
        )
        exchange = Exchange(ctx, provider, server)
        tokens = await exchange.redeem(
            callback,
            redirect_uri=_redirect_uri(ctx, provider),
            code_verifier=expected.code_verifier,
        )
        engine.log.debug("%s: the code was exchanged for tokens", provider.id)
        profile = await _read_profile(ctx, provider, exchange, tokens, expected.nonce)
        if provider.callback_profile is not None:
            profile = provider.callback_profile(profile, params)
        extend = ctx.bound.hooks.get("extend_profile")
        if extend is not None:
            profile = await extend(engine.http, tokens, profile)
        user = await _user_of(ctx, profile, tokens)
        return Proof(
            user=ctx.engine.as_user(
                user, id=engine.new_id(), email=user.email.lower() if user.email else None
            ),
            account=_account(provider, user.id, tokens),
            tokens=tokens,
            profile=profile,
        )


# --- the request --------------------------------------------------------------------------------


def _authorization_params(
    ctx: Context[U], provider: OAuthProvider, server: ServerMetadata, expected: Expected
) -> Mapping[str, str]:
    """All parameters; later ones win, and what protects the sign-in comes last."""
    params = {"response_type": "code", "client_id": provider.client_id}
    params["redirect_uri"] = _redirect_uri(ctx, provider)
    for name, value in provider.params.items():
        is_json = isinstance(value, Mapping)
        params[name] = json_text(value).decode() if is_json else str(value)
    own = parse_qs(urlsplit(server.authorization_endpoint or "").query)
    if provider.scope:  # an empty one means the same as none (RFC 6749 §3.1), and some refuse it
        params.setdefault("scope", provider.scope)
    elif (
        provider.scope is None
        and "scope" not in own
        and (provider.type == "oidc" or provider.authorization)
    ):
        params.setdefault("scope", "openid profile email")
    params.update(
        {name: value for name, value in ctx.authorization_params.items() if name not in RESERVED}
    )
    if expected.state is not None:
        params["state"] = expected.state
    if expected.code_verifier is not None:
        params["code_challenge"] = pkce.challenge(expected.code_verifier)
        params["code_challenge_method"] = "S256"
    if expected.nonce is not None:
        params["nonce"] = expected.nonce
    return params


def _redirect_uri(ctx: Context[U], provider: OAuthProvider) -> str:
    if _through_proxy(ctx, provider):
        return cast("str", provider.redirect_proxy_url)
    return ctx.provider_callback_url


def _is_form_post(provider: OAuthProvider) -> bool:
    return provider.params.get("response_mode") == "form_post"


# --- the redirect proxy -------------------------------------------------------------------------


def _through_proxy(ctx: Context[U], provider: OAuthProvider) -> bool:
    """Whether the provider knows us by the address of a redirect proxy, which we are not."""
    return provider.redirect_proxy_url is not None and ctx.engine.proxy_origin != ctx.origin


def _proxy_target(
    ctx: Context[U], provider: OAuthProvider, params: Mapping[str, str]
) -> str | None:
    """Where to send the answer on to, if we are the proxy and it is for another deployment."""
    state = params.get("state")
    if provider.redirect_proxy_url is None or ctx.engine.proxy_origin != ctx.origin or not state:
        return None
    # Only we and deployments with our secret can have made this state, so its origin can be trusted.
    origin = decode_state(ctx.engine, state).get("origin")
    if origin is None or (isinstance(origin, str) and same_origin(origin, ctx.origin)):
        return None
    if not isinstance(origin, str) or not origin.startswith(("https://", "http://")):
        raise InvalidCheck("the state names an origin that is no http(s) URL")
    return with_params(origin, params)


# --- the answer ---------------------------------------------------------------------------------


def _provider(ctx: Context[U]) -> OAuthProvider:
    return cast("OAuthProvider", ctx.provider)  # FLOWS chose this flow by the type field


def _callback_params(ctx: Context[U], provider: OAuthProvider) -> Mapping[str, str]:
    if not _is_form_post(provider):
        return ctx.request.query
    return {name: value for name, value in ctx.form.items() if isinstance(value, str)}


async def _read_profile(
    ctx: Context[U],
    provider: OAuthProvider,
    exchange: Exchange[U],
    tokens: TokenSet,
    nonce: str | None,
) -> Profile:
    claims: Profile | None = None
    if provider.type == "oidc":
        claims = await exchange.validate_id_token(tokens, nonce)
        if provider.id_token:
            return claims
    fetch = ctx.bound.hooks.get("fetch_profile")
    if fetch is not None:
        fetched = await fetch(ctx.engine.http, tokens, provider)
        if not isinstance(fetched, Mapping):
            raise OAuthProfileParseError(f"fetch_profile of {provider.id} returned no mapping")
        return fetched
    return await exchange.userinfo(tokens, expected_sub=claims["sub"] if claims else None)


async def _user_of(ctx: Context[U], profile: Profile, tokens: TokenSet) -> User:
    try:
        user = await ctx.bound.hooks["profile"](profile, tokens)
        account_id = user.id
    except OAuthProfileParseError:
        raise
    except Exception as exc:
        raise OAuthProfileParseError(
            f"the profile from {ctx.provider.id} cannot be turned into a user"
        ) from exc
    if not account_id:
        raise OAuthProfileParseError(f"the profile from {ctx.provider.id} has no account id")
    return replace(cast("User", user), id=str(account_id))


def _account(provider: OAuthProvider, account_id: str, tokens: TokenSet) -> Account:
    kept: dict[str, Any] = dict(provider.account(tokens))
    columns = {name: kept.pop(name) for name in _TOKEN_COLUMNS if name in kept}
    return Account(
        type=provider.type,
        provider=provider.id,
        provider_account_id=account_id,
        extra=kept,
        **columns,
    )


_TOKEN_COLUMNS: Final = (
    "access_token",
    "refresh_token",
    "id_token",
    "token_type",
    "scope",
    "expires_at",
    "session_state",
)
