"""AES-CBC for many short messages under one key (NIST SP 800-38A §6.2).

Setting up a cipher for one message takes ten times as long as a session token in it. So a cipher is
kept, and each message goes on where the last one ended. In CBC that is no different from a fresh start:
what becomes of a block depends on the key and on the block of ciphertext before it, nothing else. One
block in front of a message therefore does what an initialization vector (IV) does.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

__all__ = ["BLOCK_BYTES", "AESCBC"]

BLOCK_BYTES: Final = 16


class AESCBC(threading.local):
    """AES-256 in CBC mode without padding. Each thread has ciphers of its own, as they have a state.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:  # called anew in each thread, with the same key
        cipher = Cipher(AES256(key), CBC(bytes(BLOCK_BYTES)))
        self._encryptor = cipher.encryptor()
        self._decryptor = cipher.decryptor()

    def encrypt(self, blocks: bytes) -> tuple[bytes, bytes]:
        """A new IV, and what ``blocks`` become with it.

        The IV is a random block that went through the cipher itself, the first of the two ways that
        SP 800-38A, appendix C, has for an IV that nobody can predict.

        Raises:
            ValueError: if ``blocks`` end within a block.
        """
        _check(blocks)
        made = self._encryptor.update(os.urandom(BLOCK_BYTES) + blocks)
        return made[:BLOCK_BYTES], made[BLOCK_BYTES:]

    def decrypt(self, iv: bytes, blocks: bytes) -> bytes:
        """What became ``blocks`` with this IV.

        Raises:
            ValueError: if the IV is not one block, or ``blocks`` end within a block.
        """
        if len(iv) != BLOCK_BYTES:
            raise ValueError("the IV must be one block")
        _check(blocks)
        # What becomes of the IV itself depends on the message before, and is of no use.
        return self._decryptor.update(iv + blocks)[BLOCK_BYTES:]


def _check(blocks: bytes) -> None:
    """Part of a block would stay in the cipher, and come out with the next message."""
    if len(blocks) % BLOCK_BYTES:
        raise ValueError("the last block is not whole")
