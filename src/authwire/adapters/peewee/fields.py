"""Fields that Peewee has not: keys compared byte for byte, moments with a time zone, JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import peewee

__all__ = [
    "AccountIdField",
    "CredentialIdField",
    "KeyField",
    "MomentField",
    "ObjectField",
    "OwnerField",
]


def _on_mysql(ctx: Any) -> bool:
    """Whether a table is being described for MySQL or MariaDB."""
    return bool(ctx) and ctx.state.quote == "``"


class KeyField(peewee.CharField):
    """A string that is compared byte for byte.

    MySQL takes ``é`` for ``e`` by default, which would hand over accounts, and limits a key to
    3072 bytes, four for each character unless it is ASCII.
    """

    mysql_charset = "utf8mb4"
    mysql_length: int | None = None

    def ddl_datatype(self, ctx: Any) -> Any:
        if not _on_mysql(ctx):
            return super().ddl_datatype(ctx)
        length, charset = self.mysql_length or self.max_length, self.mysql_charset
        return peewee.SQL(f"VARCHAR({length}) CHARACTER SET {charset} COLLATE {charset}_bin")


class AccountIdField(KeyField):
    """An account's id at its provider: shorter on MySQL, where it shares a key with the provider."""

    mysql_length = 640


class CredentialIdField(KeyField):
    """A WebAuthn credential id in base64."""

    mysql_charset = "ascii"


class OwnerField(peewee.ForeignKeyField):
    """A foreign key to your users. MySQL wants it to have the collation of their ids."""

    def ddl_datatype(self, ctx: Any) -> Any:
        return self.rel_field.ddl_datatype(ctx)


class MomentField(peewee.Field):
    """A moment: time-zone aware in Python, UTC in the database, with microseconds."""

    field_type = "TIMESTAMPTZ"

    def ddl_datatype(self, ctx: Any) -> Any:
        if _on_mysql(ctx):
            return peewee.SQL("DATETIME(6)")
        # Only SQLite stands question marks for values.
        return peewee.SQL("DATETIME" if ctx and ctx.state.param == "?" else self.field_type)

    def db_value(self, value: datetime | None) -> Any:
        """What goes to the database.

        Raises:
            ValueError: if the moment has no time zone.
        """
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a time without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        if isinstance(self.model._meta.database, peewee.SqliteDatabase):  # noqa: SLF001  # Peewee documents this name
            return utc.replace(tzinfo=None).isoformat(" ", "microseconds")
        return utc

    def python_value(self, value: Any) -> datetime | None:
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class ObjectField(peewee.Field):
    """A JSON object."""

    field_type = "JSON"

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value)

    def python_value(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str | bytes) else value
