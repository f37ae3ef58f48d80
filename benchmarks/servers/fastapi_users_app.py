"""FastAPI Users with both of its strategies. Users and tokens are in dicts, as fast as a store can be.

Runs in an environment of its own, without Authwire; ``SITE`` tells it the user.
"""

# Not `from __future__ import annotations`: FastAPI reads annotations at run time.

import json
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin
from fastapi_users.authentication import AuthenticationBackend, CookieTransport, JWTStrategy
from fastapi_users.authentication.strategy.db import DatabaseStrategy
from fastapi_users.db import BaseUserDatabase

SITE = json.loads(os.environ["SITE"])


@dataclass
class Person:
    email: str
    name: str
    image: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    hashed_password: str = ""
    is_active: bool = True
    is_superuser: bool = False
    is_verified: bool = True


@dataclass
class Row:
    token: str
    user_id: uuid.UUID
    created_at: datetime


ADA = Person(**SITE["user"])
ROW = Row(SITE["rowKey"], ADA.id, datetime.now(UTC))
USERS = {ADA.id: ADA}
ROWS = {ROW.token: ROW}


class Users(BaseUserDatabase[Person, uuid.UUID]):
    async def get(self, id: uuid.UUID) -> Person | None:  # noqa: A002  # the name is theirs
        return USERS.get(id)


class Rows:
    async def get_by_token(self, token: str, max_age: datetime | None = None) -> Row | None:
        row = ROWS.get(token)
        return row if row and (max_age is None or row.created_at >= max_age) else None


class Manager(UUIDIDMixin, BaseUserManager[Person, uuid.UUID]):
    pass


async def manager() -> Any:
    yield Manager(Users())


def jwt_strategy() -> Any:
    return JWTStrategy(secret=SITE["secret"], lifetime_seconds=86400 * 30)


def row_strategy() -> Any:
    return DatabaseStrategy(Rows(), lifetime_seconds=86400 * 30)


def current(name: str, strategy: Any) -> Any:
    backend = AuthenticationBackend(name, CookieTransport(cookie_name=name), strategy)
    return FastAPIUsers[Person, uuid.UUID](manager, [backend]).current_user(active=True)


app = FastAPI()


@app.get("/bare")
async def bare() -> dict[str, Any]:
    return {"user": SITE["user"]}


@app.get("/jwt")
async def protected_jwt(
    user: Annotated[Person, Depends(current("jwt", jwt_strategy))],
) -> dict[str, Any]:
    return {"user": {"name": user.name, "email": user.email, "image": user.image}}


@app.get("/database")
async def protected_database(
    user: Annotated[Person, Depends(current("row", row_strategy))],
) -> dict[str, Any]:
    return {"user": {"name": user.name, "email": user.email, "image": user.image}}


@app.get("/cookie")
async def cookie() -> str:
    """What a browser that is signed in sends."""
    return f"jwt={await jwt_strategy().write_token(ADA)}; row={ROW.token}"
