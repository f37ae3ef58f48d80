"""``{% load authwire %}``: where to sign in and out, and a button for the latter."""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import urlencode

from django.template import Library  # type: ignore[import-untyped]  # Django has no types
from django.urls import reverse  # type: ignore[import-untyped]  # as above
from django.utils.html import format_html  # type: ignore[import-untyped]  # as above

from authwire.integrations.django.django_auth import auth

__all__ = ["register", "sign_in_url", "sign_out_form", "sign_out_url"]

_FORM: Final = (
    '<form method="post" action="{}"><input type="hidden" name="csrfToken" value="{}">'
    '<input type="hidden" name="callbackUrl" value="{}"><button type="submit">{}</button></form>'
)


def sign_in_url(context: Any, callback_url: str | None = None) -> str:
    """The sign-in page, which leads back here, or to ``callback_url``."""
    request = context.get("request")
    if callback_url is None and request is not None:
        callback_url = request.get_full_path()
    url: str = reverse("auth:signin")
    return f"{url}?{urlencode({'callbackUrl': callback_url})}" if callback_url else url


def sign_out_url() -> str:
    """The page that asks whether to sign out."""
    return cast("str", reverse("auth:signout"))


def sign_out_form(context: Any, label: str = "Sign out", callback_url: str = "/") -> str:
    """A button that signs out at once. The template needs the request."""
    token = auth.exchange(context["request"]).csrf_token()
    return cast("str", format_html(_FORM, reverse("auth:signout"), token, callback_url, label))


register = Library()
register.simple_tag(sign_in_url, takes_context=True)
register.simple_tag(sign_out_url)
register.simple_tag(sign_out_form, takes_context=True)
