"""Any ASGI app. Run it: ``AUTH_SECRET=$(authwire secret) uvicorn app:app`` and open /me."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from authwire import Auth, AuthConfig, Request, User
from authwire.integrations.asgi import AuthMiddleware, session
from authwire.providers import Credentials, FormField
from authwire.runtime.asgi import Receive, Scope, Send


def check(form: Mapping[str, Any], request: Request) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    if form.get("username") == "ada" and compare_digest(password, b"lovelace"):
        return User(id="1", name="Ada", email="ada@example.com")
    return None


FIELDS = {"username": FormField(label="Name"), "password": FormField(type="password")}
auth = Auth(AuthConfig(providers=[Credentials(authorize=check, fields=FIELDS)]))


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Greet whoever is there."""
    if scope["type"] != "http":
        raise TypeError("this app speaks HTTP only")
    current = await session(scope, auth)
    text = f"Hi {current.user.name if current else 'stranger'}"
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


app = AuthMiddleware(hello, auth, protect=["/me"])
