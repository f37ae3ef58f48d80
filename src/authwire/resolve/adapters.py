"""The adapter: how it does its I/O, and whether it can do what the configured features need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine
from inspect import iscoroutinefunction
from types import SimpleNamespace
from typing import Any, Final, Literal, cast

from authwire.core.database import ADAPTER_METHODS, guard, has
from authwire.errors import ConfigProblem
from authwire.models import U, User
from authwire.ports import Adapter, Runtime, SyncAdapter
from authwire.runtime import drive

__all__ = ["adapter_io", "adapter_problems", "bound_adapter", "plain_adapter"]

_EMAIL_METHODS: Final = (
    "create_verification_token",
    "use_verification_token",
    "get_user_by_email",
    "create_user",
    "update_user",
)
_ACCOUNT_METHODS: Final = (
    "create_user",
    "get_user",
    "get_user_by_email",
    "get_user_by_account",
    "link_account",
)
_SESSION_METHODS: Final = (
    "create_user",
    "get_user",
    "get_user_by_email",
    "create_session",
    "get_session_and_user",
    "update_session",
    "delete_session",
)
_PASSKEY_METHODS: Final = (
    *_ACCOUNT_METHODS,
    "get_account",
    "create_verification_token",
    "use_verification_token",
    "create_authenticator",
    "get_authenticator",
    "list_authenticators_by_user_id",
    "update_authenticator_counter",
)


def adapter_io(adapter: Adapter[U] | SyncAdapter[U]) -> Literal["async", "blocking", "none"]:
    """What the adapter says of itself; one that says nothing and has async methods needs a loop."""
    io: Literal["async", "blocking", "none"] | None = getattr(adapter, "io", None)
    if io is not None:
        return io
    return "async" if _has_async_methods(adapter) else "blocking"


def bound_adapter(adapter: Adapter[U] | SyncAdapter[U], runtime: Runtime) -> Adapter[U]:
    """``adapter`` with every method that it has awaitable and guarded."""
    blocking = adapter_io(adapter) == "blocking"
    in_thread = blocking and runtime.is_async and _has_async_methods(adapter)
    calls: dict[str, Callable[..., Awaitable[Any]]] = {}
    for name in ADAPTER_METHODS:
        method = getattr(adapter, name, None)
        if method is not None:
            plain = _driven(method) if in_thread else method
            calls[name] = runtime.call(plain, blocking=blocking, drivable=True)
    return guard(calls, cast("type[U]", User))


def plain_adapter(
    database: Adapter[U], run: Callable[[Coroutine[Any, Any, Any]], Any]
) -> SyncAdapter[U]:
    """``database`` with plain methods, each run to its end by ``run``."""
    plain = SimpleNamespace()
    for name in ADAPTER_METHODS:
        if has(database, name):
            setattr(plain, name, _run_with(run, getattr(database, name)))
    return cast("SyncAdapter[U]", plain)


def _run_with(
    run: Callable[[Coroutine[Any, Any, Any]], Any], method: Callable[..., Coroutine[Any, Any, Any]]
) -> Callable[..., Any]:
    return lambda *args: run(method(*args))


def adapter_problems(
    adapter: object | None, strategy: str, kinds: Collection[str]
) -> list[ConfigProblem]:
    """The features that have no adapter, or one that lacks what they need.

    Args:
        adapter: the configured one.
        strategy: of the sessions.
        kinds: the types of the configured providers.
    """
    needed: dict[str, tuple[str, ...]] = {}
    if "email" in kinds:
        needed["e-mail sign-in"] = _EMAIL_METHODS
    if strategy == "database":
        needed["database sessions"] = _SESSION_METHODS
    if "webauthn" in kinds:
        needed["passkeys"] = _PASSKEY_METHODS
    if adapter is None:
        hint = "AuthConfig(adapter=SQLAlchemyAdapter(engine)), see docs/adapters.md"
        return [
            ConfigProblem(
                "MissingAdapter", "adapter", f"{feature} cannot work without a database", hint
            )
            for feature in needed
        ]
    if {"oauth", "oidc"} & set(kinds):
        needed["OAuth sign-in"] = _ACCOUNT_METHODS
    found: list[ConfigProblem] = []
    for feature, methods in needed.items():
        missing = [name for name in methods if not hasattr(adapter, name)]
        if missing:
            found.append(
                ConfigProblem(
                    "MissingAdapterMethods",
                    f"adapter ({type(adapter).__name__})",
                    f"{feature} needs {', '.join(missing)}",
                    "implement them, see authwire.ports.Adapter",
                )
            )
    return found


def _has_async_methods(adapter: object) -> bool:
    return any(iscoroutinefunction(getattr(adapter, name, None)) for name in ADAPTER_METHODS)


def _driven(method: Callable[..., Any]) -> Callable[..., Any]:
    """A coroutine method that blocks instead of waiting, as a plain function for a thread."""

    def call(*args: Any) -> Any:
        return drive(method(*args))

    return call
