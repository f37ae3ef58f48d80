"""Class-based views, sync and async."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from authwire.integrations.django.django_auth import DjangoAuth, auth
from authwire.models import Session

__all__ = ["AuthPredicateMixin", "SessionRequiredMixin"]


class AuthPredicateMixin:
    """Only for people whose session passes `predicate`; others get 403. Put it before ``View``."""

    authwire: DjangoAuth[Any] = auth
    """Whose sessions count."""

    def predicate(self, session: Session[Any]) -> bool | Awaitable[bool]:
        """Whether this session will do. A ready-made one is ``staticmethod(has_role("admin"))``."""
        raise NotImplementedError(f"{type(self).__name__} needs a predicate(session)")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        view: Any = super().dispatch  # type: ignore[misc]  # of the View that this is mixed into
        if not getattr(self, "view_is_async", False):
            return self.authwire.require(self.predicate)(view)(request, *args, **kwargs)

        async def aview(request: Any, *args: Any, **kwargs: Any) -> Any:
            return await view(request, *args, **kwargs)

        return self.authwire.require(self.predicate)(aview)(request, *args, **kwargs)


class SessionRequiredMixin(AuthPredicateMixin):
    """Only for people who are signed in: `DjangoAuth.required` for a class."""

    def predicate(self, session: Session[Any]) -> bool | Awaitable[bool]:
        del session
        return True
