"""Ray Data: the rows of a dataset with their names.

    tag_dataset(ray.data.read_parquet("in"), actors=2).write_parquet("out")

Each actor loads the tagger once.
"""

from __future__ import annotations

from typing import Any

from ruletag.errors import needing
from ruletag.tagger import Settings
from ruletag.workers import TIME_LIMIT

with needing(__name__, "ray"):
    from ruletag.arrow import tag_batch

ROWS = 1024  # in a batch


class Tagging:
    """The callable of an actor, which loads the tagger once."""

    def __init__(self, settings: Settings, text: str, seconds: float) -> None:
        self._settings, self._text, self._seconds = settings, text, seconds

    def __call__(self, batch: Any) -> Any:
        """The batch with two more columns, like those of `ruletag.arrow.tag_batch`."""
        return tag_batch(batch, self._settings, text=self._text, seconds=self._seconds)


def tag_dataset(
    dataset: Any,
    settings: Settings = Settings(),
    *,
    text: str = "text",
    seconds: float = TIME_LIMIT,
    actors: int = 1,
    **options: Any,
) -> Any:
    """The dataset with the columns `spans` and `error`, like those of `ruletag.arrow.tag_batch`.

    `actors` is their number, each with a tagger; `seconds` is how long a text may take (0: no limit, and tagging in the
    actor itself). Other options are those of `map_batches`.
    """
    from ray.data import ActorPoolStrategy

    return dataset.map_batches(
        Tagging,
        fn_constructor_args=(settings, text, seconds),
        batch_format="pyarrow",
        compute=ActorPoolStrategy(size=actors),
        **({"batch_size": ROWS, "num_cpus": 1} | options),
    )
