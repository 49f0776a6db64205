"""Names on the screen: short, and never two alike."""

import pytest

from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.selection.outcome import RankingRow
from bioselect.workflows.short_labels import ShortNames, short_labels
from bioselect.workflows.summary import ranking_lines

WEIGHTS = "/data/weights/mobilenet_v2_alpha0.35_224_notop.h5"
LAYER = "block_13_expand_relu"
NETWORKS = [
    ComponentSpec.of("mobilenet_v2", {"weights": WEIGHTS, "alpha": 0.35, **more})
    for more in ({}, {"layer": LAYER}, {"layer": LAYER, "pooling": "max"})
]
SHORT = [
    "mobilenet_v2",
    "mobilenet_v2(layer=block_13_expand_relu)",
    "mobilenet_v2(layer=block_13_expand_relu, pooling=max)",
]


def test_what_all_have_in_common_is_left_out():
    assert list(short_labels(NETWORKS).values()) == SHORT


def test_views_alone_are_called_without_their_steps():
    steps = ["horizontal_flip", {"name": "gaussian_noise", "params": {"sigma": 0.1}}]
    hog, lbp = (
        ComponentSpec.of("views", {"extractor": name, "views": 2, "steps": steps})
        for name in ("hog", "lbp")
    )
    assert short_labels([hog])[hog.label] == "views(extractor=hog, views=2)"
    # Of two what they have in common goes, steps and number.
    assert list(short_labels([hog, lbp]).values()) == [
        "views(extractor=hog)", "views(extractor=lbp)",
    ]  # fmt: skip
    alone = ComponentSpec.of("resnet50", {"steps": "a_file_with_a_very_long_name_indeed"})
    assert short_labels([alone])[alone.label] == alone.label


def test_what_only_some_have_stays():
    random = ComponentSpec.of("mobilenet_v2", {"weights": "none", "alpha": 0.35})
    shown = short_labels([*NETWORKS, random])
    assert shown[random.label] == "mobilenet_v2(weights=none)"
    assert shown[NETWORKS[0].label] == "mobilenet_v2(weights=mobilenet_v2_alpha0.35_224_notop)"


@pytest.mark.parametrize(
    ("params", "short"),
    [
        (
            [{"path": "/m/a_model_of_nuclei_v1.5.onnx"}, {"path": "/m/a_model_of_cells.onnx"}],
            ["model_file(path=a_model_of_nuclei_v1.5)", "model_file(path=a_model_of_cells)"],
        ),
        # Without their endings these could not be told apart.
        (
            [{"path": "/m/a_model_of_all_nuclei.onnx"}, {"path": "/m/a_model_of_all_nuclei.keras"}],
            [
                "model_file(path=a_model_of_all_nuclei.onnx)",
                "model_file(path=a_model_of_all_nuclei.keras)",
            ],
        ),
    ],
)
def test_of_a_path_the_stem_is_shown(params, short):
    specs = [ComponentSpec.of("model_file", one) for one in params]
    assert list(short_labels(specs).values()) == short


def test_models_of_two_studies_are_called_by_their_folders():
    paths = ("/r/scratch/model", "/r/tuned/model", "/r/tuned/model/network.keras")
    labels = [ComponentSpec.of("resnet18", {"weights": path}).label for path in paths]
    assert labels == [
        "resnet18(weights=scratch/model)",
        "resnet18(weights=tuned/model)",
        "resnet18(weights=tuned/model/network.keras)",
    ]


def test_short_labels_stay_as_they_are():
    specs = [ComponentSpec.of("svm", {"C": C, "kernel": "rbf"}) for C in (1, 10)]
    assert short_labels(specs) == {spec.label: spec.label for spec in specs}


def row(rank, extractor):
    return RankingRow(
        rank, extractor, "logistic_regression", 0.8, 0.7, 0.9, *[None] * 5, 1e6, "tied"
    )


def test_no_two_rows_of_the_ranking_read_the_same():
    rows = [row(rank, spec.label) for rank, spec in enumerate(NETWORKS, 1)]
    lines = ranking_lines(rows, "accuracy", short_labels(NETWORKS))[1:]
    assert [line[6:].split("  ")[0] for line in lines] == [
        "mobilenet_v2 + logistic_regression",
        "mobilenet_v2(layer=block_13_..._relu) + logistic_regression",
        "mobilenet_v2(layer=block_13_...g=max) + logistic_regression",
    ]
    # Without short names too: cut in the middle, these would be alike.
    alike = [f"net({'a' * 40}{one}{'b' * 60})" for one in "xyz"]
    lines = ranking_lines([row(1, one) for one in alike], "accuracy")[1:]
    assert [
        f"{one} + logistic_regression" in line for one, line in zip(alike, lines, strict=True)
    ] == [True] * 3


class Heard(Reporter):
    def __init__(self) -> None:
        self.tasks, self.said = [], []

    def say(self, text):
        self.said.append(text)

    def task(self, description, n_steps):
        self.tasks.append(description)
        return super().task(description, n_steps)


def test_bars_have_short_names_and_messages_whole_ones():
    heard = Heard()
    reporter = ShortNames(heard, short_labels(NETWORKS))
    labels = [spec.label for spec in NETWORKS]
    with reporter.task(f"features: {', '.join(labels)}", 3):
        reporter.say(labels[2])
    assert heard.tasks == [f"features: {', '.join(SHORT)}"]
    assert heard.said == [labels[2]]
