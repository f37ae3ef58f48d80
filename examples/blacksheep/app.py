"""BlackSheep. Run it from the root of the repository and open http://localhost:8000:

AUTH_SECRET=$(authwire secret) uvicorn examples.blacksheep.app:app --port 8000
"""

from typing import Any

from blacksheep import Application, FromForm, Request, Response, Router, html, see_other

from authwire import Session, User
from authwire.integrations.blacksheep import BlackSheepAuth
from examples.shared import config, home_page, is_ada

auth = BlackSheepAuth(config)
app = Application(router=Router())
auth.use(app)  # /auth/signin, /auth/callback/…, /auth/session, …


@app.router.get("/")
async def home(session: Session | None = None) -> Response:
    return html(home_page(session))


@app.router.get("/me")
async def me(session: Session) -> User:
    return session.user


@app.router.get("/ada")
@auth.require(is_ada)
async def ada(request: Request) -> str:
    return "Only Ada sees this."


@app.router.post("/rename")
@auth.required
async def rename(request: Request, form: FromForm[dict[str, Any]]) -> Response:
    await auth.update_session(request, {"name": form.value.get("name")})
    return see_other("/")
