"""``authwire secret``: what it prints, and what it does to a file."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authwire import AuthConfig, ConfigError
from authwire.cli import main
from authwire.cli.secret import SecretExists, make_secret, write_secret
from authwire.resolve import resolve
from authwire.runtime import InlineRuntime

NEW = "n" * 43


def resolved(env: str) -> tuple[str, ...]:
    """The secrets that an app sees which was started with this env file."""
    pairs = (line.split("=", 1) for line in env.splitlines() if "=" in line)
    environ = {name: value for name, value in pairs if name.startswith("AUTH_SECRET")}
    return resolve(AuthConfig(), InlineRuntime(), environ).secrets


def test_a_secret_has_256_random_bits_in_base64url() -> None:
    first, second = make_secret(), make_secret()
    assert first != second
    assert len(base64.urlsafe_b64decode(first + "=")) == 32


def test_printing_gives_a_line_for_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secret"]) == 0
    line = capsys.readouterr().out
    assert line.startswith("AUTH_SECRET=")
    assert len(resolved(line)[0]) == 43


def test_raw_prints_the_value_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secret", "--raw"]) == 0
    assert len(capsys.readouterr().out.strip()) == 43


def test_write_makes_a_file_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["secret", "--write"]) == 0
    path = tmp_path / ".env.local"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (secret,) = resolved(path.read_text())
    assert secret not in capsys.readouterr().out, "what is written need not be on the screen"
    assert [each.name for each in tmp_path.iterdir()] == [".env.local"]


def test_write_keeps_all_other_lines(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text('# mine\nDATABASE_URL="x=y"\n\nMY_AUTH_SECRET=other\n# AUTH_SECRET=comment')
    write_secret(path, NEW)
    assert path.read_text() == (
        '# mine\nDATABASE_URL="x=y"\n\nMY_AUTH_SECRET=other\n# AUTH_SECRET=comment\n'
        f"AUTH_SECRET={NEW}\n"
    )


@pytest.mark.parametrize("empty", ["AUTH_SECRET=", 'AUTH_SECRET=""', "export AUTH_SECRET = ''"])
def test_write_fills_an_empty_line_in_place(tmp_path: Path, empty: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"A=1\n{empty} # make one\nB=2\n")
    write_secret(path, NEW)
    head = empty.rpartition("=")[0]
    text = path.read_text()
    assert text.startswith(f"A=1\n{head}=")
    assert text.endswith(f"{NEW} # make one\nB=2\n")


def test_write_keeps_the_line_ends_of_windows(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\r\n")
    write_secret(path, NEW)
    assert path.read_bytes() == f"A=1\r\nAUTH_SECRET={NEW}\r\n".encode()


@pytest.mark.parametrize(
    "line",
    [
        "AUTH_SECRET=old",
        "AUTH_SECRET_2='old'",
        "export AUTH_SECRET=old",
        "AUTH_SECRET = old # comment",
        'AUTH_SECRET="old',
    ],
)
def test_write_refuses_where_a_secret_is_already(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ".env"
    path.write_text(f"{line}\n")
    assert main(["secret", "--write", str(path)]) == 1
    message = capsys.readouterr().err
    assert "--force" in message
    assert "old" not in message.replace("keep the old one", ""), "a secret on the screen"
    assert path.read_text() == f"{line}\n"


def test_force_makes_the_new_one_encrypt_and_keeps_the_old_for_reading(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    made = [f"{index}" * 43 for index in range(6)]
    write_secret(path, made[0])
    for count, secret in enumerate(made[1:], start=2):
        done = write_secret(path, secret, force=True)
        newest_first = tuple(reversed(made[max(0, count - 4) : count]))
        assert resolved(path.read_text()) == newest_first
        assert secret not in done
        assert f"AUTH_SECRET_{min(count - 1, 3)}" in done


def test_force_loses_none_where_there_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("AUTH_SECRET=oldest\nAUTH_SECRET_3=newer\n")
    write_secret(path, NEW, force=True)
    assert resolved(path.read_text()) == (NEW, "newer", "oldest")


def test_force_on_a_new_file_just_writes(tmp_path: Path) -> None:
    write_secret(tmp_path / ".env", NEW, force=True)
    assert resolved((tmp_path / ".env").read_text()) == (NEW,)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.env", tmp_path / ".env"
    real.write_text("A=1\n")
    link.symlink_to(real)
    write_secret(link, NEW)
    assert link.is_symlink()
    assert NEW in real.read_text()


def test_a_file_that_was_open_to_all_is_closed(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.touch(mode=0o644)
    write_secret(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failure_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["secret", "--write", str(path)]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert path.read_text() == "A=1\n"
    assert [each.name for each in tmp_path.iterdir()] == [".env"]


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["secret", "--write", str(tmp_path / "no" / ".env")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_file_that_is_no_text_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xff\xfe\x00")
    assert main(["secret", "--write", str(path)]) == 1
    assert "UTF-8" in capsys.readouterr().err
    assert path.read_bytes() == b"\xff\xfe\x00"


def test_force_without_write_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secret", "--force"]) == 1
    assert "--write" in capsys.readouterr().err


NAMES = ["AUTH_SECRET", "AUTH_SECRET_1", "AUTH_SECRET_2", "AUTH_SECRET_3", "OTHER", "# AUTH_SECRET"]
LINES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["", "aa", "bb", "cc"])), max_size=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(LINES)
def test_whatever_is_there_the_new_one_encrypts_and_the_newest_old_ones_stay(
    tmp_path: Path, lines: list[tuple[str, str]]
) -> None:
    path = tmp_path / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in lines))
    try:
        before = resolved(path.read_text())
    except ConfigError:
        before = ()
    try:
        write_secret(path, NEW)
    except SecretExists:
        assert before
        write_secret(path, NEW, force=True)
    assert resolved(path.read_text()) == (NEW, *before)[:4]
    others = [f"{name}={value}" for name, value in lines if not name.startswith("AUTH_SECRET")]
    kept = [line for line in path.read_text().splitlines() if not line.startswith("AUTH_SECRET")]
    assert kept == others
