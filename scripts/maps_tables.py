"""What the documentation's generated parts say, read from the code. See ``maps.py``."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import maps_words as words

from authwire import errors
from authwire.config import Cookies
from authwire.core.actions import ACTIONS
from authwire.core.flows import FLOWS
from authwire.core.linking import Create, Facts, Keep, Link, Reject, SignIn
from authwire.core.route import Action
from authwire.http import CookieOptions
from authwire.pages import renderer
from authwire.resolve.cookies import cookie_table
from authwire.wire import COOKIE_KEYS

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "authwire"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def code(text: str) -> str:
    """``text`` as code inside a sentence or a cell."""
    return f"`{text}`" if text else ""


def prose(docstring: str | None) -> str:
    """A docstring as one paragraph of Markdown, up to its first section or blank line."""
    first = inspect.cleandoc(docstring or "").split("\n\n")[0]
    text = re.sub(r"``(.+?)``", r"`\1`", " ".join(first.split()))
    # Only code may hold what Markdown and HTML would obey.
    return re.sub(r"<(\w+)>", r"&lt;\1&gt;", text) if "`" not in text else text


def link(path: Path, *, above: str = "../..") -> str:
    """A link to a source file."""
    return f"[{path.relative_to(SRC)}]({above}/{path.relative_to(ROOT)})"


@cache
def loaded(path: Path) -> ModuleType:
    """The module in ``path``, outside any package."""
    spec = importlib.util.spec_from_file_location(f"maps_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


# --- options ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """A field of a dataclass, as its source has it."""

    name: str
    type: str
    default: str
    meaning: str


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def class_node(path: Path, name: str) -> ast.ClassDef:
    for node in tree_of(path).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise LookupError(f"{path} has no class {name}")


def options(path: Path, name: str) -> Iterator[Option]:
    """The fields of a dataclass with the docstrings under them.

    Raises:
        LookupError: if a field has no sentence, here or in ``maps_words``.
    """
    body = class_node(path, name).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        match after:
            case ast.Expr(value=ast.Constant(value=str(text))):
                meaning = prose(text)
            case _:
                meaning = words.OPTIONS.get(f"{name}.{node.target.id}") or group_meaning(node)
        if not meaning:
            raise LookupError(f"{name}.{node.target.id} has no sentence")
        yield Option(node.target.id, ast.unparse(node.annotation), default(node), meaning)


def default(node: ast.AnnAssign) -> str:
    if node.value is None:
        return ""
    match node.value:
        case ast.Call(func=ast.Name(id="field"), keywords=keywords):
            named = {keyword.arg: keyword.value for keyword in keywords}
            if "default" in named:
                return ast.unparse(named["default"])
            factory = named.get("default_factory")
            if factory is None or isinstance(factory, ast.Lambda):
                return ""
            return f"{ast.unparse(factory)}()"
    return ast.unparse(node.value)


def group_meaning(node: ast.AnnAssign) -> str:
    """For an option that is a group of options: what the group says of itself."""
    found = re.match(r"\w+", ast.unparse(node.annotation))
    name = found.group() if found else ""
    if name not in GROUPS:
        return ""
    return f"{prose(ast.get_docstring(class_node(SRC / 'config.py', name)))} [Options](#{name.lower()})"


GROUPS = (
    "SessionConfig",
    "AtRestConfig",
    "JWTConfig",
    "Callbacks",
    "Events",
    "Pages",
    "Theme",
    "Cookies",
    "CookieConfig",
)


def option_table(path: Path, name: str) -> str:
    rows = (
        (code(o.name), code(shown_type(o.type)), code(o.default), o.meaning)
        for o in options(path, name)
    )
    return table(("Option", "Type", "Default", "Meaning"), rows)


def shown_type(annotation: str) -> str:
    """A type without what only type checkers want to know."""
    text = annotation.replace("[U]", "").replace("[Any]", "")
    return re.sub(r"MaybeAsync\[(.+)\](?=[\]| ]|$)", r"\1", text)


def config_options() -> str:
    return option_table(SRC / "config.py", "AuthConfig")


def config_groups() -> str:
    parts = []
    for name in GROUPS:
        about = prose(ast.get_docstring(class_node(SRC / "config.py", name)))
        parts.append(f"### {name}\n\n{about}\n\n{option_table(SRC / 'config.py', name)}")
    return "\n\n".join(parts)


def params_table(*names: str) -> str:
    """The fields of params objects, one section each."""
    parts = []
    for name in names:
        about = ast.get_docstring(class_node(SRC / "config.py", name))
        rows = (
            (code(o.name), code(shown_type(o.type)), o.meaning)
            for o in options(SRC / "config.py", name)
        )
        head = f"### {name}" + (f"\n\n{prose(about)}" if about else "")
        parts.append(f"{head}\n\n{table(('Field', 'Type', 'Meaning'), rows)}")
    return "\n\n".join(parts)


def callback_params() -> str:
    return params_table(
        "SignInParams", "RedirectParams", "JWTParams", "SessionParams", "AuthorizedParams"
    )


def event_params() -> str:
    return params_table(
        "SignInEvent",
        "SignOutEvent",
        "CreateUserEvent",
        "UpdateUserEvent",
        "LinkAccountEvent",
        "SessionEvent",
    )


def email_options() -> str:
    return option_table(SRC / "providers" / "_types.py", "Email")


def verification_request() -> str:
    rows = (
        (code(o.name), code(o.type), o.meaning)
        for o in options(SRC / "providers" / "_types.py", "VerificationRequest")
    )
    return table(("Field", "Type", "Meaning"), rows)


def credentials_options() -> str:
    return option_table(SRC / "providers" / "_types.py", "Credentials")


def form_field_options() -> str:
    return option_table(SRC / "providers" / "_types.py", "FormField")


# --- errors -------------------------------------------------------------------------------------


def error_classes() -> list[type[errors.AuthError]]:
    """Every error that a request can meet, in the order of errors.py."""
    found = (getattr(errors, name) for name in errors.__all__)
    classes = [
        item
        for item in found
        if isinstance(item, type)
        and issubclass(item, errors.AuthError)
        and (not _narrower(item) or item is errors.ProtocolError)
    ]
    return sorted(classes, key=lambda item: inspect.getsourcelines(item)[1])


def _narrower(error: type[errors.AuthError]) -> bool:
    """Whether errors.py itself has a class below ``error``; adapters may have their own."""
    return any(kind.__module__ == errors.__name__ for kind in error.__subclasses__())


@dataclass(frozen=True)
class Answer:
    """What the browser gets."""

    word: str
    page: str
    status: str


def answer_to(error: type[errors.AuthError]) -> Answer:
    """As `core.handle` answers; ``maps_words`` has those that never come that far."""
    if error.__name__ in words.ANSWERS:
        return Answer(*words.ANSWERS[error.__name__])
    word = error.type if error.client_safe else "Configuration"
    status = 200 if error.page == "signin" else renderer._ERROR_STATUS.get(word, 200)
    extra = "&code=…" if error is errors.CredentialsSignin else ""
    return Answer(code(f"?error={word}{extra}"), error.page, str(status))


def error_table() -> str:
    rows = []
    for error in error_classes():
        answer = answer_to(error)
        name = f"[{error.__name__}](../errors.md#{error.__name__.lower()})"
        rows.append((name, code(error.type), answer.word, answer.page, answer.status))
    return table(("Class", "In the log", "Browser sees", "Page", "Status"), rows)


PAGE_NAMES = {"signin": "sign-in page", "error": "error page"}


def error_sections() -> str:
    parts = []
    for error in error_classes():
        answer = answer_to(error)
        sees = answer.word
        if answer.page in ("signin", "error"):
            sees += f" on the {PAGE_NAMES[answer.page]}"
        if answer.status != "—":
            sees += f" ({answer.status})"
        parts.append(
            f"### {error.__name__}\n\n{prose(error.__doc__)}\n\n"
            f"Browser: {sees}. Log: `[{error.type}]`.\n\n{words.FIXES[error.__name__]}"
        )
    return "\n\n".join(parts)


@dataclass(frozen=True)
class Fault:
    """A `ConfigProblem` as some line of the source makes it."""

    type: str
    where: str
    message: str
    hint: str


def faults() -> list[Fault]:
    """All faults of a configuration that the source can report."""
    found: dict[tuple[str, str], Fault] = {}
    for path in sorted([*SRC.glob("*.py"), *SRC.glob("pages/*.py"), *SRC.glob("resolve/*.py")]):
        for node in ast.walk(tree_of(path)):
            match node:
                case ast.Call(
                    func=ast.Name(id="ConfigProblem") | ast.Attribute(attr="problem"),
                    args=[ast.Constant(value=str(kind)), where, message, hint],
                ):
                    text = shown(path, message)
                    text = words.FAULTS.get(kind, text) if text == "…" else text
                    fault = Fault(kind, shown(path, where), text, shown(path, hint))
                    found.setdefault((kind, text), fault)
    return sorted(found.values(), key=lambda fault: (fault.type, fault.where, fault.message))


def shown(path: Path, node: ast.expr) -> str:
    """A string of the source for a reader: what is filled in only at run time becomes "…"."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(shown(path, value) for value in values)
        case ast.FormattedValue(value=ast.Name(id="env") as name):
            return shown(path, name)
        case ast.FormattedValue(value=ast.Call(func=ast.Name(id="env_name" | "_env_name"))):
            return "<ID>"
        case ast.Name(id="where"):
            return words.PLACES.get(path.name, "providers[…]")
        case ast.Name(id="hint" | "env" as name):
            return shown(path, assigned(path, name, node.lineno))
        case _:
            return "…"


def assigned(path: Path, name: str, before: int) -> ast.expr:
    """What ``name`` was given last, above line ``before``."""
    values = [
        (node.lineno, node.value)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assign)
        and node.lineno < before
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    return max(values, key=lambda found: found[0])[1]


def fault_table() -> str:
    rows = ((code(f.type), code(f.where), f.message, code_or_text(f.hint)) for f in faults())
    return table(("Type", "Option", "Fault", "Fix"), rows)


def code_or_text(text: str) -> str:
    return code(text) if "`" not in text and re.search(r"[(=]", text) else text


# --- maps ---------------------------------------------------------------------------------------


def actions() -> str:
    rows = []
    for (method, action), handler in ACTIONS.items():
        path = SRC.parent / (handler.__module__.replace(".", "/") + ".py")
        rows.append(
            (
                method,
                code("/auth" + words.PATHS.get((method, action), f"/{action}")),
                csrf_of(method, handler),
                prose(handler.__doc__),
                link(path),
            )
        )
    missing = set(get_args(Action)) - {action for _, action in ACTIONS}
    assert not missing, missing
    return table(("Method", "Path", "CSRF token", "What it does", "File"), rows)


def csrf_of(method: str, handler: Callable[..., Any]) -> str:
    """Whether ``handler`` asks for the token, by its own source."""
    source = inspect.getsource(handler)
    if method == "GET" or "check_csrf(" not in source:
        return "no"
    if "csrf_on_callback" in source:
        return f"for {', '.join(kind for kind, flow in FLOWS.items() if flow.csrf_on_callback)}"
    return "yes"


def cookies() -> str:
    plain, _ = cookie_table(Cookies(), secure=False)
    secure, _ = cookie_table(Cookies(), secure=True)
    rows = []
    for key, wire in COOKIE_KEYS.items():
        fact = words.COOKIES[key]
        options: CookieOptions = getattr(plain, key).options
        https = getattr(secure, key)
        prefix = https.name.removesuffix(getattr(plain, key).name)
        rows.append(
            (
                f"`{key}` ({wire})" if key != wire else code(key),
                code(getattr(plain, key).name),
                code(prefix),
                attributes(options),
                fact.life,
                fact.content,
                ", ".join(map(code, fact.set_by)) or "—",
                ", ".join(map(code, fact.cleared_by)) or "—",
            )
        )
    head = ("Key", "Name", "https prefix", "Attributes", "Life", "Content", "Set by", "Cleared by")
    return table(head, rows)


def attributes(options: CookieOptions) -> str:
    parts = ["HttpOnly"] if options.http_only else []
    parts += [f"SameSite={(options.same_site or 'none').title()}", f"Path={options.path}"]
    return " ".join(parts)


def layers() -> str:
    rules = loaded(ROOT / "tests" / "test_architecture.py")
    by_layer: dict[int, list[str]] = {}
    for part, layer in rules.LAYER.items():
        by_layer.setdefault(layer, []).append(part)
    rows = []
    for layer, parts in sorted(by_layer.items()):
        packages = rules.THIRD_PARTY.get(layer)
        if packages is None:
            outside = "its own framework or driver" if layer == 5 else "what the demo needs"
        else:
            outside = ", ".join(map(code, sorted(packages)))
        ours = "itself" if layer == 0 else f"0 to {layer}"
        rows.append((str(layer), ", ".join(map(code, parts)), ours, outside))
    return table(("Layer", "Parts", "May import layers", "And from outside"), rows)


def leaves() -> str:
    rules = loaded(ROOT / "tests" / "test_architecture.py")
    outside: Mapping[str, set[str]] = rules.LEAF_THIRD_PARTY
    rows = ((code(leaf), ", ".join(map(code, sorted(names)))) for leaf, names in outside.items())
    return table(("Leaf", "May import from outside"), rows)


def linking() -> str:
    rows = []
    for row in loaded(ROOT / "tests" / "core" / "test_linking.py").ROWS:
        facts, expected = row.values
        number, _, situation = row.id.partition("-")
        rows.append((number, situation.replace("-", " "), *facts_cells(facts), result(expected)))
    head = ("Row", "Case", "Way in", "Signed in", "Account is of", "Address is of", "Result")
    return table(head, rows)


def facts_cells(facts: Facts[Any]) -> tuple[str, str, str, str]:
    def who(user: Any) -> str:
        return user.id.title() if user is not None else "—"

    kind = {"webauthn": "passkey"}.get(facts.kind, facts.kind)
    address = who(facts.by_email) + (" (trusted)" if facts.trusts_email else "")
    return kind, who(facts.me), who(facts.owner), address


def result(decision: Any) -> str:
    match decision:
        case SignIn(user, mark_verified=True):
            return f"sign in as {user.id.title()}, address verified"
        case SignIn(user):
            return f"sign in as {user.id.title()}"
        case Keep(user):
            return f"stay {user.id.title()}"
        case Link(user):
            return f"link to {user.id.title()}"
        case Create(verified=True):
            return "new user, address verified"
        case Create(link=True):
            return "new user with this account"
        case Create():
            return "new user"
        case Reject(reason):
            return f"**refuse**: {reason}"
    raise TypeError(decision)


# --- the tree -----------------------------------------------------------------------------------


def tree() -> str:
    """Every module with the first sentence of its docstring."""
    lines = ["```text", "src/authwire/"]
    lines += listed(SRC, 1)
    return "\n".join([*lines, "```"])


def listed(folder: Path, depth: int) -> Iterator[str]:
    """Files first, then folders; what begins with an underscore is told by its folder."""
    files = sorted(p for p in folder.glob("*.py") if p.name != "__init__.py")
    for path in files:
        if path.name.startswith("_") and path.name != "_types.py":
            continue
        yield line(depth, path.name, sentence(path))
    folders = (p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("_"))
    for path in sorted(p for p in folders if list(p.rglob("*.py"))):
        yield line(depth, f"{path.name}/", sentence(path / "__init__.py"))
        if path.name in words.FOLDED:
            continue
        yield from listed(path, depth + 1)


def line(depth: int, name: str, text: str) -> str:
    return f"{'  ' * depth}{name:<{32 - 2 * depth}}{text}".rstrip()


def sentence(path: Path) -> str:
    if not path.exists():
        return ""
    text = " ".join((ast.get_docstring(tree_of(path)) or "").split("\n\n")[0].split())
    return text.replace("``", "").replace("`", "")


def environment() -> str:
    """The variables that the source reads."""
    rows = ((code(name), meaning) for name, meaning in words.ENVIRONMENT.items())
    return table(("Variable", "Meaning"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "actions": actions,
    "callback-params": callback_params,
    "config-groups": config_groups,
    "config-options": config_options,
    "cookies": cookies,
    "credentials-options": credentials_options,
    "email-options": email_options,
    "environment": environment,
    "error-sections": error_sections,
    "error-table": error_table,
    "event-params": event_params,
    "faults": fault_table,
    "form-field-options": form_field_options,
    "layers": layers,
    "leaves": leaves,
    "linking": linking,
    "tree": tree,
    "verification-request": verification_request,
}
"""Name in a page → what makes that part."""
