"""What Authwire sets out to reach, and whether a run reached it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.compare import ratio
from benchmarks.lineup import SCENARIOS

__all__ = ["Goal", "best_flight", "codec_ratio", "goals", "session_growth"]

Results = Mapping[str, Any]

PROPORTION = 0.8
"""Requests per second count as in proportion from this share of the CPU ratio on."""
FLAT_PROVIDERS = 1.10
FLAT_SESSIONS = 1.25
STEADY_MEMORY = 1.01
IMPORT_MILLISECONDS = 60.0
FLOOR = 1.5
CODEC = 10.0
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Goal:
    """One line of the table."""

    what: str
    wanted: str
    measured: str
    met: bool | None
    """None if it was not measured."""


def goals(results: Results) -> list[Goal]:
    """All goals, in the order of the table."""
    found: list[Goal] = []
    for check in (_codec, _servers, _throughput, _imports, _memory, _providers, _sessions):
        found.extend(check(results))
    return found


def _at_least(what: str, wanted: float, value: float | None, *, more: str = TIMES) -> Goal:
    if value is None:
        return Goal(what, f"≥ {wanted:g} {more}", "not measured", None)
    return Goal(what, f"≥ {wanted:g} {more}", f"{value:.1f} {more}", value >= wanted)


def _at_most(what: str, wanted: float, value: float | None, unit: str, digits: int = 2) -> Goal:
    if value is None:
        return Goal(what, f"≤ {wanted:g} {unit}", "not measured", None)
    return Goal(what, f"≤ {wanted:g} {unit}", f"{value:.{digits}f} {unit}", value <= wanted)


# --- the codec ------------------------------------------------------------------------------------


def best_flight(figures: Mapping[str, list[float]]) -> str | None:
    """With how many operations at a time Auth.js needs the least: a key of ``figures``."""
    known = [name for name in figures if name.startswith("authjs-")]
    return min(known, key=lambda name: median(figures[name]), default=None)


def codec_ratio(figures: Mapping[str, list[float]], of: str | None, to: str) -> float | None:
    if of is None:
        return None
    return median(a / b for a, b in zip(figures[of], figures[to], strict=True) if b)


def _codec(results: Results) -> Iterator[Goal]:
    figures = results.get("codec", {}).get("figures", {})
    for op in ("decode", "encode"):
        own = figures.get(op, {})
        yield _at_least(
            f"{op} a session token: less CPU time than @auth/core at its best concurrency",
            CODEC,
            codec_ratio(own, best_flight(own), "authwire"),
        )
    for op in ("decode", "encode"):
        own = figures.get(op, {})
        for floor, how in (("fresh", "begun anew"), ("kept", "with what the codec keeps")):
            value = codec_ratio(own, "authwire", floor) if own else None
            what = f"{op} a session token: against AES and HMAC alone, {how}"
            yield _at_most(what, FLOOR, value, TIMES)


# --- servers --------------------------------------------------------------------------------------

LESS_CPU = {
    "session-jwt": 8.0,
    "session-database": 4.0,
    "protected-jwt": 10.0,
    "protected-database": 10.0,
    "signin": 4.0,
}
KEPT = {"fastapi": 85.0, "flask": 90.0}


def _pair(results: Results, ours: str, theirs: str) -> tuple[Any, Any] | None:
    rounds = results.get("servers", {}).get("rounds", {})
    return (rounds[ours], rounds[theirs]) if ours in rounds and theirs in rounds else None


def _servers(results: Results) -> Iterator[Goal]:
    shares = []
    for name, where in (("asgi", "bare ASGI"), ("fastapi", "FastAPI")):
        pair = _pair(results, name, "authjs")
        for scenario, wanted in LESS_CPU.items():
            value = None
            if pair is not None:
                mine, theirs = pair[0][scenario], pair[1][scenario]
                value = ratio(mine, theirs, "cpu_us")
                shares.append(ratio(theirs, mine, "rps") / value if value else 0.0)
            title = SCENARIOS[scenario].title
            yield _at_least(
                f"{title}, on {where}: less CPU time than Auth.js on Express", wanted, value
            )
    lowest = min(shares, default=None)
    yield Goal(
        "requests per second in proportion: their ratio as a share of that of CPU time, the lowest",
        f"≥ {PROPORTION:.0%}",
        "not measured" if lowest is None else f"{lowest:.0%}",
        None if lowest is None else lowest >= PROPORTION,
    )


def _throughput(results: Results) -> Iterator[Goal]:
    rounds = results.get("servers", {}).get("rounds", {})
    titles = {"fastapi": "FastAPI", "flask": "Flask"}
    for name, wanted in KEPT.items():
        for scenario in ("protected-jwt", "protected-database"):
            what = f"{titles[name]}, {SCENARIOS[scenario].title}: requests per CPU second it keeps"
            if name not in rounds:
                yield Goal(what, f"≥ {wanted:.0f} %", "not measured", None)
                continue
            own = rounds[name]
            kept = 100 * ratio(own[scenario], own["bare"], "cpu_us")
            yield Goal(what, f"≥ {wanted:.0f} %", f"{kept:.1f} %", kept >= wanted)


# --- the rest -------------------------------------------------------------------------------------


def _imports(results: Results) -> Iterator[Goal]:
    found = results.get("imports")
    more = None
    if found:
        figures = found["figures"]
        pairs = zip(figures["authwire"], figures["httpx2"], strict=True)
        more = median(ours - theirs for ours, theirs in pairs)
    what = "`import authwire`: CPU time more than `import httpx2`"
    yield _at_most(what, IMPORT_MILLISECONDS, more, "ms", 0)
    unwanted = found["unwanted"] if found else None
    yield Goal(
        "`import authwire` brings no provider, adapter, framework or HTTP client along",
        "none",
        "not measured" if unwanted is None else ", ".join(unwanted) or "none",
        None if unwanted is None else not unwanted,
    )


def _memory(results: Results) -> Iterator[Goal]:
    marks = [kib for _, kib in sorted((int(n), k) for n, k in results.get("memory", {}).items())]
    value = marks[-1] / marks[0] if marks else None
    yield _at_most(
        "memory after all requests against after the first fifth", STEADY_MEMORY, value, TIMES, 3
    )


def _providers(results: Results) -> Iterator[Goal]:
    rows = {row["name"]: row["ratio"] for row in results.get("providers", {}).get("rows", ())}
    for what in ("session in app code", "GET /auth/session"):
        value = rows.get(f"{what}, 100")
        yield _at_most(f"{what}: with 100 providers against 1", FLAT_PROVIDERS, value, TIMES)


def session_growth(figures: Mapping[str, list[float]]) -> float:
    """What a read costs with the most sessions, against one."""
    sizes = sorted(figures, key=int)
    return median(b / a for a, b in zip(figures[sizes[0]], figures[sizes[-1]], strict=True))


def _sessions(results: Results) -> Iterator[Goal]:
    found = results.get("sessions", {})
    for name in ("SQLite", "PostgreSQL"):
        figures = found.get("figures", {}).get(name)
        most = max(map(int, figures)) if figures else 0
        counted = f"{most:,} stored sessions" if figures else "many stored sessions"
        what = f"session read on {name}: with {counted} against 1, by an index"
        goal = _at_most(what, FLAT_SESSIONS, session_growth(figures) if figures else None, TIMES)
        scans = _scans(found.get("plans", {}).get(name, ()))
        yield Goal(what, goal.wanted, goal.measured, goal.met and not scans)


def _scans(plan: Sequence[str]) -> list[str]:
    """Steps of a plan that read the whole table."""
    return [step for step in plan if "Seq Scan on sessions" in step or "SCAN sessions" in step]
