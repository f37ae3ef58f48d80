"""Falcon under WSGI. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) gunicorn examples.falcon_wsgi.app:app --bind localhost:8000 --threads 4
"""

import falcon
from falcon import App, Request, Response

from authwire.integrations.falcon import SyncFalconAuth
from examples.shared import config, greeting, home_page, is_ada

app = App()
auth = SyncFalconAuth(config, app)  # /auth/signin, /auth/callback/…, /auth/session, …


class Site:
    def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = home_page(auth.session(req))

    @auth.required
    def on_get_me(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = f"This is the page of {greeting(auth.current_session(req))}."

    @falcon.before(auth.require(is_ada))  # a hook or a decorator: both work
    def on_get_ada(self, req: Request, resp: Response) -> None:
        resp.text = "Only Ada sees this."

    @auth.required
    def on_post_rename(self, req: Request, resp: Response) -> None:
        form = req.get_media()
        auth.update_session(req, {"name": form.get("name")})
        raise falcon.HTTPSeeOther("/")


app.add_route("/", Site())
for name in ("me", "ada", "rename"):
    app.add_route(f"/{name}", Site(), suffix=name)
