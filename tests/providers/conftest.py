"""A stand-in for the way out to providers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import pytest

from authwire.http import Headers, HttpRequest, HttpResponse


@dataclass
class ScriptedHttp:
    """Answers by URL; a request that is not scripted fails the test."""

    answers: dict[str, HttpResponse | Exception]
    requests: list[HttpRequest] = field(default_factory=list)

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        answer = self.answers[request.url]
        if isinstance(answer, Exception):
            raise answer
        return answer


def make_answer(
    body: object, *, status: int = 200, content_type: str = "application/json"
) -> HttpResponse:
    """Bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status=status, headers=Headers([("content-type", content_type)]), body=data)


Script: TypeAlias = Callable[[dict[str, HttpResponse | Exception]], ScriptedHttp]


@pytest.fixture
def script() -> Script:
    """Makes an `Http` out of answers by URL."""
    return ScriptedHttp


@pytest.fixture
def answer() -> Callable[..., HttpResponse]:
    """Makes a provider's answer."""
    return make_answer
