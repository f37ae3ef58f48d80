"""Reading documents by plain commands, and counting what a client sends."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar

from bson import ObjectId
from pymongo.database import Database
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.wire import wire_name

__all__ = ["AuthjsReader", "RawReader", "Seen", "drive"]

V = TypeVar("V")


class RawReader:
    """Reads documents with the fields' own names."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self.database = database

    def one(self, collection: str, kind: type[V], ids: dict[str, str], **key: Any) -> V | None:
        found = list(self.database[collection].find(key))
        assert len(found) <= 1
        if not found:
            return None
        document = {ids.get(name, name): _plain(value) for name, value in found[0].items()}
        document.pop("_id", None)
        return kind(**document)

    def user(self, user_id: str) -> User | None:
        return self.one("users", User, {"_id": "id"}, _id=user_id)

    def account(self, provider: str, provider_account_id: str) -> Account | None:
        key = {"provider": provider, "provider_account_id": provider_account_id}
        return self.one("accounts", Account, {}, **key)

    def session(self, session_token: str) -> AdapterSession | None:
        return self.one("sessions", AdapterSession, {"_id": "session_token"}, _id=session_token)

    def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        key = {"identifier": identifier, "token": token}
        return self.one("verification_tokens", VerificationToken, {}, **key)

    def authenticator(self, credential_id: str) -> Authenticator | None:
        ids = {"_id": "credential_id"}
        return self.one("authenticators", Authenticator, ids, _id=credential_id)


class AuthjsReader(RawReader):
    """Reads documents as Auth.js' adapter keeps them."""

    def one(self, collection: str, kind: type[V], ids: dict[str, str], **key: Any) -> V | None:
        names = {wire_name(kind, item.name): item.name for item in fields(kind)}  # type: ignore[arg-type]  # a dataclass
        found = list(self.database[collection].find(key))
        assert len(found) <= 1
        if not found:
            return None
        document = found[0]
        assert isinstance(document.pop("_id"), ObjectId)
        values = {names[name]: value for name, value in document.items() if name in names}
        other = {name: value for name, value in document.items() if name not in names}
        if "user_id" in values:
            assert isinstance(values["user_id"], ObjectId)
        if kind is User:
            values["id"] = str(key["_id"])
        if other:
            values["extra"] = other
        return kind(**{name: _plain(value) for name, value in values.items()})

    def user(self, user_id: str) -> User | None:
        if not ObjectId.is_valid(user_id):
            return None
        return self.one("users", User, {}, _id=ObjectId(user_id))

    def account(self, provider: str, provider_account_id: str) -> Account | None:
        key = {"provider": provider, "providerAccountId": provider_account_id}
        return self.one("accounts", Account, {}, **key)

    def session(self, session_token: str) -> AdapterSession | None:
        return self.one("sessions", AdapterSession, {}, sessionToken=session_token)

    def authenticator(self, credential_id: str) -> Authenticator | None:
        return self.one("authenticators", Authenticator, {}, credentialID=credential_id)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    return str(value) if isinstance(value, ObjectId) else value


class Seen(CommandListener):
    """The names of the commands that a client sent."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


def drive(coro: Any) -> Any:
    """Send once; a coroutine that suspends fails the test."""
    try:
        coro.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the coroutine suspended")
