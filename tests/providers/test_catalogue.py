"""What holds for every provider that ships: facts, shape, and what its profiles become."""

from __future__ import annotations

import ast
import inspect
import io
import json
import os
import pkgutil
import subprocess
import sys
import tokenize
from dataclasses import asdict
from datetime import timedelta
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
MODULES = sorted(
    module.name
    for module in pkgutil.iter_modules(catalogue.__path__)
    if not module.name.startswith("_")
)
UPSTREAM: dict[str, dict[str, Any]] = json.loads(
    (HERE.parent / "vectors" / "providers.json").read_text()
)
"""What Auth.js' providers of the same ids look like, in our field names."""

DIFFERENCES = {
    # The nonce alone does not stop a code of somebody else's sign-in from being redeemed here.
    ("slack", "checks"): ("nonce", "state"),
}
"""Where a provider is stricter than upstream, and how."""

OAUTH_FACTS = (
    "authorization",
    "token",
    "userinfo",
    "scope",
    "params",
    "checks",
    "token_endpoint_auth_method",
)
MAX_CODE_LINES = 60


def factory_of(module_name: str) -> Any:
    """The one name that a module gives to the catalogue."""
    module = import_module(f"authwire.providers.{module_name}")
    own = [name for name in module.__all__ if name in catalogue.__all__]
    factories = [name for name in own if name != "VerificationRequest"]
    assert len(factories) == 1, factories
    return getattr(module, factories[0])


def make(module_name: str) -> Any:
    factory = factory_of(module_name)
    return factory(authorize=None) if factory is Credentials else factory()


OAUTH_MODULES = [name for name in MODULES if isinstance(make(name), OAuth2)]


def fixtures() -> list[Any]:
    cases: list[Any] = []
    for name in OAUTH_MODULES:
        path = HERE / "fixtures" / f"{make(name).id}.json"
        cases.extend(
            pytest.param(name, case, id=f"{name}: {case['case']}")
            for case in json.loads(path.read_text())
        )
    return cases


def mapped(module_name: str, profile: object) -> User:
    user = make(module_name).profile(profile, TokenSet(access_token="at"))
    assert isinstance(user, User)
    return user


def test_every_module_is_in_the_catalogue_under_a_name_of_its_own() -> None:
    names = {name for name in catalogue.__all__ if name[0].isupper()}
    shapes = {"OAuth2", "OIDC", "WebAuthn", "FormField", "Style", "VerificationRequest"}
    shapes |= {"AuthenticationOptions", "RegistrationOptions", "RelyingParty", "UserInfo"}
    shapes |= {"VerifyAuthenticationOptions", "VerifyRegistrationOptions"}
    assert {factory_of(name).__name__ for name in MODULES} == names - shapes
    assert catalogue.__all__ == sorted(catalogue.__all__, key=lambda n: (not n.isupper(), n))
    assert dir(catalogue) == sorted(catalogue.__all__)


def test_an_unknown_provider_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Gitub"):
        _ = catalogue.Gitub


def test_ids_are_unique_and_fit_for_urls_and_environment_names() -> None:
    ids = [make(name).id for name in MODULES]
    assert len(set(ids)) == len(ids)
    for name, provider_id in zip(MODULES, ids, strict=True):
        assert provider_id.replace("-", "_") == name
        assert provider_id == provider_id.lower()


@pytest.mark.parametrize("name", MODULES)
def test_facts_are_those_of_auth_js(name: str) -> None:
    provider = make(name)
    facts = UPSTREAM[provider.id]
    assert (provider.name, provider.type) == (facts["name"], facts["type"])
    if isinstance(provider, OAuth2):
        assert (provider.issuer or provider.default_issuer) == facts["issuer"]
        for fact in OAUTH_FACTS:
            expected: Any = DIFFERENCES.get((provider.id, fact), facts[fact])
            actual = getattr(provider, fact)
            if fact == "checks":
                expected, actual = set(expected), set(actual)
            assert actual == expected, fact
        assert {"brand": provider.style.brand, "text": provider.style.text} == facts["style"]
        assert isinstance(provider, OIDC) == (provider.type == "oidc")
    elif isinstance(provider, Email):
        assert provider.max_age == timedelta(seconds=facts["max_age"])
    elif isinstance(provider, WebAuthn):
        assert provider.enable_conditional_ui == facts["enable_conditional_ui"]
        for field_name, expected in facts["fields"].items():
            assert expected.items() <= asdict(provider.fields[field_name]).items()
    else:
        assert isinstance(provider, Credentials)


def test_the_differences_are_still_differences() -> None:
    for (provider_id, fact), ours in DIFFERENCES.items():
        assert list(ours) != UPSTREAM[provider_id][fact]
        assert set(UPSTREAM[provider_id][fact]) < set(ours), "only stricter, never laxer"


@pytest.mark.parametrize("name", OAUTH_MODULES)
def test_endpoints_are_https_without_a_query(name: str) -> None:
    provider = make(name)
    urls = [provider.issuer, provider.default_issuer, provider.authorization, provider.token]
    for url in filter(None, [*urls, provider.userinfo, provider.jwks_uri]):
        parts = urlsplit(url)
        assert parts.scheme == "https", url
        assert parts.hostname, url
        assert not parts.query, url
        assert not parts.fragment, url


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
    provider = factory(id="mine", name="Mine", client_id="c", client_secret="s3cret", scope="x")
    assert (provider.id, provider.name, provider.scope) == ("mine", "Mine", "x")
    assert provider.client_id == "c"
    assert "s3cret" not in repr(provider)
    with pytest.raises(TypeError):
        factory(clientId="c")


@pytest.mark.parametrize(("name", "case"), fixtures())
def test_profile_becomes_the_expected_user(name: str, case: dict[str, Any]) -> None:
    if case.get("raises"):
        with pytest.raises(OAuthProfileParseError):
            mapped(name, case["profile"])
        return
    assert mapped(name, case["profile"]) == User(**case["expected"])


@pytest.mark.parametrize("name", OAUTH_MODULES)
@pytest.mark.parametrize("junk", [None, "", 7, 1.5, True, [], ["x"], {}, {"name": 1}])
def test_unexpected_values_never_reach_a_user(name: str, junk: object) -> None:
    """Whatever a provider sends: an account id is sure, everything else is text or None."""
    cases = json.loads((HERE / "fixtures" / f"{make(name).id}.json").read_text())
    full = cases[0]["profile"]
    for key in full:
        try:
            user = mapped(name, {**full, key: junk})
        except OAuthProfileParseError:
            assert key in ("id", "sub")
            continue
        assert isinstance(user.id, str)
        assert user.id not in ("", "None", "True", "1.5")
        for text in (user.name, user.email, user.image):
            assert text is None or type(text) is str
            assert text != ""
        assert user.email_verified is None


@pytest.mark.parametrize("name", OAUTH_MODULES)
@pytest.mark.parametrize("missing", [None, "", True, 1.5, [], {}])
def test_a_profile_without_account_id_is_refused(name: str, missing: object) -> None:
    with pytest.raises(OAuthProfileParseError):
        mapped(name, {"id": missing, "sub": missing, "name": "Ann", "email": "ann@corp.example"})


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
