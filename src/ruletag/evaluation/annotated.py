"""Checks that documents have annotations, so that none is scored as having no names just because they were not read.

Gold may include raw texts, which are not scored, and documents that an annotator set aside. Predictions may not.
Annotations under a key that is not read count as neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ruletag.errors import Fault, RuletagError
from ruletag.formats.answers import ANSWER, is_set_aside
from ruletag.model import Document

# Keys of annotations in other formats with the same suffix.
_ELSEWHERE = {"spans": "jsonl", "label": "doccano", "labels": "doccano", "entities": "doccano", "ents": "spacy-json"}
_HELP = 'put annotations under "spans": [[start, end, label], …]'


def refuse_unread(documents: Iterable[Document]) -> None:
    """Raise RuletagError for gold without annotations that has lists or objects under keys that are not read.

    The key `meta` may hold anything.
    """
    faults = _faults(
        (document, *_problem(document))
        for document in documents
        if not document.annotated and not is_set_aside(document.meta) and _unread(document)
    )
    if faults:
        raise RuletagError(faults)


def refuse_elsewhere(document: Document) -> None:
    """Raise RuletagError for a document without annotations that has a list where another format keeps them."""
    if not document.annotated and any(isinstance(document.meta.get(key), list) for key in _ELSEWHERE):
        refuse_unread([document])


def refuse_unpredicted(gold: Iterable[Document], predicted: Iterable[Document]) -> None:
    """Raise RuletagError for predictions without annotations if the gold document has some. Both must be aligned."""
    faults = _faults(
        (prediction, *_lack(prediction))
        for expected, prediction in zip(gold, predicted, strict=True)
        if expected.annotated and not prediction.annotated and prediction.text.strip()
    )
    if faults:
        raise RuletagError(faults)


def notes_on_answers(documents: Iterable[Document]) -> Iterator[str]:
    """A note for each file on how many of its documents are not gold because of their answer."""
    counts: dict[str, Counter[str]] = {}
    for document in documents:
        if is_set_aside(document.meta):
            counts.setdefault(document.path, Counter())[document.meta[ANSWER]] += 1
    for path, answers in sorted(counts.items()):
        counted = ", ".join(f"{number} {answer}" for answer, number in sorted(answers.items()))
        number = sum(answers.values())
        subject = "document is" if number == 1 else "documents are"
        yield f"{path}: note: {number} {subject} not used as gold because of their answer: {counted}"


def notes_on_copies(documents: Iterable[Document]) -> Iterator[str]:
    """Notes if gold documents with the same id and text are in several files, or several times in one: each is
    counted."""
    files: dict[tuple[str, str], list[str]] = {}
    for document in documents:
        if document.annotated and document.id is not None:
            files.setdefault((document.id, document.text), []).append(document.path)
    copies = {key: paths for key, paths in files.items() if len(set(paths)) > 1}
    if copies:
        (id, _), paths = next(iter(copies.items()))
        subject = "document is" if len(copies) == 1 else "documents are"
        files_of_first = " and ".join(dict.fromkeys(paths))
        yield (
            f"note: {len(copies)} {subject} in several files and counted in each, first {id!r} in {files_of_first}; "
            "if annotators made these copies, name the files of one"
        )
    repeated = [(id, path) for (id, _), paths in files.items() for path, times in Counter(paths).items() if times > 1]
    if repeated:
        id, path = repeated[0]
        subject = "document is" if len(repeated) == 1 else "documents are"
        yield (
            f"note: {len(repeated)} {subject} more than once in a file and counted each time, first {id!r} in {path}; "
            "keep one of each"
        )


def _lack(document: Document) -> tuple[str, str]:
    """The message about a prediction without annotations, and the help."""
    if is_set_aside(document.meta):
        return f"has the answer {document.meta[ANSWER]!r}, and so no predictions", "remove the answer"
    if document.lines:
        message, help = _problem(document)
        return message, f"{help}, [] where there is no name"
    return "has no annotations", "end each paragraph with its names in braces, { } where there is none"


def _problem(document: Document) -> tuple[str, str]:
    """The message about a document without annotations, and the help."""
    if "spans" in document.meta:
        return "has 'spans', which its format does not read", f"use --from {_ELSEWHERE['spans']}, or {_HELP}"
    message = f"has no 'spans' among its keys: {', '.join(_keys(document))}"
    return message, next(
        (f"use --from {name}, or {_HELP}" for key, name in _ELSEWHERE.items() if key in document.meta), _HELP
    )


def _keys(document: Document) -> list[str]:
    """The keys of the line of JSON that the document was read from, as far as they are known."""
    own = ["text"] if document.id is None or "id" in document.meta else ["id", "text"]
    return [*own, *(repr(key)[1:-1] for key in document.meta)]


def _unread(document: Document) -> list[str]:
    return [key for key, value in document.meta.items() if isinstance(value, (list, dict)) and key != "meta"]


def _faults(problems: Iterable[tuple[Document, str, str]]) -> list[Fault]:
    """One fault for all documents of a file with the same message and help, at the first of them."""
    first_lines: dict[tuple[str, str, str], int] = {}
    times: Counter[tuple[str, str, str]] = Counter()
    for document, message, help in problems:
        key = (document.path, message, help)
        first_lines.setdefault(key, document.lines[0] if document.lines else 0)
        times[key] += 1
    return [
        Fault(
            path,
            "RT103",
            message + (f" (as do {more} more)" if more > 1 else " (as does 1 more)" if more else ""),
            line,
            help=help,
        )
        for (path, message, help), line in first_lines.items()
        for more in [times[path, message, help] - 1]
    ]
