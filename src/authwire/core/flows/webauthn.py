"""Passkeys: judge what the browser's authenticator answered to a challenge of ours.

There is no CSRF token to check, as with Auth.js: the answer is bound to a challenge that only this
browser holds and to the origin that the browser itself wrote into it. Somebody who plants a challenge
cookie of their own together with their own passkey is stopped by the ``Origin`` of the post, and by
the registration being bound to who was signed in when it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, cast
from urllib.parse import urlsplit

from authwire.core.context import Context
from authwire.core.flows.challenges import Pending, database_of, redeem_challenge
from authwire.core.identity import Proof
from authwire.core.replies import redirect
from authwire.core.sessions import sessions_of
from authwire.errors import (
    AuthError,
    MalformedRequest,
    UnknownAction,
    WebAuthnVerificationError,
)
from authwire.http import Response
from authwire.models import JSON, Account, Authenticator, U
from authwire.ports import Adapter
from authwire.protocol.webauthn import (
    Answer,
    Expectation,
    counter_went_back,
    parse_answer,
    rp_id_for,
    verify_authentication,
    verify_registration,
)
from authwire.providers._types import WebAuthn
from authwire.providers._webauthn import RelyingParty
from authwire.wire import wire_name

__all__ = ["Party", "WebAuthnFlow", "party_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The relying party of one request, with its defaults filled in."""

    id: str
    name: str
    origins: tuple[str, ...]


async def party_of(ctx: Context[U], provider: WebAuthn) -> Party:
    """For whom the passkeys of this request are."""
    hook = ctx.bound.hooks.get("get_relying_party")
    chosen: RelyingParty = provider.relying_party if hook is None else await hook(ctx.request)
    parts = urlsplit(ctx.origin)
    return Party(
        id=rp_id_for(parts.hostname or "", _listed(chosen.id)),
        name=chosen.name or parts.netloc,
        origins=_listed(chosen.origins) or (ctx.origin,),
    )


class WebAuthnFlow:
    """``action=register`` makes a passkey, ``action=authenticate`` uses one."""

    csrf_on_callback = False

    async def begin(self, ctx: Context[U]) -> Response:
        """As in Auth.js: the ceremony starts from the page, not from here."""
        return redirect(f"{ctx.base_url}/signin")

    async def finish(self, ctx: Context[U]) -> Proof[U]:
        """Judge the answer.

        Raises:
            UnknownAction: if this is no POST.
            MalformedRequest: if there is no answer in it.
            InvalidCheck: if its challenge is not this browser's, has expired or was answered before.
            WebAuthnVerificationError: if the answer does not verify.
        """
        provider = cast("WebAuthn", ctx.provider)  # FLOWS chose this flow by the type field
        if ctx.request.method != "POST":
            raise UnknownAction("a passkey's answer must be posted")
        action = ctx.form.get("action")
        if action not in ("register", "authenticate"):
            raise MalformedRequest("action is neither register nor authenticate")
        party = await party_of(ctx, provider)
        sent_from = ctx.request.headers.get("origin")
        if sent_from is not None and sent_from not in (*party.origins, ctx.origin):
            raise WebAuthnVerificationError("the answer was posted by a page of another origin")
        try:
            answer = parse_answer(ctx.form.get("data"))
        except ValueError:
            raise MalformedRequest("data is no credential in JSON") from None
        pending = await redeem_challenge(ctx, provider)
        if action == "register":
            return await _register(ctx, provider, party, pending, answer)
        return await _authenticate(ctx, provider, party, pending, answer)


async def _register(
    ctx: Context[U], provider: WebAuthn, party: Party, pending: Pending, answer: Answer
) -> Proof[U]:
    if pending.register is None:
        raise WebAuthnVerificationError("the challenge was made for a sign-in")
    me = await sessions_of(ctx.engine).current_user(ctx)
    for_whom = pending.register.get("id")
    if for_whom != (me.id if me is not None else None):
        raise WebAuthnVerificationError("the registration was begun by somebody else")
    strict = provider.verify_registration_options
    made = verify_registration(
        answer,
        _expectation(pending, party, strict=strict.require_user_verification),
        algorithms=provider.registration_options.algorithms,
        root_certificates=strict.root_certificates,
    )
    database = database_of(ctx)
    # A credential id is the authenticator's own claim. One that is known already (§7.1 step 26) would
    # make its owner of whoever claims it.
    if (
        await database.get_authenticator(made.credential_id) is not None
        or await database.get_account(provider.id, made.credential_id) is not None
    ):
        raise WebAuthnVerificationError("a passkey of this id is registered already")
    account = Account(type="webauthn", provider=provider.id, provider_account_id=made.credential_id)
    authenticator = Authenticator(
        credential_id=made.credential_id,
        user_id="",
        provider_account_id=made.credential_id,
        credential_public_key=made.public_key,
        counter=made.counter,
        credential_device_type=made.device_type,
        credential_backed_up=made.backed_up,
        transports=made.transports,
    )
    user = me if me is not None else _new_user(ctx, pending.register)
    return Proof(user=user, account=account, authenticator=authenticator)


async def _authenticate(
    ctx: Context[U], provider: WebAuthn, party: Party, pending: Pending, answer: Answer
) -> Proof[U]:
    database = database_of(ctx)
    stored, account, user = await _look_up(database, provider, answer.credential_id)
    strict = provider.verify_authentication_options.require_user_verification
    counter = verify_authentication(
        answer,
        _expectation(pending, party, strict=strict),
        public_key=stored.credential_public_key,
    )
    if counter_went_back(stored.counter, counter):
        raise WebAuthnVerificationError(
            f"a passkey of user {user.id} counted {counter} after {stored.counter}: it may be cloned"
        )
    await database.update_authenticator_counter(stored.credential_id, counter)
    return Proof(user=user, account=account)


async def _look_up(
    database: Adapter[U], provider: WebAuthn, credential_id: str
) -> tuple[Authenticator, Account, U]:
    """The stored passkey, the account that it opens, and whose that is."""
    stored = await database.get_authenticator(credential_id)
    if stored is not None:
        account = await database.get_account(provider.id, stored.provider_account_id)
        user = await database.get_user(stored.user_id)
        if account is not None and user is not None and account.user_id == user.id:
            return stored, account, user
    # Where options hide who is known (`sign_up` off), so must this.
    kind = AuthError if provider.sign_up else WebAuthnVerificationError
    raise kind(f"the passkey is not one of {provider.id}: removed here, or never registered")


def _expectation(pending: Pending, party: Party, *, strict: bool) -> Expectation:
    return Expectation(
        challenge=pending.challenge,
        rp_id=party.id,
        origins=party.origins,
        user_verification=strict,
    )


def _new_user(ctx: Context[U], data: JSON) -> U:
    """The user that the options were made for, under a fresh id. A passkey proves no address."""
    kind = ctx.engine.user_type
    names = {item.name: wire_name(kind, item.name) for item in fields(kind)}
    values: dict[str, Any] = {
        field: data[name]
        for field, name in names.items()
        if name in data and field not in ("id", "email_verified")
    }
    return kind(id=ctx.engine.new_id(), **values)


def _listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
