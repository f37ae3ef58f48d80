from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.errors import OAuthCallbackError, ProtocolError
from authwire.http import HttpResponse
from authwire.models import TokenSet
from authwire.protocol.tokens import process_token_response

NOW = 1_800_000_000
GOOD = {"access_token": "at-1", "token_type": "Bearer"}


def test_the_example_of_the_rfc_is_read(answer: Any) -> None:
    # RFC 6749 §5.1
    tokens = process_token_response(
        answer(
            {
                "access_token": "2YotnFZFEjr1zCsicMWpAA",
                "token_type": "example",
                "expires_in": 3600,
                "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
                "example_parameter": "example_value",
            }
            | {"token_type": "bearer"}
        ),
        now=NOW,
    )
    assert tokens == TokenSet(
        access_token="2YotnFZFEjr1zCsicMWpAA",
        token_type="bearer",
        refresh_token="tGzv3JOkF0XG5Qx2TlKWIA",
        expires_in=3600,
        expires_at=NOW + 3600,
        extra={"example_parameter": "example_value"},
    )


def test_every_field_of_openid_connect_is_kept(answer: Any) -> None:
    body = {**GOOD, "id_token": "a.b.c", "scope": "openid email", "session_state": "s"}
    tokens = process_token_response(answer(body), now=NOW, require_id_token=True)
    assert (tokens.id_token, tokens.scope, tokens.session_state) == ("a.b.c", "openid email", "s")
    assert tokens.extra == {}
    assert (tokens.expires_in, tokens.expires_at) == (None, None)


@pytest.mark.parametrize(("sent", "kept"), [("BEARER", "bearer"), ("DPoP", "dpop")])
def test_the_token_type_is_lower_case(answer: Any, sent: str, kept: str) -> None:
    assert process_token_response(answer({**GOOD, "token_type": sent}), now=NOW).token_type == kept


@pytest.mark.parametrize("content_type", ["text/plain", "text/javascript", "application/json"])
def test_json_counts_whatever_the_content_type(answer: Any, content_type: str) -> None:
    response = answer(GOOD, headers={"content-type": content_type})
    assert process_token_response(response, now=NOW).access_token == "at-1"


@pytest.mark.parametrize(
    ("value", "seconds", "expires_at"),
    [(3600, 3600, NOW + 3600), ("3600", 3600, NOW + 3600), (59.9, 59, NOW + 59),
     ("59.9", 59, NOW + 59), (0, 0, None), ("0", 0, None), (None, None, None)],
)  # fmt: skip
def test_expires_in_may_be_a_number_in_any_form(
    answer: Any, value: object, seconds: int | None, expires_at: int | None
) -> None:
    tokens = process_token_response(answer({**GOOD, "expires_in": value}), now=NOW)
    assert (tokens.expires_in, tokens.expires_at) == (seconds, expires_at)


@pytest.mark.parametrize(
    "value", [-1, True, "", "soon", "-5", "1e3", " 5", "٣", 2**53, 1e300, [], {}, "9" * 40]
)
def test_an_expires_in_that_is_no_number_of_seconds_is_refused(answer: Any, value: object) -> None:
    with pytest.raises(ProtocolError, match="expires_in"):
        process_token_response(answer({**GOOD, "expires_in": value}), now=NOW)


@pytest.mark.parametrize(
    ("fields", "expires_at"),
    [({"expires_at": NOW + 5}, NOW + 5), ({"expires_at": str(NOW)}, NOW),
     ({"expires_at": "2030-01-01T00:00:00Z"}, None), ({"expires_at": True}, None),
     ({"expires_at": 7, "expires_in": 60}, NOW + 60), ({"expires_at": 7, "expires_in": 0}, 7)],
    ids=str,
)  # fmt: skip
def test_a_providers_own_expires_at_counts_without_expires_in(
    answer: Any, fields: dict[str, Any], expires_at: int | None
) -> None:
    tokens = process_token_response(answer({**GOOD, **fields}), now=NOW)
    assert tokens.expires_at == expires_at
    assert "expires_at" not in tokens.extra


def test_null_counts_as_missing(answer: Any) -> None:
    nulls = dict.fromkeys(["refresh_token", "id_token", "scope", "expires_in", "session_state"])
    tokens = process_token_response(answer({**GOOD, **nulls}), now=NOW)
    assert tokens == TokenSet(access_token="at-1", token_type="bearer")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"access_token": None}, "access_token"),
        ({"access_token": ""}, "access_token"),
        ({"access_token": 7}, "access_token"),
        ({"token_type": None}, "token_type"),
        ({"token_type": ["bearer"]}, "token_type"),
        ({"token_type": "mac"}, "unknown token_type: mac"),
        ({"refresh_token": 7}, "refresh_token"),
        ({"id_token": {"a": 1}}, "id_token"),
        ({"scope": ["a", "b"]}, "scope"),
    ],
    ids=str,
)
def test_a_field_of_a_wrong_kind_is_refused_by_name(
    answer: Any, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message) as caught:
        process_token_response(answer({**GOOD, **change}), now=NOW)
    assert "at-1" not in str(caught.value)


def test_a_session_state_that_is_no_text_is_dropped(answer: Any) -> None:
    tokens = process_token_response(answer({**GOOD, "session_state": 7}), now=NOW)
    assert tokens.session_state is None


@pytest.mark.parametrize("id_token", [None, ""])
def test_a_missing_id_token_is_refused_where_it_is_required(
    answer: Any, id_token: str | None
) -> None:
    with pytest.raises(ProtocolError, match="id_token"):
        process_token_response(
            answer({**GOOD, "id_token": id_token}), now=NOW, require_id_token=True
        )


@pytest.mark.parametrize("status", [400, 401, 403, 500, 200])
def test_an_error_of_oauth_is_reported_with_code_and_description(answer: Any, status: int) -> None:
    # GitHub sends such an error with status 200.
    body = {"error": "invalid_grant", "error_description": "code\nexpired", "error_uri": "x"}
    with pytest.raises(OAuthCallbackError, match=r"invalid_grant: code\?expired$"):
        process_token_response(answer(body, status=status), now=NOW)


def test_an_error_description_that_repeats_a_token_is_cut(answer: Any) -> None:
    secret = "1//0g" + "x" * 60
    body = {"error": "invalid_grant", "error_description": f"bad token {secret}"}
    with pytest.raises(OAuthCallbackError) as caught:
        process_token_response(answer(body, status=400), now=NOW)
    assert secret not in str(caught.value)


def test_tokens_beside_an_error_field_are_tokens_as_in_authjs(answer: Any) -> None:
    assert process_token_response(answer({**GOOD, "error": "x"}), now=NOW).access_token == "at-1"


def test_tokens_with_an_error_status_are_no_tokens(answer: Any) -> None:
    with pytest.raises(ProtocolError, match="status 400"):
        process_token_response(answer(GOOD, status=400), now=NOW)
    with pytest.raises(OAuthCallbackError):
        process_token_response(answer({**GOOD, "error": "x"}, status=400), now=NOW)


@pytest.mark.parametrize("status", [201, 204, 302, 404, 502])
def test_another_status_is_refused(answer: Any, status: int) -> None:
    with pytest.raises(ProtocolError, match=f"status {status}"):
        process_token_response(answer(b"<html>", status=status), now=NOW)


def test_a_challenge_is_reported(answer: Any) -> None:
    headers = {"www-authenticate": 'Basic realm="idp"'}
    with pytest.raises(ProtocolError, match=r'status 401 \(Basic realm="idp"\)'):
        process_token_response(answer(b"", status=401, headers=headers), now=NOW)


@pytest.mark.parametrize("body", [b"", b"access_token=at-1&token_type=bearer", b"[]", b"null"])
def test_what_is_no_json_object_is_refused(answer: Any, body: bytes) -> None:
    with pytest.raises(ProtocolError, match="JSON object"):
        process_token_response(answer(body), now=NOW)


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    | st.lists(st.integers(), max_size=2) | st.just("bearer")
)  # fmt: skip
FIELDS = st.sampled_from(
    ["access_token", "token_type", "refresh_token", "id_token", "scope", "expires_in", "expires_at",
     "session_state", "error", "error_description", "extra"]
)  # fmt: skip


@given(
    st.binary(max_size=40)
    | st.dictionaries(FIELDS, VALUES).map(lambda body: json.dumps(GOOD | body).encode()),
    st.sampled_from([200, 400, 401, 500]),
    st.booleans(),
)
def test_no_answer_raises_anything_but_the_named_errors(
    body: bytes, status: int, require_id_token: bool
) -> None:
    response = HttpResponse(status=status, body=body)
    with contextlib.suppress(ProtocolError, OAuthCallbackError):
        process_token_response(response, now=NOW, require_id_token=require_id_token)
