"""How a command ends: exit codes, and what is said of a failure without giving anything away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

__all__ = [
    "FAILED",
    "INTERRUPTED",
    "MISSING",
    "OK",
    "DatabaseFailed",
    "Refused",
    "is_passing",
]

OK: Final = 0
MISSING: Final = 1
"""Something is missing, or stays so."""
FAILED: Final = 2
"""The command could not do its work: the arguments, the app or the database."""
INTERRUPTED: Final = 130
"""128 + SIGINT, as shells count."""

_HINTS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        ("connection refused", "connectionrefused", "can't connect", "could not connect"),
        "nothing answers there: does the server run, and are host and port right?",
    ),
    (
        ("getaddrinfo", "name or service not known", "nodename nor servname", "name resolution"),
        "the host's name leads nowhere",
    ),
    (("timeout", "timed out"), "the server did not answer in time"),
    (
        ("password authentication failed", "access denied", "no password supplied"),
        "the server does not let this user in",
    ),
    (("unable to open database file",), "the file cannot be opened: does its folder exist?"),
    (
        ("no such table", "undefinedtable", "doesn't exist", "does not exist"),
        "authwire db check says what is missing",
    ),
)
"""Words of drivers, in lower case, and what they mean."""
_CONFLICTS: Final = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATE of a transaction that lost against another: PostgreSQL, appendix A."""
_LOCKS: Final = frozenset({1205, 1213})
"""MySQL's ER_LOCK_WAIT_TIMEOUT and ER_LOCK_DEADLOCK."""


class Refused(Exception):
    """The command cannot do this; the message says why and what to do instead."""


class DatabaseFailed(Exception):
    """The database failed. The message names the error's class and, if it is plain, what to look at.

    The words of the error itself stay out: drivers quote URLs, addresses and tokens in theirs.
    """

    def __init__(self, cause: BaseException) -> None:
        chain = list(_chain(cause))
        first = chain[1] if len(chain) > 1 and type(cause).__name__ == "AdapterError" else chain[0]
        words = " ".join(f"{type(link).__name__} {link}" for link in chain).lower()
        hint = next((hint for signs, hint in _HINTS if any(sign in words for sign in signs)), "")
        super().__init__(
            f"the database failed with {type(first).__name__}" + (f": {hint}" if hint else "")
        )


def is_passing(error: BaseException) -> bool:
    """Whether the database only refused because somebody else was at the same rows."""
    for link in _chain(error):
        fault: Any = link
        state = getattr(fault, "sqlstate", None) or getattr(fault, "pgcode", None)
        if state in _CONFLICTS or (link.args and link.args[0] in _LOCKS):
            return True
        if "database is locked" in str(link):
            return True
    return False


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: Any = error
    while isinstance(link, BaseException) and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = getattr(link, "orig", None) or link.__cause__ or link.__context__
