from __future__ import annotations

import base64
import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import OctKey

from authwire.errors import ProtocolError
from authwire.protocol.client_auth import Client, ClientAuthMethod, authenticate
from authwire.protocol.keys import AsymmetricKey
from authwire.providers._types import TokenEndpointAuthMethod

AUDIENCE = ("https://idp.example", "https://idp.example/token")
NOW = 1_800_000_000
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def run(**options: Any) -> tuple[list[tuple[str, str]], dict[str, str]]:
    client = Client(**{"client_id": "app", **options})
    return authenticate(client, audience=AUDIENCE, now=NOW, jti="unique")


def basic(client_id: str, secret: str) -> str:
    headers, params = run(client_id=client_id, client_secret=secret)
    ((name, value),) = headers
    assert (name, params) == ("authorization", {})
    scheme, _, encoded = value.partition(" ")
    assert scheme == "Basic"
    return base64.b64decode(encoded).decode()


def test_basic_is_the_default() -> None:
    assert basic("app", "secret") == "app:secret"


def test_basic_form_encodes_both_parts_as_authjs_does() -> None:
    # encodeURIComponent(…).replace(/%20/g, "+")
    assert basic("a b:c", "s:ecr+et/% é-_.!~*'()") == "a+b%3Ac:s%3Aecr%2Bet%2F%25+%C3%A9-_.!~*'()"


@given(st.text(min_size=1), st.text(min_size=1))
def test_basic_has_exactly_one_colon_whatever_the_parts(client_id: str, secret: str) -> None:
    assert basic(client_id, secret).count(":") == 1


def test_post_sends_id_and_secret_in_the_body() -> None:
    headers, params = run(client_secret="s", token_endpoint_auth_method="client_secret_post")
    assert (headers, params) == ([], {"client_id": "app", "client_secret": "s"})


def test_a_public_client_sends_its_id_only() -> None:
    headers, params = run(client_secret="s", token_endpoint_auth_method="none")
    assert (headers, params) == ([], {"client_id": "app"})


def opened(params: dict[str, str], key: Any, alg: str) -> tuple[dict[str, Any], dict[str, Any]]:
    assert params["client_id"] == "app"
    assert params["client_assertion_type"] == JWT_BEARER
    assert set(params) == {"client_id", "client_assertion_type", "client_assertion"}
    token = joserfc_jws.deserialize_compact(params["client_assertion"], key, algorithms=[alg])
    return token.protected, json.loads(token.payload)


CLAIMS = {
    "iss": "app",
    "sub": "app",
    "aud": list(AUDIENCE),
    "jti": "unique",
    "iat": NOW,
    "nbf": NOW,
    "exp": NOW + 60,
}


def test_secret_jwt_signs_with_the_secret() -> None:
    secret = "a secret that is long enough"
    headers, params = run(client_secret=secret, token_endpoint_auth_method="client_secret_jwt")
    assert headers == []
    assert opened(params, OctKey.import_key(secret), "HS256") == ({"alg": "HS256"}, CLAIMS)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # the reader's own remark
@pytest.mark.parametrize(
    ("family", "alg"),
    [("RSA", "RS256"), ("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512"),
     ("Ed25519", "EdDSA")],
)  # fmt: skip
@pytest.mark.parametrize("form", ["key", "jwk", "pem"])
def test_private_key_jwt_signs_with_any_kind_of_key(
    private_keys: dict[str, AsymmetricKey], family: str, alg: str, form: str
) -> None:
    key = private_keys[family]
    materials: dict[str, Any] = {
        "key": key,
        "jwk": {**key.as_dict(private=True), "kid": "our-key"},
        "pem": key.as_pem(private=True).decode(),
    }
    headers, params = run(private_key=materials[form], token_endpoint_auth_method="private_key_jwt")
    assert headers == []
    header, claims = opened(params, key, alg)
    assert claims == CLAIMS
    assert header == ({"alg": alg, "kid": "our-key"} if form == "jwk" else {"alg": alg})


@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "client_secret_jwt"]
)
@pytest.mark.parametrize("secret", [None, ""])
def test_a_missing_secret_is_an_error(method: str, secret: str | None) -> None:
    with pytest.raises(ProtocolError, match=f"{method} needs a client secret"):
        run(client_secret=secret, token_endpoint_auth_method=method)


def test_a_missing_private_key_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="private key"):
        run(token_endpoint_auth_method="private_key_jwt")


def test_an_unknown_method_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="unknown client authentication method: magic"):
        run(token_endpoint_auth_method="magic")


def test_secrets_do_not_show_in_the_repr_of_a_client() -> None:
    shown = repr(Client(client_id="app", client_secret="hush", private_key={"d": "hush"}))
    assert "app" in shown
    assert "hush" not in shown


def test_the_methods_are_those_that_providers_may_name() -> None:
    assert get_args(ClientAuthMethod) == get_args(TokenEndpointAuthMethod)
