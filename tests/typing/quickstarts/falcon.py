"""The first program of docs/integrations/falcon.md, with all types. Never run: mypy and pyright read it."""

from __future__ import annotations

import falcon

from authwire import AuthConfig
from authwire.integrations.falcon import SyncFalconAuth
from authwire.providers import GitHub

app = falcon.App()
auth = SyncFalconAuth(AuthConfig(providers=[GitHub]), app)
auth.protect(app, ["/account/*"])


class Home:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        session = auth.session(req)
        resp.media = {"hello": session.user.name if session else "stranger"}


class Me:
    @auth.required
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"hello": auth.current_session(req).user.name}


@falcon.before(auth.require(lambda session: session.user.email == "ada@example.com"))
class Admin:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"welcome": "Ada"}


app.add_route("/", Home())
app.add_route("/me", Me())
app.add_route("/admin", Admin())
