"""The commands that turn files that ruletag does not read into text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

_PANDOC = "pandoc -t plain --wrap=none {0} -o {1}"
COMMANDS = {
    ".doc": "soffice --headless --convert-to txt:Text:UTF8 {0}",
    ".docx": _PANDOC,
    ".epub": _PANDOC,
    ".htm": _PANDOC,
    ".html": _PANDOC,
    ".odt": _PANDOC,
    ".pdf": "pdftotext -enc UTF-8 {0} {1}",
    ".rtf": _PANDOC,
}
_SUFFIXES = {"PDF": ".pdf", "RTF": ".rtf"}  # of kinds of files that a signature shows


def command(shown: str, kind: str = "") -> str:
    """The command that turns a file into text, by the kind that its beginning shows, else by its suffix; empty if no
    program is known."""
    import shlex  # needed only for messages

    path = PurePath(shown)
    template = COMMANDS.get(_SUFFIXES.get(kind) or path.suffix.lower(), "")
    target = path.with_suffix(".txt")
    if target == path:
        target = path.with_suffix(".text.txt")
    return template.format(shlex.quote(shown), shlex.quote(str(target)))


def programs(suffixes: Iterable[str]) -> list[str]:
    """The programs that turn files with these suffixes into text, sorted."""
    return sorted({COMMANDS[suffix].split()[0] for suffix in suffixes if suffix in COMMANDS})
