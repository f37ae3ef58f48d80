from __future__ import annotations

import warnings
from typing import Any

from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, over_wsgi, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, User
from authwire.runtime import PortalRuntime
from authwire.runtime.wsgi import WSGIApp

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Pyramid imports cgi and pkg_resources
    from pyramid.authorization import Allow, Authenticated
    from pyramid.config import Configurator

    from authwire.integrations.pyramid import PyramidAuth


class Root:
    __acl__ = ((Allow, Authenticated, "view"), (Allow, "name:Ada", "be ada"))

    def __init__(self, request: Any) -> None:
        self.request = request


def pyramid_app(auth: PyramidAuth[User]) -> WSGIApp:
    config = Configurator(root_factory=Root)
    config.include("authwire.integrations.pyramid")
    config.set_authwire(auth)
    auth.protect(config, PROTECT, public=PUBLIC)

    def page(method: str, path: str, view: Any, **options: Any) -> None:
        config.add_route(path, path, request_method=method)
        config.add_view(view, route_name=path, renderer="json", **options)

    def home(request: Any) -> Any:
        return who(request.auth_session)

    @auth.required
    def twice(request: Any) -> Any:
        assert auth.session(request) is request.auth_session is request.identity
        return who(auth.required_session(request))

    @auth.required
    def rename(context: Any, request: Any) -> Any:
        session = auth.update_session(request, {"name": "Countess"})
        return session.data if session else None

    def enter(request: Any) -> Any:
        return auth.sign_in(request, "credentials", form=request.POST, callback_url="/me")

    def leave(request: Any) -> Any:
        return auth.sign_out(request, callback_url="/")

    page("GET", "/", home)
    page("GET", "/me", home, permission="view")
    page("GET", "/ada", home, decorator=auth.require(is_ada))
    page("GET", "/twice", twice)
    page("GET", "/vault/{name}", lambda request: request.matchdict["name"])
    page("POST", "/enter", enter)
    page("POST", "/leave", leave)
    page("POST", "/rename", rename)
    page("POST", "/quit", leave, decorator=auth.required)
    return config.make_wsgi_app()  # type: ignore[no-any-return]  # Pyramid has no types


def build_pyramid(config: AuthConfig[User], world: World) -> Built:
    return over_wsgi(pyramid_app(PyramidAuth(config)), world)


def build_pyramid_portal(config: AuthConfig[User], world: World) -> Built:
    runtime = PortalRuntime()
    return over_wsgi(pyramid_app(PyramidAuth(config, runtime=runtime)), world, runtime.close)


BUILDERS: dict[str, Builder] = {"pyramid": build_pyramid, "pyramid-portal": build_pyramid_portal}
