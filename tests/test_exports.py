"""Public names: listed, sorted, and cheap to import."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from tests.adapters.django.support import configure
from tests.integrations.django.projects import APPS

configure()  # the models of Django can be imported in a project only


@pytest.fixture(scope="module", autouse=True)
def all_of_django() -> Iterator[None]:
    """Its admin can be imported only where it is installed."""
    with override_settings(INSTALLED_APPS=APPS):
        yield


SRC = Path(__file__).resolve().parent.parent / "src"

# Importing authwire must not cost what only some apps use.
NOT_ASKED_FOR = {
    *("httpx2", "aiosmtplib", "sqlalchemy", "aiosqlite", "uvicorn", "pydantic", "trio"),
    *("fastapi", "starlette", "flask", "werkzeug", "pytest", "hypothesis", "webauthn", "cbor2"),
    *("authwire.integrations", "authwire.adapters", "authwire.cli", "authwire.testing"),
}
# The first sign-in, mail, passkey, thread or portal loads these.
NEEDED_LATER = {
    *("joserfc", "cryptography.hazmat.primitives.asymmetric", "anyio"),
    *("email", "smtplib", "ssl", "concurrent.futures", "importlib.resources", "zipfile"),
    *("authwire.core.flows.credentials", "authwire.core.flows.email", "authwire.core.flows.oauth"),
    *("authwire.protocol.discovery", "authwire.protocol.keys", "authwire.protocol.oauth2"),
    *("authwire.pages.mail", "authwire.providers._senders", "authwire.resolve.passkeys"),
    *("authwire.runtime.mail",),
}


def public_modules() -> list[str]:
    names = []
    for path in sorted((SRC / "authwire").rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if not any(part.startswith("_") for part in parts):
            names.append(".".join(parts))
    return names


def tree_of(module: str) -> ast.Module:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text("utf-8"))


def isort_style(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as ruff's RUF022 sorts."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[0].isupper() else 2), name


@pytest.mark.parametrize("name", public_modules())
def test_public_module_lists_its_public_names(name: str) -> None:
    tree = tree_of(name)
    defined = {
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    }
    exported = getattr(importlib.import_module(name), "__all__", None)
    if exported is None:
        assert not defined, f"{name} has no __all__"
        return
    assert isinstance(exported, list)
    assert exported == sorted(set(exported), key=isort_style)
    assert not defined - set(exported), "defined without an underscore, but not in __all__"
    for exported_name in exported:
        assert getattr(importlib.import_module(name), exported_name) is not None


def printed_by(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(SRC), "PATH": ""},
    )
    return done.stdout


def loaded_by(statement: str) -> set[str]:
    return set(printed_by(f"{statement}\nimport sys\nprint(*sys.modules)").split())


@pytest.mark.parametrize(
    "statement",
    ["import authwire", "from authwire import Auth, AuthConfig, SyncAuth"],
)
def test_importing_authwire_loads_no_framework_driver_or_http_client(statement: str) -> None:
    loaded = loaded_by(statement)
    assert "authwire" in loaded
    assert not loaded & NOT_ASKED_FOR
    assert not loaded & NEEDED_LATER


FIRST_REQUESTS = """
import sys
from datetime import UTC, datetime, timedelta
from authwire import AuthConfig, Request, SyncAuth, User
from authwire.adapters.memory import MemoryAdapter
from authwire.http import Headers
from authwire.models import AdapterSession
from authwire.providers import Credentials, GitHub

def ask(path="/", token=""):
    headers = Headers([("cookie", f"authjs.session-token={token}")])
    return Request(method="GET", path=path, host="localhost", headers=headers)

providers = [Credentials(authorize=lambda *_: None), GitHub(client_id="1", client_secret="2")]
config = AuthConfig(providers=providers, secret="s" * 32, adapter=%s)
auth = SyncAuth(config, environ={})
before = set(sys.modules)
life = timedelta(hours=1)
if config.adapter is None:
    token = auth.engine(ask()).seal({"sub": "1"}, salt="authjs.session-token", max_age=life)
else:
    token = "t" * 43
    auth.database().create_user(User(id="1"))
    row = AdapterSession(session_token=token, user_id="1", expires=datetime.now(UTC) + life)
    auth.database().create_session(row)
assert auth.session(ask(token=token)).user.id == "1"
for path in ("csrf", "error", "providers", "session", "signin"):
    assert auth.handle(ask(f"/auth/{path}", token)).status == 200
print("new:", *sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize("adapter", ["None", "MemoryAdapter()"])
def test_what_plain_requests_need_is_loaded_before_the_first(adapter: str) -> None:
    assert printed_by(FIRST_REQUESTS % adapter).split() == ["new:"]


def test_importing_one_provider_does_not_load_the_others() -> None:
    loaded = loaded_by("from authwire.providers.github import GitHub")
    assert "authwire.providers.github" in loaded
    others = {"authwire.providers.google", "authwire.providers.apple", "authwire.providers.slack"}
    assert not loaded & others
    assert not loaded & NOT_ASKED_FOR


@pytest.mark.parametrize("leaf", ["adapters.memory", "testing"])
def test_leaf_does_not_load_another_framework(leaf: str) -> None:
    loaded = loaded_by(f"import authwire.{leaf}")
    assert not loaded & {"fastapi", "flask", "sqlalchemy", "uvicorn"}
