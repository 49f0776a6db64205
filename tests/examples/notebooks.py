"""The notebooks in `examples/`, and what they say of their own results."""

from __future__ import annotations

from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))


def read(name: str) -> nbformat.NotebookNode:
    """Return a notebook as it is stored."""
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)


def words_of(notebook: nbformat.NotebookNode) -> str:
    """Return all that a reader reads, without the code."""
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


#: For each notebook: a sentence that stands in it, and what is then true after its last cell.
FACTS: dict[str, list[tuple[str, str]]] = {
    "4_regression": [
        ("The table holds 569 masses.", "len(masses) == 569"),
        (
            "The radius is 14.1 on average, and 3.5 is its standard deviation.",
            "abs(masses['mean radius'].mean() - 14.1) < 0.05"
            " and abs(masses['mean radius'].std() - 3.5) < 0.05",
        ),
        (
            "`mean perimeter` and `mean area` are at the top",
            "set(correlations.nlargest(2).index) <= {'mean perimeter', 'mean area'}",
        ),
        (
            "The list names the columns that correlate with the target above 0.99.",
            "{'mean perimeter', 'mean area'}"
            " <= {one for one in masses if any(one in what for what in checked.findings['what'])}",
        ),
        ("The MAE is 1.125. The RMSE is 1.561", "np.mean(np.abs(errors)) == 1.125"),
        (
            "The forest follows, then the network, then the single tree; the floor is far below.",
            "[name.split('(')[0] for name in study.ranking['estimator']]"
            " == ['linear', 'random_forest', 'mlp_network', 'decision_tree', 'dummy']",
        ),
        (
            "The linear model has an MAE between 0.40 and 0.47",
            "0.40 < summary.iloc[0][('mae', 'mean')] < 0.47",
        ),
        (
            "the forest one of about 0.5, the single tree one of about 0.7",
            "[round(summary.iloc[place][('mae', 'mean')], 1) for place in (1, 3)] == [0.5, 0.7]",
        ),
        (
            "For the linear model it is larger by half",
            "1.3 < summary.iloc[0][('rmse', 'mean')] / summary.iloc[0][('mae', 'mean')] < 1.8",
        ),
        (
            "Four of the five true radii lie between `low` and `high`.",
            "[low <= one <= high for one, low, high in zip(masses['mean radius'],"
            " told['low'], told['high'])] == [False, True, True, True, True]",
        ),
        (
            'columns of pure chance "explain" about half of the variation',
            "0.35 < before.mean() < 0.65",
        ),
        ("R² is below 0, which is worse than the mean.", "within.mean() < 0"),
        (
            "The linear model has an R² of about 0.96",
            "0.94 < r2_summary.loc['linear', 'mean'] < 0.98",
        ),
        ("The MAE is about 0.045, ten times smaller.", "0.035 < leaking_mae < 0.055"),
        (
            "The tree with at least five masses in a leaf has the lower error.",
            "'min_samples_leaf' in trees.ranking.loc[0, 'estimator']",
        ),
    ],
}
