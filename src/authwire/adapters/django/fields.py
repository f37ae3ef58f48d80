"""A column for keys."""

from __future__ import annotations

from typing import Any

from django.db import models  # type: ignore[import-untyped]  # Django has no types

__all__ = ["KeyField"]


class KeyField(models.CharField):  # type: ignore[misc]  # as above
    """Text that is compared byte for byte, whatever the collation of the database.

    MySQL and MariaDB take ``é`` for ``e`` by default, which would hand over accounts. Elsewhere this
    is a `CharField`.

    Args:
        mysql_length: ``max_length`` on MySQL, where a key has at most 3072 bytes, four for each
            character.
        ascii_only: no other characters come; one byte for each on MySQL.
        options: those of a `CharField`.
    """

    def __init__(
        self, *, mysql_length: int | None = None, ascii_only: bool = False, **options: Any
    ) -> None:
        self.mysql_length = mysql_length
        self.ascii_only = ascii_only
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        if self.mysql_length is not None:
            options["mysql_length"] = self.mysql_length
        if self.ascii_only:
            options["ascii_only"] = True
        return name, path, args, options

    def db_type(self, connection: Any) -> Any:
        if connection.vendor == "mysql" and self.mysql_length is not None:
            return f"varchar({self.mysql_length})"
        return super().db_type(connection)

    def db_parameters(self, connection: Any) -> Any:
        found = super().db_parameters(connection)
        if connection.vendor == "mysql":
            charset = "ascii" if self.ascii_only else "utf8mb4"
            # Without "nopad" trailing blanks don't count; MySQL has no such collation for ASCII.
            pad = "nopad_" if connection.mysql_is_mariadb else ""
            found["collation"] = f"{charset}_{pad}bin"
        return found
