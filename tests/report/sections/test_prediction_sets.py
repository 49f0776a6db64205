from bioselect.report.method_sentences import sentences
from bioselect.report.sections.prediction_sets import prediction_sets
from tests.report.made_run import made_run


def measured(coverage, lowest, single=0.8, right=0.97):
    return {
        "coverage": coverage,
        "of_classes": {"a": lowest, "b": coverage, "c": None},
        "mean_size": 1.234,
        "single": single,
        "right_if_single": right,
        "right": 0.9,
    }


def study(**changed):
    levels = {0.8: measured(0.82, 0.8), 0.9: measured(0.91, 0.88, 0.0, None)}
    sets = {
        "level": 0.9,
        "borders": {"a": 1.0, "b": 0.125, "c": 0.125},
        "shared": ["b", "c"],
        "measured": levels[0.9],
        "by_level": [{"level": one, "measured": figures} for one, figures in levels.items()],
        "in_words": "Which classes cannot be ruled out (hog + svm)? All of them.",
    }
    return {"prediction_sets": {**sets, **changed}}


def test_levels_and_classes_have_their_figures(tmp_path):
    words, levels, classes = prediction_sets(made_run(tmp_path, study=study())).blocks
    assert words.written == "All of them."
    assert levels.rows == [
        ["80 %", "82 %", "80 %", "1.23", "80 %", "97 %"],
        ["90 %", "91 %", "88 %", "1.23", "0 %", ""],
    ]
    assert classes.rows == [
        ["a", "88 %", "only where predicted", ""],
        ["b", "91 %", "0.125", "yes"],
        ["c", "", "0.125", "yes"],
    ]


def test_where_no_class_shares_a_border_no_column_is_about_it(tmp_path):
    _, _, classes = prediction_sets(made_run(tmp_path, study=study(shared=[]))).blocks
    assert classes.columns == ["class", "held", "from a probability of"]
    assert classes.rows[1] == ["b", "91 %", "0.125"]
    assert "share this border" not in classes.caption


def test_the_methods_cite_what_was_used(tmp_path):
    shared = sentences(made_run(tmp_path / "a", study=study()))
    plain = sentences(made_run(tmp_path / "b", study=study(shared=[])))
    [of_shared], [of_plain] = (
        [one for one in found if one.written.startswith("Prediction sets (90 %)")]
        for found in (shared, plain)
    )
    assert "shared a border" in of_shared.written
    assert [one[:10] for one in of_plain.references] == ["Sadinle M,", "Lee Y, Bar"]
    assert len(of_shared.references) == 3


def test_where_nothing_was_made_nothing_is_told(tmp_path):
    unmeasured = study(measured=None, by_level=[])
    assert len(prediction_sets(made_run(tmp_path / "a", study=unmeasured)).blocks) == 1
    assert prediction_sets(made_run(tmp_path / "b")) is None
    none = study(borders=None, measured=None, by_level=[])
    found = sentences(made_run(tmp_path / "c", study=none))
    assert not [one for one in found if "Prediction sets" in one.written]
