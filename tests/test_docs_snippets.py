"""Every Python block in the documentation runs as it stands there.

A block starts afresh, unless ``<!-- continued -->`` stands above it. ``<!-- not run: reason -->`` is for
what needs a vendor's service; such a block is compiled only. A ``text`` block right below a Python
block is what it prints.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
import types
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy.ext.asyncio
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.testclient import TestClient

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(
    r"(?:<!-- (?P<mark>continued|not run: [^>]+?) -->\n+)?"
    r"^```python\n(?P<source>.*?)^```$"
    r"(?:\n+```text\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
ENVIRONMENT = {
    "AUTH_SECRET": "a-secret-for-the-documentation-0123456789",
    **{
        f"AUTH_{provider}_{word}": f"{provider.lower()}-{word.lower()}"
        for provider in ("GITHUB", "GOOGLE", "APPLE", "DISCORD", "GITLAB", "KEYCLOAK", "CORP")
        for word in ("ID", "SECRET")
    },
    "AUTH_KEYCLOAK_ISSUER": "https://sso.example/realms/main",
    "APPLE_PRIVATE_KEY": ECKey.generate_key("P-256").as_pem(private=True).decode(),
}
SETTING = {
    "adapters.md": """
        from sqlalchemy import create_engine
        from sqlalchemy.ext.asyncio import create_async_engine
        from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
        engine = create_async_engine("sqlite+aiosqlite:///app.db")
        adapter = SQLAlchemyAdapter(engine)
    """,
}
"""What a whole page takes for granted, said in its first words or its first block."""


ELSEWHERE = {"postgresql+psycopg": "needs the driver of a database server"}
"""Words in a block that make it one to compile only, and why."""


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    source: str
    before: str
    """The block that this one goes on from."""
    reason: str | None
    """Why it does not run."""
    output: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    setting = textwrap.dedent(SETTING.get(page.name, ""))
    so_far = setting
    for found in BLOCK.finditer(text):
        mark = found["mark"] or ""
        source = found["source"]
        line = text.count("\n", 0, found.start("source")) + 1
        before = so_far if mark == "continued" else setting
        reason = mark.removeprefix("not run: ") if mark.startswith("not run") else None
        reason = reason or next((why for word, why in ELSEWHERE.items() if word in source), None)
        yield Block(page, line, source, before, reason, found["output"])
        so_far = f"{before}\n{source}"


BLOCKS = [block for page in PAGES for block in blocks(page)]


def compiled(block: Block, source: str) -> types.CodeType:
    return compile(source, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


async def run(block: Block, *sources: str) -> dict[str, Any]:
    # A module of its own: dataclasses and FastAPI look names up in the module of a class or function.
    module = types.ModuleType("snippet")
    sys.modules["snippet"] = module
    for source in filter(None, sources):
        pending = eval(compiled(block, source), vars(module))
        if inspect.iscoroutine(pending):
            await pending
    return vars(module)


@pytest.fixture
async def engines(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Closes the database engines that a block makes and, as apps do, never closes."""
    made: list[AsyncEngine] = []
    create = sqlalchemy.ext.asyncio.create_async_engine

    def remember(*args: Any, **options: Any) -> AsyncEngine:
        made.append(create(*args, **options))
        return made[-1]

    monkeypatch.setattr(sqlalchemy.ext.asyncio, "create_async_engine", remember)
    yield
    for engine in made:
        await engine.dispose()


@pytest.fixture(autouse=True)
def app_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("snippet", None)


def test_documentation_has_blocks_in_every_way_to_build_an_app() -> None:
    pages = {block.page.name for block in BLOCKS}
    assert {"README.md", "quickstart.md", "configuration.md", "sessions.md", "sync.md"} <= pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_python_block_of_the_page_is_overlooked(page: Path) -> None:
    fences = re.findall(r"^ *(?:```|~~~) *(?:python|py)\b", page.read_text("utf-8"), re.MULTILINE)
    assert len(fences) == len(list(blocks(page)))


@pytest.mark.anyio
@pytest.mark.parametrize("block", BLOCKS, ids=str)
async def test_python_blocks_of_the_documentation_run(
    block: Block, engines: None, capsys: pytest.CaptureFixture[str]
) -> None:
    if block.reason is not None:
        compiled(block, block.source)
        return
    await run(block, block.before, block.source)
    if block.output is not None:
        assert capsys.readouterr().out.strip() == block.output.strip()


# --- the quickstart -----------------------------------------------------------------------------


def quickstart() -> Block:
    return next(block for block in BLOCKS if block.page.name == "README.md")


def test_quickstart_is_short() -> None:
    assert len(quickstart().source.splitlines()) <= 15


@pytest.mark.anyio
async def test_quickstart_signs_somebody_in_and_out() -> None:
    app = (await run(quickstart(), quickstart().source))["app"]
    browser = TestClient(app, base_url="http://localhost:8000", headers={"accept": "text/html"})
    page = browser.get("/")
    assert page.url.path == "/auth/signin"
    assert 'type="password"' in page.text
    form = {"csrfToken": browser.get("/auth/csrf").json()["csrfToken"], "password": "wrong"}
    refused = browser.post("/auth/callback/credentials", data=form)
    assert dict(refused.url.params) == {"error": "CredentialsSignin", "code": "credentials"}
    form["password"] = "lovelace"
    assert browser.post("/auth/callback/credentials", data=form).json() == {"hello": "Ada"}
    browser.post("/auth/signout", data=form)
    assert browser.get("/", headers={"accept": "application/json"}).status_code == 401
