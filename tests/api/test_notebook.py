"""What is shown below a cell: one line that changes, from IPython's own means."""

import sys
import types

import pytest

from bioselect.api import notebook
from bioselect.api.notebook import NotebookReporter, chosen_reporter, in_notebook
from bioselect.progress import SILENT, Reporter, TerminalReporter


class Shell:
    def __init__(self, kernel=None):
        self.kernel = kernel


@pytest.fixture
def kernel(monkeypatch):
    """Stand in for IPython in a notebook; returns what is shown in each place, one list each."""
    shown = []

    class Handle:
        def __init__(self, first):
            self.drawn = [first]
            shown.append(self.drawn)

        def update(self, bundle, raw):
            assert raw
            self.drawn.append(bundle)

    def display(bundle, raw, display_id):
        assert raw
        assert display_id
        return Handle(bundle)

    package, module = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    package.get_ipython = lambda: Shell(kernel="a kernel")
    package.display = module
    module.display = display
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


def test_where_it_is_noticed(kernel, monkeypatch):
    assert in_notebook()
    assert isinstance(chosen_reporter(None, True), NotebookReporter)
    # IPython in a terminal has a shell without a kernel; plain Python has none.
    for shell in (Shell(), None):
        monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda shell=shell: shell)
        assert not in_notebook()
        assert isinstance(chosen_reporter(None, True), TerminalReporter)
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()


def test_silence_and_a_reporter_of_ones_own(kernel):
    assert chosen_reporter(None, False) is SILENT
    own = Reporter()
    assert chosen_reporter(own, False) is chosen_reporter(own, True) is own


def test_one_line_changes_and_ends_with_the_last_step(kernel, monkeypatch, capsys):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(notebook.time, "monotonic", lambda: next(clock))
    reporter = NotebookReporter()
    reporter.say("36 images")
    reporter.warn("one is blank")
    with reporter.task("testing <lbp>", 3) as task:
        for _ in range(3):
            task.advance()
    assert capsys.readouterr().out == "36 images\nwarning: one is blank\n"
    (drawn,) = kernel
    words = [one["text/plain"] for one in drawn]
    assert words[0] == "testing <lbp>: 1 of 3, time left not known yet"
    assert "2 of 3, about " in words[1]
    assert "3 of 3, done in " in words[-1]
    assert 'value="1" max="3"' in drawn[0]["text/html"]
    assert "testing &lt;lbp&gt;" in drawn[0]["text/html"]


def test_quick_steps_are_not_all_drawn(kernel):
    with NotebookReporter().task("reading", 1000) as task:
        for _ in range(1000):
            task.advance()
    (drawn,) = kernel
    assert len(drawn) < 100
    assert drawn[-1]["text/plain"].startswith("reading: 1000 of 1000, done in ")


def test_what_is_stopped_says_how_far_it_came(kernel):
    def stopped():
        with NotebookReporter().task("testing", 5) as task:
            task.advance(2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert kernel[0][-1]["text/plain"].startswith("testing: 2 of 5, stopped")


def test_work_without_steps_draws_nothing(kernel):
    with NotebookReporter().task("testing", 0):
        pass
    assert kernel == []
