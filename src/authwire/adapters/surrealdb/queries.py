"""What is asked of SurrealDB. Values are parameters; what is put in here are names of our own.

A block in braces is one statement and so one transaction. Transactions do not all see one another:
some engines notice only that two of them wrote the same record, and one of them not even that if it
was deleted. So whoever writes what belongs to a user first writes one of 256 records of ``auth_lock``,
which are never deleted. Of two that meet there the database undoes one, which is then tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

__all__ = [
    "BATCH",
    "INDEXES",
    "TABLES",
    "create",
    "delete_expired_sessions",
    "delete_expired_tokens",
    "delete_sessions",
    "delete_user",
    "schema",
    "take",
    "take_by_token",
    "take_token",
    "update",
]

TABLES: Final = (
    "user",
    "account",
    "session",
    "verification_token",
    "authenticator",
    "auth_lock",
)
INDEXES: Final[Mapping[str, tuple[str, str]]] = {
    "authwire_user_email": ("user", "FIELDS email UNIQUE"),
    "authwire_account_user": ("account", "FIELDS user_id"),
    "authwire_session_user": ("session", "FIELDS user_id"),
    "authwire_session_expires": ("session", "FIELDS expires"),
    "authwire_token_token": ("verification_token", "FIELDS token"),
    "authwire_token_expires": ("verification_token", "FIELDS expires"),
    "authwire_authenticator_user": ("authenticator", "FIELDS user_id"),
}
"""Table and definition of each index. All other lookups go by the id of the record."""
BATCH: Final = 100
"""Expired rows that one transaction deletes: a long one would be in everybody's way."""


def _lock(text: str) -> str:
    """Write the lock that the value of the expression ``text`` belongs to."""
    shard = f"string::slice(crypto::sha256(<string> {text}), 0, 2)"
    return f"UPSERT auth_lock:[{shard}] SET n = rand::uuid() RETURN NONE;"


_LOCK_USER: Final = _lock("record::id($user)")
_LOCK_OWNER: Final = (
    f"LET $owner = $id.user_id; IF $owner != NONE {{ {_lock('record::id($owner)')} }};"
)
_REFUSE_ID: Final = "IF record::exists($id) { THROW 'authwire:id_taken' };"
_REFUSE_USER: Final = "IF !record::exists($user) { THROW 'authwire:no_such_user' };"


def create(*, owned: bool) -> str:
    """Store ``$data`` as ``$id``, if that is free, and there is a ``$user`` if it is ``owned``."""
    checks = f"{_LOCK_USER} {_REFUSE_USER}" if owned else ""
    return f"{{ {checks} {_REFUSE_ID} RETURN (CREATE $id CONTENT $data RETURN AFTER); }}"


def update(names: Iterable[str], *, owned: bool) -> str:
    """Set the given fields of ``$id``; the value of ``name`` is ``$set_name``."""
    lock = _LOCK_OWNER if owned else _LOCK_USER
    changes = ", ".join(f"`{name}` = $set_{name}" for name in names)
    changed = "SELECT * FROM $id"
    if changes:
        changed = f"UPDATE $id SET {changes} RETURN AFTER"  # noqa: S608  # names of a dataclass' fields
    return f"{{ {lock} RETURN ({changed}); }}"


def take() -> str:
    """Delete and return the owned record ``$id``."""
    return f"{{ {_LOCK_OWNER} RETURN (DELETE $id RETURN BEFORE); }}"


def take_token() -> str:
    """Delete and return the record ``$id`` of the token ``$wanted``."""
    return f"{{ {_lock('$wanted')} RETURN (DELETE $id RETURN BEFORE); }}"


def take_by_token() -> str:
    """Delete and return all records of the token ``$wanted``."""
    gone = "DELETE verification_token WHERE token = $wanted RETURN BEFORE"
    return f"{{ {_lock('$wanted')} RETURN ({gone}); }}"


def delete_user() -> str:
    """Delete ``$user`` with everything that belongs to it."""
    owned = " ".join(
        f"DELETE {table} WHERE user_id = $user RETURN NONE;"
        for table in ("session", "account", "authenticator")
    )
    return f"{{ {_LOCK_USER} {owned} DELETE $user RETURN NONE; }}"


def delete_sessions() -> str:
    """Delete the sessions of ``$user`` but for the record ``$keep``; returns how many."""
    gone = "DELETE session WHERE user_id = $user AND id != $keep RETURN BEFORE"
    return f"{{ {_LOCK_USER} RETURN array::len(({gone})); }}"


def delete_expired_sessions() -> str:
    """Delete at most ``$limit`` that expired before ``$now``; returns how many."""
    rows = "SELECT id, user_id FROM session WHERE expires < $now LIMIT $limit"
    return (
        f"{{ LET $rows = ({rows}); "
        f"FOR $owner IN array::distinct($rows.user_id) {{ {_lock('record::id($owner)')} }}; "
        "RETURN array::len((DELETE $rows.id RETURN BEFORE)); }"
    )


def delete_expired_tokens() -> str:
    """As `delete_expired_sessions`. Nothing ever changes a token, so there is no lock to write."""
    rows = "SELECT VALUE id FROM verification_token WHERE expires < $now LIMIT $limit"
    return f"{{ LET $rows = ({rows}); RETURN array::len((DELETE $rows RETURN BEFORE)); }}"


def schema(present: Mapping[str, Any]) -> str:
    """Define all tables, but those that are ``present``, and all indexes.

    ``PERMISSIONS NONE`` keeps those who sign in to the database itself as a record away from tokens.
    """
    tables = [
        f"DEFINE TABLE IF NOT EXISTS {table} TYPE NORMAL SCHEMALESS PERMISSIONS NONE;"
        for table in TABLES
        if table not in present
    ]
    indexes = [
        f"DEFINE INDEX IF NOT EXISTS {name} ON TABLE {table} {definition};"
        for name, (table, definition) in INDEXES.items()
    ]
    return " ".join([*tables, *indexes])
