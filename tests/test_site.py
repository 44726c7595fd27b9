"""The documentation site: built without a warning, of every page, and whole without a network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import ruletag

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site as `make site` builds it."""
    for package in ("furo", "myst_parser", "sphinx"):
        pytest.importorskip(package, reason="needs the extra docs")
    if not shutil.which("make"):
        pytest.skip("needs make")
    folder = tmp_path_factory.mktemp("site") / "html"
    command = ["make", "--silent", "site", f"SITE={folder}", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


class Attributes(HTMLParser):
    """Every attribute of a page that names a file which a browser loads with it, and the language of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.language: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "html":
            self.language = named.get("lang")
        if tag in ("img", "script", "link") and (address := named.get("src") or named.get("href")):
            self.loaded.append(address)


def test_every_page_is_in_the_site(site):
    """Each page of docs/ becomes a page; one that no table of contents names is a warning, which fails the build."""
    built = sorted(path.relative_to(site).with_suffix(".md").as_posix() for path in site.rglob("*.html"))
    written = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))

    assert built == sorted([*written, "genindex.md", "search.md"])


def test_a_page_loads_nothing_from_elsewhere(site):
    """Styles, scripts and pictures come with the site, so that it can be read without a network."""
    loaded = {address for page in site.rglob("*.html") for address in Attributes(page.read_text("utf-8")).loaded}

    assert sorted(address for address in loaded if re.match(r"(?:[a-z]+:)?//", address)) == []


def test_a_page_says_its_language(site):
    """Pages whose name ends in .fr are in French, all others in English."""
    languages = {
        path.relative_to(site).as_posix(): Attributes(path.read_text("utf-8")).language
        == ("fr" if path.name.endswith(".fr.html") else "en")
        for path in site.rglob("*.html")
    }

    assert [name for name, right in sorted(languages.items()) if not right] == []


def test_the_reference_of_the_api_has_every_public_name():
    """api.md documents each name that the package exports, once, and no other."""
    page = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^\.\. auto\w+:: ruletag\.(\w+)$", page, re.MULTILINE)) == sorted(ruletag.__all__)
