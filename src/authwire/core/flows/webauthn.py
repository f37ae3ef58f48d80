"""Passkeys: the routes are here, the ceremonies are not implemented yet.

Everything about them fails closed with an error that says so.
"""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.identity import Proof
from authwire.core.replies import redirect
from authwire.errors import WebAuthnVerificationError
from authwire.http import Response
from authwire.models import U

__all__ = ["NOT_YET", "WebAuthnFlow"]

NOT_YET = "passkeys are not implemented in this version of Authwire · fix: remove the provider"


class WebAuthnFlow:
    """Refuses."""

    csrf_on_callback = False

    async def begin(self, ctx: Context[U]) -> Response:
        """As in Auth.js: the ceremony starts from the page, not from here."""
        return redirect(f"{ctx.base_url}/signin")

    async def finish(self, ctx: Context[U]) -> Proof[U]:
        """Refuse.

        Raises:
            WebAuthnVerificationError: always.
        """
        ctx.engine.log.warning("webauthn", NOT_YET)
        raise WebAuthnVerificationError(NOT_YET)
