"""The whole chain: exact offsets for any text, the same bytes for any engine and hash seed, explanations."""

import copy
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ruletag
from makers import ENGINES, NAMES, tagger_of
from properties import examples
from ruletag import Explanation, RuletagError, Tagger, markup
from ruletag.gazetteer import _read_file
from ruletag.guideline_file import load_guideline
from ruletag.model import Alternative, Entity, Entry, Part, Source
from ruletag.rule_file import load_rules
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
    return [entry for file in files for entry in _read_file(file, {})]


def small_tagger(folder, **more):
    entries = small_entries(folder, [name for name in FILES if name.startswith("gazetteers")])
    rules = load_rules(folder / "rules", classes=frozenset(entry.key for entry in entries if not entry.is_label))
    return tagger_of(entries, rules.rules, load_guideline("canonical")[0], **more)


@pytest.fixture(scope="module", params=ENGINES)
def small(folder, request):
    """A tagger of these files, with either engine."""
    return small_tagger(folder, engine=request.param)


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
    """An entity names its source, where that is written, and its parts; losers say why they lost."""
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
            "a rule with an entry takes precedence over an entry (same label)",
            (13, 23, "PER"),
        ),
        Alternative(
            13, 23, "LOC", "Washington", place, "a rule with an entry takes precedence over an entry", (13, 23, "PER")
        ),
        Alternative(26, 30, "ORG", "Mali", mali[1], "comes later in the order of sources", (26, 30, "LOC")),
    ]
    assert [str(source) for source in (person, here)] == [
        "Washington (gazetteers/gens.yaml:4)",
        "loc.a (rules/gens.yaml:10)",
    ]


def test_sources_are_shown_without_the_way_to_the_folder(tagger):
    """A source reads `name (folder/file:line)`, whatever folder the knowledge lies in."""
    document = tagger.tag("Le Président Zorglub Vandamme a reçu M. Vandenbrouck.")
    shown = [str(entity.source) for entity in document.entities]
    places = {rule.id: rule.source.line for rule in tagger.rules}
    assert shown == [f"{name} (rules/per.yaml:{places[name]})" for name in ("per.title-name", "per.civility-name")]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_one_surface_under_several_labels(engine, order):
    """A surface under several labels resolves by the order of files and lines, wherever and whenever they were read."""
    source = [Source("entry", "Mali", f"gazetteers/{name}.yaml", 3) for name in ("a", "b", "b")]
    entries = [
        Entry("Mali", label, one._replace(line=line))
        for label, one, line in zip(("ORG", "LOC", "PER"), source, (3, 1, 2), strict=True)
    ]
    tagger = tagger_of([entries[index] for index in order], memory=False, engine=engine)
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
    assert marked(tagger_of(entries, engine=small.engine), "la Côte d'Ivoire") == "la [Côte d'Ivoire](LOC)"


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
def both(folder):
    """A tagger for each engine that is there."""
    return [small_tagger(folder, engine=engine) for engine in NAMES]


@given(text=TEXTS)
@examples(100)
def test_any_text(both, text):
    """For any text the surfaces are where their offsets say, and both engines give the same document."""
    documents = [tagger.tag(text) for tagger in both]
    document = documents[0]
    assert document.text == text
    assert [text[entity.start : entity.end] for entity in document.entities] == [e.text for e in document.entities]
    assert documents == [document] * len(both)


@given(text=TEXTS)
@examples(20)
def test_any_text_with_what_ships(seed_tagger, text):
    """So they are with what ships, under a guideline that moves borders."""
    entities = seed_tagger.explain(text).document.entities
    assert [text[entity.start : entity.end] for entity in entities] == [entity.text for entity in entities]


def test_pipe(small):
    """`pipe` asks for a text when its document is asked for, and gives what `tag` gives."""
    calls = []

    def texts():
        for text in ("Mali", "Chine"):
            calls.append(text)
            yield text

    documents = small.pipe(texts())
    assert calls == []
    assert (next(documents), calls) == (small.tag("Mali"), ["Mali"])
    assert (list(documents), calls) == ([small.tag("Chine")], ["Mali", "Chine"])


def test_examine(small):
    """A rule by itself: no entries, no memory, no guideline; but it sees what earlier stages found."""
    rules = {rule.id: rule for rule in small.rules}
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
    """The tagged spans, the ambiguous entries that no rule asked for, and the rules that nearly matched."""
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


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_muted_rules_are_not_searched(folder, engine):
    """A muted rule makes no candidates, not even losers, and is not listed among the rules."""
    write(folder, {"muet.yaml": "name: muet\nwhy: Sans titre.\nmute: [per.titre]\n"})
    tagger = Tagger.load(folder / "rules", folder / "gazetteers", str(folder / "muet.yaml"), engine=engine)
    document = tagger.tag("Le président Paul")
    assert (document.entities, tuple(document.alternatives)) == ((), ())
    assert [rule.id for rule in tagger.rules] == ["loc.a", "org.sigle"]


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
        engine="plain",
        memory=False,
    )
    text = "Le Président Zorglub, le roi Zorglub et Xi, ministre de Xi Jinping; le Président Paul."
    assert marked(tagger, text) == (
        "Le Président [Zorglub](PER), le roi [Zorglub](PER) et Xi, ministre de [Xi Jinping](PER); "
        "le [Président Paul](PER)."
    )
    assert (tagger.engine, tagger.memory, tagger.guideline.name) == ("plain", False, "mien")
    assert {entry.source.path for entry in tagger.entries if entry.key == "title"} == {"gazetteers/titres.yaml"}
    assert {entry.source.path for entry in tagger.entries if entry.key == "civility"} == {
        "gazetteers/words/civilities.yaml"
    }


def test_load_faults(folder):
    """Knowledge that cannot be loaded is a user error, with its place."""
    with pytest.raises(RuletagError) as caught:
        Tagger.load(folder / "rules", folder / "nulle-part")
    assert [(fault.path, fault.code) for fault in caught.value.faults] == [(str(folder / "nulle-part"), "RT101")]


def test_unknown_engine():
    """An engine that does not exist is a fault of the option."""
    with pytest.raises(RuletagError) as caught:
        tagger_of(engine="regex")
    assert str(caught.value) == "--engine: RT110 unknown engine 'regex'\n  help: known: core, plain"


SCRIPT = """
import sys
from pathlib import Path
from ruletag import Tagger
from ruletag.gazetteer import _read_file
from ruletag.guideline_file import load_guideline
from ruletag.knowledge import Knowledge
from ruletag.rule_file import load_rules
from ruletag.sources import SourceFile

folder, names = Path(sys.argv[1]), sys.argv[2:]
entries = [entry for name in names for entry in _read_file(SourceFile(folder / name, name), {})]
rules = load_rules(folder / "rules", classes=frozenset({"title"})).rules
tagger = Tagger(Knowledge.of(entries, rules, load_guideline("canonical")[0]))
print(tagger.explain("Le président Washington, Xi Jinping au Mali et à Orange; Xi, OCS, Côte d'Ivoire."))
"""


@pytest.mark.slow
def test_same_bytes_for_any_hash_seed(folder):
    """A text gives the same bytes in any process, whatever the hash seed and the order of files."""
    names = [name for name in FILES if name.startswith("gazetteers")]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder), *ordered],
            env=os.environ
            | {
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(Path(ruletag.__file__).parents[1]),
                "PYTHONIOENCODING": "utf-8",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for seed, ordered in (("0", names), ("1", names[::-1]), ("2", sorted(names)))
    ]
    outputs = [run.communicate() for run in runs]
    assert [(run.returncode, error) for run, (_, error) in zip(runs, outputs, strict=True)] == [(0, b"")] * 3
    assert len({output for output, _ in outputs}) == 1
    assert outputs[0][0].startswith(b"Explanation(document=Document(text=")


@pytest.mark.parametrize("value", [b"Mali", None, ["Mali"], bytearray(b"Mali"), 7])
def test_only_strings_are_texts(small, value):
    """A text that is not a string is a TypeError that names its type, from every method that takes a text."""
    message = f"a text is a str, not {type(value).__name__}; decode bytes first"
    for way in (small.tag, small.explain, small.decided, lambda text: next(small.pipe([text]))):
        with pytest.raises(TypeError) as caught:
            way(value)
        assert str(caught.value) == message


@pytest.mark.parametrize("value", ["Mali", b"Mali"])
def test_pipe_takes_no_single_text(small, value):
    """One string is no stream of texts: each of its letters would be one."""
    with pytest.raises(TypeError) as caught:
        small.pipe(value)
    assert str(caught.value) == "pipe() takes several texts; for one text use tag()"


ODD = (
    "Le pre\u0301sident Washington, Xi Jinping au\r\nMali ; à Orange, l'OCS. Xi et ABC, "
    "Côte d'Ivoire \U0001f600 Chine-Mali."
)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda tagger: pickle.loads(pickle.dumps(tagger))])
def test_copies(small, again):
    """A copy, and one that went through a pickle, tags and explains as the tagger does, with its own switches."""
    changed = small.with_switches({"title-with-surname": "keep"})
    changed.memory = False
    for tagger in (small, changed):
        other = again(tagger)
        assert repr(other.explain(ODD)) == repr(tagger.explain(ODD))
        assert repr(other.tag(ODD)) == repr(tagger.tag(ODD))
        assert (other.engine, other.memory, other.guideline) == (tagger.engine, tagger.memory, tagger.guideline)
    assert marked(changed, "Le Président Paul dort.") != marked(small, "Le Président Paul dort.")


@pytest.mark.slow
def test_threads(small):
    """Threads that tag with one tagger at the same time get what one thread gets, losers included."""
    texts = [f"{ODD} {number} " * (1 + number % 7) for number in range(60)]
    expected = [repr(small.tag(text)) for text in texts]
    results, start = {}, Barrier(6)

    def work(name):
        start.wait()
        order = texts if name % 2 else texts[::-1]
        documents = [repr(document) for document in small.pipe(order)]
        results[name] = documents if name % 2 else documents[::-1]

    threads = [Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == dict.fromkeys(range(6), expected)


def test_documents_outlive_their_tagger(folder):
    """Losers are available on request, even if the tagger is gone by then."""
    for engine in NAMES:
        document = small_tagger(folder, engine=engine).tag(ODD)
        expected = small_tagger(folder, engine=engine).tag(ODD)
        assert tuple(document.alternatives) == tuple(expected.alternatives) != ()
        assert pickle.loads(pickle.dumps(document)) == expected
