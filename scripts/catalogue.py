"""Fills in what is made of the provider modules.

    python scripts/catalogue.py            rewrite it
    python scripts/catalogue.py --check    fail if something is not what the modules say

That is, in ``src/authwire/providers/__init__.py``: the imports for type checkers, ``__all__`` and the
table of modules; the pages of ``docs/providers``, and the table in ``docs/providers.md``.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "src"))

import catalogue_pages as pages  # noqa: E402  # from beside this file, see above

from authwire.cli.catalogue import Entry, entries  # noqa: E402  # as above

ROOT = Path(__file__).resolve().parent.parent
PROVIDERS = ROOT / "src" / "authwire" / "providers"
INIT = PROVIDERS / "__init__.py"
DOCS = ROOT / "docs" / "providers"
OVERVIEW = ROOT / "docs" / "providers.md"
SHAPES = ("authwire.providers._types", "authwire.providers._webauthn")
PART = re.compile(
    r"(?P<open><!-- catalogue: (?P<name>\w+) -->\n).*?(?P<close><!-- end: (?P=name) -->)", re.DOTALL
)


def factories() -> dict[str, str]:
    """Public names by module, sorted: the one function with a capital in a module's ``__all__``.

    Modules that hand on a shape are left out: those are always loaded.
    """
    found = {}
    for path in sorted(PROVIDERS.glob("*.py")):
        if path.stem.startswith("_"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        listed = ast.literal_eval(_assigned(tree, "__all__").value)
        names = [
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name in listed and node.name[0].isupper()
        ]
        if len(names) > 1 or (not names and not _imports(tree, SHAPES)):
            raise SystemExit(f"{path}: one factory is expected, not {names}")
        if names:
            found[path.stem] = names[0]
    return found


def initial(text: str) -> str:
    """The text of ``providers/__init__.py`` with its generated statements made anew."""
    tree = ast.parse(text)
    by_module = factories()
    by_name = {name: module for module, name in sorted(by_module.items(), key=lambda item: item[1])}
    every = sorted({*by_name, *_imports(tree, SHAPES)}, key=_isort_style)
    imports = [f"from authwire.providers.{m} import {n}" for m, n in by_module.items()]
    fresh = {
        _guard(tree): ["if TYPE_CHECKING:", *(f"    {line}" for line in imports)],
        _assigned(tree, "__all__"): ["__all__ = [", *(f'    "{name}",' for name in every), "]"],
        _assigned(tree, "_MODULES"): [
            "_MODULES = {",
            *(f'    "{name}": "{by_name[name]}",' for name in sorted(by_name, key=_isort_style)),
            "}",
        ],
    }
    return _with(text, fresh)


def _with(text: str, fresh: Mapping[ast.stmt, list[str]]) -> str:
    lines = text.splitlines()
    for node in sorted(fresh, key=lambda node: node.lineno, reverse=True):
        lines[node.lineno - 1 : node.end_lineno] = fresh[node]
    return "\n".join(lines) + "\n"


def _assigned(tree: ast.Module, name: str) -> ast.Assign:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node
    raise SystemExit(f"{name} is not there")


def _guard(tree: ast.Module) -> ast.If:
    return next(node for node in tree.body if isinstance(node, ast.If))


def _imports(tree: ast.Module, modules: Sequence[str]) -> list[str]:
    return [
        alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module in modules
        for alias in node.names
    ]


def _isort_style(name: str) -> tuple[bool, str]:
    """Capitals first, as ruff sorts ``__all__``."""
    return not name.isupper(), name


def fresh_files() -> Iterator[tuple[Path, str]]:
    """Every file that this script writes, and what belongs in it."""
    yield INIT, initial(INIT.read_text("utf-8"))
    every = entries()
    told = pages.differences()
    for entry in filter(pages.has_page, every):
        provider_id = entry.provider.id
        yield DOCS / f"{provider_id}.md", pages.page(entry, told.get(provider_id, {}))
    yield OVERVIEW, overview(OVERVIEW.read_text("utf-8"), every)


def overview(text: str, every: list[Entry]) -> str:
    """The text of ``docs/providers.md`` with its generated parts made anew."""
    parts = {"size": pages.size(every), "table": pages.table(every)}
    return PART.sub(lambda part: f"{part['open']}\n{parts[part['name']]}\n\n{part['close']}", text)


def gone() -> list[Path]:
    """Pages of providers that are no more."""
    kept = {path for path, _ in fresh_files()}
    return [path for path in DOCS.glob("*.md") if path not in kept]


def stale() -> list[Path]:
    """The files that are not what the modules say."""
    return [
        path
        for path, fresh in fresh_files()
        if not path.exists() or path.read_text("utf-8") != fresh
    ] + gone()


def main(arguments: list[str]) -> int:
    """Rewrite or check all files; 1 if ``--check`` found a difference."""
    listed = INIT.read_text("utf-8")
    if initial(listed) != listed and "--check" not in arguments:
        # What is read below is the package, which must list all its modules first.
        INIT.write_text(initial(listed), "utf-8")
        print(INIT.relative_to(ROOT), flush=True)
        return subprocess.run([sys.executable, __file__], check=False).returncode
    found = dict.fromkeys(stale())
    for path in found:
        print(path.relative_to(ROOT))
    if "--check" in arguments:
        return int(bool(found))
    for path in gone():
        path.unlink()
    for path, fresh in fresh_files():
        if path in found:
            path.parent.mkdir(exist_ok=True)
            path.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
