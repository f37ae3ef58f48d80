"""Azure Tables: Azure Storage, or Cosmos DB's API for tables.

For example::

    client = TableClient.from_connection_string(secret, "authwire")  # from azure.data.tables.aio
    adapter = AzureTablesAdapter(client)

Importing this package imports azure-data-tables, but opens no connection.
"""

from __future__ import annotations

try:
    import azure.data.tables as _tables
except ModuleNotFoundError as exc:
    raise ImportError(
        "AzureTablesAdapter needs azure-data-tables: pip install 'authwire[azure-tables]'"
    ) from exc

from authwire.adapters.azure_tables.adapter import AzureTablesAdapter

__all__ = ["AzureTablesAdapter"]

del _tables
