"""Tables as plain SQLAlchemy: no type of ours or of the app, so that a revision stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    BLANK_SCHEMA,
    Column,
    Dialect,
    ForeignKeyConstraint,
    MetaData,
    Table,
    make_url,
)
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from authwire.cli.db.arguments import DIALECTS

__all__ = ["dialect_named", "foreign_modules", "plain_tables", "plain_type"]


def dialect_named(name: str) -> Dialect:
    """A dialect of SQLAlchemy without its driver."""
    return make_url(f"{name}://").get_dialect()()


_DIALECTS: Final = {name: dialect_named(name) for name in DIALECTS}


def plain_tables(tables: Sequence[Table], *, default_schema: str | None = None) -> list[Table]:
    """Copies of ``tables`` in a `MetaData` of their own.

    Other tables that they refer to are in it too, with no more than the columns referred to.

    Args:
        tables: of one `MetaData`.
        default_schema: the one in which the database looks by itself; the copies don't name it.
    """
    metadata = MetaData(naming_convention=tables[0].metadata.naming_convention)
    ours = {table.key for table in tables}

    # Any: SQLAlchemy takes None and BLANK_SCHEMA, but its signatures don't say so.
    def schema_of(table: Table) -> Any:
        return None if table.schema == default_schema else table.schema

    def referred(_table: Table, _schema: object, key: ForeignKeyConstraint, _old: object) -> Any:
        return schema_of(key.referred_table) or BLANK_SCHEMA

    copies: list[Table] = []
    for table in tables:
        copy = table.to_metadata(metadata, schema=schema_of(table), referred_schema_fn=referred)
        for column in copy.columns:
            column.type = plain_type(column.type)
        copies.append(copy)
        for key in table.foreign_keys:
            other = key.column.table
            if other.key not in ours:
                stub: Column[Any] = Column(key.column.name, plain_type(key.column.type))
                Table(other.name, metadata, stub, schema=schema_of(other), extend_existing=True)
    return copies


def plain_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """``kind`` as types of SQLAlchemy that make the same columns in each of `DIALECTS`."""
    variants = kind._variant_mapping  # noqa: SLF001  # there is no other way to read them
    if not any(isinstance(each, TypeDecorator) for each in (kind, *variants.values())):
        return kind
    base = _bare(kind, DefaultDialect())
    plain = base
    for name, dialect in _DIALECTS.items():
        special = _bare(variants.get(name, kind), dialect)
        if special.compile(dialect=dialect) != base.compile(dialect=dialect):
            plain = plain.with_variant(special, name)
    return plain


def _bare(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """What ``kind`` is for ``dialect``, below all decorators."""
    while isinstance(kind, TypeDecorator):
        kind = kind.load_dialect_impl(dialect)
        kind = kind._variant_mapping.get(dialect.name, kind)  # noqa: SLF001  # as above
    if type(kind).__module__.startswith("authwire."):
        # A type with nothing but a name of the database's own, which the dialect knows.
        known: dict[str, type[TypeEngine[Any]]] = getattr(dialect, "ischema_names", {})
        kind = known[kind.compile(dialect=dialect)]()
    return kind.copy()


def foreign_modules(tables: Iterable[Table]) -> list[str]:
    """The modules of types that are not SQLAlchemy's, which a revision must import."""
    modules = {
        type(each).__module__
        for table in tables
        for column in table.columns
        for each in (column.type, *column.type._variant_mapping.values())  # noqa: SLF001  # as above
    }
    return sorted(name for name in modules if name.partition(".")[0] != "sqlalchemy")
