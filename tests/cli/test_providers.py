"""``authwire providers``: what is listed is what ships, and what is told is what works."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import authwire.providers as catalogue
from authwire.cli import main
from authwire.cli.catalogue import Entry, entries
from authwire.providers import OAuth2
from authwire.resolve.providers import provider_problems, with_environment

SRC = Path(__file__).resolve().parents[2] / "src"
EVERY = entries()
IDS = [entry.provider.id for entry in EVERY]
every_entry = pytest.mark.parametrize("entry", EVERY, ids=IDS)


class Run:
    """Runs the command and reads what it says."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str, status: int = 0) -> str:
        assert main(["providers", *arguments]) == status
        told = self.capsys.readouterr()
        return told.err if status else told.out

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def test_all_providers_are_listed_by_id(run: Run) -> None:
    head, *rows, _, _ = run().splitlines()
    assert head.split()[:2] == ["id", "import"]
    assert [row.split()[0] for row in rows] == IDS == sorted(IDS)
    assert len(rows) > 140


def test_every_factory_and_shape_is_listed() -> None:
    shapes = {"OAuth2", "OIDC", "FormField", "Style", "VerificationRequest"}
    shapes |= {"AuthenticationOptions", "RegistrationOptions", "RelyingParty", "UserInfo"}
    shapes |= {"VerifyAuthenticationOptions", "VerifyRegistrationOptions"}
    assert {entry.factory for entry in EVERY} == set(catalogue.__all__) - shapes


def test_a_row_tells_what_is_needed_besides_id_and_secret(run: Run) -> None:
    rows = run("keycloak").splitlines()
    assert re.fullmatch(r"keycloak +Keycloak +OpenID Connect +issuer", rows[1])
    assert rows[-1].startswith("1 provider.")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["google"], {"google"}),
        (["GitH"], {"github"}),
        (["magic", "link", "send"], {"resend", "sendgrid"}),
        (["MicrosoftEntraID"], {"microsoft-entra-id"}),
        (["battle.net"], {"battlenet"}),
    ],
)
def test_search_finds_id_name_import_and_kind(run: Run, words: list[str], ids: set[str]) -> None:
    assert {told["id"] for told in run.json(*words)} == ids


def test_a_search_without_a_find_fails_and_says_so(run: Run) -> None:
    assert "nothing is found with xyzzy" in run("xyzzy", status=1)
    assert run.json("xyzzy") == []


def test_json_is_complete_and_has_no_python_in_it(run: Run) -> None:
    told = run.json()
    assert [one["id"] for one in told] == IDS
    for one in told:
        assert one["import"] in catalogue.__all__
        assert one["setup"]["create"]
    [github] = run.json("github")
    assert github["environment"] == ["AUTH_GITHUB_ID", "AUTH_GITHUB_SECRET"]
    assert github["callback"] == "/callback/github"
    assert github["token"] == "https://github.com/login/oauth/access_token"
    assert github["options"] == ["enterprise_base_url"]


def test_show_tells_what_to_create_callback_and_environment(run: Run) -> None:
    text = run("show", "github")
    assert text.startswith("GitHub · OAuth 2 · id github\n")
    for words in (
        "https://github.com/settings/developers",
        "Callback URL: https://<your host>/auth/callback/github",
        "AUTH_GITHUB_ID=",
        "AUTH_GITHUB_SECRET=",
        "from authwire.providers import GitHub",
        "enterprise_base_url (optional)",
        "It asks for: read:user user:email",
    ):
        assert words in text


def test_show_takes_the_address_of_the_app(run: Run) -> None:
    text = run("show", "google", "--url", "https://app.example/api/auth/")
    assert "Callback URL: https://app.example/api/auth/callback/google" in text


def test_show_takes_the_name_of_the_import_too(run: Run) -> None:
    assert run("show", "MicrosoftEntraID") == run("show", "microsoft-entra-id")


def test_show_as_json_is_one_object(run: Run) -> None:
    told = run.json("show", "resend")
    assert (told["id"], told["environment"]) == ("resend", ["AUTH_RESEND_KEY"])
    assert told["callback"] is None


def test_an_unknown_id_names_those_spelt_like_it(run: Run) -> None:
    assert "did you mean github" in run("show", "gihtub", status=1)
    assert "no provider is called qqqqqq\n" in run("show", "qqqqqq", status=1)
    assert "needs the id" in run("show", status=1)


@every_entry
def test_every_provider_can_be_shown(run: Run, entry: Entry) -> None:
    text = run("show", entry.provider.id)
    assert "``" not in text
    assert max(map(len, text.splitlines())) < 140
    assert (": http" in text) or not isinstance(entry.provider, OAuth2)


@every_entry
def test_what_it_is_told_to_need_is_all_it_needs(entry: Entry) -> None:
    """A config with these variables, and the inputs, starts up."""
    environment = {
        name: "https://issuer.example" if name.endswith("_ISSUER") else "x" * 32
        for name in entry.environment
    }
    provider = with_environment(entry.provider, environment, None)
    expected = {"Email": {"MissingServer"}, "NetSuite": {"InvalidEndpoints"}}
    by_key = {"MissingClientKey"} if "private_key" in str(entry.provider) else set()
    found = {problem.type for problem in provider_problems(provider, "here")}
    assert found == expected.get(entry.factory, by_key)


@every_entry
def test_without_them_it_does_not_start(entry: Entry) -> None:
    if entry.environment:
        provider = with_environment(entry.provider, {}, None)
        assert provider_problems(provider, "here")


@every_entry
def test_the_words_for_setting_up_are_sentences_in_the_making(entry: Entry) -> None:
    setup = entry.setup
    assert setup.at.startswith("https://") or " " in setup.at
    assert not setup.create.endswith(".")
    assert not setup.note or setup.note.endswith(".")
    assert not entry.docs or re.fullmatch(r"https://\S+", entry.docs)
    assert entry.summary.endswith(".")


def test_words_are_there_for_what_ships_and_for_nothing_else() -> None:
    from authwire.cli.catalogue import _setups

    assert list(_setups()) == IDS


def test_a_reader_that_stops_early_is_no_failure() -> None:
    done = subprocess.run(
        f"{sys.executable} -m authwire.cli providers | head -n 1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("id ")
