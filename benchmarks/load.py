"""Asks a server the same thing again and again, with wrk if it is installed, else with a client of our own.

    python benchmarks/load.py '{"port": 8000, "path": "/bare", "headers": [], "requests": 1000}'

Ours is slower than wrk, so requests per second are then rather those of the client. CPU time of the
server for each request is right with both.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Asked", "Done", "client_name", "drive_load"]

CONNECTIONS = 16
SILENCE_SECONDS = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    port: int
    path: str
    headers: Sequence[tuple[str, str]]
    connections: int = CONNECTIONS
    seconds: float = 0.0
    requests: int = 0
    """Instead of seconds; only our own client can count."""


@dataclass(frozen=True)
class Done:
    requests: int
    seconds: float


def client_name() -> str:
    """Who asks; the report tells it."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return "our own client (wrk is not installed)"
    said = subprocess.run([wrk, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"wrk (\S+)", said.stdout + said.stderr)
    return f"wrk {found[1]}" if found else "wrk"


def drive_load(asked: Asked) -> Done:
    """Ask for so long, or so often.

    Raises:
        RuntimeError: if an answer is not 200.
    """
    if asked.requests or shutil.which("wrk") is None:
        return _own(asked)
    return _wrk(asked)


# --- wrk ------------------------------------------------------------------------------------------


def _wrk(asked: Asked) -> Done:
    command = ["wrk", "-t1", f"-c{asked.connections}", f"-d{max(1, round(asked.seconds))}s"]
    for name, value in asked.headers:
        # wrk adds a Host of its own unless one is spelt like this.
        command += ["-H", f"{name.title()}: {value}"]
    command.append(f"http://127.0.0.1:{asked.port}{asked.path}")
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout
    counted = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", done)
    if counted is None or "Non-2xx" in done or "Socket errors" in done:
        raise RuntimeError(f"{asked.path}: answers that were not expected\n{done}")
    unit = {"ms": 1e-3, "s": 1.0, "m": 60.0}[counted[3]]
    return Done(int(counted[1]), float(counted[2]) * unit)


# --- our own --------------------------------------------------------------------------------------


def _own(asked: Asked) -> Done:
    """Some processes, so that one busy core is not all that is measured."""
    processes = max(1, min((os.cpu_count() or 2) // 2, asked.connections))
    shares = []
    for number in range(processes):
        requests = asked.requests // processes + (number < asked.requests % processes)
        connections = asked.connections // processes + (number < asked.connections % processes)
        part = {**vars(asked), "requests": requests, "connections": connections}
        command = [sys.executable, __file__, json.dumps(part)]
        if requests or asked.seconds:
            shares.append(subprocess.Popen(command, stdout=subprocess.PIPE))
    try:
        said = [share.communicate(timeout=300)[0] for share in shares]
    finally:
        for share in shares:
            share.kill()
            share.wait()
    if any(share.returncode for share in shares):
        raise RuntimeError(f"{asked.path}: answers that were not expected")
    parts = [json.loads(text) for text in said]
    return Done(sum(part["requests"] for part in parts), max(part["seconds"] for part in parts))


class _Connection:
    """One connection, which asks again as soon as it has its answer."""

    def __init__(self, port: int, request: bytes) -> None:
        self._port = port
        self._request = request
        self._got = b""
        self.sock = self._open()

    def _open(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port), 10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def ask(self) -> None:
        self.sock.sendall(self._request)

    def answered(self) -> bool:
        """Read what is there; whether the answer is complete now.

        Raises:
            RuntimeError: if it is not 200, or the server went away.
        """
        got = self.sock.recv(1 << 16)
        if not got:
            raise RuntimeError("the server closed the connection")
        self._got += got
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end:
            return False
        if head[9:12] != b"200":
            raise RuntimeError(f"status {head[9:12].decode('latin-1')}")
        length = _LENGTH.search(head)
        if length is not None:
            complete = len(body) >= int(length[1])
        elif _CHUNKED.search(head):
            complete = body.endswith(b"0\r\n\r\n")
        else:
            raise RuntimeError("an answer without a length")
        if complete:
            self._got = b""
            if _CLOSE.search(head):
                self.sock.close()
                self.sock = self._open()
        return complete


def _ask_on(asked: Asked) -> Done:
    """All of it in this process."""
    lines = [f"GET {asked.path} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.headers)]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    total = asked.requests or sys.maxsize
    start = time.perf_counter()
    end = start + asked.seconds if asked.seconds else float("inf")
    with selectors.DefaultSelector() as selector:
        sent = done = 0
        for _ in range(min(asked.connections, total)):
            connection = _Connection(asked.port, request)
            connection.ask()
            sent += 1
            selector.register(connection.sock, selectors.EVENT_READ, connection)
        while selector.get_map():
            ready = selector.select(SILENCE_SECONDS)
            if not ready:
                raise RuntimeError("the server is silent")
            for key, _events in ready:
                connection, known = key.data, key.fileobj
                if not connection.answered():
                    continue
                done += 1
                more = sent < total and time.perf_counter() < end
                selector.unregister(known)
                if more:
                    connection.ask()
                    sent += 1
                    selector.register(connection.sock, selectors.EVENT_READ, connection)
                else:
                    connection.sock.close()
    return Done(done, time.perf_counter() - start)


def main(arguments: list[str]) -> None:
    fields: dict[str, Any] = json.loads(arguments[0])
    fields["headers"] = [(name, value) for name, value in fields["headers"]]
    json.dump(vars(_ask_on(Asked(**fields))), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
