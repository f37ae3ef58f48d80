"""A complete identity provider for tests and demos, in the same process and as strict as the RFCs.

It speaks OpenID Connect (or plain OAuth 2), needs no network and no set-up::

    provider = FakeProvider(
        issuer="https://idp.example",
        clients=[FakeClient(client_id="app", client_secret="…", redirect_uris=("https://app…",))],
    )
    answer = await provider.http.send(HttpRequest(method="GET", url="https://idp.example/jwks"))

`FakeProvider.approve` and `FakeProvider.refuse` play the browser; `FakeProvider.asgi` serves the
same to a real one; `FakeProvider.faults` makes it break the rules.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import anyio

from authwire.http import Request, Response
from authwire.runtime.asgi import ASGIApp, asgi_app
from authwire.testing._provider.answers import (
    EndpointError,
    json_response,
    laid_over,
    posted,
    queried,
)
from authwire.testing._provider.authorization import BadAuthorizationRequest
from authwire.testing._provider.clients import authenticate_client
from authwire.testing._provider.front import FrontChannel
from authwire.testing._provider.in_process import InProcessHttp
from authwire.testing._provider.keys import ALGORITHMS, Keys
from authwire.testing._provider.model import (
    Callback,
    Endpoint,
    FakeClient,
    FakeUser,
    Faults,
)
from authwire.testing._provider.pages import Pages, avatar
from authwire.testing._provider.state import State
from authwire.testing._provider.tokens import TokenService

__all__ = ["Callback", "FakeClient", "FakeProvider", "FakeUser", "Faults", "InProcessHttp"]

_GET: Final = frozenset({"GET", "HEAD"})
_POST: Final = frozenset({"POST"})
_EITHER: Final = _GET | _POST
_ROUTES: Final[Mapping[str, tuple[Endpoint, frozenset[str]]]] = {
    "/.well-known/openid-configuration": ("discovery", _GET),
    "/.well-known/oauth-authorization-server": ("discovery", _GET),
    "/authorize": ("authorize", _EITHER),
    "/consent": ("consent", _POST),
    "/jwks": ("jwks", _GET),
    "/logout": ("logout", _EITHER),
    "/par": ("par", _POST),
    "/revoke": ("revoke", _POST),
    "/token": ("token", _POST),
    "/userinfo": ("userinfo", _EITHER),
}
ALICE: Final = FakeUser(sub="alice-1", name="Alice Liddell", email="alice@example.com")
BOB: Final = FakeUser(sub="bob-2", name="Bob Dodgson", email="bob@example.com")


class FakeProvider:
    """An OpenID provider. One object is one issuer; all it knows is in memory.

    Args:
        issuer: its URL, without a slash at the end. Endpoints are below it.
        clients: the apps that are registered.
        users: who has an account. Default: Alice and Bob.
        openid: False for plain OAuth 2: no discovery document of OpenID, no ID tokens, refresh tokens
            without asking, and userinfo as ``profile`` says.
        profile: what the userinfo endpoint of a plain OAuth 2 provider tells.
        scopes: those it knows. Default: those of OpenID Connect, or ``read:user user:email``.
        keys: private JWKs to sign with, see `make_keys`. Default: new ones.
        name: for its pages.
        accent: colour of its pages.
        now: the clock.
    """

    def __init__(
        self,
        *,
        issuer: str = "https://idp.example",
        clients: Sequence[FakeClient],
        users: Sequence[FakeUser] = (ALICE, BOB),
        openid: bool = True,
        profile: Callable[[FakeUser], Mapping[str, Any]] | None = None,
        scopes: Sequence[str] | None = None,
        keys: Sequence[Mapping[str, Any]] | None = None,
        name: str = "Fake ID",
        accent: str = "#8a3b12",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        if not users:
            raise ValueError("a provider needs at least one user")
        self.issuer = issuer
        self.openid = openid
        self.faults = Faults()
        self.requests: list[tuple[Endpoint, Request]] = []
        """What was asked, in order."""
        parts = urlsplit(issuer)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path
        self._clients = {client.client_id: client for client in clients}
        self._users = {user.sub: user for user in users}
        self._profile = profile or _plain_profile
        known = ("openid", "profile", "email", "offline_access")
        self._scopes = tuple(scopes or (known if openid else ("read:user", "user:email")))
        self._now = now or _utc_now
        self._keys = Keys(keys)
        self._state = State(self._now)
        self._pages = Pages(name=name, accent=accent)
        self._lock = threading.Lock()
        self._front = FrontChannel(
            issuer=issuer,
            cookie_path=self._path,
            scopes=self._scopes,
            clients=self._clients,
            users=self._users,
            picture=self._picture_url,
            keys=self._keys,
            state=self._state,
            pages=self._pages,
            faults=self.faults,
            now=self._now,
        )
        self._tokens = TokenService(
            issuer=issuer,
            openid=openid,
            keys=self._keys,
            state=self._state,
            users=self._users,
            claims=self._claims,
            faults=self.faults,
            now=self._now,
        )

    # --- for tests ------------------------------------------------------------------------------

    @property
    def http(self) -> InProcessHttp:
        """The way to this provider as a port (`authwire.ports.Http`) that never suspends.

        ``http.async_client()`` and ``http.client()`` are the same for ``AuthConfig(http_client=…)``.
        """
        return InProcessHttp(self)

    @property
    def asgi(self) -> ASGIApp:
        """The provider as an app, to be mounted at the issuer's path."""

        async def handle(request: Request) -> Response:
            if self.faults.delay:
                await anyio.sleep(self.faults.delay)
            return self.handle(request)

        return asgi_app(handle)

    def approve(self, url: str, *, sub: str | None = None) -> Callback:
        """What the browser does after somebody chose their account at the authorization ``url``.

        Args:
            url: where the app sent the browser.
            sub: who; the first user if not given.

        Raises:
            ValueError: if the provider would show an error page instead of going back to the app.
        """
        return self._play(url, self._users[sub] if sub else next(iter(self._users.values())))

    def refuse(self, url: str) -> Callback:
        """As `approve`, for somebody who pressed Cancel."""
        return self._play(url, None)

    def rotate_keys(self, *, keep_old: bool = True) -> None:
        """Sign with new keys. Without ``keep_old`` the old ones vanish from the key set at once."""
        self._keys.rotate(keep_old=keep_old)

    @staticmethod
    def make_keys() -> list[dict[str, Any]]:
        """Private JWKs for the constructor, where the keys are to survive a restart. Secret."""
        return Keys().private_jwks()

    def asked(self, endpoint: Endpoint) -> int:
        """How many requests an endpoint got so far."""
        return sum(1 for name, _ in self.requests if name == endpoint)

    # --- one request ----------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer ``request``; a path that is none of the provider's gets 404."""
        endpoint, methods = self._route(request.path)
        if endpoint is None:
            return self._pages.message("Not found", "There is no such page here.", status=404)
        with self._lock:
            self.requests.append((endpoint, request))
            if endpoint in self.faults.unreachable:
                return Response(status=503)
            if (answer := self.faults.answers.get(endpoint)) is not None:
                return answer
            if request.method not in methods:
                return Response(status=405, headers=(("allow", ", ".join(sorted(methods))),))
            return self._answer(endpoint, request)

    def serves(self, origin: str, path: str) -> bool:
        """Whether an endpoint is there, and answers."""
        endpoint, _ = self._route(path)
        silent = endpoint is None or endpoint in self.faults.unreachable
        return origin == self.origin and not silent

    def _route(self, path: str) -> tuple[Endpoint | None, frozenset[str]]:
        # RFC 8414 §3 puts the well-known path in front of the issuer's.
        wellknown = "/.well-known/oauth-authorization-server"
        if path == f"{wellknown}{self._path}":
            return _ROUTES[wellknown]
        below = path.removeprefix(self._path) if path.startswith(f"{self._path}/") else ""
        if below.startswith("/pictures/"):
            return "picture", _GET
        return _ROUTES.get(below, (None, frozenset()))

    def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            match endpoint:
                case "authorize":
                    return self._front.authorize(request)
                case "consent":
                    return self._front.consent(request)
                case "discovery":
                    return json_response(laid_over(self.metadata(), self.faults.discovery))
                case "jwks":
                    return json_response(self._keys.public_jwks())
                case "logout":
                    return self._front.logout(request)
                case "par":
                    return self._front.push(self._client(request), posted(request))
                case "picture":
                    return self._picture(request)
                case "revoke":
                    return self._tokens.revoke(self._client(request), request)
                case "token":
                    return self._tokens.token(self._client(request), posted(request))
                case "userinfo":
                    return self._tokens.userinfo(request)
        except EndpointError as error:
            return error.response()

    # --- what is published ----------------------------------------------------------------------

    def metadata(self) -> dict[str, Any]:
        """OpenID Connect Discovery §3, RFC 8414 §2."""
        at = self.issuer
        common: dict[str, Any] = {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "revocation_endpoint": f"{at}/revoke",
            "pushed_authorization_request_endpoint": f"{at}/par",
            "scopes_supported": list(self._scopes),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt",
                "private_key_jwt",
                "none",
            ],
            "authorization_response_iss_parameter_supported": True,
            "request_uri_parameter_supported": False,
        }
        if not self.openid:
            return common
        return common | {
            "jwks_uri": f"{at}/jwks",
            "end_session_endpoint": f"{at}/logout",
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
            "claims_supported": ["sub", "name", "picture", "email", "email_verified"],
        }

    def _claims(self, user: FakeUser, scope: tuple[str, ...]) -> dict[str, Any]:
        if not self.openid:
            return dict(self._profile(replace(user, picture=self._picture_url(user))))
        claims: dict[str, Any] = {"sub": user.sub}
        if "profile" in scope:
            claims |= {"name": user.name, "picture": self._picture_url(user), **user.claims}
        if "email" in scope and user.email is not None:
            claims |= {"email": user.email, "email_verified": user.email_verified}
        return {name: value for name, value in claims.items() if value is not None}

    def _picture_url(self, user: FakeUser) -> str:
        return user.picture or f"{self.issuer}/pictures/{user.sub}.svg"

    def _picture(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2].removesuffix(".svg")
        user = self._users.get(name)
        if user is None:
            return Response(status=404)
        return avatar(user, list(self._users).index(user.sub))

    # --- helpers --------------------------------------------------------------------------------

    def _play(self, url: str, user: FakeUser | None) -> Callback:
        parts = urlsplit(url)
        if not url.startswith(f"{self.issuer}/authorize"):
            raise ValueError("not the authorization endpoint of this provider")
        asked = Request(method="GET", path=parts.path, query_string=parts.query)
        with self._lock:
            self.requests.append(("authorize", asked))
            try:
                pending = self._front.begin(queried(asked))
            except (BadAuthorizationRequest, EndpointError) as error:
                raise ValueError(str(error)) from error
            if isinstance(pending, Callback):
                return pending
            if user is None:
                return self._front.deny(pending)
            return self._front.grant(pending, user)

    def _client(self, request: Request) -> FakeClient:
        endpoint = self.issuer + request.path.removeprefix(self._path)
        return authenticate_client(
            request,
            posted(request),
            clients=self._clients,
            audiences=(self.issuer, f"{self.issuer}/token", endpoint),
            now=self._now(),
            seen=self._state.assertions,
        )


def _plain_profile(user: FakeUser) -> Mapping[str, Any]:
    return {
        "id": user.sub,
        "login": user.sub,
        "name": user.name,
        "email": user.email,
        "avatar_url": user.picture,
    }


def _utc_now() -> datetime:
    return datetime.now(UTC)
