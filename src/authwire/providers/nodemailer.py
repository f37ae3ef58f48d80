"""SMTP, under the name that Auth.js has for it.

https://www.rfc-editor.org/rfc/rfc5321
"""

from __future__ import annotations

from typing import Unpack

from authwire.providers._senders import EmailOptions
from authwire.providers._types import Email

__all__ = ["Nodemailer"]


def Nodemailer(*, server: str, **options: Unpack[EmailOptions]) -> Email:
    """`Email` with the id ``nodemailer``, for a front end or rows that know that id.

    Args:
        server: ``smtp://user:password@host:587`` or ``smtps://host:465``.
    """
    chosen: EmailOptions = {"id": "nodemailer", "name": "Nodemailer", **options}
    return Email(server=server, **chosen)
