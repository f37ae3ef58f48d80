"""One of several processes of the same app. Reads its settings from one line, tells its port in one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import threading
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from authwire import AuthConfig, SessionConfig, User
from authwire.integrations.starlette import StarletteAuth
from authwire.providers import OIDC, Credentials, Email


def adapter_for(settings: dict[str, Any]) -> Any:
    if settings["kind"] == "redis":
        import redis.asyncio

        from authwire.adapters.redis import RedisAdapter

        return RedisAdapter(redis.asyncio.from_url(settings["url"]), prefix=settings["prefix"])
    from sqlalchemy.ext.asyncio import create_async_engine

    from authwire.adapters.sqlalchemy import SQLAlchemyAdapter

    return SQLAlchemyAdapter(create_async_engine(settings["url"], pool_size=3))


def build(settings: dict[str, Any]) -> Starlette:
    outbox: list[str] = []

    def authorize(credentials: Any, _request: Any) -> User | None:
        name = credentials["username"]
        return User(id=name, name=name, email=f"{name}@example.com")

    auth = StarletteAuth(
        AuthConfig(
            secret=settings["secret"],
            adapter=adapter_for(settings),
            session=SessionConfig(strategy="database"),
            trust_host=["127.0.0.1:*", "127.0.0.1"],
            url=settings.get("public"),
            providers=[
                Credentials(authorize=authorize),
                Email(send=lambda mail: outbox.append(mail.url)),
                OIDC(
                    id="idp",
                    name="IdP",
                    issuer=settings["issuer"],
                    client_id="web",
                    client_secret=settings["client_secret"],
                ),
            ],
        )
    )

    async def everywhere(request: Request) -> Response:
        return await auth.sign_out(request, everywhere=True)

    async def mails(_request: Request) -> Response:
        return JSONResponse(outbox)

    async def who(_request: Request) -> Response:
        return JSONResponse({"pid": os.getpid()})

    return Starlette(
        routes=[
            Mount("/auth", routes=auth.routes, name="auth"),
            Route("/everywhere", everywhere, methods=["POST"]),
            Route("/mails", mails),
            Route("/who", who),
        ],
        middleware=[auth.middleware()],
    )


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(build(settings), log_level="warning", lifespan="off", access_log=False)
    )

    def end_with_the_parent() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=end_with_the_parent, daemon=True).start()
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main()
