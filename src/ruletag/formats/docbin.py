"""spaCy's DocBin (`.spacy`), which `spacy train` reads. Offsets: code points, as those of its tokens.

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
from ruletag.formats.spans import HASH, Place, check_hash, entity, nested, sha256, shown
from ruletag.formats.strict_json import as_json, refuse_depth
from ruletag.formats.words import words_cut
from ruletag.model import Document

GROUP = "ruletag"
# Of each token, after its text; and the values of the first.
_ATTRIBUTES = ("ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID")
_IOB, _INSIDE, _OUTSIDE, _BEGINS = 1, 1, 2, 3
_SPAN = Struct(">QQQllll")  # of a span group: numbers of id, kb_id and label, two tokens, two offsets
_META = "ruletag"  # in `user_data` of a document


def write(documents: Iterable[Document], stream: Any, options: Options = Options()) -> None:
    """One DocBin for all documents, which spaCy can only write at once. Raises RuletagError like `check`.

    Its lists are filled with what spaCy would make of a Doc: making one for each document takes four times as long.
    """
    from spacy.tokens import DocBin
    from srsly.msgpack import Packer

    bin = DocBin(attrs=_ATTRIBUTES, store_user_data=True)
    numbers, packer = _Numbers(), Packer(use_bin_type=True)  # srsly's functions look for extensions at every call
    for document in documents:
        check(document, options)
        _add(bin, document, numbers, packer.pack)
    bin.strings.update(numbers)
    stream.write(bin.to_bytes())


class _Numbers(dict[str, int]):
    """The numbers by which spaCy knows strings; of all that were asked for."""

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


def _add(bin: Any, document: Document, numbers: _Numbers, pack: Callable[[Any], bytes]) -> None:
    """Add a document to a DocBin."""
    import numpy

    words, spaces, starts, ends = _tokens(document)
    table: Any = numpy.zeros((len(words), len(bin.attrs)), dtype="uint64")
    table[:, 0] = [numbers[word] for word in words]
    table[:, _IOB] = _OUTSIDE
    dropped = set(nested(document))
    group = []
    for each, source in zip(document.entities, sources_of(document), strict=True):
        if each.start not in starts or each.end not in ends:
            continue
        first, after = starts[each.start], ends[each.end] + 1
        label, known, maker = numbers[each.label], numbers[each.id or ""], numbers[source]
        group.append(_SPAN.pack(maker, known, label, first, after, each.start, each.end))
        if each not in dropped:
            table[first:after, 1:] = _INSIDE, label, known, maker
            table[first, _IOB] = _BEGINS
    user = {
        "id": document.id,
        "annotated": document.annotated,
        "meta": dict(document.meta),
        HASH: sha256(document.text),
    }
    bin.tokens.append(table)
    bin.spaces.append(numpy.array(spaces, dtype=bool).reshape(-1, 1))
    bin.flags.append({"has_unknown_spaces": False})
    bin.cats.append({})
    bin.user_data.append(pack({_META: user}))
    bin.span_groups.append(pack({pack({"name": GROUP, "attrs": {}, "spans": group}): [GROUP]}))


def _tokens(document: Document) -> tuple[list[str], list[bool], dict[int, int], dict[int, int]]:
    """Words and other white space as spaCy has them, whether a space follows, and which token begins or ends where."""
    text = document.text
    borders = [0]
    for start, end in words_cut(text, document.entities):
        borders += [start, end]
    borders = sorted({*borders, len(text), *(place for each in document.entities for place in (each.start, each.end))})
    words: list[str] = []
    spaces: list[bool] = []
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    inner = {each.start for each in document.entities}
    for start, end in pairwise(borders):
        piece = text[start:end]
        if piece[0] == " " and words and not spaces[-1] and start not in inner:
            spaces[-1] = True
            start, piece = start + 1, piece[1:]
        if piece:
            starts[start], ends[end] = len(words), len(words)
            words.append(piece)
            spaces.append(False)
    return words, spaces, starts, ends


def losses(document: Document, options: Options = Options()) -> Iterator[Loss]:
    """Spans that spaCy's tokens cannot hold: those that end with a space belonging to the token before it."""
    _, _, starts, ends = _tokens(document)
    for each in document.entities:
        if each.start not in starts or each.end not in ends:
            yield Loss("a span that begins or ends with white space is left out: {}", repr(each.text), each.start)


def read(stream: Any, path: str, options: Options = Options()) -> Iterator[Document]:
    """The documents of a DocBin, ours or from elsewhere. Raises a RuletagError that names the document."""
    from spacy.strings import StringStore
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    try:
        data = stream.read()
        bin = DocBin().from_bytes(data)
        _refuse_short(bin, data, path)
        strings = StringStore(bin.strings)
        groups = bin.span_groups
        kept = list(zip_longest(groups, bin.user_data))
        # They are unpacked here: spaCy would look for extensions of srsly three times for each document.
        bin.span_groups, bin.user_data = [b""] * len(bin.tokens), []
        if not len(kept) == len(groups) == len(bin.tokens):
            raise ValueError("documents or their span groups are missing")
        unpack = _unpacker()
        docs = bin.get_docs(Vocab())
    except RuletagError:
        raise
    except Exception:  # zlib, msgpack and numpy have their own errors
        raise _damaged(path) from None
    for number, (packed, user) in enumerate(kept, 1):
        try:
            doc = next(docs)
            found = _found(doc, _groups(packed, unpack), unpack(user) if user else {}, strings)
        except Exception:
            raise _damaged(path, number) from None
        yield _document(found, Place(path, number, f"document {number}"), options)


def _refuse_short(bin: Any, data: bytes, path: str) -> None:
    """Raises RuletagError for a document with fewer tokens than the file says: spaCy takes as many as there are."""
    from srsly.msgpack import Unpacker

    unpacker = Unpacker(raw=False, max_buffer_size=0)
    unpacker.feed(zlib.decompress(data))
    for _ in range(unpacker.read_map_header()):
        if unpacker.unpack() == "lengths":
            lengths = array("i", unpacker.unpack())
            for number, (length, tokens, spaces) in enumerate(zip(lengths, bin.tokens, bin.spaces, strict=True), 1):
                if not length == len(tokens) == len(spaces):
                    raise _damaged(path, number)
            return
        unpacker.skip()


class _Found(NamedTuple):
    """What a DocBin says of a document: its text, spans with their ids, names of other groups, its user data, and
    whether it says which tokens are names."""

    text: str
    spans: list[tuple[tuple[int, int, str], str]]
    others: list[str]
    user: Any
    annotated: bool


def _found(doc: Any, groups: Mapping[str, Sequence[tuple[int, ...]]], user: Any, strings: Any) -> _Found:
    """What is said of a document by its Doc, and by the groups and user data that were unpacked apart.

    Raises an exception of spaCy if a string is missing. Its spans are those of our group, else the entities.
    """
    if GROUP in groups:
        spans = [((at, end, strings[label]), strings[id]) for _, id, label, _, _, at, end in groups[GROUP]]
    else:
        spans = [((each.start_char, each.end_char, each.label_), each.kb_id_) for each in doc.ents]
    others = sorted(name for name, group in groups.items() if name != GROUP and group)
    return _Found(doc.text, spans, others, user, doc.has_annotation("ENT_IOB"))


def _unpacker() -> Callable[[bytes], Any]:
    """A function that unpacks what srsly has packed. It raises an exception for anything else."""
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

    There may be a mapping of groups to their names, or a list of groups, or nothing.
    """
    packed = unpack(data) if data else {}
    found = {}
    for each in packed:
        group = unpack(each)
        for name in packed[each] if isinstance(packed, dict) else [group["name"]]:
            found[name] = [_SPAN.unpack(span) for span in group["spans"]]
    return found


def _damaged(path: str, number: int = 0) -> RuletagError:
    message = f"is not a complete DocBin{f': document {number} is damaged' if number else ''}"
    return RuletagError(Fault(path, "RT105", message, number, help="write it again, with DocBin.to_disk"))


def _document(told: _Found, place: Place, options: Options) -> Document:
    text, counted = told.text, CodePoints(told.text)
    user = as_json(object_of(object_of(told.user, "user data", place).get(_META) or {}, "its user data", place))
    refuse_depth(user, place.path, place.line)
    check_hash(text, user, place)
    read = (entity(text, span, place, options, counted, id=id or None) for span, id in told.spans)
    found = [made for made in read if made]
    notes = (f"span groups are not read: {', '.join(told.others)}",) if told.others else ()
    annotated = user.get("annotated")
    if not isinstance(annotated, (bool, NoneType)):
        raise place.fault("RT105", f"'annotated' must be true or false, not {shown(annotated)}")
    return Document(
        text,
        tuple(found),
        id_of(user.get("id"), place),
        place.path,
        annotated if annotated is not None else bool(found) or told.annotated,
        meta=object_of(user.get("meta") or {}, "its other data", place),
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
