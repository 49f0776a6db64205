import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bioselect import registry
from bioselect.exceptions import ComponentError
from bioselect.own_modules import distribution_version
from bioselect.registry import (
    ComponentRow,
    ComponentSpec,
    Parameter,
    create,
    find_row,
    identity,
    import_target,
    known_rows,
    parameter_problems,
    unknown_name_message,
    value_problem,
)
from bioselect.storage import sha256_of_file

ROOT = Path(__file__).parents[1]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that puts a package with entry points on the path, as `pip install` would."""

    def installed(distribution, group, name, target, code=""):
        folder = tmp_path / f"site_{distribution}"
        information = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        (information / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n")
        (folder / f"{target.split(':')[0]}.py").write_text(textwrap.dedent(code))
        monkeypatch.syspath_prepend(folder)
        return folder

    yield installed
    for module in ("registry_lab_a", "registry_lab_b", "registry_own", "registry_broken"):
        sys.modules.pop(module, None)


NUCLEUS = '''
    class Nucleus:
        """Measures the nucleus.

        And more."""

        version = 3

        def __init__(self, scale, bins=4, *, seed=0, base_dir=None, **rest):
            self.given = (scale, bins, seed, base_dir)
'''


def test_the_name_of_an_installed_package_is_known(install) -> None:
    install("lab-a", "bioselect.extractors", "nucleus", "registry_lab_a:Nucleus", NUCLEUS)
    row = known_rows("extractor")["nucleus"]
    assert (row.provider, row.target) == ("lab-a", "registry_lab_a:Nucleus")
    # Listing names reads metadata only.
    assert "registry_lab_a" not in sys.modules
    found = find_row("extractor", "nucleus")
    assert found.summary == "Measures the nucleus."
    assert found.version == 3
    assert [(p.name, p.default, p.required) for p in found.parameters] == [
        ("scale", None, True),
        ("bins", 4, False),
    ]
    made = create("extractor", ComponentSpec.of("nucleus", {"scale": 2}), seed=7, other=1)
    assert made.given == (2, 4, 7, None)


def test_an_entry_point_of_another_kind_is_not_seen(install) -> None:
    install("lab-a", "bioselect.classifiers", "forest_lab", "registry_lab_a:Forest")
    assert "forest_lab" in known_rows("classifier")
    assert "forest_lab" not in known_rows("extractor")


def test_two_packages_with_one_name_are_both_named(install) -> None:
    install("lab-a", "bioselect.extractors", "nucleus", "registry_lab_a:Nucleus")
    install("lab-b", "bioselect.extractors", "nucleus", "registry_lab_b:Nucleus")
    with pytest.raises(ComponentError) as caught:
        known_rows("extractor")
    text = str(caught.value)
    assert "extractor 'nucleus': a name must have one provider" in text
    assert "lab-a (registry_lab_a:Nucleus)" in text
    assert "lab-b (registry_lab_b:Nucleus)" in text
    assert "\n" not in text


def test_a_package_cannot_take_the_name_of_a_built_in(install) -> None:
    install("lab-a", "bioselect.extractors", "hog", "registry_lab_a:Hog")
    with pytest.raises(ComponentError, match=r"bioselect \(.*lab-a \(registry_lab_a:Hog\)"):
        find_row("extractor", "hog")


def test_the_same_target_twice_is_one_provider(install) -> None:
    target = known_rows("extractor")["hog"].target
    install("lab-a", "bioselect.extractors", "hog", target)
    assert known_rows("extractor")["hog"].provider == "bioselect"


def test_a_module_beside_the_configuration(tmp_path) -> None:
    (tmp_path / "registry_own.py").write_text(textwrap.dedent(NUCLEUS))
    before = list(sys.path)
    try:
        spec = ComponentSpec.of("registry_own:Nucleus", {"scale": 2})
        for made in (
            create("extractor", spec, tmp_path),
            create("extractor", spec, base_dir=tmp_path),
            create("extractor", spec, tmp_path, base_dir=tmp_path),
        ):
            assert made.given == (2, 4, 0, tmp_path)
        assert sys.path == before
        source = identity("extractor", "registry_own:Nucleus", tmp_path)["source"]
        assert source == sha256_of_file(tmp_path / "registry_own.py")
    finally:
        sys.modules.pop("registry_own", None)


def test_a_module_that_hides_the_one_beside_the_configuration_is_refused(tmp_path) -> None:
    (tmp_path / "textwrap.py").write_text("class Nucleus: ...\n")
    with pytest.raises(ComponentError, match=r"the name 'textwrap' is taken by .*Rename .*"):
        import_target("textwrap:Nucleus", tmp_path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("registry_absent:Name", "the module 'registry_absent' cannot be imported .*, or put its"),
        ("textwrap:dedentt", "the module 'textwrap' holds no 'dedentt'. Did you mean 'dedent'?"),
        ("textwrap:", "an import path must be 'package.module:Name'"),
        (":Name", "an import path must be 'package.module:Name'"),
        ("registry_broken:Name", "cannot be imported: ZeroDivisionError: .* Correct the module"),
        ("textwrap:__name__", "must be a class or a function. Got str"),
    ],
)
def test_import_paths_that_lead_nowhere(tmp_path, path, message) -> None:
    (tmp_path / "registry_broken.py").write_text("1 / 0\n")
    with pytest.raises(ComponentError, match=message) as caught:
        find_row("extractor", path, tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "written", "nearest"),
    [
        ("extractor", "hgo", "hog"),
        ("extractor", "ResNet50", "resnet50"),
        ("extractor", "haralik", "haralick"),
        ("classifier", "logistic", "logistic_regression"),
        ("classifier", "randomforest", "random_forest"),
        ("metric", "balanced_acc", "balanced_accuracy"),
    ],
)
def test_the_nearest_name_is_offered(kind, written, nearest) -> None:
    with pytest.raises(
        ComponentError, match=f"unknown {kind} '{written}'. Did you mean '"
    ) as error:
        find_row(kind, written)
    assert f"'{nearest}'" in str(error.value)
    assert f"`bioselect components {kind}` lists all" in str(error.value)


def test_nothing_is_offered_for_what_is_far_away() -> None:
    assert unknown_name_message("extractor", "xyzzy", ["hog"]) == (
        "unknown extractor 'xyzzy'. `bioselect components extractor` lists all 1."
    )
    assert unknown_name_message("key", "x", ["a", "b"]) == "unknown key 'x'. Known: a, b."


@pytest.mark.parametrize("kind", registry.KINDS)
def test_the_tables_agree_with_what_they_name(kind) -> None:
    for name, row in registry.builtin_rows(kind).items():
        assert row.name == name
        known = {parameter.name for parameter in row.parameters}
        assert set(dict(row.search)) <= known
        for parameter in row.parameters:
            if not parameter.required and parameter.default is not None:
                default = registry.thawed(parameter.default)
                assert value_problem(parameter, default) is None, (name, parameter)
        for key, tried in row.search:
            parameter = next(p for p in row.parameters if p.name == key)
            assert all(value_problem(parameter, value) is None for value in tried)


def test_listing_names_imports_nothing_heavy() -> None:
    code = (
        "import sys; from bioselect.registry import KINDS, known_rows\n"
        "n = sum(len(known_rows(kind)) for kind in KINDS); assert n > 20, n\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'sklearn', 'cv2', 'tensorflow', 'keras', 'skimage'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


NUMBER = Parameter("n", 8, ("int",), minimum=2, maximum=9)
SHARE = Parameter("f", "sqrt", ("float",), ("sqrt", "log2"), minimum=0, maximum=1)
WIDTH = Parameter("alpha", 1.0, choices=(0.35, 1.0))
DEPTH = Parameter("depth", None, ("int", "null"))
FREE = Parameter("anything", None)


@pytest.mark.parametrize(
    ("parameter", "value", "problem"),
    [
        (NUMBER, 2, None),
        (NUMBER, 1, "must be at least 2. Got 1."),
        (NUMBER, 10, "must be at most 9. Got 10."),
        (NUMBER, 2.0, "must be a whole number. Got 2.0."),
        (NUMBER, True, "must be a whole number. Got true."),
        (NUMBER, None, "must be a whole number. Got null."),
        (NUMBER, "5", "must be a whole number. Got '5'."),
        (SHARE, "sqrt", None),
        (SHARE, 1, None),
        (SHARE, 0.5, None),
        (SHARE, "sqr", "must be a number or sqrt or log2. Got 'sqr'. Did you mean 'sqrt'?"),
        (SHARE, 1.5, "must be at most 1. Got 1.5."),
        (SHARE, float("nan"), "must be a finite number. Got nan."),
        (SHARE, float("inf"), "must be a finite number. Got inf."),
        (SHARE, 10**400, f"must be a number of at most {2**63 - 1}. Got one with 401 digits."),
        (WIDTH, 1, None),
        (WIDTH, 0.35, None),
        (WIDTH, 0.3, "must be one of 0.35, 1.0. Got 0.3."),
        (WIDTH, True, "must be one of 0.35, 1.0. Got true."),
        (DEPTH, None, None),
        (DEPTH, "deep", "must be a whole number or null. Got 'deep'."),
        (Parameter("x", 1, ("bool",)), 1, "must be true or false. Got 1."),
        (Parameter("x", "", ("str",)), "any", None),
        (Parameter("x", [], ("list",)), {}, "must be a list. Got {}."),
        (Parameter("x", {}, ("dict",)), {}, None),
        (FREE, object, None),
    ],
)
def test_values(parameter, value, problem) -> None:
    found = value_problem(parameter, value)
    assert found == problem or (found is not None and found.split(" Did you")[0] == problem)


def test_every_problem_with_parameters_is_returned() -> None:
    needed = Parameter("path", None, ("str",), required=True)
    row = ComponentRow("thing", "m:Thing", "", (NUMBER, needed))
    assert parameter_problems(row, {"n": 1, "m": 2}) == [
        "params.n: must be at least 2. Got 1.",
        "params.m: unknown parameter. Known: n, path.",
        "params.path: is missing; thing needs it.",
    ]
    assert parameter_problems(row, {"path": "a"}) == []


def test_a_parameter_called_as_elsewhere_is_answered_with_ours() -> None:
    def answer(name, **params):
        (problem,) = parameter_problems(find_row("network", name), params)
        return problem.split(" Known:")[0].removeprefix(f"params.{next(iter(params))}: unknown ")

    assert answer("mobilenet_v2", pretrained=True) == "parameter. Write weights: imagenet."
    assert answer("mobilenet_v2", pretrained=False) == "parameter. Write weights: none."
    assert "weights: and the model to begin with" in answer("resnet18", pretrained=True)
    assert answer("resnet18", pretrained="a.keras") == "parameter. Did you mean 'weights'?"
    assert answer("resnet18", lr=0.1) == "parameter. Did you mean 'learning_rate'?"
    assert answer("resnet18", epoch=3) == "parameter. Did you mean 'epochs'?"


def test_a_number_in_percent_is_answered_with_the_share() -> None:
    share = Parameter("share", 0.2, ("float",), minimum=0.05, maximum=0.5)
    text = "must be at most 0.5. Got 20. If that was meant in percent, write 0.2."
    assert value_problem(share, 20) == text
    assert value_problem(share, 0.6) == "must be at most 0.5. Got 0.6."
    assert value_problem(share, 2) == "must be at most 0.5. Got 2."
    assert value_problem(share, 80) == "must be at most 0.5. Got 80."


def test_create_refuses_wrong_parameters() -> None:
    with pytest.raises(ComponentError, match=r"extractor 'hog': params.cells: unknown parameter"):
        create("extractor", ComponentSpec.of("hog", {"cells": 8}))


def test_a_spec_survives_processes_and_can_be_a_key() -> None:
    nested = {"extractors": ["hog", {"name": "lbp", "params": {"radii": [1, 2]}}]}
    spec = ComponentSpec.of("concat", nested, {"a": [1, 2]})
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert len({spec, ComponentSpec.of("concat", nested, {"a": [1, 2]})}) == 1
    assert spec.params_dict == nested
    assert spec.as_dict() == {"name": "concat", "params": nested, "search": {"a": [1, 2]}}


def test_the_order_of_parameters_does_not_matter() -> None:
    assert ComponentSpec.of("svm", {"a": 1, "b": 2}) == ComponentSpec.of("svm", {"b": 2, "a": 1})


def test_labels_show_names_of_files_not_where_they_lie() -> None:
    part = {"name": "vgg16", "params": {"weights": "C:\\data\\v.h5"}}
    spec = ComponentSpec.of("concat", {"extractors": ["hog", part], "path": "/models/m.keras"})
    assert spec.label == "concat(extractors=hog+vgg16(weights=v.h5), path=m.keras)"
    assert ComponentSpec.of("svm", {}, {"C": [1]}).label == "svm(C searched)"


def test_a_partial_function_is_known_by_its_module(tmp_path) -> None:
    module = tmp_path / "registry_partial.py"
    module.write_text("import functools\nmake = functools.partial(lambda a: a, a=1)\n")
    try:
        source = identity("classifier", "registry_partial:make", tmp_path)["source"]
    finally:
        sys.modules.pop("registry_partial", None)
    assert source == sha256_of_file(module)


def test_what_does_not_tell_its_parameters_is_one_line() -> None:
    with pytest.raises(ComponentError, match="whose parameters can be read"):
        find_row("classifier", "builtins:dict")


def test_an_edit_of_what_a_module_imports_is_noticed(tmp_path) -> None:
    (tmp_path / "registry_helper.py").write_text("K = 1\n")
    (tmp_path / "registry_user.py").write_text("from registry_helper import K\nclass Own: ...\n")
    try:
        before = identity("extractor", "registry_user:Own", tmp_path)
        (tmp_path / "registry_helper.py").write_text("K = 2\n")
        after = identity("extractor", "registry_user:Own", tmp_path)
    finally:
        sys.modules.pop("registry_user", None)
        sys.modules.pop("registry_helper", None)
    assert before["source"] == after["source"]
    assert before["imports"].keys() == {"registry_helper.py"}
    assert before != after


def write_package(folder: Path, name: str, version: str) -> None:
    """Put a package of one class and its metadata where Python finds both."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "__init__.py").write_text("class Boosted: ...\n")
    metadata = folder / f"{name}-0.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (metadata / "top_level.txt").write_text(f"{name}\n")


@pytest.mark.parametrize("name", ["registry_boost:Boosted", "registry_lab:Own"])
def test_an_upgrade_of_the_package_behind_a_component_is_noticed(
    tmp_path, monkeypatch, name
) -> None:
    monkeypatch.syspath_prepend(tmp_path / "site")
    (tmp_path / "registry_lab.py").write_text(
        "import json\nimport numpy\nfrom registry_boost import Boosted\nclass Own(Boosted): ...\n"
    )
    try:
        write_package(tmp_path / "site", "registry_boost", "1.0")
        distribution_version.cache_clear()
        before = identity("classifier", name, tmp_path)
        write_package(tmp_path / "site", "registry_boost", "2.0")
        distribution_version.cache_clear()  # as in a new process, which a run after an upgrade is
        after = identity("classifier", name, tmp_path)
    finally:
        sys.modules.pop("registry_boost", None)
        sys.modules.pop("registry_lab", None)
    assert before["packages"] == {"registry_boost": "1.0"}
    assert after == {**before, "packages": {"registry_boost": "2.0"}}


@pytest.mark.parametrize(
    ("kind", "name", "place"),
    [
        ("extractor", "knn", "classifiers"),
        ("classifier", "vgg16", "extractors"),
        ("metric", "hog", "extractors"),
        ("classifier", "log_loss", "validation.metric"),
        ("classifier", "cutout", "augmentation"),
    ],
)
def test_a_name_of_another_kind_is_told_where_it_belongs(kind, name, place):
    with pytest.raises(ComponentError) as caught:
        find_row(kind, name)
    assert str(caught.value) == (
        f"unknown {kind} {name!r}. This name belongs under {place}: move it there."
    )
