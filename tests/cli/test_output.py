"""What a command prints: the same words everywhere, colours on a terminal, JSON when asked."""

import io
import json
import re
import sys

from bioselect.cli.main import main
from bioselect.cli.output import show
from bioselect.run_folder import RunFolder

SUMMARY = (
    "rank  combination  balanced accuracy  95 % interval\n"
    "   1  hog + svm                0.910  0.880 to 0.940  best\n"
    "Verdict: UNDECIDED [approximate] at http://x.y/z\n"
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown_on_terminal(monkeypatch):
    """Return what is written there; standard output is replaced only now, as pytest does it too."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    show(SUMMARY, as_json=False, data=dict)
    return stream.getvalue()


def test_a_terminal_gets_the_same_words_in_colours(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    said = shown_on_terminal(monkeypatch)
    assert "\x1b[1;32mbest\x1b[0m" in said
    assert re.sub(r"\x1b\[[0-9;]*m", "", said) == f"{SUMMARY}\n"


def test_without_colour_where_that_is_asked_for(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown_on_terminal(monkeypatch) == f"{SUMMARY}\n"


def test_a_pipe_gets_plain_words(capsys):
    show(SUMMARY, as_json=False, data=dict)
    assert capsys.readouterr().out == f"{SUMMARY}\n"


def test_every_command_that_finds_something_out_gives_it_as_json(
    write_config, drawn_images, tmp_path, capsys
):
    config = write_config(extractors="[intensity]", classifiers="[lda, knn]")
    assert main(["check", str(config), "--json"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert checked["plan"].startswith("metric:") or "plan:" in checked["plan"]
    assert isinstance(checked["findings"], list)

    assert main(["run", str(config), "--json"]) == 0
    ran = json.loads(capsys.readouterr().out)
    folder = RunFolder(tmp_path / "run")
    assert ran["study"] == json.loads(folder.study.read_text(encoding="utf-8"))
    assert (ran["model"], ran["report"]) == (str(folder.model), str(folder.report))
    assert ran["study"]["in_words"] in ran["summary"]

    table = tmp_path / "new.csv"
    asked = [str(folder.model), str(drawn_images), "-o", str(table), "--json"]
    assert main(["predict", *asked]) == 0
    predicted = json.loads(capsys.readouterr().out)["predictions"]
    assert len(predicted) == 36
    assert set(predicted[0]) >= {"path", "prediction", "probability_bars", "error"}

    output = tmp_path / "evaluation"
    asked = [str(folder.model), str(drawn_images), "-o", str(output), "--json"]
    assert main(["evaluate", *asked]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert "balanced_accuracy" in {row["metric"] for row in metrics}


def test_a_terminal_obeys_no_name_in_json_either(capsys):
    # CSI as one character, NEL, DEL, and a mark that turns the line around.
    name = "a\x9b31mb\x85\x7f\u202e\u00e4.png"
    show("", as_json=True, data=lambda: {"error": name, "rows": [name]})
    written = capsys.readouterr().out
    assert json.loads(written) == {"error": name, "rows": [name]}
    assert r"a\u009b31mb\u0085\u007f\u202eä.png" in written
    assert all(one.isprintable() for one in written.replace("\n", ""))
