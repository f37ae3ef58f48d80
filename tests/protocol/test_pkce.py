from __future__ import annotations

import pytest

from authwire.protocol import pkce

# RFC 7636, appendix B.
OCTETS = bytes(
    [116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186,
     22, 212, 37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121]
)  # fmt: skip
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_verifier_is_that_of_the_rfc_example() -> None:
    assert pkce.create_verifier(OCTETS) == VERIFIER


def test_challenge_is_that_of_the_rfc_example() -> None:
    assert pkce.challenge(VERIFIER) == CHALLENGE


@pytest.mark.parametrize(("size", "length"), [(32, 43), (96, 128)])
def test_verifier_has_a_length_that_the_rfc_allows(size: int, length: int) -> None:
    assert len(pkce.create_verifier(bytes(size))) == length


@pytest.mark.parametrize("size", [0, 31, 97])
def test_verifier_is_refused_with_too_little_or_too_much_entropy(size: int) -> None:
    with pytest.raises(ValueError, match="32 to 96"):
        pkce.create_verifier(bytes(size))
