"""The decisions of an annotation guideline: which parts of a name the span keeps, and which label it gets.

The engine finds the core of a name and its parts (title, determiner, demonym…). A guideline is a small YAML file under
`rules/guidelines/`: one value for each switch, decisions about head nouns, relabelled rules, muted rules, and rules of
its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ruletag.heads import Heads
from ruletag.model import Candidate, Part

if TYPE_CHECKING:
    from ruletag.decided import Decided

SWITCHES: dict[str, tuple[str, ...]] = {
    "title-with-surname": ("drop", "keep"),
    "title-with-full-name": ("drop", "keep", "inside-sentence"),
    "title-with-demonym": ("drop", "keep", "apart"),
    "title-in-lower-case": ("drop", "keep"),
    "civility": ("drop", "keep"),
    "determiner": ("drop", "keep", "first-in-paragraph"),
    "determined-topic": ("keep", "drop"),
    "closing-quote": ("keep", "drop"),
    "date": ("keep", "drop"),
    "legal-form": ("keep", "drop"),
    "compounds": ("apart", "none"),
}
SWITCH_HELP = {
    "title-with-surname": "*Président Poutine*: is the title part of the span?",
    "title-with-full-name": "*Président Xi Jinping*; `inside-sentence`: kept, but not at the head of a sentence",
    "title-with-demonym": "*Président russe Vladimir Poutine*; `apart`: *Président russe* is a span of its own",
    "title-in-lower-case": "*président Poutine*: does a lower-case title count as a title for the switches above?",
    "civility": "*M. Poutine*, *Mme Merkel*",
    "determiner": "*la Chine*, for `determiner-names`; `first-in-paragraph`: at its first mention in a paragraph",
    "determined-topic": "*La Chine, a-t-il dit*: is one of `determiner-names`, heading a sentence and set off, a span?",
    "closing-quote": "*Initiative « la Ceinture et la Route »*: does the closing mark belong to the span?",
    "date": "*Plan de relance à l'horizon 2030*, *Rallye Dakar 2016*: does the year at the end belong to the span?",
    "legal-form": "*Kerbrac SA*: does the legal form behind the name of a firm belong to the span?",
    "compounds": "*Chine-Russie*, *anti-Trump*: `apart`: each name in a hyphenated compound is a span; `none`: no span",
}
Item = TypeVar("Item")
_KEEPING = {name: values[0] for name, values in SWITCHES.items()}
SENTENCE_ENDS = ".!?…\n\r"
OPENINGS = " \u00a0\u202f«“\"'‘’(—–-"


@dataclass(frozen=True, slots=True)
class Guideline:
    """The decisions of one guideline. `switches` has a value for every switch; `written` is the content of the file."""

    name: str
    why: str = ""
    switches: Mapping[str, str] = field(default_factory=_KEEPING.copy)
    determiner_names: frozenset[str] = frozenset()
    heads: Heads = field(default_factory=Heads)
    labels: Mapping[str, str] = field(default_factory=dict)
    mute: frozenset[str] = frozenset()
    written: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    _moves_parts: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_moves_parts", not _KEEPING.items() <= self.switches.items())

    def apply(self, decided: Decided) -> list[Candidate]:
        """The spans that the guideline makes of the winners, in order, in the offsets of the plain text."""
        return spliced(decided.winners, self.changes(decided))

    def changes(self, decided: Decided) -> dict[int, list[Candidate]]:
        """The winners that the guideline changes, by number in ascending order, each with the spans that replace it."""
        moves_parts, headed = self._moves_parts, decided.headed
        if not moves_parts and not (self.heads.decided and headed != []):
            return {}
        plain, winners = decided.plain.plain, decided.winners
        may_have_head = frozenset(range(len(winners)) if headed is None else headed) if self.heads.decided else ()
        changed: dict[int, list[Candidate]] = {}
        determined: set[tuple[int, str]] = set()
        for number in range(len(winners)) if moves_parts else sorted(may_have_head):
            winner = winners[number]
            spans = self._shape(plain, winner, determined) if winner.parts else [winner]
            if number in may_have_head and spans == [winner]:
                spans = self.heads.shape(plain, winner, partial(decided.beaten, number))
            if spans != [winner] and not (spans and spans[0].start < _end_before(number, winners, changed)):
                changed[number] = spans
        return changed

    def _shape(self, plain: str, winner: Candidate, determined: set[tuple[int, str]]) -> list[Candidate]:
        parts = {part.name: part for part in winner.parts}
        if "title" in parts:
            return self._with_title(plain, winner, parts)
        if "civility" in parts and self.switches["civility"] == "keep":
            return [winner._replace(start=parts["civility"].start)]
        for name, switch in (("quote", "closing-quote"), ("date", "date"), ("form", "legal-form")):
            if name in parts and self.switches[switch] == "drop":
                return [winner._replace(end=_trimmed_end(plain, winner.start, parts[name].start))]
        if "det" in parts and self._is_dropped_topic(plain, winner, parts["det"]):
            return []
        if "det" in parts and self._keeps_determiner(plain, winner, determined):
            return [winner._replace(start=parts["det"].start)]
        return [winner]

    def _with_title(self, plain: str, winner: Candidate, parts: Mapping[str, Part]) -> list[Candidate]:
        title = parts["title"]
        if plain[title.start].islower() and self.switches["title-in-lower-case"] == "drop":
            return [winner]
        whole = winner._replace(start=title.start)
        if "demonym" in parts:
            choice = self.switches["title-with-demonym"]
            if choice == "apart":
                end = max(title.end, parts["demonym"].end)
                return [winner._replace(start=title.start, end=end, id=None, surname=None), winner]
            return [whole if choice == "keep" else winner]
        if sum(word[0].isupper() for word in plain[winner.start : winner.end].split()) == 1:
            return [whole if self.switches["title-with-surname"] == "keep" else winner]
        choice = self.switches["title-with-full-name"]
        if choice == "inside-sentence":
            head = parts["det"].start if "det" in parts else title.start
            choice = "drop" if opens_sentence(plain, head) else "keep"
        return [whole if choice == "keep" else winner]

    def _is_dropped_topic(self, plain: str, winner: Candidate, det: Part) -> bool:
        if self.switches["determined-topic"] == "keep" or plain[det.start].islower():
            return False
        return plain[winner.start : winner.end] in self.determiner_names

    def _keeps_determiner(self, plain: str, winner: Candidate, determined: set[tuple[int, str]]) -> bool:
        choice = self.switches["determiner"]
        surface = plain[winner.start : winner.end]
        if choice == "drop" or surface not in self.determiner_names:
            return False
        mention = (plain.rfind("\n", 0, winner.start), surface)
        if choice == "first-in-paragraph" and mention in determined:
            return False
        determined.add(mention)
        return True


def opens_sentence(plain: str, offset: int) -> bool:
    """Whether a sentence or a line begins at the offset; opening quotation marks and dashes are skipped."""
    while offset and plain[offset - 1] in OPENINGS:
        offset -= 1
    return offset == 0 or plain[offset - 1] in SENTENCE_ENDS


def spliced(items: Sequence[Item], changed: Mapping[int, Iterable[Item]]) -> list[Item]:
    """The items, with those at the numbers in `changed`, which ascend, replaced by its values."""
    result: list[Item] = []
    start = 0
    for number, replacements in changed.items():
        result += items[start:number]
        result += replacements
        start = number + 1
    result += items[start:]
    return result


def _end_before(number: int, winners: Sequence[Candidate], changed: Mapping[int, Sequence[Candidate]]) -> int:
    """The end of the span before a winner, after the changes so far."""
    for earlier in range(number - 1, -1, -1):
        if earlier not in changed:
            return winners[earlier].end
        if spans := changed[earlier]:
            return spans[-1].end
    return 0


def _trimmed_end(plain: str, start: int, end: int) -> int:
    return start + len(plain[start:end].rstrip())
