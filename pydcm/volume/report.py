"""What became of each file of a series: used, or left out and why."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from pydcm.volume.survey import LeftOut

__all__ = ["Finding", "Report"]

_LISTED = 3
"""How many files the text names for each reason."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the geometry that a careful reader wants to know.

    Attributes
    ----------
    code : str
        ``"gantry-tilt"``, ``"tilt-resampled"``, ``"variable-spacing"``,
        ``"spacing-resampled"``, ``"duplicate-position"``, ``"several-volumes"``,
        ``"incomplete-volume"``, ``"interleaved"``, ``"single-slice"`` or
        ``"localizer"``.
    message : str
        What, where and by how much.
    labels : tuple of str
        The frames concerned.
    """

    code: str
    message: str
    labels: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass
class Report:
    """What went into a volume, what did not, and what is odd about it.

    ``print(volume.report)`` shows it for people to read.

    Attributes
    ----------
    used : list of str
        Files of the slices, in the order of the slices, each once.
    left_out : list of LeftOut
        Files, or some of their frames, that are not in it.
    findings : list of Finding
        What was noticed and how it was handled.

    Examples
    --------
    >>> report = Report(["a.dcm", "b.dcm"], [LeftOut("scout.dcm", "it is a localizer")])
    >>> print(report)
    2 files used
    1 file left out
      it is a localizer: scout.dcm
    """

    used: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{_count(len(self.used), 'file')} used"]
        if self.left_out:
            by_reason: dict[str, list[str]] = {}
            for left in self.left_out:
                by_reason.setdefault(left.reason, []).append(os.path.basename(left.path))
            paths = {left.path for left in self.left_out}
            lines.append(f"{_count(len(paths), 'file')} left out")
            lines += [f"  {reason}: {_named(names)}" for reason, names in by_reason.items()]
        lines += [f"{finding}" for finding in self.findings]
        return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _named(names: list[str]) -> str:
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return ", ".join(listed[:_LISTED]) + more
