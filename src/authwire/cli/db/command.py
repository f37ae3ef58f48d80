"""``authwire db``: from the arguments to the exit code."""

from __future__ import annotations

import argparse
import os
import sys

from authwire.cli.db.cleanup import cleanup
from authwire.cli.db.migrate import migrate
from authwire.cli.db.outcome import FAILED, INTERRUPTED, DatabaseFailed, Refused
from authwire.cli.db.schema import check, create
from authwire.cli.db.target import find

__all__ = ["run_db"]


def run_db(options: argparse.Namespace) -> int:
    """Run the command that ``options`` name; returns the exit code, see `outcome`."""
    try:
        return _run(options)
    except (Refused, DatabaseFailed) as exc:
        print(f"authwire: {exc}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("authwire: interrupted", file=sys.stderr)
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    if options.action == "migrate":
        return migrate(options, os.environ)
    target = find(options.app, options.url, options.naming, os.environ)
    if options.action == "create":
        return create(target)
    if options.action == "check":
        return check(target, as_json=options.json)
    return cleanup(
        target,
        batch=options.batch,
        pause=options.pause,
        before=options.before,
        as_json=options.json,
    )
