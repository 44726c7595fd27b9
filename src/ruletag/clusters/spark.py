"""Spark: the rows of a data frame with their names.

    tag_frame(spark.read.json("in")).write.parquet("out")

Each Python worker loads the tagger once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ruletag.errors import needing
from ruletag.tagger import Settings
from ruletag.texts import Span
from ruletag.workers import TIME_LIMIT

with needing(__name__, "spark"):
    from ruletag.arrow import ERROR, SPANS, tag_batch


def tag_frame(frame: Any, settings: Settings = Settings(), *, text: str = "text", seconds: float = TIME_LIMIT) -> Any:
    """The frame with the columns `spans` and `error`, like those of `ruletag.arrow.tag_batch`.

    A Python worker loads the tagger once and keeps it; `seconds` is how long a text may take (0: no limit, and tagging
    in the worker itself).
    """
    from pyspark.sql.types import ArrayType, IntegerType, StringType, StructField, StructType

    types = {"start": IntegerType(), "end": IntegerType()}
    span_type = StructType([StructField(name, types.get(name, StringType())) for name in Span._fields])
    new_fields = [StructField(SPANS, ArrayType(span_type)), StructField(ERROR, StringType())]
    old_fields = [field for field in frame.schema.fields if field.name not in (SPANS, ERROR)]

    def tag(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            tagged = tag_batch(batch, settings, text=text, seconds=seconds)
            yield tagged.select([field.name for field in [*old_fields, *new_fields]])

    return frame.mapInArrow(tag, StructType([*old_fields, *new_fields]))
