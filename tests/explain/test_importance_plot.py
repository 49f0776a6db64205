import xml.etree.ElementTree as ET

import pytest

from bioselect.explain.importance_plot import importances_svg
from bioselect.explain.importance_table import ImportanceRow


def row(estimator, importance, feature, mean, extractor="columns", unit="mae"):
    return ImportanceRow(extractor, estimator, importance, feature, mean, 0.1, 5, unit)


def rows_of(estimator, own=(), **given):
    features = [("age", 2.0), ("width", 3.0)]
    kinds = [("permutation", "mae"), *((kind, "share") for kind in own)]
    return [
        row(estimator, kind, name, mean, unit=unit, **given)
        for kind, unit in kinds
        for name, mean in features
    ]


def texts_of(svg):
    return [
        ("".join(one.itertext()), float(one.get("x")), float(one.get("y")))
        for one in ET.fromstring(svg).iter()
        if one.tag.endswith("}text")
    ]


def drawn(rows, order=None):
    order = order or list(dict.fromkeys((one.extractor, one.estimator) for one in rows))
    return texts_of(importances_svg("t", rows, order, "importances.csv"))


def test_every_model_is_drawn_whole_in_one_line():
    """Seven models of two columns each: more than one do not fit beside one another."""
    rows = [one for number in range(7) for one in rows_of(f"tree{number}", ["impurity"])]
    texts = drawn(rows)
    heads = {name: [] for name in (f"tree{number}" for number in range(7))}
    for written, _, y in texts:
        if written in heads:
            heads[written].append(y)
    assert all(len(ys) == 2 and len(set(ys)) == 1 for ys in heads.values())
    lines = sorted({ys[0] for ys in heads.values()})
    n_in_line = [sum(ys[0] == line for ys in heads.values()) for line in lines]
    assert n_in_line == [1] * 7
    # Each line has the names of the features, the most important one first.
    assert [written for written, _, _ in texts if written in ("age", "width")] == [
        "width",
        "age",
    ] * 7


def test_many_models_make_a_drawing_longer_and_not_wider():
    """At most two panels beside one another, so that the letters can be read in a report."""
    rows = [one for number in range(5) for one in rows_of(f"net{number}")]
    svg = importances_svg("t", rows, [("columns", f"net{n}") for n in range(5)], "importances.csv")
    assert float(ET.fromstring(svg).get("width")) <= 800
    heads = [y for written, _, y in texts_of(svg) if written.startswith("net")]
    assert sorted(heads.count(y) for y in set(heads)) == [1, 2, 2]


def test_the_order_is_the_one_that_is_given():
    rows = rows_of("second") + rows_of("first")
    at = {
        written: x for written, x, _ in drawn(rows, [("columns", "first"), ("columns", "second")])
    }
    assert at["first"] < at["second"]


def test_what_is_left_out_is_said():
    rows = [one for number in range(26) for one in rows_of(f"m{number}")]
    texts = [written for written, _, _ in drawn(rows)]
    assert sum(written[1:].isdigit() and written[0] == "m" for written in texts) == 12
    assert any("12 of 26 models, the best: all are in importances.csv" in one for one in texts)
    many = [row("m", "permutation", f"f{number}", float(number)) for number in range(23)]
    assert any("the first 20 of 23 features" in written for written, _, _ in drawn(many))


def test_shuffled_columns_have_the_same_axis_and_others_their_own():
    rows = [
        row("a", "permutation", "age", 4.0),
        row("b", "permutation", "age", 1.0),
        row("b", "coefficient", "age", 1.0),
    ]
    svg = importances_svg("t", rows, [("columns", "a"), ("columns", "b")], "importances.csv")
    bars = [
        float(one.get("width"))
        for one in ET.fromstring(svg).iter()
        if one.tag.endswith("}rect") and one.get("fill-opacity")
    ]
    assert bars[0] == pytest.approx(4 * bars[1], abs=0.2)
    assert bars[2] > 2 * bars[1]


def test_each_extractor_has_its_own_features_and_its_name():
    rows = [
        row("ridge", "permutation", "lbp", 2.0, extractor="lbp"),
        row("ridge", "permutation", "age", 1.0, extractor="lbp"),
        row("ridge", "permutation", "hog", 1.0, extractor="hog"),
        row("ridge", "permutation", "age", 3.0, extractor="hog"),
    ]
    names = [written for written, _, _ in drawn(rows) if written in ("lbp", "hog", "age")]
    # The name of the extractor, then its features, the most important one first.
    assert names == ["lbp", "lbp", "age", "hog", "age", "hog"]


def test_how_categories_are_counted_is_said():
    rows = [*rows_of("ridge"), row("ridge", "coefficient_spread", "age", 1.0)]
    assert any("of categories: one deviation" in written for written, _, _ in drawn(rows))
