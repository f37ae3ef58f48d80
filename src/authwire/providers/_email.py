"""The one form in which an e-mail address is stored and compared."""

from __future__ import annotations

import unicodedata

__all__ = ["normalize_email"]

# What JavaScript's trim() removes, as far as NFKC leaves it: Auth.js and we share one table.
_BLANK = " \t\n\v\f\r\u1680\u2028\u2029\ufeff"
# RFC 5322 §3.2.3 specials, but for "." "," and "@": a mail header would read them as something else
# than a part of the address (a group, a comment, a display name, another recipient).
_SPECIAL = frozenset('"()<>[]:;\\ ')
_MAX_BYTES = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets


def normalize_email(identifier: str) -> str:
    """An address from a form as it is stored: NFKC, lower case, trimmed.

    Normalised before it is checked, so that no look-alike of ``@`` slips through. What follows a
    comma in the domain is dropped, as Auth.js does: such input is a list of recipients.

    Raises:
        ValueError: if it is not one plain address. The message does not repeat it.
    """
    address = unicodedata.normalize("NFKC", identifier).lower().strip(_BLANK)
    if not address.isprintable() or not _SPECIAL.isdisjoint(address):
        raise ValueError("the e-mail address holds a character that no plain address has")
    local, _, domain = address.partition("@")
    if "@" in domain:
        raise ValueError("an e-mail address has exactly one @")
    domain = domain.split(",", 1)[0]
    if not local or not domain:
        raise ValueError("an e-mail address has something before and after the @")
    address = f"{local}@{domain}"
    if len(address.encode()) > _MAX_BYTES:
        raise ValueError("the e-mail address is too long")
    return address
