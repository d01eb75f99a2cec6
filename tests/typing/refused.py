"""What mypy and pyright must refuse, each line with the comment that says so.

A comment that is not needed is itself an error, so that each of these lines is
known to be one. test_checkers.py also runs the checkers without the comments.
"""

from __future__ import annotations

from pydcm import Dataset
from pydcm.valuerep import PersonName


def set_wrong_values(ds: Dataset) -> None:
    ds.Rows = "512"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    ds.Rows = [512]  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    ds.PixelSpacing = 0.5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    ds.PixelSpacing = (1, 1)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    ds.PatientID = 4711  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    ds.PatientName = 4711  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    ds.PixelData = "0000"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    ds.BeamSequence = Dataset()  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    ds.BeamSequence = [1]  # type: ignore[list-item]  # pyright: ignore[reportAttributeAccessIssue]
    ds.file_meta = "1.2.3"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


def use_as_what_it_is_not(ds: Dataset) -> tuple[object, ...]:
    name: PersonName = ds.PatientName  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    thick = float(ds.SliceThickness)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    first = ds.WindowCenter[0]  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    text = ds.Rows.strip()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    rows = ds.BeamSequence.Rows  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    return name, thick, first, text, rows
