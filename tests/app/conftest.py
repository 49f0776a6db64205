"""A page on a port of this machine, with limits that are small, and a small model."""

import http.client
import re
import socket
import threading
import time
import urllib.parse
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from bioselect.app.limits import Limits
from bioselect.app.security import Door
from bioselect.app.server import make_app
from bioselect.app.session import Session
from bioselect.bundle.described import described
from bioselect.bundle.novelty import measure_novelty
from bioselect.bundle.reference import make_reference
from bioselect.bundle.thumbnails import as_thumbnail
from bioselect.bundle.writing import write_bundle
from bioselect.features.extraction import transform_prepared
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, small_contents

TOKEN = "the-token-of-the-tests"
CLASS_NAMES = ("coarse", "fine", "middle")
SMALL = Limits(
    upload_bytes=1_000_000,
    kept_bytes=50_000_000,
    n_files=60,
    unpacked_bytes=20_000_000,
    form_bytes=20_000,
    idle_seconds=20.0,
)


@pytest.fixture(scope="session")
def model_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("app") / "model"
    made = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"), CLASS_NAMES)
    images, places = draw_classes(CLASS_NAMES)
    numbers = np.arange(len(images))
    rows = transform_prepared(made.extractor, images, made.reading, [str(n) for n in numbers])
    reference = make_reference(described(made.estimator, rows), places, numbers)
    # Not of all: a page shows what there is.
    pictures = {n: as_thumbnail(images[n]) for n in range(9)}
    known = measure_novelty(reference, numbers)
    write_bundle(folder, replace(made, reference=reference, novelty=known, thumbnails=pictures))
    return folder


class Answer:
    """An answer of the page, read to its end."""

    def __init__(self, response):
        self.status = response.status
        self.headers = dict(response.getheaders())
        self.cookies = response.headers.get_all("set-cookie") or []
        self.text = response.read().decode("utf-8")

    @property
    def message(self):
        """The words of a page without its tags."""
        return " ".join(re.sub(r"<[^>]*>", " ", self.text).split())


class Page:
    """Talks to the page as a browser does that has its cookie."""

    def __init__(self, door, session):
        self.door = door
        self.session = session
        self.host = f"127.0.0.1:{door.port}"

    def usual_headers(self):
        return {"Cookie": f"{self.door.cookie}={self.door.token}", "Origin": f"http://{self.host}"}

    def ask(self, method, path, body=None, headers=None, without=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.door.port, timeout=30)
        sent = {**self.usual_headers(), **(headers or {})}
        try:
            kept = {name: value for name, value in sent.items() if name not in without}
            connection.request(method, path, body, kept)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, fields=None, **options):
        body = urllib.parse.urlencode(fields or {}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, body, {**kind, **options.pop("headers", {})}, **options)

    def upload(self, files, path="/predict/upload", headers=None):
        """Send files, pairs of a name and bytes, as a form does."""
        body, kind = form_of(files)
        return self.ask("POST", path, body, {"Content-Type": kind, **(headers or {})})

    def is_up(self):
        return self.get("/predict").status == 200

    def in_words(self, number):
        """Wait for a prediction, and return its job."""
        job = self.session.predicting.jobs[number]
        end = time.monotonic() + 120
        while not job.progress.has_ended and time.monotonic() < end:
            time.sleep(0.02)
        assert job.progress.has_ended
        return job


def form_of(files):
    """Return the body of a form with files, and its type."""
    parts = []
    for name, content in files:
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
        parts.append(b"--limit\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + b"--limit--\r\n", "multipart/form-data; boundary=limit"


@contextmanager
def served(root, limits=SMALL, model=None):
    """Serve a page as `bioselect app` does, at a free port."""
    import uvicorn

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    door = Door(TOKEN, listening.getsockname()[1])
    session = Session.begin(root, limits)
    if model is not None:
        session.predicting.open(model)
    config = uvicorn.Config(make_app(door, session), log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Page(door, session)
    finally:
        server.should_exit = True
        thread.join(20)
        session.end()
        listening.close()


@pytest.fixture(scope="session")
def page(tmp_path_factory, model_path):
    """Serve one page for all tests here: its process needs seconds to begin."""
    with served(tmp_path_factory.mktemp("root"), model=model_path) as made:
        yield made
