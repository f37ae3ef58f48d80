"""Measures everything in one run, and makes a report with a plot of it.

    python benchmarks/run.py                  about thirteen minutes
    python benchmarks/run.py servers codec    only these parts
    python benchmarks/run.py --quick          one round of very little: does everything run?
    python benchmarks/run.py --write          also fills in docs/performance.md
    python benchmarks/run.py --from build/bench/results.json --write    without measuring again

Results, report and plot go to build/bench. How it measures is told in ``measure.py`` (inside a
process) and ``compare.py`` (servers).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks import cases, compare, growth, memory, overhead, startup, tokens  # noqa: E402  # from this tree
from benchmarks.lineup import node_program  # noqa: E402  # as above
from benchmarks.measure import Group, measure  # noqa: E402  # as above
from benchmarks.report import filled, plot, report  # noqa: E402  # as above
from benchmarks.serving import NotThere  # noqa: E402  # as above

OUTPUT = ROOT / "build" / "bench"
PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.svg"
MEMORY_MARKS = (20_000, 40_000, 60_000, 80_000, 100_000)
SESSIONS = (1, 1_000, 1_000_000)

_ALL = "--write wants all parts, measured well"

Options = argparse.Namespace


def _measured(group: Group, options: Options) -> dict[str, Any]:
    results = measure(group, rounds=options.rounds or 21, calls=2 if options.quick else None)
    return {"title": group.title, "rows": [asdict(result) for result in results]}


def _effort(options: Options) -> compare.Effort:
    requests = 20 if options.quick else 0
    return compare.Effort(options.rounds or 5, 0.0 if options.quick else options.seconds, requests)


def _codec(options: Options) -> Any:
    count = 20 if options.quick else 500
    return tokens.compare_codecs(rounds=options.rounds or 11, count=count)


def _memory(options: Options) -> Any:
    marks = tuple(mark // 500 for mark in MEMORY_MARKS) if options.quick else MEMORY_MARKS
    return memory.measure_memory(marks)


def _sessions(options: Options) -> Any:
    sizes, reads = ((1, 20), 2) if options.quick else (options.sessions, 200)
    return growth.measure_sessions(sizes, rounds=options.rounds or 11, reads=reads)


MEASURES: dict[str, Callable[[Options], Any]] = {
    "servers": lambda options: compare.compare_servers(_effort(options)),
    "codec": _codec,
    "imports": lambda options: startup.measure_imports(rounds=options.rounds or 15),
    "memory": _memory,
    "providers": lambda options: _measured(growth.providers_group(), options),
    "sessions": _sessions,
    "workers": lambda options: compare.count_workers(_effort(options)),
    "frameworks": lambda options: overhead.measure_overhead(
        rounds=options.rounds or 21, calls=2 if options.quick else None
    ),
    "micro": lambda options: [_measured(group, options) for group in cases.groups()],
}


def _machine(options: Options) -> dict[str, Any]:
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "node": _node_version(),
        "cores": os.cpu_count(),
        "cpu": _cpu_name(),
        "quick": options.quick,
    }


def _node_version() -> str:
    try:
        program = node_program()
    except NotThere:
        return "no Node"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return f"Node {said.stdout.strip().removeprefix('v')}"


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="one round of very little")
    parser.add_argument("--rounds", type=int, default=0, help="by default what suits the part")
    parser.add_argument("--seconds", type=float, default=2.0, help="of load in a round (2)")
    parser.add_argument("--sessions", type=_sizes, default=SESSIONS, help="1,1000,1000000")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder of the report")
    parser.add_argument("--from", dest="source", type=Path, help="results of an earlier run")
    parser.add_argument("--write", action="store_true", help="fill in docs/performance.md")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(MEASURES)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if options.write and (options.quick or options.parts):
        parser.error(_ALL)
    if options.quick:
        options.rounds = 1
    return options


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.split(",")))


def _measure_all(options: Options) -> dict[str, Any]:
    results: dict[str, Any] = {"machine": _machine(options)}
    for name, make in MEASURES.items():
        if not options.parts or name in options.parts:
            print(f"--- {name}", file=sys.stderr, flush=True)
            results[name] = make(options)
    return results


def _end(number: int, frame: FrameType | None) -> None:
    """Leave as after an exception, so that every server is stopped."""
    sys.exit(128 + number)


def main(arguments: list[str]) -> None:
    options = _options(arguments)
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGTERM, _end)
    if options.source is not None:
        results = json.loads(options.source.read_text("utf-8"))
        if options.write and (results["machine"]["quick"] or set(MEASURES) - set(results)):
            print(f"{options.source}: {_ALL}", file=sys.stderr)
            sys.exit(2)
    else:
        results = _measure_all(options)
    options.output.mkdir(parents=True, exist_ok=True)
    made = {"results.json": json.dumps(results, indent=1), "report.md": report(results)}
    if "servers" in results:
        made["report.svg"] = plot(results)
    for name, text in made.items():
        (options.output / name).write_text(text, "utf-8")
    if options.write:
        PAGE.write_text(filled(PAGE.read_text("utf-8"), results), "utf-8")
        PLOT.write_text(plot(results), "utf-8")
    print(made["report.md"])


if __name__ == "__main__":
    main(sys.argv[1:])
