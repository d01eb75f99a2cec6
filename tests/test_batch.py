"""Many series at once: isolated, resumable, and told line by line."""

from __future__ import annotations

import functools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pydcm import dcmread, load_series
from pydcm.batch import Outcome, Series, find_series, read_outcomes, run
from pydcm.errors import BackendError, UnsafePathError
from pydcm.examples import write_ct_series
from pydcm.progress import Cancelled, Step
from tests.shared import CORPUS, needs_corpus

# ---- work that other processes can import ----------------------------------------


def note(files: tuple[str, ...], folder: str) -> dict[str, object]:
    """Write one file, and one in a folder inside."""
    Path(folder, "names").write_text("\n".join(files))
    Path(folder, "inside").mkdir()
    Path(folder, "inside", "count").write_text(str(len(files)))
    return {"files": len(files), "threads": os.environ.get("PYDCM_THREADS")}


def stumble(files: tuple[str, ...], folder: str, *, over: str = "bad") -> int:
    """Fail, or take the process along, as the names of the files say."""
    Path(folder, "half").write_text("half written")
    if "crash" in files:
        os._exit(3)
    if over in files:
        raise ValueError(f"cannot do\n{files}")
    return len(files)


def unspeakable(files: tuple[str, ...], folder: str) -> object:
    """Return what JSON has not."""
    Path(folder, "half").write_text("half written")
    return {1, 2}


def linger(files: tuple[str, ...], folder: str) -> int:
    """Take some time."""
    Path(folder, "done").write_text("done")
    time.sleep(0.05)
    return len(files)


@pytest.fixture
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


def lines_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "outcomes.jsonl").read_text().splitlines()]


# ---- series ------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*is no valid value:UserWarning")
def test_files_are_grouped_by_series(tmp_path: Path) -> None:
    write_ct_series(tmp_path / "a", slices=4, size=16)
    write_ct_series(tmp_path / "b", slices=2, size=16)
    (tmp_path / "notes").write_text("no DICOM")
    ds = dcmread(min((tmp_path / "b").iterdir()))
    for odd in ("../../up", "", "CON. "):
        ds.SeriesInstanceUID = odd or None
        ds.save_as(tmp_path / "b" / f"odd{len(odd)}")
    found = find_series(tmp_path)
    assert [len(each.files) for each in found.series] == [4, 2, 1, 1, 1]
    uid = dcmread(min((tmp_path / "a").iterdir())).SeriesInstanceUID
    assert found.series[0].name == uid
    odd_names = [each.name for each in found.series[2:]]
    assert odd_names == ["without-series-uid", "CON", "up"]
    assert found.left_out[0].reason == "it is not a DICOM file"


@needs_corpus
def test_what_is_no_image_is_left_out() -> None:
    found = find_series(CORPUS / "rt")
    assert found.left_out
    assert {"it is no image"} <= {left.reason for left in found.left_out}
    for each in found.series:
        assert {str(dcmread(file).SeriesInstanceUID) for file in each.files} == {each.name}


# ---- outcomes ------------------------------------------------------------------


def test_outcomes_are_lines_and_outputs_folders(tmp_path: Path, pool: Executor) -> None:
    outcomes = run({"a": ["1", "2"], "b": ["3"]}, note, tmp_path, executor=pool)
    assert [each.status for each in outcomes] == ["ok", "ok"]
    assert outcomes[0].outputs == ("a/inside/count", "a/names")
    assert (tmp_path / "a" / "inside" / "count").read_text() == "2"
    assert list(read_outcomes(tmp_path / "outcomes.jsonl")) == sorted(
        outcomes, key=lambda each: [o["series"] for o in lines_of(tmp_path)].index(each.series)
    )
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "outcomes.jsonl"]


def test_failures_are_isolated_and_leave_nothing(tmp_path: Path, pool: Executor) -> None:
    series = [Series("x", ("good",)), Series("y", ("bad",)), Series("z", ("good",))]
    outcomes = run(series, stumble, tmp_path, executor=pool)
    assert [each.status for each in outcomes] == ["ok", "failed", "ok"]
    failure = outcomes[1].error
    assert failure is not None
    assert (failure.kind, failure.message) == ("ValueError", "cannot do ('bad',)")
    assert sorted(os.listdir(tmp_path)) == ["outcomes.jsonl", "x", "z"]
    (outcome,) = run({"u": ["1"]}, unspeakable, tmp_path, executor=pool)
    assert outcome.status == "failed"
    assert not (tmp_path / "u").exists()


@needs_corpus
def test_the_error_of_a_real_series_says_which_and_why(tmp_path: Path, pool: Executor) -> None:
    found = find_series(CORPUS / "volume-defects/dicom2nifti/failing/sliceincrement")
    outcomes = run(found.series, "nifti", tmp_path, executor=pool)
    (line,) = lines_of(tmp_path)
    error = line["error"]
    assert isinstance(error, dict)
    assert error["kind"].endswith("GeometryError")
    assert "mm apart" in error["message"]
    assert outcomes[0].files == len(found.series[0].files)


def test_names_never_leave_the_folder(tmp_path: Path, pool: Executor) -> None:
    for name in ("../up", "a/b", "..", "", "C:x"):
        with pytest.raises(UnsafePathError):
            run({name: ["1"]}, note, tmp_path / "out", executor=pool)
    for pairs in ([("a", ["1"]), ("a", ["2"])], [(".a", ["1"])], [("outcomes.jsonl", ["1"])]):
        with pytest.raises(ValueError, match="name"):
            run([Series(name, tuple(files)) for name, files in pairs], note, tmp_path / "out")
    with pytest.raises(ValueError, match="nothing"):
        run({}, "nothing", tmp_path)
    assert not (tmp_path / "out").exists()


# ---- again -----------------------------------------------------------------------


def test_what_is_done_is_not_done_again(tmp_path: Path, pool: Executor) -> None:
    series = {"x": ["good"], "y": ["bad"], "z": ["good"]}

    def again(
        work: Callable[[tuple[str, ...], str], object] = stumble, **changed: list[str]
    ) -> list[str]:
        before = len(lines_of(tmp_path)) if (tmp_path / "outcomes.jsonl").exists() else 0
        outcomes = run({**series, **changed}, work, tmp_path, executor=pool)
        fresh = [str(line["series"]) for line in lines_of(tmp_path)[before:]]
        assert {each.series for each in outcomes if not each.resumed} == set(fresh)
        return sorted(fresh)

    assert again() == ["x", "y", "z"]
    assert again() == ["y"]
    assert again(functools.partial(stumble, over="other")) == ["x", "y", "z"]
    assert again(functools.partial(stumble, over="other")) == []
    assert again(functools.partial(stumble, over="other"), x=["good", "more"]) == ["x"]
    (tmp_path / "z" / "half").unlink()
    assert again(functools.partial(stumble, over="other"), x=["good", "more"]) == ["z"]
    outcomes = run(series, stumble, tmp_path, executor=pool, resume=False)
    assert not any(each.resumed for each in outcomes)


def test_a_log_that_was_cut_off_or_damaged_is_continued(tmp_path: Path, pool: Executor) -> None:
    run({"a": ["1"], "b": ["2"]}, note, tmp_path, executor=pool)
    log = tmp_path / "outcomes.jsonl"
    first = log.read_bytes().splitlines(keepends=True)[0]
    log.write_bytes(b'\xff\n[]\n{"status": "ok"}\n' + first + first[: len(first) // 2])
    outcomes = run({"a": ["1"], "b": ["2"]}, note, tmp_path, executor=pool)
    assert sum(each.resumed for each in outcomes) == 1
    assert all(each.status == "ok" for each in outcomes)
    assert {each.series for each in read_outcomes(log)} == {"a", "b"}
    assert list(read_outcomes(tmp_path / "absent")) == []


def test_hostile_lines_are_no_outcomes() -> None:
    for line in ("", "1", "{}", '{"status": "ok", "series": 1}', "[" * 10_000, '{"status": []}'):
        assert Outcome.from_json(line) is None


def test_outputs_are_replaced_as_a_whole(tmp_path: Path, pool: Executor) -> None:
    run({"a": ["1"]}, note, tmp_path, executor=pool)
    run({"a": ["good"]}, stumble, tmp_path, executor=pool)
    assert os.listdir(tmp_path / "a") == ["half"]
    assert sorted(os.listdir(tmp_path)) == ["a", "outcomes.jsonl"]


def test_remains_of_a_run_that_was_killed_are_removed(tmp_path: Path, pool: Executor) -> None:
    part, others = ".a.0123abcd-4567cdef.part", ".other.0123abcd-4567cdef.part"
    for name in (part, f"{part}.previous", others, ".a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").write_text("half")
    run({"a": ["1"]}, note, tmp_path, executor=pool)
    assert sorted(os.listdir(tmp_path)) == [".a", others, "a", "outcomes.jsonl"]


# ---- progress ----------------------------------------------------------------------


def test_progress_counts_series_and_cancels(tmp_path: Path, pool: Executor) -> None:
    series = {f"s{n}": [str(n)] for n in range(40)}
    steps: list[Step] = []
    run({"a": ["1"], "b": ["2"]}, linger, tmp_path / "all", executor=pool, progress=steps.append)
    assert [step.done for step in steps if step.total == 2][-1] == 2

    def stop(step: Step) -> None:
        if step.done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(series, linger, tmp_path, executor=pool, progress=stop)
    noted = {each.series for each in read_outcomes(tmp_path / "outcomes.jsonl")}
    assert 3 <= len(noted) < 40
    finished = {name for name in os.listdir(tmp_path) if name.startswith("s")}
    assert finished == noted
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]
    outcomes = run(series, linger, tmp_path, executor=pool)
    assert {each.series for each in outcomes if each.resumed} == noted


# ---- processes -----------------------------------------------------------------------


def test_a_crash_takes_no_other_series_along(tmp_path: Path) -> None:
    series = {f"s{n}": ["crash" if n in (1, 4) else "good"] for n in range(6)}
    outcomes = run(series, stumble, tmp_path, workers=2)
    assert [each.status for each in outcomes] == ["ok", "failed", "ok", "ok", "failed", "ok"]
    assert {each.error.kind for each in outcomes if each.error} == {"WorkerCrash"}
    assert sorted(os.listdir(tmp_path)) == ["outcomes.jsonl", "s0", "s2", "s3", "s5"]


def test_processes_have_their_share_of_threads(tmp_path: Path) -> None:
    (outcome,) = run({"a": ["1"]}, note, tmp_path, workers=1, threads=1)
    assert outcome.result == {"files": 1, "threads": "1"}


def test_work_that_cannot_be_sent_fails_by_itself(tmp_path: Path) -> None:
    lock = threading.Lock()
    (outcome,) = run({"a": ["1"]}, lambda files, folder: str(lock), tmp_path, workers=1)
    assert outcome.status == "failed"
    assert os.listdir(tmp_path) == ["outcomes.jsonl"]


def test_an_executor_that_broke_is_told(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1) as executor:
        outcomes = run({"a": ["crash"], "b": ["good"]}, stumble, tmp_path, executor=executor)
    assert outcomes[0].status == "failed"
    renewed = run(
        {"a": ["crash"], "b": ["good"]}, stumble, tmp_path / "2", executor=ProcessPoolExecutor
    )
    assert [each.status for each in renewed] == ["failed", "ok"]


def test_series_become_nifti(tmp_path: Path, pool: Executor) -> None:
    nibabel = pytest.importorskip("nibabel", reason="NIfTI is written through nibabel")
    write_ct_series(tmp_path / "in" / "a", slices=4, size=16)
    write_ct_series(tmp_path / "in" / "b", slices=3, size=16)
    found = find_series(tmp_path / "in")
    outcomes = run(found.series, "nifti", tmp_path / "out", executor=pool)
    for outcome, folder in zip(outcomes, "ab", strict=True):
        (name,) = [name for name in outcome.outputs if name.endswith(".nii.gz")]
        voxels = np.asanyarray(nibabel.load(tmp_path / "out" / name).dataobj)
        np.testing.assert_array_equal(
            voxels.transpose(), load_series(tmp_path / "in" / folder).pixels
        )


# ---- Dask ------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")  # distributed warns of many things that are not ours
def test_a_dask_cluster_does_the_same(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="Dask is optional (extra dask)")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        series = {"x": ["good"], "y": ["bad"], "z": ["good"]}
        outcomes = run(series, stumble, tmp_path, executor=client)
        assert [each.status for each in outcomes] == ["ok", "failed", "ok"]
        assert outcomes[1].error is not None
        assert outcomes[1].error.kind == "ValueError"
        (again,) = run({"y": ["bad"]}, note, tmp_path, executor=client.scheduler.address)
        assert again.status == "ok"


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BackendError, match=r"pydcm\[dask\]"):
        run({"a": ["1"]}, note, tmp_path, executor="tcp://127.0.0.1:1")
