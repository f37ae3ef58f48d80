"""What every answer of the demo's own pages carries, and where it may be asked for."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SCRIPT_POLICY", "Shield"]

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SCRIPT_POLICY: Final = f"{_POLICY}; script-src 'self'; connect-src 'self'"
"""For a page that makes passkeys: those take a script."""
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class Shield:
    """Sends browsers to the one URL of the app, and adds the security headers that an answer lacks.

    An answer under any other name would set cookies there and send the browser elsewhere to sign in.
    It would also be readable for a page that points its own name at this computer (DNS rebinding).

    Args:
        app: the app to wrap.
        url: where it is.
    """

    def __init__(self, app: ASGIApp, url: str) -> None:
        self._app = app
        self._url = url
        self._host = urlsplit(url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if Headers(scope=scope).get("host", "").lower() != self._host:
            await self._elsewhere(scope)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)

    def _elsewhere(self, scope: Scope) -> ASGIApp:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse(f"The demo is at {self._url}\n", 421)
        query = scope["query_string"].decode("latin-1")
        path = "/" + scope["path"].lstrip("/")
        return RedirectResponse(f"{self._url}{path}{'?' if query else ''}{query}", 307)
