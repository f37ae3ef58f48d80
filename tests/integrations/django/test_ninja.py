from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import path
from tests.integrations.django.projects import DJANGOS, Projects
from tests.integrations.scenarios import SESSION, sign_in
from tests.integrations.world import World, is_ada

from authwire import AuthConfig, Cookies
from authwire.config import CookieConfig
from authwire.integrations.django import DjangoAuth
from authwire.testing.client import AuthClient

BOTH = [
    pytest.param("wsgi", id="wsgi"),
    pytest.param("asgi", id="asgi"),
]


async def _slowly(session: Any) -> bool:
    return is_ada(session)


def api() -> Any:
    """Ninja reads the settings when it is imported."""
    from ninja import NinjaAPI

    from authwire.integrations.django.ninja import SessionAuth

    made = NinjaAPI(urls_namespace=uuid.uuid4().hex, auth=SessionAuth())

    @made.get("/me")
    def me(request: Any) -> dict[str, Any]:
        return {"name": request.auth.user.name}

    @made.get("/ame")
    async def ame(request: Any) -> dict[str, Any]:
        return {"name": request.auth.user.name}

    @made.get("/ada", auth=SessionAuth(is_ada))
    def ada(request: Any) -> str:
        return "ada"

    @made.get("/aada", auth=SessionAuth(_slowly))
    async def aada(request: Any) -> str:
        return "ada"

    @made.post("/change")
    def change(request: Any) -> str:
        return "changed"

    @made.post("/achange")
    async def achange(request: Any) -> str:
        return "changed"

    @made.post("/careless", auth=SessionAuth(csrf=False))
    def careless(request: Any) -> str:
        return "changed"

    @made.get("/open", auth=None)
    def open_(request: Any) -> str:
        return "open"

    return path("api/", made.urls)


@pytest.fixture
def world() -> World:
    return World()


def browse(projects: Projects, world: World, kind: str, **changes: Any) -> AuthClient:
    found: AuthClient = getattr(projects, kind)(world, world.config(), api, **changes)
    return found


@pytest.mark.parametrize("kind", BOTH)
def test_session_is_request_auth(projects: Projects, world: World, kind: str) -> None:
    browser = browse(projects, world, kind)
    assert browser.get("/api/open").status == 200
    for where in ("/api/me", "/api/ame", "/api/ada", "/api/aada"):
        answer = browser.get(where)
        assert (answer.status, answer.json()) == (401, {"detail": "Unauthorized"})
    sign_in(browser, "eve@example.com")
    assert browser.get("/api/me").json() == {"name": "Eve"}
    assert browser.get("/api/ame").json() == {"name": "Eve"}
    for where in ("/api/ada", "/api/aada"):
        answer = browser.get(where)
        assert (answer.status, answer.json()) == (403, {"detail": "Forbidden"})
    sign_in(browser)
    assert [browser.get(where).json() for where in ("/api/ada", "/api/aada")] == ["ada", "ada"]


@pytest.mark.parametrize("kind", BOTH)
def test_unsafe_methods_need_djangos_csrf_token(
    projects: Projects, world: World, kind: str
) -> None:
    browser = browse(projects, world, kind)
    assert browser.post("/api/change").status == 401
    sign_in(browser)
    for where in ("/api/change", "/api/achange"):
        answer = browser.post(where)
        assert (answer.status, answer.json()) == (403, {"detail": "CSRF check failed"})
    assert browser.post("/api/careless").json() == "changed"
    token = "t" * 32
    browser.cookies.set("csrftoken", token)
    for where in ("/api/change", "/api/achange"):
        assert browser.post(where, headers={"x-csrftoken": token}).json() == "changed"


def test_openapi_document_names_the_cookie(projects: Projects, world: World) -> None:
    browser = browse(projects, world, "wsgi")
    document = browser.get("/api/openapi.json").json()
    assert document["components"]["securitySchemes"] == {
        "SessionAuth": {"type": "apiKey", "in": "cookie", "name": SESSION}
    }
    assert document["paths"]["/api/me"]["get"]["security"] == [{"SessionAuth": []}]
    assert "security" not in document["paths"]["/api/open"]["get"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"url": "https://app.example"}, f"__Secure-{SESSION}"),
        ({"use_secure_cookies": True}, f"__Secure-{SESSION}"),
        ({"cookies": Cookies(session_token=CookieConfig(name="mine"))}, "mine"),
        ({"secret": "", "providers": []}, SESSION),
    ],
)
def test_cookie_is_called_as_configured(
    projects: Projects,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    name: str,
) -> None:
    from authwire.integrations.django.ninja import SessionAuth

    monkeypatch.delenv("AUTH_SECRET", raising=False)
    source = DjangoAuth(world.config(**changes))
    assert SessionAuth(source=source).openapi_security_schema["name"] == name


def test_cookie_of_a_config_that_is_chosen_by_request_has_the_usual_name() -> None:
    from authwire.integrations.django.ninja import SessionAuth

    source = DjangoAuth(lambda _: AuthConfig())
    assert SessionAuth(source=source).openapi_security_schema["name"] == SESSION


def test_rest_of_a_project_does_not_mind(
    projects: Projects, world: World, database: object
) -> None:
    browser = browse(projects, world, "wsgi", MIDDLEWARE=DJANGOS)
    sign_in(browser)
    assert browser.get("/api/me").json() == {"name": "Ada"}
