"""A calibration as operations: what `Calibration.applied_to` does, for all images at once."""

from __future__ import annotations

import numpy as np

from bioselect.bundle.export.arithmetic import softmax, total
from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.steps import columns_taken
from bioselect.bundle.export.table import is_said
from bioselect.data.targets import BORDER
from bioselect.estimators.calibration import ISOTONIC, NONE, SMALLEST, Calibration

#: A little more than 1, by which the predicted class is the highest also where it would be tied:
#: as much as float32, in which probabilities are given, shows.
ABOVE = 1.0 + 2.0**-20


def calibrated(graph: Graph, calibration: Calibration, table: str, n_classes: int) -> str:
    """Return float64 ``(n_images, n_classes)``; the class with the highest stays the highest."""
    if calibration.method == NONE:
        return table
    curves = _curves if calibration.method == ISOTONIC else _scaled_logarithms
    found = curves(graph, calibration, table, n_classes)
    return _kept_on_top(graph, found, table, n_classes)


def calibrated_labels(graph: Graph, calibration: Calibration, table: str, n_labels: int) -> str:
    """Return float64 ``(n_images, n_labels)``, each as the second of two classes."""
    if calibration.method == NONE:
        return table
    one = graph.constant(np.float64(1))
    above = graph.constant(np.float64(BORDER * ABOVE))
    border = graph.constant(np.float64(BORDER))
    columns = []
    for place in range(n_labels):
        column = columns_taken(graph, table, np.array([place]))
        both = graph.add("Concat", graph.add("Sub", one, column), column, axis=1)
        two = calibrated(graph, calibration, both, 2)
        found = columns_taken(graph, two, np.array([1]))
        said, not_said = graph.add("Max", found, above), graph.add("Min", found, border)
        columns.append(graph.add("Where", is_said(graph, column), said, not_said))
    return columns[0] if n_labels == 1 else graph.add("Concat", *columns, axis=1)


def _scaled_logarithms(graph: Graph, calibration: Calibration, table: str, n_classes: int) -> str:
    """Return the softmax of the logarithms, times a slope, plus offsets."""
    floor = graph.constant(np.float64(max(calibration.floor, SMALLEST)))
    logarithms = graph.add("Log", graph.add("Max", table, floor))
    scores = graph.add("Mul", logarithms, graph.constant(np.float64(calibration.slope)))
    if calibration.offsets:
        scores = graph.add("Add", scores, graph.constant(np.array(calibration.offsets)))
    found = softmax(graph, scores)
    if not calibration.lapse:
        return found
    smaller = graph.add("Mul", found, graph.constant(np.float64(1.0 - calibration.lapse)))
    return graph.add("Add", smaller, graph.constant(np.float64(calibration.lapse / n_classes)))


def _curves(graph: Graph, calibration: Calibration, table: str, n_classes: int) -> str:
    """Return for each class the curve through its knots, divided by the sum."""
    if len(calibration.knots) == 1:
        second = _curve(graph, columns_taken(graph, table, np.array([1])), *calibration.knots[0])
        first = graph.add("Sub", graph.constant(np.float64(1)), second)
        return graph.add("Concat", first, second, axis=1)
    columns = [
        _curve(graph, columns_taken(graph, table, np.array([place])), *knots)
        for place, knots in enumerate(calibration.knots)
    ]
    found = graph.add("Concat", *columns, axis=1)
    return graph.add("Div", found, total(graph, found))


def _curve(graph: Graph, column: str, given: tuple[float, ...], meant: tuple[float, ...]) -> str:
    """Return what `numpy.interp` does with a column: lines between knots, flat beyond them.

    The curve is its first value, plus how far each line has been climbed.
    """
    left, right = np.array(given[:-1]), np.array(given[1:])
    rise = np.diff(np.array(meant))
    first = graph.constant(np.array([meant[0]]))
    width = right - left
    if not len(width):
        zero = graph.add("Mul", column, graph.constant(np.float64(0)))
        return graph.add("Add", zero, first)
    # Where two knots stand at one place the curve jumps there.
    jumps = width <= 0
    apart = graph.add("Sub", column, graph.constant(left))
    share = graph.add("Div", apart, graph.constant(np.where(jumps, 1.0, width)))
    zero, one = graph.constant(np.float64(0)), graph.constant(np.float64(1))
    share = graph.add("Min", graph.add("Max", share, zero), one)
    if jumps.any():
        beyond = graph.cast(graph.add("GreaterOrEqual", apart, zero), np.float64)
        share = graph.add("Where", graph.constant(jumps[None]), beyond, share)
    climbed = graph.add("MatMul", share, graph.constant(rise.reshape(-1, 1)))
    return graph.add("Add", climbed, first)


def _kept_on_top(graph: Graph, found: str, table: str, n_classes: int) -> str:
    """Return the nearest probabilities whose highest is that of the class highest in `table`.

    That class gets the largest of the means of itself and the highest others, as many as one
    likes; what is above that mean comes down to it.
    """
    first = graph.add("ArgMax", table, axis=1, keepdims=1)
    own = graph.add("GatherElements", found, first, axis=1)
    classes = graph.constant(np.arange(n_classes))
    is_first = graph.add("Equal", first, classes)
    others = graph.add("Where", is_first, graph.constant(np.float64(-1)), found)
    count = graph.constant(np.array([n_classes - 1]))
    highest, _ = graph.add_several("TopK", 2, others, count, axis=1, largest=1, sorted=1)
    sums = graph.add("Add", graph.add("CumSum", highest, graph.constant(np.int64(1))), own)
    sizes = graph.constant(np.arange(2.0, n_classes + 1.0))
    means = graph.add("Div", sums, sizes)
    mean = graph.add("Max", graph.add("ReduceMax", means, axes=[1], keepdims=1), own)
    lowered = graph.add("Min", found, mean)
    raised = graph.add("Mul", mean, graph.constant(np.float64(ABOVE)))
    rival = columns_taken(graph, highest, np.array([0]))
    on_top = graph.add("Where", graph.add("GreaterOrEqual", rival, own), raised, own)
    return graph.add("Where", is_first, on_top, lowered)
