"""The adapter: each method is one POST."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Generic, Literal, cast

from authwire.adapters._rules import keep_id, with_id
from authwire.adapters.http.codes import error_of, secret_bytes
from authwire.adapters.http.methods import METHODS
from authwire.adapters.http.rows import Malformed, Tables
from authwire.errors import AdapterError, ProtocolError, ProviderUnreachable
from authwire.http import HttpRequest, HttpResponse
from authwire.models import (
    Account,
    AdapterSession,
    Authenticator,
    U,
    User,
    VerificationToken,
)
from authwire.protocol.urls import require_https
from authwire.runtime import AsyncHttp, SyncHttp

__all__ = ["HttpAdapter", "SyncHttpAdapter"]


class HttpAdapter(Generic[U]):
    """Keeps everything in a back end that speaks JSON over HTTP.

    A call takes ten seconds at most, follows no redirect and reads no more than 1 MiB. With a client
    of your own its time limits count, and 60 seconds in all.

    Args:
        url: where the back end is; the names of the methods are appended. It must be https, but for
            one on this machine.
        secret: what the back end knows us by, 16 characters or more.
        client: an ``httpx2.AsyncClient``, yours to close.
        user: your `User` subclass, if you have one.
        shared_with_authjs: whether Auth.js writes to that database too. Nothing on the wire tells, and
            the safe answer is no: tokens are then kept as `authwire.AtRestConfig` says.

    Raises:
        ValueError: if the URL or the secret cannot be used.
    """

    io: Literal["async", "blocking"] = "async"

    def __init__(
        self,
        url: str,
        *,
        secret: str,
        client: Any = None,
        user: type[U] | None = None,
        shared_with_authjs: bool = False,
    ) -> None:
        try:
            self._url = require_https(url, "the back end's URL").rstrip("/")
        except ProtocolError as exc:
            raise ValueError(str(exc)) from None
        if "?" in url:
            raise ValueError("the back end's URL must not have a query")
        self._headers: Final = (
            ("authorization", f"Bearer {secret_bytes(secret).decode()}"),
            ("content-type", "application/json"),
        )
        self.shared_with_authjs = shared_with_authjs
        self._http = self._transport(client)
        self._tables = Tables(cast("type[U]", user or User))

    def _transport(self, client: Any) -> AsyncHttp | SyncHttp:
        return AsyncHttp(client)

    async def aclose(self) -> None:
        """Close the connections that this event loop opened. A client of your own stays open."""
        if isinstance(self._http, AsyncHttp):
            await self._http.aclose()

    async def methods(self) -> list[str]:
        """The names of the methods that the back end offers, as they stand in the protocol."""
        names = await self._post("methods", "methods", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise AdapterError("methods: the back end's answer is not what the protocol asks for")
        return names

    # --- users ----------------------------------------------------------------------------------

    async def create_user(self, user: U) -> U:
        """Store a user; an empty id is replaced by a new one.

        Raises:
            AdapterError: if the id or the e-mail is taken.
        """
        return cast("U", await self._call("create_user", with_id(user)))

    async def get_user(self, user_id: str) -> U | None:
        return cast("U | None", await self._call("get_user", user_id))

    async def get_user_by_email(self, email: str) -> U | None:
        return cast("U | None", await self._call("get_user_by_email", email))

    async def get_user_by_account(self, provider: str, provider_account_id: str) -> U | None:
        found = await self._call("get_user_by_account", provider, provider_account_id)
        return cast("U | None", found)

    async def update_user(self, user_id: str, changes: Mapping[str, Any]) -> U:
        """Change the given fields.

        Raises:
            LookupError: if there is no such user.
            TypeError: if a user has no such field.
            ValueError: if the id would change.
            AdapterError: if the e-mail is taken.
        """
        keep_id(changes, "id", user_id)
        return cast("U", await self._call("update_user", user_id, changes))

    async def delete_user(self, user_id: str) -> None:
        await self._call("delete_user", user_id)

    # --- accounts -------------------------------------------------------------------------------

    async def link_account(self, account: Account) -> Account:
        """Store an account.

        Raises:
            AdapterError: if it is linked already.
        """
        return cast("Account | None", await self._call("link_account", account)) or account

    async def unlink_account(self, provider: str, provider_account_id: str) -> None:
        await self._call("unlink_account", provider, provider_account_id)

    async def get_account(self, provider: str, provider_account_id: str) -> Account | None:
        found = await self._call("get_account", provider, provider_account_id)
        return cast("Account | None", found)

    async def update_account(self, account: Account) -> Account | None:
        """Overwrite all but the account's key, owner and type."""
        return cast("Account | None", await self._call("update_account", account))

    async def list_accounts_by_user_id(self, user_id: str) -> list[Account]:
        return cast("list[Account]", await self._call("list_accounts_by_user_id", user_id))

    # --- sessions -------------------------------------------------------------------------------

    async def create_session(self, session: AdapterSession) -> AdapterSession:
        """Store a session.

        Raises:
            AdapterError: if the token is taken.
        """
        return cast("AdapterSession", await self._call("create_session", session))

    async def get_session_and_user(self, session_token: str) -> tuple[AdapterSession, U] | None:
        found = await self._call("get_session_and_user", session_token)
        return cast("tuple[AdapterSession, U] | None", found)

    async def update_session(self, session_token: str, expires: datetime) -> AdapterSession | None:
        moved = await self._call("update_session", session_token, expires)
        return cast("AdapterSession | None", moved)

    async def delete_session(self, session_token: str) -> AdapterSession | None:
        return cast("AdapterSession | None", await self._call("delete_session", session_token))

    async def list_sessions_by_user_id(self, user_id: str) -> list[AdapterSession]:
        return cast("list[AdapterSession]", await self._call("list_sessions_by_user_id", user_id))

    async def delete_sessions_by_user_id(self, user_id: str, keep: str | None = None) -> int:
        return cast("int", await self._call("delete_sessions_by_user_id", user_id, keep))

    async def delete_expired_sessions(self, now: datetime, limit: int | None = None) -> int:
        return cast("int", await self._call("delete_expired_sessions", now, limit))

    # --- verification tokens --------------------------------------------------------------------

    async def create_verification_token(self, token: VerificationToken) -> VerificationToken:
        """Store a token.

        Raises:
            AdapterError: if this identifier has this token already.
        """
        return cast("VerificationToken", await self._call("create_verification_token", token))

    async def use_verification_token(
        self, token: str, identifier: str | None
    ) -> VerificationToken | None:
        used = await self._call("use_verification_token", token, identifier)
        return cast("VerificationToken | None", used)

    async def delete_expired_verification_tokens(
        self, now: datetime, limit: int | None = None
    ) -> int:
        return cast("int", await self._call("delete_expired_verification_tokens", now, limit))

    # --- authenticators -------------------------------------------------------------------------

    async def create_authenticator(self, authenticator: Authenticator) -> Authenticator:
        """Store a passkey.

        Raises:
            AdapterError: if its id is taken.
        """
        return cast("Authenticator", await self._call("create_authenticator", authenticator))

    async def get_authenticator(self, credential_id: str) -> Authenticator | None:
        return cast("Authenticator | None", await self._call("get_authenticator", credential_id))

    async def list_authenticators_by_user_id(self, user_id: str) -> list[Authenticator]:
        found = await self._call("list_authenticators_by_user_id", user_id)
        return cast("list[Authenticator]", found)

    async def update_authenticator_counter(self, credential_id: str, counter: int) -> Authenticator:
        """Set the signature counter.

        Raises:
            LookupError: if there is no such passkey.
        """
        counted = await self._call("update_authenticator_counter", credential_id, counter)
        return cast("Authenticator", counted)

    async def update_authenticator(
        self, credential_id: str, changes: Mapping[str, Any]
    ) -> Authenticator:
        """Change the given fields.

        Raises:
            LookupError: if there is no such passkey.
            TypeError: if a passkey has no such field, or the back end no place for it.
            ValueError: if the id would change.
        """
        keep_id(changes, "credential_id", credential_id)
        changed = await self._call("update_authenticator", credential_id, changes)
        return cast("Authenticator", changed)

    async def delete_authenticator(self, credential_id: str) -> Authenticator | None:
        gone = await self._call("delete_authenticator", credential_id)
        return cast("Authenticator | None", gone)

    # --- schema ---------------------------------------------------------------------------------

    async def create_schema(self) -> None:
        """Have the back end create what it needs."""
        await self._call("create_schema")

    async def check_schema(self) -> list[str]:
        """What the back end says is missing."""
        return cast("list[str]", await self._call("check_schema"))

    # --- the wire -------------------------------------------------------------------------------

    async def _call(self, name: str, *values: Any) -> Any:
        method = METHODS[name]
        try:
            args = method.pack_args(self._tables, values)
        except ValueError:
            raise AdapterError(f"{name}: a time without a time zone cannot be sent") from None
        result = await self._post(name, method.wire, args)
        try:
            return method.result.unpack(self._tables, result)
        except Malformed as exc:
            raise AdapterError(f"{name}: in the back end's answer {exc}") from None

    async def _post(self, name: str, wire: str, args: list[Any]) -> Any:
        try:
            body = json.dumps({"args": args}, allow_nan=False).encode()
        except (TypeError, ValueError):
            # Without the cause, which quotes the value.
            raise AdapterError(f"{name}: a value cannot be written as JSON") from None
        request = HttpRequest(
            method="POST", url=f"{self._url}/{wire}", headers=self._headers, body=body
        )
        try:
            response = await self._http.send(request)
        except ProviderUnreachable as exc:
            raise AdapterError(f"the back end did not answer: {exc}") from None
        return _result(name, response)


class SyncHttpAdapter(HttpAdapter[U]):
    """`HttpAdapter` for sync apps: no method ever suspends, each blocks its thread.

    ``client`` is an ``httpx2.Client``.
    """

    io = "blocking"

    def _transport(self, client: Any) -> AsyncHttp | SyncHttp:
        return SyncHttp(client)

    def close(self) -> None:
        """Close the connections of this process. A client of your own stays open."""
        if isinstance(self._http, SyncHttp):
            self._http.close()


def _result(name: str, response: HttpResponse) -> Any:
    """What the back end returned.

    Raises:
        AdapterError: on any status but 200, never with words of the back end, which may quote values.
        LookupError: if it knows no such row.
        TypeError: if it knows no such field.
    """
    try:
        answer = json.loads(response.body)
    except (ValueError, RecursionError):
        answer = None
    if response.status == 200 and isinstance(answer, dict) and "result" in answer:
        return answer["result"]
    if response.status >= 400:
        known = error_of(name, answer.get("code")) if isinstance(answer, dict) else None
        if known is not None:
            raise known
        raise AdapterError(f"{name}: the back end answered {response.status}")
    raise AdapterError(f"{name}: the back end's answer is not what the protocol asks for")
