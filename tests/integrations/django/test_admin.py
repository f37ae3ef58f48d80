from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User as DjangoUser
from django.core.management import CommandError, call_command
from django.urls import path
from tests.integrations.django.projects import DJANGOS, Projects, open_link, people
from tests.integrations.world import ADA, World

from authwire import Account, Authenticator, SessionConfig
from authwire.adapters.django import DjangoAdapter
from authwire.models import AdapterSession, VerificationToken
from authwire.testing.client import AuthClient

pytestmark = pytest.mark.usefixtures("database")
SECRETS = {
    "session_token": "a-session-token",
    "token": "a-magic-link",
    "access_token": "an-access-token",
    "refresh_token": "a-refresh-token",
    "id_token": "an-id-token",
    "session_state": "a-session-state",
    "key": "QSBwdWJsaWMga2V5",
}


def the_admin() -> Any:
    from django.contrib import admin

    return path("admin/", admin.site.urls)


def fill(world: World, user_id: str) -> None:
    """A row of each kind."""
    adapter: DjangoAdapter[Any] = DjangoAdapter()
    later = world.time + timedelta(days=9)
    tokens = {k: SECRETS[k] for k in ("access_token", "refresh_token", "id_token", "session_state")}
    adapter.link_account(
        Account(
            user_id=user_id,
            type="oauth",
            provider="github",
            provider_account_id="42",
            extra={"kept": SECRETS["token"]},
            **tokens,
        )
    )
    adapter.create_session(
        AdapterSession(session_token=SECRETS["session_token"], user_id=user_id, expires=later)
    )
    adapter.create_verification_token(
        VerificationToken(identifier="bob@example.com", token=SECRETS["token"], expires=later)
    )
    adapter.create_authenticator(
        Authenticator(
            credential_id="AQID",
            user_id=user_id,
            provider_account_id="AQID",
            credential_public_key=SECRETS["key"],
            counter=0,
            credential_device_type="singleDevice",
            credential_backed_up=False,
            name="My key",
        )
    )


def staff(projects: Projects, world: World, kind: str = "wsgi", **changes: Any) -> AuthClient:
    """Somebody who may do anything in the admin."""
    config = people(world, **changes)
    browser: AuthClient = getattr(projects, kind)(world, config, the_admin, MIDDLEWARE=DJANGOS)
    open_link(browser, world)
    DjangoUser.objects.update(is_staff=True, is_superuser=True)
    return browser


def test_admin_shows_rows_but_no_secret(projects: Projects) -> None:
    world = World(strategy="database")
    browser = staff(projects, world)
    fill(world, str(DjangoUser.objects.get().pk))
    shown = {
        "account": "github",
        "session": ADA,
        "verificationtoken": "bob@example.com",
        "authenticator": "My key",
    }
    for table, expected in shown.items():
        model = apps.get_model("authwire", table)
        latest = model.objects.order_by("-pk").first()
        pages = [f"/admin/authwire/{table}/", f"/admin/authwire/{table}/{latest.pk}/change/"]
        pages.append(f"/admin/authwire/{table}/{latest.pk}/delete/")
        texts = [browser.get(page) for page in pages]
        assert [answer.status for answer in texts] == [200] * 3, table
        assert expected in texts[1].text or table == "session"
        for secret in SECRETS.values():
            assert all(secret not in answer.text for answer in texts), (table, secret)
        assert browser.get(f"/admin/authwire/{table}/add/").status == 403


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_all_sessions_of_somebody_can_be_ended(projects: Projects, kind: str) -> None:
    world = World(strategy="database")
    cached = SessionConfig(strategy="database", cache=timedelta(hours=1))
    browser = staff(projects, world, kind, session=cached)
    eve = browser.another_browser()
    open_link(eve, world, "eve@example.com")
    assert eve.session() is not None
    row = apps.get_model("authwire", "Session").objects.get(user__email="eve@example.com")
    browser.get("/admin/authwire/session/")
    form = {
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        "action": "_end_of_owners",
        "_selected_action": str(row.pk),
    }
    answer = browser.post("/admin/authwire/session/", form=form)
    assert answer.status == 302
    assert "1 session ended." in browser.follow(answer).text
    assert eve.session() is None
    assert browser.session() is not None


def test_admin_of_users_offers_to_end_their_sessions(projects: Projects) -> None:
    world = World(strategy="database")
    browser = staff(projects, world)
    from django.contrib import admin

    from authwire.integrations.django.admin import end_sessions

    users: Any = admin.site.get_model_admin(DjangoUser)
    users.actions = (end_sessions,)
    browser.get("/admin/auth/user/")
    form = {
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        "action": "end_sessions",
        "_selected_action": str(DjangoUser.objects.get().pk),
    }
    try:
        answer = browser.post("/admin/auth/user/", form=form)
    finally:
        del users.actions
    assert answer.status == 302
    assert browser.session() is None


# --- manage.py authwire_cleanup -------------------------------------------------------------------


def clean(**options: Any) -> str:
    out = StringIO()
    call_command("authwire_cleanup", stdout=out, **options)
    return out.getvalue()


def test_command_removes_what_expired(projects: Projects) -> None:
    world = World(strategy="database")
    projects.settings(people(world))
    adapter: DjangoAdapter[Any] = DjangoAdapter()
    row = DjangoUser.objects.create_user("eve")
    past = world.time - timedelta(days=9999)
    for number, expires in enumerate((past, past, past, world.time)):
        token = f"token {number}"
        adapter.create_session(
            AdapterSession(session_token=token, user_id=str(row.pk), expires=expires)
        )
        adapter.create_verification_token(
            VerificationToken(identifier="a@example.com", token=token, expires=expires)
        )
    assert clean(batch=2) == "removed 3 sessions\nremoved 3 magic links\n"
    assert clean() == "removed 0 sessions\nremoved 0 magic links\n"


def test_command_says_why_there_is_nothing_to_do(projects: Projects) -> None:
    world = World()
    apps = ["authwire.integrations.django"]
    projects.settings(lambda _: world.config(), INSTALLED_APPS=apps)
    with pytest.raises(CommandError, match="chosen by request"):
        clean()
    projects.settings(world.config(adapter=None, providers=[]), INSTALLED_APPS=apps)
    with pytest.raises(CommandError, match="no adapter"):
        clean()


class Forgetful(DjangoAdapter[Any]):
    """Has nothing to remove magic links with."""

    delete_expired_verification_tokens: Any = property()


def test_command_leaves_out_what_the_adapter_cannot_do(projects: Projects) -> None:
    projects.settings(people(World(), adapter=Forgetful()))
    assert clean() == "removed 0 sessions\n"
