"""AES-CBC for many short messages under one key (NIST SP 800-38A §6.2).

Setting up a cipher for one message takes ten times as long as a session token in it. So ciphers are
kept, and each message goes on where another one ended. In CBC that is no different from a fresh start:
what becomes of a block depends on the key and on the block of ciphertext before it, nothing else. One
block in front of a message therefore does what an initialization vector (IV) does.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

__all__ = ["AESCBC", "BLOCK_BYTES"]

BLOCK_BYTES: Final = 16


class AESCBC:
    """AES-256 in CBC mode without padding, for any number of threads.

    Args:
        key: 32 bytes.
    """

    __slots__ = ("_decryptors", "_encryptors")

    def __init__(self, key: bytes) -> None:
        cipher = Cipher(AES256(key), CBC(bytes(BLOCK_BYTES)))
        self._encryptors = _Kept(cipher.encryptor)
        self._decryptors = _Kept(cipher.decryptor)

    def encrypt(self, blocks: bytes) -> tuple[bytes, bytes]:
        """A new IV, and what ``blocks`` become with it.

        The IV is a random block that went through the cipher itself, the first of the two ways that
        SP 800-38A, appendix C, has for an IV that nobody can predict.

        Raises:
            ValueError: if ``blocks`` end within a block.
        """
        made = self._encryptors.update(os.urandom(BLOCK_BYTES) + blocks)
        return made[:BLOCK_BYTES], made[BLOCK_BYTES:]

    def decrypt(self, iv: bytes, blocks: bytes) -> bytes:
        """What became ``blocks`` with this IV.

        Raises:
            ValueError: if the IV is not one block, or ``blocks`` end within a block.
        """
        if len(iv) != BLOCK_BYTES:
            raise ValueError("the IV must be one block")
        # What becomes of the IV itself depends on another message, and is of no use.
        return self._decryptors.update(iv + blocks)[BLOCK_BYTES:]


class _Kept:
    """Ciphers that nobody uses at the moment; there are as many as were ever in use at once."""

    __slots__ = ("_begin", "_idle")

    def __init__(self, begin: Callable[[], CipherContext]) -> None:
        self._begin = begin
        self._idle = [begin()]

    def update(self, blocks: bytes) -> bytes:
        if len(blocks) % BLOCK_BYTES:  # the rest would stay in the cipher, for the next message
            raise ValueError("the last block is not whole")
        try:
            cipher = self._idle.pop()  # a list's own methods are atomic
        except IndexError:
            cipher = self._begin()
        made = cipher.update(blocks)
        self._idle.append(cipher)  # not if it failed: who knows what is in it then
        return made
