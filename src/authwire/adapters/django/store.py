"""The five tables that an adapter works with, besides the users'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from django.apps import apps  # type: ignore[import-untyped]  # Django has no types
from django.conf import settings  # type: ignore[import-untyped]  # as above
from django.core.exceptions import ImproperlyConfigured  # type: ignore[import-untyped]  # as above

from authwire.adapters.django.database import Database, meta
from authwire.adapters.django.rows import Rows, require_key
from authwire.adapters.django.users import Users
from authwire.models import Account, AdapterSession, Authenticator, U, VerificationToken

__all__ = ["Model", "Models", "Store"]

Model = type[Any] | str
"""A model, or its name: ``"app.Model"``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Your own models in place of those of the app ``authwire``, made from the abstract ones."""

    account: Model = "authwire.Account"
    session: Model = "authwire.Session"
    verification_token: Model = "authwire.VerificationToken"
    authenticator: Model = "authwire.Authenticator"
    detail: Model = "authwire.UserDetail"
    """Only used if the user model lacks some of our columns."""


class Store(Generic[U]):
    """The models, found by name and looked over. Needs Django to be set up.

    Raises:
        ImproperlyConfigured: if a model is missing, belongs to other users, or times have no zones.
        TypeError: if a field of the user type has no column.
    """

    def __init__(
        self,
        kind: type[U],
        user_model: Model | None,
        models: Models,
        database: Database,
        *,
        columns: Mapping[str, str],
        new_user: Callable[[U], Mapping[str, Any]] | None,
    ) -> None:
        if not settings.USE_TZ:
            raise ImproperlyConfigured("the adapter needs times with zones: set USE_TZ = True")
        user = _model(user_model or settings.AUTH_USER_MODEL)
        self.database = database
        self.users: Users[U] = Users(
            kind,
            user,
            lambda: _owned(models.detail, user),
            database,
            columns=columns,
            new_user=new_user,
        )
        self.accounts = Rows(
            Account, _owned(models.account, user), database, "provider", "provider_account_id"
        )
        self.sessions = Rows(
            AdapterSession, _owned(models.session, user), database, "session_token"
        )
        self.tokens = Rows(
            VerificationToken, _model(models.verification_token), database, "token", "identifier"
        )
        self.authenticators = Rows(
            Authenticator, _owned(models.authenticator, user), database, "credential_id"
        )
        if self.users.detail is not None:
            require_key(self.users.detail, "email")
        self.ours = [
            *([self.users.detail] if self.users.detail is not None else []),
            self.accounts.model,
            self.sessions.model,
            self.tokens.model,
            self.authenticators.model,
        ]
        """The models beside the users'."""

    def active(self, row: Any) -> U | None:
        """The user of a row that was looked for.

        Raises:
            UserDeactivated: if it may not sign in.
        """
        return None if row is None else self.users.active(row)


def _model(model: Model) -> type[Any]:
    if not isinstance(model, str):
        return model
    try:
        found: type[Any] = apps.get_model(model)
    except (LookupError, ValueError):
        cure = '"authwire.adapters.django"' if model.startswith("authwire.") else "its app"
        problem = f"there is no model {model}: add {cure} to INSTALLED_APPS"
        raise ImproperlyConfigured(problem) from None
    return found


def _owned(model: Model, user: type[Any]) -> type[Any]:
    found = _model(model)
    owner = meta(found).get_field("user").related_model
    if meta(owner).concrete_model is not meta(user).concrete_model:
        raise ImproperlyConfigured(
            f"{meta(found).label} belongs to {meta(owner).label}, not to {meta(user).label}:"
            " pass models=Models(…) with models of your own"
        )
    return found
