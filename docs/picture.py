"""Runs three commands and draws their real output as docs/output.svg, the picture of the README.

    python docs/picture.py [--check]

With --check nothing is written, and the exit code is 1 where the picture is not what the commands give now. Needs
Rich (`pip install ".[docs]"`).
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from replay import session
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

PICTURE = Path(__file__).parent / "output.svg"
COMMANDS = (
    "ruletag tag examples/depeche.txt",
    "ruletag explain examples/depeche.txt | head -n 8",
    "ruletag eval examples/gold | head -n 9",
)
WIDTH = 100  # columns; longer lines are wrapped as by a terminal

# Light on dark, each with a contrast of 7 or more.
_THEME = TerminalTheme((24, 24, 27), (228, 228, 231), [(0, 0, 0)] * 8)
_COLOURS = {"PER": "#ffd479", "LOC": "#7ee2a8", "ORG": "#8ab8ff", "MISC": "#e5a3f0"}

# Rich's own frame fetches a font from the network, which a picture must not; this one takes the reader's.
_FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; \
font-size: {char_height}px; line-height: {line_height}px; white-space: pre }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
<rect width="{width}" height="{height}" rx="8" fill="#18181b"/>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where it is out of date")
    check = parser.parse_args().check
    drawn = draw()
    if PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == drawn:
        return 0
    print(f"{PICTURE.name}: {'out of date, run python docs/picture.py' if check else 'written anew'}")
    if not check:
        PICTURE.write_text(drawn, encoding="utf-8", newline="\n")
    return 1 if check else 0


def draw() -> str:
    """The picture of the commands and of all that they write."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    with session() as here:
        for number, command in enumerate(COMMANDS):
            console.print(Text.assemble("\n" * (number > 0), ("$ ", "#a1a1aa"), (command, "bold")))
            output = Text(here.run(command).rstrip("\n"))
            for label, colour in _COLOURS.items():
                output.highlight_regex(rf"(?m)(?:(?<=_)|(?<=\] )|^){label}(?![\w+])", f"bold {colour}")
            console.print(output, highlight=False, markup=False, soft_wrap=False)
    frame = _FRAME.replace("TITLE", "Output of " + ", ".join(COMMANDS))
    drawn = console.export_svg(theme=_THEME, code_format=frame, font_aspect_ratio=0.61, unique_id="r")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


if __name__ == "__main__":
    sys.exit(main())
