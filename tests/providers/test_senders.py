"""Mail services: the exact request, and what becomes of an error, through a whole `SyncAuth` and `Auth`."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from tests.core.harness import Browser, World

from authwire import SyncAuth, Texts, Theme
from authwire.errors import ConfigError, ProviderUnreachable
from authwire.http import Headers, HttpRequest, HttpResponse
from authwire.providers import (
    Email,
    ForwardEmail,
    Loops,
    MailGun,
    Nodemailer,
    Postmark,
    Resend,
    SendGrid,
)

KEY = "re_Key-0123456789"
SENDER = "App <login@app.example>"
ANN = "ann@corp.example"
OK = HttpResponse(status=202, body=b'{"id": "1"}')


@dataclass
class Service:
    """Stands where the network begins."""

    answer: HttpResponse | Exception = OK
    requests: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @property
    def header(self) -> Headers:
        return Headers(self.requests[0].headers)

    @property
    def json(self) -> Any:
        return json.loads(self.requests[0].body or b"")


@dataclass
class Post:
    """A world with one mail service in it."""

    world: World
    service: Service

    def ask(self, provider: Email, address: str = ANN, **config: Any) -> str | None:
        """Ask for a link; where the browser is led."""
        browser = self.browser(provider, **config)
        return browser.post(f"signin/{provider.id}", email=address).location

    def browser(self, provider: Email, **config: Any) -> Browser:
        options = {
            "providers": [provider],
            "adapter": self.world.adapter,
            "http_client": self.service,
        }
        return self.world.browser(**(options | config))

    @property
    def log(self) -> str:
        return "\n".join(self.world.log.lines)


@pytest.fixture(params=["inline", "anyio"])
def post(request: pytest.FixtureRequest) -> Post:
    return Post(World(request.param), Service())


Make = Callable[..., Email]
SERVICES: list[Make] = [
    Resend,
    SendGrid,
    Postmark,
    MailGun,
    ForwardEmail,
    lambda **options: Loops(transactional_id="tx_1", **options),
]
IDS = ["resend", "sendgrid", "postmark", "mailgun", "forwardemail", "loops"]
every_service = pytest.mark.parametrize("make", SERVICES, ids=IDS)


def link_in(request: HttpRequest) -> str:
    """The link in the plain text of a mail, or alone."""
    raw = (request.body or b"").decode()
    texts = texts_in(json.loads(raw)) if raw.startswith("{") else dict(parse_qsl(raw)).values()
    links = [
        found[0]
        for text in texts
        if "<" not in text
        and (found := re.search(r"http://localhost:3000/auth/callback/\S+", text))
    ]
    assert len(links) == 1, raw
    return links[0]


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in inside for text in texts_in(item)]


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@every_service
def test_a_link_is_sent_and_signs_in(post: Post, make: Make) -> None:
    provider = make(api_key=KEY, sender=SENDER)
    browser = post.browser(provider)
    location = browser.post(f"signin/{provider.id}", email=ANN).location
    assert (location or "").endswith(f"verify-request?provider={provider.id}&type=email")
    [request] = post.service.requests
    browser.follow(link_in(request))
    assert browser.session()["user"]["email"] == ANN


@every_service
def test_requests_name_their_program_and_what_they_take(post: Post, make: Make) -> None:
    post.ask(make(api_key=KEY, sender=SENDER))
    [request] = post.service.requests
    assert request.method == "POST"
    assert request.url.startswith("https://")
    assert post.service.header.get("user-agent") == "authwire"
    assert post.service.header.get("accept") == "application/json"


@pytest.mark.parametrize(
    ("provider", "url", "authorization"),
    [
        (Resend, "https://api.resend.com/emails", f"Bearer {KEY}"),
        (ForwardEmail, "https://api.forwardemail.net/v1/emails", basic(KEY, "")),
    ],
)
def test_resend_and_forward_email_get_one_flat_object(
    post: Post, provider: Make, url: str, authorization: str
) -> None:
    post.ask(provider(api_key=KEY, sender=SENDER))
    [request] = post.service.requests
    assert request.url == url
    assert post.service.header.get("authorization") == authorization
    assert post.service.header.get("content-type") == "application/json"
    sent = post.service.json
    assert sent.keys() == {"from", "to", "subject", "html", "text"}
    assert (sent["from"], sent["to"]) == (SENDER, ANN)
    assert sent["subject"] == "Sign in to localhost:3000"
    assert "<!doctype html>" in sent["html"]
    assert "<" not in sent["text"]


def test_sendgrid_gets_the_senders_name_apart_and_the_text_first(post: Post) -> None:
    post.ask(SendGrid(api_key=KEY, sender=SENDER))
    assert post.service.requests[0].url == "https://api.sendgrid.com/v3/mail/send"
    assert post.service.header.get("authorization") == f"Bearer {KEY}"
    sent = post.service.json
    assert sent["personalizations"] == [{"to": [{"email": ANN}]}]
    assert sent["from"] == {"email": "login@app.example", "name": "App"}
    assert sent["subject"] == "Sign in to localhost:3000"
    assert [part["type"] for part in sent["content"]] == ["text/plain", "text/html"]
    assert sent["tracking_settings"] == {"click_tracking": {"enable": False, "enable_text": False}}


def test_sendgrid_gets_a_bare_address_without_a_name(post: Post) -> None:
    post.ask(SendGrid(api_key=KEY, sender="login@app.example"))
    assert post.service.json["from"] == {"email": "login@app.example"}


def test_postmark_gets_its_token_in_a_header_of_its_own(post: Post) -> None:
    post.ask(Postmark(api_key=KEY, sender=SENDER, message_stream="sign-ins"))
    assert post.service.requests[0].url == "https://api.postmarkapp.com/email"
    assert post.service.header.get("x-postmark-server-token") == KEY
    assert post.service.header.get("authorization") is None
    sent = post.service.json
    assert (sent["From"], sent["To"]) == (SENDER, ANN)
    assert sent["Subject"] == "Sign in to localhost:3000"
    assert sent["TextBody"].startswith("Sign in to")
    assert sent["HtmlBody"].startswith("<!doctype html>")
    assert (sent["MessageStream"], sent["TrackLinks"]) == ("sign-ins", "None")


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({}, "https://api.mailgun.net/v3/app.example/messages"),
        ({"region": "EU"}, "https://api.eu.mailgun.net/v3/app.example/messages"),
        ({"domain": "mg.app.example"}, "https://api.mailgun.net/v3/mg.app.example/messages"),
        ({"domain": "a/../b"}, "https://api.mailgun.net/v3/a%2F..%2Fb/messages"),
    ],
)
def test_mailgun_gets_a_form_at_the_address_of_the_domain(
    post: Post, options: dict[str, Any], url: str
) -> None:
    post.ask(MailGun(api_key=KEY, sender=SENDER, **options))
    [request] = post.service.requests
    assert request.url == url
    assert post.service.header.get("authorization") == basic("api", KEY)
    assert post.service.header.get("content-type") == "application/x-www-form-urlencoded"
    form = dict(parse_qsl((request.body or b"").decode()))
    assert (form["from"], form["to"], form["o:tracking-clicks"]) == (SENDER, ANN, "no")
    assert form["subject"] == "Sign in to localhost:3000"
    assert form.keys() == {"from", "to", "subject", "html", "text", "o:tracking-clicks"}


def test_loops_gets_the_link_as_a_variable_of_its_template(post: Post) -> None:
    post.ask(Loops(transactional_id="tx_1", api_key=KEY))
    assert post.service.requests[0].url == "https://app.loops.so/api/v1/transactional"
    assert post.service.header.get("authorization") == f"Bearer {KEY}"
    sent = post.service.json
    link = link_in(post.service.requests[0])
    assert sent == {"transactionalId": "tx_1", "email": ANN, "dataVariables": {"url": link}}


@pytest.mark.parametrize("make", [Resend, SendGrid], ids=["resend", "sendgrid"])
def test_the_mail_has_the_themes_colours_and_the_configs_words(post: Post, make: Make) -> None:
    theme = Theme(brand_color="#0a7a55", color_scheme="light")
    texts = replace(Texts(), mail_subject="Komm herein: {host}", lang="de")
    post.ask(make(api_key=KEY, sender=SENDER), theme=theme, texts=texts)
    sent = post.service.json
    html = next(text for text in texts_in(sent) if text.startswith("<!doctype"))
    assert "#0a7a55" in html
    assert 'lang="de"' in html
    assert sent["subject"] == "Komm herein: localhost:3000"
    assert ANN not in html


# --- when it fails ------------------------------------------------------------------------------

REFUSALS = [
    (Resend, 422, {"statusCode": 422, "message": "Invalid `from` field.", "name": "x"}, "`from`"),
    (SendGrid, 403, {"errors": [{"message": "not a verified Sender", "field": "from"}]}, "Sender"),
    (Postmark, 422, {"ErrorCode": 400, "Message": "The signature is not found."}, "signature"),
    (MailGun, 401, b"Forbidden", "Forbidden"),
    (ForwardEmail, 400, {"statusCode": 400, "message": "Domain is not set up"}, "Domain"),
    (SERVICES[5], 404, {"success": False, "message": "Transactional not found"}, "not found"),
]


@pytest.mark.parametrize(("make", "status", "body", "reason"), REFUSALS, ids=IDS)
def test_a_refusal_is_shown_as_our_fault_and_its_reason_logged(
    post: Post, make: Make, status: int, body: Any, reason: str
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    post.service.answer = HttpResponse(status=status, body=raw)
    location = post.ask(make(api_key=KEY, sender=SENDER))
    assert "error=Configuration" in (location or "")
    assert "EmailSignInError" in post.log
    assert f"status {status}" in post.log
    assert reason in post.log


@every_service
def test_the_log_of_a_refusal_tells_no_address_link_or_key(post: Post, make: Make) -> None:
    seen: list[HttpRequest] = []

    async def echo(request: HttpRequest) -> HttpResponse:
        """Says all it heard, in every spelling."""
        seen.append(request)
        link = link_in(request)
        token = link.partition("token=")[2].partition("&")[0]
        words = [ANN, ANN.upper(), quote(ANN), link, quote(link, safe=""), KEY, token]
        body = json.dumps({"message": " and ".join(words)}).replace("@", "\\u0040")
        return HttpResponse(status=400, body=body.encode())

    post.service.send = echo  # type: ignore[method-assign]  # the stub's own behaviour is replaced
    assert "error=Configuration" in (post.ask(make(api_key=KEY, sender=SENDER)) or "")
    log = post.log.lower()
    assert "status 400" in log
    assert seen
    for secret in (ANN, quote(ANN), KEY, "corp.example", "token=", "token%3d"):
        assert secret.lower() not in log, secret
    assert not re.search(r"[0-9a-f]{39}", log)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 100_000, b"x" * 1_000_000, b"null"])
def test_a_refusal_of_any_shape_is_a_short_line(post: Post, body: bytes) -> None:
    post.service.answer = HttpResponse(status=500, body=body)
    post.ask(Resend(api_key=KEY, sender=SENDER))
    [line] = [line for line in post.world.log.lines if line.startswith("error")]
    assert len(line) < 500


@every_service
def test_a_service_out_of_reach_is_an_email_error(post: Post, make: Make) -> None:
    post.service.answer = ProviderUnreachable("connection refused")
    assert "error=Configuration" in (post.ask(make(api_key=KEY, sender=SENDER)) or "")
    assert "cannot be reached" in post.log


def test_a_redirect_is_no_success(post: Post) -> None:
    post.service.answer = HttpResponse(status=302, headers=Headers([("location", "https://x.y")]))
    assert "error=Configuration" in (post.ask(Resend(api_key=KEY, sender=SENDER)) or "")


@pytest.mark.parametrize("address", ["a,b@c.example", "a;b@c.example", "A <b@c.example>", "a@b@c"])
@every_service
def test_nothing_is_sent_to_what_a_service_could_read_as_two_addresses(
    post: Post, make: Make, address: str
) -> None:
    post.ask(make(api_key=KEY, sender=SENDER, normalize_identifier=str), address)
    assert post.service.requests == []
    assert "not one plain mail address" in post.log


@pytest.mark.parametrize("make", [SendGrid, MailGun], ids=["sendgrid", "mailgun"])
def test_a_sender_without_an_address_is_told(post: Post, make: Make) -> None:
    post.ask(make(api_key=KEY, sender="nobody"))
    assert post.service.requests == []
    assert "the sender is not one mail address" in post.log


# --- configuration ------------------------------------------------------------------------------


@every_service
def test_the_key_comes_from_the_environment(make: Make) -> None:
    world, service = World("inline"), Service()
    provider = make(sender=SENDER)
    name = f"AUTH_{provider.id.upper()}_KEY"
    config = world.config(providers=[provider], adapter=world.adapter, http_client=service)
    browser = Browser(SyncAuth(config, environ={name: KEY}))
    browser.post(f"signin/{provider.id}", email=ANN)
    sent = {value for _, value in service.requests[0].headers}
    assert sent & {KEY, f"Bearer {KEY}", basic("api", KEY), basic(KEY, "")}


@every_service
def test_a_missing_key_is_found_at_start_up(make: Make) -> None:
    provider = make()
    world = World("inline")
    with pytest.raises(ConfigError) as caught:
        world.auth(providers=[provider], adapter=world.adapter)
    [problem] = caught.value.problems
    assert problem.type == "MissingApiKey"
    assert f"AUTH_{provider.id.upper()}_KEY" in problem.hint


@pytest.mark.parametrize("key", ["re_1\n", "re_1\r\nx: y", "schlüssel"])
def test_a_key_that_would_break_the_request_is_refused(post: Post, key: str) -> None:
    post.ask(Resend(api_key=key, sender=SENDER))
    assert post.service.requests == []
    assert "missing or malformed" in post.log
    assert key.strip() not in post.log


@every_service
def test_the_key_is_not_in_the_repr(make: Make) -> None:
    assert KEY not in repr(make(api_key=KEY))


def test_options_of_email_can_be_chosen() -> None:
    provider = Resend(id="mail", name="Mail", confirm=True, secret="own")
    assert (provider.id, provider.name, provider.confirm) == ("mail", "Mail", True)
    with pytest.raises(TypeError):
        Resend(apiKey=KEY)  # type: ignore[call-arg]  # the misspelling is the test


def test_nodemailer_is_email_by_smtp_under_another_id() -> None:
    provider = Nodemailer(server="smtp://mail.corp.example", sender=SENDER)
    assert provider == Email(
        id="nodemailer", name="Nodemailer", server="smtp://mail.corp.example", sender=SENDER
    )
