from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest

from authwire import Callbacks, Events, SessionConfig, SignInParams, User
from authwire.errors import EmailSignInError
from authwire.ports import MailMessage
from authwire.providers import VerificationRequest

SECRET = "test-secret-0123456789abcdef0123456789abcdef"


def start(world: Any, **changes: Any) -> Any:
    email = changes.pop("email", None) or world.email()
    changes.setdefault("adapter", world.adapter)
    return world.browser(providers=[*world.config().providers, email], **changes)


def ask(browser: Any, address: str = "Ada@Example.com", **fields: Any) -> Any:
    return browser.post("signin/email", email=address, **fields)


def open_link(browser: Any, mail: VerificationRequest, method: str = "GET") -> Any:
    parts = urlsplit(mail.url)
    return browser.send(method, parts.path, query=parts.query)


def test_a_link_signs_its_owner_in_and_makes_a_verified_user(world: Any) -> None:
    browser = start(world)
    answer = ask(browser, callbackUrl="/dash")
    assert answer.location == "http://localhost:3000/auth/verify-request?provider=email&type=email"
    (mail,) = world.mails
    assert mail.identifier == "ada@example.com"
    assert open_link(browser, mail).location == "http://localhost:3000/dash"
    assert browser.session()["user"]["email"] == "ada@example.com"
    (user,) = world.adapter.users
    assert user.email_verified == world.clock.now


def test_the_link_works_in_another_browser_too(world: Any) -> None:
    browser = start(world)
    ask(browser, callbackUrl="/dash")
    other = type(browser)(browser.auth)
    assert open_link(other, world.mails[0]).location == "http://localhost:3000/dash"
    assert other.session() is not None


def test_the_database_holds_only_a_hash_of_the_token(world: Any) -> None:
    ask(start(world))
    (row,) = world.adapter.verification_tokens
    (mail,) = world.mails
    assert len(bytes.fromhex(mail.token)) == 32
    assert row.token == hashlib.sha256((mail.token + SECRET).encode()).hexdigest()
    assert row.expires == world.clock.now + timedelta(hours=24)


def test_the_row_is_stored_before_the_mail_goes_out(world: Any) -> None:
    rows: list[int] = []

    def send(_request: VerificationRequest) -> None:
        rows.append(len(world.adapter.verification_tokens))

    ask(start(world, email=world.email(send=send)))
    assert rows == [1]


def test_a_link_can_be_used_once(world: Any) -> None:
    browser = start(world)
    ask(browser)
    open_link(browser, world.mails[0])
    again = open_link(type(browser)(browser.auth), world.mails[0])
    assert again.location == "http://localhost:3000/auth/error?error=Verification"


def test_an_expired_link_is_refused(world: Any) -> None:
    browser = start(world, email=world.email(max_age=timedelta(minutes=10)))
    ask(browser)
    world.clock.forward(minutes=11)
    assert "error=Verification" in open_link(browser, world.mails[0]).location
    assert browser.session() is None


def test_a_link_for_another_address_is_refused_and_stays_valid(world: Any) -> None:
    browser = start(world)
    ask(browser)
    mail = world.mails[0]
    token = parse_qs(urlsplit(mail.url).query)["token"][0]
    forged = browser.get("callback/email", f"token={token}&email=eve%40example.com")
    assert "error=Verification" in forged.location
    assert browser.session() is None
    assert open_link(browser, mail).location == "http://localhost:3000"


def test_a_link_without_its_token_is_refused(world: Any) -> None:
    browser = start(world)
    ask(browser)
    answer = browser.get("callback/email", "email=ada%40example.com")
    assert answer.location == "http://localhost:3000/auth/error?error=Configuration"


def test_a_confirm_page_keeps_mail_scanners_from_burning_the_link(world: Any) -> None:
    browser = start(world, email=world.email(confirm=True))
    ask(browser)
    for _ in range(3):
        page = open_link(browser, world.mails[0])
        assert page.status == 200
        assert b"<form" in page.body
    assert len(world.adapter.verification_tokens) == 1
    assert open_link(browser, world.mails[0], "POST").location == "http://localhost:3000"
    assert browser.session() is not None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "a@b@c",
        '"a@evil.example"@example.com',
        "a\r\nBcc: x@y.z",
        "a\uff20b@c",
    ],
)
def test_no_mail_goes_to_what_is_no_plain_address(world: Any, address: str) -> None:
    browser = start(world)
    answer = ask(browser, address)
    assert answer.location == "http://localhost:3000/auth/error?error=Configuration"
    assert (world.mails, world.adapter.verification_tokens) == ([], [])


def test_an_address_posted_as_json_array_is_refused(world: Any) -> None:
    browser = start(world)
    body = {"csrfToken": browser.csrf(), "email": ["ada@example.com"]}
    assert "error=Configuration" in browser.send("POST", "/auth/signin/email", body=body).location
    assert world.mails == []


def test_the_sign_in_callback_can_refuse_to_send(world: Any) -> None:
    def sign_in(params: SignInParams) -> bool:
        return not params.verification_request

    browser = start(world, callbacks=Callbacks(sign_in=sign_in))
    assert "error=AccessDenied" in ask(browser).location
    assert world.mails == []


def test_the_sign_in_callback_can_send_the_asker_elsewhere(world: Any) -> None:
    browser = start(world, callbacks=Callbacks(sign_in=lambda _params: "/waiting-list"))
    assert ask(browser).location == "http://localhost:3000/waiting-list"
    assert world.mails == []


def test_a_sign_in_callback_that_fails_says_no(world: Any) -> None:
    def sign_in(_params: SignInParams) -> bool:
        raise LookupError("a fault of the app")

    assert "error=AccessDenied" in ask(start(world, callbacks=Callbacks(sign_in=sign_in))).location
    assert world.mails == []


def test_a_mail_server_that_fails_signs_nobody_in_and_leaks_nothing(world: Any) -> None:
    class Mailer:
        async def send(self, server: str, message: MailMessage) -> None:
            raise EmailSignInError("the server said 421")

    browser = start(
        world, email=world.email(send=None, server="smtp://u:hunter2@mail.example"), mailer=Mailer()
    )
    answer = ask(browser)
    assert answer.location == "http://localhost:3000/auth/signin?error=Configuration"
    assert not any("hunter2" in line or "ada@" in line.lower() for line in world.log.lines)


def test_the_built_in_mail_names_the_host_and_carries_the_link(world: Any) -> None:
    sent: list[tuple[str, MailMessage]] = []

    class Mailer:
        async def send(self, server: str, message: MailMessage) -> None:
            sent.append((server, message))

    ask(start(world, email=world.email(send=None, server="smtp://mail.example"), mailer=Mailer()))
    ((server, message),) = sent
    assert server == "smtp://mail.example"
    assert message.to == "ada@example.com"
    assert "http://localhost:3000/auth/callback/email?callbackUrl=" in message.text
    assert "localhost:3000" in message.subject


def test_a_known_user_keeps_everything_but_is_marked_verified(world: Any) -> None:
    updated: list[Any] = []
    anyio.run(world.adapter.create_user, User(id="u1", name="Ada", email="ada@example.com"))
    browser = start(world, events=Events(update_user=updated.append))
    ask(browser)
    open_link(browser, world.mails[0])
    (user,) = world.adapter.users
    assert (user.id, user.name, user.email_verified) == ("u1", "Ada", world.clock.now)
    assert [event.user for event in updated] == [user]


def test_opening_a_link_ends_the_database_session_of_somebody_else(world: Any) -> None:
    anyio.run(world.adapter.create_user, User(id="u1", email="bob@example.com"))
    browser = start(world, session=SessionConfig(strategy="database"))
    browser.sign_in("ada")
    assert [row.user_id for row in world.adapter.sessions] == ["id-ada"]
    ask(browser, "bob@example.com")
    open_link(browser, world.mails[0])
    assert [row.user_id for row in world.adapter.sessions] == ["u1"]


def test_fifty_openings_at_once_make_one_session(world: Any) -> None:
    browser = start(world, session=SessionConfig(strategy="database"))
    ask(browser)
    parts = urlsplit(world.mails[0].url)
    answers: list[str] = []

    def one() -> None:
        answers.append(
            type(browser)(browser.auth).send("GET", parts.path, query=parts.query).location
        )

    async def in_threads() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(anyio.to_thread.run_sync, one)

    anyio.run(in_threads)
    assert len(world.adapter.sessions) == 1
    assert sum("error" not in location for location in answers) == 1
