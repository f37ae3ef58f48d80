"""What all examples have in common: the ways to sign in, and a home page.

None of the ways needs an account anywhere: Ada's password is ``lovelace``, magic links are printed in the
terminal, passkeys need a device that has them. An OpenID provider is offered as well if
``AUTH_KEYCLOAK_ISSUER``, ``AUTH_KEYCLOAK_ID`` and ``AUTH_KEYCLOAK_SECRET`` are set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hmac import compare_digest
from html import escape
from typing import Any

from authwire import AuthConfig, Callbacks, JWTParams, Request, Session, SessionConfig, User
from authwire.adapters.memory import MemoryAdapter
from authwire.providers import (
    Credentials,
    Email,
    FormField,
    Keycloak,
    Passkey,
    VerificationRequest,
)
from authwire.runtime import drive

ADA = User(id="1", name="Ada", email="ada@example.com")
adapter: MemoryAdapter[User] = MemoryAdapter()
"""Forgets everything when the app ends. Yours is a database."""
drive(adapter.create_user(ADA))
outbox: list[VerificationRequest] = []


def check_password(form: Mapping[str, Any], request: Request) -> User | None:
    """Look the user up in your database here; this one knows only Ada."""
    password = str(form.get("password")).encode()
    known = form.get("username") == "ada" and compare_digest(password, b"lovelace")
    return ADA if known else None


def send_link(mail: VerificationRequest) -> None:
    """Yours goes by mail: ``Email(server="smtp://…")``."""
    outbox.append(mail)
    print(f"Magic link for {mail.identifier}: {mail.url}", flush=True)


def rename(params: JWTParams[User]) -> dict[str, Any]:
    """Take a new name over from ``update_session({"name": …})``, and nothing else."""
    name = params.session.get("name") if isinstance(params.session, dict) else None
    if params.trigger == "update" and isinstance(name, str) and 0 < len(name) <= 80:
        params.token["name"] = name
    return params.token


FIELDS = {
    "username": FormField(label="Name", required=True, autocomplete="username"),
    "password": FormField(
        label="Password", type="password", required=True, autocomplete="current-password"
    ),
}
config: AuthConfig[User] = AuthConfig(
    providers=[
        Credentials(authorize=check_password, fields=FIELDS),
        Email(send=send_link),
        Passkey(),
        *([Keycloak()] if os.environ.get("AUTH_KEYCLOAK_ISSUER") else []),
    ],
    adapter=adapter,
    session=SessionConfig(strategy="jwt"),
    callbacks=Callbacks(jwt=rename),
)


def is_ada(session: Session[Any]) -> bool:
    """Whether somebody may see ``/ada``."""
    return bool(session.user.email == ADA.email)


# --- the home page ----------------------------------------------------------------------------------

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>An example</title>
<link rel="icon" href="data:,">
<style>
  :root {{ color-scheme: light dark; font: 1.1rem/1.6 system-ui, sans-serif }}
  body {{ max-width: 32rem; margin: 15vh auto; padding: 0 1rem }}
  input, button {{ font: inherit; padding: .2em .6em }}
</style>
<h1>Hello {name}</h1>
<p><a href="/me">My page</a> · <a href="/ada">Only for Ada</a> · {links}</p>
{forms}"""
_STRANGER = '<a href="/auth/signin">Sign in</a>'
_SOMEBODY = '<a href="/auth/signout">Sign out</a>'
_FORMS = """<form method="post" action="/rename">
  <label>New name <input name="name" size="14" required maxlength="80"></label> <button>Rename</button>
</form>
<p><button id="add" disabled>Add a passkey</button> <output></output></p>
<script type="module">
  import { signIn } from "/auth/webauthn.js";

  const [add, told] = [document.querySelector("#add"), document.querySelector("output")];
  add.onclick = () =>
    signIn({ action: "register", redirect: false })
      .then(() => "Added.", (error) => `That did not work: ${error.code}.`)
      .then((text) => { told.textContent = text; });
  add.disabled = false;
</script>
"""


def greeting(session: Session[Any] | None) -> str:
    """How to call whoever is there."""
    return (session.user.name or session.user.email or "you") if session else "stranger"


def home_page(session: Session[Any] | None) -> str:
    """The page in HTML, for whoever is there."""
    return _PAGE.format(
        name=escape(greeting(session)),
        links=_SOMEBODY if session else _STRANGER,
        forms=_FORMS if session else "",
    )
