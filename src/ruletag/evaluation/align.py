"""Matches predictions to their gold documents."""

from __future__ import annotations

from collections.abc import Sequence

from ruletag.errors import Fault, RuletagError
from ruletag.formats.spans import SPACED, difference
from ruletag.model import Document


def align(gold: Sequence[Document], given: Sequence[Document], gold_path: str, path: str) -> Sequence[Document]:
    """The predictions in the order of the gold: by id if all ids are distinct, else in their own order.

    Raises RuletagError if a document is missing, or if a text differs.
    """
    gold_ids, given_ids = ([document.id for document in documents] for documents in (gold, given))
    if _are_keys(gold_ids) and _are_keys(given_ids):
        missing = [str(id) for id in gold_ids if id not in set(given_ids)]
        if missing:
            names = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
            message = f"lacks {len(missing)} document{'' if len(missing) == 1 else 's'} of {gold_path}: {names}"
            raise RuletagError(Fault(path, "RT108", message, help="give predictions for every document in the gold"))
        by_id = {document.id: document for document in given}
        given = [by_id[document.id] for document in gold]
    elif len(gold) != len(given):
        message = f"has {len(given)} document{'' if len(given) == 1 else 's'}, but {gold_path} has {len(gold)}"
        help = "give predictions for the same documents; a brace or markup file always holds one document"
        raise RuletagError(Fault(path, "RT108", message, help=help))
    faults = [
        _text_fault(expected, predicted)
        for expected, predicted in zip(gold, given, strict=True)
        if expected.text != predicted.text
    ]
    if faults:
        raise RuletagError(faults)
    return given


def _are_keys(ids: Sequence[str | None]) -> bool:
    """Whether all documents have ids, and all ids are distinct."""
    return all(ids) and len(set(ids)) == len(ids)


def _text_fault(gold: Document, predicted: Document) -> Fault:
    where, how = difference(gold.text, predicted.text)
    message = f"is not the text of {gold.id or gold.path}: {where}"
    help = how or "predict on the text of the gold, unchanged"
    if how == SPACED:
        help += "; if the predictions are in a format that has only tokens, `ruletag convert` the gold to it first"
    return Fault(predicted.path, "RT108", message, predicted.line(0) if predicted.lines else 0, help=help)
