"""The configurations of the parity rig: one base, and what each variant changes about it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rig_records import jwt_call, recording_events, session_call, session_of, sign_in_call
from rig_state import (
    REQUEST,
    DownAdapter,
    LooseAdapter,
    RigLogger,
    RigState,
    RigUser,
    without_methods,
)

from authwire import (
    AccessDenied,
    AtRestConfig,
    AuthConfig,
    Callbacks,
    CookieConfig,
    Cookies,
    CredentialsSignin,
    Events,
    JWTConfig,
    JWTParams,
    Pages,
    RedirectParams,
    Request,
    SessionConfig,
    SessionParams,
    SignInParams,
    Texts,
    Theme,
    TokenSet,
    User,
)
from authwire.http import HttpRequest
from authwire.ports import Http
from authwire.providers._types import (
    OIDC,
    Credentials,
    Email,
    FormField,
    OAuth2,
    Provider,
    Style,
    VerificationRequest,
)
from authwire.providers.github import GitHub
from authwire.providers.passkey import Passkey
from authwire.wire import iso

SECRET = "rig-secret-0123456789abcdef0123456789abcdef"
OLD_SECRET = "rig-old-secret-fedcba9876543210fedcba98765432"
IDP = "http://127.0.0.1:4010"
GH = "http://127.0.0.1:4011"


# --- providers ----------------------------------------------------------------------------------


def _oidc(provider_id: str, **changes: Any) -> OIDC[Any]:
    defaults = {"issuer": IDP, "client_id": "web", "client_secret": "web-secret"}
    return OIDC(id=provider_id, name=f"Rig {provider_id}", **{**defaults, **changes})


def _oauth2(provider_id: str, **changes: Any) -> OAuth2[Any]:
    defaults: dict[str, Any] = {
        "authorization": f"{GH}/login/oauth/authorize?scope=user",
        "token": f"{GH}/login/oauth/access_token",
        "userinfo": f"{GH}/user",
        "client_id": "gh-client",
        "client_secret": "gh-secret",
        "token_endpoint_auth_method": "client_secret_post",
        "checks": ("state",),
    }
    return OAuth2(id=provider_id, name=f"Rig {provider_id}", **{**defaults, **changes})


def _oidc_providers(home: str) -> list[Provider]:
    key = json.loads((Path(home) / "keys" / "client-pkjwt.jwk.json").read_text())
    form_post = {"params": {"response_mode": "form_post"}}

    def broken(profile: Any, tokens: TokenSet) -> User:
        raise ValueError("profile cannot be parsed")

    return [
        _oidc(
            "oidc",
            checks=("pkce", "state"),
            style=Style(brand="#123456", logo="https://img.example/oidc.svg"),
        ),
        _oidc("oidc-nonce", checks=("nonce",)),
        _oidc(
            "oidc-post",
            client_id="web-post",
            client_secret="web-post-secret",
            token_endpoint_auth_method="client_secret_post",
        ),
        _oidc(
            "oidc-pkjwt",
            client_id="web-pkjwt",
            client_secret=None,
            token_endpoint_auth_method="private_key_jwt",
            client_private_key={**key, "kid": "rig-client"},
        ),
        _oidc(
            "oidc-public",
            client_id="public",
            client_secret=None,
            token_endpoint_auth_method="none",
        ),
        _oidc(
            "oidc-es256",
            client_id="web-es256",
            client_secret="web-es256-secret",
            id_token_signed_response_alg="ES256",
        ),
        _oidc("oidc-userinfo", id_token=False, checks=("pkce", "state", "nonce")),
        _oidc("oidc-formpost", checks=("pkce", "state", "nonce"), **form_post),
        _oidc("oidc-formpost2", checks=("state", "nonce"), **form_post),
        _oidc(
            "oidc-params",
            client_id="web:odd+id",
            client_secret="s%cret&/+ =x",
            params={
                "scope": "openid email",
                "prompt": "login",
                "claims": {"userinfo": {"email": None}},
            },
            checks=("none",),
        ),
        _oidc("oidc-badprofile", checks=("state",), profile=broken),
    ]


def _oauth_providers() -> list[Provider]:
    async def fetch(http: Http, tokens: TokenSet, provider: OAuth2[Any]) -> Any:
        headers = (("authorization", f"Bearer {tokens.access_token}"),)
        url = provider.userinfo or ""
        answer = await http.send(HttpRequest(method="GET", url=url, headers=headers))
        return {**json.loads(answer.body), "extra": "yes"}

    def profile(found: Any, tokens: TokenSet) -> RigUser:
        return RigUser(
            id=str(found["id"]),
            name=f"{found['name']} ({found['extra']})",
            email=found["email"],
            image=found["avatar_url"],
            login=found["login"],
        )

    def account(tokens: TokenSet) -> Mapping[str, Any]:
        return {"access_token": tokens.access_token, "custom": "kept"}

    token = f"{GH}/login/oauth/access_token"
    return [
        GitHub(client_id="gh-client", client_secret="gh-secret", enterprise_base_url=GH),
        _oauth2("oauth2"),
        _oauth2("oauth2-form", token=f"{token}_form"),
        _oauth2("oauth2-400", token=f"{token}_400", checks=("pkce", "state")),
        _oauth2("oauth2-html", token=f"{token}_html"),
        _oauth2("oauth2-extra", fetch_profile=fetch, profile=profile, account=account),
    ]


_KNOWN = ("blocked", "sendaway", "sendforeign", "signinthrows", "signinthrowsauth", "nulltoken")


async def _authorize(form: Mapping[str, Any], request: Request) -> RigUser | None:
    name = form.get("username")
    match name:
        case "throw":
            raise RuntimeError("authorize failed")
        case "denied":
            raise AccessDenied("no")
        case "echo":
            query = f"?{request.query_string}" if request.query_string else ""
            return RigUser(
                id="echo",
                name=f"{request.method} {request.path}{query}",
                email=json.dumps(sorted(form), separators=(",", ":")),
            )
        case "noid":
            return RigUser(name="No Id", email="noid@example.com")
        case "numeric":
            return RigUser(id="42", name="Numeric", email="numeric@example.com")
        case "unicode":
            return RigUser(
                id="unicode",
                name="Zo\u00eb \U0001f600",
                email="zo\u00eb@example.com",
                image="https://img.example/z.png",
            )
        case "alice" if form.get("password") == "wonderland":
            return RigUser(
                id="cred-alice",
                name="Alice",
                email="alice@example.com",
                image="https://img.example/alice.png",
                role="admin",
            )
        case str() if name in _KNOWN:
            return RigUser(id=f"cred-{name}", name=name, email=f"{name}@example.com")
    return None


async def _check_pin(form: Mapping[str, Any], request: Request) -> RigUser:
    if form.get("pin") == "0000":
        return RigUser(id="pin-user", name="Pin")
    raise CredentialsSignin("pin", code="bad_pin")


def _form_providers() -> list[Provider]:
    username = FormField(label="Username", type="text", placeholder="jsmith")
    password = FormField(label="Password", type="password")
    pin = FormField(label="PIN", type="text", required=True, attributes={"inputmode": "numeric"})
    return [
        Credentials(authorize=_authorize, fields={"username": username, "password": password}),
        Credentials(
            id="pin", name="Pin", authorize=_check_pin, fields={"pin": pin, "note": FormField()}
        ),
    ]


def _mail_providers(state: RigState) -> list[Provider]:
    def keep(request: VerificationRequest, **more: Any) -> None:
        state.mails.append(
            {
                "identifier": request.identifier,
                "url": request.url,
                "token": request.token,
                "expires": iso(request.expires),
                "provider": request.provider.id,
                "from": request.provider.sender,
                **more,
            }
        )

    async def send(request: VerificationRequest) -> None:
        if request.identifier.startswith("fail@"):
            await asyncio.sleep(0.03)
            raise RuntimeError("mail server said no")
        theme = request.theme
        shown = {
            "colorScheme": theme.color_scheme,
            "logo": theme.logo or "",
            "brandColor": theme.brand_color or "",
            "buttonText": theme.button_text or "",
        }
        keep(request, theme=shown, method=request.request.method)

    async def send_code(request: VerificationRequest) -> None:
        keep(request)

    return [
        Email(sender="rig@example.com", send=send),
        Email(
            id="email-code",
            name="Code",
            sender="rig@example.com",
            max_age=timedelta(seconds=600),
            generate_token=lambda: "123456",
            normalize_identifier=str.strip,
            secret="another-secret",
            send=send_code,
        ),
    ]


def _providers(state: RigState) -> list[Provider]:
    return [
        *_oidc_providers(state.home),
        *_oauth_providers(),
        *_form_providers(),
        *_mail_providers(state),
        Passkey(),
    ]


# --- callbacks ----------------------------------------------------------------------------------


def _update_callbacks() -> Callbacks[RigUser]:
    """Data that ``update()`` sends reaches the session."""

    def jwt(params: JWTParams[RigUser]) -> dict[str, Any]:
        if params.trigger == "update" and isinstance(params.session, dict):
            return {**params.token, "data": params.session}
        return params.token

    def session(params: SessionParams[RigUser]) -> dict[str, Any]:
        data = (params.token or {}).get("data")
        return {**params.session, "data": data} if data else params.session

    return Callbacks(jwt=jwt, session=session)


def _chunked_callbacks() -> Callbacks[RigUser]:
    def jwt(params: JWTParams[RigUser]) -> dict[str, Any]:
        token = dict(params.token)
        if params.trigger == "update" and isinstance(params.session, dict):
            size = params.session.get("size", False)
            if size is None:
                token.pop("blob", None)
            elif isinstance(size, int) and not isinstance(size, bool):
                token["blob"] = "x" * size
        return token

    def session(params: SessionParams[RigUser]) -> dict[str, Any]:
        return {**params.session, "size": len((params.token or {}).get("blob", ""))}

    return Callbacks(jwt=jwt, session=session)


def _big_callbacks() -> Callbacks[RigUser]:
    def jwt(params: JWTParams[RigUser]) -> dict[str, Any]:
        return {**params.token, "blob": "y" * 9000} if params.user is not None else params.token

    return Callbacks(jwt=jwt)


def _permit(params: SignInParams[RigUser]) -> bool | str:
    name, mail = params.user.name, params.user.email
    if name == "blocked" or mail == "blocked@example.com":
        return False
    if name == "sendaway" or mail == "sendaway@example.com":
        return "/welcome?x=1"
    if name == "sendforeign" or mail == "sendforeign@example.com":
        return "https://evil.example/x"
    if name == "signinthrows":
        raise RuntimeError("the callback failed")
    if name == "signinthrowsauth":
        raise CredentialsSignin("nope")
    if mail == "noverify@example.com" and params.verification_request:
        return False
    opened = params.account.type == "email" and not params.verification_request
    return not (mail == "once@example.com" and opened)


def _redirect(params: RedirectParams) -> str:
    if params.url.startswith("https://allowed.example"):
        return params.url
    if params.url.startswith("/"):
        return params.base_url + params.url
    if params.url == params.base_url or params.url.startswith(f"{params.base_url}/"):
        return params.url
    return f"{params.base_url}/fallback"


def _logged_callbacks(state: RigState) -> Callbacks[RigUser]:
    def called(name: str, params: dict[str, Any]) -> None:
        state.calls.append({"name": name, "params": params})

    def sign_in(params: SignInParams[RigUser]) -> bool | str:
        called("signIn", sign_in_call(params))
        return _permit(params)

    def jwt(params: JWTParams[RigUser]) -> dict[str, Any] | None:
        called("jwt", jwt_call(params))
        token = dict(params.token)
        if params.user is not None:
            if params.user.name == "nulltoken":
                return None
            token["role"] = params.user.role or "member"
        if params.account is not None:
            token["via"] = params.account.provider
        if params.trigger == "update":
            if params.session == "logout":
                return None
            if params.session == "throw":
                raise RuntimeError("the callback failed")
            # JavaScript tells "nothing" (undefined, which JSON leaves out) from null. Here only
            # the request does.
            token.pop("updated", None)
            if "data" in REQUEST.get().form:
                token["updated"] = params.session
        return token

    def session(params: SessionParams[RigUser]) -> dict[str, Any]:
        called("session", session_call(params))
        token = params.token or {}
        shown = {name: token[name] for name in ("role", "via", "updated", "sub") if name in token}
        return {**params.session, **shown}

    return Callbacks(sign_in=sign_in, redirect=_redirect, jwt=jwt, session=session)


def _database_callbacks(state: RigState) -> Callbacks[RigUser]:
    def session(params: SessionParams[RigUser]) -> dict[str, Any]:
        call = session_call(params)
        state.calls.append({"name": "session", "params": call})
        shown = session_of(params)
        if params.user is not None:
            shown["id"] = params.user.id
        shown.update({name: call[name] for name in ("trigger", "newSession") if name in call})
        # In JavaScript an argument that is not given still has its name.
        return {**shown, "keys": sorted({*call, "newSession"})}

    return Callbacks(session=session)


# --- words ------------------------------------------------------------------------------------

# The browser run reads these off the pages. All others are free.
WORDS = Texts(
    error_session_required="Please sign in to access this page.",
    error_oauth="Try signing in with a different account.",
    error_account_not_linked=(
        "To confirm your identity, sign in with the same account you used originally."
    ),
    verification_heading="Unable to sign in",
    verify_heading="Check your email",
)


# --- variants -----------------------------------------------------------------------------------

FAULTY = frozenset({"nosecret", "missingmethods", "noadapter-email", "badprovider"})
"""Configurations that cannot work; the contract has the fault answered by each request."""


def build(variant: str, state: RigState) -> AuthConfig[RigUser]:
    """The configuration named ``variant``; may put another database into ``state``."""
    providers = _providers(state)
    base = AuthConfig(
        secret=SECRET,
        trust_host=True,
        trust_forwarded_host=False,
        adapter=state.db,
        user=RigUser,
        at_rest=AtRestConfig(session_tokens="plain", provider_tokens="plain"),
        session=SessionConfig(strategy="jwt", generate_session_token=lambda: str(uuid.uuid4())),
        providers=providers,
        texts=WORDS,
        logger=RigLogger(state),
        events=recording_events(state),
    )
    if variant in _SIMPLE:
        return replace(base, **_SIMPLE[variant])
    return _special(variant, state, base)


def _ready(config: AuthConfig[RigUser]) -> list[Provider]:
    return [p for p in config.providers if not callable(p)]


def _pick(config: AuthConfig[RigUser], *ids: str) -> list[Provider]:
    return [p for p in _ready(config) if p.id in ids]


def _trusting(config: AuthConfig[RigUser], *ids: str) -> AuthConfig[RigUser]:
    """With account linking by e-mail for the OAuth providers named."""
    providers = [
        replace(p, allow_dangerous_email_account_linking=True)
        if isinstance(p, OAuth2) and p.id in ids
        else p
        for p in _ready(config)
    ]
    return replace(config, providers=providers)


def _database(config: AuthConfig[RigUser], **changes: Any) -> AuthConfig[RigUser]:
    return replace(config, session=replace(config.session, strategy="database", **changes))


def _detached(config: AuthConfig[RigUser], *ids: str, **changes: Any) -> AuthConfig[RigUser]:
    """Without a database, with only the providers named."""
    return replace(config, adapter=None, providers=_pick(config, *ids), **changes)


_CUSTOM_COOKIES = Cookies(
    session_token=CookieConfig(
        name="__Secure-my.session", domain="localhost", same_site="strict", secure=True
    ),
    csrf_token=CookieConfig(name="my.csrf", path="/auth", http_only=False),
    callback_url=CookieConfig(name="my.callback", same_site="none"),
    state=CookieConfig(name="my.state", max_age=timedelta(seconds=120)),
    pkce_code_verifier=CookieConfig(same_site="none", secure=True),
)
_SIMPLE: Mapping[str, Mapping[str, Any]] = {
    "jwt": {},
    "jwt-short": {
        "session": SessionConfig(strategy="jwt", max_age=timedelta(seconds=600)),
        "jwt": JWTConfig(max_age=timedelta(seconds=300)),
    },
    "pages": {
        "pages": Pages(
            sign_in="/login",
            sign_out="/logout",
            error="/oops",
            verify_request="/check-mail",
            new_user="/welcome",
        )
    },
    "pagesquery": {
        "pages": Pages(
            sign_in="/login?from=auth",
            sign_out="/logout?x=1",
            error="/oops?y=2",
            verify_request="/check-mail?z=3",
            new_user="/welcome?n=1",
        )
    },
    "basepath": {"base_path": "/api/auth"},
    "securecookies": {"use_secure_cookies": True},
    "customcookies": {"cookies": _CUSTOM_COOKIES},
    "nocsrf": {"skip_csrf_check": True},
    "chunked": {"callbacks": _chunked_callbacks()},
    "chunked-big": {"callbacks": _big_callbacks()},
    "rotated": {"secret": [SECRET, OLD_SECRET]},
    "theme": {
        "theme": Theme(
            color_scheme="dark",
            brand_color="#0ff1ce",
            logo="https://img.example/logo.png",
            button_text="#fedcba",
        )
    },
    "nosecret": {"secret": None},
    "untrusted": {"trust_host": False},
    "untrusted-pages": {"trust_host": False, "pages": Pages(error="/oops")},
    # Authwire has no switch for passkeys: the provider alone decides.
    "webauthn-off": {},
}


def _special(variant: str, state: RigState, base: AuthConfig[RigUser]) -> AuthConfig[RigUser]:  # noqa: C901, PLR0911, PLR0912  # a table of variants is flat
    match variant:
        case "database":
            return _database(base)
        case "database-short":
            return _database(
                base,
                max_age=timedelta(seconds=600),
                update_age=timedelta(seconds=60),
                generate_session_token=lambda: f"tok-{next(state.counter)}",
            )
        case "adapterdefault":
            return replace(base, session=replace(base.session, strategy=None))
        case "noadapter":
            ids = ("oidc", "oidc-nonce", "github", "oauth2", "credentials")
            return _detached(base, *ids, session=SessionConfig())
        case "single":
            return _detached(base, "credentials")
        case "empty":
            return _detached(base)
        case "callbacks":
            return replace(base, callbacks=_logged_callbacks(state))
        case "callbacks-db":
            return replace(_database(base), callbacks=_database_callbacks(state))
        case "linking":
            return _trusting(base, *(p.id for p in _ready(base)))
        case "update":
            # The browser run signs one address in at both form_post providers. With Auth.js the
            # first attempt fails; here it works, and the second would find the address taken.
            return _trusting(replace(base, callbacks=_update_callbacks()), "oidc-formpost2")
        case "proxy":
            return replace(base, redirect_proxy_url=f"http://proxy.localhost:{state.port}/auth")
        case "idpdown":
            down = [
                replace(_oidc("oidc-down", issuer="http://127.0.0.1:9"), name="Down"),
                replace(_oidc("oidc-badissuer", issuer="http://localhost:4010"), name="Bad issuer"),
                replace(_oidc("oidc-404", issuer=f"{IDP}/nothing"), name="Not there"),
            ]
            return replace(base, providers=down)
        case "adaptererror":
            state.db = DownAdapter()
            return _database(replace(base, adapter=state.db))
        case "missingmethods":
            missing = ("create_verification_token", "use_verification_token")
            return replace(base, adapter=without_methods(state.db, *missing))
        case "looseadapter":
            state.db = LooseAdapter()
            return replace(base, adapter=state.db)
        case "noadapter-email":
            return _detached(base, "oidc", "email", session=SessionConfig())
        case "badprovider":
            broken = OAuth2(id="broken", name="Broken", client_id="x", client_secret="y")
            config = _detached(base, "credentials")
            return replace(config, providers=[*config.providers, broken])
        case "bench-jwt" | "bench-database":
            small = replace(base, providers=_pick(base, "oidc", "github", "credentials"))
            small = replace(small, events=Events(), logger=None)
            return _database(small) if variant == "bench-database" else replace(small, adapter=None)
    raise SystemExit(f"unknown VARIANT {variant}")
