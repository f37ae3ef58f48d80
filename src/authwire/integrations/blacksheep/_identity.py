"""Who is signed in, as BlackSheep's authentication and authorization (guardpost) know people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any, Generic

from guardpost import AuthenticationHandler
from guardpost import User as GuardpostUser
from guardpost.authorization import AuthorizationContext, Requirement

from authwire.auth import Auth
from authwire.errors import ConfigError, UntrustedHost
from authwire.integrations._paths import is_ours
from authwire.integrations._scope import visit_in
from authwire.models import Session, U

__all__ = ["Predicate", "SessionAuthentication", "SessionIdentity", "SessionRequirement"]

Predicate = Callable[[Session[U]], bool | Awaitable[bool]]


class SessionIdentity(GuardpostUser, Generic[U]):
    """``request.user`` of somebody who is signed in.

    Its claims are the user as the browser sees it at ``/session``, with ``sub``, ``id``, ``name``,
    ``email`` and ``roles`` as the app knows them.
    """

    def __init__(self, session: Session[U]) -> None:
        super().__init__(_claims(session), "session")
        self.session = session

    @property
    def user(self) -> U:
        """The user as your own type."""
        return self.session.user


def _claims(session: Session[Any]) -> dict[str, Any]:
    user = session.user
    shown = session.data.get("user")
    roles = getattr(user, "roles", None)
    if roles is None:
        roles = [] if getattr(user, "role", None) is None else [user.role]
    return {
        **(shown if isinstance(shown, Mapping) else {}),
        "sub": user.id,
        "id": user.id,
        "name": user.name,
        "email": user.email,
        # Never a bare string, in which guardpost would find each part of a word.
        "roles": [roles] if isinstance(roles, str) else list(roles),
    }


class SessionAuthentication(AuthenticationHandler, Generic[U]):
    """Tells BlackSheep who is signed in, for each request but those to the routes of Authwire."""

    def __init__(self, auth: Auth[U]) -> None:
        self._auth = auth

    @property
    def scheme(self) -> str:
        return "session"

    async def authenticate(self, context: Any) -> SessionIdentity[U] | None:  # type: ignore[override]  # guardpost awaits it, and does not say so  # pyright: ignore[reportIncompatibleMethodOverride]  # as mypy
        visit = visit_in(context.scope, self._auth)
        if visit is None or is_ours(visit.request, self._base_path(visit.request)):
            return None
        try:
            session = await visit.session()
        except UntrustedHost:
            return None  # nobody is signed in there; a health check by address must not fail
        return None if session is None else SessionIdentity(session)

    def _base_path(self, request: Any) -> str:
        try:
            return self._auth.base_path(request)
        except ConfigError:
            return self._auth.base_path()  # the route tells what is wrong with the config


class SessionRequirement(Requirement, Generic[U]):
    """A requirement of a policy: somebody is signed in, and the predicate agrees to the session."""

    def __init__(self, predicate: Predicate[U] | None = None) -> None:
        self._predicate = predicate

    async def handle(self, context: AuthorizationContext) -> None:
        identity = context.identity
        if not isinstance(identity, SessionIdentity):
            return
        verdict = True if self._predicate is None else self._predicate(identity.session)
        if await verdict if isawaitable(verdict) else verdict:
            context.succeed(self)
