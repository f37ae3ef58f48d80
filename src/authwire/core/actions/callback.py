"""``/callback/:provider``: where every sign-in ends."""

from __future__ import annotations

from authwire.config import SignInEvent, SignInParams
from authwire.core.context import Context
from authwire.core.flows import FLOWS
from authwire.core.guards import check_csrf, resolve_redirect
from authwire.core.identity import Identity, Proof
from authwire.core.linking import link
from authwire.core.replies import redirect
from authwire.core.sessions import sessions_of
from authwire.core.urls import with_params
from authwire.errors import AccessDenied, AuthError, CallbackRouteError
from authwire.http import Response
from authwire.models import U

__all__ = ["callback", "complete"]


async def callback(ctx: Context[U]) -> Response:
    """Finish a sign-in: prove → permit → link → start the session → redirect.

    Raises:
        CallbackRouteError: for failures that are no `AuthError` of their own.
    """
    flow = FLOWS[ctx.provider.type]
    if flow.csrf_on_callback and ctx.request.method == "POST":
        check_csrf(ctx)
    try:
        proof = await flow.finish(ctx)
        if isinstance(proof, Response):
            return proof
        return await complete(ctx, proof)
    except AuthError:
        raise
    except Exception as exc:
        raise CallbackRouteError(f"the callback of {ctx.provider.id} failed") from exc


async def complete(ctx: Context[U], proof: Proof[U]) -> Response:
    """From the proof on, the same for every flow."""
    elsewhere = await _permit(ctx, proof)
    if elsewhere is not None:
        return elsewhere
    identity = await link(ctx, proof)
    ctx.engine.log.debug("%s: signed in user %s", ctx.provider.id, identity.user.id)
    await sessions_of(ctx.engine).start(ctx, identity)
    await ctx.engine.events.emit(
        "sign_in",
        SignInEvent(
            user=identity.user,
            account=identity.account,
            tokens=identity.tokens,
            profile=identity.profile,
            is_new_user=identity.is_new_user,
        ),
    )
    return _after_sign_in(ctx, identity)


async def _permit(ctx: Context[U], proof: Proof[U]) -> Response | None:
    """Ask the ``sign_in`` callback; a response sends the browser elsewhere, without a session.

    Raises:
        AccessDenied: if it says no, or fails with anything but an `AuthError`.
    """
    sign_in = ctx.engine.callbacks.sign_in
    if sign_in is None:
        return None
    user, account, database = proof.user, proof.account, ctx.engine.database
    if database is not None and account.type in ("oauth", "oidc"):
        owner = await database.get_user_by_account(account.provider, account.provider_account_id)
        user = owner or user
    try:
        verdict = await sign_in(
            SignInParams(
                user=user,
                account=account,
                tokens=proof.tokens,
                profile=proof.profile,
                credentials=proof.credentials,
            )
        )
    except AuthError:
        raise
    except Exception as exc:
        raise AccessDenied("the sign_in callback failed") from exc
    if isinstance(verdict, str) and verdict:
        return redirect(await resolve_redirect(ctx, verdict))
    if not verdict:
        raise AccessDenied("the sign_in callback refused")
    return None


def _after_sign_in(ctx: Context[U], identity: Identity[U]) -> Response:
    """Back to where the user wanted to go; a new one by way of ``pages.new_user``."""
    new_user = ctx.engine.pages.new_user
    if identity.is_new_user and new_user:
        return redirect(with_params(new_user, {"callbackUrl": ctx.callback_url}))
    return redirect(ctx.callback_url)
