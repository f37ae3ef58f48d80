"""Challenges of passkey ceremonies: each is answered by the browser that got it, once.

The browser holds the challenge in a sealed cookie, as with Auth.js. A row in the table of verification
tokens holds its hash, from the options until the first answer: whoever takes the row out may go on, so
that a copied cookie and answer are worth nothing, on whatever process they are tried.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from authwire.core.context import Context
from authwire.core.database import has
from authwire.errors import AdapterError, InvalidCheck
from authwire.models import JSON, U, VerificationToken
from authwire.ports import Adapter
from authwire.protocol.encoding import b64u_encode
from authwire.protocol.jwe import InvalidToken
from authwire.providers._types import WebAuthn

__all__ = ["CHALLENGE_LIFE", "Pending", "database_of", "issue_challenge", "redeem_challenge"]

CHALLENGE_LIFE: Final = timedelta(minutes=15)
INNER_SALT: Final = "encodedWebauthnChallenge"
SWEEP: Final = 32
"""One in so many new challenges clears away the rows that expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What the browser was asked."""

    challenge: str = field(repr=False)
    """base64url."""
    register: JSON | None = None
    """The user for whom a passkey is made, with wire names; None in a sign-in."""


async def issue_challenge(
    ctx: Context[U], provider: WebAuthn, *, register: JSON | None = None
) -> str:
    """A fresh challenge in base64url. It replaces the one that this browser did not answer."""
    engine, database = ctx.engine, database_of(ctx)
    now = engine.now()
    abandoned = _peek(ctx, provider)
    if abandoned is not None:
        await database.use_verification_token(_hash(abandoned.challenge), _identifier(provider))
    if has(database, "delete_expired_verification_tokens") and engine.random(1)[0] % SWEEP == 0:
        await database.delete_expired_verification_tokens(now)
    challenge = b64u_encode(engine.random(32)).decode()
    await database.create_verification_token(
        VerificationToken(
            identifier=_identifier(provider),
            token=_hash(challenge),
            expires=now + CHALLENGE_LIFE,
        )
    )
    claims: JSON = {"challenge": challenge}
    if register is not None:
        claims["registerData"] = register
    inner = engine.seal(claims, salt=INNER_SALT, max_age=CHALLENGE_LIFE)
    spec = ctx.cookies.webauthn_challenge
    sealed = engine.seal(
        {"value": inner, "provider": provider.id}, salt=spec.name, max_age=CHALLENGE_LIFE
    )
    ctx.jar.set(spec, sealed, expires=now + CHALLENGE_LIFE)
    return challenge


async def redeem_challenge(ctx: Context[U], provider: WebAuthn) -> Pending:
    """The challenge that this browser answers. Good or bad, there is no second answer to it.

    Raises:
        InvalidCheck: if its cookie is missing, foreign, altered or expired, or it was answered before.
    """
    if not ctx.cookie(ctx.cookies.webauthn_challenge):
        raise InvalidCheck("the challenge cookie is missing: it expired or was used already")
    pending = _peek(ctx, provider)
    if pending is None:
        raise InvalidCheck("the challenge cookie is expired, altered or another provider's")
    ctx.jar.clear(ctx.cookies.webauthn_challenge)
    row = await database_of(ctx).use_verification_token(
        _hash(pending.challenge), _identifier(provider)
    )
    if row is None or row.expires < ctx.engine.now():
        raise InvalidCheck("the challenge was answered before, or has expired")
    return pending


def database_of(ctx: Context[U]) -> Adapter[U]:
    """The adapter.

    Raises:
        AdapterError: if there is none; start-up refuses such a config.
    """
    if ctx.engine.database is None:
        raise AdapterError("passkeys need an adapter")
    return ctx.engine.database


def _peek(ctx: Context[U], provider: WebAuthn) -> Pending | None:
    """What the cookie says, if it is ours and for this provider."""
    spec = ctx.cookies.webauthn_challenge
    try:
        outer = ctx.engine.unseal(ctx.cookie(spec) or "", salt=spec.name)
        inner = ctx.engine.unseal(str(outer.get("value")), salt=INNER_SALT)
    except InvalidToken:
        return None
    challenge, register = inner.get("challenge"), inner.get("registerData")
    if outer.get("provider") != provider.id or not isinstance(challenge, str) or not challenge:
        return None
    return Pending(challenge=challenge, register=register if isinstance(register, dict) else None)


def _identifier(provider: WebAuthn) -> str:
    # Not an address, so that no magic link can be mistaken for a challenge, or the other way round.
    return f"webauthn-challenge:{provider.id}"


def _hash(challenge: str) -> str:
    return hashlib.sha256(f"webauthn-challenge:{challenge}".encode()).hexdigest()
