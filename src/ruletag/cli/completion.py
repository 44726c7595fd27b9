"""Shell completion for options and arguments: files and folders, formats, engines, guidelines, labels, codes.

The placeholder of a parameter in the help (`FILE`, `FORMAT`) decides; for a plain `NAME`, the parameter itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_FILES = {"FILE", "DIR", "PATH", "FILE|DIR", "FILE|DIR|-", "IN", "OUT", "A", "B"}
_FILES |= {"GOLD", "PREDICTED", "EXPORT", "SENT", "YAML"}
_FILES_BY_NAME = ("gold", "file", "first", "second")


class Offered(click.ParamType):  # type: ignore[type-arg]  # generic only in newer releases of click
    """A text for which a shell offers values. The code that reads it checks the value, and suggests the closest."""

    name = "text"

    def __init__(self, values: Callable[[], Iterable[str]], *, or_file: bool = False) -> None:
        """`values` is called when a shell asks. With `or_file`, files are offered if no value fits."""
        self.values, self.or_file = values, or_file

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # needed only when a shell completes

        items = [CompletionItem(value) for value in self.values() if value.startswith(incomplete)]
        return items if items or not self.or_file else [CompletionItem(incomplete, type="file")]


def offer(parameter: click.Parameter) -> None:
    """Give a text parameter the type that makes a shell complete it."""
    if not isinstance(parameter.type, click.types.StringParamType):
        return
    placeholder = (parameter.metavar or "").removesuffix("...").strip("[]")
    if placeholder in _FILES or parameter.name in _FILES_BY_NAME:
        parameter.type = click.Path()
    elif completed_type := _OFFERED.get(str(parameter.name)) or _OFFERED.get(placeholder):
        parameter.type = completed_type


def _formats() -> Iterable[str]:
    from ruletag.formats import FORMATS

    return FORMATS


def _engines() -> Iterable[str]:
    from ruletag.engine import ENGINES

    return ENGINES


def _guidelines() -> Iterable[str]:
    from ruletag.folders import guideline_names

    return guideline_names()


def _labels() -> Iterable[str]:
    from ruletag.model import LABELS

    return LABELS


def _kinds() -> Iterable[str]:
    from ruletag.lists import dumps, rows

    return [*rows.KINDS, *dumps.KINDS]


def _codes() -> Iterable[str]:
    from ruletag.codes import codes

    return codes()


def _schemes() -> Iterable[str]:
    from ruletag.formats.bio import SCHEMES

    return SCHEMES


_OFFERED = {
    "FORMAT": Offered(_formats),
    "KIND": Offered(_kinds),
    "LABEL": Offered(_labels),
    "LABEL|CLASS": Offered(_labels),
    "CODE": Offered(_codes),
    "engine": Offered(_engines),
    "guideline": Offered(_guidelines, or_file=True),
    "base": Offered(_guidelines, or_file=True),
    "scheme": Offered(_schemes),
    "text": Offered(tuple, or_file=True),
}
