# Not `from __future__ import annotations`: Litestar could not look up the names inside a function.

from typing import Any

from benchmarks.frameworks._common import ANSWER, Framework, over_asgi
from litestar import Litestar, get
from litestar.di import NamedDependency

from authwire import AuthConfig, Session
from authwire.integrations.litestar import LitestarAuth

__all__ = ["FRAMEWORKS"]


@get("/open")
async def _open() -> dict[str, Any]:
    return ANSWER


@get("/protected")
async def _protected(session: NamedDependency[Session]) -> dict[str, Any]:
    return {"user": session.data["user"]}


def build(config: AuthConfig | None) -> Litestar:
    if config is None:
        return Litestar([_open])
    return Litestar([_open, _protected], plugins=[LitestarAuth(config)])


FRAMEWORKS = {"litestar": Framework("Litestar", build, over_asgi)}
