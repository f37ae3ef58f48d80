"""Stand-ins for cloud databases, started here and stopped at the end."""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from tests.e2e.child import Child
from tests.servers import Server, _stopped_at_the_end, _wait_until_up, free_port
from werkzeug.serving import make_server

__all__ = ["azure_tables", "dynamodb", "firestore"]

NODE = Path(__file__).resolve().parent.parent / "node"


class _OneAtATime:
    """Moto has no locks: its transactions look first and write then, so others must wait."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            answer = self._app(environ, start_response)
            try:
                return [b"".join(answer)]
            finally:
                if hasattr(answer, "close"):
                    answer.close()


@contextlib.contextmanager
def dynamodb() -> Iterator[str]:
    """Moto's server; the address."""
    app = _OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def azure_tables(node_dir: Path) -> Iterator[str]:
    """Azurite; the connection string."""
    name, key = "authwire", base64.b64encode(secrets.token_bytes(64)).decode()
    program = node_dir / "node_modules" / "azurite" / "dist" / "src" / "table" / "main.js"
    options = ["--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence", "--silent"]
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="authwire-azurite-", dir="/tmp") as folder:
        process = subprocess.Popen(
            ["node", str(program), *options, f"--tablePort={port}"],
            cwd=folder,
            env=os.environ | {"AZURITE_ACCOUNTS": f"{name}:{key}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with _stopped_at_the_end(process):
            _wait_until_up(Server(port=port, process=process), 60)
            yield (
                f"DefaultEndpointsProtocol=http;AccountName={name};AccountKey={key};"
                f"TableEndpoint=http://127.0.0.1:{port}/{name};"
            )


@contextlib.contextmanager
def firestore(node_dir: Path) -> Iterator[str]:
    """The emulator of tests/node/adapters/firestore.mjs; host and port."""
    program = NODE / "adapters" / "firestore.mjs"
    with Child("the Firestore emulator", ["node", str(program)], folder=node_dir) as child:
        yield f"127.0.0.1:{child.ask({})['port']}"
