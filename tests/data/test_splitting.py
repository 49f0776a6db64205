import itertools

import numpy as np
import pytest

from bioselect.data.splitting import choose_design, draw_folds, independent_units
from bioselect.exceptions import ConfigurationError, DataError


def donors_of_one_class(n_donors=20, largest=60):
    """20 donors of 1 to 60 images, each of one class: the hard case for shuffled group folds."""
    sizes = np.linspace(1, largest, n_donors).astype(int)
    units = np.repeat(np.arange(n_donors), sizes)
    return units % 2, units


def partition_of(plan, repeat, n_images):
    labels = np.full(n_images, -1)
    for fold in plan.folds:
        if fold.repeat == repeat:
            labels[fold.test] = fold.index
    return labels


def as_sets(labels):
    return frozenset(frozenset(np.flatnonzero(labels == x).tolist()) for x in np.unique(labels))


def assert_valid(plan, class_indices, units):
    """Everything that must hold of any plan, checked fold by fold without the code's own tricks."""
    n_images = len(units)
    assert len(plan.folds) == plan.n_folds * plan.n_repeats
    everything = set(range(n_images))
    for fold in plan.folds:
        assert fold.train.dtype == fold.test.dtype == np.int64
        assert set(fold.train.tolist()) | set(fold.test.tolist()) == everything
        assert not set(fold.train.tolist()) & set(fold.test.tolist())
        assert not set(units[fold.train].tolist()) & set(units[fold.test].tolist())
        assert len(fold.test) > 0
    partitions = [as_sets(partition_of(plan, r, n_images)) for r in range(plan.n_repeats)]
    for repeat, partition in enumerate(partitions):
        assert len(partition) == plan.n_folds
        tested = np.concatenate([fold.test for fold in plan.folds if fold.repeat == repeat])
        assert sorted(tested.tolist()) == list(range(n_images))
    assert len(set(partitions)) == plan.n_repeats


class TestIndependentUnits:
    def test_group_and_equal_pixels_link_in_a_chain(self):
        # p1 - (pixels b) - p2 - (pixels c) - an image without a group; the last one is alone.
        groups = ["p1", "p1", "p2", "p2", None, "p3"]
        pixels = ["a", "b", "b", "c", "c", "d"]
        assert independent_units(groups, pixels, [False] * 6).tolist() == [0, 0, 0, 0, 0, 1]

    def test_a_blank_does_not_merge_patients(self):
        groups = ["p1", "p1", "p2", "p2"]
        pixels = ["a", "black", "b", "black"]
        blank = [False, True, False, True]
        assert independent_units(groups, pixels, blank).tolist() == [0, 0, 1, 1]
        assert independent_units(groups, pixels, [False] * 4).tolist() == [0, 0, 0, 0]

    def test_blanks_without_a_group_are_copies_of_each_other_only(self):
        groups = [None, "p1", None, None]
        pixels = ["black", "black", "black", "white"]
        assert independent_units(groups, pixels, [True] * 4).tolist() == [0, 1, 0, 2]

    def test_independent_images_are_units_of_their_own(self):
        assert independent_units([None] * 3, ["a", "b", "c"], [False] * 3).tolist() == [0, 1, 2]

    def test_a_group_named_like_a_digest_is_not_confused_with_it(self):
        assert independent_units(["x", None], ["a", "x"], [False] * 2).tolist() == [0, 1]

    def test_agrees_with_connected_components_of_scipy(self):
        from scipy.sparse.csgraph import connected_components

        generator = np.random.default_rng(0)
        for _ in range(50):
            groups = [f"g{i}" if i < 9 else None for i in generator.integers(0, 14, 40)]
            pixels = [f"x{i}" for i in generator.integers(0, 50, 40)]
            linked = [
                [(a is not None and a == b) or p == q for b, q in zip(groups, pixels, strict=True)]
                for a, p in zip(groups, pixels, strict=True)
            ]
            expected = connected_components(np.array(linked))[1]
            units = independent_units(groups, pixels, [False] * 40)
            assert as_sets(units) == as_sets(expected)

    def test_near_copies_link_groups_and_images(self):
        groups, pixels = ["p1", "p1", "p2", "p3", None], list("abcde")
        units = independent_units(groups, pixels, [False] * 5, [(1, 3), (4, 0)])
        assert units.tolist() == [0, 0, 1, 0, 0]

    def test_lengths_must_agree(self):
        with pytest.raises(ValueError, match="one length"):
            independent_units(["a"], ["x", "y"], [False])


class TestChooseDesign:
    @pytest.mark.parametrize(("n_units", "n_repeats"), [(99, 20), (100, 10), (1000, 10), (1001, 5)])
    def test_repeats_follow_the_number_of_units(self, n_units, n_repeats):
        labels = np.arange(n_units) % 2
        design = choose_design(labels, np.arange(n_units), "auto", "auto", ["a", "b"])
        assert (design.n_folds, design.n_repeats) == (5, n_repeats)

    def test_units_count_not_images(self):
        # 400 images of 40 patients: fewer than 100 units, so 20 repeats.
        units = np.repeat(np.arange(40), 10)
        assert choose_design(units % 2, units, "auto", "auto", ["a", "b"]).n_repeats == 20

    def test_what_is_written_is_taken(self):
        design = choose_design(np.arange(60) % 2, np.arange(60), 3, 7, ["a", "b"])
        assert (design.n_folds, design.n_repeats) == (3, 7)

    def test_a_class_with_four_units_stops_the_study(self):
        # 40 images of class b, but of 4 patients.
        units = np.concatenate([np.arange(40), np.repeat(np.arange(40, 44), 10)])
        labels = np.repeat([0, 1], 40)
        with pytest.raises(DataError, match=r"at least 5 .* class 'debris' has 4"):
            choose_design(labels, units, "auto", "auto", ["cell", "debris"])

    def test_a_class_without_images_stops_the_study(self):
        with pytest.raises(DataError, match="class 'c' has 0"):
            choose_design(np.arange(40) % 2, np.arange(40), "auto", "auto", ["a", "b", "c"])

    def test_one_class_stops_the_study(self):
        with pytest.raises(DataError, match="at least 2 classes"):
            choose_design(np.zeros(40, int), np.arange(40), "auto", "auto", ["a"])

    def test_a_group_of_several_classes_counts_for_each(self):
        # 12 patients, each with images of both classes.
        units = np.repeat(np.arange(12), 4)
        design = choose_design(np.tile([0, 0, 1, 1], 12), units, "auto", "auto", ["a", "b"])
        assert design.warnings == ()
        assert not design.exploratory

    def test_nine_units_of_a_class_are_warned_of(self):
        labels = np.repeat([0, 1], [60, 9])
        warnings = choose_design(labels, np.arange(69), "auto", "auto", ["a", "b"]).warnings
        assert len(warnings) == 1
        assert "class 'b': 9" in warnings[0]

    @pytest.mark.parametrize(("n_images", "exploratory"), [(29, True), (30, False)])
    def test_few_images_only_rank(self, n_images, exploratory):
        labels = np.arange(n_images) % 2
        design = choose_design(labels, np.arange(n_images), "auto", "auto", ["a", "b"])
        assert design.exploratory is exploratory

    @pytest.mark.parametrize(("n_groups", "exploratory"), [(9, True), (10, False)])
    def test_few_groups_only_rank(self, n_groups, exploratory):
        units = np.repeat(np.arange(n_groups), 10)
        labels = np.tile(np.repeat([0, 1], 5), n_groups)
        design = choose_design(labels, units, "auto", "auto", ["a", "b"])
        assert design.exploratory is exploratory

    def test_more_folds_than_the_smallest_class_is_warned_of(self):
        labels = np.repeat([0, 1], [60, 12])
        warnings = choose_design(labels, np.arange(72), 20, 1, ["a", "b"]).warnings
        assert any("at most 12 folds" in warning for warning in warnings)

    def test_more_folds_than_units_is_an_error(self):
        units = np.repeat(np.arange(12), 4)
        with pytest.raises(DataError, match="at most 12"):
            choose_design(np.tile([0, 0, 1, 1], 12), units, 13, 1, ["a", "b"])

    @pytest.mark.parametrize(("folds", "repeats"), [(1, 1), (5, 0)])
    def test_impossible_numbers(self, folds, repeats):
        with pytest.raises(ConfigurationError, match="must be at least"):
            choose_design(np.arange(40) % 2, np.arange(40), folds, repeats, ["a", "b"])

    def test_numbers_as_targets_count_all_units(self):
        assert choose_design(None, np.arange(120), "auto", "auto", []).n_repeats == 10
        with pytest.raises(DataError, match="the data set has 4"):
            choose_design(None, np.arange(4), "auto", "auto", [])


class TestIndependentImages:
    @pytest.mark.parametrize("counts", [[5, 5], [23, 61, 7], [50, 50], [6, 200, 31, 17, 5]])
    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_each_class_is_spread_evenly(self, counts, seed):
        labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
        units = np.arange(len(labels))
        plan = draw_folds(labels, units, 5, 4, seed)
        assert_valid(plan, labels, units)
        for fold in plan.folds:
            tested = np.bincount(labels[fold.test], minlength=len(counts))
            assert np.all(np.abs(tested - np.array(counts) / 5) < 1)
            assert abs(len(fold.test) - len(labels) / 5) < 1

    def test_every_pair_of_images_meets_about_as_often(self):
        # Two images of 20 in 4 folds of 5 (one class) share a fold with probability 4/19 = 0.21;
        # over 600 draws the standard error is 0.017, so 0.12 to 0.30 is five of them either way.
        together = np.zeros((20, 20))
        for seed in range(60):
            plan = draw_folds(np.zeros(20, int), np.arange(20), 4, 10, seed)
            for fold in plan.folds:
                together[np.ix_(fold.test, fold.test)] += 1
        share = together[~np.eye(20, dtype=bool)] / 600
        assert 0.12 < share.min() < share.max() < 0.30


class TestGroups:
    @pytest.mark.parametrize("seed", range(5))
    def test_unequal_donors_of_one_class(self, seed):
        labels, units = donors_of_one_class()
        plan = draw_folds(labels, units, 5, 20, seed)
        assert plan.n_repeats == 20
        assert_valid(plan, labels, units)
        for fold in plan.folds:
            assert set(labels[fold.test]) == set(labels[fold.train]) == {0, 1}

    def test_every_seed_gives_another_partition(self):
        # scikit-learn's StratifiedGroupKFold(shuffle=True) gave 1 distinct partition in 50 seeds.
        labels, units = donors_of_one_class()
        partitions = {
            as_sets(partition_of(draw_folds(labels, units, 5, 1, seed), 0, len(units)))
            for seed in range(50)
        }
        assert len(partitions) >= 48

    def test_balance_is_close_to_what_scikit_learn_reaches(self):
        from sklearn.model_selection import StratifiedGroupKFold

        def imbalance(tests, labels):
            share = np.array([np.bincount(labels[t], minlength=2) for t in tests])
            return np.abs(share / np.bincount(labels) - 1 / 5).mean()

        labels, units = donors_of_one_class()
        splitter = StratifiedGroupKFold(5, shuffle=True, random_state=0)
        theirs = imbalance([t for _, t in splitter.split(labels, labels, units)], labels)
        plan = draw_folds(labels, units, 5, 20, 0)
        ours = imbalance([fold.test for fold in plan.folds], labels)
        assert ours < theirs + 0.04

    @pytest.mark.parametrize("seed", range(30))
    def test_groups_that_mix_classes(self, seed):
        generator = np.random.default_rng(seed)
        units = generator.integers(0, 25, 150)
        labels = generator.integers(0, 4, 150)
        plan = draw_folds(labels, units, 5, 6, seed)
        assert_valid(plan, labels, units)
        for fold in plan.folds:
            assert set(labels[fold.train]) == set(labels)

    @pytest.mark.parametrize("seed", range(60))
    def test_training_parts_hold_every_class_whenever_any_partition_does(self, seed):
        generator = np.random.default_rng(seed)
        n_units = int(generator.integers(3, 7))
        n_folds = int(generator.integers(2, min(n_units, 4) + 1))
        units = np.concatenate([np.arange(n_units), generator.integers(0, n_units, 6)])
        labels = generator.integers(0, int(generator.integers(2, 6)), len(units))

        def n_missing(fold_of_unit):
            return sum(
                len(set(labels)) - len(set(labels[fold_of_unit[units] != fold]))
                for fold in range(n_folds)
            )

        every = (np.array(x) for x in itertools.product(range(n_folds), repeat=n_units))
        fewest = min(n_missing(x) for x in every if len(set(x.tolist())) == n_folds)
        plan = draw_folds(labels, units, n_folds, 2, seed)
        assert_valid(plan, labels, units)
        for repeat in range(plan.n_repeats):
            folds = [fold for fold in plan.folds if fold.repeat == repeat]
            found = sum(len(set(labels)) - len(set(labels[f.train])) for f in folds)
            assert found == fewest
        assert ("missing from the training part" in plan.design) == (fewest > 0)

    def test_a_rare_class_inside_mixed_groups_reaches_every_test_fold(self):
        # Every patient has class 0; five of 30 also have the rare class 1.
        units = np.concatenate([np.repeat(np.arange(30), 8), np.arange(5)])
        labels = np.repeat([0, 1], [240, 5])
        plan = draw_folds(labels, units, 5, 10, 0)
        for fold in plan.folds:
            assert set(labels[fold.test]) == {0, 1}

    def test_a_small_class_is_spread_as_evenly_as_a_large_one(self):
        # 30 patients with 10 images of class 0 and 0 to 3 of class 1 (45 in all, 9 a fold).
        n_rare = np.tile([0, 1, 1, 2, 2, 3], 5)
        units = np.concatenate([np.repeat(np.arange(30), 10), np.repeat(np.arange(30), n_rare)])
        labels = np.repeat([0, 1], [300, 45])
        plan = draw_folds(labels, units, 5, 20, 0)
        rare = np.array([(labels[fold.test] == 1).sum() for fold in plan.folds])
        common = np.array([(labels[fold.test] == 0).sum() for fold in plan.folds])
        assert np.abs(rare / 45 - 0.2).mean() < 0.02
        assert np.abs(common / 300 - 0.2).mean() < 0.02

    def test_a_class_in_one_unit_is_said(self):
        labels = np.array([0, 0, 0, 0, 0, 0, 1, 1])
        units = np.array([0, 1, 2, 3, 4, 5, 6, 6])
        plan = draw_folds(labels, units, 3, 2, 0)
        assert "1 classes are missing from the training part of a fold" in plan.design


class TestRepeats:
    def test_no_more_repeats_than_there_are_partitions(self):
        # 3 + 3 images in 3 folds, one of each class in each: 3! = 6 ways to pair them.
        labels = np.array([0, 0, 0, 1, 1, 1])
        plan = draw_folds(labels, np.arange(6), 3, 20, 0)
        assert plan.n_repeats == 6
        assert_valid(plan, labels, np.arange(6))
        assert "20 repeats were asked for" in plan.design
        assert "drawn 6 times" in plan.design

    def test_one_unit_a_fold_is_one_partition(self):
        plan = draw_folds(np.array([0, 0, 1, 1]), np.arange(4), 4, 5, 0)
        assert plan.n_repeats == 1
        assert "drawn once" in plan.design

    def test_first_repeats_do_not_depend_on_how_many_follow(self):
        labels, units = donors_of_one_class()
        few, many = draw_folds(labels, units, 5, 3, 7), draw_folds(labels, units, 5, 9, 7)
        for a, b in zip(few.folds, many.folds, strict=False):
            np.testing.assert_array_equal(a.test, b.test)
            np.testing.assert_array_equal(a.train, b.train)

    def test_another_seed_gives_other_folds(self):
        labels = np.arange(40) % 2
        tests = [draw_folds(labels, np.arange(40), 5, 1, seed).folds[0].test for seed in (0, 1)]
        assert tests[0].tolist() != tests[1].tolist()

    def test_labels_need_not_be_consecutive(self):
        plan = draw_folds(np.repeat([3, 9], 10), np.arange(20) * 5 + 2, 5, 1, 0)
        assert [len(fold.test) for fold in plan.folds] == [4] * 5

    @pytest.mark.parametrize("n_folds", [1, 7])
    def test_impossible_number_of_folds(self, n_folds):
        with pytest.raises(DataError, match="between 2 and the number of units, 6"):
            draw_folds(np.zeros(6, int), np.arange(6), n_folds, 1, 0)


@pytest.mark.parametrize(("folds", "said"), [(2, "4"), (5, "2"), (8, "one")])
def test_how_many_of_a_rare_class_a_test_fold_holds(folds, said):
    # Of 8 images there are 4, 1.6 and 1 in each of 2, 5 and 8 folds.
    design = choose_design(np.repeat([0, 1], [8, 40]), np.arange(48), folds, 1, ["a", "b"])
    assert f": about {said} in each test fold" in design.warnings[0]
