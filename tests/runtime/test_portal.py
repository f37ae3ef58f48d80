from __future__ import annotations

import asyncio
import contextvars
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sniffio

from authwire.errors import EventLoopRequired
from authwire.runtime import PortalRuntime


@pytest.fixture(params=["asyncio", "trio"])
def portal(request: pytest.FixtureRequest) -> Iterator[PortalRuntime]:
    runtime = PortalRuntime(backend=request.param)
    yield runtime
    runtime.close()


async def where() -> tuple[str, int]:
    return sniffio.current_async_library(), threading.get_ident()


def portal_threads() -> int:
    return sum(thread.name == "authwire-portal" for thread in threading.enumerate())


def test_nothing_is_started_before_the_first_run() -> None:
    before = portal_threads()
    PortalRuntime().close()
    assert portal_threads() == before


def test_coroutine_runs_in_one_other_thread(portal: PortalRuntime) -> None:
    library, thread = portal.run(where())
    assert library in ("asyncio", "trio")
    assert thread != threading.get_ident()
    assert portal.run(where()) == (library, thread)


def test_async_callables_are_awaited_and_blocking_ones_leave_the_loop(
    portal: PortalRuntime,
) -> None:
    async def core() -> tuple[int, int]:
        _, loop_thread = await portal.call(where)()
        return loop_thread, await portal.call(threading.get_ident, blocking=True)()

    loop_thread, worker = portal.run(core())
    assert len({loop_thread, worker, threading.get_ident()}) == 3


def test_exception_is_passed_on(portal: PortalRuntime) -> None:
    async def fails() -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        portal.run(fails())


def test_context_variables_are_seen_inside_and_kept_outside(portal: PortalRuntime) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("outside")

    async def look() -> str:
        seen = variable.get()
        variable.set("inside")
        return seen

    assert portal.run(look()) == "outside"
    assert variable.get() == "outside"


def test_many_threads_share_one_loop(portal: PortalRuntime) -> None:
    before = portal_threads()
    with ThreadPoolExecutor(8) as pool:
        threads = {thread for _, thread in pool.map(lambda _: portal.run(where()), range(32))}
    assert len(threads) == 1
    assert portal_threads() == before + 1


def test_run_inside_its_own_loop_is_refused_instead_of_hanging(portal: PortalRuntime) -> None:
    async def nested() -> None:
        portal.run(where())

    with pytest.raises(EventLoopRequired, match="its own portal"):
        portal.run(nested())


def test_run_after_close_starts_another_loop(portal: PortalRuntime) -> None:
    portal.run(where())
    before = portal_threads()
    portal.close()
    assert portal_threads() == before - 1
    assert portal.run(where())[1] != threading.get_ident()


def test_close_ends_what_still_runs() -> None:
    runtime = PortalRuntime()
    started = threading.Event()
    ended: list[str] = []

    async def forever() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(runtime.run, forever())
        assert started.wait(10)
        runtime.close()
        assert running.exception(10) is not None or running.cancelled()
    assert ended == ["cancelled"]


def test_unknown_backend_is_told_instead_of_hanging() -> None:
    runtime = PortalRuntime(backend="curio")  # type: ignore[arg-type]  # what the test is about
    with pytest.raises(LookupError, match="curio"):
        runtime.run(where())


def test_forked_child_starts_its_own_loop() -> None:
    program = """
        import os, threading, warnings
        from authwire.runtime import PortalRuntime

        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the point here
        runtime = PortalRuntime()

        async def pid():
            return os.getpid()

        assert runtime.run(pid()) == os.getpid()
        child = os.fork()
        if child == 0:
            ok = runtime.run(pid()) == os.getpid()
            runtime.close()
            os._exit(0 if ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert runtime.run(pid()) == os.getpid()
        runtime.close()
        print("both")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "both\n", done.stderr
