"""``manage.py authwire_cleanup``: removes expired sessions and magic links, as `clearsessions` does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError  # type: ignore[import-untyped]  # Django has no types

from authwire.integrations.django.django_auth import auth

__all__ = ["Command"]

_KINDS: Final = {
    "sessions": "delete_expired_sessions",
    "magic links": "delete_expired_verification_tokens",
}


class Command(BaseCommand):  # type: ignore[misc]  # Django has no types
    help = "Remove expired sessions and magic links. Run it every day or so."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--batch", type=int, default=1000, help="rows in one statement (default: 1000)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        config = auth.auth.config
        if config is None:
            raise CommandError(
                "the config is chosen by request: run `authwire db cleanup` for each"
            )
        if config.adapter is None:
            raise CommandError("AUTHWIRE has no adapter, so there is nothing to remove")
        batch, now = options["batch"], datetime.now(UTC)
        database = auth.auth.database()
        for kind, method in _KINDS.items():
            if not hasattr(database, method):
                continue
            removed = 0
            while count := getattr(database, method)(now, batch):
                removed += count
            self.stdout.write(f"removed {removed} {kind}")
