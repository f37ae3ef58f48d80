"""What operations are put together from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from authwire.models import JSON
from authwire.openapi._facts import Facts
from authwire.openapi._schemas import ref

__all__ = [
    "CALLBACK_URL",
    "FAILURE",
    "answer",
    "body",
    "json_of",
    "operation",
    "page",
    "provider_parameter",
    "query",
    "redirects",
    "told_instead",
]

FORM: Final = "application/x-www-form-urlencoded"
CALLBACK_URL: Final[JSON] = {
    "callbackUrl": {
        "type": "string",
        "description": "Where to go afterwards: a path, or a URL of this site.",
    }
}
_COOKIES: Final = {"Set-Cookie": {"description": "Repeated.", "schema": {"type": "string"}}}
_LOCATION: Final = {
    "Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}
}


def operation(
    name: str,
    summary: str,
    responses: JSON,
    *,
    description: str | None = None,
    parameters: Sequence[JSON] = (),
    body: JSON | None = None,
    security: Sequence[JSON] = (),
) -> JSON:
    """An operation; what is empty is left out, but ``security`` never: the app may have a default."""
    made: JSON = {"operationId": f"auth_{name}", "tags": ["auth"], "summary": summary}
    if description:
        made["description"] = description
    if parameters:
        made["parameters"] = list(parameters)
    if body:
        made["requestBody"] = body
    return {**made, "responses": dict(sorted(responses.items())), "security": list(security)}


def answer(description: str) -> JSON:
    """A response without a body."""
    return {"description": description, "headers": _COOKIES}


def json_of(schema: JSON, description: str, *, cookies: bool = False) -> JSON:
    """A response in JSON."""
    made = {"description": description, "content": {"application/json": {"schema": schema}}}
    return {**made, "headers": _COOKIES} if cookies else made


def page(description: str) -> JSON:
    """A response with HTML."""
    content = {"text/html": {"schema": {"type": "string"}}}
    return {"description": description, "content": content, "headers": _COOKIES}


FAILURE: Final = json_of(ref("AuthFailure"), "A fault of the configuration, or an outage.")


def redirects(description: str) -> JSON:
    """The responses of what leads elsewhere."""
    told = "The same address, for who asked to be told (`X-Auth-Return-Redirect`)."
    return {
        "302": {"description": description, "headers": _LOCATION | _COOKIES},
        "200": json_of(ref("AuthRedirect"), told, cookies=True),
        "400": json_of(ref("AuthBadRequest"), "The body is not what it says it is."),
        "500": FAILURE,
    }


def query(name: str, description: str, schema: JSON | None = None) -> JSON:
    """A parameter in the query; all of ours may be left out."""
    kind = schema or {"type": "string"}
    return {"name": name, "in": "query", "description": description, "schema": kind}


def provider_parameter(ids: list[str] | None) -> JSON:
    """The provider in the path."""
    kind = {"type": "string", "enum": ids} if ids else {"type": "string"}
    about = "The provider's id."
    return {
        "name": "provider",
        "in": "path",
        "required": True,
        "description": about,
        "schema": kind,
    }


def told_instead() -> JSON:
    """The header that turns redirects into JSON."""
    about = "Any value: answer with the address in JSON instead of a redirect."
    kind = {"type": "string"}
    return {"name": "X-Auth-Return-Redirect", "in": "header", "description": about, "schema": kind}


def body(
    facts: Facts,
    fields: Mapping[str, Any],
    *media_types: str,
    required: bool = True,
    open_ended: bool = False,
) -> JSON:
    """A body with the CSRF token and ``fields``.

    Args:
        facts: whether there is a CSRF token.
        fields: schemas by name.
        media_types: default: a form, or the same in JSON.
        required: whether the token is.
        open_ended: whether the app has fields of its own.
    """
    token = {"csrfToken": {"type": "string"}} if facts.csrf else {}
    schema: JSON = {"type": "object", "properties": {**token, **fields}}
    if token and required:
        schema["required"] = list(token)
    if open_ended:
        schema["additionalProperties"] = True
    kinds = media_types or (FORM, "application/json")
    return {"required": bool(token) and required, "content": {k: {"schema": schema} for k in kinds}}
