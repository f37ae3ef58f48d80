"""``request.user``: the row of a Django user where there is one, else the user of the session."""

from __future__ import annotations

from typing import Any, Generic

from django.apps import apps  # type: ignore[import-untyped]  # Django has no types

from authwire.adapters.django import DjangoAdapter
from authwire.adapters.django.users import is_active
from authwire.models import Session, U

__all__ = ["SessionUser", "Stranger", "find_user", "stranger"]


class _NoRights:
    """What Django asks users of any kind. Rights are given to users of its own only."""

    is_staff = False
    is_superuser = False

    def has_perm(self, _perm: str, _obj: Any = None) -> bool:
        return False

    def has_perms(self, _perms: Any, _obj: Any = None) -> bool:
        return False

    def has_module_perms(self, _module: str) -> bool:
        return False

    def get_all_permissions(self, _obj: Any = None) -> set[str]:
        return set()

    async def ahas_perm(self, _perm: str, _obj: Any = None) -> bool:
        return False

    async def ahas_perms(self, _perms: Any, _obj: Any = None) -> bool:
        return False

    async def ahas_module_perms(self, _module: str) -> bool:
        return False


class SessionUser(_NoRights, Generic[U]):
    """``request.user`` of somebody who is signed in, where users are not in Django's database."""

    is_authenticated = True
    is_anonymous = False
    is_active = True

    def __init__(self, session: Session[U]) -> None:
        self.session = session

    @property
    def user(self) -> U:
        """The user as your own type."""
        return self.session.user

    @property
    def pk(self) -> str:
        """The user's id, as is `id`."""
        return self.session.user.id

    @property
    def id(self) -> str:
        return self.session.user.id

    @property
    def name(self) -> str | None:
        return self.session.user.name

    @property
    def email(self) -> str | None:
        return self.session.user.email

    def get_username(self) -> str:
        """What to call them where nothing better is known."""
        user = self.session.user
        return user.name or user.email or user.id

    def __str__(self) -> str:
        return self.get_username()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SessionUser) and other.pk == self.pk

    def __hash__(self) -> int:
        return hash(self.pk)


class Stranger(_NoRights):
    """``request.user`` of anybody else, where ``django.contrib.auth`` is not installed."""

    is_authenticated = False
    is_anonymous = True
    is_active = False
    pk = None
    id = None

    def get_username(self) -> str:
        return ""

    def __str__(self) -> str:
        return "nobody"


def stranger() -> Any:
    """Django's own ``AnonymousUser``, if it can be had."""
    if not apps.is_installed("django.contrib.auth"):
        return Stranger()
    # A model is behind it, so it cannot be imported before Django is set up.
    from django.contrib.auth.models import (  # type: ignore[import-untyped]  # Django has no types
        AnonymousUser,
    )

    return AnonymousUser()


def find_user(adapter: DjangoAdapter[Any], user_id: str) -> Any:
    """The row of a user; None if there is none, or it may not sign in. Asks the database."""
    with adapter._open() as store:  # noqa: SLF001  # the row itself has no public way
        row = store.users.row(user_id)
    return row if row is not None and is_active(row) else None
