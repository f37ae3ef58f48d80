from __future__ import annotations

import contextvars
import functools
import threading
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from authwire.runtime import AnyioRuntime

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def waits(value: int = 1) -> int:
    await anyio.lowlevel.checkpoint()
    return value


def thread() -> int:
    return threading.get_ident()


async def test_coroutine_function_is_awaited() -> None:
    assert await AnyioRuntime().call(waits)(3) == 3


async def test_coroutine_function_is_awaited_even_if_called_blocking() -> None:
    assert await AnyioRuntime().call(functools.partial(waits, 4), blocking=True)() == 4


async def test_plain_function_runs_in_the_thread_of_the_loop() -> None:
    assert await AnyioRuntime().call(thread)() == threading.get_ident()


async def test_blocking_function_runs_in_another_thread() -> None:
    assert await AnyioRuntime().call(thread, blocking=True)() != threading.get_ident()


async def test_blocking_function_sees_context_variables_and_arguments() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("seen")

    def look(*args: Any, **kwargs: Any) -> Any:
        return variable.get(), args, kwargs

    result = await AnyioRuntime().call(look, blocking=True)(1, two=2)
    assert result == ("seen", (1,), {"two": 2})


@pytest.mark.parametrize("blocking", [False, True])
async def test_awaitable_from_a_plain_function_is_awaited(blocking: bool) -> None:
    assert await AnyioRuntime().call(lambda: waits(5), blocking=blocking)() == 5


@pytest.mark.parametrize("blocking", [False, True])
async def test_exception_of_a_plain_function_is_passed_on(blocking: bool) -> None:
    def fails() -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        await AnyioRuntime().call(fails, blocking=blocking)()


async def test_blocking_function_does_not_stop_the_loop() -> None:
    release = threading.Event()
    results: list[bool] = []

    async def wait_for_release() -> None:
        call = AnyioRuntime().call(release.wait, blocking=True)
        results.append(await call(10))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait_for_release)
        await anyio.lowlevel.checkpoint()
        release.set()  # only reached if the loop goes on while the thread waits
    assert results == [True]
