"""How long the features of each extractor will take: a few images are computed and timed.

What is timed is thrown away. The features of a study are computed in the batches of an
undisturbed run, whether somebody looked at the clock or not.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bioselect.backend import backend_in_use, n_at_once, using
from bioselect.data.records import Source
from bioselect.features.base import FeatureExtractor, declared_operations, parts_of, traits
from bioselect.features.cache import FeatureCache
from bioselect.features.deep import NetworkFeatures
from bioselect.features.extraction import iterate_features
from bioselect.features.joint import MIN_IMAGES_JOINED, trunk_of
from bioselect.features.keys import feature_key, specified_parts
from bioselect.progress import SILENT, Reporter
from bioselect.workflows.budget import Clock
from bioselect.workflows.network_starts import Start, start_of, starts_in_words
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor

#: Images that are timed, after a first one that starts whatever has to be started.
N_TIMED = 4
#: Operations a second of a network, where none was timed: of a laptop that has other things to do.
OPERATIONS_A_SECOND = 3e10
#: To start a network is no lost time, as the study needs it: it may last beyond the patience.
PATIENCE_WITH_STARTS = 2.0
#: What is reckoned may be wrong by so much.
HOPELESS = 3.0


@dataclass(frozen=True)
class ExtractorTime:
    """What the features of one extractor will take.

    `parts` are the seconds of its parts by name, None where that is not known; a part that is in
    the cache has 0. Extractors may share some: a `concat` has several, and the way through a
    network to one layer is part of the way to the next. `n_features` is the length of a row, 0 if
    not known. `is_reckoned` says that nothing was timed.
    """

    parts: Mapping[str, float | None]
    n_features: int = 0
    is_reckoned: bool = False

    @property
    def is_cached(self) -> bool:
        """Whether nothing has to be computed."""
        return not any(seconds != 0 for seconds in self.parts.values())

    def seconds(self, without: Mapping[str, float | None] | None = None) -> float | None:
        """Return the seconds of all parts that are not among others; None if not known."""
        total = 0.0
        for key, seconds in self.parts.items():
            if without is None or key not in without:
                if seconds is None:
                    return None
                total += seconds
        return total


def time_extractors(
    inputs: StudyInputs,
    cache: FeatureCache,
    clock: Clock,
    patience_seconds: float,
    min_images: int = 1,
    affordable: float = math.inf,
    reporter: Reporter = SILENT,
) -> dict[str, ExtractorTime]:
    """Time a few images with each extractor whose rows the cache lacks, by label.

    A network that is not timed is reckoned with: its start, and its declared operations at the pace
    of those that were timed.

    Parameters
    ----------
    inputs : StudyInputs
        Images and extractors.
    cache : FeatureCache
        Where rows may be already.
    clock : callable
        Tells the seconds.
    patience_seconds : float
        No further extractor is timed when so much was spent, and of one fewer images where all
        would take longer. Descriptors come before networks, which take seconds to start, and those
        that declare fewer operations first.
    min_images : int
        An extractor that lacks fewer images is not timed.
    affordable : float
        Seconds that features may take: no network is started that is far beyond them.
    reporter : Reporter
        Told which network is loaded or compiled, before that begins.
    """
    sources: dict[str, Source] = {}
    for record, mark in zip(inputs.dataset.records, inputs.fingerprints, strict=True):
        sources.setdefault(mark.pixels_sha256, record.source)
    timing = _Timing(inputs, clock, patience_seconds, affordable, reporter)
    known: dict[str, _Found] = {}
    alike: dict[str, Hashable] = {}
    keys: dict[str, list[str]] = {}
    for usable in sorted(inputs.extractors, key=_cheapest_to_time):
        keys[usable.spec.label] = []
        for spec, part in specified_parts(usable.extractor) or [(usable.spec, usable.extractor)]:
            try:
                key = feature_key(spec, part, inputs.reading, inputs.config.base_dir)
                have = ~cache.lacks(spec.name, key, list(sources))
            except Exception:
                # The study itself will say what is wrong with it.
                key, have = spec.label, np.ones(len(sources), dtype=bool)
            missing = [one for one, there in zip(sources.values(), have, strict=True) if not there]
            if key not in known:
                known[key] = _Found(0.0)
                if missing:
                    is_many = len(missing) >= min_images
                    known[key] = timing.of(usable.spec.label, part, missing, is_many)
                trunk = trunk_of(part)
                if trunk is not None and len(missing) >= MIN_IMAGES_JOINED:
                    alike[key] = trunk, have.tobytes()
            keys[usable.spec.label].append(key)
    return _times_of_extractors(known, alike, keys)


def _times_of_extractors(
    known: Mapping[str, _Found], alike: Mapping[str, Hashable], keys: Mapping[str, Sequence[str]]
) -> dict[str, ExtractorTime]:
    """Put the times of parts together, by label; what parts share stands in each of them."""
    steps = _steps({key: found.seconds for key, found in known.items()}, alike)
    times = {}
    for label, some in keys.items():
        widths = [known[key].n_features for key in some]
        is_reckoned = any(known[key].is_reckoned for key in some)
        parts = {name: seconds for key in some for name, seconds in steps[key].items()}
        times[label] = ExtractorTime(parts, sum(widths) if all(widths) else 0, is_reckoned)
    return times


def _steps(
    seconds: Mapping[str, float | None], alike: Mapping[str, Hashable]
) -> dict[str, dict[str, float | None]]:
    """Return the parts of what each key takes, by name.

    Those that are alike run one network together, once: the quickest of them is a part of the next,
    and so on. Each alone takes what it took, and all together what the slowest takes.

    Examples
    --------
    >>> _steps({"end": 5.0, "hog": 1.0, "layer": 3.0}, {"end": "vgg16", "layer": "vgg16"})
    {'end': {'layer': 3.0, 'end': 2.0}, 'hog': {'hog': 1.0}, 'layer': {'layer': 3.0}}
    """
    steps = {key: {key: own} for key, own in seconds.items()}
    before: dict[Hashable, tuple[float, str]] = {}
    for own, key in sorted((own, key) for key, own in seconds.items() if own and key in alike):
        if alike[key] in before:
            quicker, name = before[alike[key]]
            steps[key] = {**steps[name], key: own - quicker}
        before[alike[key]] = own, key
    return steps


def _cheapest_to_time(usable: UsableExtractor) -> tuple[bool, float]:
    in_processes = all(traits(part).in_processes for part in parts_of(usable.extractor))
    return not in_processes, declared_operations(usable.extractor)


class _Found(NamedTuple):
    """The seconds of all images, the length of a row; whether nothing was timed for it."""

    seconds: float | None
    n_features: int = 0
    is_reckoned: bool = False


class _Timing:
    """Times extractors until patience ends, and reckons with networks from then on."""

    def __init__(
        self,
        inputs: StudyInputs,
        clock: Clock,
        patience_seconds: float,
        affordable: float,
        reporter: Reporter,
    ) -> None:
        self.inputs, self.clock, self.reporter = inputs, clock, reporter
        self.hopeless = HOPELESS * affordable
        self.end = clock() + patience_seconds
        self.last_start = self.end + (PATIENCE_WITH_STARTS - 1) * patience_seconds
        self.paces: list[float] = []

    def of(
        self, label: str, extractor: FeatureExtractor, missing: Sequence[Source], is_timed: bool
    ) -> _Found:
        """Return what all missing images will take."""
        start = start_of(extractor)
        now = self.clock()
        reckoned = self._reckoned(extractor, start, len(missing))
        if is_timed and now <= self.end:
            if start is None:
                return self._timed(extractor, missing)
            is_hopeless = reckoned is not None and reckoned > self.hopeless
            if now + start.seconds <= self.last_start and not is_hopeless:
                for line in starts_in_words([(label, start)]):
                    self.reporter.say(line)
                found = self._timed(extractor, missing)
                if found.seconds:
                    per_image = found.seconds / len(missing)
                    self.paces.append(declared_operations(extractor) / per_image)
                return found
        return _Found(reckoned, is_reckoned=reckoned is not None)

    def _reckoned(
        self, extractor: FeatureExtractor, start: Start | None, n_images: int
    ) -> float | None:
        operations = declared_operations(extractor)
        if not isinstance(extractor, NetworkFeatures) or not math.isfinite(operations):
            return None
        # Small networks have less to do in a second than they could.
        pace = max([*self.paces, OPERATIONS_A_SECOND])
        return (0.0 if start is None else start.seconds) + n_images * operations / pace

    def _timed(self, extractor: FeatureExtractor, missing: Sequence[Source]) -> _Found:
        inputs, clock = self.inputs, self.clock
        in_processes = traits(extractor).in_processes
        # Each process, or each worker of a cluster, computes as quickly as this one alone.
        spread = in_processes or backend_in_use() is not None
        n_jobs = 1 if spread else inputs.n_jobs
        places = np.linspace(0, len(missing) - 1, min(N_TIMED, len(missing))).astype(int)
        some = [missing[place] for place in places]
        n_features = 0
        try:
            with using(None):
                began = clock()
                for _, rows, _ in iterate_features(extractor, some[:1], inputs.reading, n_jobs):
                    n_features = 0 if rows is None else rows.shape[1]
                started = clock()
                if in_processes and started + len(some) * (started - began) > self.end:
                    some = some[:1]  # A network has started by now; a descriptor may take minutes.
                for _ in iterate_features(extractor, some, inputs.reading, n_jobs):
                    pass
        except Exception:
            return _Found(0.0)  # The study itself will say what is wrong, with the image.
        n_images = len(missing)
        if spread:
            # Whole batches go to the processes: so many images come to the one that has most.
            size = traits(extractor).batch_size
            n_at_a_time = n_at_once(inputs.n_jobs)
            n_images = min(n_images, size * math.ceil(n_images / size / n_at_a_time))
        return _Found((clock() - started) / len(some) * n_images, n_features)
