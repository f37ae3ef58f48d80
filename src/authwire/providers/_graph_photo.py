"""The photo of a Microsoft account.

https://learn.microsoft.com/en-us/graph/api/profilephoto-get
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

from authwire.errors import ProtocolError
from authwire.models import TokenSet
from authwire.ports import Http
from authwire.protocol.oauth2 import build_userinfo_request

__all__ = ["PhotoSize", "with_photo"]

PhotoSize: TypeAlias = Literal[48, 64, 96, 120, 240, 360, 432, 504, 648]
"""Pixels; the squares that Graph keeps."""

_KINDS = ("image/jpeg", "image/png", "image/gif")


async def with_photo(size: PhotoSize, http: Http, tokens: TokenSet, profile: Any) -> Any:
    """``profile`` with the photo as a ``data:`` URL; as it was if there is none to be had."""
    url = f"https://graph.microsoft.com/v1.0/me/photos/{size}x{size}/$value"
    try:
        request = build_userinfo_request(url, access_token=tokens.access_token or "")
        headers = tuple(item for item in request.headers if item[0] != "accept")  # it is no JSON
        response = await http.send(replace(request, headers=headers))
    except ProtocolError:
        return profile
    kind = (response.headers.get("content-type") or "").split(";")[0].strip().lower()
    if response.status != HTTPStatus.OK or kind not in _KINDS:
        return profile
    return {**profile, "photo": f"data:{kind};base64,{b64encode(response.body).decode()}"}
