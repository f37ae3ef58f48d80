"""What ``authwire db`` understands."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from pathlib import Path
from typing import Final

__all__ = ["DIALECTS", "add_arguments"]

DIALECTS: Final = ("postgresql", "mysql", "mariadb", "sqlite")
_EPILOG: Final = """\
examples:
  authwire db create --app app:auth          create the tables that are missing
  authwire db check --app app:auth           say what is missing; exit code 1 if anything is
  authwire db migrate --app app:auth         write an Alembic revision for what is missing
  authwire db migrate --sql --dialect mysql  print the tables as SQL
  authwire db cleanup --app app:auth         remove expired sessions and magic links

exit codes:
  0 all is well, 1 something is missing, 2 it could not be done, 130 interrupted
"""
_SPAN: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the four commands to ``parser``."""
    parser.description = "Prepares the database of your app, and keeps it tidy."
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="action", metavar="COMMAND", required=True)
    shared = _shared()
    commands.add_parser("create", parents=[shared], help="create what is missing")
    check = commands.add_parser("check", parents=[shared], help="say what is missing")
    check.add_argument("--json", action="store_true", help="for programs")
    _add_migrate(commands.add_parser("migrate", parents=[shared], help="write an Alembic revision"))
    _add_cleanup(commands.add_parser("cleanup", parents=[shared], help="remove what has expired"))


def _shared() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    source = shared.add_mutually_exclusive_group()
    source.add_argument(
        "--app",
        metavar="MODULE:NAME",
        help="your Auth, AuthConfig, adapter, or a function that makes one (env: AUTHWIRE_APP)",
    )
    source.add_argument(
        "--url",
        help="a database of SQLAlchemy instead, such as sqlite:///app.db (env: AUTHWIRE_DATABASE_URL)",
    )
    shared.add_argument(
        "--naming", help="with --url: of the tables, such as snake (the default) or prisma"
    )
    return shared


def _add_migrate(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compares the database with what the adapter needs, and writes an Alembic revision that adds "
        "what is missing. It never drops or changes anything."
    )
    parser.add_argument(
        "--sql", action="store_true", help="print all tables as SQL; needs no database, no Alembic"
    )
    parser.add_argument("--dialect", choices=DIALECTS, help="with --sql; default: the adapter's")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="Alembic's configuration (default: alembic.ini)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="the project with alembic.ini, or its versions"
    )
    parser.add_argument(
        "--head", metavar="REVISION", help="which to build on, if there are several"
    )
    parser.add_argument(
        "--message", "-m", default="authwire tables", help="of the revision (default: %(default)s)"
    )
    parser.add_argument(
        "--version-table",
        default="alembic_version",
        metavar="NAME",
        help="where Alembic keeps its place, if env.py says so (default: %(default)s)",
    )


def _add_cleanup(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Removes expired sessions and verification tokens, some at a time, while the app runs."
    )
    parser.add_argument(
        "--batch", type=_count, default=1000, help="rows removed at a time (default: %(default)s)"
    )
    parser.add_argument(
        "--pause",
        type=_seconds,
        default=0.05,
        metavar="SECONDS",
        help="between two batches (default: %(default)s)",
    )
    parser.add_argument(
        "--before",
        type=_span,
        default=timedelta(),
        metavar="AGE",
        help="only what expired at least so long ago: 30s, 15m, 1h, 7d (default: 0s)",
    )
    parser.add_argument("--json", action="store_true", help="print a summary for programs")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError("a batch is a number from 1 to 1000000")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("a pause is a number of seconds from 0 to 3600")
    return seconds


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None or len(found[1]) > 6:
        raise argparse.ArgumentTypeError("an age is a number with s, m, h or d: 30s, 15m, 1h, 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
