"""Both engines against a naive scan that reads the documented meaning of a match, letter by letter.

The scan shares no code with the program: it cuts the text as it came into cells (a letter with its accents, a run of
spaces, half a ligature) that know where they stand, and tries every entry at every cell.
"""

from __future__ import annotations

import random
import re
import unicodedata
from typing import NamedTuple

import pytest

from makers import ENGINES, tagger_of
from properties import share
from ruletag.fold import fold
from ruletag.model import Entry, Source

PREFIXES = {"anti", "pro", "ex", "non", "post", "pre", "apres", "avant", "inter", "trans", "mini", "super"}
SAME = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-"})


class Cell(NamedTuple):
    """One unit of comparison, and its span in the original text."""

    char: str
    start: int
    end: int


def cells(text):
    """The cells of a text: what has no width is left out, spaces are one space, an end of paragraph is ¶."""
    halved = []
    for piece in re.finditer(r"[ \u00a0\u202f\r\n\u00ad\u200b]+|[^\u0300-\u036f][\u0300-\u036f]*", text):
        char = piece[0]
        if not char.strip("\u00ad\u200b"):
            continue
        if char.strip("\u00ad\u200b")[0].isspace():
            char = "¶" if len(re.findall("\r\n|\n", char)) > 1 else " "
        char = unicodedata.normalize("NFC", char).translate(SAME)
        halves = {"œ": "oe", "Œ": "OE"}.get(char, char)
        halved += [Cell(half, piece.start(), piece.end()) for half in halves]
    return [lower_second(halved, place) for place in range(len(halved))]


def lower_second(text_cells, place):
    """The cell at a place; the second half of a ligature that begins a capitalised word is in lower case."""
    chars = "".join(cell.char for cell in text_cells[max(0, place - 2) : place + 2])
    head = " " + chars if place == 1 else chars
    if place and text_cells[place].char == "E" and re.fullmatch(r"(?!\w).OE(?=[^\W\d_]).", head) and head[3].islower():
        return text_cells[place]._replace(char="e")
    return text_cells[place]


def bare(char):
    return unicodedata.normalize("NFD", char)[0]


def is_word(text_cells, place):
    return 0 <= place < len(text_cells) and (text_cells[place].char.isalnum() or text_cells[place].char == "_")


def is_hyphen(text_cells, place):
    return 0 <= place < len(text_cells) and text_cells[place].char == "-"


def agrees(entry, surface, piece):
    """Whether a piece of the text may stand for an entry: in its own case, or in all capitals.

    A word of a class in lower case takes any case; a lower-case word of a name may be capitalised. The text may lack
    accents, and never has one that the entry lacks.
    """
    any_case = not entry.is_label and entry.surface[0] == entry.surface[0].lower()
    capitals = "".join(piece).isupper()
    for place, (expected, actual) in enumerate(zip(surface, piece, strict=True)):
        begins = place == 0 or not surface[place - 1].isalnum()
        allowed = {expected, bare(expected)}
        if any_case or capitals or (begins and expected.islower()):
            allowed |= {char.upper() for char in allowed} | {char.lower() for char in allowed}
        if actual not in allowed:
            return False
    return True


def meetings(entries, text):
    """Every entry at every place where it is a word: first and last cell, and whether a hyphen joins it to another."""
    text_cells = cells(text)
    chars = [cell.char for cell in text_cells]
    for entry in entries:
        surface = [cell.char for cell in cells(entry.surface)]
        for start in range(len(text_cells) - len(surface) + 1):
            end = start + len(surface)
            if is_word(text_cells, start - 1) and is_word(text_cells, start):
                continue
            if is_word(text_cells, end) and is_word(text_cells, end - 1):
                continue
            if agrees(entry, surface, chars[start:end]):
                after = is_hyphen(text_cells, end) and is_word(text_cells, end + 1)
                before = is_hyphen(text_cells, start - 1) and is_word(text_cells, start - 2)
                yield start, end, entry, before or after


def compounds(text_cells, joined):
    """The names of each compound that holds nothing but names, once a prefix is taken off."""
    free = 0
    for first in sorted({start for start, *_ in joined}):
        if first < free or not opens(text_cells, first):
            continue
        names = []
        start = first
        while part := [(s, e, entry) for s, e, entry, _ in joined if s == start]:
            end = max(e for _, e, _ in part)
            names += [spot for spot in part if spot[1] == end]
            if not (is_hyphen(text_cells, end) and is_word(text_cells, end + 1)):
                free = end
                yield from names
                break
            start = end + 1


def opens(text_cells, start):
    """Whether a compound of names may begin here: no word is joined on before it, or only a known prefix is."""
    if not (is_hyphen(text_cells, start - 1) and is_word(text_cells, start - 2)):
        return True
    before = "".join(bare(cell.char) for cell in text_cells[: start - 1]).lower()
    prefix = re.search(r"(?<!-)\b\w+$", before)
    return bool(prefix) and prefix[0] in PREFIXES


def naive(entries, text, with_compounds):
    """The hits that the lexicon must find, in order: (start, end, entry) in the offsets of the original text."""
    speakers = {}
    for entry in sorted(entries, key=lambda entry: (entry.ambiguous, entry.source.line)):
        speakers.setdefault((entry.key, entry.surface), entry)
    text_cells = cells(text)
    occurrences = list(meetings(speakers.values(), text))
    spots = [(start, end, entry) for start, end, entry, hyphened in occurrences if not hyphened]
    if with_compounds:
        spots += compounds(
            text_cells, [spot for spot in occurrences if spot[3] and spot[2].is_label and not spot[2].ambiguous]
        )
    spots.sort(key=lambda spot: (spot[0], -spot[1], spot[2].key, spot[2].surface))
    return [(text_cells[start].start, text_cells[end - 1].end, entry) for start, end, entry in spots]


def engine_hits(engine, entries, text, with_compounds=True):
    """The hits of an engine, in order and in the offsets of the original text."""
    folded = fold(text)
    hits = tagger_of(entries, engine=engine)._engine.hits(folded, compounds=with_compounds)
    return [(*folded.original(hit.start, hit.end), hit.entry) for hit in hits]


LETTERS = "mné" * 2 + "MÉ"
HEADS = ["œ", "oe", "Œ", "Oe", "OE", *[""] * 8, "1", "anti"]
MARKS = [*[""] * 9, "'"]
JOINTS = [" ", " ", " ", "-", "-", "'", "’"]
KEYS = ["LOC", "LOC", "PER", "title", "place"]
NOISE = [
    "m",
    "É",
    "e",
    "E",
    "é",
    "e\u0301",
    "1",
    "œ",
    "OE",
    "İ",
    "\U0001f600",
    "«",
    "m_m",
    "anti-",
    "x-",
    "x-Anti-",
    ".",
]
GLUE = ["", " ", " ", " ", "-", "-", "-", "‑", "'", "’", "\u00ad", "\n", "\n\n", "\r\n", ". ", "» ", " -"]
CHANGES = [
    str,
    str.upper,
    str.lower,
    str.title,
    lambda surface: unicodedata.normalize("NFD", surface),
    lambda surface: "".join(map(bare, surface)),
    lambda surface: surface.replace("’", "'").replace("-", "‐"),
    lambda surface: surface.replace("'", "’").replace(" ", "\u00a0"),
    lambda surface: surface.replace(" ", " \r\n "),
    lambda surface: surface.replace(" ", "\u00ad \u200b"),
    lambda surface: surface.replace(" ", "\n \n"),
    lambda surface: surface[:1] + "\u200b" + surface[1:],
    lambda surface: surface.replace("œ", "oe").replace("Œ", "Oe"),
    lambda surface: surface.replace("oe", "œ").replace("Oe", "Œ").replace("OE", "Œ"),
    lambda surface: surface.replace("Œ", "OE").replace("Oe", "OE"),
]


def name(chance):
    """A name of one to three words with at most one ligature."""
    words = [
        "".join(chance.choices(LETTERS, k=chance.choice([1, 1, 2, 3]))) for _ in range(chance.choice([1, 1, 2, 3]))
    ]
    end = chance.choice(["", "", "", "."])
    return (
        chance.choice(MARKS)
        + chance.choice(HEADS)
        + words[0]
        + "".join(chance.choice(JOINTS) + word for word in words[1:])
        + end
    )


def gazetteer(chance):
    """Entries that begin, end and hold each other, under labels and classes, sure and ambiguous."""
    names = [name(chance) for _ in range(chance.randint(1, 5))]
    for whole in list(names):
        start, end = sorted(chance.sample(range(len(whole) + 1), 2))
        names += [inside] if (inside := whole[start:end].strip(" '’-.")) else []
    names = [re.sub("Oe(?![a-zé])", "OE", whole) for whole in names]  # nobody writes *OeM*
    names += chance.sample(names, 1)
    return [
        Entry(surface, chance.choice(KEYS), Source("entry", surface, "a.yaml", line), chance.random() < 0.2)
        for line, surface in enumerate(names, 1)
    ]


def text_with(entries, chance):
    """A text that holds the entries, changed in many ways, next to noise."""
    pieces = []
    for _ in range(chance.randint(0, 12)):
        surface = chance.choice(CHANGES)(chance.choice(entries).surface)
        pieces += [chance.choice(NOISE) if chance.random() < 0.2 else surface, chance.choice(GLUE)]
    text = "".join(pieces)
    return re.sub("([-\u2010])(?=[ \u00a0\u00ad\u200b]*\r?\n)", "\\1,", text)  # or it would break a word in two


def cases(count):
    """Random gazetteers, each with a text; the same in every run."""
    chance = random.Random(7)
    for _ in range(count):
        entries = gazetteer(chance)
        yield entries, text_with(entries, chance)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("with_compounds", [True, False])
def test_engines_equal_a_naive_scan(engine, with_compounds):
    """An engine finds just what the naive scan finds, with compounds and without."""
    for entries, text in cases(share(300)):
        expected = (text, naive(entries, text, with_compounds))
        assert (text, engine_hits(engine, entries, text, with_compounds)) == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_order_of_entries_changes_nothing(engine):
    """Entries in another order give the same hits."""
    for entries, text in cases(share(100)):
        assert engine_hits(engine, entries, text) == engine_hits(engine, entries[::-1], text)


def test_the_naive_scan_finds():
    """The scan itself meets names, so that finding nothing everywhere could not pass."""
    entries = [
        Entry(name, "LOC", Source("entry", name, "a.yaml", line)) for line, name in enumerate(["Côte d'Or", "Œno"])
    ]
    text = "la Co\u0302te\u00a0d’Or, l’OEno, anti-Oeno, OENO-Machin"
    assert [(text[start:end], entry.surface) for start, end, entry in naive(entries, text, True)] == [
        ("Co\u0302te\u00a0d’Or", "Côte d'Or"),
        ("OEno", "Œno"),
        ("Oeno", "Œno"),
    ]
