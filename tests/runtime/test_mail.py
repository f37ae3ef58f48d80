from __future__ import annotations

import asyncio
import email
import socket
import ssl
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default as default_policy
from typing import Any, cast

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from hypothesis import given
from hypothesis import strategies as st

from authwire.errors import EmailSignInError
from authwire.ports import MailMessage
from authwire.runtime import AioSmtpMailer, PortalRuntime, SmtplibMailer, drive
from authwire.runtime.mail import parse_server

MESSAGE = MailMessage(
    to="ada@example.org",
    sender="Authwire <no-reply@app.example>",
    subject="Sign in to app.example — grüß dich",
    text="Sign in: https://app.example/auth/callback/email?token=t0ken&email=ada%40example.org\n",
    html='<p><a href="https://app.example/auth/callback/email?token=t0ken">Sign in</a></p>',
)

SECRET = "sesame"
REFUSED = "refused@example.org"

# One loop for the whole module: a TLS connection takes a few more turns of it to close.
LOOP = PortalRuntime()

Send = Callable[[str, MailMessage], None]


class Inbox:
    """An aiosmtpd handler that keeps what arrives."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.encrypted: list[bool] = []

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("refused"):
            return f"550 no mailbox {address} here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, kind: str, data: Any) -> Any:
        login = cast("LoginPassword", data)
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"p@ss:w/rd", handled=False)

    def only_mail(self) -> EmailMessage:
        (envelope,) = self.envelopes
        assert isinstance(envelope.content, bytes)
        return email.message_from_bytes(envelope.content, policy=default_policy)


class Sink(Controller):
    """A real SMTP server in a thread, on a free loopback port."""

    def __init__(self, inbox: Inbox, **options: Any) -> None:
        super().__init__(inbox, hostname="127.0.0.1", port=0, **options)
        self.inbox = inbox

    def _trigger_server(self) -> None:
        # The base class connects to the port it was given, which is 0 here.
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        if self.ssl_context is None:
            super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd is half typed
            return
        # The base class would act as a TLS client with the context of the server.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", self.port), 5) as plain,
            context.wrap_socket(plain) as connection,
        ):
            assert connection.recv(1024).startswith(b"220")


@contextmanager
def sink(**options: Any) -> Iterator[Sink]:
    inbox = Inbox()
    if options.pop("auth", False):
        options |= {"authenticator": inbox.authenticate, "auth_required": True}
    controller = Sink(inbox, **options)
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


@pytest.fixture(scope="module", autouse=True)
def _loop() -> Iterator[None]:
    yield
    LOOP.close()


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def client_tls(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


def sender(kind: str, tls_context: ssl.SSLContext | None = None) -> Send:
    if kind == "smtplib":
        sync_mailer = SmtplibMailer(tls_context=tls_context)
        return lambda server, message: drive(sync_mailer.send(server, message))
    async_mailer = AioSmtpMailer(tls_context=tls_context)
    return lambda server, message: LOOP.run(async_mailer.send(server, message))


@pytest.fixture(params=["smtplib", "aiosmtplib"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def send(kind: str) -> Send:
    return sender(kind)


@pytest.fixture
def send_trusting(kind: str, client_tls: ssl.SSLContext) -> Send:
    return sender(kind, client_tls)


# --- what arrives ---------------------------------------------------------------------------------


def test_mail_arrives_with_text_and_html(send: Send) -> None:
    with sink() as server:
        send(f"smtp://127.0.0.1:{server.port}", MESSAGE)
    envelope = server.inbox.envelopes[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@app.example", ["ada@example.org"])
    mail = server.inbox.only_mail()
    assert mail["Subject"] == MESSAGE.subject
    assert mail["From"] == MESSAGE.sender
    assert mail["To"] == MESSAGE.to
    assert mail["Date"].datetime is not None
    assert mail["Message-ID"].endswith("@app.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert isinstance(plain, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert plain.get_content().replace("\r\n", "\n") == MESSAGE.text
    assert html.get_content_type() == "text/html"
    assert html.get_content().strip() == MESSAGE.html


def test_long_lines_and_dots_arrive_as_they_were(send: Send) -> None:
    text = ".\n..leading dots\n" + "x" * 3000 + "\nünïcode ✓\n"
    with sink() as server:
        send(f"smtp://127.0.0.1:{server.port}", replace(MESSAGE, text=text))
    plain = server.inbox.only_mail().get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == text


def test_domain_of_the_recipient_is_sent_in_ascii(send: Send) -> None:
    with sink() as server:
        send(f"smtp://127.0.0.1:{server.port}", replace(MESSAGE, to="ada@bücher.example"))
    assert server.inbox.envelopes[0].rcpt_tos == ["ada@xn--bcher-kva.example"]


# --- header injection -----------------------------------------------------------------------------


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\0", "\x0b", "\x85", "\u2028"])
@pytest.mark.parametrize("field", ["to", "sender", "subject"])
def test_line_break_in_a_header_is_refused(send: Send, field: str, break_: str) -> None:
    value = f"a@b.example{break_}Bcc: eve@evil.example"
    message = replace(MESSAGE, **{field: value})
    with sink() as server:
        with pytest.raises(EmailSignInError, match="control character"):
            send(f"smtp://127.0.0.1:{server.port}", message)
        assert server.inbox.envelopes == []


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@example.org, eve@evil.example",
        "ada@example.org;eve@evil.example",
        "ada@example.org@evil.example",
        "<eve@evil.example> ada@example.org",
        "Ada <ada@example.org>",
        "ada@example..org",
        '"a b"@example.org',
        "all:ada@example.org;",
        "ada@[127.0.0.1]",
    ],
)
def test_recipient_that_is_not_one_plain_address_is_refused(send: Send, recipient: str) -> None:
    with pytest.raises(EmailSignInError, match="recipient") as e:
        send("smtp://127.0.0.1:1", replace(MESSAGE, to=recipient))
    assert "evil" not in str(e.value)


@pytest.mark.parametrize("address", ["", "nobody", "a@b.example, c@d.example", "<>", "x: a@b.c;"])
def test_sender_that_is_not_one_address_is_refused(send: Send, address: str) -> None:
    with pytest.raises(EmailSignInError, match="the sender"):
        send("smtp://127.0.0.1:1", replace(MESSAGE, sender=address))


# --- TLS and passwords ----------------------------------------------------------------------------


def test_starttls_is_used_where_offered(send_trusting: Send, server_tls: ssl.SSLContext) -> None:
    with sink(tls_context=server_tls) as server:
        send_trusting(f"smtp://127.0.0.1:{server.port}", MESSAGE)
    assert server.inbox.encrypted == [True]


def test_starttls_is_left_out_where_told(send: Send, server_tls: ssl.SSLContext) -> None:
    with sink(tls_context=server_tls) as server:
        send(f"smtp://127.0.0.1:{server.port}?starttls=never", MESSAGE)
    assert server.inbox.encrypted == [False]


def test_mail_stays_here_if_starttls_is_required_but_not_offered(send: Send) -> None:
    with sink() as server:
        with pytest.raises(EmailSignInError, match="did not accept"):
            send(f"smtp://127.0.0.1:{server.port}?starttls=required", MESSAGE)
        assert server.inbox.envelopes == []


def test_unknown_certificate_is_refused(send: Send, server_tls: ssl.SSLContext) -> None:
    with sink(tls_context=server_tls) as server:
        with pytest.raises(EmailSignInError, match="did not accept"):
            send(f"smtp://127.0.0.1:{server.port}", MESSAGE)
        assert server.inbox.envelopes == []


def test_credentials_are_percent_decoded_and_sent_through_tls(
    send_trusting: Send, server_tls: ssl.SSLContext
) -> None:
    with sink(tls_context=server_tls, auth=True) as server:
        send_trusting(f"smtp://us%40er:p%40ss%3Aw%2Frd@127.0.0.1:{server.port}", MESSAGE)
    assert server.inbox.logins == [(b"us@er", b"p@ss:w/rd")]
    assert server.inbox.encrypted == [True]


def test_wrong_password_is_told_without_the_password(
    send_trusting: Send, server_tls: ssl.SSLContext
) -> None:
    with sink(tls_context=server_tls, auth=True) as server:
        with pytest.raises(EmailSignInError, match="SMTP code 535") as e:
            send_trusting(f"smtp://user:{SECRET}@127.0.0.1:{server.port}", MESSAGE)
        assert server.inbox.envelopes == []
    assert_quiet(e.value)


def test_smtps_talks_tls_from_the_first_byte(
    kind: str, client_tls: ssl.SSLContext, server_tls: ssl.SSLContext
) -> None:
    with sink(ssl_context=server_tls) as server:
        url = f"smtps://127.0.0.1:{server.port}"
        sender(kind, client_tls)(url, MESSAGE)
        with pytest.raises(EmailSignInError, match="did not accept"):
            sender(kind)(url, MESSAGE)
    assert len(server.inbox.envelopes) == 1


# --- failures -------------------------------------------------------------------------------------


def assert_quiet(error: EmailSignInError) -> None:
    shown = "".join(traceback.format_exception(error))
    assert SECRET not in shown
    assert REFUSED not in shown


def test_refused_recipient_is_told_without_the_address(send: Send) -> None:
    with sink() as server, pytest.raises(EmailSignInError, match="SMTP code 550") as e:
        send(f"smtp://127.0.0.1:{server.port}", replace(MESSAGE, to=REFUSED))
    assert_quiet(e.value)


def test_server_that_is_not_there_is_told(send: Send) -> None:
    with sink() as server:
        port = server.port
    with pytest.raises(EmailSignInError, match=rf"127\.0\.0\.1:{port} did not accept") as e:
        send(f"smtp://user:{SECRET}@127.0.0.1:{port}", MESSAGE)
    assert_quiet(e.value)


def test_missing_aiosmtplib_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtplib", None)
    with pytest.raises(EmailSignInError, match=r"pip install 'authwire\[email\]'"):
        sender("aiosmtplib")("smtp://127.0.0.1:1", MESSAGE)


# --- the URL --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host", "port", "implicit", "starttls"),
    [
        ("smtp://mail.example", "mail.example", 587, False, "offered"),
        ("smtp://mail.example/", "mail.example", 587, False, "offered"),
        ("smtp://mail.example:25?starttls=required", "mail.example", 25, False, "required"),
        ("smtp://mail.example?starttls=never", "mail.example", 587, False, "never"),
        ("smtp://u:p@mail.example", "mail.example", 587, False, "required"),
        ("smtp://u:p@mail.example?starttls=offered", "mail.example", 587, False, "required"),
        ("smtp://u:p@localhost:1025", "localhost", 1025, False, "offered"),
        ("smtp://u:p@127.0.0.1?starttls=never", "127.0.0.1", 587, False, "never"),
        ("smtp://u:p@[::1]:1025", "::1", 1025, False, "offered"),
        ("smtps://u:p@mail.example", "mail.example", 465, True, "required"),
    ],
)
def test_server_url_is_read(url: str, host: str, port: int, implicit: bool, starttls: str) -> None:
    server = parse_server(url)
    read = (server.host, server.port, server.implicit_tls, server.starttls)
    assert read == (host, port, implicit, starttls)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:587",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:mail",
        "smtp://mail.example:99999",
        "smtp://mail.example/path",
        "smtp://mail.example#x",
        "smtp://mail.example?pool=true",
        "smtp://mail.example?starttls=perhaps",
        "smtp://mail.example?starttls=never&x=1",
        "smtp://u:sesame@mail.example?starttls=never",
        "smtp://u:sesame@[::1",
    ],
)
def test_server_url_that_cannot_be_right_is_refused(send: Send, url: str) -> None:
    with pytest.raises(EmailSignInError) as e:
        send(url, MESSAGE)
    assert "sesame" not in str(e.value)


def test_credentials_stay_out_of_the_repr() -> None:
    assert "sesame" not in repr(parse_server("smtp://sesame:sesame@mail.example"))


@given(st.text())
def test_any_text_is_a_server_or_a_value_error(text: str) -> None:
    try:
        parse_server(f"smtp://{text}")
    except ValueError:
        return
