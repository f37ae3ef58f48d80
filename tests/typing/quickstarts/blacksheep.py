"""The first program of docs/integrations/blacksheep.md, with all types. Never run: mypy and pyright read it."""

from blacksheep import Application, Router

from authwire import AuthConfig, Session, has_role
from authwire.integrations.blacksheep import BlackSheepAuth
from authwire.providers import GitHub

auth = BlackSheepAuth(AuthConfig(providers=[GitHub]))
app = Application(router=Router())
auth.use(app, protect=["/account/*"])


@app.router.get("/")
async def home(session: Session | None = None) -> str:
    return f"Hello {session.user.name if session else 'stranger'}"


@app.router.get("/me")
async def me(session: Session) -> str:
    return f"Hello {session.user.name}"


@app.router.get("/admin")
@auth.require(has_role("admin"))
async def admin() -> str:
    return "Welcome"
