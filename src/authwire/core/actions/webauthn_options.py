"""``/webauthn-options/:provider``: what a browser needs for a passkey ceremony."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Final, Literal, TypeAlias

from authwire.core.context import Context
from authwire.core.flows.challenges import database_of, issue_challenge
from authwire.core.flows.webauthn import Party, party_of
from authwire.core.replies import json_response
from authwire.core.sessions import sessions_of
from authwire.errors import InvalidProvider
from authwire.http import Response
from authwire.models import JSON, U, User
from authwire.protocol.webauthn import (
    creation_options,
    decoy_descriptor,
    descriptor,
    request_options,
)
from authwire.providers._types import WebAuthn, normalize_email
from authwire.providers._webauthn import UserInfo
from authwire.wire import to_wire

__all__ = ["Ceremony", "decide_ceremony", "webauthn_options"]

Ceremony: TypeAlias = Literal["register", "authenticate"]
_CEREMONIES: Final[Mapping[str, Ceremony]] = {
    "register": "register",
    "authenticate": "authenticate",
}


def decide_ceremony(
    action: Ceremony | None,
    *,
    signed_in: bool,
    user: Literal["existing", "new"] | None,
    sign_up: bool = True,
) -> Ceremony | None:
    """What the options shall be for; None if the request makes no sense.

    Args:
        action: what the browser asks for; None leaves it to us.
        signed_in: whether somebody is.
        user: whether the user whom the request is about is stored; None if it names nobody.
        sign_up: whether the provider may make new users.
    """
    match action:
        case "authenticate":
            return "authenticate"
        case "register" if signed_in:  # one more passkey
            return "register" if user == "existing" else None
        case "register":  # a new user; never a passkey for somebody else
            return "register" if user == "new" and sign_up else None
        case None if signed_in:  # they must say what they want
            return None
        case None:
            return "register" if user == "new" and sign_up else "authenticate"


async def webauthn_options(ctx: Context[U]) -> Response:
    """Answer ``{action, options}`` and set the challenge cookie.

    Raises:
        InvalidProvider: for a provider that has no passkeys.
    """
    provider = ctx.provider
    if not isinstance(provider, WebAuthn):
        raise InvalidProvider(f"{provider.id} has no passkeys")
    asked = ctx.request.query.get("action")
    action = _CEREMONIES.get(asked or "")
    if asked is not None and action is None:
        return json_response({"error": "Invalid action"}, status=400)
    me = await sessions_of(ctx.engine).current_user(ctx)
    try:
        about = UserInfo(user=me, exists=True) if me is not None else await _about(ctx)
    except _NoAddress:
        return json_response({"error": "Invalid request"}, status=400)
    ceremony = decide_ceremony(
        action,
        signed_in=me is not None,
        user=None if about is None else "existing" if about.exists else "new",
        sign_up=provider.sign_up,
    )
    party = await party_of(ctx, provider)
    options: JSON | None = None
    if ceremony == "authenticate":
        allow = await _allowed(ctx, provider, about, is_me=me is not None)
        options = await _request_options(ctx, provider, party, allow)
    elif ceremony == "register" and about is not None:
        options = await _creation_options(ctx, provider, party, about)
    if options is None:
        return json_response({"error": "Invalid request"}, status=400)
    ctx.engine.log.debug("%s: options to %s", provider.id, ceremony)
    return json_response({"action": ceremony, "options": options}, no_store=True)


class _NoAddress(Exception):
    """What was given as an address cannot be one."""


async def _about(ctx: Context[U]) -> UserInfo | None:
    """Whom the request names, by the provider's hook or by address."""
    hook = ctx.bound.hooks.get("get_user_info")
    if hook is not None:
        found: UserInfo | None = await hook(ctx.request)
        return found
    given = ctx.request.query.get("email")
    if not given:
        return None
    try:
        email = normalize_email(given)
    except ValueError:
        raise _NoAddress from None
    stored = await database_of(ctx).get_user_by_email(email)
    if stored is not None:
        return UserInfo(user=stored, exists=True)
    return UserInfo(user=User(email=email), exists=False)


async def _allowed(
    ctx: Context[U], provider: WebAuthn, about: UserInfo | None, *, is_me: bool
) -> list[JSON] | None:
    """The passkeys to choose from; None if the request names nobody: any that the browser finds.

    With sign-up by passkey an address that is unknown looks like one without passkeys; that it is not
    known shows anyway when the browser lets us choose the ceremony. Without sign-up nothing shows:
    who has no passkeys gets one made up.
    """
    if about is None:
        return None
    # Unknown users are looked up too: not asking the database would take less time.
    user_id = about.user.id if about.exists and about.user.id else ctx.engine.new_id()
    stored = await database_of(ctx).list_authenticators_by_user_id(user_id)
    allowed = [descriptor(row) for row in stored]
    if allowed or is_me or provider.sign_up:
        return allowed
    subject = about.user.email or about.user.name or ""
    return [decoy_descriptor(ctx.engine.secrets[0], f"{provider.id}:{subject}")]


async def _request_options(
    ctx: Context[U], provider: WebAuthn, party: Party, allow: list[JSON] | None
) -> JSON:
    wanted = provider.authentication_options
    return request_options(
        challenge=await issue_challenge(ctx, provider),
        rp_id=party.id,
        timeout=_milliseconds(wanted.timeout.total_seconds()),
        user_verification=wanted.user_verification,
        allow=allow,
        extensions=wanted.extensions,
    )


async def _creation_options(
    ctx: Context[U], provider: WebAuthn, party: Party, about: UserInfo
) -> JSON | None:
    user, engine = about.user, ctx.engine
    name = user.email or user.name or (user.id if about.exists else None)
    if not name:
        return None
    stored = []
    register = to_wire(replace(user, id=""))
    del register["id"]
    if about.exists:
        stored = await database_of(ctx).list_authenticators_by_user_id(user.id)
        # Auth.js' five fields: those of your own may not be fit for JSON, and none is read again.
        standard = {item.name: getattr(user, item.name) for item in fields(User)}
        register = to_wire(User(**standard))
    wanted = provider.registration_options
    return creation_options(
        challenge=await issue_challenge(ctx, provider, register=register),
        rp=(party.id, party.name),
        # A handle of its own for each passkey, so that it tells nothing of the user (§14.6.1).
        user=(engine.random(32).hex(), name, user.name or name),
        algorithms=wanted.algorithms,
        timeout=_milliseconds(wanted.timeout.total_seconds()),
        attestation=wanted.attestation,
        exclude=[descriptor(row) for row in stored],
        attachment=wanted.authenticator_attachment,
        resident_key=wanted.resident_key,
        user_verification=wanted.user_verification,
        extensions=wanted.extensions,
    )


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
