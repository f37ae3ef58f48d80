from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwire.protocol.sealed import SealBroken, UnknownKey, is_sealed, seal, sealed_with, unseal

OLD, NEW = "the old secret, of some length", "the new secret, of some length"


@given(st.text(), st.text())
def test_what_is_sealed_comes_back(text: str, context: str) -> None:
    sealed = seal(text, secrets=[NEW], context=context)
    assert is_sealed(sealed)
    assert unseal(sealed, secrets=[NEW], context=context) == text


def test_the_text_cannot_be_seen_and_no_two_seals_are_alike() -> None:
    first, second = (seal("gho_token", secrets=[NEW], context="c") for _ in range(2))
    assert "gho_token" not in first
    assert first != second


def test_the_first_secret_seals_and_all_unseal() -> None:
    before = seal("token", secrets=[OLD], context="c")
    assert unseal(before, secrets=[NEW, OLD], context="c") == "token"
    after = seal("token", secrets=[NEW, OLD], context="c")
    assert unseal(after, secrets=[NEW], context="c") == "token"
    assert (sealed_with(before, OLD), sealed_with(before, NEW)) == (True, False)


def test_a_secret_that_is_gone_is_told_by_its_key_id_only() -> None:
    sealed = seal("token", secrets=[OLD], context="c")
    with pytest.raises(UnknownKey) as caught:
        unseal(sealed, secrets=[NEW], context="c")
    assert caught.value.key_id == sealed.split(".")[1]
    assert OLD not in str(caught.value)


def test_a_seal_does_not_open_where_it_does_not_belong() -> None:
    sealed = seal("token", secrets=[NEW], context="access_token:6:github:1")
    with pytest.raises(SealBroken):
        unseal(sealed, secrets=[NEW], context="access_token:6:github:2")


@pytest.mark.parametrize("at", [-1, -20, 12])
def test_an_altered_seal_does_not_open(at: int) -> None:
    sealed = seal("a token of some length", secrets=[NEW], context="c")
    other = "A" if sealed[at] != "A" else "B"
    altered = sealed[:at] + other + (sealed[at + 1 :] if at != -1 else "")
    with pytest.raises((SealBroken, UnknownKey)):
        unseal(altered, secrets=[NEW], context="c")


@pytest.mark.parametrize("body", ["", "AAAA", "A", "!!!!"])
def test_a_seal_cut_short_does_not_open(body: str) -> None:
    key_id = seal("token", secrets=[NEW], context="c").split(".")[1]
    with pytest.raises(SealBroken):
        unseal(f"aw1.{key_id}.{body}", secrets=[NEW], context="c")


@pytest.mark.parametrize("token", ["gho_abc", "ya29.a0.b", "eyJhbGciOi.eyJpc3Mi.sig", "aw1.x", ""])
def test_tokens_of_providers_are_not_taken_for_seals(token: str) -> None:
    assert not is_sealed(token)
