"""AES-CBC with kept ciphers, against a fresh cipher for each message."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from authwire.protocol.aes_cbc import AESCBC, BLOCK_BYTES

KEY = bytes(range(32))
KEPT = AESCBC(KEY)

blocks = st.integers(0, 8).flatmap(lambda n: st.binary(min_size=16 * n, max_size=16 * n))
ivs = st.binary(min_size=16, max_size=16)


def fresh(iv: bytes) -> Cipher[CBC]:
    return Cipher(AES256(KEY), CBC(iv))


def encrypted(iv: bytes, message: bytes) -> bytes:
    worker = fresh(iv).encryptor()
    return worker.update(message) + worker.finalize()


def decrypted(iv: bytes, message: bytes) -> bytes:
    worker = fresh(iv).decryptor()
    return worker.update(message) + worker.finalize()


@given(st.lists(st.tuples(st.booleans(), ivs, blocks), max_size=12))
def test_each_message_is_as_with_a_cipher_of_its_own_whatever_was_before(
    messages: list[tuple[bool, bytes, bytes]],
) -> None:
    for encrypts, iv, message in messages:
        if encrypts:
            made_with, made = KEPT.encrypt(message)
            assert made == encrypted(made_with, message)
        else:
            assert KEPT.decrypt(iv, message) == decrypted(iv, message)


def test_no_iv_comes_twice() -> None:
    made = [AESCBC(KEY).encrypt(b"x" * 16) for _ in range(100)]
    made += [KEPT.encrypt(b"x" * 16) for _ in range(100)]
    assert {len(iv) for iv, _ in made} == {BLOCK_BYTES}
    assert len({iv for iv, _ in made}) == len({blocks for _, blocks in made}) == 200


def test_an_iv_depends_on_fresh_random_bytes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "urandom", lambda count: asked.append(count) or bytes(count))
    same = {AESCBC(KEY).encrypt(b"") for _ in range(3)}
    assert same == {(encrypted(bytes(16), bytes(16)), b"")}
    assert asked == [BLOCK_BYTES] * 3


def test_a_forked_process_makes_other_ivs() -> None:
    ends = os.pipe()
    child = os.fork()
    if not child:
        os.write(ends[1], KEPT.encrypt(b"")[0])
        os._exit(0)
    ours = KEPT.encrypt(b"")[0]
    theirs = os.read(ends[0], BLOCK_BYTES)
    assert os.waitpid(child, 0)[1] == 0
    for end in ends:
        os.close(end)
    assert len(theirs) == BLOCK_BYTES
    assert ours != theirs


@pytest.mark.parametrize("length", [1, 15, 17, 31])
def test_part_of_a_block_is_refused_and_leaves_nothing_behind(length: int) -> None:
    iv, message = os.urandom(16), os.urandom(32)
    with pytest.raises(ValueError, match="not whole"):
        KEPT.encrypt(bytes(length))
    with pytest.raises(ValueError, match="not whole"):
        KEPT.decrypt(iv, bytes(length))
    assert KEPT.decrypt(iv, encrypted(iv, message)) == message
    assert decrypted(*KEPT.encrypt(message)) == message


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_an_iv_that_is_not_one_block_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="one block"):
        KEPT.decrypt(bytes(length), bytes(16))


def test_threads_do_not_disturb_one_another() -> None:
    def work(number: int) -> bool:
        message = bytes([number]) * 64
        return all(KEPT.decrypt(*KEPT.encrypt(message)) == message for _ in range(500))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(16)))


def test_a_cipher_in_use_is_not_used_by_anybody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    cbc, message = AESCBC(KEY), bytes(32)
    within: list[bytes] = []

    class Interrupted:
        """A cipher during whose work another thread has its turn."""

        def update(self, data: bytes) -> bytes:
            within.append(cbc.decrypt(*cbc.encrypt(message)))
            return fresh(bytes(16)).encryptor().update(data)

    monkeypatch.setattr(cbc._encryptors, "_idle", [Interrupted()])
    assert decrypted(*cbc.encrypt(message)) == message
    assert within == [message]


def test_a_cipher_that_failed_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def update(self, data: bytes) -> bytes:
            raise MemoryError

    cbc = AESCBC(KEY)
    monkeypatch.setattr(cbc._encryptors, "_idle", [Broken()])
    with pytest.raises(MemoryError):
        cbc.encrypt(bytes(16))
    assert decrypted(*cbc.encrypt(bytes(16))) == bytes(16)


def test_the_key_does_not_show() -> None:
    assert KEY.hex() not in repr(KEPT)
    assert repr(KEY)[2:-1] not in repr(KEPT)
