"""What a browser sends: forms with files, zips, and the corrections of predictions."""

import asyncio
import io
import json
import tempfile
import zipfile
from pathlib import Path

from bioselect.app.limits import Limits
from bioselect.app.multipart import receive_files
from bioselect.app.predictions import ModelFacts, PredictJob
from bioselect.app.zips import unpacked, zip_members
from tests.fuzzing.files import in_memory
from tests.fuzzing.trees import changed_json

LIMITS = Limits(
    upload_bytes=200_000, kept_bytes=10**6, n_files=20, unpacked_bytes=300_000, form_bytes=5000
)
TYPE = "multipart/form-data; boundary=limit"
COLUMNS = ["path", "prediction", "probability_a", "probability_=b", "error"]
EVENTS = [
    {"event": "columns", "columns": COLUMNS, "n_images": 1},
    {"event": "prediction", "path": "=a.png", "error": "", "place": 0,
     "cells": ["a", "0.9", "0.1", ""],
     "names": ["a"], "interval": None, "probabilities": [0.9, 0.1], "has_picture": False},
]  # fmt: skip


def seeds():
    part = b'--limit\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n'
    files = [(b"a.png", b"pixels"), (b"..\\b.tif", b"\0" * 90), ("é.png".encode(), b"")]
    form = b"".join(part % one for one in files) + b"--limit--\r\n"
    zips = {}
    for name, kind in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", kind) as archive:
            archive.writestr("a/b.png", b"pixels" * 30)
            archive.writestr("__MACOSX/x", b"1")
            archive.writestr("c.png", bytes(2000))
        zips[f"{name}.zip"] = buffer.getvalue()
    corrections = json.dumps([[0, "a"], [5, "b"], [0, ""]]).encode()
    return {"form": TYPE.encode() + b"\n" + form, "corrections.json": corrections, **zips}


def mutated(data, random):
    return changed_json(data, random)


def feed(name, data):
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        if name == "form":
            kind, _, body = data.partition(b"\n")
            headers = {"content-type": kind.decode("latin-1")}
            received = asyncio.run(receive_files(headers, _pieces(body), Path(folder), LIMITS))
            for one in received:
                assert one.path.parent == Path(folder)
                assert one.name.isprintable()
                assert "/" not in one.name
        elif name.endswith(".zip"):
            path, into = Path(folder) / "sent.zip", Path(folder) / "into"
            into.mkdir()
            path.write_bytes(data)
            members = zip_members(path, "sent.zip", LIMITS)
            for _, target in unpacked(path, "sent.zip", members, LIMITS, into):
                assert target.parent == into
            assert sum(one.stat().st_size for one in into.iterdir()) <= LIMITS.unpacked_bytes
        else:
            _correct(data)


async def _pieces(body):
    for start in range(0, len(body), 61):
        yield body[start : start + 61]


def _correct(data):
    """Correct a prediction as the page does: what comes is text and a whole number."""
    job = PredictJob("1", Path("m"), "t", Path("f"), [], [], False)
    job.facts = ModelFacts(("a", "=b"), False, None, False, {}, 2, "hog")
    for event in EVENTS:
        job.take(event, Path("pictures"))
    try:
        wanted = json.loads(data)
    except (ValueError, RecursionError):
        return
    for one in wanted if isinstance(wanted, list) else []:
        if isinstance(one, list) and len(one) == 2 and isinstance(one[0], int):
            job.correct(one[0], str(one[1]))
    job.table().encode()
    job.in_words()
