"""`bioselect augment`: what the steps of a configuration do, drawn for a person to judge."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bioselect.augmentation.choice import COMBINED, NONE, Augmentation
from bioselect.augmentation.named_step import NamedStep
from bioselect.augmentation.pipeline import Augmenter, stream_of
from bioselect.component import ComponentSpec
from bioselect.config.components import VIEWS, with_defaults
from bioselect.config.sections import Config
from bioselect.config.task_keys import SEGMENTATION
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.preparation import N_COLOURS, Reading, prepare
from bioselect.data.reading import read_source
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.resizing import resize
from bioselect.exceptions import ConfigurationError
from bioselect.execution import resolve_jobs
from bioselect.progress import SILENT, Reporter
from bioselect.registry import find_row
from bioselect.run_folder import RunFolder
from bioselect.workflows.augmentation_use import channels_seen, checked_augmenter
from bioselect.workflows.contact_sheet import Row, Sheet, check_place, write_sheet
from bioselect.workflows.remote_places import bring_config, with_addresses
from bioselect.workflows.resolved_reading import resolve_reading
from bioselect.workflows.segmentation.examining import ExaminedPairs, examine_pairs
from bioselect.workflows.segmentation.inputs import check_mask_steps
from bioselect.workflows.segmentation.shown_masks import MaskDisplay, small_mask
from bioselect.workflows.shown_images import Display
from bioselect.workflows.study_inputs import as_config, examined

N_IMAGES = 3
#: An image is drawn so large at most; a network sees it at its own input size.
LONGEST_SIDE = 224
#: Pictures of an image in a row: fewer where its channels lie side by side.
N_DRAWS, N_DRAWS_OF_PANELS = 3, 2
TILE, PANEL = 112, 76
_EIGHT_BITS = "uint8"


#: An image, and its mask where masks are learnt.
_Pair = tuple[np.ndarray, np.ndarray | None]


@dataclass(frozen=True)
class Samples:
    """The images on the sheet, as steps take them, and how they are shown.

    Where masks are learnt, `masks` are those of the images.
    """

    records: tuple[ImageRecord, ...]
    images: tuple[np.ndarray, ...]
    display: Display
    seed: int
    masks: tuple[np.ndarray, ...] = ()
    mask_display: MaskDisplay | None = None

    @property
    def n_draws(self) -> int:
        """How often a step is drawn for each image."""
        return N_DRAWS if self.display.n_panels == 1 else N_DRAWS_OF_PANELS

    def tile(self, image: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
        """Return the picture of an image, its mask over it if there is one."""
        picture = self.display.tile(image)
        if mask is None or self.mask_display is None:
            return picture
        return self.mask_display.over(picture, mask)


@with_addresses(reads=(), writes="output", is_file=lambda place: True)
def augment(
    config: Config | Path | str,
    output: Path,
    n_images: int = N_IMAGES,
    seed: int = 0,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Draw a contact sheet: a row for each step and one for all together.

    Parameters
    ----------
    config : Config or path
        The configuration, or its YAML file; it must list steps under `augmentation`.
    output : Path
        The .png file to write.
    n_images : int
        How many images, taken from the classes in turn.
    seed : int
        Which images and which draws.
    jobs : int, optional
        Threads that read images; all cores by default.
    reporter : Reporter
        Told about progress.

    Returns
    -------
    str
        What was drawn, in words.

    Raises
    ------
    BioselectError
        If no step is listed, or the images cannot be used.
    """
    config = as_config(config)
    bring_config(config, reporter)
    output = Path(output)
    check_place(output)
    chosen = config.augmentation_choice
    if not chosen.steps:
        raise ConfigurationError(
            f"{config.path.name}: augmentation: must list steps, for example [horizontal_flip, "
            "rotation]. Got none. `bioselect components augmentation` lists them."
        )
    for option, number, least in (("--images", n_images, 1), ("--seed", seed, 0)):
        if number < least:
            raise ConfigurationError(f"{option}: must be at least {least}. Got {number}.")
    dataset, marks, pairs = _examined(config, jobs, reporter)
    augmenter = checked_augmenter(config, marks)
    if pairs is not None:
        check_mask_steps(augmenter)
    reading, _ = resolve_reading(config, marks)
    samples = _samples(config, dataset, marks, reading, n_images, seed)
    if pairs is not None:
        samples = _with_masks(samples, pairs)
    write_sheet(_sheet(config, chosen, augmenter, samples), output)
    n_rows = len(augmenter.steps)
    return f"{output}: {n_rows} step{'s' * (n_rows != 1)} on {len(samples.images)} images"


def _examined(
    config: Config, jobs: int | None, reporter: Reporter
) -> tuple[ImageDataset, list[ImageFingerprint], ExaminedPairs | None]:
    """Read every image once, as a run does, because the scaling may depend on all of them."""
    n_jobs = resolve_jobs(jobs if jobs is not None else config.jobs)
    folder = config.cache or RunFolder(config.output).features
    with ExitStack() as kept:
        if not folder.is_dir():
            folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
        if config.task == SEGMENTATION:
            pairs = examine_pairs(config, folder, n_jobs, reporter, [])
            return pairs.dataset, pairs.marks, pairs
        return *examined(config, folder, n_jobs, reporter, []), None


def _with_masks(samples: Samples, pairs: ExaminedPairs) -> Samples:
    place_of = {record.image_id: place for place, record in enumerate(pairs.dataset.records)}
    masks = tuple(
        small_mask(pairs, place_of[record.image_id], image.shape[:2])
        for record, image in zip(samples.records, samples.images, strict=True)
    )
    return replace(samples, masks=masks, mask_display=MaskDisplay(pairs.codes))


def _samples(
    config: Config,
    dataset: ImageDataset,
    marks: list[ImageFingerprint],
    reading: Reading,
    n_images: int,
    seed: int,
) -> Samples:
    places = sample_places(dataset, n_images, seed)
    records = tuple(dataset.records[place] for place in places)
    n_channels = channels_seen(config, marks)
    images = []
    for place, record in zip(places, records, strict=True):
        size = drawn_size(marks[place].height, marks[place].width)
        native = read_source(record.source, reading.stack)
        wanted = None if n_channels == marks[place].n_channels else n_channels
        images.append(prepare(native, reading, size, wanted, str(record.source)))
    are_colours = n_channels in (1, N_COLOURS) and all(
        mark.dtype == _EIGHT_BITS and mark.n_channels in (1, N_COLOURS) for mark in marks
    )
    return Samples(records, tuple(images), Display.of(images, are_colours), seed)


def sample_places(dataset: ImageDataset, n_images: int, seed: int) -> list[int]:
    """Return which images are drawn: at random from each class in turn.

    Where images have several labels, each combination of labels counts as a class.
    """
    rng = np.random.default_rng(seed)
    classes: dict[str, list[int]] = {}
    for place in rng.permutation(dataset.n_images):
        classes.setdefault(dataset.records[place].target_text, []).append(int(place))
    in_turn = [
        members[turn]
        for turn in range(n_images)
        for _, members in sorted(classes.items())
        if turn < len(members)
    ]
    return in_turn[:n_images]


def drawn_size(height: int, width: int) -> tuple[int, int]:
    """Return the size at which steps are applied for the sheet, in the image's proportions.

    Examples
    --------
    >>> drawn_size(40, 60), drawn_size(1024, 512)
    ((40, 60), (224, 112))
    """
    factor = min(1.0, LONGEST_SIDE / max(height, width))
    return max(1, round(height * factor)), max(1, round(width * factor))


def _sheet(config: Config, chosen: Augmentation, augmenter: Augmenter, samples: Samples) -> Sheet:
    plain = tuple((samples.tile(*pair),) for pair in _pairs(samples))
    rows = [Row("as they are", (), plain)]
    steps = zip(chosen.steps, augmenter.steps, strict=True)
    # As they act: what mixes a batch comes last, wherever it is listed.
    in_order = sorted(steps, key=lambda step: step[1].is_batch_step)
    for number, (spec, named) in enumerate(in_order):
        alone = Augmenter((replace(named, always=True),))
        rows.append(Row(spec.name, _details(config, spec, named), _tiles(alone, samples, number)))
    together = Augmenter(augmenter.steps)
    details = ("with their probabilities, in the order above",)
    rows.append(Row("all together", details, _tiles(together, samples, len(augmenter.steps))))
    n_panels = samples.display.n_panels
    return Sheet(
        title=f"Augmentation in {config.path.name}",
        samples=tuple(_named(record) for record in samples.records),
        rows=tuple(rows),
        notes=_notes(config, chosen, samples),
        tile_size=(PANEL * n_panels if n_panels > 1 else TILE, PANEL if n_panels > 1 else TILE),
    )


def _named(record: ImageRecord) -> tuple[str, ...]:
    name = record.image_id.rsplit("/", 1)[-1]
    return (record.target_text, name) if record.target_text else (name,)


def _details(config: Config, spec: ComponentSpec, named: NamedStep) -> tuple[str, ...]:
    """Return the parameters in words, each a line."""
    row = find_row("augmentation", spec.name, config.base_dir)
    params = with_defaults(row, spec.params_dict)
    params.pop("probability", None)
    lines = [f"{name} {_in_words(value)}" for name, value in params.items()]
    if named.probability < 1:
        whom = "images of a batch" if named.is_batch_step else "images"
        lines.append(f"for {100 * named.probability:.0f} % of the {whom}; here for all")
    return tuple(lines)


def _in_words(value: object) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{value[0]:g} to {value[1]:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _tiles(
    augmenter: Augmenter, samples: Samples, number: int
) -> tuple[tuple[np.ndarray, ...], ...]:
    """Return the pictures of a row: for each image as many draws as there is room for."""
    draws = [_drawn_once(augmenter, samples, number, draw) for draw in range(samples.n_draws)]
    return tuple(
        tuple(samples.tile(*pairs[place]) for pairs in draws)
        for place in range(len(samples.images))
    )


def _drawn_once(augmenter: Augmenter, samples: Samples, number: int, draw: int) -> list[_Pair]:
    rng = stream_of(samples.seed, number, draw)
    changed: list[_Pair] = []
    for (image, mask), stream in zip(_pairs(samples), _streams(samples, rng), strict=True):
        if mask is None:
            changed.append((augmenter.one(image, stream), None))
        else:
            changed.append(augmenter.one_with_mask(image, mask, stream))
    if not augmenter.mixes_batches:
        return changed
    # Only images of one size can be mixed; a network gets them so.
    shape = changed[0][0].shape
    batch = np.stack([resize(image, (shape[0], shape[1])) for image, _ in changed])
    targets = np.eye(len(batch), dtype=np.float32)
    return [(image, None) for image in augmenter.mixed(batch, targets, rng)[0]]


def _pairs(samples: Samples) -> list[_Pair]:
    """Return each image with its mask, or with None."""
    masks = samples.masks or (None,) * len(samples.images)
    return list(zip(samples.images, masks, strict=True))


def _streams(samples: Samples, rng: np.random.Generator) -> list[np.random.Generator]:
    seeds = rng.integers(2**63 - 1, size=len(samples.images))
    return [np.random.default_rng(seed) for seed in seeds]


def _notes(config: Config, chosen: Augmentation, samples: Samples) -> tuple[str, ...]:
    height, width, n_channels = samples.images[0].shape
    sizes = {image.shape[:2] for image in samples.images}
    drawn = f"{width} x {height} pixels" if len(sizes) == 1 else f"at most {LONGEST_SIDE} pixels"
    notes = (
        f"{_use(config, chosen)} Images that are tested are never changed.",
        f"Steps were applied at {drawn}; a network sees images at its own input size, where what "
        "is given in pixels (a blur) looks stronger or weaker.",
        samples.display.in_words(n_channels),
        f"Seed {samples.seed}.",
    )
    return tuple(filter(None, notes))


def _use(config: Config, chosen: Augmentation) -> str:
    """Say which training images look like the last row."""
    if not config.networks:
        if any(spec.name == VIEWS for spec in config.extractor_specs):
            return "The extractor views is trained on each image and on views like these."
        return "Nobody sees this yet: list networks, or the extractor views."
    if chosen.mix == NONE:
        return "augmentation_mix is none: no image is changed, unless a network says otherwise."
    if chosen.mix == COMBINED:
        share = f"{100 * chosen.share_of_originals():.0f} %"
        return (
            f"In each epoch {share} of the images are shown as they are, the others changed anew."
        )
    return "In each epoch every image is changed anew."
