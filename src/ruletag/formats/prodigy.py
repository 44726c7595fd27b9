"""Prodigy's JSON Lines, as `ner.manual` and `spans.manual` read and write them. Offsets: code points.

Prodigy requires spans to begin and end at token borders, so tokens are written too, split where a span begins or ends
inside a word. With the `answer` reject or ignore, the spans are not gold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, TextIO

from ruletag.formats.answers import ANSWER, ANSWERS, is_set_aside
from ruletag.formats.contract import CODE_POINTS, Format, Options
from ruletag.formats.readings import reading
from ruletag.formats.records import clashing, id_of, json_lines, list_of, object_of, rest_of, sources_of, text_of
from ruletag.formats.spans import HASH, Place, check_hash, same_text, shown
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.spans import sha256 as hash_of
from ruletag.formats.strict_json import dump
from ruletag.formats.words import TokenNumbers, Word, words_cut
from ruletag.model import Document, Entity

# Prodigy computes its hashes from the input and the spans; the ones in a file apply only to the old spans.
_OWN = ("text", "spans", "tokens", "meta", "id", HASH, "_input_hash", "_task_hash")
_WRITTEN = ("text", "spans", "tokens", HASH)
_ID = "doc_id"


def read(stream: TextIO, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of a file, one per line. Raises RuletagError with the faults of all lines."""
    return json_lines(stream, path, lambda record, place: _document(record, place, options))


def _document(record: dict[str, Any], place: Place, options: Options) -> Document:
    text = text_of(record, place)
    check_hash(text, record, place)
    _check_tokens(text, list_of(record, "tokens", place), place)
    meta = {name: value for name, value in record.items() if name not in _OWN}
    if meta.get(ANSWER) not in (None, *ANSWERS):
        raise place.fault("RT105", f"unknown answer {shown(meta[ANSWER])}", f"answers are {', '.join(ANSWERS)}")
    card = dict(object_of(record.get("meta") or {}, "'meta'", place))
    id = card.pop(_ID, record.get("id"))
    card.pop("rules", None)
    if card:
        meta["meta"] = card
    spans = None if is_set_aside(meta) or record.get("spans") is None else list_of(record, "spans", place)
    offsets = reading(text, CODE_POINTS, options)
    labelled = (make_entity(text, _span(span, place), place, options, offsets) for span in spans or [])
    entities = tuple(entity for entity in labelled if entity)
    return Document(text, entities, id_of(id, place), place.path, spans is not None, meta=meta, lines=(place.line,))


def _span(value: Any, place: Place) -> tuple[Any, Any, Any]:
    span = object_of(value, "a span", place)
    return span.get("start"), span.get("end"), span.get("label")


def _check_tokens(text: str, tokens: list[Any], place: Place) -> None:
    """Raises RuletagError if the tokens are those of another text."""
    for item in tokens:
        if _fits(item, text):  # most do, and there are many
            continue
        token = object_of(item, "a token", place)
        start, end, surface = token.get("start"), token.get("end"), token.get("text")
        if type(start) is not int or type(end) is not int or not isinstance(surface, str):
            raise place.fault("RT105", "a token needs start, end and text")
        same_text(text[:start] + surface + text[end:], text, place)


def _fits(token: Any, text: str) -> bool:
    try:
        return bool(text[token["start"] : token["end"]] == token["text"])
    except (KeyError, TypeError):
        return False


def write(documents: Iterable[Document], stream: TextIO, options: Options = Options()) -> None:
    """One line per document."""
    for document in documents:
        stream.write(_line(document) + "\n")


def _line(document: Document) -> str:
    """The line of a document. Most of it is tokens: assembling these by hand takes half the time."""
    tokens = words_cut(document.text, document.entities)
    token_objects = ", ".join(_token_objects(document.text, tokens))
    rest = dump(_record(document, TokenNumbers(tokens))).removeprefix("{")
    return f'{{"text": {dump(document.text)}, "tokens": [{token_objects}], {rest}'


def _record(document: Document, token_numbers: TokenNumbers) -> dict[str, Any]:
    """The record of a document without its text and tokens."""
    record: dict[str, Any] = {}
    if document.annotated or document.entities:
        record["spans"] = [_span_object(entity, token_numbers) for entity in document.entities]
    card = _card(document)
    if card:
        record["meta"] = card
    record |= rest_of(document.meta, ("meta", "id", *_WRITTEN))
    return record | {HASH: hash_of(document.text)}


def _card(document: Document) -> dict[str, Any]:
    """The text in the corner of the card."""
    meta = document.meta.get("meta")
    card: dict[str, Any] = dict(meta) if isinstance(meta, Mapping) else {} if meta is None else {"meta": meta}
    if document.id is not None:
        card[_ID] = document.meta.get("id", document.id)
    sources = dict.fromkeys(filter(None, sources_of(document)))
    if sources:
        card["rules"] = ", ".join(sources)
    return card


def _token_objects(text: str, tokens: Sequence[Word]) -> Iterator[str]:
    for number, (start, end) in enumerate(tokens):
        follows = "true" if text[end : end + 1].isspace() else "false"
        surface = text[start:end]
        quoted = encode_basestring(surface) if surface.isprintable() else dump(surface)  # unpaired surrogates are not
        yield f'{{"text": {quoted}, "start": {start}, "end": {end}, "id": {number}, "ws": {follows}}}'


def _span_object(entity: Entity, token_numbers: TokenNumbers) -> dict[str, Any]:
    span: dict[str, Any] = {"start": entity.start, "end": entity.end, "label": entity.label}
    if numbers := token_numbers.of(entity):
        first, last = numbers
        span |= {"token_start": first, "token_end": last}
    return span


FORMAT = Format(
    name="prodigy",
    help="Prodigy: JSON Lines with tokens and spans",
    read=read,
    write=write,
    suffixes=(".jsonl",),
    unit=CODE_POINTS,
    carries=("spans", "nested", "id", "meta", "source", "raw"),
    loses="which rule made which span: a card lists the rules of all spans",
    losses=clashing(_WRITTEN),
    many=True,
    by_line=True,
    options=("offsets",),
)
