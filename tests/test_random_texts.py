"""The promises of tagging, kept for random texts and for texts that end and begin everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import random_texts
from makers import needs_core
from random_texts import Texts, broken, shrink
from ruletag import Tagger
from ruletag.core.engine import Core
from ruletag.model import Document, Entity, Source

CORPORA = Path(__file__).parents[2] / "shared" / "corpora"
DENSE = [
    "Le Président russe Vladimir Poutine, M. Xi et Mme d'Aubrac (ONU) ont vu l'Union européenne à Saint-Denis.",
    "Le Dr. Marie-Ève Dupont-Durand, J.-P. Sartre et S.E.M. Li lisent Yahoo!, Canal+ et « Le Monde » : l'après-Macron.",
    "L'Initiative « la Ceinture et la Route », le XXe Congrès, la COVID-19 et les Jeux Olympiques d'hiver de Beijing.",
    "Le Traité de pêche Chine-Russie, signé à Téhéran-Bagdad-Damas par l'O.N.U. et les États-Unis–Arabie saoudite.",
    "E\u0301ric\u00a0Zemmour\r\net  le\u200b Co\u0302te d’Ivoire\n\nEn marche ! Vélib' n° 3,5 d'",
]


def test_random_texts(taggers: list[Tagger]) -> None:
    """5,000 random texts keep every promise, under both guidelines."""
    texts = Texts(taggers[0], seed=1)
    failures = []
    for _ in range(5000):
        text = texts.next()
        failures += [(loaded.guideline.name, text, wrong) for loaded in taggers if (wrong := broken(loaded.tag, text))]
    assert failures == []


def test_what_was_tagged_before_changes_nothing(taggers: list[Tagger]) -> None:
    """Texts in the opposite order give the same documents, whatever the tagger has seen before."""
    texts = Texts(taggers[0], seed=2)
    sample = [texts.next() for _ in range(300)]
    documents = [taggers[0].tag(text) for text in sample]
    other = Tagger.load(engine="plain")
    assert [other.tag(text) for text in reversed(sample)] == documents[::-1]


def test_texts_that_end_and_begin_anywhere(taggers: list[Tagger]) -> None:
    """Every beginning and every end of dense texts keeps every promise: a text may stop inside a word or a cluster."""
    pieces = [piece for text in DENSE for at in range(len(text) + 1) for piece in (text[:at], text[at:])]
    assert [(loaded.guideline.name, piece) for loaded in taggers for piece in pieces if broken(loaded.tag, piece)] == []


def test_every_shipped_surface_ends_a_text(taggers: list[Tagger]) -> None:
    """A text may be nothing but a surface, and may end or begin in what is left of a surface without its mark."""
    surfaces = sorted({entry.surface for entry in taggers[0].entries})
    for surface in surfaces:
        assert taggers[0].tag(surface).text == surface
    marked = [surface for surface in surfaces if not (surface[0].isalnum() and surface[-1].isalnum())]
    cores = {core for surface in marked for core in (surface, surface.strip(" .!?'&+#)("), surface[:-1], surface[1:])}
    assert {"Google", "Yahoo", "Dr", "Mme", "Vélib", "En marche"} <= cores
    texts = [text for core in sorted(cores) for text in (core, f"Avec {core}", f"{core} dit", f"« {core}", f"-{core}")]
    assert [(loaded.guideline.name, text) for loaded in taggers for text in texts if broken(loaded.tag, text)] == []


@pytest.mark.shared
@pytest.mark.skipif(not CORPORA.is_dir(), reason="needs the shared corpora beside the checkout")
def test_sentences_without_their_full_stop(tagger: Tagger) -> None:
    """The sentences of the open corpora, the full stop cut off, keep every promise."""
    sentences = sorted(
        {
            sentence.strip()
            for path in CORPORA.glob("*.jsonl")
            for line in path.read_text(encoding="utf-8").splitlines()
            for sentence in re.findall(r"[^.\n]+(?=\.)", json.loads(line)["text"])
        }
    )
    assert len(sentences) > 4000
    assert [sentence for sentence in sentences if broken(tagger.tag, sentence)] == []


GOLD = Source("entry", "Mali")


def document(text: str, *entities: tuple[int, int, str]) -> Document:
    return Document(text, tuple(Entity(start, end, "LOC", surface, GOLD) for start, end, surface in entities))


def unchecked(text: str, *entities: tuple[int, int, str]) -> SimpleNamespace:
    """A document that does not look at its entities, as the real one does."""
    made = [SimpleNamespace(start=start, end=end, text=surface) for start, end, surface in entities]
    return SimpleNamespace(text=text, entities=made, alternatives=[])


def mali(text: str) -> Document:
    """A sound tagging of every *Mali*."""
    return document(text, *((match.start(), match.end(), "Mali") for match in re.finditer("Mali", text)))


def test_a_sound_tagging_keeps_the_promises() -> None:
    """Correct documents are not reported."""
    assert broken(mali, "Le Mali et le Mali") == ""


def test_each_promise_can_be_broken() -> None:
    """An exception, another text, wrong surfaces, another answer the second time, another at the end of a line."""
    turns = iter(range(9))
    ways = {
        "IndexError: list index out of range": lambda text: mali([][0]),
        "the text of the document is not the text": lambda text: mali(text.lower()),
        "an entity does not stand where its offsets say, 0:4": lambda text: unchecked(text, (0, 4, "Mali")),
        "entities overlap, are out of order, or out of the text at 5:7": lambda text: unchecked(
            text, (3, 7, "Mali"), (5, 7, "li")
        ),
        "the second time gives another document": lambda text: mali(text) if next(turns) else document(text),
        "line breaks around the text change its entities": lambda text: (
            mali(text) if "\n" not in text else document(text)
        ),
    }
    assert {wrong: broken(tag, "Le Mali") for wrong, tag in ways.items()} == {wrong: wrong for wrong in ways}


def test_random_texts_are_repeatable(tagger: Tagger) -> None:
    """One seed gives the same texts, another seed other ones."""
    draws = [[texts.next() for _ in range(50)] for texts in (Texts(tagger, 1), Texts(tagger, 1), Texts(tagger, 2))]
    assert (draws[0] == draws[1], draws[0] == draws[2]) == (True, False)


def test_shrink() -> None:
    """A failing text is reduced until nothing more can be removed."""
    assert shrink("un long texte avec Yahoo au milieu", lambda text: "Y" in text and "o" in text[2:]) == "Yao"


@needs_core
@pytest.mark.slow
def test_the_long_form_prints_what_fails(taggers, monkeypatch, capsys) -> None:
    """It prints each failing text, cut down, says how many, and exits 1; what differs is named by its stage."""
    monkeypatch.setattr(Tagger, "load_each", lambda guidelines, engine="": taggers)
    assert random_texts.main(["--texts", "3", "--seed", "4"]) == 0
    assert capsys.readouterr().out == "3 texts (seed 4), 0 failures\n"
    tag, tokens = Tagger.tag, Core.tokens
    monkeypatch.setattr(Texts, "next", lambda self: "un mot")
    with monkeypatch.context() as patch:
        patch.setattr(Core, "tokens", lambda self, folded, **how: tokens(self, folded, **how)[1:])
        assert random_texts.main(["--texts", "1", "--seed", "4"]) == 1
    fault = "tokens, compounds=True: at 0 plain [(0, 1, 516)], core []\n  't'\n"
    assert capsys.readouterr().out == f"canonical: {fault}seed: {fault}1 texts (seed 4), 2 failures\n"
    monkeypatch.setattr(Tagger, "tag", lambda self, text: tag(self, text) if text else [][0])
    monkeypatch.setattr(Texts, "next", lambda self: "")
    assert random_texts.main(["--texts", "1", "--seed", "4"]) == 1
    fault = "IndexError: list index out of range\n  ''\n"
    assert capsys.readouterr().out == f"canonical: {fault}seed: {fault}1 texts (seed 4), 2 failures\n"
