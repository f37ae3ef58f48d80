from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from authwire.errors import ProtocolError, ProviderUnreachable
from authwire.models import TokenSet
from authwire.providers import GitHub

USER = "https://api.github.com/user"
EMAILS = "https://api.github.com/user/emails"
PROFILE = {"id": 1, "login": "octo", "name": None, "email": None, "avatar_url": "https://a.example"}
TOKENS = TokenSet(access_token="gho_secret", token_type="bearer")


def entry(email: object, *, primary: object = False, verified: object = True) -> dict[str, object]:
    return {"email": email, "primary": primary, "verified": verified, "visibility": None}


async def fetch(http: Any, **options: Any) -> dict[str, Any]:
    provider = GitHub(**options)
    assert provider.fetch_profile is not None
    profile: Any = provider.fetch_profile(http, TOKENS, provider)
    return dict(await profile)


@pytest.mark.anyio
async def test_public_address_needs_no_second_request(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({USER: answer({**PROFILE, "email": "octo@corp.example"})})
    assert (await fetch(http))["email"] == "octo@corp.example"
    assert [request.url for request in http.requests] == [USER]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry("a@x.example"), entry("b@x.example", primary=True)], "b@x.example"),
        ([entry("a@x.example"), entry("b@x.example")], "a@x.example"),
        (
            [entry("evil@x.example", primary=True, verified=False), entry("b@x.example")],
            "b@x.example",
        ),
        ([entry("evil@x.example", primary=True, verified=False)], None),
        ([entry("a@x.example", verified="false")], None),
        ([entry(None, primary=True)], None),
        (["a@x.example", None, 1], None),
        ([], None),
        ({"message": "?"}, None),
    ],
)
async def test_private_address_is_the_primary_one_that_was_verified(
    script: Callable[..., Any], answer: Callable[..., Any], entries: object, expected: str | None
) -> None:
    http = script({USER: answer(PROFILE), EMAILS: answer(entries)})
    assert (await fetch(http))["email"] == expected


@pytest.mark.anyio
@pytest.mark.parametrize("status", [403, 404, 500])
async def test_missing_permission_for_addresses_does_not_fail_the_sign_in(
    script: Callable[..., Any], answer: Callable[..., Any], status: int
) -> None:
    http = script({USER: answer(PROFILE), EMAILS: answer({"message": "no"}, status=status)})
    assert (await fetch(http))["email"] is None


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b"<html>", b"7", b"null"])
async def test_addresses_that_are_no_list_are_a_protocol_error(
    script: Callable[..., Any], answer: Callable[..., Any], body: bytes
) -> None:
    http = script({USER: answer(PROFILE), EMAILS: answer(body)})
    with pytest.raises(ProtocolError):
        await fetch(http)


@pytest.mark.anyio
async def test_an_outage_between_the_requests_fails_rather_than_drops_the_address(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({USER: answer(PROFILE), EMAILS: ProviderUnreachable("time-out")})
    with pytest.raises(ProviderUnreachable):
        await fetch(http)


@pytest.mark.anyio
async def test_refused_access_token_is_an_error(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({USER: answer({"message": "Bad credentials"}, status=401)})
    with pytest.raises(ProtocolError):
        await fetch(http)


@pytest.mark.anyio
async def test_requests_carry_the_token_and_one_user_agent(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({USER: answer(PROFILE), EMAILS: answer([])})
    await fetch(http)
    assert len(http.requests) == 2
    for request in http.requests:
        assert request.method == "GET"
        headers = [(name.lower(), value) for name, value in request.headers]
        assert ("authorization", "Bearer gho_secret") in headers
        assert [name for name, _ in headers].count("user-agent") == 1


@pytest.mark.anyio
@pytest.mark.parametrize("base", ["https://git.corp.example", "https://git.corp.example/"])
async def test_enterprise_server_is_asked_at_its_own_address(
    script: Callable[..., Any], answer: Callable[..., Any], base: str
) -> None:
    provider = GitHub(enterprise_base_url=base)
    web = "https://git.corp.example"
    assert provider.issuer == f"{web}/login/oauth"
    assert provider.authorization == f"{web}/login/oauth/authorize"
    assert provider.token == f"{web}/login/oauth/access_token"
    assert provider.userinfo == f"{web}/api/v3/user"
    http = script(
        {
            f"{web}/api/v3/user": answer(PROFILE),
            f"{web}/api/v3/user/emails": answer([entry("a@x.example")]),
        }
    )
    assert (await fetch(http, enterprise_base_url=base))["email"] == "a@x.example"
