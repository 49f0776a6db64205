"""What web servers tell, and do not: lengths, dates, refusals, pages; and that time is no limit."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import pytest

from bioselect.addresses import place_of
from bioselect.exceptions import DataError, StorageError
from bioselect.remote import stores
from bioselect.remote.fetching import fetch_named, fetched

MONDAY, TUESDAY = "Mon, 02 Mar 2026 12:00:00 GMT", "Tue, 03 Mar 2026 12:00:00 GMT"


class Answers:
    """What the server gives: each path its status, headers and body."""

    def __init__(self):
        self.of = {}
        self.seconds_between_bytes = 0.0

    def file(self, path, body, **headers):
        length = {"Content-Length": str(len(body))}
        self.of[path] = (
            200,
            {**length, **{k.replace("_", "-"): v for k, v in headers.items()}},
            body,
        )


@contextmanager
def serving():
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.answer(b"")

        def do_GET(self):
            self.answer(answers.of[self.path.partition("?")[0]][2])

        def answer(self, body):
            status, headers, _ = answers.of[self.path.partition("?")[0]]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            pause = answers.seconds_between_bytes
            for part in [body[i : i + 1] for i in range(len(body))] if pause else [body]:
                self.wfile.write(part)
                time.sleep(pause)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        answers.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield answers
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def web():
    with serving() as answers:
        yield answers


def test_date_of_a_web_server_tells_of_a_change(web):
    web.file("/a.png", b"first", Last_Modified=MONDAY)
    assert fetched(f"{web.address}/a.png").read_bytes() == b"first"
    web.file("/a.png", b"later", Last_Modified=TUESDAY)  # as long, and without an ETag
    assert fetched(f"{web.address}/a.png").read_bytes() == b"later"


def test_server_that_tells_no_length_and_no_date(web):
    for body in (b"first", b"later"):
        web.of["/a.png"] = 200, {}, body
        assert fetched(f"{web.address}/a.png").read_bytes() == body


@pytest.mark.parametrize(
    ("status", "what"),
    [(401, "access is refused"), (403, "access is refused"), (500, "cannot be reached .500")],
)
def test_refusal_is_not_taken_for_nothing(web, status, what):
    web.file("/a.png", b"image")
    copy = fetched(f"{web.address}/a.png")
    web.of["/a.png"] = status, {"Content-Length": "0"}, b""
    with pytest.raises(StorageError, match=what):
        fetch_named([copy])
    assert copy.read_bytes() == b"image"


def test_gone_is_gone_and_a_server_that_is_off_is_not(web):
    web.of["/a.png"] = 404, {"Content-Length": "0"}, b""
    with pytest.raises(DataError, match="nothing lies there"):
        fetched(f"{web.address}/a.png")
    with pytest.raises(StorageError, match="cannot be reached"):
        fetched("http://127.0.0.1:9/a.png")


def test_signature_that_a_server_leads_on_to_is_not_repeated(web):
    web.of["/a.png"] = 302, {"Location": "/b.png?X-Sig=SECRET", "Content-Length": "0"}, b""
    web.of["/b.png"] = 403, {"Content-Length": "0"}, b""
    with pytest.raises(StorageError, match=r"b\.png\?\.\.\.") as caught:
        fetched(f"{web.address}/a.png")
    assert "SECRET" not in str(caught.value)


def test_page_is_no_folder_of_images(web):
    web.file("/images", b"<html>", Content_Type="text/html; charset=utf-8")
    with pytest.raises(DataError, match=r"Got a web page.*name images in a table"):
        fetched(f"{web.address}/images")


def test_slow_is_no_error_but_silent_is(web, monkeypatch):
    monkeypatch.setattr(aiohttp.client, "DEFAULT_TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    web.seconds_between_bytes = 0.1
    web.file("/a.png", b"slowly")
    assert fetched(f"{web.address}/a.png").read_bytes() == b"slowly"
    monkeypatch.setattr(stores, "SILENT_SECONDS", 0.05)
    place_of(f"{web.address}/a.png").unlink()
    with pytest.raises(StorageError, match="cannot be reached"):
        fetched(f"{web.address}/a.png")


def test_settings_of_a_person_stay(monkeypatch):
    from fsspec.config import conf

    monkeypatch.setitem(conf, "https", {"client_kwargs": {"trust_env": True}})
    settings = stores.Store("https://127.0.0.1:9/a").system.client_kwargs
    assert settings["trust_env"] is True
    assert settings["timeout"].total is None
