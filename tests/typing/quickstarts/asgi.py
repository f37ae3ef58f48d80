"""The first program of docs/integrations/asgi.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from authwire import Auth, AuthConfig
from authwire.integrations.asgi import AuthMiddleware, session
from authwire.providers import GitHub
from authwire.runtime.asgi import Receive, Scope, Send

auth = Auth(AuthConfig(providers=[GitHub]))


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    current = await session(scope, auth)
    text = f"Hello {current.user.name if current else 'stranger'}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})


app = AuthMiddleware(hello, auth, protect=["/account/*"])
