"""The direction of imports: inner layers know nothing of outer ones."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parent.parent / "src" / "authwire"

LAYER = {
    **dict.fromkeys(("errors", "models", "headers", "http", "wire", "texts"), 0),
    "protocol": 1,
    **dict.fromkeys(("config", "ports", "providers"), 2),
    **dict.fromkeys(("core", "pages"), 3),
    **dict.fromkeys(("resolve", "runtime", "front", "passkeys", "auth", "openapi"), 4),
    **dict.fromkeys(("__init__", "integrations", "adapters", "testing"), 5),
    "cli": 6,  # the demo is an app: it may use any leaf, and nothing imports it
}
LEAF_EDGES = {
    ("integrations.fastapi", "integrations.starlette"),
    ("integrations.django", "adapters.django"),  # the default adapter of a Django project
    ("adapters.sqlmodel", "adapters.sqlalchemy"),
}

# What each part may import from outside, beside the standard library.
THIRD_PARTY = {
    0: {"typing_extensions"},
    1: {"typing_extensions", "cryptography", "joserfc", "webauthn"},
    2: {"typing_extensions"},
    3: {"typing_extensions", "markupsafe"},
    4: {"typing_extensions", "anyio", "httpx2", "aiosmtplib"},
}
LEAF_THIRD_PARTY = {
    "integrations.asgi": {"anyio"},
    "integrations.starlette": {"starlette", "anyio"},
    "integrations.fastapi": {"fastapi", "starlette", "anyio"},
    "integrations._werkzeug": {"werkzeug"},
    "integrations.aiohttp": {"aiohttp"},
    "integrations.blacksheep": {"blacksheep", "guardpost", "essentials"},
    "integrations.bottle": {"bottle"},
    "integrations.django": {"django", "asgiref", "ninja", "rest_framework"},
    "integrations.falcon": {"falcon"},
    "integrations.litestar": {"litestar"},
    "integrations.pyramid": {"pyramid", "zope"},
    "integrations.quart": {"quart", "werkzeug", "click"},
    "integrations.sanic": {"sanic"},
    "integrations.flask": {"flask", "werkzeug", "click", "markupsafe"},
    "adapters.azure_tables": {"azure", "anyio"},
    "adapters.django": {"django", "asgiref"},
    "adapters.dynamodb": {"aiobotocore", "botocore", "anyio"},
    "adapters.firestore": {"google", "anyio"},
    "adapters.http": {"httpx2"},
    "adapters.memory": {"anyio"},
    "adapters.mongodb": {"pymongo", "bson"},
    "adapters.peewee": {"peewee", "playhouse"},
    "adapters.piccolo": {"piccolo"},
    "adapters.redis": {"redis"},
    "adapters.sqlalchemy": {"sqlalchemy", "anyio"},
    "adapters.sqlmodel": {"sqlmodel", "sqlalchemy", "pydantic"},
    "adapters.surrealdb": {"surrealdb"},
    "adapters.tortoise": {"tortoise"},
    "testing": {"pytest", "anyio", "httpx2", "cryptography", "joserfc", "hypothesis", "markupsafe"},
    "cli": {"anyio", "fastapi", "starlette", "uvicorn", "sqlalchemy", "aiosqlite", "markupsafe"}
    | {"cryptography", "joserfc", "httpx2", "alembic", "django"},
}
# Slow to load, and needed only by sign-ins, mail, passkeys or a portal: the first of them loads it.
LATE = {"concurrent.futures", "http.cookiejar", "importlib.metadata"}
LATE |= {f"authwire.core.flows.{name}" for name in ("credentials", "email", "oauth", "webauthn")}
LATE |= {"authwire.protocol.discovery", "authwire.protocol.webauthn", "authwire.resolve.passkeys"}
LATE |= {"authwire.providers._senders", "authwire.runtime.mail"}
# I/O and event loops of the standard library, which the layers 0 to 3 do without.
IO_MODULES = {"asyncio", "threading", "concurrent", "multiprocessing", "socket", "ssl", "select"}
IO_MODULES |= {"subprocess", "smtplib", "sqlite3", "http.client", "urllib.request", "tempfile"}


@dataclass(frozen=True)
class Import:
    where: str
    """File and line."""
    source: str
    """The importing module without ``authwire.``."""
    target: str
    """The imported module, with its root."""
    in_function: bool


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        name = ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)
        yield name, path, ast.parse(path.read_text("utf-8"))


def imports() -> Iterator[Import]:
    for name, path, tree in modules():
        nested = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=names):
                    targets = [alias.name for alias in names]
                case ast.ImportFrom(module=None) | ast.ImportFrom(level=1 | 2 | 3):
                    targets = ["<relative>"]
                case ast.ImportFrom(module="authwire", names=names):
                    targets = [f"authwire.{alias.name}" for alias in names]
                case ast.ImportFrom(module=str(module)):
                    targets = [module]
                case _:
                    continue
            where = f"{path.relative_to(SRC.parent)}:{node.lineno}"
            yield from (Import(where, name, target, id(node) in nested) for target in targets)


IMPORTS = list(imports())


def part(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def leaf(module: str) -> str:
    """The unit that stands alone in the outermost layers: ``integrations.flask``, ``testing``."""
    first, *rest = module.split(".")
    return f"{first}.{rest[0]}" if rest and first in ("integrations", "adapters") else first


def ours(imported: Import) -> str | None:
    root, _, rest = imported.target.partition(".")
    return (rest or "__init__") if root == "authwire" else None


def refused(imported: Import) -> str | None:
    """Why this import may not be, if so."""
    source, target = imported.source, ours(imported)
    layer = LAYER[part(source)]
    if imported.target == "<relative>":
        return "imports are absolute"
    if target is not None:
        return refused_inside(source, target, layer)
    root = imported.target.split(".")[0]
    if root in sys.stdlib_module_names:
        io = layer <= 3 and bool({root, imported.target} & IO_MODULES)
        return "the layers 0 to 3 do no I/O" if io else None
    allowed = THIRD_PARTY.get(layer, LEAF_THIRD_PARTY.get(leaf(source), set()))
    return None if root in allowed else f"layer {layer} does not know {root}"


def refused_inside(source: str, target: str, layer: int) -> str | None:
    if part(target) not in LAYER:
        return "an unknown part: give it a layer"
    if LAYER[part(target)] > layer:
        return f"layer {layer} does not know layer {LAYER[part(target)]}"
    if layer != 5 or LAYER[part(target)] != 5 or leaf(source) == leaf(target):
        return None
    # integrations/_names are shared by the integrations and stand on the core alone.
    shared = part(source) == part(target) and leaf(target).partition(".")[2].startswith("_")
    if shared or (leaf(source), leaf(target)) in LEAF_EDGES:
        return None
    return "leaves do not know each other"


def test_every_part_of_the_package_has_a_layer() -> None:
    assert {part(name) for name, _, _ in modules()} <= LAYER.keys()


def test_imports_point_inwards() -> None:
    wrong = [
        f"{i.where}: {i.target}: {reason}" for i in IMPORTS if (reason := refused(i)) is not None
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_imports_inside_functions_are_of_extras_and_of_what_is_rarely_needed() -> None:
    wrong = [
        f"{i.where}: {i.target}"
        for i in IMPORTS
        if i.in_function
        and part(i.source) != "cli"  # `authwire secret` must work without the demo's extras
        and (ours(i) or i.target.split(".")[0] in sys.stdlib_module_names)
        and i.target not in LATE
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def environment_reads(tree: ast.AST, *, functions: bool) -> Iterator[int]:
    """Lines that touch ``os.environ`` or ``os.getenv``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not functions:
            continue
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv"):
                yield node.lineno
            case ast.ImportFrom(module="os", names=names) if any(
                alias.name in ("environ", "getenv") for alias in names
            ):
                yield node.lineno
        yield from environment_reads(node, functions=functions)


def test_environment_is_not_read_at_import_and_not_at_all_by_the_core() -> None:
    wrong = [
        f"{path.relative_to(SRC.parent)}:{line}"
        for name, path, tree in modules()
        for line in environment_reads(tree, functions=LAYER[part(name)] <= 3)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "target", "allowed"),
    [
        ("errors", "json", True),
        ("errors", "authwire.protocol.jwe", False),
        ("protocol.jwe", "cryptography.hazmat", True),
        ("protocol.jwe", "authwire.config", False),
        ("providers.github", "authwire.protocol.jws", True),
        ("providers.github", "authwire.core.engine", False),
        ("core.handle", "asyncio", False),
        ("core.handle", "httpx2", False),
        ("core.handle", "authwire.runtime.http", False),
        ("pages.signin", "markupsafe", True),
        ("runtime.http", "anyio", True),
        ("runtime.http", "authwire.integrations.asgi", False),
        ("runtime.http", "starlette.requests", False),
        ("integrations.fastapi", "authwire.integrations.starlette", True),
        ("integrations.starlette", "authwire.integrations.fastapi", False),
        ("integrations.flask", "authwire.adapters.memory", False),
        ("integrations.flask", "authwire.integrations._shared", True),
        ("integrations.flask", "fastapi", False),
        ("adapters.memory", "sqlalchemy", False),
        ("adapters.sqlalchemy.models", "authwire.adapters.sqlalchemy.shape", True),
        ("testing.client", "authwire.cli.demo", False),
        ("cli.demo", "authwire.integrations.fastapi", True),
    ],
)
def test_rule_tells_right_from_wrong(source: str, target: str, allowed: bool) -> None:
    assert (refused(Import("here", source, target, in_function=False)) is None) == allowed
