"""The OpenAPI document is valid, and what it says is what happens."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from fastapi import FastAPI
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.core.harness import Browser, Tab, World, idp_for, oidc
from tests.core.passkeys import FOLLOW, Visitor

from authwire import Auth, AuthConfig, CookieConfig, Cookies, Pages, Response, SyncAuth
from authwire.cli import main
from authwire.core.actions import ACTIONS
from authwire.integrations.fastapi import FastAPIAuth
from authwire.openapi import add_to, openapi
from authwire.providers import Passkey

ROOT = Path(__file__).resolve().parent.parent
METHODS = ("get", "post")
FILES = {"client.js", "client.d.ts", "webauthn.js"}
"""Actions that are no part of an API."""


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


class Reader(Browser):
    """A browser that compares everything it does with the document."""

    def __init__(self, auth: Any, document: dict[str, Any], **options: Any) -> None:
        super().__init__(auth, **options)
        self.document = document
        self.seen: set[tuple[str, str]] = set()

    def send(self, method: str, path: str, **more: Any) -> Response:
        answer = super().send(method, path, **more)
        operation = self.operation(method, path)
        self.check_request(operation, path, **more)
        self.check_answer(operation, answer)
        return answer

    def operation(self, method: str, path: str) -> dict[str, Any]:
        for (documented, template), operation in operations(self.document).items():
            if documented == method and re.fullmatch(template.replace("{provider}", "[^/]+"), path):
                return operation
        raise AssertionError(f"{method} {path} is not documented")

    def check_request(self, operation: dict[str, Any], path: str, **more: Any) -> None:
        known = {(item["in"], item["name"].lower()) for item in operation.get("parameters", ())}
        asked = {("header", name) for name in more.get("headers") or () if not name.startswith(":")}
        if operation["operationId"] != "auth_sign_in":  # what it does not know goes to the provider
            asked |= {("query", key.lower()) for key, _ in parse_qsl(more.get("query", ""))}
        assert asked <= known, path
        given = more.get("form", more.get("body"))
        if given is not None:
            kind = "application/x-www-form-urlencoded" if "form" in more else "application/json"
            self.check(operation["requestBody"]["content"][kind]["schema"], given)

    def check_answer(self, operation: dict[str, Any], answer: Response) -> None:
        name, status = operation["operationId"], str(answer.status)
        assert status in operation["responses"], (name, status)
        documented = operation["responses"][status]
        self.seen.add((name, status))
        headers = dict(answer.headers)
        assert not answer.cookies or "Set-Cookie" in documented["headers"]
        for header, said in documented.get("headers", {}).items():
            assert header.lower() in headers or not said.get("required"), (name, status, header)
        content = documented.get("content")
        if content is None:
            assert not answer.body
            return
        media_type = headers["content-type"].partition(";")[0]
        assert media_type in content, (name, status)
        if media_type == "application/json":
            self.check(content[media_type]["schema"], json.loads(answer.body))

    def check(self, schema: dict[str, Any], value: Any) -> None:
        # References start at the document, so the schema is looked at in its place.
        Draft202012Validator({**self.document, **schema}).validate(value)


def config(world: World, **changes: Any) -> AuthConfig[Any]:
    idp = changes.pop("idp", None) or idp_for(world)
    options = {
        "providers": [
            *world.config().providers,
            world.email(),
            oidc(idp),
            Passkey(),
        ],
        "adapter": world.adapter,
        "http_client": idp.http,
        **changes,
    }
    return world.config(**options)


def walk(reader: Reader, world: World, idp: Any) -> None:
    """All there is to do, and to do wrong."""
    for path in ("csrf", "session", "providers", "signin", "signout", "verify-request", "error"):
        reader.get(path)
    for error in ("AccessDenied", "Configuration"):
        reader.get("error", f"error={error}")
    reader.sign_in()
    reader.get("session")
    body = {"csrfToken": reader.csrf(), "data": {"theme": "dark"}}
    reader.send("POST", "/auth/session", body=body)
    reader.send("POST", "/auth/session", body={"csrfToken": "wrong"})
    reader.post("signout")
    reader.send("POST", "/auth/signout", form={"csrfToken": reader.csrf()}, headers=FOLLOW)
    reader.post("callback/credentials", password="wrong")
    wrong = {"csrfToken": reader.csrf(), "password": "wrong"}
    reader.send("POST", "/auth/callback/credentials", form=wrong, headers=FOLLOW)
    tab = Tab(reader, idp, "idp")
    tab.start()
    tab.come_back()
    reader.post("signout")
    reader.post("signin/email", email="mia@example.com")
    to = {"csrfToken": reader.csrf(), "email": "mia@example.com"}
    reader.send("POST", "/auth/signin/email", form=to, headers=FOLLOW)
    reader.follow(world.mails[-1].url)
    reader.post("signout")
    reader.get("webauthn-options/passkey", urlencode({"action": "nonsense"}))
    Visitor(reader).register("zoe@example.com")
    for path in ("callback/credentials", "signin/idp", "signout"):
        reader.send("POST", f"/auth/{path}", raw=b"{", headers={})
        reader.check_answer(reader.operation("POST", f"/auth/{path}"), malformed(reader, path))


def malformed(reader: Reader, path: str) -> Response:
    request = reader.request(
        "POST", f"/auth/{path}", raw=b"{", headers={"content-type": "application/json"}
    )
    answer: Response = reader.run(reader.auth.handle, request)
    return answer


# --- is it what happens? --------------------------------------------------------------------------


def test_every_documented_answer_is_one_that_is_given_and_every_given_one_is_documented() -> None:
    world = World("inline")
    document = openapi()
    idp = idp_for(world)
    reader = Reader(SyncAuth(config(world, idp=idp), environ={}), document)
    walk(reader, world, idp)
    own = Pages(sign_in="/in", sign_out="/out", error="/oops", verify_request="/mail")
    with_pages = Reader(SyncAuth(config(world, pages=own), environ={}), document)
    for path in ("signin", "signout", "error", "verify-request"):
        with_pages.get(path)
    asking = [world.email(confirm=True)]
    confirming = Reader(SyncAuth(config(world, providers=asking), environ={}), document)
    confirming.post("signin/email", email="eve@example.com")
    confirming.follow(world.mails[-1].url)
    elsewhere = Reader(reader.auth, document, host="evil.example")
    for method, path in operations(document):
        elsewhere.send(method, path.replace("{provider}", "idp"))
    seen = reader.seen | with_pages.seen | confirming.seen | elsewhere.seen
    documented = {
        (operation["operationId"], status)
        for operation in operations(document).values()
        for status in operation["responses"]
    }
    assert seen == documented


def test_the_document_of_an_auth_says_no_more_than_its_config_allows() -> None:
    world = World("inline")
    idp = idp_for(world)
    auth = SyncAuth(config(world, idp=idp), environ={})
    document = openapi(auth)
    reader = Reader(auth, document)
    walk(reader, world, idp)
    pages = {
        path: item["get"]["responses"] for path, item in document["paths"].items() if "get" in item
    }
    assert set(pages["/auth/signin"]) == {"200", "500"}
    ids = ["credentials", "email", "idp", "passkey"]
    assert document["components"]["schemas"]["AuthProvider"]["properties"]["id"]["enum"] == ids
    parameters = {
        operation["operationId"]: item["schema"]["enum"]
        for operation in operations(document).values()
        for item in operation.get("parameters", ())
        if item["in"] == "path"
    }
    assert parameters == {
        "auth_sign_in": ids,
        "auth_finish_sign_in": ["email", "idp"],
        "auth_finish_sign_in_by_post": ids,
        "auth_get_passkey_options": ["passkey"],
    }


def test_pages_of_the_app_are_redirects_and_without_passkeys_there_are_no_options() -> None:
    world = World("inline")
    document = openapi(world.auth(pages=Pages(sign_in="/in")))
    assert set(document["paths"]["/auth/signin"]["get"]["responses"]) == {"302", "500"}
    assert "/auth/webauthn-options/{provider}" not in document["paths"]


def test_a_check_that_is_off_is_not_asked_for() -> None:
    auth = World("inline").auth(skip_csrf_check=True)
    document = openapi(auth)
    reader = Reader(auth, document)
    reader.get("csrf")
    reader.send("POST", "/auth/signout", form={})
    assert reader.seen == {("auth_get_csrf_token", "404"), ("auth_sign_out", "302")}
    assert "csrf" not in document["components"]["securitySchemes"]
    assert "csrfToken" not in json.dumps(document["paths"])


def test_every_action_is_described() -> None:
    described = {(method, path.split("/")[2]) for method, path in operations(openapi())}
    assert described == {(method, action) for method, action in ACTIONS if action not in FILES}


# --- is it valid? ---------------------------------------------------------------------------------


@pytest.fixture(params=["defaults", "auth", "root", "by-request"])
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    world = World("inline")
    match request.param:
        case "auth":
            return openapi(SyncAuth(config(world), environ={}))
        case "root":
            return openapi("/")
        case "by-request":
            chosen = config(world)
            return openapi(Auth(lambda _: chosen, environ={}))
        case _:
            return openapi()


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    OpenAPI.model_validate(document)


def test_names_are_used_once_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(names) == len(set(names))
    schemes = document["components"]["securitySchemes"]
    for operation in operations(document).values():
        assert all(name in schemes for each in operation["security"] for name in each)
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert used == set(document["components"]["schemas"])


@pytest.mark.parametrize(
    ("base_path", "path"),
    [("/api/auth", "/api/auth/csrf"), ("/", "/csrf"), ("", "/csrf"), ("x/", "/x/csrf")],
)
def test_the_paths_are_below_the_base_path(base_path: str, path: str) -> None:
    assert path in openapi(base_path)["paths"]


def test_who_changes_a_document_changes_that_one_only() -> None:
    first = openapi()
    first["paths"]["/auth/csrf"]["get"]["responses"]["500"]["description"] = "mine"
    assert "mine" not in json.dumps(openapi())
    assert json.dumps(first).count("mine") == 1


@pytest.mark.parametrize(
    ("changes", "session", "csrf"),
    [
        ({}, "authjs.session-token", "authjs.csrf-token"),
        (
            {"url": "https://app.example"},
            "__Secure-authjs.session-token",
            "__Host-authjs.csrf-token",
        ),
        ({"use_secure_cookies": True}, "__Secure-authjs.session-token", "__Host-authjs.csrf-token"),
        (
            {"cookies": Cookies(session_token=CookieConfig(name="sid"))},
            "sid",
            "authjs.csrf-token",
        ),
    ],
)
def test_the_cookies_have_their_names(changes: dict[str, Any], session: str, csrf: str) -> None:
    schemes = openapi(World("inline").auth(**changes))["components"]["securitySchemes"]
    assert (schemes["session"]["name"], schemes["csrf"]["name"]) == (session, csrf)
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")


def test_it_can_be_told_that_the_app_is_reached_over_https() -> None:
    world = World("inline")
    for document in (openapi(world.auth(), secure=True), openapi(secure=True)):
        name = document["components"]["securitySchemes"]["session"]["name"]
        assert name == "__Secure-authjs.session-token"


# --- beside the app's own -------------------------------------------------------------------------


def test_it_can_be_shown_beside_what_fastapi_shows() -> None:
    auth = FastAPIAuth(World("inline").config())
    app = FastAPI(title="Mine", version="7")
    app.include_router(auth.router)

    @app.get("/auth/session")
    async def of_the_app() -> None: ...

    @app.get("/orders")
    async def orders() -> None: ...

    before = json.dumps(app.openapi())
    document = add_to(app.openapi(), auth.auth)
    assert json.dumps(app.openapi()) == before
    OpenAPIV31SpecValidator(document).validate()
    assert document["info"] == {"title": "Mine", "version": "7"}
    assert {"/orders", "/auth/csrf", "/auth/session"} <= document["paths"].keys()
    session = document["paths"]["/auth/session"]
    assert session["get"] == app.openapi()["paths"]["/auth/session"]["get"]
    assert session["post"]["operationId"] == "auth_update_session"
    assert add_to(document, auth.auth) == document


def test_a_document_without_anything_takes_it_all() -> None:
    bare = {"openapi": "3.1.0", "info": {"title": "Mine", "version": "1"}}
    assert add_to(bare) == openapi(title="Mine")


# --- the command, and the documentation -----------------------------------------------------------


def test_the_command_prints_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", "--base-path", "/api/auth", "--secure"]) == 0
    assert json.loads(capsys.readouterr().out) == openapi("/api/auth", secure=True)


def test_the_documentation_has_it_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi"]) == 0
    kept = (ROOT / "docs" / "openapi.json").read_text("utf-8")
    assert kept == capsys.readouterr().out, "run: authwire openapi > docs/openapi.json"
