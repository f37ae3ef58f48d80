"""The tables as SQL, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, create_mock_engine

__all__ = ["ddl"]


def ddl(tables: Sequence[Table], dialect: str) -> str:
    """The statements that create ``tables`` and their indexes in an empty database.

    Args:
        tables: of one `MetaData`.
        dialect: SQLAlchemy's name of the database, such as ``postgresql``.
    """
    statements: list[str] = []

    def keep(statement: Any, *_args: Any, **_options: Any) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine(f"{dialect}://", keep)
    tables[0].metadata.create_all(engine, tables=list(tables), checkfirst=False)
    return "\n\n".join(f"{_tidy(statement)};" for statement in statements)


def _tidy(statement: str) -> str:
    lines = (line.rstrip().expandtabs(4) for line in statement.strip().splitlines())
    return "\n".join(line for line in lines if line)
