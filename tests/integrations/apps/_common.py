"""What the apps have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.validate import validator

from tests.integrations.world import World

from authwire import AuthConfig, Session, User
from authwire.http import Response
from authwire.runtime.wsgi import Environ, StartResponse, WSGIApp
from authwire.testing.client import AuthClient

__all__ = ["PROTECT", "PUBLIC", "Builder", "Built", "as_json", "over_asgi", "over_wsgi", "who"]

PROTECT = ["/vault/*"]
PUBLIC = ["/vault/open"]


@dataclass(frozen=True)
class Built:
    """An app, and the browser that talks to it."""

    browser: AuthClient
    close: Callable[[], None] = lambda: None


Builder = Callable[[AuthConfig[User], World], Built]


def who(session: Session[Any] | None) -> dict[str, Any]:
    return {"name": session.user.name if session else None}


def as_json(data: object) -> Response:
    fields = (("content-type", "application/json"),)
    return Response(headers=fields, body=json.dumps(data).encode())


def over_asgi(app: Any, world: World) -> Built:
    browser = AuthClient.asgi(app, now=world.now, base_url=world.origin, base_path=world.base_path)
    return Built(browser, browser.close)


def over_wsgi(app: Any, world: World, close: Callable[[], None] = lambda: None) -> Built:
    checked = validator(_with_content_type(app))  # PEP 3333 to the letter
    browser = AuthClient.wsgi(
        checked, now=world.now, base_url=world.origin, base_path=world.base_path
    )
    return Built(browser, close)


def _with_content_type(app: WSGIApp) -> WSGIApp:
    """The validator wants one even where there is no content, which PEP 3333 does not."""

    def wrapped(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if not any(name.lower() == "content-type" for name, _ in headers):
                headers = [*headers, ("Content-Type", "text/plain")]
            return start_response(status, headers, *exc_info)

        return app(environ, begin)

    return wrapped
