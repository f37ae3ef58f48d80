"""``authwire db migrate``: an Alembic revision, or SQL, for what is missing."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from authwire.cli.db.advice import advice_for, has_tables
from authwire.cli.db.outcome import MISSING, OK, Refused
from authwire.cli.db.schema import NO_DATABASE
from authwire.cli.db.store import Store, run
from authwire.cli.db.target import Target, find

if TYPE_CHECKING:
    from sqlalchemy import Table

    from authwire.cli.db.additions import Revision

__all__ = ["migrate"]


def migrate(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Write the revision, or print the SQL."""
    if options.sql:
        return _print_sql(options, environ)
    if options.dialect is not None:
        raise Refused("--dialect goes with --sql: the database itself knows what it is")
    target = find(options.app, options.url, options.naming, environ)
    if target.adapter is None:
        print(NO_DATABASE.format("migrate"))
        return OK
    if not hasattr(target.adapter, "create_schema"):
        print(f"{target.name} needs no migrations.")
        return OK
    tables = _tables(target)
    try:
        from authwire.cli.db import additions, scripts
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] != "alembic":
            raise
        raise Refused("migrate needs Alembic: pip install 'authwire[migrations]'") from None
    place = scripts.find_scripts(options.config, options.output)
    head = place.head(options.head)

    async def compare(store: Store) -> tuple[Revision | None, list[str]]:
        def query(session: Any) -> Revision | None:
            return additions.missing(
                session.connection(), tables, version_table=options.version_table
            )

        found = await store.guarded(store.adapter.run(query))
        return found, await store.call("check_schema")

    revision, sentences = run(target.adapter, compare)
    if revision is None:
        return _nothing_to_add(target, sentences)
    place.require_current(revision)
    path = place.write(revision, head=head, message=options.message)
    print(f"Wrote {_short(path)}. Read it, then run it: alembic upgrade head")
    for note in revision.notes:
        print(f"authwire: note: {note}", file=sys.stderr)
    return OK


def _nothing_to_add(target: Target, sentences: list[str]) -> int:
    if not sentences:
        print(f"Nothing to migrate: {target.name} has all that it needs.")
        return OK
    for sentence in sentences:
        print(sentence)
    print(
        "authwire: nothing was written: migrate only adds, and this takes a change by hand",
        file=sys.stderr,
    )
    return MISSING


def _tables(target: Target) -> list[Table]:
    """The tables of a `SQLAlchemyAdapter`.

    Raises:
        Refused: if it is no such adapter, with what to do instead.
    """
    advice = advice_for(target.adapter)
    if advice is not None:
        raise Refused(advice)
    if not has_tables(target.adapter):
        raise Refused(
            f"{target.name} has no migrations: authwire db create creates what is missing"
        )
    return _tables_of(target.adapter.models)


def _tables_of(models: Any) -> list[Table]:
    mapped = (
        models.user,
        models.account,
        models.session,
        models.verification_token,
        models.authenticator,
    )
    return [model.__table__ for model in mapped]


def _print_sql(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    named = options.app or options.url or environ.get("AUTHWIRE_APP")
    if named or environ.get("AUTHWIRE_DATABASE_URL"):
        target = find(options.app, options.url, options.naming, environ)
        if target.adapter is None:
            print(NO_DATABASE.format("migrate"), file=sys.stderr)
            return OK
        tables, dialect = _tables(target), options.dialect or _dialect(target.adapter)
    else:
        tables, dialect = _default_tables(options.naming or "snake"), options.dialect
    if dialect is None:
        raise Refused("--sql for which database? Say --dialect postgresql, mysql or sqlite")
    from authwire.cli.db.ddl import ddl

    print(ddl(tables, dialect))
    return OK


def _default_tables(naming: str) -> list[Table]:
    try:
        from authwire.adapters.sqlalchemy import Naming, default_models
    except ImportError:
        raise Refused("--sql needs SQLAlchemy: pip install 'authwire[sqlalchemy]'") from None
    for known in get_args(Naming):
        if known == naming:
            return _tables_of(default_models(known))
    raise Refused(f"--naming is one of {', '.join(get_args(Naming))}")


def _dialect(adapter: Any) -> str | None:
    """What the adapter's engine speaks, without connecting."""
    return None if adapter.engine is None else str(adapter.engine.dialect.name)


def _short(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
