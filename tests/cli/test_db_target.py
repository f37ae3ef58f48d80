"""Which adapter ``authwire db`` works on, and what it says if there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from authwire.cli import main
from authwire.cli.db.outcome import Refused
from authwire.cli.db.target import find, from_app, from_url

SECRET = "a-secret-for-the-tests-0123456789-abcdef"
APP = f"""
from types import SimpleNamespace

from authwire import Auth, AuthConfig, SyncAuth
from authwire.adapters.memory import MemoryAdapter
from authwire.integrations.fastapi import FastAPIAuth
from authwire.integrations.flask import FlaskAuth
from authwire.integrations.starlette import StarletteAuth
from authwire.integrations import asgi, wsgi

adapter = MemoryAdapter()
config = AuthConfig(adapter=adapter, secret={SECRET!r})
auth = Auth(config)
sync_auth = SyncAuth(config)
fastapi = FastAPIAuth(config)
starlette = StarletteAuth(auth)
flask = FlaskAuth(config)
asgi_app = asgi.AuthMiddleware(None, auth)
wsgi_app = wsgi.AuthMiddleware(None, sync_auth)
state = SimpleNamespace(deep=SimpleNamespace(auth=auth))
nothing = AuthConfig(secret={SECRET!r})
tenants = Auth(lambda request: config)
number = 7


def make_auth():
    return auth


def make_adapter():
    return adapter


def make_number():
    return number


async def make_later():
    return auth


def for_tenant(name):
    return auth


def broken():
    raise ValueError("postgresql://app:hunter2@db/app")
"""


@pytest.fixture
def app(here: Path) -> Path:
    (here / "shop.py").write_text(APP)
    return here


@pytest.mark.parametrize(
    "name",
    [
        *("adapter", "config", "auth", "sync_auth", "fastapi", "starlette", "flask", "asgi_app"),
        *("wsgi_app", "state.deep.auth", "state.deep", "make_auth", "make_adapter"),
    ],
)
def test_whatever_holds_the_adapter_may_be_named(app: Path, name: str) -> None:
    target = from_app(f"shop:{name}")
    assert target.adapter is sys.modules["shop"].adapter
    assert target.name == "MemoryAdapter"


def test_a_class_of_adapters_is_called(app: Path) -> None:
    assert from_app("shop:MemoryAdapter").name == "MemoryAdapter"


def test_a_module_in_a_package_is_found(app: Path) -> None:
    (app / "web").mkdir()
    (app / "web" / "__init__.py").touch()
    (app / "web" / "setup.py").write_text("from shop import auth")
    assert from_app("web.setup:auth").name == "MemoryAdapter"


def test_an_app_without_adapter_is_no_error(app: Path) -> None:
    assert from_app("shop:nothing").adapter is None


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("shop", "module:name"),
        ("shop:", "module:name"),
        ("shop.py:auth", "there is no module shop.py"),
        ("./shop:auth", "module:name"),
        ("shopp:auth", "there is no module shopp"),
        ("shop:aut", "there is no aut (did you mean shop:auth or"),
        ("shop:state.shallow", "there is no shallow"),
        ("shop:number", "shop:number is of type int, not an Auth"),
        ("shop:make_number", "is of type function, not an Auth"),
        ("shop:for_tenant", "needs arguments"),
        ("shop:make_later", "is async"),
        ("shop:tenants", "chooses its config by request"),
        ("shop:broken", "shop:broken() failed with ValueError (shop.py:"),
    ],
)
def test_what_cannot_be_used_is_explained(app: Path, spec: str, words: str) -> None:
    # "shop.py" is a module "py" in something that is no package.
    with pytest.raises(Refused) as refused:
        from_app(spec)
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import nosuchpackage", "failed with ModuleNotFoundError: No module named 'nosuch"),
        ("def f(:", "failed with SyntaxError"),
        ("raise ValueError('mysql://root:hunter2@db/app')", "import web failed with ValueError ("),
        (
            "from authwire import Auth, AuthConfig\nauth = Auth(AuthConfig(secret=''), environ={})",
            "there is no secret to encrypt cookies with",
        ),
    ],
)
def test_an_app_that_does_not_start_says_why(here: Path, source: str, words: str) -> None:
    (here / "web.py").write_text(source)
    with pytest.raises(Refused) as refused:
        from_app("web:auth")
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_arguments_go_before_the_environment(app: Path) -> None:
    environ = {"AUTHWIRE_APP": "shop:nothing", "AUTHWIRE_DATABASE_URL": "sqlite://"}
    assert find(None, None, None, environ).adapter is None
    assert find("shop:auth", None, None, environ).name == "MemoryAdapter"
    assert find(None, "sqlite://", None, environ).name == "SQLAlchemyAdapter"
    del environ["AUTHWIRE_APP"]
    assert find(None, None, None, environ).name == "SQLAlchemyAdapter"


def test_without_an_app_the_command_says_how_to_name_one(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "check"]) == 2
    error = capsys.readouterr().err
    assert "--app app:auth" in error
    assert "AUTHWIRE_APP" in error
    assert "--url sqlite:///app.db" in error


def test_the_environment_names_the_app(
    app: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTHWIRE_APP", "shop:auth")
    assert main(["db", "check"]) == 0
    assert capsys.readouterr().out == "MemoryAdapter has all that it needs.\n"


def test_app_and_url_do_not_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "check", "--app", "app:auth", "--url", "sqlite://"]) == 2
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "io"), [("sqlite://", "blocking"), ("sqlite+aiosqlite://", "async")]
)
def test_a_url_decides_between_sync_and_async(url: str, io: str) -> None:
    assert from_url(url, "snake").adapter.io == io


def test_a_url_may_have_tables_of_authjs() -> None:
    models = from_url("sqlite://", "prisma").adapter.models
    assert models.user.__tablename__ == "User"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("app.db:hunter2", "no database URL"),
        ("postgres://app:hunter2@db/app", "write postgresql://"),
        ("nosuch://app:hunter2@db/app", "no such kind"),
        ("mysql+mysqlconnector://app:hunter2@db/app", "the driver mysql is not installed"),
    ],
)
def test_a_url_that_cannot_be_used_is_not_repeated(url: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        from_url(url, "snake")
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_an_unknown_naming_names_those_that_there_are() -> None:
    with pytest.raises(Refused, match="snake, drizzle"):
        from_url("sqlite://", "camel")


def test_a_naming_is_of_a_url(app: Path) -> None:
    with pytest.raises(Refused, match="--naming goes with --url"):
        find("shop:auth", None, "prisma", {})
