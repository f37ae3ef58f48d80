"""The auth routes as an OpenAPI 3.1 document, for clients in other languages and for API pages.

    document = openapi(auth)

To show them beside your own in FastAPI::

    own = app.openapi
    app.openapi = lambda: add_to(own(), auth.auth)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from authwire.auth import Auth, SyncAuth
from authwire.config import Cookies
from authwire.http import Request
from authwire.models import JSON
from authwire.openapi._facts import Facts
from authwire.openapi._operations import paths
from authwire.openapi._schemas import schemas, security_schemes
from authwire.resolve.cookies import cookie_table

__all__ = ["add_to", "openapi"]

_TAG: Final = {
    "name": "auth",
    "description": "Signing in and out. The routes, cookies and tokens are those of Auth.js.",
}


def openapi(
    source: Auth[Any] | SyncAuth[Any] | str = "/auth",
    *,
    secure: bool | None = None,
    title: str = "Authentication",
    version: str = "1",
) -> JSON:
    """Describe the auth routes.

    Args:
        source: an `Auth`, for its own providers, pages and cookie names; or a base path, for the
            defaults. If the config of an `Auth` is chosen by request, only its base path is known.
        secure: whether the cookies have their https names. Default: if the config says so.
        title: for ``info``.
        version: that of your API.

    Returns:
        The document, ready for ``json.dumps``.
    """
    facts = _facts(source, secure=secure)
    document = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "tags": [dict(_TAG)],
        "paths": paths(facts),
        "components": {"schemas": schemas(facts), "securitySchemes": security_schemes(facts)},
    }
    made: JSON = json.loads(json.dumps(document))  # no part is shared: callers may change it
    return made


def add_to(
    document: Mapping[str, Any],
    source: Auth[Any] | SyncAuth[Any] | str = "/auth",
    *,
    secure: bool | None = None,
) -> JSON:
    """A copy of ``document`` with the auth routes in it. What is there already stays as it is.

    Args:
        document: an OpenAPI 3.1 document, such as FastAPI's.
        source: see `openapi`.
        secure: see `openapi`.
    """
    merged = deepcopy(dict(document))
    ours = openapi(source, secure=secure)
    for path, operations in ours["paths"].items():
        merged.setdefault("paths", {})[path] = operations | merged.get("paths", {}).get(path, {})
    for kind, items in ours["components"].items():
        there = merged.setdefault("components", {}).setdefault(kind, {})
        there |= {name: item for name, item in items.items() if name not in there}
    tags = merged.setdefault("tags", [])
    if all(tag.get("name") != _TAG["name"] for tag in tags):
        tags += ours["tags"]
    return merged


def _facts(source: Auth[Any] | SyncAuth[Any] | str, *, secure: bool | None) -> Facts:
    if isinstance(source, str) or source.config is None:
        base = source if isinstance(source, str) else source.base_path()
        table, _ = cookie_table(Cookies(), secure=bool(secure))
        return Facts(
            base_path="/" + base.strip("/") if base.strip("/") else "",
            session_cookie=table.session_token.name,
            csrf_cookie=table.csrf_token.name,
            csrf=True,
            providers=None,
            pages=None,
        )
    engine = source.engine(Request(method="GET", path="/"))
    if secure is None:
        secure = engine.use_secure_cookies
    if secure is None:
        secure = (engine.hosts.url or "").startswith("https:")
    table = engine.cookies_secure if secure else engine.cookies_plain
    return Facts(
        base_path=engine.base_path,
        session_cookie=table.session_token.name,
        csrf_cookie=table.csrf_token.name,
        csrf=not engine.skip_csrf_check,
        providers={name: bound.provider.type for name, bound in engine.providers.items()},
        pages=engine.pages,
    )
