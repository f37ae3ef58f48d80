"""The password user of the demo: a table of our own beside the adapter's, and its check."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final

import anyio.to_thread
from sqlalchemy import Column, ForeignKey, LargeBinary, MetaData, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.http import Request
from authwire.models import User

__all__ = ["PASSWORD", "USERNAME", "Passwords"]

USERNAME: Final = "alice"
PASSWORD: Final = "wonderland"
_EMAIL: Final = "alice@example.net"
_MAX_LENGTH: Final = 1024


class Passwords:
    """Users with a password, hashed with scrypt (RFC 7914).

    Args:
        engine: the database.
        adapter: has the users themselves.
    """

    def __init__(self, engine: AsyncEngine, adapter: SQLAlchemyAdapter[User]) -> None:
        self._engine = engine
        self._adapter = adapter
        users = adapter.models.user.__table__
        self._table = Table(
            "demo_password",
            MetaData(),
            Column("username", users.c.email.type, primary_key=True),
            Column("user_id", users.c.id.type, ForeignKey(users.c.id), nullable=False),
            Column("salt", LargeBinary, nullable=False),
            Column("hash", LargeBinary, nullable=False),
        )
        self._decoy = (secrets.token_bytes(16), secrets.token_bytes(32))

    async def create(self) -> None:
        """Make the table and Alice, where they are missing."""
        async with self._engine.begin() as connection:
            await connection.run_sync(self._table.create, checkfirst=True)
        if await self._find(USERNAME) is not None:
            return
        user = await self._adapter.get_user_by_email(_EMAIL)
        if user is None:
            user = await self._adapter.create_user(User(name="Alice", email=_EMAIL))
        salt = secrets.token_bytes(16)
        row = {
            "username": USERNAME,
            "user_id": user.id,
            "salt": salt,
            "hash": await anyio.to_thread.run_sync(_hash, PASSWORD, salt),
        }
        async with self._engine.begin() as connection:
            await connection.execute(self._table.insert().values(row))

    async def authorize(self, credentials: Mapping[str, Any], _request: Request) -> User | None:
        """The user whose name and password these are (``Credentials.authorize``)."""
        username, password = credentials.get("username"), credentials.get("password")
        if not isinstance(username, str) or not isinstance(password, str):
            return None
        if max(len(username), len(password)) > _MAX_LENGTH or not username.isprintable():
            return None
        row = await self._find(username.strip().lower())
        # A name that does not exist takes as long, so that time tells nothing.
        salt, known = self._decoy if row is None else (row.salt, row.hash)
        given = await anyio.to_thread.run_sync(_hash, password, salt)
        if not hmac.compare_digest(given, known) or row is None:
            return None
        return await self._adapter.get_user(row.user_id)

    async def has(self, user_id: str) -> bool:
        """Whether this user has a password."""
        query = select(self._table).where(self._table.c.user_id == user_id)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def _find(self, username: str) -> Any:
        query = select(self._table).where(self._table.c.username == username)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).first()


def _hash(password: str, salt: bytes) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=2**14, r=8, p=5, dklen=32)
