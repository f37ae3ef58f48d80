"""Authwire as the parity rig wants to meet it: every configuration, and routes to look inside.

Run with ``VARIANT``, ``PORT`` and ``RIG_HOME`` in the environment.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import uvicorn
from rig_state import REQUEST, RigState, RigUser
from rig_variants import FAULTY, build

from authwire import Auth, AuthError, Request, Response
from authwire.runtime.asgi import read_request, send_response

MAX_HEADER_BYTES = 256 * 1024
"""Chunked session cookies need more than servers usually accept."""
LATE = 0.25
"""Seconds. The browser run's first ``form_post`` sign-in fails with Auth.js and works here. The run then
clears its cookies while the page that it has reached is still asking for the session: an answer in
that moment would put the cookie back, a late one finds its page gone."""


def _json(data: Any, status: int = 200) -> Response:
    body = json.dumps(data).encode()
    return Response(status=status, headers=(("content-type", "application/json"),), body=body)


class RigApp:
    """The ASGI app."""

    def __init__(self, variant: str, port: int, home: str) -> None:
        self.variant = variant
        self.state = RigState(port=port, home=home)
        config = build(variant, self.state)
        self.auth: Auth[RigUser]
        if variant in FAULTY:
            self.auth = Auth(lambda request: config, environ={})
        else:
            self.auth = Auth(config, environ={})
        self.mount = f"{config.base_path or '/auth'}/"
        self.browser_run = variant == "update"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        request = await read_request(scope, receive)
        await send_response(send, await self.answer(request))

    async def answer(self, request: Request) -> Response:
        if request.path.startswith(self.mount):
            if self.browser_run and (request.headers.get("referer") or "").endswith("/?form=1"):
                self.browser_run = False
                await asyncio.sleep(LATE)
            REQUEST.set(request)
            return await self.auth.handle(request)
        if request.path == "/bare":
            return _json({"ok": True})
        if request.path == "/protected":
            return await self.protected(request)
        if request.path.startswith("/__rig/"):
            return self.control(request)
        return _json({"error": "Not Found"}, 404)

    async def protected(self, request: Request) -> Response:
        try:
            session = await self.auth.session(request)
        except AuthError:
            return _json({"error": "express"}, 500)  # what the recorded server says
        if session is None:
            return _json({"error": "Unauthorized"}, 401)
        return _json({"user": session.data["user"]})

    def control(self, request: Request) -> Response:
        state = self.state
        name = request.path.removeprefix("/__rig/")
        if request.method == "POST":
            sent = request.form
            if name == "reset":
                state.reset()
            elif name == "age":
                state.db.age(sent["table"], sent["seconds"])
            elif name == "insert":
                state.db.insert(sent["table"], sent["row"])
            else:
                return _json({"error": "Not Found"}, 404)
            return _json({"ok": True})
        shown = {
            "health": {"ok": True, "variant": self.variant, "server": "authwire"},
            "mail": state.mails,
            "events": state.events,
            "calls": state.calls,
            "log": state.log,
        }
        if name == "db":
            return _json(state.db.dump())
        return _json(shown[name]) if name in shown else _json({"error": "Not Found"}, 404)


def main() -> None:
    port = int(os.environ.get("PORT", "4002"))
    app = RigApp(os.environ.get("VARIANT", "jwt"), port, os.environ["RIG_HOME"])
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        http="h11",
        loop="asyncio",
        lifespan="off",
        proxy_headers=False,
        access_log=False,
        log_level="warning",
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
    )


if __name__ == "__main__":
    main()
