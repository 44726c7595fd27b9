"""Faults that users can cause: where a fault is, what is wrong, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ruletag.escapes import escape_breaks, escape_controls


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in the input.

    `path` is the file as the user named it; `line` and `column` count from 1, and are 0 if the whole file is
    meant. `code` is stable. `excerpt` is the faulty line, shown with a caret; `help` says what to do.
    """

    path: str
    code: str
    message: str
    line: int = 0
    column: int = 0
    help: str = ""
    excerpt: str = ""

    def sort_key(self) -> tuple[str, int, int, str, str]:
        return (self.path, self.line, self.column, self.code, self.message)


class RuletagError(Exception):
    """Bad input. `faults` has every fault, not only the first.

    `summary` is a line to print after them: how many of several files failed, and what happened to the others.
    """

    def __init__(self, faults: Iterable[Fault] | Fault, summary: str = "") -> None:
        unsorted = (faults,) if isinstance(faults, Fault) else tuple(faults)
        self.faults = tuple(sorted(dict.fromkeys(unsorted), key=Fault.sort_key))
        self.summary = summary
        super().__init__("\n".join(format_fault(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[RuletagError], tuple[tuple[Fault, ...], str]]:
        return type(self), (self.faults, self.summary)


class Attempts:
    """Collects the faults of several files, all of which are tried before any fault is raised.

    `otherwise` says what happened to the valid files.
    """

    def __init__(self, otherwise: str = "nothing was done with the others") -> None:
        self.faults: list[Fault] = []
        self._otherwise = otherwise
        self._tried = self._failed = 0

    @contextmanager
    def each(self) -> Iterator[None]:
        """Collect the faults of the work on one file."""
        self._tried += 1
        try:
            yield
        except RuletagError as error:
            self.faults += error.faults
            self._failed += 1

    def close(self) -> None:
        """Raise RuletagError with all faults, if there are any; its summary counts the files if there are several."""
        if self.faults:
            otherwise = f"; {self._otherwise}" if self._failed < self._tried else ""
            summary = f"{self._failed:,} of {self._tried:,} files failed{otherwise}"
            raise RuletagError(self.faults, summary if self._tried > 1 else "")


class Lost(Exception):
    """The reason why a document has no result, for a message, and what to do about it."""

    def __init__(self, reason: str, help: str) -> None:
        super().__init__(reason, help)
        self.reason, self.help = reason, help


def format_fault(fault: Fault) -> str:
    """`path:line:col: CODE message`, then the excerpt with a caret and the help, if there are any.

    Each takes one line: a line break in a name is shown as an escape, and so is any control character in the excerpt.
    """
    position = escape_breaks(fault.path)
    if fault.line:
        position += f":{fault.line}" + (f":{fault.column}" if fault.column else "")
    lines = [f"{position}: {fault.code} {escape_breaks(fault.message)}"]
    if fault.excerpt:
        width = max(fault.column - 1, 0)
        before = _escaped(fault.excerpt[:width].ljust(width))
        lines.append("    " + before + _escaped(fault.excerpt[width:]))
        if fault.column:
            lines.append("    " + re.sub(r"[^\t]", " ", before) + "^")  # a tab is as wide as the one above it
    if fault.help:
        lines.append(f"  help: {escape_breaks(fault.help)}")
    return "\n".join(lines)


def _escaped(excerpt: str) -> str:
    return escape_breaks(escape_controls(excerpt))


def lacking(path: str, needs: str, module: str | None, extra: str) -> Fault:
    """The fault for a module whose package is not installed; `needs` begins the sentence, `extra` installs it."""
    message = f"{needs} a package that is not installed: {(module or '').partition('.')[0]}"
    return Fault(path, "RT113", message, help=f"pip install 'ruletag[{extra}]'")


@contextmanager
def needing(module: str, extra: str) -> Iterator[None]:
    """Wraps the imports of a module that needs an extra, so that ModuleNotFoundError says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        message = format_fault(lacking(module, "needs", error.name, extra))
        raise ModuleNotFoundError(message, name=error.name) from None


def failure(path: str, error: BaseException, line: int = 0, what: str = "the document") -> Fault:
    """The fault for a document that failed unexpectedly: memory ran out, it is lost, or the program has a bug."""
    if isinstance(error, MemoryError):
        reason, help = "there is not enough memory", "split it into smaller documents, or use fewer processes"
    elif isinstance(error, Lost):
        reason, help = error.reason, f"{error.help}; the other documents are not affected"
    else:
        message = " ".join(str(error).split())[:200]
        reason = type(error).__name__ + (f": {message}" if message else "")
        help = "this is a bug in ruletag, please report it; the other documents are not affected"
    return Fault(path, "RT111", f"{what} cannot be tagged: {reason}", line, help=help)


def suggest(word: str, known: Iterable[str]) -> str:
    """A `did you mean` sentence, or the list of known names if nothing is close. Case makes no difference."""
    from difflib import get_close_matches  # imported here, because few runs have a fault

    choices = sorted(known)
    folded = {choice.casefold(): choice for choice in reversed(choices)}
    close = get_close_matches(word.casefold(), folded, n=1)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    return "known: " + ", ".join(choices) if choices else ""
