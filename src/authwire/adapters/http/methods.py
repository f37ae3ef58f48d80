"""The calls of the protocol: what each is named, and how its arguments and its result travel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from authwire.adapters.http.rows import Malformed, Rows, Tables, pack, unpack

__all__ = ["METHODS", "Method"]

Table = Literal["user", "account", "session", "token", "authenticator"]


@dataclass(frozen=True)
class _Plain:
    """A value that stands for itself."""

    types: tuple[type, ...] = (str,)
    optional: bool = False
    width: int = 1

    def pack(self, _tables: Tables[Any], values: Sequence[Any]) -> Any:
        return pack(values[0])

    def unpack(self, _tables: Tables[Any], value: Any) -> tuple[Any, ...]:
        return (_plain(unpack(value), self.types, optional=self.optional),)


@dataclass(frozen=True)
class _Row:
    """A whole row to be stored."""

    table: Table
    whole: bool = False
    """Whether empty fields are sent too, because they overwrite what is there."""
    width: int = 1

    def pack(self, tables: Tables[Any], values: Sequence[Any]) -> Any:
        return _rows(tables, self.table).dump(values[0], whole=self.whole)

    def unpack(self, tables: Tables[Any], value: Any) -> tuple[Any, ...]:
        return (_rows(tables, self.table).load_new(value),)


@dataclass(frozen=True)
class _Object:
    """Several arguments as the keys of one object, in the order of the Python arguments."""

    keys: Mapping[str, type]
    optional: frozenset[str] = frozenset()

    @property
    def width(self) -> int:
        return len(self.keys)

    def pack(self, _tables: Tables[Any], values: Sequence[Any]) -> Any:
        pairs = zip(self.keys, values, strict=True)
        return {key: pack(value) for key, value in pairs if value is not None}

    def unpack(self, _tables: Tables[Any], value: Any) -> tuple[Any, ...]:
        if not isinstance(value, dict):
            raise Malformed("an argument is no JSON object")
        found = unpack(value)
        return tuple(
            _plain(found.get(key), (kind,), optional=key in self.optional)
            for key, kind in self.keys.items()
        )


@dataclass(frozen=True)
class _Changes:
    """The key of a row and the fields to change, in one object."""

    table: Table
    key: str
    field: str
    width: int = 2

    def pack(self, tables: Tables[Any], values: Sequence[Any]) -> Any:
        row_id, changes = values
        others = {name: value for name, value in changes.items() if name != self.field}
        return {self.key: row_id, **_rows(tables, self.table).dump_changes(others)}

    def unpack(self, tables: Tables[Any], value: Any) -> tuple[Any, ...]:
        changes = _rows(tables, self.table).load_changes(value)
        return _plain(changes.pop(self.field, None), (str,)), changes


_Part = _Plain | _Row | _Object | _Changes


@dataclass(frozen=True)
class _Result:
    """What comes back."""

    pack: Callable[[Tables[Any], Any], Any] = lambda _tables, _value: None
    unpack: Callable[[Tables[Any], Any], Any] = lambda _tables, _value: None


@dataclass(frozen=True)
class Method:
    """One call of the protocol."""

    wire: str
    """The last part of the path."""
    parts: tuple[_Part, ...] = ()
    result: _Result = field(default_factory=_Result)
    order: tuple[int, ...] | None = None
    """Which part stands where in ``args``, if not in the order of the Python arguments."""
    required: int | None = None
    """How many parts must be there; the others are null if left out. Default: all."""

    def pack_args(self, tables: Tables[Any], values: Sequence[Any]) -> list[Any]:
        """The arguments as JSON."""
        packed, position = [], 0
        for part in self.parts:
            packed.append(part.pack(tables, values[position : position + part.width]))
            position += part.width
        return [packed[place] for place in self.order] if self.order else packed

    def unpack_args(self, tables: Tables[Any], args: Any) -> list[Any]:
        """The Python arguments.

        Raises:
            Malformed: if they are too many, too few or of the wrong type.
            TypeError: if a key is no field of its row.
        """
        required = len(self.parts) if self.required is None else self.required
        if not isinstance(args, list) or not required <= len(args) <= len(self.parts):
            raise Malformed("args is no list of the right length")
        args = [*args, *[None] * (len(self.parts) - len(args))]
        if self.order:
            args = [args[self.order.index(place)] for place in range(len(args))]
        values: list[Any] = []
        for part, value in zip(self.parts, args, strict=True):
            values.extend(part.unpack(tables, value))
        return values


def _rows(tables: Tables[Any], table: Table) -> Rows[Any]:
    rows: Rows[Any] = getattr(tables, table)
    return rows


def _plain(value: Any, types: tuple[type, ...], *, optional: bool = False) -> Any:
    if value is None and optional:
        return None
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise Malformed("an argument or a result has the wrong type")
    return value


def _any(table: Table) -> _Result:
    """A row if it is one; Auth.js' adapters return there whatever their database says."""
    one = _one(table)

    def unpacked(tables: Tables[Any], value: Any) -> Any:
        try:
            return one.unpack(tables, value)
        except Malformed:
            return None

    return _Result(one.pack, unpacked)


def _one(table: Table, *, optional: bool = False) -> _Result:
    def packed(tables: Tables[Any], value: Any) -> Any:
        return None if value is None else _rows(tables, table).dump(value)

    def unpacked(tables: Tables[Any], value: Any) -> Any:
        return None if value is None and optional else _rows(tables, table).load(value)

    return _Result(packed, unpacked)


def _many(table: Table) -> _Result:
    def packed(tables: Tables[Any], value: Any) -> Any:
        return [_rows(tables, table).dump(row) for row in value]

    def unpacked(tables: Tables[Any], value: Any) -> Any:
        return [_rows(tables, table).load(row) for row in _plain(value, (list,))]

    return _Result(packed, unpacked)


def _pack_pair(tables: Tables[Any], value: Any) -> Any:
    if value is None:
        return None
    session, user = value
    return {"session": tables.session.dump(session), "user": tables.user.dump(user)}


def _unpack_pair(tables: Tables[Any], value: Any) -> Any:
    if value is None:
        return None
    pair = _plain(value, (dict,))
    return tables.session.load(pair.get("session")), tables.user.load(pair.get("user"))


def _unpack_texts(_tables: Tables[Any], value: Any) -> Any:
    return [_plain(text, (str,)) for text in _plain(value, (list,))]


_COUNT = _Result(lambda _tables, value: value, lambda _tables, value: _plain(value, (int,)))
_TEXTS = _Result(lambda _tables, value: value, _unpack_texts)
_TEXT = _Plain()
_LIMIT = _Plain((int,), optional=True)
_NOW = _Plain((datetime,))
_ACCOUNT_KEY = _Object({"provider": str, "providerAccountId": str})

METHODS: Final[Mapping[str, Method]] = {
    "create_user": Method("createUser", (_Row("user"),), _one("user")),
    "get_user": Method("getUser", (_TEXT,), _one("user", optional=True)),
    "get_user_by_email": Method("getUserByEmail", (_TEXT,), _one("user", optional=True)),
    "get_user_by_account": Method("getUserByAccount", (_ACCOUNT_KEY,), _one("user", optional=True)),
    "update_user": Method("updateUser", (_Changes("user", "id", "id"),), _one("user")),
    "delete_user": Method("deleteUser", (_TEXT,)),
    "link_account": Method("linkAccount", (_Row("account"),), _any("account")),
    "unlink_account": Method("unlinkAccount", (_ACCOUNT_KEY,)),
    "get_account": Method(
        "getAccount", (_TEXT, _TEXT), _one("account", optional=True), order=(1, 0)
    ),
    "create_session": Method("createSession", (_Row("session"),), _one("session")),
    "get_session_and_user": Method(
        "getSessionAndUser", (_TEXT,), _Result(_pack_pair, _unpack_pair)
    ),
    "update_session": Method(
        "updateSession",
        (_Object({"sessionToken": str, "expires": datetime}),),
        _one("session", optional=True),
    ),
    "delete_session": Method("deleteSession", (_TEXT,), _any("session")),
    "create_verification_token": Method("createVerificationToken", (_Row("token"),), _one("token")),
    "use_verification_token": Method(
        "useVerificationToken",
        (_Object({"token": str, "identifier": str}, frozenset({"identifier"})),),
        _one("token", optional=True),
    ),
    "create_authenticator": Method(
        "createAuthenticator", (_Row("authenticator"),), _one("authenticator")
    ),
    "get_authenticator": Method("getAuthenticator", (_TEXT,), _one("authenticator", optional=True)),
    "list_authenticators_by_user_id": Method(
        "listAuthenticatorsByUserId", (_TEXT,), _many("authenticator")
    ),
    "update_authenticator_counter": Method(
        "updateAuthenticatorCounter", (_TEXT, _Plain((int,))), _one("authenticator")
    ),
    "update_account": Method(
        "updateAccount", (_Row("account", whole=True),), _one("account", optional=True)
    ),
    "list_accounts_by_user_id": Method("listAccountsByUserId", (_TEXT,), _many("account")),
    "update_authenticator": Method(
        "updateAuthenticator",
        (_Changes("authenticator", "credentialID", "credential_id"),),
        _one("authenticator"),
    ),
    "delete_authenticator": Method(
        "deleteAuthenticator", (_TEXT,), _one("authenticator", optional=True)
    ),
    "list_sessions_by_user_id": Method("listSessionsByUserId", (_TEXT,), _many("session")),
    "delete_sessions_by_user_id": Method(
        "deleteSessionsByUserId", (_TEXT, _Plain(optional=True)), _COUNT, required=1
    ),
    "delete_expired_sessions": Method("deleteExpiredSessions", (_NOW, _LIMIT), _COUNT, required=1),
    "delete_expired_verification_tokens": Method(
        "deleteExpiredVerificationTokens", (_NOW, _LIMIT), _COUNT, required=1
    ),
    "create_schema": Method("createSchema"),
    "check_schema": Method("checkSchema", (), _TEXTS),
}
"""By the name of the adapter's method."""
