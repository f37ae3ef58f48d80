"""For your ``APP_REGISTRY``: the default tables and their migrations."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from piccolo.conf.apps import AppConfig

from authwire.adapters.piccolo.tables import TABLES

__all__ = ["APP_CONFIG"]

APP_CONFIG: Final = AppConfig(
    app_name="authwire",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[TABLES.user, *TABLES.others],
)
