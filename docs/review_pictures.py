"""Take the pictures of docs/guide/reviewing.md: the page of `ruletag review` on the examples, in light and dark.

python docs/review_pictures.py      # needs the extra `browser`, and a Chromium that is installed
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


# Paragraphs of the examples, as documents that are corrected for the picture of the suggestions: names with their key.
CORRECTED = {
    "usine-0": [("Verralia", "3")],
    "usine-1": [("Verralia", "3")],
    "sonde-0": [("Mercure", "2")],
    "sonde-1": [("Mercure", "2")],
}


def main() -> None:
    """Take the pictures: the first document a little corrected, and what corrections teach."""
    articles = DOCS.parent / "examples" / "articles"
    with tempfile.TemporaryDirectory() as folder:
        _served(folder, [articles], _take)
        pile = Path(folder, "pile")
        pile.mkdir()
        for name in ("usine", "sonde"):
            paragraphs = (articles / f"{name}.txt").read_text(encoding="utf-8").split("\n\n")
            for number, text in enumerate(paragraphs):
                (pile / f"{name}-{number}.txt").write_text(text, encoding="utf-8")
        corrected = [f"pile/{name}.txt" for name in CORRECTED]
        rest = sorted({f"pile/{path.name}" for path in pile.iterdir()} - {*corrected})
        _served(folder, [*corrected, *rest, "--order", "given", "--into", "lessons.review"], _take_lessons)


def _served(folder: str, words: Iterable[object], take: Callable[[Any], None]) -> None:
    """Start a review, and take pictures of its page."""
    command = [sys.executable, "-m", "ruletag", "review", "--no-browser", *map(str, words)]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, encoding="utf-8") as server:
        assert server.stderr
        address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+", line)))
        try:
            with sync_playwright() as started:
                path = next(filter(None, map(shutil.which, NAMES)))
                browser = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
                page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="en-GB")
                page.set_default_timeout(60_000)
                page.goto(address)
                page.locator("#text p").first.wait_for()
                take(page)
                browser.close()
        finally:
            server.terminate()


def _take(page: Any) -> None:
    page.locator("mark[data-current]").first.wait_for()
    page.keyboard.press("Space")
    page.locator("#same", has_text="pile").wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=DOCS / f"review-{scheme}.png")
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light")
    page.locator("mark[data-current]").first.scroll_into_view_if_needed()
    page.screenshot(path=DOCS / "review-narrow.png")


def _take_lessons(page: Any) -> None:
    for name, keys in CORRECTED.items():
        page.locator("#name", has_text=name).wait_for()
        for surface, key in keys:
            page.keyboard.press("/")
            page.locator("#query").fill(surface)
            for each in ("Enter", "Escape", key):
                page.keyboard.press(each)
        page.keyboard.press("Enter")
    page.locator("#position", has_text=f"{len(CORRECTED)} done").wait_for()
    page.keyboard.press("t")
    page.locator(".lessons li").first.wait_for()
    page.screenshot(path=DOCS / "review-lessons.png")


if __name__ == "__main__":
    main()
