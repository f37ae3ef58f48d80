"""Resident memory while requests are answered in this process, through ASGI.

    python benchmarks/memory.py 20000 100000      prints {"20000": KiB, "100000": KiB}

No two requests are alike: what comes from outside (tokens, paths, hosts, languages) is different each
time, so a cache that has no limit would show.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks import sample  # noqa: E402  # from this tree, see above

from authwire import Auth  # noqa: E402  # as above
from authwire.integrations.asgi import AuthMiddleware  # noqa: E402  # as above

__all__ = ["measure_memory"]

Visit = Callable[[int], Awaitable[None]]


def measure_memory(marks: tuple[int, ...]) -> dict[str, int]:
    """KiB after so many requests, in a process of its own."""
    command = [sys.executable, __file__, *map(str, marks)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def resident_kib() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


async def _app(scope: Any, receive: Any, send: Any) -> None:
    session = await scope["authwire"].session()
    body = b"somebody" if session else b"nobody"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def _scope(number: int, path: str, cookie: str) -> dict[str, Any]:
    fields = dict(sample.browser_headers(cookie))
    fields["accept-language"] = f"x-{number}"
    fields["user-agent"] = f"Visitor/{number}"
    return {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": f"callbackUrl=%2Fpage%2F{number}".encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
        "client": ("127.0.0.1", number % 60000),
        "server": ("127.0.0.1", 8000),
    }


async def _receive() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(message: Any) -> None:
    """Thrown away."""


def _visits() -> list[Visit]:
    """What is asked in turn."""
    with_jwt = Auth(sample.config(), environ={})
    with_rows = Auth(sample.config(sample.filled()), environ={})
    jwt_app, row_app = AuthMiddleware(_app, with_jwt), AuthMiddleware(_app, with_rows)
    held = sample.held(with_jwt)
    jwt = f"{held}; {sample.NAME}={sample.token()}"
    row = f"{held}; {sample.NAME}={sample.ROW_KEY}"

    def visit(app: Any, path: str, cookie: str) -> Visit:
        async def call(number: int) -> None:
            text = f"{number:064x}"
            scope = _scope(number, path.replace("*", text), cookie.replace("*", text))
            await app(scope, _receive, _send)

        return call

    return [
        visit(jwt_app, "/page/*", jwt),
        visit(row_app, "/page/*", row),
        visit(jwt_app, "/auth/session", jwt),
        visit(row_app, "/auth/session", row),
        visit(jwt_app, "/auth/session", f"{sample.NAME}=*.x.y.z.*"),
        visit(row_app, "/auth/session", f"{sample.NAME}=*"),
        visit(jwt_app, "/auth/csrf", ""),
        visit(jwt_app, "/auth/csrf", "authjs.csrf-token=*%7C*"),
        visit(jwt_app, "/auth/signin", held),
        visit(jwt_app, "/auth/signin/*", held),
    ]


async def _answer(marks: list[int]) -> dict[int, int]:
    visits = _visits()
    found = {}
    done = 0
    for mark in marks:
        while done < mark:
            await visits[done % len(visits)](done)
            done += 1
        found[mark] = resident_kib()
    return found


def main(arguments: list[str]) -> None:
    logging.disable(logging.CRITICAL)
    json.dump(asyncio.run(_answer(sorted(map(int, arguments)))), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
