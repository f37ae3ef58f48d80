"""What holds for every provider that ships: facts, shape, and what its profiles become."""

from __future__ import annotations

import ast
import inspect
import io
import json
import operator
import os
import pkgutil
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import authwire.providers as catalogue
from authwire.errors import OAuthProfileParseError
from authwire.models import TokenSet, User
from authwire.providers import OIDC, Credentials, Email, OAuth2, WebAuthn

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))

import catalogue as script  # noqa: E402  # scripts are no package

MODULES = sorted(
    module.name
    for module in pkgutil.iter_modules(catalogue.__path__)
    if not module.name.startswith("_")
)
UPSTREAM: dict[str, dict[str, Any]] = json.loads(
    (HERE.parent / "vectors" / "providers.json").read_text()
)
"""What Auth.js' providers of the same ids look like, in our field names."""

DIFFERENCES: dict[str, dict[str, tuple[Any, Any, str]]] = {
    provider_id: {field: (upstream, ours, reason) for field, (upstream, ours, reason) in of.items()}
    for path in sorted((HERE / "differences").glob("*.json"))
    for provider_id, of in json.loads(path.read_text()).items()
}
"""Where a provider differs from upstream on purpose: ``{id: {field: [upstream, ours, reason]}}``.

A field is one of ``FACTS``, or ``user.id``, ``user.email``, … for what the mapper makes of a profile.
"""

FACTORIES = {**script.factories(), "email": "Email", "credentials": "Credentials"}
SPELT_OTHERWISE = {"42-school": "school42"}
"""Modules of ids that are no Python names."""
REFUSES_PKCE = {"vk"}
"""Ids of services that answer a PKCE challenge with an error, and so have the state only."""
SAMPLES = {"base_url": "https://base.example", "domain": "d.example", "tenant_id": "TENANT"}
"""What factories get for inputs that they cannot do without; others get their own name."""

OAUTH_FACTS = (
    "issuer",
    "authorization",
    "token",
    "userinfo",
    "scope",
    "params",
    "checks",
    "token_endpoint_auth_method",
    "id_token",
    "id_token_signed_response_alg",
    "style",
)
FACTS = ("name", "type", *OAUTH_FACTS)
USER_FIELDS = ("user.id", "user.name", "user.email", "user.image")
MAX_CODE_LINES = 60


def factory_of(module_name: str) -> Any:
    """The one name that a module gives to the catalogue."""
    module = import_module(f"authwire.providers.{module_name}")
    return getattr(module, FACTORIES[module_name])


def inputs_of(factory: Any) -> dict[str, Any]:
    """Something for each input that the factory asks for."""
    if factory is Credentials:
        return {"authorize": None}
    return {
        name: SAMPLES.get(name, name.upper())
        for name, parameter in inspect.signature(factory).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    }


def make(module_name: str, **options: Any) -> Any:
    factory = factory_of(module_name)
    return factory(**(inputs_of(factory) | options))


def make_as_upstream(module_name: str) -> Any:
    """The provider with the options that its facts were recorded with."""
    provider = make(module_name)
    if not isinstance(provider, OAuth2):
        return provider
    given = {"client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET"}
    return make(module_name, **given, **UPSTREAM[provider.id].get("made_with", {}))


ID_OF = {name: make(name).id for name in MODULES}
OAUTH_MODULES = [name for name in MODULES if isinstance(make(name), OAuth2)]
OF_UPSTREAM = [name for name in MODULES if ID_OF[name] in UPSTREAM]


def fixtures() -> list[Any]:
    cases: list[Any] = []
    for name in OAUTH_MODULES:
        cases.extend(
            pytest.param(name, case, id=f"{name}: {case['case']}") for case in cases_of(name)
        )
    return cases


def cases_of(module_name: str) -> list[dict[str, Any]]:
    path = HERE / "fixtures" / f"{ID_OF[module_name]}.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return cases


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_there_are_profiles_of_the_provider_that_work_and_that_do_not(name: str) -> None:
    kinds = {bool(case.get("raises")) for case in cases_of(name)}
    assert kinds == {True, False}


def test_no_profiles_are_left_of_a_provider_that_is_gone() -> None:
    found = {path.stem for path in (HERE / "fixtures").glob("*.json")}
    assert found == {ID_OF[name] for name in OAUTH_MODULES}


def mapped(module_name: str, profile: object) -> User:
    user = make(module_name).profile(profile, TokenSet(access_token="at"))
    assert isinstance(user, User)
    return user


def test_every_module_is_in_the_catalogue_under_a_name_of_its_own() -> None:
    names = {name for name in catalogue.__all__ if name[0].isupper()}
    shapes = {"OAuth2", "OIDC", "WebAuthn", "FormField", "Style", "VerificationRequest"}
    shapes |= {"AuthenticationOptions", "RegistrationOptions", "RelyingParty", "UserInfo"}
    shapes |= {"VerifyAuthenticationOptions", "VerifyRegistrationOptions"}
    assert FACTORIES.keys() == set(MODULES)
    assert set(FACTORIES.values()) == names - shapes
    for name in MODULES:
        assert factory_of(name) is getattr(catalogue, FACTORIES[name])
    assert dir(catalogue) == sorted(catalogue.__all__)


def test_an_unknown_provider_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Gitub"):
        _ = catalogue.Gitub


def test_ids_are_unique_and_fit_for_urls_and_environment_names() -> None:
    assert len(set(ID_OF.values())) == len(MODULES)
    for name, provider_id in ID_OF.items():
        assert SPELT_OTHERWISE.get(provider_id, provider_id.replace("-", "_")) == name
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", provider_id)


def test_every_provider_of_auth_js_is_here() -> None:
    # WebAuthn is a shape of its own, and so no module.
    assert UPSTREAM.keys() - ID_OF.values() == {WebAuthn().id}


@pytest.mark.parametrize("name", OF_UPSTREAM)
def test_facts_are_those_of_auth_js(name: str) -> None:
    provider = make_as_upstream(name)
    facts = UPSTREAM[provider.id]
    assert provider.type == facts["type"]
    assert provider.name == expected(provider.id, "name")
    if isinstance(provider, OAuth2):
        for fact in OAUTH_FACTS:
            assert actual(provider, fact) == expected(provider.id, fact), fact
        assert isinstance(provider, OIDC) == (provider.type == "oidc")
    elif isinstance(provider, Email):
        assert provider.max_age == timedelta(seconds=facts["max_age"])
    elif isinstance(provider, WebAuthn):
        assert provider.enable_conditional_ui == facts["enable_conditional_ui"]
        for field_name, field in facts["fields"].items():
            assert field.items() <= asdict(provider.fields[field_name]).items()
    else:
        assert isinstance(provider, Credentials)


def expected(provider_id: str, fact: str) -> Any:
    """What upstream says, or what we say instead."""
    upstream = UPSTREAM[provider_id][fact]
    return compared(fact, DIFFERENCES.get(provider_id, {}).get(fact, (upstream, upstream, ""))[1])


def actual(provider: OAuth2, fact: str) -> Any:
    match fact:
        case "issuer":
            return provider.issuer or provider.default_issuer
        case "style" if UPSTREAM[provider.id]["style"]["brand"] is None:
            return compared(fact, UPSTREAM[provider.id]["style"])  # no colour of theirs to keep to
        case "style":
            return compared(fact, {"brand": provider.style.brand, "text": provider.style.text})
    return compared(fact, getattr(provider, fact))


def compared(fact: str, value: Any) -> Any:
    """``value`` without what makes no difference: order of checks, case of colours."""
    if fact == "checks":
        return set(value)
    return {k: v and v.lower() for k, v in value.items()} if fact == "style" else value


@pytest.mark.parametrize("provider_id", sorted(DIFFERENCES))
def test_a_difference_is_still_one_and_has_a_reason(provider_id: str) -> None:
    for fact, (upstream, ours, reason) in DIFFERENCES[provider_id].items():
        assert upstream != ours
        assert len(reason.split()) > 3
        assert fact in FACTS or fact in USER_FIELDS
        if fact in FACTS:
            assert UPSTREAM[provider_id][fact] == upstream
        if fact == "checks" and provider_id in REFUSES_PKCE:
            assert (upstream, ours) == (["pkce"], ["state"])
        elif fact == "checks":
            assert set(upstream) - {"none"} < set(ours), "only stricter, never laxer"


def test_a_difference_is_told_in_one_file_only() -> None:
    told = [
        key
        for path in (HERE / "differences").glob("*.json")
        for key in json.loads(path.read_text())
    ]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_endpoints_are_https_and_their_parameters_where_they_can_be_changed(name: str) -> None:
    provider = make(name, issuer="https://issuer.example")
    plain = [provider.issuer, provider.default_issuer, provider.authorization, provider.jwks_uri]
    for url in filter(None, [*plain, provider.token, provider.userinfo]):
        parts = urlsplit(url)
        assert parts.scheme == "https", url
        assert parts.hostname, url
        assert not parts.fragment, url
        # What is asked for stands in scope and params. Two APIs want a version with each request.
        assert not parts.query or url not in plain, url


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_something_ties_the_answer_to_the_browser(name: str) -> None:
    checks = make(name).checks
    assert checks
    assert set(checks) <= {"pkce", "state", "nonce"}


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_nobody_is_linked_by_address_unless_asked_for(name: str) -> None:
    assert make(name).allow_dangerous_email_account_linking is False


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_options_are_laid_over_and_a_typo_is_an_error(name: str) -> None:
    factory = factory_of(name)
    needed = inputs_of(factory)
    provider = factory(
        **needed, id="mine", name="Mine", client_id="c", client_secret="s3cret", scope="x"
    )
    assert (provider.id, provider.name, provider.scope) == ("mine", "Mine", "x")
    assert provider.client_id == "c"
    assert "s3cret" not in repr(provider)
    with pytest.raises(TypeError):
        factory(**needed, clientId="c")


@pytest.mark.parametrize(("name", "case"), fixtures())
def test_profile_becomes_the_expected_user(name: str, case: dict[str, Any]) -> None:
    if case.get("raises"):
        with pytest.raises(OAuthProfileParseError):
            mapped(name, case["profile"])
        return
    assert mapped(name, case["profile"]) == User(**case["expected"])


JUNK = (None, "", 7, 1.5, True, [], ["x"], {}, {"name": 1})
NO_ID = (None, "", True, 1.5, [], {})


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_unexpected_values_never_reach_a_user(name: str) -> None:
    """Whatever a provider sends: an account id is sure, everything else is text or None."""
    full = full_profile(name)
    for path in paths(full):
        for junk in JUNK:
            try:
                user = mapped(name, put(full, path, junk))
            except OAuthProfileParseError:
                assert is_on_the_way_to_the_id(name, path)
                continue
            assert isinstance(user.id, str)
            assert user.id not in ("", "None", "True", "1.5", "[]", "{}")
            for text in (user.name, user.email, user.image):
                assert text is None or type(text) is str
                assert text != ""
            assert user.email_verified is None


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_a_profile_without_account_id_is_refused(name: str) -> None:
    empty = {"id": None, "sub": None, "name": "Ann", "email": "ann@corp.example"}
    for profile in ({}, empty, *({**empty, "id": missing, "sub": missing} for missing in NO_ID)):
        with pytest.raises(OAuthProfileParseError):
            mapped(name, profile)
    full = full_profile(name)
    holders = [path for path in paths(full) if is_on_the_way_to_the_id(name, path)]
    assert holders, "no field decides about the account id"
    for path in holders:
        for missing in (True, 1.5, [], {}):
            with pytest.raises(OAuthProfileParseError):
                mapped(name, put(full, path, missing))


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_the_account_id_is_no_address_and_no_name(name: str) -> None:
    full = full_profile(name)
    told = mapped(name, full)
    assert told.id not in (told.email, told.name)
    for path in paths(full):
        if is_on_the_way_to_the_id(name, path) and not isinstance(at(full, path), dict | list):
            assert not {"email", "mail", "username", "login", "name", "nickname"} & {path[-1]}


def full_profile(name: str) -> Any:
    """The profile of the first case, which has every field that is read."""
    return next(case["profile"] for case in cases_of(name) if not case.get("raises"))


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every value inside ``value``."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inside:
        yield (*before, key)
        if isinstance(item, dict | list):
            yield from paths(item, (*before, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    return reduce(operator.getitem, path, value)


def put(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """A copy of ``value`` with ``new`` at ``path``."""
    copy = value.copy()
    copy[path[0]] = put(value[path[0]], path[1:], new) if path[1:] else new
    return copy


def is_on_the_way_to_the_id(name: str, path: tuple[Any, ...]) -> bool:
    """Whether what stands at ``path`` holds the account id: no user without it, or another one."""
    full = full_profile(name)
    try:
        return mapped(name, put(full, path, {})).id != mapped(name, full).id
    except OAuthProfileParseError:
        return True


@pytest.mark.parametrize("name", MODULES)
def test_module_stays_small(name: str) -> None:
    source = inspect.getsource(import_module(f"authwire.providers.{name}"))
    assert code_lines(source) <= MAX_CODE_LINES


def code_lines(source: str) -> int:
    """Lines with code: no docstrings, comments or blank lines."""
    prose: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            prose.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code: set[int] = set()
    layout = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in (*layout, tokenize.ENDMARKER):
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - prose)


IMPORTS_ONE_BY_ONE = """
import sys
import authwire.providers as catalogue

def loaded():
    prefix = "authwire.providers."
    found = {name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)}
    return {name for name in found if not name.startswith("_")}

assert not loaded(), loaded()
for name, module in catalogue._MODULES.items():
    before = loaded()
    getattr(catalogue, name)
    assert loaded() - before == {module}, (name, loaded() - before)
print(len(catalogue._MODULES))
"""


def test_importing_one_provider_imports_no_other() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS_ONE_BY_ONE],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(MODULES) - 2  # Email and Credentials are shapes of _types


def test_what_is_made_of_the_modules_is_up_to_date() -> None:
    assert script.stale() == [], "run: python scripts/catalogue.py"


def test_a_stale_list_of_modules_is_made_anew() -> None:
    text = script.INIT.read_text("utf-8")
    stale = text.replace('    "Google",\n', "").replace('    "Google": "google",\n', "")
    stale = stale.replace("    from authwire.providers.google import Google\n", "")
    assert stale != text
    assert script.initial(stale) == text
