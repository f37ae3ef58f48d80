"""Every row of the table in docs/linking.md, then what carrying a decision out does."""

from __future__ import annotations

import pytest

from authwire import User
from authwire.core.linking import Create, Decision, Facts, Keep, Link, Reject, SignIn, decide

ADA = User(id="ada", email="ada@example.com")
BOB = User(id="bob", email="bob@example.com")
TAKEN = Reject("the e-mail address belongs to another account")
FOREIGN = Reject("the account belongs to another user")

ROWS = [
    pytest.param(
        Facts(kind="email", by_email=ADA),
        SignIn(ADA, mark_verified=True),
        id="1-email-known-signs-in",
    ),
    pytest.param(
        Facts(kind="email", by_email=ADA, me=BOB),
        SignIn(ADA, mark_verified=True),
        id="1-email-known-wins-over-whoever-is-signed-in",
    ),
    pytest.param(
        Facts(kind="email"), Create(verified=True), id="2-email-unknown-creates-a-verified-user"
    ),
    pytest.param(
        Facts(kind="email", me=BOB),
        Create(verified=True),
        id="2-email-unknown-while-signed-in-creates",
    ),
    pytest.param(Facts(kind="oauth", owner=ADA), SignIn(ADA), id="3-oauth-known-account-signs-in"),
    pytest.param(Facts(kind="webauthn", owner=ADA), SignIn(ADA), id="3-passkey-known-signs-in"),
    pytest.param(
        Facts(kind="oauth", owner=ADA, by_email=BOB),
        SignIn(ADA),
        id="3-the-account-decides-and-not-the-address",
    ),
    pytest.param(
        Facts(kind="oauth", owner=ADA, me=ADA),
        Keep(ADA),
        id="4-oauth-own-account-keeps-the-session",
    ),
    pytest.param(
        Facts(kind="webauthn", owner=ADA, me=ADA), Keep(ADA), id="4-passkey-own-keeps-the-session"
    ),
    pytest.param(
        Facts(kind="oauth", owner=ADA, me=BOB), FOREIGN, id="5-oauth-foreign-account-rejects"
    ),
    pytest.param(
        Facts(kind="webauthn", owner=ADA, me=BOB), FOREIGN, id="5-passkey-foreign-rejects"
    ),
    pytest.param(
        Facts(kind="webauthn", owner=ADA, registers=True),
        FOREIGN,
        id="5-a-new-passkey-does-not-open-an-account-by-its-id",
    ),
    pytest.param(
        Facts(kind="webauthn", owner=ADA, me=ADA, registers=True),
        FOREIGN,
        id="5-a-new-passkey-of-a-known-id-rejects-its-owner-too",
    ),
    pytest.param(
        Facts(kind="oauth", owner=ADA, me=BOB, trusts_email=True),
        FOREIGN,
        id="5-trusting-addresses-does-not-move-an-account",
    ),
    pytest.param(Facts(kind="oauth", me=ADA), Link(ADA), id="6-oauth-new-account-links-to-me"),
    pytest.param(
        Facts(kind="oauth", me=ADA, by_email=BOB),
        Link(ADA),
        id="6-links-to-me-even-if-the-address-is-another-users",
    ),
    pytest.param(
        Facts(kind="webauthn", me=ADA, registers=True), Link(ADA), id="6-passkey-new-links-to-me"
    ),
    pytest.param(
        Facts(kind="oauth", by_email=ADA, trusts_email=True),
        Link(ADA),
        id="7-trusted-address-links",
    ),
    pytest.param(
        Facts(kind="webauthn", by_email=ADA, trusts_email=True), TAKEN, id="7-is-for-oauth-only"
    ),
    pytest.param(Facts(kind="oauth", by_email=ADA), TAKEN, id="8-oauth-email-taken-rejects"),
    pytest.param(Facts(kind="webauthn", by_email=ADA), TAKEN, id="8-passkey-email-taken-rejects"),
    pytest.param(
        Facts(kind="oauth"), Create(link=True), id="9-oauth-nothing-known-creates-and-links"
    ),
    pytest.param(
        Facts(kind="webauthn"), Create(link=True), id="9-passkey-nothing-known-creates-and-links"
    ),
    pytest.param(
        Facts(kind="credentials", owner=ADA), SignIn(ADA), id="10-credentials-known-user-signs-in"
    ),
    pytest.param(
        Facts(kind="credentials", owner=ADA, me=BOB),
        SignIn(ADA),
        id="10-credentials-change-the-user",
    ),
    pytest.param(
        Facts(kind="credentials", by_email=BOB), TAKEN, id="11-credentials-email-taken-rejects"
    ),
    pytest.param(Facts(kind="credentials"), Create(), id="12-credentials-unknown-user-is-stored"),
]


@pytest.mark.parametrize(("facts", "expected"), ROWS)
def test_decide_follows_the_table(facts: Facts, expected: Decision) -> None:
    assert decide(facts) == expected
