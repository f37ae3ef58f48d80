from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from tests.adapters.django import support
from tests.integrations.django.projects import APPS, Projects

support.configure()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables of all apps."""
    path = tmp_path_factory.mktemp("django") / "template.sqlite3"
    with override_settings(INSTALLED_APPS=APPS), support.database(**support.sqlite(path)) as alias:
        call_command("migrate", database=alias, run_syncdb=True, interactive=False, verbosity=0)
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Iterator[Path]:
    """An empty database as the default one, for all threads."""
    path = tmp_path / "app.sqlite3"
    shutil.copy(template, path)
    options, connection = connections.databases["default"], connections["default"]
    del connections["default"]
    found = connections.configure_settings({"default": support.sqlite(path)})
    connections.databases["default"] = found["default"]
    yield path
    connections["default"].close()
    connections.databases["default"], connections["default"] = options, connection


@pytest.fixture
def projects() -> Iterator[Projects]:
    """Makes the settings those of a project, and closes its browsers at the end."""
    made = Projects()
    yield made
    made.close()
