"""One database of Django: keys, transactions and what a refused row was refused for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError  # type: ignore[import-untyped]  # Django has no types
from django.db import IntegrityError, connections, transaction  # type: ignore[import-untyped]  # as above

from authwire.adapters._rules import taken as refused

__all__ = ["Database", "is_unique", "meta", "moment", "parsed_key"]

T = TypeVar("T")


class Database:
    """The connection that a thread has to one database.

    Args:
        alias: its name in ``DATABASES``.
        close: whether to do around every call what Django does around every request.
    """

    def __init__(self, alias: str, *, close: bool) -> None:
        self.alias = alias
        self._close = close

    @property
    def connection(self) -> Any:
        """That of this thread."""
        return connections[self.alias]

    @contextmanager
    def open(self) -> Iterator[None]:
        """Around every call."""
        # Django would close a connection in the middle of the caller's transaction.
        if not self._close or self.nested:
            yield
            return
        self.connection.close_if_unusable_or_obsolete()
        try:
            yield
        finally:
            self.connection.close_if_unusable_or_obsolete()

    def rows(self, model: Any) -> Any:
        """All rows, also those that the model's own manager hides."""
        return model._base_manager.using(self.alias)  # noqa: SLF001  # documented by Django

    @property
    def nested(self) -> bool:
        """Whether the caller has begun a transaction, as ``ATOMIC_REQUESTS`` does."""
        return bool(self.connection.in_atomic_block)

    def atomic(self) -> AbstractContextManager[Any]:
        """A transaction, or a savepoint in one."""
        return cast("AbstractContextManager[Any]", transaction.atomic(self.alias))

    def write(
        self,
        prepare: Callable[[], Callable[[], T]],
        blame: Callable[[], str | None],
        *,
        alone: bool = False,
    ) -> T:
        """Write something, whole or not at all.

        Args:
            prepare: reads what is needed and gives what writes. Two steps, because a transaction
                that begins with a write waits for its turn on SQLite; after a read it may fail.
            blame: says why a constraint refused it; None to try a second time.
            alone: it is a single statement, which needs no transaction.

        Raises:
            AdapterError: if a constraint refused it.
        """
        kind = ""
        for _ in range(2):
            write = prepare()
            try:
                with nullcontext() if alone and not self.nested else self.atomic():
                    return write()
            except IntegrityError as exc:
                kind = type(exc).__name__
            # Outside of the except clause, as the driver's own text quotes the values.
            message = blame()
            if message is not None:
                raise refused(message)
        raise refused(f"a constraint refused the row ({kind})")


def meta(model: Any) -> Any:
    """What Django knows of a model."""
    return model._meta  # noqa: SLF001  # documented by Django


def is_unique(model: Any, *names: str) -> bool:
    """Whether the database keeps two rows from having the same values in these fields."""
    known = meta(model)
    if len(names) == 1 and known.get_field(names[0]).unique:
        return True
    keys = [key.fields for key in known.total_unique_constraints] + list(known.unique_together)
    return any(set(key) == set(names) for key in keys)


def parsed_key(field: Any, text: str) -> Any:
    """The primary key whose ``str`` is ``text``; None if there can be no such key."""
    try:
        value = field.to_python(text)
        field.run_validators(value)
    except (ValidationError, ValueError):
        return None
    return value if str(value) == text else None


def moment(value: datetime | None) -> datetime | None:
    """A time as it goes in and out: aware, UTC.

    Raises:
        ValueError: if it has no time zone.
    """
    if value is None:
        return None
    if value.utcoffset() is None:
        raise ValueError("a time without a time zone cannot be stored")
    return value.astimezone(UTC)
