from __future__ import annotations

from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest

from authwire.pages.marks import LOGOS, icon, logo

FILES = [
    path.name
    for folder in ("logos", "icons")
    for path in files("authwire.pages").joinpath(folder).iterdir()
]


def test_there_is_a_file_for_each_known_provider_and_for_all_others() -> None:
    names = {path.name for path in files("authwire.pages").joinpath("logos").iterdir()}
    assert names == {f"{name}.svg" for name in LOGOS | {"key"}}


@pytest.mark.parametrize("mark", [*(logo(name) for name in sorted(LOGOS)), logo("?"), icon("mail")])
def test_a_mark_is_a_drawing_and_nothing_else(mark: str) -> None:
    svg = ET.fromstring(mark)
    assert svg.attrib["aria-hidden"] == "true"
    assert svg.attrib["focusable"] == "false"
    assert "currentColor" in mark, "it takes the colour of the text beside it"
    assert {node.tag for node in svg.iter()} <= {"svg", "path", "circle", "rect"}
    for node in svg.iter():
        assert not {"style", "id", "class", "href"} & node.attrib.keys()


@pytest.mark.parametrize("provider_id", ["acme", "", "../style", "key.svg", "google\0", "GOOGLE"])
def test_an_unknown_id_gets_the_key_and_reads_no_other_file(provider_id: str) -> None:
    assert logo(provider_id) == logo("key")


def test_a_file_is_read_once() -> None:
    assert logo("github") is logo("github")
