"""Firestore in native mode, with Google's async and sync clients.

For example::

    adapter = FirestoreAdapter(AsyncClient(project="my-project"))  # of google.cloud.firestore

Importing this package imports google-cloud-firestore, but opens no connection.
"""

from __future__ import annotations

try:
    import google.cloud.firestore_v1 as _firestore
except ModuleNotFoundError as exc:
    raise ImportError(
        "FirestoreAdapter needs google-cloud-firestore: pip install 'authwire[firestore]'"
    ) from exc

from authwire.adapters.firestore.adapter import FirestoreAdapter

__all__ = ["FirestoreAdapter"]

del _firestore
