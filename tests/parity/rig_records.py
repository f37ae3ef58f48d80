"""Events and callback arguments in Auth.js' shapes, for the control routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rig_state import RigState, RigUser

from authwire import Account, JWTParams, SessionParams, SignInParams, TokenSet
from authwire.config import (
    CreateUserEvent,
    Events,
    LinkAccountEvent,
    SessionEvent,
    SignInEvent,
    SignOutEvent,
    UpdateUserEvent,
)
from authwire.wire import to_wire

Params = dict[str, Any]


def sign_in_call(params: SignInParams[RigUser]) -> Params:
    return _there(
        user=to_wire(params.user),
        account=_account(params.account, params.tokens),
        profile=params.profile,
        email={"verificationRequest": True} if params.verification_request else None,
        credentials=params.credentials,
    )


def jwt_call(params: JWTParams[RigUser]) -> Params:
    starts = params.user is not None
    return _there(
        token=dict(params.token),
        user=to_wire(params.user) if params.user is not None else None,
        account=_account(params.account, params.tokens) if params.account is not None else None,
        profile=params.profile,
        isNewUser=params.is_new_user if starts else None,
        trigger=params.trigger,
        session=params.session,
    )


def session_of(params: SessionParams[RigUser]) -> Params:
    """The session as Auth.js hands it to the callback: with database sessions, row and user whole.

    Authwire shows the callback what the browser may see; the rest is asked for by name.
    """
    if params.row is None or params.user is None:
        return params.session
    return {**to_wire(params.row), "user": {"emailVerified": None, **to_wire(params.user)}}


def session_call(params: SessionParams[RigUser]) -> Params:
    return _there(
        session=session_of(params),
        token=params.token,
        user=to_wire(params.user) if params.user is not None else None,
        newSession=params.new_session,
        trigger=params.trigger,
    )


def recording_events(state: RigState) -> Events[RigUser]:
    """Handlers that keep every event."""

    def keep(name: str, **message: Any) -> None:
        state.events.append({"name": name, "message": _there(**message)})

    def sign_in(event: SignInEvent[RigUser]) -> None:
        keep(
            "signIn",
            user=to_wire(event.user),
            account=_account(event.account, event.tokens),
            profile=event.profile,
            isNewUser=event.is_new_user,
        )

    def sign_out(event: SignOutEvent) -> None:
        row = to_wire(event.session) if event.session is not None else None
        keep("signOut", token=event.token, session=row)

    def create_user(event: CreateUserEvent[RigUser]) -> None:
        keep("createUser", user=to_wire(event.user))

    def update_user(event: UpdateUserEvent[RigUser]) -> None:
        keep("updateUser", user=to_wire(event.user))

    def link_account(event: LinkAccountEvent[RigUser]) -> None:
        account = to_wire(event.account)
        account.pop("userId", None)  # Auth.js adds it for the adapter alone
        keep(
            "linkAccount", user=to_wire(event.user), account=account, profile=to_wire(event.profile)
        )

    def session(event: SessionEvent) -> None:
        keep("session", session=event.session, token=event.token)

    return Events(
        sign_in=sign_in,
        sign_out=sign_out,
        create_user=create_user,
        update_user=update_user,
        link_account=link_account,
        session=session,
    )


def _account(account: Account, tokens: TokenSet | None) -> Params:
    """Auth.js hands on the whole token answer as part of the account."""
    shown = {**(to_wire(tokens) if tokens is not None else {}), **to_wire(account)}
    if not account.user_id:
        del shown["userId"]
    return shown


def _there(**values: Any) -> Params:
    """Copies of what is there, so that a later change of a claim does not show."""
    return {name: _copy(value) for name, value in values.items() if value is not None}


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
