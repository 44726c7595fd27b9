"""The gain from corrections: suggestions from some documents, and strict F1 on those that were not corrected.

    python bench/loop.py CORPORA [ROW]... [--write]

CORPORA is the folder of `winer.dev.jsonl` and the others; ROW picks rows by a part of their name. For each row some
documents count as corrected, and the rest as the pile. Columns: before; blind, where every corrected name becomes an
entry; all suggestions that gain on the corrected documents; those that are ticked beforehand. In brackets PER, LOC
and ORG.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from corpora import count, micro, total
from tables import machine, write

from ruletag import Document, Tagger
from ruletag.entries import Entries
from ruletag.knowledge import Knowledge, Read, speakers
from ruletag.overlay import Changes, Overlay
from ruletag.scoring import read_documents
from ruletag.suggest.session import Session
from ruletag.suggest.weigh import Scale, accept


class Row(NamedTuple):
    """A row of the table: a corpus, the indices of its corrected documents, and whether the knowledge has names."""

    name: str
    corpus: str
    corrected: Callable[[int], list[int]]
    names: bool = True


def first(number: int, documents: int) -> list[int]:
    """The indices of the first documents."""
    return list(range(min(number, documents)))


def spread(seed: int, number: int, documents: int) -> list[int]:
    """The indices of random documents, which depend only on the seed."""
    order = list(range(documents))
    random.Random(seed).shuffle(order)
    return sorted(order[:number])


ROWS = (
    Row("winer, first 100", "winer.dev", partial(first, 100)),
    Row("winer, 100 spread, seed 1", "winer.dev", partial(spread, 1, 100)),
    Row("winer, 100 spread, seed 2", "winer.dev", partial(spread, 2, 100)),
    Row("popcorn, first 100", "popcorn.dev", partial(first, 100)),
    Row("wikineural, first 600", "wikineural.dev3000", partial(first, 600)),
    Row("winer, first 100, no names", "winer.dev", partial(first, 100), names=False),
)


def nameless(read: Read) -> Read:
    """The knowledge without a single name: word classes and rules alone."""
    written = [entry for entry in read.written if not entry.is_label]
    spoken = Entries.of(speakers([*written, *(veto.entry for veto in read.vetoes)]))
    return read._replace(entries=spoken, written=tuple(written))


def f1(tagger: Tagger, documents: Sequence[Document]) -> tuple[float, float]:
    """Strict micro-F1 over all labels, and over PER, LOC and ORG."""
    counts = total(count(gold, [entity.span for entity in tagger.tag(gold.text).entities]) for gold in documents)
    return micro(counts).f1, micro(counts, ("PER", "LOC", "ORG")).f1


def measure(row: Row, folder: Path, loaded: Tagger) -> list[str]:
    """The cells of a row."""
    tagger = loaded if row.names else loaded.over(Knowledge(partial(nameless, loaded.knowledge.read)))
    documents = read_documents(folder / f"{row.corpus}.jsonl")
    indices = row.corrected(len(documents))
    chosen = set(indices)
    corrected = [documents[index] for index in indices]
    rest = [document for index, document in enumerate(documents) if index not in chosen]
    start = time.process_time()
    session = Session.of(tagger, corrected, rest)
    seconds = time.process_time() - start
    suggestions = session.suggestions
    cells = [row.name, shown(f1(tagger, rest)), shown(f1(blind(session.overlay, tagger, corrected), rest))]
    accepted = []
    for selection in (suggestions, [suggestion for suggestion in suggestions if suggestion.ticked]):
        scale = Scale(session.overlay, session.pairs)
        accepted.append(accept(scale, selection)[0])
        cells.append(shown(f1(session.overlay.tagger(scale.kept), rest)))
    acting = sum(suggestion.reach.documents > 0 for suggestion in accepted[0])
    return [*cells, f"{session.proposed} → {len(accepted[0])} → {acting}", f"{seconds:.1f}"]


def blind(overlay: Overlay, tagger: Tagger, corrected: Sequence[Document]) -> Tagger:
    """The tagger with every name of the corrected documents that is not an entry yet as one."""
    from ruletag.suggest.propose import entry_of, may_be_entry, name_of

    existing = {(entry.key, entry.surface) for entry in tagger.entries if not entry.ambiguous}
    names = {(entity.label, name_of(entity)) for document in corrected for entity in document.entities}
    added = sorted((label, name) for label, name in names - existing if may_be_entry(name))
    return overlay.tagger(Changes(tuple(entry_of(name, label) for label, name in added)))


def shown(figures: tuple[float, float]) -> str:
    return f"{figures[0]:.4f} ({figures[1]:.4f})"


HEAD = ["corrected", "before", "blind", "measured", "ticked", "proposed → kept → act on the rest", "seconds"]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, metavar="CORPORA", help="the folder of the corpora")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="a part of the name of a row (all rows)")
    parser.add_argument("--write", action="store_true", help="put the table into bench/results")
    arguments = parser.parse_args()
    tagger = Tagger.load()
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    print(*lines, sep="\n")
    for row in ROWS:
        if not arguments.rows or any(part in row.name for part in arguments.rows):
            lines.append(f"| {' | '.join(measure(row, arguments.corpora, tagger))} |")
            print(lines[-1], flush=True)
    if arguments.write:
        write({"loop": "\n".join([machine(), "", *lines])}, "python bench/loop.py CORPORA --write")


if __name__ == "__main__":
    main()
