"""What noxfile.py tests is what pyproject.toml promises and docs/compatibility.md tells."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import noxfile
import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
COMPATIBILITY = ROOT / "docs/compatibility.md"
TABLES: dict[str, dict[str, noxfile.Tested]] = {
    "Frameworks": noxfile.FRAMEWORKS,
    "Databases": noxfile.DATABASES,
}
ROWS = [(name, row) for table in TABLES.values() for name, row in table.items()]
# Extras that no integration or adapter of their own stands behind.
OTHERS = {"all", "demo", "email", "migrations", "webauthn"}
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[\w,]+\])?(?:>=(?P<bound>[\w.]+))?")
ROW = re.compile(r"^\| ([^|]+?) \| `authwire\[([\w-]+)\]` \| ([\d.]+) \| ([\d.]+) \|", re.MULTILINE)


def plain(package: str) -> str:
    """The name of a package as the index compares it, without extras."""
    found = REQUIREMENT.match(package)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found["name"]).lower()


def bounds(requirements: list[str]) -> dict[str, str | None]:
    found = (REQUIREMENT.fullmatch(each) for each in requirements)
    return {plain(each["name"]): each["bound"] for each in found if each is not None}


def pinned() -> dict[str, str]:
    """constraints.txt: the newest versions that were tested."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line)
    return {plain(name): version for name, version in pairs}


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_the_oldest_version_tested_is_the_lower_bound_of_the_extra(
    name: str, row: noxfile.Tested
) -> None:
    assert bounds(EXTRAS[name])[plain(row.package)] == row.oldest


def test_every_extra_with_code_behind_it_has_a_row() -> None:
    assert {name for name, _ in ROWS} == EXTRAS.keys() - OTHERS


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[name for name, _ in ROWS])
def test_what_a_row_runs_exists(name: str, row: noxfile.Tested) -> None:
    assert [path for path in row.tests if not (ROOT / path).exists()] == []


def test_every_app_of_the_scenarios_has_its_framework_in_the_table() -> None:
    apps = {path.stem for path in (ROOT / "tests/integrations/apps").glob("[!_]*.py")}
    assert apps - {"asgi", "wsgi"} == noxfile.FRAMEWORKS.keys()


def test_the_oldest_and_the_newest_differ_in_what_is_installed() -> None:
    row = noxfile.Tested("thing[x]", "1.2", (), beside=("b",), with_oldest=("c<3",))
    assert row.requirements("oldest") == ["thing[x]==1.2", "b", "c<3"]
    assert row.requirements("newest") == ["thing[x]", "b"]


def test_the_pythons_are_those_of_the_project() -> None:
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert named == noxfile.PYTHONS
    assert PROJECT["requires-python"] == f">={noxfile.OLDEST_PYTHON}"
    assert ", ".join(named) in section(COMPATIBILITY.read_text("utf-8"), "Python")


@pytest.mark.parametrize("title", TABLES)
def test_the_page_has_a_line_for_each_row(title: str) -> None:
    newest = pinned()
    told = ROW.findall(section(COMPATIBILITY.read_text("utf-8"), title))
    assert [(extra, oldest, latest) for _, extra, oldest, latest in told] == [
        (name, row.oldest, newest[plain(row.package)]) for name, row in TABLES[title].items()
    ]


def test_the_page_tells_what_an_oldest_version_needs() -> None:
    page = COMPATIBILITY.read_text("utf-8")
    needed = {each for _, row in ROWS for each in row.with_oldest}
    assert [each for each in sorted(needed) if f"`{each}`" not in page] == []
