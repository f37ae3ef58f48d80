"""What the demo keeps between runs: its secret, the keys of its providers, its database."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from authwire.cli.secret import make_secret

__all__ = ["Store", "default_folder"]

_DATABASE: Final = "demo-2.sqlite3"
"""The number changes with the tables: the demo makes tables and never alters them."""
_FILES: Final = tuple(
    name + ending
    for name in ("demo.sqlite3", _DATABASE)
    for ending in ("", "-journal", "-shm", "-wal")
)
_SECRETS: Final = ("secret", "keys.json", "clients.json")


def default_folder() -> Path:
    """``$XDG_STATE_HOME/authwire-demo``, or its like in the home folder."""
    state = os.environ.get("XDG_STATE_HOME")
    if state and Path(state).is_absolute():
        return Path(state) / "authwire-demo"
    try:
        return Path.home() / ".local" / "state" / "authwire-demo"
    except RuntimeError:  # there is no home
        return Path(".authwire-demo")


@dataclass(frozen=True, slots=True)
class Store:
    """A folder that only its owner may read."""

    folder: Path

    def open(self) -> None:
        """Make the folder if it is not there.

        Raises:
            OSError: if that is not possible.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.database.touch(mode=0o600)  # or SQLite would let everybody read it

    def reset(self) -> None:
        """Start anew: delete what the demo made, and nothing else."""
        for name in (*_FILES, *_SECRETS):
            (self.folder / name).unlink(missing_ok=True)
        self.open()

    @property
    def is_new(self) -> bool:
        return not (self.folder / "secret").exists()

    @property
    def database(self) -> Path:
        return self.folder / _DATABASE

    def secret(self) -> str:
        """Encrypts the app's cookies."""
        return self._kept("secret", make_secret)

    def client_secret(self, provider: str) -> str:
        """What the app and its provider ``provider`` share."""
        kept: dict[str, str] = json.loads(self._kept("clients.json", lambda: "{}"))
        if provider not in kept:
            kept[provider] = secrets.token_urlsafe(32)
            self._write("clients.json", json.dumps(kept))
        return kept[provider]

    def keys(self, make: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """The private keys of the identity provider; ``make`` is called the first time."""
        keys: list[dict[str, Any]] = json.loads(self._kept("keys.json", lambda: json.dumps(make())))
        return keys

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        try:
            return (self.folder / name).read_text("utf-8")
        except FileNotFoundError:
            value = make()
            self._write(name, value)
            return value

    def _write(self, name: str, value: str) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.folder)  # with mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(value)
        Path(temporary).replace(self.folder / name)
