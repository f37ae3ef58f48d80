"""``authwire db create`` and ``authwire db check``."""

from __future__ import annotations

import json
import sys
from typing import Any, cast

from authwire.cli.db.advice import advice_for, has_tables
from authwire.cli.db.outcome import MISSING, OK, Refused
from authwire.cli.db.store import Store, run
from authwire.cli.db.target import Target
from authwire.config import AuthConfig
from authwire.resolve.adapters import adapter_problems

__all__ = ["NO_DATABASE", "check", "create"]

NO_DATABASE = "This app has no adapter: its sessions are in cookies, and there is nothing to {}."


def create(target: Target) -> int:
    """Create what is missing, and say what that was."""
    if target.adapter is None:
        print(NO_DATABASE.format("create"))
        return OK
    return run(target.adapter, lambda store: _create(store, target.name))


async def _create(store: Store, name: str) -> int:
    if not store.has("create_schema"):
        print(f"{name} needs no preparing.")
        return OK
    checks = store.has("check_schema")
    before: list[str] = await store.call("check_schema") if checks else []
    await store.call("create_schema")
    if not checks:
        print(f"{name} created what was missing.")
        return OK
    after: list[str] = await store.call("check_schema")
    made = [sentence for sentence in before if sentence not in after]
    for sentence in made:
        print(f"created: {sentence.removesuffix(' is missing')}")
    if after:
        for sentence in after:
            print(sentence)
        _tell(f"create changes nothing that is there; {_change(store.adapter)}")
        return MISSING
    print(f"{name} has all that it needs." if made else f"{name} had all that it needs.")
    return OK


def check(target: Target, *, as_json: bool) -> int:
    """Print what is missing, a line each."""
    missing: list[str] = []
    if target.adapter is not None:
        missing = run(target.adapter, lambda store: _missing(store, target.name))
    warnings = _warnings(target)
    if as_json:
        told = {
            "adapter": None if target.adapter is None else target.name,
            "ok": not missing,
            "missing": missing,
            "warnings": warnings,
        }
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return MISSING if missing else OK
    for sentence in missing:
        print(sentence)
    for warning in warnings:
        _tell(f"warning: {warning}")
    if missing:
        _tell(_cure(target.adapter))
        return MISSING
    print(
        NO_DATABASE.format("check")
        if target.adapter is None
        else f"{target.name} has all that it needs."
    )
    return OK


async def _missing(store: Store, name: str) -> list[str]:
    if store.has("check_schema"):
        return cast("list[str]", await store.call("check_schema"))
    if store.has("create_schema"):
        raise Refused(f"{name} has no check_schema(): it cannot say what is missing")
    return []  # its store needs no preparing


def _warnings(target: Target) -> list[str]:
    """What the configured features lack. An `Auth` has refused to start for it already."""
    config = target.config
    if config is None:
        return []
    strategy = config.session.strategy or ("database" if config.adapter else "jwt")
    problems = adapter_problems(config.adapter, strategy, _kinds(config))
    return [str(problem) for problem in problems]


def _kinds(config: AuthConfig[Any]) -> set[str]:
    """The types of the configured providers; of one that is not made yet, as it is when made."""
    made = (given() if callable(given) else given for given in config.providers)
    return {provider.type for provider in made}


def _cure(adapter: Any) -> str:
    """How what is missing comes about."""
    return advice_for(adapter) or f"authwire db create makes what it can; {_change(adapter)}"


def _change(adapter: Any) -> str:
    """How tables that exist are changed."""
    if advice := advice_for(adapter):
        return advice
    if has_tables(adapter):
        return "authwire db migrate writes a migration for what can be added"
    return "the rest takes a change by hand"


def _tell(text: str) -> None:
    print(f"authwire: {text}", file=sys.stderr)
