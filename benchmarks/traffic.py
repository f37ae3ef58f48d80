"""What sign-ins and session reads send to a database: exchanges and bytes, counted on the wire.

    scripts/bench traffic            measure with the servers of this machine, print Markdown

A proxy stands between the app and the server. An exchange is one wait for an answer; on a network it
costs one round trip, whatever the machine's speed. Connections are open before counting starts.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests import servers  # noqa: E402  # from this tree, see above
from tests.servers import Server  # noqa: E402  # as above

from authwire import AuthConfig, Request, SessionConfig, SyncAuth  # noqa: E402  # as above
from authwire.http import Headers  # noqa: E402  # as above
from authwire.providers import OIDC, Email  # noqa: E402  # as above
from authwire.runtime import drive  # noqa: E402  # as above
from authwire.testing.client import AuthClient  # noqa: E402  # as above
from authwire.testing.provider import FakeClient, FakeProvider  # noqa: E402  # as above

ORIGIN = "http://localhost"
SECRET = "traffic-secret-0123456789abcdef0123456789"


@dataclass
class Count:
    """What went through since the last look."""

    exchanges: int = 0
    sent: int = 0
    received: int = 0


@dataclass
class Wire:
    """A TCP proxy that counts."""

    target: Server
    count: Count = field(default_factory=Count)
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: bool = False

    @contextlib.contextmanager
    def open(self) -> Iterator[Server]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
            yield replace(self.target, host="127.0.0.1", port=listening.getsockname()[1])

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            server = socket.create_connection((self.target.host, self.target.port))
            for source, to, sending in ((client, server, True), (server, client, False)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                pump = threading.Thread(target=self._pump, args=(source, to, sending), daemon=True)
                pump.start()

    def _pump(self, source: socket.socket, to: socket.socket, sending: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                with self.lock:
                    if sending:
                        self.count.sent += len(data)
                        self.count.exchanges += not self.asked
                    else:
                        self.count.received += len(data)
                    self.asked = sending
                to.sendall(data)
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def taken(self) -> Count:
        """The count, which starts again."""
        with self.lock:
            count, self.count = self.count, Count()
            return count


# --- the app --------------------------------------------------------------------------------------


class Steps:
    """What users do, one after another."""

    def __init__(self, adapter: Any) -> None:
        self.clock = datetime.now(UTC)
        self.idp = FakeProvider(
            clients=[
                FakeClient(
                    client_id="web",
                    client_secret=SECRET,
                    redirect_uris=(f"{ORIGIN}/auth/callback/idp",),
                )
            ],
            now=lambda: self.clock,
        )
        self.mails: list[str] = []
        self.auth = SyncAuth(
            AuthConfig(
                secret=SECRET,
                adapter=adapter,
                session=SessionConfig(strategy="database"),
                http_client=self.idp.http,
                now=lambda: self.clock,
                providers=[
                    OIDC(
                        id="idp",
                        name="IdP",
                        issuer=self.idp.issuer,
                        client_id="web",
                        client_secret=SECRET,
                    ),
                    Email(send=lambda mail: self.mails.append(mail.url)),
                ],
            ),
            environ={},
        )
        self.browser = AuthClient.handler(self.auth.handle, base_url=ORIGIN, now=lambda: self.clock)

    def all(self) -> dict[str, Callable[[], object]]:
        return {
            "first sign-in with a provider": self.oauth,
            "session read": self.read,
            "session read that rolls the session on (once a day)": self.roll,
            "later sign-in with a provider": self.oauth_again,
            "sign-out": self.sign_out,
            "magic link: asked for": self.ask,
            "magic link: opened by a new user": self.open,
            "sign-out everywhere": self.everywhere,
        }

    def oauth(self) -> None:
        self.browser.sign_in_oauth("idp", self.idp)

    def oauth_again(self) -> None:
        self.browser = self.browser.another_browser()
        self.oauth()

    def read(self) -> None:
        assert self.browser.session() is not None

    def roll(self) -> None:
        self.clock += timedelta(days=1, minutes=1)
        self.read()

    def sign_out(self) -> None:
        self.browser.sign_out()

    def ask(self) -> None:
        self.browser.sign_in_email("new@example.com")

    def open(self) -> None:
        self.browser.open_magic_link(self.mails[-1])

    def everywhere(self) -> None:
        request = Request(
            method="POST",
            path="/",
            scheme="http",
            host="localhost",
            headers=Headers([("host", "localhost"), ("cookie", self.cookie())]),
        )
        self.auth.sign_out(request, everywhere=True)

    def cookie(self) -> str:
        name = "authjs.session-token"
        return f"{name}={self.browser.cookies[name]}"


# --- stores ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def sql(server: Server, scheme: str) -> Iterator[Any]:
    from sqlalchemy import create_engine

    from authwire.adapters.sqlalchemy import SQLAlchemyAdapter

    engine = create_engine(server.url(scheme))
    adapter: Any = SQLAlchemyAdapter(engine)
    drive(adapter.create_schema())
    yield adapter
    engine.dispose()


@contextlib.contextmanager
def redis_store(server: Server) -> Iterator[Any]:
    import redis

    from authwire.adapters.redis import RedisAdapter

    prefix = f"authwire_test_{uuid.uuid4().hex}:"
    with redis.Redis(host=server.host, port=server.port) as client:
        yield RedisAdapter(client, prefix=prefix)
        for key in client.scan_iter(f"*{prefix}*"):
            client.delete(key)


def stores() -> dict[str, tuple[Any, Callable[[Server], Any]]]:
    """By name: where the server is, and the adapter to it."""
    return {
        "PostgreSQL": (servers.postgres_database, lambda at: sql(at, "postgresql+psycopg")),
        "MariaDB": (servers.mariadb_database, lambda at: sql(at, "mysql+pymysql")),
        "Redis": (servers.redis_server, redis_store),
    }


def measured() -> dict[str, dict[str, Count]]:
    """By step, then by store."""
    table: dict[str, dict[str, Count]] = {}
    for name, (database, adapter_to) in stores().items():
        with database() as server:
            wire = Wire(server)
            with wire.open() as proxied, adapter_to(proxied) as adapter:
                drive(adapter.get_user("nobody"))
                for step, run in Steps(adapter).all().items():
                    wire.taken()
                    run()
                    table.setdefault(step, {})[name] = wire.taken()
    return table


def markdown(table: dict[str, dict[str, Count]]) -> str:
    """Exchanges and, behind the slash, bytes in both directions."""
    names = list(next(iter(table.values())))
    lines = [f"| | {' | '.join(names)} |", f"|---{'|---:' * len(names)}|"]
    for step, counts in table.items():
        cells = [f"{one.exchanges} / {one.sent + one.received}" for one in counts.values()]
        lines.append(f"| {step} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    print(markdown(measured()))


if __name__ == "__main__":
    main()
