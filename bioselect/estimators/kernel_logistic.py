"""Multinomial logistic regression found from inner products of images alone."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cholesky, eigh
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

#: Decision values of training images are this close to those of the optimum.
DECISION_TOLERANCE = 1e-8
#: Most conjugate gradients of one step, and how far one is solved: between these shares of the
#: gradient, the further the quicker the steps converge (Eisenstat and Walker, 1996).
MAX_GRADIENTS = 1000
LOOSEST, TIGHTEST = 0.3, 1e-3
#: Below this share of the first gradient, rounding may keep it from falling further.
ROUNDING = 1e-11
#: An image that adds less than this part of the largest squared length to what the images before
#: it span adds nothing.
SMALLEST_PART = 1e-9


@dataclass(frozen=True, eq=False)
class KernelSolution:
    """Coefficients of the images, ``(n_images, n_columns)``, and intercepts ``(n_columns,)``.

    Decision values are ``inner products with the training images @ coefficients + intercepts``.
    Two classes have one column, whose values above 0 mean the second class.
    """

    coefficients: np.ndarray
    intercepts: np.ndarray
    n_steps: int


def solve(
    gram: np.ndarray, places: np.ndarray, weights: np.ndarray, C: float, max_steps: int
) -> KernelSolution:
    """Return the optimum of L2-penalised logistic regression; the intercept is free.

    Minimises ``sum(weights * cross-entropy) + squared length of the coefficients / (2 * C)``: the
    same problem as scikit-learn's `LogisticRegression`. The best coefficients are sums of images
    (each with the weight `C` times its residual), so inner products are all that is needed: Newton
    steps by conjugate gradients, one product with `gram` for each gradient.

    Parameters
    ----------
    gram : np.ndarray
        float64 ``(n_images, n_images)``, inner products of the images; may be singular.
    places : np.ndarray
        int ``(n_images,)``, classes 0 .. n - 1, each there, at least 2.
    weights : np.ndarray
        float64 ``(n_images,)``.
    C : float
        Above 0; smaller: simpler.
    max_steps : int
        Most Newton steps; a `ConvergenceWarning` says when they were not enough.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [3.0], [4.0]])
    >>> found = solve(rows @ rows.T, np.array([0, 0, 1, 1]), np.ones(4), 1.0, 100)
    >>> bool(abs(-found.intercepts / (rows.T @ found.coefficients) - 2.0).max() < 1e-6)
    True
    """
    if not _spans(gram):
        return _in_coordinates(gram, places, weights, C, max_steps)
    n_classes = int(places.max()) + 1
    # Two columns of opposite sign and half the penalty each are one column with the whole of it.
    search = _Search(gram, np.eye(n_classes)[places], weights, C / 2 if n_classes == 2 else C)
    n_steps = search.run(max_steps)
    if search.drift() > DECISION_TOLERANCE:
        return _in_coordinates(gram, places, weights, C, max_steps)
    coefficients, intercepts = search.coefficients, search.intercepts
    if n_classes == 2:
        coefficients = coefficients[:, 1:] - coefficients[:, :1]
        intercepts = intercepts[1:] - intercepts[:1]
    return KernelSolution(coefficients, intercepts, n_steps)


def _spans(gram: np.ndarray) -> bool:
    """Tell whether the images, or their differences, span as many dimensions as there are.

    Standardised rows add up to nothing, so their sum says nothing; any other dimension that lacks
    (columns that repeat others, images that are there twice) lets rounding grow there unseen.
    """
    n_images = len(gram)
    largest = float(gram.diagonal().max())
    try:
        factor = cholesky(gram + largest / n_images, lower=True, check_finite=False)
    except LinAlgError:
        return False
    return bool((factor.diagonal() ** 2).min() > SMALLEST_PART * largest)


def _in_coordinates(
    gram: np.ndarray, places: np.ndarray, weights: np.ndarray, C: float, max_steps: int
) -> KernelSolution:
    """Return the optimum by scikit-learn, from coordinates in the space that the images span."""
    values, vectors = eigh(gram)
    kept = values > len(gram) * np.finfo(np.float64).eps * max(values[-1], 0.0)
    if not kept.any():  # All images are equal: only the intercepts have something to say.
        kept[-1], values = True, np.ones_like(values)
    lengths = np.sqrt(values[kept])
    rows = gram @ (vectors[:, kept] / lengths)
    model = LogisticRegression(C=C, solver="newton-cg", tol=DECISION_TOLERANCE, max_iter=max_steps)
    model.fit(rows, places, sample_weight=weights)
    coefficients = (vectors[:, kept] / lengths) @ model.coef_.T
    return KernelSolution(coefficients, model.intercept_, int(model.n_iter_.max()))


class _Search:
    """Where the search stands; lengths of coefficients are those of the sums of images."""

    def __init__(self, gram: np.ndarray, truth: np.ndarray, weights: np.ndarray, C: float) -> None:
        self.gram, self.truth, self.weights, self.C = gram, truth, weights[:, None], C
        self.coefficients = np.zeros_like(truth)
        self.products = np.zeros_like(truth)  # gram @ coefficients
        self.intercepts = np.zeros(truth.shape[1])

    def run(self, max_steps: int) -> int:
        longest = float(np.sqrt(self.gram.diagonal().max()))
        first = previous = 0.0
        for n_steps in range(max_steps):
            probabilities, objective = self._response(self.products, self.coefficients, 0.0)
            residuals = self.weights * (probabilities - self.truth)
            slope = residuals + self.coefficients / self.C
            slope_products = self.gram @ slope
            slope_intercepts = residuals.sum(axis=0)
            steepness = _length(slope, slope_products, slope_intercepts)
            # The penalty alone bends the objective by 1 / C, so this is how far the coefficients
            # are from the optimum at most, and `longest` what that makes in a decision value.
            # Nothing bends it so surely for the intercepts: their slope is one of all images.
            if (
                steepness * self.C * longest <= DECISION_TOLERANCE
                and np.abs(slope_intercepts).max() <= DECISION_TOLERANCE * self.weights.sum()
            ):
                return n_steps
            if n_steps == 0:
                first = previous = steepness
            elif steepness < ROUNDING * first and steepness > previous / 2:
                return n_steps
            fall = steepness / previous if previous else 0.0
            share = max(min(LOOSEST, 0.9 * fall**1.618), TIGHTEST)
            previous = steepness
            step = self._newton_step(
                probabilities, (slope, slope_products, slope_intercepts), share * steepness
            )
            if not self._move(objective, *step):
                return n_steps
        warnings.warn(
            f"logistic regression has not converged after {max_steps} steps",
            ConvergenceWarning,
            stacklevel=3,
        )
        return max_steps

    def drift(self) -> float:
        """Return how far the decision values are from those of the coefficients, of the largest."""
        exact = self.gram @ self.coefficients
        return float(np.abs(exact - self.products).max() / (1.0 + np.abs(exact).max()))

    def _response(
        self, products: np.ndarray, coefficients: np.ndarray, shift: np.ndarray | float
    ) -> tuple[np.ndarray, float]:
        """Return the probabilities and the objective; `shift` is added to the intercepts."""
        decisions = products + (self.intercepts + shift)
        decisions -= decisions.max(axis=1, keepdims=True)
        powers = np.exp(decisions)
        sums = powers.sum(axis=1, keepdims=True)
        losses = np.log(sums) - (self.truth * decisions).sum(axis=1, keepdims=True)
        penalty = float(np.vdot(coefficients, products)) / (2 * self.C)
        return powers / sums, float((self.weights * losses).sum()) + penalty

    def _newton_step(
        self,
        probabilities: np.ndarray,
        slope: tuple[np.ndarray, np.ndarray, np.ndarray],
        accuracy: float,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return changes of coefficients, their products and intercepts, by conjugate gradients."""
        rest, rest_products, rest_intercepts = (-part for part in slope)
        way, way_products, way_intercepts = rest.copy(), rest_products.copy(), rest_intercepts
        step, step_products = np.zeros_like(rest), np.zeros_like(rest)
        step_intercepts = np.zeros_like(rest_intercepts)
        weighted = self.weights * probabilities
        squared = _length(rest, rest_products, rest_intercepts) ** 2
        for _ in range(MAX_GRADIENTS):
            change = way_products + way_intercepts
            bent = probabilities * change
            bent = weighted * (change - bent.sum(axis=1, keepdims=True))
            bent_intercepts = bent.sum(axis=0)
            bent += way / self.C
            curvature = float(np.vdot(way_products, bent) + way_intercepts @ bent_intercepts)
            if curvature <= 0:  # by rounding only
                break
            bent_products = self.gram @ bent
            far = squared / curvature
            step += far * way
            step_products += far * way_products
            step_intercepts += far * way_intercepts
            rest -= far * bent
            rest_products -= far * bent_products
            rest_intercepts = rest_intercepts - far * bent_intercepts
            left = _length(rest, rest_products, rest_intercepts)
            if left <= accuracy:
                break
            way = rest + (left**2 / squared) * way
            way_products = rest_products + (left**2 / squared) * way_products
            way_intercepts = rest_intercepts + (left**2 / squared) * way_intercepts
            squared = left**2
        return step, step_products, step_intercepts

    def _move(
        self, objective: float, step: np.ndarray, products: np.ndarray, intercepts: np.ndarray
    ) -> bool:
        """Go along the step as far as it leads down; return False if it does nowhere."""
        slack = 1e-13 * abs(objective)
        for halvings in range(40):
            far = 0.5**halvings
            coefficients = self.coefficients + far * step
            reached = self.products + far * products
            if self._response(reached, coefficients, far * intercepts)[1] <= objective + slack:
                self.coefficients, self.products = coefficients, reached
                self.intercepts = self.intercepts + far * intercepts
                return True
        return False


def _length(rows: np.ndarray, products: np.ndarray, intercepts: np.ndarray) -> float:
    """Return the length of a sum of images and its intercepts; never below 0 by rounding."""
    return float(np.sqrt(max(np.vdot(rows, products) + intercepts @ intercepts, 0.0)))
