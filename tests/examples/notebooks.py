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
    "1_classification_and_transfer": [
        ("900 images in six classes", "textures['train_images'].shape[0] == 900"),
        (
            "expect a **balanced accuracy** of about 0.96",
            "0.9 < first.honest_score.value < 1",
        ),
        ("Guessing has 0.17, one in six.", "round(first.honest_score.chance, 2) == 0.17"),
        (
            "**scratch** had about 0.83, **fine-tuned** about 0.82 and **frozen** about 0.58",
            "table.loc[['scratch', 'fine-tuned'], 'mean'].between(0.7, 0.92).all()"
            " and 0.45 < table.loc['frozen', 'mean'] < 0.7",
        ),
        (
            "The frozen network is `behind`.",
            "table['mean']['frozen'] < table['mean'][['scratch', 'fine-tuned']].min() - 0.1",
        ),
        ("The message names the reason.", "'never saw the images of this study' in refusal"),
        (
            "In an honest study the two are close.",
            "abs(right - study.honest_score.value) < 0.1",
        ),
        (
            "Where both classes stand there",
            "predictions['prediction_set'].str.contains('|', regex=False).any()",
        ),
        ("even there about nine images of ten are right", "recalls.min() > 0.8"),
        (
            "the frozen network was last in every fold",
            "(by_fold['frozen'] < by_fold[['scratch', 'fine-tuned']].min(axis=1)).all()",
        ),
        (
            "Their best is about 0.82, as good as the best network",
            "0.78 < descriptors.ranking.loc[0, 'mean'] < 0.86",
        ),
    ],
    "2_augmentation": [
        ("we take 160 of them for our study. The other 440 are put aside.", "len(later) == 440"),
        ("Both classes are about equally common", "0.45 < counts[0] / counts.sum() < 0.55"),
        (
            "**combined** was first with about 0.85",
            "0.75 < by_fold.loc['mean', 'combined'] < 0.95",
        ),
        (
            "**none** had about 0.78 and **augmented** about 0.76",
            "0.65 < by_fold.loc['mean', 'none'] < 0.9 and"
            " 0.6 < by_fold.loc['mean', 'augmented'] < 0.9",
        ),
        (
            "**combined** was first",
            "by_fold.loc['mean', 'combined'] > by_fold.loc['mean', ['none', 'augmented']].max()",
        ),
        (
            "It is a little lower than the best mean of the ranking, on purpose",
            "0 < study.honest_score.naive - study.honest_score.value < 0.03",
        ),
        (
            "each lies in or near the interval of the other",
            "study.honest_score.ci_low - 0.05 < found['value'] < study.honest_score.ci_high + 0.05",
        ),
        (
            "it is one lesion, and both answers.",
            "ragged[:, worst].min() < 0.5 < ragged[:, worst].max()",
        ),
        ("more than one lesion in five had such a position", "0.1 < n_disputed / 440 < 0.4"),
        ('All coins are "predicted".', "leaking.mean() > 0.99"),
        ("Now it is near one half", "0.35 < kept_together.mean() < 0.65"),
        ("The plan names 4 networks, and the `dummy` besides", "'4 networks' in checked.plan"),
    ],
    "3_segmentation": [
        ("We have 40 images", "len(true_masks) == 40"),
        (
            "The lazy method has a pixel accuracy of 0.79",
            "round(lazy_accuracy, 2) == 0.79 and lazy_dice == 0",
        ),
        ("Dice is 0.19.", "round(dice(flipped, first_mask), 2) == 0.19"),
        (
            "its Dice on the validation part is close to 0.9, that of the threshold about 0.6",
            "0.85 < by_part.loc[('unet', 'validation'), 'dice'] < 0.95"
            " and 0.55 < by_part.loc[('otsu', 'validation'), 'dice'] < 0.65",
        ),
        (
            "the three parts have nearly the same Dice, about 0.9",
            "0.85 < by_part.loc['unet', 'dice'].min() <= by_part.loc['unet', 'dice'].max() < 0.95",
        ),
        (
            "Pixel accuracy is about 0.95, above the module's 85 %",
            "by_part.loc['unet', 'pixel_accuracy'].between(0.93, 0.98).all()",
        ),
        (
            "its pixel accuracy is *below* that of the lazy method",
            "by_part.loc[('otsu', 'training'), 'pixel_accuracy'] < lazy_accuracy",
        ),
        ("Each slide is in one part.", "parts_of_slides.max() == 1"),
        (
            "Seven slides are for training, two for validation, and a single one for the test.",
            "dict(slides_of_parts) == {'train': 7, 'validation': 2, 'test': 1}",
        ),
        ("Even the worst image has a Dice above 0.8.", "worst['score'] > 0.8"),
        (
            "Dice falls by more than pixel accuracy does",
            "dice(good, first_mask) - dice(moved, first_mask)"
            " > pixel_accuracy(good, first_mask) - pixel_accuracy(moved, first_mask) > 0",
        ),
        ("both have 3 nucleus pixels: Dice is 4 / 6", "small_iou == 0.5"),
        (
            "each score of each validation and test image",
            "len(of_unet) == sum(study.dataset['part'] != 'train')",
        ),
    ],
    "4_regression": [
        ("The table holds 569 masses.", "len(masses) == 569"),
        (
            "the radius is 14.1 on average, and 3.5 is its standard deviation.",
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
        (
            "`mean area` has 0.987 in the table",
            "round(correlations['mean area'], 3) == 0.987",
        ),
        (
            'Read the first row as "an MAE of 0.44 plus or minus 0.02".',
            "summary.iloc[0][[('mae', 'mean'), ('mae', 'std')]].round(2).tolist() == [0.44, 0.02]",
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
            "its true radius is 28, the largest of all, and 18 to 20 was predicted.",
            "pd.read_csv(study.folder / 'plots' / 'predictions.csv')"
            ".query('true > 28')['predicted'].between(17.5, 20.5).all()",
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
