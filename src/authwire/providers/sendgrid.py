"""SendGrid.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
"""

from __future__ import annotations

from typing import Unpack

from authwire.http import HttpRequest
from authwire.providers._senders import ApiSender, SenderOptions, address_of, bearer, json_post
from authwire.providers._types import Email, VerificationRequest

__all__ = ["SendGrid"]


def SendGrid(**options: Unpack[SenderOptions]) -> Email:
    """Magic links through Twilio SendGrid. ``sender`` is a verified sender identity there."""
    chosen: SenderOptions = {"id": "sendgrid", "name": "SendGrid", **options}
    return Email(send=ApiSender(service="SendGrid", build=_request), **chosen)


def _request(mail: VerificationRequest, key: str) -> HttpRequest:
    name, address = address_of(mail.message.sender)
    body = {
        "personalizations": [{"to": [{"email": mail.message.to}]}],
        "from": {"email": address, "name": name} if name else {"email": address},
        "subject": mail.message.subject,
        # Plain text comes first: SendGrid refuses another order.
        "content": [
            {"type": "text/plain", "value": mail.message.text},
            {"type": "text/html", "value": mail.message.html},
        ],
        # A rewritten link would lead through SendGrid, which then knows it before the reader does.
        "tracking_settings": {"click_tracking": {"enable": False, "enable_text": False}},
    }
    return json_post("https://api.sendgrid.com/v3/mail/send", body, bearer(key))
