"""The objects of a mask as a table: where each is, how large, how bright."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import Scene
from bioselect.metrics.objects import CONNECTED, ObjectRule, label_objects
from bioselect.segmenters.object_measures import mean_intensities, measured, perimeters


@dataclass(frozen=True, eq=False)
class ObjectTable:
    """The objects of one mask.

    Parameters
    ----------
    labels : np.ndarray
        int32 ``(height, width)``: 0 where no object is, else its number as in the column `label`.
    columns : mapping
        Name -> array of one value for each object, in the order of their numbers:

        - `label`, counted from 1, and `class`, its name;
        - `area_px`, pixels;
        - `centroid_x_px`, `centroid_y_px`: mean column and row of its pixels, counted from 0;
        - `perimeter_px`: length of the line through the centres of the pixels of its contour;
        - `left`, `top`, `width`, `height`: the smallest rectangle around it, in pixels;
        - with a pixel size `area_um2`, `centroid_x_um`, `centroid_y_um`, `perimeter_um`;
        - with an image `mean_c0`, `mean_c1`, ... (or names of channels): mean intensity, in
          the values of that image.
    """

    labels: np.ndarray
    columns: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        """Return how many objects there are."""
        return len(self.columns["label"])


def object_table(
    mask: np.ndarray,
    class_names: Sequence[str],
    background: int | None,
    scene: Scene | None = None,
    rule: ObjectRule = CONNECTED,
    pixel_size: float | None = None,
    channel_names: Sequence[str] = (),
) -> ObjectTable:
    """Return the objects of a mask with their properties.

    Parameters
    ----------
    mask : np.ndarray
        uint8 ``(height, width)`` of class places.
    class_names : sequence of str
        Of the places.
    background : int or None
        The class that has no objects.
    scene : Scene, optional
        The image, for mean intensities; it is read in bands. `predict` gives the values of files.
    rule : ObjectRule
        What counts as one object.
    pixel_size : float, optional
        Side of a pixel in micrometres.
    channel_names : sequence of str, optional
        Of the image's channels; c0, c1, ... otherwise.

    Examples
    --------
    >>> from bioselect.data.pairs import ArrayScene
    >>> mask = np.array([[0, 1, 1], [0, 1, 1]], np.uint8)
    >>> scene = ArrayScene(mask[..., None] * 0.5)
    >>> table = object_table(mask, ("background", "cell"), 0, scene, pixel_size=0.5)
    >>> {name: values.tolist() for name, values in table.columns.items()}
    ... # doctest: +NORMALIZE_WHITESPACE
    {'label': [1], 'class': ['cell'], 'area_px': [4], 'centroid_x_px': [1.5],
     'centroid_y_px': [0.5], 'perimeter_px': [4.0], 'left': [1], 'top': [0], 'width': [2],
     'height': [2], 'area_um2': [1.0], 'centroid_x_um': [0.75], 'centroid_y_um': [0.25],
     'perimeter_um': [2.0], 'mean_c0': [0.5]}
    """
    found = label_objects(mask, len(class_names), background, rule)
    n_objects = len(found.classes)
    where = measured(found.labels, n_objects)
    columns: dict[str, np.ndarray] = {
        "label": np.arange(1, n_objects + 1),
        "class": np.array([class_names[place] for place in found.classes], dtype=object),
        "area_px": where.area,
        "centroid_x_px": where.centroid_x,
        "centroid_y_px": where.centroid_y,
        "perimeter_px": perimeters(found.labels, n_objects),
        "left": where.left,
        "top": where.top,
        "width": where.width,
        "height": where.height,
    }
    if pixel_size is not None:
        columns["area_um2"] = columns["area_px"] * pixel_size**2
        for name in ("centroid_x", "centroid_y", "perimeter"):
            columns[f"{name}_um"] = columns[f"{name}_px"] * pixel_size
    if scene is not None:
        means = mean_intensities(found.labels, n_objects, scene)
        names = channel_names or [f"c{number}" for number in range(means.shape[1])]
        columns |= {f"mean_{name}": values for name, values in zip(names, means.T, strict=True)}
    return ObjectTable(found.labels, columns)


def renumbered(table: ObjectTable, reserved: Collection[int]) -> ObjectTable:
    """Return objects whose numbers skip some, which mean something else in a mask.

    Parameters
    ----------
    table : ObjectTable
        Its labels are changed in place: they are the largest array of a prediction.
    reserved : collection of int
        What no object may be numbered.

    Examples
    --------
    >>> table = object_table(np.array([[1, 0, 1, 0, 1]], np.uint8), ("background", "cell"), 0)
    >>> renumbered(table, [2]).labels.tolist()
    [[1, 0, 3, 0, 4]]
    """
    taken = np.array(sorted({number for number in reserved if number > 0}), dtype=np.int64)
    numbers = np.arange(1, len(table) + 1)
    for number in taken:  # in ascending order, so that a shift never meets one that was skipped
        numbers += numbers >= number
    if len(table) and numbers[-1] > len(table):
        new = np.concatenate([[0], numbers]).astype(np.int32)
        for row in table.labels:
            row[:] = new[row]
    return ObjectTable(table.labels, {**table.columns, "label": numbers})
