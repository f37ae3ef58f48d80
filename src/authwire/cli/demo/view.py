"""Pages from templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from authwire.cli.demo.outbox import Outbox
from authwire.cli.demo.people import PASSWORD, USERNAME
from authwire.integrations.fastapi import FastAPIAuth
from authwire.models import User

__all__ = ["View"]

_TEMPLATES = Path(__file__).parent / "templates"


class View:
    """Renders a template with what all pages show: who is signed in, and how much mail there is."""

    def __init__(self, auth: FastAPIAuth[User], url: str, outbox: Outbox) -> None:
        self._auth = auth
        self._templates = Jinja2Templates(directory=_TEMPLATES)
        self._templates.env.globals.update(url=url, username=USERNAME, password=PASSWORD)
        self._outbox = outbox

    async def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        policy: str | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """The page ``template``; nothing may keep it, since it shows who is signed in."""
        headers = {"cache-control": "private, no-cache, no-store"}
        if policy is not None:
            headers["content-security-policy"] = policy
        session = await self._auth.session(request)
        return self._templates.TemplateResponse(
            request,
            template,
            {"session": session, "mail": len(self._outbox), **values},
            status_code=status,
            headers=headers,
        )
