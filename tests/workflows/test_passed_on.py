"""What goes from hand to hand: names in it do nothing, and it tells of nobody.

One study of images whose names attack and whose files say who made them (`tests/planted.py`); all
that it writes is searched, whatever it is packed in.
"""

import base64
import contextlib
import csv
import io
import json
import platform
import re
import socket
import struct
import unicodedata
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from bioselect.cli.main import main
from bioselect.config.loading import load_config
from bioselect.data.plain_cells import read_plain
from bioselect.report.results import RunResults
from tests import planted

#: What stays with the owner, and may say where things lie; see docs/results.md.
OF_THE_OWNER = ("run.log", "dataset.csv", "config.yaml", "environment.json")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return the folder of a study that has been run, applied, judged and explained."""
    config = planted.write_study(tmp_path_factory.mktemp("study"))
    folder = config.parent
    text = config.read_text(encoding="utf-8")
    # A path from the root on, as many write it.
    config.write_text(text.replace("root: images", f"root: '{folder}/images'"), encoding="utf-8")
    images = sorted((folder / "images").iterdir())
    usable = [str(path.relative_to(folder)) for path in images if str(path).isprintable()]
    said = io.StringIO()
    columns = ["--image", planted.IMAGE, "--target", planted.TARGET, "--group", planted.GROUP]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(platform, "node", lambda: planted.HOST)
        patch.setattr(socket, "gethostname", lambda: planted.HOST)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            assert main(["run", "config.yaml", "--jobs", "1"]) == 0
            assert main(["predict", "run/model", "images", "-o", "predictions.csv"]) == 0
            (folder / "images" / "table.xlsx").write_bytes((folder / "table.xlsx").read_bytes())
            table = ["images/table.xlsx", *columns]
            assert main(["evaluate", "run/model", *table, "-o", "evaluation", "--jobs", "1"]) == 0
            assert main(["explain", "run/model", *usable[:2], "-o", "explained"]) == 0
            assert main(["init", "images/table.xlsx", *columns, "-o", "proposed.yaml"]) == 0
            # A name that is refused is told, too.
            bad = next(str(path) for path in images if not str(path).isprintable())
            assert main(["predict", "run/model", bad]) == 1
    (folder / "said.txt").write_text(said.getvalue(), encoding="utf-8")
    return folder


def written(place):
    """Return what lies in every file that was written, by its path."""
    found = {}
    for top in ("run", "evaluation", "explained", "predictions.csv", "said.txt"):
        files = [place / top] if (place / top).is_file() else (place / top).rglob("*")
        for path in files:
            if path.is_file():
                found[path.relative_to(place).as_posix()] = path.read_bytes()
    assert len(found) > 60
    return found


def contents(data):
    """Yield bytes, and those that are packed in them: zip archives, and data in pages."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from contents(archive.read(name))
    for packed in re.findall(rb"base64,([A-Za-z0-9+/=]{16,})", data):
        yield from contents(base64.b64decode(packed))


def is_passed_on(name):
    return not name.startswith(("run/features", "run/.")) and name.split("/")[-1] not in (
        *OF_THE_OWNER,
        "said.txt",
    )


def test_who_made_the_images_stands_nowhere(place):
    planted_there = b"".join(path.read_bytes() for path in (place / "images").iterdir())
    with zipfile.ZipFile(place / "table.xlsx") as archive:
        planted_there += archive.read("docProps/core.xml")
    for name in planted.IDENTITIES:
        assert name.encode() in planted_there
    for path, data in written(place).items():
        for part in contents(data):
            for name in planted.IDENTITIES:
                assert name.encode() not in part, path
                assert name.encode("utf-16-le") not in part, path
            assert b"Exif\0\0" not in part, path


def test_the_place_stands_only_in_what_stays_with_the_owner(place):
    searched = 0
    for path, data in written(place).items():
        assert planted.HOST.encode() not in data, path
        if is_passed_on(path):
            searched += 1
            for part in contents(data):
                assert planted.USER.encode() not in part, path
                assert str(place.parent.parent).encode() not in part, path
    assert searched > 50
    assert planted.USER.encode() in (place / "run" / "run.log").read_bytes()


def test_pictures_are_pixels_and_nothing_else(place):
    n_pictures = 0
    for path, data in written(place).items():
        for part in contents(data):
            if part.startswith(PNG):
                n_pictures += 1
                assert set(chunks_of(part)) <= {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"}, path
            assert not part.startswith(b"\xff\xd8"), path
    assert n_pictures > planted.N_PER_CLASS * len(planted.CLASSES)


def chunks_of(data):
    start = len(PNG)
    while start < len(data):
        (length,) = struct.unpack(">I", data[start : start + 4])
        yield data[start + 4 : start + 8]
        start += length + 12


def test_no_cell_of_a_table_is_a_formula(place):
    tables = {path: data for path, data in written(place).items() if path.endswith(".csv")}
    assert len(tables) > 25
    for path, data in tables.items():
        for row in csv.reader(io.StringIO(data.decode(), newline="")):
            for cell in row:
                pieces = re.split(r"[;\t\r\n]", cell)
                for piece in pieces:
                    begins = piece.lstrip(" ")[:1]
                    assert begins not in tuple("=+-@") or is_number(piece), (path, cell)


def is_number(text):
    try:
        return bool(text) and np.isreal(float(text))
    except ValueError:
        return text == "-"


def test_our_own_readers_get_the_names_back(place):
    results = RunResults(place / "run")
    assert {row["target"] for row in results.images} == set(planted.CLASSES)
    assert {row["group"] for row in results.images} == set(planted.GROUPS)
    names = {row["image_id"] for row in results.images}
    assert any(name.startswith("=1+1") for name in names)
    assert {row["class"] for row in results.table(results.folder.per_class)} == set(planted.CLASSES)
    with (place / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = read_plain(file)
    assert {row["prediction"] for row in rows if not row["error"]} <= set(planted.CLASSES)
    assert sum("no sign that cannot be seen" in row["error"] for row in rows) == len(planted.UNSEEN)
    assert load_config(place / "proposed.yaml").dataset.target == planted.TARGET


class Elements(HTMLParser):
    """The elements of a page with their attributes, and what stands in scripts."""

    def __init__(self, text):
        super().__init__()
        self.found, self.scripts, self.inside = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.inside = tag if tag == "script" else ""

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)


def assert_harmless(elements, allowed=()):
    for tag, attributes in elements:
        assert tag not in ("iframe", "object", "embed", "base", "form", "link"), tag
        for name, value in attributes.items():
            assert not name.lower().startswith("on"), (tag, name, value)
            if name in ("src", "href", "xlink:href", "action"):
                assert (value or "").startswith(("#", "data:image/png", *allowed)), (
                    tag,
                    name,
                    value,
                )


def test_no_name_is_an_element_of_the_report(place):
    text = (place / "run" / "report.html").read_text(encoding="utf-8")
    page = Elements(text)
    assert_harmless(page.found, allowed=("https://doi.org/", "https://", "mailto:"))
    assert "planted.example" not in [value for _, one in page.found for value in one.values()]
    tags = [tag for tag, _ in page.found]
    assert "i" not in tags
    assert "u" not in tags
    assert page.scripts
    assert not any("alert(" in script for script in page.scripts)
    for name in planted.CLASSES:
        assert name not in text or "<" not in name


def test_drawings_hold_shapes_and_words_only(place):
    drawings = {path: data for path, data in written(place).items() if path.endswith(".svg")}
    assert len(drawings) > 8
    for path, data in drawings.items():
        elements = [
            (one.tag.split("}")[-1], one.attrib) for one in ElementTree.fromstring(data).iter()
        ]
        assert not {"script", "foreignObject", "image", "a", "use"} & {
            tag for tag, _ in elements
        }, path
        assert_harmless(elements)


def test_the_card_has_neither_html_nor_pictures_nor_links(place):
    card = (place / "run" / "model" / "card.md").read_text(encoding="utf-8")
    assert r"\<script>alert('class')\</script>: 12 images" in card
    assert not re.search(r"(?<!\\)<[A-Za-z/!?]|!\[|\]\(", card)


def test_what_is_printed_and_logged_moves_no_cursor(place):
    for name in ("said.txt", "run/run.log"):
        text = (place / name).read_text(encoding="utf-8")
        odd = {sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")}
        assert odd == {"\n"}
    said = (place / "said.txt").read_text(encoding="utf-8")
    assert "[red]" in said
    assert not re.search(r"^error: planted", said, re.MULTILINE)


def test_the_manifest_says_what_the_model_is_and_not_of_whom(place):
    manifest = json.loads((place / "run" / "model" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["class_names"] == sorted(planted.CLASSES)
    text = json.dumps(manifest)
    for name in planted.GROUPS:
        assert name not in text
    assert not re.search(r"\d\d=1\+1|onmouseover", text)


@pytest.mark.browser
def test_nothing_runs_in_the_report_nor_in_the_page_that_shows_it(browser, place):
    from tests.app.conftest import served

    context = browser.new_context()
    tab = context.new_page()
    wrong, asked = [], []
    tab.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    context.on("request", lambda request: asked.append(request.url))
    tab.goto((place / "run" / "report.html").as_uri())
    assert planted.CLASSES[1] in tab.inner_text("body")
    assert not [url for url in asked if not url.startswith(("data:", "file:"))]
    with served(place) as page:
        tab.goto(f"http://{page.host}/?token={page.door.token}")
        shown = page.post("/results", {"folder": "run"}).headers["location"]
        for path in (shown, f"{shown}/report.html", f"{shown}/report/confusion.svg", "/results"):
            tab.goto(f"http://{page.host}{path}")
        here = ("data:", "file:", "blob:", f"http://{page.host}/")
    context.close()
    assert not [url for url in asked if not url.startswith(here)]
    assert wrong == []
