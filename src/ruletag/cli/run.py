"""Tags inputs and writes their outputs. A failure is reported with its file, and the run continues with the rest."""

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
    from ruletag.cli.plan import Output


class Run:
    """A run of `tag`. An output file appears complete or not at all; standard output gets results as they come."""

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
        """`ledger` knows which outputs are complete, and records new ones; `failures` records what goes wrong."""
        self._inputs = inputs
        self._encoding = encoding
        self._to = to
        self._progress = progress
        self._ledger = ledger or Ledger()
        self._failures = failures or Failures(None)
        self._code = GOOD
        self._notes = Notes(self._note)
        self._lacking: set[Fault] = set()  # faults about missing packages, already reported
        self._faulty: set[int] = set()  # inputs of which the rest is checked for faults, but not tagged
        self._numbers: list[int] = []  # numbers of the inputs being read, in order
        self._ended = 0  # how many of them have been read to their last piece
        self._is_written = False  # whether anything of the current output was written
        self._tagged: dict[int, bool] = {}  # inputs with a result, and whether it lacks documents that failed
        self._account = Account()  # of the current output
        self._file: BinaryIO | None = None  # of the current output

    def write(self, tag_all: TagAll, outputs: Sequence[Output]) -> int:
        """Tag all inputs, write the results to their outputs, and return the exit code."""
        self._numbers = [number for _, numbers in outputs for number in numbers if number not in self._ledger.done]
        results = tag_all(self._pieces())
        for path, numbers in outputs:
            if numbers[0] in self._ledger.done:
                self._accept_done(numbers[0])
                continue
            self._is_written = completed = False
            with self._reporting():
                self._write_output(path, numbers, results)
                completed = True
            if not completed:
                self._tagged = {
                    number: is_partial for number, is_partial in self._tagged.items() if number not in numbers
                }
            while self._ended < len(self._numbers) and self._numbers[self._ended] <= numbers[-1]:
                self._faulty.add(self._numbers[self._ended])
                for tagged in self._until_last(results):
                    self._report(tagged.faults)
        self._notes.close()
        self._sum_up(sum(len(numbers) for _, numbers in outputs))
        return self._code

    def _sum_up(self, files: int) -> None:
        """If some of several files failed, print the counts: the messages may be far apart, or out of sight."""
        in_part = sum(self._tagged.values())
        counts = {
            "tagged": len(self._tagged) - in_part,
            "tagged without the documents that failed": in_part,
            "failed": files - len(self._tagged),
        }
        if files > 1 and counts["tagged"] < files:
            summary = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items() if count)
            resume_hint = "; once they are fixed, --resume tags only those" if self._ledger.is_recorded else ""
            say(f"{files:,} files: {summary}{resume_hint}")

    def _accept_done(self, number: int) -> None:
        """Accept an output that an earlier run completed, with its failures."""
        account = self._ledger.done[number]
        self._tagged[number] = bool(account.failed)
        self._failures.add(account.failed)
        self._code = WRONG if account.failed else self._code
        self._progress.advance(total_size([self._inputs[number]]) or 0, account.spans, 1)

    def _write_output(self, path: Path | None, numbers: Sequence[int], results: Iterator[Tagged]) -> None:
        """Write an output. Raises RuletagError, without faults that were already reported, if it must not appear."""
        self._account, reused = self._ledger.begin(numbers[0], self._inputs[numbers[0]], path)
        self._failures.add(self._account.failed)
        self._code = WRONG if self._account.failed else self._code
        with opened_output(
            path,
            standard_output(self._to.format),
            binary=self._to.format.binary,
            reused=reused,
            kept=self._ledger.is_resumable,
            watch=self._account.watch,
        ) as (put, file):
            self._file = file
            if file:
                self._ledger.opened(file)
            if self._to.format.by_line:
                self._put_lines(numbers, results, put, file)
            else:
                self._put_documents(path, numbers, results, put)
            if path and not self._is_written:
                raise RuletagError(())
            if path and file:
                file.flush()
                self._ledger.add(self._inputs[numbers[0]], self._account)

    def _put_lines(
        self, numbers: Sequence[int], results: Iterator[Tagged], put: Callable[[bytes], object], file: BinaryIO | None
    ) -> None:
        for number in numbers:
            with self._input_results(number, results) as input_results, _rolling_back(file):
                for tagged in self._checked(number, input_results):
                    put(tagged.data)

    def _put_documents(
        self, path: Path | None, numbers: Sequence[int], results: Iterator[Tagged], put: Callable[[bytes], object]
    ) -> None:
        """Write the documents of all inputs in one `put`; of several inputs, faulty ones are left out."""
        to_format, options = self._to
        hold = path is not None and len(numbers) > 1
        documents = self._documents(numbers, results, hold=hold)
        written: list[Document] = []
        if to_format.companions and not to_format.many:
            written = list(documents)
            documents = iter(written)
        to_format.put(documents, output_stream(to_format, put, str(path or "-")), options)
        if path and self._is_written:
            write_companions(to_format, options, path, written)

    def _documents(self, numbers: Sequence[int], results: Iterator[Tagged], *, hold: bool) -> Iterator[Document]:
        for number in numbers:
            with self._input_results(number, results) as input_results:
                documents = (
                    document for tagged in self._checked(number, input_results) for document in tagged.documents
                )
                yield from list(documents) if hold else documents

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Report a RuletagError raised in the block, and continue after it, unless nothing more can be written."""
        try:
            yield
        except NoRoom:
            raise
        except RuletagError as error:
            self._code = WRONG
            self._report(error.faults)

    @contextmanager
    def _input_results(self, number: int, results: Iterator[Tagged]) -> Iterator[Iterator[Tagged]]:
        """The results of one input. After an error in the block, its other results are only checked for faults."""
        input_results = self._until_last(results)
        finished = False
        with self._reporting():
            yield input_results
            finished = True
        if not finished:
            self._faulty.add(number)
            for tagged in input_results:
                self._report(tagged.faults)

    def _pieces(self) -> Iterator[Piece]:
        for number in self._numbers:
            source = self._inputs[number]
            first_line = self._ledger.line_of(number)
            for piece in read_pieces(source, self._encoding):
                piece = piece.after(first_line) if first_line > 1 else piece
                yield piece._replace(only_read=True) if number in self._faulty else piece

    def _until_last(self, results: Iterator[Tagged]) -> Iterator[Tagged]:
        """Yield the results of one input, up to its last piece."""
        for tagged in results:
            self._progress.advance(tagged.size, tagged.spans, tagged.last)
            self._ended += tagged.last
            yield tagged
            if tagged.last:
                return

    def _checked(self, number: int, input_results: Iterator[Tagged]) -> Iterator[Tagged]:
        """Yield the results of one input, and report on each. Raises RuletagError if the input has a fault."""
        account = self._account
        before = account if self._ledger.line_of(number) > 1 else Account()  # an earlier run's part of this input
        letters = before.documents
        written = before.documents - len({failure["line"] for failure in before.failed})
        failed = bool(before.failed)
        for tagged in input_results:
            self._notes.add(tagged.notes)
            yield tagged
            written += tagged.written
            letters += tagged.letters
            account.count(tagged.written + len(tagged.failed), tagged.spans)
            for failure in tagged.failed:
                failed = True
                self._code = WRONG
                self._report(failure.faults, failure.id)
            if tagged.faults:
                raise RuletagError(tagged.faults)
            if tagged.end and not tagged.last:
                self._ledger.checkpoint(self._inputs[number], account, tagged.end, self._file)
        if not letters:
            self._note(f"{self._inputs[number].shown}: note: is empty, nothing to tag")
        if written or not failed:
            self._is_written = True
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
def _rolling_back(file: BinaryIO | None) -> Iterator[None]:
    """After a RuletagError, remove what the block wrote, unless it went to a stream."""
    start = file.tell() if file and file.seekable() else None
    try:
        yield
    except RuletagError:
        if file and start is not None:
            file.seek(start)
            file.truncate()
        raise
