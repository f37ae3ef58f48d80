"""Forward Email.

https://forwardemail.net/en/email-api#create-outbound-smtp-email
"""

from __future__ import annotations

from typing import Unpack

from authwire.http import HttpRequest
from authwire.providers._senders import ApiSender, SenderOptions, basic, json_post
from authwire.providers._types import Email, VerificationRequest

__all__ = ["ForwardEmail"]


def ForwardEmail(**options: Unpack[SenderOptions]) -> Email:
    """Magic links through Forward Email. ``sender`` is of a domain set up for outbound mail."""
    chosen: SenderOptions = {"id": "forwardemail", "name": "Forward Email", **options}
    return Email(send=ApiSender(service="Forward Email", build=_request), **chosen)


def _request(mail: VerificationRequest, key: str) -> HttpRequest:
    body = {
        "from": mail.message.sender,
        "to": mail.message.to,
        "subject": mail.message.subject,
        "html": mail.message.html,
        "text": mail.message.text,
    }
    return json_post("https://api.forwardemail.net/v1/emails", body, basic(key, ""))
