"""``/webauthn-options/:provider``: what a browser needs for a passkey ceremony."""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.flows.webauthn import NOT_YET
from authwire.errors import InvalidProvider, WebAuthnVerificationError
from authwire.http import Response
from authwire.models import U

__all__ = ["webauthn_options"]


async def webauthn_options(ctx: Context[U]) -> Response:
    """Refuse what is no passkey provider; the ceremony itself is not implemented yet.

    Raises:
        InvalidProvider: for any other kind of provider.
        WebAuthnVerificationError: for a passkey provider.
    """
    if ctx.provider.type != "webauthn":
        raise InvalidProvider(f"{ctx.provider.id} has no passkeys")
    ctx.engine.log.warning("webauthn", NOT_YET)
    raise WebAuthnVerificationError(NOT_YET)
