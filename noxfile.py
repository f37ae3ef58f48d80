"""All supported Pythons, and the oldest dependencies we promise. Run with nox, if you have it."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["tests"]

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
# Those that only one interpreter needs to see.
WITHOUT_TOOLS = ("-m", "not needs_chromium and not needs_node")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests, with the versions of constraints.txt."""
    session.install("-c", "constraints.txt", "-e", ".[all]", *_test_group())
    session.run("python", "-m", "pytest", *WITHOUT_TOOLS, *session.posargs)


@nox.session(python="3.11", venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """The tests, with the lower bounds of pyproject.toml."""
    session.install("--resolution=lowest-direct", "-e", ".[all]", *_test_group())
    session.run("python", "-m", "pytest", *WITHOUT_TOOLS, *session.posargs)


def _test_group() -> list[str]:
    return list(nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "test"))
