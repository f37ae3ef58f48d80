"""What the apps of these tests have in common: their config, and the world around it."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from authwire import AuthConfig, Callbacks, Request, SessionConfig, User
from authwire.adapters.memory import MemoryAdapter
from authwire.config import JWTParams, SessionParams
from authwire.models import JSON
from authwire.providers import OIDC, Credentials, Email, FormField, VerificationRequest
from authwire.testing.provider import FakeClient, FakeProvider

SECRET = "a secret of the tests, long enough not to be warned about"
PASSWORD = "correct horse"
ADA = "ada@example.com"
START = datetime(2030, 1, 1, tzinfo=UTC)
KEYS = cache(FakeProvider.make_keys)


@dataclass
class World:
    """An app's surroundings: clock, mailbox, database, identity provider."""

    strategy: str = "jwt"
    origin: str = "http://localhost"
    base_path: str = "/auth"
    time: datetime = START
    outbox: list[VerificationRequest] = field(default_factory=list)
    adapter: MemoryAdapter[User] = field(default_factory=MemoryAdapter)
    logged: list[str] = field(default_factory=list)
    idp: FakeProvider = field(init=False)

    def __post_init__(self) -> None:
        callback = f"{self.origin}{self.base_path}/callback/fake"
        client = FakeClient(client_id="app", client_secret="s3cret", redirect_uris=(callback,))
        self.idp = FakeProvider(clients=[client], keys=KEYS(), now=self.now)

    def now(self) -> datetime:
        return self.time

    def pass_time(self, span: timedelta) -> None:
        self.time += span

    def config(self, **changes: Any) -> AuthConfig[User]:
        config: AuthConfig[User] = AuthConfig(
            providers=[
                Credentials(
                    authorize=authorize,
                    fields={"email": FormField(), "password": FormField(type="password")},
                ),
                Email(send=self.outbox.append),
                OIDC(
                    id="fake",
                    name="Fake",
                    issuer=self.idp.issuer,
                    client_id="app",
                    client_secret="s3cret",
                ),
            ],
            secret=SECRET,
            adapter=self.adapter,
            session=SessionConfig(strategy="jwt" if self.strategy == "jwt" else "database"),
            callbacks=Callbacks(jwt=on_jwt, session=on_session),
            http_client=self.idp.http,
            base_path=self.base_path,
            trust_host=True,
            now=self.now,
            logger=Recorder(self.logged),
        )
        return replace(config, **changes)


class Recorder:
    """A logger that keeps what it is told."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def error(self, msg: str, *args: Any, exc_info: BaseException | None = None) -> None:
        self._lines.append(msg % args)

    def warning(self, msg: str, *args: Any) -> None:
        self._lines.append(msg % args)

    def debug(self, msg: str, *args: Any) -> None:
        self._lines.append(msg % args)


def authorize(form: Mapping[str, Any], request: Request) -> User | None:
    if form.get("password") != PASSWORD:
        return None
    email = str(form.get("email"))
    return User(id=f"id of {email}", name=email.partition("@")[0].capitalize(), email=email)


def on_jwt(params: JWTParams[User]) -> JSON:
    if params.trigger == "update" and isinstance(params.session, dict):
        return {**params.token, "name": params.session["name"]}
    return params.token


def on_session(params: SessionParams[User]) -> JSON:
    if params.trigger == "update" and isinstance(params.new_session, dict):
        user = {**params.session["user"], "name": params.new_session["name"]}
        return {**params.session, "user": user}
    return params.session


def is_ada(session: Any) -> bool:
    return bool(session.user.email == ADA)


@contextmanager
def leaving_no(kind: type) -> Iterator[None]:
    """What happens inside leaves no object of this kind to the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        before = _living(kind)
        yield
        left = _living(kind) - before
    finally:
        gc.enable()
    assert not left


def _living(kind: type) -> set[int]:
    # By their type: a lazy object would do all its work to tell what class it has.
    return {id(found) for found in gc.get_objects() if issubclass(type(found), kind)}
