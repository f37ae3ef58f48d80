"""Any WSGI app: the "framework" is a function of a few lines."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.frameworks._common import ANSWER, Framework, over_wsgi

from authwire import AuthConfig, SyncAuth
from authwire.integrations.wsgi import AuthMiddleware, session

__all__ = ["FRAMEWORKS"]


def _send_json(start_response: Any, status: str, data: Any) -> list[bytes]:
    body = json.dumps(data).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def _open(environ: Any, start_response: Any) -> list[bytes]:
    return _send_json(start_response, "200 OK", ANSWER)


def build(config: AuthConfig | None) -> Any:
    if config is None:
        return _open
    auth = SyncAuth(config)

    def app(environ: Any, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/open":
            return _open(environ, start_response)
        found = session(environ, auth)
        if found is None:
            return _send_json(start_response, "401 Unauthorized", {"error": "Unauthorized"})
        return _send_json(start_response, "200 OK", {"user": found.data["user"]})

    return AuthMiddleware(app, auth)


FRAMEWORKS = {"wsgi": Framework("any WSGI app", build, over_wsgi)}
