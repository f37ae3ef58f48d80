"""Sync apps with async parts: one event loop in a background thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from authwire.errors import EventLoopRequired
from authwire.runtime.anyio import AnyioRuntime

# Every sync app imports this, and few have async parts: what a portal needs is loaded when it starts.
if TYPE_CHECKING:
    from concurrent.futures import Future

    from anyio.from_thread import BlockingPortal

__all__ = ["PortalRuntime"]

T = TypeVar("T")


class _Loop:
    """The event loop of one process."""

    __slots__ = ("lock", "portal", "thread")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.portal: BlockingPortal | None = None
        self.thread: threading.Thread | None = None


class PortalRuntime(AnyioRuntime):
    """The runtime of a sync app whose callbacks or adapter are async.

    The loop starts with the first call. A forked child starts its own, since a thread does not
    survive ``fork``. Context variables of the caller are seen inside; changes made inside stay there.
    """

    def __init__(self, *, backend: Literal["asyncio", "trio"] = "asyncio") -> None:
        self._backend = backend
        self._loops: dict[int, _Loop] = {}

    def run(self, coro: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for its result.

        Raises:
            EventLoopRequired: if called inside that very loop, which would wait for itself.
        """
        if threading.current_thread() is self._loop().thread:
            coro.close()
            raise EventLoopRequired(
                "a sync Auth was called from inside its own portal: await the async Auth there"
            )
        try:
            future: Future[T] = self._start().start_task_soon(_finish, coro)
        except BaseException:
            coro.close()
            raise
        try:
            return future.result()
        except BaseException:
            future.cancel()  # the waiting thread was interrupted; a finished task is not touched
            raise

    def close(self) -> None:
        """Stop the loop and wait for its thread. The next `run` starts another."""
        loop = self._loop()
        with loop.lock:
            portal, thread = loop.portal, loop.thread
            loop.portal = loop.thread = None
        if portal is not None and thread is not None:
            portal.call(portal.stop, True)
            thread.join()

    def _loop(self) -> _Loop:
        # The parent's entry is kept in a child: its portal must not be touched, not even collected.
        return self._loops.setdefault(os.getpid(), _Loop())

    def _start(self) -> BlockingPortal:
        loop = self._loop()
        with loop.lock:
            if loop.portal is None:
                from concurrent.futures import Future

                ready: Future[BlockingPortal] = Future()
                loop.thread = threading.Thread(
                    target=self._serve, args=(ready,), name="authwire-portal", daemon=True
                )
                loop.thread.start()
                loop.portal = ready.result()
            return loop.portal

    def _serve(self, ready: Future[BlockingPortal]) -> None:
        try:
            import anyio

            anyio.run(_wait_for_calls, ready, backend=self._backend)
        except BaseException as exc:
            if ready.done():
                raise
            ready.set_exception(exc)  # such as: trio is not installed


async def _wait_for_calls(ready: Future[BlockingPortal]) -> None:
    from anyio.from_thread import BlockingPortal

    async with BlockingPortal() as portal:
        ready.set_result(portal)
        await portal.sleep_until_stopped()


async def _finish(coro: Coroutine[Any, Any, T]) -> T:
    return await coro
