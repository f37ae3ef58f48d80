"""Django REST framework: the session as a way to authenticate."""

from __future__ import annotations

from typing import Any

from authwire.integrations.django.django_auth import DjangoAuth, auth

try:
    from rest_framework import authentication  # type: ignore[import-untyped]  # it has no types
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Django REST framework: pip install djangorestframework", name=exc.name
    ) from exc

__all__ = ["SessionAuthentication"]


class SessionAuthentication(authentication.SessionAuthentication):  # type: ignore[misc]  # as above
    """For ``DEFAULT_AUTHENTICATION_CLASSES``. ``request.auth`` is the `Session`.

    As with the framework's own class of that name, unsafe methods need Django's CSRF token. Who is not
    signed in gets 401.
    """

    authwire: DjangoAuth[Any] = auth
    """Whose sessions count."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        """The user and the session, if somebody is signed in and may be."""
        exchange = self.authwire.exchange(request)
        session = exchange.session()
        user = exchange.person()
        if session is None or user is None:
            return None
        self.enforce_csrf(request)
        return user, session

    def authenticate_header(self, request: Any) -> Any:
        """The ``WWW-Authenticate`` field that a 401 needs (RFC 9110 §11.6.1)."""
        del request
        return 'Bearer realm="authwire"'
