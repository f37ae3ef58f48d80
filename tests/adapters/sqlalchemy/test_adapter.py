from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Dialect, Engine, create_engine, event, text
from sqlalchemy import inspect as inspect_db
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.schema import CreateTable
from tests.adapters.sqlalchemy.rows import drive, drive_error, memory_engine

from authwire.adapters.sqlalchemy import Models, SQLAlchemyAdapter, UserMixin, default_models
from authwire.errors import AdapterError
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    User,
    VerificationToken,
)
from authwire.ports import Adapter


@pytest.fixture
def sync_engine() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


@pytest.fixture
def sync_adapter(sync_engine: Engine) -> SQLAlchemyAdapter:
    adapter = SQLAlchemyAdapter(sync_engine)
    drive(adapter.create_schema())
    return adapter


# --- sync engines ---------------------------------------------------------------------------------


def test_with_a_sync_engine_no_method_suspends(sync_adapter: SQLAlchemyAdapter) -> None:
    adapter = sync_adapter
    later = datetime.now(UTC) + timedelta(days=1)
    user = drive(adapter.create_user(User(email="a@example.com")))
    account = Account(user_id=user.id, type="oidc", provider="p", provider_account_id="1")
    session = AdapterSession(session_token="s", user_id=user.id, expires=later)  # no secret
    token = VerificationToken(identifier="a@example.com", token="t", expires=later)  # no secret
    passkey = Authenticator(
        credential_id="AQID",
        user_id=user.id,
        provider_account_id="AQID",
        credential_public_key="BAUG",
        counter=0,
        credential_device_type="singleDevice",
        credential_backed_up=False,
    )
    named = replace(passkey, counter=5, name="Key")
    calls: list[tuple[str, tuple[Any, ...], Any]] = [
        ("get_user", (user.id,), user),
        ("get_user_by_email", ("a@example.com",), user),
        ("update_user", (user.id, {}), user),
        ("link_account", (account,), account),
        ("get_user_by_account", ("p", "1"), user),
        ("get_account", ("p", "1"), account),
        ("update_account", (account,), account),
        ("list_accounts_by_user_id", (user.id,), [account]),
        ("unlink_account", ("p", "1"), None),
        ("create_session", (session,), session),
        ("get_session_and_user", ("s",), (session, user)),
        ("update_session", ("s", later), session),
        ("delete_session", ("s",), session),
        ("create_verification_token", (token,), token),
        ("use_verification_token", ("t", "a@example.com"), token),
        ("create_authenticator", (passkey,), passkey),
        ("get_authenticator", ("AQID",), passkey),
        ("list_authenticators_by_user_id", (user.id,), [passkey]),
        ("update_authenticator_counter", ("AQID", 5), replace(passkey, counter=5)),
        ("update_authenticator", ("AQID", {"name": "Key"}), named),
        ("delete_authenticator", ("AQID",), named),
        ("list_sessions_by_user_id", (user.id,), []),
        ("delete_sessions_by_user_id", (user.id,), 0),
        ("delete_expired_sessions", (later,), 0),
        ("delete_expired_verification_tokens", (later,), 0),
        ("create_schema", (), None),
        ("check_schema", (), []),
        ("delete_user", (user.id,), None),
    ]
    for name, args, expected in calls:
        assert drive(getattr(adapter, name)(*args)) == expected, name
    port = {name for name in vars(Adapter) if not name.startswith("_")}
    assert {name for name, _, _ in calls} | {"create_user"} == port


def test_io_tells_which_engine_is_inside(sync_engine: Engine) -> None:
    assert SQLAlchemyAdapter(sync_engine).io == "blocking"
    assert SQLAlchemyAdapter(create_async_engine("sqlite+aiosqlite://")).io == "async"


def test_something_else_than_an_engine_is_refused() -> None:
    with pytest.raises(TypeError, match=r"expected an engine or a sessionmaker.*not str"):
        SQLAlchemyAdapter("sqlite://")  # type: ignore[arg-type]  # the point of the test


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["id", "email"])
def test_a_taken_value_is_named_without_being_shown(
    sync_adapter: SQLAlchemyAdapter, field: str
) -> None:
    first = drive(sync_adapter.create_user(User(id="secret-id", email="secret@example.com")))
    second = replace(User(id="other", email="other@example.com"), **{field: getattr(first, field)})
    message = {"id": "the user id is already taken", "email": "the e-mail is already taken"}
    with pytest.raises(AdapterError) as caught:
        drive_error(sync_adapter.create_user(second))
    assert str(caught.value) == message[field]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_unknown_user_is_blamed_if_the_database_checks_references(sync_engine: Engine) -> None:
    event.listen(sync_engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=ON"))
    adapter = SQLAlchemyAdapter(sync_engine)
    drive(adapter.create_schema())
    account = Account(user_id="nobody", type="oidc", provider="p", provider_account_id="1")
    with pytest.raises(AdapterError, match=r"^no such user$"):
        drive_error(adapter.link_account(account))


def test_errors_of_the_database_hide_the_values(sync_engine: Engine) -> None:
    adapter = SQLAlchemyAdapter(sync_engine)
    with pytest.raises(SQLAlchemyError, match="no such table") as caught:
        drive_error(adapter.use_verification_token("secret-token", "secret@example.com"))
    assert "secret" not in str(caught.value)


def test_a_time_without_a_time_zone_is_refused(sync_adapter: SQLAlchemyAdapter) -> None:
    naive = User(email="secret@example.com", email_verified=datetime(2030, 1, 1))  # noqa: DTZ001  # the point of the test
    with pytest.raises(SQLAlchemyError, match="without a time zone") as caught:
        drive_error(sync_adapter.create_user(naive))
    assert "secret" not in str(caught.value)


def test_times_come_back_in_utc(sync_adapter: SQLAlchemyAdapter) -> None:
    east = datetime(2030, 1, 1, 5, tzinfo=timezone(timedelta(hours=5)))
    created = drive(sync_adapter.create_user(User(id="1", email_verified=east)))
    found = drive(sync_adapter.get_user("1"))
    for user in (created, found):
        assert str(user.email_verified) == "2030-01-01 00:00:00+00:00"


def test_update_user_refuses_unknown_fields_and_another_id(sync_adapter: SQLAlchemyAdapter) -> None:
    user = drive(sync_adapter.create_user(User(id="1", name="Ann")))
    with pytest.raises(TypeError, match="no field 'nam'"):
        drive_error(sync_adapter.update_user("1", {"name": "x", "nam": "x"}))
    with pytest.raises(ValueError, match="id"):
        drive_error(sync_adapter.update_user("1", {"id": "2"}))
    assert drive(sync_adapter.get_user("1")) == user


def test_a_missing_sqlalchemy_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("authwire.adapters.sqlalchemy"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[sqlalchemy\]'"):
        __import__("authwire.adapters.sqlalchemy")


def test_an_account_that_other_software_wrote_has_no_extra_fields(
    sync_adapter: SQLAlchemyAdapter, sync_engine: Engine
) -> None:
    user = drive(sync_adapter.create_user(User()))
    with sync_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO accounts (user_id, type, provider, provider_account_id)"
                " VALUES (:user, 'oidc', 'p', '1')"
            ),
            {"user": user.id},
        )
    account = Account(user_id=user.id, type="oidc", provider="p", provider_account_id="1")
    assert drive(sync_adapter.get_account("p", "1")) == account


# --- models of one's own --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"
    nickname: str | None = None


class Base(DeclarativeBase):
    pass


class Person(UserMixin, Base):
    __tablename__ = "people"
    role: Mapped[str]
    nickname: Mapped[str | None] = mapped_column(default="none yet")
    notes: Mapped[str] = mapped_column(server_default="-")
    # Points to a class that exists only later: nothing may resolve it at import.
    pets = relationship("Pet", viewonly=True, primaryjoin="Person.id == foreign(Pet.owner)")


MODELS = Models.for_user(Person)
EARLY = SQLAlchemyAdapter(create_engine("sqlite://"), models=MODELS, user=Member)


class Pet(Base):
    __tablename__ = "pets"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]


def test_columns_of_your_own_hold_the_fields_of_your_user(sync_engine: Engine) -> None:
    adapter = SQLAlchemyAdapter(sync_engine, models=MODELS, user=Member)
    drive(adapter.create_schema())
    created = drive(adapter.create_user(Member(role="admin", email="a@example.com")))
    assert created == Member(
        id=created.id, role="admin", email="a@example.com", nickname="none yet"
    )
    assert drive(adapter.get_user(created.id)) == created
    owner = drive(adapter.update_user(created.id, {"role": "owner"}))
    assert owner == replace(created, role="owner")
    account = Account(user_id=owner.id, type="oidc", provider="p", provider_account_id="1")
    drive(adapter.link_account(account))
    assert drive(adapter.get_user_by_account("p", "1")) == owner
    with sync_engine.connect() as connection:
        assert connection.execute(text("SELECT role, notes FROM people")).all() == [("owner", "-")]


def test_create_schema_leaves_other_tables_of_the_app_alone(sync_engine: Engine) -> None:
    drive(SQLAlchemyAdapter(sync_engine, models=MODELS, user=Member).create_schema())
    assert sorted(inspect_db(sync_engine).get_table_names()) == [
        "accounts",
        "authenticators",
        "people",
        "sessions",
        "verification_tokens",
    ]


def test_create_schema_twice_keeps_the_rows(sync_adapter: SQLAlchemyAdapter) -> None:
    user = drive(sync_adapter.create_user(User(id="1")))
    drive(sync_adapter.create_schema())
    assert drive(sync_adapter.get_user("1")) == user


def test_a_field_without_a_column_is_refused_at_once(sync_engine: Engine) -> None:
    with pytest.raises(TypeError, match=r"no column for Member\.role.*for_user"):
        SQLAlchemyAdapter(sync_engine, user=Member)


def test_owned_rows_refer_to_the_users_table_and_go_with_it() -> None:
    for models, table in ((MODELS, "people"), (default_models(), "users")):
        for model in (models.account, models.session, models.authenticator):
            (reference,) = model.__table__.foreign_keys
            assert reference.column.table.name == table
            assert reference.ondelete == "CASCADE"


def create_table(model: type[Any], dialect: Dialect) -> str:
    return str(CreateTable(model.__table__).compile(dialect=dialect))


def test_keys_are_compared_byte_for_byte_on_mysql() -> None:
    ddl = create_table(default_models().account, mysql.dialect())
    assert "provider_account_id VARCHAR(640) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" in ddl
    ddl = create_table(default_models().user, mysql.dialect())
    assert "email VARCHAR(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" in ddl
    assert "email_verified DATETIME(6)" in ddl


def test_times_know_their_zone_on_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # of SQLAlchemy
    ddl = create_table(default_models().session, dialect)
    assert "expires TIMESTAMP WITH TIME ZONE NOT NULL" in ddl
