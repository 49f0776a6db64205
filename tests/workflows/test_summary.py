"""The last lines of a run: commands that can be copied as they stand."""

import shlex
from pathlib import Path

from bioselect.registry import ComponentSpec
from bioselect.run_folder import RunFolder
from bioselect.selection.candidates import Candidate
from bioselect.selection.outcome import RankingRow
from bioselect.workflows.summary import model_in_words, ranking_lines


def test_the_command_can_be_copied_whatever_the_folder_is_called():
    folder = RunFolder(Path("my study/it's"))
    words = model_in_words(folder, Candidate(ComponentSpec("hog"), ComponentSpec("lda")))
    command = shlex.split(words.splitlines()[-1].removeprefix("Apply it: "))
    assert command == ["bioselect", "predict", str(folder.model), "FOLDER", "-o", "predictions.csv"]


def test_a_row_without_an_interval_says_so():
    row = RankingRow(1, "hog", "svm", 0.8, None, None, *[None] * 5, 1e6, "best")
    assert ranking_lines([row], "accuracy")[1].split("  ")[-2:] == ["not known", "best"]


def test_parameters_of_a_metric_do_not_widen_the_table():
    row = RankingRow(1, "hog", "svm", 0.8, 0.7, 0.9, *[None] * 5, 1e6, "best")
    heading = ranking_lines([row], "recall(positive=mid_cell)")[0]
    assert heading.split("  ")[-2:] == ["recall", "95 % interval"]
