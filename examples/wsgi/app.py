"""Any WSGI app. Run it: ``AUTH_SECRET=$(authwire secret) gunicorn app:app`` and open /me."""

from collections.abc import Iterable, Mapping
from hmac import compare_digest
from typing import Any

from authwire import AuthConfig, Request, SyncAuth, User
from authwire.integrations.wsgi import AuthMiddleware, session
from authwire.providers import Credentials, FormField
from authwire.runtime.wsgi import Environ, StartResponse


def check(form: Mapping[str, Any], request: Request) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    if form.get("username") == "ada" and compare_digest(password, b"lovelace"):
        return User(id="1", name="Ada", email="ada@example.com")
    return None


FIELDS = {"username": FormField(label="Name"), "password": FormField(type="password")}
auth = SyncAuth(AuthConfig(providers=[Credentials(authorize=check, fields=FIELDS)]))


def hello(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Greet whoever is there."""
    current = session(environ, auth)
    text = f"Hi {current.user.name if current else 'stranger'}"
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode()]


app = AuthMiddleware(hello, auth, protect=["/me"])
