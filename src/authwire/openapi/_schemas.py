"""The components of the document: what is sent and answered, and what proves who asks."""

from __future__ import annotations

from typing import Final, get_args

from authwire import errors
from authwire.models import JSON, ProviderType
from authwire.openapi._facts import Facts

__all__ = ["error_words", "ref", "schemas", "security_schemes"]

_TEXT: Final = {"type": ["string", "null"]}
_URI: Final = {"type": "string", "format": "uri"}


def ref(name: str) -> JSON:
    """A reference to one of `schemas`."""
    return {"$ref": f"#/components/schemas/{name}"}


def error_words() -> list[str]:
    """The words that a browser may see as ``?error=``."""
    kinds = (
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.AuthError) and kind.client_safe
    )
    return sorted({"Configuration", *(kind.type for kind in kinds)})


def schemas(facts: Facts) -> JSON:
    """Prefixed with ``Auth``, so that they don't meet the app's own."""
    return {
        "AuthUser": _object(
            "What the browser may know of a user: what the session callback says.",
            {"name": _TEXT, "email": _TEXT, "image": _TEXT},
            required=(),
        ),
        "AuthSession": _object(
            "A session. The session callback may add fields.",
            {"user": ref("AuthUser"), "expires": {"type": "string", "format": "date-time"}},
        ),
        "AuthProvider": _object(
            "A way to sign in.",
            {
                "id": _enum(facts.ids()),
                "name": {"type": "string"},
                "type": {"type": "string", "enum": list(get_args(ProviderType))},
                "signinUrl": _URI,
                "callbackUrl": _URI,
            },
        ),
        "AuthProviders": {
            "description": "All ways to sign in, by id, in the order of the configuration.",
            "type": "object",
            "additionalProperties": ref("AuthProvider"),
        },
        "AuthCsrfToken": _object(
            "The token that every POST repeats. It belongs to the cookie that comes along.",
            {"csrfToken": {"type": "string"}},
        ),
        "AuthRedirect": _object(
            "Where to go. After a failure that is a page with the error in its query.",
            {"url": {**_URI, "description": "`?error=` is an AuthError, `?code=` the app's word."}},
        ),
        "AuthError": {
            "description": "What the browser is told of a failure; the log says more.",
            "type": "string",
            "enum": error_words(),
        },
        "AuthFailure": _object(
            "Only the operator can mend it; the log says what.", {"message": {"type": "string"}}
        ),
        "AuthBadRequest": {
            "description": "The path names no action, or the body is not what it says it is.",
            "type": "string",
            "const": "Bad request.",
        },
        "AuthPasskeyOptions": _object(
            "What the browser needs for a passkey ceremony (WebAuthn Level 3, §5.4 and §5.5).",
            {
                "action": {"type": "string", "enum": ["register", "authenticate"]},
                "options": {"type": "object"},
            },
        ),
        "AuthPasskeyRefusal": _object(
            "Nothing can be made of the request.", {"error": {"type": "string"}}
        ),
    }


def security_schemes(facts: Facts) -> JSON:
    """The cookies, and the session's token as programs send it to the app's own routes."""
    found: JSON = {
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": facts.session_cookie,
            "description": "The session. A long one is cut up: `.0`, `.1` … stand behind the name.",
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token of a JWT session, for your own routes that call `get_token`.",
        },
    }
    if facts.csrf:
        found["csrf"] = {
            "type": "apiKey",
            "in": "cookie",
            "name": facts.csrf_cookie,
            "description": "Comes with the CSRF token, and must be sent along with it.",
        }
    return found


def _object(description: str, properties: JSON, *, required: tuple[str, ...] | None = None) -> JSON:
    wanted = list(properties) if required is None else list(required)
    made: JSON = {"description": description, "type": "object", "properties": properties}
    return {**made, "required": wanted} if wanted else made


def _enum(values: list[str] | None) -> JSON:
    return {"type": "string", "enum": values} if values else {"type": "string"}
