"""The page as a person sees it, in Chromium: run with `pytest -m browser`."""

import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from bioselect.app.limits import Limits
from tests.app.conftest import CLASS_NAMES, served
from tests.app.test_predict_pages import drawn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CELLS = Path(__file__).parents[2] / "datasets" / "cells"
SECONDS = 1000.0


@contextmanager
def tab_of(browser, page):
    """Open the page in a tab; at the end nothing has gone wrong in it, and nothing went outside."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(120 * SECONDS)
    wrong, asked = [], []
    tab.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    context.on("request", lambda request: asked.append(request.url))
    tab.goto(f"http://{page.host}/?token={page.door.token}")
    assert "token" not in tab.url
    try:
        yield tab
    finally:
        context.close()
    outside = [url for url in asked if not url.startswith((f"http://{page.host}/", "blob:"))]
    assert asked
    assert outside == []
    assert wrong == []


def assert_accessible(tab):
    """Nothing that axe calls serious or critical, in light and in dark, wide and narrow."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            tab.set_viewport_size({"width": width, "height": 900})
            tab.emulate_media(color_scheme=scheme)
            found = axe.run(tab).response["violations"]
            bad = [
                f"{one['id']}: {node['html'][:200]}"
                for one in found
                if one["impact"] in ("serious", "critical")
                for node in one["nodes"]
            ]
            assert bad == [], (tab.url, width, scheme)
            widths = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            scrolled, seen = tab.evaluate(widths)
            assert scrolled <= seen, "the page must not be wider than the window"
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.emulate_media(color_scheme="light")


def test_three_images_get_their_classes_and_a_broken_one_its_message(browser, page, tmp_path):
    for name in CLASS_NAMES:
        (tmp_path / f"{name}.png").write_bytes(drawn(name))
    (tmp_path / "broken.png").write_bytes(drawn("fine")[:700])
    with tab_of(browser, page) as tab:
        tab.wait_for_selector(".tag")
        assert_accessible(tab)
        drop(tab, sorted(tmp_path.glob("*.png")))
        tab.wait_for_selector(".image >> nth=3")
        tab.wait_for_selector("[data-when-ended]:not([hidden])")
        said = {
            card.query_selector(".name").inner_text(): card.query_selector(".class, .error")
            for card in tab.query_selector_all(".image")
        }
        assert {name: said[f"{name}.png"].inner_text() for name in CLASS_NAMES} == {
            name: name for name in CLASS_NAMES
        }
        assert "cut short" in said["broken.png"].inner_text()
        assert "3 images predicted" in tab.inner_text(".summary")
        tab.select_option(".image:has-text('fine.png') select", "middle")
        tab.wait_for_selector(".summary:has-text('1 corrected')")
        with tab.expect_download() as download:
            tab.click("text=Download the table")
        table = Path(download.value.path()).read_text(encoding="utf-8")
        assert re.search(r"^fine\.png,fine,.*,middle$", table, re.MULTILINE)
        assert_accessible(tab)
        tab.focus(".image:has-text('coarse.png') .picture")
        tab.keyboard.press("Enter")
        assert tab.is_visible("#large-picture")
        heat = tab.wait_for_selector("#explanation img")
        about = "where covering the image changes the probability of coarse most"
        assert about in heat.get_attribute("alt")
        assert tab.locator(".near li").count() == 5
        assert tab.locator("dialog").get_by_role("heading", name="coarse.png").count() == 1
        assert tab.inner_text("#explanation-said") == "The explanation is shown."
        assert_accessible(tab)
        tab.keyboard.press("Escape")
        assert tab.is_hidden("#large-picture")
        assert tab.evaluate("document.activeElement.dataset.name") == "coarse.png"


def drop(tab, paths):
    """Drop files onto the place for them."""
    import base64

    files = [(path.name, base64.b64encode(path.read_bytes()).decode()) for path in paths]
    tab.evaluate(
        """files => {
            const data = new DataTransfer();
            for (const [name, text] of files) {
                const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
                data.items.add(new File([bytes], name, { type: "image/png" }));
            }
            const place = document.getElementById("upload");
            place.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }""",
        files,
    )


def test_the_page_is_used_by_keyboard_alone(browser, page):
    with tab_of(browser, page) as tab:
        tab.wait_for_selector(".tag")
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.textContent") == "Skip to the content"
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == "main"
        tab.focus("[data-browse=field-folder]")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("dialog[open] [data-take]")
        tab.focus("dialog [data-take]")
        tab.keyboard.press("Enter")
        assert tab.input_value("#field-folder") == "."
        assert tab.evaluate("document.activeElement.id") == "field-folder"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Return a root with the drawn cells in it."""
    root = tmp_path_factory.mktemp("lab")
    shutil.copytree(CELLS, root / "cells", ignore=shutil.ignore_patterns("*.csv"))
    return root


def quick(text):
    """Return a configuration with fewer combinations."""
    text = re.sub(
        r"^extractors:.*?\n\n", "extractors: [haralick, hog]\n\n", text, flags=re.M | re.S
    )
    text = re.sub(r"^classifiers:.*?\n\n", "classifiers: [lda, knn]\n\n", text, flags=re.M | re.S)
    return text.replace("  repeats: 10", "  repeats: 4")


def test_a_study_is_made_started_stopped_and_gone_on_with(browser, lab):
    with served(lab, Limits()) as page, tab_of(browser, page) as tab:
        assert_accessible(tab)
        tab.click("[data-browse=field-dataset]")
        tab.click(".folders >> text=cells")
        tab.click("[data-take]")
        tab.click("text=Look at them")
        tab.wait_for_selector("textarea")
        words = tab.inner_text("main")
        assert "201 images of 4 classes" in words
        assert "The configuration can be run." in words
        assert_accessible(tab)
        tab.click("text=Some belong together")
        tab.wait_for_selector("#said:has-text('has changed')")
        text = tab.input_value("textarea")
        assert re.search(r"^  group: \{pattern: ", text, re.MULTILINE)
        tab.fill("textarea", quick(text))
        assert not list(lab.glob("*.yaml"))
        tab.click("text=Start the study")
        tab.wait_for_selector("progress[max]")
        tab.wait_for_selector("text=features")
        tab.click("button:has-text('Stop')")
        tab.wait_for_selector("button:has-text('Go on')")
        assert "Stopped." in tab.inner_text("main")
        assert_accessible(tab)
        tab.click("button:has-text('Go on')")
        tab.click("text=See the result")
        assert "balanced accuracy on new images like these" in tab.inner_text("main")
        ranked = [
            row.inner_text().split("\t") for row in tab.query_selector_all("tbody >> nth=0 >> tr")
        ]
        assert {row[1] for row in ranked} >= {"hog + lda", "haralick + knn"}
        tab.click("th:has-text('Combination') button")
        column = [
            row.inner_text() for row in tab.query_selector_all("tbody >> nth=0 >> td:nth-child(2)")
        ]
        assert column == sorted(column)
        assert_accessible(tab)
        wrong: list[str] = []  # of every tab: a new one has spoken before it can be listened to
        tab.context.on("console", lambda message: wrong.append(message.text))
        with tab.expect_popup() as opened:
            tab.click("text=Open the report")
        report = opened.value
        report.wait_for_selector("#ranking")
        assert report.inner_text("h1") == "Classification of cells"
        report.click("#ranking th:has-text('estimator') button")  # its script may run
        assert report.get_attribute("#ranking th:has-text('estimator')", "aria-sort") == "ascending"
        assert wrong == []
        report.close()
        tab.click("text=Predict with this model")
        tab.wait_for_selector(".tag")
        assert "spindle" in tab.inner_text(".model")
    (config,) = lab.glob("*.yaml")
    assert config.read_text(encoding="utf-8").count("group: {pattern") == 1
    assert (lab / "results" / "cells" / "model" / "manifest.json").is_file()
