"""INCEpTION's external recommender: a CAS in XMI in, the same CAS with predictions out.

Offsets in XMI are UTF-16 units; dkpro-cassis converts them. INCEpTION itself fits predictions to its tokens if the
layer requires that. The explanation, which annotators see, is the rule or entry; no score is claimed.
"""

from __future__ import annotations

import io
from typing import Any

from ruletag.formats.contract import UTF16
from ruletag.formats.offsets import offsets
from ruletag.model import Entity
from ruletag.server.requests import Refused, required
from ruletag.server.worker import Session

PREDICTED = "inception_internal_predicted"


def predict(record: dict[str, Any], session: Session) -> Any:
    """`{"document": "<xmi>"}`. Refused: 422 for invalid XMI or a missing layer, 501 without dkpro-cassis."""
    metadata = required(record, "metadata", dict)
    layer, feature = required(metadata, "layer", str, "'metadata'"), required(metadata, "feature", str, "'metadata'")
    cas = _load(required(required(record, "document", dict), "xmi", str, "'document'"), record)
    layer_type = _layer(cas, layer, feature)
    features = {field.name for field in layer_type.all_features}
    text = cas.sofa_string or ""
    first, last = _range(metadata, text)
    for entity in session.tag(text).entities:
        if first <= entity.start and entity.end <= last:
            cas.add(layer_type(**{name: value for name, value in _values(entity, feature).items() if name in features}))
    return {"document": cas.to_xmi()}


def _values(entity: Entity, feature: str) -> dict[str, Any]:
    return {
        "begin": entity.start,
        "end": entity.end,
        feature: entity.label,
        PREDICTED: True,
        f"{feature}_score_explanation": str(entity.source),
    }


def _load(xmi: str, record: dict[str, Any]) -> Any:
    types = required(record, "typeSystem", str)
    if "<!DOCTYPE" in xmi or "<!DOCTYPE" in types:  # a document type could name files on this machine
        raise Refused(422, "the XML has a document type", "send XMI as INCEpTION writes it")
    try:
        import cassis
    except ModuleNotFoundError:
        help = "pip install 'ruletag[cas]' where the server runs"
        raise Refused(501, "this server lacks dkpro-cassis", help, "RT113") from None
    try:
        return cassis.load_cas_from_xmi(
            io.BytesIO(xmi.encode()), typesystem=cassis.load_typesystem(io.BytesIO(types.encode()))
        )
    except Exception as error:  # whatever lxml and cassis raise for invalid input
        message = f"the XMI or its type system cannot be read: {type(error).__name__}"
        raise Refused(422, message, "send both as INCEpTION writes them") from None


def _layer(cas: Any, layer: str, feature: str) -> Any:
    try:
        layer_type = cas.typesystem.get_type(layer)
    except Exception:  # cassis has its own errors, and raises them for bad names too
        raise Refused(422, f"the type system has no layer {layer[:80]!r}", "check the recommender's layer") from None
    needed = {feature, PREDICTED, "begin", "end"}
    missing = sorted(needed - {field.name for field in layer_type.all_features})
    if missing:
        message = f"the layer {layer[:80]!r} has no feature {missing[0][:80]!r}"
        raise Refused(422, message, "check the recommender's feature")
    return layer_type


def _range(metadata: dict[str, Any], text: str) -> tuple[int, int]:
    """The requested part of the text, in code points; all of it if the request names none."""
    requested = metadata.get("range")
    if requested is None:
        return 0, len(text)
    begin, end = (requested.get(key) for key in ("begin", "end")) if isinstance(requested, dict) else (None, None)
    if type(begin) is not int or type(end) is not int:
        raise Refused(422, "'range' of 'metadata' is not an object with 'begin' and 'end'", "leave it out for all")
    converter = offsets(text, UTF16)
    try:
        return converter.inner(begin), converter.inner(end)
    except ValueError as error:
        raise Refused(422, f"a border of 'range' {error}", "offsets are UTF-16 units") from None
