"""Passkeys.

https://www.w3.org/TR/webauthn-3/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypedDict, Unpack

from authwire.http import Request
from authwire.providers._types import FormField, Style, WebAuthn
from authwire.providers._webauthn import (
    AuthenticationOptions,
    RegistrationOptions,
    RelyingParty,
    UserInfo,
    VerifyAuthenticationOptions,
    VerifyRegistrationOptions,
)

__all__ = ["Passkey", "PasskeyOptions"]


class PasskeyOptions(TypedDict, total=False):
    """The fields of `WebAuthn` that can be chosen."""

    id: str
    name: str
    fields: Mapping[str, FormField]
    enable_conditional_ui: bool
    relying_party: RelyingParty
    get_relying_party: Callable[[Request], RelyingParty | Awaitable[RelyingParty]] | None
    registration_options: RegistrationOptions
    authentication_options: AuthenticationOptions
    verify_registration_options: VerifyRegistrationOptions
    verify_authentication_options: VerifyAuthenticationOptions
    get_user_info: Callable[[Request], UserInfo | Awaitable[UserInfo | None] | None] | None
    sign_up: bool
    style: Style


def Passkey(**options: Unpack[PasskeyOptions]) -> WebAuthn:
    """`WebAuthn` with what makes a credential a passkey: found without a name, and user-verified."""
    chosen: PasskeyOptions = {
        "id": "passkey",
        "name": "Passkey",
        "registration_options": RegistrationOptions(
            resident_key="required", user_verification="required"
        ),
        "authentication_options": AuthenticationOptions(user_verification="required"),
        **options,
    }
    return WebAuthn(**chosen)
