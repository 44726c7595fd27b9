"""How `ruletag tag` and the engines that it runs on compare: seconds, CPU seconds and memory for the same documents.

    python bench/scale.py 100000 [ENGINE[:WORKERS]]...

writes short documents made of our own examples to a temporary folder, as 16 shards of JSON Lines, tags them with each
engine that is installed, and prints a table. All engines have the same number of workers. CPU seconds are those of all
processes of an engine, from its start to its end, its own start among them; seconds depend on what else runs. The hash
is over all spans sorted by id: one hash means the same result.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

SHARDS = 16
SPAN = ("start", "end", "label", "text", "source", "via", "id")
EXAMPLES = Path(__file__).parent.parent / "examples"


def documents(number: int) -> list[dict[str, str]]:
    """Short documents, each with three sentences of our own articles in rotation."""
    sentences = [
        line.strip()
        for path in sorted((EXAMPLES / "articles").glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    count = len(sentences)
    return [
        {
            "id": f"d{index:07d}",
            "text": " ".join(sentences[(index * 7 + step * (index // count + 1)) % count] for step in range(3)),
        }
        for index in range(number)
    ]


def write_shards(folder: Path, records: list[dict[str, str]]) -> None:
    """Write the documents as JSON Lines, the same number in each shard."""
    folder.mkdir()
    size = -(-len(records) // SHARDS)
    for shard in range(SHARDS):
        lines = (json.dumps(record) + "\n" for record in records[shard * size : (shard + 1) * size])
        (folder / f"{shard:02d}.jsonl").write_text("".join(lines), encoding="utf-8")


def with_ruletag(source: Path, out: Path, workers: int) -> None:
    """Tag with the command itself."""
    words = [sys.executable, "-m", "ruletag", "tag", str(source), "-o", str(out), "-j", str(workers)]
    subprocess.run([*words, "--time-limit", "600", "-q"], check=True)


def with_datatrove(source: Path, out: Path, workers: int) -> None:
    """Tag with a pipeline of three steps, and a task for each shard."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import ParquetWriter

    from ruletag.clusters.datatrove import Tagging, row, schema

    steps = [JsonlReader(str(source)), Tagging(), ParquetWriter(str(out), schema=schema(), adapter=row)]
    LocalPipelineExecutor(steps, tasks=SHARDS, workers=workers, logging_dir=str(out) + "-logs").run()


def with_ray(source: Path, out: Path, workers: int) -> None:
    """Tag a dataset, with an actor for each worker."""
    import ray

    from ruletag.clusters.ray import tag_dataset

    # Reading and writing take up to two more cores; they must be allowed even if the machine has none left.
    ray.init(num_cpus=workers + 2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    tag_dataset(ray.data.read_json(str(source), lines=True), actors=workers).write_parquet(str(out))
    ray.shutdown()


def with_spark(source: Path, out: Path, workers: int) -> None:
    """Tag a frame, with a task for each partition."""
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession

    from ruletag.clusters.spark import tag_frame

    builder = SparkSession.builder.master(f"local[{workers}]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    frame = spark.read.schema("id string, text string").json(str(source))
    tag_frame(frame).write.parquet(str(out))
    spark.stop()


ENGINES = {"ruletag": with_ruletag, "datatrove": with_datatrove, "ray": with_ray, "pyspark": with_spark}


def spans_of(out: Path) -> dict[str, list[list[Any]]]:
    """The spans that an engine has written, by the id of their document."""
    spans_by_id = {}
    for path in sorted(out.rglob("*.jsonl")):
        if not path.name.startswith("_"):
            for line in path.read_text(encoding="utf-8").splitlines():
                record = json.loads(line)
                spans_by_id[record["id"]] = record["spans"]
    for path in sorted(out.rglob("*.parquet")):
        import pyarrow.parquet as pq

        for row in pq.ParquetFile(path).read().to_pylist():
            spans_by_id[row["id"]] = row["spans"]
    return {
        id: spans and [[span.get(name) or None for name in SPAN] for span in spans] for id, spans in spans_by_id.items()
    }


def errors_of(out: Path) -> dict[str, str]:
    """The errors that an engine has written to Parquet, by the id of the document, which then has no spans."""
    import pyarrow.parquet as pq

    rows = [row for path in sorted(out.rglob("*.parquet")) for row in pq.ParquetFile(path).read().to_pylist()]
    return {row["id"]: row["error"] for row in rows if row["error"]}


def hash_of(out: Path) -> str:
    """One hash over all spans, sorted by the id of their document."""
    digest = hashlib.sha256()
    for id, spans in sorted(spans_of(out).items()):
        digest.update(json.dumps([id, spans], ensure_ascii=False).encode())
    return digest.hexdigest()


class Usage:
    """CPU seconds and memory of all processes that have a mark in their environment, however they were started.

    Engines start processes through servers of their own, whose usage is not reported to any parent. So all processes
    are polled; usage after the last poll is missing.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark.encode()
        self._ours: dict[str, bool] = {}
        self._cpu: dict[str, float] = {}
        self.peak = 0.0  # megabytes of all of them together, shared memory counted once for each

    def look(self) -> None:
        """Poll all processes."""
        memory = 0
        for pid in filter(str.isdecimal, os.listdir("/proc")):
            with suppress(OSError, IndexError):
                if pid not in self._ours:
                    self._ours[pid] = self._mark in Path(f"/proc/{pid}/environ").read_bytes()
                if self._ours[pid]:
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    self._cpu[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                    memory += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        self.peak = max(self.peak, memory / 1e6)

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        return sum(self._cpu.values())


def measured(name: str, source: Path, out: Path, workers: int) -> tuple[float, Usage]:
    """The seconds and the usage of one run in a process of its own."""
    words = [sys.executable, __file__, "--one", name, str(source), str(out), str(workers)]
    mark = f"RULETAG_SCALE={out}"
    usage, start = Usage(mark), perf_counter()
    with (out.parent / f"{out.name}.err").open("w+b") as errors:
        environment = os.environ | dict([mark.split("=", 1)])
        run = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=errors, env=environment)
        while run.poll() is None:
            usage.look()
            sleep(0.2)
        if run.returncode:
            errors.seek(0)
            sys.exit(f"{name} has failed:\n{errors.read()[-4000:].decode()}")
    return perf_counter() - start, usage


def main() -> None:
    """Print a row for each engine and number of workers."""
    if sys.argv[1] == "--one":
        engine, source, out, workers = sys.argv[2:]
        ENGINES[engine](Path(source), Path(out), int(workers))
        return
    number = int(sys.argv[1])
    selected = sys.argv[2:] or list(ENGINES)
    with TemporaryDirectory() as folder:
        source = Path(folder) / "in"
        write_shards(source, documents(number))
        print(f"load at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print("| engine | workers | seconds | CPU seconds | documents a CPU second | MB, all processes | hash |")
        print("|---|---|---|---|---|---|---|")
        for engine_and_workers in selected:
            name, _, only = engine_and_workers.partition(":")
            if name != "ruletag" and find_spec(name) is None:
                continue
            for workers in (int(only),) if only else (1, 2):
                out = Path(folder) / f"{name}-{workers}"
                wall, usage = measured(name, source, out, workers)
                row = (
                    name,
                    workers,
                    f"{wall:.1f}",
                    f"{usage.cpu:.1f}",
                    f"{number / usage.cpu:.0f}",
                    f"{usage.peak:.0f}",
                    hash_of(out)[:12],
                )
                print("| " + " | ".join(map(str, row)) + " |", flush=True)


if __name__ == "__main__":
    main()
