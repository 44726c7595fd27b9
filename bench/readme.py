"""The tables of bench/README.md, each between its marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

README = Path(__file__).with_name("README.md")


def put(page: str, name: str, body: str) -> str:
    """The page with a body between the two marks of a name. ValueError where the marks are not there."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    if not marks.search(page):
        raise ValueError(f"{README.name} lacks the marks of {name!r}")
    return marks.sub(lambda found: f"{found[1]}\n{body.rstrip()}\n\n{found[2]}", page, count=1)


def write(bodies: Mapping[str, str]) -> None:
    """Put each body between the marks of its name; the rest of the file stays."""
    page = README.read_text(encoding="utf-8")
    for name, body in bodies.items():
        page = put(page, name, body)
    README.write_text(page, encoding="utf-8")
