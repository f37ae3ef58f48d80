"""Signing in at a provider that plays by the rules, and at one that breaks each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from joserfc.jwk import ECKey
from tests.core.harness import CLIENT_SECRET, Tab, idp_for, oidc

from authwire import Callbacks, Pages, SessionConfig, SignInParams, TokenSet, User
from authwire.http import Headers, HttpRequest, HttpResponse, Response
from authwire.providers import OAuth2
from authwire.testing.provider import FakeClient, FakeProvider

MakeTab = Callable[..., Any]
ORIGIN = "http://localhost:3000"
REFUSED = f"{ORIGIN}/auth/error?error=Configuration"
CALLBACK_ERROR = f"{ORIGIN}/auth/signin?error=OAuthCallbackError"


def query(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


# --- the way it should go ---------------------------------------------------------------------------


def test_a_sign_in_at_a_provider_makes_user_account_and_session(world: Any, tab: MakeTab) -> None:
    here = tab()
    here.start(callbackUrl="/dash")
    assert here.come_back().location == f"{ORIGIN}/dash"
    assert here.browser.session()["user"]["email"] == "alice@example.com"
    (user,), (account,) = world.adapter.users, world.adapter.accounts
    assert (user.name, user.email_verified) == ("Alice Liddell", None)
    assert (account.provider, account.provider_account_id) == ("idp", "alice-1")
    assert (account.user_id, account.token_type, account.type) == (user.id, "bearer", "oidc")
    assert account.expires_at is not None
    assert user.id != "alice-1"


def test_the_authorization_request_has_all_that_protects_it(tab: MakeTab) -> None:
    here = tab(checks=("pkce", "state", "nonce"))
    here.start()
    params = query(here.location)
    assert params["response_type"] == "code"
    assert params["redirect_uri"] == f"{ORIGIN}/auth/callback/idp"
    assert params["scope"] == "openid profile email"
    assert params["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= set(params)


def test_check_cookies_are_sealed_and_gone_after_use(tab: MakeTab) -> None:
    here = tab(checks=("pkce", "state", "nonce"))
    here.start()
    checks = {"authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"}
    assert checks <= set(here.browser.cookies)
    assert query(here.location)["nonce"] not in str(here.browser.cookies)
    here.come_back()
    assert not checks & set(here.browser.cookies)


@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post", "client_secret_jwt", "none"]
)
def test_each_client_authentication_works(world: Any, tab: MakeTab, method: str) -> None:
    idp = idp_for(world, client={"token_endpoint_auth_method": method})
    here = tab(at=idp, token_endpoint_auth_method=method)
    here.start()
    assert here.come_back().location == ORIGIN
    assert here.browser.session() is not None


def test_a_public_client_with_pkce_sends_no_secret(world: Any, tab: MakeTab) -> None:
    idp = idp_for(world, client={"token_endpoint_auth_method": "none", "require_pkce": True})
    here = tab(at=idp, token_endpoint_auth_method="none", client_secret=None)
    here.start()
    assert here.come_back().location == ORIGIN
    (sent,) = [request for name, request in idp.requests if name == "token"]
    assert "authorization" not in sent.headers
    assert b"client_secret" not in sent.body


def test_a_private_key_signs_the_client_in(world: Any, tab: MakeTab) -> None:
    key = ECKey.generate_key("P-256", {"kid": "app-1"})
    idp = idp_for(
        world,
        client={
            "token_endpoint_auth_method": "private_key_jwt",
            "public_key": key.as_dict(private=False),
        },
    )
    here = tab(
        at=idp,
        token_endpoint_auth_method="private_key_jwt",
        client_secret=None,
        client_private_key=key,
    )
    here.start()
    assert here.come_back().location == ORIGIN


def test_a_posted_answer_finds_its_cookies_and_the_way_back(tab: MakeTab) -> None:
    here = tab(params={"response_mode": "form_post"}, checks=("pkce", "state", "nonce"))
    here.start(callbackUrl="/dash")
    crossing = {cookie.name: cookie.header() for cookie in here.browser.sent}
    for name in (
        "authjs.state",
        "authjs.pkce.code_verifier",
        "authjs.nonce",
        "authjs.callback-url",
    ):
        assert "SameSite=None" in crossing[name], name
        assert "Secure" in crossing[name], name
    callback = here.idp.approve(here.location)
    assert callback.method == "POST"
    assert here.come_back(callback).location == f"{ORIGIN}/dash"


def test_a_pushed_request_shows_the_browser_nothing(world: Any, tab: MakeTab) -> None:
    here = tab(par=True)
    here.start()
    assert set(query(here.location)) == {"client_id", "request_uri"}
    assert here.come_back().location == ORIGIN


def test_a_server_that_requires_pushed_requests_gets_one(tab: MakeTab, idp: Any) -> None:
    idp.faults.discovery["require_pushed_authorization_requests"] = True
    here = tab()
    here.start()
    assert "request_uri" in query(here.location)


def test_the_profile_comes_from_userinfo_where_the_provider_says_so(tab: MakeTab, idp: Any) -> None:
    idp.faults.userinfo["name"] = "From userinfo"
    here = tab(id_token=False)
    here.start()
    here.come_back()
    assert here.browser.session()["user"]["name"] == "From userinfo"


def test_userinfo_of_somebody_else_is_refused(tab: MakeTab, idp: Any) -> None:
    idp.faults.userinfo["sub"] = "bob-2"
    here = tab(id_token=False)
    here.start()
    assert here.come_back().location == REFUSED
    assert here.browser.session() is None


def test_metadata_and_keys_are_fetched_once(tab: MakeTab, idp: Any) -> None:
    here = tab()
    for _ in range(3):
        here.start()
        here.come_back()
    assert (idp.asked("discovery"), idp.asked("jwks")) == (1, 1)


def test_metadata_is_fetched_again_after_an_hour_and_survives_an_outage(
    world: Any, tab: MakeTab, idp: Any
) -> None:
    here = tab()
    here.start()
    world.clock.forward(hours=2)
    here.start()
    assert idp.asked("discovery") == 2
    world.clock.forward(hours=2)
    idp.faults.unreachable.add("discovery")
    here.start()
    assert "/authorize" in here.location


def test_rotated_keys_are_found_but_junk_cannot_make_us_fetch_forever(
    world: Any, tab: MakeTab, idp: Any
) -> None:
    here = tab()
    here.start()
    here.come_back()
    world.clock.forward(minutes=5)
    idp.rotate_keys(keep_old=False)
    here.start()
    assert here.come_back().location == ORIGIN
    assert idp.asked("jwks") == 2
    idp.faults.id_token_header["kid"] = "unheard-of"
    for _ in range(5):
        here.start()
        assert here.come_back().location == REFUSED
    assert idp.asked("jwks") == 2


def test_tokens_are_stored_anew_at_each_sign_in(world: Any, tab: MakeTab) -> None:
    here = tab()
    here.start()
    here.come_back()
    first = world.adapter.accounts[0].access_token
    here.browser.post("signout")
    here.start()
    here.come_back()
    (account,) = world.adapter.accounts
    assert account.access_token != first


def test_hooks_shape_profile_user_and_account(world: Any, tab: MakeTab) -> None:
    def profile(claims: Mapping[str, Any], tokens: TokenSet) -> User:
        assert tokens.access_token
        return User(id=claims["sub"], name=claims["name"].upper(), email=claims["email"])

    here = tab(
        profile=profile,
        account=lambda tokens: {"scope": tokens.scope, "tenant": "t1"},
        callback_profile=lambda claims, _params: {**claims, "name": "from the callback"},
    )
    here.start()
    here.come_back()
    assert here.browser.session()["user"]["name"] == "FROM THE CALLBACK"
    (account,) = world.adapter.accounts
    assert (account.access_token, account.extra) == (None, {"tenant": "t1"})


def test_plain_oauth2_reads_the_profile_from_its_endpoint(world: Any) -> None:

    idp = idp_for(world, openid=False)
    provider: OAuth2[Any] = OAuth2(
        id="idp",
        name="IdP",
        issuer=idp.issuer,
        authorization=f"{idp.issuer}/authorize",
        token=f"{idp.issuer}/token",
        userinfo=f"{idp.issuer}/userinfo",
        scope="read:user user:email",
        client_id="web",
        client_secret=CLIENT_SECRET,
        profile=lambda profile, _tokens: User(id=str(profile["id"]), name=profile["name"]),
    )
    browser = world.browser(providers=[provider], http_client=idp.http, adapter=world.adapter)
    here = Tab(browser, idp, "idp")
    here.start()
    assert here.come_back().location == ORIGIN
    assert world.adapter.accounts[0].type == "oauth"


# --- what the browser brings back -------------------------------------------------------------------


def test_cancelling_at_the_provider_leads_back_to_the_sign_in_page(tab: MakeTab) -> None:
    here = tab()
    here.start()
    assert here.come_back(here.idp.refuse(here.location)).location == CALLBACK_ERROR


@pytest.mark.parametrize("check", ["pkce", "state", "nonce"])
def test_a_callback_without_its_check_cookie_is_refused(tab: MakeTab, idp: Any, check: str) -> None:
    here = tab(checks=("pkce", "state", "nonce"))
    here.start()
    name = {"pkce": "authjs.pkce.code_verifier"}.get(check, f"authjs.{check}")
    del here.browser.cookies[name]
    assert here.come_back().location == REFUSED
    assert idp.asked("token") == 0
    assert here.browser.session() is None


@pytest.mark.parametrize("check", ["pkce", "state", "nonce"])
def test_an_expired_check_cookie_is_refused(world: Any, tab: MakeTab, idp: Any, check: str) -> None:
    here = tab(checks=(check,))
    here.start()
    callback = here.idp.approve(here.location)
    world.clock.forward(minutes=16)
    assert here.come_back(callback).location == REFUSED
    assert idp.asked("token") == 0


def test_a_callback_in_another_browser_is_login_csrf_and_refused(tab: MakeTab, idp: Any) -> None:
    attacker = tab()
    attacker.start()
    callback = attacker.idp.approve(attacker.location)
    victim = tab()
    assert victim.come_back(callback).location == REFUSED
    assert idp.asked("token") == 0
    assert victim.browser.session() is None


def test_a_state_that_was_changed_is_refused(tab: MakeTab, idp: Any) -> None:
    idp.faults.callback["state"] = "other"
    here = tab()
    here.start()
    assert here.come_back().location == REFUSED
    assert idp.asked("token") == 0


def test_a_replayed_callback_is_refused(tab: MakeTab) -> None:
    here = tab()
    here.start()
    callback = here.idp.approve(here.location)
    here.come_back(callback)
    assert here.come_back(callback).location == REFUSED


def test_an_answer_of_another_issuer_is_a_mix_up_and_its_code_is_not_sent(
    tab: MakeTab, idp: Any
) -> None:
    idp.faults.callback["iss"] = "https://evil.example"
    here = tab()
    here.start()
    assert here.come_back().location == REFUSED
    assert idp.asked("token") == 0


def test_a_missing_issuer_is_refused_where_one_was_announced(tab: MakeTab, idp: Any) -> None:
    idp.faults.callback["iss"] = None
    here = tab()
    here.start()
    assert here.come_back().location == REFUSED
    assert idp.asked("token") == 0


def test_check_cookies_of_one_provider_are_no_use_at_another(world: Any) -> None:

    idp = idp_for(world, "one", "two")
    providers = [oidc(idp, id=name, checks=("pkce", "state")) for name in ("one", "two")]
    browser = world.browser(providers=providers, http_client=idp.http, adapter=world.adapter)
    here = Tab(browser, idp, "one")
    here.start()
    callback = idp.approve(here.location)
    moved = replace(callback, redirect_uri=callback.redirect_uri.replace("/one", "/two"))
    assert here.come_back(moved).location == REFUSED
    assert idp.asked("token") == 0


# --- what the provider answers ----------------------------------------------------------------------


BROKEN_ID_TOKENS: list[tuple[str, dict[str, Any]]] = [
    ("foreign issuer", {"id_token": {"iss": "https://evil.example"}}),
    ("foreign audience", {"id_token": {"aud": "somebody-else"}}),
    ("foreign authorized party", {"id_token": {"azp": "somebody-else"}}),
    ("expired", {"id_token": {"exp": 1}}),
    ("other nonce", {"id_token": {"nonce": "other"}}),
    ("no nonce", {"id_token": {"nonce": None}}),
    ("no subject", {"id_token": {"sub": None}}),
    ("wrong at_hash", {"id_token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}),
    ("unsigned", {"id_token_alg": "none"}),
    ("public key as HMAC secret", {"id_token_alg": "HS256"}),
    ("bad signature", {"id_token_bad_signature": True}),
    ("foreign key", {"id_token_foreign_key": True}),
    ("unknown crit", {"id_token_header": {"crit": ["x"], "x": 1}}),
    ("no ID token", {"token": {"id_token": None}}),
    ("ID token is no JWT", {"token": {"id_token": "x.y.z"}}),
    ("ID token is a number", {"token": {"id_token": 7}}),
]


@pytest.mark.parametrize(
    "faults", [faults for _, faults in BROKEN_ID_TOKENS], ids=[name for name, _ in BROKEN_ID_TOKENS]
)
def test_a_broken_id_token_signs_nobody_in(
    world: Any, tab: MakeTab, idp: Any, faults: dict[str, Any]
) -> None:
    for name, value in faults.items():
        setattr(idp.faults, name, value)
    here = tab(checks=("pkce", "state", "nonce"))
    here.start()
    assert here.come_back().location == REFUSED
    assert here.browser.session() is None
    assert (world.adapter.users, world.adapter.accounts) == ([], [])


def answer(body: bytes, status: int = 200, content_type: str = "application/json") -> Response:
    return Response(status=status, headers=(("content-type", content_type),), body=body)


@pytest.mark.parametrize("endpoint", ["token", "jwks", "userinfo", "discovery"])
@pytest.mark.parametrize(
    "broken",
    [
        answer(b""),
        answer(b"{"),
        answer(b"[]"),
        answer(b"null"),
        answer(b'{"a":' * 5000),
        answer(b"<html>", content_type="text/html"),
        answer(b'{"error":"server_error"}', 500),
        answer(b"{}", 302),
        answer(b'{"keys":7,"access_token":[],"issuer":{}}'),
        answer(b"\xff\xfe{}"),
    ],
)
def test_no_answer_of_a_provider_crashes_or_signs_in(
    world: Any, tab: MakeTab, idp: Any, endpoint: str, broken: Response
) -> None:
    here = tab(id_token=endpoint != "userinfo")
    if endpoint == "discovery":
        idp.faults.answers[endpoint] = broken
        assert "error=" in here.start().location
    else:
        here.start()
        idp.faults.answers[endpoint] = broken
        assert "error=" in here.come_back().location
    assert here.browser.session() is None
    assert any(line.startswith(("error", "warning")) for line in world.log.lines)


@pytest.mark.parametrize("endpoint", ["discovery", "token", "jwks"])
def test_an_unreachable_provider_is_an_error_and_not_a_crash(
    tab: MakeTab, idp: Any, endpoint: str
) -> None:
    idp.faults.unreachable.add(endpoint)
    here = tab()
    started = here.start()
    location = started.location if endpoint == "discovery" else here.come_back().location
    assert "error=" in location
    assert here.browser.session() is None


def test_the_discovery_document_must_be_the_issuers_own(tab: MakeTab, idp: Any) -> None:
    idp.faults.discovery["issuer"] = "https://evil.example"
    assert tab().start().location == REFUSED


def test_endpoints_over_http_are_not_used(tab: MakeTab, idp: Any) -> None:
    idp.faults.discovery["token_endpoint"] = "http://idp.example/token"
    assert "error=" in tab().start().location


def test_a_profile_that_cannot_be_read_is_refused(world: Any, tab: MakeTab) -> None:
    def profile(claims: Mapping[str, Any], _tokens: TokenSet) -> User:
        raise KeyError(claims["sub"])

    for broken in (profile, lambda _c, _t: User(), lambda _c, _t: None):
        here = tab(profile=broken)
        here.start()
        assert here.come_back().location == REFUSED
    assert world.adapter.users == []
    assert any("OAuthProfileParseError" in line for line in world.log.lines)


# --- what the caller may change ---------------------------------------------------------------------


def test_a_query_adds_parameters_but_none_that_protects(tab: MakeTab) -> None:
    here = tab()
    evil = "prompt=login&scope=openid&state=x&nonce=y&redirect_uri=https://evil.example&client_id=z"
    evil += (
        "&response_type=token&code_challenge=c&request_uri=u&callbackUrl=/x&response_mode=fragment"
    )
    location = here.browser.post("signin/idp", evil).location
    params = query(location)
    assert (params["prompt"], params["scope"]) == ("login", "openid")
    assert params["redirect_uri"] == f"{ORIGIN}/auth/callback/idp"
    assert (params["client_id"], params["response_type"]) == ("web", "code")
    assert not {"request_uri", "response_mode", "callbackUrl", "nonce"} & set(params)
    assert params["state"] != "x"
    assert params["code_challenge"] != "c"


def test_a_parameter_that_is_an_object_is_sent_as_compact_json(tab: MakeTab) -> None:
    here = tab(params={"claims": {"userinfo": {"email": None}}})
    here.start()
    assert query(here.location)["claims"] == '{"userinfo":{"email":null}}'


def test_what_the_token_endpoint_says_of_a_code_stays_between_us(world: Any, tab: MakeTab) -> None:
    here = tab()
    here.start()
    callback = here.idp.approve(here.location)
    forged = replace(callback, params={**callback.params, "code": "forged"})
    assert here.come_back(forged).location == REFUSED
    assert any("[CallbackRouteError]" in line for line in world.log.lines)


def test_the_sign_in_callback_decides_before_anything_is_stored(world: Any, tab: MakeTab) -> None:
    seen: list[SignInParams] = []

    def sign_in(params: SignInParams) -> bool:
        seen.append(params)
        return False

    here = tab({"callbacks": Callbacks(sign_in=sign_in)})
    here.start()
    assert "error=AccessDenied" in here.come_back().location
    assert (world.adapter.users, world.adapter.accounts) == ([], [])
    (params,) = seen
    assert params.profile is not None
    assert params.tokens is not None
    assert str(params.tokens.access_token) not in repr(params)


def test_nothing_secret_reaches_the_log(world: Any, tab: MakeTab, idp: Any) -> None:
    here = tab({"debug": True})
    here.start()
    callback = idp.approve(here.location)
    here.come_back(callback)
    here.come_back(callback)
    idp.faults.id_token["iss"] = "https://evil.example"
    here.start()
    here.come_back()
    (account, *_rest) = world.adapter.accounts
    text = "\n".join(world.log.lines)
    for secret in (
        CLIENT_SECRET,
        account.access_token,
        account.id_token,
        callback.params["code"],
        callback.params["state"],
        world.config().secret,
        "alice@example.com",
    ):
        assert secret not in text


# --- accounts and sessions --------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_signed_in_people_link_further_accounts(world: Any, tab: MakeTab, strategy: str) -> None:
    here = tab({"session": SessionConfig(strategy=strategy)})
    here.start()
    here.come_back(sub="bob-2")
    bob = world.adapter.users[0]
    here.start()
    assert here.come_back(sub="alice-1").location == ORIGIN
    assert [(a.provider_account_id, a.user_id) for a in world.adapter.accounts] == [
        ("bob-2", bob.id),
        ("alice-1", bob.id),
    ]
    assert here.browser.app_session().user.id == bob.id


@pytest.mark.parametrize("strategy", ["jwt", "database"])
def test_an_account_of_somebody_else_is_not_linked(world: Any, tab: MakeTab, strategy: str) -> None:
    first = tab({"session": SessionConfig(strategy=strategy)})
    first.start()
    first.come_back(sub="alice-1")
    second = tab({"session": SessionConfig(strategy=strategy)})
    second.start()
    second.come_back(sub="bob-2")
    second.start()
    answer = second.come_back(sub="alice-1")
    assert answer.location == f"{ORIGIN}/auth/signin?error=OAuthAccountNotLinked"
    assert len({account.user_id for account in world.adapter.accounts}) == 2


def test_an_address_that_is_taken_is_not_taken_over(world: Any, tab: MakeTab) -> None:

    owner = User(id="u1", email="alice@example.com")
    anyio.run(world.adapter.create_user, owner)
    here = tab()
    here.start()
    assert here.come_back().location == f"{ORIGIN}/auth/signin?error=OAuthAccountNotLinked"
    assert world.adapter.accounts == []
    trusting = tab(allow_dangerous_email_account_linking=True)
    trusting.start()
    assert trusting.come_back().location == ORIGIN
    assert [account.user_id for account in world.adapter.accounts] == ["u1"]


def test_without_an_adapter_nothing_is_stored_and_the_session_works(
    world: Any, tab: MakeTab
) -> None:
    here = tab({"adapter": None})
    here.start()
    assert here.come_back().location == ORIGIN
    assert here.browser.session()["user"]["email"] == "alice@example.com"
    assert world.adapter.users == []


def test_new_users_come_by_the_welcome_page(world: Any, tab: MakeTab) -> None:

    here = tab({"pages": Pages(new_user="/welcome")})
    here.start(callbackUrl="/dash")
    assert here.come_back().location == "/welcome?callbackUrl=http%3A%2F%2Flocalhost%3A3000%2Fdash"
    here.browser.post("signout")
    here.start(callbackUrl="/dash")
    assert here.come_back().location == f"{ORIGIN}/dash"


# --- the redirect proxy -----------------------------------------------------------------------------


def test_a_proxy_sends_the_answer_on_to_the_deployment_that_asked(world: Any, idp: Any) -> None:

    proxy = "https://stable.example/auth"
    client = FakeClient(
        client_id="web", client_secret=CLIENT_SECRET, redirect_uris=(f"{proxy}/callback/idp",)
    )
    idp = FakeProvider(clients=[client], now=world.clock)
    browser = world.browser(
        providers=[oidc(idp, checks=("pkce",))],
        http_client=idp.http,
        trust_host=True,
        redirect_proxy_url=proxy,
    )
    browser.host = "preview.example"
    here = Tab(browser, idp, "idp")
    here.start(callbackUrl="/dash")
    callback = idp.approve(here.location)
    assert callback.redirect_uri == f"{proxy}/callback/idp"
    at_proxy = type(browser)(browser.auth, "stable.example")
    parts = urlsplit(callback.url)
    onward = at_proxy.send(
        "GET", parts.path, query=parts.query, headers={"x-forwarded-proto": "https"}
    )
    assert onward.location.startswith("http://preview.example/auth/callback/idp?")
    assert browser.follow(onward.location).location == "http://preview.example/dash"
    assert browser.session() is not None


def test_a_proxy_sends_nobody_on_with_a_forged_state(world: Any, idp: Any) -> None:
    browser = world.browser(
        providers=[oidc(idp)],
        http_client=idp.http,
        trust_host=True,
        redirect_proxy_url="http://proxy.localhost/auth",
    )
    browser.host = "proxy.localhost"
    answer = browser.get("callback/idp", "code=x&state=https://evil.example")
    assert answer.location == "http://proxy.localhost/auth/error?error=Configuration"


class Recorder:
    """Counts what goes out and answers with 500."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return HttpResponse(status=500, headers=Headers(), body=b"")


def test_an_own_http_port_carries_every_request(world: Any, idp: Any) -> None:
    http = Recorder()
    browser = world.browser(providers=[oidc(idp)], http_client=http)
    browser.post("signin/idp")
    assert [request.url for request in http.requests] == [
        "https://idp.example/.well-known/openid-configuration"
    ]
