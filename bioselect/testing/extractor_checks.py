"""What every extractor must do: same image, same row, whatever lies beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import BioselectError
from bioselect.features.base import traits
from bioselect.features.streaming import Plan, stream_batches
from bioselect.features.transforming import flat_parts
from bioselect.testing.learnt_step_checks import N_TRAIN, require_sound_step
from bioselect.testing.violations import require

TOLERANCE = 1e-5
NATIVE_SIZES = ((64, 64), (47, 71), (120, 96))


def draw_images(extractor: Any, n_images: int = 3, seed: int = 0) -> list[np.ndarray]:
    """Draw read-only float32 images in [0, 1] of the size and channels that the extractor takes."""
    random = np.random.default_rng(seed)
    wanted = traits(extractor)
    images = []
    for place in range(n_images):
        size = wanted.input_size or NATIVE_SIZES[place % len(NATIVE_SIZES)]
        image = random.random((*size, wanted.n_channels or 3)).astype(np.float32)
        image.flags.writeable = False
        images.append(image)
    return images


def _close(first: np.ndarray, second: np.ndarray) -> bool:
    largest = max(float(np.abs(first).max(initial=0.0)), 1e-30)
    return bool(np.max(np.abs(first - second), initial=0.0) <= TOLERANCE * largest)


def check_rows(make: Callable[[], Any]) -> None:
    """`transform` returns finite float32 rows, one per image, at least one number long."""
    extractor = make()
    images = draw_images(extractor)
    rows = extractor.transform(images)
    require(isinstance(rows, np.ndarray), f"transform must return an array. Got {type(rows)}.")
    require(
        rows.ndim == 2 and rows.shape[0] == len(images) and rows.shape[1] > 0,
        f"transform must return (n_images, n_features). Got {rows.shape} for {len(images)} images.",
    )
    require(rows.dtype == np.float32, f"transform must return float32. Got {rows.dtype}.")
    require(bool(np.isfinite(rows).all()), "transform must return finite numbers. Got NaN or inf.")


def check_tells_images_apart(make: Callable[[], Any]) -> None:
    """Different images give different rows."""
    extractor = make()
    rows = extractor.transform(draw_images(extractor))
    require(
        not np.array_equal(rows[0], rows[1]),
        "different images must give different rows. Got equal ones.",
    )


def check_repeatable(make: Callable[[], Any]) -> None:
    """The same images give the same bits again, also from a second instance."""
    first, second = make(), make()
    images = draw_images(first)
    rows = first.transform(images)
    require(
        np.array_equal(rows, first.transform(images)),
        "the same images must give the same rows again. Got others.",
    )
    require(
        np.array_equal(rows, second.transform(images)),
        "two instances must give the same rows. Got different ones.",
    )


def check_independent_rows(make: Callable[[], Any]) -> None:
    """The row of an image does not depend on the other images or on their order."""
    extractor = make()
    images = draw_images(extractor)
    together = extractor.transform(images)
    alone = np.concatenate([extractor.transform([image]) for image in images])
    require(
        _close(together, alone),
        "the row of an image must not depend on the other images (nothing may be learnt). Got "
        "another row for an image alone.",
    )
    turned = extractor.transform(images[::-1])[::-1]
    require(
        _close(together, turned),
        "the row of an image must not depend on the order of the images. Got another row.",
    )


def check_inputs_unchanged(make: Callable[[], Any]) -> None:
    """The caller's arrays are left as they are."""
    extractor = make()
    images = [image.copy() for image in draw_images(extractor)]
    before = [image.copy() for image in images]
    extractor.transform(images)
    require(
        all(np.array_equal(a, b) for a, b in zip(images, before, strict=True)),
        "transform must not write into the images. Got changed ones.",
    )


def check_constant_images(make: Callable[[], Any]) -> None:
    """Black, grey and white images give finite rows."""
    extractor = make()
    shape = draw_images(extractor, 1)[0].shape
    for value in (0.0, 0.5, 1.0):
        rows = extractor.transform([np.full(shape, value, dtype=np.float32)])
        require(
            bool(np.isfinite(rows).all()),
            f"an image with {value} everywhere must give finite numbers. Got NaN or inf.",
        )


def check_random_state(make: Callable[[], Any]) -> None:
    """NumPy's global random numbers are left alone."""
    extractor = make()
    images = draw_images(extractor)
    before = _global_random_state()
    extractor.transform(images)
    after = _global_random_state()
    require(
        before == after,
        "transform must not use NumPy's global random numbers. Got a changed state.",
    )


def check_other_processes(make: Callable[[], Any]) -> None:
    """The rows do not depend on the number of processes, nor of cores where there is one."""
    from tifffile import imwrite

    extractor = make()
    if not traits(extractor).in_processes:
        _require_same_on_any_cores(extractor)
        return
    # One more than a batch, so that a second process has something to do.
    images = draw_images(extractor, traits(extractor).batch_size + 1)
    plan = Plan(
        parts=flat_parts(extractor),
        reading=Reading(Intensity("dtype", None, None), None),
        tolerant=False,
    )
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{place:03d}.tif" for place in range(len(images))]
        for path, image in zip(paths, images, strict=True):
            # Not as RGB: an extractor may ask for any number of channels. They come last.
            pixels = (image * 255).astype(np.uint8)
            planes = None if pixels.shape[2] == 1 else "contig"
            imwrite(path, pixels, photometric="minisblack", planarconfig=planes)
        here, elsewhere = (
            np.concatenate([batch.rows for batch in stream_batches(plan, paths, n_jobs)])
            for n_jobs in (1, 2)
        )
    require(
        np.array_equal(here, elsewhere),
        "an extractor sent to another process must give the same rows. Got different ones.",
    )


def _require_same_on_any_cores(extractor: Any) -> None:
    """Compare the rows of an extractor whose class can be told how many cores to use."""
    if getattr(type(extractor), "n_jobs", "other") is not None:
        return  # None, or anybody's own, which may mean something else.
    images = draw_images(extractor)
    rows = []
    for n_jobs in (1, 2, None):
        extractor.n_jobs = n_jobs
        rows.append(extractor.transform(images))
    require(
        all(np.array_equal(one, rows[0]) for one in rows),
        "an extractor must give the same rows on any number of cores. Got different ones.",
    )


def check_bundle_files(make: Callable[[], Any]) -> None:
    """What `save` writes is enough for `restore` to give the same rows."""
    extractor = make()
    if not hasattr(extractor, "save"):
        return
    images = draw_images(extractor)
    expected = extractor.transform(images)
    with tempfile.TemporaryDirectory() as folder:
        extractor.save(Path(folder))
        restored = make()
        restored.restore(Path(folder))
        got = restored.transform(images)
    require(
        np.array_equal(got, expected),
        "an extractor restored from its files must give the same rows. Got different ones.",
    )


def check_declared_cost(make: Callable[[], Any]) -> None:
    """A declared cost is a number of operations, at least zero; infinite: not declared."""
    extractor = make()
    if not hasattr(extractor, "operations"):
        return
    cost = extractor.operations()
    require(
        isinstance(cost, int | float) and cost >= 0,
        f"operations() must be a number of at least 0. Got {cost!r}.",
    )


def check_feature_names(make: Callable[[], Any]) -> None:
    """Names, where there are any, are as many as a row is long, and all different."""
    extractor = make()
    if not hasattr(extractor, "feature_names"):
        return
    own = traits(extractor).n_channels
    image = draw_images(extractor, 1)[0]
    for n_channels in (own,) if own else (image.shape[2], 1):
        # Of a new one: names do not depend on what has been computed before.
        names = make().feature_names(n_channels)
        if names is None:
            continue
        require(
            isinstance(names, list) and all(isinstance(name, str) and name for name in names),
            f"feature_names must return a list of texts, or None. Got {names!r:.80}.",
        )
        require(
            len(set(names)) == len(names),
            f"feature_names must all be different. Got {_first_repeated(names)!r} twice.",
        )
        try:
            n_features = extractor.transform([image[:, :, :n_channels]]).shape[1]
        except BioselectError:
            # It says itself that it does not take so many channels.
            continue
        require(
            len(names) == n_features,
            f"feature_names must be as many as a row has numbers, for {n_channels} channels "
            f"{n_features}. Got {len(names)}.",
        )


def check_learnt_step(make: Callable[[], Any]) -> None:
    """What is learnt from rows is finite, repeats itself and can be kept without pickle."""
    require_sound_step(make, draw_images(make(), N_TRAIN + 2))


def _first_repeated(names: list[str]) -> str:
    return next((name for place, name in enumerate(names) if name in names[:place]), "")


def _global_random_state() -> str:
    return repr(np.random.get_state(legacy=True))


CHECKS: Mapping[str, Callable[[Callable[[], Any]], None]] = {
    "rows": check_rows,
    "tells images apart": check_tells_images_apart,
    "repeatable": check_repeatable,
    "independent rows": check_independent_rows,
    "inputs unchanged": check_inputs_unchanged,
    "constant images": check_constant_images,
    "random state": check_random_state,
    "other processes": check_other_processes,
    "bundle files": check_bundle_files,
    "declared cost": check_declared_cost,
    "feature names": check_feature_names,
    "learnt step": check_learnt_step,
}
