"""The demo's own identity providers: one speaks OpenID Connect, the other plain OAuth 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from authwire.cli.demo.store import Store
from authwire.models import TokenSet, User
from authwire.providers import OIDC, OAuth2, Style
from authwire.testing.provider import FakeClient, FakeProvider, FakeUser

__all__ = ["LocalProviders"]

ADA: Final = FakeUser(sub="ada-1815", name="Ada Lovelace", email="ada@example.com")
_OIDC_USERS: Final = (
    ADA,
    FakeUser(sub="grace-1906", name="Grace Hopper", email="grace@example.com"),
    FakeUser(sub="alan-1912", name="Alan Turing", email="alan@example.com"),
)
# Ada is here too, with the same address: signing in with both shows what happens then.
_OAUTH_USERS: Final = (
    FakeUser(sub="margaret", name="Margaret Hamilton", email="margaret@example.com"),
    FakeUser(sub="katherine", name="Katherine Johnson", email="katherine@example.com"),
    FakeUser(sub="ada", name="Ada Lovelace", email="ada@example.com"),
)


@dataclass(frozen=True, slots=True)
class LocalProviders:
    """Two providers below the app's own URL, and the app's configuration for them.

    Args:
        url: the app's.
        store: where keys and client secrets are kept.
    """

    url: str
    store: Store

    def openid(self) -> FakeProvider:
        """Demo ID, below ``/idp``."""
        return FakeProvider(
            issuer=f"{self.url}/idp",
            clients=[self._client("demo-idp")],
            users=_OIDC_USERS,
            name="Demo ID",
            accent="#0b6e4f",
            keys=self.store.keys(FakeProvider.make_keys),
        )

    def oauth(self) -> FakeProvider:
        """Demo OAuth, below ``/oauth``."""
        return FakeProvider(
            issuer=f"{self.url}/oauth",
            clients=[self._client("demo-oauth")],
            users=_OAUTH_USERS,
            openid=False,
            name="Demo OAuth",
            accent="#9a3412",
        )

    def config(self) -> tuple[OIDC, OAuth2]:
        """The two as an app configures them: by their issuer, or by their endpoints."""
        oauth = f"{self.url}/oauth"
        return (
            OIDC(
                id="demo-idp",
                name="Demo ID",
                issuer=f"{self.url}/idp",
                client_id="demo-app",
                client_secret=self.store.client_secret("demo-idp"),
                style=Style(brand="#0b6e4f"),
            ),
            OAuth2(
                id="demo-oauth",
                name="Demo OAuth",
                issuer=oauth,
                authorization=f"{oauth}/authorize",
                token=f"{oauth}/token",
                userinfo=f"{oauth}/userinfo",
                scope="read:user user:email",
                client_id="demo-app",
                client_secret=self.store.client_secret("demo-oauth"),
                token_endpoint_auth_method="client_secret_post",
                checks=("pkce", "state"),
                profile=_user,
                style=Style(brand="#9a3412"),
            ),
        )

    def _client(self, provider: str) -> FakeClient:
        plain = provider == "demo-oauth"
        return FakeClient(
            client_id="demo-app",
            client_secret=self.store.client_secret(provider),
            redirect_uris=(f"{self.url}/auth/callback/{provider}",),
            name="Authwire demo",
            token_endpoint_auth_method="client_secret_post" if plain else "client_secret_basic",
            require_pkce=True,
        )


def _user(profile: Mapping[str, Any], _tokens: TokenSet) -> User:
    return User(
        id=str(profile["id"]),
        name=profile["name"],
        email=profile["email"],
        image=profile["avatar_url"],
    )
