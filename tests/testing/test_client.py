from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.integrations.scenarios import LOGIN, SESSION
from tests.integrations.world import World

from authwire import Auth, Request, Response, SyncAuth
from authwire.integrations.asgi import AuthMiddleware
from authwire.providers import Email
from authwire.runtime.asgi import Receive, Scope, Send, asgi_app
from authwire.runtime.wsgi import wsgi_app
from authwire.testing.client import AsyncAuthClient, AuthClient, BrowserCookies

pytestmark = pytest.mark.anyio


def echo(request: Request) -> Response:
    """Answers with what it got."""
    lines = [f"{request.method} {request.scheme}://{request.host}{request.path}"]
    lines += [request.query_string, request.body.decode(), str(request.client)]
    lines += [f"{name}: {value}" for name, value in request.headers]
    headers = tuple(("set-cookie", c) for c in request.query_string.split("&") if "=" in c)
    return Response(headers=headers, body="\n".join(lines).encode())


async def echo_later(request: Request) -> Response:
    return echo(request)


CLIENTS = {
    "handler": lambda **options: AuthClient.handler(echo, **options),
    "async handler": lambda **options: AuthClient.handler(echo_later, **options),
    "asgi": lambda **options: AuthClient.asgi(asgi_app(echo_later), **options),
    "wsgi": lambda **options: AuthClient.wsgi(wsgi_app(echo), **options),
}


@pytest.fixture(params=CLIENTS)
def make(request: pytest.FixtureRequest) -> Any:
    return CLIENTS[request.param]


# --- every way to an app looks the same to it -----------------------------------------------------------


def test_app_sees_the_whole_request(make: Any) -> None:
    with make(base_url="https://app.example:8443", headers={"X-One": "1"}) as client:
        client.cookies.set("a", "1")
        client.cookies.set("b", "2%20", path="/x")
        answer = client.post("/x/%C3%A4?q=%20", form={"f": "ä&"}, headers={"X-Two": "2"})
        assert answer.text.splitlines()[:4] == [
            "POST https://app.example:8443/x/%C3%A4",
            "q=%20",
            "f=%C3%A4%26",
            "127.0.0.1",
        ]
        for line in ("x-one: 1", "x-two: 2", "cookie: b=2%20; a=1", "content-length: 11"):
            assert line in answer.text.splitlines()


def test_json_is_posted_as_such(make: Any) -> None:
    with make() as client:
        lines = client.post("/", json={"a": [1]}).text.splitlines()
        assert '{"a": [1]}' in lines
        assert "content-type: application/json" in lines


def test_cookies_come_back_and_stay_apart_in_another_browser(make: Any) -> None:
    with make() as client:
        client.get("/?one=1&two=2")
        assert sorted(client.cookies) == ["one", "two"]
        assert "cookie: one=1; two=2" in client.get("/").text
        assert "cookie:" not in client.another_browser().get("/").text


def test_other_sites_are_not_asked(make: Any) -> None:
    with make() as client, pytest.raises(ValueError, match="not at http://localhost"):
        client.get("https://elsewhere.example/")


# --- redirects ------------------------------------------------------------------------------------------


def redirecting(request: Request) -> Response:
    target = {"/a": "b", "/b": "http://localhost/c", "/c": "https://idp.example/", "/loop": "/loop"}
    location = target.get(request.path)
    return Response(status=302, headers=(("location", location),)) if location else Response()


def test_redirects_are_followed_inside_the_app() -> None:
    client = AuthClient.handler(redirecting)
    assert client.get("/a").location == "http://localhost/b"
    answer = client.get("/a", follow=True)
    assert (answer.url, answer.location) == ("http://localhost/c", "https://idp.example/")


def test_redirects_in_a_circle_end() -> None:
    with pytest.raises(AssertionError, match="more than 10 redirects"):
        AuthClient.handler(redirecting).get("/loop", follow=True)


# --- signing in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sync", [False, True])
def test_client_signs_in_in_every_way(sync: bool) -> None:
    world = World()
    config = world.config()
    handle: Any = SyncAuth(config).handle if sync else Auth(config).handle
    with AuthClient.handler(handle, now=world.now) as client:
        client.sign_in_credentials(LOGIN)
        assert (client.session() or {})["user"]["name"] == "Ada"
        client.sign_out()
        assert client.session() is None
        client.sign_in_oauth("fake", world.idp, sub="bob-2")
        assert (client.session() or {})["user"]["name"] == "Bob Dodgson"
        client.sign_out()
        client.sign_in_email("carol@example.com")
        client.open_magic_link(world.outbox[-1].url)
        assert (client.session() or {})["user"]["email"] == "carol@example.com"


async def test_async_client_does_the_same_with_await() -> None:
    world = World()
    client = AsyncAuthClient.handler(Auth(world.config()).handle, now=world.now)
    answer = await client.sign_in_oauth("fake", world.idp, callback_url="/me")
    assert answer.location == "http://localhost/me"
    updated = await client.update({"name": "Countess"})
    assert (updated or {})["user"]["name"] == "Countess"
    await client.sign_out()
    assert await client.session() is None


def test_button_of_the_confirm_page_is_pressed() -> None:
    world = World()
    provider = Email(send=world.outbox.append, confirm=True)
    handle = SyncAuth(world.config(providers=[provider])).handle
    client = AuthClient.handler(handle, now=world.now)
    client.sign_in_email("carol@example.com", callback_url="/me?a=1&b=2")
    url = world.outbox[-1].url
    assert client.get(url).status == 200
    assert SESSION not in client.cookies
    assert client.open_magic_link(url).location == "http://localhost/me?a=1&b=2"
    assert SESSION in client.cookies


def test_begun_sign_in_must_lead_to_a_provider() -> None:
    world = World()
    client = AuthClient.handler(SyncAuth(world.config()).handle, now=world.now)
    with pytest.raises(AssertionError, match="no redirect to a provider"):
        client.sign_in_oauth("nobody", world.idp)


def test_failing_route_is_not_taken_for_no_session() -> None:
    client = AuthClient.handler(lambda _: Response(status=500, body=b"down"))
    with pytest.raises(AssertionError, match="GET session gave 500: down"):
        client.session()


def test_app_that_answers_twice_or_never_is_reported() -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    with AuthClient.asgi(silent) as client, pytest.raises(AssertionError, match="sent 0 answers"):
        client.get("/")


def test_loop_starts_again_after_close() -> None:
    client = AuthClient.asgi(AuthMiddleware(asgi_app(echo_later), Auth(World().config())))
    assert client.session() is None
    client.close()
    assert client.session() is None
    client.close()


# --- cookies as browsers keep them ------------------------------------------------------------------------


def jar() -> tuple[BrowserCookies, World]:
    world = World()
    return BrowserCookies(world.now), world


@pytest.mark.parametrize(
    ("header", "url", "kept"),
    [
        ("a=1", "http://app.example/", True),
        ("a=1; Secure", "http://app.example/", False),
        ("a=1; Secure", "http://localhost:8000/", True),
        ("a=1; Secure", "https://app.example/", True),
        ("__Secure-a=1", "https://app.example/", False),
        ("__Secure-a=1; Secure", "https://app.example/", True),
        ("__Host-a=1; Secure; Path=/", "https://app.example/", True),
        ("__Host-a=1; Secure; Path=/x", "https://app.example/", False),
        ("__Host-a=1; Secure; Path=/; Domain=app.example", "https://app.example/", False),
        ("__Host-a=1; Path=/", "https://app.example/", False),
        ("=1", "https://app.example/", False),
        (f"a={'x' * 4096}", "https://app.example/", False),
    ],
)
def test_cookie_is_kept_if_a_browser_would(header: str, url: str, kept: bool) -> None:
    cookies, _ = jar()
    cookies.store(header, url)
    assert bool(len(cookies)) == kept


def test_cookie_goes_only_where_it_belongs() -> None:
    cookies, world = jar()
    cookies.store("root=1; Path=/", "https://app.example/")
    cookies.store("deep=2; Path=/x; Secure", "https://app.example/")
    cookies.store("odd=3; Path=no-slash; Max-Age=60", "https://app.example/")
    assert cookies.header("https://app.example/x/y") == "deep=2; root=1; odd=3"
    assert cookies.header("https://app.example/xy") == "root=1; odd=3"
    assert cookies.header("http://app.example/x") == "root=1; odd=3"
    world.pass_time(timedelta(seconds=61))
    assert cookies.header("https://app.example/") == "root=1"


@pytest.mark.parametrize(
    "ending", ["Max-Age=0", "Max-Age=-5", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_cookie_that_has_ended_is_forgotten(ending: str) -> None:
    cookies, _ = jar()
    cookies.store("a=1; Expires=not a date", "https://app.example/")
    assert cookies["a"] == "1"
    cookies.store(f"a=; {ending}", "https://app.example/")
    assert "a" not in cookies
    with pytest.raises(KeyError):
        cookies["a"]


def test_values_are_not_shown() -> None:
    cookies, _ = jar()
    cookies.set("a", "s3cret")
    assert repr(cookies) == "BrowserCookies(a)"
    cookies.clear()
    assert len(cookies) == 0


_ATTRIBUTES = st.builds(
    "{}={}".format,
    st.sampled_from(["Max-Age", "Expires", "Path", "Domain", "Secure"]),
    st.text() | st.integers().map(str) | st.datetimes().map(lambda d: d.strftime("%d %b %Y -0000")),
)


@given(st.text(), st.lists(_ATTRIBUTES))
def test_any_set_cookie_is_taken_without_an_error(pair: str, attributes: list[str]) -> None:
    cookies, _ = jar()
    cookies.store("; ".join([pair, *attributes]), "https://app.example/")
    assert cookies.header("https://app.example/").count("=") >= len(cookies) - 1
