"""What goes wrong with tables of measurements, typed as people do; each has its line.

All bad tables begin as the same good one of 40 samples.
"""

import csv
import random
import re

import pytest

from bioselect.cli.main import main

HEADER = ("sample", "age", "size", "site", "diagnosis", "dose")
N_ROWS = 40


def good_rows():
    draw = random.Random(4)
    return [
        {
            "sample": f"s{place:02d}",
            "age": str(draw.randint(30, 70)),
            "size": f"{draw.gauss(3 + place % 2, 0.5):.3f}",
            "site": draw.choice(["left", "right"]),
            "diagnosis": ("benign", "malignant")[place % 2],
            "dose": f"{draw.gauss(20 + 3 * (place % 2), 2):.2f}",
        }
        for place in range(N_ROWS)
    ]


class Bench:
    """A folder with a table `cells.csv`, and what is typed in it."""

    def __init__(self, folder, capsys):
        self.folder, self.capsys, self.rows = folder, capsys, good_rows()

    def save(self, name="cells.csv", separator=","):
        with (self.folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(self.rows[0]), delimiter=separator)
            writer.writeheader()
            writer.writerows(self.rows)
        return str(self.folder / name)

    def check(self, keys="id: sample, exclude: [dose]", target="diagnosis", separator=","):
        """Save the table and a configuration, and return the command that checks it."""
        self.save(separator=separator)
        task, kind, name = "classification", "classifiers", "lda"
        if target == "dose":
            task, kind, name = "regression", "regressors", "linear"
        (self.folder / "study.yaml").write_text(
            f"task: {task}\ndataset: {{table: cells.csv, target: {target}, {keys}}}\n"
            f"{kind}: [{name}]\nvalidation: {{folds: 3, repeats: 1}}\noutput: results\n",
            encoding="utf-8",
        )
        return ["check", str(self.folder / "study.yaml"), "--jobs", "1"]

    def told(self, arguments, *words):
        """Assert that a command stops with an error of one line that matches expressions."""
        assert main(arguments) == 1
        shown = self.capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        error = shown.err[shown.err.rindex("error: ") :].strip()
        assert len(error.splitlines()) == 1, error
        assert " image" not in error
        for word in words:
            assert re.search(word, error), f"{word!r} is not in: {error}"

    def works(self, arguments, *words):
        """Assert that a command does its work, and tells what matches expressions."""
        assert main(arguments) == 0, self.capsys.readouterr().err
        shown = self.capsys.readouterr()
        for word in words:
            assert re.search(word, shown.out + shown.err), f"{word!r} is not in: {shown}"


@pytest.fixture
def bench(tmp_path, capsys):
    return Bench(tmp_path, capsys)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Return the run folder of a study of knn, which is never touched."""
    folder = tmp_path_factory.mktemp("columns")
    lab = Bench(folder, None)
    lab.save()
    (folder / "study.yaml").write_text(
        "dataset: {table: cells.csv, target: diagnosis, id: sample, exclude: [dose]}\n"
        "classifiers: [knn]\nvalidation: {folds: 3, repeats: 1}\noutput: results\n",
        encoding="utf-8",
    )
    assert main(["run", str(folder / "study.yaml"), "--jobs", "1"]) == 0
    return folder / "results"


# --- training ------------------------------------------------------------------------------------


def test_text_in_a_column_of_numbers(bench):
    for place in range(3):
        bench.rows[place]["size"] = "n.d."
    bench.told(
        bench.check(),
        r"column 'size' holds numbers, but text in 3 of 40 cells \(line 2: 'n\.d\.'",
        "Correct it or leave the cell empty",
    )


def test_numbers_in_a_column_of_text(bench):
    for place in range(26):
        bench.rows[place]["size"] = ("ca. 3", "<2", "3 mm")[place % 3]
    bench.told(
        bench.check(),
        r"column 'size' holds text in 26 of 40 cells \(line 2: 'ca\. 3'.*and numbers in 14",
        "not guessed. Write a number or nothing into each cell.*dataset.categorical",
    )
    bench.works(bench.check("id: sample, exclude: [dose], categorical: [size]"), "can be run")


def test_a_few_numbers_among_categories(bench):
    bench.rows[0]["site"] = bench.rows[1]["site"] = "1"
    bench.works(
        bench.check(),
        "warning: column 'site' is taken for categories, as 38 of 40 cells are text.*but 2 look",
    )


@pytest.mark.parametrize("target", ["diagnosis", "dose"])
def test_decimal_commas(bench, target):
    for row in bench.rows:
        row["size"], row["dose"] = row["size"].replace(".", ","), row["dose"].replace(".", ",")
    keys = "id: sample" if target == "dose" else "id: sample, exclude: [dose]"
    bench.told(
        bench.check(keys, target, ";"), "column 'size' has decimal commas", "Write decimal: ','"
    )
    bench.works(bench.check(f"{keys}, decimal: ','", target, ";"), "can be run")


def test_decimal_points_in_the_target_alone(bench):
    for row in bench.rows:
        row["size"] = row["size"].replace(".", ",")
    bench.told(
        bench.check("id: sample, decimal: ','", "dose", ";"),
        r"cells.csv:2: column 'dose' must hold a number in every row, with a decimal comma",
        "Write all numbers of the table in one way",
    )


def test_ids_that_stand_twice(bench):
    bench.rows[5]["sample"] = "s04"
    bench.told(
        bench.check(),
        "column 'sample', the id, must name each row once. Got 's04' in lines 6, 7",
        "write group: sample",
    )
    bench.told(
        bench.check("exclude: [dose]"),
        "39 different texts in 40 rows.*'s04' stands in lines 6, 7. If it names the rows",
    )


@pytest.mark.parametrize("is_copied", [False, True])
def test_an_id_that_nobody_declared(bench, is_copied):
    for place, row in enumerate(bench.rows):
        row["sample"] = str(place + 1)
    bench.rows[5]["sample"] = "5" if is_copied else "6"
    told = "warning: looks like the name of the row, not like a measurement: sample"
    if is_copied:
        told = (
            r"warning: column 'sample' looks .* but '5' stands in several rows \(line 06, line 07\)"
        )
    bench.works(bench.check("exclude: [dose]"), told, "dataset.id: sample")


@pytest.mark.parametrize("word", ["", "NA", "n/a", "null", "missing", "--"])
@pytest.mark.parametrize("target", ["diagnosis", "dose"])
def test_a_target_that_is_missing_in_some_rows(bench, word, target):
    keys = "id: sample, exclude: [dose]" if target == "diagnosis" else "id: sample"
    bench.rows[2][target] = bench.rows[7][target] = word
    bench.told(
        bench.check(keys, target),
        rf"column '{target}', the target, must be filled in every row. Got 2 empty \(lines 4, 9\)",
        "dataset.drop: without_target",
    )
    bench.works(
        bench.check(f"{keys}, drop: without_target", target),
        r"note: 2 rows without a target left out \(lines 4, 9\)",
    )


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999"])
def test_infinite_values(bench, cell):
    bench.rows[3]["size"] = cell
    bench.told(
        bench.check(), rf"'size' must hold finite numbers. Got 1 infinite \(line 5: '{cell}'"
    )
    bench.rows = good_rows()
    bench.rows[3]["dose"] = cell
    bench.told(
        bench.check("id: sample", "dose"),
        rf"cells.csv:5: column 'dose' must hold a number in every row that is finite. Got '{cell}'",
    )


def test_a_row_of_which_nothing_is_known(bench):
    bench.rows[3].update(age="", size="NA", site="?")
    bench.works(bench.check(), "note: 1 row left out in which nothing is known.*: s03", "39 rows")


def test_a_column_that_leaks_with_a_gap(bench):
    for row in bench.rows:
        row["volume"] = f"{float(row['dose']) ** 5:.1f}"
    bench.rows[3]["volume"] = ""
    bench.works(
        bench.check("id: sample", "dose"),
        r"warning: columns that correlate with dose above 0.99: volume \(rank correlation 1.0000\)",
    )


# --- prediction and evaluation -------------------------------------------------------------------


def predict(bench, model):
    return ["predict", str(model), bench.save(), "-o", str(bench.folder / "p.csv")]


def evaluate(bench, model):
    return ["evaluate", str(model), bench.save(), "-o", str(bench.folder / "e")]


def predicted(bench):
    with (bench.folder / "p.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_columns_in_another_order_and_one_more(bench, model):
    bench.works(predict(bench, model), "40 rows predicted", "are left aside: dose")
    expected = (bench.folder / "p.csv").read_bytes()
    bench.rows = [{"ward": "7", **dict(reversed(list(row.items())))} for row in bench.rows]
    bench.works(predict(bench, model), "does not take are left aside: ward, dose")
    assert (bench.folder / "p.csv").read_bytes() == expected


@pytest.mark.parametrize("command", [predict, evaluate])
def test_a_column_that_is_missing(bench, model, command):
    for row in bench.rows:
        del row["size"]
    bench.told(
        command(bench, model),
        r"has no column 'size' \(which the model takes\). Its columns: sample, age, site",
        "where nothing is known, add one with empty cells",
    )


def test_bad_cells_cost_their_rows(bench, model):
    bench.rows[0]["size"] = "3 mm"
    bench.rows[1]["size"] = "1,5"
    bench.rows[2]["size"] = "inf"
    bench.rows[3].update(age="", size="", site="elsewhere")
    bench.rows[5]["sample"] = "s04"
    bench.works(
        predict(bench, model),
        "36 rows predicted",
        "4 rows could not be used; the column `error` says why",
        r"several rows have one name: 's04' \(2 rows\)",
        r"column 'site': categories that the model has never met: 'elsewhere' \(1\)",
    )
    rows = predicted(bench)
    words = ("Got '3 mm'", "Write 1.5", "finite number. Got 'inf'", "is anything that it knows")
    for row, word in zip(rows, words, strict=False):
        assert word in row["error"]
        assert row["prediction"] == ""
    assert not any(row["error"] for row in rows[4:])
    bench.works(evaluate(bench, model), "36 rows evaluated, 4 could not be used")


def test_no_row_that_can_be_used(bench, model):
    for row in bench.rows:
        row["size"] = row["size"].replace(".", ",")
    bench.told(predict(bench, model), "none of the 40 rows could be used.*Write [0-9.]+")


def test_evaluated_without_the_target(bench, model):
    bench.rows[3]["diagnosis"] = ""
    bench.told(evaluate(bench, model), r"'diagnosis', the target, must be filled.*1 empty \(s03\)")
    for row in bench.rows:
        del row["diagnosis"]
    bench.told(evaluate(bench, model), r"has no column 'diagnosis'.*--target NAME names another")


def test_a_model_that_holds_rows_says_so(bench, model):
    bench.works(bench.check(), "can be run")
    card = (model / "model" / "card.md").read_text(encoding="utf-8")
    assert "**This model holds rows of the table it was trained on" in card
    assert "knn predicts by comparing with them" in card
