from bioselect.report.candidate_label import candidate_label
from tests.report.made_run import made_run


def test_what_learns_masks_has_no_extractor(tmp_path):
    assert candidate_label(made_run(tmp_path / "classes"), "hog", "svm") == "hog + svm"
    masks = made_run(tmp_path / "masks", config={"task": "segmentation"})
    assert candidate_label(masks, "pixels", "unet") == "unet"
