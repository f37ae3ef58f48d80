"""``client.d.ts`` read by TypeScript."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from authwire.pages.script import CLIENT_TYPES

pytestmark = pytest.mark.needs_node

PROGRAM = Path(__file__).resolve().parent.parent / "node" / "types" / "use.ts"
# As docs/frontends.md has it.
OPTIONS = {
    "strict": True,
    "noEmit": True,
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2022", "dom", "dom.iterable"],
    "types": [],
    "paths": {"/auth/client.js": ["./auth-client.d.ts"]},
}


def complaints(node_dir: Path, folder: Path) -> str:
    """What ``tsc`` says of the files in ``folder``."""
    config = {"compilerOptions": OPTIONS, "include": ["*.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    tsc = node_dir / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        ["node", str(tsc), "--project", str(folder), "--pretty", "false"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert not done.stderr
    return done.stdout


def test_the_types_allow_what_they_should_and_nothing_else(node_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "auth-client.d.ts").write_bytes(CLIENT_TYPES.body)
    shutil.copy(PROGRAM, tmp_path)
    assert not complaints(node_dir, tmp_path)


def test_the_check_would_tell_a_mistake(node_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "auth-client.d.ts").write_bytes(CLIENT_TYPES.body)
    (tmp_path / "wrong.ts").write_text(
        'import { getSession } from "/auth/client.js"\n(await getSession()).user\n'
    )
    assert "error TS2531" in complaints(node_dir, tmp_path)
