from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from authwire.config import Theme
from authwire.pages import PageView, Renderer
from authwire.pages.script import PASSKEY_SCRIPT
from authwire.providers._types import (
    OIDC,
    Credentials,
    Email,
    FormField,
    OAuth2,
    Provider,
    Style,
    WebAuthn,
)
from authwire.texts import Texts

Read = Callable[[Any], Any]

BASE = "https://app.example/auth"
CSRF = ("csrfToken", "hidden", "c5" * 32)
CALLBACK = ("callbackUrl", "hidden", "https://app.example/next")
PASSWORD = Credentials(
    authorize=None,
    fields={
        "username": FormField(label="User name", placeholder="jsmith", required=True),
        "password": FormField(label="Password", type="password"),
    },
)
PIN = Credentials(
    authorize=None,
    id="pin",
    name="Pin",
    fields={
        "pin": FormField(required=True, attributes={"inputmode": "numeric"}),
        "remember": FormField(label="Remember me", type="checkbox"),
        "campaign": FormField(type="hidden", attributes={"value": "x"}),
    },
)
ALL: list[Provider] = [
    OIDC(id="google", name="Google", style=Style(brand="#1a73e8")),
    OAuth2(id="acme", name="Acme"),
    PASSWORD,
    PIN,
    Email(),
    Email(id="code", name="Code"),
    WebAuthn(id="passkey", name="Passkey"),
]


def render(view: PageView, *providers: Provider, theme: Theme | None = None, **extra: Any) -> Any:
    renderer = Renderer(theme=theme or Theme(), providers=providers)
    return renderer.signin(view, **{"callback_url": "https://app.example/next", **extra})


def inputs(form: Any) -> list[tuple[str, str, str | None]]:
    return [
        (node.attributes["name"], node.attributes["type"], node.attributes.get("value"))
        for node in form.all("input")
    ]


# --- the contract -------------------------------------------------------------------------------


def test_each_provider_has_the_form_that_clients_know(read: Read, view: PageView) -> None:
    page = read(render(view, *ALL))
    assert page.one("title").text == "Sign In"
    forms = page.all("form")
    assert [form.attributes["action"] for form in forms] == [
        f"{BASE}/signin/google",
        f"{BASE}/signin/acme",
        f"{BASE}/callback/credentials",
        f"{BASE}/callback/pin",
        f"{BASE}/signin/email",
        f"{BASE}/signin/code",
        f"{BASE}/callback/passkey",
    ]
    assert {form.attributes["method"] for form in forms} == {"post"}
    assert [inputs(form) for form in forms] == [
        [CSRF, CALLBACK],
        [CSRF, CALLBACK],
        [CSRF, ("username", "text", None), ("password", "password", None)],
        [CSRF, ("pin", "text", None), ("remember", "checkbox", None), ("campaign", "hidden", "x")],
        [CSRF, ("email", "email", None)],
        [CSRF, ("email", "email", None)],
        [CSRF, ("email", "text", None)],
    ]


def test_a_passkey_form_can_be_found_by_a_script(read: Read, view: PageView) -> None:
    form = read(render(view, *ALL)).one("form", id="passkey-form")
    assert form.one("input", name="email", data_form_field="true", required=None)


def test_a_passkey_form_has_its_script_and_what_that_says(read: Read, view: PageView) -> None:
    texts = Texts(passkey_cancelled="<Not> used")
    page = read(render(replace(view, texts=texts), *ALL))
    form = page.one("form", id="passkey-form")
    told = {name[5:]: value for name, value in form.attributes.items() if name[:5] == "data-"}
    assert told == {
        "passkey": "passkey",
        "conditional": None,
        "cancelled": "<Not> used",
        "unsupported": texts.passkey_unsupported,
        "registered": texts.passkey_registered,
        "invalid": texts.passkey_invalid,
        "missing": texts.passkey_missing,
        "failed": texts.error_webauthn,
    }
    assert form.one("noscript").text == texts.passkey_needs_script
    script = page.one("script")
    assert script.attributes == {
        "type": "module",
        "src": f"{BASE}/webauthn.js?v={PASSKEY_SCRIPT.version}",
    }


def test_a_passkey_form_without_conditional_ui_says_so(read: Read, view: PageView) -> None:
    page = read(render(view, WebAuthn(enable_conditional_ui=False)))
    assert "data-conditional" not in page.one("form").attributes


@pytest.mark.parametrize(
    ("providers", "scripted"),
    [([WebAuthn()], True), ([PASSWORD], False), ([WebAuthn(fields={})], False), ([], False)],
)
def test_only_a_page_with_a_passkey_form_may_run_scripts(
    read: Read, view: PageView, providers: list[Provider], scripted: bool
) -> None:
    answer = render(view, *providers)
    policy = dict(answer.headers)["content-security-policy"]
    assert ("script-src 'self'; connect-src 'self'" in policy) == scripted
    assert bool(read(answer).all("script")) == scripted


def test_the_other_pages_of_an_app_with_passkeys_run_no_scripts(view: PageView) -> None:
    renderer = Renderer(theme=Theme(), providers=[WebAuthn()])
    for page in (renderer.signout(view), renderer.error(view, error=None)):
        policy = dict(page.headers)["content-security-policy"]
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
        assert b"<script" not in page.body


def test_without_a_callback_url_there_is_no_such_field(read: Read, view: PageView) -> None:
    page = read(render(view, *ALL, callback_url=""))
    assert not page.all("input", name="callbackUrl")


def test_without_a_csrf_token_its_field_is_empty(read: Read, view: PageView) -> None:
    page = read(render(replace(view, csrf_token=None), *ALL))
    assert {node.attributes["value"] for node in page.all("input", name="csrfToken")} == {""}


def test_an_address_fills_the_magic_link_forms_only(read: Read, view: PageView) -> None:
    page = read(render(view, *ALL, email="jo@mail.example"))
    filled = page.all("input", value="jo@mail.example")
    assert [node.attributes["id"] for node in filled] == [
        "input-email-for-email-provider",
        "input-email-for-code-provider",
    ]


@pytest.mark.parametrize("provider", [Credentials(authorize=None), WebAuthn(fields={})])
def test_a_provider_without_fields_is_not_shown(
    read: Read, view: PageView, provider: Provider
) -> None:
    page = read(render(view, provider))
    assert not page.all("form")
    assert view.texts.signin_empty in page.text


def test_an_id_is_encoded_in_the_url_of_its_form(read: Read, view: PageView) -> None:
    page = read(render(view, OAuth2(id="a/b?c", name="x")))
    assert page.one("form").attributes["action"] == f"{BASE}/signin/a%2Fb%3Fc"


# --- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "field"),
    [
        ("Signin", "error_signin"),
        ("OAuthSignin", "error_oauth"),
        ("OAuthCallbackError", "error_oauth"),
        ("OAuthCreateAccount", "error_oauth"),
        ("EmailCreateAccount", "error_oauth"),
        ("Callback", "error_signin"),
        ("OAuthAccountNotLinked", "error_account_not_linked"),
        ("AccountNotLinked", "error_account_not_linked"),
        ("EmailSignin", "error_email"),
        ("CredentialsSignin", "error_credentials"),
        ("SessionRequired", "error_session_required"),
        ("MissingCSRF", "error_csrf"),
        ("WebAuthnVerificationError", "error_webauthn"),
        ("Configuration", "error_configuration"),
        ("AccessDenied", "access_denied_message"),
        ("Verification", "verification_message"),
        ("default", "error_signin"),
        ("toString", "error_signin"),
        ("__class__", "error_signin"),
        ("<script>alert(1)</script>", "error_signin"),
    ],
)
def test_an_error_has_its_sentence(read: Read, view: PageView, error: str, field: str) -> None:
    page = read(render(view, PASSWORD, error=error))
    assert page.one(role="alert").text == getattr(view.texts, field)


@pytest.mark.parametrize("error", [None, ""])
def test_without_an_error_there_is_no_alert(read: Read, view: PageView, error: str | None) -> None:
    assert not read(render(view, PASSWORD, error=error)).all(role="alert")


@given(error=st.text(min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_word_of_an_error_is_never_shown(read: Read, view: PageView, error: str) -> None:
    renderer = Renderer(theme=Theme(), providers=[PASSWORD])
    known = {getattr(view.texts, field.name) for field in fields(Texts)}
    page = read(renderer.signin(view, callback_url="", error=error))
    assert page.one(role="alert").text in known


# --- for everybody ------------------------------------------------------------------------------


def test_every_input_has_a_label_of_its_own(read: Read, view: PageView) -> None:
    page = read(render(view, *ALL))
    seen = [
        node for node in page.all("input") if node.attributes["type"] not in ("hidden", "submit")
    ]
    ids = [node.attributes["id"] for node in seen]
    assert len(ids) == len(set(ids))
    for input_id in ids:
        assert page.one("label", for_=input_id).text.strip()
    every_id = [node.attributes["id"] for node in page.all() if "id" in node.attributes]
    assert len(every_id) == len(set(every_id))


def test_a_field_without_a_label_is_called_by_its_name(read: Read, view: PageView) -> None:
    page = read(render(view, PIN))
    assert page.one("label", for_="input-pin-for-pin-provider").text == "pin"


def test_every_form_with_inputs_and_every_button_has_a_name(read: Read, view: PageView) -> None:
    page = read(render(view, *ALL))
    for form in page.all("form"):
        assert form.one("button", type="submit").text.strip()
        if form.all("label"):
            assert form.attributes["aria-label"]


def test_a_form_that_is_the_only_one_of_its_kind_has_plain_words(
    read: Read, view: PageView
) -> None:
    page = read(render(view, PASSWORD, Email()))
    assert [node.text for node in page.all("button")] == ["Sign in", "Continue with email"]
    page = read(render(view, PASSWORD, PIN, Email(), Email(id="code", name="Code")))
    assert [node.text for node in page.all("button")] == [
        "Sign in with Credentials",
        "Sign in with Pin",
        "Sign in with Email",
        "Sign in with Code",
    ]


def test_password_managers_are_told_what_belongs_where(read: Read, view: PageView) -> None:
    page = read(
        render(
            view,
            Credentials(
                authorize=None,
                fields={
                    "user": FormField(),
                    "mail": FormField(type="email"),
                    "password": FormField(type="password"),
                    "otp": FormField(),
                    "new": FormField(type="password", autocomplete="new-password"),
                    "colour": FormField(),
                },
            ),
            Email(),
            WebAuthn(),
        )
    )
    named = [node for node in page.all("input") if node.attributes["name"] != "csrfToken"]
    assert [node.attributes.get("autocomplete") for node in named] == [
        "username",
        "username",
        "current-password",
        "one-time-code",
        "new-password",
        None,
        "email",
        "username webauthn",
    ]


def test_focus_starts_in_a_form_only_if_nothing_comes_before_it(read: Read, view: PageView) -> None:
    def focused(*providers: Provider) -> list[str]:
        page = read(render(view, *providers))
        return [
            node.attributes["name"] for node in page.all("input") if "autofocus" in node.attributes
        ]

    assert focused(PASSWORD, Email()) == ["username"]
    assert focused(Email(), PASSWORD) == ["email"]
    assert focused(OAuth2(id="x", name="X"), PASSWORD) == []


def test_dividers_stand_around_forms_and_not_between_buttons(read: Read, view: PageView) -> None:
    def kinds(*providers: Provider) -> str:
        main = read(render(view, *providers)).one("main")
        words = {"form": "F", "p": "|"}
        return "".join(words[node.tag] for node in main.children if node.tag in words)

    google, acme = ALL[:2]
    assert kinds(google, acme) == "FF"
    assert kinds(google, acme, PASSWORD, Email()) == "FF|F|F"
    assert kinds(PASSWORD, google, acme) == "F|FF"
    assert kinds(PASSWORD) == "F"


def test_logos_are_local_drawings_unless_a_url_is_given(read: Read, view: PageView) -> None:
    own = OAuth2(id="own", name="Own", style=Style(logo="https://img.example/own.svg"))
    bad = OAuth2(id="bad", name="Bad", style=Style(logo="javascript:alert(1)"))
    forms = read(render(view, ALL[0], own, bad)).all("form")
    assert [len(form.all("svg", aria_hidden="true")) for form in forms] == [1, 0, 1]
    image = forms[1].one("img")
    assert image.attributes["src"] == "https://img.example/own.svg"
    assert image.attributes["alt"] == ""


# --- hostile values -----------------------------------------------------------------------------

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{host}\0csrf\0&amp;"


def assert_harmless(page: Any) -> None:
    for script in page.all("script"):
        assert script.attributes.keys() == {"type", "src"}
        assert script.attributes["src"].endswith(f"/webauthn.js?v={PASSKEY_SCRIPT.version}")
        assert not script.text
    for node in page.all():
        assert "style" not in node.attributes
        assert not [name for name in node.attributes if name.startswith("on")]
        assert not str(node.attributes.get("src", "")).startswith("x")


def test_hostile_values_stay_text(read: Read, view: PageView) -> None:
    field = FormField(
        label=HOSTILE,
        type=HOSTILE,
        placeholder=HOSTILE,
        autocomplete=HOSTILE,
        attributes={
            "onfocus": "alert(1)",
            "ONCLICK": "alert(1)",
            "style": "color:red",
            "formaction": "//evil.example",
            'x"><script>': "1",
            "NAME": "other",
            "data-x": HOSTILE,
        },
    )
    style = Style(brand=HOSTILE, text=HOSTILE, logo=HOSTILE)
    hostile_view = PageView(
        texts=Texts(signin_title=HOSTILE, signin_heading=HOSTILE, divider=HOSTILE, lang=HOSTILE),
        origin=HOSTILE,
        host=HOSTILE,
        base_url=HOSTILE,
        csrf_token=HOSTILE,
    )
    response = render(
        hostile_view,
        OAuth2(id=HOSTILE, name=HOSTILE, style=style),
        Email(id=f"{HOSTILE}2", name=HOSTILE, style=style),
        Credentials(authorize=None, id=f"{HOSTILE}3", name=HOSTILE, fields={HOSTILE: field}),
        WebAuthn(id=f"{HOSTILE}4", name=HOSTILE, fields={HOSTILE: field}),
        theme=Theme(brand_color=HOSTILE, button_text=HOSTILE, logo=HOSTILE),
        callback_url=HOSTILE,
        email=HOSTILE,
        error=HOSTILE,
    )
    page = read(response)
    assert_harmless(page)
    assert len(page.all("form")) == 4
    assert page.all("input", data_x=HOSTILE.replace("\0", ""))
    assert page.all("input", name="callbackUrl", value=HOSTILE.replace("\0", ""))
    assert HOSTILE.replace("\0", "") in page.one("title").text
    assert HOSTILE.encode() not in response.body


@given(name=st.text(), host=st.text(), value=st.text())
@example(name="</button></form>", host="</bdi>", value='"')
@example(name="{provider}", host="\0csrf\0", value="\ud800")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_changes_the_structure_of_the_page(
    read: Read, view: PageView, name: str, host: str, value: str
) -> None:
    providers = [OAuth2(id="x", name=name), Email(name=name)]
    response = render(replace(view, host=host), *providers, callback_url=value, email=value)
    page = read(response)
    assert [node.tag for node in page.one("main").children if not isinstance(node, str)] == [
        "header",
        "form",
        "p",
        "form",
    ]
    assert len(page.all("input")) == 3 + bool(value)
    assert_harmless(page)


# --- languages ----------------------------------------------------------------------------------


def test_all_words_come_from_the_texts(read: Read, view: PageView) -> None:
    german = Texts(
        lang="de",
        signin_title="Anmelden",
        signin_heading="Willkommen",
        signin_intro="bei {host}",
        signin_with="Mit {provider} anmelden",
        signin_submit="Los",
        email_submit="Weiter",
        email_label="E-Mail",
        email_placeholder="du@example.com",
        divider="oder",
        error_csrf="Zu lange gewartet.",
    )
    page = read(render(replace(view, texts=german), ALL[0], Email(), PASSWORD, error="MissingCSRF"))
    assert page.one("html").attributes == {"lang": "de", "dir": "ltr"}
    words = page.one("body").text
    for english in ("Sign in", "Continue", "or", "Email"):
        assert english not in words.split()
    assert "bei app.example" in words
    assert "Mit Google anmelden" in words
    assert page.one(role="alert").text == "Zu lange gewartet."


def test_each_request_gets_its_own_language(read: Read, view: PageView) -> None:
    renderer = Renderer(theme=Theme(), providers=[PASSWORD])
    arabic = Texts(lang="ar", dir="rtl")
    for texts in (view.texts, arabic, view.texts):
        page = read(renderer.signin(replace(view, texts=texts), callback_url=""))
        assert page.one("html").attributes == {"lang": texts.lang, "dir": texts.dir}


def test_many_languages_do_not_pile_up(view: PageView) -> None:
    renderer = Renderer(theme=Theme(), providers=[PASSWORD])
    for number in range(200):
        renderer.signin(replace(view, texts=Texts(lang=f"x-{number}")), callback_url="")
    assert len(renderer._pages) <= 64
