import numpy as np
import pytest
from PIL import Image

import bioselect
from bioselect.data.reading import read_image
from bioselect.exceptions import StorageError
from tests.predict.mask_models import squares, write_otsu_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("masks") / "model"
    return write_otsu_bundle(folder, [squares(value=200)])


def test_loaded_model_gives_the_mask_of_an_image(bundle, tmp_path):
    model = bioselect.load(bundle)
    assert model.class_names == ("background", "nucleus")
    image = squares(corners=[(3, 9)], value=150)
    Image.fromarray(image).save(tmp_path / "a.png")
    wanted = np.where(image > 0, 255, 0)
    assert np.array_equal(model.mask(tmp_path / "a.png"), wanted)
    assert np.array_equal(model.mask(image[..., None]), wanted)


def test_masks_of_a_folder_and_a_table_of_what_is_in_them(bundle, tmp_path):
    (tmp_path / "images").mkdir()
    Image.fromarray(squares(value=150)).save(tmp_path / "images" / "a.png")
    model = bioselect.load(str(bundle))
    table = model.predict(tmp_path / "images", tmp_path / "out")
    assert table["n_objects"].tolist() == [2]
    assert read_image(tmp_path / "out" / "masks" / "a.png").sum() == 128 * 255
    with pytest.raises(StorageError, match="Choose another with output"):
        model.predict([tmp_path / "images"], tmp_path / "out")


def test_values_unlike_those_of_training_are_warned_of(bundle, tmp_path):
    deep = squares(value=150).astype(np.uint16) * 257
    Image.fromarray(deep).save(tmp_path / "a.png")
    with pytest.warns(UserWarning, match="must be uint8 as in the training images"):
        bioselect.load(bundle).predict(tmp_path / "a.png", tmp_path / "out")
