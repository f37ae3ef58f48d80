"""Providers: filled in from the environment, then checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from authwire.errors import ConfigProblem, ProtocolError
from authwire.protocol.urls import require_https
from authwire.providers._types import Credentials, Email, OAuth2, OAuthProvider, Provider

__all__ = ["provider_problems", "with_environment"]

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]*\Z")
_NEEDS_SECRET: Final = ("client_secret_basic", "client_secret_post", "client_secret_jwt")


def with_environment(provider: Provider, environ: Mapping[str, str], proxy: str | None) -> Provider:
    """``provider`` with ``AUTH_<ID>_…`` in place of what it leaves out.

    Args:
        provider: as configured.
        environ: the environment.
        proxy: the redirect proxy of the whole config.
    """
    prefix = f"AUTH_{_env_name(provider.id)}_"
    if isinstance(provider, OAuth2):
        return _oauth(provider, environ, prefix, proxy)
    if isinstance(provider, Email) and provider.api_key is None:
        return replace(provider, api_key=environ.get(f"{prefix}KEY"))
    return provider


def _env_name(provider_id: str) -> str:
    """The provider's part of an environment variable's name, as in Auth.js."""
    return provider_id.upper().replace("-", "_")


def _oauth(
    provider: OAuthProvider, environ: Mapping[str, str], prefix: str, proxy: str | None
) -> OAuthProvider:
    checks = provider.checks
    target = provider.redirect_proxy_url or proxy
    if target and provider.params.get("response_mode") != "form_post":
        # The proxy learns from the state where to send the browser on to.
        checks = checks if "state" in checks else (*checks, "state")
        target = f"{target.rstrip('/')}/callback/{provider.id}"
    else:
        target = None
    return replace(
        provider,
        client_id=provider.client_id or environ.get(f"{prefix}ID", ""),
        client_secret=provider.client_secret or environ.get(f"{prefix}SECRET"),
        issuer=provider.issuer or environ.get(f"{prefix}ISSUER") or provider.default_issuer,
        checks=checks,
        redirect_proxy_url=target,
    )


def provider_problems(provider: Provider, where: str) -> list[ConfigProblem]:
    """Everything about ``provider`` that cannot work."""
    found: list[ConfigProblem] = []
    if not _ID.match(provider.id):
        found.append(
            ConfigProblem("InvalidProvider", where, "the id cannot stand in a URL", 'id="my-idp"')
        )
    match provider:
        case OAuth2():
            found += _credential_problems(provider, where) + _endpoint_problems(provider, where)
        case Email() if provider.server is None and provider.send is None:
            hint = 'Email(server="smtp://user:password@host:587") or Email(send=…)'
            found.append(ConfigProblem("MissingServer", where, "no way to send mail", hint))
        case Email() if provider.send is not None and _lacks_key(provider):
            hint = f"api_key=… or AUTH_{_env_name(provider.id)}_KEY"
            found.append(ConfigProblem("MissingApiKey", where, "no API key", hint))
        case Credentials() if provider.authorize is None:
            hint = "Credentials(authorize=my_function)"
            found.append(ConfigProblem("MissingAuthorize", where, "nobody judges them", hint))
    return found


def _lacks_key(provider: Email) -> bool:
    # Who has such a sender has loaded its module already; nobody else needs it.
    from authwire.providers._senders import ApiSender

    return isinstance(provider.send, ApiSender) and not provider.api_key


def _credential_problems(provider: OAuthProvider, where: str) -> list[ConfigProblem]:
    found: list[ConfigProblem] = []
    env = f"AUTH_{_env_name(provider.id)}"
    if not provider.client_id:
        found.append(
            ConfigProblem("MissingClientId", where, "no client id", f"client_id=… or {env}_ID")
        )
    method = provider.token_endpoint_auth_method
    if method in _NEEDS_SECRET and not provider.client_secret:
        hint = f'client_secret=… or {env}_SECRET (or token_endpoint_auth_method="none")'
        found.append(ConfigProblem("MissingClientSecret", where, "no client secret", hint))
    if method == "private_key_jwt" and provider.client_private_key is None:
        hint = "client_private_key=…"
        found.append(ConfigProblem("MissingClientKey", where, "no private key", hint))
    if not provider.checks:
        hint = 'checks=("pkce", "state")'
        found.append(ConfigProblem("MissingChecks", where, "no checks", hint))
    if "nonce" in provider.checks and provider.type != "oidc":
        hint = 'use "state" or "pkce": only an ID token carries a nonce'
        found.append(ConfigProblem("InvalidChecks", where, "nonce without OIDC", hint))
    return found


def _endpoint_problems(provider: OAuthProvider, where: str) -> list[ConfigProblem]:
    found: list[ConfigProblem] = []
    endpoints = {
        "issuer": provider.issuer,
        "authorization": provider.authorization,
        "token": provider.token,
        "userinfo": provider.userinfo,
        "jwks_uri": provider.jwks_uri,
        "redirect_proxy_url": provider.redirect_proxy_url,
    }
    for name, url in endpoints.items():
        if url:
            try:
                require_https(url, name)
            except ProtocolError as exc:
                hint = "https, or http on localhost"
                found.append(ConfigProblem("InvalidEndpoints", where, str(exc), hint))
    if not provider.issuer:
        needed = ["authorization", "token"]
        if provider.type == "oidc":
            needed.append("issuer")
        elif provider.fetch_profile is None:
            needed.append("userinfo")
        missing = [name for name in needed if not endpoints.get(name)]
        if missing:
            env = f"AUTH_{_env_name(provider.id)}_ISSUER"
            found.append(
                ConfigProblem(
                    "InvalidEndpoints",
                    where,
                    f"neither issuer nor {', '.join(missing)}",
                    f"issuer=… or {env}, or give the endpoints",
                )
            )
    return found
