"""Entries found in French text, with exact offsets, by both engines.

In these tests a sentence is written with its names in `⟦ ⟧`; what is found must be exactly what stands there.
"""

from __future__ import annotations

import re
import unicodedata

import pytest

from makers import ENGINES, tagger_of
from ruletag.fold import fold
from ruletag.model import LABELS, Entry, Source

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def entry(surface, key="LOC", line=1, **rest):
    """An entry on a line of a file."""
    return Entry(surface, key, Source("entry", surface, "a.yaml", line), **rest)


def hits(engine, entries, text, **options):
    """Every hit, those inside compounds among them, by their start, the longest first."""
    return tagger_of(entries, engine=engine)._engine.hits(fold(text), **{"compounds": True, **options})


def spans(engine, entries, text, **options):
    """Every span found, in the offsets of the original text, with the surface of its entry."""
    folded = fold(text)
    occurrences = hits(engine, entries, text, **options)
    return [(*folded.original(hit.start, hit.end), hit.entry.surface) for hit in occurrences]


def check(engine, surfaces, marked, *, key="LOC", **options):
    """Exactly the marked pieces are found, by surface of entry and by the very characters of the text."""
    pieces = re.split("[⟦⟧]", marked)
    text = "".join(pieces)
    edges = [sum(map(len, pieces[: place + 1])) for place in range(len(pieces) - 1)]
    ranges = [
        (start, end) for start, end, _ in spans(engine, [entry(surface, key) for surface in surfaces], text, **options)
    ]
    assert [text[start:end] for start, end in ranges] == pieces[1::2]
    assert ranges == list(zip(edges[::2], edges[1::2], strict=True))


FRENCH = [
    # elision, with either apostrophe
    (["Iran"], "la crise de l'⟦Iran⟧ et de l’⟦Iran⟧"),
    (["Emmanuel Macron"], "le voyage d'⟦Emmanuel Macron⟧, d’⟦Emmanuel Macron⟧"),
    (["Emmanuel Macron"], "ce qu'⟦Emmanuel Macron⟧ dit, ce qu’⟦Emmanuel Macron⟧ tait"),
    (["Afrique du Sud"], "jusqu'⟦Afrique du Sud⟧, L’⟦Afrique du Sud⟧, l‘⟦Afrique du Sud⟧, lʼ⟦Afrique du Sud⟧"),
    # an apostrophe inside
    (["Côte d'Ivoire"], "en ⟦Côte d'Ivoire⟧, en ⟦Côte d’Ivoire⟧, en ⟦Côte d‘Ivoire⟧, en ⟦Côte dʼIvoire⟧"),
    (["Côte d’Ivoire"], "en ⟦Côte d'Ivoire⟧, en ⟦Côte d’Ivoire⟧"),
    (["N'Djamena"], "de ⟦N'Djamena⟧ à ⟦N’Djamena⟧, ⟦N’DJAMENA⟧"),
    (["Kalʼchyk"], "le ⟦Kalʼchyk⟧, le ⟦Kal'chyk⟧, le ⟦Kal’chyk⟧"),
    # capitals with and without accents
    (["États-Unis"], "⟦ÉTATS-UNIS⟧, ⟦ETATS-UNIS⟧, ⟦États-Unis⟧, ⟦Etats-Unis⟧, états-unis, etats-unis"),
    (["Besançon"], "⟦BESANÇON⟧ ⟦BESANCON⟧ ⟦Besançon⟧ ⟦Besancon⟧ besançon BESançon"),
    (["Sénégal"], "le ⟦Sénégal⟧, le ⟦Senegal⟧, le ⟦SÉNEGAL⟧"),
    (["Marche", "Mali"], "le marché, le MARCHÉ, le Marché et le MÀLI : la ⟦MARCHE⟧, le ⟦MALI⟧"),
    # other normal forms
    (["Sénégal"], "le ⟦Se\u0301ne\u0301gal⟧, le ⟦SE\u0301NE\u0301GAL⟧, le ⟦Se\u0301negal⟧ !"),
    (["Se\u0301ne\u0301gal"], "le ⟦Sénégal⟧, le ⟦Se\u0301ne\u0301gal⟧"),
    (["Mali"], "⟦Mali⟧ Mali\u0301 Ma\u0301li"),
    # spaces
    (["Burkina Faso"], "⟦Burkina\u00a0Faso⟧ ⟦Burkina\u202fFaso⟧ ⟦Burkina\u2009Faso⟧ ⟦Burkina\tFaso⟧"),
    (["Burkina Faso"], "⟦Burkina\nFaso⟧ ⟦Burkina\r\nFaso⟧ ⟦Burkina\rFaso⟧ ⟦Burkina\u2028Faso⟧"),
    (["Burkina Faso"], "le ⟦Burkina  Faso⟧, le ⟦Burkina \r\n  Faso⟧, le ⟦Burkina\u00a0 Faso⟧"),
    (["Burkina\u00a0Faso"], "le ⟦Burkina Faso⟧, le ⟦Burkina\u00a0Faso⟧"),
    (["Burkina Faso"], "Burkina\n\nFaso Burkina\r\n\r\nFaso Burkina \n\nFaso Burkina\n \t\nFaso BurkinaFaso"),
    # hyphens
    (["États-Unis"], "⟦États‐Unis⟧ et ⟦États‑Unis⟧, ⟦ETATS‑UNIS⟧, États Unis, États–Unis"),
    (["Port‑au‐Prince"], "à ⟦Port-au-Prince⟧, à ⟦Port-Au-Prince⟧, à ⟦PORT-AU-PRINCE⟧"),
    # ligatures
    (["Sacré-Cœur"], "le ⟦Sacré-Cœur⟧, le ⟦Sacré-Coeur⟧, le ⟦SACRÉ-CŒUR⟧, le ⟦SACRE-COEUR⟧"),
    (["Sacré-Coeur"], "le ⟦Sacré-Cœur⟧, le ⟦Sacré-Coeur⟧, le ⟦SACRÉ-CŒUR⟧, le ⟦SACRE-COEUR⟧"),
    (["Œuvre d'Orient"], "l'⟦Œuvre d'Orient⟧, l’⟦Oeuvre d’Orient⟧, l'⟦OEuvre d'Orient⟧, l'⟦ŒUVRE D'ORIENT⟧, l'œuvre"),
    (["Oeuvre d'Orient"], "l'⟦Œuvre d'Orient⟧, l’⟦Oeuvre d’Orient⟧, l'⟦OEuvre d'Orient⟧, l'⟦OEUVRE D’ORIENT⟧"),
    (["Maison des œuvres"], "⟦Maison des œuvres⟧, ⟦Maison des Œuvres⟧, ⟦Maison des Oeuvres⟧, ⟦Maison des oeuvres⟧"),
    (["Weißwasser"], "à ⟦Weißwasser⟧, à ⟦Weisswasser⟧, à ⟦WEISSWASSER⟧"),
    # what stands before and shifts offsets elsewhere
    (["Iran"], "😀 ⟦Iran⟧, İstanbul, 👩‍👩‍👧 l’⟦Iran⟧, ﬁn de l’⟦Iran⟧"),
    (["Istanbul"], "İ ⟦Istanbul⟧, l’İstanbul, ß ⟦Istanbul⟧"),
    # word ends
    (["Mali", "Iran"], "le Malien, la Malié, Malienne, Somali, Iranien, l’iranien : ⟦Mali⟧, ⟦Iran⟧."),
    (["Mali"], "Malix Mali2 2Mali Mali_x x_Mali Maliж Maliþ Maliœ _⟦Mali⟧ ⟦Mali⟧_ ⟦Mali⟧² ⟦Mali⟧€"),
    (["TF1", "11 septembre"], "TF11, TF1A, ⟦TF1⟧ ; 111 septembre, ⟦11 septembre⟧ ⟦11 Septembre⟧"),
    (["Yahoo!", "Procter & Gamble"], "⟦Yahoo!⟧, ⟦Yahoo!⟧x, Yahoo ; ⟦Procter & Gamble⟧ ⟦PROCTER & GAMBLE⟧"),
    # quotation marks and other punctuation
    (["Mali"], "«⟦Mali⟧», “⟦Mali⟧”, \"⟦Mali⟧\", '⟦Mali⟧', ‘⟦Mali⟧’, (⟦Mali⟧), ⟦Mali⟧…, ⟦Mali⟧/⟦Mali⟧, [⟦Mali⟧]"),
    (["Burkina Faso"], "«\u00a0⟦Burkina Faso⟧\u00a0», «⟦Burkina\u202fFaso⟧»"),
    (["Le « Monde » libre"], '⟦Le « Monde » libre⟧, ⟦Le “ Monde ” libre⟧, Le " Monde " libre'),
    # without width
    (["Sénégal"], "le ⟦Séné\u00adgal⟧, le ⟦Sé\u200bnégal⟧, le \u200b⟦Sénégal⟧\u00ad, le ⟦Séné\u2060gal⟧"),
    (["Burkina Faso"], "\ufeff⟦Burkina\u200b Faso⟧, ⟦Bur\u00adkina \u200bFaso⟧"),
    # the ends of the text
    (["Mali"], "⟦Mali⟧"),
    (["Mali"], "⟦Mali⟧ et ⟦MALI⟧"),
    (["Burkina Faso"], "⟦Burkina\u00adFaso⟧".replace("\u00ad", "\u00a0")),
    (["Mali"], ""),
    (["Mali"], "Mal"),
    # common words in lower case
    (["Orange", "Tours"], "une orange, deux tours, l’orange : ⟦Orange⟧, ⟦Tours⟧, ⟦ORANGE⟧, OrAnge"),
    (["Organisation de coopération de Shanghai"], "l’⟦Organisation de Coopération de Shanghai⟧"),
    (
        ["Organisation de coopération de Shanghai"],
        "⟦Organisation De Cooperation de Shanghai⟧, ⟦ORGANISATION DE COOPÉRATION DE SHANGHAI⟧, "
        "organisation de coopération de Shanghai, Organisation de coopération de shanghai",
    ),
    (["Nations unies"], "les ⟦Nations unies⟧, les ⟦Nations Unies⟧, nations unies, Nations uNies"),
    (["Sommet de l’État"], "⟦Sommet de l'État⟧, ⟦Sommet de L’État⟧, ⟦Sommet de l’Etat⟧, Sommet de l’état"),
    (["iPhone"], "l’⟦iPhone⟧, l’⟦IPhone⟧, l’⟦IPHONE⟧, l’iphone, l’Iphone"),
    # of one letter script: the same shape is not the same word
    (["Газпром"], "⟦Газпром⟧, ⟦ГАЗПРОМ⟧, УКРАИНА, Украина"),
    (["I ❤ NY"], "⟦I ❤ NY⟧, I ☃ NY"),
]


@pytest.mark.parametrize(("surfaces", "marked"), FRENCH)
def test_french_text(engine, surfaces, marked):
    """The marked pieces are found, and nothing else; the text is cut at the very characters it holds."""
    check(engine, surfaces, marked)


@pytest.mark.parametrize(("surfaces", "marked"), FRENCH)
def test_french_text_in_nfd(engine, surfaces, marked):
    """Text and entries in NFD give the same spans, in the offsets of that text."""
    check(engine, surfaces, unicodedata.normalize("NFD", marked))
    check(engine, [unicodedata.normalize("NFD", surface) for surface in surfaces], marked)


CLASSES = [
    (
        ["président", "premier ministre"],
        "⟦Président⟧, ⟦président⟧, ⟦PRESIDENT⟧, ⟦Premier Ministre⟧, ⟦premier ministre⟧",
    ),
    (["président"], "⟦president⟧, ⟦PRÉSIDENT⟧, ⟦PréSident⟧, présidente, prèsident"),
    (["œuvre"], "⟦œuvre⟧ ⟦oeuvre⟧ ⟦Œuvre⟧ ⟦Oeuvre⟧ ⟦OEuvre⟧ ⟦ŒUVRE⟧ ⟦OEUVRE⟧"),
    (["Jean", "État major"], "⟦Jean⟧ ⟦JEAN⟧ jean, ⟦État major⟧ ⟦État Major⟧ ⟦Etat major⟧ ⟦ETAT MAJOR⟧ état major"),
    (["M.", "Mgr"], "⟦M.⟧ Dupont, ⟦M.⟧, m. Dupont, ⟦Mgr⟧ ⟦MGR⟧ mgr"),
    (["5e république"], "la ⟦5e république⟧, la ⟦5e République⟧, la ⟦5E REPUBLIQUE⟧"),
]


@pytest.mark.parametrize(("surfaces", "marked"), CLASSES)
def test_word_classes(engine, surfaces, marked):
    """A class entry in lower case takes any case; one written with a capital needs it."""
    check(engine, surfaces, marked, key="title")


COMPOUNDS = [
    (["Téhéran", "Bagdad", "Damas"], "l’axe ⟦Téhéran⟧-⟦Bagdad⟧-⟦Damas⟧"),
    (["Téhéran", "Bagdad", "Damas"], "l’axe ⟦TEHERAN⟧‑⟦BAGDAD⟧‐⟦DAMAS⟧, -⟦Bagdad⟧-⟦Damas⟧"),
    (["Chine", "Bagdad"], "Chine-Machin, Machin-Chine, Chine-Machin-Bagdad, Chine-2, Chine-États"),
    (["Trump"], "les anti-⟦Trump⟧, l’après-⟦Trump⟧, Ex-⟦Trump⟧, un pro-anti-Trump, néo-Trump"),
    (["Trump", "Poutine"], "un pro-⟦Trump⟧-⟦Poutine⟧, un anti-Trump-Machin"),
    (["Jean", "Paul"], "⟦Jean⟧-⟦Paul⟧, Jean-Marie, Marie-Paul"),
    (["New York", "York", "Paris"], "le vol ⟦New York⟧-⟦Paris⟧"),
    (["Côte d'Ivoire", "Mali"], "le match ⟦Côte d’Ivoire⟧-⟦Mali⟧, le match ⟦Mali⟧-⟦Côte d'Ivoire⟧"),
    (["Inter", "Milan"], "le match ⟦Inter⟧-⟦Milan⟧"),
    (["Mali"], "⟦Mali⟧ - Niger, ⟦Mali⟧ -Niger, ⟦Mali⟧-, -⟦Mali⟧, ⟦Mali⟧--x, ⟦Mali⟧–Niger, ⟦Mali⟧—x"),
]


@pytest.mark.parametrize(("surfaces", "marked"), COMPOUNDS)
def test_compounds(engine, surfaces, marked):
    """A compound of nothing but names gives each of them, after a known prefix too; any other gives none."""
    check(engine, surfaces, marked)


@pytest.mark.parametrize("text", ["Téhéran-Bagdad", "anti-Bagdad", "Bagdad-Machin", "Bagdad‑Téhéran"])
def test_no_compounds(engine, text):
    """Without `compounds`, a name that a hyphen joins to another word is no hit."""
    check(engine, ["Téhéran", "Bagdad"], text, compounds=False)


def test_first_name_in_a_compound(engine):
    """*Jean* is not in *Jean-Paul*, whether *Jean-Paul* is known or not."""
    check(engine, ["Jean"], "Jean-Paul et ⟦Jean⟧", key="PER")
    check(engine, ["Jean", "Jean-Paul"], "⟦Jean-Paul⟧ et ⟦Jean⟧", key="PER")


@pytest.mark.parametrize("rest", [{"ambiguous": True}, {"key": "title"}])
def test_compounds_need_sure_names(engine, rest):
    """An ambiguous name or a word of a class is no name for a compound."""
    assert spans(engine, [entry("Bagdad"), entry("Orange", **rest)], "l’axe Bagdad-Orange") == []


@pytest.mark.parametrize(
    ("surfaces", "text", "expected"),
    [
        (["Jean", "Jean Pa"], "Jean Paul", [(0, 4, "Jean")]),
        (["Pa", "Jean Pa"], "Jean Pa", [(0, 7, "Jean Pa"), (5, 7, "Pa")]),
        (["Jean Paul II", "Paul", "Jean"], "Jean Paul I", [(0, 4, "Jean"), (5, 9, "Paul")]),
        (["Le Monde", "Le", "Monde"], "Le Monde", [(0, 8, "Le Monde"), (0, 2, "Le"), (3, 8, "Monde")]),
        (["A b c", "b c d", "c d"], "A B C D", [(0, 5, "A b c"), (2, 7, "b c d"), (4, 7, "c d")]),
        (
            ["Union", "Union africaine", "Africaine des jeux"],
            "Union africaine des jeux",
            [(0, 15, "Union africaine"), (0, 5, "Union")],
        ),
        (["Paris"], "Paris Paris", [(0, 5, "Paris"), (6, 11, "Paris")]),
        (["Paris Paris"], "Paris Paris Paris", [(0, 11, "Paris Paris"), (6, 17, "Paris Paris")]),
    ],
)
def test_no_entry_hides_another(engine, surfaces, text, expected):
    """Entries that begin, end, hold or overlap each other are all found, by start, the longest first.

    *Jean Pa* would be the longest match in *Jean Paul*, but no word ends there, and *Jean* must not be lost by it.
    """
    assert spans(engine, [entry(surface) for surface in surfaces], text) == expected


def test_one_surface_under_several_keys(engine):
    """One span gives a hit for each label and class, in the order of their keys."""
    entries = [entry("Washington", key) for key in ("PER", "LOC", "place", "ORG")]
    assert [(hit.start, hit.end, hit.entry.key) for hit in hits(engine, entries, "à Washington")] == [
        (2, 12, "LOC"),
        (2, 12, "ORG"),
        (2, 12, "PER"),
        (2, 12, "place"),
    ]


def test_one_surface_twice_under_one_key(engine):
    """Of two entries with one surface and key, one is used: the unambiguous one, else the first by file."""
    first, second = entry("Orange", line=3, id="a"), entry("Orange", line=5, id="b")
    unsure = entry("Orange", line=1, ambiguous=True)
    for entries in ([first, second, unsure], [unsure, second, first]):
        assert [hit.entry for hit in hits(engine, entries, "Orange")] == [first]
    assert [hit.entry for hit in hits(engine, [unsure], "Orange")] == [unsure]


def test_order_within_a_line(engine):
    """Even entries on one line, as a name and the family name that stands alone may be, have one order."""
    pair = [entry("Trump", "PER", surname="Trump", alone=True), entry("Trump", "PER")]
    results = [hits(engine, entries, "Trump") for entries in (pair, pair[::-1])]
    assert results[0] == results[1]
    assert len(results[0]) == 1


def test_classes_are_found_as_labels_are(engine):
    """Every class is searched for, whether a rule starts from it or not."""
    entries = [entry("ministre", "title"), entry("russe", "demonym"), entry("Mali")]
    expected = [(3, 11, "ministre"), (12, 17, "russe"), (21, 25, "Mali")]
    assert spans(engine, entries, "le ministre russe au Mali") == expected


@pytest.mark.parametrize("surfaces", [[], ["…"], ["²"], ["€", "«»"]])
def test_entries_without_a_word_meet_nothing(engine, surfaces):
    """A surface without letters and digits is no name, in either engine; without entries nothing is found."""
    assert spans(engine, [entry(surface) for surface in surfaces], "… ² € «» Mali") == []


MARKED = [
    (
        ["président", "vice-président", "premier ministre"],
        "Le ⟦vice-président⟧, le ⟦Premier Ministre⟧, vice-présidente",
    ),
    (["M.", "Mme"], "⟦M.⟧ et ⟦Mme⟧ Dupont, m. Dupont, ⟦M .⟧ X, M  X"),
    (["'Ndrangheta", "Jean (dit X)", '"Le Cid"'], 'l\'⟦’Ndrangheta⟧ et ⟦Jean (dit X)⟧, ⟦"Le Cid"⟧, Jean (dit X'),
    (["l'", "d'"], "⟦l'⟧Iran ⟦d’⟧Iran, l Iran"),
    (["ministre"], "ministre-président, ex-ministre, ministres, ⟦ministre⟧"),
    (["conseil d'État"], "⟦Conseil d'État⟧, ⟦Conseil\u00a0d’Etat⟧"),
]


@pytest.mark.parametrize(("surfaces", "marked"), MARKED)
def test_marks_are_part_of_a_spelling(engine, surfaces, marked):
    """Marks at the edges of a spelling and inside it have to stand in the text; a hyphen joins on what is no part."""
    check(engine, surfaces, marked, key="title")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sino-russe", [(0, 10, "russe")]),
        ("Sino-Russes", [(0, 11, "russes")]),
        ("gréco‑russe", [(0, 11, "russe")]),
        ("GRECO-RUSSE", [(0, 11, "russe")]),
        ("sino-russie", []),
        ("sino-malien", []),
        ("sino russe", []),
        ("xino-russe", []),
        ("sino-sud africain", [(0, 17, "sud africain")]),
        ("sino-sud africaine", []),
        ("sino-", []),
        ("sino-sud", []),
        ("sino", []),
        ("anglo-saxon", [(0, 11, "anglo-saxon")]),
        ("russe", [(0, 5, "russe")]),
    ],
)
def test_prefixed_demonyms(engine, text, expected):
    """*sino-russe* is a demonym if *russe* is one and *sino* is in the class `demonym-prefix`."""
    words = [("russe", "demonym"), ("russes", "demonym"), ("anglo-saxon", "demonym"), ("sud africain", "demonym")]
    words += [("sino", "demonym-prefix"), ("gréco", "demonym-prefix"), ("anglo", "demonym-prefix")]
    results = hits(engine, [entry(surface, key) for surface, key in words], text)
    demonyms = [hit for hit in results if hit.entry.key == "demonym" and hit.start == 0]
    assert [(hit.start, hit.end, hit.entry.surface) for hit in demonyms] == expected


def test_ambiguous_entries_are_hits(engine):
    """A rule may ask for a label as it asks for a class, ambiguous entries among them."""
    entries = [entry("Orange", label, ambiguous=True) for label in LABELS]
    assert [hit.entry.key for hit in hits(engine, entries, "chez Orange")] == sorted(LABELS)


@pytest.mark.parametrize("key", ["LOC", "title"])
@pytest.mark.parametrize("text", ["Weißwasser", "Weisswasser", "Œuvre-Weißwasser", "Oeuvre-Weisswasser"])
def test_all_spellings(engine, key, text):
    """A label or class is met with its ligatures joined and apart."""
    entries = [entry("Weißwasser", key), entry("Œuvre-Weißwasser", key)]
    assert [(start, end) for start, end, _ in spans(engine, entries, text)] == [(0, len(text))]
