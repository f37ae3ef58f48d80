"""The façades: what they add to the core."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from authwire import Auth, AuthConfig, Request, SyncAuth
from authwire.http import Headers
from authwire.providers import OIDC
from authwire.runtime import AsyncHttp, PortalRuntime, SyncHttp

CONFIG: AuthConfig[Any] = AuthConfig(
    secret="a-secret-of-forty-characters-0123456789ab",
    providers=[
        # Nobody listens on this port, so that a connection is tried and refused.
        OIDC(id="idp", name="IdP", issuer="http://127.0.0.1:9", client_id="a", client_secret="b")
    ],
)
REQUEST = Request(
    method="GET", path="/", host="localhost", headers=Headers([("host", "localhost")])
)


@pytest.mark.anyio
async def test_an_async_auth_can_be_closed_and_used_again() -> None:
    auth = Auth(CONFIG, environ={})
    http = auth.engine(REQUEST).http
    assert isinstance(http, AsyncHttp)
    for _ in range(2):
        with pytest.raises(Exception, match=r"127\.0\.0\.1"):
            await auth.sign_in(REQUEST, "idp")
        await auth.aclose()


def test_a_sync_auth_can_be_closed_and_used_again() -> None:
    auth = SyncAuth(CONFIG, environ={})
    assert isinstance(auth.engine(REQUEST).http, SyncHttp)
    for _ in range(2):
        with pytest.raises(Exception, match=r"127\.0\.0\.1"):
            auth.sign_in(REQUEST, "idp")
        auth.close()


def test_closing_a_sync_auth_stops_its_portal() -> None:
    runtime = PortalRuntime()
    auth = SyncAuth(CONFIG, runtime=runtime, environ={})
    assert auth.session(REQUEST) is None
    auth.close()
    assert auth.session(REQUEST) is None
    auth.close()


def test_signing_in_without_a_provider_leads_to_the_page_and_back(anyio_backend: str) -> None:
    auth = SyncAuth(CONFIG, environ={})
    asked = Request(method="GET", path="/deep", query_string="a=1", headers=REQUEST.headers)
    answer = auth.sign_in(asked)
    assert answer.location == "/auth/signin?callbackUrl=%2Fdeep%3Fa%3D1"
    assert anyio.run(Auth(CONFIG, environ={}).sign_in, asked) == answer


def test_configs_chosen_by_request_are_resolved_once_each() -> None:
    auth = SyncAuth(lambda _request: CONFIG, environ={})
    assert auth.engine(REQUEST) is auth.engine(REQUEST)
    assert auth.base_path() == "/auth"


def test_engines_of_configs_made_anew_each_time_do_not_pile_up() -> None:
    def choose(_request: Request) -> AuthConfig[Any]:
        return AuthConfig(secret="a-secret-of-forty-characters-0123456789ab")

    auth = SyncAuth(choose, environ={})
    for _ in range(300):
        auth.engine(REQUEST)
    assert len(auth._front._engines) <= 256
