"""Compares a run of the rig with ``docs/differences.md``.

Reads what ``parity.py --json`` printed, from a file or standard input. Exit status 1 if a scenario
differs that the document does not list, if it lists one that does not differ, or if fewer scenarios
match than must.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "differences.md"
MUST_MATCH: Final = 95.0
"""Percent of all scenarios, not counting what passkeys do otherwise: holes that must not be copied."""
_PASSKEYS: Final = "## Passkeys"
_SCENARIO: Final = re.compile(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`")


@dataclass(frozen=True)
class Listed:
    """The scenario ids in the first column of the document's tables."""

    differing: frozenset[str]
    passkeys: frozenset[str]
    """Those about passkeys, which are a table of their own."""


def listed(document: str) -> Listed:
    """Read the tables.

    Raises:
        ValueError: if a scenario is listed twice.
    """
    found: dict[bool, list[str]] = {False: [], True: []}
    about_passkeys = False
    for line in document.splitlines():
        if line.startswith("## "):
            about_passkeys = line.startswith(_PASSKEYS)
        elif line.startswith("|"):
            found[about_passkeys] += _SCENARIO.findall(line.split("|")[1])
    every = found[False] + found[True]
    twice = sorted({name for name in every if every.count(name) > 1})
    if twice:
        raise ValueError(f"listed twice: {', '.join(twice)}")
    return Listed(frozenset(found[False]), frozenset(found[True]))


def complaints(result: dict[str, Any], known: Listed) -> list[str]:
    """What is wrong with a run, in sentences; empty if all is well.

    A run of some scenarios only is held to what the document says of those.
    """
    outcome: dict[str, bool] = {each["id"]: each["ok"] for each in result["results"]}
    differing = {name for name, ok in outcome.items() if not ok}
    every = known.differing | known.passkeys
    found = [f"differs and is not listed: {name}" for name in sorted(differing - every)]
    stale = sorted(name for name in every if outcome.get(name, False))
    found += [f"listed and does not differ: {name}" for name in stale]
    share = _share([ok or name in known.passkeys for name, ok in outcome.items()])
    if share < MUST_MATCH:
        found.append(f"only {share:.1f} % match, and {MUST_MATCH:.0f} % must")
    return found


def _share(counted: list[bool]) -> float:
    return 100 * sum(counted) / len(counted) if counted else 100.0


def _summary(result: dict[str, Any], known: Listed) -> str:
    results = result["results"]
    matching = sum(each["ok"] for each in results)
    passkeys = sum(not each["ok"] and each["id"] in known.passkeys for each in results)
    differing = len(results) - matching
    share = 100 * differing / len(results) if results else 0.0
    return (
        f"{matching} of {len(results)} scenarios match, {differing} differ ({share:.1f} %), "
        f"{passkeys} of them about passkeys"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", nargs="?", help="what parity.py --json printed (default: stdin)")
    given = parser.parse_args().result
    result = json.loads(Path(given).read_text() if given else sys.stdin.read())
    known = listed(DOCUMENT.read_text())
    for each in result["results"]:
        if not each["ok"] and each["id"] not in known.differing | known.passkeys:
            print(f"DIFF {each['id']}", *each["diff"], sep="\n    ")
    found = complaints(result, known)
    print(_summary(result, known), *found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
