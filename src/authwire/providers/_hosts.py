"""Names that become part of a provider's address."""

from __future__ import annotations

import re

__all__ = ["host_label"]

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def host_label(value: str, what: str) -> str:
    """``value`` in lower case, if it can be one label of a host name (RFC 1123 §2.1).

    Raises:
        ValueError: if it cannot; with a dot or slash in it, requests would go somewhere else.
    """
    label = value.lower()
    if not _LABEL.fullmatch(label):
        raise ValueError(f"{what}: give the one word before the domain, not {value!r}")
    return label
