import json
import math

import numpy as np
import pytest

from bioselect.augmentation.pipeline import Augmentation
from bioselect.component import ComponentSpec
from bioselect.exceptions import ComponentError

FLIP = ComponentSpec("horizontal_flip")
MIXUP = ComponentSpec.of("mixup")

BUILDER = """
def tiny(input_shape, filters=3, seed=0):
    \"\"\"A tiny network of mine.\"\"\"
    import keras
    image = keras.Input(input_shape)
    return keras.Model(image, keras.layers.Conv2D(filters, 3, activation="relu")(image))

def broken(input_shape):
    return "a model"

def other_size(input_shape):
    import keras
    image = keras.Input((99, 99, 3))
    return keras.Model(image, keras.layers.Flatten()(image))

def sequence(input_shape):
    import keras
    image = keras.Input(input_shape)
    return keras.Model(image, keras.layers.Reshape((-1, input_shape[2]))(image))

def too_deep(input_shape):
    import keras
    image = keras.Input(input_shape)
    return keras.Model(image, keras.layers.Conv2D(2, 99)(image))

def clash(input_shape, epochs=3):
    return None

def own_layer(input_shape):
    import keras
    class Twice(keras.layers.Layer):
        def call(self, x):
            return 2 * x
    image = keras.Input(input_shape)
    return keras.Model(image, Twice()(image))

def own_function(input_shape):
    import keras
    image = keras.Input(input_shape)
    return keras.Model(image, keras.layers.Conv2D(2, 3, activation=lambda x: x * x)(image))

def from_file(input_shape, begin="nothing"):
    return None
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "my_networks.py").write_text(BUILDER)
    return tmp_path


def test_the_constructor_only_stores(tiny):
    classifier = tiny.classifier("no_such_network")
    with pytest.raises(ComponentError, match="unknown network 'no_such_network'"):
        classifier.check_available()


def test_a_network_of_ones_own_is_trained_like_any_other(tiny, own):
    pixels, classes = tiny.pixels()
    classifier = tiny.classifier(
        "my_networks:tiny", base_dir=own, filters=5, epochs=8, learning_rate=0.02, batch_size=6
    )
    assert classifier.input_shape((16, 16, 3)) == (16, 16, 3)
    network = classifier.fit(pixels, tiny.task(classes))
    assert network.model.get_layer("body").output_shape == (None, 14, 14, 5)
    assert "source" in classifier.identity()
    predicted = network.predict_proba(pixels, np.arange(24)).argmax(axis=1)
    assert np.mean(predicted == classes) > 0.8


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "must return a keras.Model with one input and one output. Got str"),
        ("other_size", "must take images of the input_shape"),
        ("sequence", "must give a map .* or a row for each image"),
        ("too_deep", r"raised ValueError for images of \(16, 16, 3\): .* write another input_size"),
        ("clash", "every network has a parameter 'epochs'. Rename yours"),
        ("own_layer", r"must use Keras's own layers .* Got my_networks.Twice. Put it together"),
        ("own_function", r"must use Keras's own layers .* Got one that cannot be written"),
    ],
)
def test_what_builds_no_network_is_refused_in_one_line(tiny, own, name, words):
    pixels, classes = tiny.pixels()
    with pytest.raises(ComponentError, match=words) as error:
        tiny.classifier(f"my_networks:{name}", base_dir=own).fit(pixels, tiny.task(classes))
    assert "\n" not in str(error.value)


def test_statistics_that_a_network_has_not_are_not_trained(tiny):
    pixels, classes = tiny.pixels(shape=(64, 64, 1))
    network = tiny.classifier("alexnet", units=4, batch_norm="trained")
    with pytest.raises(ComponentError, match=r"batch_norm: trained needs .* Got one without any"):
        network.fit(pixels, tiny.task(classes))


def test_identity_tells_networks_apart_and_can_be_written(tiny):
    plain = tiny.classifier().identity()
    assert json.loads(json.dumps(plain)) == plain
    assert plain == tiny.classifier().identity()
    others = [
        tiny.classifier(epochs=9),
        tiny.classifier(filters=5),
        tiny.classifier("resnet18"),
        tiny.classifier(augmentation=Augmentation((FLIP,), "augmented")),
        tiny.classifier(augmentation=Augmentation((FLIP,), "combined", 0.5)),
    ]
    keys = {json.dumps(one.identity(), sort_keys=True) for one in others}
    assert len(keys - {json.dumps(plain, sort_keys=True)}) == len(others)


def test_a_file_that_a_network_of_ones_own_reads_is_part_of_it(tiny, own):
    found = []
    for text in ("one", "two", "one"):
        (own / "begin.txt").write_text(text)
        params = {"begin": "begin.txt"}
        found.append(tiny.classifier("my_networks:from_file", base_dir=own, **params).identity())
    assert found[0] == found[2] != found[1]


def test_a_network_may_say_otherwise_what_is_augmented(tiny):
    steps = Augmentation((FLIP,), "combined", 0.5)

    def mix(**params):
        return tiny.classifier(augmentation=steps, **params).identity()["augmentation"]

    assert mix()[1:] == ["combined", 0.5]
    assert mix(augmentation_mix="augmented")[1] == "augmented"
    assert mix(augmentation_ratio=0.25)[1:] == ["combined", 0.25]
    assert mix(augmentation_mix="none") is None


@pytest.mark.parametrize(
    ("steps", "params", "words"),
    [
        ((), {"augmentation_mix": "augmented"}, "augmentation_mix: augmented needs steps"),
        ((FLIP,), {"augmentation_mix": "none", "augmentation_ratio": 0.5}, "needs .*combined"),
        ((MIXUP,), {"augmentation_mix": "augmented", "batch_size": 1}, "at least 2 .*Got 1"),
    ],
)
def test_an_augmentation_that_cannot_be_is_refused(tiny, steps, params, words):
    with pytest.raises(ComponentError, match=words):
        tiny.classifier(augmentation=Augmentation(steps), **params).check_available()


def test_without_mixing_batches_of_one_are_trained_on(tiny):
    for steps in (FLIP,), (FLIP, MIXUP):
        tiny.classifier(augmentation=Augmentation(steps), batch_size=1).check_available()
    flipped = Augmentation((FLIP,), "augmented")
    tiny.classifier(augmentation=flipped, batch_size=1).check_available()


def test_augmented_images_are_trained_on_and_the_same_seed_gives_the_same_bits(tiny, trained):
    def fitted(**params):
        chosen = Augmentation((FLIP, MIXUP), "combined", 0.5)
        return tiny.classifier(augmentation=chosen, epochs=2, **params).fit(
            trained.pixels, trained.task
        )

    one, two = fitted(), fitted()
    assert one.history == two.history
    losses = {n.history[0].loss for n in (one, fitted(augmentation_mix="none"))}
    assert len(losses) == 2
    # Validation images are never changed: what the network says of them is what was judged.
    places = trained.task.validation
    probabilities = one.predict_proba(trained.pixels, places)
    right = probabilities[np.arange(len(places)), trained.classes[places]]
    expected = one.history[one.best_epoch - 1].val_loss
    assert -np.log(right.astype(float)).mean() == pytest.approx(expected, rel=1e-4)


def test_operations_are_counted(tiny):
    # Two 3 x 3 convolutions with 4 channels at 16 px, then 4 weights for each class.
    by_hand = 2 * (256 * 9 * (3 * 4 + 4 * 4) + 4 * 2)
    assert math.isclose(tiny.classifier().operations((16, 16, 3), 2), by_hand, rel_tol=0.01)
