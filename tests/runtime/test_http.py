from __future__ import annotations

import asyncio
import gzip
import os
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import httpx2
import pytest

from authwire.errors import ProtocolError, ProviderUnreachable
from authwire.http import HttpRequest, HttpResponse
from authwire.runtime import AsyncHttp, SyncHttp, drive
from authwire.runtime import http as http_module
from authwire.runtime.http import MAX_RESPONSE_BYTES

SECRET = "sesame"

Send = Callable[[HttpRequest], HttpResponse]


class Provider(ThreadingHTTPServer):
    """An HTTP server on loopback that answers by path and remembers the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.stop = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))
        answer = getattr(self, "answer_" + self.path.split("?")[0].strip("/").replace("-", "_"))
        answer()

    do_POST = do_GET  # noqa: N815  # the base class looks for this name

    def answer_json(self) -> None:
        self._send(200, b'{"a": 1}', ("Content-Type", "application/json"), ("X-Two", "1"))

    def answer_error(self) -> None:
        self._send(400, b'{"error": "invalid_grant"}', ("DPoP-Nonce", "n"), ("X-Two", "1"))

    def answer_redirect(self) -> None:
        self._send(302, b"", ("Location", "/json"))

    def answer_cookie(self) -> None:
        self._send(200, b"{}", ("Set-Cookie", "who=alice; Path=/"), ("Set-Cookie", "b=2; Path=/"))

    def answer_full(self) -> None:
        self._send(200, b"x" * MAX_RESPONSE_BYTES)

    def answer_over(self) -> None:
        self._send(200, b"x" * (MAX_RESPONSE_BYTES + 1))

    def answer_zipped(self) -> None:
        self._send(200, gzip.compress(b'{"a": 1}'), ("Content-Encoding", "gzip"))

    def answer_bomb(self) -> None:
        self._send(200, gzip.compress(b"0" * 60_000_000), ("Content-Encoding", "gzip"))

    def answer_broken_zip(self) -> None:
        self._send(200, b"no gzip at all", ("Content-Encoding", "gzip"))

    def answer_silent(self) -> None:
        self.server.stop.wait(30)
        self.close_connection = True

    def answer_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        while not self.server.stop.wait(0.02):
            try:
                self.wfile.write(b"x")
            except OSError:
                break
        self.close_connection = True

    def answer_half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x")
        self.close_connection = True

    def _send(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client had enough

    def log_message(self, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.stop.set()
        server.shutdown()
        thread.join()


@pytest.fixture(params=["sync", "asyncio", "trio"])
def send(request: pytest.FixtureRequest) -> Iterator[Send]:
    """Each test sees both drivers, the async one under both event loops."""
    if request.param == "sync":
        sync_http = SyncHttp()
        yield lambda message: drive(sync_http.send(message))
        sync_http.close()
        return
    async_http = AsyncHttp()

    async def exchange(message: HttpRequest) -> HttpResponse:
        try:
            return await async_http.send(message)
        finally:
            await async_http.aclose()

    yield lambda message: anyio.run(exchange, message, backend=request.param)


# httpx2 leaves its inner generators to the collector when an answer is not read to its end, which
# trio, and only trio, reports.
abandons_the_answer = pytest.mark.filterwarnings(
    r"ignore:(?s).*PoolByteStream.__aiter__:pytest.PytestUnraisableExceptionWarning"
)


def get(url: str, **headers: str) -> HttpRequest:
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpRequest(method="GET", url=url, headers=fields)


def test_answer_has_status_headers_and_body(provider: Provider, send: Send) -> None:
    answer = send(get(provider.url("/error")))
    assert (answer.status, answer.body) == (400, b'{"error": "invalid_grant"}')
    assert answer.headers.get("dpop-nonce") == "n"


def test_repeated_headers_of_the_answer_are_kept(provider: Provider, send: Send) -> None:
    answer = send(get(provider.url("/cookie")))
    assert answer.headers.get_all("set-cookie") == ["who=alice; Path=/", "b=2; Path=/"]


def test_post_sends_its_body_and_headers(provider: Provider, send: Send) -> None:
    send(
        HttpRequest(
            method="POST",
            url=provider.url("/json?x=%2F"),
            headers=(("Content-Type", "application/x-www-form-urlencoded"), ("DPoP", "proof")),
            body=b"grant_type=refresh_token",
        )
    )
    method, path, headers, body = provider.seen[0]
    assert (method, path, body) == ("POST", "/json?x=%2F", b"grant_type=refresh_token")
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["dpop"] == "proof"


def test_request_says_who_asks_and_for_what(provider: Provider, send: Send) -> None:
    send(get(provider.url("/json")))
    headers = provider.seen[0][2]
    assert headers["user-agent"].startswith("authwire")
    assert headers["accept"] == "application/json"
    assert headers["accept-encoding"] == "identity"


def test_given_headers_replace_the_defaults(provider: Provider, send: Send) -> None:
    send(get(provider.url("/json"), User_Agent="mine", ACCEPT="application/jwt"))
    headers = provider.seen[0][2]
    assert (headers["user-agent"], headers["accept"]) == ("mine", "application/jwt")


def test_redirect_is_not_followed(provider: Provider, send: Send) -> None:
    answer = send(get(provider.url("/redirect")))
    assert (answer.status, answer.headers.get("location")) == (302, "/json")
    assert len(provider.seen) == 1


def test_answer_of_just_the_largest_size_is_read(provider: Provider, send: Send) -> None:
    assert len(send(get(provider.url("/full"))).body) == MAX_RESPONSE_BYTES


@abandons_the_answer
@pytest.mark.parametrize("path", ["/over", "/bomb"])
def test_answer_over_the_cap_is_refused(provider: Provider, send: Send, path: str) -> None:
    with pytest.raises(ProviderUnreachable, match="over 1048576 bytes"):
        send(get(provider.url(path)))


def test_answer_compressed_all_the_same_is_read(provider: Provider, send: Send) -> None:
    assert send(get(provider.url("/zipped"))).body == b'{"a": 1}'


@abandons_the_answer
@pytest.mark.parametrize(
    ("path", "reason"), [("/broken-zip", "DecodingError"), ("/half", "RemoteProtocolError")]
)
def test_broken_answer_is_refused(provider: Provider, send: Send, path: str, reason: str) -> None:
    with pytest.raises(ProviderUnreachable, match=reason):
        send(get(provider.url(path)))


@pytest.mark.parametrize("path", ["/silent", "/drip"])
def test_answer_that_takes_too_long_is_given_up(
    provider: Provider, send: Send, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "_TOTAL_SECONDS", 0.2)
    with pytest.raises(ProviderUnreachable, match=r"too long|time-out|ReadTimeout"):
        send(get(provider.url(path)))


def test_refused_connection_is_told_without_the_query(send: Send) -> None:
    with Provider() as closed:
        url = closed.url(f"/token?code={SECRET}")
    with pytest.raises(ProviderUnreachable, match=r"GET http://127\.0\.0\.1:\d+/token: Conn") as e:
        send(get(url, Authorization=f"Bearer {SECRET}"))
    assert SECRET not in "".join(traceback.format_exception(e.value))


def test_header_that_cannot_be_sent_is_not_quoted(provider: Provider, send: Send) -> None:
    with pytest.raises(ProviderUnreachable) as e:
        send(get(provider.url("/json"), Authorization=f"Bearer {SECRET}\r\nx: y"))
    assert SECRET not in "".join(traceback.format_exception(e.value))
    assert provider.seen == []


@pytest.mark.parametrize("url", ["http://provider.example/x", "ftp://127.0.0.1/x", "nonsense"])
def test_url_that_is_not_https_is_refused(send: Send, url: str) -> None:
    with pytest.raises(ProtocolError, match="provider URL"):
        send(get(url))


def test_cookies_of_one_exchange_do_not_travel_with_the_next_sync(provider: Provider) -> None:
    http = SyncHttp()
    drive(http.send(get(provider.url("/cookie"))))
    drive(http.send(get(provider.url("/json"))))
    http.close()
    assert "cookie" not in provider.seen[1][2]


@pytest.mark.anyio
@pytest.mark.parametrize("client", [None, httpx2.AsyncClient], ids=["own", "injected"])
async def test_cookies_of_one_exchange_do_not_travel_with_the_next_async(
    provider: Provider, client: Any
) -> None:
    injected = client() if client else None
    http = AsyncHttp(injected)
    await http.send(get(provider.url("/cookie")))
    await http.send(get(provider.url("/json")))
    await http.aclose()
    if injected is not None:
        await injected.aclose()
    assert "cookie" not in provider.seen[1][2]


@pytest.mark.anyio
async def test_cookie_header_of_the_request_itself_is_sent(provider: Provider) -> None:
    http = AsyncHttp()
    await http.send(get(provider.url("/json"), Cookie="mine=1"))
    await http.aclose()
    assert provider.seen[0][2]["cookie"] == "mine=1"


def test_one_async_http_serves_several_event_loops(provider: Provider) -> None:
    http = AsyncHttp()

    async def twice() -> list[int]:
        answers = [await http.send(get(provider.url("/json"))) for _ in range(2)]
        await http.aclose()
        return [answer.status for answer in answers]

    assert asyncio.run(twice()) == [200, 200]
    assert asyncio.run(twice()) == [200, 200]
    assert anyio.run(twice, backend="trio") == [200, 200]


@pytest.mark.anyio
async def test_one_client_is_kept_for_an_event_loop(provider: Provider) -> None:
    http = AsyncHttp()
    first = http._client()
    assert http._client() is first
    await http.aclose()
    assert http._client() is not first
    await http.aclose()
    await http.aclose()  # nothing left to close


def test_one_client_is_kept_for_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    http = SyncHttp()
    first = http._client()
    assert http._client() is first
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert http._client() is not first
    http.close()
    monkeypatch.undo()
    assert http._client() is first
    http.close()


@pytest.mark.anyio
async def test_injected_async_client_is_used_and_left_open() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert "authorization" not in request.headers  # the client's own, meant for elsewhere
        return httpx2.Response(200, json={"host": request.url.host})

    transport = httpx2.MockTransport(answer)
    async with httpx2.AsyncClient(transport=transport, auth=("a", "b")) as client:
        http = AsyncHttp(client)
        answers = [await http.send(get("https://provider.example/x")) for _ in range(2)]
        await http.aclose()
        assert not client.is_closed
    assert answers[0].body == b'{"host":"provider.example"}'


def test_injected_sync_client_is_used_and_left_open() -> None:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, text=request.method))
    with httpx2.Client(transport=transport) as client:
        http = SyncHttp(client)
        assert drive(http.send(get("https://provider.example/x"))).body == b"GET"
        http.close()
        assert not client.is_closed


def test_injected_client_may_not_follow_redirects_either() -> None:
    transport = httpx2.MockTransport(
        lambda request: httpx2.Response(302, headers={"location": "https://evil.example/"})
    )
    with httpx2.Client(transport=transport, follow_redirects=True) as client:
        assert drive(SyncHttp(client).send(get("https://provider.example/x"))).status == 302


@pytest.mark.anyio
async def test_client_of_the_wrong_kind_is_refused() -> None:
    with httpx2.Client() as client, pytest.raises(TypeError, match="async HTTP client"):
        AsyncHttp(client)
    async with httpx2.AsyncClient() as client:
        with pytest.raises(TypeError, match="sync HTTP client"):
            SyncHttp(client)


@pytest.mark.anyio
async def test_foreign_error_of_an_injected_client_is_unreachable_too() -> None:
    class Foreign(Exception):
        pass

    class Client(httpx2.AsyncClient):
        async def send(self, *args: Any, **kwargs: Any) -> Any:
            raise Foreign("sesame")

    async with Client() as client:
        with pytest.raises(ProviderUnreachable, match=r"/x: Foreign$"):
            await AsyncHttp(client).send(get("https://provider.example/x"))


@pytest.mark.anyio
async def test_cancellation_is_not_mistaken_for_an_unreachable_provider(provider: Provider) -> None:
    http = AsyncHttp()
    with anyio.move_on_after(0.1) as scope:
        await http.send(get(provider.url("/silent")))
    await http.aclose()
    assert scope.cancelled_caught
