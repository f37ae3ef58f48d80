"""What the table must look like, and making it so."""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it ships no types

from authwire.adapters.dynamodb.table import INDEX, Table

__all__ = ["check_schema", "create_schema"]

_KEYS: Final = {"HASH": "pk", "RANGE": "sk"}
_INDEX_KEYS: Final = {"HASH": f"{INDEX}PK", "RANGE": f"{INDEX}SK"}


async def create_schema(table: Table, ttl: str) -> None:
    """Create the table, its index and its time-to-live, if missing; ``ttl`` is the attribute."""
    found = await _describe(table)
    if found is None:
        await _create(table)
    elif not _has_index(found):
        await table.call(
            "update_table",
            TableName=table.name,
            AttributeDefinitions=_attributes(_INDEX_KEYS),
            GlobalSecondaryIndexUpdates=[{"Create": _index()}],
        )
    if await _ttl(table) != ttl:
        setting = {"Enabled": True, "AttributeName": ttl}
        await table.call(
            "update_time_to_live", TableName=table.name, TimeToLiveSpecification=setting
        )


async def check_schema(table: Table, ttl: str) -> list[str]:
    """What is missing, a sentence each."""
    found = await _describe(table)
    if found is None:
        return [f"the table {table.name} is missing"]
    problems = []
    if _schema(found["KeySchema"]) != _KEYS:
        problems.append(f"the table {table.name} has other keys than pk and sk")
    if not _has_index(found):
        keys = " and ".join(_INDEX_KEYS.values())
        problems.append(f"the index {INDEX} on {keys} of the table {table.name} is missing")
    if await _ttl(table) != ttl:
        problems.append(f"the table {table.name} has no time-to-live on the attribute {ttl}")
    return problems


async def _describe(table: Table) -> dict[str, Any] | None:
    try:
        answer = await table.call("describe_table", TableName=table.name)
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    description: dict[str, Any] = answer["Table"]
    return description


async def _create(table: Table) -> None:
    try:
        await table.call(
            "create_table",
            TableName=table.name,
            KeySchema=_key_schema(_KEYS),
            AttributeDefinitions=_attributes(_KEYS) + _attributes(_INDEX_KEYS),
            GlobalSecondaryIndexes=[_index()],
            BillingMode="PAY_PER_REQUEST",
        )
    except ClientError as exc:
        # Another process was faster.
        if exc.response["Error"]["Code"] != "ResourceInUseException":
            raise
    waiting = table.client.get_waiter("table_exists").wait(
        TableName=table.name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    if table.is_async:
        await waiting


async def _ttl(table: Table) -> str | None:
    """The attribute after which rows are dropped, if any."""
    answer = await table.call("describe_time_to_live", TableName=table.name)
    found = answer["TimeToLiveDescription"]
    on = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    return found.get("AttributeName") if on else None


def _has_index(description: dict[str, Any]) -> bool:
    return any(
        index["IndexName"] == INDEX
        and _schema(index["KeySchema"]) == _INDEX_KEYS
        and index["Projection"]["ProjectionType"] == "ALL"
        for index in description.get("GlobalSecondaryIndexes", ())
    )


def _index() -> dict[str, Any]:
    return {
        "IndexName": INDEX,
        "KeySchema": _key_schema(_INDEX_KEYS),
        "Projection": {"ProjectionType": "ALL"},
    }


def _schema(keys: list[dict[str, str]]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in keys}


def _key_schema(keys: dict[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for kind, name in keys.items()]


def _attributes(keys: dict[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": "S"} for name in keys.values()]
