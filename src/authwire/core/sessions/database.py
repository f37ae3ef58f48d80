"""Sessions that live in a row; the cookie only holds its key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from authwire.config import SessionEvent, SessionParams, SignOutEvent
from authwire.core.context import Context
from authwire.core.database import has
from authwire.core.engine import Engine
from authwire.core.identity import Identity
from authwire.core.sessions.cookies import (
    clear_session_cookie,
    session_token_of,
    set_session_cookie,
)
from authwire.core.sessions.strategy import ReadMode
from authwire.errors import AdapterError, SessionTokenError, SignOutError
from authwire.models import JSON, AdapterSession, Session, U
from authwire.ports import Adapter
from authwire.wire import iso

__all__ = ["DatabaseSessions"]


class DatabaseSessions:
    """The strategy ``database``."""

    async def start(self, ctx: Context[U], identity: Identity[U]) -> None:
        engine, database = ctx.engine, _database(ctx)
        if identity.keep_session:
            held = await self._current(ctx, session_token_of(ctx))
            if held is not None:
                set_session_cookie(ctx, held[0].session_token, held[0].expires)
                return
        token = _new_token(engine)
        row = await database.create_session(
            AdapterSession(
                session_token=token,
                user_id=identity.user.id,
                expires=_capped(engine, token, engine.now() + engine.max_age),
            )
        )
        set_session_cookie(ctx, row.session_token, row.expires)

    async def read(
        self, ctx: Context[U], mode: ReadMode, new_session: Any = None
    ) -> Session[U] | None:
        token = session_token_of(ctx)
        if token is None:
            return None
        try:
            return await self._read(ctx, token, mode, new_session)
        except AdapterError:
            raise  # an outage must not be taken for "signed out"
        except Exception as exc:  # noqa: BLE001  # a callback of the app
            ctx.engine.log.error(SessionTokenError("the session cannot be read"), cause=exc)
            return None

    async def show(
        self, ctx: Context[U], mode: ReadMode, new_session: Any = None
    ) -> Mapping[str, Any] | None:
        session = await self.read(ctx, mode, new_session)
        return None if session is None else session.data

    async def _read(
        self, ctx: Context[U], token: str, mode: ReadMode, new_session: Any
    ) -> Session[U] | None:
        engine = ctx.engine
        held = await self._current(ctx, token)
        if held is None:
            clear_session_cookie(ctx)
            return None
        row, user = held
        now = engine.now()
        new_expires = _capped(engine, token, now + engine.max_age)
        due = mode != "peek" and row.expires - engine.max_age + engine.update_age <= now
        if due:
            await _database(ctx).update_session(token, new_expires)
        shown = (("name", user.name), ("email", user.email), ("image", user.image))
        body: JSON = {
            "user": {name: value for name, value in shown if value is not None},
            "expires": iso(row.expires),
        }
        if engine.callbacks.session is not None:
            body = await engine.callbacks.session(
                SessionParams(
                    session=body,
                    user=user,
                    row=row,
                    trigger="update" if mode == "update" else None,
                    new_session=new_session,
                )
            )
        if due or mode in ("endpoint", "update"):
            set_session_cookie(ctx, token, new_expires)
        if mode in ("endpoint", "update") and engine.events.wanted("session"):
            await engine.events.emit("session", SessionEvent(session=body))
        return Session(
            user=user,
            expires=new_expires if due else row.expires,
            data=body,
            session_token=token,
        )

    async def end(self, ctx: Context[U]) -> None:
        token = session_token_of(ctx)
        if token is not None:
            try:
                row = await _database(ctx).delete_session(token)
                await ctx.engine.events.emit("sign_out", SignOutEvent(session=row))
            except Exception as exc:  # noqa: BLE001  # signing out goes on
                ctx.engine.log.error(
                    SignOutError("the session row could not be deleted"), cause=exc
                )
        clear_session_cookie(ctx)

    async def end_others(self, ctx: Context[U]) -> None:
        database = _database(ctx)
        if not has(database, "delete_sessions_by_user_id"):
            raise SignOutError("the adapter has no delete_sessions_by_user_id")
        held = await self._current(ctx, session_token_of(ctx))
        if held is not None:
            row, user = held
            await database.delete_sessions_by_user_id(user.id, row.session_token)

    async def forget(self, ctx: Context[U]) -> None:
        token = session_token_of(ctx)
        if token is not None:
            await _database(ctx).delete_session(token)

    async def current_user(self, ctx: Context[U]) -> U | None:
        held = await self._current(ctx, session_token_of(ctx))
        return held[1] if held is not None else None

    async def _current(self, ctx: Context[U], token: str | None) -> tuple[AdapterSession, U] | None:
        """The session of ``token`` and its user; an expired row is deleted and counts as none."""
        if token is None:
            return None
        database = _database(ctx)
        held = await database.get_session_and_user(token)
        if held is None:
            return None
        if _capped(ctx.engine, token, held[0].expires) < ctx.engine.now():
            await database.delete_session(token)
            return None
        return held


def _database(ctx: Context[U]) -> Adapter[U]:
    database = ctx.engine.database
    if database is None:
        raise AdapterError("database sessions need an adapter")
    return database


def _new_token(engine: Engine[U]) -> str:
    if engine.generate_session_token is not None:
        return engine.generate_session_token()
    token = engine.random(32).hex()
    if engine.absolute_max_age is None:
        return token
    # The row has no column for it, and the token must match a row anyway: its own tail tells when
    # the sign-in was.
    return f"{token}.{int(engine.now().timestamp()):x}"


def _capped(engine: Engine[U], token: str, expires: datetime) -> datetime:
    """``expires``, but not beyond the absolute lifetime of the session."""
    if engine.absolute_max_age is None:
        return expires
    started = token.rpartition(".")[2]
    try:
        age_limit = datetime.fromtimestamp(int(started, 16), tz=expires.tzinfo)
    except (ValueError, OverflowError, OSError):
        age_limit = engine.now() - engine.absolute_max_age - timedelta(seconds=1)
    return min(expires, age_limit + engine.absolute_max_age)
