from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.core.route import Route, route
from authwire.errors import UnknownAction


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/auth/session", Route("session")),
        ("/auth//session", Route("session")),
        ("/auth/signin", Route("signin")),
        ("/auth/signin/github", Route("signin", "github")),
        ("/auth/signin/github/", Route("signin", "github")),
        ("/auth/callback/undefined", Route("callback")),
        ("/auth/webauthn-options/passkey", Route("webauthn-options", "passkey")),
        ("/auth/webauthn.js", Route("webauthn.js")),
    ],
)
def test_path_names_action_and_provider(path: str, expected: Route) -> None:
    assert route("GET", path, "/auth") == expected


@pytest.mark.parametrize(
    "path",
    [
        "/auth",
        "/auth/",
        "/authsession",
        "/auth/SESSION",
        "/auth/%73ession",
        "/auth/session/extra",
        "/auth/callback/a/b",
        "/other/session",
        "/AUTH/session",
        "/auth/../session",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(UnknownAction):
        route("GET", path, "/auth")


@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "get", ""])
def test_other_methods_are_refused(method: str) -> None:
    with pytest.raises(UnknownAction):
        route(method, "/auth/session", "/auth")


def test_routes_work_at_the_root() -> None:
    assert route("GET", "/session", "") == Route("session")


@given(st.text())
def test_no_path_raises_anything_else(path: str) -> None:
    try:
        found = route("POST", "/auth/" + path, "/auth")
    except UnknownAction:
        return
    assert "/" not in (found.provider_id or "")
