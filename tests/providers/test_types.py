from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any, get_type_hints

import pytest

from authwire.models import TokenSet
from authwire.providers import (
    OIDC,
    Auth0,
    AuthenticationOptions,
    Keycloak,
    OAuth2,
    Passkey,
    RegistrationOptions,
    WebAuthn,
)
from authwire.providers._types import OAuth2Options, standard_account
from authwire.providers.passkey import PasskeyOptions


def test_every_option_is_a_field() -> None:
    assert set(get_type_hints(OAuth2Options)) <= {field.name for field in fields(OAuth2)}


def test_provider_cannot_be_changed_in_place() -> None:
    provider = Keycloak(issuer="https://id.corp.example/realms/staff")
    with pytest.raises(FrozenInstanceError):
        provider.issuer = "https://evil.example"  # type: ignore[misc]  # what is tested
    assert provider.override({"scope": "openid"}).issuer == provider.issuer


def test_override_refuses_an_option_that_does_not_exist() -> None:
    typo: Any = {"client_secrets": "x"}
    with pytest.raises(TypeError):
        Keycloak().override(typo)


def test_derived_fields_follow_each_change() -> None:
    def derive(provider: OAuth2[Any]) -> Mapping[str, Any]:
        return {"token": f"{provider.issuer}/token"}

    provider = OIDC[Any](id="x", name="X", issuer="https://a.example", derive=derive)
    assert provider.token == "https://a.example/token"
    moved = provider.override({"issuer": "https://b.example"})
    assert moved.token == "https://b.example/token"


@pytest.mark.parametrize("issuer", ["https://t.eu.auth0.com", "https://t.eu.auth0.com/"])
def test_auth0_issuer_is_spelled_as_auth0_states_it(issuer: str) -> None:
    assert Auth0(issuer=issuer).issuer == "https://t.eu.auth0.com/"
    assert Auth0().override({"issuer": issuer}).issuer == "https://t.eu.auth0.com/"


def test_auth0_without_issuer_waits_for_the_environment() -> None:
    assert Auth0().issuer is None


def test_every_option_of_a_passkey_is_a_field() -> None:
    options = set(get_type_hints(PasskeyOptions))
    assert options == {field.name for field in fields(WebAuthn)} - {"type"}


def test_a_passkey_is_a_credential_that_is_found_without_a_name_and_verifies_its_user() -> None:
    passkey = Passkey()
    assert (passkey.id, passkey.name) == ("passkey", "Passkey")
    assert passkey.registration_options == RegistrationOptions(
        resident_key="required", user_verification="required"
    )
    assert passkey.authentication_options == AuthenticationOptions(user_verification="required")
    assert Passkey(id="key", authentication_options=AuthenticationOptions()) == replace(
        passkey, id="key", authentication_options=AuthenticationOptions()
    )


def test_a_security_key_needs_no_more_than_auth_js_asks_for() -> None:
    key = WebAuthn()
    assert key.registration_options.resident_key == "preferred"
    assert key.registration_options.user_verification == "preferred"
    assert key.verify_registration_options.require_user_verification
    assert key.verify_authentication_options.require_user_verification


def test_account_keeps_the_known_token_fields_that_are_there() -> None:
    tokens = TokenSet(access_token="at", expires_in=5, expires_at=7, extra={"team": "x"})
    assert standard_account(tokens) == {"access_token": "at", "expires_at": 7}
