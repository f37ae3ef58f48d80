"""Any back end that speaks JSON over HTTP, and the way to serve an adapter as one.

For example::

    adapter = HttpAdapter("https://users.internal/bridge", secret=secret)

and, on the other side, in Python::

    app = adapter_bridge(SQLAlchemyAdapter(engine), secret=secret)

docs/adapters/http.md describes the protocol, for back ends in other languages.
"""

from __future__ import annotations

from authwire.adapters.http.adapter import HttpAdapter, SyncHttpAdapter
from authwire.adapters.http.bridge import adapter_bridge, adapter_bridge_wsgi

__all__ = ["HttpAdapter", "SyncHttpAdapter", "adapter_bridge", "adapter_bridge_wsgi"]
