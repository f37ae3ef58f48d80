"""What ``manage.py check`` says about the project: ids ``authwire.E001`` and so on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings  # type: ignore[import-untyped]  # Django has no types
from django.contrib.auth import get_user_model  # type: ignore[import-untyped]  # as above
from django.core import checks  # type: ignore[import-untyped]  # as above
from django.db import models  # type: ignore[import-untyped]  # as above

from authwire.adapters.django.columns import Columns
from authwire.adapters.django.database import meta
from authwire.models import User

__all__ = ["check_settings", "check_user_model", "problems_of"]

_IDS = (models.IntegerField, models.CharField, models.TextField, models.UUIDField)


def check_settings(**_options: Any) -> list[Any]:
    """E001: times need zones."""
    if settings.USE_TZ:
        return []
    return [
        checks.Error(
            "USE_TZ is off, but Authwire's times have zones.",
            hint="Set USE_TZ = True.",
            id="authwire.E001",
        )
    ]


def check_user_model(**_options: Any) -> list[Any]:
    """Whether ``AUTH_USER_MODEL`` can hold our users."""
    return list(problems_of(get_user_model()))


def problems_of(model: type[Any]) -> Iterator[Any]:
    """E002: ids that are no text or number. W001 to W003: about e-mails and columns to fill."""
    if not isinstance(meta(model).pk, _IDS):
        yield checks.Error(
            f"{meta(model).label} has ids that cannot be told as text.",
            hint="Use a number, text or a UUID as its primary key.",
            obj=model,
            id="authwire.E002",
        )
    columns: Columns[User] = Columns(User, model, {})
    email = columns.own.get("email")
    # Nobody can change Django's own; UserDetail keeps its addresses apart.
    if email is not None and not columns.unique_email and meta(model).label != "auth.User":
        yield checks.Warning(
            f"{meta(model).label}.email is not unique.",
            hint=(
                "Set unique=True and null=True. Until then authwire.UserDetail keeps the addresses"
                " apart, but not those of users that other code stores."
            ),
            obj=model,
            id="authwire.W001",
        )
    if email is not None and columns.unique_email and not email.null:
        yield checks.Warning(
            f"{meta(model).label}.email may not be NULL.",
            hint="Set null=True, or people whose provider tells no address cannot sign in.",
            obj=model,
            id="authwire.W002",
        )
    if needed := [field.name for field in _needed(columns)]:
        yield checks.Warning(
            f"New users need values for {', '.join(needed)} of {meta(model).label}.",
            hint="Give defaults, or pass DjangoAdapter(new_user=…).",
            obj=model,
            id="authwire.W003",
        )


def _needed(columns: Columns[User]) -> Iterator[Any]:
    """The columns that a new user must have a value of its own in, and that nothing fills."""
    login = columns.login_name()
    filled = {columns.key.name, *(field.name for field in columns.own.values())}
    if login is not None:
        filled.add(login.name)
    for field in meta(columns.model).concrete_fields:
        optional = field.null or field.has_default() or field.has_db_default()
        stamped = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        empty = field.empty_strings_allowed and not field.unique
        if not (field.name in filled or optional or stamped or empty or field.generated):
            yield field
