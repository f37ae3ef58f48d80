"""The tables: a mixin for each, and `Models`, which holds the five mapped classes together.

Attributes have the Python names of `authwire.models`; what the columns are called is a matter of
``authwire_naming``: ``snake`` (``user_id``) or ``authjs`` (``userId``, as Auth.js' Drizzle adapter
writes it). Every way in which a row is looked up has an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, Final, Literal

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, class_mapper, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from authwire.models import Account, AdapterSession, Authenticator, User
from authwire.wire import wire_name

__all__ = [
    "AccountMixin",
    "AuthenticatorMixin",
    "Models",
    "Naming",
    "SessionMixin",
    "UserMixin",
    "UtcDateTime",
    "VerificationTokenMixin",
    "default_models",
]

Naming = Literal["snake", "authjs"]

TABLES: Final[dict[Naming, tuple[str, str, str, str, str]]] = {
    "snake": ("users", "accounts", "sessions", "verification_tokens", "authenticators"),
    "authjs": ("user", "account", "session", "verificationToken", "authenticator"),
}
MYSQL: Final = ("mysql", "mariadb")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: time-zone aware in Python, UTC in the database, microseconds where it has them.

    Args:
        zoned: whether the column knows time zones, where the database has such a type.
    """

    impl = DateTime
    cache_ok = True

    def __init__(self, *, zoned: bool = True) -> None:
        super().__init__(timezone=zoned)
        self.zoned = zoned

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in MYSQL:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=self.zoned))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a time without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc if self.zoned and dialect.name not in ("sqlite", *MYSQL) else _naive(utc)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  # SQLAlchemy's signature
    ) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


def _naive(value: datetime) -> datetime:
    return value.replace(tzinfo=None)


def _key(length: int, *, on_mysql: int | None = None, ascii_only: bool = False) -> String:
    """A string that is compared byte for byte.

    MySQL takes ``é`` for ``e`` by default, which would hand over accounts, and limits a key to
    3072 bytes, four for each character unless it is ASCII.
    """
    charset = "ascii" if ascii_only else "utf8mb4"
    narrow = mysql.VARCHAR(on_mysql or length, charset=charset, collation=f"{charset}_bin")
    return String(length).with_variant(narrow, *MYSQL)


# A WebAuthn credential id has up to 1023 bytes, so 1364 characters of base64.
CREDENTIAL_ID: Final = _key(1364, ascii_only=True)
PROVIDER_ACCOUNT_ID: Final = _key(1364, on_mysql=640)


class _Named:
    """What all tables have in common."""

    authwire_naming: ClassVar[Naming] = "snake"

    @classmethod
    def _column(cls, model: type, field: str) -> str:
        return wire_name(model, field) if cls.authwire_naming == "authjs" else field

    @classmethod
    def _moment(cls) -> UtcDateTime:
        # Drizzle's columns are `timestamp`, without a zone.
        return UtcDateTime(zoned=cls.authwire_naming == "snake")


class _Owned(_Named):
    authwire_user_id: ClassVar[str] = "users.id"
    """The column that ``user_id`` refers to: ``table.column``, or ``schema.table.column``."""

    @classmethod
    def _owner(cls, model: type) -> Any:
        return mapped_column(
            cls._column(model, "user_id"),
            _key(255),
            ForeignKey(cls.authwire_user_id, ondelete="CASCADE"),
            index=True,
        )


class UserMixin(_Named):
    """`authwire.models.User` as columns. Add your own beside them."""

    id: Mapped[str] = mapped_column(_key(255), primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(_key(320), unique=True)

    @declared_attr
    @classmethod
    def email_verified(cls) -> Mapped[datetime | None]:
        return mapped_column(cls._column(User, "email_verified"), cls._moment())

    image: Mapped[str | None] = mapped_column(Text)


class _AuthjsAccount(_Owned):
    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[str]:
        return cls._owner(Account)  # type: ignore[no-any-return]  # mapped_column, typed by Mapped

    type: Mapped[str] = mapped_column(String(32))
    provider: Mapped[str] = mapped_column(_key(100), primary_key=True)

    @declared_attr
    @classmethod
    def provider_account_id(cls) -> Mapped[str]:
        name = cls._column(Account, "provider_account_id")
        return mapped_column(name, PROVIDER_ACCOUNT_ID, primary_key=True)

    access_token: Mapped[str | None] = mapped_column(Text)
    refresh_token: Mapped[str | None] = mapped_column(Text)
    id_token: Mapped[str | None] = mapped_column(Text)
    token_type: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    session_state: Mapped[str | None] = mapped_column(Text)


class AccountMixin(_AuthjsAccount):
    """`authwire.models.Account` as columns."""

    extra: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class SessionMixin(_Owned):
    """`authwire.models.AdapterSession` as columns."""

    @declared_attr
    @classmethod
    def session_token(cls) -> Mapped[str]:
        name = cls._column(AdapterSession, "session_token")
        return mapped_column(name, _key(255), primary_key=True)

    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[str]:
        return cls._owner(AdapterSession)  # type: ignore[no-any-return]  # as above

    @declared_attr
    @classmethod
    def expires(cls) -> Mapped[datetime]:
        return mapped_column(cls._moment())


class VerificationTokenMixin(_Named):
    """`authwire.models.VerificationToken` as columns."""

    identifier: Mapped[str] = mapped_column(_key(320), primary_key=True)
    token: Mapped[str] = mapped_column(_key(255), primary_key=True, index=True)

    @declared_attr
    @classmethod
    def expires(cls) -> Mapped[datetime]:
        return mapped_column(cls._moment())


class _AuthjsAuthenticator(_Owned):
    @declared_attr
    @classmethod
    def credential_id(cls) -> Mapped[str]:
        name = cls._column(Authenticator, "credential_id")
        return mapped_column(name, CREDENTIAL_ID, primary_key=True)

    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[str]:
        return cls._owner(Authenticator)  # type: ignore[no-any-return]  # as above

    @declared_attr
    @classmethod
    def provider_account_id(cls) -> Mapped[str]:
        return mapped_column(cls._column(Authenticator, "provider_account_id"), CREDENTIAL_ID)

    @declared_attr
    @classmethod
    def credential_public_key(cls) -> Mapped[str]:
        return mapped_column(cls._column(Authenticator, "credential_public_key"), Text)

    counter: Mapped[int] = mapped_column(BigInteger)

    @declared_attr
    @classmethod
    def credential_device_type(cls) -> Mapped[str]:
        return mapped_column(cls._column(Authenticator, "credential_device_type"), String(32))

    @declared_attr
    @classmethod
    def credential_backed_up(cls) -> Mapped[bool]:
        return mapped_column(cls._column(Authenticator, "credential_backed_up"))

    transports: Mapped[str | None] = mapped_column(Text)


class AuthenticatorMixin(_AuthjsAuthenticator):
    """`authwire.models.Authenticator` as columns."""

    name: Mapped[str | None] = mapped_column(String(255))


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The five mapped classes that an adapter works with. All share one ``MetaData``."""

    user: type[Any]
    account: type[Any]
    session: type[Any]
    verification_token: type[Any]
    authenticator: type[Any]

    @classmethod
    def for_user(cls, user: type[UserMixin]) -> Models:
        """Your own class of users, and the other four made to go with it.

        They take its registry, schema and naming. Call it once for a class: tables cannot be made
        twice.
        """
        mapper: Any = class_mapper(user, configure=False)
        base = mapper.registry.generate_base()
        naming = user.authwire_naming
        shared = {
            "authwire_naming": naming,
            "authwire_user_id": f"{mapper.local_table.fullname}.{mapper.columns['id'].name}",
            "__table_args__": {"schema": mapper.local_table.schema},
        }
        # Auth.js' tables have no room for other fields.
        authjs = naming == "authjs"
        account = _AuthjsAccount if authjs else AccountMixin
        authenticator = _AuthjsAuthenticator if authjs else AuthenticatorMixin
        mixins = (account, SessionMixin, VerificationTokenMixin, authenticator)
        made = [
            type(f"{user.__name__}{part}", (mixin, base), {**shared, "__tablename__": table})
            for part, mixin, table in zip(
                ("Account", "Session", "VerificationToken", "Authenticator"),
                mixins,
                TABLES[naming][1:],
                strict=True,
            )
        ]
        return cls(
            user=user,
            account=made[0],
            session=made[1],
            verification_token=made[2],
            authenticator=made[3],
        )


@cache
def default_models(naming: Naming = "snake") -> Models:
    """The tables used without models of your own; ``.user.metadata`` is what Alembic asks for."""

    class Base(DeclarativeBase):
        """A registry of its own, so that no name clashes with the app's."""

    class Default(UserMixin, Base):
        __tablename__ = TABLES[naming][0]
        authwire_naming = naming

    return Models.for_user(Default)
