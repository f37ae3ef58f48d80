"""``authwire db cleanup``: what has expired goes, what lives stays, whatever happens meanwhile."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, select
from tests.cli.conftest import Database

from authwire.adapters.memory import MemoryAdapter
from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.cli import main
from authwire.cli.db.cleanup import cleanup
from authwire.cli.db.outcome import Refused
from authwire.cli.db.progress import Progress
from authwire.cli.db.target import Target
from authwire.models import AdapterSession, User, VerificationToken
from authwire.runtime import drive

SRC = Path(__file__).resolve().parents[2] / "src"
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
EXPIRED = 5_000
ALIVE = 300


class Rows:
    """A database with rows, read and written without the adapter."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.adapter: SQLAlchemyAdapter[User] = SQLAlchemyAdapter(engine)
        self.models = self.adapter.models
        drive(self.adapter.create_schema())
        drive(self.adapter.create_user(User(id="ada")))

    def add_sessions(self, prefix: str, count: int, expires: datetime) -> None:
        rows = [
            {"session_token": f"{prefix}-{number}", "user_id": "ada", "expires": expires}
            for number in range(count)
        ]
        with self.engine.begin() as connection:
            connection.execute(insert(self.models.session), rows)

    def add_tokens(self, prefix: str, count: int, expires: datetime) -> None:
        rows = [
            {"identifier": f"{prefix}-{number}@example.com", "token": prefix, "expires": expires}
            for number in range(count)
        ]
        with self.engine.begin() as connection:
            connection.execute(insert(self.models.verification_token), rows)

    def sessions(self) -> set[str]:
        with self.engine.connect() as connection:
            return set(connection.scalars(select(self.models.session.session_token)))

    def tokens(self) -> set[str]:
        with self.engine.connect() as connection:
            return set(connection.scalars(select(self.models.verification_token.identifier)))


@pytest.fixture
def rows(database: Database) -> Iterator[Rows]:
    options = {"connect_args": {"timeout": 60}} if database.kind == "sqlite" else {}
    engine = database.engine(**options)
    yield Rows(engine)
    engine.dispose()


@pytest.fixture
def memory() -> MemoryAdapter[User]:
    """Four expired sessions and one alive, two expired tokens and one alive."""
    adapter: MemoryAdapter[User] = MemoryAdapter()
    drive(adapter.create_user(User(id="ada")))
    for number, age in enumerate([5, 3, 2, 1, -1]):
        row = AdapterSession(session_token=str(number), user_id="ada", expires=NOW - age * HOUR)
        drive(adapter.create_session(row))
    for number, age in enumerate([3, 1, -1]):
        token = VerificationToken(identifier="a", token=str(number), expires=NOW - age * HOUR)
        drive(adapter.create_verification_token(token))
    return adapter


def run(adapter: Any, **options: Any) -> int:
    defaults = {"batch": 1000, "pause": 0.0, "before": timedelta()}
    return cleanup(Target(adapter=adapter), **(defaults | options))


class Rolling(threading.Thread):
    """An app beside the cleanup: reads and rolls sessions that live, and brings some back to life."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        options = {"connect_args": {"timeout": 60}} if database.kind == "sqlite" else {}
        self.engine = create_engine(database.sync, **options)
        self.adapter: SQLAlchemyAdapter[User] = SQLAlchemyAdapter(self.engine)
        self.lost: list[str] = []
        self.revived: set[str] = set()
        self.reads = 0
        self.failure: BaseException | None = None
        self.warm = threading.Event()
        self.over = threading.Event()

    def run(self) -> None:
        try:
            number = 0
            while not self.over.is_set():
                self.visit(number)
                number += 1
                if number == 5:
                    self.warm.set()
        except BaseException as exc:  # noqa: BLE001  # told in the test's own thread
            self.failure = exc
        finally:
            self.warm.set()
            self.engine.dispose()

    def visit(self, number: int) -> None:
        token, later = f"alive-{number % ALIVE}", datetime.now(UTC) + HOUR
        found = drive(self.adapter.get_session_and_user(token))
        if found is None or drive(self.adapter.update_session(token, later)) is None:
            self.lost.append(token)
        self.reads += 1
        # From the end, where the cleanup comes late: some are met before, some after it.
        token = f"expired-{EXPIRED - 1 - number}"
        if drive(self.adapter.update_session(token, later)) is not None:
            self.revived.add(token)


@pytest.mark.parametrize("driver", ["sync", "asynchronous"])
def test_nobody_who_is_signed_in_is_signed_out(
    database: Database, rows: Rows, driver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows.add_sessions("expired", EXPIRED, NOW - HOUR)
    rows.add_sessions("alive", ALIVE, NOW + HOUR)
    rows.add_tokens("expired", 700, NOW - HOUR)
    rows.add_tokens("alive", 7, NOW + HOUR)
    app = Rolling(database)
    app.start()
    try:
        assert app.warm.wait(60)
        url = getattr(database, driver)
        code = main(["db", "cleanup", "--json", "--batch", "400", "--pause", "0.02", "--url", url])
    finally:
        app.over.set()
        app.join(60)
    assert app.failure is None
    assert code == 0
    summary = json.loads(capsys.readouterr().out)
    assert app.lost == []
    assert len(app.revived) >= 5
    alive = {f"alive-{number}" for number in range(ALIVE)}
    assert rows.sessions() == alive | app.revived
    assert rows.tokens() == {f"alive-{number}@example.com" for number in range(7)}
    removed = {"sessions": EXPIRED - len(app.revived), "verification_tokens": 700}
    assert summary["status"] == "done"
    assert summary["removed"] == removed


def test_two_cleanups_at_once_do_not_disturb_each_other(database: Database, rows: Rows) -> None:
    rows.add_sessions("expired", 1_000, NOW - HOUR)
    rows.add_sessions("alive", 20, NOW + HOUR)
    codes: list[int] = []
    others = [
        threading.Thread(
            target=lambda: codes.append(
                main(["db", "cleanup", "--batch", "50", "--pause", "0", "--url", database.sync])
            )
        )
        for _ in range(2)
    ]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
    assert codes == [0, 0]
    # One may have found nothing while the other was at the last batch, but together they did it.
    assert rows.sessions() == {f"alive-{number}" for number in range(20)}


def test_what_is_removed_is_counted(
    memory: MemoryAdapter[User], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(memory, batch=3) == 0
    assert capsys.readouterr().out == "Removed 4 sessions and 2 verification tokens.\n"
    assert [row.session_token for row in memory.sessions] == ["4"]
    assert [row.token for row in memory.verification_tokens] == ["2"]


def test_what_expired_lately_may_be_kept(
    memory: MemoryAdapter[User], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(memory, before=timedelta(hours=2, minutes=30), as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["removed"] == {"sessions": 2, "verification_tokens": 1}
    cutoff = datetime.fromisoformat(told["before"])
    assert abs(cutoff - (datetime.now(UTC) - timedelta(hours=2, minutes=30))) < timedelta(minutes=1)
    assert [row.session_token for row in memory.sessions] == ["2", "3", "4"]


def test_rows_go_in_batches(memory: MemoryAdapter[User]) -> None:
    limits: list[tuple[int | None, int]] = []
    delete = memory.delete_expired_sessions

    async def counted(now: datetime, limit: int | None = None) -> int:
        count = await delete(now, limit)
        limits.append((limit, count))
        return count

    memory.delete_expired_sessions = counted  # type: ignore[method-assign]  # watched
    assert run(memory, batch=3) == 0
    assert limits == [(3, 3), (3, 1), (3, 0)]


# --- when the database is in the way ---------------------------------------------------------------


class Moody:
    """A store whose first calls fail."""

    io = "blocking"

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.left = 5

    def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        if self.left == 3 and self.failures:
            raise self.failures.pop(0)
        count = min(self.left, limit or 0)
        self.left -= count
        return count


class Deadlock(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize(
    "failure",
    [Deadlock(), Exception(1213, "Deadlock found"), Exception("database is locked")],
    ids=["postgresql", "mysql", "sqlite"],
)
def test_a_batch_that_met_somebody_else_is_tried_again(
    failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    moody = Moody(failure)
    assert run(moody, batch=2) == 0
    assert moody.left == 0
    assert "Removed 5 sessions" in capsys.readouterr().out


def test_a_failure_says_what_was_removed_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Moody(ValueError("hunter2")), batch=2) == 2
    told = capsys.readouterr()
    assert told.out == "Stopped. Removed 2 sessions and 0 verification tokens before.\n"
    assert told.err == "authwire: the database failed with ValueError\n"


def test_a_failure_in_json_has_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Moody(ValueError("hunter2")), batch=2, as_json=True) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["status"] == "failed"
    assert json.loads(told.out)["removed"]["sessions"] == 2
    assert "hunter2" not in told.out + told.err


def test_an_adapter_that_cannot_remove_is_refused() -> None:
    with pytest.raises(Refused, match="has no delete_expired_sessions"):
        run(object())


def test_stores_with_an_expiry_of_their_own_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    store = type("Store", (), {"drops_expired": True})()
    assert run(store) == 0
    assert capsys.readouterr().out == "This store drops expired rows by itself.\n"
    store = Moody()
    store.left = 0
    store.drops_expired = True  # type: ignore[attr-defined]  # as such an adapter says
    assert run(store) == 0
    assert "drops expired rows by itself" in capsys.readouterr().out


def test_an_app_without_adapter_has_nothing_to_clean_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(None) == 0
    assert "nothing to clean up" in capsys.readouterr().out


def test_missing_tables_are_explained(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "cleanup", "--url", database.sync]) == 2
    assert "authwire db check" in capsys.readouterr().err


# --- Ctrl-C ----------------------------------------------------------------------------------------

ENDLESS = """
import sys, time

class Endless:
    io = {io!r}
    def __init__(self):
        self.calls = 0
    {prefix}def delete_expired_sessions(self, now, limit=None):
        self.calls += 1
        if self.calls == 3:
            print("third", file=sys.stderr, flush=True)
            {wait}
        return limit

endless = Endless()
"""


@pytest.mark.parametrize("io", ["async", "blocking"])
@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_ends_after_the_batch_and_says_how_far_it_came(
    here: Path, io: str, presses: int
) -> None:
    is_async = io == "async"
    seconds = 1 if presses == 1 else 60
    wait = f"import anyio; await anyio.sleep({seconds})" if is_async else f"time.sleep({seconds})"
    (here / "web.py").write_text(
        ENDLESS.format(io=io, prefix="async " if is_async else "", wait=wait)
    )
    command = [sys.executable, "-m", "authwire.cli", "db", "cleanup", "--app", "web:endless"]
    with subprocess.Popen(
        [*command, "--batch", "7", "--pause", "0.01", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "third\n"
        process.send_signal(signal.SIGINT)
        if presses == 2:
            threading.Event().wait(0.5)
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    told = json.loads(out)
    assert told["status"] == "interrupted"
    assert told["removed"]["sessions"] == (21 if presses == 1 else 14)


# --- progress --------------------------------------------------------------------------------------


class Screen:
    """A stream that may be a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        self.terminal = terminal
        self.text = ""

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def progress(*, terminal: bool) -> tuple[Progress, Screen, list[float]]:
    screen, clock = Screen(terminal=terminal), [0.0]
    return Progress(screen, clock=lambda: clock[0]), screen, clock  # type: ignore[arg-type]  # what it needs of a stream


def test_on_a_terminal_one_line_changes() -> None:
    shown, screen, clock = progress(terminal=True)
    for number in range(3):
        shown.show(f"removed {number}")
        clock[0] += 1
    shown.clear()
    assert "\n" not in screen.text
    assert re.findall(r"removed \d", screen.text) == ["removed 0", "removed 1", "removed 2"]
    assert screen.text.endswith("\r\x1b[K")


def test_elsewhere_a_line_is_written_now_and_then() -> None:
    shown, screen, clock = progress(terminal=False)
    for number in range(25):
        shown.show(f"removed {number}")
        clock[0] += 1
    shown.clear()
    assert screen.text == "removed 10\nremoved 20\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--batch", "0"],
        ["--batch", "x"],
        ["--pause", "-1"],
        ["--pause", "nan"],
        ["--before", "1"],
        ["--before", "-1h"],
        ["--before", "1w"],
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "cleanup", "--url", "sqlite://", *arguments]) == 2
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0s", timedelta()),
        ("15m", timedelta(minutes=15)),
        ("1h", HOUR),
        ("7d", timedelta(days=7)),
    ],
)
def test_ages_have_a_unit(written: str, meant: timedelta) -> None:
    from authwire.cli.db.arguments import add_arguments

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert parser.parse_args(["cleanup", "--before", written]).before == meant
