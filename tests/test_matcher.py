"""Rules on texts: spans, parts and anchors with their offsets, line ends, `unless`, stages, labels, linear time."""

import pytest

from makers import ENGINES, rule_of, tagger_of, text_of
from ruletag.model import Candidate, Entry, Part, Source
from ruletag.plain.matcher import Matcher, NearMiss
from ruletag.plain.text import Text
from ruletag.tokens import REACH

WORDS = {
    "title": ["président", "ministre", "secrétaire général"],
    "demonym": ["russe", "français"],
    "particle": ["de", "de la", "d'"],
    "civility": ["M.", "Mme"],
}
NAMES = {"LOC": ["Paris", "Russie"], "ORG": ["Ligue arabe", "ONU"]}
ENTRIES = [
    Entry(surface, key, Source("entry", surface, "gazetteers/a.yaml", 1))
    for key, surfaces in {**WORDS, **NAMES}.items()
    for surface in surfaces
]
AMBIGUOUS = Entry("Orange", "LOC", Source("entry", "Orange", "gazetteers/a.yaml", 2), ambiguous=True, id="Q1")

KNOWN = (*ENTRIES, AMBIGUOUS)


def rule(*patterns, **fields):
    """A rule out of patterns over these words."""
    return rule_of(*patterns, classes=WORDS, **fields)


@pytest.fixture(params=ENGINES)
def tagger(request):
    """Taggers of rules, without memory, with either engine."""

    def tagger(*rules, entries=KNOWN):
        return tagger_of(entries, rules, engine=request.param, memory=False)

    return tagger


def proposals_of(text, *rules):
    """The proposals of the rules alone in a text: the surface, the parts and the anchor as surfaces."""
    return [
        (
            text[candidate.start : candidate.end],
            {part.name: text[part.start : part.end] for part in candidate.parts},
            (candidate.anchor.name, text[candidate.anchor.start : candidate.anchor.end]),
        )
        for candidate in Matcher(rules).candidates(text_of(text, KNOWN), 1, alone=True)
    ]


TITLE = ("<title>", "président")
BEFORE, AFTER = "silent: `unless before` holds", (18, "silent: `unless after` holds", False)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        # the entity behind the anchor, before it, around it
        ("<title> [ Cap+ ]", "Le président Paul Lemoine parle.", [("Paul Lemoine", {}, TITLE)]),
        ('[ Cap+ ] "," <title>', "Hier Paul, président, parle.", [("Hier Paul", {}, TITLE)]),
        ("[ Cap <title> Cap ]", "Le président Paul.", [("Le président Paul", {}, TITLE)]),
        ("[ <title> ]", "Le président Paul.", [("président", {}, TITLE)]),
        # parts behind the anchor, before it, around it, in the entity, one in the other
        (
            "title:( <title> ) [ Cap ]",
            "Le président Paul.",
            [("Paul", {"title": "président"}, TITLE)],
        ),
        (
            "det:( le )? title:( <title> demonym:( <demonym> )? ) [ Cap ]",
            "Le président russe Paul.",
            [("Paul", {"det": "Le", "title": "président russe", "demonym": "russe"}, TITLE)],
        ),
        (
            "det:( le )? title:( <title> demonym:( <demonym> )? ) [ Cap ]",
            "Oui, président Paul.",
            [("Paul", {"title": "président"}, TITLE)],
        ),
        # a part that took up no text is none; of a part that comes twice, the one read last from the anchor counts
        ("det:( le? ) <title> [ Cap ]", "Oui, président Paul.", [("Paul", {}, TITLE)]),
        ("<title> (demonym:( lower ))+ [ Cap ]", "président du jury Paul", [("Paul", {"demonym": "jury"}, TITLE)]),
        ("[ Cap ] (demonym:( lower ))+ <title>", "Paul du jury président", [("Paul", {"demonym": "du"}, TITLE)]),
        (
            "[ form:( Ordinal ) Cap ] <title>",
            "Le 14e Sommet président.",
            [("14e Sommet", {"form": "14e"}, TITLE)],
        ),
        (
            '[ Cap "«" Cap quote:( "»" ) ] <title>',
            "Plan « Nord » président",
            [("Plan « Nord »", {"quote": "»"}, TITLE)],
        ),
        ("civility:( <civility> ) [ Cap ]", "M. Paul", [("Paul", {"civility": "M."}, ("<civility>", "M."))]),
        # the preferred way is the longest first, in each direction from the anchor
        ("<title> [ Cap{1,2} ]", "président Jean Paul Roi", [("Jean Paul", {}, TITLE)]),
        ("[ Cap{1,2} ] <title>", "Jean Paul Roi président", [("Paul Roi", {}, TITLE)]),
        ("<title> [ (Cap | Cap Cap) ]", "président Jean Paul", [("Jean", {}, TITLE)]),
        ("<title> [ (Cap Cap | Cap) ]", "président Jean Paul", [("Jean Paul", {}, TITLE)]),
        ("<title> [ (Cap Cap Cap | Cap Cap | Cap) ]", "président Jean Paul", [("Jean Paul", {}, TITLE)]),
        ("<title> [ (Cap Cap Cap | Cap | Cap Cap) ]", "président Jean Paul", [("Jean", {}, TITLE)]),
        ("<title> [ Cap (<particle> Cap)* ]", "président Jean de la Tour d'Or", [("Jean de la Tour d'Or", {}, TITLE)]),
        # every entry of a class is tried where several stand
        ("<title> lower? [ Cap ]", "secrétaire général Paul", [("Paul", {}, ("<title>", "secrétaire général"))]),
        # anchors that are shapes
        ("[ Acronym ]", "L'OTX et le PIB-X.", [("OTX", {}, ("Acronym", "OTX")), ("PIB-X", {}, ("Acronym", "PIB-X"))]),
        ("[ Acronym ]", "L'O.N.U. siège.", [("O.N.U.", {}, ("Acronym", "O.N.U."))]),
        ("Ordinal [ Cap ]", "Le 14e Sommet", [("Sommet", {}, ("Ordinal", "14e"))]),
        ("[ Ordinal&Cap Cap ]", "son XXe Congrès, son 20e Congrès", [("XXe Congrès", {}, ("Ordinal&Cap", "XXe"))]),
        ("[ Cap lower ]", "Œuvre libre", [("Œuvre libre", {}, ("Cap", "Œuvre"))]),
        ("[ Number ] ans", "Il a 3,5 ans.", [("3,5", {}, ("ans", "ans"))]),
        (
            "[ Number ]",
            "Il a 3,5 ou 1.250.000 ans.",
            [("3,5", {}, ("Number", "3,5")), ("1.250.000", {}, ("Number", "1.250.000"))],
        ),
        ("[ Number ]", "Le 17 de M17 et de 5-7", [("17", {}, ("Number", "17")), ("5-7", {}, ("Number", "5-7"))]),
        # part of a word that begins in another script is no token: βHCG
        ("[ Acronym ]", "La βHCG et l'αBC", []),
        ("[ Cap ]", "le ΩTorrent et le cœurNet", []),
        # anchors that are words, folded or exact; several in a choice
        (
            "dénommé [ Cap ]",
            "Un DÉNOMMÉ Paul, un DENOMME Luc, un denomme Jean",
            [("Paul", {}, ("dénommé", "DÉNOMMÉ")), ("Luc", {}, ("dénommé", "DENOMME"))],
        ),
        ('[ "Le" lower ]', "Le fait est que le fait demeure", [("Le fait", {}, ('"Le"', "Le"))]),
        ('"OTX" [ Cap ]', "OTX Paul, Otx Luc, otx Jean", [("Paul", {}, ('"OTX"', "OTX"))]),
        (
            '(roi | "Reine") [ Cap ]',
            "roi Paul, Roi Luc, Reine Anne, reine Jeanne",
            [
                ("Paul", {}, ("roi", "roi")),
                ("Luc", {}, ("roi", "Roi")),
                ("Anne", {}, ('"Reine"', "Reine")),
            ],
        ),
        ('"roi" [ Cap ]', "roi Paul, Roi Luc, ROI Jean", [("Paul", {}, ('"roi"', "roi"))]),
        ("congrès&Cap [ Cap ]", "Congrès Untel, congrès Unautre", [("Untel", {}, ("congrès&Cap", "Congrès"))]),
        ("d' [ lower ] roi", "l'ami d'enfance roi", [("enfance", {}, ("roi", "roi"))]),
        # a word anchor is a whole token
        ("u [ Cap ]", "L'O.N.U. Paul", []),
        ('"5" [ Cap ]', "Les 3,5 Paul", []),
        ("roi [ Cap ]", "un vice-roi Paul, un roi-soleil Luc", []),
        # a class with a shape
        ("[ <demonym>&Cap ]", "Un Russe russe", [("Russe", {}, ("<demonym>&Cap", "Russe"))]),
        ("<title> [ <LOC>&Upper ]", "président PARIS", [("PARIS", {}, TITLE)]),
        # what may not stand there takes up no text
        ("<title> [ !<LOC> Cap ]", "président Paris, président Paul", [("Paul", {}, TITLE)]),
        ("<title> [ Cap ] !Cap", "président Paul Roi", []),
        ("!<demonym> lower <title> [ Cap ]", "un russe président Paul, un vieux président Luc", [("Luc", {}, TITLE)]),
        # the same entity from two patterns, two anchors
        ("[ (<title> | <demonym>) Cap ]", "le russe Paul", [("russe Paul", {}, ("<demonym>", "russe"))]),
    ],
)
def test_span_parts_and_anchor(pattern, text, expected):
    """A match gives the entity, its parts and the anchor, each at its own place in the text."""
    assert proposals_of(text, rule(pattern)) == expected


def test_parts_come_in_reading_order():
    """Parts are ordered by start, then by end, whatever their names; an empty one is left out, anywhere."""
    nested = rule("demonym:( title:( <title> ) <demonym> ) det:( <particle>? ) [ Cap ]")
    (candidate,) = Matcher([nested]).candidates(text_of("président russe Paul", KNOWN), 1)
    assert candidate.parts == (Part("title", 0, 9), Part("demonym", 0, 15))
    (candidate,) = Matcher([rule("title:( <title>? ) [ Cap ] roi")]).candidates(text_of("Paul roi", KNOWN), 1)
    assert candidate.parts == ()


def test_offsets_in_the_text_as_it_came(tagger):
    """In a text whose lengths fold away, spans, parts and anchors are those of the text as it came."""
    text = (
        "\U0001f1eb\U0001f1f7 Le  pre\u0301sident\u00a0 russe\u00a0: non. Le  pre\u0301sident russe  E\u0301mile Roi !"
    )
    title = rule("title:( <title> demonym:( <demonym> ) ) [ Cap Cap ]")
    [entity] = tagger(title).tag(text).entities
    start = text.index("E\u0301mile")
    assert (entity.start, entity.text) == (start, "E\u0301mile Roi")
    head = text.rindex("pre\u0301sident")
    russian = text.rindex("russe")
    assert entity.parts == (Part("title", head, russian + 5), Part("demonym", russian, russian + 5))
    assert entity.anchor == Part("<title>", head, head + len("pre\u0301sident"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", " \n ", "\u2028", "\x0b", "\x85"])
def test_a_rule_never_crosses_a_line_end(end):
    """Title and name on two lines are no match, whatever ends the line, read from either side."""
    after, before = rule("<title> [ Cap ]"), rule("[ Cap ] <title>")
    assert proposals_of(f"un président{end}Paul{end}président", after, before) == []
    assert proposals_of("un président Paul président", after, before) == [("Paul", {}, TITLE)] * 2


@pytest.mark.parametrize(
    ("before", "after", "text", "expected"),
    [
        ("", "<demonym>", "président Paul russe", []),
        ("", "<demonym>", "président Paul parle", ["Paul"]),
        ("", "<demonym>", "président Paul\nrusse", ["Paul"]),
        ("", '(lower | ",") russe', "président Paul, russe", []),
        ("ancien", "", "ancien président Paul", []),
        ("ancien", "", "vieux président Paul", ["Paul"]),
        ("ancien", "", "ancien\nprésident Paul", ["Paul"]),
        ("le grand", "", "le grand président Paul", []),
        ("le grand", "", "grand le président Paul", ["Paul"]),
        ("<title> de", "", "secrétaire général de président Paul", []),
        ("ancien", "russe", "ancien président Paul", []),
        ("ancien", "russe", "président Paul russe", []),
        ("ancien", "russe", "président Paul parle", ["Paul"]),
    ],
)
def test_unless(before, after, text, expected):
    """A rule is silent if its `unless` matches right beside the whole match, on the same line."""
    assert [
        surface for surface, _, _ in proposals_of(text, rule("<title> [ Cap ]", before=before, after=after))
    ] == expected


@pytest.mark.parametrize(("length", "expected"), [(REACH - 2, [("Zed", "PER", "r")]), (REACH - 1, [])])
def test_how_far_a_rule_reaches(tagger, length, expected):
    """The last piece of a pattern begins less than `REACH` code points from the anchor."""
    assert spans(tagger(rule("<title> Word [ Cap ]")).tag(f"un ministre {'a' * length} Zed")) == expected


def spans(document):
    return [(entity.text, entity.label, entity.source.name) for entity in document.entities]


SEVERAL = [
    *(("title", surface) for surface in ("secrétaire", "secrétaire général", "secrétaire général adjoint")),
    *(("ORG", surface) for surface in ("Monde", "Le Monde", "Du Le Monde")),
    ("demonym", "russe"),
]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        # to the right of the anchor, the last end, the middle one, the first
        ("<demonym> <title> général adjoint [ Cap ]", "Le russe secrétaire général adjoint Paul", ["Paul"]),
        ("<demonym> <title> adjoint [ Cap ]", "Le russe secrétaire général adjoint Paul", ["Paul"]),
        ("<demonym> <title> [ Cap ]", "Le russe secrétaire général adjoint Paul", ["Paul"]),
        ("<demonym> <title> général [ Cap ]", "Le russe secrétaire général Paul", ["Paul"]),
        # to the left of it
        ("[ Cap ] du le <ORG> <demonym>", "Paul Du Le Monde russe", ["Paul"]),
        ("[ Cap ] du <ORG> <demonym>", "Paul Du Le Monde russe", ["Paul"]),
        ("[ Cap ] <ORG> <demonym>", "Paul Du Le Monde russe", ["Paul"]),
        # the longest that goes through is preferred
        ("<demonym> [ <title> Word* ] Cap", "russe secrétaire général adjoint Paul", ["secrétaire général adjoint"]),
        ("<demonym> [ <title> ] lower", "russe secrétaire général adjoint Paul", ["secrétaire général"]),
        ("Cap [ <ORG> ] <demonym>", "Paul Du Le Monde russe", ["Du Le Monde"]),
        ("du [ <ORG> ] <demonym>", "Paul Du Le Monde russe", ["Le Monde"]),
        # none goes through
        ("<demonym> <title> russe [ Cap ]", "russe secrétaire général adjoint Paul", []),
    ],
)
def test_each_entry_that_stands_there_is_tried(tagger, pattern, text, expected):
    """If there are entries of several lengths, the longest is tried first, then each of the others."""
    entries = [Entry(surface, key, Source("entry", surface), ambiguous=key == "ORG") for key, surface in SEVERAL]
    document = tagger(rule(pattern), entries=entries).tag(text)
    assert [entity.text for entity in document.entities] == expected


def test_long_words_of_classes(tagger):
    """An entry of a class is met however long its first and its last word are, on either side of the anchor."""
    long = "anticonstitutionnellement luxembourgeoise"
    entries = [
        Entry(long, "demonym", Source("entry", long)),
        Entry("président", "title", Source("entry", "président")),
    ]
    both = rule("<title> <demonym> [ Cap ]", id="right"), rule("[ Cap ] <demonym>? <title>", id="left")
    text = f"le président {long} Paul. Luc {long} président"
    assert spans(tagger(*both, entries=entries).tag(text)) == [("Paul", "PER", "right"), ("Luc", "PER", "left")]


def test_stages(tagger):
    """A rule of a later stage sees as `@LABEL` what the earlier stages found, entries and rules; others do not."""
    first = rule("<title> [ Cap ]", id="first")
    second = rule("@PER et [ Cap ]", id="second", stage=2)
    third = rule("@PER ou [ Cap ]", id="third", stage=3)
    early = rule("@PER et [ Cap ]", id="early", label="ORG", stage=1)
    place = rule('@LOC "(" [ Acronym ] ")"', id="place", label="LOC", stage=2)
    text = "président Paul et Luc ou Jean. La Russie (RU)."
    expected = [
        ("Paul", "PER", "first"),
        ("Luc", "PER", "second"),
        ("Jean", "PER", "third"),
        ("Russie", "LOC", "Russie"),
        ("RU", "LOC", "place"),
    ]
    assert spans(tagger(first, second, third, early, place).tag(text)) == expected
    assert spans(tagger(place, early, third, second, first).tag(text)) == expected


def test_each_stage_sees_what_the_last_one_found(tagger):
    """The third stage, which asks for entities anew, sees those that the second found."""
    rules = (
        rule("<title> [ Cap ]", id="first"),
        rule("<title> @PER <particle> [ Cap ]", id="second", label="LOC", stage=2),
        rule("<particle> @LOC et [ Cap ]", id="third", label="ORG", stage=3),
    )
    assert spans(tagger(*rules).tag("le président Paul de Nice et Tavert")) == [
        ("Paul", "PER", "first"),
        ("Nice", "LOC", "second"),
        ("Tavert", "ORG", "third"),
    ]


def test_earlier_entities_are_winners(tagger):
    """`@LABEL` matches the winners so far: an entity that lost to a longer one is not seen."""
    short = rule("<title> [ Cap ]", id="short")
    long = rule("<title> [ Cap Cap ]", id="long", label="ORG")
    after = rule('@PER Cap [ "," ]', id="after", label="MISC", stage=2)
    assert spans(tagger(short, long, after).tag("président Paul Roi, dit-il")) == [("Paul Roi", "ORG", "long")]


def test_entity_read_from_both_sides(tagger):
    """An earlier entity can precede or follow the anchor."""
    name = rule("<title> [ Cap ]", id="name")
    behind = rule('[ Acronym ] "(" @PER ")"', id="behind", label="ORG", stage=2)
    before = rule("@PER de [ <demonym>&Cap ] Roman", id="before", label="LOC", stage=2)
    assert spans(tagger(name, behind, before).tag("XYZ (président Paul)")) == [("Paul", "PER", "name")]
    assert spans(tagger(name, behind, before).tag("président Paul de Russe XIV")) == [
        ("Paul", "PER", "name"),
        ("Russe", "LOC", "before"),
    ]


def test_priority(tagger):
    """The higher priority wins, against length; the lower loses, against an entry."""
    wide, narrow = rule("[ <title> Cap ]", id="wide"), rule("<title> [ Cap ]", id="narrow", priority=1)
    assert spans(tagger(wide, narrow).tag("président Paul")) == [("Paul", "PER", "narrow")]
    shy = rule("<title> [ Cap Cap ]", id="shy", priority=-1)
    assert spans(tagger(shy).tag("président Paul Paris")) == [("Paris", "LOC", "Paris")]


@pytest.mark.parametrize(
    ("text", "made", "expected"),
    [
        ("à Paris", {}, ("Paris", "LOC", "entry")),
        ("à Orange", {}, ("Orange", "LOC", "rule")),
        ("à Paris", {"priority": 1}, ("Paris", "LOC", "rule")),
        ("à Paris", {"label": "ORG"}, ("Paris", "LOC", "entry")),
        ("à Paris", {"label": "ORG", "priority": 1}, ("Paris", "ORG", "rule")),
    ],
)
def test_where_an_entry_says_the_same(tagger, text, made, expected):
    """A rule on the span of an entry leaves it the word, unless the entry is ambiguous or the rule has priority."""
    document = tagger(rule("à [ Cap ]", **{"label": "LOC", **made})).tag(text)
    assert [(entity.text, entity.label, entity.source.kind) for entity in document.entities] == [expected]


def test_an_entry_speaks_only_for_its_own_span(tagger):
    """A rule makes a longer name that begins, or ends, with a known one."""
    longer = rule("à [ Cap Cap ]", label="LOC")
    assert spans(tagger(longer).tag("à Paris Nord, à Nouveau Paris")) == [
        ("Paris Nord", "LOC", "r"),
        ("Nouveau Paris", "LOC", "r"),
    ]


def test_rule_with_parts_speaks_for_the_entry(tagger):
    """A rule that adds a part to a known name makes the entity, with the identifier of the entry."""
    orange = Entry("Orange", "LOC", Source("entry", "Orange"), id="Q1")
    [entity] = tagger(rule("det:( l' ) [ <LOC> ]", label="LOC"), entries=[orange]).tag("l'Orange").entities
    assert (entity.source.kind, entity.id, entity.parts) == ("rule", "Q1", (Part("det", 0, 2),))


@pytest.mark.parametrize(("ambiguous", "expected"), [(False, ("PER", "rule")), (True, ("ORG", "entry"))])
def test_only_an_unambiguous_entry_confirms_a_rule(tagger, ambiguous, expected):
    """A rule outranks an entry of another label if an unambiguous entry confirms the rule."""
    entries = [
        Entry("Orange", "ORG", Source("entry", "Orange", "gazetteers/a.yaml", 1)),
        Entry("Orange", "PER", Source("entry", "Orange", "gazetteers/b.yaml", 1), ambiguous=ambiguous),
        Entry("président", "title", Source("entry", "président")),
    ]
    [entity] = tagger(rule("title:( <title> ) [ Cap ]"), entries=entries).tag("président Orange").entities
    assert (entity.label, entity.source.kind) == expected


@pytest.mark.parametrize(("text", "expected"), [("président Paul Paris", ["Paris"]), ("président Paul dit", ["Paul"])])
def test_unless_sees_entities(tagger, text, expected):
    """A rule that asks for an entity in `unless` alone sees those of earlier stages, entries among them."""
    document = tagger(rule("<title> [ Cap ]", after="@LOC")).tag(text)
    assert [entity.text for entity in document.entities] == expected


@pytest.mark.parametrize(
    ("made", "text", "missed"),
    [
        # what was wanted, where the search came furthest, on either side of the anchor
        ({"pattern": "<title> [ Cap Cap ]"}, "président Paul dit", (14, "Cap", False)),
        ({"pattern": "[ Cap ] lower <title>"}, "dit un président", (4, "Cap", True)),
        # the right side is tried first: the left one is not, where it fails
        ({"pattern": "[ Cap ] <title> roi"}, "dit président", (13, "roi", False)),
        # a way that came further counts, though it was tried earlier; of two that came as far, the last
        ({"pattern": "<title> (de lower | de) [ Cap ]"}, "président de paris dit", (18, "Cap", False)),
        ({"pattern": "<title> (de | roi) [ Cap ]"}, "président Paul", (9, "roi", False)),
        # what may not stand there, before it or behind, and in one of two ways
        ({"pattern": "<title> !<LOC> [ Cap ]"}, "président Paris", (9, "no <LOC>", False)),
        ({"pattern": "<title> [ Cap ] !Cap"}, "président Paul Roi", (14, "no Cap", False)),
        ({"pattern": "!<demonym> lower <title> [ Cap ]"}, "russe président Paul", (0, "no <demonym>", True)),
        ({"pattern": "<title> (de | !<LOC> roi) [ Cap ]"}, "président Paris", (9, "no <LOC>", False)),
        # a class that is capitalised besides is not any capitalised word
        ({"pattern": "<title>&Cap [ Cap ]", "anchor": "<title>&Cap"}, "Président dit", (9, "Cap", False)),
        ({"pattern": "[ Acronym Cap ]", "anchor": "Acronym"}, "PRÉSIDENT dit", (9, "Cap", False)),
        # `unless` is told of the whole match: the offset is where it ends, or starts
        ({"pattern": "<title> [ Cap Cap ]", "after": "<demonym>"}, "président Paul Roi russe", AFTER),
        ({"pattern": "le <title> [ Cap ]", "before": "si"}, "si le président Paul", (3, BEFORE, True)),
        ({"pattern": "<title> [ Cap ]", "before": "le", "after": "dit"}, "le président Paul dit", (3, BEFORE, True)),
    ],
)
def test_near_misses(made, text, missed):
    """An anchor from which a rule did not match yields the offset where it stopped and what it wanted there."""
    made = {"anchor": "<title>"} | made
    pattern, anchor, start = made.pop("pattern"), made.pop("anchor"), text.lower().index("président")
    tried = rule(pattern, **made)
    offset, wanted, leftwards = missed
    expected = [NearMiss(tried, Part(anchor, start, start + 9), offset, wanted, leftwards)]
    assert list(Matcher([tried]).near_misses(text_of(text, KNOWN), 1)) == expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("<title> [ Cap Cap ]", "président Paul Roi"), ("<title> [ Cap ]", "rien"), ("[ Cap Cap ]", "Paul part")],
)
def test_no_near_misses(pattern, text):
    """No near miss if a rule matches, if none of its anchors occurs, or if its anchor is any capitalised word."""
    assert list(Matcher([rule(pattern)]).near_misses(text_of(text, KNOWN), 1)) == []


def test_near_misses_of_a_stage():
    """Each stage has its own, and those of words, classes and entities are reported alike."""
    rules = [rule("roi [ Cap ]", id="word"), rule("<title> [ Cap ]", id="class"), rule("@LOC roi", id="e", stage=2)]
    matcher, text = Matcher(rules), text_of("le roi et le président de Paris", KNOWN)
    text.see([Candidate(26, 31, "LOC", Source("entry", "Paris"))])
    missed = [[(miss.rule.id, miss.anchor, miss.offset) for miss in matcher.near_misses(text, n)] for n in (1, 2, 3)]
    assert missed == [
        [("class", Part("<title>", 13, 22), 22), ("word", Part("roi", 3, 6), 6)],
        [("e", Part("@LOC", 26, 31), 31)],
        [],
    ]


class Counting(Text):
    """Counts how often an atom is tried."""

    calls = 0

    def ends(self, atom, offset):
        self.calls += 1
        return super().ends(atom, offset)

    def starts(self, atom, offset):
        self.calls += 1
        return super().starts(atom, offset)


@pytest.mark.parametrize(
    ("pattern", "unit"),
    [
        ("(Cap? Cap? Cap?){0,5} [ Cap ] roi", "Anticonstitutionnellement Interdépartementalisation "),
        ("[ Cap ((Cap? Cap? Cap?){0,5})* ] lower", "Anticonstitutionnellement Interdépartementalisation "),
        ("((Cap* Cap*)* Cap*)* [ Cap ] ((Cap* Cap*)* Cap*)* lower", "Anticonstitutionnellement Interministériel "),
        ("(Cap | Cap Cap | Word)* <title> [ (Cap | Cap Cap)* Cap ] roi", "Interministériel président Intercommunal "),
        ("(Cap? Cap? Cap?){0,5} <title> [ Cap ]", "Interministériel Intercommunal président non "),
    ],
)
def test_linear_time(pattern, unit):
    """However a pattern nests its repeats, each further stretch of a line costs the same number of steps."""
    matcher = Matcher([rule(pattern)])
    least = 2 * REACH // len(unit) + 1
    calls = []
    for factor in (1, 2, 3):
        text = text_of(unit * (least * factor), KNOWN, Counting)
        list(matcher.candidates(text, 1))
        calls.append(text.calls)
    assert calls[2] - calls[1] == calls[1] - calls[0]
