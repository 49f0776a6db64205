"""A study of masks from Python: its tables, and masks written into a folder."""

import shutil

import pytest
from PIL import Image

import bioselect
from bioselect.exceptions import BioselectError
from tests.predict.mask_models import squares, write_otsu_bundle


@pytest.fixture(scope="module")
def of_masks(study, tmp_path_factory):
    """What a run of masks leaves, as far as is asked for here."""
    folder = tmp_path_factory.mktemp("masks") / "run"
    write_otsu_bundle(folder / "model", [squares(value=200)])
    for name in ("study.json", "config.yaml"):
        shutil.copy(study.folder / name, folder)
    tables = {
        "per_image": "estimator,repeat,fold,image_id,group,class,metric,score\n"
        "otsu,0,1,a.png,007,,dice,0.5\n",
        "parts": "estimator,repeat,fold,part,n_images,metric,score\notsu,0,1,test,7,dice,0.5\n",
        "metrics": "estimator,metric,mean,ci_low,ci_high\notsu,dice,0.5,0.25,\n",
        "chosen": "extractor,estimator,repeat,fold,parameter,value\nimages,svm,0,1,kernel,rbf\n",
    }
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    return bioselect.open_study(folder)


def test_tables_have_their_numbers_and_texts(of_masks):
    row = of_masks.per_image.iloc[0]
    assert (row["score"], row["fold"], row["group"], row["class"]) == (0.5, 1, "007", "")
    assert of_masks.parts["n_images"].tolist() == [7]
    assert of_masks.metrics["ci_low"].tolist() == [0.25]
    assert of_masks.metrics["ci_high"].isna().all()
    assert of_masks.chosen["value"].tolist() == ["rbf"]


def test_tables_of_other_studies_have_no_rows(study):
    for name in ("per_image", "parts", "metrics", "chosen"):
        table = getattr(study, name)
        assert len(table) == 0
        assert len(table.columns) > 4


def test_masks_go_into_a_folder(of_masks, tmp_path):
    Image.fromarray(squares(value=150)).save(tmp_path / "NA.png")
    (tmp_path / "bad.png").write_text("no image")
    with pytest.raises(BioselectError, match=r"output: is missing.*predict\(paths, FOLDER\)"):
        of_masks.predict(tmp_path / "NA.png")
    table = of_masks.predict([tmp_path / "NA.png"], tmp_path / "out")
    assert table["error"].tolist() == [""]
    table = of_masks.predict([tmp_path / "NA.png", tmp_path / "bad.png"], tmp_path / "more")
    assert (tmp_path / "more" / "masks" / "NA.png").is_file()
    assert [bool(one) for one in table["error"]] == [False, True]
    assert table["n_objects"].tolist()[0] == 2


def test_other_models_write_no_files(study, drawn_images):
    with pytest.raises(BioselectError, match=r"is for masks only.*Got 'a.csv'"):
        study.predict(drawn_images, "a.csv")
