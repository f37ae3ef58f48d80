"""A child process that is told what to do in one line, answers in one, and never outlives us."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Self

PATIENCE = 30.0
"""Seconds to wait for a child before the test fails."""


class Child:
    """Runs ``command`` in ``folder``.

    Its standard input stays open until the end of the ``with`` block; the program takes that for its
    sign to stop. What it writes to standard error is kept in ``log``.
    """

    def __init__(self, name: str, command: Sequence[str], *, folder: Path) -> None:
        self.name = name
        self.log: list[str] = []
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
        )
        self._readers = [
            threading.Thread(target=self._hear, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._note, args=(self._process.stderr,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
            for reader in self._readers:
                reader.join()

    def ask(self, question: Any) -> Any:
        """Send one line of JSON and return the line of JSON that comes back."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        try:
            answer = self._answers.get(timeout=PATIENCE)
        except queue.Empty:
            answer = None
        if answer is None:
            self._readers[1].join(1)  # its last words, if it has ended
            raise RuntimeError("\n".join([f"{self.name} did not answer", *self.log]))
        return json.loads(answer)

    def _hear(self, stream: IO[str]) -> None:
        for line in stream:
            self._answers.put(line)
        self._answers.put(None)

    def _note(self, stream: IO[str]) -> None:
        self.log.extend(line.rstrip() for line in stream)
