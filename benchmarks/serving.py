"""Starts a server, waits until it answers, counts its CPU time, and stops it whatever happens.

Linux only: ``/proc`` tells which processes belong to a server.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

__all__ = ["Answer", "Launch", "NotThere", "Server", "free_port", "serve"]

START_SECONDS = 30.0
STOP_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1
_CPUCLOCK_SCHED = 2


class NotThere(Exception):
    """This server cannot run here; the message says why."""


@dataclass(frozen=True)
class Launch:
    """How to start a server. ``{port}`` in the command is replaced by its port."""

    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    """Added to ours, and ``PORT`` to both."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: IO[bytes] = field(repr=False)

    def wait(self, path: str = "/bare") -> None:
        """Wait until it answers.

        Raises:
            NotThere: if it ends, or takes too long.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.process.poll() is not None:
                raise NotThere(f"it ended at once: {_last_line(self.log)}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask(path).status < 500:
                    return
            if time.monotonic() > deadline:
                said = _last_line(self.log)
                raise NotThere(f"it does not answer after {START_SECONDS:.0f} s: {said}")
            time.sleep(0.05)

    def ask(
        self,
        path: str,
        headers: Sequence[tuple[str, str]] = (),
        *,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()

    def cpu_seconds(self) -> float:
        """User and system time of all its processes and threads so far."""
        return sum(map(_cpu_seconds, _group(self.process.pid)))


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def serve(launch: Launch) -> Iterator[Server]:
    """Run a server; `Server.wait` until it answers.

    Raises:
        NotThere: if the program cannot be run.
    """
    port = free_port()
    command = [part.replace("{port}", str(port)) for part in launch.command]
    environ = {**os.environ, **launch.environ, "PORT": str(port)}
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                command,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  # no threads here that could hold a lock
            )
        except OSError as exc:
            raise NotThere(f"{command[0]} cannot be run: {exc.strerror}") from exc
        try:
            yield Server(port, process, log)
        finally:
            _stop(process)


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    errors = [line for line in said if "Error" in line]
    return (errors or said or ["it said nothing"])[-1]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: a server's workers are its children."""
    for sign, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            process.poll()
            if not _group(process.pid):
                process.wait()  # a mere formality now, which takes it off the books
                return
            time.sleep(0.02)


def _die_with_parent() -> None:
    """Have the kernel end the server if this program is killed and cannot."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _group(leader: int) -> list[int]:
    """The processes of a group that are alive."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                stat = Path(entry.path, "stat").read_text("utf-8", "replace")
                state, _parent, group = stat.rpartition(")")[2].split()[:3]
                if int(group) == leader and state not in "ZX":
                    found.append(int(entry.name))
    return found


def _cpu_seconds(pid: int) -> float:
    """The kernel's own clock of a process (clock_getcpuclockid(3)), which counts nanoseconds.

    /proc/…/stat counts hundredths of a second, too coarse for a short round.
    """
    try:
        return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
    except OSError:
        return 0.0  # it has just ended
