"""The whole chain: exact offsets for any text, the same bytes for any engine and hash seed, explanations."""

import gc
import os
import subprocess
import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ruletag
from ruletag import Explanation, RuletagError, Tagger, markup
from ruletag.gazetteer import _read_file
from ruletag.guideline import load_guideline
from ruletag.model import Alternative, Entity, Entry, Part, Source
from ruletag.rules import load_rules
from ruletag.sources import SourceFile

FILES = {
    "gazetteers/lieux.yaml": """label: LOC
entries:
  - Côte d'Ivoire
  - États-Unis
  - Mali
  - {name: Chine, id: Q148}
  - {name: Orange, ambiguous: true}
  - Washington
""",
    "gazetteers/gens.yaml": """label: PER
entries:
  - {name: Xi Jinping, surname: Xi}
  - Washington
""",
    "gazetteers/organisations.yaml": """label: ORG
entries:
  - {name: Organisation de coopération de Shanghai, acronym: OCS}
  - Mali
""",
    "gazetteers/titres.yaml": "class: title\nentries: [président, première ministre]\n",
    "rules/gens.yaml": """macros:
  Nom: "Cap (de? Cap){0,3}"
rules:
  - id: per.titre
    label: PER
    why: Un titre annonce une personne.
    match: "title:( <title> ) [ $Nom ]"
    unless: {after: "\\",\\""}
    examples: ["Le président [Paul](PER) dort.", "Le président dort."]
  - id: loc.a
    label: LOC
    why: On est à un lieu.
    match: "à [ <LOC> ]"
    examples: ["Il vit à [Orange](LOC).", "Une Orange."]
  - id: org.sigle
    label: ORG
    why: Un sigle est une organisation.
    match: "[ Acronym ]"
    priority: -1
    examples: ["L'[OTX](ORG) vote.", "Otx vote."]
""",
}


def write(folder, names=FILES):
    for name, text in names.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of gazetteers and rules, small enough to be read in full above."""
    return write(tmp_path_factory.mktemp("petit"))


def small_entries(folder, names):
    """The entries of some files: `load_gazetteers` would read the shipped word classes besides, and take its time."""
    files = [SourceFile(folder / name, name) for name in names]
    return [entry for file in files for entry in _read_file(file)]


def small_tagger(folder, **more):
    entries = small_entries(folder, [name for name in FILES if name.startswith("gazetteers")])
    rules = load_rules(folder / "rules", classes=frozenset(entry.key for entry in entries if not entry.is_label))
    return Tagger(entries, rules.rules, load_guideline("canonical"), **more)


@pytest.fixture(scope="module")
def small(folder):
    return small_tagger(folder)


def marked(tagger, text):
    return markup.render(tagger.tag(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\t", " \n\t"),
        ("Il vit au Mali.", "Il vit au [Mali](LOC)."),
        ("l'Orange.", "l'Orange."),
        ("à Orange, l'Orange", "à [Orange](LOC), l'[Orange](LOC)"),
        ("Xi Jinping puis Xi.", "[Xi Jinping](PER) puis [Xi](PER)."),
        ("La Première Ministre Anne de Brissac", "La Première Ministre [Anne de Brissac](PER)"),
        ("Le président Paul, dit-il", "Le président Paul, dit-il"),
        (
            "L'Organisation de Coopération de Shanghai ou OCS",
            "L'[Organisation de Coopération de Shanghai](ORG) ou [OCS](ORG)",
        ),
        ("L'ABC et l'OCS", "L'[ABC](ORG) et l'[OCS](ORG)"),
        # as texts come
        ("Le président\r\nPaul de Roi\r\nMali\r\n", "Le président\r\nPaul de Roi\r\n[Mali](LOC)\r\n"),
        ("Le président  Paul\r\nà  Orange\r\n", "Le président  [Paul](PER)\r\nà  [Orange](LOC)\r\n"),
        (
            "La Co\u0302te\u00a0d’Ivoire et les E\u0301tats‑Unis",
            "La [Co\u0302te\u00a0d’Ivoire](LOC) et les [E\u0301tats‑Unis](LOC)",
        ),
        ("Le pre\u0301sident E\u0301mile", "Le pre\u0301sident [E\u0301mile](PER)"),
        (
            "\U0001f1f2\U0001f1f1 Mali \U0001f468\u200d\U0001f469 İ Chine",
            "\U0001f1f2\U0001f1f1 [Mali](LOC) \U0001f468\u200d\U0001f469 İ [Chine](LOC)",
        ),
        ("ETATS-UNIS, ÉTATS-UNIS, Etats-Unis", "[ETATS-UNIS](LOC), [ÉTATS-UNIS](LOC), [Etats-Unis](LOC)"),
        ("«Mali» “Chine” l’Iran, Malien, Malié", "«[Mali](LOC)» “[Chine](LOC)” l’Iran, Malien, Malié"),
        ("Côte\nd'Ivoire", "[Côte\nd'Ivoire](LOC)"),
        ("Côte\n d'Ivoire", "[Côte\n d'Ivoire](LOC)"),
        ("Côte \nd'Ivoire", "[Côte \nd'Ivoire](LOC)"),
        ("Côte\t\r\n\u00a0d'Ivoire", "[Côte\t\r\n\u00a0d'Ivoire](LOC)"),
        ("Côte\n\nd'Ivoire, Côte \n \n d'Ivoire", "Côte\n\nd'Ivoire, Côte \n \n d'Ivoire"),
    ],
)
def test_tag(small, text, expected):
    """A text comes back as it was, with its names at their exact places."""
    assert marked(small, text) == expected
    assert small.tag(text).text == text


def test_document_in_full(small, folder):
    """An entity says who made it, where that is written, what was near it; losers say why they lost."""
    text = "Le président Washington à Mali"
    person = Source("entry", "Washington", "gazetteers/gens.yaml", 4)
    place = Source("entry", "Washington", "gazetteers/lieux.yaml", 8)
    title = Source("rule", "per.titre", "rules/gens.yaml", 4)
    here = Source("rule", "loc.a", "rules/gens.yaml", 10)
    mali = [
        Source("entry", "Mali", f"gazetteers/{name}.yaml", line) for name, line in (("lieux", 5), ("organisations", 4))
    ]
    document = small_tagger(folder, memory=False).tag(text)
    assert document.entities == (
        Entity(13, 23, "PER", "Washington", title, parts=(Part("title", 3, 12),), anchor=Part("<title>", 3, 12)),
        Entity(26, 30, "LOC", "Mali", mali[0]),
    )
    assert sorted(document.alternatives, key=lambda alternative: (alternative.start, str(alternative.source))) == [
        Alternative(
            13,
            23,
            "PER",
            "Washington",
            person,
            "a rule with an entry goes before an entry and says the same",
            (13, 23, "PER"),
        ),
        Alternative(13, 23, "LOC", "Washington", place, "a rule with an entry goes before an entry", (13, 23, "PER")),
        Alternative(26, 30, "ORG", "Mali", mali[1], "stands later in the order of sources", (26, 30, "LOC")),
    ]
    assert [str(source) for source in (person, here)] == [
        "Washington (gazetteers/gens.yaml:4)",
        "loc.a (rules/gens.yaml:10)",
    ]


def test_sources_are_shown_without_the_way_to_the_folder(tagger):
    """A source reads `name (folder/file:line)`, whatever folder the knowledge lies in."""
    document = tagger.tag("Le Président Zorglub Vandamme a reçu M. Vandenbrouck.")
    shown = [str(entity.source) for entity in document.entities]
    places = {rule.id: rule.source.line for rule in tagger.matcher.rules}
    assert shown == [f"{name} (rules/per.yaml:{places[name]})" for name in ("per.title-name", "per.civility-name")]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_one_surface_under_several_labels(order):
    """A surface under several labels resolves by the order of files and lines, wherever and whenever they were read."""
    source = [Source("entry", "Mali", f"gazetteers/{name}.yaml", 3) for name in ("a", "b", "b")]
    entries = [
        Entry("Mali", label, one._replace(line=line))
        for label, one, line in zip(("ORG", "LOC", "PER"), source, (3, 1, 2), strict=True)
    ]
    tagger = Tagger([entries[index] for index in order], [], load_guideline("canonical"), memory=False)
    document = tagger.tag("Mali et Mali")
    assert markup.render(document) == "[Mali](ORG) et [Mali](ORG)"
    assert [(loser.start, loser.label) for loser in document.alternatives] == [
        (0, "LOC"),
        (0, "PER"),
        (8, "LOC"),
        (8, "PER"),
    ]


def test_the_longest_name_wins_whatever_its_file(small):
    """Length goes before the order of files; the shorter name inside is kept as an alternative."""
    entries = [Entry("Ivoire", "PER", Source("entry", "Ivoire", "a.yaml", 1)), *small.entries]
    assert marked(Tagger(entries, [], small.guideline), "la Côte d'Ivoire") == "la [Côte d'Ivoire](LOC)"


WORDS = st.sampled_from(
    [
        "Xi Jinping",
        "Xi",
        "président",
        "Paul",
        "de",
        "Mali",
        "Malié",
        "Côte",
        "d’",
        "Ivoire",
        "OCS",
        "à",
        "Orange",
        "É",
        "E\u0301",
        "œ",
    ]
)
GAPS = st.sampled_from(
    [
        " ",
        "  ",
        "\u00a0",
        "\n",
        "\r\n",
        "\u200b",
        "'",
        "’",
        "-",
        "\u2011",
        ", ",
        " « ",
        "\U0001f1eb\U0001f1f7",
        "İ",
        "\t",
    ]
)
TEXTS = st.one_of(st.text(max_size=30), st.lists(st.one_of(WORDS, GAPS, st.characters()), max_size=20).map("".join))


@pytest.fixture(scope="module")
def flash(folder):
    return small_tagger(folder, engine="flashtext")


@given(text=TEXTS)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_any_text(small, flash, text):
    """For any text the surfaces are where their offsets say, and both engines give the same document."""
    document = small.tag(text)
    assert document.text == text
    assert [text[entity.start : entity.end] for entity in document.entities] == [e.text for e in document.entities]
    assert flash.tag(text) == document


@given(text=TEXTS)
@settings(derandomize=True, max_examples=20, deadline=None)
def test_any_text_with_what_ships(seed_tagger, text):
    """So they are with what ships, under a guideline that moves borders."""
    entities = seed_tagger.explain(text).document.entities
    assert [text[entity.start : entity.end] for entity in entities] == [entity.text for entity in entities]


def test_pipe(small):
    """`pipe` asks for a text when its document is asked for, and gives what `tag` gives."""
    asked = []

    def texts():
        for text in ("Mali", "Chine"):
            asked.append(text)
            yield text

    documents = small.pipe(texts())
    assert asked == []
    assert (next(documents), asked) == (small.tag("Mali"), ["Mali"])
    assert (list(documents), asked) == ([small.tag("Chine")], ["Mali", "Chine"])


def test_examine(small):
    """A rule by itself: no entries, no memory, no guideline; but it sees what earlier stages found."""
    rules = {rule.id: rule for rule in small.matcher.rules}
    text = "Le président Xi Jinping à Mali, à Orange. Xi !"
    assert (
        markup.render(small.examine(text, rules["loc.a"]))
        == "Le président Xi Jinping à [Mali](LOC), à [Orange](LOC). Xi !"
    )
    assert (
        markup.render(small.examine(text, rules["per.titre"]))
        == "Le président [Xi Jinping](PER) à Mali, à Orange. Xi !"
    )
    assert markup.render(small.examine(text, replace(rules["org.sigle"], label="MISC"))) == text


def test_explain(small):
    """What was tagged, the ambiguous entries that nobody asked for, and the rules that nearly matched."""
    text = "\u00e9\u0301 Orange ! Le président  Paul, à Mali, président."
    explanation = small.explain(text)
    assert explanation.document == small.tag(text)
    first = text.index("Orange")
    source = Source("entry", "Orange", "gazetteers/lieux.yaml", 7)
    assert explanation.unused == (Entity(first, first + 6, "LOC", "Orange", source),)
    title, last = text.index("président"), text.rindex("président")
    assert [(miss.rule.id, miss.anchor, miss.offset, miss.wanted) for miss in explanation.near_misses] == [
        ("loc.a", Part("<LOC>", first, first + 6), first, "à"),
        ("per.titre", Part("<title>", title, title + 9), text.index("Paul,") + 4, "silent: `unless after` holds"),
        ("per.titre", Part("<title>", last, last + 9), last + 9, "Cap"),
    ]


def test_explain_nothing(small):
    """Nothing to explain is no fault."""
    assert small.explain("") == Explanation(small.tag(""), (), (), small.guideline.name)


def test_muted_rules_are_not_searched(small):
    """A muted rule makes no candidates, so none that lost either."""
    muted = replace(small.guideline, mute=frozenset({"per.titre"}))
    tagger = Tagger(small.entries, small.matcher.rules, muted)
    assert (marked(tagger, "Le président Paul"), tagger.tag("Le président Paul").alternatives) == (
        "Le président Paul",
        (),
    )


@pytest.mark.slow
def test_load(folder):
    """`load` takes folders, plain lists, a guideline by its path, an engine; word classes it lacks are what ships."""
    extra = {"listes/noms.txt": "Zorglub # un nom\n", "mien.yaml": "name: mien\ntitle-with-surname: keep\n"}
    write(folder, extra)
    tagger = Tagger.load(
        str(folder / "rules"),
        [folder / "gazetteers"],
        str(folder / "mien.yaml"),
        lists=[("PER", folder / "listes" / "noms.txt")],
        engine="flashtext",
        memory=False,
    )
    text = "Le Président Zorglub, le roi Zorglub et Xi, ministre de Xi Jinping; le Président Paul."
    assert marked(tagger, text) == (
        "Le Président [Zorglub](PER), le roi [Zorglub](PER) et Xi, ministre de [Xi Jinping](PER); "
        "le [Président Paul](PER)."
    )
    assert (tagger.engine, tagger.memory, tagger.guideline.name) == ("flashtext", False, "mien")
    assert {entry.source.path for entry in tagger.entries if entry.key == "title"} == {"gazetteers/titres.yaml"}
    assert {entry.source.path for entry in tagger.entries if entry.key == "civility"} == {
        "gazetteers/words/civilities.yaml"
    }


def test_load_faults(folder):
    """What cannot be loaded is a fault of the user's, with its place."""
    with pytest.raises(RuletagError) as caught:
        Tagger.load(folder / "rules", folder / "nulle-part")
    assert [(fault.path, fault.code) for fault in caught.value.faults] == [(str(folder / "nulle-part"), "RT101")]


def test_unknown_engine(small):
    """An engine that does not exist is a fault of the option."""
    with pytest.raises(RuletagError) as caught:
        Tagger(small.entries, [], small.guideline, engine="regex")
    assert str(caught.value) == "--engine: RT110 unknown engine 'regex'\n  help: known: ahocorasick, flashtext"


SCRIPT = """
import sys
from pathlib import Path
from ruletag import Tagger
from ruletag.gazetteer import _read_file
from ruletag.guideline import load_guideline
from ruletag.rules import load_rules
from ruletag.sources import SourceFile

folder, names = Path(sys.argv[1]), sys.argv[2:]
entries = [entry for name in names for entry in _read_file(SourceFile(folder / name, name))]
rules = load_rules(folder / "rules", classes=frozenset({"title"})).rules
tagger = Tagger(entries, rules, load_guideline("canonical"))
print(tagger.explain("Le président Washington, Xi Jinping au Mali et à Orange; Xi, OCS, Côte d'Ivoire."))
"""


def test_same_bytes_for_any_hash_seed(folder):
    """The same text gives the same bytes in any process, whatever the hash seed and the order of files."""
    names = [name for name in FILES if name.startswith("gazetteers")]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder), *listed],
            env=os.environ
            | {
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(ruletag.__file__).parents[1]),
                "PYTHONIOENCODING": "utf-8",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for seed, listed in (("0", names), ("1", names[::-1]), ("2", sorted(names)))
    ]
    outputs = [run.communicate() for run in runs]
    assert [(run.returncode, error) for run, (_, error) in zip(runs, outputs, strict=True)] == [(0, b"")] * 3
    assert len({output for output, _ in outputs}) == 1
    assert outputs[0][0].startswith(b"Explanation(document=Document(text=")


def test_collections_go_on_after_a_long_text(folder):
    """A long text is tagged without collections; after it they are on again, or off, as they were."""
    tagger = Tagger.load(folder / "rules", folder / "gazetteers")
    text = "Le Mali. " * 30_000
    states = []
    for switch in (gc.disable, gc.enable):
        switch()
        assert len(tagger.tag(text).entities) == 30_000
        states.append(gc.isenabled())
    assert states == [False, True]
