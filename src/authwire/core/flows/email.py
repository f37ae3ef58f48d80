"""Magic links: send one, redeem one."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from authwire.config import SignInParams
from authwire.core.context import Context
from authwire.core.guards import resolve_redirect
from authwire.core.identity import Proof
from authwire.core.replies import redirect
from authwire.errors import (
    AccessDenied,
    AdapterError,
    EmailSignInError,
    MalformedRequest,
    Verification,
)
from authwire.http import Response
from authwire.models import Account, U, User, VerificationToken
from authwire.pages.mail import magic_link
from authwire.ports import Adapter, MailMessage
from authwire.providers._types import Email, VerificationRequest

__all__ = ["EmailFlow"]


class EmailFlow:
    """The token is in the mail only; the database holds its hash."""

    csrf_on_callback = False

    async def begin(self, ctx: Context[U]) -> Response:
        """Send a link to the posted address and show "check your e-mail".

        Raises:
            MalformedRequest: if no address that we send to was posted.
            EmailSignInError: if the mail cannot be sent.
            AccessDenied: if the ``sign_in`` callback refuses.
        """
        provider, engine = _provider(ctx), ctx.engine
        identifier = _identifier(ctx, provider)
        user, account = await _user_and_account(ctx, provider, identifier)
        elsewhere = await _permit_request(ctx, user, account)
        if elsewhere is not None:
            return elsewhere
        token = await _new_token(ctx)
        expires = engine.now() + provider.max_age
        # The row comes first: a link that arrives before its row would be refused.
        await _database(ctx).create_verification_token(
            VerificationToken(
                identifier=identifier,
                token=engine.hash_token(token, provider.secret),
                expires=expires,
            )
        )
        query = urlencode({"callbackUrl": ctx.callback_url, "token": token, "email": identifier})
        url = f"{ctx.provider_callback_url}?{query}"
        await _send(
            ctx,
            VerificationRequest(
                identifier=identifier,
                url=url,
                token=token,
                expires=expires,
                provider=provider,
                theme=engine.theme,
                request=ctx.request,
                http=engine.http,
                message=_message(ctx, provider, to=identifier, url=url),
            ),
        )
        engine.log.debug("%s: a link was sent", provider.id)
        query = urlencode({"provider": provider.id, "type": provider.type})
        return redirect(f"{ctx.base_url}/verify-request?{query}")

    async def finish(self, ctx: Context[U]) -> Proof[U] | Response:
        """Redeem the link, once.

        Raises:
            MalformedRequest: if the link has no token.
            Verification: if it is unknown, used, expired, or for another address.
        """
        provider, engine = _provider(ctx), ctx.engine
        query = ctx.request.query
        token, email = query.get("token"), query.get("email")
        if not token:
            raise MalformedRequest("the link has no token: it was cut off, or typed by hand")
        if provider.confirm and ctx.request.method == "GET":
            action = f"{ctx.provider_callback_url}?{ctx.request.query_string}"
            return engine.renderer.confirm(ctx.view(), action=action, email=email)
        invite = await _database(ctx).use_verification_token(
            engine.hash_token(token, provider.secret), email or None
        )
        # The adapter may look the token up without the address, so that is compared here too.
        if (
            invite is None
            or invite.expires < engine.now()
            or (email and invite.identifier != email)
        ):
            raise Verification("the link is unknown, used, expired or for another address")
        user, account = await _user_and_account(ctx, provider, invite.identifier)
        return Proof(user=user, account=account)


def _provider(ctx: Context[U]) -> Email:
    return cast("Email", ctx.provider)  # FLOWS chose this flow by the type field


def _database(ctx: Context[U]) -> Adapter[U]:
    if ctx.engine.database is None:
        raise AdapterError("e-mail sign-in needs an adapter")
    return ctx.engine.database


def _identifier(ctx: Context[U], provider: Email) -> str:
    posted = ctx.form.get("email")
    if not isinstance(posted, str) or not posted:
        raise MalformedRequest("no e-mail address was posted")
    try:
        return provider.normalize_identifier(posted)
    except ValueError as exc:
        raise MalformedRequest(f"the posted e-mail address was refused: {exc}") from exc


async def _user_and_account(ctx: Context[U], provider: Email, identifier: str) -> tuple[U, Account]:
    user = await _database(ctx).get_user_by_email(identifier)
    if user is None:
        user = ctx.engine.as_user(User(id=ctx.engine.new_id(), email=identifier))
    account = Account(
        user_id=user.id, type="email", provider=provider.id, provider_account_id=identifier
    )
    return user, account


async def _permit_request(ctx: Context[U], user: U, account: Account) -> Response | None:
    """Ask the ``sign_in`` callback before a mail goes out; here any failure of it is a no."""
    sign_in = ctx.engine.callbacks.sign_in
    if sign_in is None:
        return None
    try:
        verdict = await sign_in(SignInParams(user=user, account=account, verification_request=True))
    except Exception as exc:
        raise AccessDenied("the sign_in callback failed") from exc
    if isinstance(verdict, str) and verdict:
        return redirect(await resolve_redirect(ctx, verdict))
    if not verdict:
        raise AccessDenied("the sign_in callback refused to send a link")
    return None


async def _new_token(ctx: Context[U]) -> str:
    generate = ctx.bound.hooks.get("generate_token")
    if generate is None:
        return ctx.engine.random(32).hex()
    return str(await generate())


def _message(ctx: Context[U], provider: Email, *, to: str, url: str) -> MailMessage:
    return magic_link(
        texts=ctx.texts,
        theme=ctx.engine.theme,
        url=url,
        host=ctx.origin.partition("://")[2],
        to=to,
        sender=provider.sender,
    )


async def _send(ctx: Context[U], request: VerificationRequest) -> None:
    send = ctx.bound.hooks.get("send")
    if send is not None:
        await send(request)
        return
    provider = request.provider
    if provider.server is None:
        raise EmailSignInError(f"provider {provider.id} has neither server nor send")
    await ctx.engine.mailer.send(provider.server, request.message)
