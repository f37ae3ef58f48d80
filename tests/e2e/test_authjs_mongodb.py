"""One MongoDB database, two programs: @auth/mongodb-adapter from npm, and Authwire's adapter.

The database is the one at TEST_MONGODB_URL, or else the stand-in of tests/adapters/mongo_server.py.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from tests.adapters.mongo_server import mongo_server
from tests.e2e.child import Child

from authwire.adapters.mongodb import MongoDBAdapter
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, User, VerificationToken
from authwire.runtime import drive
from authwire.wire import iso, to_wire

pytestmark = pytest.mark.needs_node

PROGRAM = Path(__file__).resolve().parents[1] / "node" / "adapters" / "mongodb.mjs"
LATER = datetime(2031, 3, 5, 12, 30, 15, 123000, tzinfo=UTC)


@dataclass
class Shared:
    """A database that both write."""

    node: Child
    adapter: MongoDBAdapter[User]
    database: Any

    def theirs(self, method: str, *args: Any) -> Any:
        """Call Auth.js' adapter."""
        answer = self.node.ask({"method": method, "args": args})
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def ours(self, method: str, *args: Any) -> Any:
        return drive(getattr(self.adapter, method)(*args))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if given := os.environ.get("TEST_MONGODB_URL"):
        yield given
        return
    with mongo_server() as server:
        yield server.url


@pytest.fixture(scope="module")
def opened(url: str, node_dir: Path) -> Iterator[Shared]:
    name = f"authwire_test_{uuid.uuid4().hex[:12]}"
    command = ["node", str(PROGRAM), url, name]
    with (
        MongoClient[Any](url) as client,
        Child("@auth/mongodb-adapter", command, folder=node_dir) as node,
    ):
        yield Shared(node, MongoDBAdapter(client[name], naming="authjs"), client[name])
        client.drop_database(name)


@pytest.fixture
def shared(opened: Shared) -> Shared:
    opened.database.client.drop_database(opened.database.name)
    drive(opened.adapter.create_schema())
    return opened


def on_the_wire(user: User) -> dict[str, Any]:
    """A user as Auth.js' adapter returns it."""
    verified = None if user.email_verified is None else iso(user.email_verified)
    empty = {"name": None, "email": None, "image": None}
    return empty | to_wire(user) | {"emailVerified": verified}


def their_user(shared: Shared, **values: Any) -> dict[str, Any]:
    """What Auth.js' core gives its adapter for somebody new."""
    given = {"id": str(uuid.uuid4()), "email": f"{uuid.uuid4()}@example.com", "emailVerified": None}
    created: dict[str, Any] = shared.theirs("createUser", given | values)
    return created


def test_a_user_of_auth_js_is_read(shared: Shared) -> None:
    theirs = their_user(shared, name="Ada", emailVerified=iso(LATER), image="https://x.test/a.png")
    user = User(
        id=theirs["id"],
        name="Ada",
        email=theirs["email"],
        email_verified=LATER,
        image="https://x.test/a.png",
    )
    assert shared.ours("get_user", theirs["id"]) == user
    assert shared.ours("get_user_by_email", theirs["email"]) == user


def test_a_user_of_ours_is_read_by_auth_js(shared: Shared) -> None:
    user = shared.ours("create_user", User(name="Ada", email="a@example.com", email_verified=LATER))
    assert shared.theirs("getUser", user.id) == on_the_wire(user)
    assert shared.theirs("getUserByEmail", "a@example.com") == on_the_wire(user)


def test_each_side_sees_what_the_other_changes_of_a_user(shared: Shared) -> None:
    theirs = their_user(shared, name="Ada", role="admin")
    changed = shared.ours("update_user", theirs["id"], {"name": "Grace", "email_verified": LATER})
    seen = shared.theirs("getUser", theirs["id"])
    assert (seen["name"], seen["emailVerified"], seen["role"]) == ("Grace", iso(LATER), "admin")
    shared.theirs("updateUser", {"id": changed.id, "image": "https://x.test/b.png"})
    assert shared.ours("get_user", changed.id) == replace(changed, image="https://x.test/b.png")


def test_the_index_on_emails_holds_for_both(shared: Shared) -> None:
    theirs = their_user(shared)
    with pytest.raises(AdapterError, match="e-mail is already taken"):
        shared.ours("create_user", User(email=theirs["email"]))
    shared.ours("create_user", User(email="a@example.com"))
    with pytest.raises(RuntimeError, match="E11000"):
        their_user(shared, email="a@example.com")
    for _ in range(2):
        shared.ours("create_user", User())
        their_user(shared, email=None)


def test_each_side_reads_accounts_of_the_other(shared: Shared) -> None:
    theirs = their_user(shared)
    row = {"userId": theirs["id"], "type": "oidc", "provider": "p", "providerAccountId": "1"}
    shared.theirs("linkAccount", row | {"access_token": "a", "expires_at": 4102444800, "team": "T"})
    account = Account(
        user_id=theirs["id"],
        type="oidc",
        provider="p",
        provider_account_id="1",
        access_token="a",
        expires_at=4102444800,
        extra={"team": "T"},
    )
    assert shared.ours("get_account", "p", "1") == account
    assert shared.ours("get_user_by_account", "p", "1").id == theirs["id"]
    assert shared.ours("list_accounts_by_user_id", theirs["id"]) == [account]
    shared.ours("link_account", replace(account, provider_account_id="2"))
    found = shared.theirs("getUserByAccount", {"provider": "p", "providerAccountId": "2"})
    assert found["id"] == theirs["id"]
    shared.theirs("unlinkAccount", {"provider": "p", "providerAccountId": "2"})
    assert shared.ours("get_account", "p", "2") is None
    shared.ours("update_account", replace(account, access_token="b", extra={}))
    (document,) = shared.database["accounts"].find({})
    assert document["access_token"] == "b"
    assert "team" not in document


def test_each_side_reads_moves_and_ends_sessions_of_the_other(shared: Shared) -> None:
    theirs = their_user(shared)
    given = {"sessionToken": "s-1", "userId": theirs["id"], "expires": iso(LATER)}
    shared.theirs("createSession", given)
    session, user = shared.ours("get_session_and_user", "s-1")
    assert session == AdapterSession(session_token="s-1", user_id=theirs["id"], expires=LATER)
    assert user.id == theirs["id"]
    moved = LATER + timedelta(days=1)
    shared.ours("update_session", "s-1", moved)
    seen = shared.theirs("getSessionAndUser", "s-1")
    assert (seen["session"]["expires"], seen["session"]["userId"]) == (iso(moved), theirs["id"])
    shared.ours("create_session", replace(session, session_token="s-2"))
    assert shared.theirs("getSessionAndUser", "s-2")["user"]["id"] == theirs["id"]
    shared.theirs("updateSession", {"sessionToken": "s-2", "expires": iso(moved)})
    assert shared.ours("get_session_and_user", "s-2")[0].expires == moved
    shared.theirs("deleteSession", "s-2")
    assert shared.ours("get_session_and_user", "s-2") is None
    assert shared.ours("delete_sessions_by_user_id", theirs["id"]) == 1
    assert shared.theirs("getSessionAndUser", "s-1") is None


def test_each_side_uses_verification_tokens_of_the_other(shared: Shared) -> None:
    token = VerificationToken(identifier="a@example.com", token="t-1", expires=LATER)
    key = {"identifier": "a@example.com", "token": "t-1"}
    shared.theirs("createVerificationToken", key | {"expires": iso(LATER)})
    assert shared.ours("use_verification_token", "t-1", "a@example.com") == token
    assert shared.theirs("useVerificationToken", key) is None
    shared.ours("create_verification_token", token)
    assert shared.theirs("useVerificationToken", key) == key | {"expires": iso(LATER)}
    assert shared.ours("use_verification_token", "t-1", None) is None


def test_each_side_deletes_the_users_of_the_other(shared: Shared) -> None:
    theirs = their_user(shared)
    ours = shared.ours("create_user", User(email="a@example.com"))
    for number, user_id in enumerate((theirs["id"], ours.id)):
        session = AdapterSession(session_token=f"s-{number}", user_id=user_id, expires=LATER)
        shared.ours("create_session", session)
    shared.ours("delete_user", theirs["id"])
    shared.theirs("deleteUser", ours.id)
    for name in ("users", "sessions"):
        assert list(shared.database[name].find({})) == []


def test_whom_we_signed_in_is_signed_in_at_auth_js(shared: Shared) -> None:
    user = shared.ours("create_user", User(name="Ada", email="a@example.com"))
    expires = (datetime.now(UTC) + timedelta(days=20)).replace(microsecond=0)
    session = AdapterSession(session_token="s-1", user_id=user.id, expires=expires)
    shared.ours("create_session", session)
    cookie = {"cookie": "authjs.session-token=s-1", "secret": "x" * 32}
    seen = shared.node.ask(cookie)["value"]
    assert seen["status"] == 200
    assert seen["body"]["user"] == {"name": "Ada", "email": "a@example.com", "image": None}
    assert datetime.fromisoformat(seen["body"]["expires"]) >= expires
    shared.ours("delete_session", "s-1")
    assert shared.node.ask(cookie)["value"] == {"status": 200, "body": None}


def test_nobody_is_unknown_to_both(shared: Shared) -> None:
    for unknown in ("x", "f" * 24):
        assert shared.ours("get_user", unknown) is None
        assert shared.theirs("getUser", unknown) is None
