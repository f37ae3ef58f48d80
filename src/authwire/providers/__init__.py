"""Ways to sign in. Each provider is one module; a module is loaded when its name is first used.

For a service that is not here write an `OIDC` or `OAuth2` value: what ships is no different.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from authwire.providers._types import (
    OIDC,
    Credentials,
    Email,
    FormField,
    OAuth2,
    Style,
    VerificationRequest,
    WebAuthn,
)
from authwire.providers._webauthn import (
    AuthenticationOptions,
    RegistrationOptions,
    RelyingParty,
    UserInfo,
    VerifyAuthenticationOptions,
    VerifyRegistrationOptions,
)

if TYPE_CHECKING:
    from authwire.providers.apple import Apple
    from authwire.providers.auth0 import Auth0
    from authwire.providers.discord import Discord
    from authwire.providers.github import GitHub
    from authwire.providers.gitlab import GitLab
    from authwire.providers.google import Google
    from authwire.providers.keycloak import Keycloak
    from authwire.providers.microsoft_entra_id import MicrosoftEntraID
    from authwire.providers.okta import Okta
    from authwire.providers.passkey import Passkey
    from authwire.providers.slack import Slack

__all__ = [
    "OIDC",
    "Apple",
    "Auth0",
    "AuthenticationOptions",
    "Credentials",
    "Discord",
    "Email",
    "FormField",
    "GitHub",
    "GitLab",
    "Google",
    "Keycloak",
    "MicrosoftEntraID",
    "OAuth2",
    "Okta",
    "Passkey",
    "RegistrationOptions",
    "RelyingParty",
    "Slack",
    "Style",
    "UserInfo",
    "VerificationRequest",
    "VerifyAuthenticationOptions",
    "VerifyRegistrationOptions",
    "WebAuthn",
]

_MODULES = {
    "Apple": "apple",
    "Auth0": "auth0",
    "Discord": "discord",
    "GitHub": "github",
    "GitLab": "gitlab",
    "Google": "google",
    "Keycloak": "keycloak",
    "MicrosoftEntraID": "microsoft_entra_id",
    "Okta": "okta",
    "Passkey": "passkey",
    "Slack": "slack",
}


def __getattr__(name: str) -> Any:
    """Load a factory's module on first use (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    factory = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = factory
    return factory


def __dir__() -> list[str]:
    return __all__
