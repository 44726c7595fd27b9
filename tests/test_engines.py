"""Both engines give the same at every stage: for corpora, for random texts, rules and entries, for hostile texts."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable
from functools import cache
from itertools import islice, product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from makers import needs_core, rule_of
from properties import examples, share
from random_texts import Texts
from ruletag import Tagger
from ruletag.core.chunks import fold_in_chunks
from ruletag.core.engine import Core
from ruletag.decided import Resolved
from ruletag.fold import BREAK, Folded, fold
from ruletag.model import LABELS, Entry, Source
from ruletag.pattern import PatternError
from ruletag.plaintext import PlainText
from ruletag.rules import Rule, Veto
from ruletag.tokens import tokens_of
from stages import Pair, difference, pair_of, pair_over
from test_lexicon_properties import cases
from test_matcher_properties import ATOMS, ENTRIES, ENTRY_VALUES, Naive, node, pattern, texts

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
from texts import HOSTILE

SHARED = Path(__file__).parents[2] / "shared"
pytestmark = needs_core


def differences(pair: Pair, inputs: Iterable[str]) -> list[tuple[str, str]]:
    """The texts for which the engines differ, each with the first stage in which they do."""
    return [(text, unlike) for text in inputs if (unlike := difference(pair, text))]


@pytest.fixture(scope="module")
def pairs(taggers: list[Tagger]) -> list[Pair]:
    """Both engines over what ships, under `canonical` and `seed`."""
    return [pair_over(tagger.knowledge) for tagger in taggers]


@pytest.mark.parametrize("guideline", [0, 1], ids=["canonical", "seed"])
def test_random_texts(pairs: list[Pair], guideline: int) -> None:
    """1,500 random texts for each guideline."""
    source = Texts(pairs[0].plain, seed=11 + guideline)
    assert differences(pairs[guideline], (source.next() for _ in range(1500))) == []


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared documents beside the checkout")
@pytest.mark.parametrize("guideline", [0, 1], ids=["canonical", "seed"])
def test_corpora(pairs: list[Pair], guideline: int) -> None:
    """The seeds as they are written, and the text of every document of the corpora."""
    seeds = [path.read_text(encoding="utf-8") for path in sorted((SHARED / "seeds").glob("*.txt"))]
    for path in sorted((SHARED / "corpora").glob("*.jsonl")):
        seeds += [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(seeds) > 1000
    assert differences(pairs[guideline], seeds) == []


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_texts(pairs: list[Pair], kind: str) -> None:
    """The beginning of each text that is made to be slow, and one that breaks off inside a word."""
    text = HOSTILE[kind](pairs[0].plain)
    assert differences(pairs[0], [text[:1500], text[:701], text[1:502]]) == []


BESIDE = ["", "", "Cap", "<title>", "@PER", "le", "(Cap | <LOC>)", '","', "<demonym>&Cap", "lower lower?", "@LOC&Upper"]
SEEING = ["@PER [ Cap ]", "[ Cap ] @LOC", "[ @PER (de @LOC)? ]", "le [ @LOC&Cap Word? ]", "<title> !@PER [ Cap ]"]
PARTED = ["title:( <title> ) [ Cap+ ]", "[ Cap ordinal:( Ordinal )? ] roi", "det:( le )? [ quote:( <LOC> ) Cap? ]"]


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    """One to five rules of random patterns, stages, priorities and labels, each with something beside it or not."""
    made = []
    for number in range(draw(st.integers(1, 5))):
        written = draw(st.one_of(pattern, pattern, st.sampled_from(SEEING), st.sampled_from(PARTED)))
        try:
            rule = rule_of(
                written,
                *([draw(pattern)] if draw(st.booleans()) else []),
                id=f"r{number}",
                label=draw(st.sampled_from(LABELS)),
                before=draw(st.sampled_from(BESIDE) | node),
                after=draw(st.sampled_from(BESIDE) | node),
                stage=draw(st.integers(1, 3)),
                priority=draw(st.sampled_from([0, 0, 0, -1, 2])),
                classes=ENTRIES,
                line=number // 2,
            )
        except PatternError:  # nothing rare in it
            continue
        made.append(rule)
    assume(made)
    return tuple(made)


AMBIGUOUS = Entry("Roi", "PER", Source("entry", "Roi", "a.yaml", 3), ambiguous=True, id="Q3")
PERSON = Entry("Jean-Luc Paul", "PER", Source("entry", "Jean-Luc Paul", "a.yaml", 4), surname="Paul", id="Q4")


@st.composite
def vetoes(draw: st.DrawFn) -> list[Veto]:
    """Some surfaces that are never names, of a label or of none, beside something or anywhere, some of them twice."""
    made = []
    for line in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(["Paul", "Jean-Luc", "PARIS", "roi", "Roi Paul", "O.N.U.", "d'état", "Paris"]))
        context = rule_of(
            "[ Cap ]", before=draw(st.sampled_from(BESIDE)), after=draw(st.sampled_from(BESIDE)), classes=ENTRIES
        )
        source = Source("veto", name, "rules/never.yaml", line)
        made.append(Veto(name, source, draw(st.sampled_from(["", *LABELS])), context.before, context.after))
    return made


@pytest.mark.slow
@given(rules(), vetoes(), st.lists(texts, min_size=2, max_size=6))
@examples(150)
def test_random_rules(
    made: tuple[Rule, ...], never: list[Veto], written: list[tuple[list[str], frozenset[int]]]
) -> None:
    """Rules of random patterns, several stages and priorities, and vetoes, on texts of the words that they ask for."""
    inputs = [Naive(*arguments).text for arguments in written]
    pair = pair_of((*ENTRY_VALUES, AMBIGUOUS, PERSON), made, [b"paul", b"roi"], never)
    assert differences(pair, [*inputs, " ".join(inputs), "\n".join(inputs), ". ".join(inputs)]) == []


def test_rules_that_ask_for_a_class_without_words() -> None:
    """A class that a rule names and no entry has meets nothing, in either engine."""
    made = [rule_of("(<title> | <none>) [ Cap ]", before="<nobody>", classes=["title", "none", "nobody"])]
    pair = pair_of([Entry("roi", "title", Source("entry", "roi"))], made)
    assert differences(pair, ["le roi Paul", "none Paul"]) == []
    assert [entity.text for entity in pair.core.tag("le roi Paul").entities] == ["Paul"]


@pytest.mark.parametrize("atom", ATOMS)
def test_one_atom(atom: str) -> None:
    """Every kind of atom as the anchor, before it and behind it, on one dense line."""
    made = []
    for number, written in enumerate((f"[ {atom} ]", f"[ {atom} <title> ]", f"[ Cap {atom} ]", f"[ Cap !{atom} ]")):
        try:
            made.append(rule_of(written, id=f"r{number}", classes=ENTRIES))
        except PatternError:
            continue
    text = (
        "Le roi de Paris, ROI « Roi » XIV 14e Paul chef d'état russe. O.N.U. J. Dr Paul 3,5 DE Roi De russe\nPaul roi"
    )
    assert differences(pair_of(ENTRY_VALUES, made), [text]) == []


def test_random_entries() -> None:
    """Entries that begin, end, hold and join each other, met in texts that write them in many ways."""
    unlike = []
    for entries, text in cases(250):
        unlike += differences(pair_of(entries), [text])
    assert unlike == []


LESSONS = [
    "Arc-en-ciel",
    "arc-en-ciel",
    "Petit",
    "le président Petit",
    "de Arc-en-ciel",
    "la Orsk",
    "Ana Orsk",
    "Ana-Lou Œhler",
    "Orsk",
    "Jean de la Tour",
    "le Président Ana Orsk",
    "ORSK",
    "d'Œhler",
    "Oehler",
]
GLUE = [" ", ", ", "-", " de ", ". ", "\n", " (", ") ", "\u00a0", "’", "\u00ad"]


@given(st.lists(st.tuples(st.sampled_from(LESSONS), st.sampled_from(GLUE)), max_size=12))
@examples(150)
def test_random_memories(pieces: list[tuple[str, str]]) -> None:
    """Names that entries and rules find, and that are met again, whole, in part, in capitals and in compounds."""
    assert differences(teaching_pair(), ["".join(map("".join, pieces))]) == []


@cache
def teaching_pair() -> Pair:
    """Entries with a family name and without, and a rule: all that teaches."""
    source = Source("entry", "Ana Orsk", "a.yaml", 1)
    entries = [
        Entry("Ana Orsk", "PER", source, surname="Orsk", id="Q1"),
        Entry("Jean de la Tour", "PER", source._replace(name="Jean de la Tour", line=2)),
        Entry("la", "particle", source._replace(name="la", line=3)),
        Entry("président", "title", source._replace(name="président", line=4)),
    ]
    rules = [
        rule_of("title:( <title> ) [ Cap Cap? ]", id="title", classes=["title"]),
        rule_of("de [ Cap ]", id="place", label="LOC", priority=-1),
    ]
    return pair_of(
        [*entries, Entry("Orsk", "LOC", source._replace(name="Orsk", line=5))], rules, [b"arc-en-ciel", b"petit"]
    )


# What the core folds by itself and what it leaves, and what stands beside it.
EDGES = [
    *"dDluxA_é7²ª中'’ʼ`  \u00a0\n.,«;#<@:/-",
    "qu",
    "Qu",
    "aqu",
    "&",
    "&amp",
    "&nbsp",
    "</",
    "www.",
    ".fr",
    ".pdf",
    ".tx",
]


def test_foldings() -> None:
    """Elided words before a space, initials, entities, addresses and what is nearly so: all is folded alike.

    The core folds some of them itself; a space behind an elided word is dropped only where a letter follows.
    """
    pair = pair_of([Entry("Alger", "LOC", Source("entry", "Alger"))])
    core = pair.core.engine_itself
    assert isinstance(core, Core)
    chance = random.Random(7)
    pieces = [[*EDGES, ""], ["", "l' ", "qu’ ", " d' "]]
    strings = ["".join(chance.choice(pieces[place == 3]) for place in range(7)) for _ in range(20_000)]
    foldings = {text: folding for text in strings if (folding := core.folding(text))}
    folded = {text: fold(text) for text in foldings}
    differ = [text for text, folding in foldings.items() if folding != _read(folded[text])]
    assert differ == []
    edited = [text for text, view in folded.items() if view.edits]
    assert (len(foldings) > 5000, len(edited) > 1000) == (True, True)
    assert [pair.core.tag("Près d' Alger").entities[0].span, differences(pair, edited[:100])] == [(8, 13, "LOC"), []]


SIGNS = [*EDGES, *"oˉ\u0301\u00ad\u200b_", "\n\n", " .", "<b>", "@mail.fr", "https://", "vice-\n", "\x85", "_a_"]


def test_foldings_in_chunks() -> None:
    """A long text is folded as a whole would be, wherever it is cut, and whoever folds a chunk."""
    core = teaching_pair().core.engine_itself
    assert isinstance(core, Core)
    chance = random.Random(11)
    words = ["Alger et", "le mont", "d' Alger", "<a href"]
    strings = [" ".join("".join(chance.choices([*words, *SIGNS], k=4)) for _ in range(9)) for _ in range(share(4000))]
    strings += ["<a href=x " + "mot " * count + "> Paris.pdf dit" for count in (90, 99, 100, 101, 130)]
    assert [text for text in strings if fold_in_chunks(text, core.folding, 1) != _read(fold(text))] == []
    assert [text for text in strings if fold_in_chunks(text, lambda _: None, 12) != _read(fold(text))] == []
    counts: list[int] = []
    text = "Le mont dit\n" * 5000
    assert fold_in_chunks(text, lambda chunk: counts.append(len(chunk)), 1000) == _read(fold(text))
    assert (sum(counts), len(counts)) == (len(text), 60)


def test_a_text_that_counts_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long text is tagged like any other, whether some place in it has to be folded or none."""
    core = teaching_pair().core
    inputs = ["le Président Ana Orsk\n\nOrsk d' Alger", "Ana  Orsk, Orsk", "Orsk", ""]
    before = [core.tag(text) for text in inputs]
    monkeypatch.setattr("ruletag.core.engine._LONG", 0)
    assert [core.tag(text) for text in inputs] == before
    assert [len(document.entities) for document in before] == [2, 2, 1, 0]


def _read(folded: Folded) -> tuple[PlainText, bytes]:
    return PlainText(folded.plain, folded.edits), folded.cased


# A character of each kind that folding, cutting and shapes tell apart.
CLASSES = "AIle1œŒß.,-' _«Ж\n"
PARAGRAPH = "\n\n"


def cut_apart(strings: Iterable[str]) -> list[tuple[str, object]]:
    """Of many strings, read as paragraphs of one text, those that the engines cut or shape differently."""
    core = teaching_pair().core._engine
    assert isinstance(core, Core)
    folded = fold(PARAGRAPH.join(strings))
    plain = [token[:3] for token in tokens_of(folded)]
    return [
        (folded.plain[one[0] - 6 : one[1] + 6], (one, two))
        for one, two in _unlike(plain, core.tokens(folded, compounds=False))
    ]


def _unlike(plain: list[tuple[int, ...]], core: list[tuple[int, ...]]) -> list[tuple[tuple[int, ...], object]]:
    unlike: list[tuple[tuple[int, ...], object]] = [
        (one, two) for one, two in zip(plain, core, strict=False) if one != two
    ]
    return unlike[:3] + ([(plain[-1], "other lengths")] if len(plain) != len(core) else [])


@pytest.mark.slow
def test_all_short_strings() -> None:
    """Every string of up to four characters of all kinds is cut into the same tokens of the same shapes."""
    strings = ("".join(chars) for length in range(1, 5) for chars in product(CLASSES, repeat=length))
    while batch := list(islice(strings, 20_000)):
        assert cut_apart(batch) == []


ENDINGS = [
    "ique",
    "ales",
    "aux",
    "el",
    "elles",
    "aires",
    "ifs",
    "ive",
    "ien",
    "iennes",
    "istes",
    "ier",
    "iers",
    "iere",
    "ieres",
    "e",
    "er",
    "re",
    "es",
    "eme",
    "emes",
    "ere",
    "nd",
    "nde",
]
STEMS = ["", "a", "ab", "prem", "dern", "aprem", "a-b", "b-", "é", "œu", "1", "12", "L", "I", "X", "XX", "XLIX", "A1"]


def test_shapes_of_words() -> None:
    """Words that end as adjectives and ordinals do, and all numerals, initials and acronyms up to a length."""
    strings = [stem + ending + rest for stem in STEMS for ending in ENDINGS for rest in ("", "-", "'a", "x")]
    strings += [
        "".join(chars) + rest for size in range(1, 7) for chars in product("IVXL", repeat=size) for rest in ("", "e")
    ]
    strings += ["".join(chars) for size in range(1, 9) for chars in product("A1-", repeat=size)]
    strings += ["".join(chars) for size in range(1, 9) for chars in product(("A.", "-", "b"), repeat=size)]
    strings += [
        article + word for article in ("al-", "ould-", "aa-", "Al-") for word in ("Assad", "assad", "A1b", "ASSAD")
    ]
    strings += [unit * count for unit in ("A.", "A.-", "1,", "1-", "a-", "AB", "A-") for count in (63, 64, 65, 66, 130)]
    assert cut_apart(strings) == []


def test_a_difference_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage that one engine gets wrong is named; if there is none, nothing is."""
    pair, text = teaching_pair(), "Le président Ana Orsk et Orsk-Orsk, Orsk."
    assert difference(pair, text) == ""
    wrong = {
        "folding": lambda value: (value[0], BREAK),
        "tokens": lambda value: value[1:],
        "hits": lambda value: value[1:],
        "candidates": lambda value: value[1:],
        "decide": lambda decided: Resolved(text, decided.plain, decided.winners),
    }
    messages = []
    for method, change in wrong.items():
        with monkeypatch.context() as patch:
            right = getattr(Core, method)
            patch.setattr(
                Core, method, lambda self, *a, _right=right, _change=change, **more: _change(_right(self, *a, **more))
            )
            messages.append(difference(pair, text).split(":")[0].split(",")[0])
    assert messages == ["folding", "tokens", "hits", "candidates", "losers"]
