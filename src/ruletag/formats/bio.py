"""Tags of tokens: IOB1, IOB2, BIOES and BILOU, read as conlleval reads them, with a record of repairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ruletag.formats.spans import Place

SCHEMES = ("iob1", "iob2", "bioes")
_SHOWN = 5  # number of lines that a note names
_BEGIN, _SINGLE, _END = "BSU", "SU", "EL"
_PREFIXES = "BIESLUM"


class _Lines:
    """How often something happens, and on which lines first."""

    def __init__(self) -> None:
        self.number = 0
        self.first: list[int] = []

    def add(self, line: int) -> None:
        self.number += 1
        if self.number <= _SHOWN:
            self.first.append(line)


class Decoder:
    """Takes tags one by one and says where entities begin. It records what would have to be repaired under each
    scheme."""

    def __init__(self) -> None:
        self._label: str | None = None
        self._closed = True  # the label does not continue
        self._line = 0
        self._inside_first = _Lines()  # with I- but nothing to continue: an error except in IOB1
        self._begin_first = 0  # with B- but nothing to continue: an error in IOB1
        self._not_ended = _Lines()  # of entities without E-, an error in BIOES
        self._bioes = False
        self._prefix = ""

    def take(self, tag: str, place: Place) -> tuple[bool, str | None]:
        """Whether an entity begins with the token of a tag, and the label of the token; None for `O`.

        Raises RuletagError if it is not a tag.
        """
        self._line = place.line
        if tag == "O":
            self._stop()
            return False, None
        prefix, dash, label = tag.partition("-")
        if not dash or not label or len(prefix) != 1 or prefix not in _PREFIXES:
            raise place.fault("RT105", f"{tag!r} is not a tag", "tags are O, B-PER, I-PER, E-PER, S-PER")
        goes_on = label == self._label and not self._closed
        self._bioes |= prefix in "SUELM"
        if prefix in _BEGIN:
            begins = True
            self._begin_first += not goes_on
        else:
            begins = not goes_on
            if begins:
                self._inside_first.add(place.line)
        if begins:
            self._stop()
        self._label, self._prefix = label, prefix
        self._closed = prefix in _SINGLE + _END
        return begins, label

    def end_sentence(self) -> None:
        """No entity continues."""
        self._stop()

    def _stop(self) -> None:
        if self._label is not None and self._prefix not in _SINGLE + _END:
            self._not_ended.add(self._line)
        self._label = None

    def scheme(self) -> str:
        """The scheme of all tags so far. In IOB1, B- occurs only right after an entity of the same label."""
        if self._bioes:
            return "bioes"
        return "iob1" if self._inside_first.number and not self._begin_first else "iob2"

    def notes(self, scheme: str | None) -> Iterator[str]:
        """The repairs, given the scheme that the tags should follow; without one, the scheme that they show."""
        scheme = scheme or self.scheme()
        if scheme != "iob1" and self._inside_first.number:
            yield _note("an entity that begins with I- or E- was read as if it began with B-", self._inside_first)
        if scheme == "iob1" and self._begin_first:
            yield f"{self._begin_first} times: an entity begins with B-, which IOB1 uses only between entities"
        if scheme == "bioes" and self._not_ended.number:
            yield _note("an entity without E- or S- was ended", self._not_ended)


def _note(what: str, lines: _Lines) -> str:
    listed = ", ".join(map(str, lines.first)) + (" …" if lines.number > _SHOWN else "")
    return f"tags repaired: {lines.number} times {what} (lines {listed})"


def encode(length: int, entities: Iterable[tuple[int, int, str]], scheme: str) -> list[str]:
    """The tags of a number of tokens; entities are the numbers of their first and last token, and their label."""
    tags = ["O"] * length
    before: tuple[int, str] | None = None
    for first, last, label in entities:
        tags[first : last + 1] = [f"I-{label}"] * (last + 1 - first)
        if scheme == "iob2" or scheme == "bioes" or before == (first - 1, label):
            tags[first] = f"B-{label}"
        if scheme == "bioes":
            tags[last] = f"S-{label}" if first == last else f"E-{label}"
        before = (last, label)
    return tags
