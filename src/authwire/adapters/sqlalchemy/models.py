"""`Models`, which holds the five mapped classes together, and those used by default.

What the columns are called, and which types they have, is a matter of ``authwire_naming``: ``snake``
(``user_id``) is our own, the others are the tables of Auth.js' adapters, see
`authwire.adapters.sqlalchemy.columns`. Every way in which a row is looked up has an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy.orm import DeclarativeBase, class_mapper

from authwire.adapters.sqlalchemy.columns import TABLES, Naming
from authwire.adapters.sqlalchemy.mixins import (
    AccountMixin,
    AuthenticatorMixin,
    SessionMixin,
    UserMixin,
    VerificationTokenMixin,
)
from authwire.adapters.sqlalchemy.types import NumberedId, UtcDateTime

__all__ = [
    "AccountMixin",
    "AuthenticatorMixin",
    "Models",
    "Naming",
    "NumberedId",
    "SessionMixin",
    "UserMixin",
    "UtcDateTime",
    "VerificationTokenMixin",
    "default_models",
]


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
        owner = mapper.columns["id"]
        naming = user.authwire_naming
        shared = {
            "authwire_naming": naming,
            "authwire_row_ids": user.authwire_row_ids,
            "authwire_stamps": user.authwire_stamps,
            "authwire_user_id": f"{mapper.local_table.fullname}.{owner.name}",
            "authwire_user_id_type": owner.type,
            "__table_args__": {"schema": mapper.local_table.schema},
        }
        mixins = (AccountMixin, SessionMixin, VerificationTokenMixin, AuthenticatorMixin)
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
    """The tables used without models of your own; ``.user.metadata`` is what Alembic asks for.

    Raises:
        ValueError: if there is no such naming.
    """
    if naming not in TABLES:
        raise ValueError(f"naming is one of {', '.join(TABLES)}")

    class Base(DeclarativeBase):
        """A registry of its own, so that no name clashes with the app's."""

    class Default(UserMixin, Base):
        __tablename__ = TABLES[naming][0]
        # Numbers of deleted users are not given again.
        __table_args__ = {"sqlite_autoincrement": naming == "pg"}  # noqa: RUF012  # SQLAlchemy's own
        authwire_naming = naming

    return Models.for_user(Default)
