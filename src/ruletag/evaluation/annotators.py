"""Documents that came back from annotators: who annotated each, and which sent document it is."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from ruletag.errors import Fault, RuletagError
from ruletag.formats.records import annotator_of
from ruletag.formats.spans import Place, same_text
from ruletag.model import Document

_Key = tuple[str, str]


class Copy(NamedTuple):
    """A document as somebody annotated it; the argument and the file that it was read from, without their suffixes."""

    document: Document
    argument: str
    file: str

    @property
    def key(self) -> _Key:
        """What is the same for all annotators: the id, else the text."""
        return _key(self.document)


def _key(document: Document) -> _Key:
    return ("text", document.text) if document.id is None else ("id", document.id)


def by_annotator(copies: Iterable[Copy]) -> dict[str, list[Copy]]:
    """The copies of each annotator, in the order of names; an unnamed one is the empty string.

    The annotators are those that the documents name. If they name none and several arguments have the same documents,
    each argument is an annotator; else if several files do, each file. Raises RuletagError if one annotator has a
    document twice, or if two have different texts under one id.
    """
    named: dict[str, list[Copy]] = defaultdict(list)
    for each in copies:
        named[annotator_of(each.document.meta)].append(each)
    silent = named.pop("", [])
    for source, some in _by_source(silent).items():
        named[source] += some
    found = {name: named[name] for name in sorted(named)}
    faults = [*_twice(found), *_other_texts(found)]
    if faults:
        raise RuletagError(faults)
    return found


def _by_source(copies: Sequence[Copy]) -> Mapping[str, list[Copy]]:
    for source in ("argument", "file"):
        groups: dict[str, list[Copy]] = defaultdict(list)
        for each in copies:
            groups[getattr(each, source)].append(each)
        keys = [{each.key for each in some if each.document.text.strip()} for some in groups.values()]
        if any(one & two for one, two in combinations(keys, 2)):
            return groups
    return {"": list(copies)} if copies else {}


def _twice(found: Mapping[str, Sequence[Copy]]) -> Iterator[Fault]:
    for some in found.values():
        first: dict[_Key, Copy] = {}
        for each in some:
            before = first.setdefault(each.key, each)
            if before is not each and each.document.id is not None:
                message = f"the document {each.document.id!r} occurs twice, also at {_place(before.document)}"
                help = "nothing shows that two annotators made them: keep one, or give each annotator a file"
                yield Fault(each.document.path, "RT116", message, _line(each.document), help=help)


def _other_texts(found: Mapping[str, Sequence[Copy]]) -> Iterator[Fault]:
    first: dict[_Key, Document] = {}
    for some in found.values():
        for each in some:
            before = first.setdefault(each.key, each.document)
            yield from _differing(before, each.document)


def sent_for(returned: Sequence[Document], sent: Sequence[Document], path: str) -> list[Document]:
    """For each document that came back, the one that was sent: by its id if the text is the same, else by its text.

    Tools give documents their own ids, which may be those of other documents.

    Raises RuletagError if a text differs from the one that was sent, or is not one of those.
    """
    by_id = {document.id: document for document in sent if document.id is not None}
    by_text: dict[str, deque[Document]] = defaultdict(deque)
    for document in sent:
        by_text[document.text].append(document)
    found: list[Document] = []
    faults: list[Fault] = []
    for index, document in enumerate(returned):
        same = by_text[document.text]
        named = by_id.get(document.id or "")
        wanted = named if named and named.text == document.text else same[0] if same else named
        if wanted is None and len(returned) == len(sent):
            wanted = sent[index]  # it says how the texts differ
        if wanted is None:
            message = f"{_name(document)} is not among the {len(sent)} documents of {path}"
            faults.append(Fault(document.path, "RT108", message, _line(document), help="name the file that was sent"))
            continue
        if len(same) > 1 and same[0] is wanted:
            same.popleft()
        faults += _differing(wanted, document)
        found.append(wanted)
    if faults:
        raise RuletagError(faults)
    return found


def pairs_of(found: Mapping[str, Sequence[Copy]]) -> Iterator[tuple[str, str, list[tuple[Document, Document]]]]:
    """Each pair of annotators with the documents that both have, if there are any."""
    for first, second in combinations(found, 2):
        theirs = {each.key: each.document for each in found[second]}
        both = [(each.document, theirs[each.key]) for each in found[first] if each.key in theirs]
        if both:
            yield first, second, both


def missing(found: Mapping[str, Sequence[Copy]], sent: Sequence[Document]) -> list[Document]:
    """The documents that were sent but did not come back."""
    copies = [each.document for some in found.values() for each in some]
    ids, texts = {each.id for each in copies}, Counter(each.text for each in copies)
    return [each for each in sent if not (each.id in ids if each.id is not None else False) and not texts[each.text]]


def _differing(wanted: Document, found: Document) -> Sequence[Fault]:
    try:
        same_text(wanted.text, found.text, Place(found.path, _line(found), _name(found)))
    except RuletagError as error:
        return error.faults
    return ()


def _name(document: Document) -> str:
    return "a document" if document.id is None else f"the document {document.id!r}"


def _line(document: Document) -> int:
    return document.lines[0] if document.lines else 0


def _place(document: Document) -> str:
    return f"{document.path}:{_line(document)}" if document.lines else document.path
