"""A small strict reader of HTML, and the values that most page tests start from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from authwire.http import Response
from authwire.pages import PageView
from authwire.texts import Texts

VOID = {"br", "img", "input", "link", "meta"}
SELF_CLOSING = {"circle", "path", "rect"}


@dataclass
class Node:
    """An element, its attributes and what is inside it."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Node | str] = field(default_factory=list)

    def all(self, tag: str | None = None, **attributes: str) -> list[Node]:
        """Every element below this one that fits, in order; ``_`` in a name stands for ``-``."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            node
            for node in self._below()
            if tag in (None, node.tag) and wanted.items() <= node.attributes.items()
        ]

    def one(self, tag: str | None = None, **attributes: str) -> Node:
        """The only such element."""
        (node,) = self.all(tag, **attributes)
        return node

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def _below(self) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child._below()


class Reader(HTMLParser):
    """Builds nodes; a tag that is not closed where it should be is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> repeats an attribute: {names}"
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SELF_CLOSING, f"<{tag}/> closes itself"
        self.open[-1].children.append(Node(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(source: Response | str) -> Node:
    """The page as nodes."""
    html = source if isinstance(source, str) else source.body.decode()
    assert html.startswith("<!doctype html>")
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [reader.root], "an element stays open"
    return reader.root


@pytest.fixture(name="read")
def read_fixture() -> Callable[[Response | str], Node]:
    return read


@pytest.fixture
def view() -> PageView:
    return PageView(
        texts=Texts(),
        origin="https://app.example",
        host="app.example",
        base_url="https://app.example/auth",
        csrf_token="c5" * 32,
    )
