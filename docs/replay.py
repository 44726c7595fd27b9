"""Runs the commands that the guides show and writes their real output into the pages.

    python docs/replay.py [--check] [PAGE]...

A page is a session in a folder that has our examples: text behind the name of a file in backticks becomes that file,
and each line that begins with `$ ` in a `console` block is run by the shell. With --check nothing is written, and the
exit code is 1 where an output is not what the page says.

The README shows commands without their output. They are run, too, one after the other as a reader would paste them, and
must end with 0 or, where they find something, with 1.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

README = Path(__file__).parents[1] / "README.md"
PAGES = sorted((Path(__file__).parent / "guide").glob("*.md"))
SOURCE = Path(__file__).parents[1] / "src"
EXAMPLES = Path(__file__).parents[1] / "examples"
_PIECE = re.compile(
    r"^`(?P<file>[\w./-]+)`:\n\n```\w*\n(?P<text>.*?)^```\n|^```console\n(?P<console>.*?)^```\n", re.M | re.S
)
_PASTED = re.compile(r"^    (ruletag .*?)(?: +#.*)?$", re.M)
_SERVERS = ("ruletag serve", "ruletag review")  # they stay until they are stopped
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.M)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE", help="pages to run (README, all guides)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page is out of date")
    arguments = parser.parse_args()
    stale = 0
    for page in arguments.pages or [README, *PAGES]:
        if page.name == README.name:
            failed = paste(page.read_text(encoding="utf-8"))
            stale += bool(failed)
            print("".join(f"{page.name}: {line}\n" for line in failed), end="")
            continue
        text = page.read_text(encoding="utf-8")
        replayed = replay(text)
        if replayed != text:
            stale += 1
            print(f"{page.name}: {'out of date' if arguments.check else 'written anew'}")
            if not arguments.check:
                page.write_text(replayed, encoding="utf-8", newline="\n")
    return 1 if arguments.check and stale else 0


class Session(NamedTuple):
    """A folder that has our examples, and the environment in which `ruletag` is the program of this checkout."""

    folder: Path
    environment: dict[str, str]

    def run(self, command: str) -> str:
        """What a command writes, both streams together, when the shell runs it in the folder."""
        return self.ended(command).stdout

    def ended(self, command: str) -> subprocess.CompletedProcess[str]:
        """What a command writes, and its exit code."""
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def serves(self, command: str) -> bool:
        """Whether a server says its address and ends in order when it is stopped; any port, and no browser."""
        words = [*shlex.split(command), "--port", "0"]
        environment = self.environment | {"BROWSER": "true"}
        with subprocess.Popen(
            words, cwd=self.folder, env=environment, stderr=subprocess.PIPE, encoding="utf-8"
        ) as server:
            assert server.stderr
            said = any("http://127.0.0.1:" in line for line in server.stderr)
            server.send_signal(signal.SIGTERM)
        return said and server.returncode in (0, 143)  # 143: stopped before it served


@contextmanager
def session() -> Iterator[Session]:
    """A new session, whose folder is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "examples").symlink_to(EXAMPLES)
        commands = Path(folder, ".commands")
        commands.mkdir()
        script = commands / "ruletag"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from ruletag.cli import main; main()" "$@"\n')
        script.chmod(0o755)
        environment = os.environ | {"PATH": f"{commands}:{os.environ['PATH']}", "PYTHONPATH": str(SOURCE)}
        yield Session(Path(folder), environment)


def replay(text: str) -> str:
    """The page with the output that its commands give now."""
    with session() as here:

        def perform(piece: re.Match[str]) -> str:
            if piece["file"]:
                path = here.folder / piece["file"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(piece["text"], encoding="utf-8", newline="\n")
                return piece[0]
            return f"```console\n{_COMMAND.sub(run, piece['console'])}```\n"

        def run(command: re.Match[str]) -> str:
            return f"$ {command[1]}\n{here.run(command[1])}"

        return _PIECE.sub(perform, text)


def paste(text: str) -> list[str]:
    """What is wrong with the commands of a page that shows no outputs; servers need the extra `serve`."""
    failed = []
    with session() as here:
        for command in _PASTED.findall(text):
            if command.startswith(_SERVERS):
                if find_spec("uvicorn") and not here.serves(command):
                    failed.append(f"{command}: does not serve")
            elif (done := here.ended(command)).returncode not in (0, 1):
                failed.append(f"{command}: {done.stdout}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
