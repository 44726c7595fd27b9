"""YAML as plain values that remember their position.

Reads the events of the C parser, without node objects. Every scalar stays a string (`No`, `ON`, `1_000`); code that
expects a number or a truth value converts it (see `sources.Fields`). Duplicate keys, anchors, aliases, tags and keys
that are not scalars are faults with a position. Depth is limited here, because parsers differ in how much they allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import yaml

from ruletag.positions import Mapping, Mark, Sequence

Report = Callable[[str, Mark | None, str, str], None]  # code, position, message, help

_SURROGATES = re.compile("[\ud800-\udfff]")  # libyaml itself rejects escapes of these
DEEPEST = 64  # levels of nesting; entries and rules need three
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def value_of(text: str, fault: Report) -> Any:
    """The value of a text, or None if it cannot be read at all; every fault is reported."""
    try:
        return _Builder(yaml.parse(text, Loader=_LOADER), fault).document()
    except _TooDeepError as error:
        _report_depth(fault, error.line)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark
        if at and error.problem and "nesting depth" in error.problem:  # libyaml looks ahead, on the same line
            _report_depth(fault, at.line + 1)
            return None
        from ruletag.yaml_cures import diagnosis  # not loaded if nothing is wrong

        fault("RT201", *diagnosis(text.split("\n"), error))
    except yaml.reader.ReaderError as error:
        before = text[: text.index(chr(error.character))]
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        fault("RT201", mark, f"the character U+{error.character:04X} is not allowed", "remove it")
    except ValueError:  # the Python parser, if there is no libyaml
        fault("RT201", None, "this is not YAML: an escape does not stand for a character", "write the character itself")
    return None


def _report_depth(fault: Report, line: int) -> None:
    fault("RT201", Mark(line, 0), "is nested too deeply", f"entries and rules need three levels; {DEEPEST} are read")


class _TooDeepError(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Builder:
    """Builds plain values from the parser's events."""

    def __init__(self, events: Iterable[Any], fault: Report) -> None:
        self.fault = fault
        self.events: Iterator[Any] = iter(events)
        self.depth = 0

    def document(self) -> Any:
        """The only document of the file; an empty file is None, without a fault."""
        value = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fault("RT201", _mark(event), "a file contains one YAML document", "split the file")
                    return None
            elif isinstance(event, yaml.NodeEvent):
                value = self.value(event)
        return value

    def value(self, event: Any) -> Any:
        self._refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            if not event.value.isascii() and (match := _SURROGATES.search(event.value)):
                self.fault("RT201", _mark(event), f"the character U+{ord(match[0]):04X} is not allowed", "remove it")
            return event.value
        if isinstance(event, yaml.AliasEvent):
            return ""
        if self.depth == DEEPEST:
            raise _TooDeepError(event.start_mark.line + 1)
        self.depth += 1
        value = self.mapping(event) if isinstance(event, yaml.MappingStartEvent) else self.sequence(event)
        self.depth -= 1
        return value

    def mapping(self, start: Any) -> Mapping:
        built = Mapping(_mark(start))
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            mark = _mark(event)
            key = self.value(event)
            following = next(self.events)
            value = self.value(following)
            if not isinstance(key, str):
                self.fault("RT202", mark, "a key must be a plain word", "quote it, or restructure the entry")
            elif key in built:
                self.fault("RT203", mark, f"the key {key!r} occurs twice in one mapping", "keep one of them")
            else:
                built[key] = value
                built.keys_at[key] = mark
                built.values_at[key] = _mark(following)
        return built

    def sequence(self, start: Any) -> Sequence:
        built = Sequence(_mark(start))
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            built.items_at.append(_mark(event))
            built.append(self.value(event))
        return built

    def _refuse_extras(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, f"the alias *{event.anchor}", "write the value out", "*")
        elif event.anchor:
            self._refuse(event, f"the anchor &{event.anchor}", "write the value out", "&")
        elif event.tag and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            self._refuse(event, f"the tag {event.tag}", "remove it", "!")

    def _refuse(self, event: Any, what: str, remedy: str, sign: str) -> None:
        help = f"{remedy}; put a text that begins with {sign} in quotes"
        self.fault("RT203", _mark(event), f"{what} is not allowed", help)


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
