"""A whole sign-in at every provider, against a stub that answers as the provider's documentation says.

Providers that keep to the standards get a standard answer and the first of their profile fixtures. Each one with
a hook of its own has a story below: what it needs to be asked, and what it answers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import ECKey, RSAKey
from tests.core.harness import Browser, World

import authwire.providers as catalogue
from authwire import Events
from authwire.cli.catalogue import entries, sample_inputs
from authwire.config import SignInEvent
from authwire.http import Headers, HttpRequest, HttpResponse, Request
from authwire.protocol.jws import sign, sign_hmac
from authwire.protocol.keys import load_signing_key
from authwire.providers import OAuth2

FIXTURES = Path(__file__).parent / "fixtures"
KEY = RSAKey.generate_key(2048)
JWKS = {"keys": [{**KEY.as_dict(private=False), "kid": "k1", "alg": "RS256", "use": "sig"}]}
SIGNING = replace(load_signing_key(KEY.as_pem(private=True).decode()), kid="k1")
APPLE_KEY = ECKey.generate_key("P-256").as_pem(private=True).decode()
CLIENT_KEY = KEY.as_pem(private=True).decode()
SECRET = "client-secret-0123456789abcdef0123456789"
HOOKS = (
    *("fetch_profile", "extend_profile", "conform_token", "conform_token_request"),
    *("issuer_from", "callback_profile", "derive", "token_params"),
)
TOKENS = {"access_token": "at-1", "token_type": "Bearer", "expires_in": 3600}


Answer: TypeAlias = "Callable[[Idp, HttpRequest], Any]"


@dataclass(kw_only=True)
class Story:
    """How one provider departs from the standards."""

    options: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = SECRET
    tokens: Any = None
    """The body of the token answer, where it is not the standard's; a function gets the stub."""
    asked: Answer | None = None
    """What is told at the userinfo endpoint, and to whom."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """Bodies at other addresses, or functions of the stub and the request."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Of the ID token, over those of the fixture."""
    form: Mapping[str, str] | None = None
    """What the callback brings along, as a POST from the provider's site."""
    expected: Mapping[str, Any] = field(default_factory=dict)
    """Of the user, over what the first fixture says."""
    sent: Mapping[str, str] = field(default_factory=dict)
    """Parameters that the token request must have."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header fields that it must have."""
    code: str = "code"
    """What the code is called in it."""
    stated_issuer: str | None = None
    """What the discovery document says, if it is not the configured issuer."""


@dataclass
class Idp:
    """The whole outside world of one provider."""

    provider: OAuth2[Any]
    story: Story
    fixture: Mapping[str, Any]
    nonce: str | None = None
    requests: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        url, _, query = request.url.partition("?")
        if url in self.story.answers:
            answer = self.story.answers[url]
            return self.reply(answer(self, request) if callable(answer) else answer)
        if url.endswith("/.well-known/openid-configuration"):
            return self.reply(self.metadata(url.removesuffix("/.well-known/openid-configuration")))
        if url == (self.provider.token or self.endpoint("token")).partition("?")[0]:
            return self.reply(self.tokens(request))
        if url in (self.provider.jwks_uri, self.endpoint("jwks")):
            return self.reply(JWKS)
        if url == (self.provider.userinfo or self.endpoint("userinfo")).partition("?")[0]:
            return self.reply((self.story.asked or only_for())(self, request))
        raise AssertionError(f"nobody answers at {request.method} {url} {query}")

    def endpoint(self, name: str) -> str:
        return f"{(self.provider.issuer or 'https://none.example').rstrip('/')}/{name}"

    def metadata(self, issuer: str) -> dict[str, Any]:
        assert issuer.rstrip("/") == (self.provider.issuer or "").rstrip("/")
        return {
            "issuer": self.story.stated_issuer or self.provider.issuer,
            "authorization_endpoint": self.endpoint("authorize"),
            "token_endpoint": self.endpoint("token"),
            "userinfo_endpoint": self.endpoint("userinfo"),
            "jwks_uri": self.endpoint("jwks"),
        }

    def tokens(self, request: HttpRequest) -> Any:
        """Tokens for who sends the right code with all that belongs to it."""
        form = self.form(request)
        assert form[self.story.code] == "the-code"
        assert form.items() >= self.story.sent.items()
        assert dict(request.headers).items() >= self.story.headers.items()
        tokens = self.story.tokens
        if self.provider.type == "oidc":
            return {**TOKENS, **(tokens or {}), "id_token": self.id_token()}
        return tokens(self) if callable(tokens) else tokens or TOKENS

    def form(self, request: HttpRequest) -> dict[str, Any]:
        body = (request.body or b"").decode()
        form: dict[str, Any] = json.loads(body) if body.startswith("{") else dict(parse_qsl(body))
        return form | dict(parse_qsl(urlsplit(request.url).query))

    def id_token(self) -> str:
        now = int(World("inline").clock().timestamp())
        profile = self.fixture["profile"] if self.provider.id_token else {}
        claims = {
            **{name: value for name, value in profile.items() if name != "at_hash"},
            "sub": self.fixture["profile"]["sub"],
            "iss": self.provider.issuer or self.provider.default_issuer,
            "aud": "CLIENT_ID",
            "iat": now,
            "exp": now + 300,
            **({"nonce": self.nonce} if self.nonce else {}),
            **self.story.claims,
        }
        if self.provider.id_token_signed_response_alg == "HS256":
            return sign_hmac(claims, SECRET, "HS256")
        return sign(claims, SIGNING)

    def reply(self, body: Any) -> HttpResponse:
        if isinstance(body, HttpResponse):
            return body
        headers = Headers([("content-type", "application/json")])
        return HttpResponse(status=200, headers=headers, body=json.dumps(body).encode())


class Tls(Browser):
    """Some providers call back with a form of their own, which only cookies over https survive."""

    def request(self, method: str, path: str, **more: Any) -> Request:
        headers = {**(more.pop("headers", None) or {}), ":scheme": "https"}
        return super().request(method, path, headers=headers, **more)


def provider_of(factory_name: str, story: Story) -> OAuth2[Any]:
    factory: Callable[..., Any] = getattr(catalogue, factory_name)
    options: dict[str, Any] = {"client_id": "CLIENT_ID", **sample_inputs(factory)}
    bare = factory(**options)
    if bare.client_secret is None and story.secret:
        options["client_secret"] = story.secret
    if not (bare.issuer or bare.default_issuer) and bare.authorization is None:
        options["issuer"] = "https://issuer.example"
    if bare.token_endpoint_auth_method == "private_key_jwt":
        options["client_private_key"] = CLIENT_KEY
    made = factory(**(options | dict(story.options)))
    return made if made.issuer else replace(made, issuer=made.default_issuer)


def only_for(
    shape: Callable[[Any], Any] = lambda profile: profile,
    *,
    method: str = "GET",
    headers: Mapping[str, str] = MappingProxyType({"authorization": "Bearer at-1"}),
    query: Mapping[str, str] = MappingProxyType({}),
    form: Mapping[str, str] | None = None,
    graphql: str = "",
) -> Answer:
    """The fixture's profile, put into ``shape``, for requests that have all this."""

    def answer(idp: Idp, request: HttpRequest) -> Any:
        found = Headers(request.headers)
        assert request.method == method
        assert {name: found.get(name) for name in headers} == headers
        assert dict(parse_qsl(urlsplit(request.url).query)).items() >= query.items()
        if form is not None:
            assert dict(parse_qsl((request.body or b"").decode())) == form
        if graphql:
            assert re.search(graphql, json.loads(request.body or b"")["query"])
        return shape(idp.fixture["profile"])

    return answer


def by_query(**query: str) -> Answer:
    """For services that have the token in the query, and then nowhere else."""
    return only_for(headers={"authorization": None}, query=query)  # type: ignore[dict-item]  # None: absent


def by_scheme(scheme: str, **headers: str) -> Answer:
    return only_for(headers={"authorization": f"{scheme} at-1", **headers})


def by_graphql(words: str) -> Answer:
    return only_for(method="POST", headers={"content-type": "application/json"}, graphql=words)


def eve_token(**claims: Any) -> str:
    return sign({"iss": "https://login.eveonline.com", **claims}, SIGNING)


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


GUID = "72f988bf-86f1-41af-91ab-2d7cd011db47"
UNTYPED = {"access_token": "at-1"}
PHOTO = HttpResponse(status=200, headers=Headers([("content-type", "image/jpeg")]), body=b"jpeg")
MICROSOFT: dict[str, Any] = {
    "stated_issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
    "claims": {"tid": GUID, "iss": f"https://login.microsoftonline.com/{GUID}/v2.0"},
}

STORIES = {
    "apple": Story(
        options={"team_id": "TEAM", "key_id": "KEY", "private_key": APPLE_KEY},
        secret=None,
        form={"user": json.dumps({"name": {"firstName": "Ann", "lastName": "Example"}})},
        expected={"name": "Ann Example"},
    ),
    "azure-ad": Story(**MICROSOFT),
    "azure-ad-b2c": Story(
        options={
            "tenant_id": GUID,
            "issuer": "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_in/v2.0",
        },
        stated_issuer=f"https://contoso.b2clogin.com/{GUID}/v2.0/",
        claims={"iss": f"https://contoso.b2clogin.com/{GUID}/v2.0/"},
    ),
    "azure-devops": Story(
        code="assertion",
        sent={
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "client_assertion": SECRET,
        },
        tokens={"access_token": "at-1", "token_type": "jwt-bearer", "expires_in": "3599"},
    ),
    "baidu": Story(tokens=UNTYPED, asked=by_query(access_token="at-1")),
    "basecamp": Story(tokens=UNTYPED, sent={"type": "web_server"}),
    "bungie": Story(asked=only_for(headers={"x-api-key": "API_KEY"})),
    "canva": Story(
        asked=only_for(lambda profile: {"team_user": profile["team_user"]}),
        answers={
            "https://api.canva.com/rest/v1/users/me/profile": only_for(
                lambda profile: {"profile": profile["profile"]}
            )
        },
    ),
    "click-up": Story(tokens=UNTYPED),
    "disqus": Story(asked=by_query(access_token="at-1", api_key="CLIENT_ID")),
    "dropbox": Story(asked=only_for(method="POST")),
    "eveonline": Story(
        tokens={
            **TOKENS,
            "access_token": eve_token(
                aud=["CLIENT_ID", "EVE Online"],
                sub="CHARACTER:EVE:95465499",
                name="Ann",
                owner="o=",
            ),
        },
        expected={
            "id": "o=",
            "name": "Ann",
            "image": "https://images.evetech.net/characters/95465499/portrait?size=128",
        },
    ),
    "feishu": Story(headers={"content-type": "application/json; charset=utf-8"}),
    "foursquare": Story(tokens=UNTYPED, asked=by_query(oauth_token="at-1", v="20230131")),
    "github": Story(
        asked=only_for(
            lambda profile: {**profile, "email": None}, headers={"user-agent": "authwire"}
        ),
        answers={
            "https://api.github.com/user/emails": [
                {"email": "old@corp.example", "primary": False, "verified": True},
                {"email": "ann@corp.example", "primary": True, "verified": True},
            ]
        },
        expected={"email": "ann@corp.example"},
    ),
    "harvest": Story(asked=only_for(headers={"user-agent": "authwire"})),
    "heroku": Story(asked=only_for(headers={"accept": "application/vnd.heroku+json; version=3"})),
    "hubspot": Story(
        asked=only_for(
            method="POST",
            headers={},
            form={
                "client_id": "CLIENT_ID",
                "client_secret": SECRET,
                "token": "at-1",
                "token_type_hint": "access_token",
            },
        )
    ),
    "instagram": Story(tokens={"data": [{**UNTYPED, "user_id": "1", "permissions": "basic"}]}),
    "lark": Story(headers={"content-type": "application/json; charset=utf-8"}),
    "linear": Story(asked=by_graphql("viewer { id name email avatarUrl }")),
    "mailchimp": Story(tokens=UNTYPED, asked=by_scheme("OAuth")),
    "mailru": Story(tokens=UNTYPED, asked=by_query(access_token="at-1")),
    "meetup": Story(asked=by_graphql("self { id name }")),
    "microsoft-entra-id": Story(
        **MICROSOFT,
        options={"profile_photo_size": 48},
        answers={"https://graph.microsoft.com/v1.0/me/photos/48x48/$value": PHOTO},
        expected={"image": "data:image/jpeg;base64,anBlZw=="},
    ),
    "netsuite": Story(options={"userinfo": "https://1234567.restlets.api.netsuite.com/me"}),
    "nextcloud": Story(
        options={"issuer": "https://cloud.example.org"},
        asked=only_for(
            lambda profile: {"ocs": {"meta": {"status": "ok"}, "data": profile}},
            headers={"ocs-apirequest": "true", "authorization": "Bearer at-1"},
        ),
    ),
    "notion": Story(
        asked=only_for(
            lambda profile: {
                "object": "user",
                "type": "bot",
                "bot": {"owner": {"type": "user", "user": profile}},
            },
            headers={"notion-version": "2022-06-28", "authorization": "Bearer at-1"},
        )
    ),
    "odnoklassniki": Story(
        tokens={"access_token": "at-1", "token_type": "session", "expires_in": "1800"},
        asked=by_query(
            access_token="at-1",
            sig=md5(
                "application_key=APPLICATION_KEYformat=jsonmethod=users.getCurrentUser"
                + md5(f"at-1{SECRET}")
            ),
        ),
    ),
    "producthunt": Story(asked=by_graphql("viewer { user { id name username profileImage } }")),
    "shopify": Story(
        tokens=lambda idp: {**UNTYPED, "scope": "", "associated_user": idp.fixture["profile"]}
    ),
    "snapchat": Story(asked=by_graphql("me { externalId displayName }")),
    "soundcloud": Story(asked=by_scheme("OAuth")),
    "stackexchange": Story(
        tokens={**UNTYPED, "expires": 86400},
        asked=by_query(access_token="at-1", key="KEY", site="stackoverflow"),
    ),
    "threads": Story(tokens={**UNTYPED, "user_id": 1}),
    "tiktok": Story(sent={"client_key": "CLIENT_ID"}),
    "trakt": Story(
        asked=only_for(
            lambda profile: {"user": profile},
            headers={
                "trakt-api-version": "2",
                "trakt-api-key": "CLIENT_ID",
                "authorization": "Bearer at-1",
            },
        )
    ),
    "trovo": Story(
        headers={"content-type": "application/json", "client-id": "CLIENT_ID"},
        tokens={**TOKENS, "token_type": "OAuth"},
        asked=by_scheme("OAuth", **{"client-id": "CLIENT_ID"}),
    ),
    "twitch": Story(tokens={"scope": ["openid", "user:read:email"]}),
    "twitter": Story(
        tokens={**TOKENS, "scope": "users.read tweet.read users.email"},
        asked=only_for(query={"user.fields": "profile_image_url,confirmed_email"}),
    ),
    "vk": Story(
        tokens={**UNTYPED, "user_id": 210700286, "email": "lindsey@corp.example"},
        asked=only_for(
            lambda profile: {"response": [{k: v for k, v in profile.items() if k != "email"}]}
        ),
    ),
    "webex": Story(tokens={**UNTYPED, "expires_in": 1209599}),
    "wechat": Story(
        sent={"appid": "CLIENT_ID", "secret": SECRET},
        tokens={**UNTYPED, "expires_in": 7200, "openid": "o1", "scope": "snsapi_userinfo"},
        asked=by_query(access_token="at-1", openid="o1", lang="zh_CN"),
    ),
    "weibo": Story(
        tokens={**UNTYPED, "uid": "1404376560"},
        asked=by_query(access_token="at-1", uid="1404376560"),
    ),
    "withings": Story(
        sent={"action": "requesttoken"},
        tokens={"status": 0, "body": {**TOKENS, "userid": "363"}},
    ),
    "workos": Story(tokens=UNTYPED),
    "yandex": Story(asked=by_scheme("OAuth")),
}


PLACES = [entry for entry in entries() if isinstance(entry.provider, OAuth2)]


def has_hook(provider: OAuth2[Any]) -> bool:
    return any(getattr(provider, hook) for hook in HOOKS) or callable(provider.client_secret)


@pytest.mark.parametrize("entry", PLACES, ids=lambda entry: entry.provider.id)
def test_a_hook_has_a_story(entry: Any) -> None:
    provider = provider_of(entry.factory, STORIES.get(entry.provider.id, Story()))
    only_derives = [hook for hook in HOOKS if getattr(provider, hook)] == ["derive"]
    if has_hook(provider) and not only_derives:
        assert provider.id in STORIES
    assert STORIES.keys() <= {place.provider.id for place in PLACES}


@pytest.mark.parametrize("kind", ["inline", "anyio"])
@pytest.mark.parametrize("entry", PLACES, ids=lambda entry: entry.provider.id)
def test_somebody_signs_in(entry: Any, kind: str) -> None:
    provider_id = entry.provider.id
    story = STORIES.get(provider_id, Story())
    provider = provider_of(entry.factory, story)
    fixture = json.loads((FIXTURES / f"{provider_id}.json").read_text())[0]
    idp = Idp(provider, story, fixture)
    seen: list[SignInEvent[Any]] = []
    world = World(kind)
    browser = Tls(
        world.auth(
            providers=[provider],
            http_client=idp,
            trust_host=True,
            events=Events(sign_in=seen.append),
        ),
        "app.example",
    )

    asked = urlsplit(browser.post(f"signin/{provider_id}").location or "")
    assert asked.scheme == "https"
    assert not world.log.lines
    params = {name: values[0] for name, values in parse_qs(asked.query).items()}
    assert "CLIENT_ID" in params.values()
    assert params["redirect_uri"] == f"https://app.example/auth/callback/{provider_id}"
    idp.nonce = params.get("nonce")

    back = {"code": "the-code", **({"state": params["state"]} if "state" in params else {})}
    if story.form is None:
        browser.get(f"callback/{provider_id}", urlencode(back))
    else:
        browser.send("POST", f"/auth/callback/{provider_id}", form={**back, **story.form})

    assert not [line for line in world.log.lines if not line.startswith("debug")]
    expected = {"name": None, "email": None, "image": None, **fixture["expected"], **story.expected}
    [event] = seen
    assert event.account is not None
    assert event.account.provider_account_id == expected["id"]
    user = browser.session()["user"]
    assert (user.get("name"), user.get("image")) == (expected["name"], expected["image"])
    # Stored in lower case, so that one address is one user.
    assert user.get("email") == (expected["email"] and expected["email"].lower())
