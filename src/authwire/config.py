"""Everything that can be configured, each option documented under its field.

These are plain frozen values: a misspelt option is a TypeError at once, and a type checker knows
every one. `resolve.py` turns them, the environment and the defaults into an engine.

The generic ones have no slots: on Python 3.11 a frozen class with slots cannot be made by
``AuthConfig[Member](…)``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeAlias

from typing_extensions import TypeVar

from authwire.http import Request, Response
from authwire.models import JSON, Account, AdapterSession, Session, TokenSet, U, User
from authwire.ports import Adapter, Logger, Mailer, SyncAdapter
from authwire.providers._types import Profile, ProviderLike
from authwire.texts import Texts

__all__ = [
    "AtRestConfig",
    "AuthConfig",
    "AuthorizedParams",
    "Callbacks",
    "CookieConfig",
    "Cookies",
    "CreateUserEvent",
    "Events",
    "JWTConfig",
    "JWTDecodeParams",
    "JWTEncodeParams",
    "JWTParams",
    "LinkAccountEvent",
    "Pages",
    "RedirectParams",
    "SessionConfig",
    "SessionEvent",
    "SessionParams",
    "SignInEvent",
    "SignInParams",
    "SignOutEvent",
    "Theme",
    "UpdateUserEvent",
]

R = TypeVar("R")
MaybeAsync: TypeAlias = R | Awaitable[R]
Trigger: TypeAlias = Literal["signIn", "signUp", "update"]


# --- callbacks ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SignInParams(Generic[U]):
    """Somebody proved who they are, or asks for a magic link."""

    user: U
    """The stored user where there is one, else what the provider told."""
    account: Account
    tokens: TokenSet | None = field(default=None, repr=False)
    """All that the token endpoint answered (OAuth)."""
    profile: Profile | None = None
    """The provider's raw profile (OAuth)."""
    verification_request: bool = False
    """True when a magic link is asked for, False when it is opened."""
    credentials: Mapping[str, Any] | None = field(default=None, repr=False)
    """What was posted (credentials)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectParams:
    """Somewhere the browser asks to be sent."""

    url: str
    base_url: str
    """The app's own origin."""


@dataclass(frozen=True, kw_only=True)
class JWTParams(Generic[U]):
    """A session token is made (``trigger`` signIn or signUp), updated, or read (None)."""

    token: JSON
    """The claims; return it, changed or not."""
    user: U | None = None
    account: Account | None = None
    tokens: TokenSet | None = field(default=None, repr=False)
    profile: Profile | None = None
    is_new_user: bool = False
    trigger: Trigger | None = None
    session: Any = None
    """What the client or the server sent with ``update``. Don't trust it unseen."""


@dataclass(frozen=True, kw_only=True)
class SessionParams(Generic[U]):
    """A session is read."""

    session: JSON
    """``{"user": {name, email, image}, "expires": …}``; return it, or more."""
    token: JSON | None = None
    """The claims (JWT sessions)."""
    user: U | None = None
    """The whole user (database sessions)."""
    row: AdapterSession | None = field(default=None, repr=False)
    """The session row (database sessions)."""
    trigger: Trigger | None = None
    new_session: Any = None
    """What was sent with ``update`` (database sessions). Don't trust it unseen."""


@dataclass(frozen=True, kw_only=True)
class AuthorizedParams(Generic[U]):
    """A protected path is asked for."""

    request: Request
    session: Session[U] | None


@dataclass(frozen=True, kw_only=True)
class Callbacks(Generic[U]):
    """Your say in what happens. Each may be sync or async and gets one params object."""

    sign_in: Callable[[SignInParams[U]], MaybeAsync[bool | str]] | None = None
    """True lets them in, False or an exception does not, a string sends the browser there."""
    redirect: Callable[[RedirectParams], MaybeAsync[str]] | None = None
    """The URL to go to instead. Default: paths and our own origin; anything else → our origin."""
    jwt: Callable[[JWTParams[U]], MaybeAsync[JSON | None]] | None = None
    """The claims to keep; None ends the session."""
    session: Callable[[SessionParams[U]], MaybeAsync[JSON]] | None = None
    """What the browser may see of the session."""
    authorized: Callable[[AuthorizedParams[U]], MaybeAsync[bool | Response]] | None = None
    """Path protection: True, False (→ sign-in page), or a response. Default: is there a session?"""


# --- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SignInEvent(Generic[U]):
    """Somebody signed in."""

    user: U
    account: Account
    tokens: TokenSet | None = field(default=None, repr=False)
    profile: Profile | None = None
    is_new_user: bool | None = None
    """None where it cannot be known (credentials)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutEvent:
    """Somebody signed out."""

    token: JSON | None = None
    """The claims of the ended JWT session."""
    session: AdapterSession | None = None
    """The deleted row of the ended database session."""


@dataclass(frozen=True, kw_only=True)
class CreateUserEvent(Generic[U]):
    """A user was stored for the first time."""

    user: U


@dataclass(frozen=True, kw_only=True)
class UpdateUserEvent(Generic[U]):
    """A stored user was changed."""

    user: U


@dataclass(frozen=True, kw_only=True)
class LinkAccountEvent(Generic[U]):
    """A user got one more way in."""

    user: U
    account: Account
    profile: User
    """The user as the provider described them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """A session was read."""

    session: JSON
    token: JSON | None = None


@dataclass(frozen=True, kw_only=True)
class Events(Generic[U]):
    """Told after the fact. A failure is logged as `EventError` and changes nothing."""

    sign_in: Callable[[SignInEvent[U]], MaybeAsync[object]] | None = None
    sign_out: Callable[[SignOutEvent], MaybeAsync[object]] | None = None
    create_user: Callable[[CreateUserEvent[U]], MaybeAsync[object]] | None = None
    update_user: Callable[[UpdateUserEvent[U]], MaybeAsync[object]] | None = None
    link_account: Callable[[LinkAccountEvent[U]], MaybeAsync[object]] | None = None
    session: Callable[[SessionEvent], MaybeAsync[object]] | None = None


# --- the smaller groups -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """How long sessions live and where."""

    strategy: Literal["jwt", "database"] | None = None
    """``jwt``: an encrypted cookie. ``database``: a row. Default: database if there is an adapter."""
    max_age: timedelta = timedelta(days=30)
    """How long an idle session lives."""
    update_age: timedelta = timedelta(days=1)
    """How old a session must be before use extends it in the database, or on a server-side read."""
    absolute_max_age: timedelta | None = None
    """How long a session lives at most, however much it is used. Counted from the sign-in."""
    generate_session_token: Callable[[], str] | None = None
    """For database sessions. Default: 256 random bits."""
    cache: timedelta | None = None
    """How long a process may answer from memory instead of asking the database again; some seconds.
    What it changes itself it knows at once; a session that another process ended lives on in this
    one for that long. Default: every read asks the database."""
    cache_size: int = 10_000
    """How many sessions ``cache`` keeps in a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRestConfig:
    """What is kept in the database of tokens that open doors.

    Both are off by default where the adapter shares its rows with Auth.js, which could not read them.
    """

    session_tokens: Literal["hashed", "plain"] | None = None
    """``hashed``: a copy of the sessions table signs nobody in. Changing it ends all sessions."""
    provider_tokens: Literal["encrypted", "plain"] | None = None
    """``encrypted``: access, refresh and ID tokens, with AES-256-GCM. Plain ones that are there
    already are read all the same, and encrypted at the next sign-in."""
    secret: str | Sequence[str] | None = field(default=None, repr=False)
    """Encrypts the tokens of providers; the first encrypts, all decrypt (rotation). Default: the
    config's own. What no secret opens any more is an error until the next sign-in stores it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JWTEncodeParams:
    """A session token is to be made."""

    token: JSON
    secrets: tuple[str, ...] = field(repr=False)
    salt: str
    max_age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class JWTDecodeParams:
    """A session token is to be read."""

    token: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JWTConfig:
    """The session token of JWT sessions."""

    max_age: timedelta | None = None
    """Life of the token. Default: that of the session."""
    secret: str | Sequence[str] | None = field(default=None, repr=False)
    """Default: that of the config."""
    encode: Callable[[JWTEncodeParams], MaybeAsync[str]] | None = None
    """Your own token format. Default: Auth.js' encrypted JWT."""
    decode: Callable[[JWTDecodeParams], MaybeAsync[JSON | None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Paths of your own pages instead of the built-in ones."""

    sign_in: str | None = None
    """Gets ``callbackUrl`` and, after a failure, ``error`` and perhaps ``code``."""
    sign_out: str | None = None
    error: str | None = None
    """Gets ``error``."""
    verify_request: str | None = None
    """Shown after a magic link was sent."""
    new_user: str | None = None
    """Where somebody goes after the first sign-in; gets ``callbackUrl``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The look of the built-in pages and mails."""

    color_scheme: Literal["auto", "light", "dark"] = "auto"
    brand_color: str | None = None
    """Such as ``#0ff1ce``."""
    logo: str | None = None
    """URL of your logo."""
    button_text: str | None = None
    """Text colour of the main button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieConfig:
    """Changes to one cookie; what is None keeps its default."""

    name: str | None = None
    http_only: bool | None = None
    same_site: Literal["lax", "strict", "none"] | None = None
    path: str | None = None
    secure: bool | None = None
    domain: str | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookies:
    """Changes to the cookies. A name of your own must be known to every app that shares it."""

    session_token: CookieConfig = CookieConfig()
    callback_url: CookieConfig = CookieConfig()
    csrf_token: CookieConfig = CookieConfig()
    pkce_code_verifier: CookieConfig = CookieConfig()
    state: CookieConfig = CookieConfig()
    nonce: CookieConfig = CookieConfig()
    webauthn_challenge: CookieConfig = CookieConfig()


# --- the whole ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AuthConfig(Generic[U]):
    """How Authwire is to behave."""

    providers: Sequence[ProviderLike] = ()
    """Ways to sign in, in sign-in-page order. A bare factory (``GitHub``) is called without options."""
    secret: str | Sequence[str] | None = field(default=None, repr=False)
    """Encrypts cookies; the first encrypts, all decrypt (rotation). Env: ``AUTH_SECRET``, and
    ``AUTH_SECRET_1`` to ``_3``, the highest first. Make one with ``authwire secret``."""
    adapter: Adapter[U] | SyncAdapter[U] | None = None
    """Your database. Without one nothing is stored and sessions live in the cookie."""
    user: type[U] | None = None
    """Your User subclass; makes ``Session[MyUser]`` flow through ``auth.session()`` and callbacks."""
    session: SessionConfig = SessionConfig()
    at_rest: AtRestConfig = AtRestConfig()
    jwt: JWTConfig = JWTConfig()
    callbacks: Callbacks[U] = Callbacks()
    events: Events[U] = Events()
    pages: Pages = Pages()
    theme: Theme = Theme()
    texts: Texts | Callable[[Request], Texts] = Texts()
    """The words of pages and mails; a callable chooses by request (``Accept-Language``)."""
    cookies: Cookies = Cookies()
    use_secure_cookies: bool | None = None
    """``__Secure-`` cookies. Default: when the request came by https."""
    url: str | None = None
    """The app's public URL; its path is the base path. Env: ``AUTH_URL``. Beats every header."""
    base_path: str | None = None
    """Where the routes are. Default: ``/auth``."""
    trust_host: bool | Sequence[str] | None = None
    """May links be built from the request's host? A list names the hosts that may
    (``["app.example", "*.preview.example"]``): the safest without ``url``. Env: ``AUTH_TRUST_HOST``.
    Default: only on loopback hosts, and with ``url``."""
    trust_forwarded_host: bool = True
    """Whether a trusted host may come from ``X-Forwarded-Host``. False if your proxy does not set it."""
    redirect_proxy_url: str | None = None
    """A fixed callback URL for all deployments. Env: ``AUTH_REDIRECT_PROXY_URL``."""
    skip_csrf_check: bool = False
    """Only if something in front of Authwire checks CSRF already."""
    http_client: Any = None
    """An ``httpx2.AsyncClient`` (or ``Client`` in a sync app) of yours: proxy, CA, time-outs. Or your
    own `ports.Http`."""
    mailer: Mailer | None = None
    """Your own SMTP client. Default: aiosmtplib (async) or smtplib (sync)."""
    debug: bool = False
    """Log every step. Secrets and tokens stay out all the same."""
    logger: Logger | None = None
    """Default: ``logging.getLogger("authwire")``."""
    now: Callable[[], datetime] | None = None
    """Clock, for tests. Default: the system's, in UTC."""
