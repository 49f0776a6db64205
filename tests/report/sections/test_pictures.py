"""Images worth a look: lists with pictures, or tables where pictures are not wanted."""

import pytest

from bioselect.report.blocks import Folded, Pictures, Table, Text
from bioselect.report.results import RunResults
from bioselect.report.sections.pictures import N_OPEN, pictures
from bioselect.run_folder import PICTURE_COLUMNS, RunFolder, write_table
from bioselect.storage import atomic_write_bytes, atomic_write_text, write_json


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a run folder with some pictures and returns its results."""

    def write(rows, task="classification", with_images=True):
        folder = RunFolder(tmp_path / "run")
        write_json(folder.study, {})
        atomic_write_text(folder.config, f"task: {task}\ndataset: {{path: images}}\n")
        named = [(*row, f"{n:06d}.png" if with_images else "") for n, row in enumerate(rows)]
        write_table(folder.pictures, PICTURE_COLUMNS, named)
        for n in range(len(rows) if with_images else 0):
            atomic_write_bytes(folder.thumbnails / f"{n:06d}.png", b"png %d" % n)
        return RunResults(folder.root)

    return write


ERRORS = [("error", n, f"e{n}.png", "", "RBC", "WBC", 0.99 - n / 100, 1) for n in range(1, 16)]


def test_the_first_stand_open_and_the_others_are_folded(written) -> None:
    section = pictures(written(ERRORS))
    heading, shown, folded = section.blocks
    assert heading == Text("Wrong, and sure of it (15)", "heading")
    assert isinstance(shown, Pictures)
    assert isinstance(folded, Folded)
    assert len(shown.items) == N_OPEN
    assert len(folded.blocks[0].items) == 15 - N_OPEN
    first = shown.items[0]
    assert (first.png, first.title) == (b"png 0", "given RBC")
    assert list(first.lines) == ["predicted WBC (98\xa0%)", "e1.png"]
    assert "e1.png" in first.alternative


def test_lists_say_what_they_are(written) -> None:
    rows = [
        ("suspected", 1, "s.png", "", "RBC", "WBC", 0.02, 0.02),
        ("suspected", 2, "t.png", "mass", "no", "yes", 0.001, 0.001),
        ("copy", 1, "c.png", "", "RBC", "", None, None),
        ("copy", 1, "d.png", "", "WBC", "", None, None),
    ]
    section = pictures(written(rows))
    titles = [one.written for one in section.blocks if isinstance(one, Text)]
    assert titles == ["Perhaps labelled wrongly (2)", "Copies (1 pair)"]
    suspected, copies = (one for one in section.blocks if isinstance(one, Pictures))
    assert [one.title for one in suspected.items] == [
        "given RBC (believed 2\xa0%)",
        "mass: given no (believed under 1\xa0%)",
    ]
    assert [one.title for one in copies.items] == ["pair 1", "pair 1"]
    assert [one.lines[0] for one in copies.items] == ["given RBC", "given WBC"]


def test_numbers_have_few_digits_and_no_probability(written) -> None:
    rows = [("error", 1, "n.png", "", 12.345678, 20.000001, None, 7.65)]
    section = pictures(written(rows, "regression"))
    assert section.blocks[0].written == "Farthest off (1)"
    assert section.blocks[1].items[0].title == "given 12.3, predicted 20.0"


def test_without_pictures_images_are_named_in_a_table(written) -> None:
    section = pictures(written(ERRORS, with_images=False))
    [table] = [one for one in section.blocks if isinstance(one, Table)]
    assert not [one for one in section.blocks if isinstance(one, Pictures)]
    assert table.columns == ["place", "image", "given", "predicted", "probability"]
    assert table.rows[0] == ["1", "e1.png", "RBC", "WBC", "98\xa0%"]


def test_where_nothing_is_worth_a_look_there_is_no_section(written) -> None:
    assert pictures(written([])) is None


@pytest.mark.parametrize(("low", "warned"), [(0.4, True), (0.6, False), (None, False)])
def test_models_that_only_guess_are_no_judges_of_images(written, low, warned) -> None:
    results = written(ERRORS)
    score = {"metric": "accuracy", "chance": 0.5, "ci_low": low, "ci_high": 0.8}
    facts = {"metric": "accuracy", "direction": "higher", "bounds": [0, 1], "in_words": "accuracy"}
    judged_by = {**facts, "response": "labels", "unit": ""}
    write_json(results.folder.study, {"honest_score": score, "judged_by": judged_by})
    first = pictures(RunResults(results.folder.root)).blocks[0]
    assert (first.tone == "warning") == warned


def test_a_class_may_have_a_number_for_its_name(written) -> None:
    row = ("error", 1, "a.png", "", "2", "007", 0.99, 1)
    _, shown = pictures(written([row])).blocks
    assert shown.items[0].title == "given 2"
    assert shown.items[0].lines[0].startswith("predicted 007 ")
    _, shown = pictures(
        written([("error", 1, "a.png", "", "2.0", "7.125", "", 1)], "regression")
    ).blocks
    assert shown.items[0].title == "given 2.00, predicted 7.12"
