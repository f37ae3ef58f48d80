"""``/providers``: the ways to sign in, for the JavaScript client."""

from __future__ import annotations

from authwire.core.context import Context
from authwire.core.replies import json_response
from authwire.http import Response
from authwire.models import U

__all__ = ["providers"]


async def providers(ctx: Context[U]) -> Response:
    """Every provider, in config order."""
    return json_response(
        {
            provider_id: {
                "id": provider_id,
                "name": bound.provider.name,
                "type": bound.provider.type,
                "signinUrl": f"{ctx.base_url}/signin/{provider_id}",
                "callbackUrl": f"{ctx.base_url}/callback/{provider_id}",
            }
            for provider_id, bound in ctx.engine.providers.items()
        }
    )
