from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire import Auth, AuthConfig, Callbacks, Pages, Request
from authwire.core.engine import Engine
from authwire.integrations._paths import Gate, is_ours, matcher, spellings, with_next
from authwire.models import User

SECRET = "a secret of the tests, long enough not to be warned about"


def asked(path: str, query: str = "", method: str = "GET") -> Request:
    return Request(method=method, path=path, query_string=query, host="localhost")


def engine(pages: Pages = Pages(), base_path: str = "/auth") -> Engine[User]:  # noqa: B008  # frozen
    config: AuthConfig[User] = AuthConfig(secret=SECRET, pages=pages, base_path=base_path)
    return Auth(config, environ={}).engine(asked("/"))


def guards(gate: Gate, engine: Engine[User], request: Request, *paths: str) -> bool:
    return gate.asks(engine, request, *paths) != ()


@pytest.mark.parametrize(
    "path",
    [
        "/admin/x",
        "//admin/x",
        "/admin//x",
        "/./admin/x",
        "/admin/./x",
        "/public/../admin/x",
        "/%61dmin/x",
        "/%2561dmin/x",
        "/admin%2fx",
        "/public/%2e%2e/admin/x",
        "/public%2f..%2fadmin/x",
        "/\\admin\\x",
        "/admin/x/",
        "/admin/x/.",
        "/../admin/x",
    ],
)
def test_every_spelling_of_a_path_comes_down_to_one(path: str) -> None:
    found = spellings(path)
    assert found is not None
    assert "/admin/x" in found


def test_endless_encoding_is_no_path_at_all() -> None:
    path = "/admin"
    for _ in range(8):
        path = quote(path, safe="/") if "%" in path else "/%61dmin"
    assert spellings(path) is None
    assert guards(Gate(["/admin"]), engine(), asked(path))


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("/admin", ["/admin"], ["/admin/x", "/administrator", "/x/admin", "/"]),
        ("/admin/", ["/admin"], ["/admin/x"]),
        ("/admin/*", ["/admin", "/admin/x", "/admin/x/y"], ["/administrator", "/x/admin"]),
        ("/admin/**", ["/admin", "/admin/x/y"], ["/administrator"]),
        ("/*", ["/", "/x", "/x/y"], []),
        ("/users/*/keys", ["/users/1/keys"], ["/users/1/2/keys", "/users/keys"]),
        ("/users/**/keys", ["/users/1/2/keys"], ["/users/1/2"]),
        ("/*.json", ["/a.json"], ["/a/b.json", "/ajson"]),
        ("/a.b", ["/a.b"], ["/axb"]),
        ("/x\ny/*", ["/x\ny/z"], ["/xy/z"]),
    ],
)
def test_pattern_covers_what_it_says(pattern: str, inside: list[str], outside: list[str]) -> None:
    matches = matcher([pattern], any_case=False)
    assert [path for path in inside + outside if matches(path, asked(path))] == inside


def test_regular_expression_is_matched_from_the_start() -> None:
    matches = matcher([re.compile(r"/v\d+/")], any_case=False)
    assert matches("/v2/keys", asked("/v2/keys"))
    assert not matches("/x/v2/keys", asked("/x/v2/keys"))


def test_pattern_without_a_slash_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with a slash"):
        Gate(["admin/*"])


def test_single_string_is_refused_because_it_would_be_read_letter_by_letter() -> None:
    with pytest.raises(TypeError, match="list of patterns"):
        Gate("/admin")


def test_gate_without_patterns_is_open() -> None:
    assert not guards(Gate(None), engine(), asked("/admin"))
    assert not guards(Gate([]), engine(), asked("/admin"))


def test_protection_ignores_case_and_exceptions_do_not() -> None:
    gate = Gate(["/admin/*"], ["/admin/login"])
    assert guards(gate, engine(), asked("/ADMIN/x"))
    assert not guards(gate, engine(), asked("/admin/login"))
    assert guards(gate, engine(), asked("/admin/LOGIN"))


def test_exception_counts_only_if_every_spelling_is_one() -> None:
    gate = Gate(["/*"], ["/public/*"])
    assert not guards(gate, engine(), asked("/public/x"))
    assert not guards(gate, engine(), asked("/public/a%20b"))
    assert guards(gate, engine(), asked("/public/../admin"))
    # Once decoded it is below /public, decoded again it is not: who knows what the app sees.
    assert guards(gate, engine(), asked("/public/%252e%252e/admin"))


def test_other_path_that_the_app_sees_is_judged_too() -> None:
    gate = Gate(["/admin/*"])
    assert guards(gate, engine(), asked("/harmless"), "/admin/x")
    assert guards(gate, engine(), asked("/api/admin/x"), "/admin/x")
    assert not guards(gate, engine(), asked("/harmless"), "/other")


def test_function_sees_the_plain_path() -> None:
    gate = Gate(lambda request: request.path.startswith("/admin"))
    assert guards(gate, engine(), asked("//%61dmin"))
    assert not guards(gate, engine(), asked("/x"))


def test_routes_and_own_pages_stay_open_so_that_nobody_is_locked_out() -> None:
    gate = Gate(["/*"], routes="/inside")
    custom = engine(Pages(sign_in="/login?style=1", error="https://help.example/", sign_out="/bye"))
    for path in ("/auth/signin", "/auth/callback/x", "/inside/signin", "/login", "/bye"):
        assert not guards(gate, custom, asked(path)), path
    for path in ("/", "/auth", "/author", "/login/x", "/auth/../admin", "/auth/%2e%2e/admin"):
        assert guards(gate, custom, asked(path)), path


@pytest.mark.parametrize(
    "path", ["/vault/../x", "/vault/%2e%2e/x", "/vault/a/../../x", "/VAULT/../x"]
)
def test_a_path_that_leaves_a_protected_folder_by_dots_is_protected(path: str) -> None:
    """Routers leave the dots as they are: ``/vault/{rest:path}`` takes ``/vault/../x``."""
    gate = Gate(["/vault/*"], public=["/x"])
    assert guards(gate, engine(), asked(path))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/admin/x", ["/admin/x"]),
        ("/admin/", ["/admin/"]),
        ("//%61dmin", ["/admin"]),
        ("/x/../admin", ["/admin", "/x/../admin"]),
        ("/caf%C3%A9", ["/caf%C3%A9"]),
        ("/%2561dmin", ["/%2561dmin", "/admin"]),
    ],
)
def test_callback_is_asked_about_the_plain_path(path: str, told: list[str]) -> None:
    callbacks: Callbacks[User] = Callbacks(authorized=lambda _: True)
    config: AuthConfig[User] = AuthConfig(secret=SECRET, callbacks=callbacks)
    with_callback = Auth(config, environ={}).engine(asked("/"))
    found = Gate(["/*"]).asks(with_callback, asked(path))
    assert found is not None
    assert [request.path for request in found] == told


def test_way_back_stays_as_it_was_sent_where_only_the_session_counts() -> None:
    request = asked("/files/a%2Fb")
    assert Gate(["/*"]).asks(engine(), request) == (request,)


_NOISE: list[Callable[[str], str]] = [
    lambda path: path.replace("/", "//", 1),
    lambda path: path.replace("/", "/./", 1),
    lambda path: f"/x/..{path}",
    lambda path: path.replace("a", "%61"),
    lambda path: path.replace("%", "%25"),
    lambda path: path.replace("/k", "%2Fk"),
    lambda path: path.replace("/k", "\\k"),
    lambda path: path.upper() if "%" not in path else path,
    lambda path: f"{path}/",
]


@given(st.lists(st.sampled_from(_NOISE), max_size=5))
def test_no_disguise_gets_past_the_gate(noise: list[Callable[[str], str]]) -> None:
    path = "/admin/keys"
    for disguise in noise:
        path = disguise(path)
    assert guards(Gate(["/admin/*"]), ENGINE, asked(path)), path


ENGINE = engine()


@given(st.text())
def test_any_text_is_judged_without_an_error(path: str) -> None:
    gate = Gate(["/*"])
    assert guards(gate, ENGINE, asked(f"/{path}")) or path.lower().startswith("auth")


# --- ours, or the app's -----------------------------------------------------------------------------


def test_what_is_below_the_base_path_is_ours() -> None:
    assert is_ours(asked("/auth"), "/auth")
    assert is_ours(asked("/auth/anything"), "/auth")
    assert not is_ours(asked("/author"), "/auth")
    assert not is_ours(asked("//auth/signin"), "/auth")


def test_at_the_root_only_actions_are_ours() -> None:
    assert is_ours(asked("/signin"), "")
    assert is_ours(asked("/callback/github"), "")
    assert not is_ours(asked("/"), "")
    assert not is_ours(asked("/me"), "")
    assert not is_ours(asked("/signin", method="PUT"), "")


# --- ?next= ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("next=/me", {"callbackUrl": "/me"}),
        (
            "a=1&next=http%3A%2F%2Flocalhost%2Fme%3Fx%3D1&b=",
            {"a": "1", "b": "", "callbackUrl": "http://localhost/me?x=1"},
        ),
        ("next=/me&callbackUrl=/you", {"next": "/me", "callbackUrl": "/you"}),
        ("next=javascript:alert(1)", {}),
        ("next=me", {}),
        ("next=/%0d%0aset-cookie", {}),
        ("", {}),
    ],
)
def test_next_becomes_callback_url(query: str, expected: dict[str, str]) -> None:
    assert with_next(asked("/auth/signin", query)).query == expected


def test_next_of_a_post_is_left_alone() -> None:
    request = asked("/auth/callback/x", "next=/me", "POST")
    assert with_next(request) is request
