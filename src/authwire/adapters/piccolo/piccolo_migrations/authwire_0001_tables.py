"""The five tables. Statements of our own, as SQLite cannot add the constraints that Piccolo would."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from authwire.adapters.piccolo.adapter import PiccoloAdapter
from authwire.adapters.piccolo.tables import TABLES

__all__ = ["DESCRIPTION", "ID", "VERSION", "forwards"]

ID = "2026-01-01T00:00:00:000000"
VERSION = "1.20.0"
DESCRIPTION = "users, accounts, sessions, verification tokens and authenticators"


async def forwards() -> MigrationManager:
    """What Piccolo runs, in a transaction."""
    manager = MigrationManager(migration_id=ID, app_name="authwire", description=DESCRIPTION)

    async def create() -> None:
        await PiccoloAdapter(models=TABLES).create_schema()

    async def drop() -> None:
        for table in (*TABLES.others, TABLES.user):
            await table.alter().drop_table(if_exists=True)

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
