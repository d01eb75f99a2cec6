"""What became of each file of a series: used, or left out and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydcm.volume.survey import LeftOut

__all__ = ["Finding", "Report"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the geometry that a careful reader wants to know.

    Attributes
    ----------
    code : str
        ``"missing-slice"``, ``"duplicate-position"``, ``"gantry-tilt"``,
        ``"variable-spacing"`` ...
    message : str
        What, where and by how much.
    labels : tuple of str
        The frames concerned.
    """

    code: str
    message: str
    labels: tuple[str, ...] = ()


@dataclass
class Report:
    """What went into a volume, what did not, and what is odd about it.

    Attributes
    ----------
    used : list of str
        Files of the slices, in the order of the slices.
    left_out : list of LeftOut
        Files, or some of their frames, that are not in it.
    findings : list of Finding
        What was noticed and how it was handled.
    """

    used: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
