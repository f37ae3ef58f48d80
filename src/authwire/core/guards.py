"""What a request must pass before any action sees it: host, CSRF token, callback URL."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from authwire.config import RedirectParams
from authwire.core.context import Context
from authwire.core.engine import Engine
from authwire.core.route import Action, Route
from authwire.core.urls import has_control_characters, is_http_url, same_origin
from authwire.errors import (
    InvalidCallbackUrl,
    InvalidProvider,
    MalformedRequest,
    MissingCSRF,
    UntrustedHost,
)
from authwire.http import Request
from authwire.models import U
from authwire.protocol.encoding import same_text

__all__ = ["asked_origin", "check_csrf", "enter", "glance", "origin_of", "resolve_redirect"]

_HOST: Final = re.compile(r"([A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?\Z")
_LOOPBACK: Final = re.compile(r"(localhost|[a-z0-9.\-]+\.localhost|127(\.[0-9]{1,3}){3}|\[::1\])\Z")
_DEFAULT_PORT: Final = {"http": ":80", "https": ":443"}


async def enter(engine: Engine[U], request: Request, target: Route) -> Context[U]:
    """Make the context of a request, or refuse it.

    Raises:
        UntrustedHost, InvalidCallbackUrl: answered as a fault of the configuration.
        InvalidProvider: the path names a provider that is not configured.
        MalformedBody: the body is not what its content type says.
    """
    ctx = glance(engine, request, target.action)
    cookies = ctx.cookies
    asked = request.query.get("callbackUrl")
    if asked and not is_http_url(asked):
        raise InvalidCallbackUrl("callbackUrl must be a path or an http(s) URL")
    remembered = request.cookies.get(cookies.callback_url.name)
    if remembered and remembered != ctx.origin and not _is_usable(remembered):
        remembered = None  # planted from a sibling domain, perhaps: it must not lock anybody out
    if target.provider_id is not None:
        ctx.selected = engine.providers.get(target.provider_id)
        if ctx.selected is None:
            raise InvalidProvider("the path names a provider that is not configured")
    if engine.callbacks.texts is not None:
        ctx.texts = await engine.callbacks.texts(request)
    if request.method == "POST":
        ctx.form = request.form
    _read_csrf(ctx)
    posted = ctx.form.get("callbackUrl")
    wanted = posted if isinstance(posted, str) and posted else asked
    await _set_callback_url(ctx, wanted, remembered)
    return ctx


def glance(engine: Engine[U], request: Request, action: Action = "session") -> Context[U]:
    """A context for merely reading a session in app code: no CSRF token, no callback URL.

    Raises:
        UntrustedHost: if the request's host is not one that the config trusts.
    """
    origin = origin_of(engine, request)
    secure = engine.use_secure_cookies
    if secure is None:
        secure = origin.startswith("https:")
    return Context(
        request=request,
        engine=engine,
        action=action,
        origin=origin,
        cookies=engine.cookies_secure if secure else engine.cookies_plain,
        texts=engine.texts,
    )


# --- host ---------------------------------------------------------------------------------------


def origin_of(engine: Engine[U], request: Request) -> str:
    """The origin that links, redirects and cookies are made for.

    Raises:
        UntrustedHost: if the request's host is not one that the config trusts.
    """
    hosts = engine.hosts
    if hosts.url is not None:
        return hosts.url
    if hosts.rule == "none":
        raise UntrustedHost("no host is trusted · fix: AuthConfig(trust_host=…) or AUTH_URL")
    headers = request.headers
    forwarded = headers.get("x-forwarded-host") if hosts.forwarded_host else None
    host = forwarded or headers.get("host") or request.host
    proto = headers.get("x-forwarded-proto") or request.scheme
    return _trusted_origin(hosts.rule, host, proto, request.scheme)


@lru_cache(maxsize=256)  # an app has few hosts; what is refused is not kept
def _trusted_origin(
    rule: str | tuple[str, ...], host_field: str, proto_field: str, scheme: str
) -> str:
    host = _first(host_field)
    if not _HOST.match(host):
        raise UntrustedHost("the Host header is malformed")
    if not _is_trusted(host, rule):
        raise UntrustedHost(
            "the request's host is not trusted · fix: AuthConfig(trust_host=[…]), AUTH_URL or AUTH_TRUST_HOST"
        )
    return _origin(host, _first(proto_field), scheme)


def asked_origin(request: Request) -> str:
    """The origin that the request was sent to, trusted or not; empty if there is none to tell.

    Only for sending somebody back to where they are.
    """
    host = _first(request.headers.get("host") or request.host)
    if not _HOST.match(host):
        return ""
    proto = request.headers.get("x-forwarded-proto") or request.scheme
    return _origin(host, _first(proto), request.scheme)


def _first(value: str) -> str:
    """The entry of the proxy nearest to the browser."""
    return value.split(",", maxsplit=1)[0].strip().lower()


def _origin(host: str, proto: str, scheme: str) -> str:
    scheme = proto if proto in _DEFAULT_PORT else scheme
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORT.get(scheme, ''))}"


def _is_trusted(host: str, rule: str | tuple[str, ...]) -> bool:
    if rule == "any":
        return True
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    if rule == "loopback":
        return _LOOPBACK.match(name) is not None
    return any(
        pattern in (host, name)
        or (pattern.startswith("*.") and name.endswith(pattern[1:]) and len(name) >= len(pattern))
        for pattern in rule
    )


# --- CSRF ---------------------------------------------------------------------------------------


def _read_csrf(ctx: Context[U]) -> None:
    """Take the token from the cookie if its hash is ours, else make a new one.

    Double submit (OWASP): a POST is verified when it repeats the token of a cookie that we signed.
    """
    engine = ctx.engine
    if engine.skip_csrf_check:
        ctx.csrf_verified = True
        return
    token = _signed_token(engine, ctx.cookie(ctx.cookies.csrf_token))
    if token is not None:
        ctx.csrf_token = token
        if ctx.request.method == "POST":
            posted = ctx.form.get("csrfToken")
            ctx.csrf_verified = isinstance(posted, str) and same_text(posted, token)
        return
    ctx.csrf_token = token = engine.random(32).hex()
    ctx.jar.set(ctx.cookies.csrf_token, f"{token}|{engine.hash_token(token)}")


def _signed_token(engine: Engine[U], cookie: str | None) -> str | None:
    if not cookie:
        return None
    token, separator, rest = cookie.partition("|")
    if not token or not separator:
        return None
    return token if engine.is_hash_of(token, rest.partition("|")[0]) else None


def check_csrf(ctx: Context[U]) -> None:
    """Refuse a POST that was not made by one of our own forms.

    Raises:
        MissingCSRF: if the token is missing or wrong.
    """
    if not ctx.csrf_verified:
        raise MissingCSRF(f"no valid CSRF token came with {ctx.action}")


# --- where to go afterwards ---------------------------------------------------------------------


def _is_usable(url: str) -> bool:
    return is_http_url(url) and not has_control_characters(url)


async def _set_callback_url(ctx: Context[U], wanted: str | None, remembered: str | None) -> None:
    ctx.callback_url = ctx.origin
    asked = wanted or remembered
    # The origin itself is where everybody goes; only a callback could think otherwise.
    if asked and (asked != ctx.origin or ctx.engine.callbacks.redirect is not None):
        ctx.callback_url = await resolve_redirect(ctx, asked)
    if ctx.callback_url != remembered:
        ctx.jar.set(ctx.cookies.callback_url, ctx.callback_url)


async def resolve_redirect(ctx: Context[U], url: str) -> str:
    """Where the browser may go when it asks for ``url``: the ``redirect`` callback's word.

    By default paths and URLs of our own origin; anything else leads to the origin.

    Raises:
        MalformedRequest: if ``url`` is no URL at all, or cannot stand in a header.
    """
    if has_control_characters(url):
        raise MalformedRequest("callbackUrl holds control characters")
    redirect = ctx.engine.callbacks.redirect
    if redirect is not None:
        chosen = await redirect(RedirectParams(url=url, base_url=ctx.origin))
        if has_control_characters(chosen):
            raise MalformedRequest("the redirect callback returned control characters")
        return chosen
    if url.startswith("/"):
        return ctx.origin + url  # absolute, so that "//host" stays a path of ours
    if ":" not in url:
        raise MalformedRequest("callbackUrl must be a path or an http(s) URL")
    return url if same_origin(url, ctx.origin) else ctx.origin
