"""One database, two programs: Auth.js' own adapters from npm, and Authwire's.

`@auth/kysely-adapter` stands for Prisma here, whose client is a program that npm does not bring
along: both use the same tables and columns. What Prisma's client fills in by itself, `updatedAt`, the
database fills for Kysely.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

import pytest
from sqlalchemy import Engine, create_engine, event, text
from tests.e2e.child import Child
from tests.integrations.world import SECRET, World
from tests.servers import Server

from authwire import SyncAuth
from authwire.adapters.sqlalchemy import Naming, SQLAlchemyAdapter
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.runtime import drive
from authwire.testing import AuthClient
from authwire.wire import to_wire, wire_name

pytestmark = pytest.mark.needs_node

T = TypeVar("T")
Maker = Literal["authjs", "authwire"]
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests" / "node" / "adapters" / "sql.mjs"
DOCS = ROOT / "docs" / "interop-database.md"
COOKIE = "authjs.session-token"

# What the page of @auth/pg-adapter tells to create.
PG_TABLES = """
CREATE TABLE verification_token (identifier text NOT NULL, expires timestamptz NOT NULL,
    token text NOT NULL, PRIMARY KEY (identifier, token));
CREATE TABLE accounts (id serial PRIMARY KEY, "userId" integer NOT NULL, type varchar(255) NOT NULL,
    provider varchar(255) NOT NULL, "providerAccountId" varchar(255) NOT NULL, refresh_token text,
    access_token text, expires_at bigint, id_token text, scope text, session_state text,
    token_type text);
CREATE TABLE sessions (id serial PRIMARY KEY, "userId" integer NOT NULL,
    expires timestamptz NOT NULL, "sessionToken" varchar(255) NOT NULL);
CREATE TABLE users (id serial PRIMARY KEY, name varchar(255), email varchar(255),
    "emailVerified" timestamptz, image text);
"""
# What `prisma migrate` makes of the schema on the page of @auth/prisma-adapter.
_STAMPS = """"createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL"""
_OWNER = """FOREIGN KEY ("userId") REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE"""
PRISMA_TABLES = f"""
CREATE TABLE "User" (id text PRIMARY KEY, name text, email text NOT NULL,
    "emailVerified" timestamp(3), image text, {_STAMPS});
CREATE UNIQUE INDEX "User_email_key" ON "User" (email);
CREATE TABLE "Account" ("userId" text NOT NULL, type text NOT NULL, provider text NOT NULL,
    "providerAccountId" text NOT NULL, refresh_token text, access_token text, expires_at integer,
    token_type text, scope text, id_token text, session_state text, {_STAMPS},
    PRIMARY KEY (provider, "providerAccountId"), {_OWNER});
CREATE TABLE "Session" ("sessionToken" text NOT NULL, "userId" text NOT NULL,
    expires timestamp(3) NOT NULL, {_STAMPS}, {_OWNER});
CREATE UNIQUE INDEX "Session_sessionToken_key" ON "Session" ("sessionToken");
CREATE TABLE "VerificationToken" (identifier text NOT NULL, token text NOT NULL,
    expires timestamp(3) NOT NULL, PRIMARY KEY (identifier, token));
CREATE TABLE "Authenticator" ("credentialID" text NOT NULL, "userId" text NOT NULL,
    "providerAccountId" text NOT NULL, "credentialPublicKey" text NOT NULL,
    counter integer NOT NULL, "credentialDeviceType" text NOT NULL,
    "credentialBackedUp" boolean NOT NULL, transports text,
    PRIMARY KEY ("userId", "credentialID"), {_OWNER});
CREATE UNIQUE INDEX "Authenticator_credentialID_key" ON "Authenticator" ("credentialID");
"""


@dataclass(frozen=True)
class Kind:
    """An adapter of Auth.js, and where its rows are."""

    name: str
    naming: Naming
    database: Literal["postgres", "mariadb", "sqlite"]
    sql: str = ""
    """Creates the tables; Drizzle's are made from what the package says itself."""


KINDS = (
    Kind("pg", "pg", "postgres", PG_TABLES),
    Kind("kysely", "prisma", "postgres", PRISMA_TABLES),
    Kind("drizzle-pg", "drizzle", "postgres"),
    Kind("drizzle-mysql", "drizzle", "mariadb"),
    Kind("drizzle-sqlite", "drizzle", "sqlite"),
)


@dataclass
class Shared:
    """A database with both programs on it."""

    kind: Kind
    made_by: Maker
    node: Child
    engine: Engine
    adapter: SQLAlchemyAdapter
    name: str
    methods: list[str] = field(default_factory=list)
    """What the adapter of Auth.js has."""

    def ask(self, **question: Any) -> Any:
        said = self.node.ask(question)
        if "error" in said:
            raise NodeError(said["error"])
        return said["value"]

    def authjs(self, method: str, *args: Any) -> Any:
        """Call the adapter of Auth.js."""
        return self.ask(call=self.name, method=method, args=list(args))

    def ours(self, method: str, *args: Any) -> Any:
        """Call Authwire's."""
        return drive(getattr(self.adapter, method)(*args))

    def visit(self, token: str) -> Any:
        """What `/api/auth/session` of Auth.js says to the holder of a cookie."""
        return self.ask(visit=self.name, cookie=f"{COOKIE}={token}", secret=SECRET)

    def run(self, sql: str) -> None:
        with self.engine.begin() as connection:
            for statement in filter(str.strip, sql.split(";")):
                connection.execute(text(statement))

    @property
    def expires(self) -> datetime:
        """A time that the column can keep: Drizzle's on MySQL has whole seconds."""
        milliseconds = 0 if self.kind.database == "mariadb" else 123
        return datetime(2031, 3, 5, 12, 30, 15, milliseconds * 1000, tzinfo=UTC)

    def wire(self, value: Any) -> dict[str, Any]:
        """``value`` as the adapter of Auth.js takes it."""
        row = to_wire(value)
        row.pop("id", None)
        return row


class NodeError(Exception):
    """The other side refused."""


def read(kind: type[T], row: dict[str, Any]) -> T:
    """A row of Auth.js as a model. Fields that its tables lack are left out."""
    found: dict[str, Any] = {}
    for item in fields(kind):  # type: ignore[arg-type]  # all models are dataclasses
        column = wire_name(kind, item.name)
        if column not in row:
            continue
        value = row[column]
        if item.name in ("expires", "email_verified") and value is not None:
            value = datetime.fromisoformat(value)
        found[item.name] = str(value) if item.name in ("id", "user_id") else value
    return kind(**found)


@pytest.fixture(scope="module")
def node(node_dir: Path) -> Iterator[Child]:
    with Child("Auth.js' adapters", ["node", str(PROGRAM)], folder=node_dir) as child:
        yield child


@contextmanager
def postgres_schema(server: Server) -> Iterator[tuple[Engine, dict[str, Any]]]:
    schema = f"s{uuid.uuid4().hex[:12]}"
    engine = create_engine(
        server.url("postgresql+psycopg"), connect_args={"options": f"-csearch_path={schema}"}
    )
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield engine, {"url": server.url("postgresql"), "schema": schema}
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@contextmanager
def mariadb_tables(server: Server) -> Iterator[tuple[Engine, dict[str, Any]]]:
    engine = create_engine(server.url("mysql+pymysql"))
    yield engine, {"url": server.url("mysql")}
    with engine.begin() as connection:
        for table in ("authenticator", "verificationToken", "session", "account", "user"):
            connection.execute(text(f"DROP TABLE IF EXISTS `{table}`"))
    engine.dispose()


@contextmanager
def sqlite_file(path: Path) -> Iterator[tuple[Engine, dict[str, Any]]]:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=ON"))
    yield engine, {"url": str(path)}
    engine.dispose()


@contextmanager
def shared_by_both(
    kind: Kind, made_by: Maker, node: Child, request: pytest.FixtureRequest
) -> Iterator[Shared]:
    with ExitStack() as stack:
        if kind.database == "sqlite":
            opened = sqlite_file(request.getfixturevalue("tmp_path") / "auth.db")
        elif kind.database == "mariadb":
            opened = mariadb_tables(request.getfixturevalue("mariadb"))
        else:
            opened = postgres_schema(request.getfixturevalue("postgres"))
        engine, where = stack.enter_context(opened)
        adapter = SQLAlchemyAdapter(engine, naming=kind.naming)
        shared = Shared(kind, made_by, node, engine, adapter, uuid.uuid4().hex)
        shared.methods = shared.ask(open=shared.name, kind=kind.name, **where)
        if made_by == "authwire":
            shared.ours("create_schema")
        elif kind.sql:
            shared.run(kind.sql)
            shared.ours("create_schema")  # the table that Auth.js has not
        else:
            made = shared.ask(create=shared.name)
            assert sum(statement.startswith("CREATE TABLE") for statement in made) == 5
        if kind.name == "kysely":
            for table in ("User", "Account", "Session"):
                shared.run(f'ALTER TABLE "{table}" ALTER "updatedAt" SET DEFAULT CURRENT_TIMESTAMP')
        yield shared
        shared.ask(close=shared.name)


@pytest.fixture(params=["authjs", "authwire"])
def made_by(request: pytest.FixtureRequest) -> Maker:
    """Whose tables they are."""
    return request.param  # type: ignore[no-any-return]  # one of the two


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def shared(request: pytest.FixtureRequest, made_by: Maker, node: Child) -> Iterator[Shared]:
    with shared_by_both(request.param, made_by, node, request) as found:
        yield found


ADA = User(
    name="Ada \u00e9\U0001f600",
    email="ada@example.com",
    email_verified=datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    image="https://example.com/ada.png",
)
BOB = User(name=None, email="bob@example.com")


def account_of(user: User, **changes: Any) -> Account:
    account = Account(
        user_id=user.id,
        type="oidc",
        provider="github",
        provider_account_id="42",
        access_token="access-1",  # no secret
        refresh_token="refresh-1",  # no secret
        id_token="id-1",  # no secret
        token_type="bearer",  # no secret
        scope="openid email",
        expires_at=2_000_000_000,
        session_state="state-1",
    )
    return replace(account, **changes)


def passkey_of(user: User) -> Authenticator:
    return Authenticator(
        credential_id="a+/b0w==",
        user_id=user.id,
        provider_account_id="a+/b0w==",
        credential_public_key="pQECAyYgASFY+/8=",
        counter=7,
        credential_device_type="multiDevice",
        credential_backed_up=True,
        transports="internal,hybrid",
    )


# --- users ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", [ADA, BOB], ids=["all fields", "few fields"])
def test_a_user_of_auth_js_is_read(shared: Shared, user: User) -> None:
    row = shared.authjs("createUser", shared.wire(user))
    created = replace(user, id=str(row["id"]))
    assert read(User, row) == created
    assert shared.ours("get_user", created.id) == created
    assert shared.ours("get_user_by_email", user.email) == created


@pytest.mark.parametrize("user", [ADA, BOB], ids=["all fields", "few fields"])
def test_a_user_of_ours_is_read_by_auth_js(shared: Shared, user: User) -> None:
    created = shared.ours("create_user", user)
    assert created == replace(user, id=created.id)
    assert read(User, shared.authjs("getUser", created.id)) == created
    assert read(User, shared.authjs("getUserByEmail", user.email)) == created


def test_each_side_sees_what_the_other_changes_of_a_user(shared: Shared) -> None:
    user = shared.ours("create_user", ADA)
    identity = shared.authjs("getUser", user.id)["id"]
    shared.authjs("updateUser", {"id": identity, "name": "Ada L.", "emailVerified": None})
    changed = replace(user, name="Ada L.", email_verified=None)
    assert shared.ours("get_user", user.id) == changed
    verified = datetime(2030, 6, 7, 8, 9, 10, 11000, tzinfo=UTC)
    shared.ours("update_user", user.id, {"email_verified": verified, "image": None})
    found = read(User, shared.authjs("getUser", user.id))
    assert found == replace(changed, email_verified=verified, image=None)


def test_each_side_deletes_the_users_of_the_other(shared: Shared) -> None:
    def by_us(user: User) -> None:
        shared.ours("delete_user", user.id)

    def by_them(user: User) -> None:
        shared.authjs("deleteUser", shared.authjs("getUser", user.id)["id"])

    for delete in (by_us, by_them):
        theirs = read(User, shared.authjs("createUser", shared.wire(ADA)))
        ours = shared.ours("create_user", BOB)
        for user in (theirs, ours):
            shared.ours("link_account", account_of(user, provider_account_id=user.id))
            shared.authjs("createSession", shared.wire(_session(shared, user)))
        for user in (theirs, ours):
            delete(user)
            assert shared.ours("get_user", user.id) is None
            assert shared.authjs("getUser", user.id) is None
            assert shared.ours("get_account", "github", user.id) is None
            assert shared.ours("list_sessions_by_user_id", user.id) == []


def test_an_unknown_user_is_nobody_on_both_sides(shared: Shared) -> None:
    for user_id in ("no-such-user", "4711"):
        assert shared.ours("get_user", user_id) is None
        assert shared.authjs("getUser", user_id) is None


# --- accounts -------------------------------------------------------------------------------------


def test_an_account_of_auth_js_is_read(shared: Shared) -> None:
    user = read(User, shared.authjs("createUser", shared.wire(ADA)))
    account = account_of(user)
    shared.authjs("linkAccount", shared.wire(account))
    assert shared.ours("get_account", "github", "42") == account
    assert shared.ours("get_user_by_account", "github", "42") == user
    assert shared.ours("list_accounts_by_user_id", user.id) == [account]


def test_an_account_with_few_fields_is_read(shared: Shared) -> None:
    user = read(User, shared.authjs("createUser", shared.wire(ADA)))
    account = Account(user_id=user.id, type="email", provider="email", provider_account_id="a@b.c")
    shared.authjs("linkAccount", shared.wire(account))
    assert shared.ours("get_account", "email", "a@b.c") == account


def test_an_account_of_ours_is_read_by_auth_js(shared: Shared) -> None:
    user = shared.ours("create_user", ADA)
    account = account_of(user, extra={"team": "not kept"})
    shared.ours("link_account", account)
    key = {"provider": "github", "providerAccountId": "42"}
    assert read(User, shared.authjs("getUserByAccount", key)) == user
    if "getAccount" in shared.methods:
        row = shared.authjs("getAccount", "42", "github")
        assert read(Account, row) == replace(account, extra={})


def test_each_side_changes_and_unlinks_accounts_of_the_other(shared: Shared) -> None:
    user = shared.ours("create_user", ADA)
    key = {"provider": "github", "providerAccountId": "42"}
    shared.authjs("linkAccount", shared.wire(account_of(user)))
    newer = account_of(user, access_token="access-2", refresh_token=None, expires_at=1)  # no secret
    assert shared.ours("update_account", newer) == newer
    shared.ours("unlink_account", "github", "42")
    assert shared.authjs("getUserByAccount", key) is None
    shared.ours("link_account", newer)
    shared.authjs("unlinkAccount", key)
    assert shared.ours("get_account", "github", "42") is None


# --- sessions -------------------------------------------------------------------------------------


def _session(shared: Shared, user: User, token: str | None = None) -> AdapterSession:
    key = token or uuid.uuid4().hex
    return AdapterSession(session_token=key, user_id=user.id, expires=shared.expires)


def test_a_session_of_auth_js_is_read(shared: Shared) -> None:
    user = read(User, shared.authjs("createUser", shared.wire(ADA)))
    session = _session(shared, user)
    shared.authjs("createSession", shared.wire(session))
    assert shared.ours("get_session_and_user", session.session_token) == (session, user)
    assert shared.ours("list_sessions_by_user_id", user.id) == [session]


def test_a_session_of_ours_is_read_by_auth_js(shared: Shared) -> None:
    user = shared.ours("create_user", ADA)
    session = shared.ours("create_session", _session(shared, user))
    found = shared.authjs("getSessionAndUser", session.session_token)
    assert read(AdapterSession, found["session"]) == session
    assert read(User, found["user"]) == user


def test_each_side_moves_and_ends_sessions_of_the_other(shared: Shared) -> None:
    user = shared.ours("create_user", ADA)
    session = shared.ours("create_session", _session(shared, user))
    token, later = session.session_token, shared.expires + timedelta(days=1)
    moved = replace(session, expires=later)
    shared.authjs("updateSession", {"sessionToken": token, "expires": later.isoformat()})
    assert shared.ours("get_session_and_user", token) == (moved, user)
    shared.authjs("deleteSession", token)
    assert shared.ours("get_session_and_user", token) is None
    shared.authjs("createSession", shared.wire(session))
    assert shared.ours("update_session", token, later) == moved
    found = shared.authjs("getSessionAndUser", token)["session"]
    assert read(AdapterSession, found) == moved
    assert shared.ours("delete_session", token) == moved
    assert shared.authjs("getSessionAndUser", token) is None


def test_expired_sessions_of_auth_js_are_cleaned_up(shared: Shared) -> None:
    user = shared.ours("create_user", ADA)
    old, new = (_session(shared, user, name) for name in ("old", "new"))
    shared.authjs("createSession", shared.wire(old))
    shared.authjs(
        "createSession", shared.wire(replace(new, expires=new.expires + timedelta(days=9)))
    )
    at = shared.expires + timedelta(days=1)
    assert [shared.ours("delete_expired_sessions", at, 5) for _ in range(2)] == [1, 0]
    assert [row.session_token for row in shared.ours("list_sessions_by_user_id", user.id)] == [
        "new"
    ]


# --- verification tokens --------------------------------------------------------------------------


def test_each_side_uses_verification_tokens_of_the_other(shared: Shared) -> None:
    token = VerificationToken(
        identifier="ada@example.com", token="t" * 64, expires=shared.expires
    )  # no secret
    key = {"identifier": token.identifier, "token": token.token}
    shared.authjs("createVerificationToken", shared.wire(token))
    assert shared.ours("use_verification_token", token.token, token.identifier) == token
    assert shared.authjs("useVerificationToken", key) is None
    shared.ours("create_verification_token", token)
    assert read(VerificationToken, shared.authjs("useVerificationToken", key)) == token
    assert shared.ours("use_verification_token", token.token, token.identifier) is None


# --- passkeys -------------------------------------------------------------------------------------


def test_each_side_reads_passkeys_of_the_other(shared: Shared) -> None:
    if "createAuthenticator" not in shared.methods:
        # Nobody else writes them then, but ours must be kept where these tables are.
        assert shared.kind.name in ("pg", "kysely")
        passkey = passkey_of(shared.ours("create_user", ADA))
        assert shared.ours("create_authenticator", passkey) == passkey
        assert shared.ours("get_authenticator", passkey.credential_id) == passkey
        return
    user = shared.ours("create_user", ADA)
    theirs = passkey_of(user)
    shared.authjs("createAuthenticator", shared.wire(theirs))
    assert shared.ours("get_authenticator", theirs.credential_id) == theirs
    shared.authjs("updateAuthenticatorCounter", theirs.credential_id, 8)
    assert shared.ours("list_authenticators_by_user_id", user.id) == [replace(theirs, counter=8)]
    other = replace(theirs, credential_id="AQID", provider_account_id="AQID", transports=None)
    ours = replace(other, credential_backed_up=False, credential_device_type="singleDevice")
    shared.ours("create_authenticator", ours)
    assert read(Authenticator, shared.authjs("getAuthenticator", "AQID")) == ours
    shared.ours("update_authenticator_counter", "AQID", 9)
    listed = shared.authjs("listAuthenticatorsByUserId", user.id)
    counters = {row["credentialID"]: row["counter"] for row in listed}
    assert counters == {theirs.credential_id: 8, "AQID": 9}


# --- the whole way --------------------------------------------------------------------------------


def signing_in(shared: Shared) -> tuple[World, AuthClient]:
    world = World(strategy="database", time=datetime.now(UTC))
    auth = SyncAuth(world.config(adapter=shared.adapter))
    return world, AuthClient.handler(auth.handle, now=world.now)


def held(client: AuthClient) -> str:
    """The token in the browser's session cookie."""
    pairs = dict(
        pair.split("=", 1) for pair in client.cookies.header("http://localhost/").split("; ")
    )
    return pairs[COOKIE]


def test_whom_auth_js_signed_in_is_signed_in_here(shared: Shared) -> None:
    user = read(User, shared.authjs("createUser", shared.wire(ADA)))
    session = _session(shared, user)
    shared.authjs("createSession", shared.wire(session))
    _, client = signing_in(shared)
    with client:
        client.cookies.set(COOKIE, session.session_token)
        answer = client.get("/auth/session").json()
        assert answer["user"] == {"name": ADA.name, "email": ADA.email, "image": ADA.image}
        assert datetime.fromisoformat(answer["expires"]) == session.expires
        assert shared.visit(session.session_token)["body"] == answer
        client.sign_out()
    assert shared.visit(session.session_token) == {"status": 200, "body": None}


def test_whom_we_signed_in_is_signed_in_at_auth_js(shared: Shared) -> None:
    world, client = signing_in(shared)
    with client:
        client.sign_in_oauth("fake", world.idp)
        mine = client.session()
        assert mine is not None
        seen = shared.visit(held(client))
        assert seen["status"] == 200
        assert seen["body"]["user"] == mine["user"] | {"image": seen["body"]["user"].get("image")}
        assert seen["body"]["user"]["email"] == "alice@example.com"
        token = held(client)
        key = {"provider": "fake", "providerAccountId": "alice-1"}
        assert shared.authjs("getUserByAccount", key)["email"] == "alice@example.com"
        shared.authjs("deleteSession", token)
        assert client.session() is None


def test_who_signed_up_at_auth_js_comes_back_here(shared: Shared) -> None:
    user = read(User, shared.authjs("createUser", {"email": "alice@example.com", "name": "Al"}))
    account = account_of(user, provider="fake", provider_account_id="alice-1")
    shared.authjs("linkAccount", shared.wire(account))
    world, client = signing_in(shared)
    with client:
        client.sign_in_oauth("fake", world.idp)
        (session,) = shared.ours("list_sessions_by_user_id", user.id)
        assert session.session_token == held(client)
        assert shared.ours("list_accounts_by_user_id", user.id)[0].provider_account_id == "alice-1"


# --- what the tables lack -------------------------------------------------------------------------

LOOKUPS = re.compile(r"the index on \w+ \((userId|token)\) is missing")
COLLATIONS = re.compile(r"the column \w+\.\w+ is compared by \w+, not byte for byte")


def test_tables_of_auth_js_lack_only_what_makes_things_faster_or_safer(shared: Shared) -> None:
    if (shared.kind.name, shared.made_by) == ("pg", "authjs"):
        shared.run("DROP TABLE authenticators")
    found = shared.ours("check_schema")
    if shared.made_by == "authwire":
        assert found == []
        return
    left = [line for line in found if not LOOKUPS.match(line)]
    if shared.kind.database == "mariadb":
        assert left
        left = [line for line in left if not COLLATIONS.match(line)]
    if shared.kind.name != "pg":
        assert left == []
        return
    assert sorted(left) == [
        "the foreign key from accounts (userId) to users is missing",
        "the foreign key from sessions (userId) to users is missing",
        "the table authenticators is missing",
        "the unique constraint on accounts (provider, providerAccountId) is missing",
        "the unique constraint on sessions (sessionToken) is missing",
        "the unique constraint on users (email) is missing",
    ]


@pytest.fixture
def pg_tables(request: pytest.FixtureRequest, node: Child) -> Iterator[Shared]:
    with shared_by_both(KINDS[0], "authjs", node, request) as found:
        yield found


def test_the_statements_of_the_docs_make_the_tables_of_pg_whole(pg_tables: Shared) -> None:
    (statements,) = re.findall(r"```sql\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    pg_tables.run(statements)
    pg_tables.ours("create_schema")
    assert pg_tables.ours("check_schema") == []
    user = pg_tables.ours("create_user", ADA)
    with pytest.raises(NodeError, match="unique constraint"):
        pg_tables.authjs("createUser", pg_tables.wire(ADA))
    with pytest.raises(AdapterError, match="the e-mail is already taken"):
        pg_tables.ours("create_user", ADA)
    pg_tables.authjs("linkAccount", pg_tables.wire(account_of(user)))
    with pytest.raises(AdapterError, match="the account is already linked"):
        pg_tables.ours("link_account", account_of(user))
    pg_tables.authjs("deleteUser", int(user.id))
    assert pg_tables.ours("get_account", "github", "42") is None
