"""What a network begins with, and what it does with it."""

import shutil
import zipfile

import numpy as np
import pytest

from bioselect.exceptions import BundleError, ComponentError, UnavailableError


@pytest.fixture(scope="session")
def two_blocks(tiny, trained, tmp_path_factory):
    """Return a network of two blocks, and its file."""
    network = tiny.classifier(n_blocks=2, epochs=1).fit(trained.pixels, trained.task)
    path = tmp_path_factory.mktemp("two") / "network.keras"
    network.save(path)
    return network, path


@pytest.fixture(scope="session")
def saved(trained, tmp_path_factory):
    """Return a folder as that of a model: `network.keras` in it."""
    folder = tmp_path_factory.mktemp("bundle") / "model"
    folder.mkdir()
    trained.network.save(folder / "network.keras")
    return folder


def body_weights(network):
    return network.model.get_layer("body").get_weights()


def test_a_model_that_was_trained_is_begun_with(tiny, trained, saved):
    pixels, classes = tiny.pixels(n_classes=3)
    network = tiny.classifier(weights=str(saved), trainable="head", epochs=2).fit(
        pixels, tiny.task(classes)
    )
    # Another number of classes, the same body, bit by bit: statistics too.
    assert network.n_classes == 3
    for own, old in zip(body_weights(network), body_weights(trained.network), strict=True):
        assert np.array_equal(own, old)


@pytest.mark.parametrize(
    ("params", "n_changed"),
    [({"trainable": 1}, 6), ({"trainable": "all"}, 12), ({"batch_norm": "trained"}, 20)],
)
def test_what_is_trained_is_what_was_asked_for(tiny, trained, two_blocks, params, n_changed):
    # Of four convolutions: kernel, scale, offset, and with `trained` mean and variance.
    before, path = two_blocks
    network = tiny.classifier(weights=str(path), n_blocks=2, epochs=1, **params).fit(
        trained.pixels, trained.task
    )
    changed = [
        not np.array_equal(own, old)
        for own, old in zip(body_weights(network), body_weights(before), strict=True)
    ]
    assert sum(changed) == n_changed


def test_the_head_goes_first_then_all(tiny, trained, saved):
    classifier = tiny.classifier(
        weights=str(saved), trainable="head_then_all", head_epochs=2, epochs=4
    )
    rates = [
        record.learning_rate for record in classifier.fit(trained.pixels, trained.task).history
    ]
    assert rates[:2] == [0.05, 0.05]
    assert max(rates[2:]) <= 0.005
    part = tiny.task(trained.classes, epochs=2)
    head = tiny.classifier(
        weights=str(saved), trainable="head_then_all", head_epochs=2, epochs=4
    ).fit(trained.pixels, part)
    for own, old in zip(body_weights(head), body_weights(trained.network), strict=True):
        assert np.array_equal(own, old)


def test_a_training_in_two_parts_goes_on_at_the_border(tiny, trained, saved, tmp_path):
    def classifier():
        return tiny.classifier(
            weights=str(saved), trainable="head_then_all", head_epochs=2, epochs=4
        )

    def stop_after(last):
        def stop(record, n_epochs, seconds):
            if record.epoch == last:
                raise InterruptedError

        return stop

    undisturbed = classifier().fit(trained.pixels, trained.task)
    for last in (1, 2, 3):
        with pytest.raises(InterruptedError):
            classifier().fit(trained.pixels, trained.task, tmp_path, stop_after(last))
    resumed = classifier().fit(trained.pixels, trained.task, tmp_path)
    assert resumed.history == undisturbed.history
    for own, other in zip(resumed.model.variables, undisturbed.model.variables, strict=True):
        assert np.array_equal(own.numpy(), other.numpy())


def test_a_folder_a_zip_a_run_and_the_file_itself_are_the_same(tiny, saved, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "model"), "zip", saved)
    run = tmp_path / "run"
    shutil.copytree(saved, run / "model")
    places = [saved, archive, run, saved / "network.keras"]
    hashes = {tiny.classifier(weights=str(p)).identity()["settings"]["weights"] for p in places}
    assert len(hashes) == 1
    assert len(hashes.pop()) == 64


def test_the_scaling_of_pixels_comes_with_the_weights(tiny, trained, saved, tmp_path):
    odd = {"mean": [0.1, 0.2, 0.3], "std": 0.4}
    first = tiny.classifier(normalization=odd, epochs=1).fit(trained.pixels, trained.task)
    first.save(tmp_path / "network.keras")
    second = tiny.classifier(weights=str(tmp_path), epochs=1, trainable="head").fit(
        trained.pixels, trained.task
    )
    layers = [net.model.get_layer("normalization").get_layer("scale") for net in (first, second)]
    assert layers[0].scale == layers[1].scale == pytest.approx([2.5] * 3)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda f: f / "nothing.keras", UnavailableError, "which is not there"),
        (lambda f: f, ComponentError, "holds no network.keras"),
        (lambda f: _written(f / "a.h5"), ComponentError, "are for networks of keras.applications"),
        (lambda f: "imagenet", ComponentError, "imagenet is for networks of keras.applications"),
        (lambda f: _written(f / "a.zip"), UnavailableError, "cannot be read as a zip"),
        (lambda f: _empty_zip(f / "b.zip"), ComponentError, "lists networks only"),
        (
            lambda f: _bomb(f / "c.zip"),
            UnavailableError,
            r"c\.zip: network\.keras in it is not unp",
        ),
    ],
)
def test_what_are_no_weights_is_said_in_one_line(tiny, tmp_path, make, error, words):
    with pytest.raises(error, match=words) as raised:
        tiny.classifier(weights=str(make(tmp_path))).check_available()
    assert "\n" not in str(raised.value)


def _written(path):
    path.write_bytes(b"something else")
    return path


def _bomb(path):
    # 200 MB of zeros are 200 kB of zip.
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("model/network.keras", "w") as entry,
    ):
        for _ in range(200):
            entry.write(bytes(10**6))
    return path


def _empty_zip(path):
    zipfile.ZipFile(path, "w").close()
    return path


def test_weights_of_another_network_are_refused(tiny, trained, saved):
    with pytest.raises(ComponentError, match="those of the same network with the same parameters"):
        tiny.classifier(weights=str(saved), filters=8).fit(trained.pixels, trained.task)
    with pytest.raises(ComponentError, match=r"are for images with 3 channels. Got 5"):
        tiny.classifier(weights=str(saved)).input_shape((16, 16, 5))
    assert tiny.classifier(weights=str(saved)).input_shape((16, 16, 1)) == (16, 16, 3)


def test_a_damaged_model_is_refused(tiny, tmp_path):
    path = _written(tmp_path / "network.keras")
    with pytest.raises(BundleError, match="cannot be read as a network"):
        tiny.classifier(weights=str(path)).input_shape((16, 16, 3))


def test_another_keras_model_is_refused(tiny, trained, tmp_path):
    import keras

    image = keras.Input((16, 16, 3))
    keras.Model(image, keras.layers.Flatten()(image)).save(tmp_path / "other.keras")
    with pytest.raises(ComponentError, match="must be a model that bioselect trained from pixels"):
        tiny.classifier(weights=str(tmp_path / "other.keras")).fit(trained.pixels, trained.task)
