"""Suggestions as a YAML file (a patch) to read, edit and apply; and the accepted suggestions read back from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ruletag import __version__
from ruletag.diff import Difference
from ruletag.errors import Fault, RuletagError
from ruletag.fields import Field, Many, Names, Record, String, Truth
from ruletag.gazetteer import read_common_words
from ruletag.model import LABELS, Document
from ruletag.positions import Mark
from ruletag.sources import Fields, SourceFile, raise_faults
from ruletag.suggest.edit import Addition, Item
from ruletag.suggest.propose import KINDS, NEVER, Proposal, file_of
from ruletag.suggest.weigh import RISKS, Suggestion

_NAME = Field("the name", String(), required=True)
_LABEL = Field("the label of the name", String(LABELS), required=True)
_FILE = Field("the file below the folder to which it is added", String(), required=True)
ADD = Record(
    {
        "name": _NAME,
        "label": replace(_LABEL, required=False),
        "class": Field("instead of `label`: the class of a word", String()),
        "file": _FILE,
    },
    one_of=("label", "class"),
)
AMBIGUOUS = Record({"name": _NAME, "label": _LABEL, "file": _FILE})
NOT = Record(
    {
        "name": _NAME,
        "label": replace(_LABEL, required=False),
        "before": Field("the word after which the veto applies", String()),
        "after": Field("the word before which the veto applies", String()),
        "example": Field("a sentence in which it would be taken for a name", String(), required=True),
        "file": _FILE,
    }
)
FIELDS = {
    "id": Field("its name in reports and comments", String(), required=True),
    "kind": Field(f"one of {', '.join(KINDS)}", String(tuple(KINDS))),
    "accept": Field("whether it is applied; edit this", Truth()),
    "risk": Field("why it is not ticked beforehand", String()),
    "add": Field(
        "an entry with `name` and `label`, or a word with `name` and `class`, and the `file` to which it is added",
        Many(ADD),
    ),
    "alternatives": Field("other classes of which it could be a word, with no more gain", Many(String())),
    "ambiguous": Field(
        "names with `name`, `label` and `file` that then count only where a rule asks for them",
        Many(AMBIGUOUS),
    ),
    "not": Field("vetoes with `name`, `label`, `before` or `after`, `example` and `file`", Many(NOT)),
    "from": Field("the corrections behind it: document and offset", Many(String())),
    "gold": Field(
        "right spans gained and lost, wrong spans added and fixed, the change of strict F1, its interval",
        Names(String()),
    ),
    "text": Field(
        "what changes elsewhere: spans that are new, gone or relabelled, and the number of documents", Names(String())
    ),
    "examples": Field("up to three sentences in which it changes something", Many(String())),
}
FILE_FIELDS = {
    "target": Field(
        "the state of the folder when the suggestions were measured; any other is refused", String(), required=True
    ),
    "suggestions": Field("the list of suggestions, those that reach most documents first", Many(Record(FIELDS))),
}
_CONTEXT = 40
_FROM = 5  # corrections that are listed
_MORE = "and {} more"


class Accepted(NamedTuple):
    """An accepted suggestion of a patch."""

    id: str
    additions: tuple[Addition, ...]


def format_patch(suggestions: Iterable[Suggestion], ticked: Iterable[str], target: str, about: Sequence[str]) -> str:
    """The patch. `ticked` are the ids that are accepted beforehand; `about` are lines that say what was measured."""
    chosen = set(ticked)
    lines = [f"# ruletag suggest {__version__}", *(f"# {' '.join(line.split())}" for line in about)]
    lines += ["# Set `accept`, then: ruletag suggest --apply FILE --to FOLDER", f"target: {_quoted(target)}"]
    items = [line for suggestion in suggestions for line in _suggestion(suggestion, suggestion.id in chosen)]
    return "\n".join([*lines, "suggestions:" if items else "suggestions: []", *items]) + "\n"


def _suggestion(suggestion: Suggestion, accept: bool) -> Iterator[str]:
    proposal, gain, reach = suggestion.proposal, suggestion.gain, suggestion.reach
    yield f"  - id: {suggestion.id}"
    yield f"    kind: {proposal.kind}"
    yield f"    accept: {'true' if accept else 'false'}"
    if suggestion.risk:
        yield f"    risk: {_quoted(RISKS[suggestion.risk])}"
    yield from _operations(proposal)
    if suggestion.alternatives:
        yield f"    alternatives: [{', '.join(suggestion.alternatives)}]"
    corrections = [_quoted(str(correction)) for correction in proposal.corrections[:_FROM]]
    more = len(proposal.corrections) - len(corrections)
    yield f"    from: [{', '.join([*corrections, *([_quoted(_MORE.format(more))] if more else [])])}]"
    low, high = gain.interval
    spans = f"right: +{gain.right}, lost: {gain.lost}, wrong: +{gain.wrong}, fixed: {gain.fixed}"
    yield f"    gold: {{{spans}, f1: {gain.f1:+.4f}, interval: [{low:+.4f}, {high:+.4f}]}}"
    changes = f"new: {reach.new}, gone: {reach.gone}, relabelled: {reach.relabelled}, documents: {reach.documents}"
    yield f"    text: {{{changes}}}"
    if reach.examples:
        yield "    examples:"
        yield from (f"      - {_quoted(example(document, difference))}" for document, difference in reach.examples)


def _operations(proposal: Proposal) -> Iterator[str]:
    for addition in additions_of(proposal):
        name = _quoted(addition.name)
        if addition.section == "entries":
            key = "label" if proposal.key in LABELS else "class"
            yield f"    add: {{name: {name}, {key}: {proposal.key}, file: {addition.file}}}"
    vetoes = [_flow(addition) for addition in additions_of(proposal) if addition.section == "not"]
    if vetoes:
        yield "    not: " + (vetoes[0] if len(vetoes) == 1 else f"[{', '.join(vetoes)}]")
    names = [
        f"{{name: {_quoted(name)}, label: {label}, file: {file_of(label)}}}"
        for label, name in sorted(proposal.changes.ambiguous)
    ]
    if names:
        yield f"    ambiguous: [{', '.join(names)}]"


def _flow(addition: Addition) -> str:
    """An item on one line, with the file to which it is added."""
    item = addition.item if isinstance(addition.item, dict) else {"name": addition.item}
    fields = [f"{key}: {value if key == 'label' else _quoted(value)}" for key, value in item.items()]
    return f"{{{', '.join([*fields, f'file: {addition.file}'])}}}"


def entry_addition(name: str, key: str, note: str) -> Addition:
    """The addition of one name to the file of its label or class."""
    return _entry(name, key, file_of(key), note)


def note_of(title: str, corrections: int) -> str:
    """The comment on a line that comes from corrections."""
    return f"{title}, {corrections} correction{'' if corrections == 1 else 's'}"


def additions_of(proposal: Proposal, note: str = "") -> list[Addition]:
    """The items that a proposal adds to files."""
    changes = proposal.changes
    additions = [_entry(entry.surface, entry.key, file_of(entry.key), note) for entry in changes.entries]
    additions += [_ambiguous(name, label, file_of(label), note) for label, name in sorted(changes.ambiguous)]
    sides = _sides(proposal)
    additions += [_veto(veto.name, veto.label, sides, veto.example, NEVER, note) for veto in changes.vetoes]
    return additions


def _entry(name: str, key: str, file: str, note: str) -> Addition:
    """The addition of an entry; one that is a common word gets `ambiguous: false`, since somebody has decided on it."""
    is_common = key in LABELS and name.lower() in read_common_words() and not name.isupper()
    item: Item = {"name": name, "ambiguous": "false"} if is_common else name
    return Addition(file, f"{'label' if key in LABELS else 'class'}: {key}", "entries", item, note)


def _ambiguous(name: str, label: str, file: str, note: str) -> Addition:
    return Addition(file, f"label: {label}", "ambiguous", name, note)


def _sides(proposal: Proposal) -> dict[str, str]:
    """The word beside which the vetoes of a proposal apply, as `before` or `after`; empty if they apply anywhere."""
    if proposal.kind != "unless":
        return {}
    before, _, after = proposal.name.partition("…")
    return {"before": before.strip()} if before.strip() else {"after": after.strip()}


def _veto(name: str, label: str, sides: Mapping[str, str], example: str, file: str, note: str) -> Addition:
    item = {"name": name, **({"label": label} if label else {}), **sides, "example": example}
    return Addition(file, "", "not", item, note)


def example(document: Document, difference: Difference) -> str:
    """A difference in its context: `[name](LABEL)` with the change, and what it was before."""
    start, end = difference.place
    before, after = difference.before, difference.after
    entity = after or before
    assert entity is not None  # a difference has a side
    first, last = max(0, start - _CONTEXT), min(len(document.text), end + _CONTEXT)
    text = document.text
    marked = f"[{entity.text}]({entity.label})"
    was = "" if before is None else f" (was {before.label} {before.text!r})"
    remark = was if after else " (gone)"
    line = f"{text[first : entity.start]}{marked}{remark}{text[entity.end : last]}"
    return " ".join(f"{'…' if first else ''}{line}{'…' if last < len(text) else ''}".split())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read_patch(path: Path) -> tuple[str, list[Accepted]]:
    """The state of the folder that a patch is for, and the accepted suggestions. Raises RuletagError with every
    fault."""
    file = SourceFile(path, str(path))
    value = file.load()
    if value is None and not file.faults:
        file.fault("RT202", None, "is empty", "name a file that `ruletag suggest -o` wrote")
    raise_faults([file])
    fields = Fields(file, value, Mark(1, 1), "a patch", FILE_FIELDS)
    target = fields.text("target")
    suggestions = [_read(file, item, mark) for item, mark in fields.items("suggestions")]
    raise_faults([file])
    return target, [accepted for accepted in suggestions if accepted]


def _read(file: SourceFile, item: Any, mark: Mark) -> Accepted | None:
    """A suggestion of a patch, checked; None if it is not accepted."""
    fields = Fields(file, item, mark, "a suggestion", FIELDS)
    id, is_accepted = fields.text("id"), fields.truth("accept")
    note = note_of(id, sum(_corrections(origin) for origin, _ in fields.items("from")))
    additions: list[Addition] = []
    for operation, position in fields.items("add"):
        values = Fields(file, operation, position, "`add`", ADD.fields)
        kind = values.only_one(ADD.one_of)
        key = values.text(kind) if kind else ""
        additions.append(_entry(values.text("name"), key, values.text("file"), note))
    for operation, position in fields.items("ambiguous"):
        values = Fields(file, operation, position, "`ambiguous`", AMBIGUOUS.fields)
        additions.append(_ambiguous(values.text("name"), values.text("label"), values.text("file"), note))
    for operation, position in fields.items("not"):
        values = Fields(file, operation, position, "`not`", NOT.fields)
        sides = {key: values.text(key) for key in ("before", "after") if values.text(key)}
        name, label, sentence = values.text("name"), values.text("label"), values.text("example")
        additions.append(_veto(name, label, sides, sentence, values.text("file"), note))
    if not additions and fields.sound:
        file.fault("RT202", mark, "a suggestion does nothing", "give it `add`, `ambiguous` or `not`")
    for addition in additions:
        if addition.file.startswith(("/", "\\")) or ".." in addition.file.split("/") or ":" in addition.file:
            file.fault("RT202", mark, f"the file {addition.file!r} is outside the folder", "name one inside it")
    return Accepted(id, tuple(additions)) if is_accepted else None


def _corrections(origin: Any) -> int:
    """The number of corrections that an item of `from` stands for."""
    match = re.fullmatch(_MORE.format(r"(\d{1,9})"), str(origin))
    return int(match[1]) if match else 1


def refuse_other_state(path: Path, target: str, now: str, folder: Path) -> None:
    """Raises RuletagError if the folder is not in the state for which suggestions were measured."""
    if target != now:
        message = f"was made for another state of {folder}: it has changed since the suggestions were measured"
        raise RuletagError(Fault(str(path), "RT120", message, help="run `ruletag suggest` again"))
