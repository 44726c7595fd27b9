"""Real annotation servers on this machine, for the tests that are marked `servers`: started, asked, and stopped."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOKEN = "0123456789abcdef0123456789abcdef01234567"
PASSWORD = "ruletag-pass-1"  # of an account on a server that is there for a test
_PATIENCE = 300  # seconds; migrations of a new database take a minute on an idle machine


def free_port() -> int:
    """A free port of this machine."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@contextmanager
def running(command: Sequence[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process and all its children, for as long as the context lasts."""
    cwd = environment.pop("cwd", None)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env=os.environ | environment, cwd=cwd, start_new_session=True
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # the group is its own: it was started with a new session
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Client:
    """Requests of JSON to a server."""

    def __init__(self, base: str, **headers: str) -> None:
        self.base = base
        self.headers = headers

    def raw(self, method: str, path: str, data: bytes | None = None, kind: str = "application/json") -> bytes:
        """The body of an answer; the status and the body of a refusal are in the error."""
        request = urllib.request.Request(self.base + path, data, {"Content-Type": kind, **self.headers}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from None

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.raw(method, path, None if body is None else json.dumps(body).encode())
        return json.loads(answer) if answer else None

    def wait(self, path: str, log: Path) -> None:
        """Until the server answers."""
        for _ in range(2 * _PATIENCE):
            try:
                with urllib.request.urlopen(self.base + path, timeout=5):
                    return
            except OSError:
                time.sleep(0.5)
        raise AssertionError(f"{self.base} has not begun to answer: {log.read_text()[-2000:]}")


@contextmanager
def label_studio(programs: Path, folder: Path) -> Iterator[Client]:
    """Label Studio, installed in an environment whose programs are in a folder."""
    port = free_port()
    user = ["--username", "rt@example.org", "--password", PASSWORD, "--user-token", TOKEN, "--enable-legacy-api-token"]
    log = folder / "label-studio.log"
    with running(
        [
            str(programs / "label-studio"),
            *("start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port), "--log-level", "WARNING"),
            *user,
        ],
        log,
        LABEL_STUDIO_BASE_DATA_DIR=str(folder / "label-studio"),
        LATEST_VERSION_CHECK="false",
        COLLECT_ANALYTICS="false",
        SENTRY_DSN="",
        FRONTEND_SENTRY_DSN="",
        LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK="true",
        ML_BLOCK_LOCAL_IP="false",
        SSRF_PROTECTION_ENABLED="false",
    ):
        client = Client(f"http://127.0.0.1:{port}", Authorization=f"Token {TOKEN}")
        client.wait("/health", log)
        yield client


@contextmanager
def doccano(programs: Path, folder: Path) -> Iterator[Client]:
    """doccano, with the worker that its imports and exports need."""
    port = free_port()
    home = folder / "doccano"
    home.mkdir()
    python = next(programs.parent.glob("lib/python3*/site-packages/backend"))
    environment = {
        "DOCCANO_HOME": str(home),
        "HOME": str(home),
        "STANDALONE": "True",
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "DATABASE_URL": f"sqlite:///{home}/db.sqlite3",
        "MEDIA_ROOT": str(home / "media"),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    for arguments in (["init"], ["createuser", "--username", "admin", "--password", PASSWORD]):
        subprocess.run(
            [str(programs / "doccano"), *arguments], env=os.environ | environment, check=True, capture_output=True
        )
    server = [
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
        "--timeout",
        "300",
        "config.wsgi:application",
    ]
    log = folder / "doccano.log"
    with (
        running([str(programs / "doccano"), "task"], folder / "task.log", **environment),
        running([str(programs / server[0]), *server[1:]], log, cwd=str(python), **environment),
    ):
        client = Client(f"http://127.0.0.1:{port}")
        client.wait("/v1/health/", log)
        key = client("POST", "/v1/auth/login/", {"username": "admin", "password": PASSWORD})["key"]
        client.headers["Authorization"] = f"Token {key}"
        yield client


class Doccano:
    """A project of doccano."""

    def __init__(self, client: Client, labels: Sequence[str]) -> None:
        self.client = client
        form = {
            "name": "ruletag",
            "description": "test",
            "guideline": "",
            "project_type": "SequenceLabeling",
            "resourcetype": "SequenceLabelingProject",
            "random_order": False,
            "collaborative_annotation": False,
            "allow_overlapping": True,
            "grapheme_mode": False,
            "tags": [],
        }
        self.path = f"/v1/projects/{client('POST', '/v1/projects', form)['id']}"
        self.labels = {label: client("POST", f"{self.path}/span-types", {"text": label})["id"] for label in labels}
        self._names = {number: label for label, number in self.labels.items()}

    def upload(self, data: bytes) -> None:
        """Import a file of JSON Lines."""
        border = "----ruletag"
        part = f'--{border}\r\nContent-Disposition: form-data; name="filepond"; filename="sent.jsonl"\r\n\r\n'
        body = part.encode() + data + f"\r\n--{border}--\r\n".encode()
        upload = self.client.raw("POST", "/v1/fp/process/", body, f"multipart/form-data; boundary={border}").decode()
        form = {
            "format": "JSONL",
            "task": "SequenceLabeling",
            "uploadIds": [upload],
            "column_data": "text",
            "column_label": "label",
        }
        result = self._done(self.client("POST", f"{self.path}/upload", form)["task_id"])
        assert result["result"]["error"] == [], result

    def _done(self, task: str) -> Any:
        for _ in range(2 * _PATIENCE):
            task_status = self.client("GET", f"/v1/tasks/status/{task}")
            if task_status["ready"]:
                return task_status
            time.sleep(0.5)
        raise AssertionError("the task of doccano has not ended")

    def examples(self) -> list[dict[str, Any]]:
        """All documents, in the order of their numbers."""
        listing = self.client("GET", f"{self.path}/examples?limit=1000&offset=0")["results"]
        return sorted(listing, key=lambda example: int(example["id"]))

    def spans(self, example: int) -> list[list[Any]]:
        """The spans of a document, as start, end and label."""
        marked = self.client("GET", f"{self.path}/examples/{example}/spans")
        return sorted([span["start_offset"], span["end_offset"], self._names[span["label"]]] for span in marked)

    def annotate(self, example: int, spans: Sequence[Sequence[Any]]) -> None:
        """Give a document these spans in place of those that it has, and confirm it."""
        self.client("DELETE", f"{self.path}/examples/{example}/spans")
        for start, end, label in spans:
            form = {"start_offset": start, "end_offset": end, "label": self.labels[label]}
            self.client("POST", f"{self.path}/examples/{example}/spans", form)
        self.client("POST", f"{self.path}/examples/{example}/states", {})

    def export(self) -> Mapping[str, bytes]:
        """The files of an export, by their names."""
        task = self.client("POST", f"{self.path}/download", {"format": "JSONL", "exportApproved": False})["task_id"]
        self._done(task)
        with zipfile.ZipFile(io.BytesIO(self.client.raw("GET", f"{self.path}/download?taskId={task}"))) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


@contextmanager
def ruletag_serve(folder: Path) -> Iterator[str]:
    """`ruletag serve`; its address."""
    port = free_port()
    log = folder / "serve.log"
    with running([sys.executable, "-m", "ruletag", "serve", "--port", str(port)], log, cwd=str(folder)):
        client = Client(f"http://127.0.0.1:{port}")
        client.wait("/health", log)
        yield client.base
