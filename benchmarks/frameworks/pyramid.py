from __future__ import annotations

import warnings
from typing import Any

from benchmarks.frameworks._common import ANSWER, Framework, over_wsgi

from authwire import AuthConfig

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Pyramid imports cgi and pkg_resources
    from pyramid.config import Configurator

    from authwire.integrations.pyramid import PyramidAuth

__all__ = ["FRAMEWORKS"]


def build(config: AuthConfig | None) -> Any:
    app = Configurator()

    def page(name: str, view: Any) -> None:
        app.add_route(name, f"/{name}")
        app.add_view(view, route_name=name, renderer="json")

    if config is not None:
        auth = PyramidAuth(config)
        app.include(auth.includeme)

        @auth.required
        def protected(request: Any) -> dict[str, Any]:
            return {"user": request.auth_session.data["user"]}

        page("protected", protected)
    page("open", lambda request: ANSWER)
    return app.make_wsgi_app()


FRAMEWORKS = {"pyramid": Framework("Pyramid", build, over_wsgi)}
