"""What the token endpoint answers (RFC 6749 §5)."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any, Final

from authwire.errors import OAuthCallbackError, ProtocolError
from authwire.http import HttpResponse
from authwire.models import TokenSet
from authwire.protocol.answers import (
    describe_error,
    error_answer,
    json_answer,
    optional_text,
    printable,
    text,
)
from authwire.protocol.endpoints import require_status

__all__ = ["process_token_response"]

_OK: Final = 200
_TOKEN_TYPES: Final = ("bearer", "dpop")
_TOKEN_FIELDS: Final = frozenset(field.name for field in fields(TokenSet)) - {"extra"}
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?\Z")
_MAX_SECONDS: Final = 1 << 53


def process_token_response(
    response: HttpResponse, *, now: int, require_id_token: bool = False
) -> TokenSet:
    """The tokens (RFC 6749 §5.1). An ID token among them is not verified yet.

    Args:
        response: the answer.
        now: unix time in seconds, from which ``expires_in`` counts.
        require_id_token: whether there must be an ID token (OpenID Connect).

    Raises:
        OAuthCallbackError: if the provider answered with an OAuth error, also one sent with status
            200 in place of tokens, as GitHub does.
        ProtocolError: if the answer is neither that nor a token response.
    """
    what = "the token endpoint's answer"
    error = error_answer(response)
    if error is not None and (response.status != _OK or "access_token" not in error):
        description = describe_error(error["error"], error.get("error_description"))
        raise OAuthCallbackError(f"the token endpoint answered with an error: {description}")
    require_status(response, (_OK,), "the token endpoint")
    body = json_answer(response, "the token endpoint")
    token_type = text(body, "token_type", what).lower()
    if token_type not in _TOKEN_TYPES:
        raise ProtocolError(f"{what} has an unknown token_type: {printable(token_type)}")
    expires_in = _seconds(body, "expires_in", what)
    expires_at = _seconds(body, "expires_at", what, strict=False)
    id_token = optional_text(body, "id_token", what)
    if require_id_token and not id_token:
        raise ProtocolError(f"{what} has no id_token")
    session_state = body.get("session_state")
    return TokenSet(
        access_token=text(body, "access_token", what),
        token_type=token_type,
        refresh_token=optional_text(body, "refresh_token", what),
        id_token=id_token,
        scope=optional_text(body, "scope", what),
        expires_in=expires_in,
        # Zero stands for "does not expire" at some providers; Auth.js sets no expiry then.
        expires_at=now + expires_in if expires_in else expires_at,
        session_state=session_state if isinstance(session_state, str) else None,
        extra={name: value for name, value in body.items() if name not in _TOKEN_FIELDS},
    )


def _seconds(body: dict[str, Any], name: str, what: str, *, strict: bool = True) -> int | None:
    """A number of seconds; some providers send it as text. What is none is an error, or None."""
    value = body.get(name)
    if value is None:
        return None
    number: Any = float(value) if isinstance(value, str) and _NUMBER.match(value) else value
    if type(number) in (int, float) and 0 <= number < _MAX_SECONDS:  # bool is no number
        return int(number)
    if strict:
        raise ProtocolError(f"{what} has an {name} that is no number of seconds")
    return None
