"""The examples, and an identity provider that they can reach."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import Any

import uvicorn

from authwire.testing.provider import FakeClient, FakeProvider

__all__ = [
    "FRAMEWORKS",
    "ROOT",
    "command_of",
    "identity_provider",
    "load",
    "settings_for",
    "source_of",
]

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
FRAMEWORKS = sorted(path.parent.name for path in EXAMPLES.glob("*/app.py"))


def source_of(framework: str) -> str:
    return (EXAMPLES / framework / "app.py").read_text("utf-8")


def load(framework: str) -> tuple[Any, Any]:
    """The module of an example and what it shares with the others, both as new."""
    name = f"examples.{framework}.app"
    for module in (name, "examples.shared"):
        sys.modules.pop(module, None)
    return importlib.import_module(name), sys.modules["examples.shared"]


def command_of(framework: str) -> str:
    """The line of the docstring that starts with the secret: how to run the example."""
    (command,) = (line for line in source_of(framework).splitlines() if "AUTH_SECRET=" in line)
    return command


@contextmanager
def identity_provider(*redirect_uris: str) -> Iterator[FakeProvider]:
    """Listens on this machine until the end."""
    client = FakeClient(client_id="example", client_secret="s3cret", redirect_uris=redirect_uris)
    with create_server(("127.0.0.1", 0)) as listening:
        issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        provider = FakeProvider(issuer=issuer, clients=[client])
        options = uvicorn.Config(provider.asgi, log_config=None, lifespan="off", ws="none")
        server = uvicorn.Server(options)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join()


def settings_for(provider: FakeProvider) -> dict[str, str]:
    """What an app must have in its environment to offer ``provider``."""
    return {
        "AUTH_KEYCLOAK_ISSUER": provider.issuer,
        "AUTH_KEYCLOAK_ID": "example",
        "AUTH_KEYCLOAK_SECRET": "s3cret",
    }
