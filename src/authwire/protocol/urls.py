"""Which URLs we talk to."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from authwire.errors import ProtocolError

__all__ = ["require_https"]

# RFC 3986 URLs are printable ASCII. A backslash is a slash to browsers and a character to others.
_PLAIN = re.compile(r"[\x21-\x5b\x5d-\x7e]+\Z")


def require_https(url: str, what: str) -> str:
    """``url`` itself, if it is safe to send secrets to or to send a browser to.

    That is https, or http on this very machine (a loopback address or ``localhost``). User
    information, fragments, spaces, control characters and backslashes are refused, since
    programs disagree about where such a URL leads.

    Args:
        url: as configured or as a provider's metadata names it.
        what: its role, for the error message.

    Raises:
        ProtocolError: saying what is wrong, without the URL.
    """
    if not _PLAIN.match(url):
        raise ProtocolError(f"{what} is no URL: it has characters that do not belong in one")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ProtocolError(f"{what} is no URL") from None
    if not host or "%" in parts.netloc:
        raise ProtocolError(f"{what} is no URL with a plain host")
    if "@" in parts.netloc:
        raise ProtocolError(f"{what} must not hold a user name or password")
    if "#" in url:
        raise ProtocolError(f"{what} must not have a fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise ProtocolError(f"{what} must be https (http is for localhost only)")
    return url


def _is_loopback(host: str) -> bool:
    # RFC 6761 §6.3: names under localhost. always are the machine itself.
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
