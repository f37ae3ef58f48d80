"""The first program of docs/integrations/litestar.md, with all types. Never run: mypy and pyright read it."""

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.di import NamedDependency

from authwire import AuthConfig, Session, User
from authwire.integrations.litestar import LitestarAuth
from authwire.providers import GitHub

auth = LitestarAuth(AuthConfig(providers=[GitHub]))


@get("/")
async def home(maybe_session: NamedDependency[Session | None]) -> str:
    return f"Hello {maybe_session.user.name}" if maybe_session else "Hello stranger"


@get("/me")
async def me(session: NamedDependency[Session]) -> User:
    return session.user


@get("/admin", guards=[auth.require(lambda session: session.user.email == "ada@example.com")])
async def admin(request: Request[User, Session, State]) -> str:
    return f"Welcome, {request.user.name}"


app = Litestar([home, me, admin], plugins=[auth])
