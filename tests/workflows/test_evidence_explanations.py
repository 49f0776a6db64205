"""Whether there are maps, by declared operations; an image that has gone since is said."""

import json
import math
from types import SimpleNamespace

import pytest

import bioselect.workflows.evidence_explanations as evidence_explanations
from bioselect.explain.explained_images import Chosen
from bioselect.progress import Reporter
from bioselect.workflows.evidence_explanations import _n_affordable
from bioselect.workflows.run import run


@pytest.mark.parametrize(
    ("cost", "height", "least", "most"),
    [
        (7e6, 160, 6, math.inf),  # descriptors
        (6.1e8, 224, 6, math.inf),  # mobilenet_v2
        (7.7e9, 224, 0, 0),  # resnet50
        (3.1e10, 224, 0, 0),  # vgg16
        (7e6, 6000, 1, 5),  # Large images take long whatever the model.
        (None, 160, 0, 0),  # Nobody knows what it takes.
    ],
)
def test_what_takes_long_is_left_out_by_its_operations(cost, height, least, most) -> None:
    def named(label):
        return SimpleNamespace(label=label)

    row = SimpleNamespace(extractor="a", estimator="b", cost=cost)
    judged = SimpleNamespace(
        exported=SimpleNamespace(extractor=named("a"), estimator=named("b")),
        verdict=SimpleNamespace(ranking=[row]),
    )
    mark = SimpleNamespace(height=height, width=height, n_channels=1)
    inputs = SimpleNamespace(fingerprints=[mark])
    found = _n_affordable(inputs, judged, [Chosen("right", 0, 0, 0.0, 0.0)])
    assert least <= found <= most


class Warned(Reporter):
    def __init__(self):
        self.lines = []

    def warn(self, line):
        self.lines.append(line)


def test_an_image_that_has_gone_is_said_and_too_many_are_left_out(
    write_config, tmp_path, monkeypatch
) -> None:
    rest = "report: {learning_curve: false, map: false}"
    config = write_config(extractors="[intensity]", classifiers="[lda]", rest=rest)
    real = evidence_explanations.read_source
    asked = []

    def gone_once(source, stack):
        asked.append(source)
        if len(asked) == 1:
            raise FileNotFoundError(f"{source}: no such file")
        return real(source, stack)

    monkeypatch.setattr(evidence_explanations, "read_source", gone_once)
    monkeypatch.setattr(evidence_explanations, "_n_affordable", lambda *_: 2)
    warned = Warned()
    run(config, jobs=1, reporter=warned)
    folder = tmp_path / "run" / "evidence"
    assert [line for line in warned.lines if "does not explain" in line]
    told = json.loads((folder / "explanations.json").read_text())
    assert told["n_images"] == 2 < told["n_wanted"]
    assert [path.name for path in (folder / "heat").iterdir()] == ["2.png"]
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "could not be read any more" in page
