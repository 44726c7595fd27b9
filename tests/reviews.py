"""`ruletag review` as a process of its own, for tests: with little knowledge, on a free port, without a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


class Running:
    """A server: its process, the address that lets a browser in once, and its output until then."""

    def __init__(self, folder: Path, knowledge: Path | None, *arguments: object) -> None:
        code = "from ruletag.cli import main; main()"
        own = ["--rules", knowledge / "rules", "--gazetteers", knowledge / "gazetteers"] if knowledge else []
        words = [sys.executable, "-c", code, "review", *map(str, [*arguments, "--no-browser", *own])]
        environment = os.environ | {"PYTHONPATH": str(SOURCE)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        self.process = subprocess.Popen(words, cwd=folder, env=environment, **pipes)
        self.said, self.address = "", ""
        for line in self.process.stderr:
            self.said += line
            if match := re.search(r"open (http://127\.0\.0\.1:\d+/\?k=\S+) \(stop with Ctrl-C\)$", line):
                self.address = match[1]
                return
        raise AssertionError(self.said)

    @property
    def origin(self) -> str:
        """The address without the code."""
        return self.address.partition("/?k=")[0]

    def kill(self) -> None:
        """End it at once, as `kill -9` does."""
        self.process.kill()
        self.process.communicate()
