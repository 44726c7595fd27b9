"""JSON Lines, the machine's format: one object a line. Offsets: code points, half-open.

`text` is required; `id` is a string or number; `spans` are `[start, end, label]` or objects with those keys; with an
`answer` of `reject` or `ignore` they are not read. Unknown keys of the object pass through untouched: what could not is
refused. Written spans also carry `text` and `source`.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.formats.answers import is_set_aside
from ruletag.formats.contract import CODE_POINTS, Format, Options
from ruletag.model import Document, Entity, Source

_OWN = ("text", "id", "spans")
DEEPEST = 64  # levels of nesting; Python versions differ in what they stand
_LONGEST = 80  # code points of a value in a message
# Half of a character that was cut in two (\ud83d): JSON can say it, UTF-8 cannot.
_HALVES = re.compile("[\ud800-\udfff]")


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents before the first faulty line, one a line; empty lines are passed over.

    RuletagError, raised at the end, carries the faults of all lines.
    """
    faults: list[Fault] = []
    for number, line in enumerate(stream, 1):
        if line.strip():
            try:
                document = read_line(line.removesuffix("\n"), path, number, options)
            except RuletagError as error:
                faults += error.faults
            else:
                if not faults:
                    yield document
    if faults:
        raise RuletagError(faults)


def read_line(line: str, path: str, number: int, options: Options = Options()) -> Document:
    """The document of one line. RuletagError names the line."""
    record = _load(line, path, number)
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise _fault(path, number, "an object with a string under 'text' is wanted")
    if isinstance(record.get("id"), (bool, list, dict)):
        raise _fault(path, number, "'id' must be a string or a number")
    identifier = None if record.get("id") is None else str(record["id"])
    meta = {key: value for key, value in record.items() if key not in _OWN}
    if isinstance(record.get("id"), (int, float)):
        meta["id"] = record["id"]
    spans = None if is_set_aside(meta) else record.get("spans")
    if spans is not None and not isinstance(spans, list):
        raise _fault(path, number, "'spans' must be a list")
    found = (_entity(span, record["text"], path, number, options) for span in spans or [])
    entities = tuple(entity for entity in found if entity)
    return Document(record["text"], entities, identifier, path, spans is not None, meta=meta, lines=(number,))


def _load(line: str, path: str, number: int) -> Any:
    """The value of a line of JSON. RuletagError where it is not JSON, or not all of it could be given back."""
    try:
        value = json.loads(
            line, parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_without_duplicates
        )
    except json.JSONDecodeError as error:
        raise _fault(path, number, f"this is not JSON: {error}", "one object a line") from None
    except _StrangeError as error:
        raise _fault(path, number, str(error), error.help) from None
    except RecursionError:
        raise _too_deep(path, number) from None
    except ValueError:  # int() has a limit, against attacks
        raise _fault(path, number, "a number has too many digits", "write it as a string") from None
    level = [value]
    for _ in range(DEEPEST):
        level = [each for nested in level for each in _children(nested)]
    if level:
        raise _too_deep(path, number)
    return value


class _StrangeError(ValueError):
    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


def _refuse_constant(name: str) -> None:
    raise _StrangeError(f"{name} is no number of JSON", "write null, or a string")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _StrangeError(f"the number {_shown(digits)} is too large", "write it as a string")
    return number


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one of two values under the same key would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise _StrangeError(f"the key {_shown(twice)} stands twice in one object", "keep one of them")
    return found


def _children(value: Any) -> Iterable[Any]:
    """The members of a list or object that can have members of their own."""
    members = value.values() if isinstance(value, dict) else value
    return [each for each in members if isinstance(each, (dict, list))] if isinstance(value, (dict, list)) else ()


def _too_deep(path: str, line: int) -> RuletagError:
    return _fault(path, line, "is nested too deeply", f"lists and objects may be {DEEPEST} deep")


def _fault(path: str, line: int, message: str, help: str = "") -> RuletagError:
    return RuletagError(Fault(path, "RT105", message, line, help=help))


def _shown(value: Any) -> str:
    """A value as JSON for a message, its beginning where it is long; half of a character as an escape."""
    text = json.dumps(value) if not isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _entity(span: Any, text: str, path: str, line: int, options: Options) -> Entity | None:
    identifier = None
    if isinstance(span, dict):
        start, end, label, identifier = (span.get(key) for key in ("start", "end", "label", "id"))
    else:
        start, end, label = span if isinstance(span, list) and len(span) == 3 else (None, None, None)
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise _fault(path, line, f"a span is [start, end, label], not {_shown(span)}")
    ours = options.labels.read(label, path, line)
    if not 0 <= start < end <= len(text):
        message = f"the span {_shown(start)}:{_shown(end)} does not fit a text of {len(text)} code points"
        raise _fault(path, line, message, "offsets are code points, 0 <= start < end")
    known = identifier if isinstance(identifier, str) else None
    return Entity(start, end, ours, text[start:end], Source("gold", "gold", path, line), known) if ours else None


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """One line a document; what it carried besides comes back."""
    for document in documents:
        stream.write(write_line(document) + "\n")


def write_line(document: Document) -> str:
    """The line of one document, without its line end."""
    record: dict[str, Any] = {} if document.id is None else {"id": document.id}
    record |= {"text": document.text, "spans": [_span(entity) for entity in document.entities]}
    return _HALVES.sub(_escape, json.dumps(record | dict(document.meta), ensure_ascii=False, allow_nan=False))


def _escape(half: re.Match[str]) -> str:
    return f"\\u{ord(half[0]):04x}"


def _span(entity: Entity) -> dict[str, Any]:
    span: dict[str, Any] = {"start": entity.start, "end": entity.end, "label": entity.label, "text": entity.text}
    if entity.source.kind != "gold":
        span["source"] = str(entity.source)
    if entity.via:
        span["via"] = entity.via
    if entity.id:
        span["id"] = entity.id
    return span


FORMAT = Format(
    name="jsonl",
    help="one JSON object a line: text, spans, id",
    read=read,
    write=write,
    suffixes=(".jsonl", ".ndjson"),
    unit=CODE_POINTS,
    carries=("spans", "nested", "id", "meta", "source", "via", "entity id"),
    loses="losing candidates and near misses; keys of a span beyond its own",
    many=True,
    by_line=True,
)
