"""The house keeps its order: the map is true, files stay short, nothing of one machine is in it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "bioselect"
MODULES = sorted(PACKAGE.rglob("*.py"))
TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "*.py",
        "*.toml",
        "bioselect/**/*.py",
        "configs/*.yaml",
        "datasets/*.py",
        "examples/*.ipynb",
        "examples/*.md",
        "examples/*.py",
    )
    for path in ROOT.glob(pattern)
)


def test_map_of_the_code_names_every_part():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in PACKAGE.iterdir():
        if path.name.startswith("__") or path.name == "py.typed":
            continue
        name = f"`{path.name}/`" if path.is_dir() else f"`{path.name}`"
        assert name in text, f"{name} is not in the map of the code"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_says_what_it_is_and_stays_readable(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module begins with a sentence on its one idea"
    assert len(text.splitlines()) <= 350, "longer than three screens: is it still one idea?"


def test_nothing_of_one_machine_is_in_the_project():
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home|tmp)/\w")
    found = [path.name for path in TEXTS if pattern.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_importing_the_package_is_light():
    code = "import sys, bioselect; print('numpy' in sys.modules, 'yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


#: What a person reads, and the task of each whole configuration in it.
EXAMPLES = {
    "README.md": ["classification"],
    "docs/augmentation.md": [],
    "docs/checks.md": [],
    "docs/classification.md": [],
    "docs/datasets.md": [],
    "docs/cloud.md": ["classification"],
    "docs/export.md": [],
    "docs/cluster.md": ["classification"],
    "docs/licences.md": [],
    "docs/limits.md": [],
    "docs/python.md": [],
    "docs/regression.md": ["regression"],
    "docs/results.md": [],
    "docs/segmentation.md": ["segmentation", "classification"],
    "docs/tables.md": ["classification", "classification"],
    "docs/tracking.md": ["classification"],
}


def test_every_page_for_people_is_looked_at():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert {page.relative_to(ROOT).as_posix() for page in pages} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_valid_configurations(name, tmp_path, drawn_images):
    from bioselect.config.loading import load_config

    text = (ROOT / name).read_text(encoding="utf-8")
    config = tmp_path / "config.yaml"
    loaded = []
    for example in re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL):
        config.write_text(example.replace("my_images", drawn_images.as_posix(), 1))
        loaded.append(load_config(config))
    assert [one.task for one in loaded] == EXAMPLES[name]
    n_columns = sum(one.dataset.is_columns for one in loaded)
    assert n_columns == (1 if name == "docs/tables.md" else 0)
    for one in loaded:
        assert len(one.estimator_specs) + len(one.segmenter_specs) >= 2


@pytest.mark.parametrize("name", [*EXAMPLES, "CONTRIBUTING.md"])
def test_links_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    places = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
    missing = [place for place in places if not ((ROOT / name).parent / place).exists()]
    assert missing == []


def test_readme_names_every_command():
    from bioselect.cli.main import COMMANDS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        name = command.__name__.rsplit(".", 1)[-1]
        if name not in ("schema", "cache"):
            assert f"bioselect {name}" in readme


#: Pickle runs code when it is read. What joblib takes to its own workers, which are children of
#: this process, it pickles in memory, somebody's own classes among it; two modules prepare that.
#: The third does so for workers of a Dask scheduler, as Dask does; docs/cluster.md says whom that
#: trusts.
#: The last looks for pickles, and reads them without any class.
MAY_IMPORT_PICKLE = {
    "workers.py",
    "features/packing.py",
    "cluster/parcels.py",
    "testing/file_contents.py",
}
PICKLES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve"}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{name.name}" for name in node.names))


#: Calls that read or run what a file says, by the last part of their name, each with why none of
#: them, or only with an argument, stands in the package.
UNSAFE_CALLS = {
    "joblib.load", "joblib.dump", "torch.load", "torch.save", "yaml.unsafe_load", "yaml.full_load",
    "yaml.load_all", "yaml.unsafe_load_all", "pandas.read_pickle", "pd.read_pickle",
    "pd.read_hdf", "pandas.read_hdf", "os.system", "os.popen", "np.fromfile",
    "keras.config.enable_unsafe_deserialization", "enable_unsafe_deserialization",
    "shutil.unpack_archive", "tarfile.open", "eval", "exec", "compile", "__import__",
}  # fmt: skip
#: Where one of them stands nevertheless, because what it is given is ours.
MAY_CALL: dict[str, set[str]] = {}
#: A call that is safe only with an argument, and the value that it must have.
WITH_ARGUMENT = {"load_model": ("safe_mode", True), "np.load": ("allow_pickle", False)}


def name_of_call(node):
    """Return what is called, as it is written: `keras.saving.load_model`."""
    parts, part = [], node.func
    while isinstance(part, ast.Attribute):
        parts.append(part.attr)
        part = part.value
    if isinstance(part, ast.Name):
        parts.append(part.id)
    return ".".join(reversed(parts))


def unsafe_calls(tree):
    """Give each call in a module by which a file could run code, as it is written."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = name_of_call(node)
        given = {one.arg: one.value for one in node.keywords}
        if name in UNSAFE_CALLS or ".".join(name.split(".")[-2:]) in UNSAFE_CALLS:
            yield name
        for ending, (argument, needed) in WITH_ARGUMENT.items():
            if name == ending or name.endswith(f".{ending}"):
                value = given.get(argument)
                if not (isinstance(value, ast.Constant) and value.value is needed):
                    yield f"{name} without {argument}={needed}"
        for argument, refused in (("allow_pickle", True), ("shell", True), ("safe_mode", False)):
            value = given.get(argument)
            is_constant = isinstance(value, ast.Constant)
            if value is not None and (not is_constant or value.value is refused):
                yield f"{name} with {argument}"
        if name == "yaml.load":
            loader = given.get("Loader") or (node.args[1:] or [None])[0]
            loader_name = getattr(loader, "id", getattr(loader, "attr", ""))
            if not is_safe_loader(loader_name):
                yield f"{name} with {loader_name or 'its own loader'}"


def is_safe_loader(name):
    """Tell whether a loader of YAML is one of plain values, or ours, which derives from it."""
    import yaml

    from bioselect import strict_yaml

    loader = getattr(strict_yaml, name, getattr(yaml, name, None))
    return loader is not None and issubclass(loader, yaml.SafeLoader | yaml.CSafeLoader)


SKOPS_READERS = {"estimators/files/opening.py"}


def test_no_module_pickles():
    trees = {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in MODULES
    }
    found = {
        name
        for name, tree in trees.items()
        if PICKLES & {one.split(".")[0] for one in imported(tree)}
    }
    assert found == MAY_IMPORT_PICKLE


def test_no_module_runs_what_a_file_says():
    found = {}
    for path in MODULES:
        calls = set(unsafe_calls(ast.parse(path.read_text(encoding="utf-8"))))
        name = path.relative_to(PACKAGE).as_posix()
        if calls := calls - MAY_CALL.get(name, set()):
            found[name] = sorted(calls)
    assert found == {}


UNSAFE = [
    "joblib.load(path)",
    "import torch; torch.load(path)",
    "yaml.load(text)",
    "yaml.load(text, Loader=yaml.Loader)",
    "yaml.load(text, yaml.UnsafeLoader)",
    "yaml.unsafe_load(text)",
    "np.load(path)",
    "np.load(path, allow_pickle=True)",
    "np.load(path, allow_pickle=whatever)",
    "np.savez(path, allow_pickle=True)",
    "keras.saving.load_model(path)",
    "keras.models.load_model(path, safe_mode=False)",
    "load_model(path, compile=False)",
    "pd.read_pickle(path)",
    "eval(text)",
    "exec(text)",
    "subprocess.run(text, shell=True)",
    "shutil.unpack_archive(path)",
    "keras.config.enable_unsafe_deserialization()",
]


@pytest.mark.parametrize("code", UNSAFE)
def test_the_walk_finds_what_is_unsafe(code):
    assert list(unsafe_calls(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ["np.load(path, allow_pickle=False)", "model.eval()", "yaml.load(text, Loader=yaml.SafeLoader)",
     "keras.saving.load_model(path, safe_mode=True)", "re.compile(text)"],
)  # fmt: skip
def test_the_walk_passes_over_what_is_safe(code):
    assert list(unsafe_calls(ast.parse(code))) == []


def test_files_of_estimators_are_opened_in_one_place():
    # Everywhere else skops would take all of scikit-learn; the contract opens what it wrote itself.
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name_of_call(node) in (
                "skops.io.load", "skops.io.loads"
            ):  # fmt: skip
                found.add(path.relative_to(PACKAGE).as_posix())
    assert {name for name in found if not name.startswith("testing/")} == SKOPS_READERS
