"""Suggestions from corrections, computed by hand: each kind, its measures, its risk, and which help together."""

from __future__ import annotations

import pytest

from makers import NAMES, rule_of, tagger_of
from ruletag import Tagger
from ruletag.model import Document, Entity
from ruletag.suggest.session import Session
from ruletag.suggest.weigh import Scale, Suggestion, accept
from test_overlay import entry

RULES = [rule_of("title:( <title> ) [ Cap ]", id="per.title", classes=["title"], line=1)]
ENTRIES = [entry("ministre", "title", 1), entry("Chine", "LOC", 1), entry("Orsk", "LOC", 2), entry("Mir", "PER", 1)]
COMMON = [b"porte", b"zed", b"patron"]


def gold(id: str, text: str, *names: tuple[str, str]) -> Document:
    """A corrected document."""
    places = [(text.index(surface), surface, label) for surface, label in names]
    spans = tuple(Entity(start, start + len(surface), label, surface) for start, surface, label in places)
    return Document(text, spans, id=id, annotated=True)


CORRECTED = [
    gold("a", "Abers recrute.", ("Abers", "ORG")),
    gold("b", "Abers et Orsk.", ("Abers", "ORG"), ("Orsk", "ORG")),
    gold("c", "La Chine dort, dit Orsk.", ("Orsk", "ORG")),
    gold("d", "La Chine joue. Le ministre Porte vient."),
    gold("e", "Le ministre Porte sort. Le ministre Ada vient.", ("Ada", "PER")),
    gold("f", "Le patron du port. Le patron Rol dort.", ("Rol", "PER")),
    gold("g", "Mir.", ("Mir", "PER")),
]
PILE = [Document(text) for text in ("Abers, Abers. Le patron Jud.", "La Chine. Orsk.", "Le ministre Porte.", "x")]


def session_of(name: str = "plain") -> Session:
    tagger: Tagger = tagger_of(ENTRIES, RULES, common=COMMON, engine=name)
    return Session.of(tagger, CORRECTED, PILE)


def row_of(one: Suggestion) -> tuple[object, ...]:
    gain, reach = one.gain, one.reach
    return (
        (one.proposal.kind, one.proposal.key, one.proposal.name, [*map(str, one.proposal.corrections)]),
        (gain.right, gain.lost, gain.wrong, gain.fixed),
        (reach.new, reach.gone, reach.relabelled, reach.documents),
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_kind(name: str) -> None:
    """Names missed, mislabelled, found by a rule alone, wrong as an entry, wrong by a rule, or lacking a class word."""
    assert sorted(map(row_of, session_of(name).suggestions), key=lambda one: one[0][:3]) == [
        (("ambiguous", "LOC", "Chine", ["c:3", "d:3"]), (0, 0, 0, 2), (0, 1, 0, 1)),
        (("ambiguous", "LOC", "Orsk", ["b:9", "c:19"]), (0, 0, 0, 2), (0, 1, 0, 1)),
        (("class", "title", "patron", ["f:29"]), (1, 0, 0, 0), (1, 0, 0, 1)),
        (("entry", "ORG", "Abers", ["a:0", "b:0"]), (2, 0, 0, 0), (2, 0, 0, 1)),
        (("entry", "PER", "Rol", ["f:29"]), (1, 0, 0, 0), (0, 0, 0, 0)),
        (("not", "PER", "Porte", ["d:27", "e:12"]), (0, 0, 0, 2), (0, 1, 0, 1)),
        (("relabel", "ORG", "Orsk", ["b:9", "c:19"]), (2, 0, 0, 2), (0, 0, 1, 1)),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_a_rule_finds_is_suggested_if_an_entry_changes_something(name: str) -> None:
    """*Ada* is found after *ministre*; an entry for it is suggested only where texts have it without *ministre*."""
    tagger = tagger_of(ENTRIES, RULES, common=COMMON, engine=name)
    corrected = [gold("e", "Le ministre Ada vient.", ("Ada", "PER"))]
    assert Session.of(tagger, corrected, [Document("Le ministre Ada dort.")]).suggestions == []
    session = Session.of(tagger, corrected, [Document("Voir Ada."), Document("Le ministre Ada dort.")])
    assert [*map(row_of, session.suggestions)] == [(("seen", "PER", "Ada", ["e:12"]), (0, 0, 0, 0), (1, 0, 0, 1))]
    assert (session.proposed, session.idle) == (1, 0)


CLASSES = [
    rule_of("<title> [ Cap ]", id="per.title", classes=["title", "kin", "trade"], line=1),
    rule_of("<kin> [ Cap ]", id="per.kin", classes=["title", "kin", "trade"], line=2),
    rule_of("<trade> [ Cap{2} ]", id="per.trade", classes=["title", "kin", "trade"], line=3),
]
TITLES = [entry("ministre", "title", 1), entry("oncle", "kin", 1), entry("tante", "kin", 2), entry("juge", "trade", 1)]


@pytest.mark.parametrize("name", NAMES)
def test_one_class_for_each_word(name: str) -> None:
    """Of two classes with the same gain the one that has more words is left, and names the other; a class that finds
    more names is left too."""
    tagger = tagger_of(TITLES, CLASSES, common=COMMON, engine=name)
    one_word = gold("a", "Le patron Rol dort.", ("Rol", "PER"))
    two_words = gold("b", "Un patron Ada Bo rit.", ("Ada Bo", "PER"))

    def classes(*corrected: Document) -> list[tuple[str, str, tuple[str, ...]]]:
        suggestions = Session.of(tagger, corrected).suggestions
        words = [suggestion for suggestion in suggestions if suggestion.proposal.kind == "class"]
        return [(one.proposal.name, one.proposal.key, one.alternatives) for one in words]

    assert classes(one_word) == [("patron", "kin", ("title",))]
    assert classes(one_word, two_words) == [("patron", "trade", ("title",)), ("patron", "kin", ())]


BESIDE = [
    gold("a", "Le ministre Ada vient.", ("Ada", "PER")),
    gold("b", "Le ministre Ada vient.", ("Ada", "PER")),
    gold("c", "Au port du ministre Ada part un bateau. Le ministre Zed rit.", ("Zed", "PER")),
    gold("d", "Le ministre Ada part en mer. Le ministre Zed part.", ("Zed", "PER")),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_word_beside_which_a_rule_is_wrong(name: str) -> None:
    """A name that is right elsewhere is none beside a word, unless the rule finds a right one beside that, too."""
    tagger = tagger_of(ENTRIES, RULES, common=COMMON, engine=name)
    corrected = [document for document in BESIDE if document.id != "d"]
    more = gold("e", "Le ministre Ada part en mer.")
    pile = [Document("Un ministre Ada part. Un ministre Ada rit."), Document("Le ministre Bo part.")]
    suggestions = Session.of(tagger, [*corrected, more], pile).suggestions
    assert [row_of(suggestion) for suggestion in suggestions if suggestion.proposal.kind == "unless"] == [
        (("unless", "per.title", "… part", ["c:20", "e:12"]), (0, 0, 0, 2), (0, 1, 0, 1))
    ]
    assert [
        suggestion
        for suggestion in Session.of(tagger, BESIDE, pile).suggestions
        if suggestion.proposal.kind == "unless"
    ] == []


def test_function_words_are_no_reason() -> None:
    """A word that opens sentences, a determiner, and a word of one sense only beside others: none becomes a word of a
    class, alone or at the edge of others, and none becomes a name."""
    entries = [*ENTRIES, entry("que", "opener", 1), entry("chez", "opener", 2), entry("leur", "determiner", 1)]
    tagger = tagger_of(entries, RULES, common=COMMON, engine="plain")
    corrected = [
        gold("a", "On dit que Rol dort. Chez Jud on rit. Leur Bo dort.", ("Rol", "PER"), ("Jud", "PER"), ("Bo", "PER")),
        gold("b", "Que dort. Un patron Ada.", ("Que", "PER"), ("Ada", "PER")),
    ]
    assert [suggestion.proposal.order[1:] for suggestion in Session.of(tagger, corrected).suggestions] == [
        ("PER", "Ada"),
        ("PER", "Bo"),
        ("PER", "Jud"),
        ("PER", "Rol"),
        ("title", "patron"),
    ]


def test_what_is_ticked_and_why_not() -> None:
    """A suggestion without reach is not ticked; a person's name of one word that was seen once is risky."""
    ticks = {
        suggestion.proposal.name + "/" + suggestion.proposal.kind: (suggestion.ticked, suggestion.risk)
        for suggestion in session_of().suggestions
    }
    assert ticks == {
        "Abers/entry": (True, ""),
        "Chine/ambiguous": (True, ""),
        "Orsk/ambiguous": (True, ""),
        "Orsk/relabel": (True, ""),
        "Porte/not": (True, ""),
        "patron/class": (False, "class"),
        "Rol/entry": (False, "one-word"),
    }


def test_what_helps_no_more_is_dropped() -> None:
    """The greatest gain first: once a name has moved, that it is ambiguous changes nothing."""
    session = session_of()
    ticked, dropped = session.ticked
    assert [suggestion.proposal.name for suggestion in ticked] == ["Orsk", "Abers", "Chine", "Porte"]
    assert [(suggestion.proposal.kind, suggestion.proposal.name) for suggestion in dropped] == [("ambiguous", "Orsk")]
    scale = Scale(session.overlay, session.pairs)
    before = scale.counts.f1
    gained = [suggestion.gain.f1 for suggestion in accept(scale, session.suggestions)[0]]
    assert all(gain >= 0 for gain in gained)
    assert scale.counts.f1 == pytest.approx(before + sum(gained))


def test_the_same_twice() -> None:
    """Two sessions say the same, whatever the order of the pile."""
    one, other = (session_of().suggestions for _ in range(2))
    assert [*map(row_of, one)] == [*map(row_of, other)]
    turned = Session.of(tagger_of(ENTRIES, RULES, common=COMMON, engine="plain"), CORRECTED, PILE[::-1]).suggestions
    assert [*map(row_of, turned)] == [*map(row_of, one)]
