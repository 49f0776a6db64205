"""What a person types: exit codes, one-line errors, quick answers."""

import csv
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bioselect.cli.main import main
from bioselect.stopping import Stop

HEAVY = ("tensorflow", "keras", "cv2", "sklearn", "scipy", "pandas", "numpy", "skimage", "h5py")


def loaded_after(code):
    """Run code in a fresh process and return which heavy libraries it imported."""
    text = f"{code}\nimport sys\nprint([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1], done


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["explain", "--help"],
        ["components"],
        ["components", "extractor", "hog"],
    ],
)
def test_help_and_components_import_nothing_heavy(arguments):
    code = (
        "from bioselect.cli.main import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass"
    )
    assert loaded_after(code)[0] == "[]"


def test_error_in_configuration_imports_nothing_heavy(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("dataset: {path: x}\nextractors: [vgg61]\nclassifiers: [svn]\n")
    code = f"from bioselect.cli.main import main\nprint(main(['run', {str(config)!r}]))"
    loaded, done = loaded_after(code)
    assert loaded == "[]"
    assert "Did you mean 'vgg1" in done.stderr
    assert "'svm'" in done.stderr
    assert "Traceback" not in done.stderr


def test_usage_error_is_2(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run"])
    assert stopped.value.code == 2


def test_user_error_is_1_and_one_line(tmp_path, capsys):
    assert main(["run", str(tmp_path / "nowhere.yaml")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert "nowhere.yaml" in error


def test_schema_is_json(capsys):
    import json

    assert main(["schema"]) == 0
    assert "dataset" in json.loads(capsys.readouterr().out)["properties"]


def test_check_run_predict_evaluate(write_config, drawn_images, tmp_path, capsys):
    config = write_config()
    assert main(["check", str(config)]) == 0
    assert "The configuration can be run" in capsys.readouterr().out
    assert not (tmp_path / "run").exists()
    assert main(["run", str(config), "--jobs", "1"]) == 0
    assert "bioselect predict" in capsys.readouterr().out

    output = tmp_path / "predictions.csv"
    bad = tmp_path / "new" / "bad.png"
    bad.parent.mkdir()
    bad.write_bytes(b"not an image")
    arguments = [str(tmp_path / "run"), str(drawn_images), str(bad.parent), "-o", str(output)]
    assert main(["predict", *arguments]) == 0
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == sorted(row["path"] for row in rows)
    (failed,) = (row for row in rows if row["error"])
    assert failed["path"].endswith("bad.png")
    assert failed["prediction"] == ""
    assert len(rows) == 37

    evaluation = tmp_path / "evaluation"
    capsys.readouterr()
    assert main(["evaluate", str(tmp_path / "run"), str(drawn_images), "-o", str(evaluation)]) == 0
    shown = capsys.readouterr()
    assert "balanced_accuracy" in shown.out
    assert "this model was trained on" in shown.out
    assert (shown.out + shown.err).count("warning: ") == 1
    assert {p.name for p in Path(evaluation).iterdir()} >= {"metrics.csv", "confusion.csv"}


def test_own_component_is_checked(tmp_path, monkeypatch, capsys):
    (tmp_path / "ownlab.py").write_text(
        "import numpy as np\n"
        "class Good:\n"
        "    def transform(self, images):\n"
        "        return np.array([[i.mean(), i.std()] for i in images], dtype=np.float32)\n"
        "class Bad(Good):\n"
        "    def transform(self, images):\n"
        "        return super().transform(images)[:1]\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["components", "extractor", "--check", "ownlab:Good"]) == 0
    assert main(["components", "extractor", "--check", "ownlab:Bad"]) == 1
    assert "must return (n_images, n_features)" in capsys.readouterr().out


def test_cache_is_shown_and_emptied(write_config, capsys):
    config = write_config()
    main(["run", str(config), "--jobs", "1"])
    capsys.readouterr()
    assert main(["cache", "info", str(config)]) == 0
    assert "36 images" in capsys.readouterr().out
    assert main(["cache", "clear", str(config)]) == 0
    main(["cache", "info", str(config)])
    assert "no features are kept" in capsys.readouterr().out


@pytest.mark.parametrize(("command", "goes_on"), [("run", True), ("check", False)])
def test_ctrl_c_promises_only_what_is_kept(command, goes_on, tmp_path, capsys, monkeypatch):
    def interrupted(path):
        raise KeyboardInterrupt

    monkeypatch.setattr("bioselect.config.loading.load_config", interrupted)
    assert main([command, str(tmp_path / "config.yaml")]) == 130
    assert ("goes on from here" in capsys.readouterr().err) is goes_on


def test_a_second_run_that_is_stopped_goes_on_too(tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("bioselect.workflows.reproduce.reproduce", interrupted)
    assert main(["reproduce", str(tmp_path)]) == 130
    assert "goes on from here" in capsys.readouterr().err


def test_the_kind_of_an_own_component_need_not_be_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "unnamedlab.py").write_text("class Bad:\n    def transform(self, images): ...\n")
    monkeypatch.chdir(tmp_path)
    assert main(["components", "--check", "unnamedlab:Bad"]) == 1
    assert "extractor unnamedlab:Bad:" in capsys.readouterr().out


def test_no_name_is_not_this_folder(capsys):
    with pytest.raises(SystemExit):
        main(["init", ""])
    assert "must name a folder or a table (. is this folder)" in capsys.readouterr().err


def test_no_memory_is_one_line(tmp_path, capsys, monkeypatch):
    def refused(path):
        raise MemoryError("Unable to allocate 12.3 GiB")

    monkeypatch.setattr("bioselect.config.loading.load_config", refused)
    assert main(["run", str(tmp_path / "config.yaml")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(
        "error: memory ran out (Unable to allocate 12.3 GiB). What was finished"
    )
    assert error.count("\n") == 1


def test_what_an_interruption_breaks_is_told_as_a_stop(tmp_path, capsys, monkeypatch):
    stop = Stop()

    def half_imported(path):
        stop.asked = signal.SIGTERM
        raise ImportError("partially initialized module")

    monkeypatch.setattr("bioselect.config.loading.load_config", half_imported)
    assert main(["run", str(tmp_path / "config.yaml")], stop) == 128 + 15
    assert capsys.readouterr().err.endswith("the same command goes on from here.\n")
