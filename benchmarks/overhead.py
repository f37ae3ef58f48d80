"""CPU time that Authwire adds to a request, for each framework.

    python benchmarks/overhead.py flask 21        prints the figures of one module of ``frameworks``

Each module is measured in a process of its own, so that no framework slows down another. The app is
asked in process, without a socket. Its four cases take turns, round after round, as in ``measure.py``.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks import sample  # noqa: E402  # from this tree, see above
from benchmarks.frameworks import MODULES  # noqa: E402  # as above
from benchmarks.frameworks._common import (  # noqa: E402  # as above
    ANSWER,
    Ask,
    Call,
    Framework,
    Refused,
)
from benchmarks.measure import Case, _batch, _fitting  # noqa: E402  # as above

from authwire import Auth  # noqa: E402  # as above

__all__ = ["CASES", "load", "measure_framework", "measure_overhead", "times_and_more"]

CASES: Mapping[str, str] = {
    "bare": "a route without Authwire",
    "installed": "the same route in an app with Authwire",
    "jwt": "a protected route, JWT",
    "database": "a protected route, database",
}


def measure_overhead(
    *, rounds: int, calls: int | None = None, modules: Sequence[str] = MODULES
) -> dict[str, Any]:
    """CPU microseconds by framework and case, a figure a round, and which modules are left out.

    Args:
        rounds: how often each case takes its turn.
        calls: how often each is called in a round; by default as often as fits into 30 ms.
        modules: which of ``frameworks``.

    Raises:
        RuntimeError: if a module fails for another reason than a package that is missing.
    """
    frameworks: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for module in modules:
        command = [sys.executable, __file__, module, str(rounds), str(calls or 0)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{module}: {done.stderr.strip() or done.returncode}")
        found = json.loads(done.stdout)
        if isinstance(found, str):
            missing[module] = found
        else:
            frameworks.update(found)
    return {"frameworks": frameworks, "missing": missing}


def times_and_more(figures: Mapping[str, Sequence[float]], case: str) -> tuple[float, float]:
    """How many times the bare route's CPU time a case takes, and how many microseconds more.

    Both are taken within each round.
    """
    pairs = list(zip(figures[case], figures["bare"], strict=True))
    return median(a / b if b else 0.0 for a, b in pairs), median(a - b for a, b in pairs)


# --- in the process of one module -----------------------------------------------------------------


def load(module: str) -> dict[str, Framework]:
    """The frameworks of a module.

    Raises:
        ModuleNotFoundError: if it needs a package that is not installed.
    """
    found: dict[str, Framework] = import_module(f"benchmarks.frameworks.{module}").FRAMEWORKS
    return found


def measure_framework(
    framework: Framework, *, rounds: int, calls: int | None = None
) -> dict[str, list[float]]:
    """CPU microseconds of each case, a figure a round.

    Raises:
        RuntimeError: if a route does not answer as it should, so that its time would say nothing.
    """
    with asyncio.Runner() as runner:
        runs = {case.name: _batch(case, runner) for case in _cases(framework, runner)}
        for run in runs.values():
            run(2)  # imports, caches, compiled patterns
        counts = {name: calls or _fitting(run) for name, run in runs.items()}
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                times[name].append(run(counts[name]) / counts[name] * 1e6)
    return times


def _cases(framework: Framework, runner: asyncio.Runner) -> list[Case]:
    """What is measured, in the order of `CASES`."""
    held = sample.held(Auth(sample.config(), environ={}))
    jwt, row = f"{held}; {sample.NAME}={sample.token()}", f"{held}; {sample.NAME}={sample.ROW_KEY}"
    bare = framework.asking(framework.build(None))
    with_jwt = framework.asking(framework.build(sample.config_for("jwt")))
    with_rows = framework.asking(framework.build(sample.config_for("database")))
    for ask in (with_jwt, with_rows):
        _check_guard(ask, held, runner)
    calls = (
        bare("/open", jwt),
        with_jwt("/open", jwt),
        with_jwt("/protected", jwt),
        with_rows("/protected", row),
    )
    for call in calls:
        body = _called(call, runner)
        if json.loads(body) != ANSWER:
            raise RuntimeError(f"not the answer that was expected: {body!r}")
    return [Case(name, call) for name, call in zip(CASES, calls, strict=True)]


def _check_guard(ask: Ask, held: str, runner: asyncio.Runner) -> None:
    """Authwire is there, and keeps strangers out."""
    found = json.loads(_called(ask("/auth/csrf", held), runner))
    if found["csrfToken"] not in held:
        raise RuntimeError("the routes are not those of Authwire")
    try:
        _called(ask("/protected", held), runner)
    except Refused as exc:
        if exc.status != 401:
            raise
    else:
        raise RuntimeError("the protected route lets strangers in")


def _called(call: Call, runner: asyncio.Runner) -> bytes:
    body: bytes = runner.run(call()) if inspect.iscoroutinefunction(call) else call()
    return body


def _figures(module: str, rounds: int, calls: int | None) -> dict[str, Any] | str:
    """By framework; or why there are none."""
    try:
        frameworks = load(module)
    except ModuleNotFoundError as exc:
        return str(exc)
    return {
        name: {
            "title": framework.title,
            "figures": measure_framework(framework, rounds=rounds, calls=calls),
        }
        for name, framework in frameworks.items()
    }


def main(arguments: list[str]) -> None:
    logging.disable(logging.CRITICAL)
    module, rounds, *calls = arguments
    json.dump(_figures(module, int(rounds), int(calls[0]) or None if calls else None), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
