"""Credentials: the app's own ``authorize`` decides."""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.identity import Proof
from authwire.core.replies import redirect
from authwire.errors import CredentialsSignin, UnknownAction
from authwire.http import Response
from authwire.models import Account, U

__all__ = ["CredentialsFlow"]


class CredentialsFlow:
    """Finishes at once: the form posts straight to the callback."""

    csrf_on_callback = True

    async def begin(self, ctx: Context[U]) -> Response:
        """There is nothing to begin: show the form."""
        return redirect(f"{ctx.base_url}/signin")

    async def finish(self, ctx: Context[U]) -> Proof[U]:
        """Ask ``authorize``.

        Raises:
            CredentialsSignin: if it refuses.
            UnknownAction: if this is no POST.
        """
        if ctx.request.method != "POST":
            raise UnknownAction("credentials must be posted")
        user = await ctx.bound.hooks["authorize"](ctx.form, ctx.request)
        if user is None:
            raise CredentialsSignin
        user = ctx.engine.as_user(user, id=str(user.id) if user.id else ctx.engine.new_id())
        account = Account(type="credentials", provider=ctx.provider.id, provider_account_id=user.id)
        return Proof(user=user, account=account, credentials=ctx.form)
