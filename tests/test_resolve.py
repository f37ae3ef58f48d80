"""Start-up: defaults, the environment, and every fault reported at once with its fix."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from authwire import (
    Auth,
    AuthConfig,
    Callbacks,
    ConfigError,
    CookieConfig,
    Cookies,
    JWTConfig,
    Request,
    SessionConfig,
    SyncAuth,
    Theme,
    User,
)
from authwire.adapters.memory import MemoryAdapter
from authwire.core.engine import Engine
from authwire.ports import MailMessage
from authwire.providers import (
    OIDC,
    Auth0,
    AuthenticationOptions,
    Credentials,
    Email,
    FormField,
    GitHub,
    Google,
    OAuth2,
    Passkey,
    RegistrationOptions,
    RelyingParty,
    WebAuthn,
)
from authwire.resolve import resolve
from authwire.runtime import (
    AioSmtpMailer,
    AnyioRuntime,
    InlineRuntime,
    PortalRuntime,
    SmtplibMailer,
    drive,
)

SECRET = "a-secret-of-forty-characters-0123456789ab"


def engine(config: AuthConfig[Any] | None = None, **environ: str) -> Engine[Any]:
    return resolve(config or AuthConfig(secret=SECRET), AnyioRuntime(), environ)


def problems(
    config: AuthConfig[Any], *, sync: bool = False, **environ: str
) -> list[tuple[str, str]]:
    runtime = InlineRuntime() if sync else AnyioRuntime()
    with pytest.raises(ConfigError) as caught:
        resolve(config, runtime, environ)
    for problem in caught.value.problems:
        assert problem.hint, problem
    return [(problem.type, problem.where) for problem in caught.value.problems]


# --- faults -----------------------------------------------------------------------------------------


def test_all_faults_are_reported_together() -> None:
    config: AuthConfig[Any] = AuthConfig(
        providers=[
            GitHub,
            Email(),
            Credentials(authorize=None),
            OIDC(id="idp", name="IdP", client_id="a", client_secret="b"),
        ],
        session=SessionConfig(max_age=timedelta(0)),
        theme=Theme(brand_color="red; background: url(x)"),
    )
    found = problems(config)
    assert {
        ("MissingSecret", "secret"),
        ("MissingClientId", "providers[0] (github)"),
        ("MissingClientSecret", "providers[0] (github)"),
        ("MissingServer", "providers[1] (email)"),
        ("MissingAdapter", "adapter"),
        ("MissingAuthorize", "providers[2] (credentials)"),
        ("InvalidEndpoints", "providers[3] (idp)"),
        ("InvalidSession", "session.max_age"),
        ("InvalidTheme", "theme.brand_color"),
    } <= set(found)


def test_the_message_names_each_fix() -> None:
    with pytest.raises(ConfigError) as caught:
        Auth(AuthConfig(providers=[GitHub]), environ={})
    text = str(caught.value)
    assert "3 problems in AuthConfig" in text
    assert "AUTH_SECRET" in text
    assert "AUTH_GITHUB_ID" in text
    assert "AUTH_GITHUB_SECRET" in text


ONE_FAULT = [
    pytest.param(
        {"session": SessionConfig(strategy="database")},
        "MissingAdapter",
        id="database-without-adapter",
    ),
    pytest.param({"url": "app.example"}, "InvalidUrl", id="url-without-scheme"),
    pytest.param({"url": "https://u:p@app.example"}, "InvalidUrl", id="url-with-user-info"),
    pytest.param({"base_path": "auth"}, "InvalidBasePath", id="base-path-without-slash"),
    pytest.param({"base_path": "/au th"}, "InvalidBasePath", id="base-path-with-space"),
    pytest.param(
        {"cookies": Cookies(session_token=CookieConfig(name="a b"))},
        "InvalidCookie",
        id="cookie-name",
    ),
    pytest.param(
        {
            "cookies": Cookies(csrf_token=CookieConfig(domain="app.example")),
            "use_secure_cookies": True,
        },
        "InvalidCookie",
        id="host-cookie-with-domain",
    ),
    pytest.param(
        {"cookies": Cookies(state=CookieConfig(name="__Secure-x", secure=False))},
        "InvalidCookie",
        id="secure-name-on-insecure-cookie",
    ),
    pytest.param({"user": dict}, "InvalidUser", id="user-is-no-user"),
    pytest.param({"http_client": object()}, "InvalidHttpClient", id="http-client-is-none"),
    pytest.param(
        {
            "providers": [
                OIDC(id="a b", name="x", issuer="https://i", client_id="a", client_secret="b")
            ]
        },
        "InvalidProvider",
        id="provider-id-no-url-segment",
    ),
    pytest.param(
        {
            "providers": [
                OIDC(
                    id="a", name="x", issuer="http://idp.example", client_id="a", client_secret="b"
                )
            ]
        },
        "InvalidEndpoints",
        id="issuer-over-http",
    ),
    pytest.param(
        {
            "providers": [
                OIDC(
                    id="a",
                    name="x",
                    issuer="https://i",
                    client_id="a",
                    client_secret="b",
                    checks=(),
                )
            ]
        },
        "MissingChecks",
        id="no-checks",
    ),
    pytest.param(
        {
            "providers": [
                OAuth2(
                    id="a",
                    name="x",
                    authorization="https://i/a",
                    token="https://i/t",
                    userinfo="https://i/u",
                    client_id="a",
                    client_secret="b",
                    checks=("nonce",),
                )
            ]
        },
        "InvalidChecks",
        id="nonce-without-id-token",
    ),
    pytest.param(
        {
            "providers": [
                OIDC(
                    id="a",
                    name="x",
                    issuer="https://i",
                    client_id="a",
                    token_endpoint_auth_method="private_key_jwt",
                )
            ]
        },
        "MissingClientKey",
        id="private-key-jwt-without-key",
    ),
    pytest.param({"providers": [Email(send=print)]}, "MissingAdapter", id="email-without-adapter"),
    pytest.param(
        {"providers": [Passkey(fields={"email": FormField()})], "adapter": MemoryAdapter()},
        "MissingWebAuthnAutocomplete",
        id="conditional-ui-without-autocomplete",
    ),
    pytest.param(
        {"providers": [Passkey(), WebAuthn()], "adapter": MemoryAdapter()},
        "DuplicateConditionalUI",
        id="conditional-ui-twice",
    ),
    pytest.param({"providers": [Passkey()]}, "MissingAdapter", id="passkeys-without-adapter"),
    *(
        pytest.param(
            {
                "providers": [Passkey(relying_party=RelyingParty(id=rp_id))],
                "adapter": MemoryAdapter(),
            },
            "InvalidRelyingParty",
            id=f"relying-party-{rp_id}",
        )
        for rp_id in ("https://app.example", "app.example:443", "App.example", "", ".example")
    ),
    *(
        pytest.param(
            {
                "providers": [Passkey(relying_party=RelyingParty(origins=origin))],
                "adapter": MemoryAdapter(),
            },
            "InvalidRelyingParty",
            id=f"origin-{origin}",
        )
        for origin in (
            "https://app.example/",
            "http://app.example",
            "app.example",
            "https://App.example",
            "https://u@app.example",
            "https://app.example:x",
            "android:a b",
        )
    ),
    pytest.param(
        {
            "providers": [
                Passkey(authentication_options=AuthenticationOptions(timeout=timedelta(0)))
            ],
            "adapter": MemoryAdapter(),
        },
        "InvalidTimeout",
        id="passkeys-without-time",
    ),
    pytest.param(
        {
            "providers": [Passkey(registration_options=RegistrationOptions(algorithms=()))],
            "adapter": MemoryAdapter(),
        },
        "MissingAlgorithms",
        id="passkeys-without-algorithms",
    ),
    pytest.param(
        {
            "providers": [
                Passkey(
                    authentication_options=AuthenticationOptions(user_verification="discouraged")
                )
            ],
            "adapter": MemoryAdapter(),
        },
        "InvalidUserVerification",
        id="user-verification-unwanted-and-required",
    ),
    pytest.param(
        {
            "adapter": MemoryAdapter(),
            "session": SessionConfig(
                absolute_max_age=timedelta(days=1), generate_session_token=lambda: "x"
            ),
        },
        "InvalidSession",
        id="absolute-lifetime-with-own-tokens",
    ),
]


@pytest.mark.parametrize(("options", "fault"), ONE_FAULT)
def test_one_fault_is_one_problem(options: dict[str, Any], fault: str) -> None:
    assert [type_ for type_, _ in problems(AuthConfig(secret=SECRET, **options))] == [fault]


def test_passkeys_of_several_origins_and_ids_are_fine() -> None:
    party = RelyingParty(
        id=["app.example", "localhost"],
        origins=["https://app.example", "http://localhost:3000", "android:apk-key-hash:b64u_"],
    )
    providers = [Passkey(relying_party=party), WebAuthn(enable_conditional_ui=False)]
    config = AuthConfig(secret=SECRET, providers=providers, adapter=MemoryAdapter())
    assert resolve(config, AnyioRuntime(), {}).providers.keys() == {"passkey", "webauthn"}


def test_passkeys_without_their_library_name_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webauthn", None)
    config = AuthConfig(secret=SECRET, providers=[Passkey()], adapter=MemoryAdapter())
    with pytest.raises(ConfigError, match=r"pip install 'authwire\[webauthn\]'"):
        resolve(config, InlineRuntime(), {})


def test_an_adapter_without_authenticators_is_refused_for_passkeys() -> None:
    whole = MemoryAdapter()
    names = [name for name in dir(whole) if not name.startswith("_")]
    kept = {name: getattr(whole, name) for name in names if name != "get_authenticator"}
    small: Any = SimpleNamespace(**kept)
    config: AuthConfig[Any] = AuthConfig(secret=SECRET, providers=[Passkey()], adapter=small)
    with pytest.raises(ConfigError, match="passkeys needs get_authenticator"):
        resolve(config, InlineRuntime(), {})


def test_two_providers_of_one_id_are_refused() -> None:
    twice = [Credentials(authorize=print), Credentials(authorize=print)]
    assert problems(AuthConfig(secret=SECRET, providers=twice)) == [
        ("InvalidProvider", "providers[1] (credentials)")
    ]


def test_an_adapter_that_lacks_methods_is_named_with_them() -> None:
    class Small:
        async def get_user_by_email(self, email: str) -> None: ...

    small: Any = Small()
    config: AuthConfig[Any] = AuthConfig(
        secret=SECRET,
        adapter=small,
        session=SessionConfig(strategy="jwt"),
        providers=[Email(send=print)],
    )
    with pytest.raises(ConfigError, match="create_verification_token, use_verification_token"):
        resolve(config, AnyioRuntime(), {})


def test_async_callables_in_a_sync_app_are_found_at_start_up() -> None:
    async def authorize(_credentials: Mapping[str, Any], _request: Request) -> User | None:
        return None

    async def sign_in(_params: Any) -> bool:
        return True

    config: AuthConfig[Any] = AuthConfig(
        secret=SECRET,
        providers=[Credentials(authorize=authorize)],
        callbacks=Callbacks(sign_in=sign_in),
    )
    assert problems(config, sync=True) == [
        ("AsyncInSyncApp", "providers[0] (credentials): authorize"),
        ("AsyncInSyncApp", "callbacks.sign_in"),
    ]
    SyncAuth(config, runtime=PortalRuntime(), environ={})


def test_an_async_adapter_in_a_sync_app_is_found_at_start_up() -> None:
    class NeedsLoop(MemoryAdapter[User]):
        io = "async"  # type: ignore[misc]  # the parent's is final

    config = AuthConfig(secret=SECRET, adapter=NeedsLoop())
    assert problems(config, sync=True) == [("AsyncAdapter", "adapter")]


# --- defaults and the environment -------------------------------------------------------------------


def test_sessions_live_in_the_database_if_there_is_one() -> None:
    assert engine().strategy == "jwt"
    assert engine(AuthConfig(secret=SECRET, adapter=MemoryAdapter())).strategy == "database"


def test_newer_secrets_of_the_environment_come_first() -> None:
    found = engine(
        AuthConfig(), AUTH_SECRET="s" * 32, AUTH_SECRET_1="1" * 32, AUTH_SECRET_3="3" * 32
    )
    assert found.secrets == ("3" * 32, "1" * 32, "s" * 32)
    assert engine(AUTH_SECRET="s" * 32).secrets == (SECRET,)


def test_providers_are_filled_in_from_the_environment() -> None:
    config: AuthConfig[Any] = AuthConfig(
        secret=SECRET, providers=[GitHub, Google(client_id="own"), Auth0]
    )
    found = engine(
        config,
        AUTH_GITHUB_ID="gh",
        AUTH_GITHUB_SECRET="gh-secret",
        AUTH_GOOGLE_ID="ignored",
        AUTH_GOOGLE_SECRET="g-secret",
        AUTH_AUTH0_ID="a",
        AUTH_AUTH0_SECRET="a-secret",
        AUTH_AUTH0_ISSUER="https://tenant.example",
    ).providers
    github, google, auth0 = (found[id_].provider for id_ in ("github", "google", "auth0"))
    assert isinstance(github, OAuth2)
    assert isinstance(google, OAuth2)
    assert isinstance(auth0, OAuth2)
    assert (github.client_id, github.client_secret) == ("gh", "gh-secret")
    assert (google.client_id, google.client_secret) == ("own", "g-secret")
    assert auth0.issuer is not None
    assert auth0.issuer.startswith("https://tenant.example")
    assert "gh-secret" not in repr(github)


@pytest.mark.parametrize(
    ("url", "origin", "base_path"),
    [
        ("https://app.example", "https://app.example", "/auth"),
        ("https://App.example/", "https://app.example", "/auth"),
        ("https://app.example/api/auth", "https://app.example", "/api/auth"),
        ("http://localhost:3000/api/auth/", "http://localhost:3000", "/api/auth"),
    ],
)
def test_the_url_gives_origin_and_base_path(url: str, origin: str, base_path: str) -> None:
    found = engine(AUTH_URL=url)
    assert (found.hosts.url, found.base_path) == (origin, base_path)
    assert engine(AuthConfig(secret=SECRET, url=url)).base_path == base_path


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("true", "any"),
        ("1", "any"),
        ("false", "none"),
        ("", "none"),
        ("a.example, B.example", ("a.example", "b.example")),
    ],
)
def test_auth_trust_host_is_a_switch_or_a_list(word: str, rule: Any) -> None:
    assert engine(AUTH_TRUST_HOST=word).hosts.rule == rule


def test_a_redirect_proxy_adds_a_state_and_is_left_out_for_form_post() -> None:
    options: dict[str, Any] = {
        "issuer": "https://i.example",
        "client_id": "a",
        "client_secret": "b",
    }
    config: AuthConfig[Any] = AuthConfig(
        secret=SECRET,
        providers=[
            OIDC(id="a", name="A", **options),
            OIDC(id="b", name="B", params={"response_mode": "form_post"}, **options),
        ],
    )
    found = engine(config, AUTH_REDIRECT_PROXY_URL="https://proxy.example/auth")
    first, second = found.providers["a"].provider, found.providers["b"].provider
    assert isinstance(first, OAuth2)
    assert isinstance(second, OAuth2)
    assert first.redirect_proxy_url == "https://proxy.example/auth/callback/a"
    assert first.checks == ("pkce", "state")
    assert second.redirect_proxy_url is None
    assert found.proxy_origin == "https://proxy.example"


def test_a_separate_jwt_secret_seals_tokens_but_not_forms() -> None:
    found = engine(AuthConfig(secret=SECRET, jwt=JWTConfig(secret="j" * 40)))
    assert (found.secrets, found.jwt_secrets) == ((SECRET,), ("j" * 40,))


@pytest.mark.parametrize(
    ("runtime", "kind"), [(AnyioRuntime(), AioSmtpMailer), (InlineRuntime(), SmtplibMailer)]
)
def test_mail_goes_out_by_one_mailer_of_the_apps_kind(
    runtime: AnyioRuntime | InlineRuntime, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[object, str, MailMessage]] = []

    async def send(self: object, server: str, message: MailMessage) -> None:
        sent.append((self, server, message))

    monkeypatch.setattr(kind, "send", send)
    mailer = resolve(AuthConfig(secret=SECRET), runtime, {}).mailer
    message = MailMessage(to="a@b.example", sender="c@d.example", subject="", text="", html="")
    drive(mailer.send("smtp://one.example", message))
    drive(mailer.send("smtp://two.example", message))
    (first, *one), (second, *two) = sent
    assert isinstance(first, kind)
    assert first is second
    assert (one, two) == (["smtp://one.example", message], ["smtp://two.example", message])


def test_the_engine_shows_no_secret() -> None:
    assert SECRET not in repr(engine())
    assert SECRET not in repr(AuthConfig(secret=SECRET))


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_users_become_the_apps_own_type() -> None:
    found = engine(AuthConfig(secret=SECRET, user=Member))
    assert found.as_user(User(id="1", name="A"), id="2") == Member(id="2", name="A")


def test_the_users_type_may_be_written_out() -> None:
    config = AuthConfig[Member](secret=SECRET, user=Member, callbacks=Callbacks[Member]())
    assert engine(config).user_type is Member
