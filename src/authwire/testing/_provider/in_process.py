"""The way to a provider in the same process, for those who would use the network."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

import httpx2

from authwire.errors import ProviderUnreachable
from authwire.http import Headers, HttpRequest, HttpResponse, Request, Response

__all__ = ["InProcessHttp", "Served"]


class Served(Protocol):
    """A provider: `FakeProvider`, or another app that answers `Request` with `Response`."""

    def serves(self, origin: str, path: str) -> bool:
        """Whether an endpoint is there, and answers."""
        ...

    def handle(self, request: Request) -> Response: ...


class InProcessHttp:
    """`Http` to fake providers. Every other host is unreachable.

    Args:
        providers: one or more.
    """

    def __init__(self, *providers: Served) -> None:
        self._providers = providers

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``. Never suspends.

        Raises:
            ProviderUnreachable: if no provider is there, or its `Faults` say so.
        """
        return self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """`send` without ``await``."""
        parts = urlsplit(request.url)
        origin, path = f"{parts.scheme}://{parts.netloc}", parts.path or "/"
        provider = next((each for each in self._providers if each.serves(origin, path)), None)
        if provider is None:
            raise ProviderUnreachable(f"{request.method} {origin}{path}: refused")
        answer = provider.handle(
            Request(
                method=request.method,
                path=path,
                scheme=parts.scheme,
                host=parts.netloc,
                query_string=parts.query,
                headers=Headers(request.headers),
                body=request.body or b"",
            )
        )
        fields = Headers(answer.wire_headers())
        return HttpResponse(status=answer.status, headers=fields, body=answer.body)

    def async_client(self) -> httpx2.AsyncClient:
        """For ``AuthConfig(http_client=…)`` of an async app."""
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self._exchange))

    def client(self) -> httpx2.Client:
        """For ``AuthConfig(http_client=…)`` of a sync app."""
        return httpx2.Client(transport=httpx2.MockTransport(self._exchange))

    def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        try:
            answer = self.answer(
                HttpRequest(
                    method="POST" if request.method == "POST" else "GET",
                    url=str(request.url),
                    headers=tuple(request.headers.multi_items()),
                    body=request.content,
                )
            )
        except ProviderUnreachable as exc:
            raise httpx2.ConnectError(str(exc), request=request) from exc
        return httpx2.Response(answer.status, headers=list(answer.headers), content=answer.body)
