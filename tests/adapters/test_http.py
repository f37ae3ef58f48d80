from __future__ import annotations

import json
import logging
import socketserver
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import anyio
import anyio.lowlevel
import httpx2
import pytest
import uvicorn
from sqlalchemy import create_engine
from tests.adapters.sqlalchemy.rows import RawReader, read_file
from tests.adapters.test_memory import Snapshots
from tests.servers import free_port

from authwire.adapters.http import (
    HttpAdapter,
    SyncHttpAdapter,
    adapter_bridge,
    adapter_bridge_wsgi,
)
from authwire.adapters.http.methods import METHODS
from authwire.adapters.memory import MemoryAdapter
from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.core.database import ADAPTER_METHODS
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.runtime import drive
from authwire.testing.adapter_contract import AdapterContract

SECRET = "a-secret-of-the-bridge"
LATER = datetime(2031, 3, 5, 12, 30, 15, 123000, tzinfo=UTC)
AUTHORIZED = {"authorization": f"Bearer {SECRET}"}

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str | None = "member"
    tags: list[str] = field(default_factory=list)
    born: datetime | None = None


# --- servers --------------------------------------------------------------------------------------


class Switch:
    """An ASGI app that stays while what it serves changes from test to test."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@contextmanager
def asgi_server(app: Any) -> Iterator[str]:
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


class Threads(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 100


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def wsgi_server(app: Any) -> Iterator[str]:
    server = Threads(("127.0.0.1", 0), Quiet)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def switch() -> Switch:
    return Switch()


@pytest.fixture(scope="module")
def server(switch: Switch) -> Iterator[str]:
    with asgi_server(switch) as url:
        yield url


# --- the contract ---------------------------------------------------------------------------------


class TestHttpBeforeMemory(AdapterContract):
    @pytest.fixture
    def behind(self) -> MemoryAdapter:
        return MemoryAdapter()

    @pytest.fixture
    async def adapter(
        self, server: str, switch: Switch, behind: MemoryAdapter
    ) -> AsyncIterator[HttpAdapter]:
        switch.app = adapter_bridge(behind, secret=SECRET)
        async with httpx2.AsyncClient() as client:
            yield HttpAdapter(f"{server}/below/here/", secret=SECRET, client=client)

    @pytest.fixture
    def store(self, behind: MemoryAdapter) -> Snapshots:
        return Snapshots(behind)


class TestHttpBeforeSQLite(AdapterContract):
    """A sync adapter behind the bridge runs in threads; the client here is the adapter's own."""

    @pytest.fixture
    async def adapter(
        self, server: str, switch: Switch, tmp_path: Path
    ) -> AsyncIterator[HttpAdapter]:
        engine = create_engine(f"sqlite:///{tmp_path / 'auth.db'}", connect_args={"timeout": 60})
        switch.app = adapter_bridge(SQLAlchemyAdapter(engine), secret=SECRET)
        adapter = HttpAdapter(server, secret=SECRET)
        await adapter.create_schema()
        yield adapter
        await adapter.aclose()
        engine.dispose()

    @pytest.fixture
    def store(self, tmp_path: Path) -> RawReader:
        return RawReader(read_file(tmp_path / "auth.db"))


class TestHttpUnderTrio(TestHttpBeforeMemory):
    @pytest.fixture(scope="class")
    @classmethod
    def anyio_backend(cls) -> str:
        return "trio"


class TestSyncHttpBeforeWsgi(AdapterContract):
    callers: ClassVar = "threads"

    @pytest.fixture
    def behind(self) -> MemoryAdapter:
        return MemoryAdapter()

    @pytest.fixture
    def adapter(self, behind: MemoryAdapter) -> Iterator[SyncHttpAdapter]:
        limits = httpx2.Limits(max_connections=60)
        with (
            wsgi_server(adapter_bridge_wsgi(behind, secret=SECRET)) as url,
            httpx2.Client(limits=limits, timeout=30) as client,
        ):
            yield SyncHttpAdapter(url, secret=SECRET, client=client)

    @pytest.fixture
    def store(self, behind: MemoryAdapter) -> Snapshots:
        return Snapshots(behind)


# --- the bridge -----------------------------------------------------------------------------------


@contextmanager
def bridged(adapter: Any, **options: Any) -> Iterator[Callable[..., Any]]:
    """Calls a bridge without a server: returns status, JSON and headers."""
    app = adapter_bridge(adapter, secret=options.pop("secret", SECRET), **options)

    async def call(
        path: str, *args: Any, method: str = "POST", body: Any = None, headers: Any = AUTHORIZED
    ) -> Any:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://bridge") as client:
            content = json.dumps({"args": args}).encode() if body is None else body
            return await client.request(method, path, content=content, headers=headers)

    yield call


def test_every_method_of_an_adapter_has_a_place_in_the_protocol() -> None:
    assert set(METHODS) == set(ADAPTER_METHODS)
    wires = [method.wire for method in METHODS.values()]
    assert len(set(wires)) == len(wires)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": SECRET},
        {"authorization": f"Basic {SECRET}"},
        {"authorization": "Bearer "},
        {"authorization": f"Bearer {SECRET[:-1]}"},
        {"authorization": f"Bearer {SECRET} "},
        {"authorization": f"Bearer {SECRET}x"},
        [("authorization", f"Bearer {SECRET}"), ("authorization", "Bearer other")],
    ],
)
async def test_who_does_not_know_the_secret_is_told_nothing(headers: Any) -> None:
    behind = MemoryAdapter()
    user = await behind.create_user(User(email="a@example.com"))
    with bridged(behind) as call:
        for path in ("methods", "getUser", "nothing", "deleteUser"):
            answer = await call(path, user.id, headers=headers)
            assert answer.status_code == 401
            assert answer.json() == {"error": "unauthorized", "code": "unauthorized"}
            assert answer.headers["www-authenticate"] == "Bearer"
    assert behind.users == [user]


async def test_a_secret_can_be_changed_without_a_gap() -> None:
    with bridged(MemoryAdapter(), secret=["the-new-secret-of-ours", SECRET]) as call:
        for secret, status in (("the-new-secret-of-ours", 200), (SECRET, 200), ("x" * 20, 401)):
            answer = await call("methods", headers={"authorization": f"Bearer {secret}"})
            assert answer.status_code == status


@pytest.mark.parametrize(
    "secret", ["", "fifteen-letters", "sixteen letters!", "sixteen-lettérs!", []]
)
def test_a_weak_secret_is_refused_on_both_sides(secret: Any) -> None:
    for make in (adapter_bridge, adapter_bridge_wsgi):
        with pytest.raises(ValueError, match="secret"):
            make(MemoryAdapter(), secret=secret)
    if isinstance(secret, str):
        with pytest.raises(ValueError, match="secret") as caught:
            HttpAdapter("https://example.com", secret=secret)
        assert not secret or secret not in str(caught.value)


async def test_only_post_and_only_known_methods_are_answered() -> None:
    with bridged(MemoryAdapter()) as call:
        assert (await call("getUser", "x", method="GET")).status_code == 405
        for path in ("create_user", "reset", "db/user", "__class__", "", "getUser/"):
            answer = await call(path, "x")
            assert answer.status_code == 404
            assert answer.json()["code"] == "unknown_method"
        assert (await call("/a/b/getUser?x=1", "x")).json() == {"result": None}


async def test_answers_are_not_kept_by_caches() -> None:
    with bridged(MemoryAdapter()) as call:
        answer = await call("methods")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["result"] == [METHODS[name].wire for name in METHODS]


async def test_methods_that_the_adapter_lacks_are_not_on_offer() -> None:
    class Few:
        async def get_user(self, user_id: str) -> None:
            return None

    with bridged(Few()) as call:
        assert (await call("methods")).json() == {"result": ["getUser"]}
        assert (await call("deleteUser", "x")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b'{"args": {}}',
        b'{"args": []}',
        b'{"args": ["a", "b"]}',
        b'{"args": [1]}',
        b'{"args": [null]}',
        b'{"args": [true]}',
        b'{"args": [{"$ne": null}]}',
        b'{"args": ' + b"[" * 100_000,
        b"\xff",
    ],
)
async def test_a_malformed_call_is_refused(body: bytes) -> None:
    with bridged(MemoryAdapter()) as call:
        answer = await call("getUser", body=body)
        assert answer.status_code == 400
        assert answer.json() == {"error": "bad request", "code": "bad_request"}


@pytest.mark.parametrize(
    ("path", "args", "code"),
    [
        ("createUser", [{"email": 1}], "bad_request"),
        ("createUser", [{"emailVerified": "2030-01-01T00:00:00Z"}], "bad_request"),
        ("createUser", [{"emailVerified": {"$date": "2030-01-01"}}], "bad_request"),
        ("createUser", [{"emailVerified": {"$date": "never"}}], "bad_request"),
        ("createUser", [{"email": "a@b.c", "role": "admin"}], "unknown_field"),
        ("updateUser", [{"id": "x", "role": "admin"}], "unknown_field"),
        ("updateUser", [{"name": "x"}], "bad_request"),
        ("linkAccount", [{"userId": "x"}], "bad_request"),
        (
            "linkAccount",
            [{"type": "oidc", "provider": "p", "providerAccountId": "1"}],
            "bad_request",
        ),
        ("useVerificationToken", [{"identifier": "a@b.c"}], "bad_request"),
        ("updateSession", [{"sessionToken": "s"}], "bad_request"),
        ("updateAuthenticatorCounter", ["AQID", True], "bad_request"),
        ("updateAuthenticatorCounter", ["AQID", "1"], "bad_request"),
        ("deleteExpiredSessions", ["now"], "bad_request"),
        ("deleteExpiredSessions", [{"$date": "2030-01-01T00:00:00Z"}, "all"], "bad_request"),
    ],
)
async def test_an_argument_of_the_wrong_type_never_reaches_the_adapter(
    path: str, args: list[Any], code: str
) -> None:
    reached: list[str] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            async def note(*_: Any) -> None:
                reached.append(name)

            return note

    with bridged(Watched()) as call:
        answer = await call(path, *args)
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert reached == []


async def test_a_body_over_the_cap_is_refused() -> None:
    with bridged(MemoryAdapter()) as call:
        assert (await call("getUser", "x" * (1 << 20))).status_code == 413


async def test_a_failing_adapter_tells_the_caller_nothing_and_the_log_its_class(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing(MemoryAdapter):
        async def get_user(self, user_id: str) -> None:
            raise ConnectionError(f"cannot reach the database about {user_id}")

        async def get_user_by_email(self, email: str) -> Any:
            return User(id="x", name=Path("a-secret"))  # type: ignore[arg-type]  # no JSON on purpose

    with bridged(Failing()) as call, caplog.at_level(logging.ERROR):
        for path in ("getUser", "getUserByEmail"):
            answer = await call(path, "someone")
            assert answer.status_code == 500
            assert answer.json() == {"error": "failed", "code": "failed"}
    assert "adapter.get_user failed with ConnectionError" in caplog.text
    assert "get_user_by_email: the result cannot be sent: TypeError" in caplog.text
    assert "someone" not in caplog.text
    assert "a-secret" not in caplog.text


async def test_without_an_identifier_the_token_alone_decides_on_the_wire_too() -> None:
    behind = MemoryAdapter()
    await behind.create_verification_token(
        VerificationToken(identifier="a@example.com", token="t", expires=LATER)
    )
    with bridged(behind) as call:
        assert (await call("useVerificationToken", {"token": "t"})).json() == {
            "result": {
                "identifier": "a@example.com",
                "token": "t",
                "expires": {"$date": "2031-03-05T12:30:15.123Z"},
            }
        }


def test_a_wsgi_bridge_runs_an_async_adapter_in_a_loop_of_its_own() -> None:
    class Waiting(MemoryAdapter):
        io = "async"  # type: ignore[assignment]  # it waits, unlike its parent

        async def get_user(self, user_id: str) -> User | None:
            await anyio.lowlevel.checkpoint()
            return await super().get_user(user_id)

    behind = Waiting()
    user = drive(behind.create_user(User(email="a@example.com")))
    with (
        wsgi_server(adapter_bridge_wsgi(behind, secret=SECRET)) as url,
        httpx2.Client() as client,
    ):
        adapter = SyncHttpAdapter(url, secret=SECRET, client=client)
        assert drive(adapter.get_user(user.id)) == user


# --- the adapter ----------------------------------------------------------------------------------


def answering(answer: Callable[[httpx2.Request], httpx2.Response], **options: Any) -> HttpAdapter:
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return HttpAdapter("https://users.example", secret=SECRET, client=client, **options)


def test_io_tells_which_client_is_inside() -> None:
    assert HttpAdapter("https://users.example", secret=SECRET).io == "async"
    assert SyncHttpAdapter("https://users.example", secret=SECRET).io == "blocking"
    with httpx2.Client() as client, pytest.raises(TypeError, match="async"):
        HttpAdapter("https://users.example", secret=SECRET, client=client)


def test_sharing_with_authjs_is_for_the_app_to_say() -> None:
    assert not HttpAdapter("https://users.example", secret=SECRET).shared_with_authjs
    shared = HttpAdapter("https://users.example", secret=SECRET, shared_with_authjs=True)
    assert shared.shared_with_authjs


@pytest.mark.parametrize(
    "url",
    [
        "http://users.example",
        "http://127.0.0.1.example",
        "ftp://users.example",
        "users.example",
        "https://me:pw@users.example",
        "https://users.example/#x",
        "https://users.example/?tenant=1",
        "",
    ],
)
def test_a_url_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL") as caught:
        HttpAdapter(url, secret=SECRET)
    assert "pw" not in str(caught.value)


def test_the_secret_is_not_shown() -> None:
    adapter = HttpAdapter("https://users.example", secret=SECRET)
    assert SECRET not in repr(adapter)
    assert SECRET not in str(adapter)


async def test_a_call_is_one_post_with_the_secret_and_the_arguments() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"result": None})

    await answering(answer).use_verification_token("t", "a@example.com")
    (request,) = seen
    assert request.method == "POST"
    assert str(request.url) == "https://users.example/useVerificationToken"
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {"args": [{"token": "t", "identifier": "a@example.com"}]}


PASSKEY = Authenticator(
    credential_id="AQID",
    user_id="u",
    provider_account_id="AQID",
    credential_public_key="BAUG",
    counter=0,
    credential_device_type="singleDevice",
    credential_backed_up=False,
)
ACCOUNT = Account(
    user_id="u", type="oidc", provider="p", provider_account_id="1", extra={"a": None}
)
SESSION = AdapterSession(session_token="s", user_id="u", expires=LATER)
MOMENT = {"$date": "2031-03-05T12:30:15.123Z"}
PASSKEY_JSON = {
    "credentialID": "AQID",
    "userId": "u",
    "providerAccountId": "AQID",
    "credentialPublicKey": "BAUG",
    "counter": 0,
    "credentialDeviceType": "singleDevice",
    "credentialBackedUp": False,
}
ACCOUNT_JSON = {"userId": "u", "type": "oidc", "provider": "p", "providerAccountId": "1", "a": None}
SESSION_JSON = {"sessionToken": "s", "userId": "u", "expires": MOMENT}
EMPTY = dict.fromkeys(
    ("access_token", "refresh_token", "id_token", "token_type", "scope", "expires_at")
) | {"session_state": None}


@pytest.mark.parametrize(
    ("call", "path", "args"),
    [
        (
            ("create_user", User(id="u", email="a@b.c")),
            "createUser",
            [{"id": "u", "email": "a@b.c"}],
        ),
        (("get_user", "u"), "getUser", ["u"]),
        (("get_user_by_email", "a@b.c"), "getUserByEmail", ["a@b.c"]),
        (
            ("get_user_by_account", "p", "1"),
            "getUserByAccount",
            [{"provider": "p", "providerAccountId": "1"}],
        ),
        (
            ("update_user", "u", {"name": None, "email_verified": LATER}),
            "updateUser",
            [{"id": "u", "name": None, "emailVerified": MOMENT}],
        ),
        (("delete_user", "u"), "deleteUser", ["u"]),
        (("link_account", ACCOUNT), "linkAccount", [ACCOUNT_JSON]),
        (
            ("unlink_account", "p", "1"),
            "unlinkAccount",
            [{"provider": "p", "providerAccountId": "1"}],
        ),
        (("get_account", "p", "1"), "getAccount", ["1", "p"]),
        (("create_session", SESSION), "createSession", [SESSION_JSON]),
        (("get_session_and_user", "s"), "getSessionAndUser", ["s"]),
        (
            ("update_session", "s", LATER),
            "updateSession",
            [{"sessionToken": "s", "expires": MOMENT}],
        ),
        (("delete_session", "s"), "deleteSession", ["s"]),
        (("use_verification_token", "t", None), "useVerificationToken", [{"token": "t"}]),
        (("create_authenticator", PASSKEY), "createAuthenticator", [PASSKEY_JSON]),
        (("get_authenticator", "AQID"), "getAuthenticator", ["AQID"]),
        (("list_authenticators_by_user_id", "u"), "listAuthenticatorsByUserId", ["u"]),
        (("update_authenticator_counter", "AQID", 7), "updateAuthenticatorCounter", ["AQID", 7]),
        (("update_account", ACCOUNT), "updateAccount", [ACCOUNT_JSON | EMPTY]),
        (("list_accounts_by_user_id", "u"), "listAccountsByUserId", ["u"]),
        (
            ("update_authenticator", "AQID", {"name": "Key", "credential_backed_up": True}),
            "updateAuthenticator",
            [{"credentialID": "AQID", "name": "Key", "credentialBackedUp": True}],
        ),
        (("delete_authenticator", "AQID"), "deleteAuthenticator", ["AQID"]),
        (("list_sessions_by_user_id", "u"), "listSessionsByUserId", ["u"]),
        (("delete_sessions_by_user_id", "u"), "deleteSessionsByUserId", ["u", None]),
        (("delete_sessions_by_user_id", "u", "s"), "deleteSessionsByUserId", ["u", "s"]),
        (("delete_expired_sessions", LATER), "deleteExpiredSessions", [MOMENT, None]),
        (
            ("delete_expired_verification_tokens", LATER, 5),
            "deleteExpiredVerificationTokens",
            [MOMENT, 5],
        ),
        (("create_schema",), "createSchema", []),
        (("check_schema",), "checkSchema", []),
        (("methods",), "methods", []),
    ],
)
async def test_the_protocol_is_as_documented(
    call: tuple[Any, ...], path: str, args: list[Any]
) -> None:
    seen: list[tuple[str, Any]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append((request.url.path, json.loads(request.content)))
        return httpx2.Response(500, json={"error": "enough"})

    with pytest.raises(AdapterError):
        await getattr(answering(answer), call[0])(*call[1:])
    assert seen == [(f"/{path}", {"args": args})]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b'{"error": "no user a@example.com"}'),
        (404, b"not found: a@example.com"),
        (302, b""),
        (200, b"a@example.com"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"result": []}'),
        (200, b'{"result": {"id": 7}}'),
        (200, b'{"result": {"email": "a@example.com"}}'),
        (200, b'{"result": {"id": "u", "emailVerified": "a@example.com"}}'),
        (200, b'{"result": {"id": "u", "emailVerified": {"$date": "a@example.com"}}}'),
        (200, b"[" * 100_000),
        (204, b""),
        (409, b'{"code": 7}'),
        (409, b'{"code": "a@example.com"}'),
    ],
)
async def test_an_answer_that_breaks_the_protocol_is_an_error_without_its_words(
    status: int, body: bytes
) -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        headers = {"location": "https://elsewhere.example/getUser"} if status == 302 else {}
        return httpx2.Response(status, content=body, headers=headers)

    with pytest.raises(AdapterError, match="get_user") as caught:
        await answering(answer).get_user("u")
    assert "a@example.com" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_redirect_is_not_followed() -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(str(request.url))
        return httpx2.Response(307, headers={"location": "https://elsewhere.example/"})

    with pytest.raises(AdapterError, match="not what the protocol asks for"):
        await answering(answer).get_user("u")
    assert seen == ["https://users.example/getUser"]


async def test_an_answer_over_the_cap_is_an_error() -> None:
    big = json.dumps({"result": {"id": "u", "name": "x" * (1 << 20)}})
    with pytest.raises(AdapterError, match="over 1048576 bytes"):
        await answering(lambda _: httpx2.Response(200, content=big)).get_user("u")


async def test_a_back_end_that_is_down_is_an_error_and_never_nobody() -> None:
    adapter = HttpAdapter(f"http://127.0.0.1:{free_port()}", secret=SECRET)
    with pytest.raises(AdapterError, match="the back end did not answer") as caught:
        await adapter.get_user_by_email("a@example.com")
    await adapter.aclose()
    assert "a@example.com" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_back_end_that_is_slow_ends_in_a_time_out() -> None:
    def slow(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("slow")

    with httpx2.Client(transport=httpx2.MockTransport(slow)) as client:
        adapter = SyncHttpAdapter("https://users.example", secret=SECRET, client=client)
        with pytest.raises(AdapterError, match="ReadTimeout"):
            drive(adapter.get_user("u"))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("user_id_taken", "the user id is already taken"),
        ("email_taken", "the e-mail is already taken"),
        ("account_linked", "the account is already linked"),
        ("session_taken", "the session token is already taken"),
        ("token_taken", "the verification token is already taken"),
        ("credential_taken", "the credential id is already taken"),
        ("no_such_user", "no such user"),
    ],
)
async def test_a_known_refusal_is_told_in_our_words(code: str, message: str) -> None:
    body = {"error": "the value a@example.com exists", "code": code}
    adapter = answering(lambda _: httpx2.Response(409, json=body))
    with pytest.raises(AdapterError) as caught:
        await adapter.create_session(SESSION)
    assert str(caught.value) == message


async def test_refusals_cross_the_bridge_with_their_meaning(server: str, switch: Switch) -> None:
    switch.app = adapter_bridge(MemoryAdapter(), secret=SECRET)
    adapter = HttpAdapter(server, secret=SECRET)
    user = await adapter.create_user(User(email="a@example.com"))
    other = await adapter.create_user(User(email="b@example.com"))
    account, session = replace(ACCOUNT, user_id=user.id), replace(SESSION, user_id=user.id)
    passkey = replace(PASSKEY, user_id=user.id)
    token = VerificationToken(identifier="a@example.com", token="t", expires=LATER)
    refused: list[tuple[Any, str]] = [
        (partial(adapter.create_user, User(id=user.id)), "the user id is already taken"),
        (partial(adapter.create_user, User(email=user.email)), "the e-mail is already taken"),
        (
            partial(adapter.update_user, other.id, {"email": user.email}),
            "the e-mail is already taken",
        ),
        (partial(adapter.link_account, replace(account, user_id="x")), "no such user"),
        (partial(adapter.link_account, account), "the account is already linked"),
        (partial(adapter.create_session, session), "the session token is already taken"),
        (partial(adapter.create_verification_token, token), "the verification token is already"),
        (partial(adapter.create_authenticator, passkey), "the credential id is already taken"),
    ]
    for call, _ in refused[-4:]:
        await call()
    for call, message in refused:
        with pytest.raises(AdapterError, match=message):
            await call()
    with pytest.raises(LookupError, match="no such user"):
        await adapter.update_user("x", {"name": "x"})
    with pytest.raises(LookupError, match="no such authenticator"):
        await adapter.update_authenticator("x", {"name": "x"})
    with pytest.raises(TypeError):
        await adapter.update_user(user.id, {"colour": "blue"})
    with pytest.raises(ValueError, match="cannot change"):
        await adapter.update_user(user.id, {"id": "x"})
    await adapter.aclose()


async def test_a_field_that_only_one_side_knows_is_a_type_error(
    server: str, switch: Switch
) -> None:
    switch.app = adapter_bridge(MemoryAdapter(), secret=SECRET)
    adapter = HttpAdapter(server, secret=SECRET, user=Member)
    user = await MemoryAdapter().create_user(User())
    with pytest.raises(TypeError, match="cannot keep a field"):
        await adapter.update_user(user.id, {"role": "admin"})
    with pytest.raises(TypeError, match="cannot keep a field"):
        await adapter.create_user(Member(email="a@example.com"))
    await adapter.aclose()


async def test_fields_of_ones_own_are_stored_and_read_back(server: str, switch: Switch) -> None:
    behind: MemoryAdapter[Member] = MemoryAdapter(user=Member)
    switch.app = adapter_bridge(behind, secret=SECRET, user=Member)
    adapter = HttpAdapter(server, secret=SECRET, user=Member)
    exact = LATER + timedelta(microseconds=7)
    given = Member(email="a@example.com", role=None, tags=["a", "ü"], born=exact)
    user = await adapter.create_user(given)
    assert user == replace(given, id=user.id)
    assert behind.users == [user]
    assert await adapter.get_user(user.id) == user
    changed = await adapter.update_user(user.id, {"role": "admin", "born": None})
    assert changed == replace(user, role="admin", born=None)
    await adapter.aclose()


async def test_the_back_end_may_choose_the_id() -> None:
    adapter = answering(lambda _: httpx2.Response(200, json={"result": {"id": "theirs"}}))
    assert await adapter.create_user(User()) == User(id="theirs")


async def test_what_authjs_leaves_open_is_taken_as_it_comes() -> None:
    """``linkAccount`` and ``deleteSession`` of Auth.js' adapters return what their database says."""
    for result in (None, {"deleted": 1}, 1, [], {"id": 7}):
        adapter = answering(lambda _, result=result: httpx2.Response(200, json={"result": result}))
        assert await adapter.link_account(ACCOUNT) == ACCOUNT
        assert await adapter.delete_session("s") is None


async def test_the_methods_of_the_back_end_are_listed(server: str, switch: Switch) -> None:
    switch.app = adapter_bridge(MemoryAdapter(), secret=SECRET)
    adapter = HttpAdapter(server, secret=SECRET)
    assert await adapter.methods() == [method.wire for method in METHODS.values()]
    await adapter.aclose()


async def test_a_value_that_is_no_json_is_refused_without_being_shown() -> None:
    adapter = answering(lambda _: httpx2.Response(200, json={"result": None}))
    for secret in (float("nan"), Path("hidden"), datetime(2030, 1, 1)):  # noqa: DTZ001  # no zone on purpose
        with pytest.raises(AdapterError) as caught:
            await adapter.link_account(replace(ACCOUNT, extra={"x": secret}))
        assert "hidden" not in str(caught.value)


async def test_every_method_is_one_request() -> None:
    """The table of docs/adapters/http.md has no other number."""
    counted: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        counted.append(request.url.path)
        return httpx2.Response(500)

    arguments: dict[str, tuple[Any, ...]] = {
        "create_user": (User(),),
        "link_account": (ACCOUNT,),
        "update_account": (ACCOUNT,),
        "create_session": (SESSION,),
        "create_authenticator": (PASSKEY,),
        "create_verification_token": (VerificationToken(identifier="i", token="t", expires=LATER),),
        "update_user": ("u", {"name": "x"}),
        "update_authenticator": ("c", {"name": "x"}),
        "update_authenticator_counter": ("c", 1),
        "update_session": ("s", LATER),
        "delete_expired_sessions": (LATER,),
        "delete_expired_verification_tokens": (LATER,),
        "create_schema": (),
        "check_schema": (),
        **dict.fromkeys(("get_user_by_account", "get_account", "unlink_account"), ("p", "1")),
        "use_verification_token": ("t", "i"),
    }
    adapter = answering(answer)
    for name in ADAPTER_METHODS:
        with pytest.raises(AdapterError):
            await getattr(adapter, name)(*arguments.get(name, ("x",)))
    assert counted == [f"/{METHODS[name].wire}" for name in ADAPTER_METHODS]
