"""``authwire db migrate``: revisions that Alembic runs, and SQL that databases take."""

from __future__ import annotations

import builtins
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import alembic
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Column, Engine, ForeignKey, Integer, MetaData, String, Table, inspect, text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON, TypeDecorator, UserDefinedType
from tests.cli.conftest import Database

from authwire.adapters.sqlalchemy import Models, Naming, SQLAlchemyAdapter, UserMixin
from authwire.cli import main
from authwire.cli.db.arguments import DIALECTS
from authwire.cli.db.plain import dialect_named, plain_tables, plain_type
from authwire.runtime import drive

ENV = """\
from alembic import context

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
"""
OURS = {"users", "accounts", "sessions", "verification_tokens", "authenticators"}


class Project:
    """A project with Alembic, and its database."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.engine = engine
        self.versions = folder / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        template = Path(alembic.__file__).parent / "templates" / "generic" / "script.py.mako"
        shutil.copy(template, folder / "migrations")
        (folder / "migrations" / "env.py").write_text(ENV)
        (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")

    def run(self, action: Any, revision: str) -> None:
        config = Config(str(self.folder / "alembic.ini"))
        config.set_main_option("script_location", str(self.folder / "migrations"))
        config.attributes["engine"] = self.engine
        action(config, revision)

    def revisions(self) -> list[str]:
        paths = sorted(self.versions.glob("*.py"), key=lambda path: path.stat().st_mtime_ns)
        return [path.read_text() for path in paths]

    def add_empty(self, name: str, after: str | None = None) -> None:
        (self.versions / f"{name}.py").write_text(
            f"revision = {name!r}\ndown_revision = {after!r}\n\n\n"
            "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n"
        )

    def execute(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def missing(self, naming: Naming = "snake", **options: Any) -> list[str]:
        adapter = SQLAlchemyAdapter(self.engine, naming=naming, **options)
        return drive(adapter.check_schema())

    def tables(self) -> set[str]:
        return set(inspect(self.engine).get_table_names()) - {"alembic_version"}


@pytest.fixture
def project(here: Path, database: Database) -> Any:
    engine = database.engine()
    yield Project(here, engine)
    engine.dispose()


@pytest.fixture
def small(here: Path, sqlite_database: Database) -> Any:
    """A project on SQLite, for what has nothing to do with the database."""
    engine = sqlite_database.engine()
    yield Project(here, engine)
    engine.dispose()


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    name = "database" if "project" in request.fixturenames else "sqlite_database"
    found: Database = request.getfixturevalue(name)
    return found.sync


@pytest.mark.parametrize("naming", get_args(Naming))
def test_a_revision_fills_an_empty_database_and_empties_it_again(
    project: Project, url: str, naming: Naming, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "migrate", "--url", url, "--naming", naming]) == 0
    assert "Wrote migrations/versions/" in capsys.readouterr().out
    (revision,) = project.revisions()
    assert "authwire." not in revision
    project.run(command.upgrade, "head")
    assert project.missing(naming) == []
    assert main(["db", "migrate", "--url", url, "--naming", naming]) == 0
    assert "Nothing to migrate" in capsys.readouterr().out
    assert len(project.revisions()) == 1
    project.run(command.downgrade, "base")
    assert project.tables() == set()


def test_a_revision_makes_the_tables_that_create_makes(project: Project, url: str) -> None:
    main(["db", "migrate", "--url", url])
    project.run(command.upgrade, "head")
    migrated = columns(project.engine)
    project.run(command.downgrade, "base")
    main(["db", "create", "--url", url])
    assert columns(project.engine) == migrated


def columns(engine: Engine) -> Mapping[str, Any]:
    live = inspect(engine)
    return {
        table: {
            column["name"]: (column["type"].compile(dialect=engine.dialect), column["nullable"])
            for column in live.get_columns(table)
        }
        for table in OURS
    }


def test_an_async_driver_writes_the_same_revision(here: Path, database: Database) -> None:
    engine = database.engine()
    project = Project(here, engine)
    assert main(["db", "migrate", "--url", database.asynchronous]) == 0
    project.run(command.upgrade, "head")
    assert project.missing() == []
    engine.dispose()


def test_a_missing_column_is_all_that_is_added(project: Project, url: str) -> None:
    main(["db", "create", "--url", url])
    project.execute("ALTER TABLE users DROP COLUMN image")
    assert main(["db", "migrate", "--url", url]) == 0
    (revision,) = project.revisions()
    assert revision.count("add_column") == 1
    assert "create_table" not in revision
    upgrade = revision[revision.index("def upgrade") : revision.index("def downgrade")]
    assert "drop" not in upgrade
    project.run(command.upgrade, "head")
    assert project.missing() == []
    project.run(command.downgrade, "base")
    assert project.missing() == ["the column users.image is missing"]


def test_what_belongs_to_the_app_is_left_alone(project: Project, url: str) -> None:
    main(["db", "create", "--url", url])
    project.execute(
        "CREATE TABLE invoices (id INTEGER PRIMARY KEY, total INTEGER)",
        "ALTER TABLE users ADD COLUMN phone VARCHAR(40)",
        "CREATE INDEX by_phone ON users (phone)",
        "DROP TABLE authenticators",
    )
    assert main(["db", "migrate", "--url", url]) == 0
    (revision,) = project.revisions()
    assert "invoices" not in revision
    assert "phone" not in revision
    project.run(command.upgrade, "head")
    assert project.missing() == []
    project.run(command.downgrade, "base")
    assert project.tables() == (OURS - {"authenticators"}) | {"invoices"}
    assert "phone" in {column["name"] for column in inspect(project.engine).get_columns("users")}


def test_missing_indexes_and_keys_come_back(project: Project, url: str) -> None:
    main(["db", "create", "--url", url])
    project.execute(
        "DROP TABLE sessions",
    )
    Table(
        "sessions",
        MetaData(),
        *(
            Column(column.name, column.type, primary_key=column.primary_key, nullable=False)
            for column in plain_session().columns
        ),
    ).create(project.engine)
    missing = project.missing()
    assert any("index on sessions (user_id)" in sentence for sentence in missing)
    assert any("foreign key from sessions (user_id)" in sentence for sentence in missing)
    assert main(["db", "migrate", "--url", url]) == 0
    project.run(command.upgrade, "head")
    assert project.missing() == []
    project.run(command.downgrade, "base")
    assert project.missing() == missing


def plain_session() -> Table:
    models = SQLAlchemyAdapter(_engine()).models
    mapped = (models.user, models.session)
    return plain_tables([model.__table__ for model in mapped])[1]


def _engine() -> Engine:
    from sqlalchemy import create_engine

    return create_engine("sqlite://")


def test_keys_and_indexes_of_another_name_are_not_made_twice(project: Project, url: str) -> None:
    main(["db", "create", "--url", url])
    on = " ON sessions" if project.engine.dialect.name == "mysql" else ""
    project.execute(
        "CREATE INDEX mine ON sessions (user_id, expires)",
        f"DROP INDEX ix_sessions_user_id{on}",
        "ALTER TABLE users DROP COLUMN image",
    )
    assert main(["db", "migrate", "--url", url]) == 0
    (revision,) = project.revisions()
    assert "create_index" not in revision
    assert revision.count("add_column") == 1


# --- models of the app ----------------------------------------------------------------------------


class Shout(TypeDecorator[str]):
    impl = String(30)
    cache_ok = True


class Point(UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "INTEGER"

    def __repr__(self) -> str:
        return "Point()"


BINARY = mysql.VARCHAR(20, charset="utf8mb4", collation="utf8mb4_bin")
NICK = String(20).with_variant(BINARY, "mysql", "mariadb")


def app_models() -> Models:
    class Base(DeclarativeBase):
        pass

    class Team(Base):
        __tablename__ = "teams"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Person(UserMixin, Base):
        __tablename__ = "people"
        team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
        role: Mapped[str] = mapped_column(Shout(), default="member")
        level: Mapped[int] = mapped_column(Integer, default=3)
        is_nice: Mapped[bool] = mapped_column(default=True)
        nick: Mapped[str] = mapped_column(NICK, unique=True, default=lambda: "nick")
        place: Mapped[Any | None] = mapped_column(Point())
        notes: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    assert Team.metadata is Person.metadata
    return Models.for_user(Person)


APP = """
from sqlalchemy import create_engine
from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from tests.cli.test_db_migrate import app_models

adapter = SQLAlchemyAdapter(create_engine({url!r}), models=app_models())
"""


def test_models_of_the_app_are_migrated_with_columns_of_their_own(
    project: Project, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.folder / "web.py").write_text(APP.format(url=url))
    project.execute("CREATE TABLE teams (id INTEGER NOT NULL PRIMARY KEY)")
    assert main(["db", "migrate", "--app", "web:adapter"]) == 0
    (revision,) = project.revisions()
    assert "sa.ForeignKeyConstraint(['team_id'], ['teams.id']" in revision
    assert "create_table('teams'" not in revision
    assert "Shout" not in revision
    assert f"import {Point.__module__}" in revision
    project.run(command.upgrade, "head")
    assert project.missing(models=app_models()) == []
    project.run(command.downgrade, "base")
    assert project.tables() == {"teams"}


def test_rows_that_exist_get_the_default_of_a_new_column(
    project: Project, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.folder / "web.py").write_text(APP.format(url=url))
    project.execute("CREATE TABLE teams (id INTEGER NOT NULL PRIMARY KEY)")
    assert main(["db", "create", "--app", "web:adapter"]) == 0
    project.execute(
        *(f"ALTER TABLE people DROP COLUMN {name}" for name in ("role", "level", "is_nice")),
        "INSERT INTO people (id, nick) VALUES ('1', 'ada')",
    )
    capsys.readouterr()
    assert main(["db", "migrate", "--app", "web:adapter"]) == 0
    project.run(command.upgrade, "head")
    with project.engine.connect() as connection:
        row = connection.execute(text("SELECT role, level, is_nice FROM people")).one()
    assert tuple(row) == ("member", 3, True)


def test_a_column_that_nothing_fills_is_pointed_out(
    small: Project, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (small.folder / "web.py").write_text(APP.format(url=url))
    main(["db", "create", "--app", "web:adapter"])
    small.execute("DROP TABLE people", "CREATE TABLE people (id VARCHAR(255) PRIMARY KEY)")
    capsys.readouterr()
    assert main(["db", "migrate", "--app", "web:adapter"]) == 0
    notes = capsys.readouterr().err
    assert "people.nick must not be empty" in notes
    assert "people.role" not in notes


@pytest.mark.parametrize("schema", ["public", "auth"])
def test_tables_in_a_schema_are_found_there(
    here: Path, postgres_database: Database, schema: str
) -> None:
    class Base(DeclarativeBase):
        pass

    class Person(UserMixin, Base):
        __tablename__ = "people"
        __table_args__ = {"schema": schema}  # noqa: RUF012  # SQLAlchemy's way

    models = Models.for_user(Person)
    engine = postgres_database.engine()
    project = Project(here, engine)
    globals()["schema_models"] = models
    (here / "web.py").write_text(
        APP.format(url=postgres_database.sync).replace("app_models()", "m")
    )
    source = (here / "web.py").read_text().replace("import app_models", "import schema_models as m")
    (here / "web.py").write_text(source)
    project.execute("CREATE SCHEMA IF NOT EXISTS auth")
    assert main(["db", "migrate", "--app", "web:adapter"]) == 0
    project.run(command.upgrade, "head")
    assert project.missing(models=models) == []
    project.execute(f"ALTER TABLE {schema}.people DROP COLUMN image")
    assert main(["db", "migrate", "--app", "web:adapter"]) == 0
    assert project.revisions()[1].count("add_column") == 1
    assert "create_table" not in project.revisions()[1]
    project.run(command.upgrade, "head")
    project.run(command.downgrade, "base")
    assert inspect(engine).get_table_names(schema=schema) in ([], ["alembic_version"])
    engine.dispose()


# --- where the revision goes ----------------------------------------------------------------------


def test_a_revision_follows_the_head(small: Project, url: str) -> None:
    small.add_empty("aaaa")
    small.run(command.upgrade, "head")
    assert main(["db", "migrate", "--url", url, "-m", "people sign in"]) == 0
    (path,) = small.versions.glob("*people_sign_in.py")
    assert "down_revision: Union[str, Sequence[str], None] = 'aaaa'" in path.read_text()


def test_of_several_heads_one_must_be_named(
    small: Project, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    small.add_empty("aaaa")
    small.add_empty("bbbb", "aaaa")
    small.add_empty("cccc", "aaaa")
    small.run(command.upgrade, "heads")
    assert main(["db", "migrate", "--url", url]) == 2
    error = capsys.readouterr().err
    assert "several heads (bbbb, cccc)" in error
    assert "--head" in error
    for wrong in ("aaaa", "dddd", "base"):
        assert main(["db", "migrate", "--url", url, "--head", wrong]) == 2
        assert wrong in capsys.readouterr().err
    assert main(["db", "migrate", "--url", url, "--head", "cc"]) == 0
    (path,) = small.versions.glob("*authwire_tables.py")
    assert "= 'cccc'" in path.read_text()


def test_revisions_that_wait_must_run_first(
    small: Project, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "migrate", "--url", url]) == 0
    assert main(["db", "migrate", "--url", url]) == 2
    assert "alembic upgrade head first" in capsys.readouterr().err
    assert len(small.revisions()) == 1


def test_the_version_table_may_have_another_name(small: Project, url: str) -> None:
    env = (small.folder / "migrations" / "env.py").read_text()
    env = env.replace("connection=connection", "connection=connection, version_table='steps'")
    (small.folder / "migrations" / "env.py").write_text(env)
    small.add_empty("aaaa")
    small.run(command.upgrade, "head")
    assert main(["db", "migrate", "--url", url]) == 2
    assert main(["db", "migrate", "--url", url, "--version-table", "steps"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--output", "shop"],
        ["--output", "shop/migrations"],
        ["--output", "shop/migrations/versions"],
        ["--config", "shop/alembic.ini"],
        ["--config", "shop/alembic.ini", "--output", "shop/migrations/versions"],
    ],
)
def test_the_project_may_be_elsewhere(
    here: Path, sqlite_database: Database, arguments: list[str]
) -> None:
    engine = sqlite_database.engine()
    project = Project(here / "shop", engine)
    assert main(["db", "migrate", "--url", sqlite_database.sync, *arguments]) == 0
    project.run(command.upgrade, "head")
    assert project.missing() == []
    engine.dispose()


def test_a_project_may_be_configured_in_pyproject(small: Project, url: str) -> None:
    (small.folder / "alembic.ini").unlink()
    (small.folder / "pyproject.toml").write_text('[tool.alembic]\nscript_location = "migrations"\n')
    assert main(["db", "migrate", "--url", url]) == 0
    assert len(small.revisions()) == 1


def test_a_bare_folder_of_revisions_will_do(here: Path, sqlite_database: Database) -> None:
    (here / "versions").mkdir()
    assert main(["db", "migrate", "--url", sqlite_database.sync, "--output", "versions"]) == 0
    (path,) = (here / "versions").glob("*.py")
    assert "op.create_table('users'" in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "there is no alembic.ini here"),
        (["--output", "nowhere"], "there is no folder nowhere"),
        (["--config", "nowhere.ini"], "there is no file nowhere.ini"),
        (["--dialect", "mysql"], "--dialect goes with --sql"),
    ],
)
def test_without_a_project_it_says_what_to_do(
    here: Path,
    sqlite_database: Database,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["db", "migrate", "--url", sqlite_database.sync, *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_template_without_place_for_operations_is_refused(
    small: Project, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mako = small.folder / "migrations" / "script.py.mako"
    mako.write_text(mako.read_text().replace("upgrades", "others"))
    mako.write_text(mako.read_text().replace('${others if others else "pass"}', "pass"))
    assert main(["db", "migrate", "--url", url]) == 2
    assert "script.py.mako" in capsys.readouterr().err
    assert small.revisions() == []


def test_what_takes_a_change_by_hand_is_told_and_not_written(
    small: Project, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["db", "migrate", "--sql", "--dialect", "sqlite"])
    sql = capsys.readouterr().out.replace("image TEXT,", "image TEXT, must TEXT NOT NULL,", 1)
    small.execute(*filter(str.strip, sql.split(";\n")))
    capsys.readouterr()
    assert main(["db", "migrate", "--url", url]) == 1
    told = capsys.readouterr()
    assert "users.must is NOT NULL" in told.out
    assert "by hand" in told.err
    assert small.revisions() == []


# --- SQL ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("naming", get_args(Naming))
def test_the_sql_is_what_the_database_takes(
    database: Database, naming: Naming, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--naming", naming, "--dialect", database.kind]
    assert main(["db", "migrate", "--sql", *arguments]) == 0
    sql = capsys.readouterr().out
    engine = database.engine()
    with engine.begin() as connection:
        for statement in sql.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.strip())
    assert drive(SQLAlchemyAdapter(engine, naming=naming).check_schema()) == []
    engine.dispose()


def test_sql_needs_no_alembic_and_no_database(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_alembic(monkeypatch)
    url = "postgresql+psycopg://app:hunter2@127.0.0.1:1/app"
    assert main(["db", "migrate", "--sql", "--url", url]) == 0
    sql = capsys.readouterr().out
    assert "TIMESTAMP WITH TIME ZONE" in sql
    assert "hunter2" not in sql


def test_sql_of_an_app_has_its_columns(
    here: Path, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "web.py").write_text(APP.format(url=sqlite_database.sync))
    assert main(["db", "migrate", "--sql", "--app", "web:adapter", "--dialect", "mysql"]) == 0
    sql = capsys.readouterr().out
    assert "CREATE TABLE people" in sql
    assert "CREATE TABLE teams" not in sql
    assert "COLLATE utf8mb4_bin" in sql


def test_sql_for_no_database_in_particular_is_not_guessed(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "migrate", "--sql"]) == 2
    assert "--dialect" in capsys.readouterr().err
    assert main(["db", "migrate", "--sql", "--dialect", "sqlite", "--naming", "camel"]) == 2
    assert "snake" in capsys.readouterr().err


# --- what it is not for ---------------------------------------------------------------------------


def without_alembic(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def fail(name: str, *rest: Any) -> Any:
        if name.startswith("alembic"):
            raise ModuleNotFoundError("No module named 'alembic'", name="alembic")
        return real(name, *rest)

    import sys

    for name in [name for name in sys.modules if name.startswith("authwire.cli.db.")]:
        if name.rpartition(".")[2] in ("additions", "scripts"):
            monkeypatch.delitem(sys.modules, name)
            package = sys.modules["authwire.cli.db"]
            monkeypatch.delattr(package, name.rpartition(".")[2], raising=False)
    monkeypatch.setattr(builtins, "__import__", fail)


def test_without_alembic_the_cure_is_named(
    here: Path,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    without_alembic(monkeypatch)
    assert main(["db", "migrate", "--url", sqlite_database.sync]) == 2
    assert "pip install 'authwire[migrations]'" in capsys.readouterr().err


STORES = """
def store(module, **methods):
    return type("Store", (), {"__module__": module, "get_user": None, **methods})()

piccolo = store("authwire.adapters.piccolo", create_schema=None)
mongo = store("authwire.adapters.mongodb", create_schema=None)
memory = store("authwire.adapters.memory")
"""


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("piccolo", 2, "piccolo migrations"),
        ("mongo", 2, "authwire db create"),
        ("memory", 0, "Store needs no migrations."),
    ],
)
def test_other_stores_are_told_what_to_do_instead(
    here: Path, name: str, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "web.py").write_text(STORES)
    assert main(["db", "migrate", "--app", f"web:{name}"]) == code
    told = capsys.readouterr()
    assert words in told.out + told.err


def test_an_app_without_adapter_has_nothing_to_migrate(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "web.py").write_text("from authwire import AuthConfig\nconfig = AuthConfig()")
    assert main(["db", "migrate", "--app", "web:config"]) == 0
    assert "nothing to migrate" in capsys.readouterr().out


# --- plain types ----------------------------------------------------------------------------------


@pytest.mark.parametrize("naming", get_args(Naming))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_plain_types_make_the_same_columns(naming: Naming, dialect: str) -> None:
    models = SQLAlchemyAdapter(_engine(), naming=naming).models
    spoken = dialect_named(dialect)
    for model in (models.user, models.account, models.session, models.authenticator):
        for column in model.__table__.columns:
            plain = plain_type(column.type)
            assert plain.compile(dialect=spoken) == column.type.compile(dialect=spoken)
            for part in (plain, *plain._variant_mapping.values()):
                assert type(part).__module__.startswith("sqlalchemy.")
