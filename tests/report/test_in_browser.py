"""The report as a person uses it, in Chromium: run with `pytest -m browser`."""

import io

import numpy as np
import pytest
from PIL import Image

from bioselect.report.writing import write_report
from tests.report.made_run import made_run, ranked

pytestmark = pytest.mark.browser

MARKUP = '<b>&"'
N_CLASSES = 8
BINS = [{"low": 0.8, "high": 0.9, "n_images": 20.0, "said": 0.85, "right": 0.7}]
MEASURED = {
    "said": 0.85,
    "right": 0.7,
    "sure": None,
    "bins": BINS,
    "log_loss": 0.5,
    "expected_calibration_error": 0.1,
    "brier": 0.2,
}
STUDY = {
    "calibration": {
        "tried": "sigmoid",
        "used": "sigmoid",
        "in_words": "Yes.",
        "before": MEASURED,
        "after": MEASURED,
    }
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return the report of a study with every section of an evaluation, and an odd class name."""
    random = np.random.default_rng(0)
    names = [MARKUP, *(f"a class with a very long name, number {i}" for i in range(1, N_CLASSES))]
    truth = np.arange(160) % N_CLASSES
    tables = random.dirichlet(np.ones(N_CLASSES), (2, 160))
    folds = np.stack([random.permutation(160) % 4 for _ in range(2)])
    rows = [
        (extractor, f"random_forest(max_depth={number})", 0.9 - 0.01 * (8 * place + number), "tied")
        for place, extractor in enumerate(
            ("hog", "efficientnet_b0(layer=block5c_add, pooling=max)")
        )
        for number in range(8)
    ]
    rows[0] = (*rows[0][:3], "best")
    run = made_run(
        tmp_path_factory.mktemp("run"),
        names,
        truth,
        tables,
        folds,
        groups=[f"patient {i % 9}" for i in range(160)],
        ranking=ranked(*rows, ("lbp", "random_forest(max_depth=0)", None, "failed")),
        study=STUDY,
    )
    return write_report(run.folder.root)


@pytest.fixture
def tab(browser, report):
    """Open the report; at the end nothing has gone wrong, and only the file was asked for."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wrong, asked = [], []
    page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    context.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    yield page
    context.close()
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
    assert wrong == []


def column(tab, number):
    return tab.locator(f"#ranking tbody tr:visible td:nth-child({number})").all_inner_texts()


def test_a_click_on_a_heading_sorts_the_ranking(tab):
    heading = tab.locator("#ranking th", has_text="accuracy")
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    # The worst of 16 scored ones has 0.9 - 0.15.
    assert column(tab, 4)[:2] == ["0.750", "0.760"]
    heading.get_by_role("button").click()
    assert column(tab, 4)[:2] == ["0.900", "0.890"]


def test_a_word_filters_the_ranking_among_folded_rows_too(tab):
    assert len(column(tab, 1)) == 12
    tab.locator("#ranking input").fill("LBP")
    assert column(tab, 2) == ["lbp"]
    assert tab.locator("#ranking [role=status]").inner_text() == "1 of 17"
    tab.locator("#ranking input").fill("")
    tab.locator("#ranking").get_by_role("button", name="Show all 17 rows").click()
    assert len(column(tab, 1)) == 17


def test_names_are_text_and_no_markup(tab):
    assert tab.locator("b").count() == 0
    assert MARKUP in tab.locator("#classes").inner_text()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(tab, width):
    tab.set_viewport_size({"width": width, "height": 900})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:
        # The ranking is seen as a whole, without a bar to scroll it.
        box = tab.locator("#ranking .scroll")
        assert box.evaluate("box => box.scrollWidth <= box.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_shadow_says_that_a_table_has_more_columns(tab, scheme):
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": 1100 if scheme == "light" else 500, "height": 900})
    box = tab.locator("#ranking .scroll")

    def edges():
        picture = Image.open(io.BytesIO(box.screenshot())).convert("L")
        pixels = np.asarray(picture, dtype=int)[:30]  # beside the caption
        paper = np.median(pixels)
        return [bool(abs(np.median(pixels[:, x]) - paper) > 20) for x in (1, -2)]

    assert edges() == [False, True]
    box.evaluate("box => { box.scrollLeft = 9999; }")
    assert edges() == [True, False]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_serious_fault(browser, report, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # The report allows no script but its own, so axe would be kept out.
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(report.as_uri())
    for folded in page.locator("summary").all():
        folded.click()
    found = axe.run(page).response["violations"]
    context.close()
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []
