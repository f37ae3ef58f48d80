"""What the providers from A to K do in a way of their own, hook by hook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from authwire.core.metadata import Directory
from authwire.errors import OAuthCallbackError, ProtocolError
from authwire.models import TokenSet
from authwire.protocol.jws import sign
from authwire.protocol.keys import load_signing_key
from authwire.protocol.tokens import process_token_response
from authwire.providers._types import OAuth2
from authwire.providers.asgardeo import Asgardeo
from authwire.providers.azure_ad import AzureAD
from authwire.providers.azure_ad_b2c import AzureADB2C
from authwire.providers.azure_devops import AzureDevOps
from authwire.providers.boxyhq_saml import SAMLJackson
from authwire.providers.bungie import Bungie
from authwire.providers.click_up import ClickUp
from authwire.providers.descope import Descope
from authwire.providers.dropbox import Dropbox
from authwire.providers.eveonline import EVEOnline
from authwire.providers.foursquare import Foursquare
from authwire.providers.frontegg import Frontegg
from authwire.providers.fusionauth import FusionAuth
from authwire.providers.hubspot import HubSpot
from authwire.providers.instagram import Instagram
from authwire.providers.microsoft_entra_id import MicrosoftEntraID
from authwire.resolve.providers import with_environment

TOKENS = TokenSet(access_token="at-secret", token_type="bearer")
ISSUER = "https://issuer.example"


async def fetch(provider: OAuth2[Any], http: Any) -> Any:
    assert provider.fetch_profile is not None
    profile: Any = provider.fetch_profile(http, TOKENS, provider)
    return await profile


def tokens_of(provider: OAuth2[Any], response: Any) -> TokenSet:
    """What the core reads from a token response after the provider's hook."""
    assert provider.conform_token is not None
    return process_token_response(provider.conform_token(response), now=1000)


# --- fetch_profile ------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_dropbox_is_asked_with_a_post_without_body(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    provider = Dropbox()
    http = script({provider.userinfo: answer({"account_id": "dbid:1"})})
    assert await fetch(provider, http) == {"account_id": "dbid:1"}
    (request,) = http.requests
    assert (request.method, request.body) == ("POST", None)
    assert ("authorization", "Bearer at-secret") in request.headers


@pytest.mark.anyio
async def test_foursquare_gets_token_and_version_in_the_query_only(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    provider = Foursquare(api_version="20990101")
    url = "https://api.foursquare.com/v2/users/self?v=20990101&oauth_token=at-secret"
    http = script({url: answer({"response": {"user": {"id": "1"}}})})
    assert await fetch(provider, http) == {"response": {"user": {"id": "1"}}}
    assert "authorization" not in dict(http.requests[0].headers)


@pytest.mark.anyio
async def test_bungie_gets_the_key_of_the_app_and_the_token(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    provider = Bungie(api_key="key-secret")
    profile = {"Response": {"bungieNetUser": {"membershipId": "1"}}}
    http = script({provider.userinfo: answer(profile)})
    assert await fetch(provider, http) == profile
    headers = dict(http.requests[0].headers)
    assert headers["x-api-key"] == "key-secret"
    assert headers["authorization"] == "Bearer at-secret"


def test_the_key_of_bungie_is_not_shown() -> None:
    assert "key-secret" not in repr(Bungie(api_key="key-secret"))


@pytest.mark.anyio
async def test_hubspot_tells_whose_a_token_is_without_having_it_in_the_url(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    provider = HubSpot(client_id="c", client_secret="s")
    profile = {"active": True, "user_id": 7, "user": "ann@corp.example"}
    http = script({"https://api.hubapi.com/oauth/v3/token/introspect": answer(profile)})
    assert await fetch(provider, http) == profile
    (request,) = http.requests
    assert request.method == "POST"
    assert parse_qs(request.body.decode()) == {
        "client_id": ["c"],
        "client_secret": ["s"],
        "token": ["at-secret"],
        "token_type_hint": ["access_token"],
    }
    assert dict(request.headers)["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.anyio
@pytest.mark.parametrize("active", [False, None, "true", 1])
async def test_a_token_that_hubspot_does_not_call_active_names_nobody(
    script: Callable[..., Any], answer: Callable[..., Any], active: object
) -> None:
    provider = HubSpot(client_id="c", client_secret="s")
    http = script({provider.userinfo: answer({"active": active, "user_id": 7})})
    with pytest.raises(ProtocolError, match="active"):
        await fetch(provider, http)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "provider",
    [Bungie(api_key="k"), Dropbox(), HubSpot(client_id="c", client_secret="s"), Foursquare()],
    ids=lambda provider: provider.id,
)
async def test_a_refused_token_is_an_error_that_does_not_repeat_it(
    script: Callable[..., Any], answer: Callable[..., Any], provider: OAuth2[Any]
) -> None:
    refusal = answer({"error": "invalid_token"}, status=401)
    query = "&oauth_token=at-secret" if provider.id == "foursquare" else ""
    http = script({f"{provider.userinfo}{query}": refusal})
    with pytest.raises(ProtocolError, match="401") as caught:
        await fetch(provider, http)
    assert "at-secret" not in str(caught.value)


EVE_KEY = RSAKey.generate_key(2048, {"kid": "JWT-Signature-Key", "alg": "RS256"})
EVE_JWKS = "https://login.eveonline.com/oauth/jwks"
EVE_CLAIMS = {
    "sub": "CHARACTER:EVE:123123",
    "azp": "c",
    "aud": ["c", "EVE Online"],
    "name": "Some Bloke",
    "owner": "8PmzCeTKb4VFUDrHLc/AeZXDSWM=",
    "iss": "https://login.eveonline.com",
}


async def eve_profile(http: Any, claims: dict[str, Any], key: RSAKey = EVE_KEY) -> Any:
    provider = EVEOnline(client_id="c")
    assert provider.fetch_profile is not None
    tokens = TokenSet(access_token=sign(claims, load_signing_key(key)), token_type="bearer")
    profile: Any = provider.fetch_profile(http, tokens, provider)
    return await profile


def eve_keys(answer: Callable[..., Any]) -> Any:
    return answer({"keys": [EVE_KEY.as_dict(private=False)]})


@pytest.mark.anyio
@pytest.mark.parametrize("issuer", ["https://login.eveonline.com", "login.eveonline.com"])
async def test_the_access_token_of_eve_says_which_character_and_whose(
    script: Callable[..., Any], answer: Callable[..., Any], issuer: str
) -> None:
    http = script({EVE_JWKS: eve_keys(answer)})
    profile = await eve_profile(http, {**EVE_CLAIMS, "iss": issuer})
    user: Any = EVEOnline().profile(profile, TOKENS)
    assert (user.id, user.name) == (EVE_CLAIMS["owner"], "Some Bloke")
    assert user.image == "https://images.evetech.net/characters/123123/portrait?size=128"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://login.eveonline.com.evil.example"},
        {"iss": None},
        {"aud": ["other", "EVE Online"]},
        {"aud": ["c"]},
        {"aud": "c EVE Online"},
        {"aud": None},
        {"sub": "CHARACTER:EVE:"},
        {"sub": "CHARACTER:EVE:1/../2"},
        {"sub": 123123},
        {"sub": None},
    ],
    ids=str,
)
async def test_a_token_of_eve_for_somebody_else_is_refused(
    script: Callable[..., Any], answer: Callable[..., Any], wrong: dict[str, Any]
) -> None:
    http = script({EVE_JWKS: eve_keys(answer)})
    with pytest.raises(ProtocolError, match="access token"):
        await eve_profile(http, {**EVE_CLAIMS, **wrong})


@pytest.mark.anyio
async def test_a_token_that_eve_did_not_sign_is_refused(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({EVE_JWKS: eve_keys(answer)})
    stranger = RSAKey.generate_key(2048, {"kid": "JWT-Signature-Key", "alg": "RS256"})
    with pytest.raises(ProtocolError, match="signature"):
        await eve_profile(http, EVE_CLAIMS, stranger)
    other_algorithm = RSAKey.import_key({**EVE_KEY.as_dict(private=True), "alg": "RS512"})
    with pytest.raises(ProtocolError, match="signature"):
        await eve_profile(http, EVE_CLAIMS, other_algorithm)
    with pytest.raises(ProtocolError, match="no signed token"):
        await fetch(EVEOnline(client_id="c"), http)


# --- conform_token ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "provider", [ClickUp(), Foursquare(), Instagram()], ids=lambda provider: provider.id
)
def test_a_token_without_a_type_is_a_bearer_token(
    provider: OAuth2[Any], answer: Callable[..., Any]
) -> None:
    tokens = tokens_of(provider, answer({"access_token": "at"}))
    assert (tokens.access_token, tokens.token_type) == ("at", "bearer")


@pytest.mark.parametrize(
    "provider",
    [AzureDevOps(), ClickUp(), Foursquare(), Instagram()],
    ids=lambda provider: provider.id,
)
def test_a_refused_code_stays_refused(provider: OAuth2[Any], answer: Callable[..., Any]) -> None:
    for status in (200, 400):
        with pytest.raises(OAuthCallbackError, match="invalid_grant"):
            tokens_of(provider, answer({"error": "invalid_grant"}, status=status))
    for body in (b"<html>", b"[]", b"", b"null"):
        with pytest.raises(ProtocolError):
            tokens_of(provider, answer(body))


def test_azure_devops_calls_its_bearer_token_by_the_name_of_the_grant(
    answer: Callable[..., Any],
) -> None:
    body = {
        "access_token": "at",
        "token_type": "jwt-bearer",
        "expires_in": "3599",
        "refresh_token": "rt",
    }
    tokens = tokens_of(AzureDevOps(), answer(body))
    assert (tokens.token_type, tokens.expires_at, tokens.refresh_token) == ("bearer", 4599, "rt")


@pytest.mark.parametrize("wrapped", [True, False])
def test_instagram_may_send_the_tokens_in_a_list_of_one(
    answer: Callable[..., Any], *, wrapped: bool
) -> None:
    body = {"access_token": "at", "user_id": 17841, "permissions": "instagram_business_basic"}
    tokens = tokens_of(Instagram(), answer({"data": [body]} if wrapped else body))
    assert (tokens.access_token, tokens.token_type) == ("at", "bearer")
    assert tokens.extra["user_id"] == 17841


@pytest.mark.parametrize("data", [[], [{"access_token": "a"}, {"access_token": "b"}], ["x"], {}])
def test_instagram_tokens_of_several_or_none_are_refused(
    answer: Callable[..., Any], data: object
) -> None:
    with pytest.raises(ProtocolError):
        tokens_of(Instagram(), answer({"data": data}))


# --- derive -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "issuer", [f"{ISSUER}/t/acme", f"{ISSUER}/t/acme/", f"{ISSUER}/t/acme/oauth2/token"]
)
def test_asgardeo_states_its_token_endpoint_as_issuer(issuer: str) -> None:
    stated = f"{ISSUER}/t/acme/oauth2/token"
    assert Asgardeo(issuer=issuer).issuer == stated
    found = with_environment(Asgardeo(), {"AUTH_ASGARDEO_ISSUER": issuer}, None)
    assert isinstance(found, OAuth2)
    assert found.issuer == stated


def test_descope_issuer_follows_from_the_project() -> None:
    assert Descope().issuer is None
    assert Descope(client_id="P2").issuer == "https://api.descope.com/P2"
    assert Descope(client_id="P2", issuer=ISSUER).issuer == ISSUER
    found = with_environment(Descope(), {"AUTH_DESCOPE_ID": "P3"}, None)
    assert isinstance(found, OAuth2)
    assert found.issuer == "https://api.descope.com/P3"


ENDPOINTS: dict[str, tuple[Callable[..., OAuth2[Any]], dict[str, str]]] = {
    "BOXYHQ_SAML": (
        SAMLJackson,
        {
            "authorization": "/api/oauth/authorize",
            "token": "/api/oauth/token",
            "userinfo": "/api/oauth/userinfo",
        },
    ),
    "FRONTEGG": (
        Frontegg,
        {
            "authorization": "/oauth/authorize",
            "token": "/oauth/token",
            "userinfo": "/identity/resources/users/v2/me",
            "jwks_uri": "/.well-known/jwks.json",
        },
    ),
    "FUSIONAUTH": (
        FusionAuth,
        {"token": "/oauth2/token", "userinfo": "/oauth2/userinfo"},
    ),
}


@pytest.mark.parametrize("env_name", ENDPOINTS)
@pytest.mark.parametrize("issuer", [ISSUER, f"{ISSUER}/"])
def test_endpoints_follow_from_the_issuer_wherever_it_is_given(env_name: str, issuer: str) -> None:
    factory, paths = ENDPOINTS[env_name]
    found = with_environment(factory(), {f"AUTH_{env_name}_ISSUER": issuer}, None)
    for provider in (factory(issuer=issuer), found):
        assert {name: getattr(provider, name) for name in paths} == {
            name: f"{ISSUER}{path}" for name, path in paths.items()
        }
    unknown = factory()
    assert {getattr(unknown, name) for name in paths} == {None}


def test_another_issuer_moves_the_endpoints_too() -> None:
    moved = replace(SAMLJackson(issuer=ISSUER), issuer="https://other.example")
    assert moved.token == "https://other.example/api/oauth/token"


def test_a_tenant_of_fusionauth_needs_no_discovery_document() -> None:
    provider = FusionAuth(issuer=ISSUER, tenant_id="t1")
    assert provider.params == {"tenantId": "t1"}
    assert provider.authorization == f"{ISSUER}/oauth2/authorize"
    assert provider.jwks_uri == f"{ISSUER}/.well-known/jwks.json"
    alone = FusionAuth(issuer=ISSUER)
    assert (alone.params, alone.authorization, alone.jwks_uri) == ({}, None, None)


# --- issuer_from --------------------------------------------------------------------------------

FLOW = "https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_signin/v2.0"
GUID = "775527ff-9a37-4307-8b3d-cc311f58d925"
STATED = f"https://acme.b2clogin.com/{GUID}/v2.0/"


def test_b2c_documents_and_tokens_name_the_directory_not_the_user_flow() -> None:
    provider = AzureADB2C(tenant_id=GUID, issuer=FLOW)
    assert (provider.issuer, provider.discovery_issuer) == (FLOW, STATED)
    assert provider.issuer_from is not None
    # Whatever the token says of itself: it decides nothing about whom we expect.
    claims = {"iss": "https://evil.example/", "tid": "other", "tfp": "B2C_1_other"}
    assert provider.issuer_from(claims, FLOW) == STATED


def test_b2c_tenant_is_heeded_where_the_environment_names_the_issuer() -> None:
    env = {"AUTH_AZURE_AD_B2C_ISSUER": FLOW}
    found = with_environment(AzureADB2C(tenant_id=GUID), env, None)
    assert isinstance(found, OAuth2)
    assert found.discovery_issuer == STATED


def test_b2c_without_a_tenant_takes_the_issuer_literally() -> None:
    provider = AzureADB2C(issuer=f"https://acme.b2clogin.com/tfp/{GUID}/B2C_1_signin/v2.0/")
    assert (provider.discovery_issuer, provider.issuer_from) == (None, None)


def test_azure_ad_is_entra_id_under_its_former_id() -> None:
    old, new = AzureAD(profile_photo_size=48), MicrosoftEntraID(profile_photo_size=48)
    assert (old.id, old.name) == ("azure-ad", "Azure Active Directory")
    for name in ("default_issuer", "discovery_issuer", "issuer_from", "derive", "profile", "scope"):
        assert getattr(old, name) == getattr(new, name)
    assert old.extend_profile is not None
    only = AzureAD(issuer="https://login.microsoftonline.com/organizations/v2.0")
    assert only.discovery_issuer == "https://login.microsoftonline.com/{tenantid}/v2.0"


# --- authorization ------------------------------------------------------------------------------


def test_azure_devops_asks_for_an_assertion_instead_of_a_code() -> None:
    assert AzureDevOps().params == {"response_type": "Assertion"}
    assert urlsplit(AzureDevOps().token or "").path == "/oauth2/token"


# --- endpoints, as the core finds them ----------------------------------------------------------


@pytest.mark.anyio
async def test_the_document_of_a_b2c_user_flow_is_found_and_believed(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    base = FLOW.removesuffix("/v2.0")
    document = {
        "issuer": STATED,
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
    }
    http = script({f"{FLOW}/.well-known/openid-configuration": answer(document)})
    directory = Directory(http, lambda: datetime.now(UTC))
    server = await directory.server(AzureADB2C(tenant_id=GUID, issuer=FLOW))
    assert server.token_endpoint == document["token_endpoint"]
    other = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(ProtocolError, match="issuer"):
        await Directory(http, lambda: datetime.now(UTC)).server(
            AzureADB2C(tenant_id=other, issuer=FLOW)
        )


@pytest.mark.anyio
@pytest.mark.parametrize(
    "provider",
    [
        Frontegg(issuer=ISSUER),
        FusionAuth(issuer=ISSUER, tenant_id="t1"),
        SAMLJackson(issuer=ISSUER),
        EVEOnline(),
    ],
    ids=lambda provider: provider.id,
)
async def test_nothing_is_discovered_where_all_endpoints_are_known(
    script: Callable[..., Any], provider: OAuth2[Any]
) -> None:
    http = script({})
    server = await Directory(http, lambda: datetime.now(UTC)).server(provider)
    assert server.authorization_endpoint == provider.authorization
    assert http.requests == []
