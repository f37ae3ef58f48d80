"""The first program of docs/integrations/wsgi.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from authwire import AuthConfig, SyncAuth
from authwire.integrations.wsgi import AuthMiddleware, session
from authwire.providers import GitHub
from authwire.runtime.wsgi import Environ, StartResponse

auth = SyncAuth(AuthConfig(providers=[GitHub]))


def hello(environ: Environ, start_response: StartResponse) -> list[bytes]:
    current = session(environ, auth)
    text = f"Hello {current.user.name if current else 'stranger'}"
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode()]


app = AuthMiddleware(hello, auth, protect=["/account/*"])
