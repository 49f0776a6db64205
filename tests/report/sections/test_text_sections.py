"""What a report says in words: verdict, ranking, findings, costs, settings, methods, DOME."""

import csv
import json

import pytest

from bioselect.report.blocks import Facts, Listed, Preformatted, Table, Text
from bioselect.report.results import RunResults
from bioselect.report.sections.costs import costs
from bioselect.report.sections.dome import dome
from bioselect.report.sections.findings import findings
from bioselect.report.sections.methods import methods
from bioselect.report.sections.ranking import ranking
from bioselect.report.sections.settings import settings
from bioselect.report.sections.verdict import verdict


def blocks_of(section, kind):
    return [block for block in section.blocks if isinstance(block, kind)]


def written(cell):
    return cell if isinstance(cell, str) else cell.written


def rows_of(table):
    return [[written(cell) for cell in row] for row in table.rows]


def test_the_headline_is_that_of_the_study_and_its_numbers_are_rounded(results):
    section = verdict(results)
    lead = next(block for block in section.blocks if isinstance(block, Text))
    assert lead.written.startswith("Use ")
    assert "of 4 combinations" in lead.written
    facts = blocks_of(section, Facts)[0].items
    score = results.study["honest_score"]
    assert [fact.value for fact in facts] == [
        f"{score[key]:.2f}" for key in ("value", "naive", "chance")
    ]
    guess = (facts[-1].label, facts[-1].about)
    assert guess == ("always guessing the commonest answer", "the same for every image")


def test_no_line_of_the_verdict_is_lost(results):
    section = verdict(results)
    text = " ".join(
        [
            *(block.written for block in blocks_of(section, Text)),
            *(item for block in blocks_of(section, Listed) for item in block.items),
            *(one.written for one in section.blocks[-1].blocks),
        ]
    )
    for word in results.study["in_words"].replace("In short:", "").split():
        # Names of parameters are left out where no two would be the same.
        if "n_neighbors" not in word:
            assert word in text


def test_ranking_has_every_combination_and_differences_from_the_best(results):
    table = blocks_of(ranking(results), Table)[0]
    with results.folder.ranking.open(encoding="utf-8") as file:
        stored = list(csv.DictReader(file))
    assert len(table.rows) == len(stored)
    best, second = (float(row["mean"]) for row in stored[:2])
    rows = rows_of(table)
    assert rows[0][3] == f"{best:.3f}"
    assert rows[0][5] == ""
    assert rows[1][5] == f"{100 * (second - best):+.1f}"
    assert [row[2] for row in rows].count("knn") == 2  # without its parameters
    assert rows[0][6] == "best"


def test_findings_stand_with_their_remedies(results):
    results.folder.findings.write_text(
        "severity,image,what,remedy\nwarning,a.png,Blank.,Look at it.\n", encoding="utf-8"
    )
    table = blocks_of(findings(RunResults(results.folder.root)), Table)[0]
    assert rows_of(table) == [["warning", "a.png", "Blank.", "Look at it."]]


def test_without_findings_that_is_said(results):
    results.folder.findings.write_text("severity,image,what,remedy\n", encoding="utf-8")
    section = findings(RunResults(results.folder.root))
    assert section.blocks == [Text("Nothing that needs a look.")]


def test_costs_are_sums_over_folds(results):
    results.folder.timings.write_text(
        "extractor,estimator,repeat,fold,fit_seconds,predict_seconds\n"
        "intensity,lda,0,0,1.5,0.25\nintensity,lda,0,1,2.5,0.25\n",
        encoding="utf-8",
    )
    rows = rows_of(blocks_of(costs(RunResults(results.folder.root)), Table)[0])
    assert ["4.0 s", "0.500 s"] in [row[2:4] for row in rows]
    assert ["not in this run"] * 2 in [row[2:4] for row in rows]


def test_settings_hold_the_whole_configuration_and_who_was_left_out(results):
    study = {**results.study, "left_out": ["vgg16, without weights"]}
    results.folder.study.write_text(json.dumps(study), encoding="utf-8")
    section = settings(RunResults(results.folder.root))
    assert Listed(["vgg16, without weights"]) in section.blocks
    assert section.blocks[-1].blocks == [Preformatted(results.config_text)]


def test_methods_say_what_was_done_and_nothing_else(results):
    section = methods(results)
    text = section.blocks[0].written
    references = " ".join(section.blocks[2].items)
    assert "feature extractors (intensity, lbp)" in text or "(lbp, intensity)" in text
    assert "36 images (" in text
    assert "bars: 12" in text
    assert "3-fold cross-validation, repeated 2 times" in text
    assert "seed 0" in text
    assert "balanced accuracy" in text
    assert "(1000 draws)" in text
    assert "Ojala" in references
    assert "Cover and Hart" in references
    assert "Tsamardinos" in references
    # There are no groups, no network, no random forest in this study.
    for absent in ("group", "network", "Breiman", "random_forest", "dummy"):
        assert absent not in text + references
    numbers = [item.partition("]")[0] for item in section.blocks[2].items if item[0] == "["]
    assert numbers == [f"[{number}" for number in range(1, len(numbers) + 1)]
    assert all(f"{number}" in text for number in range(1, len(numbers) + 1))


@pytest.mark.parametrize("method", ["nested", "test part"])
def test_methods_follow_how_the_score_was_found(results, method):
    score = {**results.study["honest_score"], "method": method}
    study = {**results.study, "honest_score": score}
    results.folder.study.write_text(json.dumps(study), encoding="utf-8")
    text = methods(RunResults(results.folder.root)).blocks[0].written
    assert ("nested cross-validation" in text) == (method == "nested")
    assert ("opened once" in text) == (method == "test part")
    assert "bootstrap bias corrected" not in text


def test_dome_has_the_four_parts_and_leaves_open_what_only_authors_know(results):
    rows = rows_of(blocks_of(dome(results), Table)[0])
    parts = list(dict.fromkeys(row[0] for row in rows))
    assert parts == ["Data", "Optimization", "Model", "Evaluation"]
    answers = {row[1]: row[2] for row in rows}
    assert answers["Availability of data"] == "(to be filled in by you)"
    assert "36 images: bars 12, dots 12, smooth 12" in answers["Provenance"]
    assert "4 models compared" in answers["Comparison"]


def with_study(results, **changed):
    """Return the run with other facts in its study."""
    study = {**results.study, **changed}
    results.folder.study.write_text(json.dumps(study), encoding="utf-8")
    return RunResults(results.folder.root)


def with_tests(*names):
    return [{"name": name, "p": 0.2} for name in names]


@pytest.mark.parametrize(
    ("names", "words", "not_said"),
    [
        (["paired bootstrap over units: a against b"], "paired bootstrap", "shared training"),
        (["t over groups and folds: a against b"], "jackknife variance between groups", "boot"),
        (["corrected resampled t: a against b"], "(corrected resampled t test)", "jackknife"),
        ([], "No differences between models were tested", "Holm"),
    ],
)
def test_methods_name_the_test_that_was_made(results, names, words, not_said):
    text = methods(with_study(results, tests=with_tests(*names))).blocks[0].written
    assert words in text
    assert not_said not in text.replace("bootstrap bias corrected", "")


def test_whose_score_it_is_stands_with_it(results):
    score = {**results.study["honest_score"], "of": "lbp + other"}
    text = methods(with_study(results, honest_score=score)).blocks[0].written
    assert "which is the figure of lbp + other" in text


def test_what_a_budget_left_aside_is_told(results):
    with results.folder.ranking.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [*rows[0], "n_folds", "reason"]
    last = [row for row in rows if row["rank"]][-1]
    last.update(rank="", role="dropped (budget)", n_folds="3", reason="no time was left")
    never = {**last, "estimator": "svm", "n_folds": "0"}
    with results.folder.ranking.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows([*rows, never])
    run = with_study(results, budget={"duration": "20s"})
    text = methods(run).blocks[0].written
    assert "We compared 4 models" in text
    assert "given up after some of the folds: 1 of these models; not tried at all: 1 more" in text
    answers = [row for row in rows_of(blocks_of(dome(run), Table)[0]) if row[1] == "Comparison"]
    assert answers[0][2].endswith("4 models compared")
    [left_out] = [one for one in settings(run).blocks if isinstance(one, Listed)]
    assert len(left_out.items) == 2
    assert all("no time was left" in one for one in left_out.items)


def test_no_place_of_the_machine_is_shown(results):
    words = results.study["in_words"] + "\nLeft out: hog (OSError: /home/anna/lab/hog.h5).\n"
    run = with_study(results, in_words=words, left_out=["svm (/home/anna/lab/x.py)"])
    shown = str([verdict(run).blocks, settings(run).blocks])
    assert "/home/anna" not in shown
    assert "/hog.h5" in shown


def test_where_nothing_was_tested_nobody_is_said_to_be_behind(results):
    run = with_study(results, tests=[{"name": "corrected resampled t: a against b", "p": None}])
    table, note = ranking(run).blocks
    assert "Differences were not tested" in table.caption
    assert "this design does not tell it" in note.written
    assert "paired tests" in ranking(with_study(results, tests=with_tests("x"))).blocks[0].caption


def test_what_failed_is_told_in_the_methods(results):
    text = results.folder.ranking.read_text(encoding="utf-8")
    lines = text.splitlines()
    lines.append(",lbp,svm" + "," * (lines[0].count(",") - 3) + ",failed")
    results.folder.ranking.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = RunResults(results.folder.root)
    assert run.ranking[-1]["role"] == "failed"
    assert "Training failed for 1 further model, left out here." in methods(run).blocks[0].written
