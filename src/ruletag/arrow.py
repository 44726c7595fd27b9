"""Tags the texts of Arrow batches, for Parquet and for every engine that uses Arrow.

    tagged = tag_batch(batch, text="content")

returns the batch with two more columns, `spans` and `error`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruletag.errors import Fault, RuletagError, needing, suggest
from ruletag.tagger import Settings
from ruletag.texts import Found, Span, lent

with needing(__name__, "arrow"):
    import pyarrow as pa

SPANS, ERROR = "spans", "error"
SPAN = pa.struct(
    [
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("text", pa.string()),
        ("source", pa.string()),
        ("via", pa.string()),
        ("id", pa.string()),
    ]
)
NO_TEXT = "RT105 the text is null"


def tag_batch(batch: Any, settings: Settings = Settings(), *, text: str = "text", seconds: float = 0) -> Any:
    """Add the names in the text column of a record batch or table.

    `spans` is a list of structs: start, end (half-open code points), label, text, source, via, id. `error` is null, or
    says why a text has no spans; `spans` is null then. Existing columns with these names are replaced. The tagger is
    loaded with the first batch of a process and kept. With `seconds`, texts are tagged in a separate process, so a text
    that takes longer, or ends that process, also gets an error.

    Raises RuletagError with every fault of the knowledge, or if there is no such column of strings.
    """
    texts = _column(batch, text)
    with lent(settings, seconds) as tagging:
        tagged = tagging.tag(value or "" for value in texts)
        results = [
            result if value is not None else Found(error=NO_TEXT) for value, result in zip(texts, tagged, strict=True)
        ]
    errors = pa.array([result.error for result in results], pa.string())
    for name, column in ((SPANS, _spans(results)), (ERROR, errors)):
        index = batch.schema.get_field_index(name)
        batch = batch.append_column(name, column) if index < 0 else batch.set_column(index, name, column)
    return batch


def _column(batch: Any, name: str) -> list[str | None]:
    """The texts in a column. Raises RuletagError if there is no such column, or if it is not a column of strings."""
    names = batch.schema.names
    if name not in names:
        raise RuletagError(Fault(name, "RT110", "there is no column of that name", help=suggest(name, names)))
    kind = batch.schema.field(name).type
    string_tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    if not any(is_string(kind) for is_string in string_tests):
        raise RuletagError(Fault(name, "RT110", f"is a column of {kind}, not of strings", help="name another"))
    texts: list[str | None] = batch.column(name).to_pylist()
    return texts


def _spans(results: Sequence[Found]) -> Any:
    """The column of spans, null for a text with an error."""
    offsets: list[int | None] = []
    spans: list[Span] = []
    for result in results:
        offsets.append(None if result.error else len(spans))
        spans += result.spans
    columns = list(zip(*spans, strict=True)) or [()] * len(Span._fields)
    structs = pa.StructArray.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, SPAN, strict=True)], fields=list(SPAN)
    )
    return pa.ListArray.from_arrays(pa.array([*offsets, len(spans)], pa.int32()), structs)
