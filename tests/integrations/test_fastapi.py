"""FastAPI. Not ``from __future__ import annotations``: apps are made inside functions here."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse
from tests.integrations.scenarios import JSON, SESSION, set_names, sign_in
from tests.integrations.sockets import connect, handshake
from tests.integrations.world import World, leaving_no

from authwire import Auth, AuthConfig, CookieConfig, Cookies, Session, User
from authwire.integrations._visit import Visit
from authwire.integrations.fastapi import FastAPIAuth
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.anyio


def browse(app: Any, world: World, **options: Any) -> AuthClient:
    return AuthClient.asgi(app, now=world.now, **options)


def app_of(auth: FastAPIAuth[Any], **options: Any) -> FastAPI:
    app = FastAPI(**options)
    app.include_router(auth.router)

    @app.get("/me")
    async def me(session: Annotated[Session, Depends(auth.required)]) -> User:
        return session.user

    @app.get("/maybe")
    async def maybe(session: Annotated[Session | None, Depends(auth.optional)]) -> bool:
        return session is not None

    return app


def test_request_leaves_nothing_to_the_garbage_collector() -> None:
    world = World()
    with browse(app_of(FastAPIAuth(world.config())), world) as browser:
        sign_in(browser)
        with leaving_no(Visit):
            assert browser.get("/me").status == 200


# --- OpenAPI ------------------------------------------------------------------------------------------


def test_required_shows_as_a_cookie_in_openapi_and_the_routes_do_not_show() -> None:
    app = app_of(FastAPIAuth(World().config()))
    schema = app.openapi()
    assert schema["components"]["securitySchemes"] == {
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION}
    }
    assert schema["paths"]["/me"]["get"]["security"] == [{"session": []}]
    assert "security" not in schema["paths"]["/maybe"]["get"]
    assert sorted(schema["paths"]) == ["/maybe", "/me"]
    assert "parameters" not in schema["paths"]["/me"]["get"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"url": "https://app.example"}, f"__Secure-{SESSION}"),
        ({"use_secure_cookies": True}, f"__Secure-{SESSION}"),
        ({"cookies": Cookies(session_token=CookieConfig(name="sid"))}, "sid"),
    ],
)
def test_openapi_names_the_cookie_that_is_used(changes: dict[str, Any], name: str) -> None:
    schema = app_of(FastAPIAuth(World().config(**changes))).openapi()
    assert schema["components"]["securitySchemes"]["session"]["name"] == name


def test_config_by_request_has_the_usual_name_in_openapi() -> None:
    world = World()
    config = world.config()
    for auth in (FastAPIAuth(lambda _: config), FastAPIAuth(Auth(config))):
        schema = app_of(auth).openapi()
        assert schema["components"]["securitySchemes"]["session"]["name"] == SESSION


# --- dependencies -------------------------------------------------------------------------------------


def test_refusal_is_an_http_exception_that_the_app_may_handle() -> None:
    world = World()
    app = app_of(FastAPIAuth(world.config()))
    with browse(app, world) as browser:
        assert browser.get("/me", headers=JSON).json() == {"detail": "Not authenticated"}
        page = browser.get("/me")
        assert (page.status, page.headers.get("location") is not None) == (302, True)

    @app.exception_handler(HTTPException)
    async def own(request: Request, exc: HTTPException) -> JSONResponse:
        return JSONResponse({"sorry": exc.status_code}, exc.status_code, exc.headers)

    app.middleware_stack = None  # built anew, with the handler
    with browse(app, world) as browser:
        answer = browser.get("/me", headers=JSON)
        assert answer.json() == {"sorry": 401}
        assert answer.headers.get("www-authenticate") is not None


def test_predicate_may_be_async_and_gives_403() -> None:
    world = World()
    auth = FastAPIAuth(world.config())
    app = app_of(auth)

    async def nobody(session: Session) -> bool:
        return False

    @app.get("/never", dependencies=[Depends(auth.require(nobody))])
    async def never() -> None: ...

    with browse(app, world) as browser:
        assert browser.get("/never").status == 302
        sign_in(browser)
        assert browser.get("/never").json() == {"detail": "Forbidden"}


def test_dependency_may_guard_a_whole_router() -> None:
    world = World()
    auth = FastAPIAuth(world.config())
    router = APIRouter(prefix="/private", dependencies=[Depends(auth.required)])

    @router.get("/a")
    async def a() -> str:
        return "a"

    app = app_of(auth)
    app.include_router(router)
    with browse(app, world) as browser:
        assert browser.get("/private/a").status == 302
        sign_in(browser)
        assert browser.get("/private/a").json() == "a"


@pytest.mark.parametrize("middleware", [False, True])
def test_own_response_carries_the_rolled_cookie_with_the_middleware_only(middleware: bool) -> None:
    world = World()
    auth = FastAPIAuth(world.config())
    app = app_of(auth, middleware=[auth.middleware()] if middleware else [])

    @app.get("/own", dependencies=[Depends(auth.required)])
    async def own() -> PlainTextResponse:
        return PlainTextResponse("own")

    with browse(app, world) as browser:
        sign_in(browser)
        world.pass_time(timedelta(days=2))
        assert set_names(browser.get("/own")) == ([SESSION] if middleware else [])
        assert browser.get("/me").status == 200


def test_update_after_the_dependency_has_sent_its_cookies_is_not_lost_in_silence() -> None:
    world = World()
    auth = FastAPIAuth(world.config())
    app = app_of(auth)

    @app.post("/rename", dependencies=[Depends(auth.required)])
    async def rename(request: Request) -> None:
        await auth.update_session(request, {"name": "Countess"})

    with browse(app, world) as browser:
        sign_in(browser)
        with pytest.raises(RuntimeError, match=r"auth\.middleware\(\)"):
            browser.post("/rename")


def test_two_auths_in_one_app_do_not_mix_their_sessions() -> None:
    world, other_world = World(), World(base_path="/staff")
    cookie = Cookies(session_token=CookieConfig(name="staff"))
    customers = FastAPIAuth(world.config())
    staff = FastAPIAuth(other_world.config(cookies=cookie))
    app = FastAPI(middleware=[customers.middleware(), staff.middleware()])
    app.include_router(customers.router)
    app.include_router(staff.router)

    @app.get("/")
    async def both(
        customer: Annotated[Session | None, Depends(customers.optional)],
        employee: Annotated[Session | None, Depends(staff.optional)],
    ) -> list[bool]:
        return [customer is not None, employee is not None]

    with browse(app, world) as browser:
        assert browser.get("/").json() == [False, False]
        sign_in(browser)
        assert browser.get("/").json() == [True, False]


def test_broken_cookie_is_cleared_by_the_dependency() -> None:
    world = World()
    with browse(app_of(FastAPIAuth(world.config())), world) as browser:
        browser.cookies.set(SESSION, "garbage")
        assert browser.get("/maybe").json() is False
        assert SESSION not in browser.cookies


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "member"


def test_own_user_type_is_serialised_as_it_is() -> None:
    world = World()
    base = world.config()
    config: AuthConfig[Member] = AuthConfig(
        providers=base.providers[:1], secret=base.secret, user=Member, now=world.now
    )
    auth = FastAPIAuth(config)
    app = app_of(auth)

    @app.get("/member")
    async def member(session: Annotated[Session[Member], Depends(auth.required)]) -> Member:
        return session.user

    with browse(app, world) as browser:
        sign_in(browser)
        assert browser.get("/member").json()["role"] == "member"


@pytest.mark.parametrize("middleware", [False, True])
async def test_websocket_dependency_closes_for_strangers(middleware: bool) -> None:
    world = World()
    auth = FastAPIAuth(world.config())
    app = app_of(auth, middleware=[auth.middleware()] if middleware else [])

    @app.websocket("/chat")
    async def chat(
        websocket: WebSocket, session: Annotated[Session, Depends(auth.required)]
    ) -> None:
        await websocket.accept()
        await websocket.send_text(session.user.name or "")

    @app.websocket("/admin")
    async def admin(
        websocket: WebSocket,
        session: Annotated[Session, Depends(auth.require(lambda s: s.user.name == "Root"))],
    ) -> None:
        await websocket.accept()

    with browse(app, world) as browser:
        sign_in(browser)
        cookie = f"{SESSION}={browser.cookies[SESSION]}"
    assert (await connect(app, handshake("/chat")))[0]["type"] == "websocket.close"
    assert (await connect(app, handshake("/chat", cookie=cookie)))[1]["text"] == "Ada"
    assert (await connect(app, handshake("/admin", cookie=cookie)))[0]["code"] == 1008
    foreign = handshake("/chat", cookie=cookie, origin="https://evil.example")
    assert (await connect(app, foreign))[0]["type"] == "websocket.close"


# --- where it is mounted --------------------------------------------------------------------------------


def _signs_in_below(app: Any, world: World, me: str, **options: Any) -> None:
    with browse(app, world, base_path=world.base_path, **options) as browser:
        turned_away = browser.get(me)
        assert (turned_away.location or "").startswith(f"http://localhost{world.base_path}/signin?")
        assert browser.follow(turned_away).status == 200
        done = browser.sign_in_oauth("fake", world.idp)
        assert done.location == f"http://localhost{me}"
        assert browser.follow(done).status == 200
    assert world.logged == []


def test_mounted_sub_app() -> None:
    world = World(base_path="/api/auth")
    auth = FastAPIAuth(world.config(), prefix="/auth")
    app = FastAPI()
    app.mount("/api", app_of(auth, middleware=[auth.middleware(protect=["/me"])]))
    _signs_in_below(app, world, "/api/me")


def test_router_included_below_a_prefix() -> None:
    world = World(base_path="/v1/auth")
    auth = FastAPIAuth(world.config(), prefix="/auth")
    inner = APIRouter()
    inner.include_router(auth.router)

    @inner.get("/me")
    async def me(session: Annotated[Session, Depends(auth.required)]) -> User:
        return session.user

    app = FastAPI()
    app.include_router(inner, prefix="/v1")
    _signs_in_below(app, world, "/v1/me")


def test_root_path_of_a_proxy_that_strips_it() -> None:
    world = World(base_path="/app/auth")
    auth = FastAPIAuth(world.config(), prefix="/auth")
    # As uvicorn --root-path does it: the path has the root path again.
    _signs_in_below(app_of(auth), world, "/app/me", root_path="/app")


def test_path_protection_leaves_the_routes_open_wherever_they_are() -> None:
    world = World(base_path="/public/auth")
    auth = FastAPIAuth(world.config(), prefix="/auth")
    app = app_of(auth, middleware=[auth.middleware(protect=["/*"])])
    with browse(app, world) as browser:  # a proxy turned /public/auth into /auth
        assert browser.get("/auth/session").status == 200
        assert browser.get("/maybe").status == 302
