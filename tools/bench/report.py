"""The result as a table for people, for the documentation and for programs."""

from __future__ import annotations

import os
import platform
import re
import statistics
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from tools.bench.cases import PLAIN_READ, Case
from tools.bench.codecs import CodecRow
from tools.bench.measure import ratio

COLUMNS = ("pydicom", "dicomsdl", PLAIN_READ)
START, END = "<!-- bench:start -->", "<!-- bench:end -->"


@dataclass
class Row:
    """One line: how many times longer each peer took, or one number with a budget.

    Attributes
    ----------
    group, name : str
        What was measured.
    milliseconds : float or None
        Median time of one call of pydcm.
    times_longer : dict of str to float
        For each peer, its time divided by that of pydcm; below 1 the peer is faster.
    target : float or None
        What pydicom's has to reach.
    """

    group: str
    name: str
    milliseconds: float
    times_longer: dict[str, float]
    target: float | None

    @property
    def met(self) -> bool | None:
        """Whether the target was reached; None where there is none or no peer to compare."""
        if self.target is None or "pydicom" not in self.times_longer:
            return None
        return self.times_longer["pydicom"] >= self.target


@dataclass
class Budget:
    """One number that has to stay below another."""

    name: str
    value: float
    unit: str
    budget: float | None
    aside: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it did; None where there is no budget."""
        return None if self.budget is None else self.value <= self.budget


@dataclass
class Report:
    """Everything that one run found."""

    implementation: str
    rows: list[Row] = field(default_factory=list)
    codecs: list[CodecRow] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)

    def add(self, case: Case, times: dict[str, list[float]]) -> Row:
        """Add the row of a case from its times."""
        row = Row(
            case.group,
            case.name,
            statistics.median(times["pydcm"]) * 1e3,
            {peer: ratio(times, peer, "pydcm") for peer in times if peer != "pydcm"},
            case.target,
        )
        self.rows.append(row)
        return row

    @property
    def missed(self) -> list[str]:
        """Every target and budget that was missed."""
        rows = [
            f"{row.group}: {row.name}: {row.times_longer['pydicom']:.1f}x of {row.target:g}x"
            for row in self.rows
            if row.met is False
        ]
        codecs = [
            f"{codec.name} on {codec.implementation}: {codec.ratio:.2f} of {codec.target:g} times "
            f"{codec.fastest}"
            for codec in self.codecs
            if codec.met is False
        ]
        budgets = [
            f"{budget.name}: {budget.value:.1f} {budget.unit} of {budget.budget:g} {budget.unit}"
            for budget in self.budgets
            if budget.met is False
        ]
        return rows + codecs + budgets

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON data."""
        return {
            "setting": setting(self.implementation),
            "rows": [{**vars(row), "met": row.met} for row in self.rows],
            "codecs": [{**vars(codec), "met": codec.met} for codec in self.codecs],
            "budgets": [{**vars(budget), "met": budget.met} for budget in self.budgets],
            "missed": self.missed,
        }


def setting(implementation: str) -> str:
    """Return what it ran on, without naming the machine."""
    peers = ", ".join(f"{name} {metadata.version(name)}" for name in _installed_peers())
    return (
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, "
        f"kernels: {implementation}; peers: {peers or 'none installed'}"
    )


def _installed_peers() -> list[str]:
    found = []
    for name in ("pydicom", "dicomsdl", "imagecodecs", "pylibjpeg-libjpeg", "pylibjpeg-rle"):
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        found.append(name)
    return found


def _verdict(met: bool | None) -> str:
    return {True: "met", False: "MISSED", None: ""}[met]


def _cells(row: Row) -> list[str]:
    return [
        f"{row.group}: {row.name}",
        f"{row.milliseconds:.3g}",
        *(f"{row.times_longer[peer]:.3g}" if peer in row.times_longer else "" for peer in COLUMNS),
        f"{row.target:g}" if row.target else "",
        _verdict(row.met),
    ]


HEADINGS = ("what", "pydcm, ms", *(f"x {peer}" for peer in COLUMNS), "target", "")


CODEC_HEADINGS = ("what", "MB/s", "x fastest", "target", "", "which is")


def codec_header_line(implementation: str) -> str:
    """Return the headings of the table of codecs on the terminal."""
    return line_of([f"codecs on {implementation}", *CODEC_HEADINGS[1:]])


def codec_line(row: CodecRow) -> str:
    """Return one codec on the terminal."""
    return line_of(_codec_cells(row))


def _codec_cells(row: CodecRow) -> list[str]:
    return [
        row.name,
        f"{row.speed:.3g}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        f"{row.target:g}" if row.target else "",
        _verdict(row.met),
        f" {row.fastest}",
    ]


def _codec_table(rows: list[CodecRow]) -> list[str]:
    lines = ["| one frame of 512 x 512 | kernels | MB/s | x fastest peer | target | which is |"]
    lines.append("|---|---|--:|--:|--:|---|")
    for row in rows:
        name, speed, times, target, _, fastest = _codec_cells(row)
        label = row.implementation
        lines.append(f"| {name} | {label} | {speed} | {times} | {target} |{fastest} |")
    return ["", *lines] if rows else []


def header_line() -> str:
    """Return the headings of the table on the terminal."""
    return line_of(list(HEADINGS))


def row_line(row: Row) -> str:
    """Return one row of the table on the terminal."""
    return line_of(_cells(row))


def budget_line(budget: Budget) -> str:
    """Return one number on the terminal."""
    told = f"{budget.name}: {budget.value:.3g} {budget.unit}"
    if budget.budget is not None:
        told += f", budget {budget.budget:g}: {_verdict(budget.met)}"
    return f"{told} ({budget.aside})" if budget.aside else told


def line_of(cells: list[str]) -> str:
    """Lay out cells for a terminal."""
    name, *numbers = cells
    return f"{name:<52}" + "".join(f"{cell:>11}" for cell in numbers)


def markdown(report: Report) -> str:
    """Return the result for the documentation."""
    lines = [
        "| " + " | ".join(("", *HEADINGS[1:6])) + " |",
        "|---|" + "--:|" * 5,
        *("| " + " | ".join(_cells(row)[:6]) + " |" for row in report.rows),
        *_codec_table(report.codecs),
        "",
        *(f"* {budget_line(budget)}" for budget in report.budgets),
        "",
        "x: how many times longer that takes; `read()` only reads the bytes of the file. "
        "MB/s: of pixels. "
        f"{setting(report.implementation)}.",
    ]
    return "\n".join(lines) + "\n"


def write_into(path: Path, text: str) -> bool:
    """Replace what stands between the markers in `path`; return whether there were any."""
    if not path.is_file():
        return False
    before = path.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(START)}\n.*?{re.escape(END)}", re.DOTALL)
    after, found = pattern.subn(lambda _match: f"{START}\n\n{text}\n{END}", before)
    if found and after != before:
        path.write_text(after, encoding="utf-8")
    return bool(found)
