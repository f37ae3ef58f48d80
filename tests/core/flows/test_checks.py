"""Several sign-ins at once in one browser, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.core.harness import Tab, idp_for, oidc

MakeTab = Callable[..., Any]
ORIGIN = "http://localhost:3000"
REFUSED = f"{ORIGIN}/auth/error?error=Configuration"
FIRST = {"authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"}


def check_cookies(browser: Any) -> set[str]:
    return {name for name in browser.cookies if name.startswith(tuple(FIRST))}


@pytest.mark.parametrize("checks", [("pkce",), ("state",), ("nonce",), ("pkce", "state", "nonce")])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_sign_ins_in_parallel_tabs_end_in_any_order(
    tab: MakeTab, checks: tuple[str, ...], order: tuple[int, ...]
) -> None:
    here = tab(checks=checks)
    callbacks = []
    for _ in range(3):
        here.start()
        callbacks.append(here.idp.approve(here.location))
    for number in order:
        assert here.come_back(callbacks[number]).location == ORIGIN, number
    assert check_cookies(here.browser) == set()


def test_each_tab_ends_where_it_was_to_end(tab: MakeTab) -> None:
    here = tab(checks=("pkce",))
    callbacks = []
    for number in range(3):
        here.start(callbackUrl=f"/page-{number}")
        callbacks.append(here.idp.approve(here.location))
    for number in (1, 0, 2):
        assert here.come_back(callbacks[number]).location == f"{ORIGIN}/page-{number}"
    assert [name for name in here.browser.cookies if "callback-url." in name] == []


def test_a_planted_target_of_a_further_tab_leads_nowhere_else(tab: MakeTab) -> None:
    here = tab(checks=("pkce",))
    here.start()
    here.start(callbackUrl="/deep")
    (name,) = [name for name in here.browser.cookies if "callback-url." in name]
    here.browser.cookies[name] = "https%3A%2F%2Fevil.example"
    assert here.come_back().location == ORIGIN


def test_the_first_tab_uses_the_names_of_authjs_and_the_second_its_own(tab: MakeTab) -> None:
    here = tab(checks=("pkce", "nonce"))
    here.start()
    assert check_cookies(here.browser) == {"authjs.pkce.code_verifier", "authjs.nonce"}
    here.start()
    added = check_cookies(here.browser) - FIRST
    suffixes = {name.rpartition(".")[2] for name in added}
    assert len(added) == 3  # a state comes on top, to tell the tabs apart
    assert len(suffixes) == 1


def test_a_callback_uses_the_cookies_of_its_own_tab_only(tab: MakeTab, idp: Any) -> None:
    here = tab(checks=("pkce", "state"))
    here.start()
    first = idp.approve(here.location)
    here.start()
    second = idp.approve(here.location)
    mixed = type(first)(
        method="GET",
        redirect_uri=first.redirect_uri,
        params={**first.params, "state": second.params["state"]},
    )
    assert "error=" in here.come_back(mixed).location
    assert here.browser.session() is None


def test_abandoned_tabs_do_not_pile_up_cookies(tab: MakeTab) -> None:
    here = tab(checks=("pkce", "state", "nonce"))
    for _ in range(30):
        here.start()
    assert len(check_cookies(here.browser)) <= 3 * 6
    assert sum("callback-url" in name for name in here.browser.cookies) <= 6
    assert sum(len(value) for value in here.browser.cookies.values()) < 12_000
    assert here.come_back().location == ORIGIN


def test_a_nonce_is_added_where_the_server_does_not_promise_pkce(tab: MakeTab, idp: Any) -> None:
    idp.faults.discovery["code_challenge_methods_supported"] = None
    here = tab(checks=("pkce",))
    here.start()
    assert "nonce=" in here.location
    assert "code_challenge=" in here.location
    idp.faults.id_token["nonce"] = "other"
    assert here.come_back().location == REFUSED


def test_a_check_cookie_cannot_stand_in_for_another(tab: MakeTab) -> None:
    here = tab(checks=("pkce", "state"))
    here.start()
    jar = here.browser.cookies
    jar["authjs.pkce.code_verifier"], jar["authjs.state"] = (
        jar["authjs.state"],
        jar["authjs.pkce.code_verifier"],
    )
    assert here.come_back().location == REFUSED


def test_a_sign_in_at_another_provider_takes_the_place_of_the_pending_one(world: Any) -> None:
    idp = idp_for(world, "one", "two")
    providers = [oidc(idp, id=name, checks=("pkce",)) for name in ("one", "two")]
    browser = world.browser(providers=providers, http_client=idp.http)
    Tab(browser, idp, "one").start()
    other = Tab(browser, idp, "two")
    other.start()
    assert check_cookies(browser) == {"authjs.pkce.code_verifier"}
    assert "state=" not in other.location
    assert other.come_back().location == ORIGIN


@pytest.mark.parametrize("how", ["planted", "expired"])
def test_a_cookie_that_is_of_no_use_is_no_pending_sign_in(
    world: Any, tab: MakeTab, how: str
) -> None:
    here = tab(checks=("pkce",))
    if how == "planted":
        here.browser.cookies["authjs.pkce.code_verifier"] = "from-a-sibling-domain"
    else:
        here.start()
        world.clock.forward(minutes=16)
    here.start()
    assert check_cookies(here.browser) == {"authjs.pkce.code_verifier"}
    assert here.come_back().location == ORIGIN
