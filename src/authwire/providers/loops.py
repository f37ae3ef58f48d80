"""Loops.

https://loops.so/docs/api-reference/send-transactional-email
"""

from __future__ import annotations

from typing import Unpack

from authwire.http import HttpRequest
from authwire.providers._senders import ApiSender, SenderOptions, bearer, json_post
from authwire.providers._types import Email, VerificationRequest

__all__ = ["Loops"]


def Loops(*, transactional_id: str, **options: Unpack[SenderOptions]) -> Email:
    """Magic links through Loops, which writes the mail itself.

    Args:
        transactional_id: of a published transactional mail whose template shows the data variable
            ``url``. Sender, subject and looks are that template's.
    """
    chosen: SenderOptions = {"id": "loops", "name": "Loops", **options}

    def build(mail: VerificationRequest, key: str) -> HttpRequest:
        body = {
            "transactionalId": transactional_id,
            "email": mail.message.to,
            "dataVariables": {"url": mail.url},
        }
        return json_post("https://app.loops.so/api/v1/transactional", body, bearer(key))

    return Email(send=ApiSender(service="Loops", build=build), **chosen)
