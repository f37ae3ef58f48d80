"""The adapter for async code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Generic, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

from authwire.adapters.django.adapter import DjangoAdapter
from authwire.adapters.django.store import Model, Models
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    VerificationToken,
)

__all__ = ["AsyncDjangoAdapter"]

P = ParamSpec("P")
T = TypeVar("T")


class AsyncDjangoAdapter(Generic[U]):
    """`DjangoAdapter` for async code on asyncio. Takes the same arguments.

    Django has no async transactions, so each call runs whole in a thread: in the one that Django
    has for the sync code of a request, with its connection. Each method is described there.
    """

    io: Final = "async"
    """The methods wait in the event loop."""

    def __init__(
        self,
        user_model: Model | None = None,
        *,
        user: type[U] | None = None,
        fields: Mapping[str, str] | None = None,
        models: Models | None = None,
        new_user: Callable[[U], Mapping[str, Any]] | None = None,
        using: str = "default",
        close_connections: bool = False,
    ) -> None:
        self.sync: DjangoAdapter[U] = DjangoAdapter(
            user_model,
            user=user,
            fields=fields,
            models=models,
            new_user=new_user,
            using=using,
            close_connections=close_connections,
        )
        """The same adapter for sync code."""

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        return await _run(self.sync.create_user, user)

    async def get_user(self, user_id: str) -> U | None:
        return await _run(self.sync.get_user, user_id)

    async def get_user_by_email(self, email: str) -> U | None:
        return await _run(self.sync.get_user_by_email, email)

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        return await _run(self.sync.get_user_by_account, provider, provider_account_id)

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        return await _run(self.sync.update_user, user_id, changes)

    async def delete_user(self, user_id: str) -> None:
        await _run(self.sync.delete_user, user_id)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        return await _run(self.sync.link_account, account)

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        await _run(self.sync.unlink_account, provider, provider_account_id)

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        return await _run(self.sync.get_account, provider, provider_account_id)

    async def update_account(self, account: Account) -> Account | None:
        return await _run(self.sync.update_account, account)

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return await _run(self.sync.list_accounts_by_user_id, user_id)

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        return await _run(self.sync.create_session, session)

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        return await _run(self.sync.get_session_and_user, session_token)

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        return await _run(self.sync.update_session, session_token, expires)

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return await _run(self.sync.delete_session, session_token)

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return await _run(self.sync.list_sessions_by_user_id, user_id)

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        return await _run(self.sync.delete_sessions_by_user_id, user_id, keep)

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        return await _run(self.sync.delete_expired_sessions, now, limit)

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        return await _run(self.sync.create_verification_token, token)

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        return await _run(self.sync.use_verification_token, token, identifier)

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        return await _run(self.sync.delete_expired_verification_tokens, now, limit)

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        return await _run(self.sync.create_authenticator, authenticator)

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        return await _run(self.sync.get_authenticator, credential_id)

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        return await _run(self.sync.list_authenticators_by_user_id, user_id)

    async def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator:
        return await _run(self.sync.update_authenticator_counter, credential_id, counter)

    async def update_authenticator(
        self, credential_id: str, changes: Mapping[str, Any]
    ) -> Authenticator:
        return await _run(self.sync.update_authenticator, credential_id, changes)

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        return await _run(self.sync.delete_authenticator, credential_id)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        await _run(self.sync.create_schema)

    async def check_schema(self) -> list[str]:
        return await _run(self.sync.check_schema)


async def _run(method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    return await sync_to_async(method, thread_sensitive=True)(*args, **kwargs)
