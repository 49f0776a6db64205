import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from bioselect.backbones.keras_import import import_tensorflow
from bioselect.networks.losses import LossPlan, balanced_weights, make_loss

OUTPUT = np.float32([[2.0, 0.0, -1.0], [0.5, 0.5, 3.0]])
CLASSES = np.float32([[1, 0, 0], [0, 1, 0]])


def losses(name, targets=CLASSES, is_multi_label=False, output=OUTPUT, **options):
    return make_loss(LossPlan(name, is_multi_label, **options))(targets, output).numpy()


def softmax(output):
    powers = np.exp(np.float64(output))
    return powers / powers.sum(axis=1, keepdims=True)


def sigmoid(output):
    return 1 / (1 + np.exp(-np.float64(output)))


P = softmax(OUTPUT)[[0, 1], [0, 1]]  # the probability of the right class


def test_cross_entropy_is_minus_the_log_of_the_right_probability():
    assert losses("cross_entropy") == pytest.approx(-np.log(P), rel=1e-5)


def test_keras_agrees():
    import keras

    smoothed = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.2, reduction="none"
    )(CLASSES, OUTPUT)
    assert losses("cross_entropy", label_smoothing=0.2) == pytest.approx(
        np.array(smoothed), rel=1e-5
    )
    labels = np.float32([[1, 0, 1], [0, 0, 1]])
    binary = keras.losses.BinaryCrossentropy(
        from_logits=True, label_smoothing=0.2, reduction="none"
    )(labels, OUTPUT)
    ours = losses("cross_entropy", labels, True, label_smoothing=0.2)
    assert ours == pytest.approx(np.array(binary), rel=1e-5)
    focal = keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0, gamma=1.5, from_logits=True, reduction="none"
    )(CLASSES, OUTPUT)
    assert losses("focal", focal_gamma=1.5) == pytest.approx(np.array(focal), rel=1e-4)
    binary_focal = keras.losses.BinaryFocalCrossentropy(
        gamma=1.5, from_logits=True, reduction="none"
    )(labels, OUTPUT)
    ours = losses("focal", labels, True, focal_gamma=1.5)
    assert ours == pytest.approx(np.array(binary_focal), rel=1e-4)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("is_multi_label", [False, True])
def test_an_image_that_is_certain_leaves_the_weights_finite(gamma, is_multi_label):
    # Its probability is 1 in float32, where the slope of (1 - p) ** 0.5 would be infinite.
    tensorflow = import_tensorflow()
    output = tensorflow.constant([[200.0, -200.0], [-200.0, 200.0], [0.3, 0.1]])
    labels = np.float32([[1, 0], [1, 0], [1, 0]])
    loss = make_loss(LossPlan("focal", is_multi_label, focal_gamma=gamma))
    with tensorflow.GradientTape() as tape:
        tape.watch(output)
        found = loss(labels, output)
    slopes = tape.gradient(found, output).numpy()
    assert np.isfinite(found.numpy()).all()
    assert np.isfinite(slopes).all()
    # What is right beyond doubt teaches nothing; what is wrong beyond doubt does.
    assert slopes[0] == pytest.approx([0, 0], abs=1e-6)
    assert slopes[1][0] < -0.4


def test_focal_counts_easy_images_less():
    # (1 - p)^2 times the cross-entropy.
    assert losses("focal") == pytest.approx(-((1 - P) ** 2) * np.log(P), rel=1e-4)
    assert losses("focal", focal_gamma=0.0) == pytest.approx(-np.log(P), rel=1e-5)


def test_generalized_cross_entropy_lies_between_cross_entropy_and_absolute_error():
    assert losses("generalized_cross_entropy", gce_q=1.0) == pytest.approx(1 - P, rel=1e-5)
    assert losses("generalized_cross_entropy", gce_q=0.01) == pytest.approx(-np.log(P), rel=0.02)
    # (1 - p^0.7) / 0.7 of a label that is surely wrong stays below 1 / 0.7.
    wrong = losses("generalized_cross_entropy", output=np.float32([[-60, 60, 0], [60, -60, 0]]))
    assert wrong == pytest.approx([1 / 0.7] * 2, rel=1e-5)


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "generalized_cross_entropy"])
@pytest.mark.parametrize("is_multi_label", [False, True])
def test_large_outputs_stay_finite(name, is_multi_label):
    output = np.float32([[1000, -1000, 0], [-1000, 1000, 0]])
    assert np.isfinite(losses(name, CLASSES, is_multi_label, output)).all()


def test_each_label_is_a_yes_or_no():
    labels = np.float32([[1, 0, 1], [0, 0, 0]])
    p = sigmoid(OUTPUT)
    right = np.where(labels == 1, p, 1 - p)
    ours = losses("generalized_cross_entropy", labels, True)
    assert ours == pytest.approx(((1 - right**0.7) / 0.7).mean(axis=1), rel=1e-5)


def test_a_soft_label_is_shared_among_its_classes():
    soft = np.float32([[0.7, 0.3, 0.0], [0, 1, 0]])
    expected = -(soft * np.log(softmax(OUTPUT))).sum(axis=1)
    assert losses("cross_entropy", soft) == pytest.approx(expected, rel=1e-5)


def test_balanced_weights_are_those_of_scikit_learn():
    classes = np.array([0, 0, 0, 2, 2, 3])
    targets = np.eye(4)[classes]
    known = compute_class_weight("balanced", classes=np.array([0, 2, 3]), y=classes)
    weights = balanced_weights(targets, is_multi_label=False)
    assert weights[1] == pytest.approx([known[0], 1.0, known[1], known[2]])
    assert (targets @ weights[1]).mean() == pytest.approx(1.0)


def test_balanced_labels_weigh_a_yes_and_a_no_alike():
    labels = np.array([[1, 0], [0, 0], [0, 0], [0, 0]])
    weights = balanced_weights(labels, is_multi_label=True)
    # One of four has the first label: 4 / (2 * 1) and 4 / (2 * 3); nobody has the second.
    assert weights[:, 0] == pytest.approx([4 / 6, 2])
    assert weights[:, 1] == pytest.approx([0.5, 1])


def test_weights_multiply_the_loss_of_an_image():
    weights = np.array([[1.0, 1.0, 1.0], [0.5, 3.0, 1.0]])
    plain = losses("cross_entropy")
    assert losses("cross_entropy", class_weights=weights) == pytest.approx(plain * [0.5, 3.0])


def test_classes_of_a_blend_have_their_own_weights():
    # A fifth of a rare class (weight 5) in a common one (0.5): 0.8 * 0.5 * CE_0 + 0.2 * 5 * CE_1.
    weights = np.array([[1.0, 1.0, 1.0], [0.5, 5.0, 1.0]])
    blend = np.float32([[0.8, 0.2, 0]])
    minus_log = -np.log(softmax(OUTPUT[:1]))[0]
    ours = losses("cross_entropy", blend, output=OUTPUT[:1], class_weights=weights)
    assert ours == pytest.approx([0.4 * minus_log[0] + 1.0 * minus_log[1]], rel=1e-5)
    # The same as both images one after the other, each with its share; smoothing changes nothing.
    for options in ({"label_smoothing": 0.3}, {}):
        options["class_weights"] = weights
        both = losses("cross_entropy", CLASSES, output=OUTPUT[[0, 0]], **options)
        ours = losses("cross_entropy", blend, output=OUTPUT[:1], **options)
        assert ours == pytest.approx([0.8 * both[0] + 0.2 * both[1]], rel=1e-5)


def test_weights_of_labels_go_with_the_share_of_each_answer():
    weights = np.array([[0.5, 1.0, 1.0], [4.0, 1.0, 1.0]])
    p = sigmoid(OUTPUT[:1])[0]
    ours = losses(
        "cross_entropy", np.float32([[0.2, 0, 1]]), True, OUTPUT[:1], class_weights=weights
    )
    first = -0.2 * 4 * np.log(p[0]) - 0.8 * 0.5 * np.log(1 - p[0])
    assert ours == pytest.approx([(first - np.log(1 - p[1]) - np.log(p[2])) / 3], rel=1e-5)


def test_smoothing_goes_with_the_weight_of_the_image():
    weights = np.array([[1.0, 1.0, 1.0], [0.5, 3.0, 1.0]])
    plain = losses("cross_entropy", label_smoothing=0.2)
    ours = losses("cross_entropy", label_smoothing=0.2, class_weights=weights)
    assert ours == pytest.approx(plain * [0.5, 3.0], rel=1e-5)
