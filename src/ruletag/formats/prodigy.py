"""Prodigy's JSON Lines, as `ner.manual` and `spans.manual` read and write them. Offsets: code points.

Spans must begin and end at token borders there, so tokens are written too, split where a span begins or ends inside a
word. With the `answer` reject or ignore the spans are not gold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, TextIO

from ruletag.formats.answers import ANSWER, ANSWERS, is_set_aside
from ruletag.formats.contract import CODE_POINTS, Format, Options
from ruletag.formats.readings import reading
from ruletag.formats.records import clashing, id_of, json_lines, list_of, object_of, rest_of, sources_of, text_of
from ruletag.formats.spans import HASH, Place, check_hash, entity, same_text, shown
from ruletag.formats.spans import sha256 as hash_of
from ruletag.formats.strict_json import dump
from ruletag.formats.words import Places, Word, words_cut
from ruletag.model import Document, Entity

# Prodigy computes the hashes from the input and the spans; those in a file apply only to the old spans.
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
    counted = reading(text, CODE_POINTS, options)
    found = [made for span in spans or [] if (made := entity(text, _span(span, place), place, options, counted))]
    return Document(text, tuple(found), id_of(id, place), place.path, spans is not None, meta=meta, lines=(place.line,))


def _span(span: Any, place: Place) -> tuple[Any, Any, Any]:
    known = object_of(span, "a span", place)
    return known.get("start"), known.get("end"), known.get("label")


def _check_tokens(text: str, tokens: list[Any], place: Place) -> None:
    """Raises RuletagError if the tokens are those of another text."""
    for token in tokens:
        if _fits(token, text):  # most do, and there are many
            continue
        known = object_of(token, "a token", place)
        start, end, surface = known.get("start"), known.get("end"), known.get("text")
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
    """Tokens make up most of a line: assembling them by hand takes half the time."""
    found = words_cut(document.text, document.entities)
    tokens = ", ".join(_tokens(document.text, found))
    rest = dump(_record(document, Places(found))).removeprefix("{")
    return f'{{"text": {dump(document.text)}, "tokens": [{tokens}], {rest}'


def _record(document: Document, places: Places) -> dict[str, Any]:
    """Everything but the text and the tokens."""
    record: dict[str, Any] = {}
    if document.annotated or document.entities:
        record["spans"] = [_written(each, places) for each in document.entities]
    card = _card(document)
    if card:
        record["meta"] = card
    record |= rest_of(document.meta, ("meta", "id", *_WRITTEN))
    return record | {HASH: hash_of(document.text)}


def _card(document: Document) -> dict[str, Any]:
    """The text in the corner of the card."""
    given = document.meta.get("meta")
    card: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {} if given is None else {"meta": given}
    if document.id is not None:
        card[_ID] = document.meta.get("id", document.id)
    sources = dict.fromkeys(filter(None, sources_of(document)))
    if sources:
        card["rules"] = ", ".join(sources)
    return card


def _tokens(text: str, found: Sequence[Word]) -> Iterator[str]:
    for number, (start, end) in enumerate(found):
        follows = "true" if text[end : end + 1].isspace() else "false"
        surface = text[start:end]
        shown = encode_basestring(surface) if surface.isprintable() else dump(surface)  # an unpaired surrogate is not
        yield f'{{"text": {shown}, "start": {start}, "end": {end}, "id": {number}, "ws": {follows}}}'


def _written(each: Entity, places: Places) -> dict[str, Any]:
    span: dict[str, Any] = {"start": each.start, "end": each.end, "label": each.label}
    if tokens := places.of(each):
        span |= {"token_start": tokens[0], "token_end": tokens[1]}
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
