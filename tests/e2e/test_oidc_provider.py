"""Sign-ins through ``oidc-provider``, the OpenID-certified server for Node, over real HTTP."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import anyio.from_thread
import pytest
from tests.e2e.clients import WAYS, Issuers, Way, ways
from tests.e2e.visitor import Visitor, changed

from authwire import Auth, AuthConfig, Request, SyncAuth
from authwire.adapters.memory import MemoryAdapter
from authwire.config import Events, SignInEvent
from authwire.errors import OAuthCallbackError, ProtocolError
from authwire.http import HttpRequest, HttpResponse
from authwire.models import Account, TokenSet
from authwire.protocol import oauth2
from authwire.protocol.client_auth import Client
from authwire.protocol.discovery import (
    ServerMetadata,
    build_discovery_request,
    process_discovery_response,
)
from authwire.protocol.dpop import DPoPKey, wanted_nonce
from authwire.providers import OIDC, OAuth2
from authwire.runtime import SyncHttp, drive

pytestmark = pytest.mark.needs_node

ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "image": "https://img.example/ada.png"}
CHECKS = {"authjs.pkce.code_verifier", "authjs.state", "authjs.nonce"}


@dataclass
class Stage:
    """An app with one provider, and a visitor who is not signed in."""

    visitor: Visitor
    adapter: MemoryAdapter[Any]
    tokens: list[TokenSet] = field(default_factory=list)
    """What the token endpoint answered at each sign-in."""

    def account(self) -> Account:
        (account,) = self.adapter.accounts
        return account


@pytest.fixture(params=["async", "sync"])
def stage(
    request: pytest.FixtureRequest, portal: anyio.from_thread.BlockingPortal, issuers: Issuers
) -> Iterator[Callable[..., Stage]]:
    """Makes a stage for a way of `ways`; options override those of its provider."""
    opened: list[tuple[Auth[Any] | SyncAuth[Any], Visitor]] = []

    def make(way: str, kind: Callable[..., OAuth2[Any]] = OIDC, **options: Any) -> Stage:
        chosen = ways()[way]
        issuer = getattr(issuers, chosen.issuer)
        provider = kind(id="idp", name="IdP", **{**chosen.provider_options(issuer), **options})
        tokens: list[TokenSet] = []
        adapter: MemoryAdapter[Any] = MemoryAdapter()

        def note(event: SignInEvent[Any]) -> None:
            assert event.tokens is not None
            tokens.append(event.tokens)

        config: AuthConfig[Any] = AuthConfig(
            secret="an-app-secret-of-more-than-32-characters",
            providers=[provider],
            adapter=adapter,
            events=Events(sign_in=note),
        )
        build = Auth if request.param == "async" else SyncAuth
        auth: Auth[Any] | SyncAuth[Any] = build(config, environ={})
        visitor = Visitor(auth, portal)
        opened.append((auth, visitor))
        return Stage(visitor, adapter, tokens)

    yield make
    for auth, visitor in opened:
        visitor.http.close()
        http: Any = auth.engine(Request(method="GET", path="/")).http
        if request.param == "async":
            portal.call(http.aclose)
        else:
            http.close()


# --- signing in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_user_signs_in_whatever_way_the_client_is_registered(
    stage: Callable[..., Stage], way: str
) -> None:
    at = stage(way)

    assert at.visitor.sign_in() == "/welcome"

    assert at.visitor.session()["user"] == ADA
    account = at.account()
    assert (account.type, account.provider_account_id) == ("oidc", "ada-1")
    assert account.access_token
    assert account.expires_at
    assert not CHECKS & at.visitor.cookies()


def test_every_way_has_a_name() -> None:
    assert tuple(ways()) == WAYS


def test_a_second_sign_in_needs_no_form_and_finds_the_same_user(
    stage: Callable[..., Stage],
) -> None:
    at = stage("basic")
    at.visitor.sign_in()
    first = at.account()

    # The provider knows the visitor now and answers at once.
    callback = at.visitor.decide(at.visitor.start(back_to="/again"))

    assert at.visitor.arrive(callback) == "/again"
    assert at.account().user_id == first.user_id
    assert at.account().access_token != first.access_token


def test_a_plain_oauth_client_reads_the_profile_from_userinfo(stage: Callable[..., Stage]) -> None:
    at = stage("userinfo", OAuth2, scope="openid profile email", id_token=True)

    at.visitor.sign_in()

    assert at.visitor.session()["user"] == ADA
    assert at.account().type == "oauth"


def test_claims_that_are_not_in_the_id_token_are_not_made_up(stage: Callable[..., Stage]) -> None:
    at = stage("userinfo", id_token=True)

    at.visitor.sign_in()

    (user,) = at.adapter.users
    assert (user.name, user.email, user.image) == (None, None, None)
    assert at.account().provider_account_id == "ada-1"


def test_a_pushed_request_leaves_nothing_in_the_address(stage: Callable[..., Stage]) -> None:
    answer = stage("par").visitor.start()

    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query.keys() == {"client_id", "request_uri"}


def test_a_request_that_must_be_pushed_is_refused_otherwise(stage: Callable[..., Stage]) -> None:
    at = stage("par", par=False)

    callback = at.visitor.decide(at.visitor.start())

    assert at.visitor.arrive(callback) == "/auth/signin?error=OAuthCallbackError"


def test_the_answer_is_posted_if_the_client_wants_that(stage: Callable[..., Stage]) -> None:
    at = stage("form-post")

    callback = at.visitor.approve(at.visitor.start())

    assert callback.method == "POST"
    assert not callback.url.query
    assert at.visitor.arrive(callback) == "/welcome"


def test_tokens_are_bound_to_a_key_that_is_handed_to_the_app(stage: Callable[..., Stage]) -> None:
    at = stage("dpop")

    at.visitor.sign_in()

    (tokens,) = at.tokens
    assert tokens.token_type == "dpop"
    assert DPoPKey.from_jwk(tokens.extra["dpop_jwk"]).thumbprint


def test_two_tabs_can_sign_in_at_the_same_time(stage: Callable[..., Stage]) -> None:
    at = stage("no-pkce")
    first, second = at.visitor.start(back_to="/first"), at.visitor.start(back_to="/second")

    at.visitor.arrive(at.visitor.approve(second))
    at.visitor.arrive(at.visitor.approve(first))

    assert at.visitor.session()["user"] == ADA
    assert not CHECKS & at.visitor.cookies()


# --- what must fail -----------------------------------------------------------------------------


def refused(at: Stage) -> bool:
    """Nobody is signed in and nothing was stored."""
    return at.visitor.session() is None and not (at.adapter.users or at.adapter.accounts)


def test_nobody_is_signed_in_if_the_user_says_no(stage: Callable[..., Stage]) -> None:
    at = stage("basic")

    callback = at.visitor.refuse(at.visitor.start())

    assert "error=access_denied" in str(callback.url)
    assert at.visitor.arrive(callback) == "/auth/signin?error=OAuthCallbackError"
    assert refused(at)


def test_a_wrong_client_secret_is_our_fault_and_shown_as_such(
    stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "not-the-secret-that-the-provider-knows"
    at = stage("post", client_secret=wrong)

    assert at.visitor.sign_in() == "/auth/error?error=Configuration"

    assert refused(at)
    assert "invalid_client" in caplog.text
    assert wrong not in caplog.text


def test_a_wrong_client_secret_cannot_push_a_request(stage: Callable[..., Stage]) -> None:
    at = stage("par", client_secret="not-the-secret-that-the-provider-knows")

    answer = at.visitor.start()

    assert answer.headers["location"].endswith("/auth/error?error=Configuration")


def test_an_answer_in_which_nothing_is_altered_is_accepted(stage: Callable[..., Stage]) -> None:
    """So that it is the change which the next tests see refused."""
    at = stage("no-pkce")
    callback = at.visitor.approve(at.visitor.start())

    assert at.visitor.arrive(changed(callback)) == "/welcome"


@pytest.mark.parametrize("state", ["", "another"])
def test_an_altered_state_is_refused(
    stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture, state: str
) -> None:
    at = stage("no-pkce")
    callback = at.visitor.approve(at.visitor.start())

    assert at.visitor.arrive(changed(callback, state=state)) == "/auth/error?error=Configuration"
    assert refused(at)
    assert "another state" in caplog.text


def test_an_answer_in_another_browser_is_refused(
    stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture
) -> None:
    at = stage("basic")
    callback = at.visitor.approve(at.visitor.start())
    at.visitor.http.cookies.clear()
    del callback.headers["cookie"]

    assert at.visitor.arrive(callback) == "/auth/error?error=Configuration"
    assert refused(at)
    assert "the pkce cookie is missing" in caplog.text


def test_a_code_works_once(stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture) -> None:
    at = stage("basic")
    callback = at.visitor.approve(at.visitor.start())
    assert at.visitor.arrive(callback) == "/welcome"

    # The same request with the same cookies: only the provider can know that the code is used.
    assert at.visitor.arrive(callback) == "/auth/error?error=Configuration"
    assert "invalid_grant" in caplog.text


def test_an_answer_that_names_another_issuer_is_refused(
    stage: Callable[..., Stage], issuers: Issuers, caplog: pytest.LogCaptureFixture
) -> None:
    at = stage("basic")
    callback = at.visitor.approve(at.visitor.start())

    assert (
        at.visitor.arrive(changed(callback, iss=issuers.strict))
        == "/auth/error?error=Configuration"
    )
    assert refused(at)
    assert "another issuer" in caplog.text


def test_an_issuer_that_is_spelled_otherwise_is_refused(
    stage: Callable[..., Stage], issuers: Issuers, caplog: pytest.LogCaptureFixture
) -> None:
    at = stage("basic", issuer=issuers.open.replace("127.0.0.1", "localhost"))

    answer = at.visitor.start()

    assert answer.headers["location"].endswith("/auth/error?error=Configuration")
    assert f"is for the issuer {issuers.open}, not for" in caplog.text


def test_an_id_token_with_another_signature_than_agreed_is_refused(
    stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture
) -> None:
    at = stage("es256", id_token_signed_response_alg="RS256")

    assert at.visitor.sign_in() == "/auth/error?error=Configuration"
    assert refused(at)
    assert "an algorithm that is not allowed" in caplog.text


def test_a_client_without_the_right_key_is_refused(
    stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture
) -> None:
    at = stage("key-jwt-ec", client_private_key=ways()["key-jwt-rsa"].options["client_private_key"])

    assert at.visitor.sign_in() == "/auth/error?error=Configuration"
    assert refused(at)
    assert "invalid_client" in caplog.text


@pytest.mark.parametrize("way", ["basic", "par-dpop"])
def test_no_secret_or_token_reaches_the_log(
    stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture, way: str
) -> None:
    caplog.set_level(logging.DEBUG)
    at = stage(way)
    callback = at.visitor.approve(at.visitor.start())
    at.visitor.arrive(callback)
    at.visitor.arrive(callback)  # fails, and failures are logged

    logged = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("authwire"))
    account = at.account()
    secrets = [account.access_token, account.id_token, ways()[way].registered.get("client_secret")]
    assert logged
    for secret in [*filter(None, secrets), str(callback.url.params["code"])]:
        assert secret not in logged


# --- what an app does later ---------------------------------------------------------------------


class Later:
    """An app that uses the tokens of a sign-in by hand, with the functions of the protocol."""

    def __init__(self, way: Way, issuer: str, tokens: TokenSet) -> None:
        self._http = SyncHttp()
        options = way.provider_options(issuer)
        self._client = Client(
            client_id=options["client_id"],
            client_secret=options["client_secret"],
            token_endpoint_auth_method=options["token_endpoint_auth_method"],
            private_key=options.get("client_private_key"),
        )
        self._dpop = DPoPKey.from_jwk(tokens.extra["dpop_jwk"]) if options.get("dpop") else None
        self._now = (tokens.expires_at or 0) - (tokens.expires_in or 0)
        self._server: ServerMetadata = process_discovery_response(
            issuer, self._send(lambda _: build_discovery_request(issuer))
        )

    def _send(self, build: Callable[[str | None], HttpRequest]) -> HttpResponse:
        answer = drive(self._http.send(build(None)))
        if nonce := wanted_nonce(answer):
            answer = drive(self._http.send(build(nonce)))
        return answer

    def refresh(self, refresh_token: str) -> TokenSet:
        answer = self._send(
            lambda nonce: oauth2.build_refresh_request(
                self._server,
                self._client,
                refresh_token=refresh_token,
                now=self._now,
                jti=str(uuid4()),
                dpop=self._dpop,
                dpop_nonce=nonce,
            )
        )
        return oauth2.process_token_response(answer, now=self._now)

    def profile(self, access_token: str) -> dict[str, Any]:
        assert self._server.userinfo_endpoint is not None
        url = self._server.userinfo_endpoint
        answer = self._send(
            lambda nonce: oauth2.build_userinfo_request(
                url,
                access_token=access_token,
                dpop=self._dpop,
                dpop_nonce=nonce,
                now=self._now,
                jti=str(uuid4()),
            )
        )
        return oauth2.process_userinfo_response(answer, expected_sub="ada-1")

    def revoke(self, token: str, kind: str | None = None) -> None:
        answer = self._send(
            lambda _: oauth2.build_revocation_request(
                self._server,
                self._client,
                token=token,
                token_type_hint=kind,
                now=self._now,
                jti=str(uuid4()),
            )
        )
        oauth2.process_revocation_response(answer)

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def later(
    stage: Callable[..., Stage], issuers: Issuers
) -> Iterator[Callable[[str], tuple[Later, TokenSet]]]:
    """Signs in so that there is a refresh token, and hands over the tokens."""
    opened: list[Later] = []

    def make(way: str) -> tuple[Later, TokenSet]:
        chosen = ways()[way]
        at = stage(way, scope="openid profile email offline_access")
        assert at.visitor.sign_in(prompt="consent") == "/welcome"
        opened.append(Later(chosen, getattr(issuers, chosen.issuer), at.tokens[0]))
        return opened[-1], at.tokens[0]

    yield make
    for app in opened:
        app.close()


AFTERWARDS = ("basic", "post", "secret-jwt", "key-jwt-rsa", "public", "dpop", "par-dpop")


@pytest.mark.parametrize("way", AFTERWARDS)
def test_tokens_are_refreshed_and_revoked(
    later: Callable[[str], tuple[Later, TokenSet]], way: str
) -> None:
    app, tokens = later(way)
    assert tokens.refresh_token is not None

    fresh = app.refresh(tokens.refresh_token)

    assert fresh.access_token is not None
    assert fresh.access_token != tokens.access_token
    assert fresh.token_type == tokens.token_type
    assert fresh.refresh_token is not None
    assert app.profile(fresh.access_token)["email"] == "Ada@Example.com"

    app.revoke(fresh.access_token)
    with pytest.raises(ProtocolError, match="401"):
        app.profile(fresh.access_token)

    app.revoke(fresh.refresh_token, "refresh_token")
    with pytest.raises(OAuthCallbackError, match="invalid_grant"):
        app.refresh(fresh.refresh_token)


def test_revoking_what_never_existed_is_no_error(
    later: Callable[[str], tuple[Later, TokenSet]],
) -> None:
    app, _ = later("basic")

    app.revoke("a-token-that-nobody-issued")
