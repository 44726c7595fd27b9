"""`ruletag serve`: what each client gets, what is refused and how, and one real process."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("httpx2", reason="needs httpx2: pip install '.[dev]'")
pytest.importorskip("starlette.testclient")
pytest.importorskip("uvicorn")

from starlette.testclient import TestClient

from ruletag import __version__
from ruletag.formats.jsonl import write_line
from ruletag.server.app import Limits, application
from ruletag.server.openapi import description
from ruletag.server.worker import Session

# An astral character and one of two code points before the names; both count differently in every unit.
TEXT = "\U0001f30d e\u0301 Emmanuel Macron est à Paris avec l’ONU."
CONFIG = """<View><Labels name="ner" toName="body"><Label value="Person"/><Label value="LOC"/></Labels>
<Text name="body" value="$content"/></View>"""


def client(tagger, **options):
    return TestClient(application(tagger, **options), base_url="http://127.0.0.1")


@pytest.fixture(scope="module")
def http(small_tagger):
    """A client of a server with usual limits, but for the time, which a busy machine may need."""
    with client(small_tagger, limits=Limits(seconds=600)) as made:
        yield made


def error(response):
    """Status, code and message of a refusal; its help is a sentence or nothing."""
    (message,) = response.json().values()
    assert list(message) == ["code", "message", "help"]
    return response.status_code, message["code"], message["message"]


def test_tag_gives_the_object_of_json_lines(http, small_tagger):
    """`/tag` answers a text with the object that `tag --to jsonl` writes, and several with a list of them."""
    expected = json.loads(write_line(small_tagger.tag(TEXT)))
    assert [TEXT[span["start"] : span["end"]] for span in expected["spans"]] == ["Emmanuel Macron", "Paris", "ONU"]

    assert http.post("/tag", json={"text": TEXT}).json() == expected
    assert http.post("/tag", json={"texts": [TEXT, "", TEXT]}).json() == {
        "documents": [expected, {"text": "", "spans": []}, expected]
    }


def test_tag_explains(http):
    """With `explain=1` an object says what `explain --json` says: guideline, beaten candidates, near misses."""
    answer = http.post("/tag?explain=1", json={"text": "Le groupe Orange recrute."}).json()

    assert list(answer) == ["guideline", "text", "spans", "lost", "unreached", "not_used", "near_misses"]
    assert [(span["label"], span["source"]) for span in answer["spans"]] == [("ORG", "org.group (rules/names.yaml:12)")]


def test_half_of_a_character_comes_back(http):
    """A text with an unpaired surrogate, which JSON can say and UTF-8 cannot, is tagged like any other."""
    response = http.post("/tag", content=rb'{"text": "\ud83d Paris"}')

    assert (response.status_code, response.json()["text"]) == (200, "\ud83d Paris")
    assert [(span["start"], span["text"]) for span in response.json()["spans"]] == [(2, "Paris")]


@pytest.mark.parametrize(
    ("query", "starts"), [("", [6, 28, 41]), ("?unit=utf16", [6, 28, 41]), ("?unit=codepoint", [5, 27, 40])]
)
def test_doccano_counts_in_its_unit(http, query, starts):
    """`/doccano` answers in UTF-16 units, unless another unit is asked for."""
    sizes = [("PER", 15), ("LOC", 5), ("ORG", 3)]
    expected = [
        {"label": label, "start_offset": start, "end_offset": start + size}
        for start, (label, size) in zip(starts, sizes, strict=True)
    ]

    assert http.post("/doccano" + query, json={"text": TEXT}).json() == expected


def test_doccano_counts_graphemes(http):
    """In grapheme mode a letter with its accent is one; a name that ends inside one is widened."""
    pytest.importorskip("regex")
    assert [
        (span["start_offset"], span["end_offset"])
        for span in http.post("/doccano?unit=grapheme", json={"text": TEXT}).json()
    ] == [(4, 19), (26, 31), (39, 42)]


def test_label_studio_predicts_for_its_configuration(http):
    """Names of tags, the key of the text and the labels are those of the configuration; other labels are left out."""
    tasks = [{"id": 7, "data": {"content": TEXT}, "annotations": []}, {"id": 8, "data": {"content": ""}}]
    answer = http.post("/predict", json={"tasks": tasks, "label_config": CONFIG, "params": {"login": "a"}}).json()

    version = f"ruletag-{__version__}+canonical"
    usual = {"from_name": "ner", "to_name": "body", "type": "labels"}
    assert answer == {
        "results": [
            {
                "model_version": version,
                "score": 0.6666,
                "result": [
                    {
                        "id": "r1",
                        **usual,
                        "value": {"start": 5, "end": 20, "text": "Emmanuel Macron", "labels": ["Person"]},
                        "score": 0.3333,
                        "meta": {"text": ["rule=Emmanuel Macron (gazetteers/people.yaml:3)"]},
                    },
                    {
                        "id": "r2",
                        **usual,
                        "value": {"start": 27, "end": 32, "text": "Paris", "labels": ["LOC"]},
                        "score": 1.0,
                        "meta": {"text": ["rule=Paris (gazetteers/places.yaml:3)"]},
                    },
                ],
            },
            {"model_version": version, "result": []},
        ]
    }


def test_label_studio_connects(http):
    """Health, set-up and webhook answer as Label Studio wants it of a backend."""
    assert http.get("/health").json() == {"status": "UP", "model_class": "ruletag"}
    setup = {"project": "1.2", "schema": CONFIG, "hostname": "http://localhost:8080", "access_token": "t"}
    assert http.post("/setup", json=setup).json() == {"model_version": f"ruletag-{__version__}+canonical"}
    assert http.post("/webhook", json={"action": "ANNOTATION_CREATED"}).status_code == 201


def test_tei_publisher_gets_its_types(http):
    """`/entities/ruletag` takes a bare text; types are TEI Publisher's, offsets code points."""
    answer = http.post("/entities/ruletag", content=TEXT.encode(), headers={"content-type": "text/text"}).json()

    assert answer == [
        {"text": "Emmanuel Macron", "type": "person", "start": 5},
        {"text": "Paris", "type": "place", "start": 27},
        {"text": "ONU", "type": "organization", "start": 40},
    ]
    assert http.get("/model").json() == ["ruletag"]
    assert http.get("/status").json()["status"] == "UP"


BILLION = '<!DOCTYPE v [<!ENTITY a "aaaa">]><View>&a;</View>'
REFUSED = {
    "no JSON": ("/tag", b"{", 400, "the body is not JSON: Expecting property name enclosed in double quotes"),
    "no UTF-8": ("/tag", b'"\xe9"', 400, "byte 1 of the body is not valid UTF-8"),
    "nested": ("/tag", b"[" * 100_000, 400, "the JSON of the body is nested too deeply"),
    "no object": ("/tag", b"[]", 422, "the body is not a JSON object"),
    "neither": ("/tag", b"{}", 422, "expected 'text' or 'texts'"),
    "both": ("/tag", b'{"text": "", "texts": []}', 422, "expected 'text' or 'texts'"),
    "number": ("/tag", b'{"text": 1}', 422, "'text' of the body is not a string"),
    "numbers": ("/tag", b'{"texts": ["", 1]}', 422, "item 2 of 'texts' is not a string"),
    "key": ("/tag", b'{"txt": ""}', 422, "unknown key 'txt'"),
    "parameter": ("/tag?explian=1", b'{"text": ""}', 422, "unknown parameter 'explian'"),
    "value": ("/tag?explain=yes", b'{"text": ""}', 422, "explain='yes' is unknown"),
    "unit": ("/doccano?unit=bytes", b'{"text": ""}', 422, "unit='bytes' is unknown"),
    "no text": ("/doccano", b"{}", 422, "the body has no 'text'"),
    "no tasks": ("/predict", b"{}", 422, "the body has no 'tasks'"),
    "task": ("/predict", b'{"tasks": [1]}', 422, "task 1 of 'tasks' is not an object"),
    "data": ("/predict", b'{"tasks": [{"data": {}}]}', 422, "the data of task 1 of 'tasks' has no 'text'"),
    "schema": ("/setup", b'{"schema": "<View"}', 422, "the labelling configuration is not XML: line 1, column 0"),
    "labels": ("/setup", b'{"schema": "<View/>"}', 422, "the labelling configuration has no <Labels> for a <Text>"),
    "entities": (
        "/setup",
        json.dumps({"schema": BILLION}).encode(),
        422,
        "the labelling configuration has a document type",
    ),
    "model": ("/entities/fr_core", b"", 404, "there is no model 'fr_core'"),
    "metadata": ("/inception/predict", b"{}", 422, "the body has no 'metadata'"),
    "path": ("/nothing", b"", 404, "not found"),
    "method": ("/health", b"", 405, "method not allowed"),
}


@pytest.mark.parametrize(("path", "body", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_request_is_refused(http, path, body, status, message):
    """A request that cannot be answered gets a status of its own and a message that says what is wrong."""
    refusal = error(http.post(path, content=body))

    assert (refusal[0], refusal[1], refusal[2][: len(message)]) == (status, "RT140", message)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:9090"])
def test_a_foreign_host_is_refused(http, host):
    """A page that had its own name lead to this machine gets no answer."""
    message = "the Host header does not name a host of this server"
    assert error(http.get("/health", headers={"host": host})) == (400, "RT140", message)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9090", "[::1]:9090", "labels.local"])
def test_a_host_of_the_server_is_answered(small_tagger, host):
    """Loopback names, with or without a port, and allowed names are answered."""
    assert client(small_tagger, hosts=["labels.local"]).get("/health", headers={"host": host}).status_code == 200


def test_a_token_is_asked_for(small_tagger):
    """With a token, only who sends it is answered: as Bearer, as Token, or as the password of Basic."""
    served = client(small_tagger, token="né")
    basic = base64.b64encode("user:né".encode()).decode()
    headers = {
        "Bearer n\u00e9": 200, "Token n\u00e9": 200, f"Basic {basic}": 200,
        "Bearer no": 401, "Basic %": 401, "n\u00e9": 401, "": 401,
    }  # fmt: skip
    statuses = {
        header: served.get("/health", headers={"authorization": header.encode()}).status_code for header in headers
    }

    assert statuses == headers
    assert error(served.get("/health")) == (401, "RT140", "the token is missing or wrong")


@pytest.mark.parametrize("announced", [True, False])
def test_a_long_body_is_refused(small_tagger, announced):
    """A body over the limit is refused by its announced length, or as soon as that many bytes have come."""
    served = client(small_tagger, limits=Limits(bytes=100))
    good, bad = (json.dumps({"text": "a" * (size - 12)}).encode() for size in (100, 101))
    assert (len(good), len(bad)) == (100, 101)

    assert served.post("/tag", content=good if announced else iter([good[:50], good[50:]])).status_code == 200
    assert error(served.post("/tag", content=bad if announced else iter([bad[:50], bad[50:]]))) == (
        413,
        "RT140",
        "the body is longer than 100 bytes",
    )


class Slow:
    """A tagger that finishes no text until it is released."""

    def __init__(self, tagger):
        self._tagger = tagger
        self.guideline = tagger.guideline
        self.go_on = threading.Event()
        self.texts = []

    def tag(self, text):
        self.texts.append(text)
        self.go_on.wait()
        return self._tagger.tag(text)


def test_a_slow_request_is_given_up(small_tagger):
    """After the time limit the answer is 503; the request's further texts are not tagged, and the next is served."""
    slow = Slow(small_tagger)
    app = application(slow, limits=Limits(seconds=0.05))
    with TestClient(app, base_url="http://localhost") as served:
        late = error(served.post("/tag", json={"texts": ["a", "b"]}))
        slow.go_on.set()
        while served.post("/tag", json={"text": "c"}).status_code != 200:
            pass

    assert late == (503, "RT140", "the request took longer than 0.05 seconds")
    assert slow.texts[0] == "a"
    assert "b" not in slow.texts


def test_a_failure_repeats_nothing_of_the_text(small_tagger, monkeypatch):
    """An internal error is answered with 500 and logged with its path alone."""
    messages = []

    def fail(self, text):
        raise KeyError(text)

    monkeypatch.setattr(Session, "tag", fail)
    served = client(small_tagger, failed=messages.append)

    assert error(served.post("/tag", json={"text": "secret"})) == (500, "RT199", "the request failed: KeyError")
    assert messages == ["/tag: KeyError"]


def test_the_description_has_every_route(http, small_tagger):
    """OpenAPI lists the paths and methods of the application, no more and no fewer."""
    routes = {(route.path, method) for route in application(small_tagger).routes for method in route.methods - {"HEAD"}}
    described = {(path, method.upper()) for path, item in description()["paths"].items() for method in item}

    assert described == routes
    assert http.get("/openapi.json").json() == description()


def test_answers_are_as_described(small_tagger):
    """Requests that are made from the description get the statuses and shapes that it promises."""
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, Phase, given
    from hypothesis.strategies import just
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    from properties import examples

    schema = schemathesis.openapi.from_asgi("/openapi.json", application(small_tagger), headers={"host": "127.0.0.1"})
    # A labelling configuration, a CAS, and data under the key that the former names: no schema says what is right.
    beyond = ("/setup", "/predict", "/inception/predict", "/entities/{model}")
    operations = [operation.ok() for operation in schema.get_all_operations()]

    def drive(case, besides):
        case.call_and_validate(headers={"host": "127.0.0.1"}, excluded_checks=besides)

    how = examples(25, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    for operation in operations:
        besides = just([positive_data_acceptance] if operation.path in beyond else [])
        how(given(operation.as_strategy(), besides)(drive))()

    assert {operation.path for operation in operations} == set(description()["paths"]) - {"/openapi.json"}


@pytest.fixture
def start(tmp_path):
    """`start(*arguments)` starts the command, and ends it after the test; its knowledge is little."""
    started = []

    def run(*arguments, **variables):
        code = "from ruletag.cli import main; main()"
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "src"), **variables}
        words = [sys.executable, "-c", code, "serve", *map(str, arguments)]
        started.append(subprocess.Popen(words, cwd=tmp_path, env=environment, **pipes))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_real_server_answers_and_stops(start, small_folder, number):
    """It says where it listens, answers on loopback, and ends with 0 when told to; no word of what it was sent."""
    process = start("--port", 0, "--rules", small_folder / "rules", "--gazetteers", small_folder / "gazetteers")
    ready = process.stderr.readline()
    (address,) = re.findall(r"^serving on (http://127\.0\.0\.1:\d+); stop with Ctrl-C$", ready, re.MULTILINE)
    request = urllib.request.Request(address + "/entities/ruletag?secret", TEXT.encode())
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert [span["text"] for span in answer] == ["Emmanuel Macron", "Paris", "ONU"]
    assert (process.returncode, out, err) == (0, "", "stopped\n")


def test_it_listens_to_others_only_with_a_token(cli):
    """An address that other machines reach is refused without a token."""
    run = cli("serve", "--host", "0.0.0.0")

    assert (run.code, run.out) == (2, "")
    assert run.err == (
        "--host: RT110 0.0.0.0 can be reached from other machines\n"
        "  help: give --token, or set RULETAG_TOKEN; or listen on 127.0.0.1\n"
    )


def test_a_port_that_is_taken_is_said(cli, small):
    """A port on which something listens is a fault, not a traceback."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = cli("serve", "--port", port)

    assert (run.code, run.out) == (2, "")
    assert run.err == (
        f"--port: RT110 cannot listen on 127.0.0.1:{port}: Address already in use\n"
        "  help: choose another port or host\n"
    )


# INCEpTION: its layer, as much of it as a prediction needs, and a document.
LAYER = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"


def cas_request(text, features=("value", "inception_internal_predicted", "value_score_explanation"), **metadata):
    """The request that INCEpTION sends for a text."""
    cassis = pytest.importorskip("cassis")
    types = cassis.TypeSystem()
    kind = types.create_type(LAYER, supertypeName="uima.tcas.Annotation")
    for name in features:
        of = "uima.cas.Boolean" if name.startswith("inception") else "uima.cas.String"
        types.create_feature(kind, name, of)
    cas = cassis.Cas(types)
    cas.sofa_string, cas.sofa_mime = text, "text/plain"
    return {
        "metadata": {"layer": LAYER, "feature": "value", "anchoringMode": "tokens", **metadata},
        "document": {"xmi": cas.to_xmi(), "documentId": 1, "userId": "a"},
        "typeSystem": types.to_xml(),
    }


def predictions(request, response):
    """The predictions of an answer: surface, label, whether it is one, and its explanation."""
    cassis = pytest.importorskip("cassis")
    types = cassis.load_typesystem(request["typeSystem"])
    cas = cassis.load_cas_from_xmi(response.json()["document"], typesystem=types)
    assert cas.sofa_string == TEXT
    return [
        (
            annotation.get_covered_text(),
            annotation.value,
            annotation.inception_internal_predicted,
            annotation.value_score_explanation,
        )
        for annotation in cas.select(LAYER)
    ]


PREDICTED = [
    ("Emmanuel Macron", "PER", True, "Emmanuel Macron (gazetteers/people.yaml:3)"),
    ("Paris", "LOC", True, "Paris (gazetteers/places.yaml:3)"),
    ("ONU", "ORG", True, "Organisation des Nations unies (gazetteers/organisations.yaml:3)"),
]


def test_inception_gets_predictions(http):
    """The CAS comes back with a prediction for each name, in UTF-16 units, explained by its rule or entry."""
    request = cas_request(TEXT)
    response = http.post("/inception/predict", json=request)

    assert predictions(request, response) == PREDICTED
    assert 'begin="28" end="33"' in response.json()["document"]  # Paris, behind an astral character
    train = http.post("/inception/train", json=request)
    assert (train.status_code, train.content) == (204, b"")


def test_inception_may_ask_for_a_part(http):
    """With a range, in UTF-16 units, only the names inside it are predicted."""
    request = cas_request(TEXT, range={"begin": 7, "end": 33})

    assert predictions(request, http.post("/inception/predict", json=request)) == PREDICTED[1:2]


DOCTYPE = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


NO_CAS = "the XMI or its type system cannot be read: XMLSyntaxError"
WRONG_CAS = [
    ("metadata", {"layer": "no.Layer"}, "the type system has no layer 'no.Layer'"),
    ("metadata", {"feature": "kind"}, f"the layer {LAYER!r} has no feature 'kind'"),
    ("metadata", {"range": [0, 1]}, "'range' of 'metadata' is not an object with 'begin' and 'end'"),
    (
        "metadata",
        {"range": {"begin": 1, "end": 2}},
        "a border of 'range' is inside a character that is two UTF-16 units",
    ),
    ("document", {"xmi": "<a"}, NO_CAS),
    ("document", {"xmi": DOCTYPE + "<a>&e;</a>"}, "the XML has a document type"),
    (None, {"typeSystem": ""}, NO_CAS),
]


@pytest.mark.parametrize(("key", "change", "message"), WRONG_CAS)
def test_inception_is_told_what_is_wrong(http, key, change, message):
    """Data that is not a CAS, lacks the layer or feature, or names files of this machine is refused."""
    request = cas_request(TEXT)
    (request[key] if key else request).update(change)

    assert error(http.post("/inception/predict", json=request)) == (422, "RT140", message)
