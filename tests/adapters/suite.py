"""Serves one of our adapters to the adapter test-suite of Auth.js, over the protocol of the bridge.

    python -m tests.adapters.suite sqlalchemy-sqlite --port 4031

Beside the methods of the adapter there are ``/reset``, which starts afresh with an empty store, and
``/db/…``, which reads a row behind the adapter's back. Neither needs a secret: it listens on loopback
only, for as long as the suite runs. CUSTOM_MODEL=1 gives users the columns ``role`` and ``phone``.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import signal
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from tests import servers

from authwire.adapters.http import adapter_bridge
from authwire.adapters.http.rows import Tables, unpack
from authwire.http import Response
from authwire.models import User
from authwire.runtime.asgi import Receive, Scope, Send, read_body, send_response

SECRET = uuid.uuid4().hex
NODE_DIR = Path(__file__).resolve().parents[2] / "build" / "node"
CUSTOM = os.environ.get("CUSTOM_MODEL") == "1"


@dataclass(frozen=True, kw_only=True)
class CustomUser(User):
    role: str | None = None
    phone: str | None = None


USER: type[User] = CustomUser if CUSTOM else User


@dataclass(frozen=True)
class Store:
    """An empty store: the adapter under test, and what reads its rows by other means."""

    adapter: Any
    reader: Any


Opening = Callable[[], AbstractAsyncContextManager[Store]]
KINDS: dict[str, Opening] = {}


def kind(name: str) -> Callable[[Callable[[], AsyncIterator[Store]]], Opening]:
    def register(open_store: Callable[[], AsyncIterator[Store]]) -> Opening:
        KINDS[name] = asynccontextmanager(open_store)
        return KINDS[name]

    return register


# --- stores -----------------------------------------------------------------------------------------
# Each imports what it needs when it is opened: one that is not installed is no matter to the others.


@kind("memory")
async def memory() -> AsyncIterator[Store]:
    from tests.adapters.test_memory import Snapshots

    from authwire.adapters.memory import MemoryAdapter

    adapter = MemoryAdapter(user=USER)
    yield Store(adapter, Snapshots(adapter))


@kind("http")
async def http() -> AsyncIterator[Store]:
    from tests.adapters.test_http import asgi_server
    from tests.adapters.test_memory import Snapshots

    from authwire.adapters.http import HttpAdapter
    from authwire.adapters.memory import MemoryAdapter

    behind = MemoryAdapter(user=USER)
    with asgi_server(adapter_bridge(behind, secret=SECRET, user=USER)) as url:
        adapter = HttpAdapter(url, secret=SECRET, user=USER)
        yield Store(adapter, Snapshots(behind))
        await adapter.aclose()


async def sql_store(engine: Any, fetch: Any, mark: Callable[[int], str]) -> Store:
    from tests.adapters.sqlalchemy.rows import RawReader

    from authwire.adapters.sqlalchemy import SQLAlchemyAdapter

    class Reader(RawReader):
        async def user(self, user_id: str) -> User | None:
            return await self.one("users", USER, id=user_id)

    adapter = SQLAlchemyAdapter(engine, models=custom_models() if CUSTOM else None, user=USER)
    await adapter.create_schema()
    return Store(adapter, Reader(fetch, mark))


def custom_models() -> Any:
    from sqlalchemy import String
    from sqlalchemy.orm import DeclarativeBase, mapped_column

    from authwire.adapters.sqlalchemy import Models, UserMixin

    base = type("Base", (DeclarativeBase,), {})
    columns = {name: mapped_column(String(255), nullable=True) for name in ("role", "phone")}
    return Models.for_user(
        type("CustomUserRow", (UserMixin, base), {"__tablename__": "users", **columns})
    )


@kind("sqlalchemy-sqlite")
async def sqlalchemy_sqlite() -> AsyncIterator[Store]:
    from sqlalchemy.ext.asyncio import create_async_engine
    from tests.adapters.sqlalchemy.rows import read_file

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auth.db"
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        yield await sql_store(engine, read_file(path), lambda _: "?")
        await engine.dispose()


@kind("sqlalchemy-postgres")
async def sqlalchemy_postgres() -> AsyncIterator[Store]:
    import psycopg
    from psycopg.rows import dict_row
    from sqlalchemy.ext.asyncio import create_async_engine

    with servers.postgres_database() as server:
        engine = create_async_engine(server.url("postgresql+asyncpg"))
        with psycopg.connect(
            server.url("postgresql"), autocommit=True, row_factory=dict_row
        ) as raw:

            def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
                return list(raw.execute(sql.encode(), params))

            yield await sql_store(engine, fetch, lambda _: "%s")
        await engine.dispose()


@kind("sqlalchemy-mariadb")
async def sqlalchemy_mariadb() -> AsyncIterator[Store]:
    import pymysql
    from sqlalchemy.ext.asyncio import create_async_engine

    with servers.mariadb_database() as server:
        engine = create_async_engine(server.url("mysql+asyncmy"))
        raw = pymysql.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            database=server.database,
            autocommit=True,
            cursorclass=pymysql.cursors.DictCursor,
        )

        def fetch(sql: str, params: Sequence[str]) -> list[dict[str, Any]]:
            with raw.cursor() as cursor:
                cursor.execute(sql, params)
                return list(cursor.fetchall())

        with raw:
            yield await sql_store(engine, fetch, lambda _: "%s")
        await engine.dispose()


@kind("redis")
async def redis_store() -> AsyncIterator[Store]:
    import redis
    import redis.asyncio
    from tests.adapters.redis.stores import RawReader, fresh_prefix

    from authwire.adapters.redis import RedisAdapter

    with servers.redis_server() as server:
        where = {"host": server.host, "port": server.port, "password": server.password or None}
        with (
            fresh_prefix(server.port, server.host, server.password) as prefix,
            redis.Redis(**where, decode_responses=True) as raw,
        ):
            async with redis.asyncio.Redis(**where) as client:
                yield Store(RedisAdapter(client, prefix=prefix, user=USER), RawReader(raw, prefix))


@kind("dynamodb")
async def dynamodb() -> AsyncIterator[Store]:
    from aiobotocore.session import get_session
    from tests.adapters import emulators
    from tests.adapters.test_dynamodb import ACCESS, RawReader

    from authwire.adapters.dynamodb import DynamoDBAdapter

    table = f"authwire_test_{uuid.uuid4().hex}"
    with emulators.dynamodb() as url:
        creating = get_session().create_client("dynamodb", endpoint_url=url, **ACCESS)
        async with creating as client:
            adapter = DynamoDBAdapter(client, table=table, user=USER)
            await adapter.create_schema()
            yield Store(adapter, RawReader(client, table))


@kind("sqlmodel")
async def sqlmodel() -> AsyncIterator[Store]:
    from sqlalchemy.ext.asyncio import create_async_engine
    from tests.adapters.rows import RawReader, sqlite_fetch

    from authwire.adapters.sqlmodel import SQLModelAdapter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auth.db"
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        adapter = SQLModelAdapter(engine)
        await adapter.create_schema()
        yield Store(adapter, RawReader(sqlite_fetch(path)))
        await engine.dispose()


@kind("tortoise")
async def tortoise() -> AsyncIterator[Store]:
    from tests.adapters.rows import RawReader, sqlite_fetch
    from tests.adapters.test_tortoise import MODULES
    from tortoise import Tortoise

    from authwire.adapters.tortoise import TortoiseAdapter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auth.db"
        # The server answers each request in a task of its own.
        await Tortoise.init(
            db_url=f"sqlite://{path}", modules=MODULES, _enable_global_fallback=True
        )
        adapter = TortoiseAdapter()
        await adapter.create_schema()
        yield Store(adapter, RawReader(sqlite_fetch(path)))
        await Tortoise.close_connections()


@kind("piccolo")
async def piccolo() -> AsyncIterator[Store]:
    from piccolo.engine.sqlite import SQLiteEngine
    from tests.adapters.rows import WAIT, RawReader, sqlite_fetch

    from authwire.adapters.piccolo import PiccoloAdapter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auth.db"
        adapter = PiccoloAdapter(SQLiteEngine(str(path), timeout=WAIT))
        await adapter.create_schema()
        yield Store(adapter, RawReader(sqlite_fetch(path)))


@kind("peewee")
async def peewee() -> AsyncIterator[Store]:
    from peewee import SqliteDatabase
    from tests.adapters.rows import WAIT, RawReader, sqlite_fetch
    from tests.adapters.test_peewee import PRAGMAS

    from authwire.adapters.peewee import PeeweeAdapter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auth.db"
        adapter = PeeweeAdapter(SqliteDatabase(str(path), pragmas=PRAGMAS, timeout=WAIT))
        await adapter.create_schema()
        yield Store(adapter, RawReader(sqlite_fetch(path)))


@kind("django")
async def django() -> AsyncIterator[Store]:
    from tests.adapters.django import support

    support.configure()
    # Opening and closing the database is all that blocks the event loop here.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    from tests.adapters.rows import sqlite_fetch

    from authwire.adapters.django import AsyncDjangoAdapter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auth.db"
        with support.database(**support.sqlite(path)) as alias:
            support.migrate(alias)
            adapter = support.STOCK.adapter(alias, AsyncDjangoAdapter)
            yield Store(adapter, support.DjangoReader(sqlite_fetch(path), support.STOCK))


@asynccontextmanager
async def mongo_database() -> AsyncIterator[tuple[Any, Any]]:
    """An empty database, for async code and for sync code."""
    from pymongo import AsyncMongoClient, MongoClient
    from tests.adapters.mongo_server import mongo_server

    async with AsyncExitStack() as stack:
        url = os.environ.get("TEST_MONGODB_URL") or stack.enter_context(mongo_server()).url
        name = f"authwire_test_{uuid.uuid4().hex[:12]}"
        raw: Any = stack.enter_context(MongoClient(url))
        stack.callback(raw.drop_database, name)
        client: Any = await stack.enter_async_context(AsyncMongoClient(url))
        yield client[name], raw[name]


@kind("mongodb")
async def mongodb() -> AsyncIterator[Store]:
    from tests.adapters.mongodb.stores import RawReader

    from authwire.adapters.mongodb import MongoDBAdapter

    async with mongo_database() as (database, raw):
        adapter = MongoDBAdapter(database)
        await adapter.create_schema()
        yield Store(adapter, RawReader(raw))


@kind("mongodb-authjs")
async def mongodb_authjs() -> AsyncIterator[Store]:
    from tests.adapters.mongodb.stores import AuthjsReader

    from authwire.adapters.mongodb import MongoDBAdapter

    async with mongo_database() as (database, raw):
        adapter = MongoDBAdapter(database, naming="authjs")
        await adapter.create_schema()
        yield Store(adapter, AuthjsReader(raw))


@kind("azure-tables")
async def azure_tables() -> AsyncIterator[Store]:
    from azure.data.tables.aio import TableClient
    from tests.adapters import emulators
    from tests.adapters.test_azure_tables import RawReader

    from authwire.adapters.azure_tables import AzureTablesAdapter

    table = f"authwiretest{uuid.uuid4().hex}"
    with emulators.azure_tables(NODE_DIR) as text:
        async with TableClient.from_connection_string(text, table) as client:
            adapter = AzureTablesAdapter(client)
            await adapter.create_schema()
            yield Store(adapter, RawReader(client))


@kind("surrealdb")
async def surrealdb() -> AsyncIterator[Store]:
    from surrealdb import AsyncSurreal
    from tests.adapters.test_surrealdb import SPACE, RawReader

    from authwire.adapters.surrealdb import SurrealDBAdapter

    async with AsyncSurreal("mem://") as db:
        await db.use(*SPACE)
        adapter = SurrealDBAdapter(db, user=USER)
        await adapter.create_schema()
        yield Store(adapter, RawReader(db))


# --- the program ------------------------------------------------------------------------------------


class Suite:
    """The ASGI app: the bridge of the product, and the suite's own two calls."""

    def __init__(self, open_store: Opening) -> None:
        self._open = open_store
        self._opened = AsyncExitStack()
        self._tables = Tables(USER)
        self._store: Store | None = None
        self._bridge: Any = None

    async def reset(self) -> None:
        """Start with an empty store."""
        await self.aclose()
        self._store = await self._opened.enter_async_context(self._open())
        self._bridge = adapter_bridge(self._store.adapter, secret=SECRET, user=USER)

    async def aclose(self) -> None:
        await self._opened.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path == "/reset":
            await self.reset()
            await _answer(send, None)
        elif path.startswith("/db/"):
            arguments = unpack(json.loads(await read_body(receive)))["args"]
            await _answer(send, await self._row(path.removeprefix("/db/"), arguments[0]))
        else:
            known = (b"authorization", f"Bearer {SECRET}".encode())
            await self._bridge({**scope, "headers": [*scope["headers"], known]}, receive, send)

    async def _row(self, table: str, key: Any) -> Any:
        assert self._store is not None
        names = {"verificationToken": "verification_token"}
        read = getattr(self._store.reader, names.get(table, table))
        match table:
            case "account":
                found = read(key["provider"], key["providerAccountId"])
            case "verificationToken":
                found = read(key["identifier"], key["token"])
            case _:
                found = read(key)
        row = await found if inspect.isawaitable(found) else found
        rows = getattr(self._tables, {"verificationToken": "token"}.get(table, table))
        return None if row is None else rows.dump(row)


async def _answer(send: Send, result: Any) -> None:
    body = json.dumps({"result": result}).encode()
    headers = (("content-type", "application/json"),)
    await send_response(send, Response(headers=headers, body=body))


async def serve(open_store: Opening, port: int) -> None:
    suite = Suite(open_store)
    await suite.reset()
    config = uvicorn.Config(suite, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    try:
        await uvicorn.Server(config).serve()
    finally:
        await suite.aclose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("kind", choices=sorted(KINDS), nargs="?")
    parser.add_argument("--port", type=int, default=4031)
    parser.add_argument("--list", action="store_true", help="print the kinds and end")
    options = parser.parse_args()
    if options.list or options.kind is None:
        print("\n".join(KINDS))
        return
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    asyncio.run(serve(KINDS[options.kind], options.port))


if __name__ == "__main__":
    main()
