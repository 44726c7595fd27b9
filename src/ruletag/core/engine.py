"""Tables in, rows of numbers out: the calls of the compiled engine."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Mapping, Sequence
from ctypes import byref, c_size_t, c_ubyte
from typing import TYPE_CHECKING, Any, NamedTuple

from ruletag.core.decided import Lookup, Names, Rows
from ruletag.core.library import BUILT, SECTIONS, Counts, Section, library
from ruletag.decided import Decided
from ruletag.entries import Entries
from ruletag.guideline import Guideline
from ruletag.model import Candidate, Hit, Source
from ruletag.plaintext import PlainText, without_spaces

if TYPE_CHECKING:
    from ruletag.fold import Folded

_MEMORY, _COMPOUNDS, _CANDIDATES = 1, 2, 4
_LONG = 1 << 18  # code points; nearly every longer text has a place where folding changes more than characters
_NONE = memoryview(b"").cast("I")
_NOTHING = memoryview(bytes(40)).cast("I")  # no heads, no winners, no losers


class Compiled(NamedTuple):
    """The input of the compiled engine: its tables, and what their numbers refer to.

    `rules` are the sources of the rules, `anchors` the names of anchors, `vetoes` the sources of vetoes.
    """

    sections: Mapping[str, bytes | memoryview]
    entries: Entries
    rules: Sequence[Source]
    anchors: Sequence[str]
    vetoes: Sequence[Source]
    guideline: Guideline


class CoreError(RuntimeError):
    """The engine could not process a text, or does not accept the tables."""


def spelling_tables(sections: Mapping[str, bytes | memoryview]) -> dict[str, bytes]:
    """The sections made from `entries` and `lowers`. Raises CoreError if these are malformed."""
    core = library()
    sources = [_section(sections[name]) for name in ("entries", "lowers")]
    sizes = (c_size_t * len(BUILT))()
    block = core.ruletag_build(*(section for section, _ in sources), sizes)
    if not block:
        raise CoreError("the spellings cannot be compiled")
    built, start = {}, block
    for name, size in zip(BUILT, sizes, strict=True):
        built[name] = ctypes.string_at(start, size)
        start += -(-size // 8) * 8
    core.ruletag_free_block(block, start - block)
    return built


def common_table(words: Iterable[bytes]) -> bytes:
    """The section `common` of the words of the language, in lower folding."""
    core = library()
    section, owner = _section(b"\n".join(words))
    size = c_size_t()
    block = core.ruletag_hashes(section, byref(size))
    if not block:
        raise CoreError("the words cannot be compiled")
    table = ctypes.string_at(block, size.value)
    core.ruletag_free_block(block, size)
    del owner
    return table


def _section(data: bytes | memoryview) -> tuple[Section, object]:
    """A section over some bytes, and the object that owns them: it must outlive the section."""
    if isinstance(data, bytes):
        return Section(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value, len(data)), data
    view = (c_ubyte * len(data)).from_buffer(data)
    return Section(ctypes.addressof(view), len(data)), view


class Core:
    """The engine over compiled knowledge. Several threads may use it at once."""

    def __init__(self, compiled: Compiled) -> None:
        self._library = library()
        names = Names(compiled.entries, compiled.rules, compiled.anchors, compiled.vetoes)
        self._lookup = Lookup(names)
        pairs = [_section(compiled.sections[name]) for name in SECTIONS]
        self._owners = [owner for _, owner in pairs]
        sections = (Section * len(pairs))(*(section for section, _ in pairs))
        self._engine = self._library.ruletag_open(sections, len(pairs), Counts(*map(len, names)))
        if not self._engine:
            raise CoreError("the tables are invalid")

    def without(self, entries: int, vetoes: int) -> Core:
        """The engine without some entries and vetoes, one bit each; nothing is rebuilt."""
        reduced = object.__new__(Core)
        vars(reduced).update(vars(self))
        reduced._engine = None
        pairs = [_section(_words(bits)) for bits in (entries, vetoes)]
        reduced._engine = self._library.ruletag_without(self._engine, *(section for section, _ in pairs))
        if not reduced._engine:
            raise CoreError("entries and vetoes could not be left out")
        return reduced

    def __del__(self) -> None:
        if getattr(self, "_engine", None):
            self._library.ruletag_close(self._engine)

    def decide(self, text: str, *, memory: bool = True, compounds: bool = True) -> Decided:
        """The winners and losers of a text. Raises CoreError if the engine could not process it."""
        flags = _MEMORY * memory + _COMPOUNDS * compounds
        if len(text) < _LONG:
            numbers = self._call(self._library.ruletag_decide_text, text, (), flags)
            if numbers is not None:
                return Rows(numbers, self._lookup, text)
        from ruletag.core.chunks import fold_in_chunks  # folding changes more than its characters

        plain, cased = fold_in_chunks(text, self.folding)
        numbers = self._call(self._library.ruletag_decide, plain.plain, (cased,), flags)
        return Rows(numbers or _NOTHING, self._lookup, text, plain)

    def hits(self, folded: Folded, *, compounds: bool = False) -> list[Hit]:
        """The entries in a text, those in compounds only if requested. Raises CoreError as above."""
        numbers = self._call(self._library.ruletag_hits, folded.plain, (folded.cased,), _COMPOUNDS * compounds)
        return [Hit(start, end, self._lookup.names.entries[entry]) for start, end, entry in _triples(numbers or _NONE)]

    def tokens(self, folded: Folded, *, compounds: bool = True) -> list[tuple[int, int, int]]:
        """The start, end and shapes of each token of a text, as in `ruletag.tokens.tokens_of`."""
        numbers = self._call(self._library.ruletag_tokens, folded.plain, (folded.cased,), _COMPOUNDS * compounds)
        return _triples(numbers or _NONE)

    def folding(self, text: str) -> tuple[PlainText, bytes] | None:
        """A text as the library reads it, and its cased view; None if it leaves the folding to `ruletag.fold`."""
        numbers = self._call(self._library.ruletag_fold, text, (), 0)
        if numbers is None:
            return None
        view_start = 1 + numbers[0]
        plain = without_spaces(text, numbers[1:view_start].tolist())
        return plain, bytes(numbers[view_start:].cast("B")[: len(plain.plain)])

    def candidates(self, folded: Folded, *, memory: bool = True, compounds: bool = True) -> list[Candidate]:
        """Everything proposed in a text, in no particular order, like `ruletag.plain.engine.Plain.candidates`."""
        flags = _MEMORY * memory + _COMPOUNDS * compounds + _CANDIDATES
        numbers = self._call(self._library.ruletag_decide, folded.plain, (folded.cased,), flags)
        return list(Rows(numbers or _NOTHING, self._lookup, folded.plain).winners)

    def _call(
        self, function: Callable[..., Any], plain: str, views: tuple[bytes, ...], flags: int
    ) -> memoryview | None:
        """The numbers that a function returns for a text; None if it has none."""
        count = c_size_t()
        rows = function(
            self._engine, plain.encode("utf-32-le", "surrogatepass"), *views, len(plain), flags, byref(count)
        )
        if not rows:
            if count.value:
                raise CoreError("the compiled engine failed")
            return None
        try:
            return memoryview(ctypes.string_at(rows, 4 * count.value)).cast("I")
        finally:
            self._library.ruletag_free_rows(rows, count)


def _words(bits: int) -> bytes:
    """A set of bits, padded to whole words of eight bytes."""
    return bits.to_bytes((bits.bit_length() + 63) // 64 * 8, "little")


def _triples(numbers: memoryview) -> list[tuple[int, int, int]]:
    return list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True))
