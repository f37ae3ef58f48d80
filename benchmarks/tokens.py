"""Our token codec against that of Auth.js, and against the cryptography alone: begun anew for each
token, as most programs do, and with the ciphers that our codec keeps.

Auth.js' codec waits several times for other threads, so it is cheaper for a token when many are in
hand. It is measured with 1, 16 and 64 at a time; its best counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import cases, sample
from benchmarks.lineup import node_script, site
from benchmarks.serving import NotThere

from authwire.protocol import jwe

__all__ = ["compare_codecs"]

FLIGHTS = (1, 16, 64)
_OURS = {
    op: {
        "authwire": op,
        "fresh": f"AES and HMAC, fresh, {work}",
        "kept": f"AES and HMAC, kept, {work}",
    }
    for op, work in (("encode", "encrypt"), ("decode", "decrypt"))
}


def compare_codecs(*, rounds: int, count: int) -> dict[str, Any]:
    """CPU microseconds of one operation, by operation and way, a list with one figure a round.

    Args:
        rounds: how often each takes its turn.
        count: operations in a round; ours get ten times as many, as they are shorter.
    """
    group = cases.codec("small", {})
    calls: dict[str, Callable[[], Any]] = {case.name: case.call for case in group.cases}
    figures: dict[str, dict[str, list[float]]] = {op: {} for op in _OURS}
    missing = ""
    with contextlib.ExitStack() as stack:
        node: subprocess.Popen[str] | None = None
        try:
            node = stack.enter_context(_node())
        except NotThere as exc:
            missing = str(exc)
        for number in range(rounds + 1):
            for op, ours in _OURS.items():
                got = {name: _spent(calls[case], count * 10) for name, case in ours.items()}
                if node is not None:
                    got |= {f"authjs-{n}": _ask(node, op, n, count) for n in FLIGHTS}
                if number:  # the first time only warms up
                    for name, microseconds in got.items():
                        figures[op].setdefault(name, []).append(microseconds)
    return {"figures": figures, "missing": missing}


def _spent(call: Callable[[], Any], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - start) / count * 1e6


@contextlib.contextmanager
def _node() -> Iterator[subprocess.Popen[str]]:
    """@auth/core's codec, waiting for work on its standard input; that input's end ends it."""
    process = subprocess.Popen(
        node_script("codec.mjs", "@auth/core"),
        env={**os.environ, "SITE": site(), "NODE_ENV": "production"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _ask(node: subprocess.Popen[str], op: str, flight: int, count: int) -> float:
    """CPU microseconds of one operation in Node.

    Raises:
        RuntimeError: if it gives up, or makes tokens that we cannot read.
    """
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(json.dumps({"op": op, "flight": flight, "count": count}) + "\n")
    node.stdin.flush()
    line = node.stdout.readline()
    if not line:
        raise RuntimeError("the program that measures Auth.js' codec ended")
    answer = json.loads(line)
    claims = jwe.decode(answer["token"], secrets=[sample.SECRET], salt=sample.NAME, now=time.time())
    if claims["email"] != sample.CLAIMS["email"]:
        raise RuntimeError("Auth.js made another token than it was asked for")
    return float(answer["microseconds"]) / count
