"""An app whose front end is next-auth's own React client and whose back end is Authwire."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as PageRequest
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from tests.e2e.clients import Issuers, ways

from authwire import Auth, AuthConfig, Request, User
from authwire.adapters.memory import MemoryAdapter
from authwire.config import Callbacks, JWTParams, SessionConfig, SessionParams
from authwire.errors import CredentialsSignin
from authwire.models import JSON
from authwire.providers import OIDC, Credentials, Email, FormField, Passkey, VerificationRequest

SOURCE = Path(__file__).resolve().parent.parent / "node" / "react" / "app.jsx"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title>
<link rel="icon" href="data:,"><div id="root"></div><script src="/app.js"></script></html>"""
THEMES = ("light", "dark")


@dataclass(frozen=True)
class App:
    """The running app and what it did."""

    origin: str
    adapter: MemoryAdapter[Any] = field(default_factory=MemoryAdapter)
    mails: list[VerificationRequest] = field(default_factory=list)

    def forget(self) -> None:
        """Everything as at the start."""
        self.adapter.clear()
        self.mails.clear()


def bundle(node_dir: Path, folder: Path) -> Path:
    """The page's script, as a bundler puts it together for browsers."""
    target = folder / "app.js"
    subprocess.run(
        [
            "node",
            "node_modules/esbuild/bin/esbuild",
            str(SOURCE),
            "--bundle",
            "--jsx=automatic",
            # There is no environment in a browser, except for what bundlers fill in.
            "--define:process.env={}",
            '--define:process.env.NODE_ENV="production"',
            "--log-level=warning",
            f"--outfile={target}",
        ],
        cwd=node_dir,
        env={**os.environ, "NODE_PATH": str(node_dir / "node_modules")},
        check=True,
        timeout=60,
    )
    return target


def judge(credentials: Mapping[str, Any], _request: Request) -> User | None:
    if credentials.get("username") == "locked":
        raise CredentialsSignin(code="account_locked")
    if credentials.get("password") != "open sesame":
        return None
    return User(id="grace-1", name="Grace Hopper", email="grace@example.com")


def keep_theme(p: JWTParams[User]) -> JSON:
    """What the browser sends with ``update()`` is not to be trusted, so only known values are kept."""
    if p.trigger == "update" and isinstance(p.session, dict) and p.session.get("theme") in THEMES:
        p.token["theme"] = p.session["theme"]
    return p.token


def show_theme(p: SessionParams[User]) -> JSON:
    assert p.token is not None
    return {**p.session, "theme": p.token.get("theme", "light")}


def config(app: App, issuers: Issuers) -> AuthConfig[User]:
    known = {name: ways()[name].provider_options(issuers.open) for name in ("basic", "form-post")}
    return AuthConfig(
        secret="an-app-secret-of-more-than-32-characters",
        base_path="/api/auth",
        adapter=app.adapter,
        session=SessionConfig(strategy="jwt"),
        callbacks=Callbacks(jwt=keep_theme, session=show_theme),
        providers=[
            Credentials(
                authorize=judge,
                fields={
                    "username": FormField(label="Name"),
                    "password": FormField(label="Password", type="password"),
                },
            ),
            Email(send=app.mails.append),
            Passkey(),
            OIDC(id="oidc", name="Real OIDC", **known["basic"]),
            OIDC(id="posting", name="Posting OIDC", **known["form-post"]),
        ],
    )


@contextmanager
def running(app: App, issuers: Issuers, *, script: Path, listening: socket) -> Iterator[None]:
    """Serve the app on ``listening`` from a thread."""

    async def page(_request: PageRequest) -> Response:
        return HTMLResponse(PAGE)

    async def code(_request: PageRequest) -> Response:
        return FileResponse(script)

    @asynccontextmanager
    async def close_connections(_site: Starlette) -> AsyncIterator[None]:
        yield
        http: Any = auth.engine(Request(method="GET", path="/")).http
        await http.aclose()

    auth = Auth(config(app, issuers), environ={})
    site = Starlette(
        routes=[
            Mount("/api/auth", auth.asgi),
            Route("/app.js", code),
            Route("/{path:path}", page),
        ],
        lifespan=close_connections,
    )
    server = uvicorn.Server(uvicorn.Config(site, log_config=None, access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
