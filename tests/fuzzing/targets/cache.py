"""What a run keeps for the next one: damage is noticed, and never taken for what was written.

Whatever is read must be what was written, or be missing: then it is computed again.
"""

import shutil
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image

from bioselect.data.fingerprint import pixels_digest
from bioselect.data.intensities import Intensity
from bioselect.data.known_files import KnownFiles, PixelFacts
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pair_file import PairDemand, pair_file
from bioselect.data.preparation import Reading
from bioselect.features.cache import FeatureCache
from bioselect.features.pixel_file import PixelDemand, pixel_file
from bioselect.networks.checkpoints import Checkpoint, CheckpointFolder
from bioselect.networks.history import EpochRecord
from bioselect.progress import SILENT
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.workflows.budget import Budget, Decision
from tests.fuzzing.files import folder_until_the_end, in_memory
from tests.fuzzing.trees import changed_json

KEY = "a1" * 32
HASHES = [f"{number:064x}" for number in range(5)]
ROWS = np.arange(15, dtype=np.float32).reshape(5, 3) + 0.5
READING = Reading(Intensity("dtype"))
SIDE = 8
ENTRIES = {
    "fold 1": JournalEntry({"seconds": 0.5, "word": "é"}, np.arange(6.0).reshape(3, 2)),
    "fold 2": JournalEntry({"seconds": 1.5}),
}
FACTS = PixelFacts("cd", "cd", 2, 3, 1, "uint8", 0.0, 255.0, 250.0, 0.01, 0, False, "0f", "AAAA")
RECORD = EpochRecord(1, 0.1, 0.5, 0.6)
WEIGHTS = [np.arange(6, dtype=np.float32).reshape(2, 3), np.float32([1, 2])]
KEPT = Decision("features", ("hog",), {"lbp": "too slow"})
#: The folder with the images, and what has been made of it, by the names of files.
_made = {}


def seeds():
    root = folder_until_the_end("cache")
    _made["root"] = root
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8) for _ in range(3)]
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(root / f"{number}.png")
        Image.fromarray(picture[:, :, 0] // 128 * 255).save(root / f"mask{number}.png")
    _made["pictures"] = pictures
    written = root / "written"
    cache = FeatureCache(written)
    cache.add_part("hog", KEY, HASHES, ROWS)
    [part] = written.rglob("*.h5")
    _made["part.h5"] = part.relative_to(written)
    data = part.read_bytes()
    cache.consolidate("hog", KEY)
    [merged] = written.rglob("*.h5")
    _made["merged.h5"] = merged.relative_to(written)
    pixel_file(_pixel_demand(), written, SILENT, 1)
    pair_file(_pair_demand(), written, SILENT, 1)
    for name, pattern in (
        ("images.npy", "*.npy"),
        ("pairs.bin", "*.bin"),
        ("pairs.json", "*.json"),
    ):
        [_made[name]] = [path.relative_to(written) for path in written.glob(pattern)]
    _write_journal(written / "folds.journal")
    _write_known(written / "known.jsonl")
    _budget(written / "budget.json").decided("features", lambda: KEPT)
    _checkpoints(written).write(Checkpoint(WEIGHTS, [WEIGHTS[1]], WEIGHTS, 1, [RECORD], [0.5]))
    for name in ("folds.journal", "known.jsonl", "budget.json", "state.npy", "best-000001.npy"):
        _made[name] = Path(name)
    found = {name: (written / _made[name]).read_bytes() for name in USES if name != "part.h5"}
    return {**found, "part.h5": data}


def mutated(data, random):
    """Return another tree in place of JSON, also of that in front of a file of features."""
    front = data[:1024].rstrip(b"\0")
    if front.endswith(b"}") and len(data) > 1024 and data.startswith(b"{"):
        changed = changed_json(front, random)[:1024]
        return changed.ljust(1024, b"\0") + data[1024:]
    return changed_json(data, random)


def feed(name, data):
    with tempfile.TemporaryDirectory(dir=in_memory()) as here, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # They tell what is damaged.
        folder = Path(here)
        for path in (_made["root"] / "written").glob("*.*"):
            if path.suffix in (".bin", ".json", ".npy") and path.is_file():
                shutil.copyfile(path, folder / path.name)
        path = folder / _made[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        USES[name](folder)


def _rows(folder):
    for _ in range(2):  # As they lie there, and merged.
        cache = FeatureCache(folder, SILENT)
        cache.info()
        rows, have = cache.load("hog", KEY, HASHES)
        assert not have.any() or np.array_equal(rows[have], ROWS[have])
        cache.add_part("hog", KEY, HASHES[:2], ROWS[:2])
        cache.consolidate("hog", KEY)
    rows, have = cache.load("hog", KEY, HASHES)
    assert have[:2].all()
    assert np.array_equal(rows[have], ROWS[have])
    cache.clear()


def _pixel_demand():
    images = tuple((_made["root"] / f"{number}.png", f"{number}") for number in range(3))
    return PixelDemand(images, READING, (SIDE, SIDE, 3), ("uint8", SIDE, SIDE))


def _pixels(folder):
    found = pixel_file(_pixel_demand(), folder, SILENT, 1).batch(np.arange(3))
    assert np.array_equal(found, np.stack(_made["pictures"]).astype(np.float32) / np.float32(255))


def _pair_demand():
    root, images, masks = _made["root"], [], []
    for number, picture in enumerate(_made["pictures"]):
        images.append((root / f"{number}.png", pixels_digest(picture)))
        mask = picture[:, :, :1] // 128 * 255
        masks.append((root / f"mask{number}.png", pixels_digest(mask)))
    codes = MaskCodes(("dark", "bright"), ((0, 0), (255, 1)))
    return PairDemand(tuple(images), tuple(masks), codes, READING, 3)


def _pairs(folder):
    pairs = pair_file(_pair_demand(), folder, SILENT, 1)
    for place, picture in enumerate(_made["pictures"]):
        assert np.array_equal(pairs.image(place), picture.astype(np.float32) / np.float32(255))
        assert np.array_equal(pairs.mask(place), picture[:, :, 0] // 128)


def _write_journal(path):
    with Journal(path) as journal:
        for key, entry in ENTRIES.items():
            journal.put(key, entry)


def _journal(folder):
    path = folder / "folds.journal"
    for _ in range(2):
        with Journal(path) as journal:
            for key, entry in ENTRIES.items():
                found = journal.get(key)
                if found is not None:
                    assert found.values == entry.values
                    assert np.array_equal(found.array, entry.array)
        _write_journal(path)
    with Journal(path) as journal:
        assert journal.get("fold 2") is not None


def _write_known(path):
    known = KnownFiles.from_file(path, PixelFacts)
    known.add("ab12", FACTS)
    known.save()


def _known(folder):
    known = KnownFiles.from_file(folder / "known.jsonl", PixelFacts)
    assert known.get("ab12") in (None, FACTS)
    known.add("cd34", FACTS)
    known.save()
    assert KnownFiles.from_file(folder / "known.jsonl", PixelFacts).get("cd34") == FACTS


def _budget(path):
    budget = Budget("100s", path, lambda: 0.0)
    budget.begin("study")
    return budget


def _decisions(folder):
    budget = _budget(folder / "budget.json")
    decision = budget.decided("features", lambda: KEPT)
    assert decision.stage == "features"
    assert isinstance(budget.seconds_left(), float)


def _checkpoints(folder):
    return CheckpointFolder(folder, {"network": "small_cnn"})


def _checkpoint(folder):
    found = _checkpoints(folder).read()
    if found is None:
        return
    assert [asdict(one) for one in found.history] == [asdict(RECORD)]
    assert found.seconds == [0.5]
    assert found.best_epoch == 1
    kept = (found.weights, WEIGHTS), (found.optimizer, WEIGHTS[1:]), (found.best, WEIGHTS)
    for got, expected in kept:
        for one, other in zip(got, expected, strict=True):
            assert np.array_equal(one, other)


#: What is done with each file.
USES = {
    "merged.h5": _rows,
    "part.h5": _rows,
    "images.npy": _pixels,
    "pairs.bin": _pairs,
    "pairs.json": _pairs,
    "folds.journal": _journal,
    "known.jsonl": _known,
    "budget.json": _decisions,
    "state.npy": _checkpoint,
    "best-000001.npy": _checkpoint,
}
