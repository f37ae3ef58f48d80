"""One collection: values in and out, and the commands that the adapter needs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, OperationFailure

from authwire.adapters._documents import DocumentNaming, Documents
from authwire.adapters._rules import taken
from authwire.models import AdapterSession, Authenticator, User

__all__ = ["VALUE_TAKEN", "Document", "Shelf", "finished", "is_object_id", "refusal"]

V = TypeVar("V")
Document = dict[str, Any]
VALUE_TAKEN: Final = "a value that must be unique is already taken"
OWNER: Final = "_owner"
"""Where a row's user is put when both are read at once."""
_SNAKE_IDS: Final[Mapping[type, str]] = {
    AdapterSession: "session_token",
    Authenticator: "credential_id",
}


class Shelf(Generic[V]):
    """The rows of one model.

    Users have their id as ``_id``. So have sessions and passkeys with ``snake``. With ``authjs``, ids of
    users are ``ObjectId`` and all other rows have an ``_id`` that says nothing, as with Auth.js.

    Args:
        collection: of PyMongo, async or sync.
        kind: a frozen dataclass of Authwire, or a subclass.
        naming: of the keys.
    """

    def __init__(self, collection: Any, kind: type[V], naming: DocumentNaming) -> None:
        self.collection = collection
        self.kind = kind
        self._documents = Documents(kind, naming=naming)
        self._authjs = naming == "authjs"
        own = {} if self._authjs else _SNAKE_IDS
        self._id = "id" if issubclass(kind, User) else own.get(kind)
        """The field that is kept as ``_id``, if any."""
        owner = {"user_id"} & self._documents.keys.keys()
        self._references = {"id", *owner} if issubclass(kind, User) else owner

    # --- values ---------------------------------------------------------------------------------

    def key(self, field: str) -> str:
        """The document's key of a field."""
        return "_id" if field == self._id else self._documents.keys[field]

    def dump(self, value: V) -> Document:
        """A new document, with an ``_id`` if a field is one."""
        if not isinstance(value, self.kind):  # a `User` that a provider made has no fields of yours
            given = fields(value)  # type: ignore[arg-type]  # always a dataclass
            value = self.kind(**{item.name: getattr(value, item.name) for item in given})
        return self._stored(self._documents.dump(_whole_ms(value)))

    def dump_fields(self, changes: Mapping[str, Any]) -> Document:
        """Some fields as they are kept.

        Raises:
            TypeError: if there is no such field.
        """
        return self._stored(self._documents.dump_fields(changes))

    def load(self, document: Mapping[str, Any]) -> V:
        values = dict(document)
        if self._id is not None:
            values[self._documents.keys[self._id]] = values["_id"]
        for field in self._references:
            key = self._documents.keys[field]
            values[key] = str(values[key])
        values.pop(OWNER, None)
        return self._documents.load(values)

    def where(self, **values: str) -> Document:
        """The documents with exactly these values. They are values even if they look like operators."""
        return {self.key(name): {"$eq": self._value(name, value)} for name, value in values.items()}

    def _stored(self, document: Document) -> Document:
        if self._id is None:
            for name in ("_id", "id"):  # what a provider sent under these names is not ours
                document.pop(name, None)
        else:
            key = self._documents.keys[self._id]
            if key in document:
                document["_id"] = document.pop(key)
        for field in self._references:
            key = self.key(field)
            if key in document:
                document[key] = self._value(field, document[key])
        return document

    def _value(self, field: str, value: Any) -> Any:
        if not self._authjs or field not in self._references:
            return value
        # Auth.js does so too: what is no id of its kind gets one that nothing has.
        return ObjectId(value) if is_object_id(value) else ObjectId()

    # --- commands -------------------------------------------------------------------------------

    async def ask(self, command: str, *arguments: Any, **options: Any) -> Any:
        """Send one command of the collection and wait for its answer."""
        return await finished(getattr(self.collection, command)(*arguments, **options))

    async def all(self, command: str, *arguments: Any, **options: Any) -> list[Document]:
        """The documents that a command finds."""
        cursor = await self.ask(command, *arguments, **options)
        found: list[Document] = await finished(cursor.to_list())
        return found

    async def insert(self, value: V, taken_keys: Mapping[str, str]) -> V:
        """Store a value.

        Args:
            value: the row.
            taken_keys: what to say if a unique key is taken, by one of its fields.

        Raises:
            AdapterError: if a value that must be unique is taken.
        """
        document = self.dump(value)
        try:
            await self.ask("insert_one", document)
        except DuplicateKeyError as exc:
            message = refusal(exc, {self.key(name): text for name, text in taken_keys.items()})
        else:
            return self.load(document)
        raise taken(message)

    async def find(self, where: Document) -> V | None:
        document = await self.ask("find_one", where)
        return None if document is None else self.load(document)

    async def find_all(self, where: Document) -> list[V]:
        return [self.load(document) for document in await self.all("find", where)]

    async def find_owned(self, users: Shelf[Any], where: Document) -> tuple[V, Document] | None:
        """A row and its user's document, in one query. A row without its user counts as none."""
        for document in await self._with_owners(users, where):
            for owner in document[OWNER]:
                return self.load(document), owner
        return None

    async def drop_orphans(self, users: Shelf[Any], where: Document) -> bool:
        """Delete rows whose user is gone; says whether there were any."""
        dropped = 0
        owner = self.key("user_id")
        for document in await self._with_owners(users, where):
            if not document[OWNER]:
                # The same key may have been given to somebody else since.
                dropped += await self.delete({"_id": document["_id"], owner: document[owner]})
        return dropped > 0

    async def _with_owners(self, users: Shelf[Any], where: Document) -> list[Document]:
        look = {
            "from": users.collection.name,
            "localField": self.key("user_id"),
            "foreignField": "_id",
            "as": OWNER,
        }
        return await self.all("aggregate", [{"$match": where}, {"$lookup": look}])

    async def change(self, where: Document, changes: Document) -> V | None:
        """Set some keys and return the whole row; None if there is none."""
        after = ReturnDocument.AFTER
        document = await self.ask(
            "find_one_and_update", where, {"$set": changes}, return_document=after
        )
        return None if document is None else self.load(document)

    async def take(self, where: Document) -> V | None:
        """Delete one row and return it."""
        document = await self.ask("find_one_and_delete", where)
        return None if document is None else self.load(document)

    async def delete(self, where: Document) -> int:
        """Delete all such rows; says how many."""
        return int((await self.ask("delete_many", where)).deleted_count)

    async def delete_expired(self, now: datetime, limit: int | None) -> int:
        """Delete rows that expired before ``now``, at most ``limit``; says how many."""
        expired: Document = {"expires": {"$lt": now}}
        if limit is None:
            return await self.delete(expired)
        found = await self.all("find", expired, projection={"_id": 1}, limit=limit)
        # One that was moved on since then stays.
        ids = [document["_id"] for document in found]
        return await self.delete({"_id": {"$in": ids}, **expired}) if ids else 0


async def finished(result: Any) -> Any:
    """What an async or a sync client returned."""
    return await result if inspect.isawaitable(result) else result


def is_object_id(text: Any) -> bool:
    """Whether it is an id as Auth.js' adapter shows them: byte for byte, so in lower case."""
    return isinstance(text, str) and ObjectId.is_valid(text) and str(ObjectId(text)) == text


def refusal(exc: OperationFailure, messages: Mapping[str, str]) -> str:
    """What to say about a duplicate. The server's own words quote the value.

    Args:
        exc: what the driver raised.
        messages: by a key of the index.
    """
    details = exc.details or {}
    keys = list(details.get("keyPattern", ()))
    if not keys:  # servers that only speak like MongoDB may tell no more than the index's name
        named = re.search(r"index: (\S+)", str(details.get("errmsg", "")))
        keys = [key for key in messages if named and named[1].startswith(key)]
    return next((messages[key] for key in keys if key in messages), VALUE_TAKEN)


def _whole_ms(value: V) -> V:
    """MongoDB keeps milliseconds; what is returned must be what is kept."""
    moments: dict[str, Any] = {}
    for item in fields(value):  # type: ignore[arg-type]  # always a dataclass
        moment = getattr(value, item.name)
        if isinstance(moment, datetime) and moment.microsecond % 1000:
            moments[item.name] = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return replace(value, **moments) if moments else value  # type: ignore[type-var]  # as above
