"""The parity rig's app as a Flask app: routes by the blueprint, everything else by views.

Run like `app.py`: ``scripts/parity flask``. Some of the rig's callbacks are async, which is what
``PortalRuntime`` is for.
"""

from __future__ import annotations

import os
import time

import waitress
from app import LATE, MAX_HEADER_BYTES, RigApp
from flask import Flask, Response, jsonify, request
from rig_state import REQUEST, RigUser
from rig_variants import FAULTY, build

from authwire import AuthError, SyncAuth
from authwire import Request as AuthRequest
from authwire.integrations.flask import FlaskAuth, to_response
from authwire.runtime import PortalRuntime
from authwire.runtime.wsgi import request_of


def sync_auth(rig: RigApp) -> SyncAuth[RigUser]:
    """The sync counterpart of ``rig.auth``, over the same state."""
    config = build(rig.variant, rig.state)
    runtime = PortalRuntime()
    if rig.variant in FAULTY:
        return SyncAuth(lambda request: config, runtime=runtime, environ={})
    return SyncAuth(config, runtime=runtime, environ={})


def whole() -> AuthRequest:
    return request_of(request.environ, native=request, body=request.get_data())


def flask_app(rig: RigApp) -> Flask:
    sync = sync_auth(rig)
    auth = FlaskAuth(sync, url_prefix=rig.mount.rstrip("/"))
    app = Flask(__name__, static_folder=None)

    @app.before_request
    def before() -> None:
        if request.path.startswith(rig.mount):
            if rig.browser_run and request.headers.get("referer", "").endswith("/?form=1"):
                rig.browser_run = False
                time.sleep(LATE)
            REQUEST.set(whole())

    auth.init_app(app)

    @app.get("/bare")
    def bare() -> Response:
        return jsonify({"ok": True})

    @app.get("/protected")
    def protected() -> tuple[Response, int]:
        try:
            # Without a jar, as the recorded server reads it: it sends no cookies here.
            session = sync.session(auth.visit().request)
        except AuthError:
            return jsonify({"error": "express"}), 500  # what the recorded server says
        if session is None:
            return jsonify({"error": "Unauthorized"}), 401
        return jsonify({"user": session.data["user"]}), 200

    @app.route("/__rig/<name>", methods=["GET", "POST"])
    def control(name: str) -> Response:
        return to_response(rig.control(whole()))

    @app.errorhandler(404)
    @app.errorhandler(405)
    def not_found(_exc: Exception) -> tuple[Response, int]:
        return jsonify({"error": "Not Found"}), 404

    return app


def main() -> None:
    port = int(os.environ.get("PORT", "4002"))
    rig = RigApp(os.environ.get("VARIANT", "jwt"), port, os.environ["RIG_HOME"])
    waitress.serve(
        flask_app(rig),
        host="127.0.0.1",
        port=port,
        max_request_header_size=MAX_HEADER_BYTES,
        clear_untrusted_proxy_headers=False,
    )


if __name__ == "__main__":
    main()
