"""A test client that is signed in already, without going through a sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from http.cookies import SimpleCookie
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from authwire.auth import Auth, SyncAuth
from authwire.core.context import Context
from authwire.core.engine import Engine
from authwire.core.guards import glance
from authwire.core.identity import Identity
from authwire.core.sessions import sessions_of
from authwire.http import Cookie, Headers, Request, quote_component
from authwire.models import Account, U, User
from authwire.runtime import PortalRuntime
from authwire.testing._browser import BrowserCookies

__all__ = ["session_cookies", "signed_in"]

C = TypeVar("C")


def signed_in(client: C, user: User, auth: Any = None, *, base_url: str | None = None) -> C:
    """Give a framework's own test client the session cookie of ``user``.

    For example::

        client = signed_in(TestClient(app), User(id="1", name="Ada"), auth)
        assert client.get("/me").status_code == 200

    Works with the clients of Starlette, FastAPI, Litestar, Sanic and all others built on httpx or
    httpx2, of Flask, Quart, Django, aiohttp, Falcon, WebTest (Pyramid, Bottle), and with `AuthClient`.

    Args:
        client: the test client.
        user: who is to be signed in. With database sessions the user is created if there is none
            with this id.
        auth: the integration, or an `Auth` or `SyncAuth`. Not needed with Flask.
        base_url: what the client asks for, if it does not say so itself. Default: ``http://localhost``.

    Returns:
        The same client.

    Raises:
        TypeError: if the client is of an unknown kind, or ``auth`` is missing.
    """
    origin = base_url or _base_url(client) or "http://localhost"
    cookies = session_cookies(_auth_of(client, auth), user, base_url=origin)
    _give(client, cookies, urlsplit(origin).hostname or "localhost")
    return client


def session_cookies(
    auth: Any, user: U, *, base_url: str = "http://localhost"
) -> tuple[Cookie, ...]:
    """The cookies of a new session of ``user``, for requests to ``base_url``.

    Args:
        auth: the integration, or an `Auth` or `SyncAuth`. Its ``jwt`` callback runs.
        user: see `signed_in`.
        base_url: scheme and host; with https the cookies have their ``__Secure-`` names.
    """
    inner = auth if isinstance(auth, Auth | SyncAuth) else getattr(auth, "auth", None)
    if not isinstance(inner, Auth | SyncAuth):
        raise TypeError(
            f"expected an Auth, a SyncAuth or an integration, not {type(auth).__name__}"
        )
    parts = urlsplit(base_url)
    request = Request(
        method="GET",
        path="/",
        scheme=parts.scheme,
        host=parts.netloc,
        headers=Headers([("host", parts.netloc)]),
    )
    ctx = glance(inner.engine(request), request)
    if isinstance(inner, SyncAuth):
        inner._runtime.run(_start(ctx, user))  # noqa: SLF001  # the same package
    else:
        # A loop of its own, as the caller may be in one or in none.
        runtime = PortalRuntime()
        try:
            runtime.run(_start(ctx, user))
        finally:
            runtime.close()
    return ctx.jar.take()


async def _start(ctx: Context[U], user: U) -> None:
    engine: Engine[U] = ctx.engine
    if engine.strategy == "database" and engine.database is not None:
        user = await engine.database.get_user(user.id) or await engine.database.create_user(user)
    account = Account(
        user_id=user.id, type="credentials", provider="testing", provider_account_id=user.id
    )
    await sessions_of(engine).start(ctx, Identity(user=user, account=account, is_new_user=None))


def _auth_of(client: Any, auth: Any) -> Any:
    if auth is not None:
        return auth
    app = getattr(client, "application", None)
    found = getattr(app, "extensions", {}).get("authwire")  # Flask
    if found is None:
        raise TypeError("which Auth? signed_in(client, user, auth)")
    return found


def _base_url(client: Any) -> str | None:
    url = getattr(client, "base_url", None)
    if url is None and type(client).__module__ == "django.test.client":
        return f"http://{client.defaults.get('SERVER_NAME', 'testserver')}"
    if url is None:
        return None
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


def _give(client: Any, cookies: Iterable[Cookie], host: str) -> None:
    """Put ``cookies`` into the jar of whatever kind of client this is."""
    pairs = {cookie.name: quote_component(cookie.value) for cookie in cookies}
    jar: Any = getattr(client, "cookies", None)
    kind = type(client).__module__.partition(".")[0]
    if kind == "aiohttp":
        client.session.cookie_jar.update_cookies(pairs)
    elif kind == "falcon":
        # It has no jar, and no public way to give it more headers.
        sent = "; ".join(f"{name}={value}" for name, value in pairs.items())
        client._default_headers = {**(client._default_headers or {}), "Cookie": sent}  # noqa: SLF001  # see above
    elif isinstance(jar, SimpleCookie):  # Django
        jar.load(pairs)
    elif (put := _setter(client, jar, kind, host)) is not None:
        for name, value in pairs.items():
            put(name, value)
    else:
        raise TypeError(
            f"{type(client).__name__} keeps no cookies that are known here:"
            " send those of session_cookies(auth, user) yourself"
        )


def _setter(client: Any, jar: Any, kind: str, host: str) -> Callable[[str, str], object] | None:
    """What takes one cookie."""
    if isinstance(jar, BrowserCookies) or hasattr(jar, "jar"):  # ours; httpx and httpx2
        return cast("Callable[[str, str], object]", jar.set)
    if not hasattr(client, "set_cookie"):
        return None
    if kind == "quart":
        return partial(client.set_cookie, host)
    if kind == "werkzeug" or hasattr(client, "application"):
        return partial(client.set_cookie, domain=host)
    return partial(_put_webtest, client)


def _put_webtest(client: Any, name: str, value: str) -> None:
    client.set_cookie(name, value)
    for cookie in client.cookiejar:
        if cookie.name == name:
            cookie.value = value  # WebTest has put it into quotes, which belong to the value
