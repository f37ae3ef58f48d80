"""PKCE, state and nonce: what ties a provider's answer to the browser that asked.

Each is a sealed cookie of ``{value, provider}`` that lives 15 minutes, is bound to its provider and to
its own name, and is cleared when used. The first sign-in of a browser uses Auth.js' cookie names. One
that starts while another at the same provider is pending (a second tab) gets names of its own, with
the hash of its state as suffix, so that neither disturbs the other. Who chooses another provider has
changed their mind: that sign-in takes the place of the pending one, as in Auth.js.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Literal

from authwire.core.context import Context
from authwire.core.engine import CookieSpec, Engine
from authwire.errors import InvalidCheck
from authwire.models import JSON, U
from authwire.protocol import pkce
from authwire.protocol.discovery import ServerMetadata
from authwire.protocol.jwe import InvalidToken
from authwire.providers._types import Check, OAuthProvider

__all__ = [
    "CHECK_LIFE",
    "Expected",
    "begin_checks",
    "decode_state",
    "effective_checks",
    "use_checks",
]

CHECK_LIFE: Final = timedelta(minutes=15)
STATE_SALT: Final = "encodedState"
MAX_PENDING: Final = 4
"""Sign-ins in further tabs that a browser may have pending; older ones are dropped beyond that."""

Name = Literal["state", "pkce", "nonce"]
_COOKIE: Final[Mapping[Name, str]] = {
    "state": "state",
    "pkce": "pkce_code_verifier",
    "nonce": "nonce",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The values of one sign-in's checks; None where there is no such check."""

    state: str | None = field(default=None, repr=False)
    code_verifier: str | None = field(default=None, repr=False)
    nonce: str | None = field(default=None, repr=False)
    callback_url: str | None = None
    """Where the sign-in of a further tab shall end, as its browser says; None for the first tab,
    whose cookie every request reads."""


def effective_checks(provider: OAuthProvider, server: ServerMetadata) -> frozenset[Check]:
    """The provider's checks, with a nonce where PKCE alone may not hold.

    A server that does not advertise S256 may ignore the challenge; the nonce then protects against
    injected codes (RFC 9700 §2.1.1).
    """
    checks: set[Check] = {check for check in provider.checks if check != "none"}
    unsure = "S256" not in (server.code_challenge_methods_supported or ())
    if provider.type == "oidc" and "pkce" in checks and unsure:
        checks.add("nonce")
    return frozenset(checks)


def begin_checks(
    ctx: Context[U],
    provider: OAuthProvider,
    checks: Collection[Check],
    *,
    origin: str | None,
    cross_site: bool,
) -> Expected:
    """Make the values of a new sign-in and send their cookies.

    Args:
        ctx: the request.
        provider: whose sign-in.
        checks: which to use.
        origin: the callback URL that a redirect proxy shall send the browser on to.
        cross_site: the answer will be posted from the provider's site (``form_post``), and browsers
            send only ``SameSite=None`` cookies along.

    Returns:
        What to put into the authorization request.
    """
    engine = ctx.engine
    second = _is_pending(ctx, provider)
    values: dict[Name, str] = {}
    if "state" in checks or second:
        random = {"random": _base64url(engine.random(32))}
        claims = random if origin is None else {"origin": origin, **random}
        values["state"] = engine.seal(claims, salt=STATE_SALT, max_age=CHECK_LIFE)
    if "pkce" in checks:
        values["pkce"] = pkce.create_verifier(engine.random(32))
    if "nonce" in checks:
        values["nonce"] = _base64url(engine.random(32))
    suffix = ""
    if second:
        suffix = _suffix(values["state"])
        _drop_abandoned(ctx)
    for name, value in values.items():
        spec = _spec(ctx, name, suffix)
        sealed = engine.seal(
            {"value": value, "provider": provider.id}, salt=spec.name, max_age=CHECK_LIFE
        )
        ctx.jar.set(
            _crossing(spec) if cross_site else spec, sealed, expires=engine.now() + CHECK_LIFE
        )
    if second or cross_site:
        _remember_target(ctx, suffix, cross_site=cross_site)
    return _expected(values)


def use_checks(
    ctx: Context[U],
    provider: OAuthProvider,
    checks: Collection[Check],
    *,
    state: str | None,
    cross_site: bool,
) -> Expected:
    """Read and clear the check cookies of the sign-in that a callback with ``state`` answers.

    Raises:
        InvalidCheck: if a cookie that must be there is missing, foreign, altered or expired.
    """
    suffix = _suffix(state) if state else ""
    own = suffix != "" and ctx.cookie(_spec(ctx, "state", suffix)) is not None
    found: dict[Name, str] = {}
    for name in _COOKIE:
        # Further tabs always have a state, whether or not the provider's checks ask for one.
        if name in checks or (own and name == "state"):
            spec = _spec(ctx, name, suffix if own else "")
            found[name] = _open(ctx, provider, name, spec)
            ctx.jar.clear(_crossing(spec) if cross_site else spec)
    if not own:
        return _expected(found)
    target = _suffixed(ctx.cookies.callback_url, suffix)
    ctx.jar.clear(_crossing(target) if cross_site else target)
    return replace(_expected(found), callback_url=ctx.cookie(target))


def _remember_target(ctx: Context[U], suffix: str, *, cross_site: bool) -> None:
    """Send the callback URL in a cookie that the answer will bring along, one for each tab."""
    spec = ctx.cookies.callback_url
    if suffix:
        ctx.jar.discard(spec.name)  # it belongs to the first tab
        spec = _suffixed(spec, suffix)
        spec = replace(spec, options=replace(spec.options, max_age=_seconds(CHECK_LIFE)))
    ctx.jar.set(_crossing(spec) if cross_site else spec, ctx.callback_url)


def _is_pending(ctx: Context[U], provider: OAuthProvider) -> bool:
    """Whether this browser holds check cookies of a sign-in at ``provider``, under the plain names."""
    for name in _COOKIE:
        try:
            _open(ctx, provider, name, _spec(ctx, name))
        except InvalidCheck:
            continue
        return True
    return False


def decode_state(engine: Engine[U], state: str) -> JSON:
    """What `begin_checks` put into a state; readable to every deployment with our secret.

    Raises:
        InvalidCheck: if it is not ours or has expired.
    """
    try:
        return engine.unseal(state, salt=STATE_SALT)
    except InvalidToken as exc:
        raise InvalidCheck("the state cannot be decoded") from exc


def _open(ctx: Context[U], provider: OAuthProvider, name: Name, spec: CookieSpec) -> str:
    sealed = ctx.cookie(spec)
    if not sealed:
        raise InvalidCheck(
            f"the {name} cookie is missing: it expired, was used already, or the sign-in began elsewhere"
        )
    try:
        claims = ctx.engine.unseal(sealed, salt=spec.name)
    except InvalidToken as exc:
        raise InvalidCheck(f"the {name} cookie cannot be read") from exc
    if claims.get("provider") != provider.id:
        raise InvalidCheck(f"the {name} cookie was made for another provider")
    value = claims.get("value")
    if not isinstance(value, str) or not value:
        raise InvalidCheck(f"the {name} cookie is empty")
    return value


def _expected(values: Mapping[Name, str]) -> Expected:
    return Expected(
        state=values.get("state"), code_verifier=values.get("pkce"), nonce=values.get("nonce")
    )


def _spec(ctx: Context[U], name: Name, suffix: str = "") -> CookieSpec:
    return _suffixed(getattr(ctx.cookies, _COOKIE[name]), suffix)


def _suffixed(spec: CookieSpec, suffix: str) -> CookieSpec:
    return replace(spec, name=f"{spec.name}.{suffix}") if suffix else spec


def _crossing(spec: CookieSpec) -> CookieSpec:
    """The cookie as it must be to come along with a POST from another site."""
    return replace(spec, options=replace(spec.options, same_site="none", secure=True))


def _suffix(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()[:12]


def _drop_abandoned(ctx: Context[U]) -> None:
    """Clear the cookies of further tabs once there are too many: headers have a size limit."""
    prefix = ctx.cookies.state.name + "."
    suffixes = [name[len(prefix) :] for name in ctx.request.cookies if name.startswith(prefix)]
    if len(suffixes) < MAX_PENDING:
        return
    for suffix in suffixes:
        specs = [_spec(ctx, name, suffix) for name in _COOKIE]
        for spec in (*specs, _suffixed(ctx.cookies.callback_url, suffix)):
            if spec.name in ctx.request.cookies:
                ctx.jar.clear(spec)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
