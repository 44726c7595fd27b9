"""The pattern notation: whole trees, and every fault with its column, message, help and code."""

import pytest

from ruletag.pattern import Absent, Atom, Choice, Group, PatternError, Repeat, Sequence, parse
from ruletag.program import plans
from ruletag.tokens import BIT, SHAPES

CLASSES = frozenset({"title", "demonym", "particle"})
MACROS = {
    "Nom": "Cap (<particle>? Cap){0,3}",
    "Deux": "$Mot $Mot",
    "Mot": "(Cap | Upper)",
    "Moi": "Cap $Moi",
    "Aller": "vers $Retour",
    "Retour": "$Aller puis",
    "Faux": "Cap De",
    "Trou": "Cap (",
}
SHAPE_NAMES = ", ".join(SHAPES)


def word(value, *shapes):
    return Atom("word", value, sum(BIT[name] for name in shapes))


def exact(value, *shapes):
    return Atom("exact", value, sum(BIT[name] for name in shapes))


def named(value, *shapes):
    return Atom("class", value, sum(BIT[name] for name in shapes))


def shape(value, *more):
    return Atom("shape", value, sum(BIT[name] for name in (value, *more)))


CAP = shape("Cap")
NOM = Sequence((CAP, Repeat(Sequence((Repeat(named("particle"), 0, 1), CAP)), 0, 3)))


@pytest.mark.parametrize(
    ("pattern", "tree"),
    [
        # what one token, entry or entity must be
        ("de", word("de")),
        ("prénommé", word("prénommé")),
        ("l'", word("l'")),
        ("d’", word("d’")),
        ("état-major", word("état-major")),
        (",", word(",")),
        ("-", word("-")),
        ("2030", word("2030")),
        ('"De"', exact("De")),
        ('"L\'"', exact("L'")),
        ('"«"', exact("«")),
        ('"("', exact("(")),
        ('"O.N.U."', exact("O.N.U.")),
        (r'"\""', exact('"')),
        ("<title>", named("title")),
        ("<LOC>", named("LOC")),
        ("@PER", Atom("entity", "PER")),
        ("@MISC", Atom("entity", "MISC")),
        # groups of these
        ("le président", Sequence((word("le"), word("président")))),
        ("le | la | l'", Choice((word("le"), word("la"), word("l'")))),
        ("(le)", word("le")),
        ("((le | la))", Choice((word("le"), word("la")))),
        ("le grand | la", Choice((Sequence((word("le"), word("grand"))), word("la")))),
        ("le (grand | petit) <title>", Sequence((word("le"), Choice((word("grand"), word("petit"))), named("title")))),
        # quantifiers bind to the thing before them
        ("le?", Repeat(word("le"), 0, 1)),
        ("Cap*", Repeat(CAP, 0, None)),
        ("Cap+", Repeat(CAP, 1, None)),
        ("Cap{2}", Repeat(CAP, 2, 2)),
        ("Cap{0,3}", Repeat(CAP, 0, 3)),
        ("Cap{,3}", Repeat(CAP, 0, 3)),
        ("Cap{2,}", Repeat(CAP, 2, None)),
        ("Cap{50}", Repeat(CAP, 50, 50)),
        ("Cap {2}", Repeat(CAP, 2, 2)),
        ("le Cap?", Sequence((word("le"), Repeat(CAP, 0, 1)))),
        ("(le Cap)?", Repeat(Sequence((word("le"), CAP)), 0, 1)),
        ("Cap{2}?", Repeat(Repeat(CAP, 2, 2), 0, 1)),
        # the entity and the parts
        ("[Cap]", Group("entity", CAP)),
        ("<title> [ Cap+ ]", Sequence((named("title"), Group("entity", Repeat(CAP, 1, None))))),
        ("title:( <title> )", Group("title", named("title"))),
        ("civility:( le )", Group("civility", word("le"))),
        ("det:( le | la )?", Repeat(Group("det", Choice((word("le"), word("la")))), 0, 1)),
        ("demonym:( <demonym> )", Group("demonym", named("demonym"))),
        ("form:( Ordinal )", Group("form", shape("Ordinal"))),
        ('quote:( "»" )', Group("quote", exact("»"))),
        (
            "title:( <title> demonym:( <demonym> )? ) [ Cap ]",
            Sequence(
                (
                    Group("title", Sequence((named("title"), Repeat(Group("demonym", named("demonym")), 0, 1)))),
                    Group("entity", CAP),
                )
            ),
        ),
        # what may not stand there
        ("!de Cap", Sequence((Absent(word("de")), CAP))),
        ("!<LOC> !@PER Cap", Sequence((Absent(named("LOC")), Absent(Atom("entity", "PER")), CAP))),
        ("! Roman", Absent(shape("Roman"))),
        ('!"De"', Absent(exact("De"))),
        ("!(de)", Absent(word("de"))),
        ("!<demonym>&Cap", Absent(named("demonym", "Cap"))),
        # a shape besides
        ("<demonym>&Cap", named("demonym", "Cap")),
        ("<demonym> & Cap", named("demonym", "Cap")),
        ("@LOC&Upper", Atom("entity", "LOC", BIT["Upper"])),
        ("congrès&Cap", word("congrès", "Cap")),
        ("onu&Acronym", word("onu", "Acronym")),
        ('"Xe"&Ordinal', exact("Xe", "Ordinal")),
        ("Ordinal&Cap", shape("Ordinal", "Cap")),
        ("<title>&Cap&Word", named("title", "Cap", "Word")),
        ("<title>&Cap?", Repeat(named("title", "Cap"), 0, 1)),
        ("(<title> | objectif)&Cap", Choice((named("title", "Cap"), word("objectif", "Cap")))),
        ("$Mot&Word", Choice((shape("Cap", "Word"), shape("Upper", "Word")))),
        # macros stand for their tree
        ("$Nom", NOM),
        ("<title> [$Nom]", Sequence((named("title"), Group("entity", NOM)))),
        ("$Nom?", Repeat(NOM, 0, 1)),
        ("$Deux", Sequence((Choice((CAP, shape("Upper"))), Choice((CAP, shape("Upper")))))),
    ],
)
def test_tree(pattern, tree):
    """A pattern has exactly one tree."""
    assert parse(pattern, MACROS, CLASSES) == tree


@pytest.mark.parametrize("name", SHAPE_NAMES.split(", "))
def test_shape_names(name):
    """Every shape of the tokens has its name in the notation."""
    assert parse(name, {}, frozenset()) == Atom("shape", name, BIT[name])


def test_spaces_mean_nothing():
    """A pattern may be laid out with any spaces between its pieces, or with none."""
    tight = parse('title:(<title>)["Le"Cap{1,2}(<particle>|!de Cap)?]', {}, CLASSES)
    wide = parse(' title:( <title> )\t[ "Le" Cap {1,2} ( <particle> | ! de Cap ) ? ] ', {}, CLASSES)
    assert tight == wide


def _two_tokens(text, count=2):
    return f"{text!r} is {count} tokens, not one", "separate them with spaces"


def _capital(text):
    help = f'write "{text}" for exactly this spelling, {text.lower()} for any; shapes are {SHAPE_NAMES}'
    return f"the folded word {text!r} has a capital and can never match", help


def _misplaced(text):
    help = "quote punctuation, and the pattern with the other quotation marks: match: '\",\" [ Cap ]'"
    return f"{text!r} is not a word, class, shape or group", help


TOO_MANY = "the counts of {m,n} go up to 50", "write {m,n} with m <= n, n from 1 to 50"


def _repeated(mark):
    return f"{mark!r} repeats something that is repeated twice already", "write only one count"


def _count(text):
    return f"{text} is not a count", "write {m,n} with m <= n, n from 1 to 50"


EMPTY = ("an empty alternative matches nothing", "write what matches there, or put ? after the group")
NO_SHAPE = ("& must be followed by a shape", f"known: {SHAPE_NAMES}")
NO_ATOM = ("! must be followed by one word, class, entity or shape", "write a ! for each")
TOO_LONG = ("& applies to one word, class or entity, not a group", "put it on each member")
ITSELF = "define it without itself; use * or + to repeat"
PARTS = "known: civility, date, demonym, det, form, quote, title"


@pytest.mark.parametrize(
    ("pattern", "column", "message", "help", "code"),
    [
        # words that can never match
        ("De", 1, *_capital("De"), "RT301"),
        ("le Président [ Cap ]", 4, *_capital("Président"), "RT301"),
        ("le cAP", 4, *_capital("cAP"), "RT301"),
        ("aujourd'hui", 1, *_two_tokens("aujourd'hui"), "RT301"),
        ("le d'État", 4, *_two_tokens("d'État"), "RT301"),
        ('le "Jean Dupont"', 4, *_two_tokens("Jean Dupont"), "RT301"),
        ("a,b", 1, *_two_tokens("a,b", 3), "RT301"),
        ('""', 1, *_two_tokens("", 0), "RT301"),
        ('"Le"&Number', 6, '"Le" never has that shape', "remove the shape", "RT301"),
        ("de&Number", 4, "de never has that shape", "remove the shape", "RT301"),
        ('(<title> | "le")&Cap', 18, '"le" never has that shape', "remove the shape", "RT301"),
        # shapes that no token has together
        ("le Cap&lower", 8, "no token has both the shape lower and what Cap requires", "remove one of them", "RT301"),
        (
            "le Cap&Number roi",
            8,
            "no token has both the shape Number and what Cap requires",
            "remove one of them",
            "RT301",
        ),
        # names that nobody defined
        ("le <tittle>", 4, "unknown class <tittle>", "did you mean 'title'?", "RT303"),
        (
            "<zzz>",
            1,
            "unknown class <zzz>",
            "write its words into a gazetteer that begins with `class: zzz`",
            "RT303",
        ),
        ("<>", 1, "unknown class <>", "name a class", "RT303"),
        ("le @PRE", 4, "unknown label @PRE", "did you mean 'PER'?", "RT205"),
        ("@", 1, "unknown label @", "known: LOC, MISC, ORG, PER", "RT205"),
        ("@title", 1, "unknown label @title", "known: LOC, MISC, ORG, PER", "RT205"),
        ("[ $Non ]", 3, "unknown macro $Non", "did you mean 'Nom'?", "RT302"),
        ("le titre:( <title> )", 4, "unknown part 'titre'", "did you mean 'title'?", "RT301"),
        ("x:( <title> )", 1, "unknown part 'x'", PARTS, "RT301"),
        # macros that fail
        ("le $Moi", 4, "in the macro $Moi: the macro $Moi refers to itself", ITSELF, "RT302"),
        (
            "$Aller",
            1,
            "in the macro $Aller: in the macro $Retour: the macro $Aller refers to itself",
            ITSELF,
            "RT302",
        ),
        ("le $Faux", 4, f"in the macro $Faux: {_capital('De')[0]}", _capital("De")[1], "RT301"),
        ("$Trou", 1, "in the macro $Trou: a group is empty", "", "RT301"),
        # brackets
        ("le ( Cap", 4, "this group is never closed by ')'", "add ')'", "RT301"),
        ("le [ Cap", 4, "this group is never closed by ']'", "add ']'", "RT301"),
        ("le title:( Cap", 4, "this group is never closed by ')'", "add ')'", "RT301"),
        ("( Cap ]", 1, "this group is never closed by ')'", "add ')'", "RT301"),
        ("[ Cap )", 1, "this group is never closed by ']'", "add ']'", "RT301"),
        ("[ ( Cap ]", 3, "this group is never closed by ')'", "add ')'", "RT301"),
        ("le [", 4, "a group is empty", "", "RT301"),
        ("le )", 4, "unmatched ')'", "remove it, or add the opening one", "RT301"),
        ("le ]", 4, "unmatched ']'", "remove it, or add the opening one", "RT301"),
        # alternatives
        ("", 1, *EMPTY, "RT301"),
        ("le | ", 6, *EMPTY, "RT301"),
        ("| le", 1, *EMPTY, "RT301"),
        ("(le | | la)", 7, *EMPTY, "RT301"),
        ("le ( )", 6, *EMPTY, "RT301"),
        ("[ ]", 3, *EMPTY, "RT301"),
        # counts
        ("Cap{0}", 4, *_count("{0}"), "RT301"),
        ("Cap{0,0}", 4, *_count("{0,0}"), "RT301"),
        ("Cap{}", 4, *_count("{}"), "RT301"),
        ("Cap{,}", 4, *_count("{,}"), "RT301"),
        ("Cap{3,2}", 4, *_count("{3,2}"), "RT301"),
        ("Cap{51}", 4, *_count("{51}"), "RT301"),
        ("Cap{51,}", 4, *_count("{51,}"), "RT301"),
        ("Cap{2", 4, *_count("{"), "RT301"),
        ("Cap{" + "9" * 4301 + "}", 4, *TOO_MANY, "RT301"),
        ("Cap{1," + "0" * 4301 + "}", 4, *TOO_MANY, "RT301"),
        ("Cap{٣}", 4, *_count("{"), "RT301"),
        ("Cap???", 6, *_repeated("?"), "RT301"),
        ("Cap" + "*" * 5000, 6, *_repeated("*"), "RT301"),
        ("Cap{2}+{3,4}", 8, *_repeated("{3,4}"), "RT301"),
        # marks that lack what they want
        ("Cap &", 6, *NO_SHAPE, "RT301"),
        ("Cap &cap", 6, *NO_SHAPE, "RT301"),
        ("Cap & <title>", 7, *NO_SHAPE, "RT301"),
        ("(le la)&Cap", 8, *TOO_LONG, "RT301"),
        ("Cap*&Upper", 5, *TOO_LONG, "RT301"),
        ("(le | la*)&Cap", 11, *TOO_LONG, "RT301"),
        ("!", 1, *NO_ATOM, "RT301"),
        ("le !", 4, *NO_ATOM, "RT301"),
        ("le !(un | une)", 4, *NO_ATOM, "RT301"),
        ("le !Cap?", 4, *NO_ATOM, "RT301"),
        ("le !!Cap", 4, *NO_ATOM, "RT301"),
        ("? le", 1, *_misplaced("?"), "RT301"),
        ("&Cap", 1, *_misplaced("&"), "RT301"),
        ('le "Cap', 4, *_misplaced('"'), "RT301"),
        ("le <title", 4, *_misplaced("<"), "RT301"),
        ("le >", 4, *_misplaced(">"), "RT301"),
    ],
)
def test_fault(pattern, column, message, help, code):
    """A pattern that cannot be read, or never match, says where, what, and what to do."""
    with pytest.raises(PatternError) as caught:
        parse(pattern, MACROS, CLASSES)
    error = caught.value
    assert (error.column, str(error), error.help, error.code) == (column, message, help, code)


def test_macros_that_nest_too_deeply():
    """A chain of macros has an end, so that no file can exhaust the stack."""
    macros = {f"M{index}": f"$M{index + 1}" for index in range(40)} | {"M40": "Cap"}
    with pytest.raises(PatternError) as caught:
        parse("$M0", macros, frozenset())
    within = "".join(f"in the macro $M{index}: " for index in range(20))
    message = "groups, macros and ! nest too deeply; 20 levels are read"
    assert (caught.value.column, str(caught.value), caught.value.code) == (1, within + message, "RT302")


def test_macros_that_grow():
    """Ten macros that each name the next ten times are refused as soon as they grow too large, not written out."""
    macros = {f"M{index}": f"$M{index + 1} " * 10 for index in range(9)} | {"M9": "Cap"}
    with pytest.raises(PatternError) as caught:
        parse("$M0", macros, frozenset())
    message = "this pattern, with its macros written out, has more than 10000 items"
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize(
    "text", ["(" * 21 + "le" + ")" * 21, "[ " * 500 + "Cap" + " ]" * 500, "!" * 500, "title:(" * 21]
)
def test_groups_that_nest_too_deeply(text):
    """The level that is one too many is named; 20 are read."""
    column = 21 if text[0] in "(!" else 41 if text[0] == "[" else 141
    with pytest.raises(PatternError) as caught:
        parse(text, {}, frozenset())
    message = "groups, macros and ! nest too deeply; 20 levels are read"
    assert (caught.value.column, str(caught.value), caught.value.code) == (column, message, "RT301")


def test_twenty_groups_are_read():
    """The deepest pattern that is read can also be planned, with as many counts as are allowed at each level."""
    tree = parse("(" * 20 + "le" + "*)?" * 19 + "*) Cap", {}, frozenset())
    assert len(plans(tree)) == 1


@pytest.mark.parametrize(
    "written",
    ["de", '"De"', "<title>", "@PER", "Cap", "<demonym>&Cap", "Ordinal&Cap", "@LOC&Upper&Acronym", '"Xe"&Ordinal'],
)
def test_atom_is_shown_as_it_is_written(written):
    """Reports name an atom by its notation, with every shape that it demands."""
    assert str(parse(written, {}, CLASSES)) == written


@pytest.mark.parametrize(
    ("value", "key"), [("de", b"de"), ("prénommé", b"prenomme"), ("d’", b"d'"), ("cœur", b"c\x9cur"), ("ça", b"ca")]
)
def test_key_of_a_literal(value, key):
    """A literal is compared by its lower folding, without accents."""
    assert Atom("word", value).key == key
