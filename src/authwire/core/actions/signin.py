"""POST ``/signin/:provider``: begin a sign-in."""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.flows import FLOWS
from authwire.core.guards import check_csrf
from authwire.core.replies import redirect
from authwire.http import Response
from authwire.models import U

__all__ = ["signin"]


async def signin(ctx: Context[U]) -> Response:
    """Hand over to the provider's flow; without a provider, show the choice.

    Raises:
        MissingCSRF: if the POST is not from a page of ours.
    """
    check_csrf(ctx)
    if ctx.selected is None:
        return redirect(f"{ctx.base_url}/signin")
    ctx.authorization_params = ctx.request.query
    return await FLOWS[ctx.provider.type].begin(ctx)
