"""Falcon under ASGI. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) uvicorn examples.falcon.app:app --port 8000
"""

import falcon
from falcon.asgi import App, Request, Response

from authwire.integrations.falcon import FalconAuth
from examples.shared import config, greeting, home_page, is_ada

app = App()
auth = FalconAuth(config, app)  # /auth/signin, /auth/callback/…, /auth/session, …


class Site:
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = home_page(await auth.session(req))

    @auth.required
    async def on_get_me(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = f"This is the page of {greeting(auth.current_session(req))}."

    @falcon.before(auth.require(is_ada))  # a hook or a decorator: both work
    async def on_get_ada(self, req: Request, resp: Response) -> None:
        resp.text = "Only Ada sees this."

    @auth.required
    async def on_post_rename(self, req: Request, resp: Response) -> None:
        form = await req.get_media()
        await auth.update_session(req, {"name": form.get("name")})
        raise falcon.HTTPSeeOther("/")


app.add_route("/", Site())
for name in ("me", "ada", "rename"):
    app.add_route(f"/{name}", Site(), suffix=name)
