"""The programs that the type checkers read are those that the documentation shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted((Path(__file__).parent / "quickstarts").glob("*.py"))
SOURCE = re.compile(r'\A"""The first program of (?P<page>[\w/]+\.md)(?:#(?P<heading>[\w-]+))?[ ,]')
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Bare(ast.NodeTransformer):
    """Takes away what only type checkers read. A page may be shorter by that."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(arg=node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # ast's name
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:  # as above
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:  # as above
        if node.value is None:
            return node
        return ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)


def shown(page: str, heading: str | None) -> str:
    """The first Python block of a page, or of what is below a heading of it."""
    text = (ROOT / page).read_text("utf-8")
    if heading is not None:
        title = re.escape(heading).replace(r"\-", "[ -]")
        found = re.search(rf"^##+ {title}$", text, re.MULTILINE | re.IGNORECASE)
        assert found is not None, f"{page} has no heading {heading}"
        text = text[found.end() :]
    block = FENCE.search(text)
    assert block is not None, f"{page} has no program"
    return block[1]


def source(program: str) -> str:
    """The program that the first line names."""
    found = SOURCE.match(program)
    assert found is not None, "the first line must name the page"
    return shown(found["page"], found["heading"])


def imported(program: str) -> set[tuple[str, str]]:
    return {
        (node.module or "" if isinstance(node, ast.ImportFrom) else "", name.name)
        for node in ast.parse(program).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }


def statements(program: str) -> list[str]:
    """The program without types, imports and docstring; comments and layout count for nothing."""
    body = ast.parse(program).body
    if ast.get_docstring(ast.parse(program)) is not None:
        body = body[1:]
    kept = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return [ast.unparse(ast.fix_missing_locations(Bare().visit(node))) for node in kept]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_checked_program_is_the_one_that_the_page_shows(path: Path) -> None:
    program = path.read_text("utf-8")
    page = source(program)
    assert statements(program) == statements(page)
    assert imported(page) <= imported(program)


def test_every_page_about_a_framework_has_a_checked_program() -> None:
    pages = {f"docs/integrations/{path.name}" for path in (ROOT / "docs/integrations").glob("*.md")}
    pages |= {"README.md", "docs/quickstart.md"}
    found = [SOURCE.match(path.read_text("utf-8")) for path in PROGRAMS]
    assert pages - {match["page"] for match in found if match} == set()


@pytest.mark.parametrize(
    ("program", "page", "same"),
    [
        ("x: int = 1", "x = 1", True),
        ("def f(a: int, *, b: int = 2) -> int: return a", "def f(a, *, b=2):\n    return a", True),
        ("async def f() -> None: ...  # a comment", "async def f(): ...", True),
        ("from typing import Any\nx = 1", "x = 1", True),
        ("x = 1", "x = 2", False),
        ("def f(a: int = 1) -> int: return a", "def f(a=2):\n    return a", False),
        ("@guard\ndef f() -> None: ...", "def f(): ...", False),
        ("x = 1", "x = 1\ny = 2", False),
    ],
)
def test_only_types_imports_and_layout_may_differ(program: str, page: str, *, same: bool) -> None:
    assert (statements(program) == statements(page)) is same
