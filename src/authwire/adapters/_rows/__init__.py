"""What the adapters of row-based ORMs share: the statements, and what is done with them.

The ORM says what tables and columns are called, brings the connection and its transactions, and
converts fields of the app's own. The statements are ours, so that each method is one round trip
where the database allows it: ORMs cannot delete a row and return it in the same breath.
"""

from __future__ import annotations

from authwire.adapters._rows.adapter import RowAdapter
from authwire.adapters._rows.sql import Column, Dialect, Rows, Statement
from authwire.adapters._rows.tables import Models, Tables, make_tables

__all__ = [
    "Column",
    "Dialect",
    "Models",
    "RowAdapter",
    "Rows",
    "Statement",
    "Tables",
    "make_tables",
]
