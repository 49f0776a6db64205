"""What must be refused is refused in one line, leaves nothing behind, and the page stays up."""

import io
import pickle
import re
import socket
import stat
import struct
import threading
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from bioselect.app.refusal import RefusedError
from bioselect.app.zips import unpacked, zip_members
from tests.app.conftest import SMALL, form_of


def png(side=20, seed=0):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


def zipped(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def huge_png(width, height):
    """Return a PNG of some bytes that says it has so many pixels."""

    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


@pytest.fixture(autouse=True)
def nothing_is_left(page):
    """After a refusal no file of it is kept, and the page answers."""
    kept = set(page.session.work.iterdir())
    jobs = set(page.session.predicting.jobs)
    yield
    made = set(page.session.predicting.jobs) - jobs
    for number in made:
        page.session.predicting.remove(page.in_words(number))
    assert set(page.session.work.iterdir()) <= kept
    assert page.session.uploads.n_under_way == 0
    assert page.is_up()


def test_two_gigabytes_that_are_announced_are_refused_before_they_come(page):
    headers = {"Content-Length": "2000000000", "Content-Type": "multipart/form-data; boundary=b"}
    answer = page.ask("POST", "/predict/upload", b"", headers)
    assert answer.status == 413
    assert "An upload may have 1 MB." in answer.message


def test_an_endless_stream_that_announces_nothing_is_stopped_at_the_limit(page):
    head = [
        "POST /predict/upload HTTP/1.1",
        f"Host: {page.host}",
        *(f"{name}: {value}" for name, value in page.usual_headers().items()),
        "Content-Type: multipart/form-data; boundary=limit",
        "Transfer-Encoding: chunked",
    ]
    begin, _ = form_of([("endless.tif", b"")])
    sent, answer = 0, b""
    with socket.create_connection(("127.0.0.1", page.door.port), timeout=30) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
        connection.sendall(_chunk(begin[: begin.index(b"\r\n\r\n") + 4]))
        while sent < 2_000_000_000:
            try:
                connection.sendall(_chunk(bytes(100_000)))
            except OSError:
                break
            sent += 100_000
            connection.setblocking(False)
            try:
                answer = connection.recv(100_000)
            except BlockingIOError:
                continue
            except OSError:
                break
            finally:
                connection.settimeout(30)
            break
    assert b" 413 " in answer.split(b"\r\n")[0]
    assert sent < 20 * SMALL.upload_bytes  # and what the system keeps on its way


def _chunk(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def test_a_zip_bomb_is_refused_by_what_it_declares(page):
    bomb = zipped(("white.tif", bytes(50_000_000)))
    assert len(bomb) < 100_000
    answer = page.upload([("bomb.zip", bomb)])
    assert answer.status == 413
    assert "bomb.zip: a zip may unpack to 20 MB. This one says 50 MB." in answer.message
    answer = page.upload([("bomb.zip", zipped(("white.tif", bytes(19_000_000))))])
    assert "more than 100 times its size" in answer.message


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_says(page):
    honest = zipped(("white.tif", bytes(15_000_000)))
    lie = honest.replace(struct.pack("<I", 15_000_000), struct.pack("<I", 1000))
    assert lie != honest
    answer = page.upload([("lie.zip", lie)])
    assert answer.status == 400
    assert "cannot be unpacked" in answer.message


def test_a_zip_of_too_many_files_is_refused(page):
    answer = page.upload([("many.zip", zipped(*((f"{n}.png", b"x") for n in range(61))))])
    assert answer.status == 413
    assert "may hold 60 files. Got 61." in answer.message


@pytest.mark.parametrize(
    "name", ["../escaped.png", "a/../../escaped.png", "/escaped.png", "C:/e.png"]
)
def test_names_that_point_out_of_a_zip_are_refused(page, name):
    answer = page.upload([("slip.zip", zipped(("fine.png", png()), (name, png())))])
    assert answer.status == 400
    assert "every file must lie inside the zip" in answer.message
    assert not list(page.session.work.parent.glob("escaped.png"))


def test_links_and_passwords_in_a_zip_are_refused(page):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    answer = page.upload([("link.zip", zipped((link, "/etc/hostname")))])
    assert "Got a link" in answer.message
    locked = bytearray(zipped(("a.png", png())))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert "locked with a password" in page.upload([("locked.zip", bytes(locked))]).message


def test_a_pickle_called_png_is_no_image_and_is_never_opened(page, tmp_path):
    class Harm:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    answer = page.upload([("cell.png", pickle.dumps(Harm())), ("fine.png", png())])
    job = page.in_words(answer.headers["location"].rsplit("/", 1)[-1])
    told = {row.name: row.error for row in job.rows}
    assert told["cell.png"].startswith("cell.png: it is not a PNG, JPEG")
    assert not told["fine.png"]
    assert not (tmp_path / "harm").exists()


def test_an_image_that_claims_too_many_pixels_is_refused_from_its_header(page):
    answer = page.upload([("large.png", huge_png(60_000, 60_000))])
    job = page.in_words(answer.headers["location"].rsplit("/", 1)[-1])
    assert "must have at most 100,000,000 pixels. Got 60,000 x 60,000." in job.rows[0].error
    assert "60,000 x 60,000" in page.get(answer.headers["location"]).message


def test_of_fifty_uploads_at_once_only_some_are_taken(page):
    body, kind = form_of([("a.png", png())])
    head = [
        "POST /predict/upload HTTP/1.1",
        f"Host: {page.host}",
        *(f"{name}: {value}" for name, value in page.usual_headers().items()),
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
    ]
    connections = []
    for _ in range(50):
        connection = socket.create_connection(("127.0.0.1", page.door.port), timeout=30)
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body[:50])
        connections.append(connection)
    answers = [b""] * 50

    def finish(place):
        connections[place].sendall(body[50:])
        answers[place] = _whole(connections[place])

    refused = _answered(connections, 50 - SMALL.n_uploads)
    assert page.is_up()
    threads = [
        threading.Thread(target=finish, args=(place,))
        for place in range(50)
        if connections[place] not in refused
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for connection in connections:
        connection.close()
    assert sum(b" 303 " in one[:20] for one in answers) == SMALL.n_uploads
    assert all(b" 429 " in one[:20] for one in refused.values())
    assert b"4 uploads are under way" in next(iter(refused.values()))


def _answered(connections, n_wanted):
    """Return the connections that are answered, with what they were told."""
    import select
    import time

    found, end = {}, time.monotonic() + 30
    while len(found) < n_wanted and time.monotonic() < end:
        waiting = [one for one in connections if one not in found]
        for one in select.select(waiting, [], [], 1.0)[0]:
            found[one] = _whole(one)
    return found


def _whole(connection):
    """Return an answer with its body, which may come in another packet."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(10_000)
    head, body = data.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])
    while len(body) < length:
        body += connection.recv(10_000)
    return head + body


def test_what_is_no_form_with_files_is_refused(page):
    assert page.post("/predict/upload", {"a": "b"}).status == 400
    broken = {"Content-Type": "multipart/form-data; boundary=limit"}
    assert page.ask("POST", "/predict/upload", b"nothing of it", broken).status == 400
    assert "Choose at least one image" in page.upload([]).message
    assert page.post("/predict/folder", {"folder": "x" * 30_000}).status == 413


def test_members_of_a_zip_are_predicted_and_called_as_in_it(page):
    members = [("cells/a.png", png(seed=1)), ("__MACOSX/cells/._a.png", b"x"), ("notes.txt", b"hi")]
    answer = page.upload([("two.zip", zipped(*members)), ("b.png", png(seed=2))])
    job = page.in_words(answer.headers["location"].rsplit("/", 1)[-1])
    assert {row.name: bool(row.error) for row in job.rows} == {
        "cells/a.png": False,
        "notes.txt": True,
        "b.png": False,
    }


def test_the_name_in_a_damaged_zip_is_shown_as_codes_where_it_cannot_be_printed(tmp_path):
    path = tmp_path / "sent.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a\x1b[31m.png", b"pixels")
    path.write_bytes(path.read_bytes().replace(b"pixels", b"pixelz"))
    members = zip_members(path, "sent.zip", SMALL)
    with pytest.raises(RefusedError, match=r"a\\x1b\[31m\.png cannot be unpacked"):
        list(unpacked(path, "sent.zip", members, SMALL, tmp_path))


def test_the_list_of_a_zip_is_not_read_where_it_is_too_long(page):
    entry = struct.pack("<4s4H4L5H2L", b"PK\x01\x02", 20, 20, 0, 0, *[0] * 3, 0, 6, *[0] * 6)
    listed = b"".join(entry + b"%06d" % n for n in range(80_000))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 80_000 % 65536, 0, len(listed), 4, 0)
    path = page.session.work / "many.zip"
    path.write_bytes(b"PK\x03\x04" + listed + end)
    try:
        assert len(zipfile.ZipFile(path).infolist()) == 80_000
        with pytest.raises(RefusedError, match="far too many files"):
            zip_members(path, "many.zip", SMALL)
    finally:
        path.unlink()


def test_a_zip_is_packed_in_the_usual_way(page):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.png", png())
    answer = page.upload([("odd.zip", buffer.getvalue())])
    assert answer.status == 400
    assert "Make the zip with the usual means" in answer.message


def test_many_zips_together_may_unpack_to_no_more_than_one(page):
    one = zipped(("noise.tif", bytes(9_000_000)))
    answer = page.upload([(f"{n}.zip", one) for n in range(3)])
    assert answer.status == 413
    assert "The zips of an upload may unpack to 20 MB together" in answer.message
    few = zipped(*((f"{n}.png", b"x") for n in range(40)))
    answer = page.upload([("a.zip", few), ("b.zip", few)])
    assert answer.status == 413
    assert "those in zips included" in answer.message


def test_a_form_without_its_end_is_not_taken(page):
    body, kind = form_of([("a.png", png())])
    cut = body.removesuffix(b"--limit--\r\n")
    answer = page.ask("POST", "/predict/upload", cut, {"Content-Type": kind})
    assert answer.status == 400
    assert "The upload was cut short. Send it again." in answer.message
