import pytest

import bioselect


@pytest.fixture(scope="session")
def configuration(drawn_images):
    """A small study as a dictionary, with the types that programs have: paths and tuples."""
    kinds = ("pictures", "explanations", "learning_curve", "map")
    return {
        "dataset": {"path": drawn_images},
        "extractors": ("intensity", {"name": "lbp", "params": {"radii": (1, 2)}}),
        "classifiers": ["lda", "knn"],
        "validation": {"folds": 3, "repeats": 2},
        "report": dict.fromkeys(kinds, False),
    }


@pytest.fixture(scope="session")
def study(configuration, tmp_path_factory):
    """The study, finished."""
    folder = tmp_path_factory.mktemp("studies") / "run"
    return bioselect.run(configuration, output=folder, jobs=1, progress=False)
