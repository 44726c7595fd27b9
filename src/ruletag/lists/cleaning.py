"""Cleans a name of a list, so that it is written as in the press: no bullets or commas, usual order and capitals."""

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
    """A name and the changes made to it, or the reason why the text is not a name."""

    name: str
    changes: tuple[str, ...] = ()
    why_not: str = ""


def in_capitals(names: Iterable[str]) -> bool:
    """Whether a list writes its names in capitals: at least four out of five."""
    total = loud = 0
    for name in names:
        if len(re.findall(r"[^\W\d_]", name)) > 2:
            total += 1
            loud += name == name.upper() != name.lower()
    return total > 0 and 5 * loud >= 4 * total


def clean(text: str, label: str, *, all_loud: bool) -> Cleaned:
    """The name in a text of a list. `all_loud` means that the list writes all names in capitals."""
    changes: list[str] = []

    def change(new: str, description: str) -> str:
        if new != name and description not in changes:
            changes.append(description)
        return new

    name = text
    name = change(" ".join(name.split()), "spaces")
    name = change(_BULLET.sub("", name, count=1) if _BULLET.match(name) else name, "bullet")
    name = change(_TRAILING.sub("", name), "comma at the end")
    if name.endswith(":"):
        return Cleaned(name, why_not="a heading")
    name = change(_unquoted(name), "quotation marks")
    name = change(_NOTE.sub("", name), "text in brackets")
    if reason := _why_not(name):
        return Cleaned(name, why_not=reason)
    reordered = _reordered(name, label)
    if reordered is None:
        return Cleaned(name, why_not="contains a comma or semicolon: several names, or one in an unknown form")
    name = change(reordered, "order of the parts")
    name = change(_with_usual_capitals(name, label, all_loud=all_loud), "capitals")
    return Cleaned(name, tuple(changes))


def _unquoted(name: str) -> str:
    for opening, closing in _QUOTES:
        if len(name) > 2 and name[0] == opening and name[-1] == closing:
            return name[1:-1].strip()
    return name


def _why_not(name: str) -> str:
    """The reason why a text is not a name; empty if it may be one."""
    letters = [char for char in name if char.isalnum()]
    if not any(char.isalpha() for char in letters):
        return "contains no letter"
    if len(letters) <= 2:
        return "a code of one or two letters"
    if "\ufffd" in name or re.search("Ã[\u0080-\u00bf]", name):
        return "was decoded wrongly: use --encoding"
    categories = set(map(category, name))
    if "Cc" in categories:
        return "contains a control character"
    if "Cs" in categories:
        return "contains an unpaired surrogate"
    if "@" in name or "://" in name or name.startswith("www."):
        return "an address"
    return f"more than {_LONGEST} words" if len(name.split()) > _LONGEST else ""


def _reordered(name: str, label: str) -> str | None:
    """« Nom, Prénom » and « Nom, article » in the usual order; None if a comma or semicolon means something else."""
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
    split = next((number for number, word in enumerate(words) if not _is_loud(word)), len(words))
    family_name, given_name = words[:split], words[split:]
    if split and given_name and len("".join(family_name)) > 2 and all(word[0].isupper() for word in given_name):
        return " ".join([*given_name, *family_name])
    return name


def _is_loud(word: str) -> bool:
    return word == word.upper() != word.lower() and not word.endswith(".")


def _with_usual_capitals(name: str, label: str, *, all_loud: bool) -> str:
    """A name with its usual capitals, if it or a word of it is all in capitals, or if it has no capital."""
    words = name.split()
    if name == name.lower():
        return _titled(words, words)
    loud = [word for word in words if _is_loud(word) and sum(map(str.isalpha, word)) > 1]
    if label == "PER":
        return _titled(words, loud) if all_loud or len(words) > 1 or _has_long_word(words) else name
    if name != name.upper():
        return name
    if label == "LOC":
        return _titled(words, loud) if all_loud or len(words) > 1 or _has_long_word(words) else name
    no_acronyms = [word for word in loud if len(word) > _ACRONYM - 1 or word.lower() in _PARTICLES]
    return _titled(words, no_acronyms) if len(words) > 1 else name


def _has_long_word(words: list[str]) -> bool:
    return any(len(word) > _ACRONYM for word in words)


def _titled(words: list[str], changed: Iterable[str]) -> str:
    """The words joined; those in `changed` get a capital at the start of each part, except particles."""
    to_change = set(changed) - _NUMBERS
    return " ".join(_title(word, first=number == 0) if word in to_change else word for number, word in enumerate(words))


def _title(word: str, *, first: bool) -> str:
    pieces = re.split(r"([-'’])", word.lower())
    for number in range(0, len(pieces), 2):
        begins_name = first and number == 0
        if begins_name or pieces[number] not in _PARTICLES:
            pieces[number] = pieces[number][:1].upper() + pieces[number][1:]
    return "".join(pieces)
