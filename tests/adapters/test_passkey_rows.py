"""A row that Auth.js wrote signs in, and the row that we write is the one Auth.js would have."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from tests.core.harness import World
from tests.core.passkeys import Visitor, went_to

from authwire.adapters.memory import MemoryAdapter
from authwire.adapters.sqlalchemy import SQLAlchemyAdapter
from authwire.config import SessionConfig
from authwire.models import Account, Authenticator, User
from authwire.providers import Passkey
from authwire.runtime import drive

RECORDED = json.loads((Path(__file__).parents[1] / "vectors" / "webauthn.json").read_text("utf-8"))
ceremonies = pytest.mark.parametrize(
    "ceremony", RECORDED["ceremonies"], ids=lambda case: str(case["name"])
)


def in_memory(_folder: Path) -> Any:
    return MemoryAdapter()


def in_authjs_tables(folder: Path) -> Any:
    adapter = SQLAlchemyAdapter(create_engine(f"sqlite:///{folder / 'app.db'}"), naming="drizzle")
    drive(adapter.create_schema())
    return adapter


def visitor_of(adapter: Any, *challenges: str) -> Visitor:
    """A visitor of an app that asks these challenges, one after the other."""
    session = SessionConfig(strategy="jwt")  # the key of a row would be random as well
    browser = World("inline").browser(providers=[Passkey()], adapter=adapter, session=session)
    engine: Any = browser.auth._front._engine
    asked = iter([base64.urlsafe_b64decode(text + "=") for text in challenges])
    real = engine.random
    browser.auth._front._engine = replace(
        engine, random=lambda size: b"\1" if size == 1 else next(asked, None) or real(size)
    )
    # The CSRF token is random as well: it comes first.
    engine = browser.auth._front._engine
    browser.auth._front._engine = replace(engine, skip_csrf_check=True)
    return Visitor(browser)


@pytest.mark.parametrize("make", [in_memory, in_authjs_tables], ids=lambda make: make.__name__)
@ceremonies
def test_a_passkey_registered_through_auth_js_signs_in(
    make: Callable[[Path], Any], ceremony: dict[str, Any], tmp_path: Path
) -> None:
    adapter, row = make(tmp_path), ceremony["row"]
    credential_id = row["credentialID"]
    drive(adapter.create_user(User(id="ada", email="ada@example.com")))
    account = Account(
        type="webauthn", provider="passkey", provider_account_id=credential_id, user_id="ada"
    )
    drive(adapter.link_account(account))
    passkey = Authenticator(
        credential_id=credential_id,
        user_id="ada",
        provider_account_id=row["providerAccountId"],
        credential_public_key=row["credentialPublicKey"],
        counter=row["counter"],
        credential_device_type=row["credentialDeviceType"],
        credential_backed_up=row["credentialBackedUp"],
        transports=row.get("transports"),
    )
    drive(adapter.create_authenticator(passkey))
    parts = ceremony["signIns"]
    visitor = visitor_of(adapter, *(part["options"]["challenge"] for part in parts))
    for part in parts:
        options = visitor.options(email="ada@example.com")
        assert options == part["options"]
        assert went_to(visitor.post("authenticate", part["answer"])).startswith("http")
        assert visitor.email == "ada@example.com"
        stored = drive(adapter.get_authenticator(credential_id))
        assert stored == replace(passkey, counter=part["counter"])
        visitor.leave()


@ceremonies
def test_our_row_in_auth_js_table_is_the_one_of_auth_js(
    ceremony: dict[str, Any], tmp_path: Path
) -> None:
    made = ceremony["registration"]
    # The user's handle is made after the challenge.
    visitor = visitor_of(in_authjs_tables(tmp_path), made["options"]["challenge"])
    options = visitor.options(email="ada@example.com")
    assert options | {"user": None} == made["options"] | {"user": None}
    assert went_to(visitor.post("register", made["answer"])).startswith("http")
    database = sqlite3.connect(tmp_path / "app.db")
    database.row_factory = sqlite3.Row
    (stored,) = map(dict, database.execute("SELECT * FROM authenticator"))
    (owner,) = database.execute('SELECT id FROM "user"').fetchone()
    database.close()
    row = ceremony["row"]
    assert stored == {
        **row,
        "userId": owner,
        "transports": row.get("transports"),
        "credentialBackedUp": int(row["credentialBackedUp"]),
    }
