from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from authwire.errors import ProtocolError, ProviderUnreachable
from authwire.models import TokenSet, User
from authwire.providers import MicrosoftEntraID

HOST = "https://login.microsoftonline.com"
TENANT = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
PHOTO = "https://graph.microsoft.com/v1.0/me/photos/96x96/$value"


def expected_issuer(issuer: str, tid: object) -> str:
    provider = MicrosoftEntraID()
    assert provider.issuer_from is not None
    return provider.issuer_from({"tid": tid, "iss": "https://evil.example"}, issuer)


@pytest.mark.parametrize(
    ("issuer", "stated"),
    [
        (f"{HOST}/common/v2.0", f"{HOST}/{{tenantid}}/v2.0"),
        (f"{HOST}/organizations/v2.0", f"{HOST}/{{tenantid}}/v2.0"),
        (f"{HOST}/consumers/v2.0", f"{HOST}/{PERSONAL}/v2.0"),
        (
            "https://login.microsoftonline.us/common/v2.0",
            "https://login.microsoftonline.us/{tenantid}/v2.0",
        ),
        (f"{HOST}/{TENANT}/v2.0", None),
        ("https://corp.ciamlogin.com/common-looking/v2.0", None),
    ],
)
def test_discovery_document_of_a_shared_address_states_a_template(
    issuer: str, stated: str | None
) -> None:
    assert MicrosoftEntraID(issuer=issuer).discovery_issuer == stated


def test_default_is_every_tenant_and_the_environment_can_narrow_it() -> None:
    provider = MicrosoftEntraID()
    assert provider.issuer is None, "so that the environment's is not shadowed"
    assert provider.default_issuer == f"{HOST}/common/v2.0"
    assert provider.discovery_issuer == f"{HOST}/{{tenantid}}/v2.0"
    narrowed = replace(provider, issuer=f"{HOST}/{TENANT}/v2.0")
    assert narrowed.discovery_issuer is None


@pytest.mark.parametrize(
    ("kind", "tenant"),
    [("common", TENANT), ("common", PERSONAL), ("organizations", TENANT), ("consumers", PERSONAL)],
)
def test_token_of_a_shared_address_must_be_of_its_own_tenant(kind: str, tenant: str) -> None:
    assert expected_issuer(f"{HOST}/{kind}/v2.0", tenant) == f"{HOST}/{tenant}/v2.0"


@pytest.mark.parametrize(("kind", "tenant"), [("organizations", PERSONAL), ("consumers", TENANT)])
def test_token_of_the_other_kind_of_account_is_refused(kind: str, tenant: str) -> None:
    with pytest.raises(ProtocolError):
        expected_issuer(f"{HOST}/{kind}/v2.0", tenant)


@pytest.mark.parametrize(
    "tid",
    [
        None,
        "",
        7,
        "common",
        "{tenantid}",
        "contoso.onmicrosoft.com",
        f"{TENANT}/",
        f"{TENANT}\n",
        f"../{TENANT}",
        f"{TENANT}@evil.example",
        TENANT.upper(),
        [TENANT],
    ],
)
def test_tenant_that_is_no_guid_is_refused(tid: object) -> None:
    with pytest.raises(ProtocolError):
        expected_issuer(f"{HOST}/common/v2.0", tid)


def test_token_cannot_choose_another_tenant_than_the_configured_one() -> None:
    issuer = f"{HOST}/{TENANT}/v2.0"
    assert expected_issuer(issuer, PERSONAL) == issuer


def test_no_photo_is_fetched_unless_asked_for() -> None:
    assert MicrosoftEntraID().extend_profile is None


async def extended(http: Any) -> Any:
    provider = MicrosoftEntraID(profile_photo_size=96)
    assert provider.extend_profile is not None
    profile: Any = provider.extend_profile(http, TokenSet(access_token="at"), {"sub": "s"})
    return await profile


@pytest.mark.anyio
async def test_photo_becomes_the_image(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    http = script({PHOTO: answer(b"\xff\xd8\xff", content_type="image/jpeg; charset=x")})
    user = MicrosoftEntraID().profile(await extended(http), TokenSet())
    assert isinstance(user, User)
    head, _, data = (user.image or "").partition(",")
    assert head == "data:image/jpeg;base64"
    assert b64decode(data) == b"\xff\xd8\xff"
    assert ("authorization", "Bearer at") in http.requests[0].headers


@pytest.mark.anyio
async def test_photo_that_cannot_be_had_does_not_fail_the_sign_in(
    script: Callable[..., Any], answer: Callable[..., Any]
) -> None:
    for outcome in (
        answer({"error": {"code": "ImageNotFound"}}, status=404),
        answer(b"", status=302, content_type="image/jpeg"),
        answer(b"<svg onload=alert(1)>", content_type="image/svg+xml"),
        answer(b"<html>", content_type="text/html"),
        ProviderUnreachable("over the size cap"),
    ):
        assert await extended(script({PHOTO: outcome})) == {"sub": "s"}


@pytest.mark.anyio
async def test_photo_is_not_asked_for_with_a_token_that_breaks_a_header(
    script: Callable[..., Any],
) -> None:
    provider = MicrosoftEntraID(profile_photo_size=96)
    assert provider.extend_profile is not None
    http = script({})
    profile: Any = provider.extend_profile(http, TokenSet(access_token="a\r\nx: y"), {"sub": "s"})
    assert await profile == {"sub": "s"}
    assert http.requests == []
