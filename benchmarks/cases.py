"""What is measured: the token codec, reading a session, our own routes, and the way through ASGI."""

from __future__ import annotations

import base64
import hmac
import json
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.measure import Case, Group
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from joserfc import jwe as jose_jwe
from joserfc.jwk import OctKey

from authwire import Auth, AuthConfig, CookieJar, Request, SessionConfig, SyncAuth, User
from authwire.adapters.memory import MemoryAdapter
from authwire.core.at_rest import hashed_token
from authwire.http import Headers
from authwire.integrations.asgi import AuthMiddleware
from authwire.models import AdapterSession
from authwire.protocol import jwe
from authwire.providers import OIDC, Credentials, FormField, GitHub
from authwire.runtime import drive

__all__ = ["groups"]

SECRET = "a-secret-for-the-benchmarks-0123456789abcdef"
NAME = "authjs.session-token"
CLAIMS = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "picture": "https://example.com/ada.png",
    "sub": "5e2b7a2c-4c0e-4d9b-9a51-1f0b8c2d7e6f",
}
ROW_KEY = "0123456789abcdef" * 4
Call = Callable[[], Any]


def groups() -> list[Group]:
    """All groups, in the order of the report."""
    return [
        codec("small", {}),
        codec("2 kB", {"roles": "x" * 1700}),
        reads(),
        routes(),
        through_asgi(),
    ]


# --- the token ----------------------------------------------------------------------------------


def codec(size: str, more: Mapping[str, Any]) -> Group:
    """Our codec, joserfc with a cached key, and nothing but the two primitives on the same bytes."""
    claims = {**CLAIMS, **more}
    now = int(time.time())

    def encode() -> str:
        return jwe.encode(
            claims, secrets=[SECRET], salt=NAME, max_age=3600, now=now, jti=str(uuid.uuid4())
        )

    token = encode()
    raw = jwe._derive(SECRET, NAME, "A256CBC-HS512").key
    key = OctKey.import_key(raw)
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))

    def jose_encode() -> str:
        times = {"iat": now, "exp": now + 3600, "jti": str(uuid.uuid4())}
        return jose_jwe.encrypt_compact(header, json.dumps({**claims, **times}).encode(), key)

    length = len(token.split(".")[3]) * 3 // 4 // 16 * 16
    return Group(
        f"Session token, {size} ({len(token)} characters)",
        [
            Case("AES and HMAC alone, encrypt", _primitives(raw, length, decrypt=False)),
            Case("encode", encode, "AES and HMAC alone, encrypt"),
            Case("encode, joserfc", jose_encode, "encode"),
            Case("AES and HMAC alone, decrypt", _primitives(raw, length, decrypt=True)),
            Case(
                "decode",
                lambda: jwe.decode(token, secrets=[SECRET], salt=NAME, now=now),
                "AES and HMAC alone, decrypt",
            ),
            Case(
                "decode, joserfc",
                lambda: json.loads(jose_jwe.decrypt_compact(token, key).plaintext or b""),
                "decode",
            ),
        ],
    )


def _primitives(raw: bytes, length: int, *, decrypt: bool) -> Call:
    data, aes = os.urandom(length), AES256(raw[32:])

    def run() -> bytes:
        cipher = Cipher(aes, CBC(data[:16]))
        worker = cipher.decryptor() if decrypt else cipher.encryptor()
        done = worker.update(data) + worker.finalize()
        hmac.digest(raw[:32], data, "sha512")
        return done

    return run


# --- apps ---------------------------------------------------------------------------------------


def _config(adapter: MemoryAdapter[User] | None = None) -> AuthConfig:
    """Three providers, as in the comparison with Auth.js."""
    return AuthConfig(
        secret=SECRET,
        providers=[
            OIDC(
                id="idp", name="IdP", issuer="https://idp.example", client_id="a", client_secret="b"
            ),
            GitHub(client_id="a", client_secret="b"),
            Credentials(
                authorize=lambda form, request: None,
                fields={
                    "name": FormField(label="Name"),
                    "password": FormField(label="Password", type="password"),
                },
            ),
        ],
        adapter=adapter,
        # Not due, so that a read is a read and not a write.
        session=SessionConfig(update_age=timedelta(days=1)),
        trust_host=["app.example"],
    )


def _filled() -> MemoryAdapter[User]:
    """A store with one user and one fresh session."""
    adapter: MemoryAdapter[User] = MemoryAdapter()
    drive(adapter.create_user(User(id="1", name="Ada Lovelace", email="ada@example.com")))
    expires = datetime.now(UTC) + timedelta(days=30)
    row = AdapterSession(session_token=hashed_token(ROW_KEY), user_id="1", expires=expires)
    drive(adapter.create_session(row))
    return adapter


def _token() -> str:
    return jwe.encode(
        CLAIMS, secrets=[SECRET], salt=NAME, max_age=86400 * 30, now=int(time.time()), jti="1"
    )


def _request(path: str, cookie: str = "", accept: str = "application/json") -> Request:
    """A fresh request: what is parsed once for each must be parsed again."""
    fields = [
        ("host", "app.example"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("accept", accept),
        ("accept-language", "en-US,en;q=0.5"),
        ("accept-encoding", "gzip, deflate, br"),
    ]
    if cookie:
        fields.append(("cookie", cookie))
    return Request(method="GET", path=path, host="app.example", headers=Headers(fields))


# --- reading a session --------------------------------------------------------------------------


def reads() -> Group:
    """``auth.session(request)`` in app code, where the session is not due to be renewed."""
    token, adapter, now = _token(), _filled(), int(time.time())
    jwt, row = f"{NAME}={token}", f"{NAME}={ROW_KEY}"
    with_jwt, with_rows = Auth(_config(), environ={}), Auth(_config(adapter), environ={})
    jwt_sync, rows_sync = SyncAuth(_config(), environ={}), SyncAuth(_config(adapter), environ={})

    def read(auth: Auth[User], cookie: str) -> Call:
        async def call() -> None:
            assert await auth.session(_request("/", cookie), jar=CookieJar()) is not None

        return call

    def read_sync(auth: SyncAuth[User], cookie: str) -> Call:
        def call() -> None:
            assert auth.session(_request("/", cookie), jar=CookieJar()) is not None

        return call

    async def nobody() -> None:
        assert await with_jwt.session(_request("/"), jar=CookieJar()) is None

    async def look_up() -> None:
        assert await adapter.get_session_and_user(hashed_token(ROW_KEY)) is not None

    return Group(
        "Reading a session in app code",
        [
            Case("decode alone", lambda: jwe.decode(token, secrets=[SECRET], salt=NAME, now=now)),
            Case("JWT, Auth", read(with_jwt, jwt), "decode alone"),
            Case("JWT, SyncAuth", read_sync(jwt_sync, jwt), "JWT, Auth"),
            Case("look-up in memory alone", look_up),
            Case("database, Auth", read(with_rows, row), "look-up in memory alone"),
            Case("database, SyncAuth", read_sync(rows_sync, row), "database, Auth"),
            Case("nobody is signed in", nobody),
        ],
    )


# --- our routes ---------------------------------------------------------------------------------


def routes() -> Group:
    """`Auth.handle`, without a server or a framework."""
    with_jwt, with_rows = Auth(_config(), environ={}), Auth(_config(_filled()), environ={})
    held = _held(with_jwt)
    jwt, row = f"{held}; {NAME}={_token()}", f"{held}; {NAME}={ROW_KEY}"

    def ask(auth: Auth[User], action: str, cookie: str = "", accept: str = "text/html") -> Call:
        async def call() -> None:
            response = await auth.handle(_request(f"/auth/{action}", cookie, accept))
            assert response.status == 200

        return call

    base = "session, nobody signed in"
    return Group(
        "Routes, through Auth.handle",
        [
            Case(base, ask(with_jwt, "session", held)),
            Case("session, JWT", ask(with_jwt, "session", jwt), base),
            Case("session, database", ask(with_rows, "session", row), base),
            Case("csrf, cookie held", ask(with_jwt, "csrf", held), base),
            Case("csrf, first visit", ask(with_jwt, "csrf"), base),
            Case("providers", ask(with_jwt, "providers", held), base),
            Case("sign-in page", ask(with_jwt, "signin", held), base),
        ],
    )


def _held(auth: Auth[User]) -> str:
    """The cookies that a browser has after its first visit."""
    response = drive(auth.handle(_request("/auth/csrf")))
    pairs = (cookie.header().partition(";")[0] for cookie in response.cookies)
    return "; ".join(pairs)


# --- ASGI ---------------------------------------------------------------------------------------


def through_asgi() -> Group:
    """A bare app, the same behind our middleware, and our routes as an app."""
    auth = Auth(_config(), environ={})
    cookie = f"{_held(auth)}; {NAME}={_token()}"
    wrapped = AuthMiddleware(_app(_nothing), auth)
    reading = AuthMiddleware(_app(_read), auth)
    return Group(
        "Through ASGI",
        [
            Case("bare app", _visit(_app(_nothing), "/", cookie)),
            Case("behind AuthMiddleware", _visit(wrapped, "/", cookie), "bare app"),
            Case("… which reads the session (JWT)", _visit(reading, "/", cookie), "bare app"),
            Case("/auth/session (JWT)", _visit(auth.asgi, "/auth/session", cookie), "bare app"),
        ],
    )


async def _nothing(scope: Any) -> None:
    """A handler that needs no session."""


async def _read(scope: Any) -> None:
    assert await scope["authwire"].session() is not None


def _app(before: Callable[[Any], Awaitable[None]]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await before(scope)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"11")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"ok":true}'})

    return app


def _visit(app: Any, path: str, cookie: str) -> Call:
    request = _request(path, cookie)
    headers = [(name.encode(), value.encode()) for name, value in request.headers]
    statuses: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def call() -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }
        await app(scope, receive, send)
        assert statuses.pop() == 200

    return call
