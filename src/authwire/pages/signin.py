"""What the providers show on the sign-in page: a button, a form, or nothing.

Where each form posts to and which fields it carries is what clients of Auth.js rely on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from markupsafe import Markup

from authwire.http import quote_component
from authwire.pages.marks import icon, logo
from authwire.pages.template import clean, fill_text, slot
from authwire.pages.theme import image_source
from authwire.providers._types import (
    Credentials,
    Email,
    FormField,
    OAuth2,
    Provider,
    WebAuthn,
)
from authwire.texts import Texts

__all__ = ["alerts", "signin_body", "visible"]

_ATTRIBUTE: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
# Attributes that a field's own settings make, that would move the form, or that CSP forbids.
_RESERVED: Final = frozenset(
    {
        *("autocomplete", "placeholder", "required"),
        *("autofocus", "form", "formaction", "formmethod", "formtarget", "style"),
        *("data-form-field", "id", "name", "type"),
    }
)
_CSRF: Final = Markup('<input type="hidden" name="csrfToken" value="{}">').format(slot("csrf"))
_USER_NAMES: Final = frozenset({"email", "login", "user", "username"})
_CODE_NAMES: Final = frozenset({"code", "otp", "totp"})

_ERRORS: Final[Mapping[str, Callable[[Texts], str]]] = {
    "AccessDenied": lambda texts: texts.access_denied_message,
    "AccountNotLinked": lambda texts: texts.error_account_not_linked,
    "Configuration": lambda texts: texts.error_configuration,
    "CredentialsSignin": lambda texts: texts.error_credentials,
    "EmailCreateAccount": lambda texts: texts.error_oauth,
    "EmailSignin": lambda texts: texts.error_email,
    "MissingCSRF": lambda texts: texts.error_csrf,
    "OAuthAccountNotLinked": lambda texts: texts.error_account_not_linked,
    "OAuthCallbackError": lambda texts: texts.error_oauth,
    "OAuthCreateAccount": lambda texts: texts.error_oauth,
    "OAuthSignin": lambda texts: texts.error_oauth,
    "SessionRequired": lambda texts: texts.error_session_required,
    "Verification": lambda texts: texts.verification_message,
    "WebAuthnVerificationError": lambda texts: texts.error_webauthn,
}
"""Sentences by the word in ``?error=``. The words are Auth.js' old and new ones."""


def alerts(texts: Texts) -> tuple[Mapping[str, Markup], Markup]:
    """The alert for each known error, and the one for all others."""
    mark = icon("alert")

    def alert(sentence: str) -> Markup:
        # "error" is the class that Auth.js' page has, for scripts that look for it.
        return Markup('<div class="alert error" role="alert">{}<p>{}</p></div>').format(
            mark, clean(sentence)
        )

    return {word: alert(of(texts)) for word, of in _ERRORS.items()}, alert(texts.error_signin)


def visible(providers: Sequence[Provider]) -> tuple[Provider, ...]:
    """The providers that have something to show; forms without fields are for custom pages."""
    return tuple(
        provider
        for provider in providers
        if isinstance(provider, (OAuth2, Email)) or provider.fields
    )


def signin_body(texts: Texts, providers: Sequence[Provider]) -> Markup:
    """Buttons and forms of visible providers, in order, with slots for the request's values.

    The slots: ``base``, ``csrf``, ``callback`` (a whole field, or nothing), ``email`` (an attribute,
    or nothing).
    """
    if not providers:
        return Markup('<p class="quiet">{}</p>').format(clean(texts.signin_empty))
    html = []
    for index, provider in enumerate(providers):
        is_form = not isinstance(provider, OAuth2)
        if index and (is_form or not isinstance(providers[index - 1], OAuth2)):
            html.append(Markup('<p class="or">{}</p>').format(clean(texts.divider)))
        words = fill_text(_submit(texts, provider, providers), provider=provider.name)
        match provider:
            case OAuth2():
                html.append(_oauth(provider, words, index))
            case Email():
                html.append(_form("signin", provider, _email(texts, provider, index), words, index))
            case Credentials():
                html.append(_form("callback", provider, _fields(provider, index), words, index))
            case WebAuthn():
                fields = _fields(provider, index) + _no_script(texts)
                extra = _passkey(texts, provider)
                html.append(_form("callback", provider, fields, words, index, passkey=extra))
    return Markup("").join(html)


def _submit(texts: Texts, provider: Provider, providers: Sequence[Provider]) -> str:
    """The words on its button: those of its kind where they tell enough, else with its name."""
    of_kind = {"email": texts.email_submit, "credentials": texts.signin_submit}
    is_alone = sum(other.type == provider.type for other in providers) == 1
    return of_kind.get(provider.type, texts.signin_with) if is_alone else texts.signin_with


def _action(kind: str, provider: Provider) -> Markup:
    return Markup("{}/{}/{}").format(slot("base"), kind, quote_component(provider.id))


def _oauth(provider: Provider, words: Markup, index: int) -> Markup:
    return Markup(
        '<form action="{}" method="post">{}{}'
        '<button class="button b{}" type="submit">{}<span>{}</span></button></form>'
    ).format(
        _action("signin", provider),
        _CSRF,
        slot("callback"),
        index,
        _mark(provider),
        words,
    )


def _mark(provider: Provider) -> Markup:
    style = provider.style
    if style.logo is not None and image_source(style.logo) is not None:
        return Markup('<img src="{}" alt="" width="20" height="20">').format(clean(style.logo))
    return logo(provider.id, provider.name)


def _email(texts: Texts, provider: Email, index: int) -> Markup:
    return Markup(
        '<div class="field"><label for="{0}">{1}</label><input id="{0}" name="email" type="email"'
        ' autocomplete="email" autocapitalize="none" spellcheck="false" placeholder="{2}"'
        " required{3}{4}></div>"
    ).format(
        _input_id("email", provider),
        clean(texts.email_label),
        clean(texts.email_placeholder),
        slot("email"),
        _autofocus(index),
    )


def _fields(provider: Credentials | WebAuthn, index: int) -> Markup:
    html = Markup("")
    for position, (name, field) in enumerate(provider.fields.items()):
        html += _field(provider, name, field, _autofocus(index + position))
    return html


def _form(
    kind: str,
    provider: Provider,
    inputs: Markup,
    submit: Markup,
    index: int,
    *,
    passkey: Markup | None = None,
) -> Markup:
    brand = " main" if not provider.style.brand else ""
    return Markup(
        '<form action="{}" method="post" aria-label="{}"{}>{}{}'
        '<button class="button{} b{}" type="submit"><span>{}</span></button></form>'
    ).format(
        _action(kind, provider),
        clean(provider.name),
        passkey or "",
        _CSRF,
        inputs,
        brand,
        index,
        submit,
    )


def _passkey(texts: Texts, provider: WebAuthn) -> Markup:
    """What the script must know of its form: the provider, and what to say."""
    return Markup(
        ' id="{0}-form" data-passkey="{0}" data-cancelled="{1}" data-unsupported="{2}"'
        ' data-registered="{3}" data-invalid="{4}" data-failed="{5}" data-missing="{6}"{7}'
    ).format(
        clean(provider.id),
        clean(texts.passkey_cancelled),
        clean(texts.passkey_unsupported),
        clean(texts.passkey_registered),
        clean(texts.passkey_invalid),
        clean(texts.error_webauthn),
        clean(texts.passkey_missing),
        Markup(" data-conditional") if provider.enable_conditional_ui else "",
    )


def _no_script(texts: Texts) -> Markup:
    return Markup('<noscript><p class="note">{}</p></noscript>').format(
        clean(texts.passkey_needs_script)
    )


def _field(provider: Provider, name: str, field: FormField, focus: Markup) -> Markup:
    input_id = _input_id(name, provider)
    kind = field.type.lower()
    attributes = {
        "id": input_id,
        "name": name,
        "type": kind,
        **dict(_attributes(name, kind, field)),
    }
    if provider.type == "webauthn":
        attributes["data-form-field"] = "true"  # how the browser's script finds its inputs
    element = Markup("<input{}{}{}>").format(
        Markup("").join(
            Markup(' {}="{}"').format(key, clean(value)) for key, value in attributes.items()
        ),
        " required" if field.required else "",
        focus,
    )
    if kind == "hidden":
        return element
    return Markup('<div class="field{}"><label for="{}">{}</label>{}</div>').format(
        " check" if kind in ("checkbox", "radio") else "",
        input_id,
        clean(name if field.label is None else field.label),
        element,
    )


def _attributes(name: str, kind: str, field: FormField) -> Iterator[tuple[str, str]]:
    """What the config chose or leaves to us; more attributes only if they do no harm."""
    autocomplete = field.autocomplete or _autocomplete(name.lower(), kind)
    if autocomplete:
        yield "autocomplete", autocomplete
    if field.placeholder is not None:
        yield "placeholder", field.placeholder
    for key, value in field.attributes.items():
        attribute = key.lower()
        if (
            _ATTRIBUTE.match(attribute)
            and attribute not in _RESERVED
            and not attribute.startswith("on")
        ):
            yield attribute, value


def _autocomplete(name: str, kind: str) -> str | None:
    """What a password manager should fill in, where the field's name or type tells."""
    if kind == "password":
        return "current-password"
    if kind == "email" or name in _USER_NAMES:
        return "username"
    return "one-time-code" if name in _CODE_NAMES else None


def _input_id(field: str, provider: Provider) -> Markup:
    return Markup("input-{}-for-{}-provider").format(clean(field), clean(provider.id))


def _autofocus(index: int) -> Markup:
    # Only where nothing comes before it: focus must not skip the buttons for those who can't see.
    return Markup("") if index else Markup(" autofocus")
