"""The command itself: help, version, and what it says when something is missing."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from authwire import __version__
from authwire.cli import main

SRC = Path(__file__).resolve().parents[2] / "src"


def test_without_arguments_it_says_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    text = capsys.readouterr().out
    for word in ("secret", "demo", "--version", "examples:"):
        assert word in text


@pytest.mark.parametrize("arguments", [["--help"], ["secret", "--help"], ["demo", "--help"]])
def test_help_is_no_failure(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 0
    assert "usage: authwire" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"authwire {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["secrets"], ["demo", "--port", "65536"], ["demo", "--port", "x"], ["demo", "-3"]]
)
def test_arguments_that_make_no_sense_are_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 2
    assert "error" in capsys.readouterr().err


def test_a_missing_package_of_the_demo_names_the_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "authwire.cli.demo.command":
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["demo"]) == 1
    error = capsys.readouterr().err
    assert "uvicorn" in error
    assert "pip install 'authwire[demo]'" in error


def test_a_fault_of_our_own_is_not_taken_for_a_missing_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def broken(name: str, *rest: Any) -> Any:
        if name == "authwire.cli.demo.command":
            raise ModuleNotFoundError("No module named 'authwire.gone'", name="authwire.gone")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(ModuleNotFoundError):
        main(["demo"])


@pytest.mark.parametrize("arguments", [["secret", "--raw"], ["--version"]])
def test_the_module_runs_without_the_packages_of_the_demo(arguments: list[str]) -> None:
    blocked = "import sys; [sys.modules.__setitem__(n, None) for n in "
    code = (
        f"{blocked}('fastapi','starlette','sqlalchemy','uvicorn','jinja2','aiosqlite')];"
        f"from authwire.cli import main; sys.exit(main({arguments!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
