"""The back channel where it differs from what the provider alone would ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from authwire.http import Headers, HttpRequest, HttpResponse
from authwire.protocol.dpop import DPoPKey
from authwire.providers.azure_devops import AzureDevOps

JSON_TYPE = Headers([("content-type", "application/json")])


@pytest.mark.parametrize("par", [False, True])
def test_the_code_is_not_bound_to_a_key_before_it_is_redeemed(
    tab: Callable[..., Any], idp: Any, par: bool
) -> None:
    kept: list[Any] = []

    def keep(tokens: Any) -> dict[str, Any]:
        kept.append(tokens.extra["dpop_jwk"])
        return {}

    here = tab(par=par, dpop=True, account=keep)
    here.start()
    here.come_back()

    proven = {name for name, request in idp.requests if "dpop" in request.headers}
    assert proven == {"token"}
    assert DPoPKey.from_jwk(kept[0]).thumbprint


def token_request(idp: Any) -> dict[str, str]:
    (sent,) = [request for name, request in idp.requests if name == "token"]
    return dict(parse_qsl(sent.body.decode()))


def test_more_parameters_of_the_token_request_replace_none_of_the_standard(
    tab: Callable[..., Any], idp: Any
) -> None:
    here = tab(token_params={"client_key": "k1", "grant_type": "password", "code": "another"})
    here.start()
    here.come_back()
    sent = token_request(idp)
    assert (sent["client_key"], sent["grant_type"]) == ("k1", "authorization_code")
    assert sent["code"] != "another"


def test_a_token_request_can_be_reshaped_for_an_endpoint_of_its_own_kind(
    tab: Callable[..., Any], idp: Any
) -> None:
    def conform(request: HttpRequest) -> HttpRequest:
        return replace(request, body=(request.body or b"") + b"&audience=api")

    here = tab(conform_token_request=conform)
    here.start()
    assert here.come_back().location == "http://localhost:3000"
    assert token_request(idp)["audience"] == "api"


def test_azure_devops_redeems_the_code_as_an_assertion(world: Any) -> None:
    bodies: list[dict[str, str]] = []

    class Http:
        async def send(self, request: HttpRequest) -> HttpResponse:
            if request.method == "POST":
                bodies.append(dict(parse_qsl((request.body or b"").decode())))
                answer = b'{"access_token":"t","token_type":"jwt-bearer","expires_in":"3599"}'
            else:
                answer = b'{"id":"d6245f20","displayName":"Ada","emailAddress":"ada@example.com"}'
            return HttpResponse(status=200, headers=JSON_TYPE, body=answer)

    provider = AzureDevOps(client_id="app", client_secret="app-secret")
    browser = world.browser(providers=[provider], http_client=Http())
    state = parse_qs(urlsplit(browser.post("signin/azure-devops").location).query)["state"][0]
    query = urlencode({"code": "c1", "state": state})
    assert browser.get("callback/azure-devops", query).location == "http://localhost:3000"
    assert bodies == [
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": "app-secret",
            "assertion": "c1",
            "redirect_uri": "http://localhost:3000/auth/callback/azure-devops",
        }
    ]
