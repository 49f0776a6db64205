from bioselect.estimators.training_cost import training_cost
from bioselect.registry import ComponentSpec
from bioselect.selection.fold_costs import reckoned_seconds

SLOW = ComponentSpec("gaussian_process")


def test_twice_the_rows_take_eight_times_as_long_and_four_times_the_memory():
    once, twice = (training_cost(SLOW, n) for n in (1500, 3000))
    assert twice.seconds == 8 * once.seconds
    assert twice.bytes == 4 * once.bytes


def test_plans_reckon_with_it():
    seconds = [reckoned_seconds(SLOW, n, 20, 1) for n in (300, 3000)]
    forest = [reckoned_seconds(ComponentSpec("random_forest"), n, 20, 1) for n in (300, 3000)]
    assert seconds[0] < forest[0]
    assert seconds[1] > 10 * forest[1]
