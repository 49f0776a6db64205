import pytest

from bioselect.data.stacks import Stack


def written(smallest, **changes):
    lines = [line for line in smallest.splitlines() if line.split(":")[0] not in changes]
    return "\n".join(lines + [f"{key}: {value}" for key, value in changes.items()])


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "task",
            "detection",
            "task: must be classification, regression or segmentation. Got 'detection'.",
        ),
        ("dataset", "{path: 5}", "dataset.path: must be text or null. Got 5."),
        ("dataset", "{path: ''}", "dataset.path: must be a path. Got an empty text."),
        ("dataset", "images", "dataset: must be a section"),
        ("dataset", "null", "dataset: must be a section"),
        (
            "dataset",
            "{path: a, channels: [0, -1]}",
            "dataset.channels: each channel number must be at least 0. Got -1.",
        ),
        ("dataset", "{path: a, channels: []}", "dataset.channels: must be null or a list of"),
        ("dataset", "{path: a, channels: 3}", "dataset.channels: must be null or a list of"),
        ("dataset", "{path: a.npz, splits: train}", "dataset.splits: must be null or a list of"),
        ("dataset", "{path: a.npz, splits: []}", "dataset.splits: must be null or a list of names"),
        (
            "dataset",
            "{path: a.npz, splits: [1]}",
            "dataset.splits: must be null or a list of names",
        ),
        (
            "dataset",
            "{path: a.npz, splits: [val, val]}",
            "dataset.splits: must name each split once. Got val twice.",
        ),
        ("dataset", "{path: a, group: {level: 0}}", "dataset.group: level must be at least 1."),
        (
            "dataset",
            "{path: a, group: {pattern: '('}}",
            "dataset.group: pattern must be a regular expression (missing ), unterminated",
        ),
        (
            "dataset",
            "{path: a, group: {pattern: 'p[0-9]'}}",
            "dataset.group: pattern must hold the group's name in parentheses",
        ),
        ("dataset", "{path: a, group: {pattern: 5}}", "dataset.group: pattern must be text."),
        ("dataset", "{path: a, group: 5}", "dataset.group: must be null, the name of a table's"),
        (
            "dataset",
            "{path: a, group: {level: 1, pattern: '(a)'}}",
            "dataset.group: must be null, the name of a table's",
        ),
        (
            "dataset",
            "{path: a, intensity: dtyp}",
            "dataset.intensity: must be one of auto, dtype, percentile, {min: ..., max: ...}. "
            "Got 'dtyp'. Did you mean 'dtype'?",
        ),
        ("dataset", "{path: a, intensity: {min: 0}}", "dataset.intensity: a range is {min:"),
        (
            "dataset",
            "{path: a, intensity: {min: 0, max: .inf}}",
            "dataset.intensity: a range is {min: NUMBER, max: NUMBER}, both finite",
        ),
        (
            "dataset",
            "{path: a, intensity: {min: 4, max: 4}}",
            "dataset.intensity: min must be less than max. Got {min: 4, max: 4}.",
        ),
        (
            "dataset",
            "{path: a, stack: max}",
            "dataset.stack: must be null, {projection: max}, {projection: mean}, middle, all or "
            "{every: N}, or channels. Got 'max'.",
        ),
        (
            "dataset",
            "{path: a, stack: {projection: min}}",
            "dataset.stack: projection must be max or mean. Got 'min'.",
        ),
        (
            "dataset",
            "{path: a, stack: {every: 0}}",
            "dataset.stack: every must be a whole number of at least 1. Got 0.",
        ),
        ("dataset", "{path: a, stack: {every: 2, projection: max}}", "dataset.stack: must be null"),
        (
            "dataset",
            "{path: a, on_bad_image: ignore}",
            "dataset.on_bad_image: must be one of stop, exclude. Got 'ignore'.",
        ),
        ("extractors", "hog", "extractors: must be a list, such as [one, two]. Got 'hog'."),
        ("extractors", "[]", "extractors: must list at least one. Got []."),
        ("extractors", "[5]", "extractors, item 1: must be a name, or a mapping with name and"),
        (
            "extractors",
            "[{name: hog, search: {cell: [8]}}]",
            "extractors, item 1: search: extractors have no search",
        ),
        ("extractors", "[{params: {}}]", "extractors, item 1: name: is missing."),
        (
            "extractors",
            "[{name: hog, parms: {}}]",
            "extractors, item 1: parms: unknown key. Did you mean 'params'?",
        ),
        (
            "extractors",
            "[{name: hog, on_unavailable: go}]",
            "extractors, item 1: on_unavailable: must be one of stop, skip or null. Got 'go'.",
        ),
        ("on_unavailable", "go", "on_unavailable: must be one of stop, skip. Got 'go'."),
        (
            "classifiers",
            "[{name: svm, search: {C: 5}}]",
            "classifiers, item 1: search: C must be a list of the values to try. Got 5.",
        ),
        (
            "classifiers",
            "[{name: svm, search: all}]",
            "classifiers, item 1: search: must be default, or a mapping",
        ),
        ("networks", "{resnet18: 5}", "networks: must be a list, such as [one, two]."),
        ("validation", "{folds: 1}", "validation.folds: must be at least 2. Got 1."),
        (
            "validation",
            "{folds: five}",
            "validation.folds: must be a whole number or auto. Got 'five'.",
        ),
        ("validation", "{folds: true}", "validation.folds: must be a whole number or auto."),
        ("validation", "{repeats: 0}", "validation.repeats: must be at least 1. Got 0."),
        ("validation", "{seed: -1}", "validation.seed: must be at least 0. Got -1."),
        ("validation", "{seed: 0.5}", "validation.seed: must be a whole number. Got 0.5."),
        ("validation", "{seed: null}", "validation.seed: must be a whole number. Got null."),
        ("statistics", "{alpha: 0}", "statistics.alpha: must be at least 0.0001. Got 0."),
        ("statistics", "{alpha: .nan}", "statistics.alpha: must be a finite number. Got nan."),
        ("statistics", "{rope: -1}", "statistics.rope: must be at least 0. Got -1."),
        ("statistics", "{strict: 1}", "statistics.strict: must be true or false. Got 1."),
        (
            "statistics",
            "{select: bst}",
            "statistics.select: must be one of recommended, best. Got 'bst'. Did you mean 'best'?",
        ),
        ("output", "null", "output: must be text. Got null."),
        ("jobs", "0", "jobs: must be at least 1. Got 0."),
        ("jobs", "all", "jobs: must be a whole number or null. Got 'all'."),
    ],
)
def test_each_rule(problems_of, smallest, key, value, message) -> None:
    lines = problems_of(written(smallest, **{key: value}))
    n_lines = len(written(smallest, **{key: value}).splitlines())
    assert len(lines) == 1
    assert lines[0].startswith(f"config.yaml:{n_lines}: {message}")


def test_values_that_are_right(load, smallest) -> None:
    config = load(
        written(
            smallest,
            dataset="{table: t.csv, image: f, target: c, group: {pattern: '^(?P<group>p[0-9]+)_'},"
            " channels: [2, 0], intensity: {min: 0, max: 4095}, on_bad_image: exclude}",
            validation="{folds: 3, repeats: 1, metric: roc_auc, seed: 4294967295}",
            statistics="{alpha: 1e-3, rope: 0, strict: true, select: best}",
            on_unavailable="skip",
            jobs="2",
            networks="[]",
        )
    )
    assert config.dataset.channels == (2, 0)
    assert config.dataset.intensity == {"min": 0.0, "max": 4095.0}
    assert config.dataset.group_rule.pattern == "^(?P<group>p[0-9]+)_"
    assert config.statistics.alpha == 0.001
    assert config.statistics.strict is True
    assert config.jobs == 2
    assert config.may_skip(config.extractor_specs[0]) is True


@pytest.mark.parametrize(
    ("stack", "rule"),
    [
        ("null", None),
        ("{projection: max}", Stack("max")),
        ("{projection: mean}", Stack("mean")),
        ("middle", Stack("middle")),
        ("channels", Stack("channels")),
        ("all", Stack("every", 1)),
        ("{every: 5}", Stack("every", 5)),
    ],
)
def test_what_becomes_of_stacks(load, smallest, stack, rule) -> None:
    dataset = load(written(smallest, dataset=f"{{path: a, stack: {stack}}}")).dataset
    assert dataset.stack_rule == rule
    assert load(smallest).dataset.stack_rule is None


def test_an_extractor_may_differ_from_the_rest(load, smallest) -> None:
    config = load(
        written(
            smallest,
            extractors="[hog, {name: lbp, on_unavailable: stop}]",
            on_unavailable="skip",
        )
    )
    hog, lbp = config.extractor_specs
    assert (config.may_skip(hog), config.may_skip(lbp)) == (True, False)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("{}", "path is missing"),
        ("{path: a, table: b}", "path and table exclude each other"),
        ("{table: b, image: f}", "a table needs target"),
        ("{table: b, target: c}", "a table without image: is learnt from as it stands"),
        ("{path: a, image: f}", "image goes with table only"),
        ("{path: a, root: f}", "root goes with table only"),
        ("{path: a, group: patient}", "group 'patient' names a column"),
        ("{path: a, splits: [train]}", "splits goes with path only, if that is an .npz file"),
        ("{table: b, image: f, target: c, splits: [train]}", "splits goes with path only"),
        ("{path: a.NPZ, target: c}", "target goes with table only. With path, the file holds"),
        ("{path: a.npz, group: {level: 1}}", "group {'level': 1} cannot be found in an .npz file"),
        ("{path: ../labels.xlsx}", "path must be a folder or an .npz file. Got a table (../lab"),
        ("{path: labels.csv}", "path must be a folder or an .npz file. Got a table (labels.csv)."),
    ],
)
def test_keys_of_the_dataset_that_do_not_go_together(
    problems_of, smallest, dataset, message
) -> None:
    lines = problems_of(written(smallest, dataset=dataset))
    assert len(lines) == 1
    assert lines[0].startswith(f"config.yaml:4: dataset: {message}")


def test_an_npz_file_and_its_splits(load, smallest) -> None:
    config = load(written(smallest, dataset="{path: a.npz, splits: [val, train]}"))
    assert config.dataset.splits == ("val", "train")
    assert config.dataset.path.name == "a.npz"
    assert load(written(smallest, dataset="{path: a.npz}")).dataset.splits is None


def test_the_sheet_of_a_table(load, smallest) -> None:
    config = load(written(smallest, dataset="{table: 'a.xlsx#Plate 2', image: f, target: c}"))
    assert config.dataset.table.name == "a.xlsx#Plate 2"
