"""Makes Markdown and a plot of what a run found, and fills the page in the documentation with it.

Generated parts of a page stand between ``<!-- measured: NAME -->`` and ``<!-- end: NAME -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.compare import ratio
from benchmarks.goals import best_flight, codec_ratio, goals, session_growth
from benchmarks.lineup import SCENARIOS
from benchmarks.overhead import CASES, times_and_more
from benchmarks.plot import bars

__all__ = ["PARTS", "filled", "plot", "report"]

Results = Mapping[str, Any]
_PART = re.compile(
    r"(?P<open><!-- measured: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- end: (?P=name) -->)",
    re.DOTALL,
)
_OURS, _THEIRS, _OTHERS = "#0b6e4f", "#c0492b", "#8c959f"
_COLORS = {
    "fastapi": _OURS,
    "asgi": _OURS,
    "flask": _OURS,
    "authjs": _THEIRS,
    "authjs-core": _THEIRS,
}


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> str:
    """A Markdown table; the first ``words`` columns hold words, the others figures."""
    rule = "|---" * words + "|---:" * (len(heads) - words) + "|"
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", rule, *lines])


def report(results: Results) -> str:
    """All parts, one below the other."""
    parts = [f"## {title}\n\n{make(results)}" for title, make in PARTS.values()]
    return "# Benchmarks\n\n" + "\n\n".join(parts) + "\n"


def filled(page: str, results: Results) -> str:
    """``page`` with its generated parts made anew."""

    def fill(part: re.Match[str]) -> str:
        made = PARTS[part["name"]][1](results).strip()
        return f"{part['open']}\n{made}\n\n{part['close']}"

    return _PART.sub(fill, page)


# --- parts ----------------------------------------------------------------------------------------


def _machine(results: Results) -> str:
    machine = results["machine"]
    parts = [
        f"{machine['python']}, {machine['node']}, {machine['cores']} cores ({machine['cpu']})",
        f"servers: {results['servers']['server']}" if "servers" in results else "",
        f"load: {results['servers']['client']}" if "servers" in results else "",
        "a quick run, whose figures mean nothing" if machine["quick"] else "",
    ]
    return "\n".join(f"- {part}" for part in parts if part)


def _goals(results: Results) -> str:
    words = {True: "yes", False: "**no**", None: ""}
    rows = [[goal.what, goal.wanted, goal.measured, words[goal.met]] for goal in goals(results)]
    return table(["What", "Goal", "Measured", "Met"], rows)


def _medians(results: Results, what: str) -> dict[str, dict[str, float]]:
    """By contestant and scenario."""
    return {
        name: {key: median(one[what] for one in rounds) for key, rounds in scenarios.items()}
        for name, scenarios in results.get("servers", {}).get("rounds", {}).items()
    }


def _by_scenario(
    results: Results,
    cell: Callable[[str, str], str | None],
    names: Sequence[str],
    *,
    leave_out: str = "",
) -> str:
    titles = results["servers"]["titles"]
    rows = [
        [scenario.title, *(cell(name, key) or "" for name in names)]
        for key, scenario in SCENARIOS.items()
        if key != leave_out
    ]
    return table(["", *(titles[name] for name in names)], rows)


def _servers(results: Results) -> str:
    servers = results.get("servers")
    if servers is None:
        return "Not measured."
    cpu, rps, rounds = _medians(results, "cpu_us"), _medians(results, "rps"), servers["rounds"]
    names = list(cpu)

    base = next(name for name in ("authjs", "authjs-core", "fastapi") if name in rounds)

    def times(name: str, key: str) -> str | None:
        if key not in rounds[name] or key not in rounds[base]:
            return None
        return f"{ratio(rounds[name][key], rounds[base][key], 'cpu_us'):.1f}"

    def added(name: str, key: str) -> str | None:
        return f"{cpu[name][key] - cpu[name]['bare']:,.0f}" if key in cpu[name] else None

    def figure(of: Mapping[str, Mapping[str, float]]) -> Callable[[str, str], str | None]:
        return lambda name, key: f"{of[name][key]:,.0f}" if key in of[name] else None

    others = [name for name in names if name != base]
    parts = [
        f"How many times less CPU time a request takes than with {servers['titles'][base]}:",
        _by_scenario(results, times, others),
        "CPU time of the server for each request, in microseconds:",
        _by_scenario(results, figure(cpu), names),
        "What of it is beyond that server's route without authentication:",
        _by_scenario(results, added, names, leave_out="bare"),
        "Requests per second, one process each, 16 connections:",
        _by_scenario(results, figure(rps), names),
    ]
    if servers["missing"]:
        left = [f"- {servers['titles'][name]}: {why}" for name, why in servers["missing"].items()]
        parts += ["Left out:", "\n".join(left)]
    return "\n\n".join(parts)


def plot(results: Results) -> str:
    """CPU time of each request by server, as SVG."""
    titles = results.get("servers", {}).get("titles", {})
    cpu = _medians(results, "cpu_us")
    groups = {
        scenario.title.replace("`", ""): {
            titles[name]: figures[key] for name, figures in cpu.items() if key in figures
        }
        for key, scenario in SCENARIOS.items()
    }
    colors = {title: _COLORS.get(name, _OTHERS) for name, title in titles.items()}
    return bars("CPU time of the server for each request", groups, colors, unit="µs")


def _codec(results: Results) -> str:
    codec = results.get("codec")
    if codec is None:
        return "Not measured."
    rows = []
    for op, figures in codec["figures"].items():
        best = best_flight(figures)
        for name, label in (
            ("fresh", "AES and HMAC alone, begun anew"),
            ("kept", "AES and HMAC alone, with what the codec keeps"),
            ("authwire", "Authwire"),
            *(
                (key, f"@auth/core, {key.partition('-')[2]} at a time")
                for key in figures
                if "-" in key
            ),
        ):
            own = codec_ratio(figures, name, "authwire")
            mark = " (its best)" if name == best else ""
            rows.append([f"{op}, {label}{mark}", f"{median(figures[name]):.1f}", f"{own:.2f}"])
    made = table(["What", "CPU µs", "of Authwire's"], rows)
    return made + (f"\n\n@auth/core is left out: {codec['missing']}." if codec["missing"] else "")


def _imports(results: Results) -> str:
    found = results.get("imports")
    if found is None:
        return "Not measured."
    labels = {
        "nothing": "an empty program",
        "httpx2": "`import httpx2`",
        "authwire": "`import authwire`",
    }
    rows = [[labels[name], f"{median(spent):.0f}"] for name, spent in found["figures"].items()]
    return table(["A fresh interpreter", "CPU ms"], rows)


def _memory(results: Results) -> str:
    marks = sorted((int(count), kib) for count, kib in results.get("memory", {}).items())
    rows = [[f"{count:,}", f"{kib / 1024:.1f}"] for count, kib in marks]
    return table(["Requests so far", "Resident MiB"], rows, words=0) if rows else "Not measured."


def _group(group: Mapping[str, Any]) -> str:
    rows = [
        [
            row["name"],
            f"{row['microseconds']:.1f}",
            "" if row["ratio"] is None else f"{row['ratio']:.2f}",
            row["against"] or "",
        ]
        for row in group["rows"]
    ]
    head = "| What | CPU µs | Ratio | to |\n|---|---:|---:|---|\n"
    return head + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _providers(results: Results) -> str:
    return _group(results["providers"]) if "providers" in results else "Not measured."


def _sessions(results: Results) -> str:
    found = results.get("sessions")
    if found is None:
        return "Not measured."
    heads = ["Wall µs of a read", *(f"{size:,}" for size in found["sizes"]), "ratio"]
    rows = [
        [
            name,
            *(f"{median(figures[str(size)]):.0f}" for size in found["sizes"]),
            f"{session_growth(figures):.2f}",
        ]
        for name, figures in found["figures"].items()
    ]
    plans = [
        f"{name}:\n\n```\n" + "\n".join(plan) + "\n```" for name, plan in found["plans"].items()
    ]
    missing = [f"{name} is left out: {why}." for name, why in found["missing"].items()]
    return "\n\n".join([table(heads, rows), *missing, *plans])


def _workers(results: Results) -> str:
    found = results.get("workers")
    if found is None:
        return "Not measured."
    rounds = found["rounds"]
    first = rounds[min(rounds, key=int)]
    rows = [
        [
            workers,
            f"{median(one['rps'] for one in own):,.0f}",
            f"{ratio(first, own, 'rps'):.2f}",
        ]
        for workers, own in rounds.items()
    ]
    return table(["Workers", "Requests per second", "of one worker's"], rows, words=0)


def _frameworks(results: Results) -> str:
    found = results.get("frameworks")
    if found is None:
        return "Not measured."
    heads = ["", CASES["bare"]]
    rows = []
    for framework in found["frameworks"].values():
        figures = framework["figures"]
        rows.append([framework["title"], f"{median(figures['bare']):.0f}"])
        for case in list(CASES)[1:]:
            times, more = times_and_more(figures, case)
            rows[-1].append(f"{more:+.1f} ({times:.2f})")
    heads += list(CASES.values())[1:]
    missing = [f"{name} is left out: {why}." for name, why in found["missing"].items()]
    return "\n\n".join([table(heads, rows), *missing])


def _micro(results: Results) -> str:
    groups = results.get("micro")
    if not groups:
        return "Not measured."
    return "\n\n".join(f"### {group['title']}\n\n{_group(group)}" for group in groups)


PARTS: Mapping[str, tuple[str, Callable[[Results], str]]] = {
    "machine": ("Machine", _machine),
    "goals": ("Goals", _goals),
    "servers": ("Servers", _servers),
    "codec": ("Token codec against Auth.js", _codec),
    "imports": ("Import", _imports),
    "memory": ("Memory", _memory),
    "providers": ("Providers", _providers),
    "sessions": ("Stored sessions", _sessions),
    "workers": ("Workers", _workers),
    "frameworks": ("Each framework", _frameworks),
    "micro": ("Parts of a request", _micro),
}
