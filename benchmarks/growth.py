"""Whether a request costs more with many providers configured, or with many sessions stored."""

from __future__ import annotations

import contextlib
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import sample
from benchmarks.measure import Case, Group
from sqlalchemy import Engine, create_engine, event, insert
from sqlalchemy.orm import Session
from tests import servers

from authwire import Auth, CookieJar, SyncAuth
from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.core.at_rest import hashed_token
from authwire.runtime import drive

__all__ = ["PROVIDERS", "measure_sessions", "providers_group"]

PROVIDERS = (1, 10, 100)
_SESSIONS_OF_A_USER = 10
_ROWS_AT_A_TIME = 5_000
_TOKEN = re.compile("[0-9a-f]{64}")


# --- providers ------------------------------------------------------------------------------------


def providers_group() -> Group:
    """Reading a session, our session endpoint and the sign-in page with ever more providers."""
    cases = []
    for count in PROVIDERS:
        auth = Auth(sample.config(providers=count), environ={})
        held = sample.held(auth)
        signed_in = f"{held}; {sample.NAME}={sample.token()}"

        async def read(auth: Auth[Any] = auth, cookie: str = signed_in) -> None:
            assert await auth.session(sample.request("/", cookie), jar=CookieJar()) is not None

        async def ask(path: str, cookie: str, auth: Auth[Any] = auth) -> None:
            assert (await auth.handle(sample.request(path, cookie))).status == 200

        ways: dict[str, Callable[[], Any]] = {
            "session in app code": read,
            "GET /auth/session": partial(ask, "/auth/session", signed_in),
            "GET /auth/signin": partial(ask, "/auth/signin", held),
        }
        for title, call in ways.items():
            against = None if count == PROVIDERS[0] else f"{title}, {PROVIDERS[0]}"
            cases.append(Case(f"{title}, {count}", call, against))
    return Group("With 1, 10 and 100 providers", cases)


# --- stored sessions ------------------------------------------------------------------------------


def measure_sessions(sizes: tuple[int, ...], *, rounds: int, reads: int) -> dict[str, Any]:
    """Wall microseconds of one session read by database and number of sessions, a figure a round.

    A read is ``SyncAuth.session`` with the cookie of one of the sessions, chosen at random; the
    figure of a round is the median of its reads. ``plans`` has what the largest database says of its
    way to the row.
    """
    found: dict[str, Any] = {"sizes": sizes, "figures": {}, "plans": {}, "missing": {}}
    for name, databases in {"SQLite": _sqlite, "PostgreSQL": _postgres}.items():
        try:
            with databases(sizes) as engines:
                stores = {size: Store(engine, size) for size, engine in engines.items()}
                figures: dict[str, list[float]] = {str(size): [] for size in stores}
                for number in range(rounds + 1):
                    for size, store in stores.items():
                        microseconds = store.read(reads)
                        if number:  # the first time only warms up
                            figures[str(size)].append(microseconds)
                found["figures"][name] = figures
                found["plans"][name] = stores[max(sizes)].plan()
        except servers.Unavailable as exc:
            found["missing"][name] = str(exc)
    return found


class Store:
    """A database with so many sessions, and the app that reads them."""

    def __init__(self, engine: Engine, size: int) -> None:
        self._engine = engine
        self._size = size
        self._random = random.Random(size)
        adapter: SQLAlchemyAdapter[Any] = SQLAlchemyAdapter(engine)
        drive(adapter.create_schema())
        self._fill(adapter)
        self._auth = SyncAuth(sample.config(adapter), environ={})

    def _fill(self, adapter: SQLAlchemyAdapter[Any]) -> None:
        expires = datetime.now(UTC) + timedelta(days=30)
        users = range((self._size - 1) // _SESSIONS_OF_A_USER + 1)
        people = [{"id": str(n), "email": f"{n}@example.com"} for n in users]
        rows = (
            {
                "session_token": hashed_token(_token(n)),
                "user_id": str(n // _SESSIONS_OF_A_USER),
                "expires": expires,
            }
            for n in range(self._size)
        )
        _insert(adapter, adapter.models.user, iter(people))
        _insert(adapter, adapter.models.session, rows)
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")

    def read(self, count: int) -> float:
        spent = []
        for _ in range(count):
            token = _token(self._random.randrange(self._size))
            request = sample.request("/", f"{sample.NAME}={token}")
            start = time.perf_counter()
            session = self._auth.session(request, jar=CookieJar())
            spent.append(time.perf_counter() - start)
            assert session is not None
        return median(spent) * 1e6

    def plan(self) -> list[str]:
        """How the database finds the row: its answer to EXPLAIN for the very statement of a read."""
        seen: list[tuple[str, Any]] = []

        def listen(  # noqa: PLR0917  # SQLAlchemy's own signature
            connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any
        ) -> None:
            seen.append((statement, parameters))

        event.listen(self._engine, "before_cursor_execute", listen)
        self.read(1)
        event.remove(self._engine, "before_cursor_execute", listen)
        statement, parameters = next(one for one in seen if "SELECT" in one[0].upper())
        is_sqlite = self._engine.dialect.name == "sqlite"
        word = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN (COSTS OFF)"
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql(f"{word} {statement}", parameters).fetchall()
        return [_TOKEN.sub("…", str(row[-1])) for row in rows]


def _insert(adapter: SQLAlchemyAdapter[Any], model: Any, rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, _ROWS_AT_A_TIME)):
        drive(adapter.run(partial(_insert_part, model, part)))


def _insert_part(model: Any, part: list[dict[str, Any]], db: Session) -> None:
    db.execute(insert(model), part)


def _token(number: int) -> str:
    return f"{number:064x}"


@contextlib.contextmanager
def _sqlite(sizes: tuple[int, ...]) -> Iterator[dict[int, Engine]]:
    with (
        tempfile.TemporaryDirectory(prefix="authwire-bench-") as folder,
        contextlib.ExitStack() as end,
    ):
        engines = {size: create_engine(f"sqlite:///{Path(folder, str(size))}.db") for size in sizes}
        for engine in engines.values():
            end.callback(engine.dispose)
        yield engines


@contextlib.contextmanager
def _postgres(sizes: tuple[int, ...]) -> Iterator[dict[int, Engine]]:
    """One database, a schema for each size."""
    with servers.postgres_database() as server, contextlib.ExitStack() as end:
        engines = {}
        url = server.url("postgresql+psycopg")
        for size in sizes:
            name = f"sessions_{size}"
            options = {"options": f"-csearch_path={name}"}
            engines[size] = create_engine(url, connect_args=options)
            end.callback(engines[size].dispose)
            with engines[size].begin() as connection:
                connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        yield engines
