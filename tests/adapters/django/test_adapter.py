"""Statements, connections, transactions, and the adapter under a whole sign-in."""

from __future__ import annotations

import inspect
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured, SynchronousOnlyOperation
from django.db import IntegrityError, connections, transaction
from django.db.models.signals import post_delete, post_save
from django.test import override_settings
from tests.adapters.django.support import (
    PERSON,
    STOCK,
    DjangoReader,
    Project,
    database,
    sqlite,
    statements,
)
from tests.adapters.rows import every_call, mariadb_fetch, queries, samples
from tests.servers import Server

from authwire import Auth, AuthConfig, SyncAuth
from authwire.adapters._rules import NO_SUCH_USER
from authwire.adapters.django import AsyncDjangoAdapter, DjangoAdapter
from authwire.adapters.django.models import Session
from authwire.config import SessionConfig
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User, VerificationToken
from authwire.ports import Adapter
from authwire.providers import Email
from authwire.testing.client import AuthClient

LATER = datetime(2031, 3, 5, tzinfo=UTC)


@pytest.fixture
def adapter(alias: str) -> DjangoAdapter:
    return DjangoAdapter(using=alias)


# --- what it is -----------------------------------------------------------------------------------


def test_the_adapters_say_how_they_wait(alias: str) -> None:
    assert DjangoAdapter(using=alias).io == "blocking"
    assert AsyncDjangoAdapter(using=alias).io == "async"


def test_both_have_the_methods_of_the_port_with_the_same_arguments() -> None:
    for name in vars(Adapter):
        if not name.startswith("_"):
            wanted = list(inspect.signature(getattr(Adapter, name)).parameters.values())
            for kind in (DjangoAdapter, AsyncDjangoAdapter):
                found = list(inspect.signature(getattr(kind, name)).parameters.values())
                same = [(p.name, p.default, p.kind) for p in found]
                assert same == [(p.name, p.default, p.kind) for p in wanted], (kind, name)


def test_both_are_made_with_the_same_arguments() -> None:
    assert inspect.signature(DjangoAdapter) == inspect.signature(AsyncDjangoAdapter)


def test_a_missing_django_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("authwire.adapters.django"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "django", None)
    with pytest.raises(ImportError, match=r"pip install 'authwire\[django\]'"):
        __import__("authwire.adapters.django")


def test_an_app_that_is_not_installed_names_the_cure() -> None:
    with (
        override_settings(INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"]),
        pytest.raises(ImproperlyConfigured, match=r'add "authwire\.adapters\.django" to INSTALLED'),
    ):
        DjangoAdapter()


def test_times_without_zones_are_refused() -> None:
    with override_settings(USE_TZ=False), pytest.raises(ImproperlyConfigured, match="USE_TZ = T"):
        DjangoAdapter()


def test_it_can_be_made_before_django_knows_the_models(
    alias: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "models_ready", False)
    early = DjangoAdapter("people.Nobody", using=alias)
    adapter = DjangoAdapter(using=alias)
    monkeypatch.undo()
    assert adapter.get_user("1") is None
    with pytest.raises(ImproperlyConfigured, match=r"there is no model people\.Nobody"):
        early.get_user("1")


# --- statements -----------------------------------------------------------------------------------

ONE = {name: 1 for name, _ in every_call(samples())}
STATEMENTS = ONE | {
    "update_user": 2,
    "update_account": 2,
    "unlink_account": 2,
    "update_session": 2,
    "delete_session": 2,
    "use_verification_token": 2,
    "update_authenticator_counter": 2,
    "update_authenticator": 2,
    "delete_authenticator": 2,
    "delete_user": 5,
}
"""For user models with all of our columns."""
WITH_DETAILS = STATEMENTS | {"create_user": 3, "update_user": 3, "delete_user": 8}
"""For Django's own user model, which has groups and permissions too."""
UNCOUNTED = {"create_schema", "check_schema"}
"""They take as many as the project has migrations and tables."""


@pytest.mark.parametrize(
    ("project", "expected"),
    [(STOCK, WITH_DETAILS), (PERSON, STATEMENTS)],
    ids=lambda value: getattr(value, "user_model", ""),
)
def test_each_method_takes_so_many_statements(
    project: Project, expected: dict[str, int], alias: str
) -> None:
    adapter, found = project.adapter(alias), {}
    for name, arguments in every_call(samples("1")):
        with statements(alias) as seen:
            getattr(adapter, name)(*arguments)
        found[name] = len(queries(seen))
    wanted = {name: count for name, count in expected.items() if name not in UNCOUNTED}
    assert {name: found[name] for name in wanted} == wanted


def test_the_documentation_counts_the_same() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "adapters" / "django.md"
    told: tuple[dict[str, int], dict[str, int]] = {}, {}
    for line in page.read_text("utf-8").splitlines():
        row = re.fullmatch(r"\| (`[a-z_`, ]+`) \| (\d+)(.*) \| (\d+|the same)(.*) \|", line)
        if row:
            for name in re.findall("`([a-z_]+)`", row[1]):
                told[0][name] = int(row[2])
                told[1][name] = int(row[2] if row[4] == "the same" else row[4])
    for found, counts in zip(told, (STATEMENTS, WITH_DETAILS), strict=True):
        assert found == {name: count for name, count in counts.items() if name not in UNCOUNTED}


def test_session_and_user_are_read_by_one_query(alias: str) -> None:
    for project in (STOCK, PERSON):
        adapter = project.adapter(alias)
        user = adapter.create_user(User(name="Ann", image="i"))
        session = AdapterSession(session_token=user.id, user_id=user.id, expires=LATER)
        adapter.create_session(session)
        with statements(alias) as seen:
            assert adapter.get_session_and_user(user.id) == (session, user)
        assert [statement.split(maxsplit=1)[0] for statement in seen] == ["SELECT"]


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("get_user", ("1",)),
        ("get_user_by_account", ("x", "x")),
        ("get_account", ("x", "x")),
        ("list_accounts_by_user_id", ("1",)),
        ("get_session_and_user", ("x",)),
        ("delete_session", ("x",)),
        ("list_sessions_by_user_id", ("1",)),
        ("delete_sessions_by_user_id", ("1",)),
        ("delete_expired_sessions", (LATER,)),
        ("use_verification_token", ("x", "x")),
        ("use_verification_token", ("x", None)),
        ("delete_expired_verification_tokens", (LATER,)),
        ("get_authenticator", ("x",)),
        ("list_authenticators_by_user_id", ("1",)),
    ],
)
def test_every_lookup_uses_an_index(
    adapter: DjangoAdapter, alias: str, method: str, args: tuple[Any, ...]
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(run: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        asked.append((sql, values))
        return run(sql, values, many, context)

    with connections[alias].execute_wrapper(note):
        getattr(adapter, method)(*args)
    asked = [(sql, values) for sql, values in asked if sql.startswith(("SELECT", "DELETE"))]
    assert asked
    with connections[alias].cursor() as cursor:
        for sql, values in asked:
            plan = cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
            assert all("SCAN" not in step[3] for step in plan), (sql, plan)


def test_an_address_that_authwire_stored_is_found_by_an_index(
    adapter: DjangoAdapter, alias: str
) -> None:
    adapter.create_user(User(email="a@example.com"))
    with statements(alias) as seen:
        adapter.get_user_by_email("a@example.com")
    assert len(seen) == 1
    with connections[alias].cursor() as cursor:
        plan = cursor.execute(f"EXPLAIN QUERY PLAN {seen[0]}", ["x"]).fetchall()
    assert all("SCAN" not in step[3] for step in plan), plan
    with statements(alias) as seen:
        adapter.get_user_by_email("unknown@example.com")
    assert len(seen) == 2


def test_many_expired_rows_are_deleted_in_portions(adapter: DjangoAdapter, alias: str) -> None:
    rows = [{"identifier": "a@example.com", "token": str(n), "expires": LATER} for n in range(1203)]
    model: Any = apps.get_model("authwire.VerificationToken")
    model.objects.using(alias).bulk_create([model(**row) for row in rows])
    later = LATER + timedelta(seconds=1)
    with statements(alias) as seen:
        assert adapter.delete_expired_verification_tokens(later, 1200) == 1200
    assert len(seen) == 4
    assert adapter.delete_expired_verification_tokens(later) == 3


def test_signals_of_the_project_are_sent(adapter: DjangoAdapter) -> None:
    seen: list[str] = []

    def saved(sender: Any, created: bool, **_more: Any) -> None:
        seen.append(f"{sender.__name__} {'created' if created else 'changed'}")

    def deleted(sender: Any, **_more: Any) -> None:
        seen.append(f"{sender.__name__} deleted")

    user_model: Any = apps.get_model("auth.User")
    post_save.connect(saved, sender=user_model)
    post_delete.connect(deleted, sender=Session)
    try:
        user = adapter.create_user(User())
        adapter.update_user(user.id, {"name": "Ann"})
        adapter.create_session(
            AdapterSession(session_token="s", user_id=user.id, expires=LATER)  # no secret
        )
        assert adapter.delete_sessions_by_user_id(user.id) == 1
    finally:
        post_save.disconnect(saved, sender=user_model)
        post_delete.disconnect(deleted, sender=Session)
    assert seen == ["User created", "User changed", "Session deleted"]


def test_a_token_sent_to_two_addresses_is_used_up_at_once(adapter: DjangoAdapter) -> None:
    first = VerificationToken(identifier="z@example.com", token="t", expires=LATER)  # no secret
    adapter.create_verification_token(first)
    adapter.create_verification_token(replace(first, identifier="a@example.com"))
    assert adapter.use_verification_token("t", None) == first
    assert adapter.use_verification_token("t", "a@example.com") is None


def test_a_time_without_a_time_zone_is_refused(adapter: DjangoAdapter) -> None:
    user = adapter.create_user(User())
    naive = AdapterSession(
        session_token="secret", user_id=user.id, expires=LATER.replace(tzinfo=None)
    )
    with pytest.raises(ValueError, match="without a time zone") as caught:
        adapter.create_session(naive)
    assert "secret" not in str(caught.value)


def test_models_show_no_tokens(adapter: DjangoAdapter, alias: str) -> None:
    user = adapter.create_user(User(email="secret@example.com"))
    for name, arguments in every_call(samples(user.id)):
        if (
            name.startswith(("create_s", "create_v", "create_a", "link"))
            and name != "create_schema"
        ):
            getattr(adapter, name)(*arguments)
    for name in ("Account", "Session", "VerificationToken", "Authenticator", "UserDetail"):
        row = apps.get_model("authwire", name).objects.using(alias).get()
        text = f"{row} {row!r}"
        for secret in ("secret", "s-", "t-", "@", "+/="):
            assert secret not in text.replace("-detail", ""), text


# --- unknown users --------------------------------------------------------------------------------


def owned_rows(user_id: str) -> list[tuple[str, Any]]:
    return [
        (
            "link_account",
            Account(user_id=user_id, type="oidc", provider="p", provider_account_id="1"),
        ),
        ("create_session", AdapterSession(session_token="s", user_id=user_id, expires=LATER)),
        (
            "create_authenticator",
            Authenticator(
                credential_id="AQID",
                user_id=user_id,
                provider_account_id="AQID",
                credential_public_key="BAUG",
                counter=0,
                credential_device_type="singleDevice",
                credential_backed_up=False,
            ),
        ),
    ]


@pytest.mark.parametrize("nested", [False, True], ids=["alone", "in a transaction"])
@pytest.mark.parametrize("user_id", ["77", "nobody", "9" * 30, ""])
def test_rows_of_an_unknown_user_are_refused(
    adapter: DjangoAdapter, alias: str, user_id: str, nested: bool
) -> None:
    def write(method: Any, row: Any) -> None:
        with transaction.atomic(alias) if nested else nullcontext():
            method(row)

    for method, row in owned_rows(user_id):
        with pytest.raises(AdapterError, match=NO_SUCH_USER) as caught:
            write(getattr(adapter, method), row)
        assert caught.value.__context__ is None
    assert adapter.get_account("p", "1") is None


@pytest.mark.parametrize("name", ["postgres_db", "mariadb_db"])
def test_rows_of_an_unknown_user_are_refused_by_servers_too(
    name: str, request: pytest.FixtureRequest
) -> None:
    adapter = DjangoAdapter(using=request.getfixturevalue(name), close_connections=True)
    for method, row in owned_rows("77"):
        with pytest.raises(AdapterError, match=NO_SUCH_USER) as caught:
            getattr(adapter, method)(row)
        assert caught.value.__context__ is None


# --- transactions ---------------------------------------------------------------------------------


def test_a_refused_row_leaves_the_transaction_of_the_caller_whole(
    adapter: DjangoAdapter, alias: str
) -> None:
    with transaction.atomic(alias):
        user = adapter.create_user(User(email="a@example.com"))
        with pytest.raises(AdapterError, match="the e-mail is already taken"):
            adapter.create_user(User(email="a@example.com"))
        session = AdapterSession(session_token="s", user_id=user.id, expires=LATER)  # no secret
        adapter.create_session(session)
        with pytest.raises(AdapterError, match="the session token is already taken"):
            adapter.create_session(session)
    assert adapter.get_session_and_user("s") == (session, user)


def test_a_transaction_of_the_caller_takes_everything_back(
    adapter: DjangoAdapter, alias: str
) -> None:
    def fail() -> None:
        adapter.create_user(User(email="a@example.com"))
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic(alias):
        fail()
    assert adapter.get_user_by_email("a@example.com") is None


def test_accents_and_blanks_count_on_mariadb_even_in_columns_that_ignore_them(
    mariadb_db: str, mariadb: Server
) -> None:
    """``auth_user.email`` has the collation of the database."""
    adapter = STOCK.adapter(mariadb_db)
    plain = adapter.create_user(User(email="rene@example.com"))
    accent = adapter.create_user(User(email="ren\u00e9@example.com"))
    upper = adapter.create_user(User(email="RENE@example.com"))
    blank = adapter.create_user(User(email="rene@example.com "))
    for user in (plain, accent, upper, blank):
        assert adapter.get_user_by_email(user.email) == user
    assert adapter.get_user_by_email("r\u00e8ne@example.com") is None
    assert DjangoReader(mariadb_fetch(mariadb), STOCK).user(accent.id) == accent
    for n, key in enumerate(("s-1", "s-1 ", "S-1", "\u017f-1")):
        session = AdapterSession(session_token=key, user_id=plain.id, expires=LATER)
        adapter.create_session(replace(session, expires=LATER + timedelta(days=n)))
    for n, key in enumerate(("s-1", "s-1 ", "S-1", "\u017f-1")):
        session, _ = adapter.get_session_and_user(key)
        assert session.expires == LATER + timedelta(days=n)
    assert adapter.get_authenticator("\u00e9") is None


# --- connections ----------------------------------------------------------------------------------


def test_connections_stay_open_for_django_to_close(adapter: DjangoAdapter, alias: str) -> None:
    connections[alias].close()
    adapter.get_user("1")
    assert connections[alias].connection is not None


def test_connections_are_closed_outside_of_requests(alias: str) -> None:
    adapter = DjangoAdapter(using=alias, close_connections=True)
    for call in (lambda: adapter.get_user("1"), lambda: adapter.create_user(User(id="x"))):
        call()
        assert connections[alias].connection is None
    adapter._store.users.all.count()
    with pytest.raises(LookupError):
        adapter.update_user("77", {"name": "x"})
    assert connections[alias].connection is None


def test_connections_that_may_live_on_do(template: Path) -> None:
    with database(**sqlite(template), CONN_MAX_AGE=60) as alias:
        adapter = DjangoAdapter(using=alias, close_connections=True)
        adapter.get_user("1")
        held = connections[alias].connection
        assert held is not None
        adapter.get_user("1")
        assert connections[alias].connection is held


def test_the_transaction_of_a_caller_is_not_closed(alias: str) -> None:
    adapter = DjangoAdapter(using=alias, close_connections=True)
    with transaction.atomic(alias):
        user = adapter.create_user(User())
        assert adapter.get_user(user.id) == user
    assert adapter.get_user(user.id) == user


def test_a_connection_that_broke_is_replaced(postgres_db: str) -> None:
    """Without a request, nobody else would notice."""
    adapter = DjangoAdapter(using=postgres_db, close_connections=True)
    connection = connections[postgres_db]
    connection.settings_dict["CONN_MAX_AGE"] = None
    try:
        adapter.get_user("1")
        held = connection.connection
        assert held is not None
        held.close()
        with pytest.raises(Exception, match="closed"):
            adapter.get_user("1")
        assert adapter.get_user("1") is None
    finally:
        connection.settings_dict["CONN_MAX_AGE"] = 0
        connection.close()


# --- async ----------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_the_async_adapter_works_in_the_thread_of_django_s_sync_code(alias: str) -> None:
    adapter = AsyncDjangoAdapter(using=alias, close_connections=True)
    seen: list[int] = []

    def note(**_more: Any) -> None:
        seen.append(threading.get_ident())

    post_save.connect(note)
    try:
        async with ThreadSensitiveContext():
            await adapter.create_user(User())
            ours = await sync_to_async(threading.get_ident)()
    finally:
        post_save.disconnect(note)
    assert set(seen) == {ours}
    assert ours != threading.get_ident()


@pytest.mark.anyio
async def test_plain_methods_are_refused_in_an_event_loop(
    alias: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE")
    with pytest.raises(SynchronousOnlyOperation):
        DjangoAdapter(using=alias).get_user("1")
    assert await AsyncDjangoAdapter(using=alias, close_connections=True).get_user("1") is None


@pytest.mark.anyio
async def test_of_requests_that_run_at_once_one_redeems_a_token(postgres_db: str) -> None:
    """Each request has a thread of its own under ASGI."""
    adapter = AsyncDjangoAdapter(using=postgres_db, close_connections=True)
    token = VerificationToken(identifier="a@example.com", token="t", expires=LATER)  # no secret
    await adapter.create_verification_token(token)
    used: list[VerificationToken | None] = []

    async def request() -> None:
        async with ThreadSensitiveContext():
            used.append(await adapter.use_verification_token("t", "a@example.com"))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(request)
    assert [row for row in used if row is not None] == [token]
    assert len(used) == 20


@pytest.mark.anyio
async def test_the_async_adapter_hands_on_all_arguments(alias: str) -> None:
    adapter = AsyncDjangoAdapter(using=alias, close_connections=True)
    for name, arguments in every_call(samples("1")):
        await getattr(adapter, name)(*arguments)


# --- signing in -----------------------------------------------------------------------------------


@pytest.fixture(params=["sync", "async", "blocking in an async app"])
def app(request: pytest.FixtureRequest, alias: str) -> Iterator[tuple[AuthClient, Any, list[Any]]]:
    outbox: list[Any] = []
    kind: Any = AsyncDjangoAdapter if request.param == "async" else DjangoAdapter
    config: Any = AuthConfig(
        secret="a-secret-for-the-tests-0123456789abcdef",
        adapter=kind(using=alias, close_connections=True),
        providers=[Email(send=outbox.append)],
        session=SessionConfig(strategy="database"),
        trust_host=True,
    )
    handle: Any = (SyncAuth if request.param == "sync" else Auth)(config).handle
    with AuthClient.handler(handle) as client:
        yield client, apps.get_model("auth.User").objects.using(alias), outbox


def test_somebody_signs_in_until_they_are_deactivated(
    app: tuple[AuthClient, Any, list[Any]],
) -> None:
    client, users, outbox = app
    client.sign_in_email("ada@example.com")
    client.open_magic_link(outbox[-1].url)
    assert (client.session() or {})["user"]["email"] == "ada@example.com"
    assert users.get().authwire_detail.email_verified is not None
    late = client.another_browser()
    late.sign_in_email("ada@example.com")
    users.update(is_active=False)
    assert client.session() is None
    answer = late.get(outbox[-1].url)
    assert answer.location is not None
    assert "error=AccessDenied" in answer.location
    assert late.session() is None
    assert users.count() == 1


def test_integrity_errors_of_other_tables_stay_the_project_s(adapter: DjangoAdapter) -> None:
    """A constraint that is checked at the end of the transaction names no values either."""
    adapter.create_user(User(email="a@example.com"))
    store = adapter._store.database
    calls: list[str] = []

    def write() -> None:
        calls.append("write")
        raise IntegrityError("Key (email)=(secret@example.com) already exists")

    with pytest.raises(AdapterError, match="a constraint refused the row") as caught:
        store.write(lambda: write, lambda: None)
    assert calls == ["write", "write"]
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None
