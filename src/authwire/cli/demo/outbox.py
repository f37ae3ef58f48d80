"""Mail that is not sent: it waits on a page and in the terminal."""

from __future__ import annotations

import itertools
import sys
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import urlsplit

from authwire.pages.mail import magic_link
from authwire.ports import MailMessage
from authwire.providers import VerificationRequest
from authwire.texts import Texts

__all__ = ["Letter", "Outbox"]

_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail and when it would have been sent."""

    number: int
    at: datetime
    message: MailMessage
    link: str = field(repr=False)

    def preview(self) -> str:
        """The mail as HTML whose links leave the frame that it is shown in."""
        return self.message.html.replace("<head>", '<head><base target="_top">', 1)


class Outbox:
    """The latest mails, newest first.

    Args:
        terminal: where links are printed.
    """

    def __init__(self, terminal: TextIO | None = None) -> None:
        self._letters: deque[Letter] = deque(maxlen=_KEPT)
        self._numbers = itertools.count(1)
        self._terminal = terminal

    def __len__(self) -> int:
        return len(self._letters)

    def letters(self) -> list[Letter]:
        return list(self._letters)

    def letter(self, number: int) -> Letter | None:
        return next((letter for letter in self._letters if letter.number == number), None)

    def send(self, asked: VerificationRequest) -> None:
        """Keep the mail that SMTP would have got (``Email.send``)."""
        message = magic_link(
            texts=Texts(),
            theme=asked.theme,
            url=asked.url,
            host=urlsplit(asked.url).netloc,
            to=asked.identifier,
            sender=asked.provider.sender,
        )
        letter = Letter(
            number=next(self._numbers),
            at=datetime.now(UTC),
            message=message,
            link=asked.url,
        )
        self._letters.appendleft(letter)
        out = self._terminal or sys.stdout
        print(f"\n  Mail to {message.to}: {message.subject}\n  {asked.url}\n", file=out, flush=True)
