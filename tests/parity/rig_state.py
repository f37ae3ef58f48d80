"""What one server under test remembers: its database, mails, events, callback calls and log."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NoReturn

from authwire import Request, User
from authwire.adapters.memory import MemoryAdapter
from authwire.core.database import ADAPTER_METHODS
from authwire.models import Account, AdapterSession, Authenticator, VerificationToken
from authwire.wire import to_wire, wire_name

REQUEST: ContextVar[Request] = ContextVar("REQUEST")
"""What is being answered, for callbacks that need more than their params."""


@dataclass(frozen=True, kw_only=True)
class RigUser(User):
    """A user with the two columns that the variants add."""

    role: str | None = None
    login: str | None = None


class RigMemory(MemoryAdapter[RigUser]):
    """`MemoryAdapter` with a back door for the control routes."""

    def __init__(self) -> None:
        super().__init__(user=RigUser)

    async def get_session_and_user(
        self, session_token: str
    ) -> tuple[AdapterSession, RigUser] | None:
        """As in a store without foreign keys: a session may be there whose user is not."""
        session = self._sessions.get(session_token)
        if session is not None and session.user_id not in self._users:
            return None
        return await super().get_session_and_user(session_token)

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """All tables, with Auth.js' names."""
        return {
            "users": [to_wire(row) for row in self.users],
            "accounts": [to_wire(row) for row in self.accounts],
            "sessions": [to_wire(row) for row in self.sessions],
            "verificationTokens": [to_wire(row) for row in self.verification_tokens],
            "authenticators": [to_wire(row) for row in self.authenticators],
        }

    def age(self, table: str, seconds: float) -> None:
        """Move ``expires`` of every row."""
        shift = timedelta(seconds=seconds)
        with self._lock:
            if table == "sessions":
                for key, row in self._sessions.items():
                    self._sessions[key] = replace(row, expires=row.expires + shift)
            elif table == "verificationTokens":
                for rows in self._tokens.values():
                    for key, token in rows.items():
                        rows[key] = replace(token, expires=token.expires + shift)
            else:
                raise ValueError(f"{table} has no expires")

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Put in a row as given, whether or not what it refers to exists."""
        with self._lock:
            match table:
                case "users":
                    user = _row(RigUser, row)
                    self._users[user.id] = user
                    if user.email is not None:
                        self._ids_by_email[user.email] = user.id
                case "accounts":
                    account = _row(Account, row)
                    self._accounts[account.provider, account.provider_account_id] = account
                case "sessions":
                    session = _row(AdapterSession, row)
                    self._sessions[session.session_token] = session
                case "verificationTokens":
                    token = _row(VerificationToken, row)
                    self._tokens.setdefault(token.token, {})[token.identifier] = token
                case "authenticators":
                    passkey = _row(Authenticator, row)
                    self._authenticators[passkey.credential_id] = passkey
                case _:
                    raise ValueError(f"no table {table}")


def _row(model: type, row: Mapping[str, Any]) -> Any:
    given = dict(row)
    if "expiresIn" in given:
        seconds = given.pop("expiresIn")
        given["expires"] = datetime.now(UTC) + timedelta(seconds=seconds)
    values: dict[str, Any] = {}
    for item in fields(model):
        name = wire_name(model, item.name)
        if name in given:
            value = given.pop(name)
            is_date = item.name in ("expires", "email_verified") and isinstance(value, str)
            values[item.name] = datetime.fromisoformat(value) if is_date else value
    if given:
        raise ValueError(f"{model.__name__} has no {', '.join(given)}")
    return model(**values)


def without_methods(adapter: RigMemory, *missing: str) -> Any:
    """``adapter`` as one that never implemented some methods."""
    kept = [name for name in ADAPTER_METHODS if name not in missing]
    return SimpleNamespace(io="none", **{name: getattr(adapter, name) for name in kept})


class DownAdapter(RigMemory):
    """A database that fails where sessions and addresses are looked up."""

    async def get_session_and_user(self, session_token: str) -> NoReturn:
        raise RuntimeError("database is down")

    async def delete_session(self, session_token: str) -> NoReturn:
        raise RuntimeError("database is down")

    async def get_user_by_email(self, email: str) -> NoReturn:
        raise RuntimeError("database is down")


class LooseAdapter(RigMemory):
    """Looks verification tokens up by the token alone."""

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        return await super().use_verification_token(token, None)


@dataclass
class RigState:
    """Everything that the control routes show and ``reset`` empties."""

    port: int
    home: str
    db: RigMemory = field(default_factory=RigMemory)
    mails: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    counter: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def reset(self) -> None:
        self.db.clear()
        for kept in (self.mails, self.events, self.calls, self.log):
            kept.clear()
        self.counter = itertools.count(1)


class RigLogger:
    """Keeps the kind of each error for ``/__rig/log``; the text goes to stderr."""

    def __init__(self, state: RigState) -> None:
        self._state = state

    def error(self, msg: str, *args: Any, exc_info: BaseException | None = None) -> None:
        cause = exc_info.__cause__ if exc_info is not None else None
        self._keep("error", args, type(cause).__name__ if cause is not None else None)
        print("ERROR", msg % args, flush=True)

    def warning(self, msg: str, *args: Any) -> None:
        self._keep("warn", args, None)

    def debug(self, msg: str, *args: Any) -> None:
        pass

    def _keep(self, level: str, args: tuple[Any, ...], cause: str | None) -> None:
        kind = str(args[0]) if args else "?"
        self._state.log.append({"level": level, "type": kind, "cause": cause})
