"""The input of the speed bench: press texts, generated names, and texts made to be slow.

Nothing is random: the same call gives the same texts and names everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from pathlib import Path

from ruletag import Tagger
from ruletag.files import find_inputs, read_documents

EXAMPLES = Path(__file__).parents[1] / "examples"
_GIVEN = """
    Aline Bastien Clarisse Damien Élodie Fabrice Gaëlle Hervé Inès Joachim Karine Ludovic Maëlle Nestor Odette Pascal
    Quitterie Raphaël Solène Thibault Ursule Valère Wandrille Xavière Yannick Zélie Anne-Laure Jean-Marc Marie-Ève
    Pierre-Yves
"""
_FAMILY = """
    Bar Bel Bon Car Chan Cor Dar Del Dur Fal Fon Gar Gir Gou Har Jol Lam Len Mar Mou
    ba be bi bou ca chi co da de dou fa gui la le li lo ma mi na ni ra ri ro sa ti
    ard aud ault eau el elle enne ert et euil ier igny in isse ois on onnet ot oux zac
"""
GIVEN = _GIVEN.split()
FIRST, MIDDLE, LAST = (line.split() for line in _FAMILY.strip().splitlines())
FAMILIES = len(FIRST) * len(MIDDLE) * len(MIDDLE) * len(LAST)
STEP = 180_001  # coprime to FAMILIES, so that neighbours differ and none is repeated


def press(arguments: Iterable[str]) -> list[str]:
    """The texts of files or folders that `ruletag tag` reads, by default of the examples."""
    arguments = list(arguments) or [str(EXAMPLES / "articles"), str(EXAMPLES / "gold")]
    return [document.text for source in find_inputs(arguments) for document in read_documents(source)]


def megabytes(texts: Iterable[str]) -> float:
    """The size of texts in UTF-8."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6


def filled(texts: Iterable[str], size: float) -> list[str]:
    """Repeat texts until they have `size` megabytes."""
    taken: list[str] = []
    missing = size * 1e6
    for text in cycle(texts):
        if missing <= 0:
            break
        taken.append(text)
        missing -= len(text.encode("utf-8", "surrogatepass"))
    return taken


def short(texts: Iterable[str], number: int) -> list[str]:
    """Texts of one paragraph each, `number` of them."""
    paragraphs = [line for text in texts for line in text.splitlines() if line.strip()]
    return [paragraph for paragraph, _ in zip(cycle(paragraphs), range(number), strict=False)]


def names(number: int) -> Iterator[str]:
    """Different names of people who do not exist, `number` of them; at most 7,500,000."""
    for index in range(number):
        given, family = divmod(index, FAMILIES)
        family = family * STEP % FAMILIES
        pieces = []
        for table in (FIRST, MIDDLE, MIDDLE, LAST):
            family, at = divmod(family, len(table))
            pieces.append(table[at])
        yield f"{GIVEN[(given + index) % len(GIVEN)]} {''.join(pieces)}"


def mentioning(texts: Iterable[str], people: list[str]) -> list[str]:
    """The texts, each with a paragraph that mentions two of the people."""
    pairs = cycle(zip(people[::2], people[1::2], strict=False))
    return [f"{text}\nHier, {one} a reçu {two} au siège.\n" for text, (one, two) in zip(texts, pairs, strict=False)]


Hostile = Callable[[Tagger], str]


def _capitalised(_: Tagger) -> str:
    return " ".join(name.split()[-1] for name in names(5_000)) + " "


def _in_capitals(_: Tagger) -> str:
    return " ".join(name.upper() for name in names(5_000)) + " "


def _begun(tagger: Tagger) -> str:
    """The longest entries without their last word."""
    surfaces = sorted(
        {entry.surface for entry in tagger.entries if entry.is_label}, key=lambda name: (-len(name), name)
    )
    return " ".join(surface.rpartition(" ")[0] for surface in surfaces[:200]) + " "


def _anchors(tagger: Tagger) -> str:
    """Words that start rules, with nothing after them that a rule accepts."""
    words = sorted({entry.surface for entry in tagger.entries if entry.key in ("title", "civility", "org-head")})
    return " ".join(f"le {word} de la" for word in words) + " "


def _new_names(_: Tagger) -> str:
    """Sentences that teach the memory a family name, and use it."""
    return "".join(f"selon {name}, dit-il. {name.split()[-1]} part. " for name in names(1_000))


def _again(unit: str) -> Hostile:
    return lambda _: unit * (10_000 // len(unit))


HOSTILE: dict[str, Hostile] = {
    "capitalised words, no end": _capitalised,
    "names in capitals, no end": _in_capitals,
    "long entries without their last word": _begun,
    "titles and heads without a name": _anchors,
    "new names, no end": _new_names,
    "one name, again and again": _again("Emmanuel Macron "),
    "one name, then its family name": _again("Emmanuel Macron. Macron dit. "),
    "one capital letter, again and again": _again("A"),
    "acronyms": _again("OTAN ABC XYZ ONU "),
    "initials": _again("J. K. "),
    "dotted capitals": _again("A."),
    "hyphenated words": _again("Jean-Paul-"),
    "hyphenated places": _again("Paris-Lyon-"),
    "half of a title": _again("président de la "),
    "half of a name": _again("Organisation de coopération de "),
    "half of an institution": _again("Conseil général de la "),
    "words after a comma": _again("le ministre, Paul, "),
    "digits": _again("1,"),
    "spaces": _again("  "),
    "combining accents": _again("e\u0301"),
    "line ends": _again("Le Mali\n"),
}


def hostile(kind: str, tagger: Tagger, size: float) -> str:
    """A text of `size` megabytes that is made to be slow."""
    unit = HOSTILE[kind](tagger)
    return unit * max(1, round(size * 1e6 / len(unit.encode())))
