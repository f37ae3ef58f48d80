"""Making a secret, and keeping it in an env file without harm to what is there."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["DEFAULT_FILE", "SecretExists", "make_secret", "write_secret"]

DEFAULT_FILE: Final = ".env.local"
_NAMES: Final[tuple[str, ...]] = ("AUTH_SECRET", "AUTH_SECRET_1", "AUTH_SECRET_2", "AUTH_SECRET_3")
"""Oldest first: the last one that is set encrypts, all of them decrypt."""
_LINE: Final = re.compile(
    r"(?P<head>[ \t]*(?:export[ \t]+)?(?P<name>AUTH_SECRET(?:_[123])?)[ \t]*=)"
    r"(?P<value>[ \t]*(?:\"[^\"]*\"|'[^']*'|[^\s#]\S*)|)"
)


class SecretExists(Exception):
    """The file has a secret already, and nobody said to change it."""


def make_secret() -> str:
    """256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def write_secret(path: Path, secret: str, *, force: bool = False) -> str:
    """Put ``secret`` into the env file at ``path``, in one step; only its owner may read the file.

    A secret that is there already is never lost: with ``force`` the new one becomes ``AUTH_SECRET_1``
    (then ``_2`` and ``_3``; after that the oldest gives way), so that it encrypts from now on while
    the older ones still decrypt the cookies that are out there.

    Returns:
        What was done, in a sentence or two.

    Raises:
        SecretExists: if there is a secret and ``force`` is not set.
        OSError: if the file cannot be read or written; it is unchanged then.
        UnicodeDecodeError: if it is no text in UTF-8.
    """
    path = Path(os.path.realpath(path))  # a link stays a link
    lines = _read(path)
    found = _secrets(lines)
    if not found:
        _replace(path, _with(lines, {"AUTH_SECRET": secret}))
        return f"Wrote AUTH_SECRET to {path}. Keep this file out of version control."
    if not force:
        raise SecretExists(
            f"{path} has {_listed(found)} already, and changing it carelessly signs everybody "
            "out.\n  To add a newer secret and keep the old one for reading: authwire secret --write --force"
        )
    newest = max(map(_NAMES.index, found))
    if newest + 1 < len(_NAMES):
        name = _NAMES[newest + 1]
        _replace(path, _with(lines, {name: secret}))
        return (
            f"Wrote {name} to {path}. It encrypts from now on; {_listed(found)} still "
            "decrypts. Remove the old when the sessions it encrypted have ended (30 days)."
        )
    kept = [found[name] for name in _NAMES if name in found]
    values = [*kept[-3:], secret]
    names = _NAMES[: len(values)]
    moved = {**dict.fromkeys(_NAMES, ""), **dict(zip(names, values, strict=True))}
    _replace(path, _with(lines, moved))
    gone = " and the oldest is gone" if len(kept) == len(_NAMES) else ""
    return (
        f"Wrote {names[-1]} to {path}; the others moved down{gone}. "
        "The newest encrypts, all of them decrypt."
    )


def _listed(found: Mapping[str, str]) -> str:
    """The names in ``found``, for a sentence."""
    return " and ".join(name for name in _NAMES if name in found)


def _read(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode("utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return []


def _secrets(lines: list[str]) -> dict[str, str]:
    """The secrets that are set, by name; of a repeated one the last counts, as in shells."""
    matches = (match for line in lines if (match := _LINE.match(line)))
    found = {match["name"]: match["value"].strip(" \t\"'") for match in matches}
    return {name: value for name, value in found.items() if value}


def _with(lines: list[str], values: Mapping[str, str]) -> list[str]:
    """``lines`` with ``values``; where a name is there already, its line is changed in place."""
    missing = dict(values)
    result = []
    for line in lines:
        match = _LINE.match(line)
        if match and match["name"] in values:
            missing.pop(match["name"], None)
            line = f"{match['head']}{values[match['name']]}{line[match.end() :]}"  # noqa: PLW2901 - the same line, changed
        result.append(line)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if missing and result and not result[-1].endswith("\n"):
        result[-1] += end
    result.extend(f"{name}={value}{end}" for name, value in missing.items())
    return result


def _replace(path: Path, lines: list[str]) -> None:
    """Write a file beside it and move that into place: a reader sees the old or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write("".join(lines).encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
