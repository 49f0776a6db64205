import pytest

from bioselect.app.refusal import RefusedError
from bioselect.app.written_config import config_of
from bioselect.exceptions import ConfigurationError

TEXT = """\
dataset: {{path: '{path}'}}
extractors: {extractors}
classifiers: {classifiers}
validation: {{metric: {metric}}}
output: '{output}'
"""


@pytest.fixture
def made(tmp_path, drawn_images):
    """Return a function that checks a configuration of some components."""

    def make(
        extractors="[hog]", classifiers="[lda]", metric="accuracy", rest="", path=None, output="run"
    ):
        for name in ("mylab.py", "my-lab.py", "c.py"):
            (tmp_path / name).write_text("open('ran', 'w')\n")
        text = TEXT.format(
            path=path or drawn_images.as_posix(),
            output=output,
            extractors=extractors,
            classifiers=classifiers,
            metric=metric,
        )
        return config_of(text + rest, tmp_path / "study.yaml")

    return make


def test_names_that_are_known_are_taken(made):
    config = made(
        "[hog, {name: lbp, params: {radii: [1, 2]}}]", "[{name: svm, search: {C: [1, 10]}}]"
    )
    assert [one.name for one in config.extractor_specs] == ["hog", "lbp"]


@pytest.mark.parametrize(
    "written",
    [
        {"extractors": '["mylab:Own"]'},
        {"extractors": '[{name: "mylab:Own"}]'},
        {"extractors": '[{name: views, params: {extractor: "mylab:Own"}}]'},
        {"extractors": '[{name: concat, params: {extractors: [hog, {name: "mylab:Own"}]}}]'},
        {"extractors": '[{name: concat, params: {extractors: [hog, "mylab:x-y"]}}]'},
        {"extractors": '[{name: concat, params: {extractors: [hog, "my-lab:Own"]}}]'},
        {"classifiers": '["mylab:Own"]'},
        {"classifiers": '[{name: svm, params: {resampling: "mylab:Own"}}]'},
        {"metric": '"mylab:own"'},
        {"metric": '{name: "mylab:own"}'},
        {"rest": 'networks: ["mylab:Own"]\n'},
        {"rest": 'augmentation: ["mylab:Own"]\n'},
        {"rest": "modules: .\n"},
    ],
)
def test_code_of_somebodys_own_is_refused_in_one_line_and_not_run(
    made, written, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RefusedError, match="code of your own") as caught:
        made(**written)
    assert "\n" not in str(caught.value)
    assert "on the command line" in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_what_looks_like_the_path_of_a_drive_is_not_imported(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="an import path runs code of your own"):
        made('[{name: concat, params: {extractors: [hog, "c:/x"]}}]')
    assert not (tmp_path / "ran").exists()


def test_a_path_with_a_colon_is_no_import_path(made):
    weights = '[{name: vgg16, params: {weights: "C:/weights/vgg16.h5"}}]'
    assert [one.name for one in made(weights).extractor_specs] == ["vgg16"]


def test_mistakes_are_told_with_their_lines(made):
    with pytest.raises(ConfigurationError, match=r"study\.yaml:2: "):
        made("[hogg]")
    with pytest.raises(ConfigurationError, match=r"study\.yaml:"):
        config_of("a: [", made().path)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ({"rest": "tracking: {mlflow: http://mlflow.mylab:5000}\n"}, "tracking"),
        ({"rest": "tracking: {mlflow: mlruns}\n"}, "tracking"),
        ({"rest": "execution: {backend: dask}\n"}, "execution.backend"),
        (
            {"rest": "execution: {backend: dask, scheduler: 'tcp://a:1'}\n"},
            "execution.scheduler",
        ),
        ({"path": "s3://me:word@lab/cells"}, "dataset.path"),
        ({"path": "s3:/lab/cells"}, "dataset.path"),
        ({"output": "memory://lab/word"}, "output"),
        ({"rest": "cache: gs://lab/word\n"}, "cache"),
        (
            {"extractors": "[hog, {name: vgg16, params: {weights: 'https://word@a.org/v.h5'}}]"},
            r"extractors\[1\].params.weights",
        ),
        (
            {"extractors": "[{name: a_model, params: {model: 'S3://lab/word'}}]"},
            r"extractors\[0\].params.model",
        ),
    ],
)
def test_other_machines_are_refused_in_one_line(made, written, key):
    with pytest.raises(RefusedError, match=f"^{key}: ") as caught:
        made(**written)
    assert "\n" not in str(caught.value)
    assert "word" not in str(caught.value)
    assert "`bioselect run` on the command line" in str(caught.value)
