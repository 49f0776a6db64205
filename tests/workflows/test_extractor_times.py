"""A few images are timed; the seconds come from a clock that the extractor itself turns."""

import sys

import numpy as np
import pytest

from bioselect.features.cache import FeatureCache
from bioselect.features.deep import DeepFeatures
from bioselect.features.keys import feature_key
from bioselect.progress import SILENT
from bioselect.workflows import extractor_times
from bioselect.workflows.extractor_times import N_TIMED, time_extractors
from bioselect.workflows.network_starts import Start
from bioselect.workflows.study_inputs import as_config, read_study_inputs
from tests.workflows.test_run import Told

OWN = """
import numpy as np
now = 0.0
class Slow:
    seconds, in_processes, cost, start = 2.0, True, 1.0, 50.0
    def operations(self):
        return self.cost
    def transform(self, images):
        global now
        now += self.start + self.seconds * len(images)
        type(self).start = 0.0
        return np.zeros((len(images), 7), dtype=np.float32)
class InFours(Slow):
    batch_size = 4
class Network(Slow):
    in_processes, cost = False, 0.5
class Deeper(Network):
    seconds = 3.0
class Deepest(Network):
    seconds = 7.0
class OfAnother(Deepest):
    pass
class Raises(Slow):
    def transform(self, images):
        raise RuntimeError("no stain")
"""


@pytest.fixture
def timed(write_config, tmp_path, request):
    """Return a function that times extractors of the module above, and their module."""
    name = f"slow_{request.node.name.split('[')[0]}"
    (tmp_path / f"{name}.py").write_text(OWN)
    cache = FeatureCache(tmp_path / "cache")

    def time(extractors, n_jobs=1, patience=1e9, min_images=1, affordable=1e9, reporter=SILENT):
        written = ", ".join(
            one if one.islower() or one.startswith("{") else f'"{name}:{one}"' for one in extractors
        )
        config = as_config(write_config(extractors=f"[{written}]"))
        inputs = read_study_inputs(config, tmp_path / "cache", n_jobs, SILENT)

        def clock():
            return getattr(sys.modules.get(name), "now", 0.0)

        found = time_extractors(inputs, cache, clock, patience, min_images, affordable, reporter)
        return {label.split(":")[-1]: one for label, one in found.items()}, inputs, cache

    return time


def test_the_start_is_not_counted_and_descriptors_use_all_processes(timed):
    times, _, _ = timed(["Slow"])
    # 36 images at 2 s; the 50 s of the start are over by then.
    assert times["Slow"].seconds() == pytest.approx(72.0)
    assert times["Slow"].n_features == 7
    # Batches of 32: of four processes one has 32 images, and one the other 4.
    assert timed(["Slow"], n_jobs=4)[0]["Slow"].seconds() == pytest.approx(64.0)
    # Nine batches of 4: one process of four has three of them.
    assert timed(["InFours"])[0]["InFours"].seconds() == pytest.approx(72.0)
    assert timed(["InFours"], n_jobs=4)[0]["InFours"].seconds() == pytest.approx(24.0)


def test_a_network_uses_all_processes_while_it_is_timed(timed):
    assert timed(["Network"], n_jobs=4)[0]["Network"].seconds() == pytest.approx(72.0)


def test_what_the_cache_has_costs_nothing(timed):
    _, inputs, cache = timed(["Slow"])
    (usable,) = inputs.extractors
    key = feature_key(usable.spec, usable.extractor, inputs.reading, inputs.config.base_dir)
    digests = [mark.pixels_sha256 for mark in inputs.fingerprints]
    cache.add_part(usable.spec.name, key, digests[:24], np.zeros((24, 7), dtype=np.float32))
    assert timed(["Slow"])[0]["Slow"].seconds() == pytest.approx(24.0)  # 12 are missing
    cache.add_part(usable.spec.name, key, digests[24:], np.zeros((12, 7), dtype=np.float32))
    assert timed(["Slow"])[0]["Slow"].is_cached


def test_timing_ends_when_patience_does_and_descriptors_come_first(timed):
    times, _, _ = timed(["Network", "Slow"], patience=40.0)
    assert times["Slow"].seconds() == pytest.approx(72.0)
    assert times["Network"].seconds() is None
    assert not times["Network"].is_cached


def test_the_clock_is_looked_at_inside_an_extractor_too(timed):
    # The first image takes 52 s with its start, so that four more might take 208; patience ends
    # after 200, and one is timed instead of four: 2 s.
    times, inputs, _ = timed(["Slow"], patience=200.0)
    assert times["Slow"].seconds() == pytest.approx(72.0)
    module = sys.modules[inputs.extractors[0].spec.name.split(":")[0]]
    assert module.now == pytest.approx(54.0)


def network(monkeypatch, start):
    """Return a network of the table that nobody has to load, and that declares 3e9 operations."""
    monkeypatch.setattr(extractor_times, "start_of", lambda part: start)
    monkeypatch.setattr(extractor_times, "trunk_of", lambda part: None)
    monkeypatch.setattr(DeepFeatures, "operations", lambda self: 3e9)
    monkeypatch.setattr(
        DeepFeatures, "transform", lambda self, images: np.zeros((len(images), 3), np.float32)
    )
    return "{name: mobilenet_v2, params: {weights: none, alpha: 0.35}}"


def test_a_network_that_is_not_timed_is_reckoned_with_its_start(timed, monkeypatch):
    one = network(monkeypatch, Start("loaded", 12.0))
    times, _, _ = timed([one], min_images=37)
    # 12 s, and 36 images of 3e9 operations at 3e10 a second.
    assert [time.seconds() for time in times.values()] == pytest.approx([12.0 + 3.6])


@pytest.mark.parametrize(("patience", "is_started"), [(5.9, False), (6.1, True)])
def test_a_network_is_not_started_where_that_would_take_twice_the_patience(
    timed, monkeypatch, patience, is_started
):
    one = network(monkeypatch, Start("compiled for this machine, once,", 12.0))
    told = Told()
    (time,) = timed([one], patience=patience, reporter=told)[0].values()
    assert (time.seconds() == 0.0) == is_started  # no clock runs in it
    assert len(told.lines) == is_started
    for line in told.lines:
        assert "mobilenet_v2" in line
        assert "is compiled for this machine, once, and loaded: about 12 s" in line


@pytest.mark.parametrize(("affordable", "is_started"), [(5.1, False), (5.3, True)])
def test_a_network_far_beyond_the_budget_is_not_started(timed, monkeypatch, affordable, is_started):
    one = network(monkeypatch, Start("loaded", 12.0))  # 15.6 s are reckoned, see above
    (time,) = timed([one], affordable=affordable)[0].values()
    assert time.seconds() == pytest.approx(0.0 if is_started else 15.6)


def test_few_images_are_not_worth_it(timed):
    assert timed(["Slow"], min_images=37)[0]["Slow"].seconds() is None
    assert timed(["Slow"], min_images=36)[0]["Slow"].seconds() is not None


def test_one_that_fails_is_left_to_the_study(timed):
    assert timed(["Raises"])[0]["Raises"].seconds() == 0.0


def test_parts_of_a_concat_are_timed_once(timed):
    times, _, _ = timed(["intensity", "{name: concat, params: {extractors: [intensity, lbp]}}"])
    (whole,) = (one for label, one in times.items() if label.startswith("concat"))
    assert len(whole.parts) == 2
    assert len(set(whole.parts) & set(times["intensity"].parts)) == 1


def test_nothing_is_kept_of_what_is_timed(timed, tmp_path):
    timed(["Slow"])
    assert FeatureCache(tmp_path / "cache").info() == []
    assert N_TIMED < 36


def test_what_networks_of_one_trunk_have_in_common_counts_once(timed, monkeypatch):
    trunks = {"Network": "one", "Deeper": "one", "Deepest": "one", "OfAnother": "another"}
    monkeypatch.setattr(extractor_times, "trunk_of", lambda part: trunks.get(type(part).__name__))
    times, inputs, cache = timed(["Slow", *trunks])
    seconds = {name: one.seconds() for name, one in times.items()}
    # 36 images at 2, 3, 7 and 7 s: each takes that alone, and the first three take 7 s together.
    assert seconds == pytest.approx(
        {"Slow": 72.0, "Network": 72.0, "Deeper": 108.0, "Deepest": 252.0, "OfAnother": 252.0}
    )
    counted, total = {}, 0.0
    for name in ("Deeper", "OfAnother", "Slow", "Network", "Deepest"):
        total += times[name].seconds(without=counted)
        counted |= times[name].parts
    assert total == pytest.approx(252.0 + 252.0 + 72.0)
    # Those that lack other images are not computed together.
    (deeper,) = (one for one in inputs.extractors if one.spec.name.endswith(":Deeper"))
    key = feature_key(deeper.spec, deeper.extractor, inputs.reading, inputs.config.base_dir)
    digests = [mark.pixels_sha256 for mark in inputs.fingerprints]
    cache.add_part(deeper.spec.name, key, digests[:6], np.zeros((6, 7), dtype=np.float32))
    times, _, _ = timed(["Slow", *trunks])
    assert times["Deeper"].seconds(without=times["Network"].parts) == pytest.approx(90.0)
    assert times["Deepest"].seconds(without=times["Network"].parts) == pytest.approx(180.0)


def test_few_images_are_computed_by_each_network_alone(timed, monkeypatch):
    monkeypatch.setattr(extractor_times, "trunk_of", lambda part: "one")
    monkeypatch.setattr(extractor_times, "MIN_IMAGES_JOINED", 37)
    times, _, _ = timed(["Network", "Deeper"])
    assert times["Deeper"].seconds(without=times["Network"].parts) == pytest.approx(108.0)
