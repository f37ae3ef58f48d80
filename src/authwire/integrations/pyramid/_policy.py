"""The security policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic

from pyramid.authorization import (  # type: ignore[import-untyped]  # Pyramid has no types
    ACLHelper,
    Authenticated,
    Everyone,
)

from authwire.errors import UntrustedHost
from authwire.integrations._visit import SyncVisit
from authwire.models import Session, U

__all__ = ["Principals", "SessionPolicy"]

Principals = Callable[[Session[U]], Sequence[str]]


class SessionPolicy(Generic[U]):
    """Pyramid's view of the session: ``request.identity`` is the `Session`.

    Permissions are decided by the ACLs of the context (`ACLHelper`).

    Args:
        visit: gives the visit of a request.
        principals: see `PyramidAuth`.
    """

    def __init__(
        self, visit: Callable[[Any], SyncVisit[U]], principals: Principals[U] | None = None
    ) -> None:
        self._visit = visit
        self._principals = principals
        self._acl = ACLHelper()

    def identity(self, request: Any) -> Session[U] | None:
        try:
            return self._visit(request).session()
        except UntrustedHost:
            return None  # nobody is signed in there; a health check by address must not fail

    def authenticated_userid(self, request: Any) -> str | None:
        """The user's id."""
        session = self.identity(request)
        return None if session is None else session.user.id

    def permits(self, request: Any, context: Any, permission: str) -> Any:
        return self._acl.permits(context, self.principals(request), permission)

    def principals(self, request: Any) -> list[str]:
        """Whom an ACL may name for this request."""
        session = self.identity(request)
        if session is None:
            return [Everyone]
        more = self._principals(session) if self._principals else ()
        return [Everyone, Authenticated, f"user:{session.user.id}", *more]

    def remember(self, request: Any, userid: str, **_: Any) -> list[tuple[str, str]]:
        """Not possible by an id alone."""
        raise NotImplementedError("sign people in with auth.sign_in(request, provider, form=…)")

    def forget(self, request: Any, **_: Any) -> list[tuple[str, str]]:
        """Sign out; returns the fields that clear the cookies."""
        response = self._visit(request).sign_out(callback_url=None)
        return [("Set-Cookie", cookie.header()) for cookie in response.cookies]
