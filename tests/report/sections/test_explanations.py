"""What predictions go by: maps with their words, or why there are none."""

import pytest

from bioselect.report.blocks import Pictures, Text
from bioselect.report.results import RunResults
from bioselect.report.sections.explanations import TRAINED, explanations
from bioselect.run_folder import EXPLANATION_COLUMNS, RunFolder, write_table
from bioselect.storage import atomic_write_bytes, atomic_write_text, write_json

ERROR = ("error", "e.png", "RBC", "WBC", "WBC", 0.125, 0.25, "1.png", "")
RIGHT = ("right", "r.png", "RBC", "RBC", "RBC", 0.99, -0.001, "2.png", "")
GONE = ("error", "g.png", "RBC", "WBC", "WBC", None, None, "", "could not be read any more")


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a run folder with maps and returns its results."""

    def write(rows=(), task="classification", **facts):
        folder = RunFolder(tmp_path / "run")
        write_json(folder.study, {})
        atomic_write_text(folder.config, f"task: {task}\ndataset: {{path: images}}\n")
        write_json(folder.explanations_facts, facts)
        write_table(folder.explanations, EXPLANATION_COLUMNS, rows)
        for row in rows:
            if row[7]:
                atomic_write_bytes(folder.heat / row[7], row[7].encode())
        return RunResults(folder.root)

    return write


def texts(section):
    return " ".join(one.written for one in section.blocks if isinstance(one, Text))


def test_maps_say_what_they_are_about(written) -> None:
    section = explanations(written([ERROR, GONE, RIGHT], n_images=3, n_wanted=6))
    errors, right = (one.items for one in section.blocks if isinstance(one, Pictures))
    assert (errors[0].png, errors[0].title) == (b"1.png", "what speaks for WBC")
    assert list(errors[0].lines) == [
        "given RBC",
        "probability now 0.12",
        "hiding one part lowers it by up to 0.25",
        "e.png",
    ]
    assert errors[1].png == b""
    assert "could not be read any more" in errors[1].lines
    assert "no part alone changes it" in right[0].lines
    assert TRAINED in texts(section)
    assert "3 of 6 images" in texts(section)


def test_numbers_have_no_probability(written) -> None:
    row = ("error", "n.png", 12.345678, 20.000001, "size", 13.5, -2.25, "1.png", "")
    section = explanations(written([row], "regression", n_images=1, n_wanted=1))
    [shown] = [one for one in section.blocks if isinstance(one, Pictures)]
    assert shown.items[0].title == "given 12.3, predicted 20.0"
    assert "hiding one part raises it by up to 2.25" in shown.items[0].lines
    assert "probability" not in " ".join(shown.items[0].lines)


def test_where_there_are_none_it_says_why_and_what_makes_them(written) -> None:
    said = texts(explanations(written(why_not="they would take too long with this model")))
    assert "they would take too long with this model" in said
    assert "bioselect explain" in said


def test_where_none_are_wanted_there_is_no_section(written) -> None:
    results = written()
    results.folder.explanations_facts.unlink()
    assert explanations(results) is None
