"""Authwire on Flask, and the same route without it. ``STRATEGY`` is jwt or database."""

from __future__ import annotations

import logging
import os
from typing import Any

from benchmarks import sample
from flask import Flask

from authwire.integrations.flask import FlaskAuth, current_session

logging.disable(logging.CRITICAL)
# Two apps behind one door: what FlaskAuth adds to an app it adds to all of its routes.
plain = Flask("plain")
guarded = Flask("guarded")
auth = FlaskAuth(sample.config_for(os.environ["STRATEGY"]), guarded)


@plain.get("/bare")
def bare() -> dict[str, Any]:
    return {"user": sample.PUBLIC}


@guarded.get("/protected")
@auth.required
def protected() -> dict[str, Any]:
    return {"user": current_session.data["user"]}


def app(environ: dict[str, Any], start_response: Any) -> Any:
    chosen = plain if environ["PATH_INFO"] == "/bare" else guarded
    return chosen(environ, start_response)
