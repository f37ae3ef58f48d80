"""Providers that Auth.js does not have: a whole sign-in with each, at a stub that answers as it does.

Profiles are those of the fixtures, which have the shapes of the providers' documentation.
"""

from __future__ import annotations

import inspect
import json
import pkgutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey
from tests.core.harness import SECRET, Browser

import authwire.providers
from authwire import AuthConfig, SyncAuth
from authwire.adapters.memory import MemoryAdapter
from authwire.errors import OAuthCallbackError, OAuthProfileParseError, ProtocolError
from authwire.http import Headers, HttpRequest, HttpResponse
from authwire.models import TokenSet, User
from authwire.protocol.jws import sign
from authwire.protocol.keys import load_signing_key
from authwire.protocol.tokens import process_token_response
from authwire.providers._graphql import graphql
from authwire.providers._hosts import host_label
from authwire.providers._listed import first_object, objects
from authwire.providers._types import OIDC, OAuth2
from authwire.providers.basecamp import Basecamp
from authwire.providers.canva import Canva
from authwire.providers.docusign import Docusign
from authwire.providers.feishu import Feishu
from authwire.providers.gitea import Gitea
from authwire.providers.harvest import Harvest
from authwire.providers.heroku import Heroku
from authwire.providers.odnoklassniki import Odnoklassniki
from authwire.providers.paypal import PayPal
from authwire.providers.quickbooks import QuickBooks
from authwire.providers.shopify import Shopify
from authwire.providers.soundcloud import SoundCloud
from authwire.providers.stackexchange import StackExchange
from authwire.providers.trainingpeaks import TrainingPeaks
from authwire.providers.trovo import Trovo
from authwire.providers.weibo import Weibo
from authwire.providers.withings import Withings
from authwire.providers.zendesk import Zendesk

HERE = Path(__file__).parent
OF_AUTH_JS = json.loads((HERE.parent / "vectors" / "providers.json").read_text())
TOKENS = TokenSet(access_token="at-secret", token_type="bearer")
STANDARD = {"access_token": "at-secret", "token_type": "Bearer", "expires_in": 3600}

INPUTS: dict[str, dict[str, Any]] = {
    "forgejo": {"base_url": "https://git.corp.example"},
    "odnoklassniki": {"application_key": "CPUBLIC"},
    "shopify": {"shop": "My-Shop"},
    "stackexchange": {"key": "app-key"},
    "zendesk": {"subdomain": "acme"},
}
TOKEN_ANSWERS: dict[str, dict[str, Any]] = {
    "baidu": {
        "access_token": "at-secret",
        "expires_in": 2592000,
        "refresh_token": "rt",
        "scope": "basic",
        "session_key": "",
        "session_secret": "",
    },
    "basecamp": {"access_token": "at-secret", "expires_in": 1209600, "refresh_token": "rt"},
    "odnoklassniki": {
        "access_token": "at-secret",
        "token_type": "session",
        "refresh_token": "rt",
        "expires_in": "1800",
    },
    "shopify": {"access_token": "at-secret", "scope": "", "expires_in": 86399},
    "stackexchange": {"access_token": "at-secret", "expires": 86400},
    "feishu": {"code": 0, **STANDARD, "scope": "auth:user.id:read"},
    "lark": {"code": 0, **STANDARD, "scope": "auth:user.id:read"},
    "trovo": {"access_token": "at-secret", "token_type": "OAuth", "expires_in": 86400},
    "weibo": {
        "access_token": "at-secret",
        "remind_in": "157679999",
        "expires_in": 157679999,
        "uid": "1404376560",
    },
}
"""Token responses that are not as RFC 6749 has them."""


def factories() -> Iterator[Any]:
    for found in pkgutil.iter_modules(authwire.providers.__path__):
        if found.name.startswith("_"):
            continue
        module = import_module(f"authwire.providers.{found.name}")
        own = [getattr(module, name) for name in module.__all__ if name[0].isupper()]
        yield from (made for made in own if inspect.isfunction(made))


def beyond() -> dict[str, Any]:
    """All OAuth providers whose id Auth.js does not know, by id."""
    found: dict[str, Any] = {}
    for factory in factories():
        needed = {
            name: next((of[name] for of in INPUTS.values() if name in of), name)
            for name, parameter in inspect.signature(factory).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
        }
        provider_id = factory(**needed).id
        if provider_id not in OF_AUTH_JS:
            found[provider_id] = factory
    return found


BEYOND = beyond()


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})


def profile_of(provider_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    case = json.loads((HERE / "fixtures" / f"{provider_id}.json").read_text())[0]
    return case["profile"], case["expected"]


def configured(provider_id: str, key: RSAKey) -> OAuth2[Any]:
    options: dict[str, Any] = {"client_id": "client", "client_secret": "s3cret"}
    provider = BEYOND[provider_id](**INPUTS.get(provider_id, {}), **options)
    if provider.token_endpoint_auth_method == "private_key_jwt":
        options["client_private_key"] = key.as_dict(private=True)
    if isinstance(provider, OIDC) and not (provider.issuer or provider.default_issuer):
        options["issuer"] = "https://idp.corp.example/realm"
    made: OAuth2[Any] = BEYOND[provider_id](**INPUTS.get(provider_id, {}), **options)
    return made


@dataclass
class Stub:
    """Answers as ``provider`` does, for the user of its fixture."""

    provider: OAuth2[Any]
    key: RSAKey
    profile: Mapping[str, Any]
    nonce: str | None = None
    requests: list[HttpRequest] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return self.provider.issuer or self.provider.default_issuer or ""

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        body = json.dumps(self.answers()[request.url.partition("?")[0]]).encode()
        return HttpResponse(status=200, headers=Headers([]), body=body)

    def answers(self) -> dict[str, Any]:
        provider = self.provider
        token = provider.token or f"{self.issuer}/token"
        userinfo = (provider.userinfo or f"{self.issuer}/userinfo").partition("?")[0]
        found = {
            token.partition("?")[0]: self.tokens(),
            userinfo: self.profile,
            f"{self.issuer.rstrip('/')}/.well-known/openid-configuration": self.metadata(),
            provider.jwks_uri or f"{self.issuer}/jwks": {"keys": [self.key.as_dict(private=False)]},
        }
        if provider.id == "canva":
            found[userinfo] = {"team_user": self.profile["team_user"]}
            found[f"{userinfo}/profile"] = {"profile": self.profile["profile"]}
        return found

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def tokens(self) -> dict[str, Any]:
        answer = dict(TOKEN_ANSWERS.get(self.provider.id, STANDARD))
        if self.provider.id == "shopify":
            answer["associated_user"] = self.profile
        if self.provider.id == "withings":
            answer.update(self.profile)
            return {"status": 0, "body": answer}
        if isinstance(self.provider, OIDC):
            told = self.profile if self.provider.id_token else {"sub": self.profile["sub"]}
            now = int(time.time())
            claims = {
                **{name: value for name, value in told.items() if name not in ("nbf", "at_hash")},
                "iss": self.issuer,
                "aud": "client",
                "iat": now,
                "exp": now + 300,
                **({"nonce": self.nonce} if self.nonce else {}),
            }
            answer["id_token"] = sign(claims, load_signing_key(self.key.as_dict(private=True)))
        return answer


@dataclass
class Visit:
    """What became of one sign-in."""

    asked: dict[str, str]
    """The parameters of the authorization request."""
    location: str
    """Where the browser ended."""
    adapter: MemoryAdapter[Any]

    def owner(self, provider_id: str, account_id: str) -> User | None:
        """Who signs in with that account from now on."""
        waiting = self.adapter.get_user_by_account(provider_id, account_id)
        with pytest.raises(StopIteration) as done:
            waiting.send(None)  # this adapter never waits
        found: User | None = done.value.value
        return found


def sign_in(stub: Stub) -> Visit:
    provider, adapter = stub.provider, MemoryAdapter[Any]()
    config: AuthConfig[Any] = AuthConfig(
        secret=SECRET, providers=[provider], adapter=adapter, http_client=stub
    )
    browser = Browser(SyncAuth(config, environ={}))
    there = browser.post(f"signin/{provider.id}").location or ""
    asked = dict(parse_qsl(urlsplit(there).query, keep_blank_values=True))
    stub.nonce = asked.get("nonce")
    back = browser.get(f"callback/{provider.id}", f"code=c0de&state={asked['state']}")
    return Visit(asked, back.location or "", adapter)


def test_there_are_more_than_seventy() -> None:
    assert len(BEYOND) > 70


@pytest.mark.parametrize("provider_id", sorted(BEYOND))
def test_somebody_signs_in(provider_id: str, key: RSAKey) -> None:
    provider = configured(provider_id, key)
    profile, expected = profile_of(provider_id)
    stub = Stub(provider, key, profile)
    visit = sign_in(stub)
    user = visit.owner(provider_id, expected["id"])
    assert user is not None, visit.location
    assert (user.name, user.image) == (expected["name"], expected["image"])
    assert user.email == (expected["email"] and expected["email"].lower())
    assert (visit.asked["client_id"], visit.asked["response_type"]) == ("client", "code")
    assert ("code_challenge" in visit.asked) is ("pkce" in provider.checks)
    check_token_request(stub)


def check_token_request(stub: Stub) -> None:
    """The client proves itself in the provider's way, and in no other."""
    (request,) = [sent for sent in stub.requests if b"c0de" in (sent.body or b"")]
    body = (request.body or b"").decode()
    as_json = "json" in dict(request.headers)["content-type"]
    sent = {k: [v] for k, v in json.loads(body).items()} if as_json else parse_qs(body)
    method = stub.provider.token_endpoint_auth_method
    assert (sent.get("client_secret") == ["s3cret"]) is (method == "client_secret_post")
    assert ("authorization" in dict(request.headers)) is (method == "client_secret_basic")
    assert ("client_assertion" in sent) is (method == "private_key_jwt")
    assert ("code_verifier" in sent) is ("pkce" in stub.provider.checks)


@pytest.mark.parametrize("provider_id", sorted(BEYOND))
def test_nobody_signs_in_with_an_answer_that_names_nobody(provider_id: str, key: RSAKey) -> None:
    provider = configured(provider_id, key)
    stub = Stub(provider, key, {"sub": 1.5, "team_user": {}, "profile": {}})
    visit = sign_in(stub)
    assert "error" in visit.location
    assert visit.owner(provider_id, profile_of(provider_id)[1]["id"]) is None


# --- hooks --------------------------------------------------------------------------------------


async def fetch(provider: OAuth2[Any], http: Any, tokens: TokenSet = TOKENS) -> Any:
    assert provider.fetch_profile is not None
    profile: Any = provider.fetch_profile(http, tokens, provider)
    return await profile


@pytest.mark.anyio
async def test_graphql_is_posted_as_json_with_the_token_in_the_header(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    provider: OAuth2[Any] = OAuth2(
        id="g", name="G", userinfo="https://g.example/q", fetch_profile=graphql("{ me { id } }")
    )
    http = script({"https://g.example/q": answer({"data": {"me": {"id": "1"}}})})
    assert await fetch(provider, http) == {"data": {"me": {"id": "1"}}}
    (request,) = http.requests
    assert request.method == "POST"
    assert json.loads(request.body) == {"query": "{ me { id } }"}
    headers = [name for name, _ in request.headers]
    assert len(headers) == len(set(headers))
    assert dict(request.headers)["content-type"] == "application/json"
    assert dict(request.headers)["authorization"] == "Bearer at-secret"


@pytest.mark.anyio
async def test_graphql_that_is_refused_is_an_error(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    provider: OAuth2[Any] = OAuth2(
        id="g", name="G", userinfo="https://g.example/q", fetch_profile=graphql("{ me { id } }")
    )
    http = script({"https://g.example/q": answer({"errors": []}, status=401)})
    with pytest.raises(ProtocolError, match="401") as caught:
        await fetch(provider, http)
    assert "at-secret" not in str(caught.value)


@pytest.mark.anyio
async def test_odnoklassniki_gets_signed_requests(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    provider = Odnoklassniki(application_key="publicsecret", client_secret="my-client-secret")
    tokens = TokenSet(access_token="secret-access-token", token_type="bearer")
    # The signature is one that another implementation recorded.
    url = (
        "https://api.ok.ru/fb.do?application_key=publicsecret&format=json"
        "&method=users.getCurrentUser&sig=3cf98d2df29c82be6964f3dfe56c188b"
        "&access_token=secret-access-token"
    )
    http = script({url: answer({"uid": "1"})})
    assert await fetch(provider, http, tokens) == {"uid": "1"}


@pytest.mark.anyio
@pytest.mark.parametrize("secret", [None, lambda _now: "made"])
async def test_odnoklassniki_needs_a_secret_to_sign_with(secret: Any) -> None:
    provider = Odnoklassniki(application_key="k", client_secret=secret)
    with pytest.raises(ProtocolError, match="client secret"):
        await fetch(provider, None)


@pytest.mark.anyio
async def test_heroku_is_told_which_version_is_meant(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({"https://api.heroku.com/account": answer({"id": "1"})})
    await fetch(Heroku(), http)
    accepted = [value for name, value in http.requests[0].headers if name == "accept"]
    assert accepted == ["application/vnd.heroku+json; version=3"]


@pytest.mark.anyio
async def test_harvest_is_told_which_program_asks(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({"https://id.getharvest.com/api/v2/accounts": answer({"user": {"id": 1}})})
    await fetch(Harvest(), http)
    assert dict(http.requests[0].headers)["user-agent"] == "authwire"


@pytest.mark.anyio
async def test_soundcloud_gets_the_token_under_its_own_scheme(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({"https://api.soundcloud.com/me": answer({"urn": "soundcloud:users:1"})})
    await fetch(SoundCloud(), http)
    assert dict(http.requests[0].headers)["authorization"] == "OAuth at-secret"


@pytest.mark.anyio
async def test_stack_exchange_is_asked_about_one_site_with_the_key_of_the_app(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    me = "https://api.stackexchange.com/2.3/me"
    url = f"{me}?key=app-key&site=serverfault&access_token=at-secret"
    http = script({url: answer({"items": []})})
    assert await fetch(StackExchange(key="app-key", site="serverfault"), http) == {"items": []}


@pytest.mark.anyio
async def test_weibo_is_asked_about_the_user_whom_the_token_response_names(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    tokens = TokenSet(access_token="at-secret", token_type="bearer", extra={"uid": "7"})
    url = "https://api.weibo.com/2/users/show.json?access_token=at-secret&uid=7"
    http = script({url: answer({"idstr": "7"})})
    assert await fetch(Weibo(), http, tokens) == {"idstr": "7"}
    with pytest.raises(OAuthProfileParseError):
        await fetch(Weibo(), http)


@pytest.mark.anyio
async def test_canva_does_not_let_the_name_change_who_it_is(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    me = "https://api.canva.com/rest/v1/users/me"
    named = {"profile": {"display_name": "Jane"}, "team_user": {"user_id": "other"}}
    http = script({me: answer({"team_user": {"user_id": "u"}}), f"{me}/profile": answer(named)})
    profile = await fetch(Canva(), http)
    assert profile["team_user"] == {"user_id": "u"}
    assert profile["profile"] == {"display_name": "Jane"}


@pytest.mark.parametrize("user", [None, [], "x", 1])
def test_a_shopify_token_that_is_for_no_person_names_nobody(user: object) -> None:
    provider = Shopify(shop="acme")
    assert provider.fetch_profile is not None
    tokens = TokenSet(access_token="at", token_type="bearer", extra={"associated_user": user})
    profile: Any = provider.fetch_profile(None, tokens, provider)  # type: ignore[arg-type]  # unused
    with pytest.raises(OAuthProfileParseError):
        provider.profile(profile, tokens)


def tokens_of(provider: OAuth2[Any], response: HttpResponse) -> TokenSet:
    """What the core reads from a token response after the provider's hook."""
    assert provider.conform_token is not None
    return process_token_response(provider.conform_token(response), now=1000)


@pytest.mark.parametrize("body", [{"status": 293, "error": "invalid code"}, {"status": True}, {}])
def test_a_withings_error_is_an_error_though_its_status_is_200(
    answer: Callable[..., Any], body: dict[str, Any]
) -> None:
    with pytest.raises(OAuthCallbackError):
        tokens_of(Withings(), answer(body))


def test_withings_tells_the_account_id_with_the_tokens(answer: Callable[..., Any]) -> None:
    body = {"userid": "363", "access_token": "at", "token_type": "Bearer", "expires_in": 10800}
    tokens = tokens_of(Withings(), answer({"status": 0, "body": body}))
    assert (tokens.access_token, tokens.extra["userid"]) == ("at", "363")


@pytest.mark.parametrize("made", [Basecamp(), Odnoklassniki(application_key="k"), Trovo()])
def test_an_oauth_error_stays_one(made: OAuth2[Any], answer: Callable[..., Any]) -> None:
    refusal = {"error": "invalid_grant", "error_description": "no such code"}
    with pytest.raises(OAuthCallbackError, match="no such code"):
        tokens_of(made, answer(refusal))
    with pytest.raises(OAuthCallbackError, match="no such code"):
        tokens_of(made, answer(refusal, status=400))


FORM = HttpRequest(
    method="POST",
    url="https://t.example/token",
    headers=(("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")),
    body=b"grant_type=authorization_code&code=a%2Bb&client_id=c&client_secret=s%26t",
)


def test_feishu_gets_the_same_parameters_as_json() -> None:
    conform = Feishu().conform_token_request
    assert conform is not None
    request = conform(FORM)
    assert dict(request.headers)["content-type"].startswith("application/json")
    assert json.loads(request.body or b"") == {
        "grant_type": "authorization_code",
        "code": "a+b",
        "client_id": "c",
        "client_secret": "s&t",
    }


def test_trovo_gets_the_client_id_in_a_header() -> None:
    conform = Trovo().conform_token_request
    assert conform is not None
    request = conform(FORM)
    assert dict(request.headers)["client-id"] == "c"
    assert json.loads(request.body or b"").keys() == {"grant_type", "code", "client_secret"}


# --- inputs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shop", ["", "evil.example/", "a.b", "a/b", "-a", "a-", "a b", "a\n", "ä"])
def test_a_shop_that_would_lead_somewhere_else_is_refused(shop: str) -> None:
    with pytest.raises(ValueError, match="one word"):
        Shopify(shop=shop)
    with pytest.raises(ValueError, match="one word"):
        Zendesk(subdomain=shop)


def test_a_host_label_is_lower_case_and_at_most_63_long() -> None:
    assert host_label("My-Shop2", "x") == "my-shop2"
    assert host_label("a" * 63, "x") == "a" * 63
    with pytest.raises(ValueError, match="one word"):
        host_label("a" * 64, "x")


@pytest.mark.parametrize(
    ("sandboxed", "hosts"),
    [
        (PayPal(sandbox=True), {"www.sandbox.paypal.com", "api-m.sandbox.paypal.com"}),
        (Docusign(sandbox=True), {"account-d.docusign.com"}),
        (
            TrainingPeaks(sandbox=True),
            {"oauth.sandbox.trainingpeaks.com", "api.sandbox.trainingpeaks.com"},
        ),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_a_sandbox_is_asked_and_nothing_else(sandboxed: OAuth2[Any], hosts: set[str]) -> None:
    urls = [sandboxed.authorization, sandboxed.token, sandboxed.userinfo]
    assert {urlsplit(url).hostname for url in urls if url} == hosts


def test_the_sandbox_of_quickbooks_is_another_address_of_profiles() -> None:
    userinfo = "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo"
    assert QuickBooks(sandbox=True).userinfo == userinfo


@pytest.mark.parametrize("base", ["https://git.corp.example", "https://git.corp.example/"])
def test_a_gitea_of_ones_own_is_asked_at_its_own_address(base: str) -> None:
    provider = Gitea(base_url=base)
    assert provider.authorization == "https://git.corp.example/login/oauth/authorize"
    assert provider.token == "https://git.corp.example/login/oauth/access_token"
    assert provider.userinfo == "https://git.corp.example/login/oauth/userinfo"


def test_only_objects_are_taken_from_a_list() -> None:
    mixed = {"items": [1, None, "x", {"id": 1}, {"id": 2}]}
    assert objects(mixed, "items") == [{"id": 1}, {"id": 2}]
    assert first_object(mixed, "items") == {"id": 1}
    for empty in ({}, {"items": None}, {"items": {"id": 1}}, {"items": [1]}):
        assert first_object(empty, "items") == {}
