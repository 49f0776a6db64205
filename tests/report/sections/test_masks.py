"""Tables of masks are means of what the run folder has, the worst image first."""

from bioselect.report.blocks import Table
from bioselect.report.results import RunResults
from bioselect.report.sections.masks import masks

UNET = "unet(depth=4, width=8)"


def rows_of(table):
    return [[cell if isinstance(cell, str) else cell.written for cell in row] for row in table.rows]


def folder_of_masks(results):
    folder = results.folder
    config = results.config_text.replace("task: classification", "task: segmentation")
    folder.config.write_text(config, encoding="utf-8")
    folder.study.write_text(
        folder.study.read_text(encoding="utf-8").replace(
            f'"estimator": "{results.exported[1]}"', f'"estimator": "{UNET}"'
        ),
        encoding="utf-8",
    )
    folder.metrics.write_text(
        f'estimator,metric,mean,ci_low,ci_high\n"{UNET}",dice,0.91234,0.9,0.95\n'
        f'"{UNET}",hausdorff_95,7.06,,\notsu,dice,0.5,,\n',
        encoding="utf-8",
    )
    # Two folds: training means .9 and .8, so .85.
    folder.parts.write_text(
        "estimator,repeat,fold,part,n_images,metric,score\n"
        f'"{UNET}",0,0,training,9,dice,0.9\n"{UNET}",0,1,training,9,dice,0.8\n'
        f'"{UNET}",0,0,test,4,dice,0.7\notsu,0,0,test,4,dice,0.1\n',
        encoding="utf-8",
    )
    folder.per_image.write_text(
        "estimator,repeat,fold,image_id,group,class,metric,score\n"
        f'"{UNET}",0,0,a.png,s1,,dice,0.9\n"{UNET}",0,1,b.png,s2,,dice,0.4\n'
        f'"{UNET}",1,1,b.png,s2,,dice,0.6\n"{UNET}",0,1,b.png,s2,nucleus,dice,0.1\n',
        encoding="utf-8",
    )
    return RunResults(folder.root)


def test_tables_of_masks(results):
    section = masks(folder_of_masks(results))
    metrics, parts, images = (
        rows_of(block) for block in section.blocks if isinstance(block, Table)
    )
    assert [row[1:] for row in metrics] == [["0.912", "7.1"], ["0.500", ""]]
    assert parts == [["training", "0.850"], ["test", "0.700"]]
    tables = [block for block in section.blocks if isinstance(block, Table)]
    assert tables[0].columns == ["model", "Dice", "Hausdorff 95 % (pixels)"]
    assert images == [["b.png", "s2", "0.500"], ["a.png", "s1", "0.900"]]


def test_other_tasks_have_no_masks(results):
    assert masks(results) is None


def test_distances_are_in_micrometres_where_a_pixel_has_a_size(results):
    run = folder_of_masks(results)
    sized = run.config_text.replace("dataset:\n", "dataset:\n  pixel_size: 0.5\n", 1)
    run.folder.config.write_text(sized, encoding="utf-8")
    tables = [one for one in masks(RunResults(run.folder.root)).blocks if isinstance(one, Table)]
    assert tables[0].columns[-1] == "Hausdorff 95 % (µm)"
