"""The adapter. Each method is one script or a few; see `authwire.adapters.redis.scripts`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar, cast

from authwire.adapters._rules import (
    ACCOUNT_LINKED,
    CREDENTIAL_TAKEN,
    EMAIL_TAKEN,
    NO_SUCH_AUTHENTICATOR,
    NO_SUCH_USER,
    SESSION_TAKEN,
    TOKEN_TAKEN,
    USER_ID_TAKEN,
    account_changes,
    keep_id,
    taken,
    with_id,
)
from authwire.adapters.redis.health import complaints
from authwire.adapters.redis.rows import Rows, from_ms, to_ms, whole_ms
from authwire.adapters.redis.scripts import TOKEN_ADD, TOKEN_USE
from authwire.adapters.redis.sessions import Sessions
from authwire.adapters.redis.store import Client, Store, account_name
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)

__all__ = ["RedisAdapter"]

V = TypeVar("V")
TOO_LATE = "the store took too long"


class RedisAdapter(Generic[U]):
    """Redis 6.2 or later and Valkey. What expires is dropped by the server itself.

    With a sync client no method ever suspends, so sync apps can drive them; an async app runs them
    in threads then. Awaited directly, they block the event loop.

    Args:
        client: a ``Redis`` or ``RedisCluster`` of ``redis`` or ``redis.asyncio``.
        prefix: of all keys. With a hash tag in it, such as ``{authwire}:``, a cluster keeps all
            of them in one slot.
        user: your `User` subclass; its fields hold what JSON can, or times.
        cluster: whether the keys may lie on different servers. Default: if the client is one for
            clusters. All apps that share the keys must agree.

    Raises:
        TypeError: if it is no client of redis-py.
    """

    def __init__(
        self,
        client: Client,
        *,
        prefix: str = "authwire:",
        user: type[U] | None = None,
        cluster: bool | None = None,
    ) -> None:
        self._store = Store(client, prefix, split=cluster)
        self._sessions = Sessions(self._store)
        self._user = Rows(cast("type[U]", user or User))
        self._account = Rows(Account)
        self._authenticator = Rows(Authenticator)

    @property
    def io(self) -> Literal["async", "blocking"]:
        """Whether the methods wait in an event loop or block the thread."""
        return "async" if self._store.waits else "blocking"

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        stored = with_id(user)
        text = self._user.dump(stored)
        name = _email_name(stored.email)
        match await self._store.put(stored.id, "absent", name, ["user", text]):
            case "user":
                raise taken(USER_ID_TAKEN)
            case "name":
                raise taken(EMAIL_TAKEN)
            case "late":
                raise taken(TOO_LATE)
        return self._user.load(text)

    async def get_user(self, user_id: str) -> U | None:
        text = await self._store.command("HGET", self._store.user_key(user_id), "user")
        return None if text is None else self._user.load(text)

    async def get_user_by_email(self, email: str) -> U | None:
        return await self._named_user(f"email:{email}")

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        return await self._named_user(account_name(provider, provider_account_id))

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        key = self._store.user_key(user_id)
        while True:
            old = await self._store.command("HGET", key, "user")
            if old is None:
                raise LookupError(NO_SUCH_USER)
            new = self._user.changed(old, changes)
            user = self._user.load(new)
            if new == old:
                return user
            take, free = _email_name(user.email), _email_name(self._user.load(old).email)
            if take == free:
                take = free = ""
            match await self._store.swap(user_id, "user", old, new, take=take, free=free):
                case "ok":
                    return user
                case "changed":  # by somebody else since it was read
                    continue
                case "name":
                    raise taken(EMAIL_TAKEN)
            raise taken(TOO_LATE)

    async def delete_user(self, user_id: str) -> None:
        await self._store.forget(user_id)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already, or its user is unknown.
        """
        name = account_name(account.provider, account.provider_account_id)
        text = self._account.dump(account)
        await self._add(account.user_id, name, text, ACCOUNT_LINKED)
        return self._account.load(text)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        await self._store.drop(account_name(provider, provider_account_id))

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        found = await self._store.find(account_name(provider, provider_account_id))
        return None if found is None else self._account.load(found.value)

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        name = account_name(account.provider, account.provider_account_id)
        while True:
            found = await self._store.find(name)
            if found is None:
                return None
            new = account_changes(account, self._account.load(found.value))
            text = self._account.dump(new)
            if await self._store.swap(found.owner, name, found.value, text) == "ok":
                return self._account.load(text)

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return await self._owned(user_id, "account:", self._account)

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken, or its user is unknown.
        """
        outcome = await self._sessions.create(session)
        if outcome != "ok":
            raise taken(NO_SUCH_USER if outcome == "user" else SESSION_TAKEN)
        return whole_ms(session)

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        found = await self._sessions.find(session_token)
        return None if found is None else (found[0], self._user.load(found[1]))

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        return await self._sessions.move(session_token, expires)

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await self._sessions.delete(session_token)

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        """The sessions of a user that have not expired."""
        return await self._sessions.list(user_id)

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        return await self._sessions.delete_all(user_id, keep)

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:  # noqa: ARG002  # the port's arguments
        """0: the server drops what has expired."""
        return 0

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        key = self._store.key(f"token:{token.token}")
        arguments = (token.identifier, to_ms(token.expires))
        if not await self._store.run(TOKEN_ADD, [key], *arguments):
            raise taken(TOKEN_TAKEN)
        return whole_ms(token)

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Take the row out. Without an identifier all rows of that token go; one is returned."""
        key = self._store.key(f"token:{token}")
        which = () if identifier is None else (identifier,)
        row = await self._store.run(TOKEN_USE, [key], *which)
        if row is None:
            return None
        return VerificationToken(identifier=row[0], token=token, expires=from_ms(row[1]))

    async def delete_expired_verification_tokens(
        self,
        now: datetime,  # noqa: ARG002  # the port's arguments
        limit: int | None = None,  # noqa: ARG002  # as above
    ) -> int:
        """0: the server drops what has expired."""
        return 0

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken, or its user is unknown.
        """
        text = self._authenticator.dump(authenticator)
        name = _passkey_name(authenticator.credential_id)
        await self._add(authenticator.user_id, name, text, CREDENTIAL_TAKEN)
        return authenticator

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        found = await self._store.find(_passkey_name(credential_id))
        return None if found is None else self._authenticator.load(found.value)

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        return await self._owned(user_id, "passkey:", self._authenticator)

    async def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator:
        """Set the signature counter.

        Raises:
            LookupError: if there is no such passkey.
        """
        return await self.update_authenticator(credential_id, {"counter": counter})

    async def update_authenticator(
        self, credential_id: str, changes: Mapping[str, Any]
    ) -> Authenticator:
        """Change the given fields.

        Raises:
            LookupError: if there is no such passkey.
            TypeError: if a passkey has no such field.
            ValueError: if the id or the owner would change.
        """
        keep_id(changes, "credential_id", credential_id)
        name = _passkey_name(credential_id)
        while True:
            found = await self._store.find(name)
            if found is None:
                raise LookupError(NO_SUCH_AUTHENTICATOR)
            if changes.get("user_id", found.owner) != found.owner:
                raise ValueError("a passkey's owner cannot change")
            text = self._authenticator.changed(found.value, changes)
            if await self._store.swap(found.owner, name, found.value, text) == "ok":
                return self._authenticator.load(text)

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        text = await self._store.drop(_passkey_name(credential_id))
        return None if text is None else self._authenticator.load(text)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Nothing to do: Redis has no schema."""

    async def check_schema(self) -> list[str]:
        """What about the servers endangers the rows: their age, and what they evict."""
        return await complaints(self._store)

    # --- what they share ------------------------------------------------------------------------

    async def _named_user(self, name: str) -> U | None:
        found = await self._store.find(name)
        return None if found is None else self._user.load(found.user)

    async def _owned(self, user_id: str, kind: str, rows: Rows[V]) -> list[V]:
        fields = await self._store.fields(user_id)
        return [rows.load(text) for name, text in fields.items() if name.startswith(kind)]

    async def _add(self, owner: str, name: str, text: str, refusal: str) -> None:
        """Put a row under a name of its owner's."""
        messages = {"user": NO_SUCH_USER, "name": refusal, "late": TOO_LATE}
        outcome = await self._store.put(owner, "present", name, [name, text])
        if outcome != "ok":
            raise taken(messages[outcome])


def _email_name(email: str | None) -> str:
    """The name under which an e-mail is unique; none without one."""
    return "" if email is None else f"email:{email}"


def _passkey_name(credential_id: str) -> str:
    return f"passkey:{credential_id}"
