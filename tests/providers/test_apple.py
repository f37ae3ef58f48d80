from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from joserfc import jwt
from joserfc.jwk import ECKey

from authwire.models import TokenSet
from authwire.providers import Apple

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key: Any) -> str:
    data: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return data.decode()


def signed(**options: Any) -> Any:
    return Apple(team_id="TEAM", key_id="KID", private_key=pem(KEY), **options)


def decoded(secret: str) -> Any:
    public = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return jwt.decode(secret, ECKey.import_key(public), algorithms=["ES256"])


def test_client_secret_is_signed_and_short_lived() -> None:
    token = decoded(signed(client_id="com.example.web").client_secret(NOW))
    assert token.header["alg"] == "ES256"
    assert token.header["kid"] == "KID"
    assert token.claims == {
        "iss": "TEAM",
        "sub": "com.example.web",
        "aud": "https://appleid.apple.com",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
    }


def test_client_secret_is_for_a_client_id_that_was_filled_in_later() -> None:
    provider = signed().override({"client_id": "com.example.late"})
    assert decoded(provider.client_secret(NOW)).claims["sub"] == "com.example.late"


def test_key_in_one_line_is_read() -> None:
    one_line = pem(KEY).replace("\n", "\\n")
    provider = Apple(team_id="T", key_id="K", private_key=one_line, client_id="c")
    assert callable(provider.client_secret)
    assert decoded(provider.client_secret(NOW)).claims["sub"] == "c"


def test_key_never_shows() -> None:
    provider = signed(client_id="c")
    body = pem(KEY).splitlines()[1]
    private = KEY.private_numbers().private_value
    for text in (repr(provider), repr(provider.client_secret)):
        assert body not in text
        assert str(private) not in text


def test_ready_made_secret_is_kept() -> None:
    assert Apple(client_secret="made.elsewhere.x").client_secret == "made.elsewhere.x"
    assert signed().override({"client_secret": "s"}).client_secret == "s"


def test_bare_factory_waits_for_the_environment() -> None:
    assert Apple().client_secret is None


@pytest.mark.parametrize(
    "options",
    [
        {"team_id": "T"},
        {"team_id": "T", "key_id": "K"},
        {"key_id": "K", "private_key": "x"},
        {"team_id": "T", "key_id": "K", "private_key": "x", "client_secret": "s"},
    ],
)
def test_half_a_signing_key_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="team_id, key_id and private_key"):
        Apple(**options)  # type: ignore[arg-type]  # one dict for several typed parameters


@pytest.mark.parametrize(
    "key",
    [
        "",
        "no key",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(ed25519.Ed25519PrivateKey.generate()),
    ],
    ids=["empty", "text", "broken", "P-384", "Ed25519"],
)
def test_key_that_cannot_sign_is_refused_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="private_key") as caught:
        Apple(team_id="T", key_id="K", private_key=key)
    assert "BEGIN" not in str(caught.value)


def with_user(user: str | None) -> Any:
    provider = Apple()
    assert provider.callback_profile is not None
    profile: Any = {"sub": "s", "email": "real@corp.example"}
    form = {"code": "c", "state": "x"} if user is None else {"code": "c", "user": user}
    return provider.profile(provider.callback_profile(profile, form), TokenSet())


def test_name_of_the_first_consent_is_taken_and_nothing_else() -> None:
    sent = {
        "name": {"firstName": "Ann", "lastName": "Example"},
        "email": "victim@corp.example",
        "sub": "other",
    }
    user = with_user(json.dumps(sent))
    assert (user.id, user.name, user.email) == ("s", "Ann Example", "real@corp.example")


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "{",
        "null",
        "[]",
        '"x"',
        "{}",
        '{"name": null}',
        '{"name": "Ann"}',
        '{"name": []}',
        '{"name": {}}',
        '{"name": {"firstName": 7, "lastName": ["x"]}}',
        "[" * 100_000,
        json.dumps({"name": {"firstName": "x" * 5000, "lastName": ""}}),
    ],
    ids=lambda sent: str(sent)[:30],
)
def test_broken_name_of_the_first_consent_is_ignored(sent: str | None) -> None:
    user = with_user(sent)
    assert (user.id, user.name) == ("s", "real@corp.example")


def test_callback_is_a_form_post_guarded_by_nonce_and_state() -> None:
    provider = Apple()
    assert provider.params["response_mode"] == "form_post"
    assert provider.checks == ("nonce", "state")
