"""`bioselect cache`: look at or empty the feature cache of a configuration."""

from __future__ import annotations

from pathlib import Path

from bioselect.addresses import on_this_computer, root_of_copies, root_of_results
from bioselect.backbones.compiled_files import cache_folder as networks_folder
from bioselect.data.pair_file import pair_files
from bioselect.exceptions import DataError
from bioselect.features.cache import FeatureCache
from bioselect.features.pixel_file import pixel_files
from bioselect.run_folder import RunFolder
from bioselect.storage import explained_storage_errors
from bioselect.workflows.cached_labels import LABELS_FILE, read_labels
from bioselect.workflows.segmentation.examining import KNOWN_MASKS
from bioselect.workflows.study_inputs import KNOWN_IMAGES, as_config

BYTES_PER_MEGABYTE = 1e6


def cache_folder_of(path: Path) -> Path:
    """Return the cache folder of a configuration, or the folder itself."""
    path = on_this_computer(path, "a configuration")
    if path.is_dir():
        features = RunFolder(path).features
        return features if features.is_dir() else path
    if not path.exists():
        raise DataError(f"{path}: no such file or folder. Give a configuration or a run folder.")
    config = as_config(path)
    folder: Path = config.cache or RunFolder(config.output).features
    return folder


def cache_info(path: Path) -> str:
    """Return what the cache holds, one line per extractor, and the compiled networks."""
    folder = cache_folder_of(path)
    entries = FeatureCache(folder).info()
    prepared, pairs = pixel_files(folder), pair_files(folder)
    networks = "\n".join([_networks_line(), *_remote_lines()])
    if not entries and not prepared and not pairs:
        return f"{folder}: no features are kept\n{networks}"
    labels = read_labels(folder)
    lines = [f"{folder}:"]
    for entry in entries:
        lines.append(
            f"  {labels.get(entry.key, entry.name)} ({entry.key[:12]}): {entry.n_images} images x "
            f"{entry.n_features} features, {entry.n_bytes / BYTES_PER_MEGABYTE:.1f} MB"
        )
    lines += [f"  {_prepared_words(file)}, {_megabytes([file])}" for file in prepared]
    lines += [
        f"  images with masks, {_megabytes([file])}" for file in pairs if file.suffix == ".bin"
    ]
    n_bytes = sum(entry.n_bytes for entry in entries) + _n_bytes([*prepared, *pairs])
    total = n_bytes / BYTES_PER_MEGABYTE
    lines.append(f"  together {total:.1f} MB (copies of an image count, and are computed, once)")
    lines.append(networks)
    return "\n".join(lines)


def clear_cache(path: Path, networks: bool = False, remote: bool = False) -> str:
    """Remove all kept features and facts about images; the next run computes them again.

    Compiled networks and copies of remote files serve every study of this user, and go only where
    `networks` and `remote` say so.
    """
    lines = [_clear_features(path), _clear_networks() if networks else _networks_line()]
    return "\n".join([*lines, *(_clear_remote() if remote else _remote_lines())])


def _remote_lines() -> list[str]:
    """Say how much copies of remote files take, and results for addresses, if there are any."""
    lines = []
    if root_of_copies().is_dir():
        from bioselect.remote.room import copies_bytes

        lines.append(
            f"{root_of_copies()}: copies of remote files, "
            f"{copies_bytes() / BYTES_PER_MEGABYTE:.1f} MB (`bioselect cache clear --remote` "
            "removes them)"
        )
    return [*lines, *_results_lines()]


def _results_lines() -> list[str]:
    """Say how much runs take whose results go to addresses: nothing of them goes by itself."""
    root = root_of_results()
    files = [path for path in root.rglob("*") if path.is_file()]
    if not files:
        return []
    return [
        f"{root.as_uri()}: runs whose results go to addresses, {_megabytes(files)}. The same "
        "command goes on from what lies here; folders of runs that are finished can be removed"
    ]


def _clear_remote() -> list[str]:
    if not root_of_copies().is_dir():
        return _results_lines()
    from bioselect.remote.room import remove_copies

    freed = remove_copies() / BYTES_PER_MEGABYTE
    removed = f"{root_of_copies()}: copies of remote files removed, {freed:.1f} MB freed"
    return [removed, *_results_lines()]


def _clear_features(path: Path) -> str:
    folder = cache_folder_of(path)
    names = (KNOWN_IMAGES, KNOWN_MASKS, LABELS_FILE)
    beside = [path for name in names if (path := folder / name).exists()]
    cache = FeatureCache(folder)
    entries = cache.info()
    prepared = [*pixel_files(folder), *pair_files(folder)]
    if not entries and not beside and not prepared:
        return f"{folder}: no features are kept, nothing was removed"
    n_bytes = sum(entry.n_bytes for entry in entries)
    cache.clear()
    for path in [*beside, *prepared]:
        n_bytes += path.stat().st_size
        with explained_storage_errors(path, "removed"):
            path.unlink(missing_ok=True)
    return f"{folder}: emptied, {n_bytes / BYTES_PER_MEGABYTE:.1f} MB freed"


def _prepared_words(file: Path) -> str:
    """Return what a file of images for networks holds, by its name."""
    height, width, n_channels = file.name.split("-")[1].split("x")
    return f"images for networks, {height} x {width} pixels, {n_channels} channels"


def _compiled_networks() -> list[Path]:
    return sorted(networks_folder().glob("*.zip"))


def _megabytes(files: list[Path]) -> str:
    return f"{_n_bytes(files) / BYTES_PER_MEGABYTE:.1f} MB"


def _n_bytes(files: list[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def _networks_line() -> str:
    files = _compiled_networks()
    if not files:
        return f"{networks_folder()}: no compiled networks are kept"
    return (
        f"{networks_folder()}: compiled networks of all your studies: {len(files)}, together "
        f"{_megabytes(files)} (`bioselect cache clear --networks` removes them)"
    )


def _clear_networks() -> str:
    files = _compiled_networks()
    freed = _megabytes(files)
    for file in files:
        with explained_storage_errors(file, "removed"):
            file.unlink(missing_ok=True)
    return f"{networks_folder()}: compiled networks removed: {len(files)}, {freed} freed"
