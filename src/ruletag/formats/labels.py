"""Maps foreign labels to ours, such as `GPE=LOC` and `PERSON=PER`, or leaves them out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ruletag.errors import Fault, RuletagError, suggest
from ruletag.model import LABELS

# Other schemes' names for our labels: OntoNotes, ACE, Wikiner, CoNLL, TEI, French projects.
COMMON = {
    "PERSON": "PER", "PERS": "PER", "PERSONNE": "PER", "PERSNAME": "PER", "I-PER": "PER",
    "GPE": "LOC", "LOCATION": "LOC", "FAC": "LOC", "LIEU": "LOC", "PLACE": "LOC", "PLACENAME": "LOC",
    "ORGANIZATION": "ORG", "ORGANISATION": "ORG", "ORGNAME": "ORG", "COMPANY": "ORG",
    "MISCELLANEOUS": "MISC", "NORP": "MISC", "EVENT": "MISC", "WORK_OF_ART": "MISC", "PRODUCT": "MISC",
    "LANGUAGE": "MISC", "LAW": "MISC", "PROD": "MISC",
}  # fmt: skip
NO_NAMES = ("DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL")
_SHOWN = 80


class Labels(NamedTuple):
    """Our labels for those of a file, and the ones that are left out. Our own labels stand for themselves."""

    map: tuple[tuple[str, str], ...] = ()
    ignored: frozenset[str] = frozenset()

    def ours(self, label: str) -> str | None:
        """Our label for one in a file, None if it is left out. Raises KeyError if it is unknown."""
        if label in self.ignored:
            return None
        for theirs, ours in self.map:
            if theirs == label:
                return ours
        if label in LABELS:
            return label
        raise KeyError(label)

    def read(self, label: str, path: str, line: int = 0) -> str | None:
        """Like `ours`, but for an unknown label raises a RuletagError that suggests an option."""
        try:
            return self.ours(label)
        except KeyError:
            raise RuletagError(unknown(label, path, line)) from None


def unknown(label: str, path: str, line: int = 0) -> Fault:
    """The fault for a label that is not ours, suggesting how to read it."""
    shown = repr(label) if len(label) <= _SHOWN else repr(label[:_SHOWN]) + "…"
    common = COMMON.get(label.upper())
    if common:
        help = f"use --map {label}={common}, or --ignore {label}"
    elif label.upper() in NO_NAMES:
        help = f"use --ignore {label}, or --map {label}=MISC"
    else:
        help = suggest(label, LABELS)
    return Fault(path, "RT205", f"unknown label {shown}", line, help=help)


def parse_labels(maps: Iterable[str], ignored: Iterable[str]) -> Labels:
    """The labels from `--map THEIRS=OURS` and `--ignore THEIRS`. Raises RuletagError for an invalid value."""
    pairs: dict[str, str] = {}
    faults: list[Fault] = []
    for mapping in maps:
        theirs, equals, ours = mapping.rpartition("=")
        if not equals or not theirs:
            faults.append(Fault("--map", "RT110", f"{mapping!r} is not THEIRS=OURS", help="for example --map GPE=LOC"))
        elif ours not in LABELS:
            faults.append(Fault("--map", "RT110", f"{ours!r} is not a label", help=suggest(ours, LABELS)))
        elif pairs.setdefault(theirs, ours) != ours:
            message = f"{theirs!r} is mapped to {pairs[theirs]} and to {ours}"
            faults.append(Fault("--map", "RT110", message, help="keep one of them"))
    left_out = frozenset(ignored)
    for theirs in sorted(left_out & set(pairs)):
        faults.append(Fault("--ignore", "RT110", f"{theirs!r} is mapped and ignored", help="use only one of them"))
    if faults:
        raise RuletagError(faults)
    return Labels(tuple(sorted(pairs.items())), left_out)
