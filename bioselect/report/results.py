"""Everything that lies in a run folder, read when it is asked for."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioselect.data.plain_cells import read_plain
from bioselect.exceptions import BioselectError, ConfigurationError
from bioselect.run_folder import RunFolder

if TYPE_CHECKING:
    import numpy as np

#: A row of a table as it stands in the file: texts by the names of columns.
Row = dict[str, str]


@dataclass(frozen=True, eq=False)
class Predictions:
    """Out-of-fold predictions of a study.

    Attributes
    ----------
    image_ids : list of str
    truth : np.ndarray
        Class places ``(n_images,)``, 0 and 1 ``(n_images, n_labels)``, or numbers ``(n_images,)``.
    class_names : tuple of str
        Empty where numbers are predicted.
    folds : np.ndarray
        ``(n_repeats, n_images)``: the fold that an image was tested in, -1 where it was not.
    of_candidates : dict
        By (extractor, estimator): probabilities ``(n_repeats, n_images, n_classes)``, or numbers
        ``(n_repeats, n_images)``; NaN where an image was not tested.
    """

    image_ids: list[str]
    truth: np.ndarray
    class_names: tuple[str, ...]
    folds: np.ndarray
    of_candidates: dict[tuple[str, str], np.ndarray]


class RunResults:
    """A finished run, as its folder tells.

    Parameters
    ----------
    root : Path
        The run folder.

    Raises
    ------
    BioselectError
        If there is no finished run in it.
    """

    def __init__(self, root: Path) -> None:
        self.folder = RunFolder(Path(root))
        if not self.folder.study.is_file():
            raise BioselectError(
                f"{root}: must be the folder of a finished run. There is no "
                f"{self.folder.study.name} in it. Give the folder that `bioselect run` named, or "
                "let the run finish: the same command continues it."
            )

    @cached_property
    def study(self) -> dict[str, Any]:
        """`study.json`."""
        return self._json(self.folder.study)

    @cached_property
    def environment(self) -> dict[str, Any]:
        """`environment.json`."""
        return self._json(self.folder.environment)

    @cached_property
    def config(self) -> dict[str, Any]:
        """`config.yaml` as it was run: every default and every `auto` written out."""
        # As the configuration of a user is read: folders of runs are passed on.
        from bioselect.strict_yaml import parse_yaml

        try:
            document = parse_yaml(self.config_text)
        except ConfigurationError as error:
            raise self._damaged(self.folder.config, f"line {error}") from error
        for problem in document.problems:
            raise self._damaged(self.folder.config, f"line {problem.line}: {problem.text}")
        if not isinstance(document.value, dict):
            raise self._damaged(self.folder.config, "no keys")
        return document.value

    @cached_property
    def config_text(self) -> str:
        """`config.yaml`, with its comments."""
        return self.text(self.folder.config)

    @property
    def noun(self) -> str:
        """What a study is about: image, or row where a table of columns is all there is.

        `dataset.csv` cannot tell: a row has a path too, that of its table with the line.
        """
        dataset = self.config["dataset"]
        is_columns = dataset.get("table") and not dataset.get("image") and not dataset.get("masks")
        return "row" if is_columns else "image"

    def table(self, path: Path) -> list[Row]:
        """Return the rows of a CSV table of the folder; none where this run has no such table."""
        if not path.is_file():
            return []
        try:
            return table_rows(self.text(path))
        except csv.Error as error:
            raise self._damaged(path, error) from error

    def facts(self, path: Path) -> dict[str, Any]:
        """Return what stands in a JSON file of the folder."""
        return self._json(path)

    @cached_property
    def ranking(self) -> list[Row]:
        """`ranking.csv`, the best first."""
        return self.table(self.folder.ranking)

    @cached_property
    def images(self) -> list[Row]:
        """`dataset.csv`."""
        return self.table(self.folder.dataset)

    @cached_property
    def findings(self) -> list[Row]:
        """`findings.csv`."""
        return self.table(self.folder.findings)

    @cached_property
    def predictions(self) -> Predictions | None:
        """`out_of_fold.h5`; None where a study has none (masks)."""
        import h5py

        path = self.folder.out_of_fold
        if not path.is_file():
            return None
        try:
            with h5py.File(path, "r") as file:
                names = file["class_names"].asstr()[...] if "class_names" in file else []
                truth = next(file[k] for k in ("class_index", "labels", "value") if k in file)
                candidates = {
                    (data.attrs["extractor"], data.attrs["estimator"]): data[...]
                    for data in file.get("candidates", {}).values()
                }
                return Predictions(
                    [str(name) for name in file["image_id"].asstr()[...]],
                    truth[...],
                    tuple(map(str, names)),
                    file["fold"][...],
                    candidates,
                )
        except (OSError, KeyError, StopIteration, RuntimeError, ValueError) as error:
            raise self._damaged(path, error) from error

    @property
    def task(self) -> str:
        """What was asked: classification, regression or segmentation."""
        return str(self.config["task"])

    @property
    def has_tests(self) -> bool:
        """Whether differences between candidates were tested: not every design allows it."""
        return any(test["p"] is not None for test in self.study.get("tests", []))

    @property
    def metric(self) -> str:
        """The name of what candidates were judged by."""
        return str(self.study["honest_score"]["metric"])

    @property
    def exported(self) -> tuple[str, str]:
        """Extractor and estimator of the model that was written."""
        chosen = self.study.get("exported") or self.study["recommended"]
        return str(chosen["extractor"]), str(chosen["estimator"])

    def _json(self, path: Path) -> dict[str, Any]:
        try:
            values = json.loads(self.text(path))
            json.dumps(values, ensure_ascii=False).encode("utf-8")  # no halves of characters
        except (ValueError, RecursionError) as error:
            raise self._damaged(path, error) from error
        if not isinstance(values, dict):
            raise self._damaged(path, "no keys")
        return values

    def text(self, path: Path) -> str:
        """Return what stands in a file of the folder."""
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self._damaged(path, error) from error

    def _damaged(self, path: Path, reason: object) -> BioselectError:
        why = " ".join(str(reason).split())
        return BioselectError(
            f"{path}: cannot be read ({why}). `bioselect run` with the same configuration writes "
            "it again, from what is kept."
        )


def table_rows(text: str) -> list[Row]:
    r"""Return the rows of a table as CSV.

    Examples
    --------
    >>> table_rows("image_id,group\na.png,p1\n")
    [{'image_id': 'a.png', 'group': 'p1'}]
    """
    # Not line by line: names may hold what Python takes for the end of a line.
    return read_plain(io.StringIO(text, newline=""))
