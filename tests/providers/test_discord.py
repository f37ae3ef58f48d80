from __future__ import annotations

from typing import Any

import pytest

from authwire.models import TokenSet, User
from authwire.providers import Discord

DEFAULT = "https://cdn.discordapp.com/embed/avatars/{}.png"


def image(**profile: Any) -> str | None:
    told: Any = {"id": "80351110224678912", "username": "n", **profile}
    user = Discord().profile(told, TokenSet())
    assert isinstance(user, User)
    return user.image


@pytest.mark.parametrize(("tag", "index"), [("0001", 1), ("0005", 0), ("1337", 2), ("9999", 4)])
def test_default_picture_follows_the_old_tag(tag: str, index: int) -> None:
    assert image(avatar=None, discriminator=tag) == DEFAULT.format(index)


@pytest.mark.parametrize(
    ("user_id", "index"), [(0, 0), (1 << 22, 1), (5 << 22, 5), (6 << 22, 0), ((7 << 22) - 1, 0)]
)
def test_default_picture_follows_the_id_without_a_tag(user_id: int, index: int) -> None:
    assert image(id=str(user_id), avatar=None, discriminator="0") == DEFAULT.format(index)
    assert image(id=str(user_id)) == DEFAULT.format(index)


def test_no_picture_is_made_up_for_an_id_that_is_no_number() -> None:
    assert image(id="abc") is None
    assert image(discriminator="x") is None
