"""Migrations, what a database lacks, and what ``manage.py check`` says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.core import checks
from django.core.management import call_command
from django.db import connections, models
from django.test import override_settings
from django.test.utils import isolate_apps
from tests.adapters.django.support import CALLER, PERSON, STOCK, database, sqlite
from tests.adapters.rows import Fetch, mariadb_fetch, sqlite_fetch
from tests.servers import Server

from authwire.adapters.django import DjangoAdapter
from authwire.adapters.django.abstract import AuthwireUserMixin
from authwire.adapters.django.checks import check_settings, check_user_model, problems_of
from authwire.models import User


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[str]:
    with database(**sqlite(tmp_path / "empty.sqlite3")) as alias:
        yield alias


@pytest.fixture
def fetch(sqlite_db: tuple[str, Path]) -> Fetch:
    return sqlite_fetch(sqlite_db[1])


# --- migrations -----------------------------------------------------------------------------------


def test_the_models_have_all_their_migrations() -> None:
    call_command("makemigrations", "authwire", check_changes=True, dry_run=True, verbosity=0)


def test_the_migrations_go_back_and_forth(alias: str) -> None:
    for target, there in (("zero", False), ("0001", True)):
        call_command("migrate", "authwire", target, database=alias, verbosity=0)
        tables = connections[alias].introspection.table_names()
        assert ("authwire_session" in tables) == there


def test_create_schema_runs_the_migrations_of_an_empty_database(empty: str) -> None:
    adapter = DjangoAdapter(using=empty)
    adapter.create_schema()
    assert adapter.check_schema() == []
    user = adapter.create_user(User(email="a@example.com"))
    adapter.create_schema()
    assert adapter.get_user(user.id) == user


def test_create_schema_makes_tables_of_apps_without_migrations(empty: str) -> None:
    adapter = PERSON.adapter(empty)
    adapter.create_schema()
    assert adapter.check_schema() == []


def test_create_schema_leaves_users_that_have_a_table_alone(empty: str) -> None:
    call_command("migrate", "auth", "0011", database=empty, verbosity=0)
    adapter = DjangoAdapter(using=empty)
    adapter.create_schema()
    executed = connections[empty].cursor().execute("SELECT app, name FROM django_migrations")
    assert not [name for app, name in executed if app == "auth" and name.startswith("0012")]
    assert adapter.check_schema() == []


# --- check_schema ---------------------------------------------------------------------------------


def test_check_schema_names_migrations_that_were_not_run(alias: str) -> None:
    call_command("migrate", "authwire", "zero", database=alias, verbosity=0)
    assert DjangoAdapter(using=alias).check_schema() == [
        "the migration authwire.0001_initial is not applied: run manage.py migrate",
        "the table authwire_userdetail is missing",
        "the table authwire_account is missing",
        "the table authwire_session is missing",
        "the table authwire_verificationtoken is missing",
        "the table authwire_authenticator is missing",
    ]


def test_check_schema_names_what_a_table_lacks(alias: str, fetch: Fetch) -> None:
    fetch("ALTER TABLE authwire_userdetail DROP COLUMN image", ())
    fetch("DROP TABLE authwire_account", ())
    connection = connections[alias]
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "authwire_session")
    (index,) = (name for name, key in found.items() if key["columns"] == ["expires"])
    fetch(f"DROP INDEX {index}", ())
    fetch("DROP TABLE authwire_authenticator", ())
    columns = "id, user_id, credential_id, provider_account_id, credential_public_key, counter"
    more = "credential_device_type, credential_backed_up, transports, name"
    fetch(f"CREATE TABLE authwire_authenticator ({columns}, {more}, PRIMARY KEY (id))", ())
    assert DjangoAdapter(using=alias).check_schema() == [
        "the column authwire_userdetail.image is missing",
        "the table authwire_account is missing",
        "the index on authwire_session (expires) is missing",
        "the unique key on authwire_authenticator (credential_id) is missing",
        "the index on authwire_authenticator (user_id) is missing",
    ]


def test_check_schema_looks_at_the_users_too(alias: str, fetch: Fetch) -> None:
    fetch("ALTER TABLE people_person DROP COLUMN role", ())
    assert PERSON.adapter(alias).check_schema() == ["the column people_person.role is missing"]


def test_keys_are_binary_on_mariadb(mariadb_db: str, mariadb: Server) -> None:
    rows = mariadb_fetch(mariadb)(
        "SELECT table_name AS t, column_name AS c, collation_name AS l"
        " FROM information_schema.columns WHERE table_schema = DATABASE()",
        (),
    )
    collations = {(row["t"], row["c"]): row["l"] for row in rows}
    for column in (
        ("authwire_account", "provider"),
        ("authwire_account", "provider_account_id"),
        ("authwire_session", "session_token"),
        ("authwire_userdetail", "email"),
        ("authwire_verificationtoken", "identifier"),
        ("authwire_verificationtoken", "token"),
        ("people_person", "id"),
        ("people_person", "email"),
        # A reference must have the collation of its key.
        ("people_personaccount", "user_id"),
    ):
        assert collations[column] == "utf8mb4_nopad_bin", column
    assert collations["authwire_authenticator", "credential_id"] == "ascii_nopad_bin"


# --- system checks --------------------------------------------------------------------------------


def test_the_project_passes_the_checks() -> None:
    assert check_settings() == []
    assert check_user_model() == []
    ours = [issue for issue in checks.run_checks() if (issue.id or "").startswith("authwire")]
    assert ours == []


def test_the_checks_are_registered() -> None:
    with override_settings(USE_TZ=False):
        issues = checks.run_checks(tags=[checks.Tags.models])
    assert [issue.id for issue in issues] == ["authwire.E001"]
    assert issues[0].hint == "Set USE_TZ = True."


@isolate_apps("tests.adapters.django.people")
def test_a_user_model_that_cannot_hold_our_users_is_named() -> None:
    class Shared(AbstractBaseUser):
        email = models.EmailField()
        team = models.ForeignKey("people.Person", models.CASCADE)
        badge = models.CharField(max_length=9, unique=True)
        joined = models.DateTimeField(auto_now_add=True)
        USERNAME_FIELD = "badge"

        class Meta:
            app_label = "people"

    class Needing(AbstractBaseUser):
        email = models.EmailField(unique=True)
        badge = models.CharField(max_length=9, unique=True)

        class Meta:
            app_label = "people"

    class Dated(AbstractBaseUser):
        born = models.DateField(primary_key=True)

        class Meta:
            app_label = "people"

    class Fine(AuthwireUserMixin, AbstractBaseUser):
        class Meta:
            app_label = "people"

    class Constrained(AbstractBaseUser):
        email = models.EmailField(null=True)  # noqa: DJ001  # "" could not be unique

        class Meta:
            app_label = "people"
            constraints = (models.UniqueConstraint(fields=["email"], name="one_each"),)

    def told(model: Any) -> list[tuple[str, str]]:
        return [(issue.id, issue.msg) for issue in problems_of(model)]

    assert told(Shared) == [
        ("authwire.W001", "people.Shared.email is not unique."),
        ("authwire.W003", "New users need values for team of people.Shared."),
    ]
    assert told(Needing) == [
        ("authwire.W002", "people.Needing.email may not be NULL."),
        ("authwire.W003", "New users need values for badge of people.Needing."),
    ]
    assert told(Dated) == [("authwire.E002", "people.Dated has ids that cannot be told as text.")]
    assert told(Fine) == told(Constrained) == []


def test_the_user_models_of_the_tests_are_fine() -> None:
    for project in (STOCK, PERSON, CALLER):
        assert list(problems_of(apps.get_model(project.user_model))) == []
