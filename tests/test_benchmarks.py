"""The benchmarks run and report everything. How fast anything is, is not judged here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from benchmarks.cases import groups
from benchmarks.compare import ratio
from benchmarks.frameworks import MODULES
from benchmarks.frameworks._common import ANSWER, Framework, over_protocol, over_wsgi
from benchmarks.frameworks.wsgi import FRAMEWORKS
from benchmarks.goals import Goal, best_flight, goals
from benchmarks.lineup import SCENARIOS, lineup
from benchmarks.load import Asked, _own
from benchmarks.measure import Case, Group, measure
from benchmarks.overhead import CASES, measure_framework, measure_overhead, times_and_more
from benchmarks.plot import bars
from benchmarks.report import PARTS, filled
from benchmarks.serving import Launch, NotThere, _group, serve
from benchmarks.startup import _is_unwanted, unwanted_modules

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "benchmarks" / "run.py"
OURS = ("fastapi", "asgi", "flask")
ANSWERS = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200 if self.path == "/bare" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A quick run of everything."""
    folder = tmp_path_factory.mktemp("bench")
    done = subprocess.run(
        [sys.executable, RUN, "--quick", "--output", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(
        printed=done.stdout,
        report=(folder / "report.md").read_text("utf-8"),
        plot=(folder / "report.svg").read_text("utf-8"),
        results=json.loads((folder / "results.json").read_text("utf-8")),
        folder=folder,
    )


# --- the report -----------------------------------------------------------------------------------


def test_quick_run_reports_every_part(quick: SimpleNamespace) -> None:
    assert quick.report.strip() == quick.printed.strip()
    for title, _ in PARTS.values():
        assert f"\n## {title}\n" in quick.report
    assert "Not measured" not in quick.report


def test_quick_run_reports_every_case_in_a_table(quick: SimpleNamespace) -> None:
    for group in groups():
        assert f"### {group.title}" in quick.report
        for case in group.cases:
            number = r"\d+\.\d+"
            ratio = f"{number} | {re.escape(case.against)}" if case.against else " | "
            assert re.search(
                rf"^\| {re.escape(case.name)} \| {number} \| {ratio} \|$",
                quick.report,
                re.MULTILINE,
            )


def test_each_server_is_measured_in_each_scenario_or_left_out_with_the_reason(
    quick: SimpleNamespace,
) -> None:
    servers = quick.results["servers"]
    for name, contestant in lineup().items():
        if name in servers["missing"]:
            assert name not in OURS
            assert f"- {contestant.title}: {servers['missing'][name]}" in quick.report
        else:
            wanted = {key for key in SCENARIOS if contestant.path(key)}
            assert set(servers["rounds"][name]) == wanted
            for rounds in servers["rounds"][name].values():
                assert [sorted(one) for one in rounds] == [["cpu_us", "rps"]]
                assert all(one["rps"] > 0 for one in rounds)


def test_every_goal_has_a_line_with_a_verdict_if_it_was_measured(quick: SimpleNamespace) -> None:
    found = goals(quick.results)
    part = quick.report.partition("## Goals")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if re.search(r"\| (yes|\*\*no\*\*|) \|$", line)]
    assert len(found) == len(lines) == 28
    for goal in found:
        assert (goal.met is None) == (goal.measured == "not measured")
        assert any(f"| {goal.what} | {goal.wanted} | {goal.measured} |" in line for line in lines)


def test_goals_of_what_was_not_measured_are_neither_met_nor_missed() -> None:
    assert {(goal.measured, goal.met) for goal in goals({})} == {("not measured", None)}


def test_a_report_can_be_made_again_from_its_results(
    quick: SimpleNamespace, tmp_path: Path
) -> None:
    source = quick.folder / "results.json"
    subprocess.run(
        [sys.executable, RUN, "--from", source, "--output", tmp_path],
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "report.md").read_text("utf-8") == quick.report
    assert (tmp_path / "report.svg").read_text("utf-8") == quick.plot


def test_the_page_has_room_for_every_part(quick: SimpleNamespace) -> None:
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert re.findall(r"^<!-- measured: (\S+) -->$", page, re.MULTILINE) == list(PARTS)
    once = filled(page, quick.results)
    for make in PARTS.values():
        assert make[1](quick.results).strip() in once
    assert filled(once, quick.results) == once


@pytest.mark.parametrize("with_what", [["--quick"], ["codec"]])
def test_the_page_is_not_filled_with_half_a_run(with_what: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, RUN, "--write", *with_what], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--write" in done.stderr


def test_the_page_is_not_filled_from_the_results_of_a_quick_run(quick: SimpleNamespace) -> None:
    source = quick.folder / "results.json"
    done = subprocess.run(
        [sys.executable, RUN, "--from", source, "--output", quick.folder / "again", "--write"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--write" in done.stderr


def test_the_plot_has_a_bar_for_each_figure(quick: SimpleNamespace) -> None:
    root = ET.fromstring(quick.plot)
    rounds = quick.results["servers"]["rounds"]
    bars_drawn = [one for one in root.iter("{http://www.w3.org/2000/svg}rect") if one.get("x")]
    assert len(bars_drawn) == sum(map(len, rounds.values()))


def test_bars_are_as_long_as_their_figures() -> None:
    colors = {"a": "#111111", "b & c": "#222222"}
    root = ET.fromstring(bars("T", {"g": {"a": 10, "b & c": 40}}, colors, unit="s"))
    drawn = {
        one.get("fill"): float(one.get("width") or 0)
        for one in root.iter("{http://www.w3.org/2000/svg}rect")
        if one.get("x")
    }
    assert drawn["#222222"] == pytest.approx(4 * drawn["#111111"], rel=0.01)
    assert "b & c" in {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}


# --- goals ----------------------------------------------------------------------------------------


def verdict(results: dict[str, Any], words: str) -> Goal:
    (found,) = (goal for goal in goals(results) if words in goal.what)
    return found


def servers_at(ours: float, theirs: float) -> dict[str, Any]:
    def rounds(cpu: float) -> dict[str, Any]:
        return {key: [{"cpu_us": cpu, "rps": 1e6 / cpu}] * 3 for key in SCENARIOS}

    return {"servers": {"rounds": {"fastapi": rounds(ours), "authjs": rounds(theirs)}}}


@pytest.mark.parametrize(("theirs", "met"), [(1000.0, True), (700.0, False)])
def test_a_goal_is_met_from_its_ratio_on(theirs: float, met: bool) -> None:
    found = verdict(servers_at(100, theirs), "`GET /auth/session`, JWT, on FastAPI: less CPU")
    assert found.met is met
    assert found.measured.startswith(f"{theirs / 100:.1f} ")


def test_a_ratio_is_taken_within_each_round() -> None:
    # The machine is ten times slower in the second round, for both.
    mine = [{"cpu_us": 10.0}, {"cpu_us": 100.0}, {"cpu_us": 10.0}]
    theirs = [{"cpu_us": 20.0}, {"cpu_us": 200.0}, {"cpu_us": 20.0}]
    assert ratio(mine, theirs, "cpu_us") == 2


def test_the_best_of_auth_js_is_what_counts() -> None:
    figures = {"authwire": [10.0], "authjs-1": [300.0], "authjs-64": [90.0]}
    assert best_flight(figures) == "authjs-64"
    found = verdict(
        {"codec": {"figures": {"decode": figures | {"fresh": [5.0], "kept": [4.0]}}}},
        "decode a session token: less",
    )
    assert found.met is False


def test_a_read_that_scans_the_table_is_not_flat_however_fast() -> None:
    figures = {"SQLite": {"1": [10.0], "1000": [10.0]}}
    for plan, met in ((["SEARCH sessions USING INDEX x"], True), (["SCAN sessions"], False)):
        results = {"sessions": {"figures": figures, "plans": {"SQLite": plan}}}
        assert verdict(results, "session read on SQLite").met is met


# --- measuring ------------------------------------------------------------------------------------


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


def test_import_brings_no_provider_adapter_framework_or_client_along() -> None:
    assert unwanted_modules() == []
    assert _is_unwanted("authwire.providers.github")
    assert _is_unwanted("httpx2._client")
    assert not _is_unwanted("authwire.providers._types")


# --- frameworks -----------------------------------------------------------------------------------


def test_every_framework_is_measured(quick: SimpleNamespace) -> None:
    found = quick.results["frameworks"]
    assert found["missing"] == {}
    assert len(found["frameworks"]) >= len(MODULES) > 10
    part = quick.report.partition("## Each framework")[2].partition("\n## ")[0]
    for framework in found["frameworks"].values():
        figures = framework["figures"]
        assert list(figures) == list(CASES)
        assert all(value > 0 for values in figures.values() for value in values)
        added = r" \| [+-]\d+\.\d \(\d+\.\d\d\)" * 3
        row = rf"^\| {re.escape(framework['title'])} \| \d+{added} \|$"
        assert re.search(row, part, re.MULTILINE)


def test_a_framework_that_is_not_installed_is_left_out_with_the_reason() -> None:
    found = measure_overhead(rounds=1, calls=1, modules=["nowhere"])
    assert found == {
        "frameworks": {},
        "missing": {"nowhere": "No module named 'benchmarks.frameworks.nowhere'"},
    }
    assert "nowhere is left out: No module named" in PARTS["frameworks"][1]({"frameworks": found})


def test_a_framework_that_fails_is_not_left_out() -> None:
    with pytest.raises(RuntimeError, match=r"_common: (.|\n)*has no attribute 'FRAMEWORKS'"):
        measure_overhead(rounds=1, calls=1, modules=["_common"])


def test_what_is_added_is_taken_within_each_round() -> None:
    # The machine is ten times slower in the second round.
    figures = {"bare": [10.0, 100.0, 10.0], "jwt": [30.0, 300.0, 30.0]}
    assert times_and_more(figures, "jwt") == (3, 20)


def answering(status: str, data: Any) -> Any:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [])
        return [json.dumps(data).encode()]

    return app


@pytest.mark.parametrize(
    ("path", "status", "data", "complaint"),
    [
        ("/protected", "200 OK", ANSWER, "lets strangers in"),
        ("/auth/csrf", "200 OK", {"csrfToken": "another"}, "not those of Authwire"),
        ("/protected", "500 Oh", {}, "the answer was 500"),
        ("/open", "200 OK", {"user": None}, "not the answer that was expected"),
    ],
)
def test_an_app_that_answers_something_else_is_not_measured(
    path: str, status: str, data: Any, complaint: str
) -> None:
    real = FRAMEWORKS["wsgi"]

    def build(config: Any) -> Any:
        app = real.build(config)
        return lambda environ, start_response: (
            answering(status, data) if environ["PATH_INFO"] == path else app
        )(environ, start_response)

    assert measure_framework(real, rounds=1, calls=1)
    with pytest.raises(Exception, match=complaint):
        measure_framework(Framework("Wrong", build, over_wsgi), rounds=1, calls=1)


def test_a_server_that_closes_the_connection_is_told() -> None:
    class Closes(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.transport.close()

    async def connect() -> asyncio.Protocol:
        return Closes()

    with pytest.raises(ConnectionError, match="closed"):
        asyncio.run(over_protocol(connect)("/open", "")())


def test_an_answer_may_come_in_pieces() -> None:
    class Slow(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            assert data.startswith(b"GET /open HTTP/1.1\r\n")
            assert b"\r\ncookie: a=b\r\n" in data
            for piece in (b"HTTP/1.1 200 OK\r\ncontent-", b"length: 4\r\n\r\na", b"bcd"):
                self.transport.write(piece)

    async def connect() -> asyncio.Protocol:
        return Slow()

    async def twice() -> list[bytes]:
        call = over_protocol(connect)("/open", "a=b")
        return [await call(), await call()]

    assert asyncio.run(twice()) == [b"abcd", b"abcd"]


# --- servers --------------------------------------------------------------------------------------


def launch(program: str = ANSWERS) -> Launch:
    return Launch([sys.executable, "-c", program])


def test_a_server_is_asked_as_often_as_wanted_and_its_cpu_time_counted() -> None:
    with serve(launch()) as server:
        server.wait()
        before = server.cpu_seconds()
        done = _own(Asked(server.port, "/bare", [("host", "x")], connections=3, requests=50))
        assert done.requests == 50
        assert server.cpu_seconds() > before


def test_an_answer_other_than_200_is_no_figure() -> None:
    with serve(launch()) as server:
        server.wait()
        with pytest.raises(RuntimeError, match="not expected"):
            _own(Asked(server.port, "/nothing", [("host", "x")], connections=1, requests=1))


def test_a_server_that_ends_at_once_tells_why() -> None:
    with (
        serve(launch("raise SystemExit('no such Error here')")) as server,
        pytest.raises(NotThere, match="no such Error here"),
    ):
        server.wait()


def test_a_program_that_is_not_there_is_told() -> None:
    with pytest.raises(NotThere, match="cannot be run"), serve(Launch(["/nowhere/program"])):
        pass


def test_a_server_and_its_children_are_stopped_after_a_failure() -> None:
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {ANSWERS!r}]).wait()"
    pids: list[int] = []

    def fail() -> None:
        with serve(launch(parent)) as server:
            server.wait()
            pids.extend([server.process.pid, *_group(server.process.pid)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(set(pids)) == 2
    assert _group(pids[0]) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_server_is_left_when_the_run_is_ended(sign: signal.Signals, tmp_path: Path) -> None:
    mark = f"mark-{os.getpid()}-{sign}"
    run = subprocess.Popen(
        [sys.executable, RUN, "workers", "--seconds", "60", "--output", tmp_path],
        env={**os.environ, "AUTHWIRE_TEST_MARK": mark, "PATH": "/nowhere"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert list(until(lambda: [pid for pid in marked(mark) if pid != run.pid], 60))
        run.send_signal(sign)
        run.wait(90)  # two servers, each of which has twice STOP_SECONDS to end
        assert list(until(lambda: not marked(mark), 30))
    finally:
        run.kill()
        run.wait(10)


def until(condition: Any, seconds: float) -> Iterator[Any]:
    """The first true value, if there is one in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            yield value
            return
        time.sleep(0.1)


def marked(mark: str) -> list[int]:
    """The processes that have ``mark`` in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                environ = (entry / "environ").read_bytes()
            except OSError:
                continue
            if mark.encode() in environ:
                found.append(int(entry.name))
    return found
