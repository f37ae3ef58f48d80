"""What is measured: the token codec, reading a session, our own routes, and the way through ASGI."""

from __future__ import annotations

import base64
import hmac
import json
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Literal

from benchmarks import sample
from benchmarks.measure import Case, Group
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.hmac import HMAC
from joserfc import jwe as jose_jwe
from joserfc.jwk import OctKey

from authwire import Auth, CookieJar, SyncAuth, User
from authwire.core.at_rest import hashed_token
from authwire.integrations.asgi import AuthMiddleware
from authwire.protocol import jwe
from authwire.protocol.aes_cbc import AESCBC

__all__ = ["groups"]

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
    """Our codec, joserfc with a cached key, and nothing but AES and HMAC on as many bytes."""
    claims = {**sample.CLAIMS, **more}
    now = int(time.time())

    def encode() -> str:
        return jwe.encode(
            claims,
            secrets=[sample.SECRET],
            salt=sample.NAME,
            max_age=3600,
            now=now,
            jti=str(uuid.uuid4()),
        )

    token = encode()
    raw = jwe._derive(sample.SECRET, sample.NAME, "A256CBC-HS512").key
    key = OctKey.import_key(raw)
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))

    def jose_encode() -> str:
        times = {"iat": now, "exp": now + 3600, "jti": str(uuid.uuid4())}
        return jose_jwe.encrypt_compact(header, json.dumps({**claims, **times}).encode(), key)

    length = len(token.split(".")[3]) * 3 // 4 // 16 * 16
    return Group(
        f"Session token, {size} ({len(token)} characters)",
        [
            *_floors("encrypt", raw, os.urandom(length)),
            Case("encode", encode, "AES and HMAC, kept, encrypt"),
            Case("encode, joserfc", jose_encode, "encode"),
            *_floors("decrypt", raw, os.urandom(length)),
            Case(
                "decode",
                lambda: jwe.decode(token, secrets=[sample.SECRET], salt=sample.NAME, now=now),
                "AES and HMAC, kept, decrypt",
            ),
            Case(
                "decode, joserfc",
                lambda: json.loads(jose_jwe.decrypt_compact(token, key).plaintext or b""),
                "decode",
            ),
        ],
    )


def _floors(work: Literal["encrypt", "decrypt"], raw: bytes, data: bytes) -> Iterator[Case]:
    """The cryptography alone: begun anew for each message, and with what the codec keeps."""
    aes, iv = AES256(raw[32:]), os.urandom(16)
    cbc, mac = AESCBC(raw[32:]), HMAC(raw[:32], SHA512())

    def fresh() -> bytes:
        cipher = Cipher(aes, CBC(iv if work == "decrypt" else os.urandom(16)))
        worker = cipher.decryptor() if work == "decrypt" else cipher.encryptor()
        done = worker.update(data) + worker.finalize()
        return done + hmac.digest(raw[:32], data, "sha512")

    def kept() -> bytes:
        done = cbc.decrypt(iv, data) if work == "decrypt" else cbc.encrypt(data)[1]
        tag = mac.copy()
        tag.update(data)
        return done + tag.finalize()

    yield Case(f"AES and HMAC, fresh, {work}", fresh)
    yield Case(f"AES and HMAC, kept, {work}", kept, f"AES and HMAC, fresh, {work}")


# --- reading a session --------------------------------------------------------------------------


def reads() -> Group:
    """``auth.session(request)`` in app code, where the session is not due to be renewed."""
    token, adapter, now = sample.token(), sample.filled(), int(time.time())
    jwt, row = f"{sample.NAME}={token}", f"{sample.NAME}={sample.ROW_KEY}"
    with_jwt, with_rows = (
        Auth(sample.config(), environ={}),
        Auth(sample.config(adapter), environ={}),
    )
    jwt_sync, rows_sync = (
        SyncAuth(sample.config(), environ={}),
        SyncAuth(sample.config(adapter), environ={}),
    )

    def read(auth: Auth[User], cookie: str) -> Call:
        async def call() -> None:
            assert await auth.session(sample.request("/", cookie), jar=CookieJar()) is not None

        return call

    def read_sync(auth: SyncAuth[User], cookie: str) -> Call:
        def call() -> None:
            assert auth.session(sample.request("/", cookie), jar=CookieJar()) is not None

        return call

    async def nobody() -> None:
        assert await with_jwt.session(sample.request("/"), jar=CookieJar()) is None

    async def look_up() -> None:
        assert await adapter.get_session_and_user(hashed_token(sample.ROW_KEY)) is not None

    return Group(
        "Reading a session in app code",
        [
            Case(
                "decode alone",
                lambda: jwe.decode(token, secrets=[sample.SECRET], salt=sample.NAME, now=now),
            ),
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
    with_jwt, with_rows = (
        Auth(sample.config(), environ={}),
        Auth(sample.config(sample.filled()), environ={}),
    )
    held = sample.held(with_jwt)
    jwt, row = f"{held}; {sample.NAME}={sample.token()}", f"{held}; {sample.NAME}={sample.ROW_KEY}"

    def ask(auth: Auth[User], action: str, cookie: str = "", accept: str = "text/html") -> Call:
        async def call() -> None:
            response = await auth.handle(sample.request(f"/auth/{action}", cookie, accept))
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


# --- ASGI ---------------------------------------------------------------------------------------


def through_asgi() -> Group:
    """A bare app, the same behind our middleware, and our routes as an app."""
    auth = Auth(sample.config(), environ={})
    cookie = f"{sample.held(auth)}; {sample.NAME}={sample.token()}"
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
    request = sample.request(path, cookie)
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
