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
    wanted, found = ([document.id for document in documents] for documents in (gold, given))
    if all(wanted) and all(found) and len(set(wanted)) == len(wanted) and len(set(found)) == len(found):
        missing = [str(name) for name in wanted if name not in set(found)]
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
        _other_text(wanted, found) for wanted, found in zip(gold, given, strict=True) if wanted.text != found.text
    ]
    if faults:
        raise RuletagError(faults)
    return given


def _other_text(wanted: Document, found: Document) -> Fault:
    where, how = difference(wanted.text, found.text)
    message = f"is not the text of {wanted.id or wanted.path}: {where}"
    help = how or "predict on the text of the gold, unchanged"
    if how == SPACED:
        help += "; if the predictions are in a format that has only tokens, `ruletag convert` the gold to it first"
    return Fault(found.path, "RT108", message, found.line(0) if found.lines else 0, help=help)
