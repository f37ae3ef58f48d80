"""Mailgun.

https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
"""

from __future__ import annotations

from typing import Literal, Unpack
from urllib.parse import quote, urlencode

from authwire.http import HttpRequest
from authwire.providers._senders import ApiSender, SenderOptions, address_of, basic
from authwire.providers._types import Email, VerificationRequest

__all__ = ["MailGun"]

_HOSTS = {"US": "api.mailgun.net", "EU": "api.eu.mailgun.net"}


def MailGun(
    *,
    region: Literal["US", "EU"] = "US",
    domain: str | None = None,
    **options: Unpack[SenderOptions],
) -> Email:
    """Magic links through Mailgun.

    Args:
        region: where the domain is set up at Mailgun.
        domain: the sending domain; that of ``sender`` if not given.
    """
    host = _HOSTS[region]
    chosen: SenderOptions = {"id": "mailgun", "name": "Mailgun", **options}

    def build(mail: VerificationRequest, key: str) -> HttpRequest:
        sending = domain or address_of(mail.message.sender)[1].rpartition("@")[2]
        form = {
            "from": mail.message.sender,
            "to": mail.message.to,
            "subject": mail.message.subject,
            "html": mail.message.html,
            "text": mail.message.text,
            # A rewritten link would lead through Mailgun.
            "o:tracking-clicks": "no",
        }
        return HttpRequest(
            method="POST",
            url=f"https://{host}/v3/{quote(sending, safe='')}/messages",
            headers=(
                ("accept", "application/json"),
                ("content-type", "application/x-www-form-urlencoded"),
                ("user-agent", "authwire"),
                basic("api", key),
            ),
            body=urlencode(form).encode("ascii"),
        )

    return Email(send=ApiSender(service="Mailgun", build=build), **chosen)
