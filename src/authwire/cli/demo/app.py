"""The demo app, as anybody would write it with FastAPI.

There is no ``from __future__ import annotations`` here: FastAPI evaluates annotations itself, and
could not see those that are local to a function.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.exceptions import HTTPException as StarletteHTTPException

from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.cli.demo.config import demo_config
from authwire.cli.demo.idp import LocalProviders
from authwire.cli.demo.outbox import Outbox
from authwire.cli.demo.people import PASSWORD, USERNAME, Passwords
from authwire.cli.demo.shield import Shield
from authwire.cli.demo.store import Store
from authwire.integrations.fastapi import FastAPIAuth
from authwire.models import Session, User

__all__ = ["create_app"]

_HERE = Path(__file__).parent
_LINKABLE = {"demo-idp": "Demo ID", "demo-oauth": "Demo OAuth"}


def create_app(*, url: str, store: Store, outbox: Outbox | None = None) -> FastAPI:
    """The app that is served at ``url``, which has no slash at its end."""
    outbox = outbox or Outbox()
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
    auth = FastAPIAuth(config)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await adapter.create_tables()
        await passwords.create()
        yield
        await config.http_client.aclose()
        await engine.dispose()

    app = FastAPI(title="Authwire demo", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(auth.middleware().cls, auth=auth)
    app.add_middleware(Shield, url=url)
    app.include_router(auth.router)
    app.include_router(_pages(auth, adapter, url, outbox))
    app.include_router(_actions(auth, url))
    app.include_router(_mail(outbox))
    app.mount("/idp", local.openid().asgi)
    app.mount("/oauth", local.oauth().asgi)
    app.mount("/static", StaticFiles(directory=_HERE / "static"))
    return app
