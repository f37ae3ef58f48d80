"""Passkey providers, checked: the library, the relying party, and what shares the sign-in page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from authwire.errors import ConfigProblem
from authwire.protocol.webauthn import load_library
from authwire.providers._types import Provider, WebAuthn

__all__ = ["passkey_problems"]

_DOMAIN: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z"
)
_APP: Final = re.compile(r"(?:android|ios):[\x21-\x7e]+\Z")


def passkey_problems(providers: Sequence[Provider]) -> list[ConfigProblem]:
    """Everything about passkeys that cannot work."""
    found: list[ConfigProblem] = []
    passkeys = {
        f"providers[{index}] ({provider.id})": provider
        for index, provider in enumerate(providers)
        if isinstance(provider, WebAuthn)
    }
    autofill = [where for where, provider in passkeys.items() if provider.enable_conditional_ui]
    for where, provider in passkeys.items():
        if where in autofill[1:]:
            found.append(
                ConfigProblem(
                    "DuplicateConditionalUI",
                    where,
                    "an earlier provider has conditional UI, and a page can have it once",
                    "enable_conditional_ui=False",
                )
            )
        found += _missing_library(where)
        found += _autocomplete_problems(provider, where)
        found += _relying_party_problems(provider, where)
        found += _option_problems(provider, where)
    return found


def _missing_library(where: str) -> Iterator[ConfigProblem]:
    try:
        load_library()
    except ModuleNotFoundError as exc:
        hint = "pip install 'authwire[webauthn]'"
        yield ConfigProblem("MissingExtra", where, f"{exc.name} is not installed", hint)


def _autocomplete_problems(provider: WebAuthn, where: str) -> Iterator[ConfigProblem]:
    words = [field.autocomplete or "" for field in provider.fields.values()]
    if provider.enable_conditional_ui and not any("webauthn" in word.split() for word in words):
        yield ConfigProblem(
            "MissingWebAuthnAutocomplete",
            where,
            "conditional UI needs a field whose autocomplete contains webauthn",
            'FormField(autocomplete="username webauthn"), or enable_conditional_ui=False',
        )


def _relying_party_problems(provider: WebAuthn, where: str) -> Iterator[ConfigProblem]:
    party = provider.relying_party
    ids = () if party.id is None else (party.id,) if isinstance(party.id, str) else party.id
    for rp_id in ids:
        if not _DOMAIN.match(rp_id):
            yield ConfigProblem(
                "InvalidRelyingParty",
                where,
                f"relying_party.id {rp_id!r} is no domain in lower case",
                'RelyingParty(id="app.example"), without scheme and port',
            )
    origins = (party.origins,) if isinstance(party.origins, str) else party.origins
    for origin in origins:
        if not (_is_origin(origin) or _APP.match(origin)):
            yield ConfigProblem(
                "InvalidRelyingParty",
                where,
                f"relying_party.origins: {origin!r} is no origin",
                'RelyingParty(origins=["https://app.example"]), without a path',
            )


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return False
    host = parts.hostname or ""
    secure = parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    return bool(host) and secure and text == f"{parts.scheme}://{host}{port}"


def _option_problems(provider: WebAuthn, where: str) -> Iterator[ConfigProblem]:
    make, use = provider.registration_options, provider.authentication_options
    if min(make.timeout, use.timeout) < timedelta(seconds=1):
        yield ConfigProblem("InvalidTimeout", where, "too short", "a timedelta of some minutes")
    if not make.algorithms:
        hint = "RegistrationOptions(algorithms=(-8, -7, -257))"
        yield ConfigProblem("MissingAlgorithms", where, "no algorithm is allowed", hint)
    for wanted, strict in (
        (make.user_verification, provider.verify_registration_options.require_user_verification),
        (use.user_verification, provider.verify_authentication_options.require_user_verification),
    ):
        if wanted == "discouraged" and strict:
            yield ConfigProblem(
                "InvalidUserVerification",
                where,
                "user verification is discouraged, but what comes without it is refused",
                'user_verification="preferred", or require_user_verification=False',
            )
