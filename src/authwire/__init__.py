"""Authentication for Python web apps, compatible with Auth.js on the wire."""

from authwire.auth import Auth, SyncAuth
from authwire.config import (
    AtRestConfig,
    AuthConfig,
    AuthorizedParams,
    Callbacks,
    CookieConfig,
    Cookies,
    CreateUserEvent,
    Events,
    JWTConfig,
    JWTDecodeParams,
    JWTEncodeParams,
    JWTParams,
    LinkAccountEvent,
    Pages,
    RedirectParams,
    SessionConfig,
    SessionEvent,
    SessionParams,
    SignInEvent,
    SignInParams,
    SignOutEvent,
    Theme,
    UpdateUserEvent,
)
from authwire.core.jar import CookieJar
from authwire.core.protect import has_role
from authwire.errors import (
    AccessDenied,
    AuthError,
    ConfigError,
    CredentialsSignin,
    LastWayIn,
    PasskeyNotFound,
)
from authwire.http import Request, Response
from authwire.models import Account, Authenticator, Session, TokenSet, User
from authwire.texts import Texts

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "Account",
    "AtRestConfig",
    "Auth",
    "AuthConfig",
    "AuthError",
    "Authenticator",
    "AuthorizedParams",
    "Callbacks",
    "ConfigError",
    "CookieConfig",
    "CookieJar",
    "Cookies",
    "CreateUserEvent",
    "CredentialsSignin",
    "Events",
    "JWTConfig",
    "JWTDecodeParams",
    "JWTEncodeParams",
    "JWTParams",
    "LastWayIn",
    "LinkAccountEvent",
    "Pages",
    "PasskeyNotFound",
    "RedirectParams",
    "Request",
    "Response",
    "Session",
    "SessionConfig",
    "SessionEvent",
    "SessionParams",
    "SignInEvent",
    "SignInParams",
    "SignOutEvent",
    "SyncAuth",
    "Texts",
    "Theme",
    "TokenSet",
    "UpdateUserEvent",
    "User",
    "has_role",
]
