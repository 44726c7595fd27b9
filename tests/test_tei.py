"""TEI-XML: text read through the mark-up, tags put around names, and not a byte of the file changed besides."""

from __future__ import annotations

import gc
import pickle
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from properties import examples
from refusals import refusal
from ruletag.errors import RuletagError, format_fault
from ruletag.formats import FORMATS, Options
from ruletag.formats.labels import Labels
from ruletag.formats.tei import _ROLES
from ruletag.formats.xmltext import read_xml
from ruletag.model import LABELS, Document, Entity, Source
from test_formats import documents, essence

TEI = FORMATS["tei"]
RULE = Source("rule", "title name", "rules/a.yaml", 3)
PROVENANCE = 'resp="#ruletag" cert="high" ana="#title%20name%20(rules/a.yaml:3)"'


def file(body, declaration='<?xml version="1.0"?>'):
    """The bytes of a file with that body."""
    return f'{declaration}<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><body>{body}</body></text></TEI>'.encode()


def read(data, **options):
    (document,) = TEI.loads(data, "a.xml", Options(**options))
    return document


def entity(document, surface, label="PER", source=RULE, **more):
    start = document.text.index(surface)
    return Entity(start, start + len(surface), label, surface, source, **more)


def tagged(data, *names, **options):
    """The file with those names (surface and label) in it, as a text, and the reasons why some are not."""
    document = read(data)
    document = replace(document, entities=tuple(entity(document, *name) for name in names))
    losses = [loss.reason.format(loss.what) for loss in TEI.losses(document, Options())]
    return TEI.dumps([document], Options(**options)).decode(), losses


def body(data):
    return data.partition("<body>")[2].partition("</body>")[0]


TAKEN = "a span where the file already has a name is left out:"
FIXED = "a span that begins or ends inside a CDATA section or an entity is left out:"
_TOKEN = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!DOCTYPE.*?\]>|<[^>]*>", re.DOTALL)


def without_tags(data):
    """The bytes without the elements that ruletag says it is responsible for."""
    result, open, at = [], [], 0
    for token in _TOKEN.finditer(data):
        tag, ours = token[0], b'resp="#ruletag"' in token[0]
        if tag.startswith(b"</"):
            ours = open.pop()
        elif not tag.startswith((b"<!", b"<?")) and not tag.endswith(b"/>"):
            open.append(ours)
        if ours:
            result.append(data[at : token.start()])
            at = token.end()
    return b"".join([*result, data[at:]])


GOLDEN = """\
<?xml version="1.0" encoding="UTF-8"?>\r
<?xml-stylesheet href="a.xsl"?>
<!DOCTYPE TEI [<!ENTITY oe "œ"> <!-- ] > -->]>
<!-- Paris -->
<TEI xmlns='http://www.tei-c.org/ns/1.0'  n = "1&gt;0"><teiHeader><p>Émile Zola</p></teiHeader>
<text><body>
<head>\U0001f30d L’été à <placeName key="Q90" >E\u0301vry</placeName ></head><p>M. <hi rend='i'>Émile</hi>\r
  Zola,<lb/>né &#224; Par<lb break="no"/>is\u00a0; [A] {b} _ &lt;c&gt;</p><p>S<hi>œ</hi>ur &oe;<note>Lyon</note>\t
<![CDATA[Brest & <Nantes>]]> <choice><sic>Romme</sic><corr>Rome</corr></choice></p><lb/></body></text></TEI>
<!-- fin -->
"""
GOLDEN_TEXT = (
    "\n\U0001f30d L’été à E\u0301vry\nM. Émile\n  Zola,\nné à Paris\u00a0; [A] {b} _ <c>\n"
    "Sœur œ\nLyon\t\nBrest & <Nantes> Rome"
)
GOLDEN_NAMES = [("Émile\n  Zola", "PER"), ("Paris", "LOC"), ("Sœur", "MISC"), ("Lyon", "LOC"), ("Rome", "LOC")]
GOLDEN_OUT = (
    GOLDEN.replace(
        "<hi rend='i'>Émile</hi>\r\n  Zola", f"<persName {PROVENANCE}><hi rend='i'>Émile</hi>\r\n  Zola</persName>"
    )
    .replace('Par<lb break="no"/>is', f'<placeName {PROVENANCE}>Par<lb break="no"/>is</placeName>')
    .replace("S<hi>œ</hi>ur", f'<name type="misc" {PROVENANCE}>S<hi>œ</hi>ur</name>')
    .replace("<note>Lyon", f"<note><placeName {PROVENANCE}>Lyon</placeName>")
    .replace("<corr>Rome", f"<corr><placeName {PROVENANCE}>Rome</placeName>")
)


def test_the_golden_file():
    """An emoji, NFD, CRLF, references, entities, CDATA, comments, breaks, odd tags: text, gold, lines, and output."""
    document = read(GOLDEN.encode())
    assert document.text == GOLDEN_TEXT
    assert [(marked.span, marked.id, marked.source.line) for marked in document.entities] == [
        ((11, 16, "LOC"), "Q90", 7)
    ]
    assert document.annotated
    assert [document.line(GOLDEN_TEXT.index(word)) for word in ("Évry"[1:], "Zola", "Sœur", "Lyon", "Rome")] == [
        7,
        8,
        8,
        8,
        9,
    ]
    assert tagged(GOLDEN.encode(), *GOLDEN_NAMES) == (GOLDEN_OUT, [])
    assert without_tags(GOLDEN_OUT.encode()) == GOLDEN.encode()


def test_lxml_reads_the_same_text():
    """Another parser finds the text of the file unchanged, and the names where they were put."""
    before, after = etree.fromstring(GOLDEN.encode()), etree.fromstring(GOLDEN_OUT.encode())
    assert "".join(after.itertext()) == "".join(before.itertext())
    names = {
        "".join(element.itertext()): etree.QName(element).localname for element in after.iter() if element.get("resp")
    }
    assert names == dict(
        zip(
            (name for name, _ in GOLDEN_NAMES), ("persName", "placeName", "name", "placeName", "placeName"), strict=True
        )
    )


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        ("<p>de Paris.</p>", "Paris", "<p>de [Paris].</p>"),
        ("<p><hi>Jean</hi> Bon</p>", "Jean Bon", "<p>[<hi>Jean</hi> Bon]</p>"),
        ("<p>Jean <hi>Bon </hi></p>", "Jean Bon", "<p>[Jean <hi>Bon </hi>]</p>"),
        ("<p><hi>Jean</hi></p>", "Jean", "<p><hi>[Jean]</hi></p>"),
        ("<p>a<hi>Jean</hi><b/></p>", "aJean", "<p>[a<hi>Jean</hi>]<b/></p>"),
        ("<p>X&amp;Y</p>", "X&Y", "<p>[X&amp;Y]</p>"),
        ("<p>&amp;&#65;&amp;</p>", "A", "<p>&amp;[&#65;]&amp;</p>"),
        ("<p>Jean<!-- x --> Bon</p>", "Jean Bon", "<p>[Jean<!-- x --> Bon]</p>"),
        ("<p><![CDATA[Jean]]></p>", "Jean", "<p>[<![CDATA[Jean]]>]</p>"),
        ("<p><name>Jean</name> Bon</p>", "Jean Bon", "<p>[<name>Jean</name> Bon]</p>"),
    ],
)
def test_a_name_in_one_element(content, name, expected):
    """Tags stand in one element, the innermost that can hold the name, around whole elements inside it."""
    out, losses = tagged(file(content), (name,))
    tags = expected.replace("[", f"<persName {PROVENANCE}>").replace("]", "</persName>")
    if "CDATA" in content:
        tags = f"<p><persName {PROVENANCE}><![CDATA[Jean]]></persName></p>"
    assert (body(out), losses) == (tags, [])


def test_a_name_in_several_elements_is_split():
    """It is written in parts that name each other, and is read as one name again."""
    data = file("<p>le <hi>père Jean</hi> <hi>Bon-Saint</hi> ami</p>")
    out, losses = tagged(data, ("Jean Bon", "PER"))
    first = f'<persName xml:id="ruletag-1" next="#ruletag-2" {PROVENANCE}>Jean</persName>'
    second = f'<persName xml:id="ruletag-2" prev="#ruletag-1" {PROVENANCE}>Bon</persName>'
    assert body(out) == f"<p>le <hi>père {first}</hi> <hi>{second}-Saint</hi> ami</p>"
    assert losses == []
    again = read(out.encode())
    assert [(marked.span, marked.text) for marked in again.entities] == [((8, 16, "PER"), "Jean Bon")]
    assert TEI.dumps([again]).decode() == out


def test_ids_of_parts_are_new():
    """No id that the file has is given again."""
    data = file('<p xml:id="ruletag-1"><hi>x Jean</hi> <hi>Bon x</hi></p>')
    assert re.findall('xml:id="(.*?)"', tagged(data, ("Jean Bon",))[0]) == ["ruletag-1", "ruletag-2", "ruletag-3"]


def test_strict_refuses_to_split():
    """With `strict` every name that is not in one element is named, with its line."""
    with pytest.raises(RuletagError) as error:
        tagged(file("<p>\n<hi>x Jean</hi> <hi>Bon x</hi></p>"), ("Jean Bon",), strict=True)
    assert format_fault(error.value.faults[0]) == (
        "a.xml:2: RT105 'Jean Bon' is not inside one element\n"
        "  help: without --strict, it is written in parts, with @next and @prev"
    )


def test_names_apart_are_several():
    """Parts with other words between them are no one name; the reader says so. A ring of parts ends."""
    document = read(
        file(
            '<p><name xml:id="a" next="#b">Jean</name> dit <name xml:id="b" next="#a">Bon</name>'
            '<name next="#n" xml:id="n"/></p>'
        )
    )
    assert [marked.text for marked in document.entities] == ["Jean", "Bon"]
    assert document.notes == (
        "the parts of the name in line 1 are not adjacent: read as several names",
        "the name in line 1 has no text: it is not read",
    )


@pytest.mark.parametrize(
    ("content", "names", "reason"),
    [
        ("<placeName>Paris la belle</placeName>", [("Paris",)], f"{TAKEN} 'Paris'"),
        ("le <name>Jean</name> Bon", [("le Jean", "ORG"), ("Jean", "PER")], f"{TAKEN} 'Jean'"),
        ("<name>le Jean</name> Bon", [("Jean Bon",)], f"{TAKEN} 'Jean Bon'"),
        ("Jean Bon Zola", [("Jean Bon",), ("Bon Zola", "ORG")], "a span that crosses another is left out: 'Bon Zola'"),
        ("<![CDATA[Jean Bon]]>", [("Jean",)], f"{FIXED} 'Jean'"),
        ("x &ab; y", [("x a",)], f"{FIXED} 'x a'"),
        ("Jean  Bon", [("  ",)], "a span of only white space is left out: '  '"),
    ],
)  # fmt: skip
def test_names_that_are_left_out(content, names, reason):
    """Spans that cannot be written beside existing elements are left out and counted; the others are written."""
    data = file(f"<p>{content}</p>", '<!DOCTYPE TEI [<!ENTITY ab "ab">]>')
    out, losses = tagged(data, *names)
    assert losses == [reason]
    assert out.count("resp=") == len(names) - 1
    assert without_tags(out.encode()) == data


def test_what_a_tag_says_about_a_name():
    """Gold names nobody; a name that rests on another is less sure; ids and rules are escaped."""
    document = read(file("<p>Jean Bon</p>"))
    source = Source("memory", 'a "b"\U0001f30d')
    entities = entity(document, "Jean", id='Q<"1"'), entity(document, "Bon", source=Source("gold", "gold"))
    first = '<persName key=\'Q&lt;"1"\' resp="#ruletag" cert="medium" ana="#a%20%22b%22\U0001f30d">Jean</persName>'
    entities = (replace(entities[0], source=source), entities[1])
    out = TEI.dumps([replace(document, entities=entities)]).decode()
    assert body(out) == f"<p>{first} <persName>Bon</persName></p>"


def test_names_and_their_labels():
    """Each element and type of name has a label; `--map` and `--ignore` go by element or type."""
    kinds = [
        *(f"<{name}>A</{name}>" for name in ("persName", "placeName", "geogName", "orgName", "name")),
        *(f'<name type="{kind}">A</name>' for kind in ("person", "place", "org", "misc", "ship")),
        "<persName> </persName><rs>A</rs>",
    ]
    data = file(f"<p>{' '.join(kinds)}</p>")
    with pytest.raises(RuletagError) as error:
        read(data)
    assert [format_fault(fault) for fault in error.value.faults] == [
        "a.xml:1: RT205 unknown label 'ship'\n  help: known: LOC, MISC, ORG, PER"
    ]
    labels = Labels((("geogName", "ORG"), ("ship", "MISC")), frozenset({"orgName"}))
    labels_read = [marked.label for marked in read(data, labels=labels).entities]
    assert labels_read == ["PER", "LOC", "ORG", "MISC", "PER", "LOC", "ORG", "MISC", "MISC"]
    assert (read(file("<p>A</p>")).annotated, read(file("<p>A<name/></p>")).annotated) == (False, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "cp1252", "utf-8-sig"])
def test_a_file_in_another_encoding(encoding):
    """Tags are written in the encoding of the file, whatever it is."""
    declared = encoding.partition("-le")[0].partition("-be")[0].removesuffix("-sig")
    source = f'<?xml version="1.0" encoding="{declared}"?>\r\n<TEI><text><p>Né à Épinal, l&#339;il.</p></text></TEI>'
    ligature = "&#339;" if encoding == "iso-8859-1" else "œ"
    name = f'<placeName resp="#ruletag" cert="high" ana="#{ligature}">Épinal</placeName>'
    document = read(source.encode(encoding))
    assert document.text == "Né à Épinal, lœil."
    document = replace(document, entities=(entity(document, "Épinal", "LOC", Source("rule", "œ")),))
    assert TEI.dumps([document]) == source.replace("Épinal", name).encode(encoding)


def test_what_ruletag_proposed_is_known_again():
    """A name that is left as it was written says which rule it came from; one that an annotator added does not."""
    data = file("<p>Jean Bon <persName>Zola</persName></p>")
    out, _ = tagged(data, ("Jean",))
    again = read(out.encode())
    assert [marked.span for marked in again.entities] == [(0, 4, "PER"), (9, 13, "PER")]
    source = "title name (rules/a.yaml:3)"
    assert again.meta == {"origins": [{"start": 0, "end": 4, "label": "PER", "origin": "prediction", "source": source}]}
    elsewhere = TEI.dumps([replace(again, carrier=None)]).decode()
    pointer = f'ana="#{source.replace(" ", "%20")}"'
    assert f"<persName {pointer}>Jean</persName> Bon <persName>Zola</persName>" in elsewhere


def test_white_space_at_the_edges_stays_outside():
    """A span is written without it, with a note: a reader could not tell it from the layout of the file."""
    out, losses = tagged(file("<p>de Jean Bon</p>"), (" Jean ",))
    assert body(out) == f"<p>de <persName {PROVENANCE}>Jean</persName> Bon</p>"
    assert losses == ["a span is written without the white space at its edges: ' Jean '"]


def test_a_document_in_another_process():
    """The carrier that a document needs for writing is kept, however deep its file nests."""
    data = file(f"<p>{'<seg>' * 5000}Jean{'</seg>' * 5000}</p>")
    document = read(data)
    document = pickle.loads(pickle.dumps(replace(document, entities=(entity(document, "Jean"),))))
    assert TEI.dumps([document]) == data.replace(b"Jean", f"<persName {PROVENANCE}>Jean</persName>".encode())


def test_no_file_is_kept_after_it_was_read():
    """Files are released at once, not when the garbage collector finds them."""
    gc.collect()
    gc.disable()
    try:
        read_xml(file("<p>Jean</p>"), "a", _ROLES)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_an_id_that_xml_cannot_hold_is_refused():
    """The id of an entry goes into an attribute."""
    with pytest.raises(RuletagError, match=r"a:1: RT105 the character U\+0001 is not allowed in XML"):
        TEI.dumps([Document("Jean", (Entity(0, 4, "PER", "Jean", RULE, "\x01"),), path="a", lines=())])


def test_a_prefix_is_kept():
    """Tags have the prefix of the element that contains them."""
    data = '<t:TEI xmlns:t="http://www.tei-c.org/ns/1.0"><t:text><t:p>Jean</t:p></t:text></t:TEI>'
    expected = data.replace("Jean", f"<t:persName {PROVENANCE}>Jean</t:persName>")
    assert tagged(data.encode(), ("Jean",)) == (expected, [])


def test_a_file_without_a_text_element():
    """All but the header is text, so a fragment can be read."""
    assert read(b"<div><teiHeader>A</teiHeader><p>B</p><p>C</p></div>").text == "B\nC"


def test_tags_inside_tags_are_counted_by_no_steps_of_their_own():
    """One element with very many names is written in one go: the white space beside a name is all that is looked at."""
    data = file("<p><seg>" + "Jean Bon " * 20_000 + "</seg></p>")
    document = read(data)
    starts = range(0, len(document.text), 9)
    names = tuple(Entity(at, at + 8, "PER", "Jean Bon", RULE) for at in starts)
    assert without_tags(TEI.dumps([replace(document, entities=names)])) == data


ATOMS = [
    *("Jean", "Bon ", " ", "\r\n", "é\U0001f30d", "&amp;", "&#233;", "&oe;", "&two;", "<lb/>",
    '<lb break="no"/>', "<!-- < -->", "<?p > ?>"),
    "<![CDATA[a&<b]]>",
]  # fmt: skip
ELEMENTS = ["hi", "seg", "p", "note", "persName", "corr", "choice", "sic"]


@st.composite
def files(draw):
    """A file of elements in elements, with everything that can stand between tags."""
    pieces, open = [], []
    for _ in range(draw(st.integers(0, 25))):
        what = draw(st.integers(0, 4))
        if what == 0:
            open.append(draw(st.sampled_from(ELEMENTS)))
            pieces.append(f'<{open[-1]} n="1>0">')
        elif what == 1 and open:
            pieces.append(f"</{open.pop()} >")
        else:
            pieces.append(draw(st.sampled_from(ATOMS)))
    pieces += [f"</{name}>" for name in reversed(open)]
    return file("".join(pieces), '<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY oe "œ"><!ENTITY two "ab">]>')


@pytest.mark.slow
@examples(300)
@given(files(), st.data())
def test_any_file_keeps_its_bytes(data, draw):
    """Without the tags the file is what it was; with them it is well formed and has the same text and every name."""
    document = read(data)
    size = len(document.text)
    spans = draw.draw(
        st.sets(st.tuples(st.integers(0, size), st.integers(0, size), st.sampled_from(LABELS)), max_size=8)
    )
    new = [Entity(a, b, label, document.text[a:b], RULE) for a, b, label in spans if a < b]
    changed = replace(document, entities=(*document.entities, *new))
    written = TEI.dumps([changed])
    assert without_tags(written) == data
    assert "".join(etree.fromstring(written).itertext()) == "".join(etree.fromstring(data).itertext())
    again = read(written)
    assert again.text == document.text
    left_out = {(loss.offset, loss.what) for loss in TEI.losses(changed, Options())}
    expected = {_trimmed(each) for each in changed.entities if (each.start, repr(each.text)) not in left_out}
    assert {each.span for each in again.entities} >= expected
    assert {_trimmed(each) for each in changed.entities} >= {each.span for each in again.entities}
    assert TEI.dumps([again]) == written


def _trimmed(entity):
    start = entity.start + len(entity.text) - len(entity.text.lstrip())
    return start, start + len(entity.text.strip()), entity.label


@examples(150)
@given(documents())
def test_a_text_becomes_a_file(document):
    """A document from elsewhere is written as one paragraph and comes back; what XML cannot hold is refused."""
    if re.search("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", document.text):
        with pytest.raises(RuletagError, match=r"RT105 the character U\+.... is not allowed in XML"):
            TEI.dumps([document])
        return
    again = read(TEI.dumps([document]))
    expected = [_trimmed(each) for each in document.entities if not each.text.isspace()]
    assert essence(again) == (document.text, expected)


def test_one_document_a_file():
    """A second document is refused by name."""
    with pytest.raises(RuletagError, match="RT106 a TEI file holds one document, but there are several"):
        TEI.dumps([Document("A", path="a"), Document("B", path="b")])


def test_nothing_is_fetched(tmp_path):
    """A DTD that is not there is never missed; entities that it would declare, or that are in files, are refused."""
    (tmp_path / "secret").write_text("secret")
    for doctype in (f'SYSTEM "{tmp_path}/secret" [', f'[<!ENTITY x SYSTEM "{tmp_path}/secret">'):
        template = f"<!DOCTYPE TEI {doctype}]><TEI><text><p>A{{}}</p></text></TEI>"
        assert read(template.format("").encode()).text == "A"
        with pytest.raises(RuletagError, match="the entity &x; is declared outside the file, and nothing is fetched"):
            read(template.format("&x;").encode())


WHOLE = file("\n<p>Émile <hi>Zola</hi> &amp; <name type='place'>Paris</name></p>\n<![CDATA[x]]>")
LAUGHS = '<!DOCTYPE TEI [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
XML = "is not well-formed XML"
BROKEN = [
    (WHOLE[:-6], f":3:28: RT105 {XML}: no element found"),
    (WHOLE[:60], f":1:22: RT105 {XML}: unclosed token"),
    (b"", f":1:1: RT105 {XML}: no element found"),
    (b"Prose.", f":1:1: RT105 {XML}: syntax error"),
    (WHOLE.replace(b"</hi>", b""), f":2:58: RT105 {XML}: mismatched tag"),
    (WHOLE.replace(b"<hi>", b"<hi"), f":2:17: RT105 {XML}: not well-formed (invalid token)"),
    (WHOLE.replace(b"<hi>", b""), f":2:16: RT105 {XML}: mismatched tag"),
    (WHOLE.replace(b"&amp;", b"&"), f":2:25: RT105 {XML}: not well-formed (invalid token)"),
    (WHOLE.replace(b"&amp;", b"&nope;"), f":2:24: RT105 {XML}: undefined entity"),
    (WHOLE.replace(b"&amp;", b"&#0;"), f":2:24: RT105 {XML}: reference to invalid character number"),
    (WHOLE.replace(b"&amp;", b"\0"), f":2:24: RT105 {XML}: not well-formed (invalid token)"),
    (WHOLE.replace(b"\xc3\x89", b"\xc9"), f":2:4: RT105 {XML}: not well-formed (invalid token)"),
    (WHOLE.replace(b"]]>", b""), f":3:31: RT105 {XML}: unclosed CDATA section"),
    (WHOLE.replace(b"type='place'", b"type='place' type='place'"), f":2:49: RT105 {XML}: duplicate attribute"),
    (WHOLE.replace(b"type='place'", b"type=place"), f":2:41: RT105 {XML}: not well-formed (invalid token)"),
    (WHOLE.replace(b"'place'", b"'ship'"), ":2: RT205 unknown label 'ship'\n  help: known: LOC, MISC, ORG, PER"),
    (WHOLE + b"<x/>", f":3:34: RT105 {XML}: junk after document element"),
    (b" " + WHOLE, f":1:2: RT105 {XML}: XML or text declaration not at start of entity"),
    (WHOLE.replace(b'"1.0"', b'"1.0" encoding="klingon"'),
        ":1:31: RT105 its encoding cannot be read: unknown encoding: klingon\n"
        "  help: save it as UTF-8"),
    (WHOLE.replace(b'"1.0"', b'"1.0" encoding="utf-16"'), 
        f":1:31: RT105 {XML}: encoding specified in XML declaration is incorrect"),
    (WHOLE.replace(b"<TEI", LAUGHS.encode() + b"<TEI").replace(b"&amp;", b"&b;"), 
        ":2:24: RT105 the entity &b; contains mark-up or other entities\n"
        "  help: write its content instead"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("data", "expected"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_refused(small, cli, tmp_path, data, expected):
    """One clear message with file, line and column, and nothing is written."""
    assert refusal(cli, tmp_path, "a.xml", data, "--from", "tei") == f"a.xml{expected}\n"


@pytest.mark.slow
def test_other_xml_is_refused_by_name(small, cli, tmp_path):
    """A file that ends in .xml and is no TEI is no document, unless that is said."""
    expected = (
        "a.xml: RT112 is in none of the known formats with the suffix .xml\n"
        "  help: use --from with its format; the formats with this suffix are tei\n"
    )
    assert refusal(cli, tmp_path, "a.xml", b"<html/>") == expected


@pytest.mark.slow
def test_from_the_command(small, cli, tmp_path):
    """`tag` writes a file in its own format by the suffix of the output, and reads it again without a change."""
    (tmp_path / "a.xml").write_bytes(file("<p>M. Emmanuel <hi>Macron</hi></p>"))
    assert cli("tag", "a.xml", "-o", "b.xml").code == 0
    rule = "#Emmanuel%20Macron%20(gazetteers/people.yaml:3)"
    tag = f'<persName key="Q3052772" resp="#ruletag" cert="high" ana="{rule}">'
    assert (tmp_path / "b.xml").read_bytes() == file(f"<p>M. {tag}Emmanuel <hi>Macron</hi></persName></p>")
    code, out, err = cli("tag", "b.xml", "--to", "tei")
    assert (code, out.encode()) == (0, (tmp_path / "b.xml").read_bytes())
    assert err == "b.xml:1: note: a span where the file already has a name is left out: 'Emmanuel Macron'\n"
