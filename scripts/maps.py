"""Fills in the parts of the documentation that are made of the code.

    python scripts/maps.py            rewrite them
    python scripts/maps.py --check    fail if a page is not what the code says

Such a part stands between ``<!-- generated: NAME -->`` and ``<!-- end: NAME -->``; the rest of the
page is written by hand. Each name is a function of ``scripts/maps_tables.py``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "src"))

import maps_tables  # noqa: E402  # from beside this file, see above

ROOT = Path(__file__).resolve().parent.parent
PART = re.compile(
    r"(?P<open><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- end: (?P=name) -->)",
    re.DOTALL,
)


def pages() -> list[Path]:
    """The pages that may have generated parts."""
    return sorted(ROOT.glob("docs/**/*.md"))


def filled(text: str) -> str:
    """``text`` with its generated parts made anew."""

    def fill(part: re.Match[str]) -> str:
        made = maps_tables.PARTS[part["name"]]().strip()
        return f"{part['open']}\n{made}\n\n{part['close']}"

    return PART.sub(fill, text)


def names_used() -> Iterator[str]:
    """The generated parts that some page shows."""
    for page in pages():
        yield from (part["name"] for part in PART.finditer(page.read_text("utf-8")))


def main(arguments: list[str]) -> int:
    """Rewrite or check all pages; 1 if ``--check`` found a difference."""
    stale = []
    for page in pages():
        text = page.read_text("utf-8")
        fresh = filled(text)
        if fresh == text:
            continue
        stale.append(str(page.relative_to(ROOT)))
        if "--check" not in arguments:
            page.write_text(fresh, "utf-8")
    for name in stale:
        print(name)
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
