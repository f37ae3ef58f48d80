"""Preparing the database, and telling what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from django.contrib.auth import get_user_model  # type: ignore[import-untyped]  # Django has no types
from django.core.management import call_command  # type: ignore[import-untyped]  # as above
from django.db import models  # type: ignore[import-untyped]  # as above
from django.db.migrations.executor import MigrationExecutor  # type: ignore[import-untyped]  # as above

from authwire.adapters.django.database import Database, meta

__all__ = ["create", "missing"]


def create(database: Database, user: type[Any], ours: Sequence[type[Any]]) -> None:
    """Run the migrations of the apps that ``ours`` are in; those of the users if they have no table."""
    tables = database.connection.introspection.table_names()
    absent = [model for model in (get_user_model(), user) if meta(model).db_table not in tables]
    labels = [meta(model).app_label for model in (*absent, *ours)]
    migrated = MigrationExecutor(database.connection).loader.migrated_apps
    for label in dict.fromkeys(labels):
        call_command(
            "migrate",
            label,
            database=database.alias,
            interactive=False,
            verbosity=0,
            run_syncdb=label not in migrated,
        )


def missing(database: Database, user: type[Any], ours: Sequence[type[Any]]) -> list[str]:
    """What is not there, in sentences."""
    labels = {meta(model).app_label for model in ours}
    found = list(_not_applied(database.connection, labels))
    with database.connection.cursor() as cursor:
        tables = database.connection.introspection.table_names(cursor)
        for model in (user, *ours):
            if meta(model).db_table in tables:
                found += _lacking(database.connection, cursor, model)
            else:
                found.append(f"the table {meta(model).db_table} is missing")
    return found


def _not_applied(connection: Any, labels: AbstractSet[str]) -> Iterator[str]:
    executor = MigrationExecutor(connection)
    leaves = [key for key in executor.loader.graph.leaf_nodes() if key[0] in labels]
    for migration, _ in executor.migration_plan(leaves):
        name = f"{migration.app_label}.{migration.name}"
        yield f"the migration {name} is not applied: run manage.py migrate"


def _lacking(connection: Any, cursor: Any, model: type[Any]) -> Iterator[str]:
    """The columns, and the unique keys and indexes, that a table should have."""
    table = meta(model).db_table
    described = connection.introspection.get_table_description(cursor, table)
    present = {column.name for column in described}
    wanted = [field.column for field in meta(model).local_concrete_fields]
    if absent := [column for column in wanted if column not in present]:
        yield from (f"the column {table}.{column} is missing" for column in absent)
        return
    keys = connection.introspection.get_constraints(cursor, table).values()
    unique = {tuple(key["columns"]) for key in keys if key["unique"] or key["primary_key"]}
    first = {tuple(key["columns"][:1]) for key in keys if key["index"]} | {k[:1] for k in unique}
    for columns in _unique_keys(model):
        if columns not in unique:
            yield f"the unique key on {table} ({', '.join(columns)}) is missing"
    for field in meta(model).local_concrete_fields:
        if field.db_index and not field.unique and (field.column,) not in first:
            yield f"the index on {table} ({field.column}) is missing"


def _unique_keys(model: type[Any]) -> Iterator[tuple[str, ...]]:
    for field in meta(model).local_concrete_fields:
        if field.unique:
            yield (field.column,)
    for constraint in meta(model).constraints:
        plain = isinstance(constraint, models.UniqueConstraint) and constraint.fields
        if plain and constraint.condition is None:
            yield tuple(meta(model).get_field(name).column for name in constraint.fields)
