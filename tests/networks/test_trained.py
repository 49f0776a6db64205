from dataclasses import replace

import numpy as np
import pytest

from bioselect.exceptions import BundleError
from bioselect.networks.trained import load_network


def test_a_network_read_from_its_file_predicts_the_same_bits(trained, tmp_path):
    path = tmp_path / "network.keras"
    trained.network.save(path)
    read = load_network(path)
    places = np.arange(10)
    assert np.array_equal(
        read.predict_proba(trained.pixels, places),
        trained.network.predict_proba(trained.pixels, places),
    )
    assert (read.input_shape, read.n_classes, read.is_multi_label) == ((16, 16, 3), 2, False)


def test_any_keras_opens_the_file_and_the_scaling_is_inside(trained, tmp_path):
    import keras

    path = tmp_path / "network.keras"
    trained.network.save(path)
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    images = trained.pixels.images[:3]
    expected = trained.network.predict_proba(trained.pixels, np.arange(3))
    assert np.array(model(images)) == pytest.approx(expected, abs=1e-6)


def test_the_same_network_gives_the_same_file(trained, tiny, tmp_path):
    again = tiny.classifier().fit(trained.pixels, trained.task)
    for name, network in (("one", trained.network), ("two", again)):
        network.save(tmp_path / f"{name}.keras")
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()


def test_an_image_alone_is_predicted_as_in_a_batch(trained):
    places = np.arange(9)
    together = trained.network.predict_proba(trained.pixels, places)
    alone = [trained.network.predict_proba(trained.pixels, [place])[0] for place in places]
    assert together == pytest.approx(np.array(alone), abs=1e-6)
    in_fours = replace(trained.network, batch_size=4).predict_proba(trained.pixels, places)
    assert together == pytest.approx(in_fours, abs=1e-6)


def test_nothing_is_predicted_of_nothing(trained):
    assert trained.network.predict_proba(trained.pixels, np.array([], int)).shape == (0, 2)


def test_images_of_another_size_are_refused(trained, tiny):
    pixels, _ = tiny.pixels(shape=(17, 16, 3))
    with pytest.raises(ValueError, match=r"must have the shape \(16, 16, 3\). Got \(17, 16, 3\)"):
        trained.network.predict_proba(pixels, np.arange(2))


def test_a_file_with_code_of_its_own_is_refused(tmp_path):
    import keras

    path = tmp_path / "network.keras"
    image = keras.Input((4, 4, 1))
    row = keras.layers.Flatten()(keras.layers.Lambda(lambda x: x * 2)(image))
    keras.Model(image, row).save(path)
    with pytest.raises(BundleError, match=r"must consist of Keras's own layers.*Lambda"):
        load_network(path)


def test_another_kind_of_model_is_refused(tmp_path):
    import keras

    path = tmp_path / "network.keras"
    image = keras.Input((4, 4, 1))
    keras.Model(image, keras.layers.Conv2D(2, 1)(image)).save(path)
    with pytest.raises(BundleError, match="must be a network from images to classes"):
        load_network(path)
    path.write_bytes(b"PK")
    with pytest.raises(BundleError, match="cannot be loaded"):
        load_network(path)
