"""Tags of tokens: IOB1, IOB2, BIOES and BILOU, read like conlleval does, with a record of repairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ruletag.formats.spans import Place

SCHEMES = ("iob1", "iob2", "bioes")
_SHOWN = 5  # the number of lines that a note names
_BEGIN, _SINGLE, _END = "BSU", "SU", "EL"
_PREFIXES = "BIESLUM"


class _Lines:
    """Counts the lines on which something happens, and keeps the first few."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[int] = []

    def add(self, line: int) -> None:
        self.count += 1
        if self.count <= _SHOWN:
            self.first.append(line)


class Decoder:
    """Finds entities in a sequence of tags, and records the repairs that each scheme would require."""

    def __init__(self) -> None:
        self._label: str | None = None
        self._closed = True  # whether the label cannot continue
        self._line = 0
        self._inside_first = _Lines()  # of entities that begin with I- or E-: an error except in IOB1
        self._begin_first = 0  # entities that begin with B- but do not follow one of the same label: an error in IOB1
        self._not_ended = _Lines()  # of entities that do not end with E- or S-: an error in BIOES
        self._bioes = False
        self._prefix = ""

    def take(self, tag: str, place: Place) -> tuple[bool, str | None]:
        """Whether an entity begins at the token with this tag, and its label; None for `O`.

        Raises RuletagError if it is not a tag.
        """
        self._line = place.line
        if tag == "O":
            self._stop()
            return False, None
        prefix, dash, label = tag.partition("-")
        if not dash or not label or len(prefix) != 1 or prefix not in _PREFIXES:
            raise place.fault("RT105", f"{tag!r} is not a tag", "tags are O, B-PER, I-PER, E-PER, S-PER")
        continues = label == self._label and not self._closed
        self._bioes |= prefix in "SUELM"
        if prefix in _BEGIN:
            begins = True
            self._begin_first += not continues
        else:
            begins = not continues
            if begins:
                self._inside_first.add(place.line)
        if begins:
            self._stop()
        self._label, self._prefix = label, prefix
        self._closed = prefix in _SINGLE + _END
        return begins, label

    def end_sentence(self) -> None:
        """End the current entity, if any."""
        self._stop()

    def _stop(self) -> None:
        if self._label is not None and self._prefix not in _SINGLE + _END:
            self._not_ended.add(self._line)
        self._label = None

    def scheme(self) -> str:
        """The scheme that the tags so far follow. In IOB1, B- occurs only right after an entity of the same label."""
        if self._bioes:
            return "bioes"
        return "iob1" if self._inside_first.count and not self._begin_first else "iob2"

    def notes(self, scheme: str | None) -> Iterator[str]:
        """Notes on the repairs under a scheme; without one, under the scheme that the tags follow."""
        scheme = scheme or self.scheme()
        if scheme != "iob1" and self._inside_first.count:
            yield _note("an entity that begins with I- or E- was read as if it began with B-", self._inside_first)
        if scheme == "iob1" and self._begin_first:
            yield f"{self._begin_first} times: an entity begins with B-, which IOB1 uses only between entities"
        if scheme == "bioes" and self._not_ended.count:
            yield _note("an entity without E- or S- was ended", self._not_ended)


def _note(repair: str, lines: _Lines) -> str:
    numbers = ", ".join(map(str, lines.first)) + (" …" if lines.count > _SHOWN else "")
    return f"tags repaired: {lines.count} times {repair} (lines {numbers})"


def encode(length: int, entities: Iterable[tuple[int, int, str]], scheme: str) -> list[str]:
    """The tags of `length` tokens. An entity is the numbers of its first and last token, and its label."""
    tags = ["O"] * length
    previous: tuple[int, str] | None = None  # the last token and label of the entity before
    for first, last, label in entities:
        tags[first : last + 1] = [f"I-{label}"] * (last + 1 - first)
        if scheme == "iob2" or scheme == "bioes" or previous == (first - 1, label):
            tags[first] = f"B-{label}"
        if scheme == "bioes":
            tags[last] = f"S-{label}" if first == last else f"E-{label}"
        previous = (last, label)
    return tags
