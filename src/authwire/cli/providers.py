"""``authwire providers``: what can be signed in with, and what to do for it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from authwire.cli.catalogue import Entry, entries
from authwire.providers._types import OAuth2

__all__ = ["UnknownProvider", "describe", "dumped", "found", "listing", "to_json"]

_WIDTH = 88


class UnknownProvider(Exception):
    """No provider has this id; the message names those that are spelt much like it."""


def found(words: Sequence[str]) -> list[Entry]:
    """The providers that all ``words`` are found in: id, name, import or kind."""
    return [
        entry for entry in entries() if all(word.casefold() in _haystack(entry) for word in words)
    ]


def listing(chosen: Sequence[Entry]) -> str:
    """A table."""
    head = ("id", "import", "kind", "needs, besides id and secret")
    rows = [
        head,
        *((e.provider.id, e.factory, e.kind, ", ".join(e.needs)) for e in chosen),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    count = f"{len(chosen)} provider{'' if len(chosen) == 1 else 's'}"
    return "\n".join([*lines, "", f"{count}. What one needs: authwire providers show ID"])


def describe(provider_id: str, *, url: str) -> tuple[Entry, str]:
    """What to do to sign in with a provider.

    Args:
        provider_id: its id, or its import.
        url: where the app has its auth routes, such as ``https://app.example/auth``.

    Raises:
        UnknownProvider: if there is none.
    """
    every = entries()
    wanted = provider_id.casefold()
    for entry in every:
        if wanted in (entry.provider.id, entry.factory.casefold()):
            return entry, "\n".join(_description(entry, url.rstrip("/")))
    near = get_close_matches(wanted, [entry.provider.id for entry in every], n=3)
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    raise UnknownProvider(f"no provider is called {provider_id}{hint}")


def to_json(entry: Entry) -> dict[str, Any]:
    """What a program may want to know."""
    provider = entry.provider
    told: dict[str, Any] = {
        "id": provider.id,
        "name": provider.name,
        "type": provider.type,
        "import": entry.factory,
        "callback": entry.callback,
        "environment": list(entry.environment),
        "needs": list(entry.needs),
        "options": [option.name for option in entry.inputs],
        "docs": entry.docs,
        "setup": {
            "at": entry.setup.at,
            "create": entry.setup.create,
            "note": entry.setup.note,
        },
    }
    if isinstance(provider, OAuth2):
        told |= {
            "scope": entry.scope,
            "checks": list(provider.checks),
            "issuer": provider.issuer or provider.default_issuer,
            "authorization": provider.authorization,
            "token": provider.token,
            "userinfo": provider.userinfo,
        }
    return told


def dumped(value: object) -> str:
    """JSON for people and programs alike."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _plain(text: str) -> str:
    """A docstring's words, without the marks of its code."""
    return text.replace("`", "")


def _haystack(entry: Entry) -> str:
    provider = entry.provider
    return f"{provider.id}\n{provider.name}\n{entry.factory}\n{entry.kind}".casefold()


def _description(entry: Entry, url: str) -> Iterator[str]:
    provider = entry.provider
    yield f"{provider.name} · {entry.kind} · id {provider.id}"
    yield ""
    for paragraph in _plain(entry.summary).split("\n\n"):
        yield from textwrap.wrap(paragraph, _WIDTH)
        yield ""
    steps = [_create(entry, url), _environment(entry), _use(entry)]
    for number, lines in enumerate(filter(None, steps), 1):
        first, *others = lines
        yield f"{number}. {first}"
        yield from (f"   {line}".rstrip() for line in others)
        yield ""
    if entry.scope:
        yield f"It asks for: {entry.scope}"
    if entry.docs:
        yield f"Read more:   {entry.docs}"


def _create(entry: Entry, url: str) -> list[str]:
    setup = entry.setup
    lines = textwrap.wrap(f"Create {setup.create}.", _WIDTH)
    lines.append(f"Where: {setup.at}")
    if entry.callback:
        lines.append(f"Callback URL: {url}{entry.callback}")
    return lines + textwrap.wrap(setup.note or "", _WIDTH)


def _environment(entry: Entry) -> list[str]:
    names = entry.environment
    if not names:
        return []
    width = max(map(len, names)) + 1
    return [
        "Put into the environment:",
        *(f"{name + '=':{width}}  {meaning}" for name, meaning in names.items()),
    ]


def _use(entry: Entry) -> list[str]:
    given = [f"{option.name}=…" for option in entry.inputs if option.default is None]
    if entry.factory == "Credentials":
        given = ["authorize=…"]
    call = f"{entry.factory}({', '.join(given)})" if given else entry.factory
    lines = [
        "Add it to the config:",
        f"from authwire.providers import {entry.factory}",
        f"AuthConfig(providers=[{call}])",
    ]
    for option in entry.inputs:
        default = f"default {option.default}" if option.default != "None" else "optional"
        default = "must be given" if option.default is None else default
        text = f"{option.name} ({default}): {_plain(option.meaning)}".removesuffix(": ")
        lines += textwrap.wrap(text, _WIDTH, subsequent_indent="  ")
    return lines
