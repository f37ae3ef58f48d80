"""The authorization endpoint: judge the request, then answer for who was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from authwire.testing._provider.model import FakeClient
from authwire.testing._provider.state import Pending

__all__ = ["BadAuthorizationRequest", "RefusedRequest", "judge", "reply_mode"]

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
_MODES: Final = ("query", "form_post")


class BadAuthorizationRequest(Exception):
    """Whom to answer cannot be known, so the browser stays here (RFC 6749 §4.1.2.1)."""


class RefusedRequest(Exception):
    """An error that goes back to the app."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


def find_client(params: Mapping[str, str], clients: Mapping[str, FakeClient]) -> FakeClient:
    """The client, if the redirect URI is one of its own, character by character (RFC 9700 §2.1).

    Raises:
        BadAuthorizationRequest: if not.
    """
    client = clients.get(params.get("client_id", ""))
    if client is None:
        raise BadAuthorizationRequest("No app is registered under this client_id.")
    if params.get("redirect_uri") not in client.redirect_uris:
        raise BadAuthorizationRequest("This redirect_uri is not registered for the app.")
    return client


def reply_mode(params: Mapping[str, str]) -> str:
    """How to send the answer; of two modes that exist, the default for one that does not."""
    mode = params.get("response_mode", "query")
    return mode if mode in _MODES else "query"


def judge(params: Mapping[str, str], client: FakeClient, known_scopes: frozenset[str]) -> Pending:
    """The request, if it is good.

    Raises:
        RefusedRequest: saying what is wrong.
    """
    if "request" in params:
        raise RefusedRequest("request_not_supported", "request objects are not supported")
    if params.get("response_mode", "query") not in _MODES:
        raise RefusedRequest("invalid_request", "unknown response_mode")
    if "response_type" not in params:
        raise RefusedRequest("invalid_request", "response_type is missing")
    if params["response_type"] != "code":
        raise RefusedRequest("unsupported_response_type", "only the code flow is supported")
    prompt = tuple(params.get("prompt", "").split())
    if not set(prompt) <= _PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise RefusedRequest("invalid_request", "prompt makes no sense")
    # OpenID Connect Core §3.1.2.1: scopes that are not understood are left out.
    scope = tuple(name for name in params.get("scope", "").split() if name in known_scopes)
    if not scope:
        raise RefusedRequest("invalid_scope", "no scope that is known here")
    return Pending(
        client_id=client.client_id,
        redirect_uri=params["redirect_uri"],
        response_mode=reply_mode(params),
        scope=scope,
        state=params.get("state"),
        nonce=params.get("nonce"),
        code_challenge=_challenge(params, client),
        prompt=prompt,
        login_hint=params.get("login_hint"),
    )


def _challenge(params: Mapping[str, str], client: FakeClient) -> str | None:
    """RFC 7636 §4.3; only S256, as ``plain`` protects nothing (RFC 9700 §2.1.1)."""
    challenge = params.get("code_challenge")
    if challenge is None:
        public = client.token_endpoint_auth_method == "none"
        if public or client.require_pkce or "code_challenge_method" in params:
            raise RefusedRequest("invalid_request", "code_challenge is missing")
        return None
    if params.get("code_challenge_method", "plain") != "S256":
        raise RefusedRequest("invalid_request", "code_challenge_method must be S256")
    if not _CHALLENGE.match(challenge):
        raise RefusedRequest("invalid_request", "code_challenge is no SHA-256 hash")
    return challenge
