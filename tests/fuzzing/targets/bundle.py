"""Models: one file of a bundle is damaged, and the manifest signed again as a forger would.

The name of a valid file is `<model>/<file>`, or `<model>.zip` for a whole one.
"""

import io
import json
import os
import tempfile
import zipfile
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bioselect.bundle.familiar import read_familiar
from bioselect.bundle.manifest import MANIFEST_FILE, signed
from bioselect.bundle.mask_model import gives_masks, load_mask_bundle
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.reference import read_reference
from bioselect.bundle.thumbnails import read_thumbnails
from bioselect.data.image_quality import measures
from bioselect.segmenters.base import whole
from bioselect.storage import sha256_of_file
from tests.fuzzing.files import folder_until_the_end, in_memory
from tests.fuzzing.made_models import MADE, SHAPE, write_models
from tests.fuzzing.trees import changed_json

#: The folders of the models, made by `seeds`.
_folders = {}


def seeds():
    root = folder_until_the_end("models")
    found = {}
    # Elsewhere: threads of TensorFlow and OpenVINO do not come along when a process divides.
    maker = get_context("spawn").Process(target=write_models, args=(root,))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise RuntimeError("The models could not be made: see above.")
    for name in MADE:
        folder = _folders[name] = root / name
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        named = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        found.update({f"{name}/{file}": data for file, data in named.items()})
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for file, data in named.items():
                archive.writestr(zipfile.ZipInfo(file), data)
        found[f"{name}.zip"] = packed.getvalue()
    return found


def mutated(data, random):
    """Return another tree in place of JSON, also of that inside a zip; else the same bytes."""
    if not data.startswith(b"PK"):
        return changed_json(data, random)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    except Exception:
        return data
    name = random.choice(list(files))
    if name.endswith(".json"):
        files[name] = changed_json(files[name], random)
    elif files[name].startswith(b"\x93NUMPY"):
        files[name] = _other_array(files[name], random)
    else:
        place = random.randrange(len(files[name]) or 1)
        files[name] = (
            files[name][:place] + bytes([random.randrange(256)]) + files[name][place + 1 :]
        )
    if random.random() < 0.1:
        other = random.choice(list(files))
        files[name], files[other] = files[other], files[name]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return written.getvalue()


def _other_array(data, random):
    """Return an array of another shape, type or content as the bytes of a `.npy` file."""
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception:
        return data
    kind = random.randrange(7)
    if kind == 0:
        array = array.reshape(-1)[: random.randrange(array.size + 1)]
    elif kind == 1:
        array = array[None] if random.random() < 0.5 else np.concatenate([array.ravel()] * 2)
    elif kind == 2:
        wanted = random.choice(["f4", "f8", "i8", "u1", "?", "c16", "U5", "f2", ">i4"])
        with suppress(TypeError):  # The nodes of trees are records, which no number can hold.
            array = array.astype(wanted)
    elif array.dtype.kind in "fiu" and array.size:
        array = array.copy()
        some = (
            (0, -1, 1, 2**31 - 1, -2, 255) if array.dtype.kind != "f" else (np.nan, np.inf, -1e300)
        )
        with np.errstate(all="ignore"):
            array.reshape(-1)[random.randrange(array.size)] = np.array(random.choice(some)).astype(
                array.dtype
            )
    written = io.BytesIO()
    with suppress(Exception):
        np.save(written, array, allow_pickle=False)
    return written.getvalue() or data


def feed(name, data):
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        if "/" not in name:
            model = Path(folder) / "model.zip"
            model.write_bytes(data)
        else:
            model = _forged(Path(folder) / "model", *name.split("/", 1), data)
        use(model)


def _forged(folder, name, file, data):
    """Link the files of a model into a folder, one of them changed and named as it is."""
    for path in sorted(one for one in _folders[name].rglob("*") if one.is_file()):
        target = folder / path.relative_to(_folders[name])
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)
    (folder / file).unlink()
    (folder / file).write_bytes(data)
    manifest = folder / MANIFEST_FILE
    try:
        values = json.loads(manifest.read_bytes())
        if file != MANIFEST_FILE:
            values["files"][file] = sha256_of_file(folder / file)
        text = json.dumps(signed(values))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return folder
    manifest.unlink()
    manifest.write_text(text, encoding="utf-8")
    return folder


def use(model):
    """Do with a model what the commands do."""
    image = np.linspace(0, 255, int(np.prod(SHAPE))).reshape(SHAPE).astype(np.uint8)
    if gives_masks(model):
        opened = load_mask_bundle(model)
        whole(opened.trained, opened.scene(image[:, :, : opened.n_channels], "image"))
        return
    opened = load_bundle(model)
    probabilities = opened.predict_images([image], ["image"])
    opened.text_of(probabilities[0])
    opened.bounds(probabilities[0])
    opened.prediction_set(probabilities[0])
    known = read_familiar(model)
    for seen in (image, image[:, :, :1]):
        known.flags_of(measures(seen))
    if opened.extractor is not None:
        known.novelty_of(opened, np.zeros((1, opened.manifest.n_features)))
    if (reference := read_reference(model)) is not None and opened.extractor is not None:
        reference.nearest(np.zeros((1, reference.n_features)))
        read_thumbnails(model, [0, 3])
