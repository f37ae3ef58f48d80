"""One request on its way: its session, read at most once, whether sync or async code asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar, cast

from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation  # type: ignore[import-untyped]  # Django has no types
from django.utils.functional import SimpleLazyObject  # type: ignore[import-untyped]  # as above

from authwire.auth import Auth
from authwire.core.guards import glance
from authwire.core.jar import CookieJar
from authwire.errors import UntrustedHost
from authwire.http import Response
from authwire.integrations._visit import SyncVisit, Visit
from authwire.integrations.django.http import add_fields, is_async, native_of, request_of
from authwire.integrations.django.setup import Setup
from authwire.integrations.django.signals import CURRENT, KEY
from authwire.integrations.django.users import SessionUser, find_user, stranger
from authwire.models import Session, U
from authwire.runtime import drive

__all__ = ["Exchange", "exchange_of", "in_loop"]

T = TypeVar("T")


class Exchange(Generic[U]):
    """A `Visit` or `SyncVisit` that code of both kinds can use.

    What came by ASGI is answered by `Auth`, what came by WSGI by `SyncAuth`; asgiref takes code of the
    other kind there and back.

    Args:
        setup: the configuration.
        request: Django's.
        carried: whether a middleware will put cookies on the answer.
    """

    def __init__(self, setup: Setup[U], request: Any, *, carried: bool) -> None:
        self.setup = setup
        self.native = request
        self.ending = False
        """Whether Django itself is signing somebody in or out."""
        self._carried = carried
        self._visit: Visit[U] | SyncVisit[U] | None = None
        self._before = getattr(request, "user", None)
        self._abefore = getattr(request, "auser", None)
        self._user: Any = None

    @property
    def visit(self) -> Visit[U] | SyncVisit[U]:
        """Made when somebody first asks."""
        if self._visit is None:
            asked = request_of(self.native)
            if is_async(self.native):
                self._visit = Visit(self.setup.aauth, asked, jar=CookieJar())
            else:
                self._visit = SyncVisit(self.setup.auth, asked)
            if not self._carried:
                self._visit.jar = None
        return self._visit

    # --- between sync and async -----------------------------------------------------------------

    def call(self, method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call a method of the visit, or of its ``auth``, from sync code."""
        token = CURRENT.set(self)
        try:
            if isinstance(self.visit, SyncVisit):
                return method(*args, **options)
            if in_loop():
                raise SynchronousOnlyOperation(
                    "async code must await the session: await request.aauth(), request.auser()"
                )
            return async_to_sync(method)(*args, **options)
        finally:
            CURRENT.reset(token)

    async def acall(self, method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """As `call`, from async code."""
        token = CURRENT.set(self)
        try:
            if isinstance(self.visit, SyncVisit):
                return await sync_to_async(method, thread_sensitive=True)(*args, **options)
            return await method(*args, **options)
        finally:
            CURRENT.reset(token)

    # --- the session ----------------------------------------------------------------------------

    def session(self) -> Session[U] | None:
        if self.visit.known:  # it is there, so an event loop does not matter
            known = self.visit.session()
            return drive(known) if isinstance(known, Awaitable) else known
        return cast("Session[U] | None", self.call(self.visit.session))

    async def asession(self) -> Session[U] | None:
        if self.visit.known:
            return self.session()
        return cast("Session[U] | None", await self.acall(self.visit.session))

    def stopped(self) -> Response | None:
        """The refusal, if the path is protected."""
        gate = self.setup.gate
        if not gate.closed:
            return None
        return cast("Response | None", self.call(self.visit.stopped, gate, self.native.path_info))

    async def astopped(self) -> Response | None:
        gate = self.setup.gate
        if not gate.closed:
            return None
        path = self.native.path_info
        return cast("Response | None", await self.acall(self.visit.stopped, gate, path))

    def unauthenticated(self) -> Response:
        """See `Auth.unauthenticated`."""
        return self.visit.auth.unauthenticated(self.visit.request)

    def end(self, other_than: str | None = None) -> None:
        """Sign out along with Django's own ``logout()``; the cookies wait for the answer.

        Args:
            other_than: a user whose session goes on.
        """
        jar = self.visit.jar
        try:
            session = self.session() if jar is not None else None
        except UntrustedHost:
            return
        if jar is None or session is None or session.user.id == other_than:
            return
        self.ending = True
        try:
            jar.add(self.call(self.visit.sign_out, callback_url=None).cookies)
        finally:
            self.ending = False
        self._user = None
        self.native.auth = SimpleLazyObject(self.session)

    # --- the request and its answer -------------------------------------------------------------

    def attach(self) -> None:
        """Set ``request.auth`` and ``request.user``; again after the session has changed."""
        self._user = None
        self.native.auth = SimpleLazyObject(self.session)
        self.native.aauth = self.asession
        self.native.user = SimpleLazyObject(self.user)
        self.native.auser = self.auser

    def finish(self, response: Any) -> Any:
        """``response`` with the cookies; whoever reads the session later must not roll it."""
        self._carried = False
        if self._visit is not None:
            add_fields(response, self._visit)
            self._visit.jar = None
        return response

    def leave(self) -> None:
        """Add nothing to an answer of Authwire's own, which has its own cookies."""
        self.visit.disown()
        self.visit.jar = None

    def csrf_token(self) -> str:
        """For forms that post to the routes. Its cookie goes out with the answer.

        It can be had in templates that an async view renders too, as nothing is waited for: only a
        ``redirect`` or ``texts`` callback could.
        """
        request = self.visit.request
        auth = self.visit.auth
        path = f"{auth.base_path(request)}/csrf"
        asked = replace(request, method="GET", path=path, query_string="")
        response: Response = (
            drive(auth.handle(asked))
            if isinstance(auth, Auth) and in_loop()
            else self.call(auth.handle, asked)
        )
        ctx = glance(auth.engine(request), request)
        if self.visit.jar is not None:
            name = ctx.cookies.csrf_token.name
            self.visit.jar.add(cookie for cookie in response.cookies if cookie.name == name)
        return str(json.loads(response.body).get("csrfToken", ""))

    # --- request.user ---------------------------------------------------------------------------

    def user(self) -> Any:
        """The Django user, or `SessionUser`; if nobody is signed in, whoever Django itself knows."""
        if self._user is None:
            self._user = self.person() or self._before or stranger()
        return self._user

    async def auser(self) -> Any:
        """As `user`, in async code."""
        if self._user is None:
            found = await self._aperson()
            if found is None and self._abefore is not None:
                found = await self._abefore()
            self._user = found or stranger()
        return self._user

    def person(self) -> Any:
        """The user of the session; None if there is none, or it may not sign in."""
        try:
            session = self.session()
        except UntrustedHost:
            return None  # nobody is signed in there; a health check by address must not fail
        return None if session is None else self._person(session)

    async def _aperson(self) -> Any:
        try:
            session = await self.asession()
        except UntrustedHost:
            return None
        if session is None or self.setup.people(self.visit.request) is None:
            return None if session is None else SessionUser(session)
        return await sync_to_async(self._person, thread_sensitive=True)(session)

    def _person(self, session: Session[U]) -> Any:
        adapter = self.setup.people(self.visit.request)
        if adapter is None:
            return SessionUser(session)
        return find_user(adapter, session.user.id)


def exchange_of(request: Any, setup: Setup[U], *, carried: bool = False) -> Exchange[U]:
    """The exchange of this request; made here if there is none."""
    native = native_of(request)
    kept: dict[int, Exchange[U]] = native.__dict__.setdefault(KEY, {})
    if id(setup) not in kept:
        kept[id(setup)] = Exchange(setup, native, carried=carried)
    return kept[id(setup)]


def in_loop() -> bool:
    """Whether this thread is busy with an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
