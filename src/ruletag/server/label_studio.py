"""Label Studio's ML backend: `/setup` and `/predict`. Offsets: code points.

The names of tags and the labels come from the labelling configuration in each request. Label Studio does not check what
it receives, so a span is only sent under a label of the configuration.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from xml.etree import ElementTree

from ruletag import __version__
from ruletag.formats.label_studio import TAGS, Tags, prediction
from ruletag.formats.labels import COMMON
from ruletag.model import LABELS
from ruletag.server.requests import Refused, required
from ruletag.server.worker import Session


class Target(NamedTuple):
    """Where predictions go: the tags and labels of the project, and the key of the text."""

    tags: Tags
    key: str


DEFAULT = Target(TAGS, "text")


def setup(record: dict[str, Any], session: Session) -> Any:
    """`{"model_version"}`. Refused (422) for a configuration for which nothing could be predicted."""
    _target(record, "schema")
    return {"model_version": _version(session)}


def predict(record: dict[str, Any], session: Session) -> Any:
    """`{"results": [{"model_version", "score", "result"}]}`, one for each task, in order."""
    target = _target(record, "label_config")
    texts = [_text(task, number, target.key) for number, task in enumerate(required(record, "tasks", list), 1)]
    version = _version(session)
    return {"results": [prediction(session.tag(text), version, target.tags) for text in texts]}


def _version(session: Session) -> str:
    return f"ruletag-{__version__}+{session.guideline}"


def _text(task: Any, number: int, key: str) -> str:
    where = f"task {number} of 'tasks'"
    if not isinstance(task, dict):
        raise Refused(422, f"{where} is not an object")
    text: str = required(required(task, "data", dict, where), key, str, f"the data of {where}")
    return text


def _target(record: dict[str, Any], key: str) -> Target:
    """The target that a labelling configuration describes; the usual one if the request has none."""
    if record.get(key) in (None, ""):
        return DEFAULT
    root = _parsed(required(record, key, str))
    texts = {tag.get("name"): tag.get("value", "") for tag in root.iter("Text")}
    for tag in root.iter("Labels"):
        name, to_name = tag.get("name"), tag.get("toName")
        labels = _labels([label.get("value") or "" for label in tag.iter("Label")])
        if name and to_name in texts and to_name and texts[to_name].startswith("$") and labels:
            return Target(Tags(name, to_name, labels), texts[to_name][1:])
    message = "the labelling configuration has no <Labels> for a <Text> with a known label"
    help = f'give one of them: <Label value="…"/> with {", ".join(LABELS)}; and <Text value="$text"/>'
    raise Refused(422, message, help)


def _parsed(config: str) -> ElementTree.Element:
    if "<!" in config.replace("<!--", ""):  # its own entities could grow without end
        raise Refused(422, "the labelling configuration has a document type", "remove <!DOCTYPE …>")
    try:
        return ElementTree.fromstring(config)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        place = getattr(error, "position", (0, 0))
        message = f"the labelling configuration is not XML: line {place[0]}, column {place[1]}"
        raise Refused(422, message, "copy it from the project's settings") from None


def _labels(theirs: list[str]) -> dict[str, str]:
    """For each of our labels, the project's label that is the same, or else is commonly read as it; of several, the
    first."""
    named = {label: label for label in theirs if label in LABELS}
    for label in theirs:
        ours = COMMON.get(label.upper())
        if ours:
            named.setdefault(ours, label)
    return named
