"""The brace format: a paragraph, then `{`, one `surface_LABEL` per line in reading order, `}`. Offsets: none.

The text of the document is the file without its blocks. A block is the lines from `{` to `}` with their line ends. A
file without blocks is raw text. Surfaces are aligned in order (see `alignment`). Any text can be written except one
with a line `{` or `}` of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.formats.alignment import Paragraph
from ruletag.formats.contract import Format, Loss, Options
from ruletag.formats.spans import nested
from ruletag.formats.text import one_after_the_other
from ruletag.model import LABELS, Document, Entity, Source

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_MARKED = tuple(f"_{label}" for label in LABELS)  # the end of a line of a block
_UNMARKED_LABEL = re.compile(rf"[\W_]({'|'.join(LABELS)})\W*$")
_SHOWN = 60  # characters of a line in a note
_NAME = re.compile(r"^(?P<surface>.*\S)\s*_(?P<label>[^\s_]+)$", re.DOTALL)


@dataclass(slots=True)
class _Block:
    """A block being read: its line, the paragraph `start:end` before it, and its surfaces with their lines."""

    line: int
    start: int
    end: int
    surfaces: list[tuple[int, str]] = field(default_factory=list)


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The one document of a file. Raises RuletagError with every fault: structure, labels, missing surfaces."""
    faults: list[Fault] = []
    document = _read(stream.read(), path, faults, options)
    if faults:
        raise RuletagError(faults)
    yield document


def _read(text: str, path: str, faults: list[Fault], options: Options = Options()) -> Document:
    pieces, line_numbers, blocks, ends_in_block, outside = _split(text, path, faults)
    if ends_in_block and pieces:
        pieces[-1] = pieces[-1].rstrip("\r\n") if not text.endswith(("\r", "\n")) else pieces[-1]
    plain = "".join(pieces)
    entities = tuple(entity for block in blocks for entity in _align(plain, block, path, faults, options))
    lines = tuple(line_numbers) if blocks else ()
    notes = tuple(outside) if blocks else ()
    return Document(plain, entities, path=path, annotated=bool(blocks), lines=lines, notes=notes)


def _outside(number: int, content: str) -> Iterator[str]:
    """A note on a line of the text if it looks like a line of a block."""
    if content.endswith(_MARKED):
        yield f"line {number} stands outside {{ }}, so it is text and not a name: {content[:_SHOWN]!r}"


def _split(text: str, path: str, faults: list[Fault]) -> tuple[list[str], list[int], list[_Block], bool, list[str]]:
    """The text lines, their line numbers, the blocks, whether the last line of the file ends a block, and notes."""
    pieces: list[str] = []
    outside: list[str] = []
    line_numbers: list[int] = []
    blocks: list[_Block] = []
    block: _Block | None = None
    length = paragraph_start = 0
    ends_in_block = False
    for number, line in enumerate(_LINE.findall(text), 1):
        content = line.strip()
        ends_in_block = False
        if block is None and content == "{":
            block = _Block(number, paragraph_start, length)
        elif block is None:
            if not pieces or pieces[-1].endswith("\n"):
                line_numbers.append(number)  # `Document.line` counts line feeds
            pieces.append(line)
            outside += _outside(number, content)
            length += len(line)
        elif content == "}":
            blocks.append(block)
            block, paragraph_start, ends_in_block = None, length, True
        elif content == "{":
            faults.append(
                Fault(
                    path,
                    "RT104",
                    f"a block begins inside the block of line {block.line}",
                    number,
                    help="close it with }",
                )
            )
        elif content:
            block.surfaces.append((number, content))
    if block is not None:
        faults.append(
            Fault(path, "RT104", "this { is never closed", block.line, help="add a line with } after the last name")
        )
    return pieces, line_numbers, blocks, ends_in_block, outside


def _align(plain: str, block: _Block, path: str, faults: list[Fault], options: Options) -> Iterator[Entity]:
    names = list(_names(block, path, faults, options))
    paragraph = Paragraph(plain[block.start : block.end])
    spans = paragraph.align([surface for _, surface, _ in names])
    absent: dict[str, Fault] = {}
    for (number, surface, label), span in zip(names, spans, strict=False):
        if span is None:
            if surface not in absent:
                absent[surface] = _absent(paragraph, surface, block, path, number)
            faults.append(replace(absent[surface], line=number))
            continue
        start, end = block.start + span[0], block.start + span[1]
        ours = options.labels.ours(label)
        if ours is not None:
            yield Entity(start, end, ours, plain[start:end], Source("gold", "gold", path, number))
    if len(spans) < len(names):
        message = f"names from here on were not looked for: {len(names) - len(spans)}"
        line, _, _ = names[len(spans)]
        faults.append(Fault(path, "RT104", message, line, help="correct the names above first"))


def _names(block: _Block, path: str, faults: list[Fault], options: Options) -> Iterator[tuple[int, str, str]]:
    """The names of a block: line, surface, and label as written."""
    for number, content in block.surfaces:
        match = _NAME.match(content)
        if not match:
            message, help = f"{content!r} has no label", _labelled(content)
            faults.append(Fault(path, "RT104", message, number, help=help))
            continue
        try:
            options.labels.read(match["label"], path, number)
        except RuletagError as error:
            faults += error.faults
        else:
            yield number, match["surface"], match["label"]


def _labelled(content: str) -> str:
    """What to write for a name that no label follows after `_`."""
    match = _UNMARKED_LABEL.search(content)
    surface = content[: match.start()].rstrip(" \t([{<-–—:=,;/|_") if match else ""
    if match and surface:
        return f"write {surface}_{match[1]}, with an underscore before the label"
    return f"write {content}_PER, or another of {', '.join(LABELS)}"


def _absent(paragraph: Paragraph, surface: str, block: _Block, path: str, number: int) -> Fault:
    if paragraph.holds(surface):
        message = f"{surface!r} does not occur after the names listed before it"
        return Fault(path, "RT104", message, number, help="list names in reading order")
    message = f"{surface!r} is not in the paragraph before line {block.line}"
    return Fault(path, "RT104", message, number, help="copy the name as it is in the text")


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """The documents in braces, one after the other. Raises RuletagError if a text has a line `{` of its own."""
    one_after_the_other((_write_document(document) for document in documents), stream)


def _write_document(document: Document) -> str:
    if not document.text:
        return ""
    pieces: list[str] = []
    entities = _writable(document)
    paragraph_start = reach = 0
    written = begun = 0  # the numbers of entities that are written, and that begin before the end of the line
    line_spans = [match.span() for match in _LINE.finditer(document.text)]
    for index, (start, end) in enumerate(line_spans):
        line = document.text[start:end]
        if line.strip() in ("{", "}"):
            help = "write --to jsonl instead"
            raise RuletagError(
                Fault(
                    document.path or "-",
                    "RT104",
                    f"a line {line.strip()!r} of the text would be read as a block",
                    index + 1,
                    help=help,
                )
            )
        while begun < len(entities) and entities[begun].start < end:
            reach = max(reach, entities[begun].end)
            begun += 1
        if reach > end or not line.strip():
            continue
        is_last = index == len(line_spans) - 1
        pieces.append(document.text[paragraph_start:end] + ("" if line.endswith(("\r", "\n")) else "\n"))
        pieces.append(_block(entities[written:begun]) + ("" if is_last and not line.endswith(("\r", "\n")) else "\n"))
        paragraph_start, written = end, begun
    return "".join(pieces) + document.text[paragraph_start:]


def _writable(document: Document) -> list[Entity]:
    """The entities that can be listed in a block: not white space, and not overlapping an earlier one."""
    dropped = {entity.span for entity in nested(document)}
    return [entity for entity in document.entities if entity.span not in dropped and not entity.text.isspace()]


def _block(entities: Sequence[Entity]) -> str:
    lines = [f"{' '.join(entity.text.split())}_{entity.label}" for entity in entities]
    return "\n".join(["{", *lines, "}"])


def displaced(document: Document) -> list[Entity]:
    """The entities that would be elsewhere if the written document were read again: the format has no offsets."""
    reread = _read(_write_document(document), document.path, [])
    spans = {entity.span for entity in reread.entities}
    return [entity for entity in _writable(document) if entity.span not in spans]


def losses(document: Document, options: Options = Options()) -> Iterator[Loss]:
    """Spans that overlap an earlier one, are white space, or would be read back elsewhere."""
    for entity in nested(document):
        yield Loss("a span that overlaps an earlier one is left out: {}", repr(entity.text), entity.start)
    for entity in document.entities:
        if entity.text.isspace():
            yield Loss("a span of only white space is left out: {}", repr(entity.text), entity.start)
    for entity in displaced(document):
        yield Loss("braces cannot say which {} is meant; --to jsonl can", repr(entity.text), entity.start)


FORMAT = Format(
    name="brace",
    help="a paragraph, then { surface_LABEL lines }; or raw text",
    read=read,
    write=write,
    losses=losses,
    suffixes=(".txt",),
    guideline="seed",
    carries=("spans",),
    loses="which of two equal surfaces is meant; nested names; a text with a line { or } of its own is refused",
)
