"""The report is one file that needs nothing else, and comes from the run folder alone."""

import json
import os
import re
import shutil
from html.parser import HTMLParser

import pytest

from bioselect.cli.main import main
from bioselect.report.contents import SECTIONS, sections_of
from bioselect.report.results import RunResults
from bioselect.report.writing import write_report
from bioselect.storage import exclusive_lock


class Page(HTMLParser):
    """What a page refers to, which elements it has, and whether each is closed."""

    VOID = ("meta", "img", "link", "br", "wbr", "input")

    def __init__(self, text):
        super().__init__()
        self.addresses, self.identifiers, self.open, self.elements = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        self.elements.append((tag, own))
        self.addresses += [own[key] for key in ("src", "href") if key in own]
        self.identifiers += [own["id"]] if "id" in own else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open[-1:] == [tag], f"{tag} closes {self.open[-3:]}"
        self.open.pop()


def test_it_needs_no_other_file_and_no_network(results):
    page = Page(write_report(results.folder.root).read_text(encoding="utf-8"))
    assert page.open == []
    assert len(page.identifiers) == len(set(page.identifiers))
    outside = [one for one in page.addresses if not one.startswith(("#", "data:"))]
    assert outside == []
    targets = {one[1:] for one in page.addresses if one.startswith("#")}
    assert targets <= set(page.identifiers)
    assert not any(key.startswith("on") for _, own in page.elements for key in own)


def test_run_writes_the_same_report_as_the_command_later(run_of_classes, tmp_path, capsys):
    alone = tmp_path / "elsewhere"
    shutil.copytree(run_of_classes, alone)
    before = (alone / "report.html").read_bytes()
    (alone / "report.html").unlink()
    shutil.rmtree(alone / "report")
    assert main(["report", str(alone)]) == 0
    assert capsys.readouterr().out == f"Report: {alone / 'report.html'}\n"
    assert (alone / "report.html").read_bytes() == before
    assert (alone / "report" / "ranking.csv").is_file()


def test_no_report_is_written_beside_a_run(results, capsys):
    before = results.folder.report.read_bytes()
    results.folder.findings.write_text("severity,image,what,remedy\nnote,,half,of a run\n")
    with exclusive_lock(results.folder.lock, ""):
        assert main(["report", str(results.folder.root)]) == 1
    said = capsys.readouterr().err
    assert "a run writes here. Wait for it" in said
    assert f"It is process {os.getpid()} of this machine" in said
    assert results.folder.report.read_bytes() == before


def test_what_an_earlier_report_drew_is_gone(results):
    old = results.folder.report_parts / "of_an_earlier_one.svg"
    old.write_text("old")
    write_report(results.folder.root)
    assert not old.exists()


def test_names_from_the_data_are_text_and_nothing_else(results):
    bad = "<script>alert(1)</script>"
    for path in (results.folder.findings, results.folder.ranking):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("intensity", bad), encoding="utf-8")
    results.folder.findings.write_text(f'severity,image,what,remedy\nwarning,"{bad}",x,y\n')
    study = results.folder.study.read_text(encoding="utf-8")
    results.folder.study.write_text(study.replace("intensity", bad), encoding="utf-8")
    page = Page(write_report(results.folder.root).read_text(encoding="utf-8"))
    assert sum(tag == "script" for tag, _ in page.elements) == 1


def test_the_script_is_the_one_that_the_policy_allows(results):
    import base64
    import hashlib

    text = write_report(results.folder.root).read_text(encoding="utf-8")
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_the_order_is_that_of_reading(results):
    keys = [section.key for section in sections_of(results)]
    assert keys[:2] == ["verdict", "ranking"]
    assert keys[-2:] == ["methods", "dome"]
    assert len(keys) == len(set(keys)) <= len(SECTIONS)


def test_a_report_of_a_run_that_has_not_finished_is_refused(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "finished run" in told
    assert "Traceback" not in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("dataset", [{"path": "a/cells"}, {"table": "a/cells.csv"}])
def test_the_title_names_task_and_data(results, dataset):
    import yaml

    config = results.config
    config["dataset"] = {**config["dataset"], "path": None, "table": None, **dataset}
    results.folder.config.write_text(yaml.safe_dump(config), encoding="utf-8")
    text = write_report(results.folder.root).read_text(encoding="utf-8")
    assert "<h1>Classification of cells</h1>" in text
    assert json.loads(results.folder.study.read_text())["design"].split(",")[0] in text
    assert RunResults(results.folder.root).task == "classification"


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("pictures.csv", "kind,place\nerror,1\n", "pictures"),
        ("map.csv", "image_id,x,y\na,far,1\n", "image map"),
        ("learning_curve.json", "{}", "learning curve"),
    ],
)
def test_what_is_damaged_is_said_in_one_line(results, capsys, name, content, part):
    results.folder.evidence.mkdir(exist_ok=True)
    (results.folder.evidence / name).write_text(content, encoding="utf-8")
    (results.folder.evidence / "map.json").write_text('{"n_mapped": 1, "n_images": 1}')
    assert main(["report", str(results.folder.root)]) == 1
    said = capsys.readouterr().err
    assert f"under '{part}' cannot be made" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("study.json", lambda facts: facts.update(design={"a": 1}, tests=[{}])),
        ("environment.json", lambda facts: facts.update(versions={"python": {"a": None}})),
        ("environment.json", lambda facts: facts.update(versions=None, processors=[None])),
        ("study.json", lambda facts: facts["honest_score"].update(value=10**400)),
    ],
)
def test_facts_that_nobody_wrote_are_no_traceback(results, capsys, name, change):
    path = results.folder.root / name
    facts = json.loads(path.read_text(encoding="utf-8"))
    change(facts)
    path.write_text(json.dumps(facts), encoding="utf-8")
    code = main(["report", str(results.folder.root)])
    said = capsys.readouterr().err
    assert said.count("\n") == code
    assert "Traceback" not in said
    if code:
        assert "cannot be made of its files" in said
