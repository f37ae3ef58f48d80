"""``authwire db create`` and ``authwire db check``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text
from tests.cli.conftest import Database

from authwire import AuthConfig
from authwire.adapters.memory import MemoryAdapter
from authwire.cli import main
from authwire.cli.db.advice import advice_for
from authwire.cli.db.outcome import DatabaseFailed, Refused
from authwire.cli.db.schema import check, create
from authwire.cli.db.target import Target
from authwire.errors import AdapterError
from authwire.providers import Email, Passkey

SRC = Path(__file__).resolve().parents[2] / "src"
TABLES = ["users", "accounts", "sessions", "verification_tokens", "authenticators"]
MISSING = [f"the table {name} is missing" for name in TABLES]


class Shelves:
    """A store that needs ``parts``; create makes the tables among them."""

    io = "blocking"

    def __init__(self, parts: Sequence[str]) -> None:
        self.missing = [f"the {part} is missing" for part in parts]

    async def create_schema(self) -> None:
        self.missing = [part for part in self.missing if not part.startswith("the table ")]

    async def check_schema(self) -> list[str]:
        return list(self.missing)


@pytest.mark.parametrize("driver", ["sync", "asynchronous"])
def test_what_create_makes_is_what_check_missed(
    database: Database, driver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--url", getattr(database, driver)]
    assert main(["db", "check", *arguments]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == MISSING
    assert "authwire db create" in told.err
    assert main(["db", "create", *arguments]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        *(f"created: the table {name}" for name in TABLES),
        "SQLAlchemyAdapter has all that it needs.",
    ]
    assert not told.err
    assert main(["db", "check", *arguments]) == 0
    assert main(["db", "create", *arguments]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "SQLAlchemyAdapter has all that it needs.",
        "SQLAlchemyAdapter had all that it needs.",
    ]


def test_a_missing_column_is_named_and_not_created(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--url", database.sync]
    main(["db", "create", *arguments])
    engine = database.engine()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE users DROP COLUMN image"))
        connection.execute(text("DROP TABLE authenticators"))
    engine.dispose()
    capsys.readouterr()
    assert main(["db", "create", *arguments]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "created: the table authenticators",
        "the column users.image is missing",
    ]
    assert "authwire db migrate" in told.err
    assert main(["db", "check", *arguments]) == 1
    assert capsys.readouterr().out == "the column users.image is missing\n"


def test_programs_get_json(sqlite_database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["db", "check", "--json", "--url", sqlite_database.asynchronous]
    assert main(arguments) == 1
    assert json.loads(capsys.readouterr().out) == {
        "adapter": "SQLAlchemyAdapter",
        "ok": False,
        "missing": MISSING,
        "warnings": [],
    }
    main(["db", "create", "--url", sqlite_database.sync])
    capsys.readouterr()
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_the_adapter_of_an_app_is_prepared(
    here: Path, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "web.py").write_text(f"""
from sqlalchemy.ext.asyncio import create_async_engine
from authwire import AuthConfig
from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.integrations.starlette import StarletteAuth

engine = create_async_engine({sqlite_database.asynchronous!r})
auth = StarletteAuth(AuthConfig(adapter=SQLAlchemyAdapter(engine), secret="x" * 40))
""")
    assert main(["db", "create", "--app", "web:auth"]) == 0
    assert "created: the table users" in capsys.readouterr().out
    pool = sys.modules["web"].engine.pool
    assert pool.checkedout() == 0
    assert pool.checkedin() == 0, "the engine was disposed of"


@pytest.mark.parametrize(
    ("command", "words"), [("create", "nothing to create"), ("check", "nothing to check")]
)
def test_an_app_without_adapter_needs_nothing(
    here: Path, command: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "web.py").write_text("from authwire import AuthConfig\nconfig = AuthConfig()")
    assert main(["db", command, "--app", "web:config"]) == 0
    assert words in capsys.readouterr().out


def test_json_of_an_app_without_adapter(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(Target(adapter=None), as_json=True) == 0
    told = {"adapter": None, "ok": True, "missing": [], "warnings": []}
    assert json.loads(capsys.readouterr().out) == told


def test_a_store_that_needs_no_preparing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    adapter = type("Jar", (), {"get_user": lambda self, user_id: None})()
    assert create(Target(adapter=adapter)) == 0
    assert check(Target(adapter=adapter), as_json=False) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == ["Jar needs no preparing.", "Jar has all that it needs."]


def test_create_tells_what_it_cannot_create(capsys: pytest.CaptureFixture[str]) -> None:
    shelves = Shelves(["table users", "index on users (email)"])
    assert create(Target(adapter=shelves)) == 1
    told = capsys.readouterr()
    assert told.out == "created: the table users\nthe index on users (email) is missing\n"


def test_a_store_that_cannot_look_is_not_called_complete(
    capsys: pytest.CaptureFixture[str],
) -> None:
    adapter = type("Blind", (), {"create_schema": lambda self: None, "io": "blocking"})()
    assert create(Target(adapter=adapter)) == 0
    assert capsys.readouterr().out == "Blind created what was missing.\n"
    with pytest.raises(Refused, match="no check_schema"):
        check(Target(adapter=adapter), as_json=False)


def test_check_warns_of_features_that_the_adapter_lacks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Half:
        def get_user(self, user_id: str) -> None: ...

    config: AuthConfig[Any] = AuthConfig(
        adapter=Half(),  # type: ignore[arg-type]  # half an adapter is the point
        providers=[Email(server="smtp://localhost"), Passkey],
    )
    assert check(Target(adapter=config.adapter, config=config), as_json=False) == 0
    warnings = capsys.readouterr().err
    assert "e-mail sign-in needs create_verification_token" in warnings
    assert "passkeys needs" in warnings
    assert "database sessions needs" in warnings


def test_check_warns_of_features_that_have_no_adapter(capsys: pytest.CaptureFixture[str]) -> None:
    config: AuthConfig[Any] = AuthConfig(providers=[Email(server="smtp://localhost")])
    check(Target(adapter=None, config=config), as_json=True)
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert "e-mail sign-in cannot work without a database" in warning


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("authwire.adapters.django.adapter", "python manage.py migrate"),
        ("authwire.adapters.piccolo", "piccolo migrations"),
        ("authwire.adapters.tortoise.adapter", "tortoise makemigrations"),
        ("authwire.adapters.peewee", "playhouse.migrate"),
    ],
)
def test_frameworks_with_migrations_of_their_own_are_known(module: str, words: str) -> None:
    mine = type("Mine", (_of(module),), {})()
    assert words in (advice_for(mine) or "")
    assert advice_for(MemoryAdapter()) is None


def _of(module: str) -> type[Any]:
    return type("Base", (), {"__module__": module})


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://app:hunter2@127.0.0.1:1/app", "nothing answers there"),
        ("postgresql+asyncpg://app:hunter2@127.0.0.1:1/app", "nothing answers there"),
        ("mysql+pymysql://app:hunter2@127.0.0.1:1/app", "nothing answers there"),
        ("mysql+asyncmy://app:hunter2@127.0.0.1:1/app", "nothing answers there"),
        ("sqlite:////no/such/folder/app.db", "does its folder exist"),
    ],
)
@pytest.mark.parametrize("command", ["create", "check", "cleanup"])
def test_a_database_that_cannot_be_reached_is_told_in_one_line(
    here: Path, command: str, url: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", command, "--url", url]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert len(told.err.splitlines()) == 1
    assert "hunter2" not in told.err + told.out


def test_a_refused_login_is_told_without_the_password(
    mariadb_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    url = make_url(mariadb_database.sync).set(username="nobody", password="hunter2")
    assert main(["db", "check", "--url", url.render_as_string(hide_password=False)]) == 2
    error = capsys.readouterr().err
    assert "does not let this user in" in error
    assert "hunter2" not in error


def test_the_words_of_an_error_stay_out() -> None:
    error = AdapterError("adapter.check_schema failed with ValueError")
    error.__cause__ = ValueError("row ('ada@example.com', 'hunter2')")
    assert str(DatabaseFailed(error)) == "the database failed with ValueError"


def test_ctrl_c_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "web.py").write_text("""
class Slow:
    io = "blocking"
    def get_user(self, user_id): ...
    def check_schema(self):
        raise KeyboardInterrupt
slow = Slow()
""")
    assert main(["db", "check", "--app", "web:slow"]) == 130
    assert capsys.readouterr().err == "authwire: interrupted\n"


DJANGO = """
from pathlib import Path

SECRET_KEY = "x" * 50
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "authwire.adapters.django",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "django.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""


@pytest.mark.parametrize("kind", ["DjangoAdapter", "AsyncDjangoAdapter"])
def test_a_project_of_django_is_set_up_first(here: Path, kind: str) -> None:
    (here / "project.py").write_text(DJANGO)
    (here / "web.py").write_text(
        f"from authwire.adapters.django import {kind}\nadapter = {kind}()\n"
        "from django.contrib.auth.models import User  # needs a project that is set up"
    )

    def run(action: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "authwire.cli", "db", action, "--app", "web:adapter"],
            env={**os.environ, "PYTHONPATH": str(SRC), "DJANGO_SETTINGS_MODULE": "project"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    before = run("check")
    assert before.returncode == 1, before.stderr
    assert "python manage.py migrate" in before.stderr
    assert run("create").returncode == 0
    assert run("check").returncode == 0
    assert run("cleanup").returncode == 0
    refused = run("migrate")
    assert refused.returncode == 2
    assert "python manage.py migrate" in refused.stderr


def test_a_client_of_the_adapter_is_closed(here: Path) -> None:
    closed: list[str] = []

    class Remote(Shelves):
        def close(self) -> None:
            closed.append("close")

    create(Target(adapter=Remote([])))
    assert closed == ["close"]
