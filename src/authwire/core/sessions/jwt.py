"""Sessions that live in the cookie: an encrypted JWT, wire-compatible with Auth.js."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, cast

from authwire.config import (
    JWTDecodeParams,
    JWTEncodeParams,
    JWTParams,
    SessionEvent,
    SessionParams,
    SignOutEvent,
)
from authwire.core.context import Context
from authwire.core.engine import Engine
from authwire.core.identity import Identity
from authwire.core.sessions.cookies import (
    clear_session_cookie,
    session_token_of,
    set_session_cookie,
)
from authwire.core.sessions.strategy import ReadMode
from authwire.errors import AdapterError, JWTSessionError, SignOutError
from authwire.models import JSON, Session, U, User
from authwire.protocol.jwe import InvalidToken
from authwire.wire import iso, wire_name

__all__ = ["JWTSessions", "decode_session_token"]

_UNREADABLE: Final = "a session cookie was refused: it is expired, altered, or made with another secret or cookie name"
_STANDARD: Final = {"id": "sub", "name": "name", "email": "email", "image": "picture"}
"""User field → claim."""
_SHOWN: Final = (("name", "name"), ("email", "email"), ("image", "picture"))
"""What the browser sees of a user → claim."""


class JWTSessions:
    """The strategy ``jwt``."""

    async def start(self, ctx: Context[U], identity: Identity[U]) -> None:
        engine, user = ctx.engine, identity.user
        claims: JSON = {
            claim: value
            for claim, value in (
                ("name", user.name),
                ("email", user.email),
                ("picture", user.image),
                ("sub", user.id),
            )
            if value is not None
        }
        if engine.absolute_max_age is not None:
            claims["auth_time"] = int(engine.now().timestamp())
        token: JSON | None = claims
        if engine.callbacks.jwt is not None:
            token = await engine.callbacks.jwt(
                JWTParams(
                    token=claims,
                    user=user,
                    account=identity.account,
                    tokens=identity.tokens,
                    profile=identity.profile,
                    is_new_user=bool(identity.is_new_user),
                    trigger="signUp" if identity.is_new_user else "signIn",
                )
            )
        if token is None:
            clear_session_cookie(ctx)
            return
        await self._send(ctx, token)

    async def read(
        self, ctx: Context[U], mode: ReadMode, new_session: Any = None
    ) -> Session[U] | None:
        opened = await self._open(ctx, mode, new_session)
        if opened is None:
            return None
        token, expires, body = opened
        try:
            user = _user_from_claims(ctx.engine.user_type, token)
        except Exception as exc:  # noqa: BLE001  # the app's own user type
            self._failed(ctx, exc)
            return None
        return Session(user=user, expires=expires, data=body, claims=token)

    async def show(
        self, ctx: Context[U], mode: ReadMode, new_session: Any = None
    ) -> Mapping[str, Any] | None:
        opened = await self._open(ctx, mode, new_session)
        return None if opened is None else opened[2]

    async def _open(
        self, ctx: Context[U], mode: ReadMode, new_session: Any
    ) -> tuple[JSON, datetime, JSON] | None:
        """The claims, when the session ends, and what the browser may see."""
        sealed = session_token_of(ctx)
        if sealed is None:
            return None
        try:
            return await self._opened(ctx, sealed, mode, new_session)
        except AdapterError:
            raise  # a callback asked the database, and it is down: that is not "signed out"
        except InvalidToken:
            ctx.engine.log.warning("JWTSessionError", _UNREADABLE)
            clear_session_cookie(ctx)
            return None
        except Exception as exc:  # noqa: BLE001  # a callback of the app
            self._failed(ctx, exc)
            return None

    def _failed(self, ctx: Context[U], cause: Exception) -> None:
        ctx.engine.log.error(
            JWTSessionError("the app's own code failed while the session was read"), cause=cause
        )
        clear_session_cookie(ctx)

    async def _opened(
        self, ctx: Context[U], sealed: str, mode: ReadMode, new_session: Any
    ) -> tuple[JSON, datetime, JSON] | None:
        engine = ctx.engine
        now = engine.now()
        claims = await _decoded(engine, sealed, ctx.cookies.session_token.name, now.timestamp())
        renew = mode != "peek" and (mode != "app" or _is_due(engine, claims.get("iat"), now))
        expires = _renewed_until(engine, claims, now)
        if not renew:
            expires = _not_after_exp(expires, claims)
        token: JSON | None = claims
        if engine.callbacks.jwt is not None:
            token = await engine.callbacks.jwt(
                JWTParams(
                    token=dict(claims),
                    trigger="update" if mode == "update" else None,
                    session=new_session,
                )
            )
        if token is None:
            clear_session_cookie(ctx)
            return None
        body: JSON = {
            "user": {name: token[claim] for name, claim in _SHOWN if claim in token},
            "expires": iso(expires),
        }
        if engine.callbacks.session is not None:
            body = await engine.callbacks.session(SessionParams(session=body, token=token))
        if renew:
            await self._send(ctx, token, expires)
        if mode in ("endpoint", "update") and engine.events.wanted("session"):
            await engine.events.emit("session", SessionEvent(session=body, token=token))
        return token, expires, body

    async def end(self, ctx: Context[U]) -> None:
        sealed = session_token_of(ctx)
        if sealed is None:
            clear_session_cookie(ctx)
            return
        try:
            claims = await decode_session_token(ctx.engine, sealed, ctx.cookies.session_token.name)
            await ctx.engine.events.emit("sign_out", SignOutEvent(token=claims))
        except Exception as exc:  # noqa: BLE001  # signing out goes on
            ctx.engine.log.error(SignOutError("the session token cannot be read"), cause=exc)
        clear_session_cookie(ctx)

    async def end_others(self, ctx: Context[U]) -> None:
        del ctx
        raise SignOutError(
            "JWT sessions live in the browsers' cookies; to end them everywhere, use"
            ' SessionConfig(strategy="database")'
        )

    async def forget(self, ctx: Context[U]) -> None:
        """Nothing is stored; the cookie is about to be replaced."""

    async def current_user(self, ctx: Context[U]) -> U | None:
        sealed = session_token_of(ctx)
        database = ctx.engine.database
        if sealed is None or database is None:
            return None
        try:
            claims = await decode_session_token(ctx.engine, sealed, ctx.cookies.session_token.name)
        except InvalidToken:
            return None
        subject = claims.get("sub")
        # Somebody whose row is gone, or who never had one, counts as signed out here.
        return await database.get_user(subject) if isinstance(subject, str) and subject else None

    async def _send(self, ctx: Context[U], token: JSON, expires: datetime | None = None) -> None:
        engine = ctx.engine
        salt = ctx.cookies.session_token.name
        if engine.callbacks.encode is not None:
            sealed = await engine.callbacks.encode(
                JWTEncodeParams(
                    token=token,
                    secrets=engine.jwt_secrets,
                    salt=salt,
                    max_age=engine.jwt_max_age,
                )
            )
        else:
            sealed = engine.seal(token, salt=salt, max_age=engine.jwt_max_age)
        set_session_cookie(ctx, sealed, expires or engine.now() + engine.max_age)


async def decode_session_token(engine: Engine[U], sealed: str, salt: str) -> JSON:
    """The claims of a session token, whoever made it with our secret and cookie name.

    Raises:
        InvalidToken: if it is not ours, altered, expired, or older than the absolute lifetime.
    """
    return await _decoded(engine, sealed, salt, engine.now().timestamp())


async def _decoded(engine: Engine[U], sealed: str, salt: str, now: float) -> JSON:
    if engine.callbacks.decode is not None:
        claims = await engine.callbacks.decode(
            JWTDecodeParams(token=sealed, secrets=engine.jwt_secrets, salt=salt)
        )
        if claims is None:
            raise InvalidToken
    else:
        claims = engine.unseal(sealed, salt=salt, now=now)
    if engine.absolute_max_age is not None:
        auth_time = claims.get("auth_time")
        if isinstance(auth_time, bool) or not isinstance(auth_time, (int, float)):
            raise InvalidToken  # a token that does not tell when its sign-in was has no limit
        if now > auth_time + engine.absolute_max_age.total_seconds():
            raise InvalidToken
    return claims


def _user_from_claims(user_type: type[U], token: JSON) -> U:
    """The user that the claims describe; fields of your own are read under their wire name."""
    values: dict[str, Any] = {
        name: value
        for name, claim in _claims_of(cast("Any", user_type))
        if (value := token.get(claim)) is not None
    }
    verified = token.get("emailVerified")
    if isinstance(verified, str):
        values["email_verified"] = _moment(verified)
    return user_type(**values)


@lru_cache(maxsize=64)
def _claims_of(user_type: type[User]) -> tuple[tuple[str, str], ...]:
    """The fields that are taken as they are, each with its claim."""
    return tuple(
        (item.name, _STANDARD.get(item.name) or wire_name(user_type, item.name))
        for item in fields(user_type)
        if item.name != "email_verified"
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _renewed_until(engine: Engine[U], claims: JSON, now: datetime) -> datetime:
    """When a session renewed now ends: after ``max_age``, or with its absolute lifetime."""
    expires = now + engine.max_age
    if engine.absolute_max_age is None:
        return expires
    # _decoded made sure of auth_time.
    started = datetime.fromtimestamp(claims["auth_time"], tz=expires.tzinfo)
    return min(expires, started + engine.absolute_max_age)


def _not_after_exp(expires: datetime, claims: JSON) -> datetime:
    """``expires``, or when the token as it is ends; one of your own format may not say."""
    exp = claims.get("exp")
    if isinstance(exp, bool) or not isinstance(exp, (int, float)):
        return expires
    return min(expires, datetime.fromtimestamp(exp, tz=expires.tzinfo))


def _is_due(engine: Engine[U], issued_at: object, now: datetime) -> bool:
    """Whether the token was issued so long ago that a mere read should renew it."""
    if not isinstance(issued_at, (int, float)):
        return True
    return now.timestamp() >= issued_at + engine.update_age.total_seconds()
