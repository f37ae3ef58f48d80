"""Django Ninja: the session as a security scheme."""

from __future__ import annotations

from typing import Any, Final, Generic

from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied  # type: ignore[import-untyped]  # Django has no types

from authwire.errors import ConfigError
from authwire.http import Request
from authwire.integrations.django.django_auth import DjangoAuth, Predicate, auth
from authwire.integrations.django.exchange import in_loop
from authwire.models import Session, U, User

try:
    from ninja.errors import HttpError
    from ninja.security.base import AuthBase
    from ninja.utils import check_csrf
except ModuleNotFoundError as exc:  # pragma: no cover  # tests have it
    raise ModuleNotFoundError(
        "this needs Django Ninja: pip install django-ninja", name=exc.name
    ) from exc

__all__ = ["SessionAuth"]

_PLAIN_COOKIE: Final = "authjs.session-token"


class SessionAuth(AuthBase, Generic[U]):
    """Only for people who are signed in: ``@api.get("/me", auth=SessionAuth())``.

    ``request.auth`` is the `Session`. Others get Ninja's own 401, and 403 if the predicate says no. Works
    for sync and async operations.

    Args:
        predicate: whether a session will do, such as ``has_role("admin")``.
        csrf: whether unsafe methods need Django's CSRF token, as Ninja asks for with any cookie.
        source: whose sessions count. Default: those of ``settings.AUTHWIRE``.
    """

    openapi_type = "apiKey"
    openapi_in = "cookie"

    def __init__(
        self,
        predicate: Predicate[U] | None = None,
        *,
        csrf: bool = True,
        source: DjangoAuth[U] | DjangoAuth[User] = auth,
    ) -> None:
        self._auth: DjangoAuth[Any] = source
        self._predicate: Predicate[Any] = predicate or (lambda _: True)
        self._csrf = csrf
        self.openapi_name = _cookie_name(source)
        super().__init__()

    @property
    def is_async(self) -> bool:
        """Whether to await the answer. Ninja asks before each call."""
        return in_loop()

    @is_async.setter
    def is_async(self, _: bool) -> None:
        """Ninja's own idea of it, which does not know that both are possible."""

    def __call__(self, request: Any) -> Any:
        return self._aauthenticate(request) if in_loop() else self._authenticate(request)

    def _authenticate(self, request: Any) -> Session[U] | None:
        session: Session[U] | None = self._auth.session(request)
        if session is not None:
            self._check_csrf(request)
            try:
                self._auth.refusal(request, self._predicate)
            except PermissionDenied:
                raise HttpError(403, "Forbidden") from None
        return session

    async def _aauthenticate(self, request: Any) -> Session[U] | None:
        session: Session[U] | None = await self._auth.asession(request)
        if session is not None:
            await sync_to_async(self._check_csrf, thread_sensitive=True)(request)
            try:
                await self._auth.arefusal(request, self._predicate)
            except PermissionDenied:
                raise HttpError(403, "Forbidden") from None
        return session

    def _check_csrf(self, request: Any) -> None:
        exempt = getattr(request, "_ninja_csrf_exempt", False)
        if self._csrf and not exempt and check_csrf(request):
            raise HttpError(403, "CSRF check failed")


def _cookie_name(source: DjangoAuth[Any]) -> str:
    """The session cookie as OpenAPI tells it; a config that is chosen by request has no one name."""
    try:
        if source.aauth.config is None:
            return _PLAIN_COOKIE
        engine = source.aauth.engine(Request(method="GET", path="/"))
    except ConfigError:
        return _PLAIN_COOKIE  # manage.py check says what is wrong
    secure = engine.use_secure_cookies
    if secure is None:
        secure = (engine.hosts.url or "").startswith("https:")
    return (engine.cookies_secure if secure else engine.cookies_plain).session_token.name
