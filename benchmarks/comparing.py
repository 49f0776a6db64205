"""Two run folders, compared byte by byte."""

from __future__ import annotations

from pathlib import Path

#: Times differ from run to run; locks and the journal (which holds times) are no products.
MAY_DIFFER = {
    "run.log",
    "timings.csv",
    "report.html",
    "costs.csv",
    ".journal",
    ".journal.lock",
    ".lock",
}


def compared(one: Path, other: Path) -> tuple[list[str], list[str]]:
    """Return the names of the files that are equal, and of those that differ or are missing.

    In `config.yaml` the line that names the run folder is left out.
    """
    names = sorted({str(p.relative_to(top)) for top in (one, other) for p in top.rglob("*")})
    equal, different = [], []
    for name in names:
        files = [one / name, other / name]
        if Path(name).name in MAY_DIFFER or all(file.is_dir() for file in files):
            continue
        if not all(file.exists() for file in files):
            where = "first" if files[0].exists() else "second"
            different.append(f"{name} (only in the {where} folder)")
        elif _bytes_to_compare(files[0]) == _bytes_to_compare(files[1]):
            equal.append(name)
        else:
            different.append(name)
    return equal, different


def print_comparison(one: Path, other: Path) -> int:
    """Print what is equal and what is not; return how many products are not."""
    equal, different = compared(one, other)
    left_over = [name for name in different if ".unfinished-" in name or ".parts (" in name]
    wrong = [name for name in different if name not in left_over]
    print(f"byte-identical: {', '.join(equal)}")
    print(f"different: {', '.join(wrong) or 'nothing'}")
    if left_over:
        print(f"left over by kills, hidden and never read: {', '.join(left_over)}")
    return len(wrong)


def _bytes_to_compare(file: Path) -> bytes:
    data = file.read_bytes()
    if file.name != "config.yaml":
        return data
    return b"\n".join(line for line in data.splitlines() if not line.startswith(b"output:"))
