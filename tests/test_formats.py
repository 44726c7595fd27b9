"""A written document is read back the same, in every format; and the refusals of each format."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from properties import examples
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS, by_name, by_suffix, default
from ruletag.formats.brace import displaced, losses
from ruletag.formats.contract import Options, text_stream
from ruletag.formats.text import one_after_the_other
from ruletag.model import GOLD, LABELS, Document, Entity, Source

# What formats stumble over: astral and combining characters, half of one, all line ends, spaces of every kind, the
# marks of the formats themselves.
NASTY = "aé\ud83d\u0301\U0001f30d\U0001d4abİœ \u00a0\u202f\t\r\n\x0b\x85\u2028\x00{}[]()\\_-'’\"«»"
WORDS = ["Paris", "l’", "Côte d’Ivoire", "\r\n", "\n", "\n\n", "\n{\n", "}", "{", " ", "\u00a0", "ONU_ORG", "Jean\nBon"]
TEXTS = st.lists(st.one_of(st.sampled_from(WORDS), st.text(NASTY, max_size=4)), max_size=8).map("".join)

GOLDEN = Document(
    "\U0001f30d L’été, M. İnönü (né à\u00a0E\u0301vry)\r\n"
    "lit [Le Monde] \\o/ à la Côte\u00a0d’Ivoire…\r\n\r\n« Jean\r\nBon »\n",
    tuple(
        Entity(start, start + len(surface), label, surface)
        for start, surface, label in [
            (12, "İnönü", "PER"),
            (24, "E\u0301vry", "LOC"),
            (37, "Le Monde", "ORG"),
            (56, "Côte\u00a0d’Ivoire", "LOC"),
            (76, "Jean\r\nBon", "PER"),
        ]
    ),
    annotated=True,
)


def one(name, text, path="a.txt"):
    """The only document of a text in the format of that name."""
    (document,) = FORMATS[name].loads(text, path)
    return document


def essence(document):
    """The content of a document, without the places where a format found it."""
    return document.text, [entity.span for entity in document.entities]


def faults(name, text, path="a"):
    """The report on a text that the format refuses."""
    with pytest.raises(RuletagError) as error:
        list(FORMATS[name].loads(text, path))
    return [format_fault(fault) for fault in error.value.faults]


@st.composite
def documents(draw):
    """A text with names that do not overlap."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = zip(cuts[::2], cuts[1::2], strict=False)
    entities = [Entity(a, b, draw(st.sampled_from(LABELS)), text[a:b]) for a, b in spans]
    return Document(text, tuple(entities), annotated=True)


@examples(100)
@given(documents())
def test_jsonl_gives_back_what_was_written(document):
    """JSON Lines hold any document, and write the same line again."""
    written = FORMATS["jsonl"].dumps([document])
    again = one("jsonl", written)
    assert essence(again) == essence(document)
    assert FORMATS["jsonl"].dumps([again]) == written


@examples(100)
@given(documents())
def test_markup_gives_back_what_was_written(document):
    """Markup holds any document whose names do not overlap."""
    assert essence(one("markup", FORMATS["markup"].dumps([document]))) == essence(document)


@examples(100)
@given(TEXTS)
def test_text_gives_back_what_was_written(text):
    """Raw text is the text, braces and all."""
    assert one("text", FORMATS["text"].dumps([Document(text)])) == Document(text, path="a.txt")


@examples(200)
@given(documents())
@example(Document("Paris.\n\n", (Entity(0, 5, "LOC", "Paris"),)))
@example(Document("Paris\r", (Entity(0, 5, "LOC", "Paris"),)))
def test_brace_gives_back_what_it_can_express(document):
    """Braces hold any text without a brace line, with all names but those that `losses` tells apart."""
    if {"{", "}"} & {line.strip() for line in document.text.replace("\r", "\n").split("\n")}:
        with pytest.raises(RuletagError, match="would be read as a block"):
            FORMATS["brace"].dumps([document])
    elif not list(losses(document)):
        assert essence(one("brace", FORMATS["brace"].dumps([document]))) == essence(document)


@pytest.mark.parametrize("name", ["brace", "jsonl", "markup", "text"])
def test_the_golden_document_comes_back(name):
    """One text with everything in it: an emoji, NFD, NBSP, CRLF, brackets, a backslash, a name across a line end."""
    expected = essence(GOLDEN) if name != "text" else (GOLDEN.text, [])
    assert essence(one(name, FORMATS[name].dumps([GOLDEN]))) == expected


def test_jsonl_keeps_what_it_does_not_know():
    """Keys of other tools pass through as they came; `id` keeps its type; spans get their surface."""
    line = '{"id": 7, "text": "À Paris.", "spans": [[2, 7, "LOC"]], "meta": {"src": ["a", null]}, "label": "x"}'
    (document,) = FORMATS["jsonl"].loads(line + "\n", "a.jsonl")
    assert document == Document(
        "À Paris.",
        (Entity(2, 7, "LOC", "Paris", Source("gold", "gold", "a.jsonl", 1)),),
        "7",
        "a.jsonl",
        True,
        meta={"meta": {"src": ["a", None]}, "label": "x", "id": 7},
        lines=(1,),
    )
    assert json.loads(FORMATS["jsonl"].dumps([document])) == json.loads(line) | {
        "spans": [{"start": 2, "end": 7, "label": "LOC", "text": "Paris"}]
    }


@pytest.mark.parametrize("identifier", ["a-1", "", 7, 7.5, 0, -1])
def test_an_id_comes_back_with_its_type(identifier):
    """A number stays a number and a string a string."""
    line = json.dumps({"id": identifier, "text": "Rien.", "spans": []})
    assert FORMATS["jsonl"].dumps(FORMATS["jsonl"].loads(line, "a")) == line + "\n"


def test_jsonl_spans_may_be_objects():
    """Objects with start, end and label are spans; their id comes back, the rest of them does not."""
    line = '{"text": "Paris", "spans": [{"label": "LOC", "end": 5, "start": 0, "id": "Q90", "score": 1}]}'
    expected = '{"text": "Paris", "spans": [{"start": 0, "end": 5, "label": "LOC", "text": "Paris", "id": "Q90"}]}\n'
    assert FORMATS["jsonl"].dumps(FORMATS["jsonl"].loads(line, "a")) == expected


def test_jsonl_without_spans_is_raw():
    """No `spans`, or null, is no gold; an empty list says that there is no name."""
    text = '{"text": "A"}\n\n{"text": "B", "spans": null}\r\n{"text": "C", "spans": []}'
    read = [(d.text, d.annotated, d.line(0)) for d in FORMATS["jsonl"].loads(text, "a")]
    assert read == [("A", False, 1), ("B", False, 3), ("C", True, 4)]


def test_jsonl_escapes_half_of_a_character():
    """Half of a character (an emoji that was cut) is written as JSON has it, since UTF-8 cannot hold it."""
    assert FORMATS["jsonl"].dumps([Document("a\ud83d\U0001f30d")]) == '{"text": "a\\ud83d\U0001f30d", "spans": []}\n'


def test_jsonl_writes_who_made_a_span():
    """Spans that the tagger made name their source, the mention that licensed them and the id of the entry."""
    entity = Entity(0, 5, "LOC", "Paris", Source("entry", "Paris", "g/p.yaml", 3), "Q90", via="Paris (9:14)")
    expected = {"start": 0, "end": 5, "label": "LOC", "text": "Paris", "source": "Paris (g/p.yaml:3)"}
    written = json.loads(FORMATS["jsonl"].dumps([Document("Paris", (entity,))]))
    assert written == {"text": "Paris", "spans": [expected | {"via": "Paris (9:14)", "id": "Q90"}]}


def test_jsonl_takes_the_text_from_a_named_key():
    """`--column` names it; a key `text` beside it is other data, and comes back as a loss."""
    line = '{"id": 7, "text": "Titre", "body": "À Brest.", "spans": [[2, 7, "LOC"]], "lang": "fr"}\n'
    (document,) = FORMATS["jsonl"].loads(line, "a", Options(column="body"))
    entity = Entity(2, 7, "LOC", "Brest", Source("gold", "gold", "a", 1))
    meta = {"id": 7, "text": "Titre", "lang": "fr"}
    assert document == Document("À Brest.", (entity,), "7", "a", True, meta=meta, lines=(1,))
    span = '{"start": 2, "end": 7, "label": "LOC", "text": "Brest"}'
    assert FORMATS["jsonl"].dumps([document]) == f'{{"id": 7, "text": "À Brest.", "spans": [{span}], "lang": "fr"}}\n'
    lost = "other data is left out, because the format has a key of the same name: {}"
    assert list(FORMATS["jsonl"].losses(document, Options())) == [(lost, "'text'", 0)]


def test_a_null_text_is_named_as_such():
    """It is another mistake than a missing key."""
    help = "  help: give it a text, which may be empty, or remove the document"
    assert faults("jsonl", '{"text": null}') == [f"a:1: RT105 'text' is null\n{help}"]


@pytest.mark.parametrize("name", [name for name, each in FORMATS.items() if each.write and "meta" in each.carries])
def test_other_data_takes_the_place_of_nothing(name):
    """Whatever the keys of the other data of a document, its text and spans come back."""
    pytest.importorskip({"parquet": "pyarrow", "docbin": "spacy"}.get(name, "json"))
    names = ("text", "spans", "tokens", "ents", "label", "labels", "entities", "data", "predictions", "meta", "sha256")
    document = Document("À Brest.", (Entity(2, 7, "LOC", "Brest", GOLD),), "7", meta=dict.fromkeys(names, "autre"))
    (again,) = FORMATS[name].loads(FORMATS[name].dumps([document]), "a")
    assert (again.text, [entity.span for entity in again.entities]) == ("À Brest.", [(2, 7, "LOC")])


def test_all_faulty_lines_are_reported():
    """Every line of JSON that is not a document is named, with the reason."""
    lines = [
        '{"text": "A"',
        "[1, 2]",
        '{"texte": "A"}',
        '{"text": "Paris", "spans": 3}',
        '{"text": "Paris", "spans": [[0, 5]]}',
        '{"text": "Paris", "spans": [["0", 5, "LOC"]]}',
        '{"text": "Paris", "spans": [7]}',
        '{"text": "Paris", "spans": [[true, 5, "LOC"]]}',
        '{"text": "Paris", "spans": [[0, 6, "LOC"]]}',
        '{"text": "Paris", "spans": [[3, 3, "LOC"]]}',
        '{"text": "Paris", "spans": [{"start": 0, "end": 5, "label": "LIEU"}]}',
        '{"text": "Paris", "id": ["a"]}',
        '{"text": "good"}',
    ]
    expected = "expected an object with a string under 'text'"
    offsets = "\n  help: offsets are code points, 0 <= start < end"
    assert faults("jsonl", "\n".join(lines)) == [
        "a:1: RT105 this is not JSON: Expecting ',' delimiter: line 1 column 13 (char 12)\n  help: one object per line",
        f"a:2: RT105 {expected}",
        "a:3: RT105 has no text under 'text' among its keys: texte\n"
        "  help: use --column KEY if the text has another key, or --from if this is another format",
        "a:4: RT105 'spans' must be a list",
        "a:5: RT105 a span is [start, end, label], not [0, 5]",
        'a:6: RT105 a span is [start, end, label], not ["0", 5, "LOC"]',
        "a:7: RT105 a span is [start, end, label], not 7",
        'a:8: RT105 a span is [start, end, label], not [true, 5, "LOC"]',
        f"a:9: RT105 the span 0:6 is outside a text of 5 code points{offsets}",
        f"a:10: RT105 the span 3:3 is empty{offsets}",
        "a:11: RT205 unknown label 'LIEU'\n  help: use --map LIEU=LOC, or --ignore LIEU",
        "a:12: RT105 'id' must be a string or a number",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"text": "A", "meta": ' + "[" * 64 + "]" * 64 + "}",
        '{"text": "A", "spans": ' + "[" * 990 + "]" * 990 + "}",
        '{"text": "A", "spans": ' + '{"start": ' * 64 + "0" + "}" * 65,
    ],
    ids=["cut", "meta", "spans", "objects"],
)
def test_json_that_is_too_deep_is_a_fault(line):
    """A bomb of brackets is no crash, wherever it is; what is read can also be written."""
    assert faults("jsonl", line) == [
        "a:1: RT105 is nested too deeply\n  help: lists and objects may nest 64 levels deep"
    ]
    deepest = '{"text": "A", "spans": [], "meta": ' + "[" * 63 + "]" * 63 + "}\n"
    assert FORMATS["jsonl"].dumps(FORMATS["jsonl"].loads(deepest, "a")) == deepest


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("NaN", "NaN is not a JSON number\n  help: write null, or a string"),
        ("-Infinity", "-Infinity is not a JSON number\n  help: write null, or a string"),
        ('{"a": [Infinity]}', "Infinity is not a JSON number\n  help: write null, or a string"),
        ("1e999", "the number '1e999' is too large\n  help: write it as a string"),
        ("[-1e999]", "the number '-1e999' is too large\n  help: write it as a string"),
        ("9" * 400 + ".0", f"the number '{'9' * 79}… is too large\n  help: write it as a string"),
        ("9" * 5000, "a number has too many digits\n  help: write it as a string"),
        ('{"b": 1, "a": 1, "a": 1}', "the key 'a' occurs twice in one object\n  help: keep one of them"),
        ('1, "text": "B"', "the key 'text' occurs twice in one object\n  help: keep one of them"),
        ('1, "\\ud83d": 1, "\\ud83d": 2', "the key '\\ud83d' occurs twice in one object\n  help: keep one of them"),
    ],
    ids=range(10),
)
def test_json_that_could_not_be_given_back(value, message):
    """Data that is no JSON to others, that Python cannot hold or that would be lost is refused, under any key."""
    for key in ("id", "meta", "spans"):
        assert faults("jsonl", f'{{"text": "A", "{key}": {value}}}') == [f"a:1: RT105 {message}"]


def test_numbers_that_are_no_json_are_never_written():
    """A document made by hand cannot bring them into a file either."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        FORMATS["jsonl"].dumps([Document("A", meta={"score": float("nan")})])


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        ("[[[0, 5]]]", "[[[0, 5]]]"),
        ('[0, 5, ["LOC"]]', '[0, 5, ["LOC"]]'),
        ('[0, 5, "LOC", 1]', '[0, 5, "LOC", 1]'),
        ('[false, true, "LOC"]', '[false, true, "LOC"]'),
        ('[0.0, 5.0, "LOC"]', '[0.0, 5.0, "LOC"]'),
        ('[null, 5, "LOC"]', '[null, 5, "LOC"]'),
        ("[0, 5, null]", "[0, 5, null]"),
        ('{"start": 0, "end": "5", "label": "LOC"}', '{"start": 0, "end": "5", "label": "LOC"}'),
        ("{}", "{}"),
        ("null", "null"),
        ('"\\ud83d"', r"'\ud83d'"),
        ("[" + "1, " * 50 + "1]", "[" + "1, " * 26 + "1…"),
    ],
)
def test_odd_spans(span, shown):
    """Nested lists, truth values, fractions, halves of characters: the message shows the span, or its beginning."""
    message = f"a:1: RT105 a span is [start, end, label], not {shown}"
    assert faults("jsonl", f'{{"text": "Paris", "spans": [{span}]}}') == [message]


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ('[-1, 5, "LOC"]', "RT105 the span -1:5 is outside a text of 5 code points\n"),
        (f'[0, {"9" * 99}, "LOC"]', f"RT105 the span 0:{'9' * 80}… is outside a text of 5 code points\n"),
        ('[0, 5, "\\ud83d"]', r"RT205 unknown label '\ud83d'" + "\n"),
    ],
)
def test_spans_that_do_not_fit(span, message):
    """Numbers without end and labels that are no text are shown as far as they can be."""
    (fault,) = faults("jsonl", f'{{"text": "Paris", "spans": [{span}]}}')
    assert fault.startswith(f"a:1: {message}  help: ")


@pytest.mark.parametrize(("answer", "annotated"), [("accept", True), ("reject", False), ("ignore", False)])
def test_an_answer_decides_whether_spans_are_gold(answer, annotated):
    """Records that an annotator rejected or ignored have no gold; the key itself comes back."""
    line = f'{{"text": "Paris", "spans": [[0, 5, "LOC"]], "answer": "{answer}"}}'
    document = one("jsonl", line)
    assert (document.annotated, len(document.entities)) == (annotated, int(annotated))
    assert document.meta == {"answer": answer}


@pytest.mark.parametrize(
    ("text", "plain", "spans", "lines"),
    [
        ("Paris\n{\nParis_LOC\n}\n", "Paris\n", [(0, 5, "LOC")], (1,)),
        ("Paris\n{\nParis_LOC\n}", "Paris", [(0, 5, "LOC")], (1,)),
        ("Paris\r\n{\r\nParis_LOC\r\n}\r\nOslo", "Paris\r\nOslo", [(0, 5, "LOC")], (1, 5)),
        ("Paris\n {\n\n  Paris _LOC \n} \n\nRien\n{\n}\n", "Paris\n\nRien\n", [(0, 5, "LOC")], (1, 6, 7)),
        ("a_b Jean_Paul\n{\nJean_Paul_PER\n}\n", "a_b Jean_Paul\n", [(4, 13, "PER")], (1,)),
        ("Ali, Malik et Ali\n{\nAli_PER\nAli_PER\n}\n", "Ali, Malik et Ali\n", [(0, 3, "PER"), (14, 17, "PER")], (1,)),
        ("Malien au Mali\n{\nMali_LOC\n}\n", "Malien au Mali\n", [(10, 14, "LOC")], (1,)),
        ("Jean\u00a0Bon\n{\nJean Bon_PER\n}\n", "Jean\u00a0Bon\n", [(0, 8, "PER")], (1,)),
        ("a\rb\n{\n}\nc\n{\nc_PER\n}\n", "a\rb\nc\n", [(4, 5, "PER")], (1, 5)),
        ("{\n}\n", "", [], ()),
    ],
)
def test_brace_reads_names_in_reading_order(text, plain, spans, lines):
    """Blocks are removed with their line ends; each surface is found after the one before, as a word if possible."""
    document = one("brace", text)
    assert (document.text, [e.span for e in document.entities], document.lines) == (plain, spans, lines)
    assert document.annotated


def test_brace_without_a_block_is_raw():
    """A text without braces has no gold, and its lines are the lines of the file."""
    assert one("brace", "Paris\n{Oslo}\n") == Document("Paris\n{Oslo}\n", path="a.txt")


def test_each_line_has_its_own_names():
    """A block follows its line, and the last line of a name; names are searched from their block."""
    text = "Un Zed ici.\nRien.\n\nPuis Ana\nOrsk et Bo là.\nZed."
    places = [(3, 6, "PER"), (24, 32, "PER"), (36, 38, "LOC"), (43, 46, "ORG")]
    document = Document(text, tuple(Entity(start, end, label, text[start:end]) for start, end, label in places))
    written = (
        "Un Zed ici.\n{\nZed_PER\n}\nRien.\n{\n}\n\nPuis Ana\nOrsk et Bo là.\n{\nAna Orsk_PER\nBo_LOC\n}\n"
        "Zed.\n{\nZed_ORG\n}"
    )
    assert FORMATS["brace"].dumps([document]) == written
    assert essence(one("brace", f"{written}\n")) == (f"{text}\n", places)


def test_names_in_braces_know_their_line():
    """A gold name knows the line of its block, and the document the line of each of its own lines."""
    document = one("brace", "Un\n{\n}\nParis\n{\nParis_LOC\n}\n")
    assert document.entities == (Entity(3, 8, "LOC", "Paris", Source("gold", "gold", "a.txt", 6)),)
    assert [document.line(0), document.line(3)] == [1, 4]


def test_brace_notes_a_name_outside_a_block():
    """It is text, as the grammar says, but hardly meant so; in a file without blocks nothing is said."""
    document = one("brace", "Un\n{\n}\nParis_LOC\na_b\n")
    assert document.text == "Un\nParis_LOC\na_b\n"
    assert document.notes == ("line 4 stands outside { }, so it is text and not a name: 'Paris_LOC'",)
    assert one("brace", "Un\nParis_LOC\n").notes == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A\n{\nA_PER\n", "a:2: RT104 this { is never closed\n  help: add a line with } after the last name"),
        ("A\n{\n{\n}\n", "a:3: RT104 a block begins inside the block of line 2\n  help: close it with }"),
        ("A\n{\nA\n}", "a:3: RT104 'A' has no label\n  help: write A_PER, or another of PER, LOC, ORG, MISC"),
        ("A\n{\nA PER\n}", "a:3: RT104 'A PER' has no label\n  help: write A_PER, with an underscore before the label"),
        (
            "A\n{\nA (ORG)\n}",
            "a:3: RT104 'A (ORG)' has no label\n  help: write A_ORG, with an underscore before the label",
        ),
        ("A\n{\nA_PERS\n}", "a:3: RT205 unknown label 'PERS'\n  help: use --map PERS=PER, or --ignore PERS"),
        (
            "A\n{\nB_PER\n}",
            "a:3: RT104 'B' is not in the paragraph before line 2\n  help: copy the name as it is in the text",
        ),
        (
            "A B\n{\nB_PER\nA_PER\n}",
            "a:4: RT104 'A' does not occur after the names listed before it\n  help: list names in reading order",
        ),
        (
            "A\n{\n" + "B_PER\n" * 2 + "}",
            "a:3: RT104 'B' is not in the paragraph before line 2\n  help: copy the name as it is in the text\n"
            "a:4: RT104 'B' is not in the paragraph before line 2\n  help: copy the name as it is in the text",
        ),
    ],
)
def test_brace_refuses(text, expected):
    """A block that cannot be read is a fault that names the line and the way out."""
    assert "\n".join(faults("brace", text)) == expected


def test_brace_long_line_without_label():
    """The help for a line without a label takes linear time."""
    (message,) = faults("brace", f"A\n{{\n{'A ' * 100_000}\n}}")
    assert message.endswith("or another of PER, LOC, ORG, MISC")


def test_brace_gives_up_after_a_hundred_absent_names():
    """A block of another text is not compared to the end: the names that were not looked for are counted."""
    messages = faults("brace", "A\n{\n" + "".join(f"B{number}_PER\n" for number in range(150)) + "}")
    assert messages[99] == (
        "a:102: RT104 'B99' is not in the paragraph before line 2\n  help: copy the name as it is in the text"
    )
    assert messages[100:] == [
        "a:103: RT104 names from here on were not looked for: 50\n  help: correct the names above first"
    ]


def test_a_brace_line_of_the_text_is_not_written():
    """A text with a line `{` of its own would come back cut; it is refused with the format that can hold it."""
    with pytest.raises(RuletagError) as error:
        FORMATS["brace"].dumps([Document("a\n{\nb", path="x.jsonl")])
    assert str(error.value) == (
        "x.jsonl:2: RT104 a line '{' of the text would be read as a block\n  help: write --to jsonl instead"
    )


def test_displaced_names_the_spans_that_braces_lose():
    """Compounds are passed over for a later word, unless a name would have no place then.

    « L'axe Chine-Oslo. La Chine » with the first *Chine* marked, alone or with *Oslo* behind it.
    """
    text = "L'axe Chine-Oslo. La Chine."
    first, oslo = Entity(6, 11, "LOC", "Chine"), Entity(12, 16, "LOC", "Oslo")
    assert displaced(Document(text, (first,))) == [first]
    assert displaced(Document(text, (first, oslo))) == []
    assert displaced(Document(text, (Entity(21, 26, "LOC", "Chine"),))) == []
    assert displaced(Document(text, (oslo,))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\nc [b](PER", "a:3:3: RT107 '[' does not begin a mark; write [surface](LABEL) or \\["),
        ("[b](PERS)", "a:1: RT205 unknown label 'PERS'\n  help: use --map PERS=PER, or --ignore PERS"),
    ],
)
def test_markup_refuses(text, expected):
    """A mark that is not well formed, or names no label, is a fault."""
    assert faults("markup", text) == [expected]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("brace", "Paris\n{\nParis_LOC\n}\nOslo\r\n{\nOslo_LOC\n}\nRien"),
        ("markup", "[Paris](LOC)\n[Oslo](LOC)\r\nRien"),
        ("text", "Paris\nOslo\r\nRien"),
    ],
)
def test_documents_of_one_file_begin_lines(name, expected):
    """If one file gets several documents, each is separated from the block or text before it."""
    paris, oslo = Entity(0, 5, "LOC", "Paris"), Entity(0, 4, "LOC", "Oslo")
    written = FORMATS[name].dumps(
        [Document("Paris", (paris,)), Document(""), Document("Oslo\r\n", (oslo,)), Document("Rien")]
    )
    assert written.removesuffix("\n{\n}") == expected


def test_one_after_the_other():
    """A line end is put between two texts only if it is missing."""
    stream = text_stream()
    one_after_the_other(["a\n", "", "b", "c\r", "d"], stream)
    assert stream.getvalue() == "a\nb\nc\rd"


@pytest.mark.parametrize(
    ("path", "name"),
    [("a.txt", "brace"), ("a.jsonl", "jsonl"), ("b/a.ndjson", "jsonl"), ("a.md", "brace"), ("txt", "brace")],
)
def test_the_suffix_says_the_format(path, name):
    """Known suffixes select a format, all others braces."""
    assert (by_suffix(path) or default()) is FORMATS[name]


def test_an_unknown_format_is_refused():
    """The closest name is suggested."""
    assert by_name("markup") is FORMATS["markup"]
    with pytest.raises(RuletagError) as error:
        by_name("json")
    assert str(error.value) == "--from/--to: RT110 unknown format 'json'\n  help: did you mean 'jsonl'?"


def test_each_format_stands_for_a_guideline():
    """Braces are annotated under `seed`, everything else under `canonical`."""
    assert {name for name, declaration in FORMATS.items() if declaration.guideline != "canonical"} == {"brace"}
    assert FORMATS["brace"].guideline == "seed"
