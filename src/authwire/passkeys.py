"""The passkeys of whoever is signed in, for an account page of the app's own."""

from __future__ import annotations

from typing import Generic

from authwire.core.context import Context
from authwire.core.passkeys import list_passkeys, remove_passkey, rename_passkey
from authwire.models import Authenticator, U
from authwire.runtime import InlineRuntime, PortalRuntime

__all__ = ["Passkeys", "SyncPasskeys"]


class Passkeys(Generic[U]):
    """Made by `Auth.passkeys`. Check CSRF in your own forms before you call what changes something."""

    def __init__(self, ctx: Context[U]) -> None:
        self._ctx = ctx

    async def list(self) -> list[Authenticator]:
        """All that the signed-in user has; none if nobody is signed in."""
        return await list_passkeys(self._ctx)

    async def rename(self, passkey_id: str, name: str) -> Authenticator:
        """Give one a name, which only its owner sees; an empty one takes the name away.

        Args:
            passkey_id: its ``credential_id``.
            name: at most 255 characters.

        Raises:
            PasskeyNotFound: if the signed-in user has no such passkey.
            ValueError: if the name is too long.
            AdapterError: if the database has no room for names (Auth.js' tables).
        """
        return await rename_passkey(self._ctx, passkey_id, name)

    async def remove(self, passkey_id: str, *, allow_last: bool = False) -> None:
        """Forget one. Sessions that it opened go on.

        Args:
            passkey_id: its ``credential_id``.
            allow_last: remove it even if Authwire knows of no other way in for its owner. Passwords
                are such a way: only your app knows of them.

        Raises:
            PasskeyNotFound: if the signed-in user has no such passkey.
            LastWayIn: if its owner could not sign in any more.
        """
        await remove_passkey(self._ctx, passkey_id, allow_last=allow_last)


class SyncPasskeys(Generic[U]):
    """`Passkeys` without ``await``. Made by `SyncAuth.passkeys`."""

    def __init__(self, ctx: Context[U], runtime: InlineRuntime | PortalRuntime) -> None:
        self._ctx = ctx
        self._runtime = runtime

    def list(self) -> list[Authenticator]:
        """See `Passkeys.list`."""
        return self._runtime.run(list_passkeys(self._ctx))

    def rename(self, passkey_id: str, name: str) -> Authenticator:
        """See `Passkeys.rename`."""
        return self._runtime.run(rename_passkey(self._ctx, passkey_id, name))

    def remove(self, passkey_id: str, *, allow_last: bool = False) -> None:
        """See `Passkeys.remove`."""
        self._runtime.run(remove_passkey(self._ctx, passkey_id, allow_last=allow_last))
