from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.errors import ProtocolError
from authwire.protocol.urls import require_https


@pytest.mark.parametrize(
    "url",
    [
        "https://idp.example",
        "https://idp.example:8443/path?x=1&y=%20",
        "HTTPS://IDP.example/",
        "https://[2001:db8::1]/token",
        "http://localhost",
        "http://localhost:3000/auth",
        "http://idp.localhost/",
        "http://127.0.0.1:9000/token",
        "http://127.8.9.10/",
        "http://[::1]:8080/",
        "https://xn--bcher-kva.example/",
    ],
)
def test_a_safe_url_is_returned_as_it_is(url: str) -> None:
    assert require_https(url, "the endpoint") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "idp.example",
        "//idp.example",
        "/path",
        "https:",
        "https://",
        "https:///path",
        "https:idp.example",
        "http://idp.example",
        "http://localhost.evil.example/",
        "http://evil-localhost/",
        "http://127.0.0.1.evil.example/",
        "http://128.0.0.1/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://[::2]/",
        "http://localhost:80@attacker.example/",
        "https://user@idp.example/",
        "https://user:pw@idp.example/",
        "https://@idp.example/",
        "https://idp.example/#fragment",
        "https://idp.example/#",
        "https://idp.example:port/",
        "https://idp.example:99999/",
        "https://[::1/",
        "https://idp%2eexample/",
        "http://[::1%25eth0]/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://idp.example/",
        "ws://localhost/",
        "https://idp.example\\@evil.example/",
        "https:\\\\idp.example/",
        " https://idp.example/",
        "https://idp.example/ ",
        "https://idp.example/\n",
        "https://idp.example/\r\nx: y",
        "https://idp\t.example/",
        "https://idp.example/\x00",
        "https://idp.example/\x7f",
        "https://bücher.example/",
        "https://idp\uff20.example/",
    ],
)
def test_an_unsafe_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ProtocolError, match="the endpoint") as caught:
        require_https(url, "the endpoint")
    assert "evil" not in str(caught.value)
    assert "pw" not in str(caught.value)


@given(st.text(max_size=30) | st.text(max_size=20).map(lambda rest: f"https://{rest}"))
def test_no_text_raises_anything_but_protocol_errors(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        require_https(text, "the endpoint")
