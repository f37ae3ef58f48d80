"""The passkeys of whoever is signed in, for app code: list, name, remove.

Each is looked for among the user's own. One of somebody else is like one that does not exist.
"""

from __future__ import annotations

from typing import Final

from authwire.core.context import Context
from authwire.core.database import has
from authwire.core.flows.challenges import database_of
from authwire.core.sessions import sessions_of
from authwire.errors import AdapterError, LastWayIn, PasskeyNotFound
from authwire.models import Account, Authenticator, U

__all__ = ["NAME_LIMIT", "list_passkeys", "remove_passkey", "rename_passkey"]

NAME_LIMIT: Final = 255
"""Characters."""


async def list_passkeys(ctx: Context[U]) -> list[Authenticator]:
    """All of the signed-in user's; none if nobody is signed in."""
    user = await sessions_of(ctx.engine).current_user(ctx)
    if user is None:
        return []
    return await database_of(ctx).list_authenticators_by_user_id(user.id)


async def rename_passkey(ctx: Context[U], passkey_id: str, name: str) -> Authenticator:
    """Call it ``name``; blanks are put in order, and nothing is left of an empty name.

    Raises:
        PasskeyNotFound: if it is not one of the signed-in user's.
        ValueError: if the name is too long.
        AdapterError: if the database has no room for names.
    """
    _, row = await _owned(ctx, passkey_id)
    tidy = " ".join(name.replace("\0", "").split())
    if len(tidy) > NAME_LIMIT:
        raise ValueError(f"a passkey's name has at most {NAME_LIMIT} characters")
    database = database_of(ctx)
    if not has(database, "update_authenticator"):
        raise AdapterError("the adapter has no update_authenticator: it cannot name passkeys")
    return await database.update_authenticator(row.credential_id, {"name": tidy or None})


async def remove_passkey(ctx: Context[U], passkey_id: str, *, allow_last: bool = False) -> None:
    """Forget it: nobody can sign in with it any more. Sessions that it opened go on.

    Args:
        ctx: the request.
        passkey_id: its credential id.
        allow_last: remove it even if we know of no other way in; the app knows of one.

    Raises:
        PasskeyNotFound: if it is not one of the signed-in user's.
        LastWayIn: if its owner could not sign in any more.
        AdapterError: if the database cannot remove passkeys.
    """
    user, row = await _owned(ctx, passkey_id)
    database = database_of(ctx)
    if not (has(database, "delete_authenticator") and has(database, "unlink_account")):
        raise AdapterError("removing passkeys needs delete_authenticator and unlink_account")
    if not allow_last and not await _has_another_way(ctx, user, row):
        raise LastWayIn("this passkey is the only way in that is left")
    accounts = await _accounts_of(ctx, row)
    for account in accounts:
        await database.unlink_account(account.provider, account.provider_account_id)
    await database.delete_authenticator(row.credential_id)
    if allow_last or await _has_another_way(ctx, user, row):
        return
    # The other one was removed at the same time. Both come back rather than none.
    await database.create_authenticator(row)
    for account in accounts:
        await database.link_account(account)
    raise LastWayIn("this passkey is the only way in that is left")


async def _owned(ctx: Context[U], passkey_id: str) -> tuple[U, Authenticator]:
    """The signed-in user and the passkey of theirs with that id (standard base64 or base64url)."""
    from authwire.protocol.webauthn import standard_base64  # only passkeys need it

    user = await sessions_of(ctx.engine).current_user(ctx)
    try:
        credential_id = standard_base64(passkey_id)
    except ValueError:
        credential_id = ""
    if user is not None and credential_id:
        row = await database_of(ctx).get_authenticator(credential_id)
        if row is not None and row.user_id == user.id:
            return user, row
    raise PasskeyNotFound("no such passkey among those of the signed-in user")


async def _accounts_of(ctx: Context[U], row: Authenticator) -> list[Account]:
    database = database_of(ctx)
    found = [
        await database.get_account(item.provider.id, row.provider_account_id)
        for item in ctx.engine.providers.values()
        if item.provider.type == "webauthn"
    ]
    return [account for account in found if account is not None]


async def _has_another_way(ctx: Context[U], user: U, row: Authenticator) -> bool:
    """Whether ``user`` can sign in without ``row``, as far as providers and database tell.

    Passwords are the app's own and unknown here. An address counts once its owner has proved it.
    """
    database, providers = database_of(ctx), ctx.engine.providers
    kinds = {item.provider.type for item in providers.values()}
    if "email" in kinds and user.email and user.email_verified is not None:
        return True
    for other in await database.list_authenticators_by_user_id(user.id):
        if other.credential_id != row.credential_id and await _accounts_of(ctx, other):
            return True
    if not has(database, "list_accounts_by_user_id"):
        return False
    return any(
        account.type in ("oauth", "oidc") and account.provider in providers
        for account in await database.list_accounts_by_user_id(user.id)
    )
