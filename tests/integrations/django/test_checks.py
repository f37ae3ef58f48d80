from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.core import checks
from django.urls import include, path
from tests.adapters.django import support
from tests.integrations.apps.django import MIDDLEWARE
from tests.integrations.django.projects import DJANGOS, Projects
from tests.integrations.world import SECRET, World

from authwire import AuthConfig, Callbacks, User
from authwire.integrations.django import AuthMiddleware, DjangoAuth
from authwire.providers import GitHub

ROOT = Path(__file__).parents[3]


class OwnMiddleware(AuthMiddleware):
    pass


def messages(*, deploy: bool = False) -> dict[str, Any]:
    """What the checks say, by id."""
    found = checks.run_checks(include_deployment_checks=deploy)
    return {m.id: m for m in found if m.id.startswith("authwire_web.")}


def test_sound_project_has_nothing_to_say(projects: Projects) -> None:
    projects.settings(World().config())
    assert messages(deploy=True) == {}
    projects.settings(DjangoAuth(World().config()), MIDDLEWARE=DJANGOS)
    assert messages() == {}


@pytest.mark.parametrize("value", [None, 7, AuthConfig, DjangoAuth(), "no.such.thing"])
def test_setting_that_is_no_config_is_told(projects: Projects, value: Any) -> None:
    projects.settings(value)
    message = messages()["authwire_web.E001"]
    assert message.level == checks.ERROR
    assert message.msg.startswith("AUTHWIRE ")
    assert message.hint == "AUTHWIRE = AuthConfig(providers=[…])"


def test_each_fault_of_the_config_is_an_error_with_its_hint(
    projects: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTH_SECRET", raising=False)
    projects.settings(AuthConfig(providers=[GitHub]))
    found = [m for m in checks.run_checks() if m.id == "authwire_web.E002"]
    assert any("MissingSecret" in m.msg and "AUTH_SECRET" in m.hint for m in found)
    assert any("AUTH_GITHUB_ID" in m.hint for m in found)


def test_user_type_that_the_tables_cannot_hold_is_told(projects: Projects) -> None:
    from tests.integrations.django.test_views import Member

    projects.settings(AuthConfig(secret=SECRET, user=Member))
    message = messages()["authwire_web.E002"]
    assert "auth.User has no column 'role' for Member.role" in message.msg


async def _anybody(_: Any) -> bool:
    return True


def test_what_only_asgi_can_do_is_a_warning_unless_there_is_no_wsgi(projects: Projects) -> None:
    callbacks: Callbacks[User] = Callbacks(sign_in=_anybody)
    config = World().config(callbacks=callbacks)
    projects.settings(config, WSGI_APPLICATION="site.wsgi.application")
    message = messages()["authwire_web.W001"]
    assert message.msg.startswith("Under WSGI, AUTHWIRE callbacks.sign_in: ")
    projects.settings(config, WSGI_APPLICATION=None)
    assert messages() == {}


def test_what_only_wsgi_can_do_is_a_warning(projects: Projects) -> None:
    with httpx2.Client() as client:
        projects.settings(World().config(http_client=client))
        message = messages()["authwire_web.W002"]
    assert message.msg.startswith("Under ASGI, AUTHWIRE http_client: ")


def test_missing_middleware_is_an_error(projects: Projects) -> None:
    projects.settings(World().config(), MIDDLEWARE=["no.such.Middleware"])
    assert "request.auth is missing" in messages()["authwire_web.E003"].msg
    projects.settings(World().config(), MIDDLEWARE=[f"{__name__}.OwnMiddleware"])
    assert messages() == {}


def test_middleware_above_djangos_own_is_a_warning(projects: Projects) -> None:
    projects.settings(World().config(), MIDDLEWARE=[*MIDDLEWARE, *DJANGOS[:-2]])
    assert "replaces request.user" in messages()["authwire_web.W003"].msg


OTHERS = (path("x", lambda _request: None),)


def test_missing_routes_are_an_error(projects: Projects) -> None:
    projects.settings(World().config(), ROOT_URLCONF=OTHERS, LOGIN_URL="https://id.example/")
    assert messages().keys() == {"authwire_web.E004"}
    projects.settings(World().config(), ROOT_URLCONF=None)
    assert messages() == {}


def test_routes_elsewhere_than_the_links_lead_are_a_warning(projects: Projects) -> None:
    routes = path("accounts/", include("authwire.integrations.django.urls"))
    projects.settings(World().config(), ROOT_URLCONF=(routes,))
    message = messages()["authwire_web.W004"]
    assert message.msg == "The routes are at '/accounts', but links lead to '/auth'."


def test_broken_config_is_not_told_again_by_the_other_checks(projects: Projects) -> None:
    projects.settings(AuthConfig(secret="", base_path="/no such"))
    assert messages(deploy=True).keys() == {"authwire_web.E002"}


def test_login_url_that_leads_nowhere_is_a_warning(projects: Projects) -> None:
    for wrong in ("/accounts/login/", "login"):
        projects.settings(World().config(), LOGIN_URL=wrong)
        assert messages()["authwire_web.W005"].hint == 'LOGIN_URL = "auth:signin"'
    projects.settings(World().config(), LOGIN_URL="/auth/signin?x=1")
    assert messages() == {}


def test_deployment_that_trusts_no_host_is_a_warning(projects: Projects) -> None:
    projects.settings(World().config(trust_host=None))
    assert "authwire_web.W006" in messages(deploy=True)
    for changes in ({"trust_host": ["app.example"]}, {"url": "https://app.example"}):
        projects.settings(World().config(**{"trust_host": None, **changes}))
        assert messages(deploy=True) == {}
    projects.settings(lambda _request: World().config())
    assert messages(deploy=True) == {}


SETTINGS = f"""
from authwire import AuthConfig
from authwire.adapters.django import DjangoAdapter
from authwire.integrations.django import DjangoAuth
from authwire.providers import Passkey
SECRET_KEY = "for tests"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}}
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "authwire.adapters.django",
    "authwire.integrations.django"]
MIDDLEWARE = ["authwire.integrations.django.AuthMiddleware"]
ROOT_URLCONF = "urls"
LOGIN_URL = "auth:signin"
AUTHWIRE = DjangoAuth(AuthConfig(secret={SECRET!r}, adapter=DjangoAdapter()), protect=["/x"])
"""
URLS = """
from django.urls import include, path
from authwire.integrations.django import auth
@auth.required
def view(request): ...
urlpatterns = [path("auth/", include("authwire.integrations.django.urls")), path("", view)]
"""


def test_settings_file_may_hold_the_config_and_its_adapter(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "urls.py").write_text(URLS)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "check", "--fail-level", "WARNING"],
        cwd=tmp_path,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{tmp_path}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_nothing_is_checked_of_a_project_without_the_app(projects: Projects) -> None:
    projects.settings(World().config())
    projects.settings(None, INSTALLED_APPS=support.APPS, ROOT_URLCONF=OTHERS)
    assert messages(deploy=True) == {}
