"""Of predicted numbers the report shows what the run drew, with its data."""

from bioselect.report.blocks import Facts, Figure
from bioselect.report.results import RunResults
from bioselect.report.sections.plots_of_numbers import plots_of_numbers

SVG = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'


def folder_of_numbers(results):
    folder = results.folder
    config = results.config_text.replace("task: classification", "task: regression")
    folder.config.write_text(config, encoding="utf-8")
    folder.plots.mkdir()
    (folder.plots / "errors.svg").write_text(SVG)
    table = "image_id,path,true,predicted\na.png,/x/a.png,1.0,2.0\n"
    (folder.plots / "predictions.csv").write_text(table)
    (folder.plots / "agreement.csv").write_text(
        "quantity,value,ci_low,ci_high\nmean_error,0.0349735,-0.274,0.358\nn_images,120,,\n"
    )
    return RunResults(folder.root)


def test_drawings_come_with_their_data(results):
    section = plots_of_numbers(folder_of_numbers(results))
    figure = next(block for block in section.blocks if isinstance(block, Figure))
    assert (figure.name, figure.svg) == ("errors", SVG)
    assert list(figure.columns) == ["image_id", "true", "predicted"]
    assert [list(row) for row in figure.rows] == [["a.png", "1.0", "2.0"]]


def test_bias_is_rounded_and_has_its_interval(results):
    section = plots_of_numbers(folder_of_numbers(results))
    facts = next(block for block in section.blocks if isinstance(block, Facts)).items
    assert [(fact.value, fact.about) for fact in facts] == [("0.0350", "-0.274 to 0.358")]


def test_classes_have_no_such_section(results):
    assert plots_of_numbers(results) is None
