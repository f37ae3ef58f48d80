"""An app with passkeys and nothing else of interest: the built-in sign-in page, and an account page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from socket import create_server
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from authwire import AuthConfig, LastWayIn, PasskeyNotFound
from authwire.adapters.memory import MemoryAdapter
from authwire.config import Callbacks, SessionConfig
from authwire.integrations.starlette import StarletteAuth
from authwire.providers import Passkey, WebAuthn

# The account page uses Authwire's module as an app would; its answers are read by the tests.
ACCOUNT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Account</title>
<link rel="icon" href="data:,">
<h1 id="who">{who}</h1>
<script type="module">
  import {{ PasskeyError, signIn, supported }} from "/auth/webauthn.js";
  window.passkeys = {{
    supported,
    signIn: (options) => signIn({{ redirect: false, ...options }}).catch((error) => {{
      if (!(error instanceof PasskeyError)) throw error;
      return {{ code: error.code, error: error.error }};
    }}),
  }};
</script></html>"""


@dataclass
class Log:
    """A logger that remembers."""

    lines: list[str] = field(default_factory=list)

    def error(self, msg: str, *args: Any, exc_info: BaseException | None = None) -> None:
        self.lines.append(msg % args)

    def warning(self, msg: str, *args: Any) -> None:
        self.lines.append(msg % args)

    def debug(self, msg: str, *args: Any) -> None:
        pass


@dataclass
class PasskeyApp:
    """A running app. ``provider`` may be exchanged between tests."""

    origin: str
    adapter: MemoryAdapter[Any] = field(default_factory=MemoryAdapter)
    log: Log = field(default_factory=Log)
    provider: WebAuthn = field(default_factory=Passkey)
    sign_in: Any = None

    def __post_init__(self) -> None:
        self._config: AuthConfig[Any] = AuthConfig(
            secret="an-app-secret-of-more-than-32-characters",
            adapter=self.adapter,
            session=SessionConfig(strategy="jwt"),
            logger=self.log,
        )
        self._made: tuple[Any, AuthConfig[Any]] | None = None
        self.auth: StarletteAuth[Any] = StarletteAuth(lambda _: self.config())

    def config(self) -> AuthConfig[Any]:
        """One config for as long as nothing is exchanged."""
        wanted = (self.provider, self.sign_in)
        if self._made is None or self._made[0] != wanted:
            callbacks: Callbacks[Any] = Callbacks(sign_in=self.sign_in)
            config = replace(self._config, providers=[self.provider], callbacks=callbacks)
            self._made = (wanted, config)
        return self._made[1]

    def reset(self) -> None:
        """Everything as at the start."""
        self.adapter.clear()
        self.log.lines.clear()
        self.provider, self.sign_in = Passkey(), None

    # --- pages ---

    async def account(self, request: Request) -> Response:
        session = await self.auth.session(request)
        who = session.user.email if session is not None else "nobody"
        return HTMLResponse(ACCOUNT.format(who=who))

    async def passkeys(self, request: Request) -> Response:
        rows = await self.auth.passkeys(request).list()
        return JSONResponse([{"id": row.credential_id, "name": row.name} for row in rows])

    async def change(self, request: Request) -> Response:
        body = await request.json()
        mine = self.auth.passkeys(request)
        try:
            if "name" in body:
                await mine.rename(body["id"], body["name"])
            else:
                await mine.remove(body["id"])
        except PasskeyNotFound:
            return JSONResponse({}, status_code=404)
        except LastWayIn:
            return JSONResponse({}, status_code=409)
        return JSONResponse({})

    @property
    def site(self) -> Starlette:
        return Starlette(
            routes=[
                Mount("/auth", routes=self.auth.routes, name="auth"),
                Route("/passkeys", self.passkeys, methods=["GET"]),
                Route("/passkeys", self.change, methods=["POST"]),
                Route("/{path:path}", self.account),
            ]
        )


@contextmanager
def serving() -> Iterator[PasskeyApp]:
    """The app on a port of its own. Passkeys need a name, so it is ``localhost``."""
    with create_server(("127.0.0.1", 0)) as listening:
        app = PasskeyApp(f"http://localhost:{listening.getsockname()[1]}")
        settings = uvicorn.Config(app.site, log_config=None, access_log=False, ws="none")
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield app
        finally:
            server.should_exit = True
            thread.join()
