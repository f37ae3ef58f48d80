"""The benchmarks run and report every case. How fast anything is, is not judged here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.cases import groups
from benchmarks.measure import Case, Group, measure

ROOT = Path(__file__).resolve().parent.parent


def test_quick_run_reports_every_case_in_a_table(tmp_path: Path) -> None:
    output = tmp_path / "benchmarks.md"
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "run.py", "--quick", "--output", output],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = output.read_text("utf-8")
    assert written.strip() == done.stdout.strip()
    for group in groups():
        assert f"## {group.title}" in written
        for case in group.cases:
            number = r"\d+\.\d+"
            ratio = f"{number} | {re.escape(case.against)}" if case.against else " | "
            assert re.search(
                rf"^\| {re.escape(case.name)} \| {number} \| {ratio} \|$", written, re.MULTILINE
            )


@pytest.mark.parametrize("group", groups(), ids=lambda group: group.title)
def test_each_case_is_compared_with_another_of_its_group(group: Group) -> None:
    names = [case.name for case in group.cases]
    assert len(set(names)) == len(names)
    assert all(case.against in names for case in group.cases if case.against is not None)


def test_measure_calls_each_case_in_every_round() -> None:
    calls: list[str] = []

    async def waits() -> None:
        calls.append("async")

    group = Group(
        "two", [Case("plain", lambda: calls.append("plain")), Case("async", waits, "plain")]
    )
    results = measure(group, rounds=3, calls=5)
    assert [(result.name, result.against) for result in results] == [
        ("plain", None),
        ("async", "plain"),
    ]
    assert results[0].ratio is None
    assert results[1].ratio is not None
    warm_up = ["plain"] * 2 + ["async"] * 2
    assert calls == warm_up + (["plain"] * 5 + ["async"] * 5) * 3
