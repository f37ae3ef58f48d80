# Not `from __future__ import annotations`: Litestar could not look up the names inside a function.

from typing import Annotated, Any, TypeVar

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.params import Body
from tests.integrations.apps._common import PROTECT, PUBLIC, Builder, Built, over_asgi, who
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, Session, User
from authwire.integrations.litestar import LitestarAuth

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
Signed = Request[User, Session[User], State]

try:
    from litestar.di import NamedDependency
    from litestar.params import FromPath
except ImportError:  # before 2.23 a parameter's name says where it comes from
    T = TypeVar("T")
    NamedDependency = Annotated[T, "by its name"]
    FromPath = Annotated[T, "by its name"]


def litestar_app(auth: LitestarAuth[User]) -> Litestar:
    @get("/")
    async def home(maybe_session: NamedDependency[Session[User] | None]) -> dict[str, Any]:
        return who(maybe_session)

    @get("/me")
    async def me(session: NamedDependency[Session[User]]) -> dict[str, Any]:
        return who(session)

    @get("/ada", guards=[auth.require(is_ada)])
    async def ada(request: Signed) -> dict[str, Any]:
        return {"name": request.user.name}

    @get("/twice", guards=[auth.required])
    async def twice(
        request: Signed,
        session: NamedDependency[Session[User]],
        maybe_session: NamedDependency[Session[User] | None],
    ) -> dict[str, Any]:
        assert session is maybe_session is request.auth
        return who(await auth.session(request))

    @get("/vault/{name:str}")
    async def vault(name: FromPath[str]) -> str:
        return name

    @post("/enter")
    async def enter(request: Request[Any, Any, State], data: Form) -> Response[bytes]:
        return await auth.sign_in(request, "credentials", form=data, callback_url="/me")

    @post("/leave")
    async def leave(request: Request[Any, Any, State]) -> Response[bytes]:
        return await auth.sign_out(request, callback_url="/")

    @post("/rename", guards=[auth.required])
    async def rename(request: Signed) -> dict[str, Any]:
        session = await auth.update_session(request, {"name": "Countess"})
        assert session is request.auth
        return dict(session.data) if session else {}

    @post("/quit", guards=[auth.required])
    async def quit_(request: Signed) -> Response[bytes]:
        return await auth.sign_out(request, callback_url="/")

    return Litestar(
        [home, me, ada, twice, vault, enter, leave, rename, quit_],
        plugins=[auth],
        middleware=[auth.middleware(protect=PROTECT, public=PUBLIC)],
    )


def build_litestar(config: AuthConfig[User], world: World) -> Built:
    return over_asgi(litestar_app(LitestarAuth(config)), world)


BUILDERS: dict[str, Builder] = {"litestar": build_litestar}
