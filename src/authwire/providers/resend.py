"""Resend.

https://resend.com/docs/api-reference/emails/send-email
"""

from __future__ import annotations

from typing import Unpack

from authwire.http import HttpRequest
from authwire.providers._senders import ApiSender, SenderOptions, bearer, json_post
from authwire.providers._types import Email, VerificationRequest

__all__ = ["Resend"]


def Resend(**options: Unpack[SenderOptions]) -> Email:
    """Magic links through Resend. ``sender`` is of a domain that you verified there."""
    chosen: SenderOptions = {"id": "resend", "name": "Resend", **options}
    return Email(send=ApiSender(service="Resend", build=_request), **chosen)


def _request(mail: VerificationRequest, key: str) -> HttpRequest:
    body = {
        "from": mail.message.sender,
        "to": mail.message.to,
        "subject": mail.message.subject,
        "html": mail.message.html,
        "text": mail.message.text,
    }
    return json_post("https://api.resend.com/emails", body, bearer(key))
