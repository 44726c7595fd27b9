"""Which word, added to which word class, lets an existing rule find a missed name.

Found by trial: the line of the name is tagged with each word near it, in each class that a rule of the label asks for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ruletag.model import LABELS
from ruletag.overlay import Changes, Overlay
from ruletag.suggest.propose import Correction, Known, Pair, Proposal, entry_of
from ruletag.surfaces import has_word
from ruletag.tagger import Tagger

_TOKEN = re.compile(r"\w+(?:['’.-]\w+)*")
_BEFORE = 4  # tokens before the name that are tried
_LONGEST = 3  # maximum words of a class word
_SHORTEST = 3  # minimum letters of the words that begin and end it


class Missed(NamedTuple):
    """A missed name: the line it is on, its span there, and where it was corrected."""

    line: str
    span: tuple[int, int, str]
    place: Correction


class Trial(NamedTuple):
    """A word in a class."""

    key: str
    word: str

    @property
    def changes(self) -> Changes:
        return Changes((entry_of(self.word, self.key),))


def trials(tagger: Tagger, known: Known, pairs: Iterable[Pair]) -> dict[Trial, list[Missed]]:
    """Every word near a missed name, in every class that a rule of the label asks for, unless it is already in the
    class."""
    classes = _classes(tagger)
    found: dict[Trial, list[Missed]] = defaultdict(list)
    for missed in _missed(pairs):
        for word in _words(missed, known):
            for key in classes.get(missed.span[2], ()):
                if (key, word.lower()) not in known.words:
                    found[Trial(key, word)].append(missed)
    return {trial: found[trial] for trial in sorted(found)}


def abduce(overlay: Overlay, tried: Mapping[Trial, Sequence[Missed]]) -> Generator[None, None, list[Proposal]]:
    """The trials that find a name exactly, as proposals; the corrections of each are the names it finds.

    It works in small steps, and the generator returns the proposals. All words near a name are tried together in a
    class, and one by one if that finds the name.
    """
    together: dict[tuple[Missed, str], list[Trial]] = defaultdict(list)
    for trial, names in tried.items():
        for missed in names:
            together[missed, trial.key].append(trial)
    found: dict[Trial, list[Correction]] = defaultdict(list)
    for (missed, _), some in together.items():
        yield
        if len(some) == 1 or _finds(overlay, some, missed):
            for trial in some:
                if _finds(overlay, [trial], missed):
                    found[trial].append(missed.place)
    return [
        Proposal("class", trial.key, trial.word, trial.changes, tuple(sorted(found[trial]))) for trial in sorted(found)
    ]


def _finds(overlay: Overlay, some: Iterable[Trial], missed: Missed) -> bool:
    entries = tuple(entry for trial in some for entry in trial.changes.entries)
    found = overlay.tagger(Changes(entries)).tag(missed.line).entities
    return missed.span in {entity.span for entity in found}


def _classes(tagger: Tagger) -> dict[str, list[str]]:
    """The classes that rules ask for, by the label of the rules; without those of names, and that of memory."""
    found: dict[str, set[str]] = defaultdict(set)
    labels = tagger.guideline.labels
    for rule in tagger.rules:
        asked = {atom.value for atom in rule.atoms if atom.kind == "class"}
        found[labels.get(rule.id, rule.label)] |= asked - {*LABELS, "particle"}
    return {label: sorted(asked) for label, asked in found.items()}


def _missed(pairs: Iterable[Pair]) -> Iterator[Missed]:
    """The gold names that nothing overlaps, on lines where they are missed too."""
    for gold, found in pairs:
        taken = sorted((entity.start, entity.end) for entity in found.entities)
        for entity in gold.entities:
            if entity.label in LABELS and not any(s < entity.end and entity.start < e for s, e in taken):
                first = gold.text.rfind("\n", 0, entity.start) + 1
                stop = gold.text.find("\n", entity.end)
                line = gold.text[first : len(gold.text) if stop < 0 else stop]
                span = (entity.start - first, entity.end - first, entity.label)
                yield Missed(line, span, Correction(gold.id or gold.path, entity.start, entity.end))


def _words(missed: Missed, known: Known) -> list[str]:
    """The words near a name: sequences before it, its first and last words, and the word after it."""
    line, (start, end, _) = missed.line, missed.span
    before = [*_TOKEN.finditer(line, 0, start)][-_BEFORE:]
    inside = [*_TOKEN.finditer(line, start, end)]
    behind = [*_TOKEN.finditer(line, end)][:1]
    rows = [*_rows(line, before), *_rows(line, behind)]
    if len(inside) > 1:
        rows += [inside[0][0], inside[-1][0]]
    return [word for word in dict.fromkeys(rows) if has_word(word) and not _is_empty(word, known)]


def _is_empty(row: str, known: Known) -> bool:
    """Whether a sequence begins or ends with a function word, a very short word or a number: *de*, *clair que*."""
    words = [row.split(" ")[0], row.split(" ")[-1]]
    return any(word.isdigit() or len(word) < _SHORTEST or word.lower() in known.functional for word in words)


def _rows(line: str, tokens: Sequence[re.Match[str]]) -> Iterator[str]:
    for first in range(len(tokens)):
        for last in range(first, min(first + _LONGEST, len(tokens))):
            if last > first and line[tokens[last - 1].end() : tokens[last].start()].strip():
                break  # there is a mark between them
            yield " ".join(line[tokens[first].start() : tokens[last].end()].split())
