"""Everything that can go wrong, and what the browser is told about it.

One class is the whole fact: ``type`` is the word Auth.js uses on the wire and in its logs, ``page``
the page that shows it, ``client_safe`` whether the browser may see the word itself (if not, it sees
``Configuration``). The message of an instance is for the log; it never reaches a browser.

* AuthError
  x ConfigError                  start-up; also answers 500 when a config is resolved per request
  x SignInError                  shown on the sign-in page
    + CredentialsSignin          client-safe, carries ``code``
    + OAuthAccountNotLinked      client-safe
    + AccountNotLinked           client-safe
    + OAuthCallbackError         client-safe
    + MissingCSRF                client-safe
    + OAuthSignInError
    + EmailSignInError
  x AccessDenied                 client-safe, shown on the error page, as are all below
  x Verification                 client-safe
  x WebAuthnVerificationError    client-safe
  x CallbackRouteError, InvalidCheck, OAuthProfileParseError, SignOutError
  x RequestError
    + UnknownAction, InvalidProvider, InvalidCallbackUrl, MalformedRequest, UntrustedHost
  x AdapterError, EventError, SessionError (JWTSessionError, SessionTokenError)
  x PasskeyNotFound, LastWayIn   for app code that manages passkeys
  x EventLoopRequired            an async callable met in a sync app

Faults of a configuration are not exceptions of their own but `ConfigProblem` values inside one
`ConfigError`, so that all of them are seen at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

__all__ = [
    "AccessDenied",
    "AccountNotLinked",
    "AdapterError",
    "AuthError",
    "CallbackRouteError",
    "ConfigError",
    "ConfigProblem",
    "CredentialsSignin",
    "EmailSignInError",
    "EventError",
    "EventLoopRequired",
    "InvalidCallbackUrl",
    "InvalidCheck",
    "InvalidProvider",
    "JWTSessionError",
    "LastWayIn",
    "MalformedRequest",
    "MissingCSRF",
    "OAuthAccountNotLinked",
    "OAuthCallbackError",
    "OAuthProfileParseError",
    "OAuthSignInError",
    "PasskeyNotFound",
    "ProtocolError",
    "ProviderUnreachable",
    "RequestError",
    "SessionError",
    "SessionTokenError",
    "SignInError",
    "SignOutError",
    "UnknownAction",
    "UntrustedHost",
    "Verification",
    "WebAuthnVerificationError",
]


class AuthError(Exception):
    """Base of all errors raised by Authwire. Catch this one to catch them all."""

    type: ClassVar[str] = "AuthError"
    """The error's name in Auth.js, used on the wire and in logs."""
    page: ClassVar[Literal["signin", "error"]] = "error"
    """Which page shows it."""
    client_safe: ClassVar[bool] = False
    """Whether ``type`` itself may be shown to the browser."""

    @property
    def public_type(self) -> str:
        """The word a browser sees: ``type``, or ``Configuration`` if that would tell too much."""
        return self.type if self.client_safe else "Configuration"

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "type" not in cls.__dict__:
            cls.type = cls.__name__


# --- start-up -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One fault of a configuration and the way out of it."""

    type: str
    """Auth.js' name of the fault, such as ``MissingSecret``."""
    where: str
    """The option at fault, such as ``providers[2] (resend)``."""
    message: str
    hint: str
    """What to write instead."""

    def __str__(self) -> str:
        return f"{self.where}: {self.message} · fix: {self.hint} [{self.type}]"


class ConfigError(AuthError):
    """The configuration cannot work. Raised once, at start-up, with every problem found.

    Attributes:
        problems: the faults, each with the fix named.
    """

    type = "Configuration"

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in AuthConfig:\n{lines}")


class EventLoopRequired(AuthError):
    """A callable awaited real async I/O inside a sync app."""


# --- signing in ---------------------------------------------------------------------------------


class SignInError(AuthError):
    """A sign-in that failed in a way the user can answer on the sign-in page."""

    page = "signin"


class CredentialsSignin(SignInError):
    """Raise it in ``authorize`` to refuse credentials; ``code`` reaches the page's query string.

    Args:
        message: for the log only.
        code: a short word for the page. Don't say which part was wrong: that helps an attacker.
    """

    client_safe = True
    code: str = "credentials"

    def __init__(
        self, message: str = "the credentials were refused", *, code: str | None = None
    ) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class OAuthAccountNotLinked(SignInError):
    """The e-mail or the OAuth account belongs to another user (linking table, rows 5 and 8)."""

    client_safe = True


class AccountNotLinked(SignInError):
    """As `OAuthAccountNotLinked`, for passkeys."""

    client_safe = True


class OAuthCallbackError(SignInError):
    """The provider answered the authorization or token request with an error (RFC 6749 §4.1.2.1)."""

    client_safe = True


class MissingCSRF(SignInError):
    """A POST without a valid double-submit CSRF token."""

    client_safe = True


class OAuthSignInError(SignInError):
    """The authorization request could not be made."""


class EmailSignInError(SignInError):
    """The magic link could not be sent."""


class AccessDenied(AuthError):
    """The ``sign_in`` callback refused, or failed."""

    client_safe = True


class Verification(AuthError):
    """The magic link is unknown, used, expired, or for another address."""

    client_safe = True


class WebAuthnVerificationError(AuthError):
    """A passkey ceremony did not verify."""

    client_safe = True


class PasskeyNotFound(AuthError):
    """The signed-in user has no such passkey. Answer 404, also for one of somebody else's."""


class LastWayIn(AuthError):
    """A passkey was not removed, because its owner could not sign in any more."""


class CallbackRouteError(AuthError):
    """An unforeseen failure while finishing a sign-in; ``__cause__`` says which."""


class InvalidCheck(AuthError):
    """A PKCE, state, nonce or challenge cookie was missing, foreign, expired or altered."""


class OAuthProfileParseError(AuthError):
    """A provider's profile could not be turned into a user, or had no account id."""


class SignOutError(AuthError):
    """Ending the session failed on the server; the cookies are cleared all the same."""


# --- talking to a provider ----------------------------------------------------------------------


class ProtocolError(AuthError):
    """A provider's answer breaks a standard: wrong issuer, bad signature, missing field, not JSON."""


class ProviderUnreachable(ProtocolError):
    """A provider did not answer: connection refused, time-out, or an answer over the size cap."""


# --- the request itself -------------------------------------------------------------------------


class RequestError(AuthError):
    """The request makes no sense here."""


class UnknownAction(RequestError):
    """No such action, or not with this method."""


class InvalidProvider(RequestError):
    """No provider of that id is configured."""


class InvalidCallbackUrl(RequestError):
    """``callbackUrl`` is no http(s) URL."""


class MalformedRequest(RequestError):
    """A field that must be there is missing or is not what it should be."""


class UntrustedHost(RequestError):
    """The request's host is not one we may use for links and redirects."""


# --- things that are logged ---------------------------------------------------------------------


class AdapterError(AuthError):
    """The database failed. Never to be read as "no user" or "no session"."""


class EventError(AuthError):
    """An event handler failed; nothing else changes."""


class SessionError(AuthError):
    """A session could not be read."""


class JWTSessionError(SessionError):
    """The session cookie is no token of ours, or its callbacks failed."""


class SessionTokenError(SessionError):
    """The session row could not be read."""
