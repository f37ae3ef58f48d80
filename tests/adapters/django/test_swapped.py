"""A project has one ``AUTH_USER_MODEL``; another one takes another process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).with_name("swapped_contract.py")
ROOT = Path(__file__).resolve().parents[3]


def test_the_contract_holds_for_a_swapped_user_model() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TESTS)],
        cwd=ROOT,
        env={**os.environ, "AUTHWIRE_TEST_USER_MODEL": "people.Person"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    summary = done.stdout.strip().splitlines()[-1]
    passed = re.fullmatch(r"(\d+) passed in .*", summary)
    assert passed is not None, done.stdout
    assert int(passed[1]) > 100, done.stdout
