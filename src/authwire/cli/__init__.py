"""The ``authwire`` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import authwire
from authwire.cli.db.arguments import add_arguments as add_db_arguments
from authwire.cli.secret import DEFAULT_FILE, SecretExists, make_secret, write_secret

__all__ = ["main"]

_EPILOG = """\
examples:
  authwire secret                 print a line for your environment
  authwire secret --write         put it into .env.local, readable by you alone
  authwire secret --write --force change the secret; who is signed in stays so
  authwire demo                   a small app to try everything, on http://localhost:8000
  authwire providers              all that can be signed in with
  authwire providers show github  what to create there, callback URL, environment
  authwire db create --app app:auth  create the tables that are missing
  authwire openapi > openapi.json the auth routes, for clients and API pages
"""
_DEMO_MODULES = frozenset({"aiosqlite", "fastapi", "jinja2", "sqlalchemy", "starlette", "uvicorn"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        The exit status: 0 if all went well, 1 if not, 2 if the arguments make no sense. ``db`` has
        more to tell, see `authwire.cli.db.outcome`.
    """
    parser = _parser()
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else 2
    if options.command == "secret":
        return _secret(options)
    if options.command == "demo":
        return _demo(options)
    if options.command == "providers":
        try:
            status = _providers(options)
            sys.stdout.flush()
        except BrokenPipeError:  # "| head" has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return status
    if options.command == "openapi":
        # Here and not above: it imports the whole of Authwire.
        from authwire.cli.openapi import document

        print(document(options))
        return 0
    if options.command == "db":
        # Here and not above: it imports the whole of Authwire.
        from authwire.cli.db.command import run_db

        return run_db(options)
    parser.print_help()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="authwire",
        description="Authentication for Python web apps, compatible with Auth.js on the wire.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"authwire {authwire.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_secret(commands.add_parser("secret", help="make a secret that encrypts the cookies"))
    _add_demo(commands.add_parser("demo", help="run a small app to try everything"))
    _add_providers(commands.add_parser("providers", help="list providers, and how to set one up"))
    add_db_arguments(commands.add_parser("db", help="create, check and tidy the database"))
    _add_openapi(commands.add_parser("openapi", help="describe the auth routes in OpenAPI"))
    return parser


def _add_secret(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Makes a secret of 256 random bits. Whoever knows it can sign in as anybody: "
        "keep it out of version control."
    )
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--raw", action="store_true", help="print the value and nothing else")
    target.add_argument(
        "--write",
        nargs="?",
        type=Path,
        const=Path(DEFAULT_FILE),
        metavar="FILE",
        help=f"write it to an env file (default: {DEFAULT_FILE}); all other lines stay",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="with --write: if there is a secret already, add a newer one and keep the old for reading",
    )


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Runs a small app with two identity providers of its own, magic links and a password user. "
        "It needs no network, sends no mail and is for this computer only."
    )
    parser.add_argument(
        "--host", default="localhost", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=_port, default=8000, help="default: %(default)s; 0 picks a free one"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="where users and sessions are kept between runs"
    )
    parser.add_argument("--reset", action="store_true", help="forget what earlier runs kept")


def _add_providers(parser: argparse.ArgumentParser) -> None:
    parser.description = "Lists the providers that ship; show ID tells how to set one up."
    parser.usage = "authwire providers [-h] [--json] [WORD ...]\n       authwire providers show ID [--url URL] [--json]"
    parser.add_argument("words", nargs="*", metavar="WORD", help="only those that it is found in")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--url",
        default="https://<your host>/auth",
        help="where your app has its auth routes (default: %(default)s)",
    )


def _add_openapi(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Prints an OpenAPI 3.1 document of the auth routes, as they are without a configuration. "
        "authwire.openapi makes that of your app."
    )
    parser.add_argument("--base-path", default="/auth", metavar="PATH", help="default: %(default)s")
    parser.add_argument(
        "--secure", action="store_true", help="with the names that cookies have over https"
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _secret(options: argparse.Namespace) -> int:
    secret = make_secret()
    if options.write is None:
        if options.force:
            return _fail("--force goes with --write")
        print(secret if options.raw else f"AUTH_SECRET={secret}")
        return 0
    try:
        print(write_secret(options.write, secret, force=options.force))
    except SecretExists as exc:
        return _fail(str(exc))
    except (OSError, UnicodeDecodeError) as exc:
        return _fail(f"{options.write} cannot be written: {_reason(exc)}")
    return 0


def _demo(options: argparse.Namespace) -> int:
    try:
        from authwire.cli.demo.command import DemoError, run
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] not in _DEMO_MODULES:
            raise
        return _fail(f"the demo needs {exc.name}\n  pip install 'authwire[demo]'")
    try:
        run(host=options.host, port=options.port, data=options.data, reset=options.reset)
    except DemoError as exc:
        return _fail(str(exc))
    return 0


def _providers(options: argparse.Namespace) -> int:
    # Here and not above: it imports every provider.
    from authwire.cli import providers

    match options.words:
        case ["show", provider_id]:
            try:
                entry, text = providers.describe(provider_id, url=options.url)
            except providers.UnknownProvider as exc:
                return _fail(str(exc))
            print(providers.dumped(providers.to_json(entry)) if options.json else text)
        case ["show"]:
            return _fail("show needs the id of a provider, such as github")
        case words:
            chosen = providers.found(words)
            if options.json:
                print(providers.dumped([providers.to_json(entry) for entry in chosen]))
            elif chosen:
                print(providers.listing(chosen))
            else:
                return _fail(f"nothing is found with {' '.join(words)}")
    return 0


def _reason(exc: OSError | UnicodeDecodeError) -> str:
    return (exc.strerror or str(exc)) if isinstance(exc, OSError) else "it is no text in UTF-8"


def _fail(message: str) -> int:
    print(f"authwire: {message}", file=sys.stderr)
    return 1
