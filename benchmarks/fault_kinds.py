"""The faults of `faults.py`, as data: what happens, in which commands, and what may come of it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MIXED = ("classification", "regression", "segmentation", "classification", "predict")
ALL = (*MIXED, "evaluate", "report", "classification", "two jobs", "network")
RUNS = ("classification", "regression", "segmentation", "classification", "two jobs")
WORKERS = ("two jobs",)
CLASSES = ("classification",)

#: What may come of the command that meets the fault.
EQUAL, MESSAGE, KILLED, TOLD = "equal", "message", "killed", "told"


@dataclass(frozen=True)
class Place:
    """Where a fault is met: the folder of the command, and what draws."""

    folder: Path
    random: random.Random

    @property
    def output(self) -> Path:
        """Where the products lie."""
        return self.folder / "out"

    def an_image(self) -> Path:
        """Return one of the images."""
        return self.random.choice(sorted(self.folder.glob("[if]*/**/*.png")))


def _nothing(_: Place) -> None:
    return


@dataclass(frozen=True)
class Kind:
    """One row of the table.

    `fault` is what the process is told (`injected/sitecustomize.py`), `moment` whether it comes at
    an event of the process ("event"), of files in the output ("output"), a change there
    ("change") or at its start (""). `meanwhile` is done to the files at the moment, `before` ahead
    of the start, `between` after the end and before the second start (damage, or the remedy).
    `may_be` says which ends of the disturbed command are right,
    `says` what it then tells, `ignored` what need not be there at the end;
    `again`: the command is started again although it ended well.
    """

    name: str
    scenes: tuple[str, ...]
    may_be: tuple[str, ...]
    fault: Mapping[str, Any] = field(default_factory=dict)
    moment: str = "event"
    before: Callable[[Place], None] = _nothing
    meanwhile: Callable[[Place], None] | None = None
    between: Callable[[Place], None] = _nothing
    says: str = ""
    ignored: str = ""
    again: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def _signals(*names: str, **more: Any) -> dict[str, Any]:
    return {"do": "send", "signals": list(names), **more}


def _raises(name: str) -> dict[str, Any]:
    return {"do": "raise", "errno": name}


def _mounted(size: str) -> Callable[[Place], None]:
    def mount(place: Place) -> None:
        place.output.mkdir(exist_ok=True)
        kilobytes = place.random.randrange(8, 400, 8) if size == "any" else int(size)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place.output)],
            check=True,
        )

    return mount


def _enlarge(place: Place) -> None:
    subprocess.run(["mount", "-o", "remount,size=64m", str(place.output)], check=True)


def _remove_output(place: Place) -> None:
    place.output.rename(place.folder / "vanished")


def _bring_back(place: Place) -> None:
    if place.output.exists():
        shutil.rmtree(place.output)
    (place.folder / "vanished").rename(place.output)


def _detach(place: Place) -> None:
    subprocess.run(["umount", "--lazy", str(place.output)], check=True)


def _detached_back(place: Place) -> None:
    """What lay on the drive is gone with it here, so the run begins anew."""
    shutil.rmtree(place.output, ignore_errors=True)


def _images_away(place: Place) -> None:
    next(place.folder.glob("[if]*s")).rename(place.folder / "away")


def _images_back(place: Place) -> None:
    name = "fields" if (place.folder / "masks").is_dir() else "images"
    if (place.folder / "away").is_dir():
        shutil.rmtree(place.folder / name, ignore_errors=True)
        (place.folder / "away").rename(place.folder / name)


def _changing_image(change: Callable[[Path], None]) -> Callable[[Place], None]:
    def meanwhile(place: Place) -> None:
        image = place.an_image()
        shutil.copy2(image, place.folder / "kept.png")
        (place.folder / "kept.txt").write_text(str(image), encoding="utf-8")
        change(image)

    return meanwhile


def _image_back(place: Place) -> None:
    if (place.folder / "kept.txt").is_file():
        image = (place.folder / "kept.txt").read_text(encoding="utf-8")
        shutil.copy2(place.folder / "kept.png", image)


def _halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _another_picture(path: Path) -> None:
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        ImageOps.invert(image).save(path)


def _files(place: Place, pattern: str = "*") -> list[Path]:
    return sorted(
        path
        for path in place.output.rglob(pattern)
        if path.is_file() and path.name not in (".lock", "run.log")
    )


def _cut(pattern: str) -> Callable[[Place], None]:
    """A file ends anywhere, as after a power failure without a flush."""

    def cut(place: Place) -> None:
        for path in _files(place, pattern):
            os.truncate(path, place.random.randrange(path.stat().st_size + 1))

    return cut


def _empty_newest(place: Place) -> None:
    newest = sorted(_files(place), key=lambda path: path.stat().st_mtime_ns)[-2:]
    for path in newest:
        os.truncate(path, 0)


def _halve_newest(place: Place) -> None:
    for path in sorted(_files(place), key=lambda path: path.stat().st_mtime_ns)[-2:]:
        _halve(path)


def _turn_bits(place: Place) -> None:
    files = [path for path in _files(place, "*.h5") if path.stat().st_size]
    for path in [*files, *_files(place, ".journal")]:
        data = bytearray(path.read_bytes())
        if data:
            data[place.random.randrange(len(data))] ^= 1 << place.random.randrange(8)
            path.write_bytes(data)


def _leave_temporary(place: Place) -> None:
    """What a rename that was not yet done leaves over, in every folder."""
    from bioselect.leftovers import temporary_prefix

    ended = subprocess.Popen(["true"])
    ended.wait()
    prefix = temporary_prefix().replace(str(os.getpid()), str(ended.pid))
    for folder in [place.output, *(p for p in place.output.rglob("*") if p.is_dir())]:
        (folder / f"{prefix}0abcdefg.h5").write_bytes(b"half")
    half = place.output / f"{prefix}1abcdefg"
    half.mkdir(exist_ok=True)
    (half / "manifest.json").write_text("{", encoding="utf-8")


def _newer(place: Place) -> None:
    for path in _files(place, "manifest.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"format": ', '"format": 99'), encoding="utf-8")
    for path in _files(place, ".journal"):
        data = path.read_bytes()
        path.write_bytes(data.replace(b"bioselect journal 1", b"bioselect journal 9", 1))
    for path in _files(place, "budget.json"):
        path.write_text('{"format": 99}', encoding="utf-8")


def _half_a_model(place: Place) -> None:
    for path in _files(place):
        if "model" in path.parts and place.random.random() < 0.5:
            path.unlink()


def _no_cache(place: Place) -> None:
    shutil.rmtree(place.output / "features", ignore_errors=True)


def _edit_config(place: Place) -> None:
    path = place.folder / "config.yaml"
    text = path.read_text(encoding="utf-8")
    (place.folder / "kept.yaml").write_text(text, encoding="utf-8")
    path.write_text(text.replace("folds: 3", "folds: 2").replace("lda", "svm"), encoding="utf-8")


def _config_back(place: Place) -> None:
    if (place.folder / "kept.yaml").is_file():
        shutil.copy2(place.folder / "kept.yaml", place.folder / "config.yaml")


def _foreign_lock(place: Place) -> None:
    """What a process that died left, and one on another machine."""
    place.output.mkdir(exist_ok=True)
    (place.output / ".lock").write_text("", encoding="utf-8")
    host = place.random.choice(["elsewhere", os.uname().nodename])
    told = f'{{"pid": {place.random.randrange(2, 99999)}, "host": "{host}", "since": "2001-01-01"}}'
    (place.output / ".lock.holder").write_text(told, encoding="utf-8")


def _tiny_temp(place: Place) -> None:
    temporary = place.folder / "temp"
    temporary.mkdir()
    size = place.random.choice([4, 16, 64])
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(temporary)], check=True
    )


_KILL_MAIN = _signals("KILL")
KINDS = (
    Kind("kill -9 of the run", ALL, (KILLED,), _KILL_MAIN),
    Kind("kill -9 of the run, while it writes", ALL, (KILLED,), _KILL_MAIN, "output"),
    Kind("kill -9 of a worker", WORKERS, (EQUAL,), {**_KILL_MAIN, "where": "worker"}),
    Kind("kill -9 of all its processes", RUNS, (KILLED,), _signals("KILL", group=True)),
    Kind("SIGTERM", ALL, (MESSAGE,), _signals("TERM")),
    Kind("SIGTERM to all its processes", WORKERS, (MESSAGE,), _signals("TERM", group=True)),
    Kind("Ctrl-C", ALL, (MESSAGE,), _signals("INT", group=True), says="stopped."),
    Kind("Ctrl-C twice", ALL, (MESSAGE,), _signals("INT", "INT", group=True), says="stopped."),
    Kind("terminal closed (SIGHUP)", MIXED, (MESSAGE,), _signals("HUP", group=True)),
    Kind("stopped for a second and continued", RUNS, (EQUAL,), _signals("STOP")),
    Kind("a worker stopped for a second", WORKERS, (EQUAL,),
         {**_signals("STOP"), "where": "worker"}),
    Kind("reader of the output gone (| head)", MIXED, (EQUAL,), {"closed pipe": True}, ""),
    Kind("disk full (real, of any size)", RUNS, (MESSAGE, EQUAL), moment="", before=_mounted("any"),
         between=_enlarge, says="disk is full"),
    Kind("disk full from a moment on", MIXED, (MESSAGE, EQUAL), _raises("ENOSPC"), "change",
         says="disk is full"),
    Kind("disk answers with errors (EIO)", MIXED, (MESSAGE, EQUAL), _raises("EIO"), "change"),
    Kind("temporary folder full", ("two jobs", "predict", "evaluate"), (MESSAGE, EQUAL),
         moment="", before=_tiny_temp,
         environment={"TMPDIR": "temp", "JOBLIB_TEMP_FOLDER": "temp"}),
    Kind("output becomes read-only", MIXED, (MESSAGE, EQUAL), _raises("EROFS"), "change",
         says="no permission"),
    Kind("output folder moved away", RUNS, (MESSAGE,), moment="output", meanwhile=_remove_output,
         between=_bring_back),
    Kind("drive of the output detached", RUNS, (MESSAGE,), moment="output",
         before=_mounted("65536"), meanwhile=_detach, between=_detached_back),
    Kind("image folder gone", MIXED, (MESSAGE, EQUAL), meanwhile=_images_away,
         between=_images_back),
    Kind("an image deleted", MIXED, (MESSAGE, EQUAL, TOLD),
         meanwhile=_changing_image(Path.unlink), between=_image_back, ignored="features/"),
    Kind("an image cut in half", MIXED, (MESSAGE, EQUAL, TOLD),
         meanwhile=_changing_image(_halve), between=_image_back, ignored="features/"),
    Kind("an image exchanged", MIXED, (MESSAGE, EQUAL, TOLD),
         meanwhile=_changing_image(_another_picture), between=_image_back, ignored="features/"),
    Kind("clock jumps back a day", RUNS, (EQUAL,), {"do": "jump", "days": -1}),
    Kind("clock jumps forward two days", RUNS, (EQUAL,), {"do": "jump", "days": 2}),
    Kind("two runs in one folder", CLASSES, (EQUAL,), {"second": True}, "output"),
    Kind("stale lock, dead or of another host", RUNS, (EQUAL,), moment="", before=_foreign_lock),
    Kind("memory: workers killed until one is left", ("hungry",), (EQUAL,), moment="",
         environment={"HUNGRY": "beside others"}, says="memory"),
    Kind("memory: a fold always killed", ("hungry",), (TOLD,), moment="",
         environment={"HUNGRY": "always"}, says="mylab:Hungry"),
    Kind("memory: MemoryError in a worker", WORKERS, (EQUAL,), {"do": "memory", "where": "worker"}),
    Kind("power loss: newest files empty", RUNS, (KILLED,), _KILL_MAIN, "output",
         between=_empty_newest, ignored="features/"),
    Kind("power loss: newest files half written", RUNS, (KILLED,), _KILL_MAIN, "output",
         between=_halve_newest, ignored="features/"),
    Kind("power loss: journal cut anywhere", RUNS, (KILLED,), _KILL_MAIN, "output",
         between=_cut(".journal")),
    Kind("power loss: HDF5 files cut anywhere", RUNS, (KILLED,), _KILL_MAIN, "output",
         between=_cut("*.h5"), ignored="features/"),
    Kind("one bit turned in HDF5 and journal", RUNS, (KILLED,), _KILL_MAIN, "output",
         between=_turn_bits, ignored="features/"),
    Kind("checkpoint cut anywhere", ("network",), (KILLED,), _KILL_MAIN, "output",
         between=_cut("*.npy"), ignored="features/"),
    Kind("renames not yet done", RUNS, (KILLED,), _KILL_MAIN, "output", between=_leave_temporary),
    Kind("files of a newer version", RUNS, (KILLED,), _KILL_MAIN, "output", between=_newer),
    Kind("half a model folder", RUNS, (EQUAL,), moment="", between=_half_a_model, again=True),
    Kind("no fsync", MIXED, (EQUAL,), {"from_the_start": ["without fsync"]}, ""),
    Kind("no locks (ENOLCK)", RUNS, (MESSAGE, EQUAL), {"from_the_start": ["without locks"]}, "",
         says="locks"),
    Kind("cache folder removed", RUNS, (EQUAL, MESSAGE), moment="output", meanwhile=_no_cache,
         ignored="features"),
    Kind("configuration edited", RUNS, (EQUAL,), meanwhile=_edit_config, between=_config_back),
    Kind("few open files", MIXED, (MESSAGE, EQUAL),
         {"from_the_start": ["few files"], "limits": [8, 40]}, ""),
    Kind("small files only (quota)", RUNS, (MESSAGE, EQUAL),
         {"from_the_start": ["small files"], "limits": [500, 60000]}, ""),
)  # fmt: skip
