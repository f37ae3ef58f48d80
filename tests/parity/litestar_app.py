"""The parity rig's app as a Litestar app: routes by the plugin, everything else by handlers.

Run like `app.py`, and compared with the same recorded answers::

    B_CMD="$PWD/.venv/bin/python $PWD/tests/parity/litestar_app.py" bash ../shared/rig/run.sh golden
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import Any

import uvicorn
from app import LATE, MAX_HEADER_BYTES, RigApp
from litestar import HttpMethod, Litestar, MediaType, Request, Response, get, route
from rig_state import REQUEST

from authwire import AuthError
from authwire import Request as AuthRequest
from authwire.integrations.litestar import LitestarAuth, to_response

AnyRequest = Request[Any, Any, Any]


def litestar_app(rig: RigApp) -> Litestar:
    auth = LitestarAuth(rig.auth)

    async def whole(request: AnyRequest) -> AuthRequest:
        return replace(auth.visit(request).request, body=await request.body())

    async def before(request: AnyRequest) -> None:
        if request.scope["path"].startswith(rig.mount):
            if rig.browser_run and request.headers.get("referer", "").endswith("/?form=1"):
                rig.browser_run = False
                await asyncio.sleep(LATE)
            REQUEST.set(await whole(request))

    @get("/bare")
    async def bare() -> dict[str, bool]:
        return {"ok": True}

    @get("/protected")
    async def protected(request: AnyRequest) -> Response[Any]:
        try:
            # Without a jar, as the recorded server reads it: it sends no cookies here.
            session = await rig.auth.session(auth.visit(request).request)
        except AuthError:
            return Response({"error": "express"}, status_code=500)
        if session is None:
            return Response({"error": "Unauthorized"}, status_code=401)
        return Response({"user": session.data["user"]})

    @route("/__rig/{name:str}", http_method=[HttpMethod.GET, HttpMethod.POST])
    async def control(request: AnyRequest) -> Response[bytes]:
        return to_response(rig.control(await whole(request)))

    def not_found(_request: AnyRequest, _exc: Exception) -> Response[dict[str, str]]:
        return Response({"error": "Not Found"}, status_code=404, media_type=MediaType.JSON)

    return Litestar(
        [bare, protected, control],
        plugins=[auth],
        before_request=before,
        exception_handlers={404: not_found, 405: not_found},
        openapi_config=None,
        logging_config=None,
    )


def main() -> None:
    port = int(os.environ.get("PORT", "4002"))
    rig = RigApp(os.environ.get("VARIANT", "jwt"), port, os.environ["RIG_HOME"])
    uvicorn.run(
        litestar_app(rig),
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
