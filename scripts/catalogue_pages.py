"""The documentation of the providers: one page for each, and a table of all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from authwire.cli.catalogue import Entry, Input
from authwire.providers._types import Email, OAuth2

ROOT = Path(__file__).resolve().parent.parent
HOST = "https://<your host>/auth"
OTHERS = {
    "Auth.js (`@auth/core`, 2026)": (
        "104",
        "93, of which 36 by OpenID Connect",
        "8",
        "3 (credentials, passkeys twice)",
    ),
    "Better Auth (August 2026)": (
        "42",
        "35, and 10 ready-made configs of which 7 are not among them",
        "its own plug-in",
        "plug-ins",
    ),
    "django-allauth (April 2026)": (
        "119",
        "119, of which 13 by OAuth 1.0a, OpenID 2.0 or a protocol of their own",
        "its own code",
        "its own code",
    ),
}
"""What other libraries list, counted in their source."""
CHECKS = {"pkce": "PKCE", "state": "state", "nonce": "nonce"}
WORDS = {
    "checks": "checks",
    "token_endpoint_auth_method": "client authentication",
    "params": "parameters",
    "user.id": "account id",
    "user.name": "name",
    "user.email": "e-mail",
    "user.image": "picture",
}


def has_page(entry: Entry) -> bool:
    """Services have one; what an app does by itself is told elsewhere."""
    return entry.factory not in ("Credentials", "Email") and isinstance(
        entry.provider, (OAuth2, Email)
    )


def differences() -> Mapping[str, Mapping[str, list[Any]]]:
    """By id and field: what Auth.js has, what is here, and why. The tests hold them against the code."""
    return {
        provider_id: fields
        for path in sorted((ROOT / "tests" / "providers" / "differences").glob("*.json"))
        for provider_id, fields in json.loads(path.read_text("utf-8")).items()
    }


def page(entry: Entry, told: Mapping[str, list[Any]]) -> str:
    """The page of one provider."""
    parts = [
        f"# {entry.provider.name}",
        markdown(entry.summary),
        "## Set it up",
        *_steps(entry),
        "## Facts",
        _facts(entry),
    ]
    if entry.inputs:
        parts += ["## Options of its own", _options(entry.inputs)]
    if isinstance(entry.provider, OAuth2):
        parts.append(
            "It also takes [the options that all OAuth providers take]"
            "(../providers.md#options-that-all-oauth-providers-take)."
        )
    else:
        parts.append("It also takes [the options of `Email`](../email.md#options).")
    if entry.remarks:
        parts += ["## Good to know", markdown(entry.remarks)]
    if told:
        parts += ["## Where it differs from Auth.js", _differences(told)]
    parts.append("[All providers](../providers.md)")
    return "\n\n".join(parts) + "\n"


def table(entries: list[Entry]) -> str:
    """All providers, for docs/providers.md."""
    rows = [
        "| Provider | Import | Kind | Needs, besides id and secret | Scope |",
        "|---|---|---|---|---|",
    ]
    for entry in entries:
        provider = entry.provider
        name = provider.name
        if has_page(entry):
            name = f"[{name}](providers/{provider.id}.md)"
        elif entry.factory in ("Credentials", "Email"):
            name = f"[{name}]({entry.factory.lower()}.md)"
        needs = [f"`{name}`" for name in entry.needs]
        needs += [f"`{name}`" for name in entry.environment if name.endswith("_KEY")]
        scope = f"`{entry.scope}`" if entry.scope else ""
        rows.append(f"| {name} | `{entry.factory}` | {entry.kind} | {', '.join(needs)} | {scope} |")
    return "\n".join(rows)


def size(entries: list[Entry]) -> str:
    """How many there are, next to other libraries."""
    oauth = sum(isinstance(entry.provider, OAuth2) for entry in entries)
    oidc = sum(entry.kind == "OpenID Connect" for entry in entries)
    mail = sum(isinstance(entry.provider, Email) for entry in entries)
    ours = f"{oauth}, of which {oidc} by OpenID Connect"
    rows = [
        f"| Authwire | {len(entries)} | {ours} | {mail} | {len(entries) - oauth - mail} |",
        *(f"| {name} | {' | '.join(cells)} |" for name, cells in OTHERS.items()),
    ]
    head = "| | Ways to sign in | With somebody else's login | By mail | Others |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def markdown(text: str) -> str:
    """A docstring's reStructuredText as Markdown."""
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _steps(entry: Entry) -> Iterator[str]:
    setup = entry.setup
    at = f"<{setup.at}>" if setup.at.startswith("https://") else setup.at
    yield f"**Register.** Where: {at}. Create {setup.create}."
    if setup.note:
        yield setup.note
    if entry.callback:
        yield (
            f"The callback URL is `{HOST}{entry.callback}`. While you develop it is "
            f"`http://localhost:8000/auth{entry.callback}`, with the port you use."
        )
    if entry.environment:
        width = max(map(len, entry.environment)) + 1
        lines = [f"{name + '=':{width}}  # {what}" for name, what in entry.environment.items()]
        yield "**Put into the environment:**"
        yield "```sh\n" + "\n".join(lines) + "\n```"
    yield "**Add to the config:**"
    yield f"```python\n{_snippet(entry)}\n```"


def _snippet(entry: Entry) -> str:
    given = [f'{o.name}="{_example(o)}"' for o in entry.inputs if o.default is None]
    if isinstance(entry.provider, Email):
        given.append('sender="App <login@app.example>"')
    use = f"{entry.factory}({', '.join(given)})" if given else entry.factory
    if isinstance(entry.provider, Email):
        return (
            "from authwire import AuthConfig\n"
            "from authwire.adapters.memory import MemoryAdapter\n"
            f"from authwire.providers import {entry.factory}\n\n"
            "config = AuthConfig(\n"
            f"    providers=[{use}],\n"
            "    adapter=MemoryAdapter(),  # for trying it out\n"
            ")"
        )
    return (
        "from authwire import AuthConfig\n"
        f"from authwire.providers import {entry.factory}\n\n"
        f"config = AuthConfig(providers=[{use}])"
    )


def _example(option: Input) -> str:
    if option.name.endswith("_url"):
        return f"https://{option.name.removesuffix('_url').replace('_', '-')}.example"
    return (
        "smtp://user:password@mail.example:587"
        if option.name == "server"
        else f"your-{option.name.replace('_', '-')}"
    )


def _facts(entry: Entry) -> str:
    provider = entry.provider
    rows = {
        "Kind": entry.kind,
        "Import": f"`from authwire.providers import {entry.factory}`",
        "id": f"`{provider.id}`",
    }
    if isinstance(provider, OAuth2):
        checks = ", ".join(CHECKS[check] for check in provider.checks)
        issuer = provider.issuer or provider.default_issuer
        rows |= {
            "Asks for": f"`{entry.scope}`" if entry.scope else "no scope",
            "Ties the answer to the browser by": checks,
            "Client authentication": f"`{provider.token_endpoint_auth_method}`",
            "Issuer": f"`{issuer}`" if issuer else "yours" if entry.needs_issuer else "",
            "Authorization": f"`{provider.authorization}`" if provider.authorization else "",
            "Token": f"`{provider.token}`" if provider.token else "",
            "Profile": _source(provider),
            "Reads": ", ".join(f"`{name}`" for name in entry.reads),
        }
    if entry.docs:
        rows["Their documentation"] = f"<{entry.docs}>"
    lines = [f"| {key} | {value} |" for key, value in rows.items() if value]
    return "\n".join(["| | |", "|---|---|", *lines])


def _source(provider: OAuth2) -> str:
    if provider.type == "oidc" and provider.id_token:
        return "the ID token"
    if provider.userinfo:
        return f"`{provider.userinfo}`"
    return "an answer of its own" if provider.fetch_profile else "the userinfo endpoint"


def _options(inputs: tuple[Input, ...]) -> str:
    rows = [
        f"| `{o.name}` | `{_cell(o.type)}` | {'' if o.default is None else f'`{o.default}`'} "
        f"| {_cell(markdown(o.meaning))} |"
        for o in inputs
    ]
    return "\n".join(["| Option | Type | Default | Meaning |", "|---|---|---|---|", *rows])


def _differences(told: Mapping[str, list[Any]]) -> str:
    rows = [
        f"| {WORDS.get(field, field)} | {_value(theirs)} | {_value(ours)} | {_cell(reason)} |"
        for field, (theirs, ours, reason) in told.items()
    ]
    return "\n".join(["| What | Auth.js | Here | Why |", "|---|---|---|---|", *rows])


def _value(value: Any) -> str:
    match value:
        case None | "" | []:
            return "none"
        case [*items]:
            return ", ".join(CHECKS.get(str(item), str(item)) for item in items)
        case dict():
            return f"`{_cell(json.dumps(value))}`"
        case str() if " " in value:
            return _cell(value)
    return f"`{_cell(str(value))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
