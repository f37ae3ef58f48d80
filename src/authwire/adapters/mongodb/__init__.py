"""MongoDB, with the async and sync clients of PyMongo.

For example::

    adapter = MongoDBAdapter(AsyncMongoClient("mongodb://localhost")["app"])

Importing this package imports PyMongo, but opens no connection.
"""

from __future__ import annotations

try:
    import pymongo as _pymongo
except ModuleNotFoundError as exc:
    raise ImportError("MongoDBAdapter needs PyMongo: pip install 'authwire[mongodb]'") from exc

from authwire.adapters.mongodb.adapter import MongoDBAdapter

__all__ = ["MongoDBAdapter"]

del _pymongo
