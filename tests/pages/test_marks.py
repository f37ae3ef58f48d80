from __future__ import annotations

from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from scripts.logos import OUR_OWN, SLUGS

from authwire.cli.catalogue import entries
from authwire.pages.marks import icon, known_logos, logo

FILES = [
    path.name
    for folder in ("logos", "icons")
    for path in files("authwire.pages").joinpath(folder).iterdir()
]


def test_there_is_a_file_for_each_known_provider_and_for_all_others() -> None:
    names = {path.name for path in files("authwire.pages").joinpath("logos").iterdir()}
    assert names == {f"{name}.svg" for name in known_logos() | {"key"}}
    assert {"google", "spotify"} <= known_logos()


def test_every_logo_is_our_own_or_taken_from_the_package_for_a_provider_that_ships() -> None:
    assert OUR_OWN.isdisjoint(SLUGS)
    assert known_logos() | {"key"} == OUR_OWN | SLUGS.keys()
    assert known_logos() <= {entry.provider.id for entry in entries()}


@pytest.mark.parametrize(
    "mark",
    [
        *(logo(name, "") for name in sorted(known_logos())),
        logo("?", ""),
        logo("?", "Acme"),
        icon("mail"),
    ],
)
def test_a_mark_is_a_drawing_and_nothing_else(mark: str) -> None:
    svg = ET.fromstring(mark)
    assert svg.attrib["aria-hidden"] == "true"
    assert svg.attrib["focusable"] == "false"
    assert "currentColor" in mark, "it takes the colour of the text beside it"
    assert {node.tag for node in svg.iter()} <= {"svg", "path", "circle", "rect", "text"}
    for node in svg.iter():
        assert not {"style", "id", "class", "href"} & node.attrib.keys()


@pytest.mark.parametrize(
    "provider_id", ["acme", "", "../style", "key", "key.svg", "google\0", "GOOGLE"]
)
def test_an_unknown_id_gets_initials_and_reads_no_other_file(provider_id: str) -> None:
    assert initials(logo(provider_id, "Acme")) == "A"


def initials(mark: str) -> str | None:
    return ET.fromstring(mark).findtext("text")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Acme", "A"),
        ("beyond identity", "BI"),
        ("BankID Norge AS", "BN"),
        ("42 School", "4S"),
        ("osu!", "O"),
        ("ßtraße", "SS"),
        ("Über-Login", "ÜL"),
        ("微信", "微"),
        ("<script>alert(1)", "SA"),
    ],
)
def test_initials_are_those_of_the_first_two_words(name: str, letters: str) -> None:
    assert initials(logo("acme", name)) == letters


@pytest.mark.parametrize("name", ["", "!", "🙂", "<>&\"'", " _ "])
def test_a_name_without_letters_gets_a_key(name: str) -> None:
    key = files("authwire.pages").joinpath("logos", "key.svg").read_text("utf-8")
    mark = logo("acme", name)
    assert initials(mark) is None
    assert ET.fromstring(mark)[0].attrib == ET.fromstring(key)[0].attrib


def test_a_file_is_read_once() -> None:
    assert logo("github", "GitHub") is logo("github", "")
