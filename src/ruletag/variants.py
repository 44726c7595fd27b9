"""Other spellings of a name that French texts use by rule, so that no gazetteer has to list them.

Saint-Denis is also St-Denis, al-Assad is el-Assad and Al Assad, Salmane may be ben or bin, Zelensky ends as the
transcription wants it, and the hyphens of places come and go. Accents and case are no variants: folding sees to those.
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
    _respelling(r"\b([ae])l-(?=[A-ZÀ-Þ])", lambda met: ("e" if met[1] == "a" else "a") + "l-"),
    _respelling(r"\bal-(?=[A-ZÀ-Þ])", "Al "),
    _respelling(r"\bel-(?=[A-ZÀ-Þ])", "El "),
    _respelling(r"\b(?:[aA]l|[eE]l) (?=[A-ZÀ-Þ])", "al-"),
]
_SONS = [_respelling(r"(?<= )(ben|bin)(?= )", lambda met: "bin" if met[1] == "ben" else "ben")]
_ENDINGS = [_respelling(r"(?<=[a-zà-ÿ])sk(?:y|i|yy|iy|yi|ii|ï)\b", f"sk{ending}") for ending in ("y", "i", "yy", "iy")]
_HYPHENS = [_respelling("(?<=[^\\W\\d_])-(?=[^\\W\\d_])", " "), _respelling(r"(?<=[^\W\d_]) (?=[^\W\d_])", "-")]

_BY_LABEL: dict[str, list[Respelling]] = {
    "PER": [*_ARTICLES, *_SONS, *_ENDINGS],
    "LOC": [*_SAINTS, *_ARTICLES, *_HYPHENS],
    "ORG": [*_SAINTS, *_ARTICLES],
    "MISC": _SAINTS,
}
# What a surface holds that may vary: most hold nothing, and are not tried.
_MAY_VARY = {
    "PER": re.compile(r"[aAeE]l[- ]| b[ei]n |sk[yiï]"),
    "LOC": re.compile(r"-|. ."),
    "ORG": re.compile(r"Sainte?[- ]|[aAeE]l[- ]"),
    "MISC": re.compile(r"Sainte?[- ]"),
}


def variants(surface: str, label: str, part: str = "") -> Iterator[tuple[str, str]]:
    """The other spellings of a surface under a label, each once; beside each, that of a `part` of the surface."""
    if label not in _BY_LABEL or not _MAY_VARY[label].search(surface):
        return
    seen = {surface}
    for respell in _BY_LABEL[label]:
        other = respell(surface)
        if other not in seen:
            seen.add(other)
            yield other, respell(part)
