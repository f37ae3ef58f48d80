"""Measures and prints Markdown tables; also writes them to build/benchmarks.md.

    python benchmarks/run.py            21 rounds, about half a minute
    python benchmarks/run.py --quick    one round of two calls: does everything run?
    python benchmarks/run.py routes     only groups whose title has this word

How it measures is told in ``measure.py``.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.cases import groups  # noqa: E402  # from this tree, see above
from benchmarks.measure import Group, Result, measure  # noqa: E402  # as above

OUTPUT = ROOT / "build" / "benchmarks.md"


def report(group: Group, results: list[Result]) -> str:
    """A table of one group."""
    lines = [f"## {group.title}", "", "| What | CPU µs | Ratio | to |", "|---|---:|---:|---|"]
    for result in results:
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        lines.append(
            f"| {result.name} | {result.microseconds:.1f} | {ratio} | {result.against or ''} |"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("word", nargs="?", default="", help="measure groups whose title has it")
    parser.add_argument("--quick", action="store_true", help="one round of two calls")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    parts = [
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores"
    ]
    print(parts[0])
    for group in groups():
        if options.word.lower() not in group.title.lower():
            continue
        if options.quick:
            results = measure(group, rounds=1, calls=2)
        else:
            results = measure(group, rounds=options.rounds)
        parts.append(report(group, results))
        print(f"\n{parts[-1]}", flush=True)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("\n\n".join(parts) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
