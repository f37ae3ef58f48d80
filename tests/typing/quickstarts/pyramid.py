"""The first program of docs/integrations/pyramid.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

from typing import Any, ClassVar

from pyramid.authorization import (  # type: ignore[import-untyped]  # it has no types
    Allow,
    Authenticated,
)
from pyramid.config import Configurator  # type: ignore[import-untyped]  # as above

from authwire import AuthConfig, has_role
from authwire.integrations.pyramid import PyramidAuth
from authwire.providers import GitHub

auth = PyramidAuth(AuthConfig(providers=[GitHub]))


class Root:
    __acl__: ClassVar[list[tuple[Any, ...]]] = [(Allow, Authenticated, "view")]

    def __init__(self, request: Any) -> None:
        self.request = request


def me(request: Any) -> str:
    return f"Hello {request.auth_session.user.name}"


@auth.require(has_role("admin"))
def admin(request: Any) -> str:
    return "Welcome"


with Configurator(root_factory=Root) as config:
    config.include(auth.includeme)
    auth.protect(config, ["/account/*"])
    config.add_route("me", "/me")
    config.add_route("admin", "/admin")
    config.add_view(me, route_name="me", permission="view", renderer="string")
    config.add_view(admin, route_name="admin", renderer="string")
    app = config.make_wsgi_app()
