"""Proposals from corrections: entries, ambiguous names, surfaces that are not names, words of classes.

Proposals come only from the differences between gold and tagging, and from the sources of spans; they are sorted, and
nothing is random. Offsets are half-open code points.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ruletag.model import LABELS, Document, Entity, Entry, Source
from ruletag.overlay import Changes
from ruletag.program import FREQUENT
from ruletag.rules import Veto
from ruletag.rules import side as beside
from ruletag.surfaces import has_word, letters_of, surname_of
from ruletag.tagger import Tagger
from ruletag.variants import variants

KINDS = {
    "entry": "a name that was missed or cut",
    "seen": "a name that only a rule or the memory found",
    "relabel": "a name that is listed under another label",
    "ambiguous": "an entry that is wrong more often than right",
    "not": "a surface that a rule or the memory takes for a name more often wrongly than rightly",
    "class": "a word that lets a rule find a missed name",
    "unless": "a word beside which a rule only finds what is not a name",
}
FILES = {
    "PER": "gazetteers/people.yaml",
    "LOC": "gazetteers/places.yaml",
    "ORG": "gazetteers/organisations.yaml",
    "MISC": "gazetteers/others.yaml",
}
NEVER = "rules/never.yaml"
_BEFORE = re.compile(r"(?<![\w'’-])([^\W\d_A-ZÀ-Þ]{2,}) $")  # a word in lower case
_AFTER = re.compile(r" ([^\W\d_A-ZÀ-Þ]{2,})(?![\w'’-])")
_CONTEXT = 60  # characters on each side of a span in the example of a veto


class Correction(NamedTuple):
    """A span on which a proposal is based: its document, by id or else by path, and its offsets there."""

    document: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.document}:{self.start}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to add. `key` is a label, a class or a rule; `corrections` are the spans behind it, in order."""

    kind: str
    key: str
    name: str
    changes: Changes
    corrections: tuple[Correction, ...]
    example: str = ""

    @property
    def order(self) -> tuple[int, str, str]:
        """The sort key: kind, key and name."""
        return [*KINDS].index(self.kind), self.key, self.name

    @property
    def documents(self) -> int:
        """The number of documents in which it was corrected."""
        return len({correction.document for correction in self.corrections})


def file_of(key: str) -> str:
    """The file of a user's folder in which entries of a label or class belong."""
    return FILES.get(key) or f"gazetteers/words/{key}.yaml"


def entry_of(name: str, key: str) -> Entry:
    """The entry that a name without further fields makes in its file."""
    surname = surname_of(name) if key == "PER" else None
    return Entry(name, key, Source("entry", name, file_of(key), 0), surname=surname)


class Pair(NamedTuple):
    """A gold document, and the same text as it is tagged now."""

    gold: Document
    tagged: Document


def tag_all(tagger: Tagger, documents: Iterable[Document]) -> list[Pair]:
    """Pair each gold document with its tagging."""
    return [Pair(document, tagger.tag(document.text)) for document in documents]


FUNCTION_CLASSES = frozenset(("determiner", "opener"))  # word classes
_LEAST = 2  # wrong spans of a rule beside a word needed to propose a veto


def propose(index: NameIndex, pairs: Sequence[Pair]) -> list[Proposal]:
    """All proposals except those for classes, in order."""
    proposals = [*_entries(index, pairs), *_ambiguous(index, pairs), *_vetoes(index, pairs), *_unless(index, pairs)]
    return sorted(proposals, key=lambda proposal: proposal.order)


class NameIndex:
    """The names, words and vetoes of a tagger's knowledge, for look-up."""

    def __init__(self, tagger: Tagger) -> None:
        self.labels: dict[str, dict[str, bool]] = defaultdict(dict)  # by surface: label, and whether it is ambiguous
        self.words: set[tuple[str, str]] = set()  # a class, and a word of it in lower case
        for entry in tagger.entries:
            if entry.is_label:
                self.labels[entry.surface][entry.key] = entry.ambiguous
            else:
                self.words.add((entry.key, entry.surface.lower()))
        # Words that alone are never a name or a reason for one: *que*, *chez*, *la*.
        self.functional = FREQUENT | {word for key, word in self.words if key in FUNCTION_CLASSES}
        self._written: dict[Source, list[Entry]] = defaultdict(list)
        for entry in tagger.knowledge.read.written:
            if entry.is_label and not entry.by_rule:
                self._written[entry.source].append(entry)
        self.vetoed = {(veto.name, veto.label) for veto in tagger.knowledge.read.vetoes}

    def is_functional(self, name: str) -> bool:
        """Whether a name consists only of function words: an entry for it would match everywhere."""
        return all(word in self.functional for word in name.lower().split())

    def surface(self, entity: Entity) -> str | None:
        """The surface, as its file writes it, of the entry that proposed a span; None if there is none."""
        letters = letters_of(name_of(entity))
        for entry in self._written.get(entity.source, ()):
            spellings = [entry.surface, *(variant for variant, _ in variants(entry.surface, entry.key))]
            if letters in map(letters_of, spellings):
                return entry.surface
        return None


def name_of(entity: Entity) -> str:
    """A surface on one line, with single spaces."""
    return " ".join(entity.text.split())


def _entries(index: NameIndex, pairs: Iterable[Pair]) -> Iterator[Proposal]:
    missed, seen = (defaultdict[tuple[str, str], list[Correction]](list) for _ in range(2))
    for gold, tagged in pairs:
        sources = {entity.span: entity.source for entity in tagged.entities}
        for entity in gold.entities:
            name = name_of(entity)
            labels = index.labels.get(name, {})
            if (
                entity.label not in LABELS
                or not may_be_entry(name)
                or index.is_functional(name)
                or labels.get(entity.label) is False
            ):
                continue  # an entry cannot help; one that exists already lost to another span
            source = sources.get(entity.span)
            group = seen if source and source.kind != "entry" else missed
            group[entity.label, name].append(_correction(gold, entity))
    for (label, name), corrections in missed.items():
        others = [other for other, is_ambiguous in index.labels.get(name, {}).items() if not is_ambiguous]
        changes = Changes((entry_of(name, label),), frozenset((other, name) for other in others))
        yield Proposal("relabel" if others else "entry", label, name, changes, tuple(corrections))
    for (label, name), corrections in seen.items():
        if (label, name) not in missed:
            yield Proposal("seen", label, name, Changes((entry_of(name, label),)), tuple(corrections))


def may_be_entry(name: str) -> bool:
    """Whether a name can be an entry: it has a capital, and a letter or digit that folding keeps."""
    return any(char.isupper() for char in name) and has_word(name)


def _ambiguous(index: NameIndex, pairs: Iterable[Pair]) -> Iterator[Proposal]:
    right, wrong = (defaultdict[tuple[str, str], list[Correction]](list) for _ in range(2))
    for gold, tagged in pairs:
        gold_spans = {entity.span for entity in gold.entities}
        for entity in tagged.entities:
            if entity.source.kind == "entry" and (surface := index.surface(entity)):
                (right if entity.span in gold_spans else wrong)[entity.label, surface].append(_correction(gold, entity))
    for (label, surface), corrections in wrong.items():
        if len(corrections) > len(right[label, surface]):
            changes = Changes(ambiguous=frozenset({(label, surface)}))
            yield Proposal("ambiguous", label, surface, changes, tuple(corrections))


def _vetoes(index: NameIndex, pairs: Iterable[Pair]) -> Iterator[Proposal]:
    right, wrong = (defaultdict[tuple[str, str], list[Correction]](list) for _ in range(2))
    examples: dict[tuple[str, str], str] = {}
    for gold, tagged in pairs:
        gold_spans = {entity.span for entity in gold.entities}
        for entity in tagged.entities:
            if entity.source.kind != "entry":
                key = entity.label, name_of(entity)
                (right if entity.span in gold_spans else wrong)[key].append(_correction(gold, entity))
                if entity.span not in gold_spans and entity.source.kind == "rule":
                    examples.setdefault(key, sentence(tagged.text, entity.start, entity.end))
    for (label, name), corrections in wrong.items():
        if len(corrections) > len(right[label, name]) and (name, label) not in index.vetoed:
            example = examples.get((label, name), "")
            veto = Veto(name, Source("veto", name, NEVER, 0), label, example=example)
            yield Proposal("not", label, name, Changes(vetoes=(veto,)), tuple(corrections), example)


def _unless(index: NameIndex, pairs: Iterable[Pair]) -> Iterator[Proposal]:
    """Vetoes beside a word, for false names that a rule finds there. A veto applies to any rule, so each is for one
    surface; to change a shipped rule for all surfaces, edit the rule."""
    right: set[tuple[str, str, str]] = set()
    balance: Counter[tuple[str, str]] = Counter()  # by label and name: right spans minus wrong ones
    wrong: dict[tuple[str, str, str], list[tuple[Correction, Document, Entity]]] = defaultdict(list)
    for gold, tagged in pairs:
        gold_spans = {entity.span for entity in gold.entities}
        for entity in tagged.entities:
            is_right = entity.span in gold_spans
            if entity.source.kind != "entry":
                balance[entity.label, name_of(entity)] += 1 if is_right else -1
            for side, word in _beside(tagged.text, entity) if entity.source.kind == "rule" else ():
                key = entity.source.name, side, word
                if is_right:
                    right.add(key)
                else:
                    wrong[key].append((_correction(gold, entity), tagged, entity))
    for key, mistakes in wrong.items():
        vetoes: dict[tuple[str, str], Veto] = {}
        for _, document, entity in mistakes:
            label, name = entity.label, name_of(entity)
            if balance[label, name] >= 0 and (name, label) not in index.vetoed:  # the others get a veto anywhere: `not`
                vetoes.setdefault((label, name), _beside_veto(key, document, entity))
        if len(mistakes) >= _LEAST and key not in right and vetoes:
            rule, side, word = key
            shown = f"{word} …" if side == "before" else f"… {word}"
            changes = Changes(vetoes=tuple(vetoes.values()))
            yield Proposal("unless", rule, shown, changes, tuple(correction for correction, *_ in mistakes))


def _beside(text: str, entity: Entity) -> Iterator[tuple[str, str]]:
    """The words just before and just after a span, if they are in lower case and only a space is between."""
    if match := _BEFORE.search(text, 0, entity.start):
        yield "before", match[1]
    if match := _AFTER.match(text, entity.end):
        yield "after", match[1]


def _beside_veto(key: tuple[str, str, str], document: Document, entity: Entity) -> Veto:
    _, side, word = key
    name, example = name_of(entity), sentence(document.text, entity.start, entity.end)
    program = beside(word, side, {}, frozenset())
    before, after = (program, None) if side == "before" else (None, program)
    return Veto(name, Source("veto", name, NEVER, 0), entity.label, before, after, example)


def sentence(text: str, start: int, end: int) -> str:
    """The line around a span, or the part of it near the span, cut at spaces and with single spaces."""
    first = max(text.rfind("\n", 0, start) + 1, start - _CONTEXT)
    line_end = text.find("\n", end)
    last = min(len(text) if line_end < 0 else line_end, end + _CONTEXT)
    while first > 0 and first < start and not text[first - 1].isspace():
        first += 1
    while last < len(text) and last > end and not text[last].isspace():
        last -= 1
    return " ".join(text[first:last].split())


def _correction(document: Document, entity: Entity) -> Correction:
    return Correction(document.id or document.path, entity.start, entity.end)
