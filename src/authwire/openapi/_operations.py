"""The paths of the document: one function for each action."""

from __future__ import annotations

from typing import Any, Final

from authwire.models import JSON
from authwire.openapi._facts import Facts
from authwire.openapi._parts import (
    CALLBACK_URL,
    FAILURE,
    answer,
    body,
    json_of,
    operation,
    page,
    provider_parameter,
    query,
    redirects,
    told_instead,
)
from authwire.openapi._schemas import ref

__all__ = ["paths"]

_NOBODY: Final = {"type": "null"}
_ERROR: Final = query("error", "What went wrong.", ref("AuthError"))
_SIGN_IN_ERROR: Final = query(
    "error",
    "What went wrong; `SessionRequired` if a page for members led here.",
    {"anyOf": [ref("AuthError"), {"const": "SessionRequired"}]},
)
_POSTED: Final = (
    "Needs the CSRF token, in the body and as its cookie. A failure is a redirect as well, to a page "
    "with `?error=`."
)
_CALLBACK_FIELDS: Final = {
    "code": {"type": "string", "description": "The provider's answer (`form_post`)."},
    "state": {"type": "string", "description": "The provider's answer (`form_post`)."},
    "error": {"type": "string", "description": "The provider's answer (`form_post`)."},
    "action": {
        "type": "string",
        "enum": ["register", "authenticate"],
        "description": "A passkey's answer.",
    },
    "data": {"type": "string", "description": "A passkey's answer: the credential in JSON."},
}
_MAIL_QUERY: Final = (
    query("token", "From the mail with the magic link."),
    query("email", "From the mail with the magic link."),
    query("callbackUrl", "From the mail with the magic link."),
)
_PROVIDER_QUERY: Final = (
    query("code", "The provider's answer."),
    query("state", "The provider's answer."),
    query("error", "The provider's answer."),
    query("iss", "The provider's answer: who it is (RFC 9207)."),
)


def paths(facts: Facts) -> JSON:
    """All operations, by path and method."""
    found: JSON = {
        "/csrf": {"get": _csrf(facts)},
        "/session": {"get": _session(), "post": _update(facts)},
        "/providers": {"get": _providers()},
        "/signin": {"get": _sign_in_page(facts)},
        "/signin/{provider}": {"post": _sign_in(facts)},
        "/callback/{provider}": {"get": _callback(facts), "post": _posted_callback(facts)},
        "/signout": {"get": _sign_out_page(facts), "post": _sign_out(facts)},
        "/error": {"get": _error_page(facts)},
        "/verify-request": {"get": _verify_request_page(facts)},
    }
    if facts.ids("webauthn") != []:
        found["/webauthn-options/{provider}"] = {"get": _passkey_options(facts)}
    return {f"{facts.base_path}{path}": methods for path, methods in found.items()}


# --- JSON -----------------------------------------------------------------------------------------


def _csrf(facts: Facts) -> JSON:
    found = {"200": json_of(ref("AuthCsrfToken"), "The token, and its cookie.", cookies=True)}
    if not facts.csrf:
        found = {"404": answer("The check is switched off: a POST needs no token.")}
    return operation("get_csrf_token", "Get the CSRF token", found | {"500": FAILURE})


def _session() -> JSON:
    session = {"oneOf": [ref("AuthSession"), _NOBODY]}
    return operation(
        "get_session",
        "Who is signed in",
        {
            "200": json_of(session, "The session; null if nobody is signed in.", cookies=True),
            "500": FAILURE,
        },
        description="The session lives on for another while, so its cookie may come anew.",
        security=[{"session": []}, {}],
    )


def _update(facts: Facts) -> JSON:
    session = {"oneOf": [ref("AuthSession"), _NOBODY]}
    refused = {"oneOf": [_NOBODY, ref("AuthBadRequest")]}
    given = {"data": {"description": "For the callbacks, which decide what becomes of it."}}
    return operation(
        "update_session",
        "Change the session",
        {
            "200": json_of(session, "The session; null if nobody is signed in.", cookies=True),
            "400": json_of(refused, "The CSRF token is wrong, or a callback refused."),
            "500": FAILURE,
        },
        description="Runs the callbacks with the trigger `update`.",
        body=body(facts, given, "application/json"),
        security=_security(facts, "session"),
    )


def _providers() -> JSON:
    return operation(
        "get_providers",
        "The ways to sign in",
        {"200": json_of(ref("AuthProviders"), "By id."), "500": FAILURE},
    )


def _passkey_options(facts: Facts) -> JSON:
    action = {"type": "string", "enum": ["register", "authenticate"]}
    return operation(
        "get_passkey_options",
        "Begin a passkey ceremony",
        {
            "200": json_of(
                ref("AuthPasskeyOptions"), "And the cookie of the challenge.", cookies=True
            ),
            "400": json_of(
                {"oneOf": [ref("AuthPasskeyRefusal"), ref("AuthBadRequest")]}, "It makes no sense."
            ),
            "500": FAILURE,
        },
        description="The browser's answer goes to `POST callback/{provider}`.",
        parameters=[
            provider_parameter(facts.ids("webauthn")),
            query("action", "What it is for. Default: the server decides.", action),
            query("email", "Whom it is about. Default: who is signed in, or any passkey."),
        ],
        security=[{"session": []}, {}],
    )


# --- redirects ------------------------------------------------------------------------------------


def _sign_in(facts: Facts) -> JSON:
    given = {"email": {"type": "string", "format": "email", "description": "For a magic link."}}
    return operation(
        "sign_in",
        "Begin a sign-in",
        redirects("To the provider, or to the page that says: look at your mail."),
        description=f"{_POSTED} What else is in the query goes to the provider.",
        parameters=[provider_parameter(facts.ids()), told_instead()],
        body=body(facts, given | CALLBACK_URL),
        security=_security(facts),
    )


def _callback(facts: Facts) -> JSON:
    found = redirects("Into the app, signed in; or to a page with `?error=`.")
    return operation(
        "finish_sign_in",
        "Come back from a provider, or from a mail",
        {
            "200": page("A question first, if the magic links are set to ask."),
            "302": found["302"],
            "500": FAILURE,
        },
        parameters=[
            provider_parameter(facts.ids("oauth", "oidc", "email")),
            *_PROVIDER_QUERY,
            *_MAIL_QUERY,
        ],
    )


def _posted_callback(facts: Facts) -> JSON:
    return operation(
        "finish_sign_in_by_post",
        "Sign in with credentials or a passkey, or come back from a provider that posts",
        redirects("Into the app, signed in; or to a page with `?error=`."),
        description="Credentials need the CSRF token. Their own fields are the app's.",
        parameters=[provider_parameter(facts.ids()), told_instead()],
        body=body(facts, _CALLBACK_FIELDS | CALLBACK_URL, required=False, open_ended=True),
        security=[*_security(facts), {}] if facts.csrf else [],
    )


def _sign_out(facts: Facts) -> JSON:
    return operation(
        "sign_out",
        "Sign out",
        redirects("Back into the app, without the cookie."),
        description=_POSTED,
        parameters=[told_instead()],
        body=body(facts, dict(CALLBACK_URL)),
        security=_security(facts, "session"),
    )


# --- pages ----------------------------------------------------------------------------------------


def _sign_in_page(facts: Facts) -> JSON:
    return operation(
        "sign_in_page",
        "The sign-in page",
        _page(facts, "sign_in", "All ways to sign in."),
        parameters=[query("callbackUrl", "Where to go afterwards."), _SIGN_IN_ERROR],
    )


def _sign_out_page(facts: Facts) -> JSON:
    return operation(
        "sign_out_page", "The sign-out page", _page(facts, "sign_out", "The question.")
    )


def _error_page(facts: Facts) -> JSON:
    found = _page(facts, "error", "What went wrong.")
    if "200" in found:
        found |= {
            "403": page("`AccessDenied` and `Verification`."),
            "500": page("`Configuration`."),
        }
    return operation("error_page", "The error page", found, parameters=[_ERROR])


def _verify_request_page(facts: Facts) -> JSON:
    found = _page(facts, "verify_request", "The request to look at the mail.")
    return operation("verify_request_page", "The page after asking for a magic link", found)


def _page(facts: Facts, name: str, description: str) -> JSON:
    """The built-in page, the app's own, or either if that is not known."""
    own = None if facts.pages is None else getattr(facts.pages, name) is not None
    found: JSON = {} if own else {"200": page(description)}
    if own is not False:
        found |= {"302": redirects("To the app's own page.")["302"]}
    return found | {"500": page("A fault of the configuration.")}


def _security(facts: Facts, *more: str) -> list[dict[str, Any]]:
    needed = [*(["csrf"] if facts.csrf else []), *more]
    return [{name: [] for name in needed}] if needed else []
