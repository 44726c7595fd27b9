"""Label Studio and doccano, installed and running: 200 documents go in, are corrected there, and come back as gold.

    RULETAG_LABEL_STUDIO=ls/bin RULETAG_DOCCANO=doc/bin pytest -m servers

names the folders with their programs. What the servers answered once stands in `tests/golden/servers`, trimmed, and is
read by the everyday tests; `RULETAG_RECORD=1` writes it anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import servers
from ruletag.formats import FORMATS, Options
from ruletag.model import LABELS

pytestmark = [pytest.mark.servers, pytest.mark.slow]

GOLDEN = Path(__file__).parent / "golden" / "servers"
KEPT = 4  # documents of a recorded answer
NUMBER = 200

SENTENCES = [
    "😀 Emmanuel Macron est à Paris avec l’ONU.",
    "Selon Angela Merkel,\r\nla SNCF dessert Lyon et Marseille.",
    "Le président Poutine\u00a0reçoit Mme Merkel à Moscou.",
    "E\u0301milie n’habite pas à Orange ; l’OTAN, si.",
    "𝒜 Rien ici.\tNi là.",
    "<b>Marine Le Pen</b> & {Saint-Cloud} [Renault]_",
]


def texts():
    """The texts: no two alike, of one sentence and of several."""
    for number in range(NUMBER):
        chosen = [SENTENCES[(number + step) % len(SENTENCES)] for step in range(1 + number % 3)]
        yield {"id": f"d{number:03}", "text": f"{' '.join(chosen)} ({number})"}


def ruletag(folder, *arguments):
    """The output of the command, which must succeed."""
    run = subprocess.run(
        [sys.executable, "-m", "ruletag", *map(str, arguments)], cwd=folder, capture_output=True, encoding="utf-8"
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def corrected(spans, number, text):
    """The spans as an annotator leaves them, and what was done: one thing, or nothing, to each document."""
    spans_left = [list(span) for span in spans]
    done = {"accepted": len(spans_left), "re_bound": 0, "relabelled": 0, "deleted": 0, "added": 0}
    what = ("accepted", "re_bound", "relabelled", "deleted", "added")[number % 5]
    if what == "added":
        end = text.rindex("(") - 1
        spans_left.append([end - 1, end, "MISC"])
        done["added"] += 1
    elif what != "accepted" and spans_left:
        if what == "deleted":
            del spans_left[0]
        elif what == "relabelled":
            spans_left[0][2] = "MISC" if spans_left[0][2] != "MISC" else "ORG"
        else:
            spans_left[0][1] -= 1
        done["accepted"] -= 1
        done[what] += 1
    return spans_left, done


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """A folder with the texts, tagged, as JSON Lines and for both tools; and the documents that were sent."""
    folder = tmp_path_factory.mktemp("sent")
    (folder / "in.jsonl").write_text("".join(json.dumps(task) + "\n" for task in texts()), encoding="utf-8")
    ruletag(folder, "tag", "in.jsonl", "-o", "sent.jsonl")
    ruletag(folder, "tag", "in.jsonl", "-o", "tasks.json", "--to", "label-studio")
    ruletag(folder, "tag", "in.jsonl", "-o", "doccano.jsonl", "--to", "doccano")
    with (folder / "sent.jsonl").open(encoding="utf-8", newline="\n") as stream:
        return folder, list(FORMATS["jsonl"].read(stream, "sent", Options()))


def programs(variable):
    """The folder with the programs of a server; the test is skipped if it is not given."""
    if not os.environ.get(variable):
        pytest.skip(f"{variable} names no folder with the programs of the server")
    return Path(os.environ[variable]).resolve()


def record(name, text):
    """Keep what a server answered."""
    if os.environ.get("RULETAG_RECORD"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        (GOLDEN / name).write_text(text, encoding="utf-8", newline="\n")


def spans_of(document):
    return [list(entity.span) for entity in document.entities]


def compare(folder, expected, report, total):
    """The gold is what was left in the tool, the report counts what was done, and eval scores the gold."""
    (path,) = sorted((folder / "gold").glob("*.jsonl"))
    with path.open(encoding="utf-8", newline="\n") as stream:
        gold = {document.text: document for document in FORMATS["jsonl"].read(stream, "gold", Options())}
    assert {text: spans_of(document) for text, document in gold.items()} == expected
    annotators = json.loads(report)["annotators"]
    assert len(annotators) == 1
    counts = annotators[0]["labels"]["all"]
    assert {name: counts[name] for name in total} == total
    assert sum(source["sent"] for source in annotators[0]["sources"]) == counts["sent"]
    assert "source unknown" not in {source["source"] for source in annotators[0]["sources"]}
    strict = json.loads(ruletag(folder, "eval", "gold", "--json"))["measures"]["strict"]["micro"]
    assert (strict["support"], strict["predicted"], strict["correct"]) == (
        sum(map(len, expected.values())),
        counts["sent"],
        counts["accepted"],
    )


def test_label_studio(sent, tmp_path):
    """Tasks with predictions go in and are read back; a backend is asked; what is submitted comes back as gold."""
    executables = programs("RULETAG_LABEL_STUDIO")
    folder, documents = sent
    tasks = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    configuration = (folder / "tasks.labels.xml").read_text(encoding="utf-8")
    with servers.label_studio(executables, tmp_path) as ask, servers.ruletag_serve(tmp_path) as backend:
        project = ask("POST", "/api/projects", {"title": "files", "label_config": configuration})["id"]
        counts = ask("POST", f"/api/projects/{project}/import?return_task_ids=true&commit_to_project=true", tasks)
        assert (counts["task_count"], counts["prediction_count"]) == (NUMBER, NUMBER)
        there = read_tasks(ask, project)
        assert [task["data"] for task in there] == [task["data"] for task in tasks]
        assert [[prediction["result"] for prediction in task["predictions"]] for task in there] == [
            [prediction["result"] for prediction in task["predictions"]] for task in tasks
        ]

        live = ask("POST", "/api/projects", {"title": "live", "label_config": configuration})["id"]
        bare = [{"data": {"text": document.text}} for document in documents]
        ask("POST", f"/api/projects/{live}/import?commit_to_project=true", bare)
        assert ask("POST", "/api/ml", {"project": live, "url": backend, "title": "ruletag"})["state"] == "CO"
        selection = {"selectedItems": {"all": True, "excluded": []}, "ordering": []}
        ask("POST", f"/api/dm/actions?id=retrieve_tasks_predictions&project={live}", selection)
        regions = [task["predictions"][0]["result"] for task in read_tasks(ask, live)]
        assert [
            [[region["value"]["start"], region["value"]["end"], region["value"]["labels"][0]] for region in some]
            for some in regions
        ] == [spans_of(document) for document in documents]

        expected, total = submit(ask, there, documents)
        export = ask("GET", f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true")
        flat = ask("GET", f"/api/projects/{project}/export?exportType=JSON_MIN")
    export.sort(key=lambda task: task["id"])
    flat.sort(key=lambda task: task["id"])
    record("label-studio.json", json.dumps(export[:KEPT], ensure_ascii=False, indent=1) + "\n")
    record("label-studio-min.json", json.dumps(flat[:KEPT], ensure_ascii=False, indent=1) + "\n")
    (tmp_path / "export.json").write_text(json.dumps(export), encoding="utf-8")
    report = ruletag(tmp_path, "import", "export.json", "--into", "gold", "--json")
    compare(tmp_path, expected, report, total)
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / "export.json").write_text(json.dumps(flat), encoding="utf-8")
    seed = folder / "sent.jsonl"
    again = ruletag(tmp_path / "flat", "import", "export.json", "--into", "gold", "--json", "--seed", seed)
    compare(tmp_path / "flat", expected, again, total)


def read_tasks(ask, project):
    """All tasks of a project, in the order of their numbers."""
    answers = ask("GET", f"/api/tasks?project={project}&fields=all&page_size={2 * NUMBER}")["tasks"]
    return sorted(answers, key=lambda task: task["id"])


def submit(ask, tasks, documents):
    """An annotation of each task, as the page sends it; the spans by text, and how often what was done."""
    expected, total = {}, dict.fromkeys(("accepted", "re_bound", "relabelled", "deleted", "added"), 0)
    for number, (task, document) in enumerate(zip(tasks, documents, strict=True)):
        prediction = task["predictions"][0]
        spans, done = corrected(spans_of(document), number, document.text)
        regions = list(prediction["result"][1:] if done["deleted"] else prediction["result"])
        result = []
        for place, (start, end, label) in enumerate(spans):
            value = {"start": start, "end": end, "text": document.text[start:end], "labels": [label]}
            if place < len(regions):
                same = regions[place]["value"] | {"labels": regions[place]["value"]["labels"]} == value
                origin = "prediction" if same else "prediction-changed"
                result.append(regions[place] | {"value": value, "origin": origin})
            else:
                new = {"id": f"n{number}", "from_name": "label", "to_name": "text", "type": "labels"}
                result.append(new | {"value": value, "origin": "manual"})
        form = {"result": result, "parent_prediction": prediction["id"], "lead_time": 2.5}
        ask("POST", f"/api/tasks/{task['id']}/annotations/", form)
        expected[document.text] = sorted(spans)
        total = {name: total[name] + done[name] for name in total}
    return expected, total


def test_doccano(sent, tmp_path):
    """Documents with spans go in and are read back; auto labelling asks us; what is corrected comes back as gold."""
    executables = programs("RULETAG_DOCCANO")
    folder, documents = sent
    lines = (folder / "doccano.jsonl").read_bytes()
    records = [json.loads(line) for line in lines.decode().splitlines()]
    with servers.doccano(executables, tmp_path) as ask, servers.ruletag_serve(tmp_path) as backend:
        project = servers.Doccano(ask, LABELS)
        project.upload(lines)
        examples = project.examples()
        assert [example["text"] for example in examples] == [example["text"] for example in records]
        assert [project.spans(example["id"]) for example in examples] == [example["label"] for example in records]

        live = servers.Doccano(ask, LABELS)
        live.upload(
            "".join(json.dumps({"text": unlabelled["text"], "label": []}) + "\n" for unlabelled in records).encode()
        )
        request = {"url": f"{backend}/doccano", "method": "POST", "params": {}, "headers": {}}
        rest = {"model_name": "Custom REST Request", "model_attrs": request | {"body": {"text": "{{ text }}"}}}
        mapping = {"template": "{{ input | tojson }}", "label_mapping": {}, "task_type": "Span"}
        ask("POST", f"{live.path}/auto-labeling/configs", rest | mapping)
        for unlabelled in live.examples():
            ask("POST", f"{live.path}/auto-labeling?example={unlabelled['id']}", {})
        assert [live.spans(example["id"]) for example in live.examples()] == [example["label"] for example in records]

        expected, total = {}, dict.fromkeys(("accepted", "re_bound", "relabelled", "deleted", "added"), 0)
        for number, (example, document) in enumerate(zip(examples, documents, strict=True)):
            exported, done = corrected(spans_of(document), number, document.text)
            if done["accepted"] != len(document.entities) or done["added"]:
                project.annotate(example["id"], utf16(document.text, exported))
            expected[document.text] = sorted(exported)
            total = {name: total[name] + done[name] for name in total}
        files = project.export()
    (data,) = files.values()
    assert list(files) == ["admin.jsonl"]
    exported = sorted(data.decode().splitlines(), key=lambda line: json.loads(line)["id"])
    record("doccano.jsonl", "\n".join(exported[:KEPT]) + "\n")
    (tmp_path / "admin.jsonl").write_bytes(data)
    seed = folder / "sent.jsonl"
    arguments = ("import", "admin.jsonl", "--from", "doccano", "--into", "gold", "--json", "--seed", seed)
    compare(tmp_path, expected, ruletag(tmp_path, *arguments), total)


def utf16(text, spans):
    """Spans in UTF-16 units, as the page of doccano sends them."""
    units = [len(text[:at].encode("utf-16-le")) // 2 for at in range(len(text) + 1)]
    return [[units[start], units[end], label] for start, end, label in spans]
