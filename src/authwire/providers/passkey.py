"""Passkeys.

https://www.w3.org/TR/webauthn-3/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, Unpack

from authwire.providers._types import FormField, Style, WebAuthn

__all__ = ["Passkey", "PasskeyOptions"]


class PasskeyOptions(TypedDict, total=False):
    """The fields of `WebAuthn` that can be chosen."""

    id: str
    name: str
    fields: Mapping[str, FormField]
    enable_conditional_ui: bool
    style: Style


def Passkey(**options: Unpack[PasskeyOptions]) -> WebAuthn:
    """The configuration of passkeys, under Auth.js' id and name for them.

    This is the declaration only: the registration and sign-in ceremonies are not part of this
    release. They come in a later one.
    """
    chosen: PasskeyOptions = {"id": "passkey", "name": "Passkey", **options}
    return WebAuthn(**chosen)
