"""Web archives: records that are documents, notes about the others, and damaged archives."""

from __future__ import annotations

import gzip
import io

import pytest

from ruletag import RuletagError
from ruletag.formats import FORMATS

pytest.importorskip("fastwarc", reason="fastwarc is not installed (the extra `warc`)")
FORMAT = FORMATS["warc"]


def record(kind, body, **headers):
    """One record; `_` in the name of a header means `-`."""
    lines = [f"WARC-Type: {kind}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    head = "".join(f"{line}\r\n" for line in [*lines, f"Content-Length: {len(body)}"])
    return f"WARC/1.0\r\n{head}\r\n".encode() + body + b"\r\n\r\n"


def page(body, kind):
    """The response of a server."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\n" + body


INFO = record("warcinfo", b"software: x\r\n", Content_Type="application/warc-fields")
WET = record(
    "conversion",
    "M. Wang\r\nà Paris 🙂".encode(),
    WARC_Target_URI="http://a.fr/é",
    WARC_Date="2026-01-01T00:00:00Z",
    WARC_Identified_Content_Language="fra",
    Content_Type="text/plain",
)
LATIN = record(
    "response",
    page(b"\xe0 Paris", b"text/plain; charset=iso-8859-1"),
    WARC_Target_URI="http://b.fr/",
    Content_Type="application/http; msgtype=response",
)
HTML = record("response", page(b"<p>Paris</p>", b"text/html"), Content_Type="application/http; msgtype=response")
LEFT = "records that are not plain text are left out: text/html (2)"


def read(*records):
    return list(FORMAT.documents(io.BufferedReader(io.BytesIO(b"".join(records))), "a.warc"))


def test_documents():
    """Records of plain text, with their URL, what is known of them, and their text as it is; the rest is counted."""
    first, second = read(INFO, HTML, WET, HTML, LATIN)
    assert (first.text, first.id, first.lines, first.notes) == ("M. Wang\r\nà Paris 🙂", "http://a.fr/é", (3,), ())
    assert first.meta == {"warc_type": "conversion", "date": "2026-01-01T00:00:00Z", "language": "fra"}
    assert (second.text, second.id, second.notes) == ("à Paris", "http://b.fr/", (LEFT,))


def test_bytes_of_another_encoding():
    """They are marked in the text, and a note says so."""
    (document,) = read(record("conversion", b"\xe0 Paris", WARC_Target_URI="http://a.fr/"))
    assert (document.text, document.notes) == ("\ufffd Paris", ("bytes that are not utf-8 are read as U+FFFD",))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            HTML,
            "contains no plain-text record, but: text/html (1)\n  help: take its WET file, or extract the texts first",
        ),
        (WET[:-12], "is damaged after record 1: a record ends after 14 of 22 bytes\n  help: copy it again"),
        (
            WET + WET[:-43],
            "is damaged after record 2: a record has no valid Content-Length\n  help: copy it again",
        ),
        (
            WET.replace(b"Length: ", b"Length: -"),
            "is damaged after record 1: a record has no valid Content-Length\n  help: copy it again",
        ),
        (b"not an archive\n", "is damaged after record 0: Invalid WARC header\n  help: copy it again"),
    ],
)
def test_faults(data, message):
    """An archive that is damaged, none at all, and one without texts."""
    with pytest.raises(RuletagError) as error:
        read(data)
    assert str(error.value) == f"a.warc: RT105 {message}"


def test_documents_before_the_damage():
    """They are read, each once, before the fault."""
    documents = FORMAT.documents(io.BufferedReader(io.BytesIO(INFO + WET + LATIN + WET[:-12])), "a.warc")
    assert [next(documents).text, next(documents).text] == ["M. Wang\r\nà Paris 🙂", "à Paris"]
    with pytest.raises(RuletagError, match="is damaged after record 4: a record ends after 14 of 22 bytes"):
        next(documents)


@pytest.mark.usefixtures("small")
def test_an_archive_is_tagged(cli, tmp_path):
    """The command reads it compressed, record by record, and writes its documents with their URLs."""
    (tmp_path / "a.warc.wet.gz").write_bytes(b"".join(gzip.compress(data) for data in (INFO, WET, LATIN)))
    code, out, err = cli("tag", "a.warc.wet.gz", "-t", "markup")
    assert (code, out, err) == (0, "M. [Wang](PER)\r\nà [Paris](LOC) 🙂\nà [Paris](LOC)\n", "")
