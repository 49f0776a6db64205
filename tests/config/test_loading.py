import subprocess
import sys
from pathlib import Path

import pytest

from bioselect.config.loading import load_config
from bioselect.config.task_keys import goes_with
from bioselect.exceptions import ConfigurationError

ROOT = Path(__file__).parents[2]


def test_defaults(load, smallest, tmp_path) -> None:
    config = load(smallest)
    base = tmp_path.resolve()
    assert config.path == base / "config.yaml"
    assert config.base_dir == base
    assert config.task == "classification"
    assert config.dataset.path == base / "images"
    assert (config.dataset.group_rule, config.dataset.channels) == (None, None)
    assert (config.dataset.intensity, config.dataset.on_bad_image) == ("auto", "stop")
    validation = config.validation
    assert (validation.folds, validation.repeats, validation.metric) == ("auto", "auto", "auto")
    assert validation.seed == 0
    assert (config.statistics.alpha, config.statistics.rope) == (0.05, "auto")
    assert config.statistics.select == "recommended"
    assert (config.output, config.cache, config.jobs) == (base / "results", None, None)
    assert config.networks == ()
    assert config.may_skip(config.extractor_specs[0]) is False


def test_paths_start_from_the_folder_of_the_file(tmp_path) -> None:
    folder = tmp_path / "configs"
    folder.mkdir()
    path = folder / "c.yaml"
    path.write_text(
        "dataset: {table: ../data/t.csv, root: ../images, image: f, target: c, group: patient}\n"
        "extractors: [{name: vgg16, params: {weights: ../w/vgg.h5}}, "
        "{name: concat, params: {extractors: [hog, {name: vgg16, params: {weights: w.h5}}]}}]\n"
        "classifiers: [{name: knn, params: {weights: distance}}]\n"
        "output: ../results\ncache: /elsewhere/cache\n"
    )
    config = load_config(path)
    base = tmp_path.resolve()
    assert config.dataset.table == base / "data" / "t.csv"
    assert config.dataset.root == base / "images"
    assert config.output == base / "results"
    assert config.cache == Path("/elsewhere/cache")
    vgg, concat = config.extractor_specs
    assert vgg.params_dict == {"weights": str(base / "w" / "vgg.h5")}
    assert concat.params_dict["extractors"] == [
        {"name": "hog", "params": {}},
        {"name": "vgg16", "params": {"weights": str(base / "configs" / "w.h5")}},
    ]
    # A word that happens to be called `weights` elsewhere is no path.
    assert config.classifier_specs[0].params_dict == {"weights": "distance"}


def test_a_linked_folder_leads_where_the_system_would_go(tmp_path) -> None:
    (tmp_path / "far" / "configs").mkdir(parents=True)
    (tmp_path / "near").symlink_to(tmp_path / "far" / "configs")
    path = tmp_path / "near" / "c.yaml"
    path.write_text(
        "dataset: {path: ../images}\nextractors: [hog]\nclassifiers: [svm]\noutput: o\n"
    )
    assert load_config(path).dataset.path == tmp_path.resolve() / "far" / "images"


def test_every_problem_is_reported_at_once_in_the_order_of_the_file(problems_of) -> None:
    lines = problems_of(
        "task: detection\n"
        "dataset:\n"
        "  path: images\n"
        "  chanels: [0]\n"
        "extractors: [hgo]\n"
        "classifiers: [{name: svm, params: {kernel: rfb}}]\n"
        "validation:\n"
        "  folds: 1\n"
        "  seed: 0\n"
        "  seed: 1\n"
        "  metric: acuracy\n"
        "output: results\n"
        "ouput: results\n"
    )
    assert lines == [
        "config.yaml:1: task: must be classification, regression or segmentation. Got 'detection'.",
        "config.yaml:4: dataset.chanels: unknown key. Did you mean 'channels'? Known here: "
        "features, exclude, id, drop, columns, categorical, decimal, path, splits, table, root, "
        "image, target, group, channels, stack, tiles, intensity, on_bad_image.",
        lines[2],
        "config.yaml:6: classifiers, item 1: params.kernel: must be one of rbf, poly, sigmoid, "
        "linear. Got 'rfb'. Did you mean 'rbf'?",
        "config.yaml:8: validation.folds: must be at least 2. Got 1.",
        "config.yaml:10: validation.seed: this key stands twice (first in line 9). Keep one of "
        "the two.",
        lines[6],
        lines[7],
    ]
    assert lines[2].startswith(
        "config.yaml:5: extractors, item 1: unknown extractor 'hgo'. Did you mean 'hog'?"
    )
    assert lines[6].startswith(
        "config.yaml:11: validation.metric: unknown metric 'acuracy'. Did you mean 'accuracy'?"
    )
    assert lines[7].startswith("config.yaml:13: ouput: unknown key. Did you mean 'output'?")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "config.yaml:1: the file is empty. `bioselect init"),
        ("# nothing\n", "config.yaml:1: the file is empty. `bioselect init"),
        (
            "- hog\n",
            "config.yaml:1: the file must hold sections (`dataset:`, `extractors:`, ...). ",
        ),
        ("hog\n", "config.yaml:1: the file must hold sections"),
        (
            b"a: 1\nb: caf\xe9\n",
            "config.yaml:2: the file must be text in UTF-8. Got the byte 0xe9.",
        ),
        ("a:\n\tb: 1\n", "config.yaml:2: the line begins with a tab."),
        ("a: b: c\n", "config.yaml:1: this is not valid YAML: mapping values are not allowed"),
    ],
)
def test_a_file_that_is_none(problems_of, text, start) -> None:
    assert problems_of(text)[0].startswith(start)


def test_what_is_missing_is_named(problems_of) -> None:
    lines = problems_of("task: classification\n")
    assert [line.split(" is missing.")[0] for line in lines] == [
        "config.yaml:1: dataset:",
        "config.yaml:1: output:",
        "config.yaml:1: extractors:",
        "config.yaml:1: classifiers:",
    ]


def test_a_byte_order_mark_and_windows_lines_are_fine(load, smallest) -> None:
    config = load(b"\xef\xbb\xbf" + smallest.replace("\n", "\r\n").encode())
    assert config.extractor_specs[0].name == "hog"


def test_no_such_file(tmp_path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        load_config(tmp_path / "absent.yaml")
    with pytest.raises(ConfigurationError, match="this is a folder"):
        load_config(tmp_path)


def test_a_configuration_cannot_be_changed(load, smallest) -> None:
    config = load(smallest)
    with pytest.raises(ValueError, match="frozen"):
        config.jobs = 3
    with pytest.raises(ValueError, match="frozen"):
        config.validation.seed = 3


@pytest.mark.parametrize("name", ["quickstart", "classification"])
def test_the_configurations_that_ship_are_right(name) -> None:
    config = load_config(ROOT / "configs" / f"{name}.yaml")
    assert config.dataset.table == ROOT.resolve() / "datasets" / "cells" / "labels.csv"
    assert config.dataset.table.is_file()
    assert config.dataset.group_rule.column == "patient"
    network = config.extractor_specs[-1]
    assert network.name == "mobilenet_v2"
    assert config.may_skip(network)
    assert not config.may_skip(config.extractor_specs[0])
    assert config.output == ROOT.resolve() / "results" / name


def test_the_complete_configuration_writes_out_the_defaults() -> None:
    config = load_config(ROOT / "configs" / "classification.yaml")
    text = (ROOT / "configs" / "classification.yaml").read_text(encoding="utf-8")
    for above, section in (
        ((), config),
        (("dataset",), config.dataset),
        (("validation",), config.validation),
        (("statistics",), config.statistics),
        (("bundle",), config.bundle),
        (("report",), config.report),
    ):
        for key, field in type(section).model_fields.items():
            if not goes_with("classification", (*above, key)):
                continue
            assert f"\n  {key}: " in text or f"\n{key}:" in text or key == "path", key
            if field.default is None or isinstance(field.default, int | float):
                written = {"table", "image", "target", "group"}
                assert key in written or getattr(section, key) == field.default, key


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from bioselect.config.loading import load_config\n"
        f"load_config({str(ROOT / 'configs' / 'classification.yaml')!r})\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'sklearn', 'cv2', 'tensorflow', 'keras', 'h5py'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_folder_of_modules_that_is_missing_is_named(problems_of, smallest) -> None:
    (line,) = problems_of(smallest + "modules: nowhere\n")
    assert line.startswith(
        "config.yaml:5: modules: must be a folder with Python files. Got nowhere"
    )


@pytest.mark.parametrize(("name", "key"), [("concat", "extractors"), ("model_file", "path")])
def test_a_parameter_that_is_needed_is_named(problems_of, smallest, name, key) -> None:
    (line,) = problems_of(smallest.replace("hog", name))
    assert line.endswith(f"params.{key}: is missing; {name} needs it.")
