"""The tables of ``authwire.adapters.django`` in Django's admin: to be looked at and deleted.

No token, key or secret is shown. Nothing can be added or changed, because only Authwire knows what
belongs together.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps  # type: ignore[import-untyped]  # Django has no types
from django.contrib import admin, messages  # type: ignore[import-untyped]  # as above

from authwire.integrations.django.django_auth import auth

__all__ = ["end_sessions"]


def end_sessions(model_admin: Any, request: Any, users: Any) -> None:
    """An action for the admin of your users: ``actions = [end_sessions]``. Not for JWT sessions."""
    exchange = auth.exchange(request)
    # Through Authwire and not the table, so that nobody lives on in a cache of sessions.
    database: Any = exchange.visit.auth.database(exchange.visit.request)
    ended = sum(exchange.call(database.delete_sessions_by_user_id, str(user.pk)) for user in users)
    text = f"{ended} session{'' if ended == 1 else 's'} ended."
    model_admin.message_user(request, text, messages.SUCCESS)


end_sessions.short_description = "End all sessions"  # type: ignore[attr-defined]  # read by Django
end_sessions.allowed_permissions = ("change",)  # type: ignore[attr-defined]  # as above


def _end_of_owners(model_admin: Any, request: Any, rows: Any) -> None:
    end_sessions(model_admin, request, {row.user_id: row.user for row in rows}.values())


_end_of_owners.short_description = "End all sessions of these users"  # type: ignore[attr-defined]  # read by Django
_end_of_owners.allowed_permissions = ("delete",)  # type: ignore[attr-defined]  # as above


class _ReadOnly(admin.ModelAdmin):  # type: ignore[misc]  # Django has no types
    """Shows the fields of ``list_display``, and no others."""

    show_full_result_count = False

    def get_fields(self, request: Any, obj: Any = None) -> Any:  # noqa: ARG002  # Django calls it so
        return self.list_display

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:  # noqa: ARG002  # as above
        return self.list_display

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:  # noqa: ARG002  # as above
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:  # noqa: ARG002  # as above
        return False


class _OfUsers(_ReadOnly):
    list_select_related = ("user",)
    actions = (_end_of_owners,)


class _Sessions(_OfUsers):
    list_display = ("id", "user", "expires")


class _Accounts(_OfUsers):
    list_display = ("id", "user", "provider", "provider_account_id", "type", "scope", "expires_at")
    list_filter = ("provider",)
    search_fields = ("provider_account_id",)


class _Authenticators(_OfUsers):
    list_display = (
        "id",
        "user",
        "name",
        "credential_device_type",
        "credential_backed_up",
        "transports",
        "counter",
    )


class _VerificationTokens(_ReadOnly):
    list_display = ("id", "identifier", "expires")
    search_fields = ("identifier",)


if apps.is_installed("authwire.adapters.django"):
    for _name, _admin in (
        ("Account", _Accounts),
        ("Session", _Sessions),
        ("Authenticator", _Authenticators),
        ("VerificationToken", _VerificationTokens),
    ):
        admin.site.register(apps.get_model("authwire", _name), _admin)
