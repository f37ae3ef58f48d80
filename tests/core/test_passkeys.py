from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from tests.core.harness import Browser, World, idp_for, oidc
from tests.core.passkeys import Visitor, went_to
from tests.soft_passkey import SoftPasskey, b64u

from authwire import LastWayIn, PasskeyNotFound, User
from authwire.core.passkeys import NAME_LIMIT
from authwire.errors import AdapterError
from authwire.models import Account, Authenticator
from authwire.providers import Email, Passkey

FIRST = SoftPasskey(id=b"\xfb\xff first")
SECOND = SoftPasskey(id=b"the second one")


def std(key: SoftPasskey) -> str:
    return base64.b64encode(key.id).decode()


def ada(world: World, *keys: SoftPasskey, **config: Any) -> Visitor:
    """Somebody signed in with these passkeys."""
    base = {"providers": [Passkey()], "adapter": world.adapter}
    visitor = Visitor(world.browser(**base | config))
    for email, key in zip(["ada@example.com", None, None], keys, strict=False):
        visitor.key = replace(key)
        visitor.register(email)
    return visitor


def manage(visitor: Visitor, verb: str, *args: Any, **options: Any) -> Any:
    """Call app code's API for the request that the visitor makes."""
    browser = visitor.browser
    passkeys = browser.auth.passkeys(browser.request("GET", "/account"))
    return browser.run(getattr(passkeys, verb), *args, **options)


def names(visitor: Visitor) -> list[str | None]:
    return [row.name for row in manage(visitor, "list")]


def test_a_user_sees_their_own_passkeys_only(world: World) -> None:
    visitor = ada(world, FIRST, SECOND)
    other = Visitor(Browser(visitor.browser.auth), SoftPasskey(id=b"bobs"))
    other.register("bob@example.com")
    assert [row.credential_id for row in manage(visitor, "list")] == [std(FIRST), std(SECOND)]
    assert [row.credential_id for row in manage(other, "list")] == [std(other.key)]


def test_nobody_has_no_passkeys(world: World) -> None:
    visitor = ada(world, FIRST)
    visitor.leave()
    assert manage(visitor, "list") == []
    for verb, args in (("rename", ("x",)), ("remove", ())):
        with pytest.raises(PasskeyNotFound):
            manage(visitor, verb, std(FIRST), *args)


def test_a_passkey_gets_a_name_and_loses_it_again(world: World) -> None:
    visitor = ada(world, FIRST)
    row = manage(visitor, "rename", std(FIRST), "  Work \n laptop\0 ")
    assert isinstance(row, Authenticator)
    assert names(visitor) == ["Work laptop"]
    manage(visitor, "rename", b64u(FIRST.id), " ")
    assert names(visitor) == [None]


def test_a_name_has_a_limit(world: World) -> None:
    visitor = ada(world, FIRST)
    manage(visitor, "rename", std(FIRST), "é" * NAME_LIMIT)
    with pytest.raises(ValueError, match="255"):
        manage(visitor, "rename", std(FIRST), "x" * (NAME_LIMIT + 1))
    assert names(visitor) == ["é" * NAME_LIMIT]


def test_a_named_passkey_still_signs_in(world: World) -> None:
    visitor = ada(world, FIRST)
    manage(visitor, "rename", std(FIRST), "Laptop")
    visitor.leave()
    assert went_to(visitor.sign_in()).startswith("http")
    assert names(visitor) == ["Laptop"]


def test_one_of_two_can_be_removed_and_is_no_way_in_any_more(world: World) -> None:
    visitor = ada(world, FIRST, SECOND)
    manage(visitor, "remove", std(FIRST))
    assert [row.credential_id for row in manage(visitor, "list")] == [std(SECOND)]
    assert [row.provider_account_id for row in world.adapter.accounts] == [std(SECOND)]
    assert visitor.email == "ada@example.com"
    visitor.leave()
    visitor.key = replace(FIRST)
    assert went_to(visitor.sign_in()) == "Configuration"


def test_a_removed_passkey_can_be_registered_again(world: World) -> None:
    visitor = ada(world, FIRST, SECOND)
    manage(visitor, "remove", std(FIRST))
    visitor.key = replace(FIRST)
    assert went_to(visitor.register(None)).startswith("http")
    assert len(manage(visitor, "list")) == 2


@pytest.mark.parametrize("verb", ["rename", "remove"])
@pytest.mark.parametrize("spelled", [std, lambda key: b64u(key.id)], ids=["base64", "base64url"])
def test_somebody_elses_passkey_is_like_none(world: World, verb: str, spelled: Any) -> None:
    visitor = ada(world, FIRST, SECOND)
    thief = Visitor(Browser(visitor.browser.auth), SoftPasskey(id=b"thiefs"))
    thief.register("eve@example.com")
    args = ("mine",) if verb == "rename" else ()
    told = []
    for target in (spelled(FIRST), b64u(b"never seen"), "", "%", "é", "A"):
        with pytest.raises(PasskeyNotFound) as caught:
            manage(thief, verb, target, *args)
        told.append(str(caught.value))
    assert len(set(told)) == 1
    assert names(visitor) == [None, None]


# --- the last way in ----------------------------------------------------------------------------


def test_the_only_passkey_stays(world: World) -> None:
    visitor = ada(world, FIRST)
    with pytest.raises(LastWayIn):
        manage(visitor, "remove", std(FIRST))
    visitor.leave()
    assert went_to(visitor.sign_in()).startswith("http")


def test_the_app_may_know_of_another_way(world: World) -> None:
    visitor = ada(world, FIRST)
    manage(visitor, "remove", std(FIRST), allow_last=True)
    assert world.adapter.authenticators == world.adapter.accounts == []


@pytest.mark.parametrize(("verified", "removable"), [(True, True), (False, False)])
def test_a_proved_address_is_a_way_in_where_there_are_magic_links(
    world: World, verified: bool, removable: bool
) -> None:
    visitor = ada(world, FIRST, providers=[Passkey(), world.email()])
    (user,) = world.adapter.users
    if verified:
        world.run(world.adapter.update_user, user.id, {"email_verified": world.clock.now})
    if removable:
        manage(visitor, "remove", std(FIRST))
    else:
        with pytest.raises(LastWayIn):
            manage(visitor, "remove", std(FIRST))


def test_a_proved_address_is_none_without_magic_links(world: World) -> None:
    visitor = ada(world, FIRST)
    (user,) = world.adapter.users
    world.run(world.adapter.update_user, user.id, {"email_verified": world.clock.now})
    with pytest.raises(LastWayIn):
        manage(visitor, "remove", std(FIRST))


@pytest.mark.parametrize("configured", [True, False])
def test_an_account_at_a_provider_is_a_way_in_while_that_is_configured(
    world: World, configured: bool
) -> None:
    idp = idp_for(world)
    providers = [Passkey(), oidc(idp)] if configured else [Passkey()]
    visitor = ada(world, FIRST, providers=providers)
    (user,) = world.adapter.users
    account = Account(user_id=user.id, type="oidc", provider="idp", provider_account_id="1")
    world.run(world.adapter.link_account, account)
    if configured:
        manage(visitor, "remove", std(FIRST))
    else:
        with pytest.raises(LastWayIn):
            manage(visitor, "remove", std(FIRST))


def test_a_passkey_without_its_account_is_no_way_in(world: World) -> None:
    visitor = ada(world, FIRST, SECOND)
    world.run(world.adapter.unlink_account, "passkey", std(SECOND))
    with pytest.raises(LastWayIn):
        manage(visitor, "remove", std(FIRST))


def test_two_removals_at_once_leave_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = ada(world, FIRST, SECOND)
    delete = world.adapter.delete_authenticator

    async def delete_while_another_goes(credential_id: str) -> Authenticator | None:
        await world.adapter.unlink_account("passkey", std(SECOND))
        await delete(std(SECOND))
        return await delete(credential_id)

    before = [row for row in world.adapter.authenticators if row.credential_id == std(FIRST)]
    monkeypatch.setattr(world.adapter, "delete_authenticator", delete_while_another_goes)
    racing = Visitor(world.browser(providers=[Passkey()], adapter=world.adapter))
    racing.browser.cookies = visitor.browser.cookies
    with pytest.raises(LastWayIn):
        manage(racing, "remove", std(FIRST))
    assert world.adapter.authenticators == before
    monkeypatch.undo()
    visitor.leave()
    visitor.key = replace(FIRST)
    assert went_to(visitor.sign_in()).startswith("http")


# --- adapters that can do less ------------------------------------------------------------------


class Nineteen:
    """An adapter with the methods of Auth.js only."""

    io = "none"

    def __init__(self, inner: Any) -> None:
        beyond = ("update_account", "list_accounts_by_user_id", "update_authenticator")
        beyond += ("delete_authenticator", "delete_expired_verification_tokens")
        for name in dir(inner):
            if not name.startswith("_") and name not in beyond:
                setattr(self, name, getattr(inner, name))


def test_an_adapter_with_auth_js_methods_is_enough_to_sign_in(world: World) -> None:
    visitor = ada(world, FIRST, SECOND, adapter=Nineteen(world.adapter))
    assert len(manage(visitor, "list")) == 2
    with pytest.raises(AdapterError, match="update_authenticator"):
        manage(visitor, "rename", std(FIRST), "x")
    with pytest.raises(AdapterError, match="delete_authenticator"):
        manage(visitor, "remove", std(FIRST))
    visitor.leave()
    assert went_to(visitor.sign_in()).startswith("http")


def test_without_a_list_of_accounts_only_passkeys_and_links_count(world: World) -> None:
    adapter = Nineteen(world.adapter)
    adapter.delete_authenticator = world.adapter.delete_authenticator  # type: ignore[attr-defined]  # added here
    idp = idp_for(world)
    visitor = ada(world, FIRST, providers=[Passkey(), oidc(idp)], adapter=adapter)
    (user,) = world.adapter.users
    account = Account(user_id=user.id, type="oidc", provider="idp", provider_account_id="1")
    world.run(world.adapter.link_account, account)
    with pytest.raises(LastWayIn):
        manage(visitor, "remove", std(FIRST))


def test_a_user_who_was_deleted_has_no_passkeys(world: World) -> None:
    visitor = ada(world, FIRST, providers=[Passkey(), Email(send=print)])
    (user,) = world.adapter.users
    assert isinstance(user, User)
    world.run(world.adapter.delete_user, user.id)
    assert manage(visitor, "list") == []
    visitor.leave()
    assert went_to(visitor.sign_in()) == "Configuration"
