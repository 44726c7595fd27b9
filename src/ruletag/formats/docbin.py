"""spaCy's DocBin (`.spacy`), which `spacy train` reads. Offsets: code points, as those of its tokens.

`ents` cannot overlap, so all spans are also in the span group `ruletag`. Tokens are split where a span begins or ends
inside a word, because spaCy only has spans of whole tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from types import NoneType
from typing import Any

from ruletag.errors import Fault, RuletagError
from ruletag.formats.contract import CODE_POINTS, Format, Loss, Options
from ruletag.formats.offsets import CodePoints
from ruletag.formats.records import id_of, object_of, sources_of
from ruletag.formats.spans import HASH, Place, check_hash, entity, nested, sha256, shown
from ruletag.formats.strict_json import as_json, refuse_depth
from ruletag.formats.words import words_cut
from ruletag.model import Document, Entity

GROUP = "ruletag"
_META = "ruletag"  # in `user_data` of a document


def write(documents: Iterable[Document], stream: Any, options: Options = Options()) -> None:
    """One DocBin for all documents, which spaCy can only write at once. Raises RuletagError like `check`."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    vocab = Vocab()
    bin = DocBin(attrs=["ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "SPACY"], store_user_data=True)
    for document in documents:
        check(document, options)
        bin.add(_doc(document, vocab))
    stream.write(bin.to_bytes())


def check(document: Document, options: Options) -> None:
    """Raises RuletagError for a text that UTF-8 cannot encode."""
    try:
        (document.text + (document.id or "")).encode()
    except UnicodeEncodeError:
        message = "the text or id contains an unpaired surrogate, which spaCy cannot store"
        raise RuletagError(Fault(document.path, "RT102", message, document.line(0), help="repair the text")) from None


def _doc(document: Document, vocab: Any) -> Any:
    from spacy.tokens import Doc, Span, SpanGroup

    words, spaces, starts, ends = _tokens(document)
    user = {
        "id": document.id,
        "annotated": document.annotated,
        "meta": dict(document.meta),
        HASH: sha256(document.text),
    }
    doc = Doc(vocab, words=words, spaces=spaces, user_data={_META: user})
    dropped = set(nested(document))
    group, kept = [], []
    for each, source in zip(document.entities, sources_of(document), strict=True):
        if each.start not in starts or each.end not in ends:
            continue
        span = Span(
            doc,
            starts[each.start],
            ends[each.end] + 1,
            label=each.label,
            kb_id=each.id or "",
            span_id=source,
        )
        group.append(span)
        kept += [] if each in dropped else [span]
    doc.set_ents(kept)
    doc.spans[GROUP] = SpanGroup(doc, name=GROUP, spans=group)
    return doc


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
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    docs = iter(())
    number = 0
    try:
        docs = DocBin().from_bytes(stream.read()).get_docs(Vocab())
    except Exception:  # zlib, msgpack and numpy have their own errors
        raise _damaged(path) from None
    while True:
        try:
            doc = next(docs)
        except StopIteration:
            return
        except Exception:
            raise _damaged(path) from None
        number += 1
        yield _document(doc, Place(path, number, f"document {number}"), options)


def _damaged(path: str) -> RuletagError:
    return RuletagError(Fault(path, "RT105", "is not a complete DocBin", help="write it again, with DocBin.to_disk"))


def _document(doc: Any, place: Place, options: Options) -> Document:
    text: str = doc.text
    user = as_json(object_of(doc.user_data.get(_META) or {}, "its user data", place))
    refuse_depth(user, place.path, place.line)
    check_hash(text, user, place)
    found: list[Entity] = []
    for span in doc.spans.get(GROUP, doc.ents):
        start, end = span.start_char, span.end_char
        made = entity(text, (start, end, span.label_), place, options, CodePoints(text), id=span.kb_id_ or None)
        found += [made] if made else []
    groups = sorted(name for name, group in doc.spans.items() if name != GROUP and len(group))
    notes = (f"span groups are not read: {', '.join(groups)}",) if groups else ()
    annotated = user.get("annotated")
    if not isinstance(annotated, (bool, NoneType)):
        raise place.fault("RT105", f"'annotated' must be true or false, not {shown(annotated)}")
    return Document(
        text,
        tuple(found),
        id_of(user.get("id"), place),
        place.path,
        annotated if annotated is not None else bool(found) or doc.has_annotation("ENT_IOB"),
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
