"""What became of each series, one line of JSON for each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal

from pydcm.errors import PydcmError

__all__ = ["Failure", "Outcome", "OutcomeLog", "read_outcomes"]


@dataclass(frozen=True)
class Failure:
    """Why a series could not be done.

    Attributes
    ----------
    kind : str
        Name of the exception's class: ``"GeometryError"``; ``"WorkerCrash"`` if
        the process died.
    message : str
        What is wrong.
    path : str
        The file at fault, empty if it is not one.
    """

    kind: str
    message: str
    path: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Return what an exception says."""
        path = error.path if isinstance(error, PydcmError) else getattr(error, "filename", None)
        return cls(type(error).__name__, " ".join(str(error).split()), str(path or ""))


@dataclass(frozen=True)
class Outcome:
    """What became of one series.

    Attributes
    ----------
    series : str
        Its name.
    status : {"ok", "failed"}
        Whether its outputs are complete; there are none if it failed.
    files : int
        How many files it has.
    seconds : float
        How long it took, 0 if nobody knows.
    outputs : tuple of str
        What was written, relative to the folder of all outputs.
    result : object
        What the work returned.
    error : Failure or None
        Why it failed.
    task : str
        Stands for the files and the work; a series is done again if it changes.
    resumed : bool
        Whether it was done in an earlier run.
    """

    series: str
    status: Literal["ok", "failed"]
    files: int
    seconds: float = 0.0
    outputs: tuple[str, ...] = ()
    result: object = None
    error: Failure | None = None
    task: str = ""
    resumed: bool = False

    def as_json(self) -> str:
        """Return one line of JSON.

        Raises
        ------
        TypeError
            If the result of the work is nothing that JSON has.
        """
        content = asdict(self)
        del content["resumed"]
        return json.dumps(content, allow_nan=True)

    @classmethod
    def from_json(cls, line: str) -> Outcome | None:
        """Return the outcome that a line stands for, None if it is none."""
        try:
            content = json.loads(line)
            if not isinstance(content, dict) or content["status"] not in ("ok", "failed"):
                return None
            known = {field.name for field in fields(cls)} - {"resumed"}
            values = {key: value for key, value in content.items() if key in known}
            if values.get("error") is not None:
                values["error"] = Failure(**values["error"])
            values["outputs"] = tuple(map(str, values.get("outputs", ())))
            return cls(**values)
        except (ValueError, KeyError, TypeError, RecursionError):
            return None


def read_outcomes(path: str | os.PathLike[str]) -> Iterator[Outcome]:
    """Yield the outcomes of a log in the order of its lines.

    A series that was done several times is there several times; its last line
    counts. A line that was cut off, since the machine stopped, is passed over.

    Parameters
    ----------
    path : str or PathLike
        The log; there are no outcomes if it does not exist.
    """
    try:
        file = open(path, encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by `with`
    except FileNotFoundError:
        return
    with file:
        for line in file:
            outcome = Outcome.from_json(line)
            if outcome is not None:
                yield outcome


class OutcomeLog:
    """Appends outcomes to a file, each as soon as it is known.

    Parameters
    ----------
    path : str
        The log; it is made if it does not exist.
    """

    def __init__(self, path: str) -> None:
        self._file = open(path, "a+b")  # noqa: SIM115 - it is closed by close()
        if self._file.tell():
            self._file.seek(-1, os.SEEK_END)
            if self._file.read(1) != b"\n":  # the last line was cut off
                self._file.write(b"\n")

    def add(self, outcome: Outcome) -> None:
        """Append one line."""
        self._file.write(outcome.as_json().encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def known_to_be_done(log: str, folder: str) -> dict[tuple[str, str], Outcome]:
    """Return by name and task the series of a log that are done, with all their outputs."""
    last = {outcome.series: outcome for outcome in read_outcomes(log)}
    return {
        (outcome.series, outcome.task): replace(outcome, resumed=True)
        for outcome in last.values()
        if outcome.status == "ok"
        and all(os.path.exists(os.path.join(folder, name)) for name in outcome.outputs)
    }
