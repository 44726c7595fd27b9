"""External formats, one module each; this is the list of them. A module is imported when it is needed.

`contract` defines the contents of a module. A package adds formats under the entry point group `ruletag.formats`, each
of which names a `Format`.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.formats.contract import Companion, Format, Loss, Options

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "FORMATS",
    "Companion",
    "Format",
    "Loss",
    "Options",
    "by_name",
    "by_suffix",
    "default",
    "sharing",
    "suffixes",
]

# If two share a suffix and the file does not show which it is, the first is meant.
_MODULES = (
    "brace", "jsonl", "label_studio", "doccano", "brat", "conll", "conllu", "prodigy", "spacy_json", "tei", "cas",
    "cas_json", "webanno", "csv", "webannotation", "parquet", "docbin", "review", "warc", "html", "ansi",
    "names_csv", "names_tsv",     "markup", "text",
)  # fmt: skip
GROUP = "ruletag.formats"


_NAMES = tuple(module.replace("_", "-") for module in _MODULES)


class _Formats(Mapping[str, Format]):
    """All formats by name, in the order of the list, then those of other packages by name."""

    def __init__(self) -> None:
        self._loaded: dict[str, Format] = {}

    def __getitem__(self, name: str) -> Format:
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        yield from _NAMES
        yield from sorted(_foreign())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _load(self, name: str) -> Format:
        module = name.replace("-", "_")
        if module in _MODULES:
            found = import_module(f"ruletag.formats.{module}").FORMAT
        elif name in (others := _foreign()):
            found = _loaded(others[name])
        else:
            raise KeyError(name)
        if not isinstance(found, Format) or found.name != name:
            raise RuletagError(Fault(name, "RT110", "is not a format of that name", help="see `ruletag formats`"))
        return found


def _loaded(point: EntryPoint) -> object:
    """The format that an entry point names. Raises RuletagError if the other package does not have it."""
    try:
        return point.load()
    except Exception as error:  # any error of another package
        message = f"this format from another package cannot be loaded: {type(error).__name__}: {error}"
        raise RuletagError(Fault(point.value, "RT110", message, help="update that package, or uninstall it")) from None


@cache  # scanning all installed packages takes milliseconds
def _foreign() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {each.name: each for each in entry_points(group=GROUP) if each.name not in _NAMES}


FORMATS: Mapping[str, Format] = _Formats()


def by_name(name: str) -> Format:
    """The format of that name. Raises RuletagError if there is none."""
    try:
        return FORMATS[name]
    except KeyError:
        raise RuletagError(
            Fault("--from/--to", "RT110", f"unknown format {name!r}", help=suggest(name, FORMATS))
        ) from None


def _reduced(format: Format) -> tuple[Callable[[str], Format], tuple[str]]:
    """Other processes get a format by name, because its functions may be of any kind."""
    return by_name, (format.name,)


copyreg.pickle(Format, _reduced)


def by_suffix(name: str) -> Format | None:
    """The first readable format whose suffix ends a file's name; None if there is none."""
    name = name.lower()
    return next((found for found in FORMATS.values() if found.read and name.endswith(found.suffixes)), None)


def default() -> Format:
    """The format of a file whose name does not indicate one."""
    return FORMATS[_MODULES[0]]


def sharing(name: str) -> list[Format]:
    """All formats with a suffix that ends a file's name."""
    name = name.lower()
    return [found for found in FORMATS.values() if name.endswith(found.suffixes)]


def suffixes() -> list[str]:
    """Every suffix of a readable format, sorted."""
    return sorted({suffix for found in FORMATS.values() if found.read for suffix in found.suffixes})
