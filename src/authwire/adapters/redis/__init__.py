"""Redis and Valkey, with the async and sync clients of redis-py, single or as a cluster.

For example::

    adapter = RedisAdapter(redis.asyncio.Redis.from_url("redis://localhost"))

Importing this package imports redis-py, but opens no connection.
"""

from __future__ import annotations

try:
    import redis as _redis
except ModuleNotFoundError as exc:
    raise ImportError("RedisAdapter needs redis-py: pip install 'authwire[redis]'") from exc

from authwire.adapters.redis.adapter import RedisAdapter

__all__ = ["RedisAdapter"]

del _redis
