"""Which adapter is meant: the one of an app, or one for a database URL."""

from __future__ import annotations

import inspect
import os
import re
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final, get_args

from authwire.auth import Auth, SyncAuth
from authwire.cli.db.outcome import Refused
from authwire.config import AuthConfig
from authwire.core.database import ADAPTER_METHODS
from authwire.errors import ConfigError

__all__ = ["Target", "find", "from_app", "from_url"]

_SPEC: Final = re.compile(r"(?P<module>\w+(?:\.\w+)*):(?P<path>[^\W\d]\w*(?:\.[^\W\d]\w*)*)")
_PLAIN_ERRORS: Final = (ImportError, NameError, AttributeError, SyntaxError)
"""Errors whose words are about code, not about values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a command works on."""

    adapter: Any
    """None if the app has no database."""
    config: AuthConfig[Any] | None = None
    """Where the adapter was found, if there."""

    @property
    def name(self) -> str:
        return type(self.adapter).__name__


def find(
    app: str | None, url: str | None, naming: str | None, environ: Mapping[str, str]
) -> Target:
    """What the arguments, or else the environment, name.

    Raises:
        Refused: if they name nothing, or nothing of use.
    """
    if app is None and url is None:
        app = environ.get("AUTHWIRE_APP") or None
        url = None if app else environ.get("AUTHWIRE_DATABASE_URL") or None
    if app is not None:
        if naming is not None:
            raise Refused("--naming goes with --url: the app's adapter has a naming of its own")
        return from_app(app)
    if url is not None:
        return from_url(url, naming or "snake")
    raise Refused(
        "which app? Name its Auth, AuthConfig or adapter: --app module:name, such as --app app:auth"
        "\n  (or set AUTHWIRE_APP), or name a database: --url sqlite:///app.db"
    )


# --- an app -------------------------------------------------------------------------------------


def from_app(spec: str) -> Target:
    """The adapter behind ``module:name``.

    Raises:
        Refused: if it cannot be imported, or has no adapter in it.
    """
    named = _SPEC.fullmatch(spec)
    if named is None:
        raise Refused("--app takes module:name, such as app:auth or shop.web:state.auth")
    module = _imported(named["module"])
    value: Any = module
    for part in named["path"].split("."):
        if not hasattr(value, part):
            raise Refused(f"{spec}: there is no {part}{_candidates(module, part)}")
        value = getattr(value, part)
    target = _recognised(value, spec)
    if target is None and callable(value):
        target = _recognised(_called(value, spec), spec)
    if target is None:
        raise Refused(
            f"{spec} is of type {type(value).__name__}, not an Auth, an AuthConfig, an adapter or a"
            f" function that makes one{_candidates(module, named['path'])}"
        )
    return target


def _recognised(value: object, spec: str) -> Target | None:
    if isinstance(value, Auth | SyncAuth):
        return _of_config(_config_of(value, spec))
    if isinstance(value, AuthConfig):
        return _of_config(value)
    if isinstance(inner := getattr(value, "auth", None), Auth | SyncAuth):  # an integration
        return _of_config(_config_of(inner, spec))
    # A class has its methods too, but it is still to be called.
    is_adapter = not inspect.isclass(value) and any(hasattr(value, m) for m in ADAPTER_METHODS)
    return Target(adapter=value) if is_adapter else None


def _of_config(config: AuthConfig[Any]) -> Target:
    return Target(adapter=config.adapter, config=config)


def _config_of(auth: Auth[Any] | SyncAuth[Any], spec: str) -> AuthConfig[Any]:
    if auth.config is None:
        raise Refused(
            f"{spec} chooses its config by request: name one of the configs, or an adapter"
        )
    return auth.config


def _called(make: Any, spec: str) -> object:
    try:
        inspect.signature(make).bind()
    except (TypeError, ValueError):
        raise Refused(f"{spec} needs arguments: name a function that needs none") from None
    if inspect.iscoroutinefunction(make):
        raise Refused(f"{spec} is async: name a plain function, or what it makes")
    try:
        return make()
    except Exception as exc:  # code of the app raises what it likes
        raise _failed(f"{spec}()", exc) from exc


def _imported(name: str) -> ModuleType:
    # As `python -m` does: the command itself is in another folder.
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    if os.environ.get("DJANGO_SETTINGS_MODULE") and find_spec("django"):
        _set_up_django()
    try:
        return import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name is not None and f"{name}.".startswith(f"{exc.name}."):
            raise Refused(f"there is no module {exc.name} here or on Python's path") from None
        raise _failed(f"import {name}", exc) from exc
    except Exception as exc:  # code of the app raises what it likes
        raise _failed(f"import {name}", exc) from exc


def _set_up_django() -> None:
    """What manage.py does before models can be imported."""
    try:
        import_module("django").setup()
    except Exception as exc:  # code of the project raises what it likes
        raise _failed("django.setup()", exc) from exc


def _failed(what: str, exc: Exception) -> Refused:
    """Tells of an error in the app's code; its words only where they cannot quote a secret."""
    if isinstance(exc, ConfigError):
        return Refused(f"{what}: {exc}")
    words = f": {exc}" if isinstance(exc, _PLAIN_ERRORS) else ""
    last = traceback.extract_tb(exc.__traceback__)[-1]
    place = f"{os.path.relpath(last.filename)}:{last.lineno}"
    return Refused(f"{what} failed with {type(exc).__name__}{words} ({place})")


def _candidates(module: ModuleType, wanted: str) -> str:
    """The names in ``module`` that would do, those like ``wanted`` first, for a sentence's end."""
    kinds = (Auth, SyncAuth, AuthConfig)
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(value, kinds) or isinstance(getattr(value, "auth", None), kinds)
    ]
    near = get_close_matches(wanted, names, n=3, cutoff=0)
    found = " or ".join(f"{module.__name__}:{name}" for name in near)
    return f" (did you mean {found}?)" if found else ""


# --- a database URL -----------------------------------------------------------------------------


def from_url(url: str, naming: str) -> Target:
    """A `SQLAlchemyAdapter` for a database URL, sync or async as its driver is.

    Raises:
        Refused: if SQLAlchemy or the driver is not installed, or the URL is none.
    """
    try:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        from sqlalchemy.ext.asyncio import create_async_engine

        from authwire.adapters.sqlalchemy import Naming, SQLAlchemyAdapter
    except ImportError:
        raise Refused("--url needs SQLAlchemy: pip install 'authwire[sqlalchemy]'") from None
    known: Naming | None = next((each for each in get_args(Naming) if each == naming), None)
    if known is None:
        raise Refused(f"--naming is one of {', '.join(get_args(Naming))}")
    try:
        parsed = make_url(url)
        is_async = parsed.get_dialect().is_async
        engine = create_async_engine(parsed) if is_async else create_engine(parsed)
    except NoSuchModuleError:
        hint = "; write postgresql://" if url.startswith("postgres:") else ""
        raise Refused(f"SQLAlchemy knows no such kind of database URL{hint}") from None
    except ModuleNotFoundError as exc:
        raise Refused(
            f"the driver {exc.name} is not installed; install it, or name another in the URL,"
            " such as postgresql+psycopg://"
        ) from None
    except (ArgumentError, ValueError):  # its words quote the URL
        raise Refused("--url is no database URL of SQLAlchemy, such as sqlite:///app.db") from None
    return Target(adapter=SQLAlchemyAdapter(engine, naming=known))
