"""The cookies' names and attributes: Auth.js' defaults, with the config's changes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from authwire.config import CookieConfig, Cookies
from authwire.core.engine import CookieSpec, CookieTable
from authwire.errors import ConfigProblem
from authwire.http import CookieOptions

__all__ = ["cookie_table"]

_NAMES: Final = {
    "session_token": "authjs.session-token",
    "callback_url": "authjs.callback-url",
    "csrf_token": "authjs.csrf-token",
    "pkce_code_verifier": "authjs.pkce.code_verifier",
    "state": "authjs.state",
    "nonce": "authjs.nonce",
    "webauthn_challenge": "authjs.challenge",
}
_CHECK_LIFE: Final = timedelta(minutes=15)
# Auth.js gives these Max-Age besides Expires.
_WITH_MAX_AGE: Final = frozenset({"pkce_code_verifier", "state", "webauthn_challenge"})
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")


def cookie_table(changes: Cookies, *, secure: bool) -> tuple[CookieTable, list[ConfigProblem]]:
    """All cookies for http or https, and what browsers would refuse about them."""
    problems: list[ConfigProblem] = []
    specs: dict[str, CookieSpec] = {}
    for key, name in _NAMES.items():
        # __Host- binds the CSRF cookie to this very host: no sibling domain can plant one.
        prefix = ("__Host-" if key == "csrf_token" else "__Secure-") if secure else ""
        life = _CHECK_LIFE if key in _WITH_MAX_AGE else None
        spec = _spec(prefix + name, getattr(changes, key), secure=secure, life=life)
        problems += _problems(f"cookies.{key}", spec)
        specs[key] = spec
    return CookieTable(**specs), problems


def _spec(name: str, change: CookieConfig, *, secure: bool, life: timedelta | None) -> CookieSpec:
    max_age = change.max_age if change.max_age is not None else life
    return CookieSpec(
        change.name if change.name is not None else name,
        CookieOptions(
            http_only=change.http_only if change.http_only is not None else True,
            same_site=change.same_site if change.same_site is not None else "lax",
            path=change.path if change.path is not None else "/",
            secure=change.secure if change.secure is not None else secure,
            domain=change.domain,
            max_age=int(max_age.total_seconds()) if max_age is not None else None,
        ),
    )


def _problems(where: str, spec: CookieSpec) -> list[ConfigProblem]:
    """What RFC 6265bis §4.1 forbids."""
    found: list[ConfigProblem] = []
    name, options = spec.name, spec.options
    if not _TOKEN.match(name):
        found.append(ConfigProblem("InvalidCookie", where, "not a cookie name", "letters, - and ."))
    if name.startswith(("__Secure-", "__Host-")) and not options.secure:
        found.append(ConfigProblem("InvalidCookie", where, f"{name} must be secure", "secure=True"))
    if name.startswith("__Host-") and (options.domain or options.path != "/"):
        found.append(
            ConfigProblem(
                "InvalidCookie", where, f"{name} allows no domain and only path /", "another name"
            )
        )
    return found
