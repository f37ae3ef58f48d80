from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.errors import ProtocolError
from authwire.http import HttpResponse
from authwire.protocol import discovery
from authwire.protocol.discovery import ServerMetadata
from authwire.protocol.keys import AsymmetricKey

ISSUER = "https://idp.example"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://idp.example/authorize?p=1",
    "token_endpoint": "https://idp.example/token",
    "userinfo_endpoint": "https://idp.example/userinfo",
    "jwks_uri": "https://keys.example/jwks",
    "revocation_endpoint": "https://idp.example/revoke",
    "end_session_endpoint": "https://idp.example/logout",
    "introspection_endpoint": "https://idp.example/introspect",
    "pushed_authorization_request_endpoint": "https://idp.example/par",
    "require_pushed_authorization_requests": True,
    "authorization_response_iss_parameter_supported": True,
    "code_challenge_methods_supported": ["S256"],
    "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    "dpop_signing_alg_values_supported": [],
    "something_else": {"a": 1},
}
ENTRA = "https://login.microsoftonline.com/common/v2.0"
TEMPLATE = "https://login.microsoftonline.com/{tenantid}/v2.0"


@pytest.mark.parametrize(
    ("issuer", "kind", "url"),
    [
        (ISSUER, "oidc", "https://idp.example/.well-known/openid-configuration"),
        (f"{ISSUER}/", "oidc", "https://idp.example/.well-known/openid-configuration"),
        (f"{ISSUER}/a/b", "oidc", "https://idp.example/a/b/.well-known/openid-configuration"),
        (f"{ISSUER}/a/", "oidc", "https://idp.example/a/.well-known/openid-configuration"),
        (f"{ISSUER}/a?p=1", "oidc", "https://idp.example/a/.well-known/openid-configuration?p=1"),
        (ISSUER, "oauth2", "https://idp.example/.well-known/oauth-authorization-server"),
        (f"{ISSUER}/a/", "oauth2", "https://idp.example/.well-known/oauth-authorization-server/a"),
        ("http://localhost:9", "oidc", "http://localhost:9/.well-known/openid-configuration"),
    ],
)
def test_the_well_known_path_is_appended_or_inserted(issuer: str, kind: Any, url: str) -> None:
    request = discovery.build_discovery_request(issuer, kind=kind)
    assert (request.method, request.url, request.body) == ("GET", url, None)
    assert request.headers == (("accept", "application/json"),)


def test_an_issuer_that_is_not_https_is_not_asked() -> None:
    with pytest.raises(ProtocolError, match="the issuer must be https"):
        discovery.build_discovery_request("http://idp.example")


def test_a_whole_document_is_read(answer: Any) -> None:
    metadata = discovery.process_discovery_response(ISSUER, answer(DOCUMENT))
    assert metadata == ServerMetadata(
        issuer=ISSUER,
        authorization_endpoint="https://idp.example/authorize?p=1",
        token_endpoint="https://idp.example/token",
        userinfo_endpoint="https://idp.example/userinfo",
        jwks_uri="https://keys.example/jwks",
        revocation_endpoint="https://idp.example/revoke",
        end_session_endpoint="https://idp.example/logout",
        introspection_endpoint="https://idp.example/introspect",
        pushed_authorization_request_endpoint="https://idp.example/par",
        require_pushed_authorization_requests=True,
        authorization_response_iss_parameter_supported=True,
        code_challenge_methods_supported=("S256",),
        id_token_signing_alg_values_supported=("RS256", "ES256"),
        token_endpoint_auth_methods_supported=("client_secret_basic",),
        dpop_signing_alg_values_supported=(),
    )


def test_what_is_missing_or_null_is_not_there(answer: Any) -> None:
    nulls = dict.fromkeys(set(DOCUMENT) - {"issuer"})
    for body in ({"issuer": ISSUER}, {**nulls, "issuer": ISSUER}):
        metadata = discovery.process_discovery_response(ISSUER, answer(body))
        assert metadata == ServerMetadata(issuer=ISSUER)


@pytest.mark.parametrize(
    "named",
    [f"{ISSUER}/", "https://IDP.example", "https://idp.example:443", "https://evil.example", "", 7],
)
def test_another_issuer_is_refused_even_if_only_spelled_differently(
    answer: Any, named: Any
) -> None:
    with pytest.raises(ProtocolError, match="issuer"):
        discovery.process_discovery_response(ISSUER, answer({**DOCUMENT, "issuer": named}))


def test_the_message_names_both_issuers(answer: Any) -> None:
    with pytest.raises(
        ProtocolError, match=r"https://idp\.example/, not for https://idp\.example;"
    ):
        discovery.process_discovery_response(ISSUER, answer({"issuer": f"{ISSUER}/"}))


def test_a_tenant_template_is_accepted_on_request_only(answer: Any) -> None:
    response = answer({"issuer": TEMPLATE})
    metadata = discovery.process_discovery_response(ENTRA, response, tenant_template=True)
    assert metadata.issuer == ENTRA
    with pytest.raises(ProtocolError, match="issuer"):
        discovery.process_discovery_response(ENTRA, response)


@pytest.mark.parametrize(
    "named",
    ["https://evil.example/{tenantid}/v2.0", f"{TEMPLATE}/more", "{tenantid}",
     "https://{tenantid}/common/v2.0x", "https://login.microsoftonline.com/{other}/v2.0",
     "https://login.microsoftonline.com/{tenantid}/{tenantid}"],
)  # fmt: skip
def test_a_template_stands_for_one_path_segment_of_ours(answer: Any, named: str) -> None:
    with pytest.raises(ProtocolError, match="issuer"):
        discovery.process_discovery_response(ENTRA, answer({"issuer": named}), tenant_template=True)


@pytest.mark.parametrize(
    "field",
    [
        {"token_endpoint": "http://idp.example/token"},
        {"token_endpoint": "https://user@idp.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 7},
        {"userinfo_endpoint": ["https://idp.example"]},
        {"require_pushed_authorization_requests": "true"},
        {"authorization_response_iss_parameter_supported": 1},
        {"code_challenge_methods_supported": "S256"},
        {"id_token_signing_alg_values_supported": ["RS256", 7]},
    ],
    ids=str,
)
def test_a_field_of_a_wrong_kind_is_refused_by_name(answer: Any, field: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=next(iter(field))):
        discovery.process_discovery_response(ISSUER, answer({**DOCUMENT, **field}))


@pytest.mark.parametrize("status", [201, 204, 301, 302, 404, 500])
def test_another_status_is_refused(answer: Any, status: int) -> None:
    with pytest.raises(ProtocolError, match=f"status {status}"):
        discovery.process_discovery_response(ISSUER, answer(DOCUMENT, status=status))
    with pytest.raises(ProtocolError, match=f"status {status}"):
        discovery.process_jwks_response(answer({"keys": []}, status=status))


def test_keys_are_asked_for_and_read(answer: Any, private_keys: dict[str, AsymmetricKey]) -> None:
    request = discovery.build_jwks_request("https://idp.example/jwks")
    assert (request.method, request.url) == ("GET", "https://idp.example/jwks")
    jwks = [{**private_keys["P-256"].as_dict(private=False), "kid": "a"}, {"kty": "oct", "k": "AA"}]
    keys = discovery.process_jwks_response(answer({"keys": jwks}))
    assert [key.kid for key in keys.keys] == ["a"]
    assert discovery.process_jwks_response(answer({"keys": []})).keys == ()


def test_keys_are_not_asked_for_over_http() -> None:
    with pytest.raises(ProtocolError, match="jwks_uri must be https"):
        discovery.build_jwks_request("http://idp.example/jwks")


@pytest.mark.parametrize("body", [{}, {"keys": {}}, {"keys": None}, [], b"<html>"])
def test_what_is_no_key_set_is_refused(answer: Any, body: Any) -> None:
    with pytest.raises(ProtocolError, match="the key set"):
        discovery.process_jwks_response(answer(body))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("https://a.example"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@given(
    st.binary(max_size=40)
    | st.dictionaries(st.sampled_from([*DOCUMENT, "keys"]), VALUES).map(
        lambda fields: json.dumps({"issuer": ISSUER, **fields}).encode()
    )
)
def test_no_body_raises_anything_but_protocol_errors(body: bytes) -> None:
    response = HttpResponse(status=200, body=body)
    for process in (
        lambda: discovery.process_discovery_response(ISSUER, response, tenant_template=True),
        lambda: discovery.process_jwks_response(response),
    ):
        with contextlib.suppress(ProtocolError):
            process()
