"""The provider that other tests trust: strict where the standards are, wrong only when told to be."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey

from authwire import testing
from authwire.errors import ProviderUnreachable
from authwire.http import Headers, HttpRequest, Request, Response
from authwire.runtime.inline import drive
from authwire.testing.provider import (
    Callback,
    FakeClient,
    FakeProvider,
    FakeUser,
    InProcessHttp,
)

ISSUER = "https://idp.example/tenant"
BACK = "https://app.example/auth/callback/idp"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
START = datetime(2026, 1, 2, tzinfo=UTC)
CLIENT_KEY = ECKey.generate_key("P-256", {"alg": "ES256"})
CLIENTS = [
    FakeClient(
        client_id="app",
        client_secret="se:cr%t &",
        redirect_uris=(BACK, "https://app.example/other?x=1"),
        post_logout_redirect_uris=("https://app.example/bye",),
    ),
    FakeClient(
        client_id="poster",
        client_secret="secret",
        redirect_uris=(BACK,),
        token_endpoint_auth_method="client_secret_post",
        id_token_signed_response_alg="ES256",
    ),
    FakeClient(client_id="public", redirect_uris=(BACK,), token_endpoint_auth_method="none"),
    FakeClient(
        client_id="signer",
        redirect_uris=(BACK,),
        public_key=CLIENT_KEY.as_dict(private=False),
        token_endpoint_auth_method="private_key_jwt",
    ),
    FakeClient(
        client_id="hmac",
        client_secret="h" * 32,
        redirect_uris=(BACK,),
        token_endpoint_auth_method="client_secret_jwt",
    ),
]
PUBLIC_KEYS = FakeProvider.make_keys()


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, seconds: int) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> FakeProvider:
    return FakeProvider(issuer=ISSUER, clients=CLIENTS, keys=PUBLIC_KEYS, now=clock)


def authorize_url(provider: FakeProvider, **changes: str | None) -> str:
    params = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": BACK,
        "scope": "openid profile email",
        "state": "the state",
        "nonce": "the nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    query = urlencode({name: value for name, value in params.items() if value is not None})
    return f"{provider.issuer}/authorize?{query}"


def browse(
    provider: FakeProvider,
    url: str,
    form: dict[str, str] | None = None,
    cookie: str | None = None,
) -> Response:
    parts = urlsplit(url)
    headers = [("content-type", "application/x-www-form-urlencoded")] if form is not None else []
    if cookie:
        headers.append(("cookie", cookie))
    return provider.handle(
        Request(
            method="GET" if form is None else "POST",
            path=parts.path,
            query_string=parts.query,
            headers=Headers(headers),
            body=urlencode(form or {}).encode(),
        )
    )


def post(
    provider: FakeProvider,
    endpoint: str,
    params: dict[str, str] | bytes,
    *headers: tuple[str, str],
) -> Response:
    body = params if isinstance(params, bytes) else urlencode(params).encode()
    kind = ("content-type", "application/x-www-form-urlencoded")
    path = urlsplit(f"{provider.issuer}/{endpoint}").path
    return provider.handle(
        Request(method="POST", path=path, headers=Headers([kind, *headers]), body=body)
    )


def basic(client_id: str = "app", secret: str = "se:cr%t &") -> tuple[str, str]:
    pair = urlencode({client_id: secret}).replace("=", ":", 1)
    return "authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"


def redeem(provider: FakeProvider, callback: Callback, **changes: str | None) -> Response:
    params = {
        "grant_type": "authorization_code",
        "code": callback.params.get("code"),
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    given = {name: value for name, value in params.items() if value is not None}
    return post(provider, "token", given, basic())


def tokens(provider: FakeProvider, **changes: str | None) -> dict[str, Any]:
    response = redeem(provider, provider.approve(authorize_url(provider, **changes)))
    assert response.status == 200, response.body
    body: dict[str, Any] = json.loads(response.body)
    return body


def error(response: Response) -> str:
    assert response.status in (400, 401, 403), response.status
    found: str = json.loads(response.body)["error"]
    return found


def userinfo(provider: FakeProvider, access_token: str, scheme: str = "Bearer") -> Response:
    path = urlsplit(f"{provider.issuer}/userinfo").path
    headers = Headers([("authorization", f"{scheme} {access_token}")])
    return provider.handle(Request(method="GET", path=path, headers=headers))


def jwks(provider: FakeProvider) -> Any:
    return json.loads(browse(provider, f"{ISSUER}/jwks").body)


# --- what is published --------------------------------------------------------------------------


def test_the_discovery_document_is_complete_and_for_this_issuer(provider: FakeProvider) -> None:
    found = json.loads(browse(provider, f"{ISSUER}/.well-known/openid-configuration").body)
    assert found["issuer"] == ISSUER
    for name, value in found.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert provider.serves(provider.origin, urlsplit(value).path), name
    # RFC 8414 §3.1 has the well-known part before the issuer's path.
    other = browse(provider, "https://idp.example/.well-known/oauth-authorization-server/tenant")
    assert json.loads(other.body) == found


def test_the_key_set_has_one_key_of_each_kind_and_no_private_part(provider: FakeProvider) -> None:
    keys = jwks(provider)["keys"]
    assert {(key["kty"], key["alg"], key["use"]) for key in keys} == {
        ("RSA", "RS256", "sig"),
        ("EC", "ES256", "sig"),
    }
    assert len({key["kid"] for key in keys}) == 2
    assert not {"d", "p", "q", "dp", "dq", "qi"} & {name for key in keys for name in key}


def test_new_keys_sign_after_a_rotation(provider: FakeProvider) -> None:
    old = jwks(provider)["keys"]
    provider.rotate_keys()
    both = jwks(provider)["keys"]
    assert [key for key in both if key in old] == old
    assert len(both) == 4
    kid = jwt.decode(tokens(provider)["id_token"], KeySet.import_key_set({"keys": both})).header[
        "kid"
    ]
    assert kid not in {key["kid"] for key in old}
    provider.rotate_keys(keep_old=False)
    assert not [key for key in jwks(provider)["keys"] if key in both]


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "jwks"), ("GET", "token"), ("GET", "revoke"), ("GET", "par"), ("GET", "consent")],
)
def test_other_methods_are_refused(provider: FakeProvider, method: str, path: str) -> None:
    answer = provider.handle(Request(method=method, path=f"/tenant/{path}"))
    assert answer.status == 405
    assert dict(answer.headers)["allow"]


@pytest.mark.parametrize("path", ["/", "/authorize", "/tenant", "/tenantauthorize", "/tenant/x"])
def test_what_is_not_below_the_issuer_is_not_there(provider: FakeProvider, path: str) -> None:
    assert provider.handle(Request(method="GET", path=path)).status == 404


# --- the authorization endpoint -----------------------------------------------------------------


def test_an_approval_brings_code_state_and_issuer_back(provider: FakeProvider) -> None:
    callback = provider.approve(authorize_url(provider))
    assert callback.method == "GET"
    assert callback.url.startswith(f"{BACK}?")
    params = dict(parse_qsl(urlsplit(callback.url).query))
    assert params.keys() == {"code", "state", "iss"}
    assert (params["state"], params["iss"]) == ("the state", ISSUER)
    assert params["code"] not in repr(callback)


def test_form_post_brings_them_in_a_form(provider: FakeProvider) -> None:
    callback = provider.approve(authorize_url(provider, response_mode="form_post"))
    assert (callback.method, callback.url) == ("POST", BACK)
    assert dict(parse_qsl(callback.body.decode())) == dict(callback.params)


def test_a_query_of_the_redirect_uri_is_kept(provider: FakeProvider) -> None:
    url = authorize_url(provider, redirect_uri="https://app.example/other?x=1")
    assert provider.approve(url).url.startswith("https://app.example/other?x=1&code=")


def test_a_refusal_brings_access_denied(provider: FakeProvider) -> None:
    params = provider.refuse(authorize_url(provider)).params
    assert params["error"] == "access_denied"
    assert (params["state"], params["iss"]) == ("the state", ISSUER)
    assert "code" not in params


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": f"{BACK}?x=1"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": "https://evil.example/"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:unknown"},
    ],
)
def test_without_a_registered_way_back_the_browser_stays(
    provider: FakeProvider, changes: dict[str, str | None]
) -> None:
    url = authorize_url(provider, **changes)
    with pytest.raises(ValueError, match=r"\."):
        provider.approve(url)
    page = browse(provider, url)
    assert (page.status, page.location) == (400, None)


def test_a_repeated_parameter_is_refused(provider: FakeProvider) -> None:
    url = authorize_url(provider) + "&redirect_uri=https%3A%2F%2Fevil.example"
    assert browse(provider, url).status == 400
    with pytest.raises(ValueError, match="repeated"):
        provider.approve(url)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "maybe"}, "invalid_request"),
        ({"request": "e30."}, "request_not_supported"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": VERIFIER + "=="}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        (
            {"client_id": "public", "code_challenge": None, "code_challenge_method": None},
            "invalid_request",
        ),
    ],
)
def test_a_bad_request_goes_back_with_its_error(
    provider: FakeProvider, changes: dict[str, str | None], expected: str
) -> None:
    params = provider.approve(authorize_url(provider, **changes)).params
    assert params["error"] == expected
    assert (params["state"], params["iss"]) == ("the state", ISSUER)
    assert "code" not in params


def test_a_client_that_must_use_pkce_cannot_leave_it_out() -> None:
    client = FakeClient(
        client_id="app", client_secret="s", redirect_uris=(BACK,), require_pkce=True
    )
    provider = FakeProvider(issuer=ISSUER, clients=[client])
    url = authorize_url(provider, code_challenge=None, code_challenge_method=None)
    assert provider.approve(url).params["error"] == "invalid_request"


# --- the consent page ---------------------------------------------------------------------------


def consent(provider: FakeProvider, url: str) -> tuple[str, str]:
    """The page and the hidden field that belongs to it."""
    page = browse(provider, url).body.decode()
    return page, page.partition('name="request" value="')[2].partition('"')[0]


def test_the_page_shows_who_may_be_chosen_and_leads_back(provider: FakeProvider) -> None:
    page, asked = consent(provider, authorize_url(provider))
    assert "Alice Liddell" in page
    assert "bob@example.com" in page
    answer = browse(provider, f"{ISSUER}/consent", {"request": asked, "sub": "bob-2"})
    assert answer.status == 303
    assert answer.location is not None
    code = parse_qs(urlsplit(answer.location).query)["code"][0]
    callback = Callback(method="GET", redirect_uri=BACK, params={"code": code})
    body = json.loads(redeem(provider, callback).body)
    assert json.loads(userinfo(provider, body["access_token"]).body)["sub"] == "bob-2"


def test_the_page_can_be_used_once_and_not_after_ten_minutes(
    provider: FakeProvider, clock: Clock
) -> None:
    _, asked = consent(provider, authorize_url(provider))
    form = {"request": asked, "sub": "bob-2"}
    assert browse(provider, f"{ISSUER}/consent", form).status == 303
    assert browse(provider, f"{ISSUER}/consent", form).status == 400
    _, asked = consent(provider, authorize_url(provider))
    clock.pass_(600)
    assert browse(provider, f"{ISSUER}/consent", {"request": asked, "sub": "bob-2"}).status == 400


def test_cancel_on_the_page_is_a_refusal(provider: FakeProvider) -> None:
    _, asked = consent(provider, authorize_url(provider))
    answer = browse(provider, f"{ISSUER}/consent", {"request": asked, "decision": "deny"})
    assert "error=access_denied" in (answer.location or "")
    assert answer.cookies == ()


def test_nobody_is_signed_in_as_somebody_unknown(provider: FakeProvider) -> None:
    _, asked = consent(provider, authorize_url(provider))
    answer = browse(provider, f"{ISSUER}/consent", {"request": asked, "sub": "eve"})
    assert (answer.status, answer.location) == (400, None)


def test_the_pages_run_no_script_and_escape_what_they_show() -> None:
    evil = '"><script>alert(1)</script>'
    provider = FakeProvider(
        issuer=ISSUER,
        clients=[FakeClient(client_id="app", redirect_uris=(BACK,), name=evil)],
        users=[FakeUser(sub=evil, name=evil, email=evil)],
        name=evil,
    )
    answer = browse(provider, authorize_url(provider))
    assert "<script" not in answer.body.decode()
    policy = dict(answer.headers)["content-security-policy"]
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://app.example;" in policy


def test_form_post_pages_post_themselves(provider: FakeProvider) -> None:
    _, asked = consent(provider, authorize_url(provider, response_mode="form_post", state='"<x'))
    answer = browse(provider, f"{ISSUER}/consent", {"request": asked, "sub": "bob-2"})
    page = answer.body.decode()
    assert (answer.status, answer.location) == (200, None)
    assert f'action="{BACK}"' in page
    assert 'name="state" value="&#34;&lt;x"' in page
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in dict(answer.headers)["content-security-policy"]


def test_prompt_none_asks_nobody(provider: FakeProvider, clock: Clock) -> None:
    silent = authorize_url(provider, prompt="none")
    assert "error=login_required" in (browse(provider, silent).location or "")
    _, asked = consent(provider, authorize_url(provider))
    (cookie,) = browse(provider, f"{ISSUER}/consent", {"request": asked, "sub": "bob-2"}).cookies
    assert cookie.options.http_only
    assert cookie.options.secure
    assert cookie.options.path == "/tenant"
    jar = f"{cookie.name}={cookie.value}"
    assert "code=" in (browse(provider, silent, cookie=jar).location or "")
    clock.pass_(86400)
    assert "error=login_required" in (browse(provider, silent, cookie=jar).location or "")


# --- the token endpoint -------------------------------------------------------------------------


def test_a_code_gives_tokens_that_nobody_keeps(provider: FakeProvider) -> None:
    response = redeem(provider, provider.approve(authorize_url(provider)))
    body = json.loads(response.body)
    assert body.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert dict(response.headers)["cache-control"] == "no-store"


@pytest.mark.parametrize("client_id", ["app", "poster"])
def test_the_id_token_says_who_when_and_for_whom(provider: FakeProvider, client_id: str) -> None:
    callback = provider.approve(authorize_url(provider, client_id=client_id))
    params = {
        "grant_type": "authorization_code",
        "code": callback.params["code"],
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    if client_id == "app":
        response = post(provider, "token", params, basic())
    else:
        own = {"client_id": "poster", "client_secret": "secret"}
        response = post(provider, "token", params | own)
    body = json.loads(response.body)
    keys = KeySet.import_key_set(jwks(provider))
    token = jwt.decode(body["id_token"], keys, algorithms=["RS256", "ES256"])
    now = int(START.timestamp())
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
    assert token.header["alg"] == ("RS256" if client_id == "app" else "ES256")
    assert token.claims == {
        "iss": ISSUER,
        "aud": client_id,
        "sub": "alice-1",
        "iat": now,
        "exp": now + 3600,
        "auth_time": now,
        "nonce": "the nonce",
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        "name": "Alice Liddell",
        "picture": f"{ISSUER}/pictures/alice-1.svg",
        "email": "alice@example.com",
        "email_verified": True,
    }


def test_without_openid_there_is_no_id_token_and_no_userinfo(provider: FakeProvider) -> None:
    body = tokens(provider, scope="profile")
    assert "id_token" not in body
    answer = userinfo(provider, body["access_token"])
    assert (answer.status, error(answer)) == (403, "insufficient_scope")


def test_a_scope_that_is_not_asked_for_is_not_told(provider: FakeProvider) -> None:
    body = tokens(provider, scope="openid unheard-of")
    assert body["scope"] == "openid"
    assert json.loads(userinfo(provider, body["access_token"]).body) == {"sub": "alice-1"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": f"{BACK}/"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
    ],
)
def test_a_code_is_refused_with_anything_else(
    provider: FakeProvider, changes: dict[str, str | None], expected: str
) -> None:
    callback = provider.approve(authorize_url(provider))
    assert error(redeem(provider, callback, **changes)) == expected


def test_a_verifier_that_nobody_asked_for_is_refused(provider: FakeProvider) -> None:
    url = authorize_url(provider, code_challenge=None, code_challenge_method=None)
    assert error(redeem(provider, provider.approve(url))) == "invalid_grant"
    assert redeem(provider, provider.approve(url), code_verifier=None).status == 200


def test_a_code_works_once_and_its_second_use_takes_the_tokens_back(
    provider: FakeProvider,
) -> None:
    callback = provider.approve(authorize_url(provider, scope="openid offline_access"))
    body = json.loads(redeem(provider, callback).body)
    assert userinfo(provider, body["access_token"]).status == 200
    assert error(redeem(provider, callback)) == "invalid_grant"
    assert userinfo(provider, body["access_token"]).status == 401
    refresh = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    assert error(post(provider, "token", refresh, basic())) == "invalid_grant"


def test_a_code_lives_for_a_minute(provider: FakeProvider, clock: Clock) -> None:
    callback = provider.approve(authorize_url(provider))
    clock.pass_(60)
    assert error(redeem(provider, callback)) == "invalid_grant"
    callback = provider.approve(authorize_url(provider))
    clock.pass_(59)
    assert redeem(provider, callback).status == 200


def test_a_code_is_worthless_to_another_client(provider: FakeProvider) -> None:
    callback = provider.approve(authorize_url(provider))
    params = {
        "grant_type": "authorization_code",
        "code": callback.params["code"],
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": "public",
    }
    assert error(post(provider, "token", params)) == "invalid_grant"
    assert redeem(provider, callback).status == 200, "and it does no harm to the rightful one"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"grant_type": "authorization_code"}', "application/json"),
        (b"grant_type=authorization_code&grant_type=refresh_token", None),
    ],
)
def test_only_a_plain_form_is_read(provider: FakeProvider, body: bytes, kind: str | None) -> None:
    headers = Headers([("content-type", kind or "application/x-www-form-urlencoded"), basic()])
    asked = Request(method="POST", path="/tenant/token", headers=headers, body=body)
    assert error(provider.handle(asked)) == "invalid_request"


# --- who the client is --------------------------------------------------------------------------


def assertion(**changes: Any) -> dict[str, str]:
    now = int(START.timestamp())
    claims = {
        "iss": "signer",
        "sub": "signer",
        "aud": f"{ISSUER}/token",
        "jti": "1",
        "exp": now + 60,
        **changes,
    }
    key: Any = changes.pop("key", CLIENT_KEY)
    alg = changes.pop("alg", "ES256")
    named = {name: value for name, value in claims.items() if name not in ("key", "alg")}
    client_id = str(named["sub"]) if named["sub"] == "hmac" else "signer"
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {
        "client_id": client_id,
        "client_assertion_type": kind,
        "client_assertion": jwt.encode({"alg": alg}, named, key, algorithms=[alg]),
    }


# With a good client the answer is about the code, which does not exist.
PROBE = {"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}
SECRET = OctKey.import_key("h" * 32)


@pytest.mark.parametrize(
    ("own", "headers"),
    [
        ({}, [basic()]),
        ({"client_id": "app"}, [basic()]),
        ({"client_id": "poster", "client_secret": "secret"}, []),
        ({"client_id": "public"}, []),
        (assertion(), []),
        (assertion(aud=[ISSUER, "else"]), []),
        (assertion(iss="hmac", sub="hmac", key=SECRET, alg="HS256"), []),
    ],
)
def test_a_client_is_known_by_its_own_method(
    provider: FakeProvider, own: dict[str, str], headers: list[tuple[str, str]]
) -> None:
    assert error(post(provider, "token", PROBE | own, *headers)) == "invalid_grant"


@pytest.mark.parametrize(
    ("own", "headers"),
    [
        ({}, []),
        ({"client_id": "nobody"}, []),
        ({"client_id": "app"}, []),
        ({"client_id": "app", "client_secret": "se:cr%t &"}, []),
        ({"client_id": "poster"}, []),
        ({"client_id": "poster", "client_secret": "wrong"}, []),
        ({}, [basic(secret="wrong")]),
        ({}, [basic("poster", "secret")]),
        ({}, [basic("public", "")]),
        ({}, [("authorization", "Basic %%%")]),
        ({}, [("authorization", "Basic YXBw")]),
        ({}, [("authorization", "Bearer x")]),
        # RFC 6749 §2.3.1 wants both parts encoded; this one is not.
        ({}, [("authorization", f"Basic {base64.b64encode(b'app:se:cr%t+&').decode()}x")]),
        (assertion(sub="app"), []),
        (assertion(iss="app"), []),
        (assertion(aud="https://evil.example"), []),
        (assertion(exp=int(START.timestamp())), []),
        (assertion(jti=None), []),
        (assertion(key=ECKey.generate_key("P-256")), []),
        (assertion() | {"client_assertion_type": "else"}, []),
        (assertion() | {"client_assertion": "e30.e30."}, []),
    ],
)
def test_a_client_is_not_known_otherwise(
    provider: FakeProvider, own: dict[str, str], headers: list[tuple[str, str]]
) -> None:
    answer = post(provider, "token", PROBE | own, *headers)
    assert (answer.status, error(answer)) == (401, "invalid_client")
    assert "www-authenticate" in dict(answer.headers)


def test_two_ways_at_once_are_refused(provider: FakeProvider) -> None:
    both = PROBE | {"client_id": "app", "client_secret": "x"}
    assert error(post(provider, "token", both, basic())) == "invalid_request"
    other = PROBE | {"client_id": "poster"}
    assert error(post(provider, "token", other, basic())) == "invalid_request"


def test_an_assertion_works_once(provider: FakeProvider) -> None:
    own = assertion()
    assert error(post(provider, "token", PROBE | own)) == "invalid_grant"
    assert error(post(provider, "token", PROBE | own)) == "invalid_client"


# --- refreshing, userinfo, revoking -------------------------------------------------------------


def refresh(provider: FakeProvider, token: str, **more: str) -> Response:
    params = {"grant_type": "refresh_token", "refresh_token": token, **more}
    return post(provider, "token", params, basic())


def test_refreshing_gives_a_new_refresh_token_each_time(provider: FakeProvider) -> None:
    first = tokens(provider, scope="openid offline_access")
    second = json.loads(refresh(provider, first["refresh_token"]).body)
    assert second["refresh_token"] != first["refresh_token"]
    assert userinfo(provider, second["access_token"]).status == 200
    third = json.loads(refresh(provider, second["refresh_token"], scope="openid").body)
    assert third["scope"] == "openid"


def test_a_stolen_refresh_token_ends_the_whole_family(provider: FakeProvider) -> None:
    first = tokens(provider, scope="openid offline_access")
    second = json.loads(refresh(provider, first["refresh_token"]).body)
    assert error(refresh(provider, first["refresh_token"])) == "invalid_grant"
    assert error(refresh(provider, second["refresh_token"])) == "invalid_grant"
    assert userinfo(provider, second["access_token"]).status == 401


def test_refreshing_cannot_widen_the_scope(provider: FakeProvider) -> None:
    first = tokens(provider, scope="openid offline_access")
    answer = refresh(provider, first["refresh_token"], scope="openid email")
    assert error(answer) == "invalid_scope"
    assert refresh(provider, first["refresh_token"]).status == 200, "a mistake costs nothing"


def test_a_refresh_token_is_worthless_to_another_client(provider: FakeProvider) -> None:
    first = tokens(provider, scope="openid offline_access")
    params = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
        "client_id": "public",
    }
    assert error(post(provider, "token", params)) == "invalid_grant"


@pytest.mark.parametrize(("scheme", "value"), [("Bearer", "guessed"), ("Basic", None)])
def test_userinfo_needs_a_token_of_ours(
    provider: FakeProvider, scheme: str, value: str | None
) -> None:
    good = tokens(provider)["access_token"]
    answer = userinfo(provider, value or good, scheme)
    assert (answer.status, error(answer)) == (401, "invalid_token")
    assert dict(answer.headers)["www-authenticate"] == 'Bearer error="invalid_token"'
    bare = provider.handle(Request(method="GET", path="/tenant/userinfo"))
    assert dict(bare.headers)["www-authenticate"] == "Bearer"


def test_an_access_token_lives_for_an_hour(provider: FakeProvider, clock: Clock) -> None:
    token = tokens(provider)["access_token"]
    clock.pass_(3600)
    assert userinfo(provider, token).status == 401


def test_a_revoked_access_token_is_gone(provider: FakeProvider) -> None:
    token = tokens(provider)["access_token"]
    assert post(provider, "revoke", {"token": token, "client_id": "public"}).status == 200
    assert userinfo(provider, token).status == 200, "somebody else's cannot be revoked"
    assert post(provider, "revoke", {"token": token}, basic()).status == 200
    assert userinfo(provider, token).status == 401
    assert post(provider, "revoke", {"token": token}, basic()).status == 200


def test_a_revoked_refresh_token_takes_its_access_tokens_along(provider: FakeProvider) -> None:
    body = tokens(provider, scope="openid offline_access")
    assert post(provider, "revoke", {"token": body["refresh_token"]}, basic()).status == 200
    assert error(refresh(provider, body["refresh_token"])) == "invalid_grant"
    assert userinfo(provider, body["access_token"]).status == 401


def test_revoking_needs_a_client_and_a_token(provider: FakeProvider) -> None:
    assert error(post(provider, "revoke", {"token": "x"})) == "invalid_client"
    assert error(post(provider, "revoke", {}, basic())) == "invalid_request"


# --- pushed requests ----------------------------------------------------------------------------


def push(provider: FakeProvider, **changes: str | None) -> Response:
    params = dict(parse_qsl(urlsplit(authorize_url(provider, **changes)).query))
    return post(provider, "par", params, basic())


def test_a_pushed_request_is_answered_like_any_other(provider: FakeProvider) -> None:
    response = push(provider)
    assert response.status == 201
    uri = json.loads(response.body)["request_uri"]
    url = f"{ISSUER}/authorize?{urlencode({'client_id': 'app', 'request_uri': uri})}"
    callback = provider.approve(url)
    assert callback.params["state"] == "the state"
    assert redeem(provider, callback).status == 200
    with pytest.raises(ValueError, match="used"):
        provider.approve(url)


def test_a_pushed_request_is_for_its_client_and_a_minute(
    provider: FakeProvider, clock: Clock
) -> None:
    uri = json.loads(push(provider).body)["request_uri"]
    with pytest.raises(ValueError, match="unknown"):
        provider.approve(f"{ISSUER}/authorize?client_id=poster&request_uri={uri}")
    uri = json.loads(push(provider).body)["request_uri"]
    clock.pass_(60)
    with pytest.raises(ValueError, match="unknown"):
        provider.approve(f"{ISSUER}/authorize?client_id=app&request_uri={uri}")


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "https://evil.example"}, {"request_uri": "x"}, {"client_id": "public"}],
)
def test_a_bad_request_is_refused_when_pushed(
    provider: FakeProvider, changes: dict[str, str]
) -> None:
    assert error(push(provider, **changes)) == "invalid_request"
    assert error(push(provider, response_type="token")) == "unsupported_response_type"


# --- signing out --------------------------------------------------------------------------------


def test_signing_out_ends_the_session_and_leads_back(provider: FakeProvider) -> None:
    _, asked = consent(provider, authorize_url(provider))
    (cookie,) = browse(provider, f"{ISSUER}/consent", {"request": asked, "sub": "bob-2"}).cookies
    jar = f"{cookie.name}={cookie.value}"
    query = urlencode(
        {
            "id_token_hint": tokens(provider)["id_token"],
            "post_logout_redirect_uri": "https://app.example/bye",
            "state": "s",
        }
    )
    answer = browse(provider, f"{ISSUER}/logout?{query}", cookie=jar)
    assert answer.location == "https://app.example/bye?state=s"
    assert [gone.options.max_age for gone in answer.cookies] == [0]
    silent = authorize_url(provider, prompt="none")
    assert "login_required" in (browse(provider, silent, cookie=jar).location or "")


@pytest.mark.parametrize(
    "params",
    [
        {"client_id": "app", "post_logout_redirect_uri": "https://evil.example"},
        {"client_id": "public", "post_logout_redirect_uri": "https://app.example/bye"},
        {"post_logout_redirect_uri": "https://app.example/bye"},
        {"id_token_hint": "e30.e30.x", "post_logout_redirect_uri": "https://app.example/bye"},
    ],
)
def test_signing_out_leads_nowhere_that_is_not_registered(
    provider: FakeProvider, params: dict[str, str]
) -> None:
    answer = browse(provider, f"{ISSUER}/logout?{urlencode(params)}")
    assert (answer.status, answer.location) == (400, None)


def test_signing_out_without_a_way_back_says_so(provider: FakeProvider) -> None:
    assert b"signed out" in browse(provider, f"{ISSUER}/logout").body


# --- plain OAuth 2 ------------------------------------------------------------------------------


def test_a_plain_oauth_provider_has_no_id_tokens_but_refresh_tokens() -> None:
    provider = FakeProvider(issuer=ISSUER, clients=CLIENTS, openid=False)
    body = tokens(provider, scope="read:user")
    assert "id_token" not in body
    assert refresh(provider, body["refresh_token"]).status == 200
    profile = json.loads(userinfo(provider, body["access_token"]).body)
    assert profile == {
        "id": "alice-1",
        "login": "alice-1",
        "name": "Alice Liddell",
        "email": "alice@example.com",
        "avatar_url": f"{ISSUER}/pictures/alice-1.svg",
    }
    assert "jwks_uri" not in provider.metadata()
    assert provider.approve(authorize_url(provider)).params["error"] == "invalid_scope"


# --- breaking the rules -------------------------------------------------------------------------


def verifies(provider: FakeProvider, id_token: str) -> bool:
    try:
        jwt.decode(id_token, KeySet.import_key_set(jwks(provider)), algorithms=["RS256", "ES256"])
    except JoseError:
        return False
    return True


def set_bad_signature(provider: FakeProvider) -> None:
    provider.faults.id_token_bad_signature = True


def set_foreign_key(provider: FakeProvider) -> None:
    provider.faults.id_token_foreign_key = True


def set_none(provider: FakeProvider) -> None:
    provider.faults.id_token_alg = "none"


def set_confusion(provider: FakeProvider) -> None:
    provider.faults.id_token_alg = "HS256"


@pytest.mark.parametrize("set_fault", [set_bad_signature, set_foreign_key, set_none, set_confusion])
def test_a_spoilt_id_token_does_not_verify(
    provider: FakeProvider, set_fault: Callable[[FakeProvider], None]
) -> None:
    assert verifies(provider, tokens(provider)["id_token"])
    set_fault(provider)
    assert not verifies(provider, tokens(provider)["id_token"])
    provider.faults.clear()
    assert verifies(provider, tokens(provider)["id_token"])


def test_answers_can_be_changed_field_by_field(provider: FakeProvider) -> None:
    faults = provider.faults
    faults.id_token |= {"nonce": "other", "name": None}
    faults.id_token_header["kid"] = "unknown"
    faults.callback |= {"iss": "https://evil.example", "state": None}
    faults.discovery["issuer"] = "https://evil.example"
    faults.userinfo["sub"] = "somebody else"
    faults.token |= {"token_type": "mac", "expires_in": None}
    callback = provider.approve(authorize_url(provider))
    assert callback.params.keys() == {"code", "iss"}
    assert callback.params["iss"] == "https://evil.example"
    body = json.loads(redeem(provider, callback).body)
    assert body["token_type"] == "mac"
    assert "expires_in" not in body
    head, claims, _ = body["id_token"].split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["kid"] == "unknown"
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert told["nonce"] == "other"
    assert "name" not in told
    assert json.loads(userinfo(provider, body["access_token"]).body)["sub"] == "somebody else"
    found = json.loads(browse(provider, f"{ISSUER}/.well-known/openid-configuration").body)
    assert found["issuer"] == "https://evil.example"


def test_an_endpoint_can_answer_anything_or_nothing(provider: FakeProvider) -> None:
    provider.faults.answers["token"] = Response(status=502, body=b"<html>")
    assert redeem(provider, provider.approve(authorize_url(provider))).status == 502
    provider.faults.unreachable.add("jwks")
    with pytest.raises(ProviderUnreachable):
        drive(provider.http.send(HttpRequest(method="GET", url=f"{ISSUER}/jwks")))
    assert browse(provider, f"{ISSUER}/jwks").status == 503


# --- ways to it ---------------------------------------------------------------------------------


def test_the_port_never_suspends_and_reaches_only_its_providers(provider: FakeProvider) -> None:
    other = FakeProvider(issuer="https://other.example", clients=CLIENTS, openid=False)
    http = InProcessHttp(provider, other)
    for issuer in (ISSUER, "https://other.example"):
        url = f"{issuer}/.well-known/oauth-authorization-server"
        answer = drive(http.send(HttpRequest(method="GET", url=url)))
        assert json.loads(answer.body)["issuer"] == issuer
    for url in (f"{ISSUER}/x", "https://else.example/jwks", "http://idp.example/tenant/jwks"):
        with pytest.raises(ProviderUnreachable):
            drive(http.send(HttpRequest(method="GET", url=url)))


@pytest.mark.anyio
async def test_clients_for_a_config_lead_to_it(provider: FakeProvider) -> None:
    with provider.http.client() as client:
        assert client.get(f"{ISSUER}/jwks").json() == jwks(provider)
        with pytest.raises(httpx2.ConnectError):
            client.get("https://else.example/jwks")
    async with provider.http.async_client() as client:
        answer = await client.post(f"{ISSUER}/token", data=PROBE, headers=dict([basic()]))
        assert answer.json()["error"] == "invalid_grant"
    assert provider.asked("token") == 1


@pytest.mark.anyio
async def test_it_can_be_served(provider: FakeProvider) -> None:
    transport = httpx2.ASGITransport(provider.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url=provider.origin) as client:
        assert (await client.get("/tenant/jwks")).json() == jwks(provider)
        picture = await client.get("/tenant/pictures/alice-1.svg")
        assert picture.headers["content-type"] == "image/svg+xml"
        assert ">AL<" in picture.text
        assert (await client.get("/tenant/pictures/eve.svg")).status_code == 404


def test_playing_at_another_provider_is_a_mistake(provider: FakeProvider) -> None:
    with pytest.raises(ValueError, match="not the authorization endpoint"):
        provider.approve("https://evil.example/authorize?client_id=app")


def test_no_secret_is_in_a_repr() -> None:
    assert "se:cr%t" not in repr(CLIENTS)


def test_all_names_of_the_package_can_be_had_lazily() -> None:
    assert testing.__all__ == sorted(testing.__all__)
    for name in testing.__all__:
        assert getattr(testing, name).__name__ == name
    with pytest.raises(AttributeError):
        testing.Nothing  # noqa: B018  # the look-up is the test
