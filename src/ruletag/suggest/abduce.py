"""Find the words that, added to a word class, let an existing rule find a missed name.

It is done by trial: the line of the name is tagged with each word near it, in each class that a rule of the label asks
for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ruletag.model import LABELS
from ruletag.overlay import Changes, Overlay
from ruletag.suggest.propose import Correction, NameIndex, Pair, Proposal, entry_of
from ruletag.surfaces import has_word
from ruletag.tagger import Tagger

_TOKEN = re.compile(r"\w+(?:['’.-]\w+)*")
_BEFORE = 4  # tokens before the name that are tried
_LONGEST = 3  # maximum words of a class word
_SHORTEST = 3  # minimum letters of the words that begin and end it


class Missed(NamedTuple):
    """A missed name: the line it is on, its span in that line, and where it was corrected."""

    line: str
    span: tuple[int, int, str]
    correction: Correction


class Trial(NamedTuple):
    """A word in a class."""

    key: str
    word: str

    @property
    def changes(self) -> Changes:
        return Changes((entry_of(self.word, self.key),))


def trials(tagger: Tagger, index: NameIndex, pairs: Iterable[Pair]) -> dict[Trial, list[Missed]]:
    """Every word near a missed name, in every class that a rule of the label asks for, with the missed names; without
    words that are already in the class."""
    classes = _classes(tagger)
    missed_by: dict[Trial, list[Missed]] = defaultdict(list)
    for missed in _missed(pairs):
        _, _, label = missed.span
        for word in _words(missed, index):
            for key in classes.get(label, ()):
                if (key, word.lower()) not in index.words:
                    missed_by[Trial(key, word)].append(missed)
    return {trial: missed_by[trial] for trial in sorted(missed_by)}


def abduce(overlay: Overlay, tried: Mapping[Trial, Sequence[Missed]]) -> Generator[None, None, list[Proposal]]:
    """Proposals for the trials that find a missed name exactly; the corrections of each are the names it finds.

    The generator works in small steps and returns the proposals. The words near a name are first tried all together in
    a class, and one by one only if that finds the name.
    """
    together: dict[tuple[Missed, str], list[Trial]] = defaultdict(list)
    for trial, names in tried.items():
        for missed in names:
            together[missed, trial.key].append(trial)
    corrections: dict[Trial, list[Correction]] = defaultdict(list)
    for (missed, _), group in together.items():
        yield
        if len(group) == 1 or _finds(overlay, group, missed):
            for trial in group:
                if _finds(overlay, [trial], missed):
                    corrections[trial].append(missed.correction)
    return [
        Proposal("class", trial.key, trial.word, trial.changes, tuple(sorted(corrections[trial])))
        for trial in sorted(corrections)
    ]


def _finds(overlay: Overlay, group: Iterable[Trial], missed: Missed) -> bool:
    entries = tuple(entry for trial in group for entry in trial.changes.entries)
    entities = overlay.tagger(Changes(entries)).tag(missed.line).entities
    return missed.span in {entity.span for entity in entities}


def _classes(tagger: Tagger) -> dict[str, list[str]]:
    """The classes that rules ask for, by the label of the rules; without those of names and `particle`."""
    classes: dict[str, set[str]] = defaultdict(set)
    labels = tagger.guideline.labels
    for rule in tagger.rules:
        keys = {atom.value for atom in rule.atoms if atom.kind == "class"}
        classes[labels.get(rule.id, rule.label)] |= keys - {*LABELS, "particle"}
    return {label: sorted(keys) for label, keys in classes.items()}


def _missed(pairs: Iterable[Pair]) -> Iterator[Missed]:
    """The gold names that no tagged span overlaps, each with its line."""
    for gold, tagged in pairs:
        spans = sorted((entity.start, entity.end) for entity in tagged.entities)
        for entity in gold.entities:
            if entity.label in LABELS and not any(start < entity.end and entity.start < end for start, end in spans):
                line_start = gold.text.rfind("\n", 0, entity.start) + 1
                line_end = gold.text.find("\n", entity.end)
                line = gold.text[line_start : len(gold.text) if line_end < 0 else line_end]
                span = (entity.start - line_start, entity.end - line_start, entity.label)
                yield Missed(line, span, Correction(gold.id or gold.path, entity.start, entity.end))


def _words(missed: Missed, index: NameIndex) -> list[str]:
    """The words near a name: sequences before it, its first and last words, and the word after it."""
    line, (start, end, _) = missed.line, missed.span
    before = [*_TOKEN.finditer(line, 0, start)][-_BEFORE:]
    inside = [*_TOKEN.finditer(line, start, end)]
    after = [*_TOKEN.finditer(line, end)][:1]
    sequences = [*_sequences(line, before), *_sequences(line, after)]
    if len(inside) > 1:
        sequences += [inside[0][0], inside[-1][0]]
    return [words for words in dict.fromkeys(sequences) if has_word(words) and not _is_empty(words, index)]


def _is_empty(sequence: str, index: NameIndex) -> bool:
    """Whether a sequence begins or ends with a function word, a very short word or a number: *de*, *clair que*."""
    words = sequence.split(" ")
    return any(
        word.isdigit() or len(word) < _SHORTEST or word.lower() in index.functional for word in (words[0], words[-1])
    )


def _sequences(line: str, tokens: Sequence[re.Match[str]]) -> Iterator[str]:
    for first in range(len(tokens)):
        for last in range(first, min(first + _LONGEST, len(tokens))):
            if last > first and line[tokens[last - 1].end() : tokens[last].start()].strip():
                break  # a punctuation mark is between them
            yield " ".join(line[tokens[first].start() : tokens[last].end()].split())
