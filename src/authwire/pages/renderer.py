"""Answers with a page. All that no request changes is prepared once, in `Renderer`."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup

from authwire.config import Theme
from authwire.http import Response
from authwire.pages.marks import icon
from authwire.pages.script import PASSKEY_SCRIPT
from authwire.pages.signin import alerts, signin_body, visible
from authwire.pages.template import Template, clean, fill_text, slot
from authwire.pages.theme import image_source, stylesheet
from authwire.providers._types import Provider, WebAuthn
from authwire.texts import Texts

__all__ = ["PageView", "Renderer"]

_ERROR_STATUS: Final = {"Configuration": 500, "AccessDenied": 403, "Verification": 403}
_CALLBACK: Final = (Markup('<input type="hidden" name="callbackUrl" value="'), Markup('">'))
_NOTHING: Final = Markup("")
# Pages are compiled per `Texts`: one for each language, unless an app makes them up as it goes.
_MAX_LANGUAGES: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """What every page needs to know of the request."""

    texts: Texts
    origin: str
    """Such as ``https://app.example``."""
    host: str
    """As shown to people."""
    base_url: str
    """Origin and base path, without a slash at the end."""
    csrf_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages in one language, with slots."""

    alerts: Mapping[str, Markup]
    alert: Markup
    signin: Template
    signout: Template
    errors: Mapping[str, Template]
    error: Template
    verify_request: Template
    confirm: Template
    confirm_anonymous: Template


class Renderer:
    """The built-in pages for one theme and list of providers. May be shared between threads."""

    def __init__(self, *, theme: Theme, providers: Sequence[Provider]) -> None:
        self._providers = visible(providers)
        styles = [provider.style for provider in self._providers]
        css = stylesheet(theme, styles)
        self._logo = theme.logo if theme.logo and image_source(theme.logo) else None
        self._head = _head(theme, css)
        images = [self._logo, *(style.logo for style in styles)]
        sources = [url for url in images if url]
        self._headers = _headers(css, sources)
        self._scripted = any(isinstance(provider, WebAuthn) for provider in self._providers)
        self._signin_headers = _headers(css, sources, script=self._scripted)
        self._pages: dict[Texts, _Pages] = {}
        self._latest: tuple[Texts, _Pages] | None = None

    def signin(
        self,
        view: PageView,
        *,
        callback_url: str,
        email: str | None = None,
        error: str | None = None,
    ) -> Response:
        """All ways to sign in.

        ``callback_url`` is where the browser wants to go afterwards, checked by the caller;
        ``email`` fills in the magic-link form; ``error`` is the word in ``?error=``, if any: words
        that nobody knows get a general sentence.
        """
        pages = self._in(view.texts)
        return self._send(
            pages.signin,
            view,
            csrf=view.csrf_token or "",
            callback=_CALLBACK[0] + clean(callback_url) + _CALLBACK[1]
            if callback_url
            else _NOTHING,
            email=Markup(' value="{}"').format(clean(email)) if email else _NOTHING,
            alert=pages.alerts.get(error, pages.alert) if error else _NOTHING,
        )

    def signout(self, view: PageView, *, query_string: str = "") -> Response:
        """Asks before it signs out. The form posts back the page's own query, as sent."""
        query = f"?{query_string}" if query_string else ""
        pages = self._in(view.texts)
        return self._send(pages.signout, view, csrf=view.csrf_token or "", query=query)

    def error(self, view: PageView, *, error: str | None) -> Response:
        """Tells that it did not work, in the words for this error, and offers to start again.

        ``view.host`` may be empty, when a host is what went wrong: there is no way back then.
        """
        pages = self._in(view.texts)
        page = pages.errors.get(error or "", pages.error)
        back = _link(clean(view.origin), view.texts.back_link, clean(view.host))
        return self._send(
            page,
            view,
            status=_ERROR_STATUS.get(error or "", 200),
            back=back if view.host else "",
        )

    def verify_request(self, view: PageView) -> Response:
        """The magic link is on its way."""
        return self._send(self._in(view.texts).verify_request, view)

    def confirm(self, view: PageView, *, action: str, email: str | None) -> Response:
        """A click that only a person makes, before the magic link is used up.

        ``action`` is the link itself, to which the form posts; ``email`` is whom it signs in.
        """
        pages = self._in(view.texts)
        return self._send(
            pages.confirm if email else pages.confirm_anonymous,
            view,
            action=action,
            csrf=view.csrf_token or "",
            address=email or "",
        )

    def _send(
        self, page: Template, view: PageView, *, status: int = 200, **values: str
    ) -> Response:
        values |= {"base": view.base_url, "origin": view.origin, "host": view.host}
        headers = self._signin_headers if "alert" in values else self._headers
        return Response(status=status, headers=headers, body=page.fill(values))

    def _in(self, texts: Texts) -> _Pages:
        latest = self._latest
        if latest is not None and latest[0] is texts:  # to look them up, all texts must be hashed
            return latest[1]
        pages = self._pages.get(texts)
        if pages is None:
            if len(self._pages) >= _MAX_LANGUAGES:
                self._pages.clear()
            pages = self._pages[texts] = self._compile(texts)
        self._latest = texts, pages
        return pages

    def _compile(self, texts: Texts) -> _Pages:
        known, other = alerts(texts)
        return _Pages(
            alerts=known,
            alert=other,
            signin=self._signin(texts),
            signout=self._signout(texts),
            errors={
                "Configuration": self._error(
                    texts, texts.configuration_heading, texts.configuration_message
                ),
                "AccessDenied": self._error(
                    texts, texts.access_denied_heading, texts.access_denied_message
                ),
                "Verification": self._error(
                    texts, texts.verification_heading, texts.verification_message
                ),
            },
            error=self._error(texts, texts.error_heading, texts.error_message),
            verify_request=self._verify_request(texts),
            confirm=self._confirm(texts, texts.confirm_message),
            confirm_anonymous=self._confirm(texts, texts.confirm_message_anonymous),
        )

    def _signin(self, texts: Texts) -> Template:
        header = self._header(texts.signin_heading, texts.signin_intro)
        body = slot("alert") + signin_body(texts, self._providers)
        if self._scripted:
            body += Markup('<script type="module" src="{}/webauthn.js?v={}"></script>').format(
                slot("base"), PASSKEY_SCRIPT.version
            )
        return self._page(texts, texts.signin_title, header, body)

    def _signout(self, texts: Texts) -> Template:
        header = self._header(texts.signout_heading, texts.signout_message)
        body = _form(slot("base") + "/signout" + slot("query"), texts.signout_submit)
        body += _link(slot("origin"), texts.signout_cancel, slot("host"))
        return self._page(texts, texts.signout_title, header, body)

    def _error(self, texts: Texts, heading: str, message: str) -> Template:
        header = self._header(heading, message, icon_name="alert", tone=" bad")
        body = Markup('<a class="button main" href="{}/signin"><span>{}</span></a>').format(
            slot("base"), clean(texts.error_signin_link)
        )
        return self._page(texts, texts.error_title, header, body + slot("back"))

    def _verify_request(self, texts: Texts) -> Template:
        header = self._header(texts.verify_heading, texts.verify_message, icon_name="mail")
        body = Markup('<p class="quiet">{}</p>').format(clean(texts.verify_hint))
        body += _link(slot("origin"), texts.back_link, slot("host"))
        return self._page(texts, texts.verify_title, header, body)

    def _confirm(self, texts: Texts, message: str) -> Template:
        header = self._header(texts.confirm_heading, message, icon_name="mail")
        body = _form(slot("action"), texts.confirm_submit)
        return self._page(texts, texts.confirm_title, header, body)

    def _header(
        self, heading: str, message: str, *, icon_name: str | None = None, tone: str = ""
    ) -> Markup:
        host = _set_apart(slot("host"))
        logo = (
            Markup('<img class="logo" src="{}" alt="{}">').format(clean(self._logo), slot("host"))
            if self._logo
            else ""
        )
        mark = (
            Markup('<div class="icon{}">{}</div>').format(tone, icon(icon_name))
            if icon_name
            else ""
        )
        return Markup("<header>{}{}<h1>{}</h1><p>{}</p></header>").format(
            logo,
            mark,
            fill_text(heading, host=host),
            fill_text(message, host=host, email=_set_apart(slot("address"))),
        )

    def _page(self, texts: Texts, title: str, header: Markup, body: Markup) -> Template:
        """One card on a page of its own."""
        return Template(
            Markup(
                '<!doctype html><html lang="{}" dir="{}"><head>{}<title>{}</title></head>'
                "<body><main>{}{}</main></body></html>"
            ).format(clean(texts.lang), clean(texts.dir), self._head, clean(title), header, body)
        )


def _head(theme: Theme, css: str) -> Markup:
    schemes = "light dark" if theme.color_scheme == "auto" else theme.color_scheme
    return Markup(
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="{}"><style>{}</style>'
        # The stylesheet is our own file and colours rebuilt from numbers; escaping would break it.
    ).format(schemes, Markup(css))  # noqa: S704  # as said above


def _headers(
    css: str, images: Sequence[str], *, script: bool = False
) -> tuple[tuple[str, str], ...]:
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    sources = dict.fromkeys(["'self'", "data:", *filter(None, map(image_source, images))])
    # No form-action: Chromium applies it to redirects after a form too, and ours lead to providers.
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src {' '.join(sources)}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    if script:
        policy += "; script-src 'self'; connect-src 'self'"
    return (
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "private, no-store"),
        ("content-security-policy", policy),
        ("cross-origin-opener-policy", "same-origin"),
        # The confirm page has a token in its URL, which no other site may see. Not "no-referrer":
        # forms would then be sent with "Origin: null".
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
    )


def _form(action: Markup, submit: str) -> Markup:
    # The button's id is that of Auth.js' page, for scripts that press it.
    return Markup(
        '<form action="{}" method="post"><input type="hidden" name="csrfToken" value="{}">'
        '<button id="submitButton" class="button main" type="submit"><span>{}</span></button></form>'
    ).format(action, slot("csrf"), clean(submit))


def _link(href: Markup, words: str, host: Markup) -> Markup:
    return Markup('<p class="quiet"><a href="{}">{}</a></p>').format(
        href, fill_text(words, host=_set_apart(host))
    )


def _set_apart(name: Markup) -> Markup:
    """Latin letters that keep their order in a right-to-left sentence."""
    return Markup("<bdi>{}</bdi>").format(name)
