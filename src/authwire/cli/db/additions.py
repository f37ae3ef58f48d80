"""What a live database lacks, as operations of Alembic that only add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, DefaultClause, Inspector, Table, false, inspect, text, true

from authwire.cli.db.plain import foreign_modules, plain_tables

__all__ = ["Revision", "missing"]

_DIALECT_MODULES: Final = ("mysql", "postgresql", "sqlite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The body of a revision, and where the database is."""

    upgrades: str
    downgrades: str
    imports: str
    current: tuple[str, ...]
    """The revisions that the database has."""
    notes: tuple[str, ...]
    """What to look at before it is run."""


def missing(
    connection: Connection, tables: Sequence[Table], *, version_table: str
) -> Revision | None:
    """Compare ``tables`` with the live ones. Other tables are not even looked at.

    Args:
        connection: to the database.
        tables: what there should be, of one `MetaData`.
        version_table: where Alembic keeps the current revision, perhaps with a schema.

    Returns:
        None if nothing can be added.
    """
    plain = plain_tables(tables, default_schema=connection.dialect.default_schema_name)
    context = _context(connection, plain, version_table)
    upgrade = _kept(
        produce_migrations(context, plain[0].metadata).upgrade_ops, inspect(connection), plain
    )
    if upgrade is None:
        return None
    notes = tuple(_completed(upgrade))
    downgrade = _reversed(upgrade)

    # SQLite cannot alter much: there Alembic copies a table where it must.
    batch = connection.dialect.name == "sqlite"
    up, down = (
        render_python_code(each, migration_context=context, render_as_batch=batch)
        for each in (upgrade, downgrade)
    )
    return Revision(
        upgrades=_body(up),
        downgrades=_body(down),
        imports="\n".join(_imports(up + down, plain)),
        current=tuple(context.get_current_heads()),
        notes=notes,
    )


def _context(connection: Connection, plain: Sequence[Table], version_table: str) -> Any:
    names = {(table.schema, table.name) for table in plain}
    schemas = {table.schema for table in plain}

    def is_ours(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema":
            return name in schemas
        return kind != "table" or (parents.get("schema_name"), name) in names

    def is_no_stub(item: Any, _name: Any, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001  # Alembic's signature
        return kind != "table" or (item.schema, item.name) in names

    schema, _, name = version_table.rpartition(".")
    return MigrationContext.configure(
        connection,
        opts={
            "compare_type": False,
            "compare_server_default": False,
            "include_name": is_ours,
            "include_object": is_no_stub,
            "include_schemas": schemas != {None},
            "version_table": name,
            "version_table_schema": schema or None,
        },
    )


# --- which operations stay --------------------------------------------------------------------


def _kept(
    found: ops.UpgradeOps | None, inspector: Inspector, plain: Sequence[Table]
) -> ops.UpgradeOps | None:
    """The operations that add what is not there under another name either."""
    live = {
        (table.schema, table.name): _Live(inspector, table)
        for table in plain
        if inspector.has_table(table.name, schema=table.schema)
    }
    kept: list[Any] = []
    for operation in found.ops if found is not None else ():
        if isinstance(operation, ops.CreateTableOp):
            kept.append(operation)
        elif isinstance(operation, ops.ModifyTableOps):
            place = live.get((operation.schema, operation.table_name))
            inner = [each for each in operation.ops if _is_addition(each, place)]
            if inner:
                kept.append(
                    ops.ModifyTableOps(operation.table_name, inner, schema=operation.schema)
                )
    return ops.UpgradeOps(kept) if kept else None


class _Live:
    """The keys and indexes of a table as it is."""

    def __init__(self, inspector: Inspector, table: Table) -> None:
        where: dict[str, Any] = {"table_name": table.name, "schema": table.schema}
        indexes = [item for item in inspector.get_indexes(**where) if _is_whole(item)]
        constraints = inspector.get_unique_constraints(**where)
        unique: list[Any] = [item["column_names"] for item in constraints]
        unique += [item["column_names"] for item in indexes if item["unique"]]
        unique.append(inspector.get_pk_constraint(**where)["constrained_columns"])
        self.unique = [set(columns) for columns in unique]
        self.orders = [*unique, *(item["column_names"] for item in indexes)]
        self.references = [
            item["constrained_columns"] for item in inspector.get_foreign_keys(**where)
        ]

    def has(self, columns: Sequence[str], *, unique: bool) -> bool:
        if unique:
            return set(columns) in self.unique
        return any(order[: len(columns)] == list(columns) for order in self.orders)


def _is_whole(index: Any) -> bool:
    """Whether an index covers all rows and whole values."""
    options = index.get("dialect_options", {})
    narrowed = any(value for name, value in options.items() if name.endswith(("_where", "_length")))
    return not narrowed and None not in index["column_names"]


def _is_addition(operation: Any, live: _Live | None) -> bool:
    match operation:
        case ops.AddColumnOp():
            return True
        case ops.CreateIndexOp():
            columns = [column.name for column in operation.to_index().columns]
            return live is None or not live.has(columns, unique=bool(operation.unique))
        case ops.CreateUniqueConstraintOp():
            return live is None or not live.has(list(operation.columns), unique=True)
        case ops.CreateForeignKeyOp():
            return live is None or list(operation.local_cols) not in live.references
    return False


# --- making them whole --------------------------------------------------------------------------


def _completed(upgrade: ops.UpgradeOps) -> Iterator[str]:
    """Name the nameless, so that it can be dropped again; fill new columns in rows that exist.

    Yields:
        what remains to be done by hand.
    """
    for modified in upgrade.ops:
        for operation in modified.ops if isinstance(modified, ops.ModifyTableOps) else ():
            match operation:
                case ops.CreateUniqueConstraintOp(constraint_name=None):
                    name = "_".join(("uq", operation.table_name, *operation.columns))
                    operation.constraint_name = name
                case ops.CreateForeignKeyOp(constraint_name=None):
                    name = "_".join(("fk", operation.source_table, *operation.local_cols))
                    operation.constraint_name = name
                case ops.AddColumnOp(column=column) if not column.nullable:
                    if column.server_default is None and not _default_to_server(column):
                        where = f"{operation.table_name}.{column.name}"
                        yield (
                            f"{where} must not be empty and has no server default: if the table has"
                            " rows, say in the revision what they get"
                        )


def _default_to_server(column: Any) -> bool:
    """Let rows that exist get what a new one would get, if that is a plain value."""
    default = (
        column.default.arg if column.default is not None and column.default.is_scalar else None
    )
    if not isinstance(default, str | int):
        return False
    if isinstance(default, bool):
        column.server_default = DefaultClause(true() if default else false())
    else:
        written = default if isinstance(default, str) else text(str(default))
        column.server_default = DefaultClause(written)
    return True


def _reversed(upgrade: ops.UpgradeOps) -> ops.DowngradeOps:
    downgrade = upgrade.reverse_into(ops.DowngradeOps([]))
    gone = {
        (each.schema, each.table_name)
        for each in downgrade.ops
        if isinstance(each, ops.DropTableOp)
    }
    # A table takes its indexes along; MySQL lets no index go that a foreign key needs.
    downgrade.ops = [
        each
        for each in downgrade.ops
        if not isinstance(each, ops.ModifyTableOps) or (each.schema, each.table_name) not in gone
    ]
    return downgrade


# --- text ---------------------------------------------------------------------------------------


def _body(code: str) -> str:
    """The code without Alembic's invitation to edit it."""
    lines = [line for line in code.splitlines() if not line.lstrip().startswith("# ###")]
    return "\n".join(lines).strip()


def _imports(code: str, plain: Sequence[Table]) -> Iterator[str]:
    for name in _DIALECT_MODULES:
        if f"{name}." in code:
            yield f"from sqlalchemy.dialects import {name}"
    for module in foreign_modules(plain):
        if f"{module}." in code:
            yield f"import {module}"
