"""POST ``/signout``: end the session."""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.guards import check_csrf
from authwire.core.replies import redirect
from authwire.core.sessions import sessions_of
from authwire.http import Response
from authwire.models import U

__all__ = ["signout"]


async def signout(ctx: Context[U]) -> Response:
    """Forget the session here and in the browser.

    Raises:
        MissingCSRF: if the POST is not from a page of ours.
    """
    check_csrf(ctx)
    await sessions_of(ctx.engine).end(ctx)
    return redirect(ctx.callback_url)
