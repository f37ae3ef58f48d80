"""The indexes, and what a live database lacks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from authwire.adapters._rules import taken
from authwire.adapters.mongodb.shelf import Document, Shelf

__all__ = ["Index", "complaints", "create", "needed"]

Live = dict[str, list[Document]]


@dataclass(frozen=True, slots=True)
class Index:
    """An index that a collection must have."""

    shelf: Shelf[Any]
    fields: tuple[str, ...]
    unique: bool = False
    strings_only: bool = False
    """Whether rows without the value do not count."""
    expires: bool = False
    """Whether the server deletes rows when the time in it has come."""

    @property
    def keys(self) -> list[str]:
        return [self.shelf.key(name) for name in self.fields]

    @property
    def title(self) -> str:
        return f"the index on {self.shelf.collection.name} ({', '.join(self.keys)})"


def needed(
    users: Shelf[Any],
    accounts: Shelf[Any],
    sessions: Shelf[Any],
    tokens: Shelf[Any],
    authenticators: Shelf[Any],
    *,
    expires: bool,
) -> list[Index]:
    """All indexes but those on ``_id``, which every collection has."""
    indexes = [
        Index(users, ("email",), unique=True, strings_only=True),
        Index(accounts, ("provider", "provider_account_id"), unique=True),
        Index(accounts, ("user_id",)),
        Index(sessions, ("session_token",), unique=True),
        Index(sessions, ("user_id",)),
        Index(sessions, ("expires",), expires=expires),
        # The token first: it is looked for alone, too.
        Index(tokens, ("token", "identifier"), unique=True),
        Index(tokens, ("expires",), expires=expires),
        Index(authenticators, ("credential_id",), unique=True),
        Index(authenticators, ("user_id",)),
    ]
    return [index for index in indexes if index.keys != ["_id"]]


async def create(indexes: Sequence[Index]) -> None:
    """Create those that are missing.

    Raises:
        AdapterError: if rows that are there already share a value that must be unique.
    """
    live = await _live(indexes)
    for index in indexes:
        if _one_that_fits(index, live) is not None:
            continue
        options: dict[str, Any] = {"unique": True} if index.unique else {}
        if index.strings_only:
            # Any text is greater; what is null or missing is not. A search for one text implies it,
            # which the server needs to know to use the index.
            options["partialFilterExpression"] = {index.keys[0]: {"$gt": ""}}
        if index.expires:
            options["expireAfterSeconds"] = 0
        keys = [(key, ASCENDING) for key in index.keys]
        try:
            await index.shelf.ask("create_index", keys, **options)
        except DuplicateKeyError:
            message = f"{index.title} cannot be made: rows share a value that must be unique"
        else:
            continue
        raise taken(message)


async def complaints(indexes: Sequence[Index]) -> list[str]:
    """What is wrong with the indexes of the live database, a sentence each."""
    live = await _live(indexes)
    found = [_complaint(index, live) for index in indexes]
    return [text for text in found if text is not None]


def _complaint(index: Index, live: Live) -> str | None:
    fitting = _one_that_fits(index, live)
    if fitting is not None:
        if index.expires and "expireAfterSeconds" not in fitting:
            return f"{index.title} does not delete expired rows"
        return None
    if _on_the_same_keys(index, live):
        return f"{index.title} is not unique"
    return f"{index.title} is missing"


async def _live(indexes: Sequence[Index]) -> Live:
    """The indexes there are, by collection: one command for each."""
    shelves = {index.shelf.collection.name: index.shelf for index in indexes}
    return {name: await shelf.all("list_indexes") for name, shelf in shelves.items()}


def _on_the_same_keys(index: Index, live: Live) -> list[Document]:
    there = live[index.shelf.collection.name]
    return [found for found in there if list(found["key"]) == index.keys]


def _one_that_fits(index: Index, live: Live) -> Document | None:
    same = _on_the_same_keys(index, live)
    return next((found for found in same if found.get("unique", False) or not index.unique), None)
