"""Whose account is it? A pure table of decisions, and the function that carries one out.

The rows are numbered as in the documentation (docs/linking.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeAlias

from authwire.config import CreateUserEvent, LinkAccountEvent, UpdateUserEvent
from authwire.core.context import Context
from authwire.core.database import has
from authwire.core.identity import Identity, Proof
from authwire.core.sessions import sessions_of
from authwire.errors import AccountNotLinked, AdapterError, OAuthAccountNotLinked
from authwire.models import Account, Authenticator, U, User
from authwire.ports import Adapter

__all__ = ["Create", "Decision", "Facts", "Keep", "Link", "Reject", "SignIn", "decide", "link"]


@dataclass(frozen=True, kw_only=True)
class Facts(Generic[U]):
    """All that the decision depends on."""

    kind: Literal["oauth", "email", "webauthn", "credentials"]
    me: U | None = None
    """Who is signed in."""
    owner: U | None = None
    """Who owns this (provider, provider_account_id)."""
    by_email: U | None = None
    """Who has the address."""
    trusts_email: bool = False
    """The provider has ``allow_dangerous_email_account_linking``."""
    registers: bool = False
    """A passkey was made, not used: that shows who holds it, but not that its id is theirs."""


@dataclass(frozen=True)
class SignIn(Generic[U]):
    """Sign in as a known user."""

    user: U
    mark_verified: bool = False


@dataclass(frozen=True)
class Keep(Generic[U]):
    """Already signed in as the owner."""

    user: U


@dataclass(frozen=True)
class Link(Generic[U]):
    """Give the account to a known user."""

    user: U


@dataclass(frozen=True, slots=True)
class Create:
    """A new user."""

    verified: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """Nobody is signed in."""

    reason: str


Decision: TypeAlias = SignIn[U] | Keep[U] | Link[U] | Create | Reject

_FOREIGN = "the account belongs to another user"
_TAKEN = "the e-mail address belongs to another account"


def decide(facts: Facts[U]) -> Decision[U]:
    """What to do. The order of the rows matters: the first that fits counts."""
    match facts:
        case Facts(kind="email", by_email=User() as user):  # 1
            return SignIn(user, mark_verified=True)
        case Facts(kind="email"):  # 2
            return Create(verified=True)
        case Facts(kind="credentials", owner=User() as user):  # authorize() vouches for its user
            return SignIn(user)
        case Facts(kind="credentials", by_email=User()):
            return Reject(_TAKEN)
        case Facts(kind="credentials"):
            return Create()
        case Facts(owner=User() as owner, me=None, registers=False):  # 3
            return SignIn(owner)
        case Facts(owner=User() as o, me=User() as me, registers=False) if o.id == me.id:  # 4
            return Keep(me)
        case Facts(owner=User()):  # 5
            return Reject(_FOREIGN)
        case Facts(me=User() as me):  # 6
            return Link(me)
        case Facts(kind="oauth", by_email=User() as user, trusts_email=True):  # 7
            return Link(user)
        case Facts(by_email=User()):  # 8
            return Reject(_TAKEN)
        case _:  # 9
            return Create(link=True)


async def link(ctx: Context[U], proof: Proof[U]) -> Identity[U]:
    """Find or make the user whom ``proof`` is about. Without an adapter nothing is stored.

    Raises:
        OAuthAccountNotLinked, AccountNotLinked: rows 5 and 8.
        AdapterError: the database failed.
    """
    engine, database = ctx.engine, ctx.engine.database
    kind = proof.account.type
    if database is None or (kind == "credentials" and engine.strategy == "jwt"):
        # Nobody can tell here whether a credentials user is new.
        new = None if kind == "credentials" else False
        return _identity(proof, proof.user, is_new_user=new)
    facts = await _gather(ctx, proof, database)
    return await _apply(ctx, proof, facts, decide(facts), database)


async def _gather(ctx: Context[U], proof: Proof[U], database: Adapter[U]) -> Facts[U]:
    account, email = proof.account, proof.user.email
    kind = "oauth" if account.type == "oidc" else account.type
    me = await sessions_of(ctx.engine).current_user(ctx)
    owner = by_email = None
    if kind == "credentials":
        owner = await database.get_user(proof.user.id)
    elif kind != "email":
        owner = await database.get_user_by_account(account.provider, account.provider_account_id)
    if owner is None and email:
        by_email = await database.get_user_by_email(email)
    trusts = getattr(ctx.provider, "allow_dangerous_email_account_linking", False)
    return Facts(
        kind=kind,
        me=me,
        owner=owner,
        by_email=by_email,
        trusts_email=trusts,
        registers=proof.authenticator is not None,
    )


async def _apply(
    ctx: Context[U],
    proof: Proof[U],
    facts: Facts[U],
    decision: Decision[U],
    database: Adapter[U],
) -> Identity[U]:
    engine = ctx.engine
    match decision:
        case Reject(reason):
            if facts.kind == "oauth":
                raise OAuthAccountNotLinked(reason)
            raise AccountNotLinked(reason)
        case SignIn(user, mark_verified=True):
            if facts.me is not None and facts.me.id != user.id:
                await sessions_of(engine).forget(ctx)
            user = await database.update_user(user.id, {"email_verified": engine.now()})
            await engine.events.emit("update_user", UpdateUserEvent(user=user))
            return _identity(proof, user)
        case SignIn(user):
            await _restore_tokens(proof, user, database)
            new = None if facts.kind == "credentials" else False
            return _identity(proof, user, is_new_user=new)
        case Keep(user):
            await _restore_tokens(proof, user, database)
            return _identity(proof, user, keep_session=True)
        case Link(user):
            await _link_account(ctx, proof, user, database)
            return _identity(proof, user, keep_session=facts.me is not None)
        case Create(verified=verified, link=linked):
            fresh = replace(proof.user, email_verified=engine.now() if verified else None)
            user = await database.create_user(fresh)
            await engine.events.emit("create_user", CreateUserEvent(user=user))
            if linked:
                await _link_account(ctx, proof, user, database)
            return _identity(proof, user, is_new_user=True)


async def _link_account(ctx: Context[U], proof: Proof[U], user: U, database: Adapter[U]) -> None:
    account = replace(proof.account, user_id=user.id)
    await database.link_account(account)
    if proof.authenticator is not None:
        await _store_authenticator(proof.authenticator, account, database)
    event = LinkAccountEvent(user=user, account=account, profile=proof.user)
    await ctx.engine.events.emit("link_account", event)


async def _store_authenticator(
    authenticator: Authenticator, account: Account, database: Adapter[Any]
) -> None:
    try:
        await database.create_authenticator(replace(authenticator, user_id=account.user_id))
    except AdapterError:
        # An account without its passkey would be of no use, and stand in the way of the next try.
        if has(database, "unlink_account"):
            await database.unlink_account(account.provider, account.provider_account_id)
        raise


async def _restore_tokens(proof: Proof[U], user: User, database: Adapter[Any]) -> None:
    """Store the tokens of this sign-in in place of the old ones, which may be expired by now."""
    if proof.tokens is not None and has(database, "update_account"):
        await database.update_account(replace(proof.account, user_id=user.id))


def _identity(
    proof: Proof[U], user: U, *, is_new_user: bool | None = False, keep_session: bool = False
) -> Identity[U]:
    return Identity(
        user=user,
        # As in Auth.js, an OAuth account names its user only once it is a row.
        account=replace(proof.account, user_id=user.id) if proof.account.user_id else proof.account,
        tokens=proof.tokens,
        profile=proof.profile,
        is_new_user=is_new_user,
        keep_session=keep_session,
    )
