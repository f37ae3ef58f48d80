"""SurrealDB, with the async and blocking connections of its own driver.

For example::

    db = AsyncSurreal("https://db.internal")
    await db.signin({"username": "app", "password": password})
    await db.use("main", "app")
    adapter = SurrealDBAdapter(db)

Importing this package imports the driver, but opens no connection.
"""

from __future__ import annotations

try:
    import surrealdb as _surrealdb
except ModuleNotFoundError as exc:
    raise ImportError(
        "SurrealDBAdapter needs SurrealDB's driver: pip install 'authwire[surrealdb]'"
    ) from exc

from authwire.adapters.surrealdb.adapter import SurrealDBAdapter

__all__ = ["SurrealDBAdapter"]

del _surrealdb
