"""Progress is told step by step, shown readably, and ends the work when asked to."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pydcm.errors import PydcmError
from pydcm.progress import Cancelled, Step, reporting, track
from tests.shared import ROOT


class Terminal(io.StringIO):
    """Text that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_callback_gets_the_start_and_each_step() -> None:
    steps: list[Step] = []
    assert list(track("abc", steps.append, what="letters")) == ["a", "b", "c"]
    assert steps == [Step(done, 3, "letters") for done in range(4)]


def test_without_a_length_the_total_is_unknown_unless_given() -> None:
    steps: list[Step] = []
    list(track(iter("ab"), steps.append))
    assert {step.total for step in steps} == {None}
    steps.clear()
    list(track(iter("ab"), steps.append, total=2))
    assert {step.total for step in steps} == {2}


@pytest.mark.parametrize("error", [Cancelled, KeyboardInterrupt, ZeroDivisionError])
def test_what_the_callback_raises_ends_the_work(error: type[BaseException]) -> None:
    def stop(step: Step) -> None:
        if step.done == 2:
            raise error

    worked: list[int] = []
    with pytest.raises(error):
        worked.extend(track(range(10), stop))
    assert worked == [0, 1]


def test_cancelling_is_no_fault_of_the_input() -> None:
    assert not issubclass(Cancelled, PydcmError)


def test_threads_count_together_and_all_end() -> None:
    steps: list[Step] = []
    with reporting(steps.append, 200) as meter, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: meter.advance(), range(200)))
    assert [step.done for step in steps] == list(range(201))

    def stop(step: Step) -> None:
        if step.done >= 5:
            raise Cancelled("enough")

    with reporting(stop) as meter, ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(meter.advance) for _ in range(40)]
    assert sum(future.exception() is None for future in futures) == 4
    assert {str(future.exception()) for future in futures} == {"None", "enough"}


@pytest.mark.parametrize("progress", [None, False])
def test_nothing_is_shown_unless_asked_for(
    progress: bool | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(track(range(3), progress, what="slices")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    list(track(range(4), True, what="slices"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("slices: 4 of 4 (100 %), ")
    assert err.count("\n") == 1
    assert "\r" not in err
    assert "\x1b" not in err


def test_a_log_says_how_far_cancelled_work_came(capsys: pytest.CaptureFixture[str]) -> None:
    worked = track(range(4), True, what="slices")
    assert isinstance(worked, Generator)
    for _ in range(4):  # the fourth is yielded and not completed
        next(worked)
    with pytest.raises(ValueError, match="broken"):
        worked.throw(ValueError("broken"))
    assert capsys.readouterr().err.startswith("slices: 3 of 4 (75 %), ")


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich", reason="the bar is drawn by rich (extra cli)")
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stderr", terminal)
    list(track(range(4), True, what="slices"))
    assert "slices" in terminal.getvalue()
    assert "4/4" in terminal.getvalue()


def test_a_terminal_without_rich_gets_one_line_that_is_rewritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setattr(sys, "stderr", terminal)
    list(track(range(4), True, what="slices"))
    last = terminal.getvalue().split("\r\x1b[K")[-1]
    assert last.startswith("slices: 4 of 4 (100 %), ")
    assert last.endswith(" s\n")


def test_only_the_standard_library_is_imported() -> None:
    code = "import sys, pydcm.progress; print([m for m in ('numpy', 'rich') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
