"""Random French-looking texts, and the promises that tagging must keep for any of them.

    python tests/random_texts.py --texts 300000

tags that many texts under both guidelines with both engines, prints each text that breaks a promise or that the engines
do not agree on, cut down to what is needed for that, with the first stage that differs, and exits 1 if there was one.
The same seed gives the same texts.
"""

from __future__ import annotations

import argparse
import random
import sys
import unicodedata
from collections.abc import Callable, Sequence

from tqdm import tqdm

from ruletag import Tagger
from ruletag.model import Document, Entity
from stages import Pair, difference, pair_over

SPACES = [" "] * 30 + ["  ", "\u00a0", "\u202f", "\t", "\n", "\n\n", "\r\n", "\r", " \n ", "\u2028", "\x0c", ""]
MARKS = [*",.;:!?()«»\"'’‘“”-‑–—…/&+%°*_{}[]|\\<>#@", " « ", " » ", ", ", ". ", "...", "d'", "l’", "qu'", "-", "'"]
ODD = [
    *("\u0301", "\u200b", "\u00ad", "\ufeff", "\u2060", "\x00", "\x1c", "\x7f", "\x81", "\x8d", "\x90", "\u202e"),
    *("İ", "ı", "ß", "ſ", "ﬁ", "Œ", "œ", "Æ", "æ", "Ǆ", "Ω", "Ж", "中", "अ", "١", "²", "Ⅳ", "𝐀", "😀", "👨‍👩", "🇫🇷"),
]
WORDS = """le la les l' un une des du de d' à au aux en et ou par pour sur dans avec dit est a ans né Tavert Kermar Xyz
    XIVe 14e 1er 2021 3,5 2015-2016 15 J. J.-P. A. O.N.U. OCS CNDD-FDD MI6 VIII Jean Jean-Luc Marie Le La Les De Al
    al-Assad McDonald national nationale internationale chinois sino-russe franco- -là x- ex- anti- après-""".split()  # noqa: SIM905


class Texts:
    """A source of texts made of the names and words that a tagger knows, other words, marks and odd characters."""

    def __init__(self, tagger: Tagger, seed: int) -> None:
        self._random = random.Random(seed)
        self._surfaces = sorted({entry.surface for entry in tagger.entries})
        by_key: dict[str, set[str]] = {}
        for entry in tagger.entries:
            by_key.setdefault(entry.key, set()).add(entry.surface)
        self._classes = [sorted(by_key[key]) for key in sorted(by_key)]
        self._edged = [surface for surface in self._surfaces if not (surface[0].isalnum() and surface[-1].isalnum())]
        atoms = (atom for rule in tagger.rules for atom in rule.atoms)
        self._literals = sorted({atom.value for atom in atoms if atom.kind in ("word", "exact")})

    def next(self) -> str:
        """One text, of no piece to forty, cut at random at its ends, at times inside a word or a cluster."""
        draw = self._random
        text = "".join(self._piece() + self._gap() for _ in range(draw.choice((1, 2, 3, 5, 8, 12, 20, 40))))
        if draw.random() < 0.5:
            text = text.rstrip()
        if draw.random() < 0.3:
            first, last = sorted((draw.randrange(len(text) + 1), draw.randrange(len(text) + 1)))
            text = text[first:last] if draw.random() < 0.5 else text[:last]
        return text

    def _piece(self) -> str:
        draw = self._random
        source = draw.choice((self._surfaces, draw.choice(self._classes), self._edged, self._literals, WORDS, WORDS))
        piece = draw.choice(source or WORDS)
        if draw.random() < 0.25:
            shapes: tuple[Callable[[str], str], ...] = (str.upper, str.lower, str.title, str.capitalize, _apart, _half)
            piece = draw.choice(shapes)(piece)
        return piece

    def _gap(self) -> str:
        draw = self._random
        dice = draw.random()
        if dice < 0.75:
            return draw.choice(SPACES)
        return draw.choice(MARKS) if dice < 0.97 else draw.choice(ODD) + draw.choice(SPACES)


def _apart(piece: str) -> str:
    return unicodedata.normalize("NFD", piece)


def _half(piece: str) -> str:
    return piece[: len(piece) // 2]


def broken(tag: Callable[[str], Document], text: str) -> str:
    """The first promise that a way of tagging does not keep for a text; empty if it keeps them all."""
    try:
        document = tag(text)
        if document.text != text:
            return "the text of the document is not the text"
        if wrong := _wrong(text, document.entities):
            return wrong
        if [text[other.start : other.end] for other in document.alternatives] != [
            other.text for other in document.alternatives
        ]:
            return "an alternative does not stand where its offsets say"
        if tag(text) != document:
            return "the second time gives another document"
        framed = tag(f"\n{text}\n")
        if _spans(framed, 1) != _spans(document, 0):
            return "line breaks around the text change its entities"
    except Exception as error:  # the promise is that there is none
        return f"{type(error).__name__}: {error}"
    return ""


def _wrong(text: str, entities: Sequence[Entity]) -> str:
    end = 0
    for entity in entities:
        if not end <= entity.start < entity.end <= len(text):
            return f"entities overlap, are out of order, or out of the text at {entity.start}:{entity.end}"
        if text[entity.start : entity.end] != entity.text:
            return f"an entity does not stand where its offsets say, {entity.start}:{entity.end}"
        end = entity.end
    return ""


def _spans(document: Document, shift: int) -> list[tuple[int, int, str, str]]:
    return [
        (entity.start - shift, entity.end - shift, entity.label, entity.source.name) for entity in document.entities
    ]


def shrink(text: str, fails: Callable[[str], bool]) -> str:
    """A text that fails as this one does and from which nothing can be taken away."""
    size = len(text)
    while size:
        start = 0
        while start < len(text):
            shorter = text[:start] + text[start + size :]
            if fails(shorter):
                text = shorter
            else:
                start += size
        size //= 2
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Tag random texts; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=5000, help="how many texts (default 5000)")
    parser.add_argument("--seed", type=int, default=1, help="of the random texts (default 1)")
    options = parser.parse_args(arguments)
    taggers = Tagger.load_each(["canonical", "seed"], engine="plain")
    texts = Texts(taggers[0], options.seed)
    pairs = [pair_over(tagger.knowledge) for tagger in taggers]
    failures = 0
    for _ in tqdm(range(options.texts), disable=None):  # on a terminal alone
        text = texts.next()
        for pair in pairs:
            failures += _report(pair, text)
    print(f"{options.texts} texts (seed {options.seed}), {failures} failures")
    return 1 if failures else 0


def _report(pair: Pair, text: str) -> bool:
    """Whether a text fails, which is then printed."""

    def fault(tried: str) -> str:
        return broken(pair.core.tag, tried) or difference(pair, tried)

    message = fault(text)
    if message:
        least = shrink(text, lambda tried: fault(tried).split(":")[0] == message.split(":")[0])
        print(f"{pair.core.guideline.name}: {fault(least)}\n  {least!r}", flush=True)
    return bool(message)


if __name__ == "__main__":
    sys.exit(main())
