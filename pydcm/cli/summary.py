"""What a folder gave: one volume, and what was left out, as data and as text."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import NamedTuple

from pydcm.cli.terminal import Paint, clipped, printable, table
from pydcm.dataset import Dataset
from pydcm.volume import LeftOut, Report, Stack, Survey, Volume
from pydcm.volume.files import read
from pydcm.volume.picture.anatomy import anatomy
from pydcm.volume.picture.montage import Window
from pydcm.volume.picture.showing import windows_of

__all__ = ["Loaded", "Summary", "choose_windows", "reasons", "summarise"]

_TISSUES_HU = {
    "air": (-math.inf, -950),
    "lung": (-950, -500),
    "fat": (-150, -30),
    "soft tissue": (-30, 120),
    "bone": (250, math.inf),
}
"""Ranges of Hounsfield units in which a share of the voxels is counted."""


_LISTED = 8
"""How many other stacks the text names."""


class Loaded(NamedTuple):
    """A volume and where it came from.

    Attributes
    ----------
    found : Survey
        What the files hold.
    stack : Stack
        The one that was taken.
    volume : Volume
        What it gave.
    first : Dataset
        The header of its first slice.
    """

    found: Survey
    stack: Stack
    volume: Volume
    first: Dataset

    @classmethod
    def of(cls, found: Survey, stack: Stack, volume: Volume) -> Loaded:
        """Return it with the header read."""
        return cls(found, stack, volume, read(stack.frames[0].path, stop_before_pixels=True))

    @property
    def title(self) -> str:
        """Modality and description of the series."""
        words = (str(self.first.get(key, None) or "") for key in ("Modality", "SeriesDescription"))
        return printable(" ".join(word for word in words if word)) or "Series"

    @property
    def subtitle(self) -> str:
        """Size, spacing and orientation."""
        lies = anatomy(self.volume.affine)
        size = " x ".join(str(n) for n in self.volume.pixels.shape[2::-1])
        spacing = " x ".join(f"{mm:.4g}" for mm in self.volume.spacing[::-1])
        return f"{size} voxels of {spacing} mm, {lies.description}"

    @property
    def is_hounsfield(self) -> bool:
        """Whether the values are those of CT, and not colours."""
        return self.first.get("Modality", "") == "CT" and self.volume.pixels.ndim == 3

    @property
    def inverted(self) -> bool:
        """Whether large values are dark (PS3.3 C.7.6.3.1.2)."""
        return bool(self.first.get("PhotometricInterpretation", "") == "MONOCHROME1")


@dataclass
class Summary:
    """One volume in numbers; lengths in mm, times in seconds.

    Attributes
    ----------
    title, series_instance_uid : str
        The series.
    files : int
        How many files were looked at.
    slices, rows, columns : int
        Size of the volume.
    spacing_mm, extent_mm : list of float
        Of a voxel and of the volume, along (z, y, x).
    orientation, axes : str
        The plane of the slices, and where voxel x, y, z lead to in the patient.
    affine : list of list of float
        Voxel (x, y, z) to LPS mm.
    unit : str
        Of the values, such as ``HU``.
    values : dict
        minimum, maximum, mean, deviation and percentiles.
    shares_percent : dict
        For CT, the share of voxels in the range of each tissue.
    spare_frames : int
        Frames that share a position with one that was taken.
    other_stacks : list of str
        What else the files hold.
    left_out : dict
        Files that are not in the volume, nor in another stack, by the reason.
    findings : list of str
        What was noticed about the geometry and how it was handled.
    seconds : dict
        How long each step took.
    """

    title: str
    series_instance_uid: str
    files: int
    slices: int
    rows: int
    columns: int
    spacing_mm: list[float]
    extent_mm: list[float]
    orientation: str
    axes: str
    affine: list[list[float]]
    unit: str
    values: dict[str, float]
    shares_percent: dict[str, float]
    spare_frames: int
    other_stacks: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return it as JSON."""
        import json

        return json.dumps(asdict(self), indent=2, ensure_ascii=False)

    def as_text(self, paint: Paint | None = None) -> str:
        """Return it as a table."""
        unit = f" {self.unit}" if self.unit else ""
        values = self.values
        rows = [
            ("series", self.title),
            ("uid", self.series_instance_uid or "none"),
            ("size", f"{self.slices} slices of {self.rows} x {self.columns}"),
            ("spacing", f"{_by(self.spacing_mm)} mm (z, y, x)"),
            ("extent", f"{_by(self.extent_mm)} mm (z, y, x)"),
            ("orientation", f"{self.orientation}; voxel x, y, z lead to {', '.join(self.axes)}"),
            ("values", f"{values['minimum']:.5g} to {values['maximum']:.5g}{unit}"),
            ("mean", f"{values['mean']:.5g}, standard deviation {values['deviation']:.5g}"),
            ("percentiles", ", ".join(f"{p}: {values[p]:.5g}" for p in ("1%", "50%", "99%"))),
        ]
        if self.shares_percent:
            shares = (f"{name} {share:.1f} %" for name, share in self.shares_percent.items())
            rows.append(("voxels", ", ".join(shares)))
        if self.seconds:
            took = (f"{name} {1000 * spent:.0f} ms" for name, spent in self.seconds.items())
            rows.append(("time", ", ".join(took)))
        lines = [table(rows)]
        noticed = [f"  {clipped(printable(text), 300)}" for text in self.findings]
        for heading, notes in (("noticed", noticed), ("left out", self._notes())):
            if notes:
                lines += ["", paint(heading, "bold") if paint else heading, *notes]
        return "\n".join(lines)

    def _notes(self) -> list[str]:
        notes = [f"  a smaller stack: {text}" for text in self.other_stacks[:_LISTED]]
        if len(self.other_stacks) > _LISTED:
            notes.append(f"  {len(self.other_stacks) - _LISTED} more smaller stacks")
        for reason, files in self.left_out.items():
            named = ", ".join(printable(os.path.basename(file)) for file in files[:3])
            more = f" and {len(files) - 3} more" if len(files) > 3 else ""
            notes.append(f"  {clipped(printable(reason), 160)}: {named}{more}")
        return notes


def summarise(loaded: Loaded, seconds: dict[str, float]) -> Summary:
    """Return the summary of a volume.

    Parameters
    ----------
    loaded : Loaded
        The volume.
    seconds : dict
        How long each step took.
    """
    import numpy as np

    volume, stack = loaded.volume, loaded.stack
    report = volume.report or Report()
    lies = anatomy(volume.affine)
    slices, rows, columns = volume.pixels.shape[:3]
    low, median, high = np.percentile(volume.pixels, [1, 50, 99]).tolist()
    shares = {}
    if loaded.is_hounsfield:
        for name, (bottom, top) in _TISSUES_HU.items():
            inside = (volume.pixels >= bottom) & (volume.pixels < top)
            shares[name] = round(100 * float(inside.mean()), 2)
    return Summary(
        title=loaded.title,
        series_instance_uid=volume.series_instance_uid,
        files=loaded.found.files,
        slices=slices,
        rows=rows,
        columns=columns,
        spacing_mm=[round(mm, 6) for mm in volume.spacing],
        extent_mm=[
            round(n * mm, 3) for n, mm in zip((slices, rows, columns), volume.spacing, strict=True)
        ],
        orientation=lies.description,
        axes=lies.codes,
        affine=volume.affine.tolist(),
        unit=printable(volume.units),
        values={
            "minimum": float(volume.pixels.min()),
            "maximum": float(volume.pixels.max()),
            "mean": float(volume.pixels.mean(dtype="f8")),
            "deviation": float(volume.pixels.std(dtype="f8")),
            "1%": low,
            "50%": median,
            "99%": high,
        },
        shares_percent=shares,
        spare_frames=len(stack.frames) - slices,
        other_stacks=[other.description for other in loaded.found.stacks if other is not stack],
        left_out=reasons(loaded.found.left_out + report.left_out),
        findings=[str(finding) for finding in report.findings],
        seconds=seconds,
    )


def reasons(left_out: list[LeftOut]) -> dict[str, list[str]]:
    """Return the files that were left out, by the reason."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for left in left_out:
        by_reason[left.reason].append(left.path)
    return dict(by_reason)


def choose_windows(loaded: Loaded, asked: tuple[float, float] | None) -> list[Window]:
    """Return what to show: what was asked for, the file's window, or most of the values.

    A chest CT gets a second window for its lungs.
    """
    if asked is not None:
        return [Window("", *asked)]
    own = _own_window(loaded.first) if loaded.volume.pixels.ndim == 3 else None
    return windows_of(loaded.volume.pixels, hounsfield=loaded.is_hounsfield, own=own)


def _own_window(dataset: Dataset) -> Window | None:
    numbers = []
    for keyword in ("WindowCenter", "WindowWidth"):
        value = dataset.get(keyword, None)
        first = value[0] if hasattr(value, "__getitem__") and not isinstance(value, str) else value
        try:
            numbers.append(float(first))
        except (TypeError, ValueError, IndexError):
            return None
    centre, width = numbers
    return Window("", centre, width) if math.isfinite(centre) and width >= 1 else None


def _by(lengths: list[float]) -> str:
    return " x ".join(f"{length:.4g}" for length in lengths)
