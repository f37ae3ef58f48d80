"""What the core needs from the outside, as Protocols. Implementations live in the outer layers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, runtime_checkable

from authwire.http import HttpRequest, HttpResponse
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    User,
    VerificationToken,
)

__all__ = [
    "Adapter",
    "Http",
    "Logger",
    "MailMessage",
    "Mailer",
    "Runtime",
    "SyncAdapter",
]

T = TypeVar("T")
UserT = TypeVar("UserT", bound=User)


class Adapter(Protocol[UserT]):
    """A database. All times are time-zone aware.

    An adapter raises whatever its driver raises; the core turns that into `AdapterError`, never into
    "no user". Rows handed in and out are values: changing one changes nothing in the store.
    Methods that no configured feature needs may be missing.

    An adapter may say how its methods do their I/O in an attribute ``io``: ``"async"`` (they wait in
    an event loop), ``"blocking"`` (they block the thread, even if they are coroutine functions) or
    ``"none"``. Without it, coroutine functions are taken to wait and plain ones to block.

    One whose rows are written by Auth.js too says so in ``shared_with_authjs = True``: session tokens
    and provider tokens are then kept as Auth.js keeps them, see `authwire.AtRestConfig`. One whose store
    removes expired rows by itself says so in ``drops_expired = True``.
    """

    async def create_user(self, user: UserT) -> UserT:
        """Store a new user under ``user.id`` (or an id of the store's own choice, which is returned).

        Raises:
            Exception: if the e-mail is taken; of two at the same time exactly one may win.
        """
        ...

    async def get_user(self, user_id: str) -> UserT | None: ...

    async def get_user_by_email(self, email: str) -> UserT | None: ...

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> UserT | None:
        """The owner of an account; both arguments are compared byte for byte."""
        ...

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> UserT:
        """Change only the given fields (Python names) and return the whole user.

        Raises:
            LookupError: if there is no such user.
        """
        ...

    async def delete_user(self, user_id: str) -> None:
        """Delete the user with all accounts, sessions and authenticators. No user: no error."""
        ...

    async def link_account(self, account: Account) -> Account:
        """Store an account. Raises if (provider, provider_account_id) is taken."""
        ...

    async def unlink_account(self, provider: str, provider_account_id: str) -> None: ...

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None: ...

    async def create_session(self, session: AdapterSession) -> AdapterSession: ...

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, UserT] | None:
        """Session and user in one query. An expired session is returned as it is."""
        ...

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        """Move ``expires``; None if there is no such session."""
        ...

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        """Delete and return the row, if any."""
        ...

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken: ...

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        """Delete and return the row, in one atomic step: of many at once exactly one gets it.

        Without an identifier the token alone decides. A row of another identifier stays.
        An expired row is deleted and returned too.
        """
        ...

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator: ...

    async def get_authenticator(self, credential_id: str) -> Authenticator | None: ...

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]: ...

    async def update_authenticator_counter(
        self, credential_id: str, counter: int
    ) -> Authenticator: ...

    # Beyond Auth.js' nineteen, used where present:

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite the tokens of the account with this provider and account id; None if unknown."""
        ...

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]: ...

    async def update_authenticator(
        self, credential_id: str, changes: Mapping[str, Any]
    ) -> Authenticator:
        """Change only the given fields (Python names) and return the whole passkey.

        Raises:
            LookupError: if there is no such passkey.
            TypeError: if a field cannot be stored.
        """
        ...

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        """Delete and return the row, if any."""
        ...

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        """The sessions of a user, expired ones too."""
        ...

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        """Delete the sessions of a user, but for the one with the token ``keep``; says how many."""
        ...

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        """Delete rows that expired before ``now``, at most ``limit``; says how many."""
        ...

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        """Delete rows that expired before ``now``, at most ``limit``; says how many."""
        ...

    # For `authwire db`, in adapters whose database needs preparing:

    async def create_schema(self) -> None:
        """Create the tables, collections or indexes that are missing. Changes none that exist."""
        ...

    async def check_schema(self) -> list[str]:
        """What the live database lacks of what the adapter needs, a sentence each; empty if nothing."""
        ...


class SyncAdapter(Protocol[UserT]):
    """`Adapter` with plain methods, for sync apps (an async app runs them in a thread)."""

    def create_user(self, user: UserT) -> UserT: ...
    def get_user(self, user_id: str) -> UserT | None: ...
    def get_user_by_email(self, email: str) -> UserT | None: ...
    def get_user_by_account(self, provider: str, provider_account_id: str) -> UserT | None: ...
    def update_user(self, user_id: str, changes: Mapping[str, Any]) -> UserT: ...
    def delete_user(self, user_id: str) -> None: ...
    def link_account(self, account: Account) -> Account: ...
    def unlink_account(self, provider: str, provider_account_id: str) -> None: ...
    def get_account(self, provider: str, provider_account_id: str) -> Account | None: ...
    def create_session(self, session: AdapterSession) -> AdapterSession: ...
    def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, UserT] | None: ...
    def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None: ...
    def delete_session(self, session_token: str) -> AdapterSession | None: ...
    def create_verification_token(self, token: VerificationToken) -> VerificationToken: ...
    def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None: ...
    def create_authenticator(self, authenticator: Authenticator) -> Authenticator: ...
    def get_authenticator(self, credential_id: str) -> Authenticator | None: ...
    def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]: ...
    def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator: ...
    def update_account(self, account: Account) -> Account | None: ...
    def list_accounts_by_user_id(self, user_id: str) -> list[Account]: ...
    def update_authenticator(
        self, credential_id: str, changes: Mapping[str, Any]
    ) -> Authenticator: ...
    def delete_authenticator(self, credential_id: str) -> Authenticator | None: ...
    def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]: ...
    def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int: ...
    def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int: ...
    def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int: ...
    def create_schema(self) -> None: ...
    def check_schema(self) -> list[str]: ...


class Http(Protocol):
    """The one way out to providers. Time-outs and a size cap apply to every call."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and read the whole answer. Redirects are not followed.

        Raises:
            ProviderUnreachable: no connection, time-out, or an answer over the cap.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailMessage:
    """A mail with an HTML and a text part."""

    to: str
    sender: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


class Mailer(Protocol):
    """Delivers mail."""

    async def send(self, server: str, message: MailMessage) -> None:
        """Hand ``message`` to the SMTP server at ``server``, such as ``smtp://user:pw@host:587``.

        Raises:
            EmailSignInError: if the server cannot be reached or refuses.
        """
        ...


@runtime_checkable
class Logger(Protocol):
    """Where Authwire logs. `logging.Logger` fits as it is."""

    def error(self, msg: str, *args: Any, exc_info: BaseException | None = None) -> None: ...
    def warning(self, msg: str, *args: Any) -> None: ...
    def debug(self, msg: str, *args: Any) -> None: ...


class Runtime(Protocol):
    """How user code is called and how time passes: inline, under asyncio/trio, or in a portal."""

    is_async: bool
    """Whether coroutine functions can be awaited here."""

    def call(
        self, fn: Callable[..., Any], *, blocking: bool = False, drivable: bool = False
    ) -> Callable[..., Awaitable[Any]]:
        """``fn``, sync or async, as an async callable that the core can await.

        Args:
            fn: the user's or our own callable.
            blocking: a plain ``fn`` may wait for disk or network (adapters, ``authorize``, mail
                senders, password hashers), so an event loop runs it in a thread. Small callbacks
                and mappers are called where they stand.
            drivable: an async ``fn`` awaits nothing but what the engine handed it (provider hooks
                that get `Http`, an adapter on a sync driver), so a sync app may call it too.

        Raises:
            EventLoopRequired: if ``fn`` is async and this runtime has no event loop for it.
        """
        ...
