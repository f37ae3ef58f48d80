"""The judge of the parity runs is judged itself."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest


def _load() -> Any:
    spec = importlib.util.spec_from_file_location(
        "parity_check", Path(__file__).with_name("check.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


check = _load()
DOCUMENT = """
# Title
| Scenario | Auth.js |
|---|---|
| `one-thing`, `other-thing` | says `not-a-scenario` |

## Passkeys
| Scenario |
|---|
| `key-thing` |
"""


def run(**outcome: bool) -> dict[str, Any]:
    results = [{"id": name.replace("_", "-"), "ok": ok, "diff": []} for name, ok in outcome.items()]
    results += [{"id": f"good-{n}", "ok": True, "diff": []} for n in range(100)]
    return {"results": results}


def test_the_first_column_names_the_scenarios() -> None:
    known = check.listed(DOCUMENT)
    assert known.differing == {"one-thing", "other-thing"}
    assert known.passkeys == {"key-thing"}


def test_a_scenario_listed_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="key-thing"):
        check.listed(DOCUMENT + "| `key-thing` |\n")


def test_a_run_as_the_document_says_is_well() -> None:
    result = run(one_thing=False, other_thing=False, key_thing=False)
    assert check.complaints(result, check.listed(DOCUMENT)) == []


def test_a_part_of_the_scenarios_may_be_run() -> None:
    assert check.complaints(run(one_thing=False), check.listed(DOCUMENT)) == []


def test_a_difference_that_is_not_listed_is_a_complaint() -> None:
    found = check.complaints(run(new_thing=False), check.listed(DOCUMENT))
    assert found == ["differs and is not listed: new-thing"]


def test_an_entry_that_does_not_differ_any_more_is_a_complaint() -> None:
    found = check.complaints(run(one_thing=True, key_thing=True), check.listed(DOCUMENT))
    assert found == [
        "listed and does not differ: key-thing",
        "listed and does not differ: one-thing",
    ]


def test_too_few_matches_are_a_complaint_even_if_all_are_listed() -> None:
    names = {f"bad_{n}" for n in range(6)}
    document = DOCUMENT + "## More\n" + "".join(f"| `{n.replace('_', '-')}` |\n" for n in names)
    (found,) = check.complaints(run(**dict.fromkeys(names, False)), check.listed(document))
    assert found == "only 94.3 % match, and 95 % must"


def test_the_document_can_be_read() -> None:
    known = check.listed(check.DOCUMENT.read_text())
    assert known.differing
    assert known.passkeys
