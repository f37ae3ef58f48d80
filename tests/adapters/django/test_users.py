"""Users are rows of the project's own: what is kept where, and who decides if two places differ."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User as Row
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.test.utils import isolate_apps
from tests.adapters.django.people.models import Caller, Person, Reader
from tests.adapters.django.support import CALLER, PERSON, READER, STOCK, Broken, failing

from authwire.adapters.django import DjangoAdapter, Models, UserDeactivated
from authwire.adapters.django.abstract import AbstractSession, AbstractUserDetail
from authwire.adapters.django.models import UserDetail
from authwire.errors import AdapterError
from authwire.models import Account, AdapterSession, Authenticator, User

NOW = datetime(2030, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


@pytest.fixture
def adapter(alias: str) -> DjangoAdapter:
    return DjangoAdapter(using=alias)


@pytest.fixture
def rows(alias: str) -> Any:
    """Django's own users, as other code of the project sees them."""
    return Row.objects.db_manager(alias)


@pytest.fixture
def details(alias: str) -> Any:
    return UserDetail.objects.using(alias)


# --- Django's own user model ----------------------------------------------------------------------


def test_a_new_user_has_no_password_and_a_name_that_tells_nothing(
    adapter: DjangoAdapter, rows: Any
) -> None:
    first, second = (adapter.create_user(User(email=f"{n}@example.com")) for n in "ab")
    row = rows.get(pk=int(first.id))
    assert row.password.startswith(UNUSABLE_PASSWORD_PREFIX)
    assert not row.check_password("")
    assert str(uuid.UUID(row.username)) == row.username
    assert row.username != rows.get(pk=int(second.id)).username
    assert row.email == "a@example.com"
    assert (row.is_active, row.is_staff, row.is_superuser) == (True, False, False)


def test_a_name_is_kept_whole_and_in_django_s_two_parts(adapter: DjangoAdapter, rows: Any) -> None:
    user = adapter.create_user(User(name="Ada  King of Lovelace"))
    row = rows.get()
    assert (row.first_name, row.last_name) == ("Ada", "King of Lovelace")
    assert user.name == "Ada  King of Lovelace"
    renamed = adapter.update_user(user.id, {"name": "x" * 200})
    assert renamed.name == "x" * 200
    assert rows.get().first_name == "x" * 150
    assert adapter.get_user(user.id) == renamed


def test_a_name_that_the_admin_changes_counts(adapter: DjangoAdapter, rows: Any) -> None:
    user = adapter.create_user(User(name="Ada King"))
    rows.update(last_name="Lovelace")
    assert adapter.get_user(user.id) == replace(user, name="Ada Lovelace")
    rows.update(first_name="", last_name="")
    assert adapter.get_user(user.id) == replace(user, name=None)


def test_users_that_were_there_before_can_sign_in(adapter: DjangoAdapter, rows: Any) -> None:
    row = rows.create_user("ada", "ada@example.com", first_name="Ada", last_name="King")
    user = User(id=str(row.pk), name="Ada King", email="ada@example.com")
    assert adapter.get_user(user.id) == user
    assert adapter.get_user_by_email("ada@example.com") == user
    verified = adapter.update_user(user.id, {"email_verified": NOW})
    assert verified == replace(user, email_verified=NOW)
    assert adapter.get_user_by_email("ada@example.com") == verified
    with pytest.raises(AdapterError, match="the e-mail is already taken"):
        adapter.create_user(User(email="ada@example.com"))
    assert rows.count() == 1


def test_an_address_that_several_users_have_is_nobody_s(
    adapter: DjangoAdapter, rows: Any, details: Any
) -> None:
    first = rows.create_user("ada", "ada@example.com")
    rows.create_user("eve", "ada@example.com")
    with pytest.raises(AdapterError, match="several users have this e-mail"):
        adapter.get_user_by_email("ada@example.com")
    with pytest.raises(AdapterError, match="taken"):
        adapter.create_user(User(email="ada@example.com"))
    # Whatever else is stored of one of them claims nothing.
    changed = adapter.update_user(str(first.pk), {"image": "i", "email_verified": NOW})
    assert (changed.image, changed.email_verified) == ("i", None)
    assert details.get().email is None
    with pytest.raises(AdapterError, match="several"):
        adapter.get_user_by_email("ada@example.com")


def test_users_without_an_address_are_not_found_by_an_empty_one(
    adapter: DjangoAdapter, rows: Any
) -> None:
    rows.create_user("ada")
    assert adapter.get_user_by_email("") is None


def test_an_address_that_the_admin_changes_counts_and_is_not_verified(
    adapter: DjangoAdapter, rows: Any
) -> None:
    user = adapter.create_user(User(email="old@example.com", email_verified=NOW, image="i"))
    rows.update(email="new@example.com")
    changed = replace(user, email="new@example.com", email_verified=None)
    assert adapter.get_user(user.id) == changed
    assert adapter.get_user_by_email("new@example.com") == changed
    assert adapter.get_user_by_email("old@example.com") is None
    later = adapter.update_user(user.id, {"email_verified": NOW})
    assert later == replace(changed, email_verified=NOW)
    assert adapter.get_user_by_email("new@example.com") == later


def test_an_address_that_the_admin_took_away_is_free(adapter: DjangoAdapter, rows: Any) -> None:
    first = adapter.create_user(User(email="a@example.com", email_verified=NOW))
    rows.update(email="")
    second = adapter.create_user(User(email="a@example.com"))
    assert adapter.get_user_by_email("a@example.com") == second
    assert adapter.get_user(first.id) == replace(first, email=None, email_verified=None)
    third = adapter.create_user(User(email="c@example.com"))
    rows.filter(pk=int(second.id)).update(email="b@example.com")
    moved = adapter.update_user(third.id, {"email": "a@example.com"})
    assert adapter.get_user_by_email("a@example.com") == moved


def test_a_claim_given_up_is_taken_over_by_a_user_that_was_there_before(
    adapter: DjangoAdapter, rows: Any
) -> None:
    first = adapter.create_user(User(email="a@example.com"))
    rows.update(email="b@example.com")
    other = rows.create_user("other", "a@example.com")
    changed = adapter.update_user(str(other.pk), {"email_verified": NOW})
    assert changed.email_verified == NOW
    assert adapter.get_user_by_email("a@example.com") == changed
    assert adapter.get_user(first.id) == replace(first, email="b@example.com")


def test_ids_are_compared_as_text(adapter: DjangoAdapter) -> None:
    user = adapter.create_user(User())
    for other in (f"0{user.id}", f" {user.id}", f"+{user.id}", "\u0661", "1.0", "", "x", "9" * 30):
        assert adapter.get_user(other) is None, other
        adapter.delete_user(other)
        assert adapter.list_sessions_by_user_id(other) == []
        with pytest.raises(LookupError, match="no such user"):
            adapter.update_user(other, {"name": "x"})
    assert adapter.get_user(user.id) == user


@pytest.mark.parametrize("project", [STOCK, PERSON, CALLER], ids=lambda p: p.user_model)
def test_a_user_that_is_half_stored_is_not_stored(project: Any, alias: str) -> None:
    adapter = project.adapter(alias)
    last = "INSERT INTO people_person" if project is PERSON else f"INSERT INTO {_detail(adapter)}"
    with failing(alias, last), pytest.raises(Broken):
        adapter.create_user(User(id="u-1", email="a@example.com"))
    assert adapter._store.users.all.count() == 0
    assert adapter.get_user_by_email("a@example.com") is None
    assert adapter.create_user(User(id="u-1", email="a@example.com")).email == "a@example.com"


def _detail(adapter: Any) -> str:
    return str(adapter._store.users.detail._meta.db_table)


def test_a_user_that_is_half_changed_is_not_changed(adapter: DjangoAdapter, alias: str) -> None:
    user = adapter.create_user(User(name="Ann", email="a@example.com", image="i"))
    changes = {"name": "Anna", "email": "b@example.com", "image": "j"}
    with failing(alias, "UPDATE authwire_userdetail"), pytest.raises(Broken):
        adapter.update_user(user.id, changes)
    assert adapter.get_user(user.id) == user
    assert adapter.get_user_by_email("b@example.com") is None
    adapter.create_user(User(email="b@example.com"))


def test_a_user_that_is_half_deleted_is_not_deleted(adapter: DjangoAdapter, alias: str) -> None:
    user = adapter.create_user(User(email="a@example.com"))
    account = Account(user_id=user.id, type="oidc", provider="p", provider_account_id="1")
    adapter.link_account(account)
    session = AdapterSession(session_token="s", user_id=user.id, expires=NOW)
    adapter.create_session(session)
    with failing(alias, "DELETE FROM auth_user "), pytest.raises(Broken):
        adapter.delete_user(user.id)
    assert adapter.get_user_by_account("p", "1") == user
    assert adapter.get_session_and_user("s") == (session, user)


def test_a_user_deleted_meanwhile_is_not_found(
    adapter: DjangoAdapter, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = adapter.create_user(User(name="Ann"))
    users = adapter._store.users
    real = users._change

    def change(row: Any, changes: Any) -> Any:
        write = real(row, changes)
        rows.filter(pk=row.pk).delete()
        return write

    monkeypatch.setattr(users, "_change", change)
    for changes in ({"name": "x"}, {"image": "x"}):
        with pytest.raises(LookupError, match="no such user"):
            adapter.update_user(user.id, changes)


def test_two_first_changes_at_once_are_both_kept(
    adapter: DjangoAdapter, rows: Any, details: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both find that there is no detail row yet, and one of them makes it."""
    row = rows.create_user("ada", "ada@example.com")
    users = adapter._store.users
    real = users._change

    def change(found: Any, changes: Any) -> Any:
        write = real(found, changes)
        monkeypatch.setattr(users, "_change", real)
        adapter.update_user(str(row.pk), {"email_verified": NOW})
        return write

    monkeypatch.setattr(users, "_change", change)
    changed = adapter.update_user(str(row.pk), {"image": "i"})
    assert (changed.image, changed.email_verified) == ("i", NOW)
    assert details.get().email == "ada@example.com"


def test_of_many_that_take_over_one_address_at_once_one_wins(
    adapter: DjangoAdapter, alias: str
) -> None:
    patient = DjangoAdapter(using=alias, close_connections=True)
    ids = [adapter.create_user(User()).id for _ in range(20)]

    def take(user_id: str) -> bool:
        try:
            patient.update_user(user_id, {"email": "a@example.com"})
        except AdapterError as exc:
            assert str(exc) == "the e-mail is already taken"  # noqa: PT017  # only some of them fail
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        assert sorted(threads.map(take, ids)) == [False] * 19 + [True]


# --- deactivated users ----------------------------------------------------------------------------


@pytest.mark.parametrize("project", [STOCK, PERSON], ids=lambda p: p.user_model)
def test_a_deactivated_user_has_no_session_and_cannot_sign_in(project: Any, alias: str) -> None:
    adapter = project.adapter(alias)
    user = adapter.create_user(User(email="a@example.com"))
    account = Account(user_id=user.id, type="oidc", provider="p", provider_account_id="1")
    adapter.link_account(account)
    session = AdapterSession(session_token="s", user_id=user.id, expires=NOW)
    adapter.create_session(session)
    adapter._store.users.all.update(is_active=False)
    assert adapter.get_session_and_user("s") is None
    for find in (
        lambda: adapter.get_user(user.id),
        lambda: adapter.get_user_by_email("a@example.com"),
        lambda: adapter.get_user_by_account("p", "1"),
    ):
        with pytest.raises(UserDeactivated) as caught:
            find()
        assert caught.value.public_type == "AccessDenied"
        assert "a@example.com" not in str(caught.value)
    # Nobody else gets its place.
    with pytest.raises(AdapterError, match="taken"):
        adapter.create_user(User(email="a@example.com"))
    # What manages users goes on.
    assert adapter.update_user(user.id, {"name": "Ann"}).name == "Ann"
    assert adapter.list_sessions_by_user_id(user.id) == [session]
    adapter._store.users.all.update(is_active=True)
    assert adapter.get_session_and_user("s") == (session, replace(user, name="Ann"))
    adapter._store.users.all.update(is_active=False)
    adapter.delete_user(user.id)
    assert adapter.get_user_by_email("a@example.com") is None


# --- user models of the project's own -------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Member(User):
    role: str = "guest"


def test_columns_of_your_own_hold_the_fields_of_your_user(alias: str) -> None:
    adapter = PERSON.adapter(alias, user=Member)
    user = adapter.create_user(Member(id="u-1", name="Ann", email="a@example.com", role="admin"))
    assert user == Member(id="u-1", name="Ann", email="a@example.com", role="admin")
    assert adapter.update_user("u-1", {"role": "owner"}) == replace(user, role="owner")
    assert Person.objects.using(alias).get().role == "owner"
    session = AdapterSession(session_token="s", user_id="u-1", expires=NOW)
    adapter.create_session(session)
    assert adapter.get_session_and_user("s") == (session, replace(user, role="owner"))


def test_a_user_model_with_our_columns_needs_no_detail_rows(alias: str) -> None:
    adapter = PERSON.adapter(alias)
    assert adapter._store.users.detail is None
    assert adapter.get_user(adapter.create_user(User(id="kept", image="i")).id).image == "i"


def test_a_field_may_have_a_column_of_another_name(alias: str) -> None:
    adapter = READER.adapter(alias)
    given = str(uuid.uuid4())
    user = adapter.create_user(
        User(id=given, name="Ann B", email="a@example.com", email_verified=NOW, image="i")
    )
    assert user.id == given
    row = Reader.objects.using(alias).get()
    assert (str(row.pk), row.full_name, row.email) == (given, "Ann B", "a@example.com")
    assert row.kept_apart.image == "i"
    assert adapter.get_user_by_email("a@example.com") == user
    assert adapter.update_user(given, {"name": None}) == replace(user, name=None)
    assert Reader.objects.using(alias).get().full_name == ""
    assert adapter.get_user(given.upper()) is None
    moved = adapter.update_user(given, {"email": "b@example.com"})
    assert adapter.get_user(given) == moved == replace(user, name=None, email="b@example.com")
    other = adapter.create_user(User(id="no uuid", email="a@example.com"))
    assert str(uuid.UUID(other.id)) == other.id


def test_a_user_model_that_needs_an_address_refuses_a_user_without_one(alias: str) -> None:
    adapter = READER.adapter(alias)
    user = adapter.create_user(User(email="a@example.com"))
    for write in (
        lambda: adapter.create_user(User()),
        lambda: adapter.update_user(user.id, {"email": None}),
    ):
        with pytest.raises(AdapterError, match="no room for a user without an e-mail"):
            write()
    assert adapter.get_user(user.id) == user


def test_users_known_by_something_else_get_a_random_one(alias: str) -> None:
    adapter = CALLER.adapter(alias)
    for _ in range(2):
        adapter.create_user(User(email=None))
    phones = set(Caller.objects.using(alias).values_list("phone", flat=True))
    assert len(phones) == 2
    assert "" not in phones


def test_new_user_gives_the_columns_that_are_no_fields(alias: str) -> None:
    asked: list[User] = []

    def new_user(user: User) -> dict[str, Any]:
        asked.append(user)
        return {"phone": f"+1 {user.name}"}

    adapter = replace(CALLER, new_user=new_user).adapter(alias)
    adapter.create_user(User(name="555"))
    assert Caller.objects.using(alias).get().phone == "+1 555"
    assert [user.name for user in asked] == ["555"]
    # A constraint of the project's own refuses it: what it is about is not told.
    with pytest.raises(AdapterError, match="a constraint refused the row") as caught:
        adapter.create_user(User(name="555"))
    assert "555" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DjangoAdapter(user=Member), r"auth\.User has no column 'role' for Member\.role"),
        (lambda: DjangoAdapter(fields={"email": "mail"}), r"no column 'mail' for User\.email"),
        (lambda: DjangoAdapter(fields={"nam": "name"}), "User has no field 'nam'"),
        (
            lambda: DjangoAdapter(models=Models(session="authwire.Account")),
            r"authwire\.Account has no column for AdapterSession\.session_token",
        ),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_at_once(
    make: Callable[[], Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        make()


@isolate_apps("tests.adapters.django.people")
def test_a_model_that_lost_its_unique_key_is_refused() -> None:
    class Visit(AbstractSession):
        user = models.ForeignKey(Row, models.CASCADE, related_name="+")

        class Meta:
            app_label = "people"

    class Visited(AbstractSession):
        user = models.ForeignKey(Row, models.CASCADE, related_name="+")

        class Meta(AbstractSession.Meta):
            app_label = "people"

    class Detail(AbstractUserDetail):
        user = models.OneToOneField(
            Row, models.CASCADE, primary_key=True, related_name="isolated_detail"
        )

        class Meta:
            app_label = "people"

    DjangoAdapter(models=Models(session=Visited))
    with pytest.raises(
        TypeError, match=r"people\.Visit has no unique key on session_token: let its"
    ):
        DjangoAdapter(models=Models(session=Visit))
    with pytest.raises(TypeError, match=r"people\.Detail has no unique key on email"):
        DjangoAdapter(models=Models(detail=Detail))


def test_an_empty_address_is_none(adapter: DjangoAdapter) -> None:
    for _ in range(2):
        user = adapter.create_user(User(email=""))
        assert user.email is None
    assert adapter.get_user(user.id) == user
    assert adapter.update_user(user.id, {"email": ""}) == user


def test_models_of_other_users_are_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"authwire\.Account belongs to auth\.User, not"):
        DjangoAdapter("people.Person")


@pytest.fixture
def taken(alias: str) -> DjangoAdapter:
    adapter: DjangoAdapter = PERSON.adapter(alias)
    adapter.create_user(User(id="u-1", email="a@example.com"))
    return adapter


@pytest.mark.parametrize(
    ("user", "message"),
    [
        (User(id="u-1", email="b@example.com"), "the user id is already taken"),
        (User(id="u-2", email="a@example.com"), "the e-mail is already taken"),
    ],
)
def test_a_taken_value_is_named_without_being_shown(
    taken: DjangoAdapter, user: User, message: str
) -> None:
    with pytest.raises(AdapterError) as caught:
        taken.create_user(user)
    assert str(caught.value) == message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_update_user_refuses_unknown_fields_another_id_and_times_without_a_zone(
    taken: DjangoAdapter,
) -> None:
    with pytest.raises(TypeError, match="User has no field 'nam'"):
        taken.update_user("u-1", {"name": "x", "nam": "x"})
    with pytest.raises(ValueError, match="cannot change"):
        taken.update_user("u-1", {"id": "u-2"})
    with pytest.raises(ValueError, match="without a time zone"):
        taken.update_user("u-1", {"email_verified": NOW.replace(tzinfo=None)})
    assert taken.get_user("u-1") == User(id="u-1", email="a@example.com")


def test_passkeys_go_with_their_user(adapter: DjangoAdapter, rows: Any) -> None:
    user = adapter.create_user(User())
    passkey = Authenticator(
        credential_id="AQID",
        user_id=user.id,
        provider_account_id="AQID",
        credential_public_key="BAUG",
        counter=0,
        credential_device_type="singleDevice",
        credential_backed_up=False,
    )
    adapter.create_authenticator(passkey)
    rows.get().delete()  # by other code of the project
    assert adapter.get_authenticator("AQID") is None
