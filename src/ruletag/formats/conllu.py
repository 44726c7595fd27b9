r"""CoNLL-U: ten columns, names as `NE=B-PER` in the last one (MISC). Offsets: none, the text is rebuilt from tokens.

White space is in MISC as UDPipe writes it: `SpaceAfter=No`, `SpacesAfter=\s\n`, and `SpacesBefore=` for the first token
of a document; other spaces are `\u00a0`. A sentence ends at a line break outside names. For multiword tokens (`1-2`)
the surface and the first tag are used; empty nodes (`1.1`) are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from ruletag.errors import Fault, RuletagError
from ruletag.formats.bio import Decoder, encode
from ruletag.formats.contract import Format, Loss, Options
from ruletag.formats.spans import Place, gold, nested, refuse_return
from ruletag.formats.words import TokenNumbers, Word, words_cut
from ruletag.model import Document, Entity

_COLUMNS = 10
_NOTHING = "\t" + "_\t" * (_COLUMNS - 3)  # the columns between form and MISC
_ID = re.compile(r"(?P<first>[1-9][0-9]{0,8})(?:-(?P<last>[1-9][0-9]{0,8})|(?P<empty>\.[1-9][0-9]{0,8}))?")
_NEWDOC = re.compile(r"# *newdoc(?: +id *= *(?P<id>.*?))? *")
_COMMENT = re.compile(r"# *(?P<key>text|spaces) *=(?P<value>.*)")
_ESCAPES = {" ": r"\s", "\t": r"\t", "\n": r"\n", "\r": r"\r", "|": r"\p", "\\": r"\\"}
_ESCAPED = re.compile(r"\\(u[0-9a-f]{4}|.)")
_UNESCAPES = {escape[1]: char for char, escape in _ESCAPES.items()}


@dataclass(slots=True)
class _Token:
    """A token of the text: its surface, its tag if it has one, and the white space around it if the file says so."""

    form: str
    line: int
    tag: str | None
    before: str
    after: str | None
    last: int  # the number of the last word that it stands for


@dataclass(slots=True)
class _Reading:
    """The document being read: its sentences of tokens, and the state of the current sentence.

    `word` is the number of the last word read. Right after a multiword token, it is the number of the word before the
    token.
    """

    line: int
    id: str | None = None
    sentences: list[list[_Token]] = field(default_factory=lambda: [[]])
    spaces: str = ""
    text: tuple[str, Place] | None = None  # the text that the file gives for the current sentence
    word: int = 0


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of a file; a single one without `# newdoc`. Raises RuletagError with the faults of all lines."""
    faults: list[Fault] = []
    reading: _Reading | None = None
    for number, line in enumerate(stream, 1):
        line = line.rstrip("\r\n")
        try:
            refuse_return(line, Place(path, number))
            if not line or line.isspace():
                if reading:
                    _end_sentence(reading, path)
            elif line[0] != "#":
                reading = reading or _Reading(number)
                _take(line, path, number, reading)
            elif newdoc := _NEWDOC.fullmatch(line):
                if reading:
                    yield from _finish(reading, path, options, faults)
                reading = _Reading(number, newdoc["id"] or None)
            else:
                reading = reading or _Reading(number)
                _take_comment(line, Place(path, number), reading)
        except RuletagError as error:
            faults += error.faults
    if reading:
        yield from _finish(reading, path, options, faults)
    if faults:
        raise RuletagError(faults)


def _take_comment(line: str, place: Place, reading: _Reading) -> None:
    if comment := _COMMENT.fullmatch(line):
        if comment["key"] == "text":
            reading.text = comment["value"], place
        else:
            reading.spaces = _unescaped(comment["value"].strip())


def _take(line: str, path: str, number: int, reading: _Reading) -> None:
    """Add the token of a line to the current sentence. Raises RuletagError if the line is not CoNLL-U."""
    columns = line.split("\t")
    if len(columns) != _COLUMNS:
        message = f"has {len(columns)} columns, not {_COLUMNS}"
        raise Place(path, number).fault("RT105", message, "columns are separated by tabs")
    id = columns[0]
    is_plain = id.isascii() and id.isdecimal() and id[0] != "0" and len(id) < 10  # most are
    first, last = (int(id),) * 2 if is_plain else _words(id, Place(path, number))
    if not last:
        return
    sentence = reading.sentences[-1]
    if first <= reading.word:
        message = f"the number {id} does not follow {reading.word}"
        raise Place(path, number).fault(
            "RT105", message, "number the words of a sentence, and end it with a blank line"
        )
    reading.word = first if is_plain else first - 1
    if not columns[1]:
        raise Place(path, number).fault("RT105", "the second column, the form, is empty", "write the token")
    token = _Token(columns[1], number, None, "", None, last)
    for feature in columns[-1].split("|"):
        key, _, value = feature.partition("=")
        if key == "NE":
            token.tag = value
        elif key == "SpacesBefore":
            token.before = _unescaped(value)
        elif key == "SpacesAfter":
            token.after = _unescaped(value) if token.after is None else token.after
        elif key == "SpaceAfter" and value == "No":
            token.after = ""
    if sentence and last <= sentence[-1].last:  # a word of a multiword token
        sentence[-1].tag = sentence[-1].tag or token.tag
    else:
        sentence.append(token)


def _words(id: str, place: Place) -> tuple[int, int]:
    """The numbers of the first and last word that a token stands for; both 0 for an empty node.

    Raises RuletagError if `id` is not the id of a token.
    """
    match = _ID.fullmatch(id)
    first, last = (int(match["first"]), int(match["last"] or match["first"])) if match else (1, 0)
    if not match or first > last:
        raise place.fault("RT105", f"{id[:20]!r} is not a token number", "tokens are 1, 2, or 1-2, or 1.1")
    return (0, 0) if match["empty"] else (first, last)


def _end_sentence(reading: _Reading, path: str) -> None:
    """End the current sentence. Raises RuletagError if words are missing, or its text does not match its tokens."""
    sentence, stated, word = reading.sentences[-1], reading.text, reading.word
    reading.text, reading.word = None, 0
    if not sentence:
        return
    reading.sentences.append([])
    if word < sentence[-1].last:
        message = f"the token stands for words up to {sentence[-1].last}, but the sentence ends with {word}"
        raise Place(path, sentence[-1].line).fault("RT105", message, "write a line for each of its words")
    if not stated:
        return
    text, place = stated
    if "".join(text.split()) != "".join("".join(token.form for token in sentence).split()):
        raise place.fault("RT114", "the text of the sentence does not match its tokens", "restore one of them")


def _finish(reading: _Reading, path: str, options: Options, faults: list[Fault]) -> Iterator[Document]:
    """End the document and yield it, unless there are faults; adds its own to `faults`."""
    try:
        _end_sentence(reading, path)
        document = _document(reading, path, options)
    except RuletagError as error:
        faults += error.faults
    else:
        if not faults:
            yield document


def _document(reading: _Reading, path: str, options: Options) -> Document:
    pieces, lines = [reading.spaces], [reading.line]
    length, spans, decoder = len(reading.spaces), [], Decoder()
    after = ""
    label: str | None = None
    sentences = [sentence for sentence in reading.sentences if sentence]
    for sentence in sentences:
        for token in sentence:
            space = after + token.before
            if "\n" in space:
                lines += [token.line] * space.count("\n")
            if not length:
                lines = [token.line]
            pieces += (space, token.form)
            start = length + len(space)
            length = start + len(token.form)
            if label or token.tag not in (None, "O"):  # of a run of O tags, the first is enough
                begins, label = decoder.take(token.tag or "O", place := Place(path, token.line))
                if begins:
                    spans.append((start, length, label, place))
                elif label:
                    first, _, _, first_place = spans[-1]
                    spans[-1] = (first, length, label, first_place)
            after = " " if token.after is None else token.after
        decoder.end_sentence()
        after = "\n" if sentence[-1].after is None else after
    if sentences and sentences[-1][-1].after:
        pieces.append(after)
        lines += [lines[-1]] * after.count("\n")
    text = "".join(pieces)
    entities = []
    for start, end, label, place in spans:
        if ours := options.labels.read(label or "", path, place.line):
            entities.append(Entity(start, end, ours, text[start:end], gold(place)))
    annotated = not sentences or any(token.tag for sentence in sentences for token in sentence)
    notes = tuple(decoder.notes(None))
    return Document(text, tuple(entities), reading.id, path, annotated, lines=tuple(lines), notes=notes)


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """Tokens with their names in IOB2 and their white space; the other columns are `_`.

    Raises RuletagError for a document whose id is not a single line.
    """
    for document in documents:
        if document.id is not None and (document.id != document.id.strip() or not document.id.isprintable()):
            message = f"the id {document.id!r} cannot be written as a comment"
            raise RuletagError(Fault(document.path, "RT105", message, document.line(0), help="give it another id"))
        stream.write("# newdoc" + (f" id = {document.id}" if document.id else "") + "\n")
        dropped = set(nested(document))
        entities = [entity for entity in document.entities if entity not in dropped]
        tokens = words_cut(document.text, entities)
        if not tokens:
            stream.write((f"# spaces = {_escaped(document.text)}\n" if document.text else "") + "\n")
        token_numbers = TokenNumbers(tokens)
        names = [(*numbers, entity.label) for entity in entities if (numbers := token_numbers.of(entity))]
        tags = encode(len(tokens), names, "iob2")
        first = 0
        for last in _sentence_ends(document.text, tokens, names):
            _write_sentence(document.text, tokens, tags, first, last, stream)
            first = last + 1


def _sentence_ends(text: str, tokens: Sequence[Word], names: list[tuple[int, int, str]]) -> Iterator[int]:
    """The number of the last token of each sentence. Names are the numbers of their first and last token, and label."""
    inside = {number for first, last, _ in names for number in range(first, last)}
    for number, (_, end) in enumerate(tokens):
        is_last = number + 1 == len(tokens)
        if is_last or (number not in inside and "\n" in text[end : tokens[number + 1][0]]):
            yield number


def _write_sentence(text: str, tokens: Sequence[Word], tags: list[str], first: int, last: int, stream: TextIO) -> None:
    stream.write(f"# text = {' '.join(text[tokens[first][0] : tokens[last][1]].split())}\n")
    lines = []
    for number in range(first, last + 1):
        start, end = tokens[number]
        after = text[end : tokens[number + 1][0] if number + 1 < len(tokens) else len(text)]
        spaces = ""
        if not after:
            spaces = "|SpaceAfter=No"
        elif after != " " or number == last:
            spaces = f"|SpacesAfter={_escaped(after)}"
        if number == 0 and start:
            spaces += f"|SpacesBefore={_escaped(text[:start])}"
        lines.append(f"{number - first + 1}\t{text[start:end]}{_NOTHING}NE={tags[number]}{spaces}\n")
    stream.write("".join(lines) + "\n")


def _escaped(spaces: str) -> str:
    return "".join(_ESCAPES.get(char) or (f"\\u{ord(char):04x}" if char.isspace() else char) for char in spaces)


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPED.sub(
        lambda match: chr(int(match[1][1:], 16)) if match[1][1:] else _UNESCAPES.get(match[1], match[0]), value
    )


def losses(document: Document, options: Options = Options()) -> Iterator[Loss]:
    """Spans that overlap an earlier one, or begin or end with white space."""
    dropped = set(nested(document))
    entities = [entity for entity in document.entities if entity not in dropped]
    token_numbers = TokenNumbers(words_cut(document.text, entities))
    for entity in document.entities:
        if entity in dropped:
            yield Loss("a span that overlaps an earlier one is left out: {}", repr(entity.text), entity.start)
        elif token_numbers.of(entity) is None:
            yield Loss("a span that begins or ends with white space is left out: {}", repr(entity.text), entity.start)


FORMAT = Format(
    name="conllu",
    help="CoNLL-U with names as NE= in MISC",
    read=read,
    write=write,
    losses=losses,
    suffixes=(".conllu",),
    carries=("spans", "id"),
    loses="nested spans; the other columns",
    many=True,
)
