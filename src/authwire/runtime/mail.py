"""Mail over SMTP (RFC 5321), with aiosmtplib in async apps and smtplib in sync ones."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import anyio

from authwire.errors import EmailSignInError
from authwire.ports import MailMessage

__all__ = ["AioSmtpMailer", "SmtpServer", "SmtplibMailer", "parse_server"]

_STEP_SECONDS = 10.0
_TOTAL_SECONDS = 30.0
# What an address may not hold if it is to be one plain address (RFC 5322 §3.2.3, specials).
_SPECIALS = frozenset('()<>[]:;\\,"')
# EHLO with an address literal, because looking up our own name can take seconds.
_EHLO = "[127.0.0.1]"

StartTLS = Literal["offered", "required", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail goes."""

    host: str
    port: int
    implicit_tls: bool
    """TLS from the first byte (``smtps://``, RFC 8314)."""
    starttls: StartTLS
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


def parse_server(url: str) -> SmtpServer:
    """Read ``smtp://user:password@host:587`` or ``smtps://host:465``.

    User and password are percent-decoded. ``?starttls=required`` refuses to send in the clear,
    ``?starttls=never`` is for a server whose offer is broken. Passwords go to another machine only
    through TLS.

    Raises:
        ValueError: if the URL is not of this form. The message does not repeat it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps"):
        raise ValueError("a mail server is given as smtp://… or smtps://…")
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise ValueError("a mail server URL has a host, perhaps a port, and no path")
    try:
        port = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
    except ValueError:
        raise ValueError("the port or the query of the mail server URL is malformed") from None
    implicit_tls = parts.scheme == "smtps"
    user = unquote(parts.username) if parts.username else None
    default: StartTLS = "required" if user and not _is_loopback(parts.hostname) else "offered"
    starttls = _starttls(options, default)
    if starttls == "never" and default == "required" and not implicit_tls:
        raise ValueError("starttls=never would send the mail password in the clear")
    return SmtpServer(
        host=parts.hostname,
        port=port or (465 if implicit_tls else 587),
        implicit_tls=implicit_tls,
        starttls=starttls,
        user=user,
        password=unquote(parts.password or ""),
    )


class AioSmtpMailer:
    """Sends with aiosmtplib, in an asyncio event loop. Needs the extra ``email``.

    Args:
        tls_context: for a server whose certificate no public CA has signed.
    """

    def __init__(self, *, tls_context: ssl.SSLContext | None = None) -> None:
        self._tls_context = tls_context

    async def send(self, server: str, message: MailMessage) -> None:
        """Deliver ``message``. See `Mailer.send`."""
        try:
            import aiosmtplib
        except ModuleNotFoundError as exc:
            raise EmailSignInError(
                "sending mail needs aiosmtplib: pip install 'authwire[email]'"
            ) from exc
        target = _server(server)
        mail, sender, recipient = _compose(message)
        self._tls_context = self._tls_context or ssl.create_default_context()
        client = aiosmtplib.SMTP(
            hostname=target.host,
            port=target.port,
            local_hostname=_EHLO,
            timeout=_STEP_SECONDS,
            use_tls=target.implicit_tls,
            start_tls=_aiosmtplib_start_tls(target),
            tls_context=self._tls_context,
        )
        try:
            with anyio.fail_after(_TOTAL_SECONDS):
                async with client:
                    if target.user:
                        await client.login(target.user, target.password)
                    await client.send_message(mail, sender=sender, recipients=[recipient])
        except aiosmtplib.SMTPRecipientsRefused as exc:
            code = exc.recipients[0].code if exc.recipients else None
            raise _failure(target, exc, code) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
            raise _failure(target, exc, getattr(exc, "code", None)) from None


class SmtplibMailer:
    """Sends with the standard library. `send` never waits for an event loop, so `drive` can run it.

    In an async app it blocks the loop while it sends: use `AioSmtpMailer` there.

    Args:
        tls_context: for a server whose certificate no public CA has signed.
    """

    def __init__(self, *, tls_context: ssl.SSLContext | None = None) -> None:
        self._tls_context = tls_context

    async def send(self, server: str, message: MailMessage) -> None:
        """Deliver ``message``. See `Mailer.send`."""
        target = _server(server)
        mail, sender, recipient = _compose(message)
        try:
            with self._connect(target) as client:
                self._secure(client, target)
                if target.user:
                    client.login(target.user, target.password)
                client.send_message(mail, from_addr=sender, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as exc:
            code = next((code for code, _ in exc.recipients.values()), None)
            raise _failure(target, exc, code) from None
        except (smtplib.SMTPException, OSError, ValueError) as exc:
            raise _failure(target, exc, getattr(exc, "smtp_code", None)) from None

    def _connect(self, target: SmtpServer) -> smtplib.SMTP:
        if not target.implicit_tls:
            return smtplib.SMTP(target.host, target.port, _EHLO, _STEP_SECONDS)
        return smtplib.SMTP_SSL(
            target.host, target.port, _EHLO, timeout=_STEP_SECONDS, context=self._context()
        )

    def _secure(self, client: smtplib.SMTP, target: SmtpServer) -> None:
        client.ehlo_or_helo_if_needed()
        if target.implicit_tls or target.starttls == "never":
            return
        if target.starttls == "required" or client.has_extn("starttls"):
            client.starttls(context=self._context())  # raises if not offered
            client.ehlo()

    def _context(self) -> ssl.SSLContext:
        self._tls_context = self._tls_context or ssl.create_default_context()
        return self._tls_context


def _compose(message: MailMessage) -> tuple[EmailMessage, str, str]:
    """The mail with its envelope: message, sender, recipient.

    Raises:
        EmailSignInError: if a header would hold more than it should.
    """
    if not (message.subject + message.sender + message.to).isprintable():
        raise EmailSignInError("a line break or control character in a mail header")
    recipient = _address(message.to)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = message.sender
    senders = mail["From"].addresses
    grouped = any(group.display_name is not None for group in mail["From"].groups)
    if len(senders) != 1 or grouped or mail["From"].defects or not senders[0].domain:
        raise EmailSignInError("the sender is not one mail address")
    mail["To"] = recipient
    mail["Subject"] = message.subject
    mail["Date"] = datetime.now(UTC)
    mail["Message-ID"] = make_msgid(domain=senders[0].domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no out-of-office replies, please
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail, senders[0].addr_spec, f"{recipient.username}@{recipient.domain}"


def _address(text: str) -> Address:
    """One plain address; the domain in ASCII (RFC 5891)."""
    username, _, domain = text.rpartition("@")
    if not username or not domain or "@" in username or " " in text or _SPECIALS & set(text):
        raise EmailSignInError("the recipient is not one plain mail address")
    try:
        return Address(username=username, domain=domain.encode("idna").decode("ascii"))
    except ValueError:  # UnicodeError included
        raise EmailSignInError("the recipient's domain is no domain") from None


def _server(url: str) -> SmtpServer:
    try:
        return parse_server(url)
    except ValueError as exc:
        raise EmailSignInError(str(exc)) from None


def _starttls(options: dict[str, str], default: StartTLS) -> StartTLS:
    match options:
        case {"starttls": "required" | "never" as choice} if len(options) == 1:
            return choice
        case {"starttls": "offered"} if len(options) == 1:
            return default  # never weaker than what a password needs
        case _ if not options:
            return default
    raise ValueError("the one option of a mail server URL is starttls=required|offered|never")


def _aiosmtplib_start_tls(target: SmtpServer) -> bool | None:
    """The three states of aiosmtplib: True required, None if offered, False never."""
    if target.implicit_tls or target.starttls == "never":
        return False
    return True if target.starttls == "required" else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _failure(target: SmtpServer, exc: Exception, code: int | None) -> EmailSignInError:
    """The error for the log. The server's own words may repeat the address or the password."""
    reason = type(exc).__name__ if code is None else f"{type(exc).__name__}, SMTP code {code}"
    if isinstance(exc, ssl.SSLError) and exc.reason:
        reason = f"{reason}, {exc.reason}"
    return EmailSignInError(
        f"the mail server at {target.host}:{target.port} did not accept: {reason}"
    )
