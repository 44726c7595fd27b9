"""Documents returned by annotators: who annotated each, and which of the sent documents it is."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.formats.records import annotator_of
from ruletag.formats.spans import Place, same_text
from ruletag.model import Document

_Key = tuple[str, str]


class Copy(NamedTuple):
    """One annotator's copy of a document, with the argument and the file it was read from, without suffixes."""

    document: Document
    argument: str
    file: str

    @property
    def key(self) -> _Key:
        """The id, else the text: the same in the copies of all annotators."""
        return _key(self.document)


def _key(document: Document) -> _Key:
    return ("text", document.text) if document.id is None else ("id", document.id)


def by_annotator(copies: Iterable[Copy]) -> dict[str, list[Copy]]:
    """The copies of each annotator, sorted by name; an unnamed annotator is the empty string.

    Documents name their annotators. Among documents that name none, each argument stands for an annotator if several
    arguments share documents; failing that, each file does if several files share documents. Raises RuletagError if an
    annotator has a document twice, or if annotators have different texts under one id.
    """
    by_name: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_name[annotator_of(copy.document.meta)].append(copy)
    unnamed = by_name.pop("", [])
    for source, source_copies in _by_source(unnamed).items():
        by_name[source] += source_copies
    annotators = {name: by_name[name] for name in sorted(by_name)}
    faults = [*_duplicates(annotators), *_text_conflicts(annotators)]
    if faults:
        raise RuletagError(faults)
    return annotators


def _by_source(copies: Sequence[Copy]) -> Mapping[str, list[Copy]]:
    for source in ("argument", "file"):
        groups: dict[str, list[Copy]] = defaultdict(list)
        for copy in copies:
            groups[getattr(copy, source)].append(copy)
        group_keys = [{copy.key for copy in group if copy.document.text.strip()} for group in groups.values()]
        if any(keys & other_keys for keys, other_keys in combinations(group_keys, 2)):
            return groups
    return {"": list(copies)} if copies else {}


def _duplicates(annotators: Mapping[str, Sequence[Copy]]) -> Iterator[Fault]:
    for copies in annotators.values():
        first_copies: dict[_Key, Copy] = {}
        for copy in copies:
            first = first_copies.setdefault(copy.key, copy)
            if first is not copy and copy.document.id is not None:
                message = f"the document {copy.document.id!r} occurs twice, also at {_location(first.document)}"
                help = "nothing shows that they are by two annotators: keep one, or give each annotator a file"
                yield Fault(copy.document.path, "RT116", message, _line(copy.document), help=help)


def _text_conflicts(annotators: Mapping[str, Sequence[Copy]]) -> Iterator[Fault]:
    first_documents: dict[_Key, Document] = {}
    for copies in annotators.values():
        for copy in copies:
            first = first_documents.setdefault(copy.key, copy.document)
            yield from _text_faults(first, copy.document)


def sent_for(returned: Sequence[Document], sent: Sequence[Document], path: str) -> list[Document]:
    """The sent document for each returned one: the one with its id if the text is the same, else one with its text.

    Tools assign ids of their own, which may coincide with those of other sent documents.

    Raises RuletagError if a text differs from the one that was sent, or was never sent.
    """
    by_id = {document.id: document for document in sent if document.id is not None}
    by_text: dict[str, deque[Document]] = defaultdict(deque)
    for document in sent:
        by_text[document.text].append(document)
    originals: list[Document] = []
    faults: list[Fault] = []
    for index, document in enumerate(returned):
        same_text_documents = by_text[document.text]
        original = by_id.get(document.id or "")
        if same_text_documents and not (original and original.text == document.text):
            original = same_text_documents[0]
        if original is None and len(returned) == len(sent):
            original = sent[index]  # so that the fault can say how the texts differ
        if original is None:
            message = f"{_name(document)} is not among the {len(sent)} documents of {path}"
            faults.append(Fault(document.path, "RT108", message, _line(document), help="name the file that was sent"))
            continue
        if len(same_text_documents) > 1 and same_text_documents[0] is original:
            same_text_documents.popleft()
        faults += _text_faults(original, document)
        originals.append(original)
    if faults:
        raise RuletagError(faults)
    return originals


def pairs_of(found: Mapping[str, Sequence[Copy]]) -> Iterator[tuple[str, str, list[tuple[Document, Document]]]]:
    """Each pair of annotators that have documents in common, with their two copies of each."""
    for first, second in combinations(found, 2):
        second_documents = {copy.key: copy.document for copy in found[second]}
        shared = [(copy.document, second_documents[copy.key]) for copy in found[first] if copy.key in second_documents]
        if shared:
            yield first, second, shared


def missing(found: Mapping[str, Sequence[Copy]], sent: Sequence[Document]) -> list[Document]:
    """The documents that were sent but did not come back."""
    returned = [copy.document for copies in found.values() for copy in copies]
    ids = {document.id for document in returned if document.id is not None}
    texts = {document.text for document in returned}
    return [document for document in sent if document.id not in ids and document.text not in texts]


def _text_faults(original: Document, returned: Document) -> Sequence[Fault]:
    try:
        same_text(original.text, returned.text, Place(returned.path, _line(returned), _name(returned)))
    except RuletagError as error:
        return error.faults
    return ()


def _name(document: Document) -> str:
    return "a document" if document.id is None else f"the document {document.id!r}"


def _line(document: Document) -> int:
    return document.lines[0] if document.lines else 0


def _location(document: Document) -> str:
    return f"{document.path}:{_line(document)}" if document.lines else document.path
