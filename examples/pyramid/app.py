"""Pyramid. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) gunicorn examples.pyramid.app:app --bind localhost:8000 --threads 4
"""

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from authwire.integrations.pyramid import PyramidAuth
from examples.shared import config, greeting, home_page, is_ada

auth = PyramidAuth(config)


def home(request: Request) -> Response:
    return Response(home_page(request.auth_session))


def me(request: Request) -> str:
    return f"This is the page of {greeting(request.auth_session)}."


def rename(request: Request) -> Response:
    auth.update_session(request, {"name": request.POST.get("name")})
    return HTTPSeeOther("/")


with Configurator() as site:
    site.include(auth.includeme)  # /auth/signin, /auth/callback/…, /auth/session, …
    site.add_route("home", "/")
    for name in ("me", "ada", "rename"):
        site.add_route(name, f"/{name}")
    site.add_view(home, route_name="home")
    site.add_view(me, route_name="me", decorator=auth.required, renderer="string")
    site.add_view(me, route_name="ada", decorator=auth.require(is_ada), renderer="string")
    site.add_view(rename, route_name="rename", decorator=auth.required, request_method="POST")
    app = site.make_wsgi_app()
