from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from authwire.config import Theme
from authwire.pages.mail import magic_link
from authwire.ports import MailMessage
from authwire.texts import Texts

Read = Callable[[Any], Any]

URL = "https://a.example/auth/callback/email?token=1&email=b"


def mail(
    *,
    texts: Texts | None = None,
    theme: Theme | None = None,
    url: str = URL,
    host: str = "a.b.example",
    to: str = "reader@mail.example",
) -> MailMessage:
    return magic_link(
        texts=texts or Texts(),
        theme=theme or Theme(),
        url=url,
        host=host,
        to=to,
        sender="no-reply@a.example",
    )


def test_the_mail_goes_to_whom_it_should() -> None:
    message = mail()
    assert message.to == "reader@mail.example"
    assert message.sender == "no-reply@a.example"
    assert message.subject == "Sign in to a.b.example"


def test_both_parts_have_the_link(read: Read) -> None:
    message = mail()
    assert URL in message.text.splitlines()
    links = read(message.html).all("a")
    assert {link.attributes["href"] for link in links} == {URL}
    assert [link.text for link in links] == ["Sign in", URL]


def test_the_host_is_kept_from_becoming_a_link() -> None:
    message = mail()
    body = message.html.partition("<body")[2]
    assert "a&#8203;.b&#8203;.example" in body
    assert "a.b.example" not in body
    assert "Sign in to a.b.example" in message.text


def test_the_address_is_not_part_of_the_mail() -> None:
    message = mail(to="<a href=//evil.example>click</a>@mail.example")
    assert "evil" not in message.subject + message.text + message.html


def test_the_link_is_not_in_a_repr() -> None:
    assert "token=1" not in repr(mail())


def test_the_theme_colours_the_button(read: Read) -> None:
    theme = Theme(brand_color="#123456", button_text="#abcdef", color_scheme="light")
    button = read(mail(theme=theme).html).all("a")[0]
    assert "color:#abcdef" in button.attributes["style"]
    assert "border:1px solid #123456" in button.attributes["style"]
    assert read(mail(theme=theme).html).all("td", bgcolor="#123456")


@pytest.mark.parametrize("value", ["red;background:url(//evil.example)", '"><script>', "</style>"])
def test_a_value_that_is_no_colour_is_left_out(value: str) -> None:
    theme = Theme(brand_color=value, button_text=value)
    assert mail(theme=theme) == mail()


@pytest.mark.parametrize(
    ("scheme", "schemes", "has_query"),
    [("auto", "light dark", True), ("light", "light", False), ("dark", "dark", False)],
)
def test_the_scheme_is_told(read: Read, scheme: Any, schemes: str, has_query: bool) -> None:
    page = read(mail(theme=Theme(color_scheme=scheme)).html)
    assert page.one("meta", name="color-scheme").attributes["content"] == schemes
    assert bool(page.all("style")) is has_query
    background = re.search(r"background:(#\w{6})", page.one("body").attributes["style"])
    assert background is not None
    assert (background[1] < "#888888") is (scheme == "dark")


@pytest.mark.parametrize(
    ("logo", "src"),
    [
        ("https://img.example/x.png", "https://img.example/x.png"),
        ("/static/x.png", "https://a.example/static/x.png"),
        ("//img.example/x.png", "https://img.example/x.png"),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,AAAA", None),
        (None, None),
    ],
)
def test_a_logo_has_a_whole_url(read: Read, logo: str | None, src: str | None) -> None:
    images = read(mail(theme=Theme(logo=logo)).html).all("img")
    assert [image.attributes["src"] for image in images] == ([src] if src else [])


def test_it_is_laid_out_as_mail_clients_want_it(read: Read) -> None:
    page = read(mail().html)
    assert page.one("html").attributes == {"lang": "en", "dir": "ltr"}
    assert page.one("h1").text
    assert not page.all("script")
    assert not page.all("link")
    assert {table.attributes["role"] for table in page.all("table")} == {"presentation"}


def test_all_words_come_from_the_texts(read: Read) -> None:
    texts = Texts(
        lang="he",
        dir="rtl",
        mail_subject="1 {host}",
        mail_heading="2 {host}",
        mail_intro="3",
        mail_intro_text="4",
        mail_button="5",
        mail_fallback="6",
        mail_ignore="7",
    )
    message = mail(texts=texts, host="h.example", url="https://h.example/x")
    page = read(message.html)
    assert page.one("html").attributes == {"lang": "he", "dir": "rtl"}
    words = page.one("body").text.replace("\u200b", "").split()
    assert words == ["2", "h.example", "3", "5", "6https://h.example/x", "7"]
    assert message.text == "2 h.example\n\n4\n\nhttps://h.example/x\n\n7\n"
    assert message.subject == "1 h.example"


@given(host=st.text(), url=st.text(), words=st.text())
@example(host="</td><script>", url='"><script>', words="<b>{host}")
@example(host="a\r\nBcc: x@evil.example", url="x", words="{host}\r\nBcc: y@evil.example")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_changes_the_structure_of_the_mail(
    read: Read, host: str, url: str, words: str
) -> None:
    texts = Texts(mail_subject=words, mail_heading=words, mail_button=words, mail_ignore=words)
    message = mail(texts=texts, host=host, url=url)
    # <strong> is around each {host}, and those are in the words.
    tags, expected = (
        [node.tag for node in read(html).all() if node.tag != "strong"]
        for html in (message.html, mail().html)
    )
    assert tags == expected
    assert "\n" not in message.subject
    assert "\r" not in message.subject
