"""The provider's pages. No script, but for the one that posts an answer on (``form_post``)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup

from authwire.http import Cookie, Response
from authwire.pages.colors import Color, parse_color
from authwire.testing._provider.model import Callback, FakeUser

__all__ = ["Pages", "avatar"]

_SCRIPT: Final = "document.forms[0].submit()"
_SHARED: Final = {
    "openid": "who you are",
    "profile": "your name and picture",
    "email": "your e-mail address",
    "offline_access": "access while you are away",
}
_LIGHT, _DARK = Color(255, 253, 250), Color(31, 28, 23)
_COLORS: Final = ("#9c36b5", "#2b8a3e", "#c2255c", "#1971c2", "#b35309", "#0b7285", "#5f3dc4")
_PAGE: Final = Markup(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>{title} · {name}</title>
<style>{css}</style>
</head>
<body>
<div class="bar"><svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
stroke-linecap="round" aria-hidden="true"><rect x="3" y="5" width="18" height="14" rx="3"/>
<circle cx="9" cy="11" r="2"/><path d="M6 16c.6-1.600 1.700-2.200 3-2.200s2.400.6 3 2.200M15 10h3M15 14h3"
/></svg><span>{name}</span><small>for tests and demos</small></div>
<div class="room"><main>
{content}
</main></div>
</body>
</html>
"""
)
_CONSENT: Final = Markup(
    """<header><h1>Choose an account</h1><p>to continue to <b>{client}</b></p></header>
<form method="post" action="{action}">
<input type="hidden" name="request" value="{request}">
<ul>
{people}
</ul>
<p class="shares">{client} will learn {shared}. Nobody here has a password.</p>
<div class="end"><button class="quiet" name="decision" value="deny">Cancel</button></div>
</form>"""
)
_PERSON: Final = Markup(
    '<li><button class="person" name="sub" value="{sub}">'
    '<img src="{picture}" alt="" width="40" height="40">'
    '<span><span class="name">{name}</span><span class="mail">{email}</span></span>'
    '<span class="arrow" aria-hidden="true">&rsaquo;</span></button></li>'
)
_ONWARD: Final = Markup(
    """<form method="post" action="{action}">
{fields}
<header><h1>One more step</h1><p>You are on your way back to <b>{client}</b>.</p></header>
<div class="end"><button class="quiet">Continue</button></div>
</form>
<script>{script}</script>"""
)
_MESSAGE: Final = Markup('<div class="plain"><h1>{heading}</h1><p>{text}</p></div>')
_AVATAR: Final = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><rect width="80" height="80" '
    'fill="{color}"/><text x="40" y="41" fill="#fff" font-family="system-ui,sans-serif" '
    'font-size="32" font-weight="600" text-anchor="middle" dominant-baseline="central">{initials}'
    "</text></svg>"
)


class Pages:
    """HTML in the provider's look.

    Args:
        name: of the provider.
        accent: its colour, as CSS writes it.
    """

    def __init__(self, *, name: str, accent: str) -> None:
        brand = parse_color(accent)
        if brand is None:
            raise ValueError(f"not a colour: {accent}")
        self._name = name
        focus = (brand.standing_out(_LIGHT, 3), brand.standing_out(_DARK, 3))
        self._css = (
            f":root{{--accent:{brand};--accent-text:{brand.readable()};--focus:{focus[0]}}}"
            f"@media (prefers-color-scheme:dark){{:root{{--focus:{focus[1]}}}}}{_rules()}"
        )

    def consent(
        self,
        *,
        action: str,
        request: str,
        client: str,
        people: Sequence[tuple[FakeUser, str]],
        scope: tuple[str, ...],
        redirect_uri: str,
    ) -> Response:
        """Whom to sign in as; each of ``people`` comes with the URL of a picture."""
        rows = Markup("\n").join(
            _PERSON.format(
                sub=user.sub, picture=picture, name=user.name or user.sub, email=user.email or ""
            )
            for user, picture in people
        )
        shared = [_SHARED[name] for name in scope if name in _SHARED] or ["who you are"]
        content = _CONSENT.format(
            action=action,
            request=request,
            client=client,
            people=rows,
            shared=" and ".join(filter(None, (", ".join(shared[:-1]), shared[-1]))),
        )
        # A browser applies form-action to where the form is redirected to as well.
        return self._page("Choose an account", content, forms=f"'self' {_source(redirect_uri)}")

    def onward(self, callback: Callback, client: str, cookies: tuple[Cookie, ...] = ()) -> Response:
        """A form that posts itself to the app (OAuth 2.0 Form Post Response Mode §2)."""
        fields = Markup("\n").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
            for name, value in callback.params.items()
        )
        content = _ONWARD.format(
            action=callback.redirect_uri,
            client=client,
            fields=fields,
            script=Markup(_SCRIPT),  # noqa: S704 - our own literal
        )
        forms = _source(callback.redirect_uri)
        return self._page("One more step", content, forms=forms, script=_SCRIPT, cookies=cookies)

    def message(
        self,
        heading: str,
        text: str,
        *,
        status: int = 200,
        cookies: tuple[Cookie, ...] = (),
    ) -> Response:
        """A page that only tells something."""
        content = _MESSAGE.format(heading=heading, text=text)
        return self._page(heading, content, status=status, cookies=cookies)

    def _page(
        self,
        title: str,
        content: Markup,
        *,
        status: int = 200,
        forms: str = "'none'",
        script: str | None = None,
        cookies: tuple[Cookie, ...] = (),
    ) -> Response:
        css = Markup(self._css)  # noqa: S704 - our own stylesheet and colours that were parsed
        html = _PAGE.format(title=title, name=self._name, css=css, content=content)
        policy = [
            "default-src 'none'",
            f"style-src '{_hash(self._css)}'",
            "img-src 'self' data: https:",
            f"form-action {forms}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
        if script is not None:
            policy.append(f"script-src '{_hash(script)}'")
        headers = (
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("content-security-policy", "; ".join(policy)),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        )
        body = html.encode("utf-8", "replace")
        return Response(status=status, headers=headers, body=body, cookies=cookies)


def avatar(user: FakeUser, number: int) -> Response:
    """The user's initials, on a colour by ``number``."""
    words = (user.name or user.sub).split()
    initials = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    color = _COLORS[number % len(_COLORS)]
    headers = (
        ("content-type", "image/svg+xml"),
        ("cache-control", "max-age=3600"),
        ("content-security-policy", "default-src 'none'"),
        ("x-content-type-options", "nosniff"),
    )
    body = _AVATAR.format(color=color, initials=initials).encode("utf-8", "replace")
    return Response(headers=headers, body=body)


@cache
def _rules() -> str:
    return files("authwire.testing._provider").joinpath("provider.css").read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _source(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
