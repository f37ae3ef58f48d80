"""Azure DevOps.

https://learn.microsoft.com/en-us/azure/devops/integrate/get-started/authentication/oauth
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NotRequired, TypedDict, Unpack
from urllib.parse import parse_qsl, urlencode

from authwire.http import HttpRequest, HttpResponse
from authwire.models import TokenSet, User
from authwire.providers._claims import part
from authwire.providers._profile import account_id, first_text
from authwire.providers._quirks import reshape
from authwire.providers._types import OAuth2, OAuth2Options, Style

__all__ = ["AzureDevOps", "AzureDevOpsProfile"]

_HOST = "https://app.vssps.visualstudio.com"


class AzureDevOpsProfile(TypedDict):
    """Fields of ``GET /_apis/profile/profiles/me`` that are read."""

    id: str
    displayName: NotRequired[str]
    emailAddress: NotRequired[str]
    coreAttributes: NotRequired[Mapping[str, Any]]


def AzureDevOps(**options: Unpack[OAuth2Options]) -> OAuth2[AzureDevOpsProfile]:
    """Sign in with an Azure DevOps OAuth app. New apps can be made in Entra ID only.

    The picture is a ``data:`` URL of some kilobytes that a session cookie then carries along.
    """
    return OAuth2(
        id="azure-devops",
        name="Azure DevOps",
        authorization=f"{_HOST}/oauth2/authorize",
        token=f"{_HOST}/oauth2/token",
        userinfo=f"{_HOST}/_apis/profile/profiles/me"
        "?details=true&coreAttributes=Avatar&api-version=6.0",
        scope="vso.profile",
        params={"response_type": "Assertion"},
        checks=("pkce", "state"),
        token_endpoint_auth_method="client_secret_post",
        conform_token_request=_as_assertion,
        conform_token=_conform,
        profile=_user,
        style=Style(brand="#0078d7", text="#fff"),
    ).override(options)


def _as_assertion(request: HttpRequest) -> HttpRequest:
    """The code is redeemed as an assertion, and the secret proves the app as another."""
    sent = dict(parse_qsl((request.body or b"").decode()))
    body = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": sent.get("client_secret", ""),
        "assertion": sent.get("code", ""),
        "redirect_uri": sent.get("redirect_uri", ""),
    }
    return replace(request, body=urlencode(body).encode())


def _conform(response: HttpResponse) -> HttpResponse:
    """The token type stated is ``jwt-bearer``, after the grant; the token is a bearer token."""
    return reshape(response, lambda body: {**body, "token_type": "bearer"})


def _user(profile: AzureDevOpsProfile, _tokens: TokenSet) -> User:
    avatar = first_text(part(profile, "coreAttributes", "Avatar", "value"), "value")
    return User(
        id=account_id(profile, "id"),
        name=first_text(profile, "displayName"),
        email=first_text(profile, "emailAddress"),
        image=avatar and f"data:image/jpeg;base64,{avatar}",
    )
