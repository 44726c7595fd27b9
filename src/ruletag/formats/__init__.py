"""The registry of external formats, one module each. A module is imported when it is needed.

`contract` defines the contents of a module. Another package can add formats: entry points in the group
`ruletag.formats`, each naming a `Format`.
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

# If two share a suffix and the file does not show which one it is, the first is used.
_MODULES = (
    "brace", "jsonl", "label_studio", "doccano", "brat", "conll", "conllu", "prodigy", "spacy_json", "tei", "cas",
    "cas_json", "webanno", "csv", "webannotation", "parquet", "docbin", "review", "warc", "html", "ansi",
    "names_csv", "names_tsv",     "markup", "text",
)  # fmt: skip
GROUP = "ruletag.formats"


_NAMES = tuple(module.replace("_", "-") for module in _MODULES)


class _Formats(Mapping[str, Format]):
    """All formats by name: ours in the order of the list, then those of other packages in alphabetical order."""

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
            loaded = import_module(f"ruletag.formats.{module}").FORMAT
        elif name in (points := _foreign()):
            loaded = _load_entry_point(points[name])
        else:
            raise KeyError(name)
        if not isinstance(loaded, Format) or loaded.name != name:
            raise RuletagError(Fault(name, "RT110", "is not a format of that name", help="see `ruletag formats`"))
        return loaded


def _load_entry_point(point: EntryPoint) -> object:
    """The object that an entry point names. Raises RuletagError if it cannot be loaded."""
    try:
        return point.load()
    except Exception as error:  # other packages may raise anything
        message = f"this format from another package cannot be loaded: {type(error).__name__}: {error}"
        raise RuletagError(Fault(point.value, "RT110", message, help="update that package, or uninstall it")) from None


@cache  # scanning all installed packages takes milliseconds
def _foreign() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP) if point.name not in _NAMES}


FORMATS: Mapping[str, Format] = _Formats()


def by_name(name: str) -> Format:
    """The format with a name. Raises RuletagError if there is none."""
    try:
        return FORMATS[name]
    except KeyError:
        raise RuletagError(
            Fault("--from/--to", "RT110", f"unknown format {name!r}", help=suggest(name, FORMATS))
        ) from None


def _reduced(format: Format) -> tuple[Callable[[str], Format], tuple[str]]:
    """Pickle a format by name, because its functions may not be picklable."""
    return by_name, (format.name,)


copyreg.pickle(Format, _reduced)


def by_suffix(name: str) -> Format | None:
    """The first readable format with a suffix that ends a file's name; None if there is none."""
    name = name.lower()
    return next((fmt for fmt in FORMATS.values() if fmt.read and name.endswith(fmt.suffixes)), None)


def default() -> Format:
    """The format of a file whose name does not indicate one."""
    return FORMATS[_MODULES[0]]


def sharing(name: str) -> list[Format]:
    """All formats with a suffix that ends a file's name."""
    name = name.lower()
    return [fmt for fmt in FORMATS.values() if name.endswith(fmt.suffixes)]


def suffixes() -> list[str]:
    """Every suffix of a readable format, sorted."""
    return sorted({suffix for fmt in FORMATS.values() if fmt.read for suffix in fmt.suffixes})
