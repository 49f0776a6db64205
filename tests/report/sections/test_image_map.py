"""The map of a report: by class, by group, by error; what is not marked is said."""

import numpy as np
import pytest

from bioselect.report.blocks import Figure, Text
from bioselect.report.results import RunResults
from bioselect.report.sections.image_map import image_map
from bioselect.run_folder import MAP_COLUMNS, RunFolder, write_table
from bioselect.storage import atomic_write_text, write_json

N = 30


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a run folder with a map and returns its results."""

    def write(rows, task="classification", n_images=N):
        folder = RunFolder(tmp_path / "run")
        write_json(folder.study, {})
        atomic_write_text(folder.config, f"task: {task}\ndataset: {{path: images}}\n")
        if rows:
            write_table(folder.image_map, MAP_COLUMNS, rows)
            facts = {"extractor": "lbp", "n_images": n_images, "n_mapped": len(rows)}
            write_json(folder.image_map_facts, facts)
        return RunResults(folder.root)

    return write


def rows_of(target, group, error):
    places = np.random.default_rng(0).normal(size=(N, 2)).round(3).tolist()
    return [(f"{n}.png", *places[n], target(n), group(n), "said", error(n)) for n in range(N)]


def figures_of(section):
    return {one.name: one for one in section.blocks if isinstance(one, Figure)}


def test_classes_groups_and_errors(written) -> None:
    rows = rows_of(lambda n: "ab"[n % 2], lambda n: f"patient {n % 12:02d}", lambda n: n % 5 == 0)
    section = image_map(written([(*row[:-1], int(row[-1])) for row in rows], n_images=100))
    found = figures_of(section)
    assert list(found) == ["map_by_class", "map_by_group", "map_by_error"]
    assert found["map_by_class"].caption == "By class."
    assert "The 8 most frequent of 12 are marked, the others are grey." in (
        found["map_by_group"].caption
    )
    assert "(6 of 30 images)" in found["map_by_error"].caption
    for text in ("right (24)", "wrong (6)"):
        assert text in found["map_by_error"].svg
    assert "4 others (8)" in found["map_by_group"].svg
    said = next(one.written for one in section.blocks if isinstance(one, Text))
    assert "30 of 100 images are shown, drawn by the seed." in said
    assert len(found["map_by_class"].rows) == N


def test_numbers_are_drawn_in_thirds_and_images_without_groups_have_no_map_of_them(
    written,
) -> None:
    rows = rows_of(lambda n: float(n), lambda n: "", lambda n: n / 10 if n else "")
    found = figures_of(image_map(written(rows, "regression")))
    assert list(found) == ["map_by_class", "map_by_error"]
    for text in ("below 10.0 (10)", "10.0 to 20.0 (10)", "from 20.0 on (10)"):
        assert text in found["map_by_class"].svg
    assert "not tested (1)" in found["map_by_error"].svg


def test_without_a_map_there_is_no_section(written) -> None:
    assert image_map(written([])) is None
