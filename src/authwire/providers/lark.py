"""Lark.

https://open.larksuite.com/document/authentication-management/access-token/obtain-oauth-code
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._lark import LarkProfile, lark
from authwire.providers._types import OAuth2, OAuth2Options

__all__ = ["Lark"]


def Lark(**options: Unpack[OAuth2Options]) -> OAuth2[LarkProfile]:
    """Sign in with Lark, the Feishu of the rest of the world.

    The account id is one that only this app sees. The address is told only if the app may read it.
    """
    return lark("lark", "Lark", "larksuite.com", options)
