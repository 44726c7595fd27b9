"""The files that arguments name, their decoding, and the paths of outputs."""

from __future__ import annotations

import codecs
import io
import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

import ruletag.files
from properties import examples
from ruletag.decoding import decode, refuse_encoding
from ruletag.errors import RuletagError, format_fault
from ruletag.files import (
    Input,
    find_inputs,
    read_documents,
    read_text,
    total_size,
)
from ruletag.formats import FORMATS, suffixes
from ruletag.model import Document
from ruletag.pieces import Piece, read_pieces

BRACE, JSONL = FORMATS["brace"], FORMATS["jsonl"]


def write(path, data=b""):
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refused(function, *arguments, **options):
    """The report of a call that is refused."""
    with pytest.raises(RuletagError) as error:
        function(*arguments, **options)
    return str(error.value)


def test_a_folder_stands_for_its_documents(tmp_path):
    """All documents below it, sorted by path; hidden files and folders, and other suffixes, are left out."""
    for name in ("b.txt", "a/z.jsonl", "a/c.txt", ".d.txt", ".git/e.txt", "f.md", "a.b/g.ndjson", "txt"):
        write(tmp_path / name)
    notes = []
    assert find_inputs([str(tmp_path)], note=notes.append) == [
        Input(tmp_path / name, str(tmp_path / name), name, format, name)
        for name, format in (("a.b/g.ndjson", JSONL), ("a/c.txt", BRACE), ("a/z.jsonl", JSONL), ("b.txt", BRACE))
    ]
    assert notes == [
        f"{tmp_path}: note: 2 files are left out: their suffixes belong to no format: .md (1), no suffix (1)"
    ]


def test_a_file_is_taken_whatever_its_name(tmp_path):
    """A file that is named needs no suffix, may be hidden, and has the format that the command line says."""
    path = write(tmp_path / ".note.md")
    assert find_inputs([str(path), "-"]) == [
        Input(path, str(path), ".note.md", BRACE, str(path)),
        Input(None, "-", "stdin", BRACE, "-", assumed=True),
    ]
    assert [source.format for source in find_inputs([str(path), "-"], "jsonl")] == [JSONL, JSONL]


def test_all_missing_inputs_are_named(tmp_path, monkeypatch):
    """A name that is not there and a folder without documents are reported together."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert refused(find_inputs, ["no.txt", "empty", "-"]) == (
        "empty: RT103 the folder holds no documents\n"
        f"  help: documents end in {', '.join(suffixes())}\n"
        "no.txt: RT101 there is no such file or folder\n"
        "  help: check the name"
    )


def test_a_folder_that_cannot_be_read_is_not_passed_over(tmp_path, monkeypatch):
    """A folder without permission is a fault, or its documents would be missing without a word."""
    write(tmp_path / "a.txt")
    write(tmp_path / "b/c.txt")
    scandir = os.scandir

    def locked(folder):
        if str(folder).endswith("b"):
            raise PermissionError(13, "Permission denied", "b")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", locked)
    assert refused(find_inputs, [str(tmp_path)]) == (
        "b: RT101 cannot be read: Permission denied\n  help: check the name and the permissions"
    )


def decoded(blocks, encoding="utf-8"):
    """The text of a file that comes in these blocks."""
    return "".join(text for text, _ in decode(blocks, "a.txt", encoding))


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        ("Été\r\nà\rç\n".encode(), "utf-8", "Été\r\nà\rç\n"),
        (codecs.BOM_UTF8 + "Été".encode(), "utf-8", "Été"),
        (codecs.BOM_UTF8 + "Été".encode(), "UTF8", "Été"),
        ("Été".encode("latin-1"), "latin-1", "Été"),
        ("l’œuf".encode("cp1252"), "cp1252", "l’œuf"),
        ("Été".encode("utf-16"), "utf-16", "Été"),
        (b"a\0b\x1b[31m\x7f", "utf-8", "a\0b\x1b[31m\x7f"),
        (b"a\0bc", "utf-8", "a\0bc"),
        (b"", "utf-8", ""),
    ],
)
def test_decode(data, encoding, text):
    """Texts come as they are, line ends and control characters and all, but for a byte order mark."""
    assert decoded([data], encoding) == text


@pytest.mark.parametrize(
    ("data", "encoding", "expected"),
    [
        (
            "Il pleut.\nÀ Évry".encode("latin-1"),
            "utf-8",
            "a.txt:2: RT102 byte 10 (0xc0) is not valid UTF-8\n"
            "  help: use --encoding cp1252, which fits these bytes, or save the file as UTF-8",
        ),
        (
            "« Là »".encode("mac-roman"),
            "utf-8",
            "a.txt:1: RT102 byte 0 (0xc7) is not valid UTF-8\n"
            "  help: use --encoding mac-roman, which fits these bytes, or save the file as UTF-8",
        ),
        (
            codecs.BOM_UTF8 + b"abc\x81\x8d",
            "utf-8",
            "a.txt:1: RT102 byte 6 (0x81) is not valid UTF-8\n"
            "  help: name the encoding of the file with --encoding, or save it as UTF-8",
        ),
        (
            b"\xc3\xa9t\x81",
            "cp1252",
            "a.txt:1: RT102 byte 3 (0x81) is not valid CP1252\n"
            "  help: name the encoding of the file with --encoding, or save it as UTF-8",
        ),
        (
            "À Évry".encode() + b"\x81",
            "ascii",
            "a.txt:1: RT102 byte 0 (0xc3) is not valid ASCII\n"
            "  help: name the encoding of the file with --encoding, or save it as UTF-8",
        ),
        (
            "À Évry".encode(),
            "ascii",
            "a.txt:1: RT102 byte 0 (0xc3) is not valid ASCII\n"
            "  help: use --encoding utf-8, which fits these bytes, or save the file as UTF-8",
        ),
    ],
)
def test_decode_names_the_byte(data, encoding, expected):
    """A byte that does not fit is named with its offset, value and line, and the encoding in which it would."""
    assert refused(decoded, [data], encoding) == expected


@pytest.mark.parametrize("declared", ["utf-8", "cp1252"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_decode_recognises_utf16(encoding, declared):
    """UTF-16, with a byte order mark or without, is named as such, whatever it is read as."""
    assert refused(decoded, ["Il pleut à Évry.".encode(encoding)], declared) == (
        f"a.txt: RT102 is not {declared.upper()}: it looks like UTF-16\n"
        "  help: use --encoding utf-16, or save the file as UTF-8"
    )


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac-roman"])
@pytest.mark.parametrize("text", ["Il pleut à Évry.", "\ufeffIl pleut."])
def test_decode_recognises_utf8(text, encoding):
    """UTF-8 is not read as another encoding, in which every accented letter would become two signs."""
    blocks = [bytes([byte]) for byte in text.encode()]
    assert refused(decoded, blocks, encoding) == (
        f"a.txt: RT102 is not {encoding.upper()}: it looks like UTF-8\n  help: use --encoding utf-8"
    )


@pytest.mark.parametrize("text", ["LIBERTÉ»", "MÉTÉO, à Évry", "Il pleut."])
def test_decode_takes_no_older_text_for_utf8(text):
    """Text in an older encoding is read, also if some of its bytes (*É»*) are one character in UTF-8."""
    assert decoded([text.encode("cp1252")], "cp1252") == text


def cut(data, places):
    """The bytes in blocks that end at these places; the first holds four bytes at least."""
    ends = sorted({place for place in places if 4 <= place < len(data)})
    return [data[start:end] for start, end in pairwise([0, *ends, len(data)])]


NASTY = st.text("aé\U0001f30d\u4e00\n\r\ufeff\x00", max_size=12)
ODD = st.lists(st.sampled_from([b"a", b"\n", b"\xc3", b"\xa9", b"\x81", b"\xd8\x00", b"\xff"]), max_size=12).map(
    b"".join
)
PLACES = st.sets(st.integers(4, 40))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "latin-1", "utf-16", "utf-16-be", "utf-32", "utf-7", "gb18030", "shift_jis"]
)
@examples(30)
@given(NASTY, PLACES)
def test_blocks_change_nothing(encoding, text, places):
    """Wherever a file is cut, also inside of a character, its text is what Python makes of the whole."""
    data = "texte".encode(encoding) + text.encode(encoding, "ignore")
    assert decoded(cut(data, places), encoding) == data.decode(encoding)


def _outcome(blocks):
    """The text that blocks give, and what is wrong if they are refused in the end; advice goes by the last block."""
    got = []
    try:
        got.extend(text for text, _ in blocks)
    except RuletagError as error:
        return "".join(got), str(error).splitlines()[0]
    return "".join(got), ""


def _first_fault(data, encoding):
    """The offset at which Python finds that bytes are not in an encoding; None if they are."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return error
    return None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "gb18030", "shift_jis"])
@examples(60)
@given(ODD.map(b"text".__add__), PLACES)
def test_blocks_change_no_fault(encoding, data, places):
    """Wherever a file is cut, the same byte and line are named, after the same text; and the same file is UTF-8."""
    outcome = _outcome(decode(cut(data, places), "a.txt", encoding))
    whole = _outcome(decode([data], "a.txt", encoding))
    likely = f"a.txt: RT102 is not {encoding.upper()}: it looks like UTF-"
    if likely + "16" in (outcome[1], whole[1]):  # that goes by the first block
        return
    assert outcome == whole
    fault = _first_fault(data, encoding)
    if fault:
        line = data.count(b"\n", 0, fault.start) + 1
        byte = f"byte {fault.start} (0x{data[fault.start]:02x})"
        report = f"a.txt:{line}: RT102 {byte} is not valid {encoding.upper()}"
        assert outcome == (data[: fault.start].decode(encoding), report)
    else:
        assert outcome[0] == data.decode(encoding)
        assert outcome[1] in ([""] if encoding.startswith("utf") else ["", likely + "8"])


def test_a_byte_that_does_not_fit_comes_after_what_is_before_it():
    """The error carries the text before it, so that whole lines can be used."""
    blocks = decode([b"Il ", b"pleut.\nIl ne", b"ige \xe9 ici"], "a.txt")
    assert [next(blocks) for _ in range(3)] == [("Il ", 3), ("pleut.\nIl ne", 12), ("ige ", 9)]


@pytest.mark.parametrize("name", ["klingon", "hex", "", "a\0"])
def test_an_unknown_encoding_is_refused(name):
    """Only encodings of text that Python knows are taken."""
    assert refused(refuse_encoding, name) == (
        f"--encoding: RT110 unknown encoding {name!r}\n  help: for example utf-8, latin-1, cp1252 or utf-16"
    )


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "latin-1", "cp1252", "utf-16", "mac-roman"])
def test_a_known_encoding_is_taken(name):
    """An encoding that Python knows is never reported as unknown."""
    assert refuse_encoding(name) is None


@examples(100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("aé\n\r\u2028\U0001f30d", max_size=40), st.integers(1, 12))
def test_pieces_of_lines(tmp_path, monkeypatch, text, block):
    """A file with a document a line comes in pieces of whole lines, each with its first line and its bytes."""
    monkeypatch.setattr(ruletag.files, "_BLOCK", block)
    data = codecs.BOM_UTF8 + text.encode()
    source = Input(write(tmp_path / "a.jsonl", data), "a.jsonl", "a.jsonl", JSONL)
    pieces = list(read_pieces(source))
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.line for piece in pieces] == [
        "".join(piece.text for piece in pieces[:number]).count("\n") + 1 for number in range(len(pieces))
    ]
    assert {(piece.text[-1:], piece.last) for piece in pieces[:-1]} <= {("\n", False)}
    assert (pieces[-1].last, pieces[-1].text.count("\n"), pieces[-1].faults) == (True, 0, ())
    assert sum(piece.size for piece in pieces) == len(data)


def test_a_document_a_file_is_one_piece(tmp_path, monkeypatch):
    """A file that holds one document is one piece."""
    monkeypatch.setattr(ruletag.files, "_BLOCK", 3)
    source = Input(write(tmp_path / "a.txt", b"Un\nDeux\n"), "a.txt", "a.txt", BRACE)
    assert list(read_pieces(source)) == [Piece(source, "Un\nDeux\n", 1, 8, last=True)]


def test_a_pipe_is_read_as_it_comes(monkeypatch):
    """Lines that come one by one are pieces one by one, so that whoever waits for the first need not wait for all."""
    ends = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(ends[0]))
    pieces = read_pieces(Input(None, "-", "stdin", JSONL))
    with sys.stdin, os.fdopen(ends[1], "wb", buffering=0) as pipe:
        for number, line in enumerate([b"[1, 2]\n", b"[3, 4]\n"], 1):
            pipe.write(line)
            assert next(pieces)[1:] == (line.decode(), number, 7, False, (), False, ())
        pipe.close()
        assert [piece.text for piece in pieces] == [""]


@pytest.mark.parametrize("path", ["a.jsonl", "b.jsonl"])
def test_a_piece_says_why_there_are_no_more(tmp_path, monkeypatch, path):
    """A file that cannot be read to its end has whole lines up to there, and a last piece with the fault."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ruletag.files, "_BLOCK", 5)
    write(tmp_path / "a.jsonl", b"[1, 2]\n[3]\n\xff\n[4]\n")
    source = Input(Path(path), path, path, JSONL)
    *pieces, last = read_pieces(source)
    expected = {
        "a.jsonl": ("[1, 2]\n[3]\n", 3, "a.jsonl:3: RT102 byte 11 (0xff) is not valid UTF-8"),
        "b.jsonl": ("", 1, "b.jsonl: RT101 cannot be read: No such file or directory"),
    }[path]
    fault = format_fault(*last.faults).partition("\n")[0]
    assert ("".join(piece.text for piece in pieces), last.line, fault) == expected
    assert (last.text, last.last) == ("", True)


def test_total_size(tmp_path):
    """The size of plain files is known, that of a pipe is not."""
    files = [Input(write(tmp_path / name, name.encode()), name, name, BRACE) for name in ("a", "bcd")]
    assert total_size(files) == 4
    assert total_size([*files, Input(None, "-", "stdin", BRACE)]) is None


def test_standard_input_is_read_to_its_end(monkeypatch):
    """Standard input is bytes like a file; one that is closed cannot be read."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("À Évry\r\n".encode())))
    source = Input(None, "-", "stdin", BRACE)
    assert read_documents(source) == [Document("À Évry\r\n", path="-")]
    monkeypatch.setattr(sys, "stdin", None)
    assert refused(read_text, source) == (
        "-: RT101 cannot be read: standard input is closed\n  help: check the name and the permissions"
    )


DATA = {
    '{"id": "a", "text": "Odile dort."}\n': "JSON",
    '[\n {"text": "Odile dort."}\n]\n': "JSON",
    '<?xml version="1.0"?>\n<TEI/>\n': "XML",
    "<!DOCTYPE html>\n<p>Odile dort.</p>\n": "XML",
    "# id = 1\nOdile B-PER\ndort O\n. O\n\n": "tokens with tags",
    "-DOCSTART- -X- O O\n\nOdile NP B-NP B-PER\ndort V O O\n. . O O\n": "tokens with tags",
}
PROSE = (
    "",
    "Odile dort.\n",
    "{ « Odile » }\n",
    '{"Odile", dit-elle}\n',
    "<Odile> dort.\n",
    "Odile O\ndort O\n",  # too few lines
    "Odile O\ndort bien\n. O\n",
)


@pytest.mark.parametrize(("text", "kind"), [*DATA.items(), *((text, "") for text in PROSE)])
def test_data_is_not_taken_for_prose(tmp_path, text, kind):
    """If nothing names the format, data is refused with the formats that it may be in; a format that is named is
    believed."""
    path = write(tmp_path / "sans-suffixe", text.encode())
    names = {"JSON": "jsonl, doccano, prodigy, label-studio, spacy-json, cas-json", "XML": "tei, cas"}
    [source] = find_inputs([str(path)])
    if kind:
        assert refused(read_text, source) == (
            f"{path}: RT112 looks like {kind}, not like a text\n"
            f"  help: name its format with --from ({names.get(kind, 'conll')}), or use --from text to read it as it is"
        )
    else:
        assert read_text(source) == text
    for named in (find_inputs([str(path)], "text"), find_inputs([str(write(tmp_path / "a.txt", text.encode()))])):
        assert read_text(named[0]) == text
