"""What ``import authwire`` costs, and what it brings along."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["measure_imports"]

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = {"nothing": "pass", "httpx2": "import httpx2", "authwire": "import authwire"}
_TELL = "import authwire, json, sys; print(json.dumps(sorted(sys.modules)))"
_OUTER = ("authwire.adapters", "authwire.integrations", "authwire.providers")
"""Of these only what is wanted is imported. A module with a leading underscore is shared by them."""
_THIRD_PARTY = frozenset(
    [
        "aiobotocore",
        "aiohttp",
        "aiosmtplib",
        "aiosqlite",
        "alembic",
        "asyncpg",
        "azure",
        "blacksheep",
        "bottle",
        "django",
        "falcon",
        "fastapi",
        "flask",
        "google",
        "httpcore",
        "httpcore2",
        "httpx",
        "httpx2",
        "litestar",
        "peewee",
        "piccolo",
        "psycopg",
        "pydantic",
        "pymongo",
        "pyramid",
        "quart",
        "redis",
        "requests",
        "sanic",
        "sqlalchemy",
        "sqlmodel",
        "starlette",
        "surrealdb",
        "tortoise",
        "urllib3",
        "uvicorn",
        "webauthn",
        "werkzeug",
    ]
)
"""Frameworks, drivers and HTTP clients."""


def measure_imports(*, rounds: int) -> dict[str, Any]:
    """CPU milliseconds of fresh interpreters, a figure a round, and what should not be there."""
    figures: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory(prefix="authwire-bench-") as folder:
        # As installed: pip compiles what it installs, and so does the first import, if it may.
        environ = _environ() | {"PYTHONPYCACHEPREFIX": folder}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(rounds + 1):
            for name, program in PROGRAMS.items():
                spent = _cpu_milliseconds(program, environ)
                if number:  # the first time writes the byte code
                    figures[name].append(spent)
    return {"figures": figures, "unwanted": unwanted_modules()}


def unwanted_modules() -> list[str]:
    """Providers, adapters, frameworks, drivers and HTTP clients that ``import authwire`` imports."""
    done = subprocess.run(
        [sys.executable, "-c", _TELL], env=_environ(), capture_output=True, text=True, check=True
    )
    return [name for name in json.loads(done.stdout) if _is_unwanted(name)]


def _is_unwanted(name: str) -> bool:
    if name.partition(".")[0] in _THIRD_PARTY:
        return True
    package, _, module = name.rpartition(".")
    return package.startswith(_OUTER) and not module.startswith("_")


def _environ() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def _cpu_milliseconds(program: str, environ: dict[str, str]) -> float:
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"{program!r} failed")
    return (usage.ru_utime + usage.ru_stime) * 1000
