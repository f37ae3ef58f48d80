"""The demo's configuration: what an app writes, with everything on this computer."""

from __future__ import annotations

import httpx2

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.cli.demo.idp import LocalProviders
from authwire.cli.demo.outbox import Outbox
from authwire.cli.demo.people import PASSWORD, USERNAME, Passwords
from authwire.config import AuthConfig, Pages, Theme
from authwire.models import User
from authwire.providers import Credentials, Email, FormField, Passkey

__all__ = ["demo_config"]


def demo_config(
    *,
    url: str,
    secret: str,
    adapter: SQLAlchemyAdapter[User],
    local: LocalProviders,
    outbox: Outbox,
    passwords: Passwords,
) -> AuthConfig[User]:
    """Five ways to sign in, sessions in the database."""
    return AuthConfig(
        url=url,
        secret=secret,
        adapter=adapter,
        providers=[
            *local.config(),
            Email(send=outbox.send, sender=f"Authwire demo <no-reply@{_host(url)}>"),
            Passkey(
                name="a passkey",
                fields={
                    "email": FormField(
                        label="Address, if you are new",
                        placeholder="new@example.com",
                        autocomplete="username webauthn",
                        attributes={"inputmode": "email"},
                    )
                },
            ),
            Credentials(
                name="password",
                authorize=passwords.authorize,
                fields={
                    "username": FormField(
                        label="User name",
                        placeholder=USERNAME,
                        required=True,
                        autocomplete="username",
                    ),
                    "password": FormField(
                        label="Password",
                        type="password",
                        placeholder=PASSWORD,
                        required=True,
                        autocomplete="current-password",
                    ),
                },
            ),
        ],
        # Where the mail would be, so that nobody has to look for it.
        pages=Pages(verify_request="/outbox"),
        theme=Theme(logo="/static/mark.svg"),
        # The providers are on this computer: a proxy that the environment names is not for them.
        http_client=httpx2.AsyncClient(trust_env=False, timeout=5.0),
    )


def _host(url: str) -> str:
    return url.partition("://")[2].partition(":")[0]
