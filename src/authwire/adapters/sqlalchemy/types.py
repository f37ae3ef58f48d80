"""Types of columns: ours, and what Auth.js' adapters keep the same values in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Boolean, DateTime, Integer
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

__all__ = [
    "MYSQL",
    "DrizzleFlag",
    "DrizzleMoment",
    "Int32",
    "NumberedId",
    "PrismaMoment",
    "PrismaNow",
    "UtcDateTime",
]

MYSQL: Final = ("mysql", "mariadb")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
INT32_MAX: Final = 2**31 - 1


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

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a time without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        zoned = self.zoned and dialect.name not in ("sqlite", *MYSQL)
        return utc if zoned else utc.replace(tzinfo=None)

    def process_result_value(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002  # SQLAlchemy's signature
    ) -> datetime | None:
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Milliseconds(UtcDateTime):
    """Milliseconds since 1970 on SQLite, as JavaScript counts; no time zone elsewhere."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(zoned=False)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        plain = super().process_bind_param(value, dialect)
        if plain is None or dialect.name != "sqlite":
            return plain
        return (plain.replace(tzinfo=UTC) - EPOCH) // MILLISECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if isinstance(value, int):
            return EPOCH + value * MILLISECOND
        if isinstance(value, str):  # Kysely, and some drivers of Prisma, write ISO 8601
            value = datetime.fromisoformat(value)
        return super().process_result_value(value, dialect)


class DrizzleMoment(_Milliseconds):
    """`timestamp` of Drizzle.

    Args:
        digits: of the seconds on MySQL, which rounds.
    """

    cache_ok = True

    def __init__(self, *, digits: int) -> None:
        super().__init__()
        self.digits = digits

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Integer())
        if dialect.name in MYSQL:
            return dialect.type_descriptor(mysql.TIMESTAMP(fsp=self.digits or None))
        return dialect.type_descriptor(DateTime(timezone=False))


class PrismaMoment(_Milliseconds):
    """`DateTime` of Prisma."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        match dialect.name:
            case "sqlite":
                return _NumericDatetime()
            case "postgresql":
                return postgresql.TIMESTAMP(precision=3)
            case "mysql" | "mariadb":
                return dialect.type_descriptor(mysql.DATETIME(fsp=3))
        return dialect.type_descriptor(DateTime(timezone=False))


class _NumericDatetime(UserDefinedType[Any]):
    """SQLite's word for the column; numbers are kept in it as they are."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "DATETIME"


class PrismaNow(FunctionElement[datetime]):
    """The default of Prisma's ``createdAt``."""

    inherit_cache = True


@compiles(PrismaNow)
def _now(_element: Any, _compiler: Any, **_: Any) -> str:
    return "CURRENT_TIMESTAMP"


@compiles(PrismaNow, "mysql")
@compiles(PrismaNow, "mariadb")
def _now_in_milliseconds(_element: Any, _compiler: Any, **_: Any) -> str:
    return "CURRENT_TIMESTAMP(3)"


class NumberedId(TypeDecorator[str]):
    """A number that the database gives; a string in Python. What is no such number is not found."""

    impl = Integer
    cache_ok = True

    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002  # SQLAlchemy's signature
    ) -> int | None:
        # "07" is another string than "7".
        if value is None or not value.isascii() or not value.isdecimal() or len(value) > 10:
            return None
        number = int(value)
        return number if 0 < number <= INT32_MAX and str(number) == value else None

    def process_result_value(
        self,
        value: int | None,
        dialect: Dialect,  # noqa: ARG002  # as above
    ) -> str | None:
        return None if value is None else str(value)


class Int32(TypeDecorator[int]):
    """``integer``, which ends in 2038 as a time: what is more is kept as the most it can hold."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        # SQLite's integers have 64 bits.
        return value if value is None or dialect.name == "sqlite" else min(value, INT32_MAX)


class DrizzleFlag(TypeDecorator[bool]):
    """A boolean, which Drizzle calls ``integer`` on SQLite."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_result_value(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002  # as above
    ) -> bool | None:
        return None if value is None else bool(value)
