"""A step of a datatrove pipeline. Documents keep their shard and order; datatrove itself skips finished shards.

    writer = ParquetWriter("out", schema=schema(), adapter=row)
    LocalPipelineExecutor([JsonlReader("in"), Tagging(), writer], tasks=8, workers=2, logging_dir="logs").run()

Each worker starts one tagger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from ruletag.errors import needing
from ruletag.tagger import Settings
from ruletag.texts import lent
from ruletag.workers import TIME_LIMIT

with needing(__name__, "datatrove"):
    from datatrove.pipeline.base import PipelineStep


def schema(**others: Any) -> Any:
    """The Arrow schema of tagged documents for a `ParquetWriter` whose adapter is `row`.

    It has the columns id, text, spans and error, like those of `ruletag.arrow.tag_batch`, and `others`, a type for each
    key of the metadata. Without a schema, the writer infers one from the first documents, and fails on others.
    """
    import pyarrow as pa

    from ruletag.arrow import ERROR, SPAN, SPANS

    columns = {"id": pa.string(), "text": pa.string(), SPANS: pa.list_(SPAN), ERROR: pa.string()}
    return pa.schema(list((columns | others).items()))


def row(_: Any, document: Any) -> dict[str, Any]:
    """The row of a document, with its metadata as columns: an adapter for writers.

    datatrove's own adapter copies every span again, which takes longer than tagging the document.
    """
    return {"id": document.id, "text": document.text, **document.metadata}


class Tagging(PipelineStep):  # type: ignore[misc]  # datatrove may not be installed where types are checked
    """Stores the names of each document as `spans` in its metadata, and as `error` the reason if it was not tagged.

    Spans are dicts of start, end (half-open code points), label, text, source, via and id. `spans` is null if there is
    an error.
    """

    name = "ruletag"
    type = "Annotator"

    def __init__(self, settings: Settings = Settings(), *, seconds: float = TIME_LIMIT) -> None:
        """`seconds` is how long a document may take; 0: no limit, and tagging in this process."""
        super().__init__()
        self._settings, self._seconds = settings, seconds

    def run(self, data: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Tag the documents of a shard, in order. Raises RuletagError with every fault of the knowledge."""
        under_way: deque[Any] = deque()

        def texts() -> Iterator[str]:
            for document in data:
                under_way.append(document)
                yield document.text

        failed = spans = tagged = 0
        with lent(self._settings, self._seconds) as tagging:
            for result in tagging.tag(texts()):
                document = under_way.popleft()
                failed += result.error is not None
                tagged += result.error is None
                spans += len(result.spans)
                document.metadata["spans"] = None if result.error else [span._asdict() for span in result.spans]
                document.metadata["error"] = result.error
                yield document
        for statistic, count in (("tagged", tagged), ("failed", failed), ("spans", spans)):
            self.stat_update(statistic, value=count, unit="task")
