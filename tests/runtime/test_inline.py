from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
from typing import Any

import anyio
import pytest

from authwire.errors import EventLoopRequired
from authwire.runtime import InlineRuntime, drive


async def plus_one(number: int) -> int:
    return number + 1


def finish(awaitable: Any) -> Any:
    assert inspect.iscoroutine(awaitable)
    return drive(awaitable)


class AsyncCallable:
    async def __call__(self) -> str:
        return "called"

    async def method(self) -> str:
        return "called"


class SyncCallable:
    def __call__(self) -> str:
        return "called"

    def method(self) -> str:
        return "called"


def test_drive_returns_the_result_of_nested_coroutines_that_never_wait() -> None:
    async def outer() -> int:
        return await plus_one(await plus_one(1))

    assert drive(outer()) == 3


def test_drive_passes_the_exception_on() -> None:
    async def fails() -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        drive(fails())


def test_drive_refuses_and_closes_a_coroutine_that_waits() -> None:
    closed: list[bool] = []

    class Wait:
        def __await__(self) -> Any:
            yield

    async def waits() -> None:
        try:
            await Wait()
        finally:
            closed.append(True)

    with pytest.raises(EventLoopRequired, match="a callable is async"):
        drive(waits())
    assert closed == [True]


def test_drive_keeps_the_thread_and_changes_of_context_variables() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="before")

    async def inner() -> int:
        variable.set("inside")
        return threading.get_ident()

    assert contextvars.copy_context().run(lambda: (drive(inner()), variable.get())) == (
        threading.get_ident(),
        "inside",
    )


@pytest.mark.parametrize(
    "fn",
    [
        plus_one,
        functools.partial(plus_one, 1),
        functools.partial(functools.partial(plus_one), 1),
        AsyncCallable(),
        AsyncCallable().method,
        functools.partial(AsyncCallable().method),
    ],
    ids=["function", "partial", "nested partial", "callable object", "method", "partial method"],
)
def test_async_callable_is_refused_when_wrapped(fn: Any) -> None:
    with pytest.raises(EventLoopRequired, match=r"(plus_one|AsyncCallable).* is async"):
        InlineRuntime().call(fn)


@pytest.mark.parametrize(
    "fn",
    [SyncCallable(), SyncCallable().method, functools.partial(SyncCallable().method)],
    ids=["callable object", "method", "partial method"],
)
def test_sync_callable_is_called(fn: Any) -> None:
    assert finish(InlineRuntime().call(fn)()) == "called"


def test_class_with_async_call_is_a_plain_constructor() -> None:
    made = finish(InlineRuntime().call(AsyncCallable)())
    assert isinstance(made, AsyncCallable)


def test_arguments_reach_the_callable() -> None:
    call = InlineRuntime().call(lambda *args, **kwargs: (args, kwargs), blocking=True)
    assert finish(call(1, two=2)) == ((1,), {"two": 2})


def test_plain_function_that_returns_a_coroutine_is_refused_when_called() -> None:
    def hidden() -> Any:
        return plus_one(1)  # filterwarnings=error would report it if it were not closed

    with pytest.raises(EventLoopRequired, match=r"hidden is async"):
        finish(InlineRuntime().call(hidden)())


def test_plain_function_that_returns_another_awaitable_is_refused_when_called() -> None:
    class Promise:
        def __await__(self) -> Any:
            yield

    def promise() -> Any:
        return Promise()

    with pytest.raises(EventLoopRequired, match="promise is async"):
        finish(InlineRuntime().call(promise)())


def test_need_of_an_event_loop_is_told_with_the_name_of_the_callable() -> None:
    def wants_loop() -> None:
        asyncio.get_running_loop()

    with pytest.raises(EventLoopRequired, match="wants_loop") as caught:
        finish(InlineRuntime().call(wants_loop)())
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_other_runtime_errors_stay_as_they_are() -> None:
    def broken() -> None:
        raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="something else"):
        finish(InlineRuntime().call(broken)())


def test_drivable_coroutine_function_is_run() -> None:
    assert finish(InlineRuntime().call(plus_one, drivable=True)(1)) == 2


@pytest.mark.parametrize("sleep", [asyncio.sleep, anyio.sleep])
def test_drivable_coroutine_function_that_waits_is_refused_by_name(sleep: Any) -> None:
    async def naps() -> None:
        await sleep(0)

    with pytest.raises(EventLoopRequired, match="naps"):
        finish(InlineRuntime().call(naps, drivable=True)())


def test_run_drives_a_coroutine() -> None:
    assert InlineRuntime().run(plus_one(1)) == 2
