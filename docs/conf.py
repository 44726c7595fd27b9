"""The documentation site: `make site` builds it from these pages into build/site.

The pages are read on their own as well, so they link to files of the checkout. Here such a link leads to the page that
shows the file, or hands the file out.
"""

from __future__ import annotations

import os.path
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from pygments.lexers import JsonLexer
from sphinx.application import Sphinx

import ruletag

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent

project = "ruletag"
author = "the authors of ruletag"
release = version = ruletag.__version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 4  # headings are linked as `page.md#heading`
smartquotes = False  # the quotation marks of examples are what is typed

html_theme = "furo"
html_title = f"ruletag {release}"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}

autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
default_role = "code"  # `name` in a docstring
# Only what is public has a place in the reference; no inventory of another project is fetched.
nitpick_ignore_regex = [("py:.*", r"(?!ruletag\.\w+$).*")]

# The files of the checkout that are pages of the site.
_PAGES = {
    ROOT / "README.md": "index.md",
    ROOT / "CHANGELOG.md": "project/changelog.md",
    ROOT / "CONTRIBUTING.md": "project/contributing.md",
    ROOT / "bench" / "README.md": "project/benchmarks.md",
    ROOT / "gazetteers" / "SOURCES.md": "project/sources.md",
    **{path: f"project/{path.name}" for path in (ROOT / "bench" / "results").glob("*.md")},
}
_DECISIONS = """
```{toctree}
:hidden:
:glob:

0*
```
"""
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]\n]|\n(?!\n))*)\]\((?!\w+:|#)([^)\s#]+)(#[^)\s]*)?\)")


def setup(app: Sphinx) -> None:
    """What Sphinx calls first."""
    app.add_lexer("jsonl", JsonLexer)
    app.connect("source-read", _read_page)
    app.connect("include-read", _read_included)
    app.connect("missing-reference", _public_name)
    app.connect("html-page-context", _language_of_page)


def _read_page(app: Sphinx, docname: str, source: list[str]) -> None:
    source[0] = _relinked(source[0], DOCS / f"{docname}.md")
    if docname == "decisions/README":  # its table is for readers of the file; Sphinx wants the list in its own words
        source[0] += _DECISIONS


def _read_included(app: Sphinx, path: Path, docname: str, source: list[str]) -> None:
    source[0] = _relinked(source[0], DOCS / path)


def _relinked(text: str, written: Path) -> str:
    """The text of a file with the links that lead out of the pages as links of the site; `/` is the folder of pages."""

    def leads(link: re.Match[str]) -> str:
        label, path, heading = link[1], link[2], link[3] or ""
        target = Path(os.path.normpath(written.parent / path))
        if target.is_dir():
            target /= "README.md"
            if not target.exists():
                return label
        if not target.exists():  # markup such as [Marie Curie](PER)
            return link[0]
        target = DOCS / _PAGES.get(target, target)
        return f"[{label}](/{os.path.relpath(target, DOCS)}{heading})"

    fences = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else _LINK.sub(leads, part) for part in fences)


def _public_name(app: Sphinx, env: Any, node: nodes.Element, content: nodes.Node) -> nodes.Node | None:
    """A type that a signature names by its module is found under the name that the package exports."""
    name = node.get("reftarget", "").rpartition(".")[2]
    if node.get("refdomain") != "py" or name not in ruletag.__all__ or node["reftarget"] == f"ruletag.{name}":
        return None
    domain = env.get_domain("py")
    return domain.resolve_xref(env, node["refdoc"], app.builder, "class", f"ruletag.{name}", node, content)


def _language_of_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """The pages in French say so to browsers and screen readers."""
    if pagename.endswith(".fr"):
        context["language"] = "fr"
