"""Lossless JSON: anything that could not be written back unchanged is refused, and the fault names its line."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, TextIO

from ruletag.errors import Fault, RuletagError

DEEPEST = 64  # levels of nesting; Python versions differ in how many they allow
_LONGEST = 80  # code points of a value in a message
_BLOCK = 1 << 16
_WHITE_SPACE = re.compile(r"[ \t\r\n]*")
# An unpaired surrogate (\ud83d): JSON can express it, UTF-8 cannot.
HALVES = re.compile("[\ud800-\udfff]")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def load(line: str, path: str, number: int) -> Any:
    """The value of a line of JSON. Raises RuletagError if it is not JSON, or could not be written back unchanged."""
    try:
        value = _DECODER.decode(line)
    except json.JSONDecodeError as error:
        raise fault(path, number, f"this is not JSON: {error}", "one object per line") from None
    except _REFUSED as error:
        raise _refused(error, path, number) from None
    refuse_depth(value, path, number)
    return value


def records(stream: TextIO, path: str) -> Iterator[tuple[dict[str, Any], int, str]]:
    """The objects of a file, from an array or one after the other, each with its line and its name in faults.

    Only one object is in memory at a time. Raises a RuletagError that names the line and record at fault.
    """
    window = _Window(stream, path)
    first = window.peek()
    in_array = first == "["
    if not first:
        raise fault(path, 0, "contains no JSON", "expected an array of objects")
    if in_array:
        window.skip()
    number = 0
    while char := window.peek():
        if in_array and char == "]" and not number:
            break
        number += 1
        line = window.line
        record = window.take(number)
        refuse_depth(record, path, line)
        yield record, line, f"record {number}"
        if in_array and window.peek() != ",":
            break
        if in_array:
            window.skip()
    if in_array:
        if window.peek() != "]":
            raise fault(path, window.line, f"the array is not closed after record {number}", "was the file cut off?")
        window.skip()
    if window.peek():
        raise fault(path, window.line, "there is something after the array", "expected one array of objects")


class _Window:
    """A buffered part of a stream, and the current position in it."""

    def __init__(self, stream: TextIO, path: str) -> None:
        self._stream, self._path = stream, path
        self._text, self._at = "", 0
        self.line = 1

    def peek(self) -> str:
        """Skip white space and return the next character; empty at the end."""
        while True:
            match = _WHITE_SPACE.match(self._text, self._at)
            end = match.end() if match else self._at
            self.line += self._text.count("\n", self._at, end)
            self._at = end
            if end < len(self._text):
                return self._text[end]
            self._text, self._at = self._stream.read(_BLOCK), 0
            if not self._text:
                return ""

    def skip(self) -> None:
        """Skip one character."""
        self._at += 1

    def take(self, number: int) -> dict[str, Any]:
        """Read the object that begins here. `number` is that of the record, for faults."""
        if self.peek() != "{":
            raise fault(self._path, self.line, f"record {number} is not a JSON object", "expected an array of objects")
        while True:
            try:
                record, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # Doubling what is read keeps this linear.
                if more := self._stream.read(max(_BLOCK, len(self._text) - self._at)):
                    self._text, self._at = self._text[self._at :] + more, 0
                    continue
                line = self.line + self._text.count("\n", self._at, error.pos)
                message = f"record {number} is not JSON: {error.msg}"
                raise fault(self._path, line, message, "write an array of objects") from None
            except _REFUSED as error:
                raise _refused(error, self._path, self.line, f"record {number}: ") from None
            self.line += self._text.count("\n", self._at, end)
            self._at = end
            return dict(record)


def refuse_depth(value: Any, path: str, line: int) -> None:
    """Raises RuletagError for a value that is nested too deeply to be read back."""
    level = [value] if type(value) in (dict, list) else []
    for _ in range(DEEPEST):
        if not level:
            return
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
    if level:
        raise _too_deep(path, line)


def as_json(value: Any) -> Any:
    """A value of another program with everything that JSON lacks, such as dates, bytes and NaN, turned into text."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): as_json(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return as_json(value.tolist()) if hasattr(value, "tolist") else str(value)  # numpy has its own types of numbers


def dump(record: Any) -> str:
    """A value as JSON on one line, with unpaired surrogates escaped. Raises ValueError for numbers that JSON lacks."""
    return HALVES.sub(_escape, _ENCODER.encode(record))


def shown(value: Any) -> str:
    """A value as JSON for a message, truncated if it is long, with unpaired surrogates escaped."""
    text = json.dumps(value) if not isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def fault(path: str, line: int, message: str, help: str = "") -> RuletagError:
    """A RuletagError for a fault in a line."""
    return RuletagError(Fault(path, "RT105", message, line, help=help))


class _LossyError(ValueError):
    """Something that Python's decoder accepts, but that could not be written back unchanged."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


_REFUSED = (ValueError, RecursionError)


def _refused(error: Exception, path: str, line: int, record: str = "") -> RuletagError:
    if isinstance(error, _LossyError):
        return fault(path, line, f"{record}{error}", error.help)
    if isinstance(error, RecursionError):
        return _too_deep(path, line)
    return fault(path, line, f"{record}a number has too many digits", "write it as a string")  # int() has a limit


def _refuse_constant(name: str) -> None:
    raise _LossyError(f"{name} is not a JSON number", "write null, or a string")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _LossyError(f"the number {shown(digits)} is too large", "write it as a string")
    return number


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of the pairs. Refuses a duplicate key, because one of its values would be lost."""
    record = dict(pairs)
    if len(record) < len(pairs):
        duplicate = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise _LossyError(f"the key {shown(duplicate)} occurs twice in one object", "keep one of them")
    return record


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_without_duplicates)


def _too_deep(path: str, line: int) -> RuletagError:
    return fault(path, line, "is nested too deeply", f"lists and objects may nest {DEEPEST} levels deep")


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
