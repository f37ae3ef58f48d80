"""The session cookie, in one piece or in chunks (browsers stop at 4096 bytes)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from authwire.core.context import Context
from authwire.http import Cookie
from authwire.models import U

__all__ = ["CHUNK_SIZE", "clear_session_cookie", "session_token_of", "set_session_cookie"]

_PIECE: Final = re.compile(r"(\.[0-9]{1,3})?\Z")
CHUNK_SIZE: Final = 4096 - 160
"""Characters in one cookie: the limit less what name and attributes take."""
MAX_CHUNKS: Final = 16
"""More than this is no cookie of ours: the codec refuses tokens over 64 KiB."""


def session_token_of(ctx: Context[U]) -> str | None:
    """The session token that the browser sent.

    Only ``name`` itself counts, or ``name.0``, ``name.1``, … without a gap. Where both are there, the
    single cookie wins: chunks are cleared whenever it is set, so they are the leftovers.
    """
    name = ctx.cookies.session_token.name
    single = ctx.request.cookies.get(name)
    if single:
        return single
    chunks: list[str] = []
    while len(chunks) < MAX_CHUNKS and (chunk := ctx.request.cookies.get(f"{name}.{len(chunks)}")):
        chunks.append(chunk)
    return "".join(chunks) or None


def set_session_cookie(ctx: Context[U], token: str, expires: datetime) -> None:
    """Send ``token`` in as many cookies as it needs and clear those it needs no more."""
    spec = ctx.cookies.session_token
    count = -(-len(token) // CHUNK_SIZE)
    names = [spec.name] if count == 1 else [f"{spec.name}.{i}" for i in range(count)]
    for stale in _names_sent(ctx, spec.name):
        if stale not in names:
            ctx.jar.clear(replace(spec, name=stale))
    ctx.jar.add(
        Cookie(name, token[i * CHUNK_SIZE : (i + 1) * CHUNK_SIZE], spec.options, expires)
        for i, name in enumerate(names)
    )


def clear_session_cookie(ctx: Context[U]) -> None:
    """Have the browser forget every piece of the session cookie that it sent."""
    spec = ctx.cookies.session_token
    for name in _names_sent(ctx, spec.name):
        ctx.jar.clear(replace(spec, name=name))


def _names_sent(ctx: Context[U], name: str) -> list[str]:
    cookies = ctx.request.cookies
    return [
        sent
        for sent in cookies
        if sent.startswith(name) and _is_piece(sent, name) and cookies[sent]
    ]


def _is_piece(sent: str, name: str) -> bool:
    return sent == name or _PIECE.match(sent, len(name)) is not None
