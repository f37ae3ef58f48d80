"""The demo app, put together as anybody would do it with FastAPI."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.auth import Auth
from authwire.cli.demo.config import demo_config
from authwire.cli.demo.idp import LocalProviders
from authwire.cli.demo.outbox import Outbox
from authwire.cli.demo.people import Passwords
from authwire.cli.demo.routes import api_routes, mail_routes, page_routes, refusal_page
from authwire.cli.demo.shield import Shield
from authwire.cli.demo.store import Store
from authwire.cli.demo.view import View
from authwire.integrations.fastapi import FastAPIAuth

__all__ = ["create_app"]

_STATIC = Path(__file__).parent / "static"


def create_app(*, url: str, store: Store, outbox: Outbox | None = None) -> FastAPI:
    """The app that is served at ``url``, which has no slash at its end."""
    outbox = Outbox() if outbox is None else outbox
    engine = create_async_engine(f"sqlite+aiosqlite:///{store.database}")
    adapter = SQLAlchemyAdapter(engine)
    passwords = Passwords(engine, adapter)
    local = LocalProviders(url, store)
    config = demo_config(
        url=url,
        secret=store.secret(),
        adapter=adapter,
        local=local,
        outbox=outbox,
        passwords=passwords,
    )
    # Without the environment: AUTH_* of the shell is meant for another app.
    auth = FastAPIAuth(Auth(config, environ={}))
    view = View(auth, url, outbox)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await adapter.create_schema()
        await passwords.create()
        yield
        await config.http_client.aclose()
        await engine.dispose()

    # The interactive API pages load their scripts from elsewhere; this app works without a network.
    app = FastAPI(
        title="Authwire demo",
        lifespan=lifespan,
        middleware=[Middleware(Shield, url=url), auth.middleware()],
        docs_url=None,
        redoc_url=None,
    )
    app.add_exception_handler(HTTPException, refusal_page(view))
    app.include_router(auth.router)
    app.include_router(page_routes(auth, view, adapter, passwords))
    app.include_router(mail_routes(view, outbox))
    app.include_router(api_routes(auth))
    app.mount("/idp", local.openid().asgi)
    app.mount("/oauth", local.oauth().asgi)
    app.mount("/static", StaticFiles(directory=_STATIC))
    return app
