from __future__ import annotations

import asyncio
import http.server
import inspect
import socketserver
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar, TypeVar

import pytest
import websockets.asyncio.server
from surrealdb import AsyncSurreal, RecordID, Surreal, SurrealError
from surrealdb._surrealdb_ext import SyncEmbeddedDB
from tests.adapters.calls import account_of, counted, passkey_of, session_of, stored, token_of

from authwire.adapters.surrealdb import SurrealDBAdapter
from authwire.adapters.surrealdb.queries import BATCH, INDEXES, TABLES
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.ports import Adapter
from authwire.runtime import drive
from authwire.testing.adapter_contract import AdapterContract

T = TypeVar("T")
LATER = datetime(2031, 3, 5, 12, 30, 15, 123456, tzinfo=UTC)
SPACE = ("authwire_test", "authwire_test")

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str | None = "member"
    value: dict[str, Any] = field(default_factory=dict)
    born: datetime | None = None


class RawReader:
    """Reads records with queries of its own, by the fields and not by the ids that the adapter makes."""

    def __init__(self, db: Any) -> None:
        self.db = db

    async def one(self, table: str, kind: type[T], **key: str) -> T | None:
        where = " AND ".join(f"{name} = $x_{name}" for name in key)
        values = {f"x_{name}": value for name, value in key.items()}
        asked = self.db.query(f"SELECT * FROM {table} WHERE {where}", values)
        rows = await asked if inspect.isawaitable(asked) else asked
        assert len(rows) <= 1
        return _value(kind, rows[0]) if rows else None

    async def user(self, user_id: str) -> User | None:
        asked = self.db.select(RecordID("user", user_id))
        rows = await asked if inspect.isawaitable(asked) else asked
        row = rows[0] if isinstance(rows, list) and rows else rows
        return _value(User, {**row, "id": row["id"].id}) if row else None

    async def account(self, provider: str, provider_account_id: str) -> Account | None:
        key = {"provider": provider, "provider_account_id": provider_account_id}
        return await self.one("account", Account, **key)

    async def session(self, session_token: str) -> AdapterSession | None:
        return await self.one("session", AdapterSession, session_token=session_token)

    async def verification_token(self, identifier: str, token: str) -> VerificationToken | None:
        key = {"identifier": identifier, "token": token}
        return await self.one("verification_token", VerificationToken, **key)

    async def authenticator(self, credential_id: str) -> Authenticator | None:
        return await self.one("authenticator", Authenticator, credential_id=credential_id)


def _value(kind: type[T], row: dict[str, Any]) -> T:
    known = {item.name for item in fields(kind)}  # type: ignore[arg-type]  # always a dataclass
    values = {name: value for name, value in row.items() if name in known}
    if "user_id" in values:
        values["user_id"] = values["user_id"].id
    return kind(**values)


# --- servers --------------------------------------------------------------------------------------


class Engine:
    """The engine that the driver brings along, answering what a server would be sent."""

    def __init__(self) -> None:
        self._db = SyncEmbeddedDB("mem://")
        self._db.connect()
        self._lock = threading.Lock()
        with Surreal("mem://") as encoder:
            encoder._db = self._db
            encoder.use(*SPACE)

    def __call__(self, request: bytes) -> bytes:
        with self._lock:
            return self._db.execute(request)

    def close(self) -> None:
        self._db.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    engine: ClassVar[Engine]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.engine(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "application/cbor")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class _Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 100


@contextmanager
def http_server(engine: Engine) -> Iterator[str]:
    handler = type("Handler", (_Handler,), {"engine": engine})
    server = _Threads(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@asynccontextmanager
async def websocket_server(engine: Engine) -> AsyncIterator[tuple[str, Any]]:
    async def answer(socket: Any) -> None:
        async for message in socket:
            await socket.send(engine(message))

    serving = websockets.asyncio.server.serve(
        answer, "127.0.0.1", 0, subprotocols=[websockets.Subprotocol("cbor")]
    )
    async with serving as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}", server


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


# --- the contract ---------------------------------------------------------------------------------


@pytest.fixture
async def db() -> AsyncIterator[Any]:
    async with AsyncSurreal("mem://") as db:
        await db.use(*SPACE)
        yield db


@pytest.fixture
async def adapter(db: Any) -> SurrealDBAdapter:
    adapter = SurrealDBAdapter(db)
    await adapter.create_schema()
    return adapter


@pytest.fixture
def sync_db() -> Iterator[Any]:
    with Surreal("mem://") as db:
        db.use(*SPACE)
        yield db


class TestSurrealDBEmbedded(AdapterContract):
    @pytest.fixture
    def adapter(self, adapter: SurrealDBAdapter) -> SurrealDBAdapter:
        return adapter

    @pytest.fixture
    def store(self, db: Any) -> RawReader:
        return RawReader(db)


class TestSurrealDBBlocking(AdapterContract):
    callers = "threads"

    @pytest.fixture
    def adapter(self, sync_db: Any) -> SurrealDBAdapter:
        adapter = SurrealDBAdapter(sync_db)
        drive(adapter.create_schema())
        return adapter

    @pytest.fixture
    def store(self, sync_db: Any) -> RawReader:
        return RawReader(sync_db)


class TestSurrealDBOverHttp(AdapterContract):
    @pytest.fixture
    async def remote(self, engine: Engine) -> AsyncIterator[Any]:
        with http_server(engine) as url:
            async with AsyncSurreal(url) as db:
                await db.use(*SPACE)
                yield db

    @pytest.fixture
    async def adapter(self, remote: Any) -> SurrealDBAdapter:
        adapter = SurrealDBAdapter(remote, timeout=60)
        await adapter.create_schema()
        return adapter

    @pytest.fixture
    def store(self, remote: Any) -> RawReader:
        return RawReader(remote)


class TestSurrealDBOverWebSocket(AdapterContract):
    @pytest.fixture
    async def remote(self, engine: Engine) -> AsyncIterator[Any]:
        async with websocket_server(engine) as (url, _), AsyncSurreal(url) as db:
            yield db

    @pytest.fixture
    async def adapter(self, remote: Any) -> SurrealDBAdapter:
        adapter = SurrealDBAdapter(remote)
        await adapter.create_schema()
        return adapter

    @pytest.fixture
    def store(self, remote: Any) -> RawReader:
        return RawReader(remote)


# --- queries --------------------------------------------------------------------------------------


class Watched:
    """A connection that notes what it is asked."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.seen: list[str] = []

    async def query_raw(self, query: str, values: Any) -> Any:
        self.seen.append(query)
        return await self.db.query_raw(query, values)


TWICE = {"check_schema", "create_schema"}
"""What takes two queries; everything else is one. The page of the adapter shows this."""


async def test_every_method_is_one_query_of_one_transaction(db: Any) -> None:
    watched = Watched(db)
    adapter = SurrealDBAdapter(watched)
    await adapter.create_schema()
    sent = await counted(adapter, watched.seen)
    for call, queries in sent.items():
        assert len(queries) == (2 if call in TWICE else 1), call
        if call not in TWICE:
            (query,) = queries
            alone = query.startswith("{") and query.endswith("}")
            assert alone or ";" not in query, f"{call} is more than one statement"


async def test_every_lookup_uses_an_id_or_an_index(db: Any) -> None:
    watched = Watched(db)
    adapter = SurrealDBAdapter(watched)
    await adapter.create_schema()
    values = {"email": "1@example.com", "user": RecordID("user", "u-1"), "now": LATER}
    conditions = set()
    for queries in (await counted(adapter, watched.seen)).values():
        for query in queries:
            conditions |= {part.split("RETURN")[0] for part in query.split(" FROM ")[1:]}
            conditions |= {part.split("RETURN")[0] for part in query.split("DELETE ")[1:]}
    searched = {text.split(" LIMIT")[0].strip(" ;)") for text in conditions if "WHERE" in text}
    assert len(searched) >= 6
    for text in searched:
        query = f"SELECT * FROM {text.replace(' AND id != $keep', '')} EXPLAIN"
        plan = await db.query(query, values | {"wanted": "t"})
        assert plan[0]["operation"] == "Iterate Index", query


async def test_with_a_blocking_connection_no_method_suspends(sync_db: Any) -> None:
    adapter = SurrealDBAdapter(sync_db)
    assert adapter.io == "blocking"
    names = {name for name in vars(Adapter) if not name.startswith("_")}
    drive(adapter.create_schema())
    seen: list[str] = []
    called = set(drive(counted(adapter, seen)))
    assert {call.split()[0] for call in called} == names


def test_io_tells_which_connection_is_inside() -> None:
    for url in ("ws://127.0.0.1:1", "http://127.0.0.1:1", "mem://"):
        assert SurrealDBAdapter(AsyncSurreal(url)).io == "async"
        assert SurrealDBAdapter(Surreal(url)).io == "blocking"


def test_something_else_than_a_connection_is_refused() -> None:
    with pytest.raises(TypeError, match=r"expected a connection.*not str"):
        SurrealDBAdapter("mem://")


def test_a_missing_driver_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("authwire.adapters.surrealdb")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "surrealdb", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[surrealdb\]'"):
        __import__("authwire.adapters.surrealdb")


# --- transactions ---------------------------------------------------------------------------------


async def test_what_fails_half_way_leaves_nothing_behind(
    db: Any, adapter: SurrealDBAdapter
) -> None:
    """The database refuses the last step of each; what came before is undone with it."""
    user = await stored(adapter)
    refuse = "DEFINE EVENT refuse ON TABLE {} WHEN $event = '{}' THEN {{ THROW 'refused' }}"
    for table, event in (("user", "DELETE"), ("user", "CREATE"), ("session", "CREATE")):
        await db.query(refuse.format(table, event))
        calls: dict[tuple[str, str], Any] = {
            ("user", "DELETE"): partial(adapter.delete_user, user.id),
            ("user", "CREATE"): partial(adapter.create_user, User(id="u-2", email="2@e.com")),
            ("session", "CREATE"): partial(adapter.create_session, session_of(user, 2)),
        }
        with pytest.raises(SurrealError):
            await calls[table, event]()
        await db.query(f"REMOVE EVENT refuse ON TABLE {table}")
    assert len(await adapter.list_sessions_by_user_id(user.id)) == 2
    assert len(await adapter.list_accounts_by_user_id(user.id)) == 1
    assert len(await adapter.list_authenticators_by_user_id(user.id)) == 1
    assert await adapter.get_user_by_email("1@example.com") == user
    assert await adapter.create_user(User(id="u-2", email="2@e.com"))
    await adapter.create_session(session_of(user, 2))


async def test_a_conflict_is_tried_again(db: Any) -> None:
    class Busy(Watched):
        async def query_raw(self, query: str, values: Any) -> Any:
            self.seen.append(query)
            if len(self.seen) <= 3:
                text = "Failed to commit transaction due to a read or write conflict."
                return {"result": [{"status": "ERR", "result": f"{text} This can be retried"}]}
            return await self.db.query_raw(query, values)

    busy = Busy(db)
    await SurrealDBAdapter(db).create_schema()
    user = await SurrealDBAdapter(busy).create_user(User(email="a@example.com"))
    assert len(busy.seen) == 4
    assert await SurrealDBAdapter(db).get_user(user.id) == user


def test_conflicts_without_end_end_in_the_time_limit() -> None:
    class Busy:
        def query_raw(self, query: str, values: Any) -> Any:
            return {"result": [{"status": "ERR", "result": "This transaction can be retried"}]}

    start = time.monotonic()
    with pytest.raises(TimeoutError, match="again and again"):
        drive(SurrealDBAdapter(Busy(), timeout=0.1).get_user("x"))
    assert time.monotonic() - start < 5
    with pytest.raises(SurrealError, match="retried"):
        drive(SurrealDBAdapter(Busy(), timeout=None).get_user("x"))


class Slow(Watched):
    """Rests in the middle of each transaction. The adapter does not take it for the embedded engine."""

    async def query_raw(self, query: str, values: Any) -> Any:
        head, middle, tail = query.rpartition("RETURN (")
        self.seen.append(query)
        return await self.db.query_raw(f"{head} sleep(150ms); {middle}{tail}", values)


@pytest.fixture
async def slow(db: Any, adapter: SurrealDBAdapter) -> SurrealDBAdapter:
    return SurrealDBAdapter(Slow(db))


async def side_by_side(slow: Any, quick: Any) -> list[Any]:
    """``quick`` begins and ends while ``slow`` is in the middle of its transaction."""

    async def later() -> Any:
        await asyncio.sleep(0.05)
        return await quick

    return await asyncio.gather(slow, later(), return_exceptions=True)


async def test_a_session_that_is_deleted_while_it_rolls_on_stays_deleted(
    db: Any, adapter: SurrealDBAdapter, slow: SurrealDBAdapter
) -> None:
    """Without its lock the update, which began earlier, would bring the record back."""
    user = await stored(adapter)
    quick = SurrealDBAdapter(Watched(db))
    calls: list[tuple[Any, Any]] = [
        (slow.update_session("s-1", LATER), quick.delete_session("s-1")),
        (slow.update_session("s-101", LATER), quick.delete_sessions_by_user_id(user.id)),
    ]
    for update, delete in calls:
        moved, removed = await side_by_side(update, delete)
        assert moved is None
        assert removed
    assert await db.query("SELECT * FROM session") == []


async def test_a_user_who_is_deleted_while_something_is_linked_stays_deleted(
    db: Any, adapter: SurrealDBAdapter, slow: SurrealDBAdapter
) -> None:
    quick = SurrealDBAdapter(Watched(db))
    user = User(id="u-7", email="gone@example.com")
    for call in (
        lambda: slow.link_account(account_of(user)),
        lambda: slow.create_session(session_of(user)),
        lambda: slow.create_authenticator(passkey_of(user)),
        lambda: slow.update_user(user.id, {"name": "x"}),
    ):
        await adapter.create_user(user)
        refused, _ = await side_by_side(call(), quick.delete_user(user.id))
        assert isinstance(refused, AdapterError | LookupError)
        assert str(refused) == "no such user"
        for table in ("user", "account", "session", "authenticator"):
            assert await db.query(f"SELECT * FROM {table}") == [], table


@pytest.mark.parametrize("identifier", ["a@example.com", None])
async def test_a_link_that_is_redeemed_while_it_is_redeemed_opens_once(
    db: Any, adapter: SurrealDBAdapter, slow: SurrealDBAdapter, identifier: str | None
) -> None:
    quick = SurrealDBAdapter(Watched(db))
    row = await adapter.create_verification_token(token_of())
    used = await side_by_side(
        slow.use_verification_token("t-1", identifier),
        quick.use_verification_token("t-1", identifier),
    )
    assert used == [None, row]


async def test_adapters_of_one_embedded_engine_take_turns(
    db: Any, adapter: SurrealDBAdapter
) -> None:
    others = [SurrealDBAdapter(db) for _ in range(4)]
    for n in range(25):
        calls = [other.create_user(User(email=f"{n}@example.com")) for other in others * 5]
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert len([one for one in done if isinstance(one, User)]) == 1


@pytest.mark.parametrize("what", ["account", "session", "passkey"])
async def test_what_belongs_to_nobody_is_refused(adapter: SurrealDBAdapter, what: str) -> None:
    nobody = User(id="nobody")
    calls: dict[str, Any] = {
        "account": partial(adapter.link_account, account_of(nobody)),
        "session": partial(adapter.create_session, session_of(nobody)),
        "passkey": partial(adapter.create_authenticator, passkey_of(nobody)),
    }
    with pytest.raises(AdapterError, match=r"^no such user$"):
        await calls[what]()


async def test_what_is_taken_is_told_without_the_value(adapter: SurrealDBAdapter) -> None:
    user = await stored(adapter)
    other = await adapter.create_user(User(email="other@example.com"))
    refused: list[tuple[Any, str]] = [
        (partial(adapter.create_user, User(id=user.id)), "the user id is already taken"),
        (partial(adapter.create_user, User(email=user.email)), "the e-mail is already taken"),
        (partial(adapter.update_user, other.id, {"email": user.email}), "the e-mail is already"),
        (partial(adapter.link_account, account_of(other)), "the account is already linked"),
        (partial(adapter.create_session, session_of(other)), "the session token is already taken"),
        (partial(adapter.create_verification_token, token_of()), "the verification token is"),
        (partial(adapter.create_authenticator, passkey_of(other)), "the credential id is already"),
    ]
    for call, message in refused:
        with pytest.raises(AdapterError, match=f"^{message}") as caught:
            await call()
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None


async def test_expired_rows_go_in_batches(db: Any) -> None:
    watched = Watched(db)
    adapter = SurrealDBAdapter(watched)
    await adapter.create_schema()
    user = await adapter.create_user(User())
    rows = [
        {"id": RecordID("session", f"s-{n}"), "session_token": f"s-{n}", "expires": LATER}
        for n in range(BATCH * 2 + 1)
    ]
    owner = {"user_id": RecordID("user", user.id)}
    await db.query("INSERT INTO session $rows", {"rows": [row | owner for row in rows]})
    watched.seen.clear()
    later = LATER + timedelta(seconds=1)
    assert await adapter.delete_expired_sessions(later, BATCH + 1) == BATCH + 1
    assert len(watched.seen) == 2
    assert await adapter.delete_expired_sessions(later) == BATCH
    assert await adapter.list_sessions_by_user_id(user.id) == []


# --- values ---------------------------------------------------------------------------------------


async def test_fields_of_ones_own_are_stored_and_read_back(db: Any) -> None:
    adapter = SurrealDBAdapter(db, user=Member)
    await adapter.create_schema()
    value = {"none": None, "list": [None, 1, "ü"], "deep": {"a": {"b": None}}}
    given = Member(email="a@example.com", role=None, value=value, born=LATER)
    user = await adapter.create_user(given)
    assert user == replace(given, id=user.id)
    await adapter.create_session(session_of(user))
    found = await adapter.get_session_and_user("s-1")
    assert found is not None
    assert found[1] == user
    changed = await adapter.update_user(user.id, {"value": {"x": None}, "born": None})
    assert changed == replace(user, value={"x": None}, born=None)
    admin = await adapter.update_user(user.id, {"role": "admin"})
    assert await adapter.update_user(user.id, {"role": None}) == replace(admin, role=None)
    assert await adapter.get_user(user.id) == replace(admin, role=None)


@pytest.mark.parametrize(
    "text", ["u:1", "user:1", "1", "⟨1⟩", "`", "$id", "a'; DELETE user; '", "\\", "🚀"]
)
async def test_values_are_never_read_as_a_query(
    db: Any, adapter: SurrealDBAdapter, text: str
) -> None:
    user = await adapter.create_user(User(id=f"x{text}", name=text))
    session = AdapterSession(session_token=f"s{text}", user_id=user.id, expires=LATER)
    assert user.name == text
    assert await adapter.create_session(session) == session
    assert await adapter.get_session_and_user(session.session_token) == (session, user)
    assert await adapter.get_user(user.id) == user
    assert await adapter.update_user(user.id, {"name": "x"}) == replace(user, name="x")


async def test_moments_keep_their_microseconds(adapter: SurrealDBAdapter) -> None:
    user = await adapter.create_user(User(email_verified=LATER))
    assert await adapter.get_user(user.id) == user
    assert user.email_verified == LATER


async def test_a_moment_without_a_time_zone_is_refused(adapter: SurrealDBAdapter) -> None:
    with pytest.raises(ValueError, match="time zone"):
        await adapter.create_user(User(email_verified=datetime(2030, 1, 1)))  # noqa: DTZ001  # the point


async def test_unknown_fields_and_another_id_are_refused(adapter: SurrealDBAdapter) -> None:
    user = await adapter.create_user(User())
    with pytest.raises(TypeError, match="has no field"):
        await adapter.update_user(user.id, {"colour": "blue"})
    with pytest.raises(ValueError, match="cannot change"):
        await adapter.update_user(user.id, {"id": "x"})


# --- schema ---------------------------------------------------------------------------------------


async def test_check_schema_names_what_is_missing(db: Any) -> None:
    adapter = SurrealDBAdapter(db)
    assert await adapter.check_schema() == [f"the table {name} is missing" for name in TABLES]
    await adapter.create_schema()
    for name, (table, definition) in INDEXES.items():
        await db.query(f"REMOVE INDEX {name} ON TABLE {table}")
        assert await adapter.check_schema() == [f"the index {name} on {table} is missing"]
        await db.query(f"DEFINE INDEX {name} ON TABLE {table} FIELDS wrong")
        message = f"the index {name} on {table} is not {definition}"
        assert await adapter.check_schema() == [message]
        await db.query(f"REMOVE INDEX {name} ON TABLE {table}")
        await adapter.create_schema()
    assert await adapter.check_schema() == []


async def test_an_index_that_lets_an_email_be_taken_twice_is_not_enough(
    db: Any, adapter: SurrealDBAdapter
) -> None:
    await db.query("REMOVE INDEX authwire_user_email ON TABLE user")
    await db.query("DEFINE INDEX authwire_user_email ON TABLE user FIELDS email")
    (problem,) = await adapter.check_schema()
    assert problem == "the index authwire_user_email on user is not FIELDS email UNIQUE"


async def test_create_schema_keeps_what_is_there(db: Any) -> None:
    await db.query("DEFINE TABLE user SCHEMALESS COMMENT 'ours'; CREATE user:other SET a = 1;")
    adapter = SurrealDBAdapter(db)
    await adapter.create_schema()
    user = await stored(adapter)
    await adapter.create_schema()
    assert await adapter.get_user(user.id) == user
    assert "COMMENT 'ours'" in (await db.query("INFO FOR DB"))["tables"]["user"]
    assert await db.query("SELECT * FROM user:other")


async def test_tables_are_closed_to_those_who_sign_in_as_a_record(
    db: Any, adapter: SurrealDBAdapter
) -> None:
    tables = (await db.query("INFO FOR DB"))["tables"]
    assert all(tables[name].endswith("PERMISSIONS NONE") for name in TABLES)


# --- trouble --------------------------------------------------------------------------------------


async def test_a_call_that_takes_too_long_ends() -> None:
    class Silent:
        async def query_raw(self, query: str, values: Any) -> Any:
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        await SurrealDBAdapter(Silent(), timeout=0.05).get_user("x")


async def test_a_lost_websocket_is_an_error_and_not_a_cancellation(engine: Engine) -> None:
    release = asyncio.Event()

    async def answer(socket: Any) -> None:
        async for _ in socket:
            await release.wait()
            await socket.close()

    serving = websockets.asyncio.server.serve(
        answer, "127.0.0.1", 0, subprotocols=[websockets.Subprotocol("cbor")]
    )
    async with serving as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with AsyncSurreal(f"ws://127.0.0.1:{port}") as db:
            waiting = asyncio.ensure_future(SurrealDBAdapter(db).get_user("x"))
            await asyncio.sleep(0.05)
            release.set()
            with pytest.raises(ConnectionError, match="is lost"):
                await waiting


async def test_a_cancelled_call_is_cancelled(db: Any) -> None:
    class Silent:
        async def query_raw(self, query: str, values: Any) -> Any:
            await asyncio.sleep(60)

    waiting = asyncio.ensure_future(SurrealDBAdapter(Silent()).get_user("x"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_query_that_the_database_does_not_accept_is_the_drivers_error() -> None:
    async with AsyncSurreal("mem://") as db:  # without a namespace
        with pytest.raises(SurrealError):
            await SurrealDBAdapter(db).get_user("x")
