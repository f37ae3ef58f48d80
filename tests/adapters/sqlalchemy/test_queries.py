"""How many statements each method sends, and that none of them reads a whole table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, insert
from tests.adapters.calls import (
    LATER,
    Call,
    account_of,
    calls,
    counted,
    passkey_of,
    session_of,
    stored,
    token_of,
)
from tests.adapters.sqlalchemy.rows import drive, memory_engine
from tests.servers import Server

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter, default_models
from authwire.models import User

PAGE = Path(__file__).parents[3] / "docs" / "adapters" / "sqlalchemy.md"
SCHEMA = ("create_schema", "check_schema")
"""Not for every day: they ask the catalogue, as often as it takes."""
Statement = tuple[str, Any]


@contextmanager
def hooked(engine: Engine) -> Iterator[list[Statement]]:
    """Every statement that ``engine`` sends, with its values."""
    seen: list[Statement] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        seen.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def sqlite() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


@pytest.fixture
def on_postgres(postgres: Server) -> Iterator[Engine]:
    engine = create_engine(postgres.url("postgresql+psycopg"))
    adapter = SQLAlchemyAdapter(engine)
    drive(adapter.create_schema())
    yield engine
    adapter.models.user.metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
def on_mariadb(mariadb: Server) -> Iterator[Engine]:
    engine = create_engine(mariadb.url("mysql+pymysql"))
    adapter = SQLAlchemyAdapter(engine)
    drive(adapter.create_schema())
    yield engine
    adapter.models.user.metadata.drop_all(engine)
    engine.dispose()


# --- counts ---------------------------------------------------------------------------------------


async def sent(engine: Engine) -> dict[str, int]:
    """The number of statements of each call."""
    adapter = SQLAlchemyAdapter(engine)
    await adapter.create_schema()
    texts: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        texts.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    found = {name: len(each) for name, each in (await counted(adapter, texts)).items()}
    await stored(adapter, 3)
    for name in EXPIRED:
        texts.clear()
        assert await getattr(adapter, name)(datetime(2100, 1, 1, tzinfo=UTC), 10) > 0
        found[f"{name} with a limit"] = len(texts)
    event.remove(engine, "before_cursor_execute", note)
    return {name: number for name, number in found.items() if name not in SCHEMA}


def documented() -> dict[str, tuple[int, ...]]:
    """The page's table: the counts on PostgreSQL and SQLite, on MariaDB, and on MySQL."""
    row = re.compile(r"^\| `(\w+)`( [^|`]+)? \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
    found = row.findall(PAGE.read_text("utf-8"))
    return {f"{name}{case}": tuple(map(int, numbers)) for name, case, *numbers in found}


@pytest.mark.parametrize("database", ["sqlite", "on_postgres"])
def test_the_documented_number_of_statements_is_sent(
    database: str, request: pytest.FixtureRequest
) -> None:
    counts = drive(sent(request.getfixturevalue(database)))
    assert counts == {name: each[0] for name, each in documented().items()}


def test_the_documented_number_of_statements_is_sent_to_mariadb(on_mariadb: Engine) -> None:
    counts = drive(sent(on_mariadb))
    assert counts == {name: each[1] for name, each in documented().items()}


def test_the_documented_number_of_statements_is_sent_to_mysql(on_mariadb: Engine) -> None:
    on_mariadb.dialect.delete_returning = False  # all that differs
    counts = drive(sent(on_mariadb))
    assert counts == {name: each[2] for name, each in documented().items()}


def test_a_session_and_its_user_are_one_query(sqlite: Engine) -> None:
    adapter = SQLAlchemyAdapter(sqlite)
    drive(adapter.create_schema())
    with hooked(sqlite) as seen:
        drive(adapter.get_session_and_user("s"))
    assert [statement.split()[0] for statement, _ in seen] == ["SELECT"]


def test_a_verification_token_is_used_in_one_statement(sqlite: Engine) -> None:
    adapter = SQLAlchemyAdapter(sqlite)
    drive(adapter.create_schema())
    with hooked(sqlite) as seen:
        drive(adapter.use_verification_token("t", "a@example.com"))
    ((statement, _),) = seen
    assert statement.startswith("DELETE")
    assert "RETURNING" in statement


# --- indexes --------------------------------------------------------------------------------------

PEOPLE = 5000
OLD = datetime(2001, 1, 1, tzinfo=UTC)
EXPIRED = ("delete_expired_sessions", "delete_expired_verification_tokens")


def fill(engine: Engine) -> None:
    """Many rows, and statistics of them: the planner of an almost empty table wants no index."""
    models = default_models()
    users = [User(id=f"u-{n}", email=f"{n}@example.com") for n in range(PEOPLE)]
    numbered = list(enumerate(users))
    ends = [OLD - timedelta(days=1) if n < 3 else LATER for n in range(PEOPLE)]
    rows: list[tuple[Any, list[Any]]] = [
        (models.user, users),
        (models.account, [account_of(user, n) for n, user in numbered]),
        (models.session, [replace(session_of(u, n), expires=ends[n]) for n, u in numbered]),
        (models.verification_token, [replace(token_of(n), expires=ends[n]) for n in range(PEOPLE)]),
        (models.authenticator, [passkey_of(user, n) for n, user in numbered]),
    ]
    with engine.begin() as connection:
        for model, values in rows:
            table = model.__table__
            connection.execute(insert(table), [asdict(value) for value in values])
            if engine.dialect.name == "mysql":
                connection.exec_driver_sql(f"ANALYZE TABLE {table.name}").all()
    if engine.dialect.name != "mysql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def lookups() -> list[Call]:
    """The calls that look for rows."""
    made = [call for call in calls(User(id="u-1")) if call.method not in (*SCHEMA, *EXPIRED)]
    made = [call for call in made if not call.method.startswith(("create_", "link_"))]
    batch = [Call(name, (OLD, 5), "with a limit") for name in EXPIRED]
    return [*made, *(Call(name, (OLD,)) for name in EXPIRED), *batch]


def scans(connection: Connection, statement: str, values: Any) -> list[str]:
    """The tables that the planner means to read from end to end."""
    match connection.dialect.name:
        case "postgresql":
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar()
            nodes = re.findall(r"'Node Type': '([\w ]+Scan)'.*?'Relation Name': '(\w+)'", str(plan))
            assert nodes, plan
            return [table for node, table in nodes if node == "Seq Scan"]
        case "sqlite":
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert steps
            return [step.detail for step in steps if "SCAN" in step.detail]
    steps = connection.exec_driver_sql(f"EXPLAIN {statement}", values).all()
    assert steps
    return [step.table for step in steps if step.type in ("ALL", "index")]


@pytest.fixture(scope="module", params=["sqlite", "postgres", "mariadb"])
def crowded(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database with many people."""
    if request.param == "sqlite":
        engine = memory_engine()
    else:
        scheme = {"postgres": "postgresql+psycopg", "mariadb": "mysql+pymysql"}[request.param]
        engine = create_engine(request.getfixturevalue(request.param).url(scheme))
    adapter = SQLAlchemyAdapter(engine)
    drive(adapter.create_schema())
    fill(engine)
    yield engine
    adapter.models.user.metadata.drop_all(engine)
    engine.dispose()


@pytest.mark.parametrize("call", lookups(), ids=str)
def test_every_lookup_uses_an_index(crowded: Engine, call: Call) -> None:
    adapter = SQLAlchemyAdapter(crowded)
    with hooked(crowded) as seen:
        try:
            drive(getattr(adapter, call.method)(*call.args))
        except LookupError:  # a call before this one deleted the row
            assert seen
    assert seen
    with crowded.connect() as connection:
        for statement, values in seen:
            assert scans(connection, statement, values) == [], statement


def test_a_whole_table_that_is_read_is_noticed(crowded: Engine) -> None:
    with crowded.connect() as connection:
        assert scans(connection, "SELECT * FROM users WHERE image = 'x'", ())
