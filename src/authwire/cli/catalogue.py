"""What there is to tell of each provider that ships: read from its module, and from a list of words."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Final, TypeAlias, get_type_hints

from authwire.providers import _MODULES, Credentials, Email, WebAuthn
from authwire.providers._senders import ApiSender
from authwire.providers._types import OAuth2, Provider

__all__ = ["Entry", "Input", "Setup", "entries", "sample_inputs"]

Factory: TypeAlias = Callable[..., Provider]

_SHAPES: Final[Mapping[str, Factory]] = {
    "Credentials": Credentials,
    "Email": Email,
    "WebAuthn": WebAuthn,
}
_ARGUMENT = re.compile(r"^    (?P<name>\w+): (?P<text>.*(?:\n     .*)*)", re.MULTILINE)
_SECTION = re.compile(r"\n+(?:Args|Raises|Returns):\n.*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What to do at the service."""

    at: str
    """The page to do it on; for servers of one's own, what to open there."""
    create: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An option that only this factory has."""

    name: str
    type: str
    """As it is written in the source."""
    default: str | None
    """As Python writes it; None if the option must be given."""
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A provider, described."""

    factory: str
    """Its name in `authwire.providers`."""
    provider: Provider
    """Made with sample inputs, and nothing from the environment."""
    summary: str
    """What it is, in paragraphs."""
    remarks: str
    """What else its module says."""
    docs: str | None
    """The service's own documentation."""
    inputs: tuple[Input, ...]
    setup: Setup
    reads: tuple[str, ...]
    """The fields of the profile that are read."""

    @property
    def kind(self) -> str:
        match self.provider:
            case OAuth2(type="oidc"):
                return "OpenID Connect"
            case OAuth2():
                return "OAuth 2"
            case Email():
                return "magic link"
            case Credentials():
                return "your own check"
            case _:
                return "passkeys"

    @property
    def environment(self) -> Mapping[str, str]:
        """Names of variables, and what each holds."""
        prefix = f"AUTH_{self.provider.id.upper().replace('-', '_')}_"
        match self.provider:
            case OAuth2() as provider:
                found = {f"{prefix}ID": "the client id", f"{prefix}SECRET": "the client secret"}
                if provider.token_endpoint_auth_method == "none":
                    del found[f"{prefix}SECRET"]
                if self.needs_issuer:
                    found[f"{prefix}ISSUER"] = "the issuer"
                elif provider.default_issuer:
                    found[f"{prefix}ISSUER"] = f"the issuer, if not {provider.default_issuer}"
                return found
            case Email() as sender if isinstance(sender.send, ApiSender):
                return {f"{prefix}KEY": "the API key"}
            case _:
                return {}

    @property
    def needs_issuer(self) -> bool:
        """Whether it is a server of which there are many."""
        provider = self.provider
        return (
            isinstance(provider, OAuth2)
            and not (provider.issuer or provider.default_issuer)
            and provider.authorization is None
        )

    @property
    def needs(self) -> tuple[str, ...]:
        """What it asks for besides id and secret."""
        return (
            *(["issuer"] if self.needs_issuer else []),
            *(option.name for option in self.inputs if option.default is None),
        )

    @property
    def scope(self) -> str | None:
        """What is asked of the user. None: nothing that is called so."""
        if not isinstance(self.provider, OAuth2):
            return None
        if self.provider.scope is None and self.provider.type == "oidc":
            return "openid profile email"
        return self.provider.scope or None

    @property
    def callback(self) -> str | None:
        """The path below the one where Authwire is mounted; None if the service never calls back."""
        is_asked = isinstance(self.provider, OAuth2)
        return f"/callback/{self.provider.id}" if is_asked else None


def entries() -> list[Entry]:
    """Every provider, by id. Imports all modules."""
    found = [_entry(name, factory) for name, factory in _factories()]
    return sorted(found, key=lambda entry: entry.provider.id)


def sample_inputs(factory: Factory) -> dict[str, Any]:
    """Something for each input that a factory cannot do without: its own name, as far as that fits."""
    if factory is Credentials:
        return {"authorize": _nobody}
    samples: dict[str, Any] = {}
    for name in _own_inputs(factory):
        if inspect.signature(factory).parameters[name].default is inspect.Parameter.empty:
            host = name.removesuffix("_url").replace("_", "-")
            samples[name] = f"https://{host}.example" if name.endswith("_url") else name.upper()
    return samples


def _nobody(_credentials: object, _request: object) -> None:
    """Judges nobody to be anybody."""


def _factories() -> Iterator[tuple[str, Factory]]:
    yield from _SHAPES.items()
    for name, module in _MODULES.items():
        yield name, getattr(import_module(f"authwire.providers.{module}"), name)


def _entry(name: str, factory: Factory) -> Entry:
    is_shape = name in _SHAPES
    provider = factory(**sample_inputs(factory))
    if isinstance(provider, OAuth2):
        # Some have an issuer that follows from the client id.
        provider = factory(**sample_inputs(factory), client_id="CLIENT_ID")
    module = import_module(factory.__module__)
    about = "" if is_shape else inspect.getdoc(module) or ""
    _, _, rest = about.partition("\n\n")
    first, _, remarks = rest.partition("\n\n")
    docstring = inspect.getdoc(factory) or ""
    return Entry(
        factory=name,
        provider=provider,
        summary=_SECTION.sub("", docstring).strip(),
        remarks=remarks.strip(),
        docs=first.strip() or None,
        inputs=() if is_shape else tuple(_inputs(factory, docstring)),
        setup=_setups()[provider.id],
        reads=_fields(module, factory),
    )


def _inputs(factory: Factory, docstring: str) -> Iterator[Input]:
    meanings = {found["name"]: found["text"] for found in _ARGUMENT.finditer(docstring)}
    for name in _own_inputs(factory):
        parameter = inspect.signature(factory).parameters[name]
        is_needed = parameter.default is inspect.Parameter.empty
        yield Input(
            name=name,
            type=str(parameter.annotation),
            default=None if is_needed else repr(parameter.default),
            meaning=" ".join(meanings.get(name, "").split()),
        )


def _own_inputs(factory: Factory) -> list[str]:
    return [
        name
        for name, parameter in inspect.signature(factory).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]


def _fields(module: Any, factory: Factory) -> tuple[str, ...]:
    profile = getattr(module, f"{factory.__name__}Profile", None)
    return tuple(get_type_hints(profile)) if profile is not None else ()


@cache
def _setups() -> Mapping[str, Setup]:
    text = files("authwire.cli").joinpath("providers.toml").read_text("utf-8")
    return {provider_id: Setup(**words) for provider_id, words in tomllib.loads(text).items()}
