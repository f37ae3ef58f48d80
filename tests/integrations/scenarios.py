"""What people do in a browser. Every integration must behave the same in all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from tests.integrations.world import ADA, PASSWORD, World

from authwire.testing.client import Answer, AuthClient

SESSION = "authjs.session-token"
JSON = {"accept": "application/json"}
LOGIN = {"email": ADA, "password": PASSWORD}


def sign_in(browser: AuthClient, email: str = ADA) -> None:
    answer = browser.sign_in_credentials({"email": email, "password": PASSWORD}, callback_url="/me")
    assert answer.location == f"{browser.base_url}/me"


def query(answer: Answer) -> dict[str, str]:
    assert answer.location is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def set_names(answer: Answer) -> list[str]:
    return [header.partition("=")[0] for header in answer.set_cookies]


def credentials_lead_to_a_session(browser: AuthClient, world: World) -> None:
    assert browser.get("/").json() == {"name": None}
    page = browser.get("/auth/signin")
    assert page.status == 200
    assert "password" in page.text
    sign_in(browser)
    assert browser.get("/").json() == {"name": "Ada"}
    assert browser.get("/me").json() == {"name": "Ada"}


def wrong_password_is_told_on_the_sign_in_page(browser: AuthClient, world: World) -> None:
    answer = browser.sign_in_credentials({"email": ADA, "password": "wrong"})
    assert answer.status == 302
    assert query(answer) == {"error": "CredentialsSignin", "code": "credentials"}
    page = browser.follow(answer)
    assert page.status == 200
    assert "do not match" in page.text
    assert SESSION not in browser.cookies


def post_without_csrf_token_signs_nobody_in(browser: AuthClient, world: World) -> None:
    answer = browser.post("/auth/callback/credentials", form=LOGIN)
    assert query(answer)["error"] == "MissingCSRF"
    assert SESSION not in browser.cookies


def magic_link_signs_in_once(browser: AuthClient, world: World) -> None:
    answer = browser.sign_in_email(" Bob@Example.com ", callback_url="/me")
    assert urlsplit(answer.location or "").path == "/auth/verify-request"
    assert "inbox" in browser.follow(answer).text
    (mail,) = world.outbox
    assert mail.identifier == "bob@example.com"
    opened = browser.open_magic_link(mail.url)
    assert opened.location == f"{browser.base_url}/me"
    assert browser.get("/me").status == 200
    again = browser.another_browser().open_magic_link(mail.url)
    assert query(again) == {"error": "Verification"}


def oauth_signs_in(browser: AuthClient, world: World) -> None:
    answer = browser.sign_in_oauth("fake", world.idp, callback_url="/me")
    assert answer.location == f"{browser.base_url}/me"
    assert browser.get("/me").json() == {"name": "Alice Liddell"}
    assert [a.provider for a in world.adapter.accounts] == ["fake"]


def oauth_answer_for_another_browser_is_refused(browser: AuthClient, world: World) -> None:
    begun = browser.begin_oauth("fake")
    other = browser.another_browser()
    answer = other.finish_oauth(begun, world.idp)
    assert query(answer) == {"error": "Configuration"}
    assert SESSION not in other.cookies


def two_tabs_may_sign_in_at_the_same_time(browser: AuthClient, world: World) -> None:
    first = browser.begin_oauth("fake", "/me")
    second = browser.begin_oauth("fake", "/me")
    answers = [browser.finish_oauth(begun, world.idp) for begun in (first, second)]
    assert [answer.location for answer in answers] == [f"{browser.base_url}/me"] * 2


def protected_page_returns_after_sign_in(browser: AuthClient, world: World) -> None:
    turned_away = browser.get("/me?tab=keys&x=%C3%A4")
    assert turned_away.status == 302
    assert urlsplit(turned_away.location or "").path == "/auth/signin"
    assert query(turned_away) == {"callbackUrl": f"{browser.base_url}/me?tab=keys&x=%C3%A4"}
    assert browser.follow(turned_away).status == 200
    # The page's own form remembers the way back in a cookie.
    done = browser.sign_in_credentials(LOGIN)
    assert done.location == f"{browser.base_url}/me?tab=keys&x=%C3%A4"
    assert browser.follow(done).json() == {"name": "Ada"}


def programs_get_401(browser: AuthClient, world: World) -> None:
    answer = browser.get("/me", headers=JSON)
    assert answer.status == 401
    assert (answer.headers.get("www-authenticate") or "").startswith("Bearer")
    assert answer.headers.get("content-type") == "application/json"
    assert "location" not in answer.headers
    sign_in(browser)
    assert browser.get("/me", headers=JSON).status == 200


def predicate_gives_403(browser: AuthClient, world: World) -> None:
    assert browser.get("/ada").status == 302
    sign_in(browser, "eve@example.com")
    assert browser.get("/ada").status == 403
    assert browser.get("/me").status == 200
    sign_in(browser)
    assert browser.get("/ada").json() == {"name": "Ada"}


def path_protection_covers_a_folder(browser: AuthClient, world: World) -> None:
    assert browser.get("/vault/open").status == 200
    refused = browser.get("/vault/gold")
    assert refused.status == 302
    assert query(refused) == {"callbackUrl": f"{browser.base_url}/vault/gold"}
    assert browser.get("/vault/gold", headers=JSON).status == 401
    sign_in(browser)
    assert browser.get("/vault/gold").status == 200


def session_endpoint_tells_who_is_there(browser: AuthClient, world: World) -> None:
    assert browser.session() is None
    sign_in(browser)
    body = browser.session()
    assert body is not None
    assert body["user"]["email"] == ADA
    assert body["expires"] == "2030-01-31T00:00:00.000Z"


def client_updates_the_session(browser: AuthClient, world: World) -> None:
    sign_in(browser)
    updated = browser.update({"name": "Lovelace"})
    assert updated is not None
    assert updated["user"]["name"] == "Lovelace"


def server_updates_the_session(browser: AuthClient, world: World) -> None:
    assert browser.post("/rename", headers=JSON).status == 401
    sign_in(browser)
    answer = browser.post("/rename")
    assert answer.json()["user"]["name"] == "Countess"
    assert set_names(answer) == [SESSION]
    if world.strategy == "jwt":  # with rows the app changes the row itself
        assert browser.get("/me").json() == {"name": "Countess"}


def sign_out_ends_the_session(browser: AuthClient, world: World) -> None:
    sign_in(browser)
    page = browser.get("/auth/signout")
    assert page.status == 200
    answer = browser.sign_out(callback_url="/")
    assert answer.location == f"{browser.base_url}/"
    assert SESSION not in browser.cookies
    assert browser.get("/me").status == 302
    assert not world.adapter.sessions


def server_signs_in_and_out(browser: AuthClient, world: World) -> None:
    answer = browser.post("/enter", form=LOGIN)
    assert answer.status == 302
    assert answer.location == f"{browser.base_url}/me"
    assert browser.get("/me").json() == {"name": "Ada"}
    left = browser.post("/leave")
    assert left.location == f"{browser.base_url}/"
    assert SESSION not in browser.cookies
    assert browser.get("/me").status == 302


def sign_out_wins_over_a_session_that_would_be_rolled(browser: AuthClient, world: World) -> None:
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.post("/quit")
    assert set_names(answer).count(SESSION) == 1
    assert SESSION not in browser.cookies


def routes_speak_for_themselves_when_the_session_would_be_rolled(
    browser: AuthClient, world: World
) -> None:
    sign_in(browser)
    world.pass_time(timedelta(days=2))
    answer = browser.get("/auth/session")
    assert set_names(answer) == [SESSION]
    assert "vary" not in answer.headers
    world.pass_time(timedelta(days=2))
    assert set_names(browser.sign_out()).count(SESSION) == 1
    assert SESSION not in browser.cookies


def rolled_cookie_is_sent_exactly_once(browser: AuthClient, world: World) -> None:
    sign_in(browser)
    assert browser.get("/twice").set_cookies == []
    world.pass_time(timedelta(days=2))
    answer = browser.get("/twice")
    assert answer.json() == {"name": "Ada"}
    assert set_names(answer) == [SESSION]
    assert "Expires=Sat, 02 Feb 2030" in answer.set_cookies[0]
    assert answer.headers.get("cache-control") == "private, no-cache, no-store"
    assert answer.headers.get_all("vary") == ["Cookie"]
    assert browser.get("/twice").set_cookies == []


def used_session_outlives_its_first_cookie(browser: AuthClient, world: World) -> None:
    sign_in(browser)
    for _ in range(4):
        world.pass_time(timedelta(days=20))
        assert browser.get("/me").status == 200
    world.pass_time(timedelta(days=31))
    assert browser.get("/me").status == 302


def error_page_explains(browser: AuthClient, world: World) -> None:
    assert browser.get("/auth/error?error=AccessDenied").status == 403
    assert browser.get("/auth/error?error=Configuration").status == 500
    assert browser.get("/auth/error").status == 200


def unknown_routes_are_bad_requests(browser: AuthClient, world: World) -> None:
    for method, path in (
        ("GET", "/auth/nothing"),
        ("GET", "/auth/session/x"),
        ("GET", "/auth/signin/fake/x"),
        ("PUT", "/auth/session"),
        ("DELETE", "/auth/signin/fake"),
        ("OPTIONS", "/auth/nothing"),
    ):
        answer = browser.request(method, path)
        assert (answer.status, answer.text) == (400, '"Bad request."'), (method, path)


def doubled_slash_is_no_detour(browser: AuthClient, world: World) -> None:
    sign_in(browser)
    answer = browser.get("/auth//session")
    assert answer.status == 200
    assert answer.json()["user"]["email"] == ADA


def way_back_keeps_its_spelling(browser: AuthClient, world: World) -> None:
    for path in ("/a\"<b>'", "/\\evil.example"):
        answer = browser.sign_in_credentials(LOGIN, callback_url=path)
        assert answer.location == f"{browser.base_url}{path}"


def next_is_honoured_as_callback_url(browser: AuthClient, world: World) -> None:
    browser.get(f"/auth/signin?next={browser.base_url}/me%3Fx=1")
    assert browser.sign_in_credentials(LOGIN).location == f"{browser.base_url}/me?x=1"
    elsewhere = browser.another_browser()
    elsewhere.get("/auth/signin?next=https://evil.example/")
    assert elsewhere.sign_in_credentials(LOGIN).location == browser.base_url
    odd = browser.another_browser()
    assert odd.get("/auth/signin?next=javascript:alert(1)").status == 200
    assert odd.sign_in_credentials(LOGIN).location == browser.base_url


def broken_session_cookie_means_nobody(browser: AuthClient, world: World) -> None:
    browser.cookies.set(SESSION, "garbage")
    assert browser.get("/").json() == {"name": None}
    assert browser.get("/me").status == 302


def too_large_body_is_refused(browser: AuthClient, world: World) -> None:
    answer = browser.post("/auth/signin/email", form={"email": "x" * (1 << 20)})
    assert answer.status == 413


Scenario = Callable[[AuthClient, World], None]
SCENARIOS: tuple[Scenario, ...] = (
    credentials_lead_to_a_session,
    wrong_password_is_told_on_the_sign_in_page,
    post_without_csrf_token_signs_nobody_in,
    magic_link_signs_in_once,
    oauth_signs_in,
    oauth_answer_for_another_browser_is_refused,
    two_tabs_may_sign_in_at_the_same_time,
    protected_page_returns_after_sign_in,
    programs_get_401,
    predicate_gives_403,
    path_protection_covers_a_folder,
    session_endpoint_tells_who_is_there,
    client_updates_the_session,
    server_updates_the_session,
    sign_out_ends_the_session,
    server_signs_in_and_out,
    sign_out_wins_over_a_session_that_would_be_rolled,
    routes_speak_for_themselves_when_the_session_would_be_rolled,
    rolled_cookie_is_sent_exactly_once,
    used_session_outlives_its_first_cookie,
    error_page_explains,
    unknown_routes_are_bad_requests,
    doubled_slash_is_no_detour,
    way_back_keeps_its_spelling,
    next_is_honoured_as_callback_url,
    broken_session_cookie_means_nobody,
    too_large_body_is_refused,
)
