"""The whole chain on one screen: text in, document out; and the same with everything that was considered.

fold → lexicon → rules, stage by stage → memory → resolve → guideline. Every intermediate value is in the offsets of
the folded text; the last step gives the offsets of the text as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ruletag.compiled import compiled, load_compiled
from ruletag.context import Context
from ruletag.fold import Folded, fold
from ruletag.garbage import uncollected
from ruletag.guideline import Guideline
from ruletag.lexicon import Lexicon
from ruletag.match import Matcher, NearMiss
from ruletag.memory import remember
from ruletag.model import LABELS, Alternative, Candidate, Document, Entity, Entry, Hit, Part
from ruletag.places import Knowledge
from ruletag.resolve import Decisions, Loss, decide, losses, resolve
from ruletag.rules import Rule
from ruletag.table import Table

DEFAULT_GUIDELINE = "canonical"
_LONG = 1 << 18  # code points


@dataclass(frozen=True, slots=True)
class Explanation:
    """A tagged document and what was considered on the way; offsets are those of the text as it came."""

    document: Document
    unused: tuple[Entity, ...]  # ambiguous entries that no rule asked for
    near_misses: tuple[NearMiss, ...]
    guideline: str = ""


class Tagger:
    """A deterministic tagger: the same text gives the same document, always and everywhere."""

    def __init__(
        self,
        entries: Iterable[Entry] | Table,
        rules: Iterable[Rule],
        guideline: Guideline,
        *,
        engine: str = "ahocorasick",
        memory: bool = True,
    ) -> None:
        """A tagger of entries and rules; or of the table and the rules that were compiled for the guideline."""
        if not isinstance(entries, Table):
            entries, rules, guideline = compiled(entries, rules, guideline)
        self.guideline = guideline
        self.engine = engine
        self.memory = memory
        self.matcher = Matcher(rules, guideline.labels)
        self.lexicon = Lexicon(entries, engine=engine)
        self._table = entries
        self._particles = frozenset(entry.surface.lower() for entry in entries.entries_of("particle"))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, in the order of their files and lines."""
        return tuple(entry for entry in self._table.entries if not entry.key.startswith("="))

    @classmethod
    def load(
        cls,
        rules: Knowledge = None,
        gazetteers: Knowledge = None,
        guideline: str = DEFAULT_GUIDELINE,
        *,
        lists: Iterable[tuple[str, str | Path]] = (),
        engine: str = "ahocorasick",
        memory: bool = True,
    ) -> Tagger:
        """A tagger from folders of rules and gazetteers (None: what ships; a list may hold the word `shipped`).

        `guideline` is a name or a file, `lists` are pairs of label and plain list. What was compiled before comes from
        the cache (see `ruletag.cache`). RuletagError carries every fault.
        """
        (tagger,) = cls.load_each([guideline], rules, gazetteers, lists=lists, engine=engine, memory=memory)
        return tagger

    @classmethod
    def load_each(
        cls,
        guidelines: Iterable[str],
        rules: Knowledge = None,
        gazetteers: Knowledge = None,
        *,
        lists: Iterable[tuple[str, str | Path]] = (),
        engine: str = "ahocorasick",
        memory: bool = True,
    ) -> list[Tagger]:
        """As `load`, a tagger for each guideline; the knowledge is read once."""
        loaded = load_compiled(list(guidelines), rules, gazetteers, lists)
        return [cls(*each, engine=engine, memory=memory) for each in loaded]

    def tag(self, text: str) -> Document:
        """The document of a text; `document.text` is the text, unchanged.

        While a long text is tagged, no garbage is collected: there is none, among millions of objects.
        """
        with uncollected() if len(text) > _LONG else nullcontext():
            return self._document(text, self._run(fold(text)))

    def pipe(self, texts: Iterable[str]) -> Iterator[Document]:
        """The documents of a stream of texts, one at a time."""
        return map(self.tag, texts)

    def winners(self, text: str) -> tuple[Folded, list[Candidate]]:
        """The folded text and what won in it, before the guideline shapes it; offsets are those of the folded text."""
        run = self._run(fold(text))
        return run.folded, run.winners

    def with_switches(self, switches: Mapping[str, str]) -> Tagger:
        """The same knowledge and rules with other values of some switches; nothing is loaded or built anew."""
        other = copy(self)
        other.guideline = replace(self.guideline, switches={**self.guideline.switches, **switches})
        return other

    def explain(self, text: str) -> Explanation:
        """The document of a text, with the ambiguous entries nobody asked for and the rules that nearly matched."""
        run = self._run(fold(text))
        taken = bytearray(len(run.folded.plain))
        for winner in run.winners:
            taken[winner.start : winner.end] = b"\1" * (winner.end - winner.start)
        unused = [
            _entity(text, run.folded, _from_entry(hit))
            for hit in run.hits
            if hit.entry.is_label and hit.entry.ambiguous and taken.find(1, hit.start, hit.end) < 0
        ]
        run.context.see(run.winners)
        near = [
            NearMiss(
                miss.rule,
                _moved(run.folded, miss.anchor),
                miss.stop._replace(offset=_place(run.folded, miss.offset)),
            )
            for stage in self.matcher.stages
            for miss in self.matcher.near_misses(run.context, stage)
        ]
        return Explanation(self._document(text, run), tuple(unused), tuple(near), self.guideline.name)

    def examine(self, text: str, rule: Rule) -> Document:
        """What one rule alone proposes, overlaps decided and the guideline not applied: for its own examples."""
        folded = fold(text)
        context, hits = self._context(folded)
        candidates = _from_entries(hits)
        for stage in self.matcher.stages:
            context.see(resolve(candidates)[0])
            if stage == rule.stage:
                break
            candidates += self.matcher.candidates(context, stage)
        found, _ = resolve(Matcher([rule]).candidates(context, rule.stage, alone=True))
        return Document(text, tuple(_entity(text, folded, candidate) for candidate in found))

    def _run(self, folded: Folded) -> _Run:
        context, hits = self._context(folded)
        candidates = _from_entries(hits)
        known: Decisions = {}  # most are not touched by what is found later
        for stage in self.matcher.stages:
            if stage in self.matcher.looking:
                context.see(decide(candidates, known)[0])
            candidates += self.matcher.candidates(context, stage)
        winners, beaten = decide(candidates, known)
        if self.memory and (recalled := remember(folded, winners, self._particles, self.engine)):
            winners, beaten = decide([*candidates, *recalled], known)
        return _Run(folded, context, hits, winners, losses(beaten))

    def _context(self, folded: Folded) -> tuple[Context, list[Hit]]:
        compounds = self.guideline.switches["compounds"] == "apart"
        hits = self.lexicon.find(folded, compounds=compounds)
        return Context(folded, self.lexicon, hits), hits

    def _document(self, text: str, run: _Run) -> Document:
        shaped = self.guideline.apply(run.folded.plain, run.winners)
        entities = tuple(_entity(text, run.folded, candidate) for candidate in shaped)
        return Document(text, entities, alternatives=tuple(_alternative(text, run.folded, loss) for loss in run.losses))


class _Run(NamedTuple):
    """Everything that tagging one text gave, in the offsets of the folded text."""

    folded: Folded
    context: Context
    hits: list[Hit]
    winners: list[Candidate]
    losses: list[Loss]


def _from_entries(hits: Iterable[Hit]) -> list[Candidate]:
    """What entries say by themselves."""
    return [_from_entry(hit) for hit in hits if hit[2].key in LABELS and not hit[2].ambiguous]


def _from_entry(hit: Hit) -> Candidate:
    start, end, entry = hit
    return Candidate(start, end, entry.key, entry.source, 0, (), None, entry.id, entry.surname)


def _entity(text: str, folded: Folded, candidate: Candidate) -> Entity:
    start, end, label, source, _, parts, anchor, id, _, via, _ = candidate
    if folded.edits:
        start, end = folded.original(start, end)
        parts = tuple(_moved(folded, part) for part in parts)
        anchor = _moved(folded, anchor) if anchor else None
    return Entity(start, end, label, text[start:end], source, id, parts, anchor, via)


def _alternative(text: str, folded: Folded, loss: Loss) -> Alternative:
    loser, winner, reason = loss
    start, end = folded.original(loser.start, loser.end)
    own = (*folded.original(winner.start, winner.end), winner.label)
    return Alternative(start, end, loser.label, text[start:end], loser.source, reason, own)


def _moved(folded: Folded, part: Part) -> Part:
    return part if not folded.edits else Part(part.name, *folded.original(part.start, part.end))


def _place(folded: Folded, offset: int) -> int:
    return folded.original(offset, offset + 1)[0]
