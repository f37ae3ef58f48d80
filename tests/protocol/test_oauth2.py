from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.errors import InvalidCheck, OAuthCallbackError, ProtocolError
from authwire.http import Headers, HttpRequest, HttpResponse
from authwire.protocol import jws, oauth2
from authwire.protocol.client_auth import Client
from authwire.protocol.discovery import ServerMetadata
from authwire.protocol.dpop import DPoPKey
from authwire.protocol.oauth2 import SKIP_STATE, ValidatedCallback
from authwire.protocol.tokens import process_token_response

NOW = 1_800_000_000
SERVER = ServerMetadata(issuer="https://idp.example")
ANNOUNCING = replace(SERVER, authorization_response_iss_parameter_supported=True)


@pytest.fixture(scope="module")
def dpop() -> DPoPKey:
    return DPoPKey.generate()


@pytest.fixture
def callback(server: ServerMetadata) -> ValidatedCallback:
    return oauth2.validate_callback({"code": "c-1"}, server=server, expected_state=SKIP_STATE)


def form(request: HttpRequest) -> list[tuple[str, str]]:
    assert request.method == "POST"
    assert dict(request.headers)["content-type"].startswith("application/x-www-form-urlencoded")
    assert dict(request.headers)["accept"] == "application/json"
    return parse_qsl((request.body or b"").decode(), keep_blank_values=True, strict_parsing=True)


def proof_of(request: HttpRequest) -> dict[str, Any]:
    return jws.read(dict(request.headers)["dpop"], "the proof").claims


# --- authorization URL ---------------------------------------------------------------------------


def test_parameters_are_form_encoded() -> None:
    url = oauth2.build_authorization_url(
        "https://idp.example/authorize",
        {"scope": "openid email", "redirect_uri": "https://app.example/cb?x=1&y", "state": "é+"},
    )
    assert url == (
        "https://idp.example/authorize?scope=openid+email"
        "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3D1%26y&state=%C3%A9%2B"
    )


def test_the_endpoints_own_query_is_kept_unless_we_say_otherwise() -> None:
    url = oauth2.build_authorization_url(
        "https://idp.example/authorize?p=policy&scope=old&empty=&scope=older",
        [("scope", "openid"), ("resource", "a"), ("resource", "b")],
    )
    assert parse_qsl(urlsplit(url).query, keep_blank_values=True) == [
        ("p", "policy"),
        ("empty", ""),
        ("scope", "openid"),
        ("resource", "a"),
        ("resource", "b"),
    ]


@pytest.mark.parametrize(
    "endpoint", ["http://idp.example/a", "https://idp.example/a#b", "javascript:alert(1)//"]
)
def test_a_browser_is_not_sent_to_an_unsafe_endpoint(endpoint: str) -> None:
    with pytest.raises(ProtocolError, match="the authorization endpoint"):
        oauth2.build_authorization_url(endpoint, {})


# --- the callback --------------------------------------------------------------------------------


def validate(params: dict[str, str], **options: Any) -> ValidatedCallback:
    return oauth2.validate_callback(
        params, **{"server": SERVER, "expected_state": "s-1", **options}
    )


def test_a_good_answer_gives_the_code() -> None:
    params = {"code": "c-1", "state": "s-1", "iss": "https://idp.example", "session_state": "x"}
    assert validate(params).code == "c-1"
    assert validate(params, server=ANNOUNCING).code == "c-1"


def test_without_state_check_any_state_is_ignored() -> None:
    assert validate({"code": "c-1"}, expected_state=SKIP_STATE).code == "c-1"
    assert validate({"code": "c-1", "state": "x"}, expected_state=SKIP_STATE).code == "c-1"


@pytest.mark.parametrize("state", [None, "", "s-2", "S-1", "s-1 ", "é", "\ud800"])
def test_a_missing_or_other_state_is_an_invalid_check(state: str | None) -> None:
    params = {"code": "c-1"} if state is None else {"code": "c-1", "state": state}
    with pytest.raises(InvalidCheck, match="state"):
        validate(params)


@pytest.mark.parametrize(
    "issuer",
    ["", "https://idp.example/", "https://evil.example", "HTTPS://idp.example", "é", "\ud800"],
)
def test_another_issuer_is_refused_also_where_none_is_announced(issuer: str) -> None:
    for server in (SERVER, ANNOUNCING):
        with pytest.raises(ProtocolError, match="another issuer"):
            validate({"code": "c-1", "state": "s-1", "iss": issuer}, server=server)


def test_a_missing_issuer_is_refused_where_it_is_announced() -> None:
    with pytest.raises(ProtocolError, match="lacks the iss"):
        validate({"code": "c-1", "state": "s-1"}, server=ANNOUNCING)


def test_an_error_is_reported_with_its_description() -> None:
    params = {
        "error": "access_denied",
        "error_description": "no\nthanks",
        "state": "s-1",
        "code": "c",
    }
    with pytest.raises(OAuthCallbackError, match=r"access_denied: no\?thanks$"):
        validate(params)


def test_issuer_counts_before_state_and_state_before_error() -> None:
    everything = {"iss": "https://evil.example", "state": "wrong", "error": "access_denied"}
    with pytest.raises(ProtocolError, match="another issuer"):
        validate(everything)
    with pytest.raises(InvalidCheck):
        validate({**everything, "iss": "https://idp.example"})
    with pytest.raises(OAuthCallbackError):
        validate({**everything, "iss": "https://idp.example", "state": "s-1"})


def test_a_jarm_response_is_refused_first() -> None:
    with pytest.raises(ProtocolError, match="JARM"):
        validate({"response": "a.b.c", "code": "c-1", "state": "wrong"})


@pytest.mark.parametrize("name", ["id_token", "token"])
def test_an_implicit_or_hybrid_answer_is_refused(name: str) -> None:
    with pytest.raises(ProtocolError, match="implicit"):
        validate({"code": "c-1", "state": "s-1", name: "x"})


@pytest.mark.parametrize("params", [{}, {"code": ""}, {"error": ""}])
def test_a_missing_code_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ProtocolError, match="no code"):
        validate({"state": "s-1", **params})


def test_nothing_but_validation_makes_a_validated_callback() -> None:
    with pytest.raises(TypeError, match="only validate_callback"):
        ValidatedCallback("c-1")


def test_a_code_does_not_show_in_a_repr() -> None:
    assert repr(validate({"code": "c-1", "state": "s-1"})) == "ValidatedCallback()"


@given(
    st.dictionaries(
        st.sampled_from(
            ["iss", "state", "error", "error_description", "code", "response", "token"]
        ),
        st.text(max_size=9) | st.sampled_from(["s-1", "https://idp.example"]),
    ),
    st.sampled_from([SERVER, ANNOUNCING]),
    st.sampled_from(["s-1", SKIP_STATE]),
)
def test_no_parameters_raise_anything_but_the_named_errors(
    params: dict[str, str], server: ServerMetadata, state: Any
) -> None:
    try:
        found = oauth2.validate_callback(params, server=server, expected_state=state)
    except (ProtocolError, InvalidCheck, OAuthCallbackError):
        return
    assert found.code == params["code"]
    assert params.get("iss") in (None, server.issuer)
    assert state is SKIP_STATE or params["state"] == "s-1"


# --- token requests ------------------------------------------------------------------------------


def test_a_code_is_redeemed_with_verifier_and_redirect_uri(
    server: ServerMetadata, client: Client, callback: ValidatedCallback
) -> None:
    request = oauth2.build_code_request(
        server,
        client,
        callback=callback,
        redirect_uri="https://app.example/cb",
        code_verifier="v-1",
        now=NOW,
        jti="j",
        extra={"audience": "api", "grant_type": "evil", "code": "evil"},
    )
    assert request.url == "https://idp.example/token"
    assert dict(request.headers)["authorization"].startswith("Basic ")
    assert "dpop" not in dict(request.headers)
    assert dict(form(request)) == {
        "audience": "api",
        "grant_type": "authorization_code",
        "code": "c-1",
        "redirect_uri": "https://app.example/cb",
        "code_verifier": "v-1",
    }


def test_without_pkce_no_verifier_is_sent(
    server: ServerMetadata, callback: ValidatedCallback
) -> None:
    request = oauth2.build_code_request(
        server,
        Client(client_id="app", token_endpoint_auth_method="none"),
        callback=callback,
        redirect_uri="https://app.example/cb",
        code_verifier=None,
        now=NOW,
        jti="j",
    )
    assert "authorization" not in dict(request.headers)
    assert ("client_id", "app") in form(request)
    assert "code_verifier" not in dict(form(request))


def test_a_code_can_be_bound_to_a_key(
    server: ServerMetadata, client: Client, callback: ValidatedCallback, dpop: DPoPKey
) -> None:
    request = oauth2.build_code_request(
        server,
        client,
        callback=callback,
        redirect_uri="https://app.example/cb",
        code_verifier="v-1",
        now=NOW,
        jti="j",
        dpop=dpop,
        dpop_nonce="n-1",
    )
    assert proof_of(request) == {
        "jti": "j",
        "htm": "POST",
        "htu": "https://idp.example/token",
        "iat": NOW,
        "nonce": "n-1",
    }


@pytest.mark.parametrize("scope", [None, "openid email"])
def test_a_refresh_token_is_redeemed(
    server: ServerMetadata, client: Client, dpop: DPoPKey, scope: str | None
) -> None:
    request = oauth2.build_refresh_request(
        server,
        client,
        refresh_token="rt-1",
        scope=scope,
        now=NOW,
        jti="j",
        dpop=dpop,
        extra={"resource": "https://api.example", "refresh_token": "evil"},
    )
    assert request.url == "https://idp.example/token"
    assert proof_of(request)["htu"] == "https://idp.example/token"
    assert dict(form(request)) == {
        "resource": "https://api.example",
        "grant_type": "refresh_token",
        "refresh_token": "rt-1",
        **({} if scope is None else {"scope": scope}),
    }


def test_an_assertion_is_for_issuer_and_token_endpoint_and_has_an_id_of_its_own(
    server: ServerMetadata, dpop: DPoPKey
) -> None:
    client = Client(
        client_id="app",
        client_secret="a secret that is long enough",
        token_endpoint_auth_method="client_secret_jwt",
    )
    request = oauth2.build_refresh_request(
        server, client, refresh_token="rt-1", now=NOW, jti="j", dpop=dpop
    )
    claims = jws.read(dict(form(request))["client_assertion"], "it").claims
    assert claims["aud"] == ["https://idp.example", "https://idp.example/token"]
    assert claims["jti"] != proof_of(request)["jti"]


def test_an_assertion_for_a_provider_without_issuer_names_the_endpoint_only() -> None:
    server = ServerMetadata(issuer="", token_endpoint="https://idp.example/token")
    client = Client(
        client_id="app", client_secret="s" * 20, token_endpoint_auth_method="client_secret_jwt"
    )
    request = oauth2.build_refresh_request(server, client, refresh_token="rt", now=NOW, jti="j")
    claims = jws.read(dict(form(request))["client_assertion"], "it").claims
    assert claims["aud"] == ["https://idp.example/token"]


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [(None, "the provider has no token_endpoint"), ("http://idp.example/t", "must be https")],
)
def test_a_missing_or_unsafe_endpoint_gets_no_request(
    client: Client, endpoint: str | None, message: str
) -> None:
    server = replace(SERVER, token_endpoint=endpoint)
    with pytest.raises(ProtocolError, match=message):
        oauth2.build_refresh_request(server, client, refresh_token="rt", now=NOW, jti="j")


def test_a_lone_surrogate_in_a_parameter_is_replaced(
    server: ServerMetadata, client: Client
) -> None:
    request = oauth2.build_refresh_request(
        server, client, refresh_token="a\ud800b", now=NOW, jti="j"
    )
    assert dict(form(request))["refresh_token"] == "a?b"


def test_secrets_do_not_show_in_the_repr_of_a_request(
    server: ServerMetadata, client: Client
) -> None:
    request = oauth2.build_refresh_request(server, client, refresh_token="rt-1", now=NOW, jti="j")
    assert "rt-1" not in repr(request)
    assert "Basic" not in repr(request)


def test_the_token_response_is_processed_from_here_too() -> None:
    assert oauth2.process_token_response is process_token_response


# --- revocation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("hint", [None, "refresh_token"])
def test_a_token_is_revoked(server: ServerMetadata, client: Client, hint: str | None) -> None:
    request = oauth2.build_revocation_request(
        server, client, token="rt-1", token_type_hint=hint, now=NOW, jti="j"
    )
    assert request.url == "https://idp.example/revoke"
    expected = {"token": "rt-1"} if hint is None else {"token": "rt-1", "token_type_hint": hint}
    assert dict(form(request)) == expected


@pytest.mark.parametrize("status", [200, 204])
def test_a_revocation_that_worked_says_nothing(answer: Any, status: int) -> None:
    oauth2.process_revocation_response(answer(b"", status=status))


def test_a_revocation_that_failed_says_why(answer: Any) -> None:
    with pytest.raises(ProtocolError, match=r"status 400 \(unsupported_token_type: no\)"):
        oauth2.process_revocation_response(
            answer({"error": "unsupported_token_type", "error_description": "no"}, status=400)
        )


# --- userinfo ------------------------------------------------------------------------------------


def test_userinfo_is_asked_with_the_token() -> None:
    request = oauth2.build_userinfo_request("https://idp.example/me?v=2", access_token="at-1")
    assert request == HttpRequest(
        method="GET",
        url="https://idp.example/me?v=2",
        headers=(("accept", "application/json"), ("authorization", "Bearer at-1")),
    )


def test_userinfo_is_asked_with_a_proof_for_a_bound_token(dpop: DPoPKey) -> None:
    request = oauth2.build_userinfo_request(
        "https://idp.example/me?v=2",
        access_token="at-1",
        dpop=dpop,
        dpop_nonce="n-1",
        now=NOW,
        jti="j",
    )
    assert dict(request.headers)["authorization"] == "DPoP at-1"
    claims = proof_of(request)
    assert claims["htm"] == "GET"
    assert claims["htu"] == "https://idp.example/me"
    assert claims["nonce"] == "n-1"
    assert "ath" in claims


@pytest.mark.parametrize("token", ["", "a b", "a\r\nx: y", "é", "a\x00", "\ud800"])
def test_a_token_that_cannot_stand_in_a_header_is_not_sent(token: str) -> None:
    with pytest.raises(ProtocolError, match="the access token has characters"):
        oauth2.build_userinfo_request("https://idp.example/me", access_token=token)


def test_a_token_is_not_sent_over_http() -> None:
    with pytest.raises(ProtocolError, match="the userinfo endpoint must be https"):
        oauth2.build_userinfo_request("http://idp.example/me", access_token="at-1")


def test_the_profile_must_be_that_of_the_id_token(answer: Any) -> None:
    profile = {"sub": "u-1", "name": "Ada"}
    assert oauth2.process_userinfo_response(answer(profile), expected_sub="u-1") == profile
    for other in ({"sub": "u-2"}, {"sub": "U-1"}, {"sub": 1}, {}, {"sub": "\ud800"}):
        with pytest.raises(ProtocolError, match="userinfo"):
            oauth2.process_userinfo_response(answer(other), expected_sub="u-1")


def test_without_id_token_any_object_is_a_profile(answer: Any) -> None:
    assert oauth2.process_userinfo_response(answer({"id": 7}), expected_sub=None) == {"id": 7}


@pytest.mark.parametrize("body", [b"", b"[]", b"eyJhbGciOiJSUzI1NiJ9.e30.AAAA"])
def test_a_profile_that_is_no_json_object_is_refused(answer: Any, body: bytes) -> None:
    response = answer(body, headers={"content-type": "application/jwt"})
    with pytest.raises(ProtocolError, match="application/jwt"):
        oauth2.process_userinfo_response(response, expected_sub=None)


def test_a_refused_token_is_reported_with_the_challenge(answer: Any) -> None:
    headers = {"www-authenticate": 'Bearer error="invalid_token"'}
    with pytest.raises(ProtocolError, match=r'status 401 \(Bearer error="invalid_token"\)'):
        oauth2.process_userinfo_response(
            answer(b"", status=401, headers=headers), expected_sub=None
        )


# --- PAR -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_mapping", [True, False])
def test_an_authorization_request_is_pushed(
    server: ServerMetadata, dpop: DPoPKey, as_mapping: bool
) -> None:
    client = Client(
        client_id="app", client_secret="s", token_endpoint_auth_method="client_secret_post"
    )
    params = {"client_id": "app", "response_type": "code", "scope": "openid"}
    request = oauth2.build_par_request(
        server,
        client,
        params=params if as_mapping else list(params.items()),
        now=NOW,
        jti="j",
        dpop=dpop,
        dpop_nonce="n-1",
    )
    assert request.url == "https://idp.example/par"
    assert proof_of(request)["htu"] == "https://idp.example/par"
    assert sorted(form(request)) == [
        ("client_id", "app"),
        ("client_secret", "s"),
        ("response_type", "code"),
        ("scope", "openid"),
    ]


@pytest.mark.parametrize("status", [200, 201])
def test_a_pushed_request_gives_its_uri(answer: Any, status: int) -> None:
    body = {"request_uri": "urn:ietf:params:oauth:request_uri:x", "expires_in": 60}
    assert oauth2.process_par_response(answer(body, status=status)) == body["request_uri"]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 201, "no request_uri"),
        ({"request_uri": 7}, 201, "no request_uri"),
        (b"", 201, "JSON object"),
        ({"error": "invalid_request"}, 400, r"status 400 \(invalid_request\)"),
        (b"", 413, "status 413"),
    ],
)
def test_a_pushed_request_without_uri_is_an_error(
    answer: Any, body: Any, status: int, message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        oauth2.process_par_response(answer(body, status=status))


@given(
    st.binary(max_size=40)
    | st.dictionaries(
        st.sampled_from(["sub", "error", "error_description", "request_uri"]),
        st.none() | st.integers() | st.text(max_size=6) | st.just("u-1"),
    ).map(lambda body: json.dumps(body).encode()),
    st.sampled_from([200, 201, 204, 400, 401, 500]),
    st.text(max_size=20),
)
def test_no_answer_raises_anything_but_protocol_errors(
    body: bytes, status: int, challenge: str
) -> None:
    headers = Headers([("www-authenticate", challenge), ("content-type", challenge)])
    response = HttpResponse(status=status, headers=headers, body=body)
    for process in (
        lambda: oauth2.process_userinfo_response(response, expected_sub="u-1"),
        lambda: oauth2.process_userinfo_response(response, expected_sub=None),
        lambda: oauth2.process_revocation_response(response),
        lambda: oauth2.process_par_response(response),
    ):
        with contextlib.suppress(ProtocolError):
            process()
