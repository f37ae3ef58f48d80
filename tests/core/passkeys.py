"""Somebody with a browser and a passkey."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.core.harness import Browser
from tests.soft_passkey import SoftPasskey

from authwire import Response

CHALLENGE_COOKIE = "authjs.challenge"
FOLLOW = {"x-auth-return-redirect": "1"}


@dataclass
class Visitor:
    """Goes through ceremonies as a page's script would."""

    browser: Browser
    key: SoftPasskey = field(default_factory=SoftPasskey)
    provider: str = "passkey"

    def ask(self, **query: str) -> Response:
        return self.browser.get(f"webauthn-options/{self.provider}", urlencode(query))

    def options(self, **query: str) -> dict[str, Any]:
        """The options of a ceremony that must be offered."""
        answer = self.ask(**query)
        assert answer.status == 200, answer.body
        return dict(json.loads(answer.body)["options"])

    def post(
        self, action: str, data: Any, *, headers: Mapping[str, str] | None = None, **fields: str
    ) -> Response:
        form = {"action": action, "data": data if isinstance(data, str) else json.dumps(data)}
        return self.browser.send(
            "POST",
            f"/auth/callback/{self.provider}",
            form=form | fields,
            headers={**FOLLOW, **(headers or {})},
        )

    def register(self, email: str | None = "ada@example.com", **changes: Any) -> Response:
        """Make a passkey: for a new user, or without ``email`` for whoever is signed in."""
        query = {"action": "register"} | ({} if email is None else {"email": email})
        return self.post("register", self.key.register(self.options(**query), **changes))

    def sign_in(self, email: str | None = None, **changes: Any) -> Response:
        query = {"action": "authenticate"} | ({} if email is None else {"email": email})
        return self.post("authenticate", self.key.authenticate(self.options(**query), **changes))

    def leave(self) -> None:
        """Everything in the browser is forgotten, but not the passkey."""
        self.browser.cookies.clear()

    @property
    def email(self) -> str | None:
        """Who is signed in."""
        session = self.browser.session()
        return None if session is None else session["user"]["email"]


def went_to(answer: Response) -> str:
    """Where a script is sent; for an error its name alone."""
    url = json.loads(answer.body)["url"]
    error = parse_qs(urlsplit(url).query).get("error")
    return error[0] if error else str(url)
