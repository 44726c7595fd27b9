"""One name of a list as the press writes it: without bullets and commas, in the usual order, with the usual
capitals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from unicodedata import category

_BULLET = re.compile(r"(?:[-–—*•·▪‣◦>]|\(?\d{1,4}[.)°]|\(?[a-z][.)])\s+")
_TRAILING = re.compile(r"[\s,;]+$")
_NOTE = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])$")
_QUOTES = (("«", "»"), ("“", "”"), ('"', '"'), ("„", "“"))
_PARTICLES = frozenset(
    "à au aux d da de del della den der des di dos du en et l la le les lès lez sous sur ten ter und van von y".split()  # noqa: SIM905
)
_ARTICLES = frozenset(("le", "la", "les", "l'", "l’", "the"))
_LINKS = ("de", "du", "des", "d'", "d’", "de la", "de l'", "de l’")
_NUMBERS = frozenset("II III IV VI VII VIII IX XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI".split())  # noqa: SIM905
_LONGEST = 8  # maximum words of a name
_ACRONYM = 4  # maximum letters of a word in capitals that may be an acronym


class Cleaned(NamedTuple):
    """A name and the changes made to it; or why there is none."""

    name: str
    changes: tuple[str, ...] = ()
    why_not: str = ""


def in_capitals(names: Iterable[str]) -> bool:
    """Whether a list writes its names in capitals: four out of five."""
    total = loud = 0
    for name in names:
        if len(re.findall(r"[^\W\d_]", name)) > 2:
            total += 1
            loud += name == name.upper() != name.lower()
    return total > 0 and 5 * loud >= 4 * total


def clean(text: str, label: str, *, all_loud: bool) -> Cleaned:
    """The name in a text of a list. `all_loud` says that the list writes all names in capitals."""
    changes: list[str] = []

    def change(new: str, what: str) -> str:
        if new != name and what not in changes:
            changes.append(what)
        return new

    name = text
    name = change(" ".join(name.split()), "spaces")
    name = change(_BULLET.sub("", name, count=1) if _BULLET.match(name) else name, "bullet")
    name = change(_TRAILING.sub("", name), "comma at the end")
    if name.endswith(":"):
        return Cleaned(name, why_not="a heading")
    name = change(_unquoted(name), "quotation marks")
    name = change(_NOTE.sub("", name), "text in brackets")
    if reason := _no_name(name):
        return Cleaned(name, why_not=reason)
    turned = _turned(name, label)
    if turned is None:
        return Cleaned(name, why_not="contains a comma or semicolon: several names, or one in an unknown form")
    name = change(turned, "order of the parts")
    name = change(_calm(name, label, all_loud=all_loud), "capitals")
    return Cleaned(name, tuple(changes))


def _unquoted(name: str) -> str:
    for opening, closing in _QUOTES:
        if len(name) > 2 and name[0] == opening and name[-1] == closing:
            return name[1:-1].strip()
    return name


def _no_name(name: str) -> str:
    """Why a text is not a name; empty if it may be one."""
    letters = [char for char in name if char.isalnum()]
    if not any(char.isalpha() for char in letters):
        return "contains no letter"
    if len(letters) <= 2:
        return "a code of one or two letters"
    if "\ufffd" in name or re.search("Ã[\u0080-\u00bf]", name):
        return "was decoded wrongly: use --encoding"
    kinds = set(map(category, name))
    if "Cc" in kinds:
        return "contains a control character"
    if "Cs" in kinds:
        return "contains an unpaired surrogate"
    if "@" in name or "://" in name or name.startswith("www."):
        return "an address"
    return f"more than {_LONGEST} words" if len(name.split()) > _LONGEST else ""


def _turned(name: str, label: str) -> str | None:
    """« Nom, Prénom » and « Nom, article » in the order of texts; None if a comma means something else."""
    if ";" in name or name.count(",") > 1:
        return None
    left, comma, right = (part.strip() for part in name.partition(","))
    if not comma:
        return _family_name_last(name) if label == "PER" else name
    if not left or not right:
        return None
    if right.lower() in _ARTICLES or right.lower().endswith(tuple(f" {link}" for link in _LINKS)):
        return right + left if right[-1] in "'’" else f"{right} {left}"
    return f"{right} {left}" if label == "PER" and len(right.split()) <= 3 else None


def _family_name_last(name: str) -> str:
    """*DE GAULLE Charles* as *Charles DE GAULLE*."""
    words = name.split()
    loud = next((number for number, word in enumerate(words) if not _is_loud(word)), len(words))
    rest = words[loud:]
    if loud and rest and len("".join(words[:loud])) > 2 and all(word[0].isupper() for word in rest):
        return " ".join([*rest, *words[:loud]])
    return name


def _is_loud(word: str) -> bool:
    return word == word.upper() != word.lower() and not word.endswith(".")


def _calm(name: str, label: str, *, all_loud: bool) -> str:
    """A name with its usual capitals, if it, or a word of it, is all in capitals or has none."""
    words = name.split()
    if name == name.lower():
        return _titled(words, words)
    loud = [word for word in words if _is_loud(word) and sum(map(str.isalpha, word)) > 1]
    if label == "PER":
        return _titled(words, loud) if all_loud or len(words) > 1 or _long(words) else name
    if name != name.upper():
        return name
    if label == "LOC":
        return _titled(words, loud) if all_loud or len(words) > 1 or _long(words) else name
    kept = [word for word in loud if len(word) > _ACRONYM - 1 or word.lower() in _PARTICLES]
    return _titled(words, kept) if len(words) > 1 else name


def _long(words: list[str]) -> bool:
    return any(len(word) > _ACRONYM for word in words)


def _titled(words: list[str], changed: Iterable[str]) -> str:
    """The words; those that are `changed` get a capital at the start of each part, except particles."""
    wanted = set(changed) - _NUMBERS
    return " ".join(_title(word, first=number == 0) if word in wanted else word for number, word in enumerate(words))


def _title(word: str, *, first: bool) -> str:
    pieces = re.split(r"([-'’])", word.lower())
    for number in range(0, len(pieces), 2):
        alone = first and number == 0
        if alone or pieces[number] not in _PARTICLES:
            pieces[number] = pieces[number][:1].upper() + pieces[number][1:]
    return "".join(pieces)
