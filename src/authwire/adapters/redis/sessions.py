"""Sessions: a sorted set for each user, by expiry, and a pointer for each token."""

from __future__ import annotations

from datetime import datetime

from authwire.adapters.redis.rows import from_ms, to_ms
from authwire.adapters.redis.scripts import (
    EXTEND,
    GRANT,
    MOVE,
    REVOKE,
    REVOKE_ALL,
    SESSION,
    SESSIONS,
)
from authwire.adapters.redis.store import Outcome, Store, owner_of
from authwire.models import AdapterSession

__all__ = ["Sessions"]


class Sessions:
    """What is not in the set of its user is no session, whatever the pointer says.

    In a cluster the pointer is therefore made before the set is changed and deleted after it. One
    that is left behind leads nowhere, and expires.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, session: AdapterSession) -> Outcome:
        store, token, owner = self._store, session.session_token, session.user_id
        pointer, expiry = self._pointer(token), to_ms(session.expires)
        keys = [store.user_key(owner), store.sessions_key(owner)]
        if store.split:
            claimed = await store.point(pointer, owner, expiry)
            if not claimed:
                return "name"
        else:
            keys.append(pointer)
        outcome: Outcome = await store.run(GRANT, keys, owner, token, expiry)
        if store.split and outcome != "ok":
            await store.command("DEL", pointer)
        return outcome

    async def find(self, token: str) -> tuple[AdapterSession, str] | None:
        """The session and its user's JSON."""
        store, pointer = self._store, self._pointer(token)
        if not store.split:
            found = await store.run(SESSION, [pointer], token, store.prefix)
            owner = "" if found is None else owner_of(found[0])
        else:
            says = await store.command("GET", pointer)
            if says is None:
                return None
            owner = owner_of(says)
            keys = [store.user_key(owner), store.sessions_key(owner)]
            found = await store.run(SESSION, keys, token)
        return None if found is None else (_session(token, owner, found[1]), found[2])

    async def move(self, token: str, expires: datetime) -> AdapterSession | None:
        store, expiry = self._store, to_ms(expires)
        # The pointer first: it may outlive the session, but not the other way round.
        says = await store.run(EXTEND, [self._pointer(token)], expiry)
        if says is None:
            return None
        owner = owner_of(says)
        moved = await store.run(MOVE, [store.sessions_key(owner)], token, expiry)
        return _session(token, owner, expiry) if moved else None

    async def delete(self, token: str) -> AdapterSession | None:
        store, pointer = self._store, self._pointer(token)
        says = await store.command("GET", pointer)
        if says is None:
            return None
        owner = owner_of(says)
        keys = [store.sessions_key(owner), *([] if store.split else [pointer])]
        expiry = await store.run(REVOKE, keys, token)
        if store.split:
            await store.command("DEL", pointer)
        return None if expiry is None else _session(token, owner, expiry)

    async def list(self, user_id: str) -> list[AdapterSession]:
        found = await self._store.run(SESSIONS, [self._store.sessions_key(user_id)])
        pairs = zip(found[::2], found[1::2], strict=True)
        return [_session(token, user_id, expiry) for token, expiry in pairs]

    async def delete_all(self, user_id: str, keep: str | None) -> int:
        store = self._store
        kept = () if keep is None else (keep,)
        gone = await store.run(REVOKE_ALL, [store.sessions_key(user_id)], *store.mode, *kept)
        if store.split:
            for token in gone:
                await store.command("DEL", self._pointer(token))
        return len(gone)

    def _pointer(self, token: str) -> str:
        return self._store.key(f"session:{token}")


def _session(token: str, owner: str, expiry: str) -> AdapterSession:
    return AdapterSession(session_token=token, user_id=owner, expires=from_ms(expiry))
