"""base64url and JSON, strictly: anything that an encoder would not have made is a ValueError."""

from __future__ import annotations

import hmac
import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from json import encoder as json_encoder
from typing import Any, NoReturn

__all__ = ["b64u_decode", "b64u_encode", "json_object", "json_text", "same_text"]

_ENCODE = bytes.maketrans(b"+/", b"-_")
# "+", "/" and "=" belong to the other alphabet and to padding: they become a character that
# a2b_base64 refuses.
_DECODE = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING = (b"", b"", b"==", b"=")
# The last character may carry bits that no byte needs. They must be zero, or one value would have
# several spellings (RFC 4648 §3.5).
_LAST = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


def b64u_encode(data: bytes) -> bytes:
    """base64url without padding (RFC 7515 §2)."""
    return b2a_base64(data, newline=False).translate(_ENCODE).rstrip(b"=")


def b64u_decode(data: bytes) -> bytes:
    """The bytes behind unpadded base64url.

    Raises:
        ValueError: on any character, length or padding that an encoder would not have made.
    """
    rest = len(data) & 3
    if rest == 1 or (rest and data[-1] not in _LAST[rest]):
        raise ValueError("not base64url")
    return a2b_base64(data.translate(_DECODE) + _PADDING[rest], strict_mode=True)


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


_decoder = json.JSONDecoder(parse_constant=_no_constant)
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once  # type: ignore[attr-defined]  # what decode() calls
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_ascii_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def json_object(data: bytes) -> dict[str, Any]:
    """The JSON object in ``data`` (UTF-8).

    Raises:
        ValueError: if it is no JSON, no object, or nested beyond reason.
    """
    text = data.decode("utf-8")
    try:
        try:
            value, end = _scan(text, 0)
        except StopIteration:
            value, end = None, -1
        # Blanks around the value, or an error, are left to the whole decoder.
        if end != len(text):
            value = _decoder.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - bad input, not a bad call
    return value


def _make_encode() -> Callable[[object], str]:
    """``_encoder.encode``, without making the encoder anew for each value, where that is possible."""
    make: Any = getattr(json_encoder, "c_make_encoder", None)  # CPython's, written in C
    if make is None:
        return _encoder.encode
    quoted = json_encoder.encode_basestring
    in_one_go = make(None, _encoder.default, quoted, None, ":", ",", False, False, False)

    def encode(value: object) -> str:
        if not isinstance(value, (dict, list, tuple)):
            return _encoder.encode(value)
        try:
            return "".join(in_one_go(value, 0))
        except RecursionError:
            raise ValueError("nested too deeply, or contains itself") from None

    return encode


_encoded = _make_encode()


def json_text(value: object) -> bytes:
    """``value`` as compact JSON in UTF-8; lone surrogates are escaped, as JavaScript does.

    Raises:
        ValueError: on NaN and infinities, and on a structure that contains itself.
        TypeError: on a value that JSON cannot express.
    """
    try:
        return _encoded(value).encode("utf-8")
    except UnicodeEncodeError:
        return _ascii_encoder.encode(value).encode("ascii")


def same_text(left: str, right: str) -> bool:
    """Whether two texts are equal, in constant time."""
    # As bytes: compare_digest takes ASCII text only, and text from JSON may hold lone surrogates.
    return hmac.compare_digest(
        left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass")
    )
