"""Whatever a client sends: an answer, no crash, and the reason in the log."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authwire import Auth, AuthConfig, Pages, Request, SyncAuth, Theme
from authwire.http import Headers
from authwire.providers import OIDC, Credentials, Email


def test_unknown_paths_and_methods_are_bad_requests(world: Any) -> None:
    browser = world.browser()
    for method, path in (("GET", "/auth/foo"), ("PUT", "/auth/session"), ("GET", "/auth")):
        answer = browser.send(method, path)
        assert (answer.status, answer.body) == (400, b'"Bad request."')


def test_a_known_action_with_the_wrong_method_is_an_error_page(world: Any) -> None:
    answer = world.browser().send("POST", "/auth/providers", form={})
    assert answer.location == "http://localhost:3000/auth/error?error=Configuration"


def test_an_error_answer_carries_no_cookies(world: Any) -> None:
    answer = world.browser().send("POST", "/auth/signout", form={})
    assert answer.status == 302
    assert answer.cookies == ()


def test_the_script_client_gets_the_target_of_a_redirect_as_json(world: Any) -> None:
    browser = world.browser()
    header = {"x-auth-return-redirect": "1"}
    fields = {"csrfToken": browser.csrf(), "username": "ada", "password": "open sesame"}
    answer = browser.send("POST", "/auth/callback/credentials", form=fields, headers=header)
    assert (answer.status, json.loads(answer.body)) == (200, {"url": "http://localhost:3000"})
    assert browser.session() is not None
    refused = browser.send("POST", "/auth/signout", form={}, headers=header)
    assert json.loads(refused.body) == {
        "url": "http://localhost:3000/auth/signin?error=MissingCSRF"
    }


def test_pages_of_your_own_get_the_error_and_keep_their_query(world: Any) -> None:
    browser = world.browser(pages=Pages(sign_in="/login?from=auth", error="/oops"))
    answer = browser.send("POST", "/auth/signout", form={})
    assert answer.location == "http://localhost:3000/login?from=auth&error=MissingCSRF"
    assert browser.get("error", "error=AccessDenied").location == "/oops?error=AccessDenied"


@pytest.mark.parametrize("body", [b"{", b"[1", b'{"a":' * 3000, b"\xff\xfe", b"nul"])
def test_a_malformed_json_body_is_a_bad_request(world: Any, body: bytes) -> None:
    answer = world.browser().send(
        "POST", "/auth/signout", raw=body, headers={"content-type": "application/json"}
    )
    assert answer.status == 400


@pytest.mark.parametrize("body", [b"[1]", b'"x"', b"7", b"null", b"true"])
def test_a_json_body_that_is_no_object_is_an_empty_form(world: Any, body: bytes) -> None:
    answer = world.browser().send(
        "POST", "/auth/signout", raw=body, headers={"content-type": "application/json"}
    )
    assert "error=MissingCSRF" in (answer.location or "")


# --- configs chosen by request ----------------------------------------------------------------------


def tenants(world: Any) -> Any:
    configs = {
        host: world.config(secret=f"{host}-secret-0123456789abcdef0123456789", trust_host=[host])
        for host in ("a.example", "b.example")
    }
    broken: AuthConfig[Any] = AuthConfig(providers=[Email()], theme=Theme(), trust_host=True)

    def choose(request: Request) -> AuthConfig[Any]:
        return configs.get(request.headers.get("host") or "", broken)

    return choose


def test_each_tenant_has_its_own_secret_and_sessions(world: Any) -> None:
    browser = world.browser(tenants(world))
    browser.host = "a.example"
    browser.sign_in()
    assert browser.session()["user"]["name"] == "Ada"
    browser.host = "b.example"
    assert browser.session() is None


def test_a_tenant_with_a_faulty_config_answers_500_and_logs_the_fix(world: Any) -> None:
    browser = world.browser(tenants(world))
    browser.host = "unknown.example"
    assert browser.get("session").status == 500
    page = browser.get("signin")
    assert page.status == 500
    assert b"AUTH_SECRET" not in page.body
    assert browser.get("foo").status == 400


# --- anything at all --------------------------------------------------------------------------------

text = st.text(max_size=60)
header_value = st.text(st.characters(max_codepoint=255), max_size=80)
names = st.sampled_from(
    [
        "cookie",
        "host",
        "content-type",
        "authorization",
        "x-forwarded-host",
        "x-forwarded-proto",
        "origin",
    ]
)
cookies = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "authjs.session-token",
                "authjs.session-token.0",
                "authjs.csrf-token",
                "authjs.callback-url",
                "authjs.state",
                "authjs.pkce.code_verifier",
            ]
        ),
        header_value,
    ),
    max_size=4,
)
segments = st.sampled_from(
    [
        "signin",
        "signout",
        "callback",
        "session",
        "csrf",
        "error",
        "verify-request",
        "idp",
        "email",
        "credentials",
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    path = "/auth/" + "/".join(draw(st.lists(segments | text, max_size=3)))
    fields = [("host", "localhost"), *draw(st.lists(st.tuples(names, header_value), max_size=3))]
    fields.append(("cookie", "; ".join(f"{k}={v}" for k, v in draw(cookies))))
    body = draw(
        st.binary(max_size=80)
        | st.dictionaries(text, text | st.none() | st.integers()).map(
            lambda d: json.dumps(d).encode()
        )
    )
    return Request(
        method=draw(st.sampled_from(["GET", "POST", "PUT"])),
        path=path,
        host="localhost",
        query_string=draw(
            text
            | st.dictionaries(text, text).map(lambda d: "&".join(f"{k}={v}" for k, v in d.items()))
        ),
        headers=Headers(fields),
        body=body,
    )


def _config(adapter: Any) -> AuthConfig[Any]:
    def no_network(_request: Any) -> Any:
        raise OSError("no network in this test")

    class Http:
        async def send(self, request: Any) -> Any:
            no_network(request)

    return AuthConfig(
        secret="fuzz-secret-0123456789abcdef0123456789abcdef",
        adapter=adapter,
        providers=[
            Credentials(authorize=lambda _c, _r: None),
            Email(send=lambda _r: None),
            OIDC(
                id="idp", name="IdP", issuer="https://idp.example", client_id="a", client_secret="b"
            ),
        ],
        http_client=Http(),
    )


@settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(request=requests())
def test_no_request_crashes_the_core(request: Request, world: Any) -> None:
    auth = _fuzzed(world)
    answer = auth.handle(request) if isinstance(auth, SyncAuth) else anyio.run(auth.handle, request)
    assert answer.status in (200, 302, 400, 404, 500)
    for name, value in answer.wire_headers():
        value.encode("latin-1")
        assert not {"\n", "\r"} & set(value), name
    if answer.status == 500:
        assert any(line.startswith("error") for line in world.log.lines)


def _fuzzed(world: Any) -> Auth[Any] | SyncAuth[Any]:
    """One Auth for all examples: resolving a config each time would be slow."""
    world.log.lines.clear()
    if not hasattr(world, "fuzzed"):
        world.fuzzed = world.auth(replace(_config(world.adapter), logger=world.log))
    auth: Auth[Any] | SyncAuth[Any] = world.fuzzed
    return auth
