"""Django for the tests: one project in each process, and a database for each test."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import django
import pymysql
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from tests.adapters.rows import WAIT, Fetch, RawReader
from tests.servers import Server

from authwire.adapters.django import DjangoAdapter, Models
from authwire.models import User

T = TypeVar("T")

USER_MODEL = os.environ.get("AUTHWIRE_TEST_USER_MODEL", "auth.User")
"""Set in a process of its own, as a project has only one."""
APPS = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "authwire.adapters.django",
    "tests.adapters.django.people",
)


def configure() -> None:
    if not settings.configured:
        settings.configure(
            AUTH_USER_MODEL=USER_MODEL,
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            INSTALLED_APPS=APPS,
            SECRET_KEY="for tests",
            USE_TZ=True,
        )
        django.setup()


# --- databases ------------------------------------------------------------------------------------


@contextmanager
def database(**options: Any) -> Iterator[str]:
    """The name of one more database, until the end."""
    alias = f"test_{uuid.uuid4().hex}"
    found = connections.configure_settings({"default": {}, alias: options})
    connections.databases[alias] = found[alias]
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias], connections.databases[alias]


def sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"timeout": WAIT},
    }


def of_server(engine: str, server: Server) -> dict[str, Any]:
    if engine == "mysql":
        # Django asks for mysqlclient, which needs a compiler. PyMySQL can do as much as we need.
        pymysql.install_as_MySQLdb()
    return {
        "ENGINE": f"django.db.backends.{engine}",
        "NAME": server.database,
        "HOST": server.host,
        "PORT": str(server.port),
        "USER": server.user,
        "PASSWORD": server.password,
    }


def migrate(alias: str) -> None:
    call_command("migrate", database=alias, run_syncdb=True, interactive=False, verbosity=0)


def flush(alias: str) -> None:
    """Empty the tables that tests write to. (TRUNCATE takes much longer.)"""
    models = [m for m in apps.get_models() if m._meta.app_label in {"auth", "authwire", "people"}]
    users = [m for m in models if m.__name__ in {"User", "Person", "Caller", "Reader"}]
    owned = [m for m in models if m not in users and m._meta.app_label != "auth"]
    connection = connections[alias]
    with connection.cursor() as cursor:
        for model in (*owned, *users):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
    connection.close()


@contextmanager
def sqlite_copy(template: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """A database with all tables."""
    path = folder / "app.sqlite3"
    shutil.copy(template, path)
    with database(**sqlite(path)) as alias:
        yield alias, path


# --- statements -----------------------------------------------------------------------------------


@contextmanager
def statements(alias: str) -> Iterator[list[str]]:
    """What is sent, but for what begins and ends transactions."""
    seen: list[str] = []

    def note(run: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        if sql.split(maxsplit=1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            seen.append(sql)
        return run(sql, values, many, context)

    with connections[alias].execute_wrapper(note):
        yield seen


class Broken(Exception):
    """What a failing database raises."""


@contextmanager
def failing(alias: str, *beginnings: str) -> Iterator[None]:
    """Statements that begin so fail."""

    def fail(run: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        if sql.replace('"', "").startswith(beginnings):
            raise Broken
        return run(sql, values, many, context)

    with connections[alias].execute_wrapper(fail):
        yield


# --- projects -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Project:
    """A user model, the models that belong to it, and where raw SQL finds the rows."""

    user_model: str
    prefix: str
    """Of our tables."""
    users: str
    """A query of all users, with the columns of `User`."""
    fields: Mapping[str, str] | None = None
    new_user: Callable[[Any], Mapping[str, Any]] | None = None

    def adapter(self, alias: str, kind: Any = DjangoAdapter, **options: Any) -> Any:
        models = None
        if self.prefix != "authwire_":
            name = self.prefix.replace("_", ".", 1)
            models = Models(
                account=f"{name}Account",
                session=f"{name}Session",
                authenticator=f"{name}Authenticator",
                detail=f"{name}UserDetail",
            )
        given: dict[str, Any] = {
            "fields": self.fields,
            "models": models,
            "new_user": self.new_user,
            "using": alias,
            "close_connections": True,
        }
        return kind(self.user_model, **given | options)


STOCK = Project(
    user_model="auth.User",
    prefix="authwire_",
    users=(
        "SELECT u.id, d.name, u.first_name, u.last_name, u.email, d.email AS claim,"
        " d.email_verified, d.image"
        " FROM auth_user u LEFT JOIN authwire_userdetail d ON d.user_id = u.id"
    ),
)
PERSON = Project(
    user_model="people.Person",
    prefix="people_person",
    users="SELECT id, name, email, email_verified, image FROM people_person",
)
SWAPPED = replace(PERSON, prefix="authwire_")
"""As `PERSON`, but as the ``AUTH_USER_MODEL`` of the project."""
CALLER = Project(
    user_model="people.Caller",
    prefix="people_caller",
    users=(
        "SELECT u.id, d.name, d.email, d.email_verified, d.image"
        " FROM people_caller u JOIN people_calleruserdetail d ON d.user_id = u.id"
    ),
)
READER = Project(
    user_model="people.Reader",
    prefix="people_reader",
    users="SELECT * FROM people_reader",
    fields={"name": "full_name"},
)


class DjangoReader(RawReader):
    """Reads the tables of a project with SQL of its own."""

    def __init__(self, fetch: Fetch, project: Project) -> None:
        super().__init__(fetch)
        self.project = project

    def one(self, table: str, kind: type[T], **key: str) -> T | None:
        prefix = "authwire_" if table == "verification_tokens" else self.project.prefix
        found: Any = super().one(prefix + table.replace("_", "").removesuffix("s"), kind, **key)
        return replace(found, user_id=str(found.user_id)) if hasattr(found, "user_id") else found

    def user(self, user_id: str) -> User | None:
        query = f"SELECT * FROM ({self.project.users}) x"
        rows = [row for row in self.fetch(query, ()) if str(row["id"]) == user_id]
        assert len(rows) <= 1
        if not rows:
            return None
        (row,) = rows
        if "claim" in row:
            # What Django's own code sees says the same.
            assert row["email"] == (row["claim"] or "")
            parts = " ".join(filter(None, (row["first_name"], row["last_name"])))
            assert parts.split() == (row["name"] or "").split()
        names = ("name", "email", "email_verified", "image")
        return User(id=user_id, **{name: _value(name, row[name]) for name in names})


def _value(name: str, raw: Any) -> Any:
    from tests.adapters import rows

    return rows._value(name, raw) if name == "email_verified" else (raw if raw != "" else None)
