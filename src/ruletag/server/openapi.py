"""The OpenAPI description of the server, written by hand; tests compare it with the routes and their answers."""

from __future__ import annotations

from typing import Any

from ruletag import __version__
from ruletag.model import LABELS

_TEXT = {"type": "string"}
_OFFSET = {"type": "integer", "minimum": 0}
_LABEL = {"type": "string", "enum": list(LABELS)}
_STATUS = {
    400: "the body is not JSON or not UTF-8, or the Host header does not name a host of this server",
    401: "the token is missing or wrong",
    404: "there is no such model",
    413: "the body is too long",
    422: "the body is JSON, but not of the expected form",
    501: "a required package is not installed",
    503: "the request took too long",
}
_USUAL = (400, 401, 413, 422, 503)


def description() -> dict[str, Any]:
    """The description, as an OpenAPI 3.1 object."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ruletag",
            "version": __version__,
            "description": "Names in French text, for annotation tools. Offsets are half-open; each path has its unit.",
        },
        "paths": {**_PLAIN, **_LABEL_STUDIO, **_OTHERS},
        "components": {
            "schemas": {
                "Error": _object(
                    error=_object(code=_TEXT, message=_TEXT, help=_TEXT),
                )
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _object(required: tuple[str, ...] | None = None, closed: bool = False, /, **properties: Any) -> dict[str, Any]:
    """The schema of an object; all its properties are required, or only those in `required`."""
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
    }
    return schema | {"additionalProperties": False} if closed else schema


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _content(schema: Any, kind: str = "application/json") -> dict[str, Any]:
    return {kind: {"schema": schema}}


def _responses(schema: Any, failures: tuple[int, ...], status: int = 200) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "good"}
    if schema is not None:
        good["content"] = _content(schema)
    error = _content({"$ref": "#/components/schemas/Error"})
    return {str(status): good} | {
        str(failure): {"description": _STATUS[failure], "content": error} for failure in failures
    }


def _get(summary: str, schema: Any) -> dict[str, Any]:
    return {"get": {"summary": summary, "responses": _responses(schema, (400, 401))}}


def _post(
    summary: str,
    body: Any,
    schema: Any,
    *,
    status: int = 200,
    failures: tuple[int, ...] = _USUAL,
    parameters: tuple[Any, ...] = (),
    kind: str = "application/json",
) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": summary, "responses": _responses(schema, failures, status)}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _content(body, kind)}
    if parameters:
        operation["parameters"] = list(parameters)
    return {"post": operation}


def _query(name: str, *choices: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string", "enum": list(choices), "default": choices[0]}}


_DOCUMENT = _object(("text", "spans"), text=_TEXT, spans=_list(_object(start=_OFFSET, end=_OFFSET, label=_LABEL)))
_PLAIN = {
    "/tag": _post(
        "Tag a text, or several. Code points.",
        {
            "oneOf": [
                _object(None, True, text=_TEXT),
                _object(None, True, texts=_list(_TEXT)),
            ]
        },
        {"anyOf": [_DOCUMENT, _object(documents=_list(_DOCUMENT))]},
        parameters=(_query("explain", "0", "1"),),
    ),
    "/openapi.json": _get("This description.", {"type": "object"}),
}

_SCORE = {"type": "number", "minimum": 0, "maximum": 1}
_REGION = _object(
    id=_TEXT,
    from_name=_TEXT,
    to_name=_TEXT,
    type={"const": "labels"},
    score=_SCORE,
    value=_object(start=_OFFSET, end=_OFFSET, text=_TEXT, labels=_list(_TEXT)),
    meta=_object(text=_list(_TEXT)),
)
_TASK = _object(data={"type": "object"})
_CONFIG = {"type": ["string", "null"]}
_LABEL_STUDIO = {
    "/health": _get("Label Studio: is the server up?", _object(status={"const": "UP"}, model_class=_TEXT)),
    "/setup": _post("Label Studio: a project is connected.", _object((), schema=_CONFIG), _object(model_version=_TEXT)),
    "/predict": _post(
        "Label Studio: predictions for tasks. Code points.",
        _object(("tasks",), tasks=_list(_TASK), label_config=_CONFIG),
        _object(
            results=_list(
                _object(("model_version", "result"), model_version=_TEXT, score=_SCORE, result=_list(_REGION))
            )
        ),
    ),
    "/webhook": _post(
        "Label Studio: notice of an event, which changes nothing here.",
        None,
        {"type": "object"},
        status=201,
        failures=(400, 401),
    ),
}

_OTHERS = {
    "/doccano": _post(
        "doccano: auto labelling. UTF-16 units, graphemes or code points.",
        _object(text=_TEXT),
        _list(_object(label=_LABEL, start_offset=_OFFSET, end_offset=_OFFSET)),
        parameters=(_query("unit", "utf16", "grapheme", "codepoint"),),
    ),
    "/inception/predict": _post(
        "INCEpTION: predictions in a CAS. UTF-16 units, as XMI has them.",
        _object(
            metadata=_object(("layer", "feature"), layer=_TEXT, feature=_TEXT, range={"type": ["object", "null"]}),
            document=_object(xmi=_TEXT),
            typeSystem=_TEXT,
        ),
        _object(document=_TEXT),
        failures=(*_USUAL, 501),
    ),
    "/inception/train": _post(
        "INCEpTION: training, of which there is none.", None, None, status=204, failures=(400, 401)
    ),
    "/model": _get("TEI Publisher: the names of the models.", _list(_TEXT)),
    "/status": _get("TEI Publisher: the state of the server.", {"type": "object"}),
    "/entities/{model}": _post(
        "TEI Publisher: the names in a text, without MISC. Code points.",
        _TEXT,
        _list(_object(text=_TEXT, type={"enum": ["person", "place", "organization"]}, start=_OFFSET)),
        failures=(400, 401, 404, 413, 503),
        parameters=({"name": "model", "in": "path", "required": True, "schema": _TEXT},),
        kind="text/plain",
    ),
}
