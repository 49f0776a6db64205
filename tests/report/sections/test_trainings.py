"""Curves of networks are shown with their epochs."""

from bioselect.report.sections.trainings import trainings


def test_every_network_has_its_curves(results):
    place = results.folder.networks / "unet-depth=4-b2b53ee7"
    place.mkdir(parents=True)
    (place / "history.svg").write_text("<svg></svg>")
    (place / "history.csv").write_text("fold,epoch,loss\n0,1,0.5\n0,2,0.4\n")
    (figure,) = trainings(results).blocks
    assert figure.name == "training_1_unet_history"
    assert figure.description.endswith("2 epochs in all.")
    assert figure.rows == [["0", "1", "0.5"], ["0", "2", "0.4"]]


def test_without_networks_there_is_no_section(results):
    assert trainings(results) is None
