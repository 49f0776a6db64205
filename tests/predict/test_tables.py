"""The table of predictions: any name survives, and it is written whole or not at all."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bioselect.predict.files import Prediction
from bioselect.predict.tables import columns, write_predictions

NAMES = ("coarse, wide", 'so-called "fine"')


def predictions():
    yield Prediction(Path("a b/é,1.png"), NAMES[0], np.array([0.1 + 0.2, 0.7]), "", NAMES[:1])
    yield Prediction(Path('q"uote.png'), NAMES[1], np.array([1e-300, 1.0]), "", NAMES[1:])
    yield Prediction(Path("line\nbreak.png"), NAMES[1], np.array([0.25, 0.75]), "", NAMES[1:])
    yield Prediction(Path("bad.png"), "", None, 'bad.png: it is empty, "0 bytes".')


def test_any_reader_gets_back_what_was_written(tmp_path):
    path = tmp_path / "new" / "table.csv"
    counts = write_predictions(path, NAMES, predictions())
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    assert header == [
        "path",
        "prediction",
        "probability_coarse, wide",
        'probability_so-called "fine"',
        "error",
    ]
    # Every digit: 0.1 + 0.2 is not 0.3.
    assert rows[0] == ["a b/é,1.png", NAMES[0], "0.30000000000000004", "0.7", ""]
    assert rows[1][2] == "1e-300"
    assert rows[2][0] == r"line\nbreak.png"
    assert rows[3] == ["bad.png", "", "", "", 'bad.png: it is empty, "0 bytes".']
    table = pd.read_csv(path)
    assert list(table.columns) == columns(NAMES)
    assert table["probability_coarse, wide"].isna().tolist() == [False, False, False, True]
    assert (counts.n_predicted, counts.n_failed) == (3, 1)
    assert counts.per_class == {NAMES[0]: 1, NAMES[1]: 2}


def test_failure_on_the_way_leaves_the_older_table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("older")

    def failing():
        yield from predictions()
        raise MemoryError

    with pytest.raises(MemoryError):
        write_predictions(path, NAMES, failing())
    assert path.read_text() == "older"
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


def test_rows_are_not_gathered(tmp_path):
    import gc
    import weakref

    alive = []

    def counted():
        # None of the earlier tables of probabilities may be kept.
        for _ in range(4):
            table = np.array([0.5, 0.5])
            alive.append(weakref.ref(table))
            item = Prediction(Path("a.png"), NAMES[0], table, "")
            del table
            yield item
            del item
            gc.collect()
            assert sum(ref() is not None for ref in alive) <= 1

    assert write_predictions(tmp_path / "t.csv", NAMES, counted()).n_predicted == 4
