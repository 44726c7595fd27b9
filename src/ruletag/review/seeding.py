"""Import documents into the pile, and tag them there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ruletag import __version__
from ruletag.fold import fold
from ruletag.formats.spans import nested, sha256
from ruletag.model import GOLD, Document, Entity
from ruletag.review.pile import GIVEN, Taken, seed_id
from ruletag.review.spans import Alternative, Paper, Seed
from ruletag.review.store import Store
from ruletag.tagger import Tagger

Proposed = tuple[list[Seed], list[list[Any]]]  # seeds; and ambiguous entries: start, end, label, name


def taken(documents: Iterable[Document]) -> Iterator[Taken]:
    """Documents as the pile imports them. Existing annotations become seeds; where they overlap, only the first and
    longest does. Repeated names are numbered: `b`, `b#2`."""
    uses: Counter[str] = Counter()
    for document in documents:
        meta = {key: value for key, value in document.meta.items() if key != "id"}
        name, words = document.id or document.path, len(document.text.split())
        uses[name] += 1
        name += f"#{uses[name]}" if uses[name] > 1 else ""
        paper = Paper(0, name, document.text, document.path, document.id, meta, words)
        seeds = None
        if document.annotated:
            dropped = nested(document)
            seeds = [_seed("", entity, ()) for entity in document.entities if entity not in dropped]
        yield Taken(paper, sha256(document.text), seeds)


class Seeder:
    """Tags documents of the pile, each once with the current knowledge."""

    def __init__(self, store: Store, tagger: Tagger) -> None:
        self._tagger = tagger
        self._store = store
        self.run = store.run(__version__, tagger.knowledge.fingerprint, tagger.guideline.name)

    def is_due(self, paper: Paper) -> bool:
        """Whether a document came without spans and has not been tagged with this knowledge yet."""
        return paper.run is None or paper.run not in (self.run, self._store.given_run())

    def propose(self, text: str) -> Proposed:
        """The seeds of a text, and its ambiguous entries that no rule asked for. Does not use the store."""
        document = self._tagger.tag(text)
        return seeds_of(document, self.run), self._unused(document)

    def keep(self, paper: Paper, proposed: Proposed) -> None:
        """Store the proposals for a document."""
        self._store.set_seeds(paper.id, self.run, *proposed)

    def _unused(self, document: Document) -> list[list[Any]]:
        folded = fold(document.text)
        unused = []
        for start, end, entry in self._tagger.hits(folded):
            if entry.is_label and entry.ambiguous:
                original_start, original_end = folded.original(start, end)
                if not _overlapping(document.entities, original_start, original_end):
                    unused.append([original_start, original_end, entry.key, entry.source.name])
        return unused


def seeds_of(document: Document, run: int) -> list[Seed]:
    """The entities of a tagged document as seeds, each with the candidates it beat."""
    beaten: dict[int, dict[Alternative, None]] = defaultdict(dict)
    for loser in sorted(document.alternatives, key=lambda loser: (loser.start, loser.end, loser.label)):
        for number in _overlapping(document.entities, loser.start, loser.end):
            alternative = Alternative(loser.start, loser.end, loser.label, str(loser.source), loser.reason)
            beaten[number][alternative] = None
    return [
        _seed(seed_id(run, number), entity, tuple(beaten[number])) for number, entity in enumerate(document.entities)
    ]


def _overlapping(entities: Sequence[Entity], start: int, end: int) -> range:
    """The numbers of the entities that overlap a range; they are sorted, and do not overlap each other."""
    first = bisect_right(entities, start, key=lambda entity: entity.end)
    return range(first, bisect_left(entities, end, key=lambda entity: entity.start))


def _seed(id: str, entity: Entity, beaten: tuple[Alternative, ...]) -> Seed:
    kind, name, place = entity.source.kind, entity.source.name, entity.source.place
    if kind == GOLD.kind:
        kind, name = GIVEN, GIVEN
    return Seed(id, *entity.span, kind, name, place, entity.via, beaten)
