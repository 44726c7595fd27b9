"""Pieces of files through one tagger or several processes."""

from __future__ import annotations

import json
import os
import signal
from itertools import count, islice

import pytest

from makers import NAMES
from ruletag import Tagger
from ruletag.batch import Settings, Tagged, Target, tag_piece, tagging
from ruletag.errors import Fault, RuletagError, format_fault
from ruletag.files import Input, Piece
from ruletag.formats import FORMATS
from ruletag.tagger import DEFAULT_GUIDELINE

JSONL, MARKUP, BRACE = (Target(FORMATS[name]) for name in ("jsonl", "markup", "brace"))
TEXTS = ["Emmanuel Macron est à Paris.", "", "Le ministre chinois Wang.", "Orange, à Orange."]


def own(folder, **options):
    """The settings for the knowledge of a folder, which another process can load too."""
    return Settings([str(folder / "rules")], [str(folder / "gazetteers")], **options)


def piece(text, line=1, format=JSONL.format, **state):
    """A piece of `a`, from a line on."""
    return Piece(Input(None, "a", "a", format), text, line, len(text.encode()), **state)


def lines(*texts):
    """Lines of JSON with these texts; what is no text is a line as it is."""
    return "".join(text if text.endswith("\n") else json.dumps({"text": text}) + "\n" for text in texts)


def written(tagged):
    """The documents of what was written as JSON Lines, in markup."""
    return MARKUP.format.dumps(JSONL.format.loads(tagged.data.decode()))


@pytest.fixture(scope="module")
def own_tagger(small_folder):
    """A tagger of the little knowledge under the default guideline."""
    return own(small_folder).load()


def test_settings_load_what_they_say(small):
    """Every field reaches the tagger; without any, what ships under the default guideline."""
    (small / "clubs.txt").write_text("Stade Rennais\n", encoding="utf-8")
    settings = Settings(guideline="seed", lists=(("ORG", small / "clubs.txt"),), engine="plain", memory=False)
    tagger = settings.load()
    assert (tagger.guideline.name, tagger.engine, tagger.memory) == ("seed", "plain", False)
    assert [entry.surface for entry in tagger.entries if entry.source.path == "clubs.txt"] == ["Stade Rennais"]
    plain = Settings().load()
    assert (plain.guideline.name, plain.engine, plain.memory) == (DEFAULT_GUIDELINE, NAMES[-1], True)
    assert tuple(plain.entries) == tuple(Tagger.load().entries)


class TestPiece:
    """One piece, read, tagged and written."""

    def test_what_comes_of_it(self, own_tagger):
        """Its documents as they are written, its size, its letters and spans."""
        text = lines("M. Wang est à Paris.", "", "Rien")
        found = tag_piece(own_tagger, JSONL, piece(text, last=True))
        assert (written(found), found.size, found.letters, found.spans, found.last) == (
            "M. [Wang](PER) est à [Paris](LOC).\nRien",
            len(text.encode()),
            24,
            2,
            True,
        )
        left = tag_piece(own_tagger, MARKUP, piece(text, last=True))
        assert (left.data, [document.text for document in left.documents]) == (
            b"",
            ["M. Wang est à Paris.", "", "Rien"],
        )

    def test_notes_have_the_line_of_the_file(self, small_folder):
        """A name that braces cannot place is noted with the line that its document has in the whole file."""
        tagger = own(small_folder, memory=False).load()
        found = tag_piece(tagger, BRACE, piece(lines("Rien", "Wang dort. M. Wang rêve."), 40))
        assert list(map(str, found.notes)) == ["a:41: note: braces cannot say which 'Wang' is meant, --to jsonl can"]

    def test_faults_have_the_line_of_the_file(self, own_tagger):
        """All faulty lines are named; the documents before the first are written."""
        found = tag_piece(own_tagger, JSONL, piece(lines("Rien", "[]\n", "Paris", "{}\n"), 40))
        assert found.faults == (
            Fault("a", "RT105", "an object with a string under 'text' is wanted", 41),
            Fault("a", "RT105", "has no text under 'text' among its keys: none", 43, help="is this another format?"),
        )
        assert found.data == b'{"text": "Rien", "spans": []}\n'

    def test_a_document_that_cannot_be_written(self, own_tagger):
        """It is named and left out, the others are written; faults of reading are told apart."""
        found = tag_piece(own_tagger, BRACE, piece(lines("Rien", "{", "Paris", "}", "[]\n")))
        assert [format_fault(fault).partition("\n")[0] for fault in found.failed] == [
            "a:1: RT104 a line '{' of the text would end up as a block",
            "a:1: RT104 a line '}' of the text would end up as a block",
        ]
        texts = [document.text for document in found.documents]
        assert ([fault.line for fault in found.faults], texts, found.spans) == ([5], ["Rien", "Paris"], 1)

    def test_half_of_a_character(self, own_tagger):
        """What UTF-8 cannot hold is refused, and the documents around it are written."""
        found = tag_piece(own_tagger, MARKUP, piece(lines("Rien", "a\ud83d", "Paris")))
        texts = [document.text for document in found.documents]
        assert ([fault.code for fault in found.failed], texts) == (["RT106"], ["Rien", "Paris"])

    def test_only_read(self, own_tagger):
        """Where nothing can be written any more, only faults of reading are looked for."""
        found = tag_piece(own_tagger, BRACE, piece(lines("Paris", "{", "[]\n"), only_read=True))
        assert ([fault.line for fault in found.faults], found.data, found.spans, found.failed) == ([3], b"", 0, ())

    def test_a_piece_that_could_not_be_read(self, own_tagger):
        """Its faults go on, and no document is made of it."""
        fault = Fault("a", "RT101", "cannot be read: gone")
        found = tag_piece(own_tagger, BRACE, piece("", format=BRACE.format, last=True, faults=(fault,)))
        assert found == Tagged(b"", 0, 0, 0, True, faults=(fault,))


def test_one_process_streams(small):
    """In one process pieces are taken one at a time, as what comes of them is asked for."""
    taken = []

    def pieces():
        for text in TEXTS:
            taken.append(text)
            yield piece(lines(text))

    with tagging(own(small), JSONL) as tag_all:
        results = tag_all(pieces())
        assert next(results).letters == len(TEXTS[0])
        assert taken == TEXTS[:1]


@pytest.mark.slow
def test_processes_give_what_one_gives(small):
    """Several processes give the same, in the same order: of many short pieces, long ones, faults in between."""
    pieces = [piece(lines(*TEXTS[: number % 5]), number, last=not number % 3) for number in range(600)]
    pieces[300] = piece(lines("Paris. " * 40_000, "[]\n"), 300)
    with tagging(own(small), BRACE) as one, tagging(own(small), BRACE, jobs=2) as two:
        assert list(two(pieces)) == list(one(pieces))


@pytest.mark.slow
def test_processes_do_not_read_ahead_of_themselves(small):
    """However much there is to read, only what keeps the processes busy is read before it is needed."""
    taken = count()
    endless = (piece(lines("Paris. " * 20_000), next(taken)) for _ in count())
    with tagging(own(small), JSONL, jobs=2) as tag_all:
        results = tag_all(endless)
        assert [tagged.letters for tagged in islice(results, 3)] == [140_000] * 3
        assert next(taken) <= 3 + 2 * 2 + 1


@pytest.mark.slow
def test_a_process_that_is_ended_is_a_fault(small):
    """Where the system ends a process, for want of memory, that is said, and no other process is left."""
    from multiprocessing import active_children

    def pieces():
        yield piece(lines("Paris. " * 20_000))
        os.kill(active_children()[0].pid, signal.SIGKILL)
        for _ in range(100):
            yield piece(lines("Paris. " * 20_000))

    with pytest.raises(RuletagError) as error, tagging(own(small), JSONL, jobs=2) as tag_all:
        list(tag_all(pieces()))
    assert str(error.value) == (
        "--jobs: RT110 a process was ended from outside; the memory may not be enough\n  help: use fewer processes"
    )
    assert active_children() == []
