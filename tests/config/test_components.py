import textwrap

import pytest

HEAD = "dataset: {path: images}\noutput: results\n"


@pytest.fixture
def specs_of(load):
    def specs(extractors="[hog]", classifiers="[svm]"):
        config = load(f"{HEAD}extractors: {extractors}\nclassifiers: {classifiers}\n")
        return config.extractor_specs, config.classifier_specs

    return specs


@pytest.fixture
def problems(problems_of):
    def lines(extractors="[hog]", classifiers="[svm]"):
        return problems_of(f"{HEAD}extractors: {extractors}\nclassifiers: {classifiers}\n")

    return lines


def test_what_equals_the_default_is_left_out(specs_of) -> None:
    extractors, classifiers = specs_of(
        "[{name: lbp, params: {radii: [1, 2, 3]}}]",
        "[{name: svm, params: {C: 1, kernel: rbf}}, {name: svm, params: {C: 10}}]",
    )
    assert [spec.label for spec in extractors] == ["lbp"]
    assert [spec.label for spec in classifiers] == ["svm", "svm(C=10)"]


def test_default_search_comes_from_the_table(specs_of) -> None:
    classifiers = specs_of(
        classifiers="[{name: svm, search: default}, "
        "{name: random_forest, params: {min_samples_leaf: 2}, search: default}]"
    )[1]
    assert classifiers[0].search_dict == {"C": [0.1, 1.0, 10.0, 100.0]}
    # What is fixed by params is not searched any more.
    assert list(classifiers[1].search_dict) == ["max_features"]
    assert classifiers[1].params_dict == {"min_samples_leaf": 2}


def test_own_search(specs_of) -> None:
    spec = specs_of(classifiers="[{name: svm, search: {C: [1e-2, 1], gamma: [scale, 0.1]}}]")[1][0]
    assert spec.search_dict == {"C": [0.01, 1], "gamma": ["scale", 0.1]}


@pytest.mark.parametrize(
    ("extractors", "message"),
    [
        ("[hgo]", "extractors, item 1: unknown extractor 'hgo'. Did you mean 'hog'? "),
        (
            "[{name: resnet51}]",
            "extractors, item 1: name: unknown extractor 'resnet51'. Did you mean 'resnet50'? ",
        ),
        (
            "[{name: hog, params: {orientation: 9}}]",
            "extractors, item 1: params.orientation: unknown parameter. Did you mean "
            "'orientations'? ",
        ),
        (
            "[{name: hog, params: {cell: 1}}]",
            "extractors, item 1: params.cell: must be at least 2. Got 1.",
        ),
        (
            "[{name: mobilenet_v2, params: {alpha: 0.3}}]",
            "extractors, item 1: params.alpha: must be one of 0.35, 0.5, 0.75, 1.0, 1.3, 1.4. "
            "Got 0.3.",
        ),
        ("[hog, lbp, hog]", "extractors, item 3: hog is listed twice (first in line 3). Keep one."),
        (
            "[hog, {name: hog, params: {orientations: 9}}]",
            "extractors, item 2: hog is listed twice (first in line 3). Keep one.",
        ),
        (
            "[{name: vgg16, params: {weights: a/w.h5}}, {name: vgg16, params: {weights: b/w.h5}}]",
            "extractors, item 2: vgg16(weights=w.h5) cannot be told from the one in line 3 in the "
            "tables of the results. Give the two files different names.",
        ),
        (
            "[{name: concat, params: {extractors: [hog, nix]}}]",
            "extractors, item 1: params.extractors, item 2: unknown extractor 'nix'. ",
        ),
        (
            "[{name: concat, params: {extractors: [{name: hog, params: {cell: 1}}]}}]",
            "extractors, item 1: params.extractors, item 1: params.cell: must be at least 2. ",
        ),
        (
            "[{name: concat, params: {extractors: [5]}}]",
            "extractors, item 1: params.extractors, item 1: must be a name, or a mapping",
        ),
        ('["mylab:Nucleus"]', "extractors, item 1: 'mylab:Nucleus': the module 'mylab' cannot be"),
    ],
)
def test_wrong_extractors(problems, extractors, message) -> None:
    lines = problems(extractors=extractors)
    assert len(lines) == 1
    assert lines[0].startswith(f"config.yaml:3: {message}")


@pytest.mark.parametrize(
    ("classifiers", "message"),
    [
        (
            "[{name: svm, search: {gama: [1]}}]",
            "search.gama: unknown parameter. Did you mean 'gamma'? ",
        ),
        (
            "[{name: svm, search: {C: [1, -1]}}]",
            "search.C: each value must be at least 1e-12. Got -1.",
        ),
        (
            "[{name: svm, params: {C: 1}, search: {C: [1]}}]",
            "search.C: stands in params too. Fix it there, or search it here.",
        ),
        ("[{name: lda, search: default}]", "search: lda has no default search space. Remove"),
        (
            "[{name: svm, params: {C: 1}, search: default}]",
            "search: svm has no default search space left (everything in it is fixed by params)",
        ),
    ],
)
def test_wrong_classifiers(problems, classifiers, message) -> None:
    lines = problems(classifiers=classifiers)
    assert len(lines) == 1
    assert lines[0].startswith(f"config.yaml:4: classifiers, item 1: {message}")


def test_two_searches_of_the_same_parameter_have_one_label(problems) -> None:
    text = "[{name: svm, search: {C: [1, 2]}}, {name: svm, search: {C: [3]}}]"
    (line,) = problems(classifiers=text)
    assert "svm(C searched) cannot be told from the one in line 4" in line
    assert line.endswith("Search all values in one of them.")


@pytest.fixture
def own_module(tmp_path):
    """A module beside the configuration; the name is no other test's."""
    (tmp_path / "own_nucleus.py").write_text(
        textwrap.dedent(
            '''
            class Nucleus:
                """Measures the nucleus."""

                def __init__(self, scale, bins=4, base_dir=None):
                    self.scale = scale
                    self.bins = bins
            '''
        )
    )


@pytest.mark.usefixtures("own_module")
def test_a_class_beside_the_configuration(specs_of, problems) -> None:
    spec = specs_of('[{name: "own_nucleus:Nucleus", params: {scale: 2, bins: 4}}]')[0][0]
    assert spec.params_dict == {"scale": 2}
    lines = problems('[{name: "own_nucleus:Nucleus", params: {bin: 4}}]')
    assert [line.split(": ", 2)[2] for line in lines] == [
        "params.bin: unknown parameter. Did you mean 'bins'? Known: scale, bins.",
        "params.scale: is missing; own_nucleus:Nucleus needs it.",
    ]
