"""``authwire db cleanup``: removes expired rows while the app runs.

Each batch is one short transaction. It names the rows that had expired when it began, and removes
those that are still expired then, so a session that somebody just rolled on stays.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any, Final, cast

from authwire.cli.db.outcome import (
    FAILED,
    INTERRUPTED,
    OK,
    DatabaseFailed,
    Refused,
    is_passing,
)
from authwire.cli.db.progress import Progress
from authwire.cli.db.schema import NO_DATABASE
from authwire.cli.db.store import Store, run
from authwire.cli.db.target import Target

__all__ = ["Cleanup", "cleanup"]

_KINDS: Final = {
    "sessions": "delete_expired_sessions",
    "verification_tokens": "delete_expired_verification_tokens",
}
_BY_ITSELF: Final = "This store drops expired rows by itself."
_ATTEMPTS: Final = 6
"""Of a batch, if others lock its rows."""
_SLICE: Final = 0.1
"""Seconds after which a pause looks whether it shall end."""


@dataclass(slots=True, kw_only=True)
class Cleanup:
    """What is to be done, and how far it is."""

    before: datetime
    batch: int
    pause: float
    removed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))
    stopped: bool = False
    """Whether somebody wants it to end after this batch."""

    def __str__(self) -> str:
        sessions, tokens = self.removed.values()
        return f"{_counted(sessions, 'session')} and {_counted(tokens, 'verification token')}"

    async def run(self, store: Store, progress: Progress) -> None:
        """Remove batch after batch, until nothing is left or `stopped`.

        Raises:
            DatabaseFailed: if the database does; `removed` tells what is gone by then.
        """
        for kind, method in _KINDS.items():
            if not store.has(method):
                continue
            while not self.stopped:
                count = await self._batch(store, method)
                if count <= 0:
                    break
                self.removed[kind] += count
                progress.show(f"removed {self} …")
                await self._wait(store, self.pause)

    async def _batch(self, store: Store, method: str) -> int:
        for attempt in range(1, _ATTEMPTS):
            try:
                return cast("int", await store.call(method, self.before, self.batch))
            except DatabaseFailed as exc:
                if exc.__cause__ is None or not is_passing(exc.__cause__):
                    raise
            await self._wait(store, 0.1 * 2**attempt)
        return cast("int", await store.call(method, self.before, self.batch))

    async def _wait(self, store: Store, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.stopped and (left := end - time.monotonic()) > 0:
            await store.sleep(min(left, _SLICE))


def cleanup(
    target: Target, *, batch: int, pause: float, before: timedelta, as_json: bool = False
) -> int:
    """Remove what expired at least ``before`` ago, and say how much that was."""
    work = Cleanup(before=datetime.now(UTC) - before, batch=batch, pause=pause)
    if target.adapter is None:
        return _end(work, OK, NO_DATABASE.format("clean up"), as_json=as_json)
    if not any(hasattr(target.adapter, method) for method in _KINDS.values()):
        if _drops_expired(target):
            return _end(work, OK, _BY_ITSELF, as_json=as_json)
        raise Refused(f"{target.name} has no {' and no '.join(_KINDS.values())}")
    progress = Progress(sys.stderr if as_json else sys.stdout)

    async def clean(store: Store) -> None:
        await work.run(store, progress)

    try:
        with _stop_after_batch(work):
            run(target.adapter, clean)
    except DatabaseFailed as exc:
        progress.clear()
        print(f"authwire: {exc}", file=sys.stderr)
        return _end(work, FAILED, f"Stopped. Removed {work} before.", as_json=as_json)
    except KeyboardInterrupt:
        progress.clear()
        text = f"Interrupted. Removed {work}, and perhaps the batch that was under way."
        return _end(work, INTERRUPTED, text, as_json=as_json)
    progress.clear()
    if work.stopped:
        return _end(work, INTERRUPTED, f"Interrupted. Removed {work}.", as_json=as_json)
    text = f"Removed {work}."
    if _drops_expired(target):
        text += f" {_BY_ITSELF}"
    return _end(work, OK, text, as_json=as_json)


def _drops_expired(target: Target) -> bool:
    return bool(getattr(target.adapter, "drops_expired", False))


def _end(work: Cleanup, code: int, text: str, *, as_json: bool) -> int:
    if as_json:
        status = {OK: "done", FAILED: "failed", INTERRUPTED: "interrupted"}[code]
        told: dict[str, Any] = {"status": status, "removed": work.removed}
        print(json.dumps({**told, "before": work.before.isoformat()}, indent=2))
    else:
        print(text)
    return code


@contextmanager
def _stop_after_batch(work: Cleanup) -> Iterator[None]:
    """Let the first Ctrl-C end the work after the batch under way, and a second one at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        if work.stopped:
            raise KeyboardInterrupt
        work.stopped = True

    earlier = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, earlier)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
