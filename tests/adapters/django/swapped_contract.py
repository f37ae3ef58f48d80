"""Run by test_swapped.py in a process of its own, whose ``AUTH_USER_MODEL`` is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from tests.adapters.django.support import SWAPPED, DjangoReader, database, sqlite
from tests.adapters.rows import sqlite_fetch

from authwire.adapters.django import AsyncDjangoAdapter, DjangoAdapter
from authwire.adapters.django.models import Account, Session, UserDetail
from authwire.models import User
from authwire.testing.adapter_contract import AdapterContract


class TestSwappedUser(AdapterContract):
    @pytest.fixture
    def adapter(self, alias: str) -> Any:
        return DjangoAdapter(using=alias, close_connections=True)

    @pytest.fixture
    def store(self, sqlite_db: tuple[str, Path]) -> DjangoReader:
        return DjangoReader(sqlite_fetch(sqlite_db[1]), SWAPPED)


def test_the_tables_belong_to_the_users_of_the_project() -> None:
    assert settings.AUTH_USER_MODEL == "people.Person"
    for model in (Account, Session, UserDetail):
        assert model._meta.get_field("user").related_model._meta.label == "people.Person"


def test_a_user_model_with_our_columns_needs_no_detail_rows(alias: str) -> None:
    adapter = DjangoAdapter(using=alias)
    adapter.create_user(User(email="a@example.com"))
    assert UserDetail.objects.using(alias).count() == 0


def test_the_migrations_fit_a_swapped_user_model() -> None:
    call_command("makemigrations", "authwire", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.anyio
async def test_create_schema_makes_the_table_of_users_too(tmp_path: Path) -> None:
    with database(**sqlite(tmp_path / "empty.sqlite3")) as alias:
        adapter = AsyncDjangoAdapter(using=alias, close_connections=True)
        await adapter.create_schema()
        assert await adapter.check_schema() == []
