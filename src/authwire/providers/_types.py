"""The shapes a provider can have. Each is one frozen value that the flows read.

Every hook may be sync or async. Names follow RFC 6749, RFC 7591 and OpenID Connect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, Self, TypeAlias, TypedDict

from typing_extensions import TypeVar

from authwire.http import HttpRequest, HttpResponse, Request
from authwire.models import TokenSet, User
from authwire.ports import Http, MailMessage
from authwire.providers._email import normalize_email
from authwire.providers._profile import standard_account, standard_profile
from authwire.providers._webauthn import (
    AuthenticationOptions,
    RegistrationOptions,
    RelyingParty,
    UserInfo,
    VerifyAuthenticationOptions,
    VerifyRegistrationOptions,
)

__all__ = [
    "OIDC",
    "Check",
    "Credentials",
    "Email",
    "FormField",
    "OAuth2",
    "OAuth2Options",
    "OAuthProvider",
    "Profile",
    "Provider",
    "ProviderLike",
    "Style",
    "TokenEndpointAuthMethod",
    "VerificationRequest",
    "WebAuthn",
    "normalize_email",
    "standard_account",
    "standard_profile",
]

Profile: TypeAlias = Mapping[str, Any]
"""What a provider tells of a user: ID token claims or the userinfo answer."""
P = TypeVar("P", default=Any)
R = TypeVar("R")
MaybeAsync: TypeAlias = R | Awaitable[R]

Check: TypeAlias = Literal["pkce", "state", "nonce", "none"]
TokenEndpointAuthMethod: TypeAlias = Literal[
    "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the sign-in button looks."""

    brand: str | None = None
    """Background colour, such as ``#24292f``."""
    text: str | None = None
    """Text colour; black or white, whichever is readable, if not given."""
    logo: str | None = None
    """URL of a logo instead of the one Authwire ships for this provider id."""


# --- OAuth 2 and OpenID Connect -----------------------------------------------------------------


class OAuth2Options(TypedDict, total=False):
    """What every OAuth provider factory also takes; overrides the factory's own choice."""

    id: str
    name: str
    client_id: str
    client_secret: str | Callable[[datetime], str]
    issuer: str
    scope: str
    params: Mapping[str, Any]
    checks: tuple[Check, ...]
    token_endpoint_auth_method: TokenEndpointAuthMethod
    client_private_key: Any
    id_token_signed_response_alg: str
    profile: Callable[[Any, TokenSet], MaybeAsync[User]]
    account: Callable[[TokenSet], Mapping[str, Any]]
    allow_dangerous_email_account_linking: bool
    redirect_proxy_url: str
    par: bool
    dpop: bool
    style: Style


@dataclass(frozen=True, kw_only=True)
class OAuth2(Generic[P]):
    """A provider that speaks OAuth 2 (RFC 6749) and tells the profile at an endpoint of its own.

    Needs ``authorization``, ``token`` and ``userinfo`` (or ``fetch_profile``), or an ``issuer``
    that publishes them (RFC 8414).
    """

    id: str
    """Part of every URL: ``/signin/<id>``, ``/callback/<id>``. Also of ``AUTH_<ID>_SECRET``."""
    name: str
    """For the button."""
    type: Literal["oauth", "oidc"] = "oauth"
    client_id: str = ""
    """Env: ``AUTH_<ID>_ID``."""
    client_secret: str | Callable[[datetime], str] | None = field(default=None, repr=False)
    """Env: ``AUTH_<ID>_SECRET``. A callable gets the time and makes a fresh one (Apple)."""
    issuer: str | None = None
    """Env: ``AUTH_<ID>_ISSUER``. Compared with the discovery document, ``iss`` and the ID token."""
    default_issuer: str | None = None
    """The issuer if neither ``issuer`` nor the environment names one."""
    discovery_issuer: str | None = None
    """What the discovery document must state as its issuer, where that is not ``issuer``: for many
    tenants behind one address it is a template such as ``https://host/{tenantid}/v2.0``. Compared
    character by character, and used for nothing else."""
    authorization: str | None = None
    """Authorization endpoint; found by discovery if not given."""
    token: str | None = None
    """Token endpoint; found by discovery if not given."""
    userinfo: str | None = None
    """Userinfo endpoint; found by discovery if not given."""
    jwks_uri: str | None = None
    """Where the keys of ID tokens are; found by discovery if not given."""
    scope: str | None = None
    """``openid profile email`` with discovery, if not given."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """More parameters of the authorization request. A mapping is sent as JSON (``claims``)."""
    checks: tuple[Check, ...] = ("pkce",)
    """What ties the answer to this browser. ``("none",)`` switches all off: don't."""
    token_endpoint_auth_method: TokenEndpointAuthMethod = "client_secret_basic"
    client_private_key: Any = field(default=None, repr=False)
    """For ``private_key_jwt``: a joserfc key, a JWK as dict, or PEM text."""
    id_token: bool = True
    """False: the profile comes from the userinfo endpoint instead of the ID token (OIDC only)."""
    id_token_signed_response_alg: str | None = None
    """The one signature algorithm to accept; if not given, those of the metadata, or RS256."""
    profile: Callable[[P, TokenSet], MaybeAsync[User]] = standard_profile
    """The profile as a `User` whose ``id`` is the immutable account id at the provider."""
    account: Callable[[TokenSet], Mapping[str, Any]] = standard_account
    """What of the tokens is stored in the account row."""
    fetch_profile: Callable[[Http, TokenSet, OAuth2[P]], MaybeAsync[P]] | None = None
    """Hook: get the profile in the provider's own way, instead of one GET of ``userinfo``."""
    extend_profile: Callable[[Http, TokenSet, P], MaybeAsync[P]] | None = None
    """Hook: add to the profile what takes one more request (a photo). Called after the profile is
    known and before ``profile``; what it adds decides nothing about who the user is."""
    token_params: Mapping[str, str] = field(default_factory=dict, repr=False)
    """More parameters of the token request; they cannot replace those of the standard."""
    conform_token_request: Callable[[HttpRequest], HttpRequest] | None = None
    """Hook: reshape a token request for an endpoint that breaks the standard."""
    conform_token: Callable[[HttpResponse], HttpResponse] | None = None
    """Hook: repair a token response that breaks the standard."""
    issuer_from: Callable[[Mapping[str, Any], str], str] | None = None
    """Hook: the issuer to expect in an ID token with these claims, given the configured one
    (multi-tenant issuers)."""
    callback_profile: Callable[[P, Mapping[str, str]], P] | None = None
    """Hook: add to the profile what came with the callback itself (Apple's ``user``)."""
    derive: Callable[[OAuth2[P]], Mapping[str, Any]] | None = None
    """Hook: fields of this provider that follow from its other fields, such as the issuer's exact
    spelling. Pure; it runs each time the provider is made or changed, so that it sees what the
    environment filled in."""
    par: bool = False
    """Push the authorization request (RFC 9126). Done anyway if the server requires it."""
    dpop: bool = False
    """Bind tokens to a key of this sign-in (RFC 9449)."""
    allow_dangerous_email_account_linking: bool = False
    """Sign in as whoever has the same e-mail. Only for a provider that verifies addresses."""
    redirect_proxy_url: str | None = None
    """Callback through this fixed URL. Default: `AuthConfig.redirect_proxy_url`."""
    style: Style = Style()

    def __post_init__(self) -> None:
        if self.derive is not None:
            for name, value in self.derive(self).items():
                object.__setattr__(self, name, value)

    def override(self, options: OAuth2Options) -> Self:
        """This provider with ``options`` laid over it.

        Raises:
            TypeError: if an option does not exist.
        """
        return replace(self, **options)


@dataclass(frozen=True, kw_only=True)
class OIDC(OAuth2[P]):
    """A provider that speaks OpenID Connect.

    Everything is found at ``issuer``; the profile is the verified ID token.
    """

    type: Literal["oauth", "oidc"] = "oidc"


OAuthProvider: TypeAlias = OAuth2[Any]


# --- the others ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """An input of a form on the sign-in page. What is not given is not rendered."""

    label: str | None = None
    type: str = "text"
    placeholder: str | None = None
    required: bool = False
    autocomplete: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    """More HTML attributes, such as ``{"inputmode": "numeric"}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequest:
    """All that a sender of magic links needs."""

    identifier: str
    """The normalised address."""
    url: str = field(repr=False)
    """The link."""
    token: str = field(repr=False)
    """The code inside the link, for mails that show it."""
    expires: datetime
    provider: Email
    theme: Any
    """`config.Theme`."""
    request: Request
    http: Http = field(repr=False)
    """For senders with an HTTP API."""
    message: MailMessage = field(repr=False)
    """The mail that SMTP would send: in the theme's colours and the config's words."""


@dataclass(frozen=True, kw_only=True)
class Email:
    """Magic links. Needs an adapter."""

    id: str = "email"
    name: str = "Email"
    type: Literal["email"] = "email"
    server: str | None = field(default=None, repr=False)
    """``smtp://user:password@host:587`` (STARTTLS where offered) or ``smtps://host:465``."""
    sender: str = "no-reply@localhost"
    """The ``From`` of the mail."""
    max_age: timedelta = timedelta(hours=24)
    """How long a link lives."""
    generate_token: Callable[[], MaybeAsync[str]] | None = None
    """Your own token, such as a short code. Default: 64 hex characters."""
    normalize_identifier: Callable[[str], str] = normalize_email
    send: Callable[[VerificationRequest], MaybeAsync[None]] | None = None
    """Your own way to send. Default: SMTP through ``server``."""
    secret: str | None = field(default=None, repr=False)
    """Hashed with the token. Default: the config's secret."""
    api_key: str | None = field(default=None, repr=False)
    """For senders with an HTTP API. Env: ``AUTH_<ID>_KEY``."""
    confirm: bool = False
    """Show a page with a button before the link is used up, so that mail scanners don't burn it."""
    style: Style = Style()


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """User name and password, or whatever else ``authorize`` can judge."""

    authorize: Callable[[Mapping[str, Any], Request], MaybeAsync[User | None]] | None
    """The user, or None to refuse; or raise `CredentialsSignin(code=…)`."""
    id: str = "credentials"
    name: str = "Credentials"
    type: Literal["credentials"] = "credentials"
    fields: Mapping[str, FormField] = field(default_factory=dict)
    """The form. Without fields there is none on the sign-in page."""
    style: Style = Style()


@dataclass(frozen=True, kw_only=True)
class WebAuthn:
    """Passkeys and security keys. Needs an adapter and the extra ``webauthn``."""

    id: str = "webauthn"
    name: str = "WebAuthn"
    type: Literal["webauthn"] = "webauthn"
    fields: Mapping[str, FormField] = field(
        default_factory=lambda: {
            "email": FormField(
                label="Email",
                required=True,
                autocomplete="username webauthn",
                attributes={"inputmode": "email"},
            )
        }
    )
    """The form on the sign-in page; ``get_user_info`` reads what it sends."""
    enable_conditional_ui: bool = True
    """Offer passkeys in the browser's autofill. One provider at most can do that."""
    relying_party: RelyingParty = RelyingParty()
    get_relying_party: Callable[[Request], MaybeAsync[RelyingParty]] | None = None
    """Hook: the relying party of this request, instead of ``relying_party``."""
    registration_options: RegistrationOptions = RegistrationOptions()
    authentication_options: AuthenticationOptions = AuthenticationOptions()
    verify_registration_options: VerifyRegistrationOptions = VerifyRegistrationOptions()
    verify_authentication_options: VerifyAuthenticationOptions = VerifyAuthenticationOptions()
    get_user_info: Callable[[Request], MaybeAsync[UserInfo | None]] | None = None
    """Hook: whom the form is about (its fields are in ``request.query``); None if it does not say.
    Must change nothing. Default: looks the field ``email`` up in the database."""
    sign_up: bool = True
    """Whether a passkey may make a new user. Without it options tell nobody which addresses are
    known, and passkeys are added by people who are signed in."""
    style: Style = Style()


Provider: TypeAlias = OAuthProvider | Email | Credentials | WebAuthn
ProviderLike: TypeAlias = Provider | Callable[[], Provider]
