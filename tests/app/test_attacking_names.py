"""Names that attack, on the page: shown as they are, in elements, attributes and messages."""

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bioselect.bundle.writing import write_bundle
from bioselect.data.plain_cells import cell_as_written
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import small_contents
from tests import planted
from tests.app.conftest import served
from tests.app.test_predict_pages import drawn

FILES = [
    "=1+1.png", "+1;=2.png", "<img src=x onerror=alert(1)>.png", "' onclick='alert(2).png",
    "{{7*7}}.png", "&lt;script&gt;.png", "<script>alert(3)<.png",
]  # fmt: skip


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """Serve a page with a model whose classes attack, below a folder that does."""
    root = tmp_path_factory.mktemp("root") / planted.STUDY
    model = root / "model"
    lda = ComponentSpec("lda"), planted.CLASSES
    made = small_contents(ComponentSpec("intensity"), *lda)
    write_bundle(model, replace(made, card="# card"))
    with served(root, model=model) as page:
        yield page


@pytest.fixture(scope="module")
def job(attacked):
    """Send images with such names, one of them broken, and return where they are predicted."""
    files = [(name.replace('"', "%22"), drawn("coarse")) for name in FILES]
    answer = attacked.upload([*files, ("<b>broken.png", drawn("fine")[:500])])
    assert answer.status == 303
    attacked.in_words(answer.headers["location"].rsplit("/", 1)[-1])
    return answer.headers["location"]


class Harmless(HTMLParser):
    """Fails where an element or an attribute runs something, or loads from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.n_elements = 0
        self.feed(text)
        assert self.n_elements > 10

    def handle_starttag(self, tag, attrs):
        self.n_elements += 1
        assert tag not in ("iframe", "object", "embed", "base", "b", "i", "u")
        for name, value in attrs:
            assert not name.lower().startswith("on"), (tag, name, value)
            if name in ("src", "href", "action", "formaction"):
                assert re.match(r"[/#?]|$", value or ""), (tag, name, value)
        if tag == "script":
            assert dict(attrs).get("src", "").startswith("/static/")


def test_every_page_shows_names_as_names(attacked, job):
    for path in ("/predict", job, "/study", "/results", "/nowhere/<script>alert(1)</script>"):
        answer = attacked.get(path.replace("<", "%3C").replace(">", "%3E"))
        if "html" in answer.headers.get("content-type", ""):
            Harmless(answer.text)
            assert "<script>alert" not in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_a_correction_that_is_refused_is_shown_as_text(attacked, job):
    answer = attacked.post(f"{job}/correct", {"place": "1", "value": "<script>alert(9)</script>"})
    assert answer.status in (400, 404)
    assert "<script>alert" not in answer.text


def test_the_table_is_run_by_no_spreadsheet_and_has_the_names(attacked, job):
    text = attacked.get(f"{job}/predictions.csv").text
    header, *rows = csv.reader(io.StringIO(text))
    assert not any(cell[:1] in ("=", "+", "@") for row in [header, *rows] for cell in row)
    names = {cell_as_written(row[0]) for row in rows}
    assert {"=1+1.png", "+1;=2.png", "<b>broken.png"} <= names
    assert {cell_as_written(row[1]) for row in rows if row[1]} <= set(planted.CLASSES)


@pytest.mark.browser
def test_nothing_runs_and_nothing_is_asked_for(browser, attacked, job):
    from tests.app.test_browser import tab_of

    with tab_of(browser, attacked) as tab:
        tab.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        for path in (job, "/predict", "/study", "/results"):
            tab.goto(f"http://{attacked.host}{path}")
        tab.goto(f"http://{attacked.host}{job}")
        tab.wait_for_selector(".image >> nth=3")
        shown = tab.inner_text("main")
        assert "<img src=x onerror=alert(1)>.png" in shown
        assert tab.query_selector("img[src=x]") is None
