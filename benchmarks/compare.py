"""Servers against one another: the same requests to each in turn, round after round.

All servers run all the time, one process each; who has nothing to do takes no CPU time. A ratio is
taken within each round, where the machine was about as fast for both; medians are reported.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.lineup import SCENARIOS, Contestant, Scenario, cookies_for, lineup
from benchmarks.load import Asked, client_name, drive_load
from benchmarks.sample import browser_headers
from benchmarks.serving import NotThere, Server, serve

__all__ = ["Effort", "compare_servers", "count_workers", "ratio"]

STRATEGIES = ("jwt", "database")
WORKERS = (1, 2)


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int = 5
    seconds: float = 2.0
    requests: int = 0
    """Instead of seconds."""

    def asked(
        self, port: int, path: str, headers: list[tuple[str, str]], connections: int
    ) -> Asked:
        return Asked(port, path, headers, connections, self.seconds, self.requests)


@dataclass
class Station:
    """One request to one server, and what came of it."""

    server: Server
    asked: Asked
    rounds: list[dict[str, float]] = field(default_factory=list)

    def run(self) -> dict[str, float]:
        before = self.server.cpu_seconds()
        done = drive_load(self.asked)
        used = self.server.cpu_seconds() - before
        return {"cpu_us": used / done.requests * 1e6, "rps": done.requests / done.seconds}


def compare_servers(effort: Effort) -> dict[str, Any]:
    """Measure all servers of the line-up that can be had here."""
    missing: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        contestants = lineup()
        stations = {
            name: made
            for name, servers in _started(stack, contestants, missing).items()
            if (made := _stations(contestants[name], servers, effort))
        }
        _run(stations, effort)
        rounds = {
            name: {scenario: station.rounds for scenario, station in made.items()}
            for name, made in stations.items()
        }
    return {
        "client": client_name() if not effort.requests else "our own client",
        "server": _server_names(),
        "titles": {name: contestant.title for name, contestant in contestants.items()},
        "missing": missing,
        "rounds": rounds,
    }


def _started(
    stack: contextlib.ExitStack, contestants: Mapping[str, Contestant], missing: dict[str, str]
) -> dict[str, dict[str, Server]]:
    """The servers by contestant and strategy; all start at once."""
    running: dict[str, dict[str, Server]] = {}
    for name, contestant in contestants.items():
        with _noted(name, missing):
            running[name] = {
                strategy: stack.enter_context(serve(contestant.launch(strategy)))
                for strategy in STRATEGIES
            }
    for name, servers in list(running.items()):
        with _noted(name, missing):
            for strategy, server in servers.items():
                server.wait()
                prepare = contestants[name].prepare
                if prepare is not None:
                    prepare(server, strategy)
    return {name: servers for name, servers in running.items() if name not in missing}


@contextlib.contextmanager
def _noted(name: str, missing: dict[str, str]) -> Iterator[None]:
    try:
        yield
    except NotThere as exc:
        missing[name] = str(exc)
        print(f"{name}: {exc}", file=sys.stderr, flush=True)


def _stations(
    contestant: Contestant, servers: Mapping[str, Server], effort: Effort
) -> dict[str, Station]:
    made = {}
    for key, scenario in SCENARIOS.items():
        path = contestant.path(key)
        if path:
            server = servers[scenario.strategy]
            headers = _headers(contestant, server, scenario)
            _check(contestant, scenario, server, path, headers)
            made[key] = Station(server, effort.asked(server.port, path, headers, 16))
    return made


def _headers(contestant: Contestant, server: Server, scenario: Scenario) -> list[tuple[str, str]]:
    strategy = scenario.strategy if scenario.signed_in else "nobody"
    return browser_headers(cookies_for(contestant, server, strategy), scenario.accept)


def _check(
    contestant: Contestant,
    scenario: Scenario,
    server: Server,
    path: str,
    headers: list[tuple[str, str]],
) -> None:
    answer = server.ask(path, headers)
    if answer.status != 200 or scenario.shows.encode() not in answer.body:
        raise RuntimeError(
            f"{contestant.title}: {path} ({scenario.title}) answers {answer.status}: "
            f"{answer.body[:200].decode('utf-8', 'replace')}"
        )


def _run(stations: Mapping[str, Mapping[str, Station]], effort: Effort) -> None:
    """All scenarios of all servers in turn. The first time only warms up."""
    for number in range(effort.rounds + 1):
        for scenario in SCENARIOS:
            for name, made in stations.items():
                if scenario in made:
                    got = made[scenario].run()
                    if number:
                        made[scenario].rounds.append(got)
                        _tell(f"{number}/{effort.rounds}  {scenario}  {name}", got)


def _tell(what: str, got: Mapping[str, float]) -> None:
    print(
        f"{what:45} {got['cpu_us']:8.0f} µs CPU {got['rps']:8.0f} /s", file=sys.stderr, flush=True
    )


def count_workers(effort: Effort) -> dict[str, Any]:
    """Requests per second of Authwire on FastAPI with one and with two workers."""
    scenario = SCENARIOS["protected-jwt"]
    stations = {}
    with contextlib.ExitStack() as stack:
        for workers in WORKERS:
            contestant = lineup(workers)["fastapi"]
            server = stack.enter_context(serve(contestant.launch("jwt")))
            server.wait()
            headers = _headers(contestant, server, scenario)
            stations[workers] = Station(
                server, effort.asked(server.port, scenario.path, headers, 32)
            )
        for number in range(effort.rounds + 1):
            for workers, station in stations.items():
                got = station.run()
                if number:
                    station.rounds.append(got)
                    _tell(f"{number}/{effort.rounds}  {workers} workers", got)
    rounds = {str(workers): station.rounds for workers, station in stations.items()}
    return {"cores": os.cpu_count(), "rounds": rounds}


def ratio(mine: list[dict[str, float]], theirs: list[dict[str, float]], what: str) -> float:
    """How much more ``theirs`` is than ``mine``: the median of what it is in each round."""
    pairs = zip(mine, theirs, strict=True)
    return median(their[what] / our[what] if our[what] else 0.0 for our, their in pairs)


def _server_names() -> str:
    parts = ["uvicorn", "uvloop", "httptools", "gunicorn", "fastapi", "flask"]
    found = []
    for part in parts:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found.append(f"{part} {importlib.metadata.version(part)}")
    return ", ".join(found)
