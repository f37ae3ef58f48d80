"""Authentication for Python web apps, compatible with Auth.js on the wire."""

from authwire.auth import Auth, SyncAuth
from authwire.config import (
    AuthConfig,
    AuthorizedParams,
    Callbacks,
    CookieConfig,
    Cookies,
    Events,
    JWTConfig,
    JWTParams,
    Pages,
    RedirectParams,
    SessionConfig,
    SessionParams,
    SignInParams,
    Theme,
)
from authwire.core.jar import CookieJar
from authwire.errors import AccessDenied, AuthError, ConfigError, CredentialsSignin
from authwire.http import Request, Response
from authwire.models import Account, Session, TokenSet, User
from authwire.texts import Texts

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "Account",
    "Auth",
    "AuthConfig",
    "AuthError",
    "AuthorizedParams",
    "Callbacks",
    "ConfigError",
    "CookieConfig",
    "CookieJar",
    "Cookies",
    "CredentialsSignin",
    "Events",
    "JWTConfig",
    "JWTParams",
    "Pages",
    "RedirectParams",
    "Request",
    "Response",
    "Session",
    "SessionConfig",
    "SessionParams",
    "SignInParams",
    "SyncAuth",
    "Texts",
    "Theme",
    "TokenSet",
    "User",
]
