"""Knowledge as flat arrays, which the compiled engine reads directly: numbers, and pools of characters.

`src/core/src/tables.rs` defines the columns of each array. All numbers have four bytes, little-endian.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from itertools import accumulate, chain, pairwise
from operator import itemgetter
from typing import Any

from ruletag.confidence import GUESS
from ruletag.core.decided import NAMES, NONE
from ruletag.entries import AMBIGUOUS, Entries
from ruletag.fold import Folded, character_bytes, fold, fold_surface, fold_surfaces, unaccented
from ruletag.guideline import OPENINGS, SENTENCE_ENDS, Guideline
from ruletag.heads import OUT
from ruletag.model import LABELS, VETOED, Entry, Source
from ruletag.pattern import Atom
from ruletag.plain.lexicon import PREFIXES
from ruletag.plain.memory import ANNOUNCING
from ruletag.program import Program
from ruletag.rules import Rule, Veto
from ruletag.uneven import LINE_ENDS

Data = bytes | memoryview
_CHARS = 0x20000  # code points that have a row; those beyond have neither case nor accent
_ALNUM, _UPPER, _LOWER, _TITLE, _LINE_END, _OPENING, _END = 1, 2, 4, 8, 16, 32, 64
_FLEXIBLE = 2  # beside `AMBIGUOUS`
_KINDS = ("shape", "word", "exact", "class", "entity")


def knowledge_tables(
    entries: Entries, rules: Sequence[Rule], vetoes: Sequence[Veto], guideline: Guideline
) -> dict[str, Data]:
    """The sections of knowledge; `entries` are in the order that decides between those that share a span.

    `vetoes` are in the order of their entries, as `in_entry_order` gives them.
    """
    keys, heads = key_numbers(entries.keys, rules), guideline.heads
    names = sorted({*entries.paths, *(rule.source.path for rule in rules)})
    paths = {path: number for number, path in enumerate(names)}
    columns = _EntryColumns(entries, keys, paths)
    places = Places(paths, columns, entries, [rule.source for rule in rules])
    return {
        **_character_tables(),
        **columns.sections(*_order_in_places(entries, places)),
        **_rule_tables(rules, _Vetoes(vetoes, entries), guideline, keys, places),
        "prefixed": _numbers(keys.get(key + "-prefix", NONE) for key in keys),
        "prefixes": b" ".join(sorted(PREFIXES)),
        "announcing": b" ".join(sorted(ANNOUNCING)),
        "heads": _words(word for word, decision in heads.first_words.items() if decision == OUT),
        **{
            f"heads-{label.lower()}": _words(word for word, decision in heads.first_words.items() if decision == label)
            for label in LABELS
        },
        "pulled": _words(heads.last_words(linked=False)),
        "pulled-linked": _words(heads.last_words(linked=True)),
        "settings": _numbers((keys.get("particle", NONE), GUESS & NONE, keys.get(VETOED, NONE))),
    }


def _words(words: Iterable[str]) -> bytes:
    """Some words in lower folding."""
    return b" ".join(sorted({fold(word).lower for word in words}))


def key_numbers(keys: Iterable[str], rules: Iterable[Rule]) -> dict[str, int]:
    """A number for each label and class, including classes without an entry that rules ask for; labels come first."""
    classes = {atom.value for rule in rules for atom in rule.all_atoms if atom.kind == "class"}
    return {key: number for number, key in enumerate((*LABELS, *sorted(classes.union(keys) - {*LABELS})))}


def anchor_names(rules: Iterable[Rule]) -> list[str]:
    """The names of all anchors, in order; the tables count them from 1."""
    return sorted({str(anchor) for rule in rules for plan in rule.plans for anchor in plan.anchors})


def in_entry_order(vetoes: Iterable[Veto], entries: Sequence[Entry]) -> list[Veto]:
    """Vetoes in the order of the entries that represent their surfaces."""
    return [veto for _, veto in _Vetoes(vetoes, entries).numbered()]


class _Vetoes:
    """Vetoes with the numbers of the entries that represent their surfaces."""

    def __init__(self, vetoes: Iterable[Veto], entries: Sequence[Entry]) -> None:
        numbered = ((bisect_left(entries, (VETOED, veto.name), key=_order), veto) for veto in vetoes)
        self._numbered = sorted(numbered, key=itemgetter(0))

    def numbered(self) -> list[tuple[int, Veto]]:
        return self._numbered


def _order(entry: Entry) -> tuple[str, str]:
    return entry.key, entry.surface


class Places:
    """Sources as numbers in the same order: by path, line and name. Most lines have a single source."""

    def __init__(
        self, paths: Mapping[str, int], columns: _EntryColumns, entries: Entries, rules: Iterable[Source]
    ) -> None:
        self._paths = paths
        rules = list(rules)
        places = sorted(chain(columns.places(), (self._place(source) for source in rules)))
        repeated = {place for place, following in pairwise(places) if place == following}
        self.shared = [number for number, place in enumerate(columns.places()) if place in repeated]
        names: dict[int, set[str]] = defaultdict(set)
        for source in chain((entries[number].source for number in self.shared), rules):
            names[self._place(source)].add(source.name)
        self._names = {
            place: {name: number for number, name in enumerate(sorted(names_there))}
            for place, names_there in names.items()
        }

    def of(self, source: Source) -> tuple[int, int, int]:
        """The three numbers of a source."""
        names = self._names.get(self._place(source))
        return self._paths[source.path], source.line, names[source.name] if names else 0

    def _place(self, source: Source) -> int:
        return _place(self._paths[source.path], source.line)


def _place(path: int, line: int) -> int:
    return path << 32 | line


@cache  # the same for all knowledge
def _character_tables() -> dict[str, bytes]:
    chars = [*map(chr, range(_CHARS))]
    return {
        "cased": character_bytes(_CHARS),
        "lower": _numbers(_single_code(char.lower()) for char in chars),
        "upper": _numbers(_single_code(char.upper()) for char in chars),
        "base": _numbers(ord(unaccented(char)) for char in chars),
        "flags": bytes(map(_flags, chars)),
    }


def _single_code(char: str) -> int:
    return ord(char) if len(char) == 1 else NONE


def _flags(char: str) -> int:
    upper, lower = char.isupper(), char.islower()
    title = char.istitle() and not upper
    letter = _ALNUM * char.isalnum() + _UPPER * upper + _LOWER * lower + _TITLE * title
    return letter + _LINE_END * (char in LINE_ENDS) + _OPENING * (char in OPENINGS) + _END * (char in SENTENCE_ENDS)


class _EntryColumns:
    """The contents of the sections `entries`, `texts` and `lowers`, from one pass over the entries."""

    def __init__(self, entries: Entries, keys: Mapping[str, int], paths: Mapping[str, int]) -> None:
        self._keys = [keys[key] for key in entries.keys]
        self._path_numbers = [paths[path] for path in entries.paths]
        self._person = keys["PER"]
        self._starts, self._lengths, self._key, self._flags = (array("I") for _ in range(4))
        self._paths, self._lines, self._family, self._family_lengths = (array("I") for _ in range(4))
        self._texts, self._lowers = BytesIO(), BytesIO()
        self._end = 0  # of `texts`, in characters
        self._apart: dict[int, Folded] = {}  # by number: family names that are not the end of the name
        for batch in entries.batches():
            self._add(batch)
        for number, folded in self._apart.items():
            self._family[number] = self._end
            self._add_text(folded.plain, folded.lower)

    def places(self) -> Iterator[int]:
        """The place of each entry's source, as a number that orders paths and lines."""
        return map(_place, self._paths, self._lines)

    def sections(self, names: array[int], tails: array[int]) -> dict[str, Data]:
        """The sections; `names` orders the entries of one place, `tails` those of one source."""
        columns = (self._starts, self._lengths, self._key, self._flags, self._paths, self._lines, names, tails)
        table = _table([*columns, self._family, self._family_lengths])
        return {"entries": table, "texts": self._texts.getvalue(), "lowers": self._lowers.getvalue()}

    def _add(self, batch: Sequence[Sequence[Any]]) -> None:
        surfaces, key_places, paths, lines, flags = zip(*(row[:5] for row in batch), strict=True)
        surnames = [row[5] if len(row) > 5 else None for row in batch]
        plains, lowers = fold_surfaces(surfaces)
        keys = [*map(self._keys.__getitem__, key_places)]
        lengths = [*map(len, plains)]
        starts = [*accumulate(lengths, initial=self._end)]
        self._key.extend(keys)
        self._paths.extend(map(self._path_numbers.__getitem__, paths))
        self._lines.extend(lines)
        self._flags.extend(map(_entry_flags, keys, flags, plains))
        for key, surname, plain, end in zip(keys, surnames, plains, starts[1:], strict=True):
            if surname is None or key != self._person:
                self._family.append(NONE)
                self._family_lengths.append(0)
                continue
            start = end - len(surname)
            if surname != plain.partition(" ")[2]:
                folded = self._apart[len(self._family)] = fold_surface(surname)
                start, surname = 0, folded.plain  # its text is added behind those of all entries
            self._family.append(start)
            self._family_lengths.append(len(surname))
        self._add_text("".join(plains), b"".join(lowers))
        self._starts.extend(starts[:-1])
        self._lengths.extend(lengths)

    def _add_text(self, plain: str, lower: bytes) -> None:
        self._texts.write(plain.encode("utf-32-le", "surrogatepass"))
        self._lowers.write(lower)
        self._end += len(plain)


def _entry_flags(key: int, flags: int, plain: str) -> int:
    return (flags & AMBIGUOUS) + _FLEXIBLE * (key >= len(LABELS) and plain[:1] == plain[:1].lower())


def _order_in_places(entries: Entries, places: Places) -> tuple[array[int], array[int]]:
    """Two columns that order the entries of one place by name, and those of one source by id and family name."""
    names, tails = (array("I", bytes(4 * len(entries))) for _ in range(2))
    by_source: dict[Source, list[int]] = defaultdict(list)
    for number in places.shared:
        source = entries[number].source
        _, _, names[number] = places.of(source)
        by_source[source].append(number)
    for numbers in by_source.values():
        keys = [(entries[number].id or "", entries[number].surname or "") for number in numbers]
        order = {key: rank for rank, key in enumerate(sorted(set(keys)))}
        for number, key in zip(numbers, keys, strict=True):
            tails[number] = order[key]
    return names, tails


def _rule_tables(
    rules: Sequence[Rule], vetoes: _Vetoes, guideline: Guideline, keys: Mapping[str, int], places: Places
) -> dict[str, bytes]:
    stages = {stage: number for number, stage in enumerate(sorted({rule.stage for rule in rules}))}
    anchors = {name: number for number, name in enumerate(anchor_names(rules), 1)}
    programs = _Programs()
    tries: list[tuple[int, ...]] = []
    looking = [0] * len(stages)
    for number, rule in enumerate(rules):
        stage = stages[rule.stage]
        looking[stage] |= rule.asks_for_entities
        label = LABELS.index(guideline.labels.get(rule.id, rule.label))
        beside = programs.start(rule.before), programs.start(rule.after)
        for plan in rule.plans:
            sides = programs.start(plan.right), programs.start(plan.left)
            for anchor in plan.anchors:
                tries.append((stage, number, label, programs.atom(anchor), anchors[str(anchor)], *sides, *beside))
    vetoed = [
        (
            number,
            LABELS.index(veto.label) if veto.label else NONE,
            programs.start(veto.before),
            programs.start(veto.after),
        )
        for number, veto in vetoes.numbered()
    ]
    return {
        **programs.sections(keys),
        "vetoes": _numbers(chain.from_iterable(vetoed)),
        "tries": _numbers(chain.from_iterable(tries)),
        "rules": _numbers(chain.from_iterable((rule.priority & NONE, *places.of(rule.source)) for rule in rules)),
        "looking": _numbers(looking),
    }


class _Programs:
    """The steps of all programs in sequence, each program once; positions in a program are relative to its start."""

    def __init__(self) -> None:
        self._atoms: dict[Atom, int] = {}
        self._starts: dict[Program, int] = {}
        self._steps: list[tuple[int, int, int]] = []

    def atom(self, atom: Atom) -> int:
        return self._atoms.setdefault(atom, len(self._atoms))

    def start(self, program: Program | None) -> int:
        """The number of the first step of a program; NONE for no program."""
        if program is None:
            return NONE
        if program not in self._starts:
            self._starts[program] = len(self._steps)
            for step in program:
                if step.atom:
                    self._steps.append((step.op, self.atom(step.atom), 0))
                elif step.mark:
                    self._steps.append((step.op, NAMES.index(step.mark.name) * 2 + step.mark.at_end, 0))
                else:
                    self._steps.append((step.op, step.first, step.second))
        return self._starts[program]

    def sections(self, keys: Mapping[str, int]) -> dict[str, bytes]:
        rows: list[tuple[int, ...]] = []
        literals: list[str] = []
        end = 0
        for atom in self._atoms:
            literal = atom.value if atom.kind in ("word", "exact") else ""
            value = keys[atom.value] if atom.kind in ("class", "entity") else 0
            rows.append((_KINDS.index(atom.kind), value, atom.shape, end, len(literal)))
            literals.append(literal)
            end += len(literal)
        return {
            "atoms": _numbers(chain.from_iterable(rows)),
            "literals": "".join(literals).encode("utf-32-le"),
            "literal-lowers": b"".join(
                atom.key for atom, literal in zip(self._atoms, literals, strict=True) if literal
            ),
            "steps": _numbers(chain.from_iterable(self._steps)),
        }


def _table(columns: Sequence[Sequence[int]]) -> bytes:
    """The columns, row by row, as bytes."""
    table = array("I", bytes(4 * len(columns) * len(columns[0]))) if columns else array("I")
    for number, column in enumerate(columns):
        table[number :: len(columns)] = array("I", column)
    return _little_endian(table)


def _numbers(numbers: Iterable[int]) -> bytes:
    return _little_endian(array("I", numbers))


def _little_endian(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
