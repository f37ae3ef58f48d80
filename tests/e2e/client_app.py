"""FastAPI apps whose pages use ``client.js``: the built-in identity provider, mails in a list."""

# Not `from __future__ import annotations`: FastAPI reads the annotations of functions made here.

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server, socket
from typing import Annotated, Any

import anyio
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse
from tests.core.harness import CLIENT_SECRET
from tests.e2e.react_app import judge, keep_theme, show_theme

from authwire import AuthConfig, Session
from authwire.adapters.memory import MemoryAdapter
from authwire.config import Callbacks, SessionConfig, SessionParams
from authwire.integrations.fastapi import FastAPIAuth
from authwire.models import JSON
from authwire.providers import OIDC, Credentials, Email, VerificationRequest
from authwire.testing.provider import FakeClient, FakeProvider

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "frontend" / "index.html"
# What the page was told is in `seen`; `{options}` and `{client}` are filled in for each page.
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title>
<link rel="icon" href="data:,"><output id="email">?</output><output id="theme"></output>
<form id="login"><input name="username"><input name="password" type="password"></form>
<script type="module">
  import * as client from "{client}";
  window.client = client;
  window.seen = [];
  window.stop = client.onSession((session) => {{
    window.seen.push(session);
    document.querySelector("#email").textContent = session ? session.user.email : "nobody";
    document.querySelector("#theme").textContent = session?.theme ?? "";
  }}, {options});
</script></html>"""
REACT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title>
<link rel="icon" href="data:,"><div id="root"></div><script src="/react.js"></script></html>"""


@dataclass
class ClientApp:
    """A running app and what it did."""

    origin: str
    base: str
    """The base path of the auth routes."""
    guests: tuple[str, ...] = ()
    """Other origins whose pages may ask with cookies."""
    script: Path | None = None
    """The bundle with next-auth's React client."""
    adapter: MemoryAdapter[Any] = field(default_factory=MemoryAdapter)
    mails: list[VerificationRequest] = field(default_factory=list)
    delay: float = 0
    """Seconds that the session callback takes."""

    @property
    def idp(self) -> str:
        """By its address, so that it is another site than the app, which is known by name."""
        return self.origin.replace("localhost", "127.0.0.1") + "/idp"

    def config(self, provider: FakeProvider) -> AuthConfig[Any]:
        async def slowly(p: SessionParams[Any]) -> JSON:
            await anyio.sleep(self.delay)
            return show_theme(p)

        return AuthConfig(
            secret="an-app-secret-of-more-than-32-characters",
            base_path=self.base,
            adapter=self.adapter,
            session=SessionConfig(strategy="jwt"),
            http_client=provider.http.async_client(),
            callbacks=Callbacks(jwt=keep_theme, session=slowly),
            providers=[
                Credentials(authorize=judge),
                Email(send=self.mails.append),
                OIDC(
                    id="idp",
                    name="IdP",
                    issuer=self.idp,
                    client_id="web",
                    client_secret=CLIENT_SECRET,
                ),
            ],
        )

    def site(self) -> FastAPI:
        redirect_uri = f"{self.origin}{self.base}/callback/idp"
        client = FakeClient(
            client_id="web",
            client_secret=CLIENT_SECRET,
            redirect_uris=(redirect_uri,),
        )
        provider = FakeProvider(issuer=self.idp, clients=[client])
        auth = FastAPIAuth(self.config(provider))
        app = FastAPI()
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(self.guests),
            allow_credentials=True,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "X-Auth-Return-Redirect"],
        )
        app.include_router(auth.router)
        app.mount("/idp", provider.asgi)

        @app.get("/me")
        async def me(session: Annotated[Session, Depends(auth.required)]) -> str | None:
            return session.user.email

        @app.get("/react")
        async def react() -> HTMLResponse:
            return HTMLResponse(REACT)

        @app.get("/example")
        async def example() -> FileResponse:
            return FileResponse(EXAMPLE)

        @app.get("/react.js")
        async def bundle() -> FileResponse:
            assert self.script is not None
            return FileResponse(self.script)

        @app.get("/{path:path}")
        async def page(path: str, of: str = "") -> HTMLResponse:
            options = "{ interval: 1 }" if path == "polling" else "undefined"
            client = f"{of}/client.js" if of else f"{self.base}/client.js"
            return HTMLResponse(PAGE.format(client=client, options=options))

        return app


@contextmanager
def serving(app: ClientApp, listening: socket) -> Iterator[ClientApp]:
    """Serve ``app`` from a thread."""
    settings = uvicorn.Config(app.site(), log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield app
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def two_apps(script: Path) -> Iterator[tuple[ClientApp, ClientApp]]:
    """One with the routes at ``/auth``, and one with them at ``/api/auth``, which trusts its pages."""
    with (
        create_server(("127.0.0.1", 0)) as first,
        create_server(("127.0.0.1", 0)) as second,
    ):
        origins = [f"http://localhost:{s.getsockname()[1]}" for s in (first, second)]
        plain = ClientApp(origins[0], "/auth")
        other = ClientApp(origins[1], "/api/auth", guests=(origins[0],), script=script)
        with serving(plain, first), serving(other, second):
            yield plain, other
