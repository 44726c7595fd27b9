"""Regular spelling variants of names in French texts, so that gazetteers need not list them.

Saint-Denis is also St-Denis, al-Assad is el-Assad and Al Assad, ben is bin, Zelensky has the endings of several
transcriptions, and the hyphens of places are optional; ONU is O.N.U. and O. N. U., OTAN is Otan, Coca-Cola is
Coca Cola and Canal+ is Canal +. Accents are not variants: folding handles them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Respelling = Callable[[str], str]


def _respelling(pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> Respelling:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(replacement, text)


_SAINTS = [
    _respelling(r"\bSaint(e?)([- ])(?=[^\W\d_])", r"St\1\2"),
    _respelling(r"\bSaint(e?)-(?=[^\W\d_])", r"St\1 "),
]
_ARTICLES = [
    _respelling(r"\b([ae])l-(?=[A-ZÀ-Þ])", lambda match: ("e" if match[1] == "a" else "a") + "l-"),
    _respelling(r"\bal-(?=[A-ZÀ-Þ])", "Al "),
    _respelling(r"\bel-(?=[A-ZÀ-Þ])", "El "),
    _respelling(r"\b(?:[aA]l|[eE]l) (?=[A-ZÀ-Þ])", "al-"),
]
_SONS = [_respelling(r"(?<= )(ben|bin)(?= )", lambda match: "bin" if match[1] == "ben" else "ben")]
_ENDINGS = [_respelling(r"(?<=[a-zà-ÿ])sk(?:y|i|yy|iy|yi|ii|ï)\b", f"sk{ending}") for ending in ("y", "i", "yy", "iy")]
_HYPHENS = [_respelling("(?<=[^\\W\\d_])-(?=[^\\W\\d_])", " "), _respelling(r"(?<=[^\W\d_]) (?=[^\W\d_])", "-")]

_HYPHENED = [_respelling("(?<=[^\\W\\d_])-(?=[^\\W\\d_])", " ")]
_PLUS = [_respelling(r"(?<=\w)\+$", " +")]


def _dotted(joint: str) -> Respelling:
    return lambda text: joint.join(text) + "." if _ACRONYM.fullmatch(text) else text


def _in_one_capital(text: str) -> str:
    return text.capitalize() if len(text) >= _SHORTEST_WORD and text.isupper() and _VOWEL.search(text) else text


_ACRONYM = re.compile("[A-Z]{2,7}")
_SHORTEST_WORD = 4  # letters in an all-capitals name that may be read as a word: OTAN, but not ONU
_VOWEL = re.compile("[AEIOUYÀÂÉÈÊËÎÏÔÙÛ]")
_ACRONYMS = [_dotted("."), _dotted(". ")]
_CAPITALS = [_in_one_capital]

_BY_LABEL: dict[str, list[Respelling]] = {
    "PER": [*_ARTICLES, *_SONS, *_ENDINGS, *_CAPITALS],
    "LOC": [*_SAINTS, *_ARTICLES, *_HYPHENS, *_ACRONYMS, *_CAPITALS],
    "ORG": [*_SAINTS, *_ARTICLES, *_HYPHENED, *_PLUS, *_ACRONYMS, *_CAPITALS],
    "MISC": [*_SAINTS, *_ACRONYMS, *_CAPITALS],
}
_SHOUTED = r"^[^a-zà-ÿ]{2,}$"
# Only surfaces that match these can have variants; most do not, and are not tried.
_MAY_VARY = {
    "PER": re.compile(rf"[aAeE]l[- ]| b[ei]n |sk[yiï]|{_SHOUTED}"),
    "LOC": re.compile(rf"-|. .|{_SHOUTED}"),
    "ORG": re.compile(rf"Sainte?[- ]|[aAeE]l[- ]|-|\+|{_SHOUTED}"),
    "MISC": re.compile(rf"Sainte?[- ]|{_SHOUTED}"),
}


def may_vary(surface: str, label: str) -> bool:
    """Whether a surface under a label or class may have variants: a quick check, because few have any."""
    return label in _BY_LABEL and bool(_MAY_VARY[label].search(surface))


def variants(surface: str, label: str, part: str = "") -> Iterator[tuple[str, str]]:
    """The variants of a surface under a label, each once, with the corresponding variant of a `part` of the surface."""
    if not may_vary(surface, label):
        return
    seen = {surface}
    for respell in _BY_LABEL[label]:
        variant = respell(surface)
        if variant not in seen:
            seen.add(variant)
            yield variant, respell(part)
