"""``authwire demo``: prepare, say what there is to see, serve."""

from __future__ import annotations

import errno
import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

import uvicorn

from authwire.cli.demo.app import create_app
from authwire.cli.demo.people import PASSWORD, USERNAME
from authwire.cli.demo.store import Store, default_folder

__all__ = ["DemoError", "run"]

_BANNER: Final = """
  Authwire demo is running:  {url}

  Sign in with
    Demo ID, Demo OAuth   two identity providers on this computer: choose a person
    Magic link            any address; the mail appears here and at {url}/outbox
    Password              {username} / {password}

  Try
    /protected            signed out: sign in, and you are back there
    /me                   your session and your linked accounts
    stop, start again     you are still signed in

  Data: {folder}   (authwire demo --reset forgets it)
  Stop: Ctrl+C
"""


class DemoError(Exception):
    """The demo cannot start; the message tells what to do."""


def run(*, host: str, port: int, data: Path | None, reset: bool) -> None:
    """Serve the demo until somebody stops it.

    Args:
        host: address to listen on.
        port: 0 for any that is free.
        data: folder for what is kept; None for the usual one.
        reset: forget what was kept.

    Raises:
        DemoError: if the port is taken or the folder cannot be written.
    """
    logging.basicConfig(level=logging.WARNING, format="  %(levelname)s %(message)s")
    sockets = _listen(host, port)
    port = sockets[0].getsockname()[1]
    # The name and not the number: browsers treat both as safe, but cookies of one are not the other's.
    url = f"http://localhost:{port}"
    folder = (data or default_folder()).absolute()
    store = Store(folder)
    try:
        store.open()
        if reset:
            store.reset()
        if store.is_new:
            print("  Making a secret, keys and a database …", flush=True)
        app = create_app(url=url, store=store)
    except OSError as exc:
        _close(sockets)
        raise DemoError(f"{folder} cannot be used: {exc.strerror}\n  Another: --data DIR") from exc
    banner = _BANNER.format(url=url, username=USERNAME, password=PASSWORD, folder=folder)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        ),
        banner,
    )
    with suppress(KeyboardInterrupt):  # uvicorn has shut down by then and passes the signal on
        server.run(sockets)
    print("\n  Stopped. Sessions are kept for the next time.", flush=True)


class _Server(uvicorn.Server):
    """Says that it is ready when it is."""

    def __init__(self, config: uvicorn.Config, banner: str) -> None:
        super().__init__(config)
        self._banner = banner

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._banner, flush=True)


def _listen(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of ``host``, all with the same port.

    Raises:
        DemoError: if there is no such address, or the port is taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as exc:
        raise DemoError(f"there is no address {host!r} to listen on") from exc
    sockets: list[socket.socket] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sockets.append(_bound(family, (str(address[0]), port)))
        except OSError as exc:
            if exc.errno == errno.EADDRINUSE:
                _close(sockets)
                raise DemoError(
                    f"port {port} is taken, perhaps by another demo\n"
                    f"  Another port: authwire demo --port {port + 1 if port < 65535 else 8001}"
                ) from exc
            if exc.errno == errno.EACCES:
                _close(sockets)
                raise DemoError(f"port {port} is not allowed here\n  Another: --port 8000") from exc
            continue  # no IPv6 on this computer, for one
        port = sockets[0].getsockname()[1]
    if not sockets:
        raise DemoError(f"{host!r} is no address of this computer")
    return sockets


def _bound(family: int, address: tuple[str, int]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except BaseException:
        made.close()
        raise
    return made


def _close(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()
