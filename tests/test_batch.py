"""Pieces of files through one tagger or several processes."""

from __future__ import annotations

import json
import os
import signal
from itertools import count, islice
from random import Random

import pytest

from makers import NAMES
from ruletag import Tagger
from ruletag.batch import Settings, Tagged, Target, tag_piece, tagging
from ruletag.errors import Fault, RuletagError, failure, format_fault
from ruletag.files import Input
from ruletag.formats import FORMATS
from ruletag.model import Document
from ruletag.pieces import Piece
from ruletag.tagger import DEFAULT_GUIDELINE
from ruletag.workers import Pool

JSONL, MARKUP, BRACE = (Target(FORMATS[name]) for name in ("jsonl", "markup", "brace"))
NO_TEXT = "use --column KEY if the text has another key, or --from if this is another format"
TEXTS = ["Emmanuel Macron est à Paris.", "", "Le ministre chinois Wang.", "Orange, à Orange."]


def own(folder, **options):
    """The settings for the knowledge of a folder, which another process can load too."""
    return Settings([str(folder / "rules")], [str(folder / "gazetteers")], **options)


def piece(text, line=1, format=JSONL.format, **state):
    """A piece of `a`, from a line on."""
    return Piece(Input(None, "a", "a", format), text, line, len(text.encode()), **state)


def lines(*texts):
    """Lines of JSON with these texts; a string that ends a line is used as it is."""
    return "".join(text if text.endswith("\n") else json.dumps({"text": text}) + "\n" for text in texts)


def written(tagged):
    """The documents of what was written as JSON Lines, in markup."""
    return MARKUP.format.dumps(JSONL.format.loads(tagged.data.decode()))


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

    def test_what_comes_of_it(self, small_tagger):
        """Its documents as they are written, its size, its letters and spans."""
        text = lines("M. Wang est à Paris.", "", "Rien")
        tagged = tag_piece(small_tagger, JSONL, piece(text, last=True))
        assert (written(tagged), tagged.size, tagged.letters, tagged.spans, tagged.last) == (
            "M. [Wang](PER) est à [Paris](LOC).\nRien",
            len(text.encode()),
            24,
            2,
            True,
        )
        left = tag_piece(small_tagger, MARKUP, piece(text, last=True))
        assert (left.data, [document.text for document in left.documents]) == (
            b"",
            ["M. Wang est à Paris.", "", "Rien"],
        )

    def test_notes_have_the_line_of_the_file(self, small):
        """A name that braces cannot place is noted with the line that its document has in the whole file."""
        tagger = own(small, memory=False).load()
        tagged = tag_piece(tagger, BRACE, piece(lines("Rien", "Wang dort. M. Wang rêve."), 40))
        assert list(map(str, tagged.notes)) == ["a:41: note: braces cannot say which 'Wang' is meant; --to jsonl can"]

    def test_faults_have_the_line_of_the_file(self, small_tagger):
        """All faulty lines are named; the documents before the first are written."""
        tagged = tag_piece(small_tagger, JSONL, piece(lines("Rien", "[]\n", "Paris", "{}\n"), 40))
        assert tagged.faults == (
            Fault("a", "RT105", "expected an object with a string under 'text'", 41),
            Fault("a", "RT105", "has no text under 'text' among its keys: none", 43, help=NO_TEXT),
        )
        assert tagged.data == b'{"text": "Rien", "spans": []}\n'

    def test_a_document_that_cannot_be_written(self, small_tagger):
        """It is named and left out, the others are written; reading faults are reported separately."""
        tagged = tag_piece(small_tagger, BRACE, piece(lines("Rien", "{", "Paris", "}", "[]\n")))
        assert [format_fault(fault).partition("\n")[0] for document in tagged.failed for fault in document.faults] == [
            "a:1: RT104 a line '{' of the text would be read as a block",
            "a:1: RT104 a line '}' of the text would be read as a block",
        ]
        texts = [document.text for document in tagged.documents]
        assert ([fault.line for fault in tagged.faults], texts, tagged.spans) == ([5], ["Rien", "Paris"], 1)

    def test_half_of_a_character(self, small_tagger):
        """A document that UTF-8 cannot hold is refused, and those around it are written."""
        tagged = tag_piece(small_tagger, MARKUP, piece(lines("Rien", "a\ud83d", "Paris")))
        texts = [document.text for document in tagged.documents]
        assert ([fault.code for document in tagged.failed for fault in document.faults], texts) == (
            ["RT106"],
            ["Rien", "Paris"],
        )

    def test_only_read(self, small_tagger):
        """Once nothing can be written any more, only reading faults are still collected."""
        tagged = tag_piece(small_tagger, BRACE, piece(lines("Paris", "{", "[]\n"), only_read=True))
        assert ([fault.line for fault in tagged.faults], tagged.data, tagged.spans, tagged.failed) == ([3], b"", 0, ())

    def test_a_piece_that_could_not_be_read(self, small_tagger):
        """Its faults are passed on, and no document is made of it."""
        fault = Fault("a", "RT101", "cannot be read: gone")
        tagged = tag_piece(small_tagger, BRACE, piece("", format=BRACE.format, last=True, faults=(fault,)))
        assert tagged == Tagged(b"", 0, 0, 0, True, faults=(fault,), end=1)


def test_one_process_streams(small):
    """In one process pieces are taken one at a time, as their results are requested."""
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


class TestParts:
    """A piece in smaller ones, which together are the piece."""

    def test_lines(self):
        """Each has whole lines, their numbers and their share of the size; the last of a last piece is last."""
        whole = piece("".join(f"{number} \r é\u2028\n" for number in range(5)) + "end", 40, last=True)
        parts = whole.parts(3)
        assert [(part.text, part.line, part.last) for part in parts] == [
            ("0 \r é\u2028\n1 \r é\u2028\n", 40, False),
            ("2 \r é\u2028\n3 \r é\u2028\n", 42, False),
            ("4 \r é\u2028\nend", 44, True),
        ]
        assert ["".join(part.text for part in parts), sum(part.size for part in parts)] == [whole.text, whole.size]

    @pytest.mark.parametrize(
        "whole",
        [piece("one\n"), piece(""), piece("a\nb\n", format=BRACE.format), piece("", documents=(Document("a\nb"),))],
        ids=["one line", "no line", "one document", "documents"],
    )
    def test_what_is_not_cut(self, whole):
        """One line, one document, and what only its reader can cut."""
        assert whole.parts() == []


@pytest.mark.slow
def test_processes_that_are_killed(small):
    """Whichever process is killed, and whenever, the results are those of one process: no document is lost."""
    from multiprocessing import active_children

    rng = Random(3)
    texts = ["Emmanuel Macron est à Paris. " * rng.randrange(1, 400) for _ in range(1_000)]
    pieces = [piece(lines(text), number) for number, text in enumerate(texts)]
    kills = count()

    def killing():
        for part in pieces:
            if not rng.randrange(20) and (alive := active_children()):
                os.kill(rng.choice(alive).pid, signal.SIGKILL)
                next(kills)
            yield part

    with tagging(own(small), JSONL) as one, tagging(own(small), JSONL, jobs=2) as two:
        assert list(two(killing())) == list(one(pieces))
    assert next(kills) >= 30
    assert active_children() == []


class _Unfit:
    """A result that cannot be handed over."""

    def __reduce__(self):
        raise TypeError("unfit")


# What a text makes a process do, in a function that a process can be given.
def _poisoned(piece):
    if "Hang" in piece.text:
        while True:
            pass
    if "Kill" in piece.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "Exit" in piece.text:
        os._exit(3)
    if "Raise" in piece.text:
        raise ValueError("odd")
    if "Large" in piece.text:
        return _Unfit()
    return piece.text


def _poison():
    return _poisoned


def _said(piece, error):
    return f"{piece.line} {failure('a', error).message}"


@pytest.mark.slow
def test_poison_costs_its_own_line():
    """A line that hangs, ends its process, raises, or gives what cannot be handed over is told from 2,000 others."""
    texts = ["Paris"] * 2_000
    for place, word in {7: "Hang", 500: "Kill", 900: "Exit", 1_999: "Raise", 1_300: "Large"}.items():
        texts[place] = word
    pieces = [
        piece("".join(f"{text}\n" for text in texts[at : at + 100]), at, last=True) for at in range(0, 2_000, 100)
    ]
    with Pool(_poison, 2, 0.5, Piece.parts, _said) as pool:
        outcomes = list(pool.in_order(pieces))
    assert [outcome for outcome in outcomes if "cannot" in outcome] == [
        "7 the document cannot be tagged: it takes longer than 0.5 s",
        "500 the document cannot be tagged: it ends its process (SIGKILL)",
        "900 the document cannot be tagged: it ends its process (exit code 3)",
        "1300 the document cannot be tagged: RuntimeError: unfit",
        "1999 the document cannot be tagged: ValueError: odd",
    ]
    assert "".join(outcome for outcome in outcomes if "cannot" not in outcome) == "Paris\n" * 1_995


def _no_beginning():
    raise MemoryError


def _death():
    os._exit(9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_no_beginning, "a process cannot start: MemoryError\n  help: use fewer"),
        (
            _death,
            "processes end before they are ready (exit code 9)\n  help: use fewer; there may not be enough memory",
        ),
    ],
)
def test_processes_that_cannot_begin(make, message):
    """If no process ever starts working, the run reports it instead of starting others forever."""
    with pytest.raises(RuletagError) as error, Pool(make, 2, 0, Piece.parts, _said) as pool:
        list(pool.in_order([piece("a\n")]))
    assert str(error.value) == f"--jobs: RT110 {message}"
