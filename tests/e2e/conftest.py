"""The real provider, started once, and what its programs said when a test fails."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator
from pathlib import Path

import anyio.from_thread
import pytest
from tests.e2e.child import Child
from tests.e2e.clients import ACCOUNTS, Issuers, ways
from tests.e2e.visitor import APP

IDP = Path(__file__).resolve().parent.parent / "node" / "idp.mjs"


@pytest.fixture(scope="session")
def portal() -> Iterator[anyio.from_thread.BlockingPortal]:
    """An event loop in a thread: async apps live there, and tests stay plain."""
    with anyio.from_thread.start_blocking_portal("asyncio") as portal:
        yield portal


@pytest.fixture(scope="session")
def app_socket() -> Iterator[socket.socket]:
    """Where the app that real browsers use will listen; providers must know it beforehand."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture(scope="session")
def app_origin(app_socket: socket.socket) -> str:
    """By name, so that it is another site than the provider, which is known by its address."""
    return f"http://localhost:{app_socket.getsockname()[1]}"


@pytest.fixture(scope="session")
def idp_process(node_dir: Path) -> Iterator[Child]:
    with Child("the provider", ["node", str(IDP)], folder=node_dir) as child:
        yield child


@pytest.fixture(scope="session")
def issuers(idp_process: Child, app_origin: str) -> Issuers:
    uris = [f"{APP}/auth/callback/idp"]
    uris += [f"{app_origin}/api/auth/callback/{name}" for name in ("oidc", "posting")]
    clients = {
        issuer: [way.metadata(*uris) for way in ways().values() if way.issuer == issuer]
        for issuer in ("open", "strict")
    }
    settings = {
        name: {
            "clients": clients[name],
            "accounts": ACCOUNTS,
            "parOnly": name == "strict",
            "slimIdTokens": name == "strict",
        }
        for name in clients
    }
    return Issuers(**idp_process.ask(settings))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Child):
                report.sections.append((f"what {value.name} said last", "\n".join(value.log[-20:])))
    return report
