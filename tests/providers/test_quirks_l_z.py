"""What the providers from L to Z do in a way of their own, hook by hook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from authwire.errors import OAuthCallbackError, OAuthProfileParseError, ProtocolError
from authwire.models import TokenSet, User
from authwire.protocol.tokens import process_token_response
from authwire.providers._claims import full_name, part, texts
from authwire.providers._types import OAuth2
from authwire.providers.mailchimp import Mailchimp
from authwire.providers.mailru import Mailru
from authwire.providers.mastodon import Mastodon
from authwire.providers.mattermost import Mattermost
from authwire.providers.netsuite import NetSuite
from authwire.providers.nextcloud import Nextcloud
from authwire.providers.notion import Notion
from authwire.providers.onelogin import OneLogin
from authwire.providers.osso import Osso
from authwire.providers.salesforce import Salesforce
from authwire.providers.threads import Threads
from authwire.providers.tiktok import TikTok
from authwire.providers.trakt import Trakt
from authwire.providers.twitch import Twitch
from authwire.providers.twitter import Twitter
from authwire.providers.united_effects import UnitedEffects
from authwire.providers.vipps import Vipps
from authwire.providers.vk import VK
from authwire.providers.webex import Webex
from authwire.providers.wechat import WeChat
from authwire.providers.workos import WorkOS
from authwire.providers.yandex import Yandex
from authwire.providers.zoho import Zoho
from authwire.resolve.providers import provider_problems, with_environment

Script = Callable[..., Any]
Answer = Callable[..., Any]

TOKENS = TokenSet(access_token="at-secret", token_type="bearer")
CLOUD = "https://cloud.example"


async def fetch(provider: OAuth2[Any], http: Any, tokens: TokenSet = TOKENS) -> Any:
    assert provider.fetch_profile is not None
    profile: Any = provider.fetch_profile(http, tokens, provider)
    return await profile


def mapped(provider: OAuth2[Any], profile: Any) -> User:
    user = provider.profile(profile, TOKENS)
    assert isinstance(user, User)
    return user


def tokens_of(provider: OAuth2[Any], response: Any) -> TokenSet:
    """What the core reads from a token response after the provider's hook."""
    assert provider.conform_token is not None
    return process_token_response(provider.conform_token(response), now=1000)


# --- fetch_profile ------------------------------------------------------------------------------


@pytest.mark.anyio
@pytest.mark.parametrize("provider", [Mailchimp(), Yandex()], ids=lambda provider: provider.id)
async def test_the_token_is_shown_under_the_older_scheme(
    script: Script, answer: Answer, provider: OAuth2[Any]
) -> None:
    http = script({provider.userinfo: answer({"id": "1"})})
    assert await fetch(provider, http) == {"id": "1"}
    names = [name for name, _ in http.requests[0].headers]
    assert names.count("authorization") == 1
    assert dict(http.requests[0].headers)["authorization"] == "OAuth at-secret"


@pytest.mark.anyio
async def test_mail_ru_gets_the_token_in_the_query_only(script: Script, answer: Answer) -> None:
    url = "https://oauth.mail.ru/userinfo?access_token=at-secret"
    http = script({url: answer({"id": "1"})})
    assert await fetch(Mailru(), http) == {"id": "1"}
    assert "authorization" not in dict(http.requests[0].headers)


@pytest.mark.anyio
@pytest.mark.parametrize("issuer", [CLOUD, f"{CLOUD}/"])
async def test_nextcloud_answers_for_whom_the_token_is(
    script: Script, answer: Answer, issuer: str
) -> None:
    data = {"id": "ann b/../c", "displayname": "Ann", "email": None}
    url = f"{CLOUD}/ocs/v1.php/cloud/user"
    http = script({url: answer({"ocs": {"meta": {"status": "ok"}, "data": data}})})
    provider = Nextcloud(issuer=issuer)
    profile = await fetch(provider, http)
    image = f"{CLOUD}/avatar/ann%20b%2F..%2Fc/512"
    assert mapped(provider, profile) == User(id="ann b/../c", name="Ann", image=image)
    headers = dict(http.requests[0].headers)
    assert headers["ocs-apirequest"] == "true"
    assert headers["accept"] == "application/json"
    assert headers["authorization"] == "Bearer at-secret"


@pytest.mark.anyio
@pytest.mark.parametrize("body", [{}, {"ocs": None}, {"ocs": {"data": []}}])
async def test_nextcloud_without_a_user_is_refused(
    script: Script, answer: Answer, body: object
) -> None:
    http = script({f"{CLOUD}/ocs/v1.php/cloud/user": answer(body)})
    with pytest.raises(OAuthProfileParseError):
        await fetch(Nextcloud(issuer=CLOUD), http)


@pytest.mark.anyio
async def test_notion_tells_the_person_behind_the_bot(script: Script, answer: Answer) -> None:
    person = {"id": "p1", "name": "Ann", "person": {"email": "ann@corp.example"}}
    bot = {"id": "b1", "name": "Bot", "bot": {"owner": {"type": "user", "user": person}}}
    provider = Notion()
    http = script({"https://api.notion.com/v1/users/me": answer(bot)})
    profile = await fetch(provider, http)
    assert mapped(provider, profile) == User(id="p1", name="Ann", email="ann@corp.example")
    assert dict(http.requests[0].headers)["notion-version"] == "2022-06-28"


@pytest.mark.anyio
async def test_a_notion_bot_of_a_whole_workspace_is_nobody(script: Script, answer: Answer) -> None:
    bot = {"id": "b1", "bot": {"owner": {"type": "workspace", "workspace": True}}}
    provider = Notion()
    http = script({"https://api.notion.com/v1/users/me": answer(bot)})
    profile = await fetch(provider, http)
    with pytest.raises(OAuthProfileParseError):
        mapped(provider, profile)


@pytest.mark.anyio
async def test_trakt_is_asked_with_the_client_id_and_a_version(
    script: Script, answer: Answer
) -> None:
    user = {"username": "ann", "name": "Ann", "ids": {"slug": "ann", "uuid": "b6589f"}}
    provider = Trakt(client_id="CLIENT_ID")
    url = "https://api.trakt.tv/users/settings"
    http = script({url: answer({"user": user, "account": {}})})
    profile = await fetch(provider, http)
    assert mapped(provider, profile) == User(id="b6589f", name="Ann")
    headers = dict(http.requests[0].headers)
    assert (headers["trakt-api-version"], headers["trakt-api-key"]) == ("2", "CLIENT_ID")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ("users.read tweet.read", "profile_image_url"),
        (None, "profile_image_url"),
        ("users.read users.email", "profile_image_url,confirmed_email"),
        ("not.users.email", "profile_image_url"),
    ],
)
async def test_x_is_asked_for_the_address_only_where_that_was_granted(
    script: Script, answer: Answer, scope: str | None, fields: str
) -> None:
    url = f"https://api.x.com/2/users/me?user.fields={fields}"
    http = script({url: answer({"data": {"id": "1"}})})
    tokens = replace(TOKENS, scope=scope)
    assert await fetch(Twitter(), http, tokens) == {"data": {"id": "1"}}


@pytest.mark.anyio
async def test_vk_tells_the_address_with_the_token(script: Script, answer: Answer) -> None:
    provider = VK()
    http = script({provider.userinfo: answer({"response": [{"id": 7, "first_name": "Ann"}]})})
    tokens = replace(TOKENS, extra={"user_id": 7, "email": "ann@corp.example"})
    profile = await fetch(provider, http, tokens)
    assert mapped(provider, profile) == User(id="7", name="Ann", email="ann@corp.example")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"error_code": 5, "error_msg": "User authorization failed"}},
        {"response": []},
        {"response": [None]},
        {"response": {"id": 7}},
    ],
)
async def test_vk_answers_that_name_nobody_are_refused(
    script: Script, answer: Answer, body: object
) -> None:
    provider = VK()
    http = script({provider.userinfo: answer(body)})
    profile = await fetch(provider, http, replace(TOKENS, extra={"email": "ann@corp.example"}))
    with pytest.raises(OAuthProfileParseError):
        mapped(provider, profile)


@pytest.mark.anyio
async def test_wechat_is_asked_with_token_and_openid_in_the_query(
    script: Script, answer: Answer
) -> None:
    provider = WeChat()
    url = f"{provider.userinfo}?access_token=at-secret&openid=o%2F1&lang=zh_CN"
    http = script({url: answer({"openid": "o/1", "unionid": "u1"})})
    profile = await fetch(provider, http, replace(TOKENS, extra={"openid": "o/1"}))
    assert mapped(provider, profile).id == "u1"
    assert "authorization" not in dict(http.requests[0].headers)


@pytest.mark.anyio
async def test_wechat_tokens_of_nobody_are_refused(script: Script) -> None:
    with pytest.raises(OAuthProfileParseError):
        await fetch(WeChat(), script({}))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "provider",
    [Mailchimp(), Nextcloud(issuer=CLOUD), Notion(), Trakt(), Twitter(), VK(), Yandex()],
    ids=lambda provider: provider.id,
)
@pytest.mark.parametrize(("status", "body"), [(401, {"error": "denied"}), (200, b"<html>")])
async def test_a_profile_that_is_none_is_an_error_that_does_not_repeat_the_token(
    script: Script, answer: Answer, provider: OAuth2[Any], status: int, body: object
) -> None:
    http = script({provider.userinfo: answer(body, status=status)})
    with pytest.raises(ProtocolError) as caught:
        await fetch(provider, http)
    assert "at-secret" not in str(caught.value)


# --- conform_token ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "provider",
    [Mailchimp(), Mailru(), Threads(), VK(), Webex(), WeChat(), WorkOS()],
    ids=lambda provider: provider.id,
)
def test_a_token_response_without_a_type_has_a_bearer_token(
    answer: Answer, provider: OAuth2[Any]
) -> None:
    tokens = tokens_of(provider, answer({"access_token": "at", "user_id": 7}))
    assert (tokens.access_token, tokens.token_type) == ("at", "bearer")
    assert tokens.extra == {"user_id": 7}
    given = {"access_token": "at", "token_type": "Bearer"}
    assert tokens_of(provider, answer(given)).token_type == "bearer"


@pytest.mark.parametrize(
    "provider",
    [Mailchimp(), Mailru(), Threads(), Twitch(), VK(), Webex(), WeChat(), WorkOS()],
    ids=lambda provider: provider.id,
)
@pytest.mark.parametrize("status", [200, 400])
def test_an_error_in_place_of_tokens_stays_one(
    answer: Answer, provider: OAuth2[Any], status: int
) -> None:
    refusal = answer({"error": "invalid_grant", "error_description": "expired"}, status=status)
    with pytest.raises(OAuthCallbackError, match="invalid_grant: expired"):
        tokens_of(provider, refusal)


@pytest.mark.parametrize("provider", [Twitch(), VK(), WeChat()], ids=lambda provider: provider.id)
@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b'"text"', b"[" * 100_000])
def test_what_is_no_json_object_is_left_to_the_core(
    answer: Answer, provider: OAuth2[Any], body: bytes
) -> None:
    with pytest.raises(ProtocolError):
        tokens_of(provider, answer(body))


def test_only_the_token_type_is_filled_in_where_it_is_unknown(answer: Answer) -> None:
    with pytest.raises(ProtocolError, match="token_type"):
        tokens_of(VK(), answer({"access_token": "at", "token_type": "mac"}))


@pytest.mark.parametrize(
    ("scope", "expected"),
    [(["openid", "user:read:email"], "openid user:read:email"), ([], ""), ("openid", "openid")],
)
def test_the_scope_of_twitch_is_a_list(answer: Answer, scope: object, expected: str) -> None:
    body = {"access_token": "at", "token_type": "bearer", "scope": scope}
    assert tokens_of(Twitch(), answer(body)).scope == expected


def test_errors_of_twitch_become_errors_of_oauth(answer: Answer) -> None:
    refusal = answer({"status": 400, "message": "Invalid authorization code"}, status=400)
    with pytest.raises(OAuthCallbackError, match="invalid_request: Invalid authorization code"):
        tokens_of(Twitch(), refusal)


def test_errors_of_wechat_become_errors_of_oauth(answer: Answer) -> None:
    with pytest.raises(OAuthCallbackError, match="40029: invalid code"):
        tokens_of(WeChat(), answer({"errcode": 40029, "errmsg": "invalid code"}))


def test_a_wechat_answer_that_calls_itself_no_error_is_none(answer: Answer) -> None:
    body = {"errcode": 0, "errmsg": "ok", "access_token": "at", "openid": "o1"}
    assert tokens_of(WeChat(), answer(body)).extra["openid"] == "o1"


# --- derive -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factory", "endpoints"),
    [
        (
            Mastodon,
            ("/oauth/authorize", "/oauth/token", "/api/v1/accounts/verify_credentials"),
        ),
        (Mattermost, ("/oauth/authorize", "/oauth/access_token", "/api/v4/users/me")),
        (
            Nextcloud,
            ("/apps/oauth2/authorize", "/apps/oauth2/api/v1/token", "/ocs/v1.php/cloud/user"),
        ),
        (Osso, ("/oauth/authorize", "/oauth/token", "/oauth/me")),
    ],
)
@pytest.mark.parametrize("issuer", ["https://host.example/sub", "https://host.example/sub/"])
def test_endpoints_follow_from_the_issuer_of_the_environment(
    factory: Callable[..., OAuth2[Any]], endpoints: tuple[str, ...], issuer: str
) -> None:
    provider = factory(client_id="c", client_secret="s")
    assert provider.authorization is None
    assert [p.type for p in provider_problems(provider, "here")] == ["InvalidEndpoints"]
    name = f"AUTH_{provider.id.upper()}_ISSUER"
    found: Any = with_environment(provider, {name: issuer}, None)
    expected = [f"https://host.example/sub{path}" for path in endpoints]
    assert [found.authorization, found.token, found.userinfo] == expected
    assert provider_problems(found, "here") == []
    moved = found.override({"issuer": "https://other.example"})
    assert moved.token == f"https://other.example{endpoints[1]}"


@pytest.mark.parametrize("path", ["", "/", "/oidc/2", "/oidc/2/"])
def test_the_issuer_of_onelogin_is_its_second_api(path: str) -> None:
    provider = OneLogin(issuer=f"https://corp.onelogin.com{path}")
    assert provider.issuer == "https://corp.onelogin.com/oidc/2"
    assert provider.override({"name": "Ours"}).issuer == provider.issuer
    assert OneLogin().issuer is None


def test_united_effects_tokens_are_for_the_group_itself() -> None:
    provider = UnitedEffects(issuer="https://one.example", params={"prompt": "login"})
    assert provider.params == {"prompt": "login", "resource": "https://one.example"}
    moved = provider.override({"issuer": "https://two.example"})
    assert moved.params["resource"] == "https://two.example"


@pytest.mark.parametrize(
    ("factory", "name"), [(TikTok, "client_key"), (WeChat, "appid")], ids=["tiktok", "wechat"]
)
def test_the_client_id_has_another_name(factory: Callable[..., OAuth2[Any]], name: str) -> None:
    provider: Any = factory(params={"lang": "en"})
    env = {f"AUTH_{provider.id.upper()}_ID": "id-1", f"AUTH_{provider.id.upper()}_SECRET": "s3"}
    found: Any = with_environment(provider, env, None)
    assert found.params == {"lang": "en", name: "id-1"}
    assert found.token_params[name] == "id-1"


def test_the_secret_of_wechat_has_another_name_and_is_not_shown() -> None:
    provider: Any = WeChat(client_id="id-1", client_secret="s3cret")
    assert provider.token_params == {"appid": "id-1", "secret": "s3cret"}
    assert "s3cret" not in repr(provider)


# --- inputs -------------------------------------------------------------------------------------


def test_wechat_on_a_website_shows_a_qr_code() -> None:
    provider = WeChat(platform_type="WebsiteApp")
    assert provider.authorization == "https://open.weixin.qq.com/connect/qrconnect"
    assert provider.scope == "snsapi_login"


def test_netsuite_is_at_the_address_of_the_account() -> None:
    url = "https://1234567-sb1.restlets.api.netsuite.com/app/site/hosting/restlet.nl?script=1"
    provider = NetSuite(account_id="1234567_SB1", userinfo=url)
    assert urlsplit(f"{provider.authorization}").hostname == "1234567-sb1.app.netsuite.com"
    assert urlsplit(f"{provider.token}").hostname == "1234567-sb1.suitetalk.api.netsuite.com"
    assert provider.userinfo == url


def test_netsuite_without_a_restlet_is_refused() -> None:
    provider = NetSuite(account_id="1", client_id="c", client_secret="s")
    (problem,) = provider_problems(provider, "here")
    assert "userinfo" in f"{problem}"


@pytest.mark.parametrize(
    ("provider", "host"),
    [
        (Webex(api_base_url="https://api-usgov.webex.com/v1/"), "api-usgov.webex.com"),
        (Zoho(base_url="https://accounts.zoho.eu/"), "accounts.zoho.eu"),
        (WorkOS(issuer="https://sso.corp.example/"), "sso.corp.example"),
    ],
    ids=lambda value: getattr(value, "id", value),
)
def test_all_endpoints_are_at_the_given_address(provider: OAuth2[Any], host: str) -> None:
    for url in (provider.authorization, provider.token, provider.userinfo):
        assert urlsplit(f"{url}").hostname == host
        assert "//" not in urlsplit(f"{url}").path


def test_workos_is_told_the_connection() -> None:
    assert WorkOS(connection="conn_1").params == {"connection": "conn_1"}
    assert WorkOS(params={"provider": "GoogleOAuth"}).params == {"provider": "GoogleOAuth"}


@pytest.mark.parametrize("factory", [Salesforce, Vipps])
def test_the_environment_may_name_another_environment(
    factory: Callable[..., OAuth2[Any]],
) -> None:
    provider = factory()
    name = f"AUTH_{provider.id.upper()}_ISSUER"
    moved: Any = with_environment(provider, {name: "https://test.example"}, None)
    assert moved.issuer == "https://test.example"
    kept: Any = with_environment(provider, {}, None)
    assert kept.issuer == provider.default_issuer


# --- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", [None, 7, "text", ["x"], {"a": None}])
def test_what_is_not_there_is_empty(odd: object) -> None:
    profile = {"a": odd}
    assert part(profile, "a", "a") == {}
    assert texts(profile, "b") == []
    assert full_name(profile, "b", "c") is None


def test_parts_are_read_in_order() -> None:
    assert part({"a": {"b": {"c": 1}}}, "a", "b") == {"c": 1}
    assert texts({"a": ["x", 7, "", None, "y"]}, "a") == ["x", "y"]
    assert full_name({"a": "Ann", "b": "", "c": "Example"}, "a", "b", "c") == "Ann Example"


def test_queries_of_userinfo_endpoints_say_what_is_wanted() -> None:
    assert parse_qs(urlsplit(f"{Threads().userinfo}").query)["fields"] == [
        "id,username,threads_profile_picture_url"
    ]
    assert parse_qs(urlsplit(f"{VK().userinfo}").query) == {"fields": ["photo_100"], "v": ["5.131"]}
