"""Postmark.

https://postmarkapp.com/developer/api/email-api
"""

from __future__ import annotations

from typing import Unpack

from authwire.http import HttpRequest
from authwire.providers._senders import ApiSender, SenderOptions, json_post
from authwire.providers._types import Email, VerificationRequest

__all__ = ["Postmark"]


def Postmark(*, message_stream: str = "outbound", **options: Unpack[SenderOptions]) -> Email:
    """Magic links through Postmark; the key is a server's API token.

    Args:
        message_stream: id of a transactional stream of that server.
    """
    chosen: SenderOptions = {"id": "postmark", "name": "Postmark", **options}

    def build(mail: VerificationRequest, key: str) -> HttpRequest:
        body = {
            "From": mail.message.sender,
            "To": mail.message.to,
            "Subject": mail.message.subject,
            "TextBody": mail.message.text,
            "HtmlBody": mail.message.html,
            "MessageStream": message_stream,
            # A rewritten link would lead through Postmark.
            "TrackLinks": "None",
        }
        token = ("x-postmark-server-token", key)
        return json_post("https://api.postmarkapp.com/email", body, token)

    return Email(send=ApiSender(service="Postmark", build=build), **chosen)
