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
    "docs/classification.md": [],
    "docs/limits.md": [],
    "docs/regression.md": ["regression"],
    "docs/results.md": [],
    "docs/segmentation.md": ["segmentation", "classification"],
    "docs/tables.md": ["classification", "classification"],
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
#: The third looks for pickles, and reads them without any class.
MAY_IMPORT_PICKLE = {"execution.py", "features/packing.py", "testing/file_contents.py"}
PICKLES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "marshal", "shelve"}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{name.name}" for name in node.names))


def allows_pickle(tree):
    """Tell whether numpy is allowed to read or write pickles, or joblib's files are used."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                return True
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            is_joblib = isinstance(owner, ast.Name) and owner.id == "joblib"
            if is_joblib and node.func.attr in ("dump", "load"):
                return True
    return False


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
    assert [name for name, tree in trees.items() if allows_pickle(tree)] == []
