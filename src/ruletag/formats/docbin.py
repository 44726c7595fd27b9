"""spaCy's DocBin (`.spacy`), which `spacy train` reads. Offsets: code points, like those of its tokens.

`ents` cannot overlap, so all spans are also in the span group `ruletag`. Tokens are split where a span begins or ends
inside a word, because spaCy only has spans of whole tokens.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest
from struct import Struct
from types import NoneType
from typing import Any, NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import CODE_POINTS, Format, Loss, Options
from ruletag.formats.offsets import CodePoints
from ruletag.formats.records import id_of, object_of, sources_of
from ruletag.formats.spans import HASH, Place, check_hash, nested, sha256, shown
from ruletag.formats.spans import entity as make_entity
from ruletag.formats.strict_json import as_json, refuse_depth
from ruletag.formats.words import words_cut
from ruletag.model import Document

GROUP = "ruletag"
_ATTRIBUTES = ("ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID")  # columns of the table of tokens, after the text
_IOB = 1  # the column of ENT_IOB
_INSIDE, _OUTSIDE, _BEGINS = 1, 2, 3  # its values
_SPAN = Struct(">QQQllll")  # in a span group: numbers of id, kb_id and label, two tokens, two offsets
_META = "ruletag"  # our key in the `user_data` of a document


def write(documents: Iterable[Document], stream: Any, options: Options = Options()) -> None:
    """One DocBin for all documents, because spaCy can only write it as a whole. Raises RuletagError like `check`.

    Its lists are filled directly with the values that spaCy would derive from a Doc: making a Doc for each document
    takes four times as long.
    """
    from spacy.tokens import DocBin
    from srsly.msgpack import Packer

    doc_bin = DocBin(attrs=_ATTRIBUTES, store_user_data=True)
    numbers, packer = _Numbers(), Packer(use_bin_type=True)  # srsly's functions look for extensions at every call
    for document in documents:
        check(document, options)
        _add(doc_bin, document, numbers, packer.pack)
    doc_bin.strings.update(numbers)
    stream.write(doc_bin.to_bytes())


class _Numbers(dict[str, int]):
    """spaCy's numbers for strings, computed on first use."""

    def __missing__(self, string: str) -> int:
        from spacy.strings import get_string_id

        number: int = get_string_id(string)
        self[string] = number
        return number


def check(document: Document, options: Options) -> None:
    """Raises RuletagError for a text that UTF-8 cannot encode."""
    try:
        (document.text + (document.id or "")).encode()
    except UnicodeEncodeError:
        message = "the text or id contains an unpaired surrogate, which spaCy cannot store"
        raise RuletagError(Fault(document.path, "RT102", message, document.line(0), help="repair the text")) from None


def _add(doc_bin: Any, document: Document, numbers: _Numbers, pack: Callable[[Any], bytes]) -> None:
    """Add a document to a DocBin."""
    import numpy

    words, spaces, starts, ends = _tokens(document)
    table: Any = numpy.zeros((len(words), len(doc_bin.attrs)), dtype="uint64")
    table[:, 0] = [numbers[word] for word in words]
    table[:, _IOB] = _OUTSIDE
    dropped = set(nested(document))
    group = []
    for entity, source in zip(document.entities, sources_of(document), strict=True):
        if entity.start not in starts or entity.end not in ends:
            continue
        first, after = starts[entity.start], ends[entity.end] + 1
        label, kb_id, span_id = numbers[entity.label], numbers[entity.id or ""], numbers[source]
        group.append(_SPAN.pack(span_id, kb_id, label, first, after, entity.start, entity.end))
        if entity not in dropped:
            table[first:after, 1:] = _INSIDE, label, kb_id, span_id
            table[first, _IOB] = _BEGINS
    user_data = {
        "id": document.id,
        "annotated": document.annotated,
        "meta": dict(document.meta),
        HASH: sha256(document.text),
    }
    doc_bin.tokens.append(table)
    doc_bin.spaces.append(numpy.array(spaces, dtype=bool).reshape(-1, 1))
    doc_bin.flags.append({"has_unknown_spaces": False})
    doc_bin.cats.append({})
    doc_bin.user_data.append(pack({_META: user_data}))
    doc_bin.span_groups.append(pack({pack({"name": GROUP, "attrs": {}, "spans": group}): [GROUP]}))


def _tokens(document: Document) -> tuple[list[str], list[bool], dict[int, int], dict[int, int]]:
    """The tokens as spaCy has them (words and extra white space), whether a space follows each, and the numbers of the
    tokens that begin and end at an offset."""
    text = document.text
    borders = [0]
    for start, end in words_cut(text, document.entities):
        borders += [start, end]
    borders += [border for entity in document.entities for border in (entity.start, entity.end)]
    borders = sorted({*borders, len(text)})
    words: list[str] = []
    spaces: list[bool] = []
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    entity_starts = {entity.start for entity in document.entities}
    for start, end in pairwise(borders):
        piece = text[start:end]
        if piece[0] == " " and words and not spaces[-1] and start not in entity_starts:
            spaces[-1] = True
            start, piece = start + 1, piece[1:]
        if piece:
            starts[start], ends[end] = len(words), len(words)
            words.append(piece)
            spaces.append(False)
    return words, spaces, starts, ends


def losses(document: Document, options: Options = Options()) -> Iterator[Loss]:
    """Spans that spaCy's tokens cannot hold, because they end with a space that belongs to the token before it."""
    _, _, starts, ends = _tokens(document)
    for entity in document.entities:
        if entity.start not in starts or entity.end not in ends:
            yield Loss("a span that begins or ends with white space is left out: {}", repr(entity.text), entity.start)


def read(stream: Any, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of a DocBin, ours or another program's. Raises a RuletagError that names the document."""
    from spacy.strings import StringStore
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    try:
        data = stream.read()
        doc_bin = DocBin().from_bytes(data)
        _refuse_short(doc_bin, data, path)
        strings = StringStore(doc_bin.strings)
        groups = doc_bin.span_groups
        packed = list(zip_longest(groups, doc_bin.user_data))
        # Unpacked here, not by spaCy, which would look for extensions of srsly three times for each document.
        doc_bin.span_groups, doc_bin.user_data = [b""] * len(doc_bin.tokens), []
        if not len(packed) == len(groups) == len(doc_bin.tokens):
            raise ValueError("documents or their span groups are missing")
        unpack = _unpacker()
        docs = doc_bin.get_docs(Vocab())
    except RuletagError:
        raise
    except Exception:  # zlib, msgpack and numpy have their own errors
        raise _damaged(path) from None
    for number, (packed_groups, packed_data) in enumerate(packed, 1):
        try:
            doc = next(docs)
            user_data = unpack(packed_data) if packed_data else {}
            content = _content(doc, _groups(packed_groups, unpack), user_data, strings)
        except Exception:
            raise _damaged(path, number) from None
        yield _document(content, Place(path, number, f"document {number}"), options)


def _refuse_short(doc_bin: Any, data: bytes, path: str) -> None:
    """Raises RuletagError for a document with fewer tokens than the file declares, which spaCy does not notice."""
    from srsly.msgpack import Unpacker

    unpacker = Unpacker(raw=False, max_buffer_size=0)
    unpacker.feed(zlib.decompress(data))
    for _ in range(unpacker.read_map_header()):
        if unpacker.unpack() == "lengths":
            lengths = array("i", unpacker.unpack())
            for number, (length, tokens, spaces) in enumerate(
                zip(lengths, doc_bin.tokens, doc_bin.spaces, strict=True), 1
            ):
                if not length == len(tokens) == len(spaces):
                    raise _damaged(path, number)
            return
        unpacker.skip()


class _Content(NamedTuple):
    """The content of a document in a DocBin. `annotated` is whether its tokens have IOB values."""

    text: str
    spans: list[tuple[tuple[int, int, str], str]]  # start, end and label; id
    other_groups: list[str]
    user_data: Any
    annotated: bool


def _content(doc: Any, groups: Mapping[str, Sequence[tuple[int, ...]]], user_data: Any, strings: Any) -> _Content:
    """The content of a document, with the spans of our group, else its entities.

    Raises a spaCy exception if a string is missing.
    """
    if GROUP in groups:
        spans = [((start, end, strings[label]), strings[id]) for _, id, label, _, _, start, end in groups[GROUP]]
    else:
        spans = [((ent.start_char, ent.end_char, ent.label_), ent.kb_id_) for ent in doc.ents]
    other_groups = sorted(name for name, group in groups.items() if name != GROUP and group)
    return _Content(doc.text, spans, other_groups, user_data, doc.has_annotation("ENT_IOB"))


def _unpacker() -> Callable[[bytes], Any]:
    """A function that unpacks one value packed by srsly. It raises an exception for anything else."""
    from srsly.msgpack import Unpacker

    unpacker = Unpacker(raw=False, use_list=False, strict_map_key=False, max_buffer_size=0)

    def unpack(data: bytes) -> Any:
        unpacker.feed(data)
        value = unpacker.unpack()
        if unpacker.read_bytes(1):
            raise ValueError("there is more behind it")
        return value

    return unpack


def _groups(data: bytes, unpack: Callable[[bytes], Any]) -> dict[str, list[tuple[int, ...]]]:
    """The span groups of a document by name; the fields of each span are those of `_SPAN`.

    The data may be a mapping of groups to their names, a list of groups, or empty.
    """
    packed_groups = unpack(data) if data else {}
    spans = {}
    for packed in packed_groups:
        group = unpack(packed)
        for name in packed_groups[packed] if isinstance(packed_groups, dict) else [group["name"]]:
            spans[name] = [_SPAN.unpack(span) for span in group["spans"]]
    return spans


def _damaged(path: str, number: int = 0) -> RuletagError:
    message = f"is not a complete DocBin{f': document {number} is damaged' if number else ''}"
    return RuletagError(Fault(path, "RT105", message, number, help="write it again, with DocBin.to_disk"))


def _document(content: _Content, place: Place, options: Options) -> Document:
    text, offsets = content.text, CodePoints(content.text)
    own = as_json(object_of(object_of(content.user_data, "user data", place).get(_META) or {}, "its user data", place))
    refuse_depth(own, place.path, place.line)
    check_hash(text, own, place)
    labelled = (make_entity(text, span, place, options, offsets, id=id or None) for span, id in content.spans)
    entities = [entity for entity in labelled if entity]
    others = content.other_groups
    notes = (f"span groups are not read: {', '.join(others)}",) if others else ()
    annotated = own.get("annotated")
    if not isinstance(annotated, (bool, NoneType)):
        raise place.fault("RT105", f"'annotated' must be true or false, not {shown(annotated)}")
    return Document(
        text,
        tuple(entities),
        id_of(own.get("id"), place),
        place.path,
        annotated if annotated is not None else bool(entities) or content.annotated,
        meta=object_of(own.get("meta") or {}, "its other data", place),
        lines=(place.line,),
        notes=notes,
    )


FORMAT = Format(
    name="docbin",
    help="spaCy's DocBin, for `spacy train`",
    read=read,
    write=write,
    check=check,
    losses=losses,
    suffixes=(".spacy",),
    unit=CODE_POINTS,
    carries=("spans", "nested", "id", "meta", "source", "entity id", "raw"),
    loses="in `ents`, nested spans; span groups of other programs",
    many=True,
    binary=True,
    extra="spacy",
)
