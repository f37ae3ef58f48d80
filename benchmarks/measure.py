"""CPU time per call, in interleaved rounds.

Wall time on a shared machine says more about its neighbours than about the code, and its speed drifts.
So: CPU time of the process; all cases of a group take turns, round after round; a ratio is taken within
each round; medians are reported.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

__all__ = ["Case", "Group", "Result", "measure"]

BATCH_SECONDS = 0.03


@dataclass(frozen=True)
class Case:
    """One thing to measure."""

    name: str
    call: Callable[[], Any]
    """Sync, or a coroutine function."""
    against: str | None = None
    """The case of the same group that the ratio is taken to."""


@dataclass(frozen=True)
class Group:
    """Cases that are compared with one another."""

    title: str
    cases: Sequence[Case]


@dataclass(frozen=True)
class Result:
    """Medians over all rounds."""

    name: str
    microseconds: float
    ratio: float | None
    against: str | None


def measure(group: Group, *, rounds: int, calls: int | None = None) -> list[Result]:
    """Measure all cases.

    Args:
        group: the cases.
        rounds: how often each takes its turn.
        calls: how often each is called in a round; by default as often as fits into 30 ms.
    """
    with asyncio.Runner() as runner:
        runs = {case.name: _batch(case, runner) for case in group.cases}
        for run in runs.values():
            run(2)  # imports, caches, compiled patterns
        counts = {name: calls or _fitting(run) for name, run in runs.items()}
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                times[name].append(run(counts[name]) / counts[name])
    return [_result(case, times) for case in group.cases]


def _batch(case: Case, runner: asyncio.Runner) -> Callable[[int], float]:
    """A function that makes so many calls and returns the CPU seconds they took."""
    call = case.call

    async def many(count: int) -> float:
        start = time.process_time()
        for _ in range(count):
            await call()
        return time.process_time() - start

    def many_plain(count: int) -> float:
        start = time.process_time()
        for _ in range(count):
            call()
        return time.process_time() - start

    if inspect.iscoroutinefunction(call):
        return lambda count: runner.run(many(count))
    return many_plain


def _fitting(run: Callable[[int], float]) -> int:
    count = 8
    while (spent := run(count)) < BATCH_SECONDS / 2:
        count *= 2
    return max(1, int(count * BATCH_SECONDS / spent))


def _result(case: Case, times: Mapping[str, Sequence[float]]) -> Result:
    own = times[case.name]
    ratio = None
    if case.against is not None:
        pairs = zip(own, times[case.against], strict=True)
        ratio = median(mine / theirs if theirs else 0.0 for mine, theirs in pairs)
    return Result(case.name, median(own) * 1e6, ratio, case.against)
