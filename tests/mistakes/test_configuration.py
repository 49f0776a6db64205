"""Mistakes in the YAML file: its form, its keys, its values."""

import pytest

from bioselect.cli.main import main


def test_configuration_misspelt(lab):
    lab.told(["run", "confg.yaml"], r"confg\.yaml", "no such file")


def test_a_folder_instead_of_a_configuration(lab):
    lab.told(["check", "images"], "images: this is a folder", "Name the configuration file")
    lab.told(["check", "images"], "`bioselect init images` writes one")


def test_a_table_instead_of_a_configuration(lab):
    lab.told(["run", "labels.csv"], "must be a configuration", "`bioselect init labels.csv`")


def test_blanks_in_the_name_of_the_configuration_without_quotes(lab):
    with pytest.raises(SystemExit):
        main(["run", "my", "config.yaml"])
    assert 'a name with blanks needs quotes: "my images"' in lab.capsys.readouterr().err


def test_an_image_instead_of_a_configuration(lab):
    lab.told(
        ["run", "images/healthy/0.png"],
        r"0\.png",
        "must be text",
        r"Name a configuration \(\.yaml\)",
    )


def test_an_empty_configuration(lab):
    lab.told(lab.check(text=""), "empty")


def test_tabs_in_the_configuration(lab):
    lab.told(lab.check(text="dataset:\n\tpath: images\n"), r"config\.yaml:2", "[Tt]ab")


def test_a_key_written_twice(lab):
    lab.told(
        lab.check(text=lab.text().replace("output", "classifiers: [knn]\noutput")),
        r"config\.yaml:4",
        "'classifiers'|classifiers",
        "twice",
    )


def test_a_colon_forgotten(lab):
    lab.told(lab.check(text=lab.text().replace("output: ", "output ")), r"config\.yaml:\d", "colon")


def test_a_key_misspelt(lab):
    lab.told(
        lab.check(text=lab.text().replace("extractors:", "extractor:")),
        "extractor",
        "Did you mean 'extractors'",
    )


def test_one_fold(lab):
    lab.told(
        lab.check(rest="validation: {folds: 1}\noutput: results"),
        r"validation\.folds",
        "at least 2",
        "Got 1",
    )


def test_a_hundred_folds(lab):
    lab.told(
        lab.check(rest="validation: {folds: 100}\noutput: results"),
        r"validation\.folds",
        "at most 12",
        "Got 100",
        "fewer folds",
    )


def test_no_output(lab):
    lab.told(lab.check(rest="jobs: 1"), "output", "missing")


def test_a_folder_and_a_table(lab):
    lab.told(
        lab.check(dataset="{path: images, table: labels.csv}"), "path and table", "Keep the one"
    )


def test_a_column_where_there_is_no_table(lab):
    lab.told(
        lab.check(dataset="{path: images, group: patient}"),
        "group 'patient' names a column",
        "level",
    )


def test_a_table_given_as_the_folder(lab):
    lab.told(lab.check(dataset="{path: labels.csv}"), "Write it as table")


def test_a_windows_path_in_double_quotes(lab):
    lab.told(lab.check(dataset='{path: "C:\\Users\\me\\images"}'), "backslash|escape|quotes")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dataset:\n  path: images\n group: null\n", ("config.yaml:3", "same column")),
        ("dataset:\n  path: images\n    group: null\n", ("config.yaml:3", "indented")),
        ("dataset:\npath: images\n", ("config.yaml:1: dataset: must be a section", "indented")),
        ("dataset:\n\u00a0path: images\n", ("config.yaml:2", "no space", "U.00A0", "by spaces")),
        ("dataset: images\n", ("dataset: must be a section", "Got 'images'")),
        ("- dataset: images\n", ("must hold sections", "a list", "Remove the dashes")),
    ],
)
def test_wrong_indentation(lab, text, words):
    lab.told(lab.check(text=text), *words)


@pytest.mark.parametrize(
    ("extractors", "got"),
    [("intensity", "'intensity'"), ("\n  -intensity", "'-intensity'"), ("", "null")],
)
def test_a_list_that_is_none(lab, extractors, got):
    text = lab.text(extractors=extractors)
    lab.told(lab.check(text=text), "extractors: must be a list, such as", f"Got {got}")


def test_an_empty_list(lab):
    lab.told(lab.check(extractors="[]"), "extractors: must list at least one")


def test_a_key_with_a_capital(lab):
    text = lab.text().replace("dataset", "Dataset")
    lab.told(lab.check(text=text), "dataset: is missing", "Did you mean 'dataset'")


def test_a_bracket_left_open(lab):
    lab.told(lab.check(extractors="[intensity"), "config.yaml:3", "Close the bracket")


def test_a_quote_left_open(lab):
    lab.told(lab.check(dataset="{path: 'images}"), "Close the quote")


def test_a_configuration_saved_as_unicode_by_the_editor(lab):
    lab.told(lab.check(text=lab.text().encode("utf-16")), "must be text in UTF-8", "0xff")


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("jobs: 0", ("config.yaml:4: jobs: must be at least 1. Got 0",)),
        ("jobs: all", ("jobs: must be a whole number", "Got 'all'")),
        ("validation: {seed: lucky}", (r"validation\.seed: must be a whole number", "'lucky'")),
        ("validation: {folds: five}", ("must be a whole number or auto", "Got 'five'")),
        ("validation: {folds: 2.5}", ("must be a whole number or auto", "Got 2.5")),
        ("validation: {repeats: 0}", (r"validation\.repeats: must be at least 1", "Got 0")),
        ("statistics: {alpha: 5}", (r"statistics\.alpha: must be at most 0\.5", "Got 5")),
        ("statistics: {rope: 1%}", ("must be a number or auto", "'1%'")),
        ("statistics: {rope: '0,01'}", ("Got '0,01'", r"Write it with a point: 0\.01")),
        ("task: clasification", ("task: must be classification", "'clasification'")),
        ("task: detection", ("task: must be classification", "'detection'")),
        ("networks: resnet18", ("networks: must be a list", "Got .resnet18")),
        ("modules: mymodules", ("must be a folder with Python files", "mymodules")),
        ("output: 2024", ("output: must be text", "Got 2024")),
    ],
)
def test_a_value_that_is_none(lab, rest, words):
    rest = rest if "output" in rest else f"{rest}\noutput: results"
    lab.told(lab.check(rest=rest), *words)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("on_bad_image: yes", ("must be one of stop, exclude", "Got 'yes'")),
        ("group: yes", ("group 'yes' names a column", "only a table has")),
        ("splits: [train]", ("splits goes with path only", "npz")),
        ("stack: maximum", ("stack", "projection: max", "Got 'maximum'")),
        ("stack: {every: 0}", ("every must be a whole number of at least 1",)),
        ("intensity: 12bit", ("must be one of auto, dtype, percentile", "'12bit'")),
        ("intensity: {min: 4095, max: 0}", ("min must be less than max",)),
        ("channels: 3", (r"a list of channel numbers counted from 0", "Got 3")),
        ("channels: [red]", ("must be a whole number", "'red'")),
        ("group: {level: 0}", ("level must be at least 1",)),
        ("group: {pattern: 'p[0-9]+'}", ("in parentheses", "for example")),
        ("group: {column: patient}", ("level: N", "pattern: REGULAR EXPRESSION")),
    ],
)
def test_a_value_of_dataset_that_is_none(lab, keys, words):
    lab.told(lab.check(dataset=f"{{path: images, {keys}}}"), "config.yaml:1", *words)


@pytest.mark.parametrize("path", ["C:\\Users\\me\\images", "D:/images", "\\\\server\\images"])
@pytest.mark.parametrize("where", ["dataset", "output"])
def test_a_path_of_windows_elsewhere(lab, path, where, monkeypatch):
    parts = {"dataset": f"{{path: {path}}}"} if where == "dataset" else {"rest": f"output: {path}"}
    monkeypatch.setattr("bioselect.config.rules.os.name", "posix")
    lab.told(lab.check(**parts), "must be a path on this computer", "one of Windows")
    assert not any(lab.folder.glob("C:*"))


def test_quotes_of_a_word_processor(lab):
    lab.told(lab.check(dataset="{path: \u201cimages\u201d}"), "Did you mean .*/images")


# --- what works anyway ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: f"# Größe, 細胞\n\n{text}\n\n".encode(),
        lambda text: f"---\n{text}...\n".encode(),
        lambda text: text.replace("images", "'./images/'").encode(),
    ],
)
def test_line_ends_marks_and_comments_of_any_editor(lab, changed):
    lab.works(lab.check(text=changed(lab.text())), "can be run")


def test_a_blank_forgotten_behind_a_colon(lab):
    text = lab.text().replace("dataset: {path: images}", "dataset:\n  path:images\n  group: null")
    lab.told(lab.check(text=text), "A colon needs a blank after it")


def test_curly_quotes(lab):
    group = "{pattern: \u2018(p[0-9]+)_\u2019}"
    lab.told(lab.check(dataset="{path: images, group: " + group + "}"), "curly|pattern")
    broken = "{path: images, group: {pattern: \u2018a, b]\u2019}}"
    lab.told(lab.check(dataset=broken), "curly quotes are no quotes")
