"""Take the pictures of docs/guide/reviewing.md: the page of `ruletag review` on the examples, in light and dark.

python docs/review_pictures.py      # needs the extra `browser`, and a Chromium that is installed
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> None:
    """Correct the first document a little, then show it as it is."""
    articles = DOCS.parent / "examples" / "articles"
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "ruletag", "review", str(articles), "--no-browser"]
        with subprocess.Popen(words, cwd=folder, stderr=subprocess.PIPE, encoding="utf-8") as server:
            assert server.stderr
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+", line)))
            try:
                _take(address)
            finally:
                server.terminate()


def _take(address: str) -> None:
    with sync_playwright() as started:
        path = next(filter(None, map(shutil.which, NAMES)))
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="en-GB")
        page.set_default_timeout(60_000)
        page.goto(address)
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
        browser.close()


if __name__ == "__main__":
    main()
