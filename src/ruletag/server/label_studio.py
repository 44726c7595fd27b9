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
    """The target of predictions: the tags and labels of the project, and the key of the text."""

    tags: Tags
    key: str


DEFAULT = Target(TAGS, "text")


def setup(record: dict[str, Any], session: Session) -> Any:
    """`{"model_version"}`. Refused (422) for a configuration under which nothing could be predicted."""
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
    location = f"task {number} of 'tasks'"
    if not isinstance(task, dict):
        raise Refused(422, f"{location} is not an object")
    text: str = required(required(task, "data", dict, location), key, str, f"the data of {location}")
    return text


def _target(record: dict[str, Any], key: str) -> Target:
    """The target that a labelling configuration describes; the usual one if the request has none."""
    if record.get(key) in (None, ""):
        return DEFAULT
    root = _parse_config(required(record, key, str))
    texts = {tag.get("name"): tag.get("value", "") for tag in root.iter("Text")}
    for tag in root.iter("Labels"):
        name, to_name = tag.get("name"), tag.get("toName")
        labels = _labels([label.get("value") or "" for label in tag.iter("Label")])
        if name and to_name in texts and to_name and texts[to_name].startswith("$") and labels:
            return Target(Tags(name, to_name, labels), texts[to_name][1:])
    message = "the labelling configuration has no <Labels> for a <Text> with a known label"
    help = f'give one of them: <Label value="…"/> with {", ".join(LABELS)}; and <Text value="$text"/>'
    raise Refused(422, message, help)


def _parse_config(config: str) -> ElementTree.Element:
    if "<!" in config.replace("<!--", ""):  # a document type could define entities that expand without limit
        raise Refused(422, "the labelling configuration has a document type", "remove <!DOCTYPE …>")
    try:
        return ElementTree.fromstring(config)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        line, column = getattr(error, "position", (0, 0))
        message = f"the labelling configuration is not XML: line {line}, column {column}"
        raise Refused(422, message, "copy it from the project's settings") from None


def _labels(labels: list[str]) -> dict[str, str]:
    """For each of our labels, the project's equal label, else the first of its labels that is commonly read as ours."""
    project_labels = {label: label for label in labels if label in LABELS}
    for label in labels:
        ours = COMMON.get(label.upper())
        if ours:
            project_labels.setdefault(ours, label)
    return project_labels
