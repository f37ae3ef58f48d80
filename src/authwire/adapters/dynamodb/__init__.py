"""DynamoDB, with aiobotocore's client, or with the one of botocore and boto3 in sync apps.

For example::

    async with get_session().create_client("dynamodb") as client:
        adapter = DynamoDBAdapter(client, table="authwire")

Importing this package imports aiobotocore, but opens no connection.
"""

from __future__ import annotations

try:
    import aiobotocore as _aiobotocore  # type: ignore[import-untyped]  # it ships no types
except ModuleNotFoundError as exc:
    raise ImportError(
        "DynamoDBAdapter needs aiobotocore: pip install 'authwire[dynamodb]'"
    ) from exc

from authwire.adapters.dynamodb.adapter import DynamoDBAdapter

__all__ = ["DynamoDBAdapter"]

del _aiobotocore
