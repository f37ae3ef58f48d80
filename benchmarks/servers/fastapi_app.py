"""Authwire on FastAPI, and the same route without it. ``STRATEGY`` is jwt or database."""

# Not `from __future__ import annotations`: FastAPI reads annotations at run time.

import logging
import os
from typing import Annotated, Any

from benchmarks import sample
from fastapi import Depends, FastAPI

from authwire import Session
from authwire.integrations.fastapi import FastAPIAuth

logging.disable(logging.CRITICAL)
auth = FastAPIAuth(sample.config_for(os.environ["STRATEGY"]))
app = FastAPI()
app.include_router(auth.router)


@app.get("/bare")
async def bare() -> dict[str, Any]:
    return {"user": sample.PUBLIC}


@app.get("/protected")
async def protected(session: Annotated[Session, Depends(auth.required)]) -> dict[str, Any]:
    return {"user": session.data["user"]}
