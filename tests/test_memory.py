"""Names learned in a document: family names, names that a rule found, and who licensed each mention."""

import pytest

from makers import ENGINES, rule_of, tagger_of, text_of
from ruletag.model import Candidate, Entry, Part, Source
from ruletag.plain.memory import remember

CLASSES = {"title": ["président"], "particle": ["de", "van", "von der", "al"]}


def rule(pattern, id="r", label="PER", priority=0):
    return rule_of(pattern, id=id, label=label, priority=priority, classes=CLASSES, line=7)


TITLE = rule("title:( <title> ) [ Cap (<particle>? Cap){0,3} ]", "title")


def name(surface, label="PER", **more):
    return Entry(surface, label, Source("entry", surface, "gazetteers/a.yaml", 1), **more)


@pytest.fixture(params=ENGINES)
def tag(request):
    """Each entity of a text as (text, label, kind of source, via)."""

    def tag(text, *entries, rules=(TITLE,), memory=True):
        words = [
            Entry(word, key, Source("entry", word))
            for key, words_of_class in CLASSES.items()
            for word in words_of_class
        ]
        tagger = tagger_of([*entries, *words], rules, memory=memory, engine=request.param)
        return [(entity.text, entity.label, entity.source.kind, entity.via) for entity in tagger.tag(text).entities]

    return tag


XI = name("Xi Jinping", surname="Xi")
MARIE = name("Marie Curie", surname="Curie")
OSWALD = name("Oswald von der Heyden", surname="von der Heyden")


@pytest.mark.parametrize(
    ("text", "entries", "expected"),
    [
        # the family name of an entry, before and after its full name
        (
            "Curie part. Marie Curie reste. Curie aussi.",
            [MARIE],
            [
                ("Curie", "PER", "memory", "Marie Curie (12:23)"),
                ("Marie Curie", "PER", "entry", ""),
                ("Curie", "PER", "memory", "Marie Curie (12:23)"),
            ],
        ),
        ("Curie part.", [MARIE], []),
        ("Marie Curie reste. Marie aussi.", [MARIE], [("Marie Curie", "PER", "entry", "")]),
        (
            "Marie Curie. CURIE !",
            [MARIE],
            [("Marie Curie", "PER", "entry", ""), ("CURIE", "PER", "memory", "Marie Curie (0:11)")],
        ),
        ("Marie Curie, la curie.", [MARIE], [("Marie Curie", "PER", "entry", "")]),
        # a stated family name comes first, and then no other part of the name is licensed
        (
            "Xi Jinping parle. Xi écoute, Jinping non.",
            [XI],
            [("Xi Jinping", "PER", "entry", ""), ("Xi", "PER", "memory", "Xi Jinping (0:10)")],
        ),
        # particles belong to a family name and are none
        (
            "Oswald von der Heyden. von der Heyden rit. Heyden non.",
            [OSWALD],
            [
                ("Oswald von der Heyden", "PER", "entry", ""),
                ("von der Heyden", "PER", "memory", "Oswald von der Heyden (0:21)"),
            ],
        ),
        (
            "Le président Jean de Brissac. Brissac et de Brissac.",
            [],
            [
                ("Jean de Brissac", "PER", "rule", ""),
                ("Brissac", "PER", "memory", "Jean de Brissac (13:28)"),
                ("de Brissac", "PER", "memory", "Jean de Brissac (13:28)"),
            ],
        ),
        # what a rule found is known everywhere, whole, with its family name
        (
            "Ali Benali vote. Le président Ali Benali aussi. Benali rit.",
            [],
            [
                ("Ali Benali", "PER", "memory", "Ali Benali (30:40)"),
                ("Ali Benali", "PER", "rule", ""),
                ("Benali", "PER", "memory", "Ali Benali (30:40)"),
            ],
        ),
        (
            "Benali vote. Le président Benali aussi.",
            [],
            [("Benali", "PER", "memory", "Benali (26:32)"), ("Benali", "PER", "rule", "")],
        ),
        # the first mention licenses
        (
            "Marie Curie et Pierre Curie. Curie !",
            [MARIE, name("Pierre Curie", surname="Curie")],
            [
                ("Marie Curie", "PER", "entry", ""),
                ("Pierre Curie", "PER", "entry", ""),
                ("Curie", "PER", "memory", "Marie Curie (0:11)"),
            ],
        ),
        # a family name inside another name is not taken, nor one in a compound
        (
            "Marie Curie. L'institut Curie de Paris et la Fondation Curie.",
            [MARIE, name("institut Curie", "ORG"), name("Fondation Curie", "ORG")],
            [
                ("Marie Curie", "PER", "entry", ""),
                ("institut Curie", "ORG", "entry", ""),
                ("Fondation Curie", "ORG", "entry", ""),
            ],
        ),
        ("Marie Curie. Joliot-Curie, anti-Curie.", [MARIE], [("Marie Curie", "PER", "entry", "")]),
        ("Marie Curie. Curieux !", [MARIE], [("Marie Curie", "PER", "entry", "")]),
        # only people have family names, and nobody is called by one letter or an initial
        ("Paris Nord. Nord !", [name("Paris Nord", "LOC")], [("Paris Nord", "LOC", "entry", "")]),
        ("Le président Malcolm X. La X !", [], [("Malcolm", "PER", "rule", "")]),
        ("Ali B. vote. B. dort.", [name("Ali B.", surname="B.")], [("Ali B.", "PER", "entry", "")]),
        # a byname in lower case is no family name
        ("Jeanne la folle rit. La folle !", [name("Jeanne la folle")], [("Jeanne la folle", "PER", "entry", "")]),
        # a known family name is that of the person named before
        (
            "Marie Curie. Curie !",
            [MARIE, name("Curie")],
            [("Marie Curie", "PER", "entry", ""), ("Curie", "PER", "memory", "Marie Curie (0:11)")],
        ),
        # a name of the document outranks a known place of the same name
        (
            "Denzel Paris joue. Paris rit.",
            [name("Denzel Paris", surname="Paris"), name("Paris", "LOC")],
            [("Denzel Paris", "PER", "entry", ""), ("Paris", "PER", "memory", "Denzel Paris (0:12)")],
        ),
    ],
)
def test_family_names(tag, text, entries, expected):
    """A full name licenses its family name in the whole document, and each mention names the one that licensed it."""
    assert tag(text, *entries) == expected


CIVILITY = rule('"M." [ ("L\'"? Upper{1,2} Cap? | Cap Upper | Cap{2} | Cap al "-" Cap | "A") ]', "civility")


@pytest.mark.parametrize(
    ("text", "taught"),
    [
        # running text has capitals only at the start of each word, and the first spelling counts too
        ("M. LE GALL part. Le Gall rit. LE GALL dort.", ["Le Gall", "LE GALL"]),
        ("M. KERLOC'H part. Kerloc'h rit, kerloc'h non.", ["Kerloc'h"]),
        ("M. L'HERMITE-GUÉ part. L'Hermite-Gué rit.", ["L'Hermite-Gué"]),
        ("M. VIGNE-LAFONT part. Vigne-Lafont rit, vigne-lafont non.", ["Vigne-Lafont"]),
        ("M. Daniel PELATAN part. Pelatan rit.", ["Pelatan"]),
        # capitals that begin a name are the family name, if they are not a few letters only
        ("M. KERBRAT Anne part. Kerbrat rit, Anne aussi.", ["Kerbrat"]),
        ("M. LE GOFF Anne part. Le Goff rit, Anne aussi.", ["Le Goff"]),
        ("M. DJ Kerbrat part. Kerbrat rit.", ["Kerbrat"]),
        # one letter teaches nothing
        ("M. A part. A cette date il dort.", []),
        # the first word of a name is known, too, if it has three letters and no full stop
        ("M. Zoria Kerbrat part. Zoria rit. Puis ZORIA dort.", ["Zoria", "ZORIA"]),
        ("M. ZORIA KERBRAT part. Zoria rit.", ["Zoria"]),
        ("M. Ed Kerbrat part. Ed rit.", []),
        # a family name may begin with a particle and a hyphen
        ("M. Aboul al-Joulani part. Ici al-Joulani rit, un-Joulani non.", ["al-Joulani"]),
    ],
)
def test_names_in_capitals(tag, text, taught):
    """A person's name in capitals is known as running text writes it; of one letter, nothing is."""
    assert [span for span, _, kind, _ in tag(text, rules=[CIVILITY]) if kind == "memory"] == taught


@pytest.mark.parametrize("engine", ENGINES)
def test_first_word_that_is_a_word_of_the_language(engine):
    """The first word of a name is not learned if it is a word of the language, wherever it occurs."""
    tagger = tagger_of(rules=[CIVILITY], common=[b"pierre"], engine=engine)
    entities = tagger.tag("M. Pierre Kerbrat et M. Zoria Tavert partent, puis Pierre et Zoria.").entities
    assert [entity.text for entity in entities] == ["Pierre Kerbrat", "Zoria Tavert", "Zoria"]


def test_acronym_found_by_a_rule(tag):
    """An acronym that one rule found once is known in the whole document, with the label of that rule."""
    acronym = rule('ligue "(" [ Acronym ] ")"', "acronym", "ORG")
    assert tag("L'OTX dort. La ligue (OTX) vote. OTX !", rules=[acronym]) == [
        ("OTX", "ORG", "memory", "OTX (22:25)"),
        ("OTX", "ORG", "rule", ""),
        ("OTX", "ORG", "memory", "OTX (22:25)"),
    ]


def test_a_firm_is_known_without_its_legal_form(tag):
    """If a rule marks the legal form at the end, the name before it counts too; otherwise nothing is cut off."""
    sa = rule('[ Cap{1,2} form:( "SA" ) ]', "firm", "ORG")
    inc = rule('[ form:( "Inc" ) Cap ]', "firm", "ORG")
    text = "Kerbrac Nord SA recrute. Kerbrac Nord cherche, Kerbrac non. Inc Orsk part, Orsk reste."
    assert tag(text, rules=[sa, inc]) == [
        ("Kerbrac Nord SA", "ORG", "rule", ""),
        ("Kerbrac Nord", "ORG", "memory", "Kerbrac Nord SA (0:15)"),
        ("Inc Orsk", "ORG", "rule", ""),
    ]


def test_without_memory(tag):
    """`memory=False` leaves every mention to its own context."""
    assert tag("Curie et Marie Curie. Le président Ali Benali. Benali !", MARIE, memory=False) == [
        ("Marie Curie", "PER", "entry", ""),
        ("Ali Benali", "PER", "rule", ""),
    ]


def test_nothing_passes_to_the_next_document(tag):
    """Names learned in one document are forgotten in the next."""
    assert [tag(text, MARIE) for text in ("Marie Curie.", "Curie.")] == [[("Marie Curie", "PER", "entry", "")], []]


def test_memory_leaves_a_cautious_rule_its_mentions(tag):
    """A rule of low priority keeps its own mentions, with their parts; memory applies only where no rule did."""
    cautious = rule("title:( <title> ) [ Cap Cap ]", "cautious", priority=-1)
    text = "Le président Ali Benali. Ali Benali ! Le président Luc Benali. Benali ?"
    assert tag(text, rules=[cautious]) == [
        ("Ali Benali", "PER", "rule", ""),
        ("Ali Benali", "PER", "memory", "Ali Benali (13:23)"),
        ("Luc Benali", "PER", "rule", ""),
        ("Benali", "PER", "memory", "Ali Benali (13:23)"),
    ]


def test_memory_leaves_a_cautious_rule_its_longer_names(tag):
    """A learned name is not cut out of a longer name of another label, however low the priority of its rule."""
    place = rule("à [ Cap ]", "place", "LOC")
    council = rule("[ Cap de Cap ] vote", "council", "ORG", priority=-1)
    assert tag("Il vit à Kermaria. Conseil de Kermaria vote.", rules=[place, council]) == [
        ("Kermaria", "LOC", "rule", ""),
        ("Conseil de Kermaria", "ORG", "rule", ""),
    ]


def guess(pattern, label, priority=-3):
    return rule(pattern, "guess", label, priority)


@pytest.mark.parametrize(
    ("rules", "text", "taught"),
    [
        # a guess teaches where it was made twice, and what comes after one that does not is taught as ever
        ([guess("chez [ Cap ]", "ORG")], "Chez Orsk. Orsk !", []),
        ([guess("chez [ Cap ]", "ORG")], "Chez Orsk. Orsk ! Chez Orsk.", ["Orsk"]),
        ([guess("chez [ Cap ]", "ORG")], "Chez Orsk, chez Orsk, chez Orsk. Orsk !", ["Orsk"]),
        ([guess("chez [ Cap ]", "ORG"), TITLE], "Chez Orsk. Le président Ana Zed. Zed et Orsk !", ["Zed"]),
        # so does a hunch; what is more than a guess needs no second time
        ([guess("chez [ Cap ]", "MISC", -4)], "Chez Orsk. Orsk !", []),
        ([guess("chez [ Cap ]", "ORG", -2)], "Chez Orsk. Orsk !", ["Orsk"]),
        # a guessed person is believed
        ([guess("chez [ Cap Cap ]", "PER")], "Chez Ana Orsk. Orsk !", ["Orsk"]),
    ],
)
def test_what_guesses_teach(tag, rules, text, taught):
    """From `guess` down, a rule teaches only names that it found twice in the document, except for persons."""
    assert [row[0] for row in tag(text, rules=rules) if row[2] == "memory"] == taught


def test_a_guess_that_an_entry_confirms_teaches():
    """A guess that an entry confirms is no guess; without the entry it is."""
    taught = []
    for confirmed in (True, False):
        mention = Candidate(5, 9, "ORG", Source("rule", "r", "rules/r.yaml", 7), -3, confirmed=confirmed)
        taught.append(remember(text_of("Chez Orsk. Orsk !", []), [mention], frozenset(), frozenset()))
    assert taught == [[Candidate(11, 15, "ORG", Source("memory", "r", "rules/r.yaml", 7), -3, via=(5, 9))], []]


@pytest.mark.parametrize(("ambiguous", "second"), [(False, ("PER", "rule")), (True, ("ORG", "memory"))])
def test_a_confirmed_rule_goes_before_memory(tag, ambiguous, second):
    """If a rule and an entry agree, names learned from the document do not count; else they do."""
    firm = rule('[ Cap{1,2} form:( "SA" ) ]', "firm", "ORG")
    text = "Kerbrac Nord SA recrute. Le président Kerbrac Nord part."
    rows = tag(text, name("Kerbrac Nord", ambiguous=ambiguous), rules=[firm, TITLE])
    assert [row[:3] for row in rows] == [("Kerbrac Nord SA", "ORG", "rule"), ("Kerbrac Nord", *second)]


@pytest.mark.parametrize("labels", [("ORG", "LOC"), ("LOC", "ORG")])
def test_the_first_lesson_counts(tag, labels):
    """A name that two rules label differently keeps the first label everywhere, even where the second rule found it."""
    rules = [rule(f"{word} [ Cap ]", word, label) for word, label in zip(("chez", "hors"), labels, strict=True)]
    assert [row[:3] for row in tag("Chez Orsk. Hors Orsk. Orsk !", rules=rules)] == [
        ("Orsk", labels[0], "rule"),
        ("Orsk", labels[0], "memory"),
        ("Orsk", labels[0], "memory"),
    ]


def test_what_is_inside_a_longer_name_of_a_rule():
    """Memory proposes nothing at the head, in the middle or at the end of a longer name that a rule found."""
    source = Source("rule", "r", "rules/r.yaml", 7)
    mentions = [Candidate(0, 4, "ORG", source)]
    mentions += [Candidate(start, end, "LOC", source) for start, end in ((6, 14), (16, 29), (31, 40))]
    recalled = remember(
        text_of("Orsk, Orsk Sud, Nord Orsk Sud, Nord Orsk, Orsk.", []), mentions, frozenset(), frozenset()
    )
    assert [(candidate.start, candidate.end) for candidate in recalled] == [(42, 46)]


def test_only_a_legal_form_is_cut_off():
    """A title at the end of a name belongs to it, and a name that is nothing but a form teaches itself alone."""
    text = text_of("Orsk maire, Orsk. Maire, orsk.", [])
    source = Source("rule", "r", "rules/r.yaml", 7)
    taught = [
        remember(text, [Candidate(0, 10, "ORG", source, parts=(Part(part, start, 10),))], frozenset(), frozenset())
        for part, start in (("title", 5), ("det", 5), ("form", 0), ("form", 5))
    ]
    assert [[(candidate.start, candidate.end) for candidate in candidates] for candidates in taught] == [
        [],
        [],
        [],
        [(12, 16)],
    ]


def test_via_counts_in_the_text_as_it_came(tag):
    """The span of the licensing mention is in the original text, where folding changes lengths."""
    text = "L'e\u0301te\u0301\r\n\r\nMarie  Curie. Curie !"
    assert tag(text, MARIE) == [("Marie  Curie", "PER", "entry", ""), ("Curie", "PER", "memory", "Marie Curie (11:23)")]


def test_candidates():
    """Memory gives candidates with the label, priority, identifier and source of the mention that taught, no parts."""
    mention = Candidate(
        0,
        11,
        "PER",
        Source("rule", "r", "rules/r.yaml", 7),
        2,
        (Part("title", 0, 2),),
        Part("Cap", 0, 5),
        "Q1",
        "Curie",
    )
    assert remember(text_of("Marie Curie. Curie.", []), [mention], frozenset(), frozenset()) == [
        Candidate(13, 18, "PER", Source("memory", "r", "rules/r.yaml", 7), 2, id="Q1", via=(0, 11))
    ]


def test_where_a_family_name_stands(tag):
    """In capitals, behind an elision and alone, but not inside a longer word, a compound or behind a prefix."""
    text = "Le président Ana Orsk et le président Jean Ambly. ORSK, d'Ambly, Ambly, Orska, Orsk-Nord, anti-Orsk."
    remembered = [row for row in tag(text, name("Orsk-Nord", "LOC")) if row[2] == "memory"]
    assert [row[0] for row in remembered] == ["ORSK", "Ambly", "Ambly"]


def test_nothing_to_remember():
    """Without mentions, or with none that teaches, there are no candidates."""
    place = Candidate(0, 5, "LOC", Source("entry", "Paris"))
    recalled = [
        remember(text_of("Paris. Paris.", []), mentions, frozenset(), frozenset()) for mentions in ([], [place])
    ]
    assert recalled == [[], []]
