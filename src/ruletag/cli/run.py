"""Takes inputs through a tagger to their outputs. Failures are reported by name, and the rest continues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ruletag.cli.account import Account, Failures, Ledger
from ruletag.cli.console import GOOD, WRONG, Progress, note, report_faults, say, standard_output
from ruletag.cli.notes import Notes
from ruletag.errors import Fault, RuletagError
from ruletag.files import Input, total_size
from ruletag.model import Document
from ruletag.outputs import NoRoom, opened_output, output_stream, write_companions
from ruletag.pieces import Piece, read_pieces

if TYPE_CHECKING:
    from ruletag.batch import TagAll, Tagged, Target

Output = tuple[Path | None, Sequence[int]]


class Run:
    """A run of `tag`. An output appears complete or not at all; standard output gets results as they come."""

    def __init__(
        self,
        inputs: Sequence[Input],
        encoding: str,
        to: Target,
        progress: Progress,
        *,
        ledger: Ledger | None = None,
        failures: Failures | None = None,
    ) -> None:
        """`ledger` knows which outputs are complete, and records new ones; `failures` gets what goes wrong."""
        self._inputs = inputs
        self._encoding = encoding
        self._to = to
        self._progress = progress
        self._ledger = ledger or Ledger()
        self._failures = failures or Failures(None)
        self._code = GOOD
        self._notes = Notes(self._note)
        self._lacking: set[Fault] = set()  # missing packages that were reported
        self._faulty: set[int] = set()  # the rest of these inputs is checked for faults, but not tagged
        self._numbers: list[int] = []  # numbers of the inputs being read, in order
        self._ended = 0  # how many of these have reached their last piece
        self._good = False  # whether an input of the output was written
        self._tagged: dict[int, bool] = {}  # inputs with a result, and whether it lacks documents that failed
        self._account = Account()  # of the current output
        self._file: BinaryIO | None = None  # its file

    def write(self, tag_all: TagAll, outputs: Sequence[Output]) -> int:
        """Tag all inputs, write the results to their outputs, and return the exit code."""
        self._numbers = [number for _, numbers in outputs for number in numbers if number not in self._ledger.done]
        results = tag_all(self._pieces())
        for path, numbers in outputs:
            if numbers[0] in self._ledger.done:
                self._pass(numbers[0])
                continue
            self._good = written = False
            with self._reporting():
                self._write_output(path, numbers, results)
                written = True
            if not written:
                self._tagged = {number: part for number, part in self._tagged.items() if number not in numbers}
            while self._ended < len(self._numbers) and self._numbers[self._ended] <= numbers[-1]:
                self._faulty.add(self._numbers[self._ended])
                for tagged in self._until_last(results):
                    self._report(tagged.faults)
        self._notes.close()
        self._sum_up(sum(len(numbers) for _, numbers in outputs))
        return self._code

    def _sum_up(self, files: int) -> None:
        """If some of several files failed, say how many did not: their messages may be far apart, or out of sight."""
        in_part = sum(self._tagged.values())
        counts = {
            "tagged": len(self._tagged) - in_part,
            "tagged without the documents that failed": in_part,
            "failed": files - len(self._tagged),
        }
        if files > 1 and counts["tagged"] < files:
            told = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)
            again = "; once mended, --resume tags only those" if self._ledger.is_kept else ""
            say(f"{files:,} files: {told}{again}")

    def _pass(self, number: int) -> None:
        """Accept an output that an earlier run wrote, with its failures."""
        account = self._ledger.done[number]
        self._tagged[number] = bool(account.failed)
        self._failures.add(account.failed)
        self._code = WRONG if account.failed else self._code
        self._progress.advance(total_size([self._inputs[number]]) or 0, account.spans, 1)

    def _write_output(self, path: Path | None, numbers: Sequence[int], results: Iterator[Tagged]) -> None:
        """Raises RuletagError, without faults that were already reported, if nothing is to be left of the output."""
        self._account, reused = self._ledger.begin(numbers[0], self._inputs[numbers[0]], path)
        self._failures.add(self._account.failed)
        self._code = WRONG if self._account.failed else self._code
        with opened_output(
            path,
            standard_output(self._to.format),
            binary=self._to.format.binary,
            reused=reused,
            kept=self._ledger.keeps,
            watch=self._account.watch,
        ) as (put, file):
            self._file = file
            if file:
                self._ledger.opened(file)
            if self._to.format.by_line:
                self._put_lines(numbers, results, put, file)
            else:
                self._put_documents(path, numbers, results, put)
            if path and not self._good:
                raise RuletagError(())
            if path and file:
                file.flush()
                self._ledger.add(self._inputs[numbers[0]], self._account)

    def _put_lines(
        self, numbers: Sequence[int], results: Iterator[Tagged], put: Callable[[bytes], object], file: BinaryIO | None
    ) -> None:
        for number in numbers:
            with self._passing_over(number, results) as coming, _taken_back(file):
                for tagged in self._looked_over(number, coming):
                    put(tagged.data)

    def _put_documents(
        self, path: Path | None, numbers: Sequence[int], results: Iterator[Tagged], put: Callable[[bytes], object]
    ) -> None:
        """One `write` for the documents of all inputs; those of a faulty one among several are held back."""
        to, options = self._to
        hold = path is not None and len(numbers) > 1
        documents = self._documents(numbers, results, hold=hold)
        kept: list[Document] = []
        if to.companions and not to.many:
            kept = list(documents)
            documents = iter(kept)
        to.put(documents, output_stream(to, put, str(path or "-")), options)
        if path and self._good:
            write_companions(to, options, path, kept)

    def _documents(self, numbers: Sequence[int], results: Iterator[Tagged], *, hold: bool) -> Iterator[Document]:
        for number in numbers:
            with self._passing_over(number, results) as coming:
                found = (each for tagged in self._looked_over(number, coming) for each in tagged.documents)
                yield from list(found) if hold else found

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Reports what goes wrong inside, and continues after it, unless nothing can be written any more."""
        try:
            yield
        except NoRoom:
            raise
        except RuletagError as error:
            self._code = WRONG
            self._report(error.faults)

    @contextmanager
    def _passing_over(self, number: int, results: Iterator[Tagged]) -> Iterator[Iterator[Tagged]]:
        """The results of one input. If something goes wrong inside, the rest of it is only checked for faults."""
        coming = self._until_last(results)
        finished = False
        with self._reporting():
            yield coming
            finished = True
        if not finished:
            self._faulty.add(number)
            for tagged in coming:
                self._report(tagged.faults)

    def _pieces(self) -> Iterator[Piece]:
        for number in self._numbers:
            source = self._inputs[number]
            begin = self._ledger.line_of(number)
            for piece in read_pieces(source, self._encoding):
                piece = piece.after(begin) if begin > 1 else piece
                yield piece._replace(only_read=True) if number in self._faulty else piece

    def _until_last(self, results: Iterator[Tagged]) -> Iterator[Tagged]:
        """The results of one input, up to its last piece."""
        for tagged in results:
            self._progress.advance(tagged.size, tagged.spans, tagged.last)
            self._ended += tagged.last
            yield tagged
            if tagged.last:
                return

    def _looked_over(self, number: int, coming: Iterator[Tagged]) -> Iterator[Tagged]:
        """The results of one input, after all reports about it. Raises RuletagError if the input has a fault."""
        account = self._account
        before = account if self._ledger.line_of(number) > 1 else Account()  # what an earlier run did of this input
        letters = before.documents
        written = before.documents - len({each["line"] for each in before.failed})
        failed = bool(before.failed)
        for tagged in coming:
            self._notes.add(tagged.notes)
            yield tagged
            written += tagged.written
            letters += tagged.letters
            account.count(tagged.written + len(tagged.failed), tagged.spans)
            for each in tagged.failed:
                failed = True
                self._code = WRONG
                self._report(each.faults, each.id)
            if tagged.faults:
                raise RuletagError(tagged.faults)
            if tagged.end and not tagged.last:
                self._ledger.checkpoint(self._inputs[number], account, tagged.end, self._file)
        if not letters:
            self._note(f"{self._inputs[number].shown}: note: is empty, nothing to tag")
        if written or not failed:
            self._good = True
            self._tagged[number] = failed

    def _note(self, message: str) -> None:
        with self._progress.aside():
            note(message)

    def _report(self, faults: Iterable[Fault], id: object = None) -> None:
        faults = RuletagError(faults).faults
        if faults:
            with self._progress.aside():
                report_faults([fault for fault in faults if fault not in self._lacking])
            self._lacking.update(fault for fault in faults if fault.code == "RT113")
            self._failures.add(self._account.fail(faults, id))


@contextmanager
def _taken_back(file: BinaryIO | None) -> Iterator[None]:
    """After a fault, removes what was written inside, unless it has gone to a stream."""
    start = file.tell() if file and file.seekable() else None
    try:
        yield
    except RuletagError:
        if file and start is not None:
            file.seek(start)
            file.truncate()
        raise
