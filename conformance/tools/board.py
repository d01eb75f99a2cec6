"""The scoreboard: verdicts by tool and area."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from conformance.corpus import Case
from conformance.tools.host import AdapterError, Ended, Host, Limits
from conformance.tools.judging import VERDICTS, Judged, Verdict, inlined, judged

__all__ = ["Board", "Row", "by_area", "by_tool", "put_cases"]


class Row(NamedTuple):
    """A case as one tool answered it."""

    case: str
    judged: Judged

    @property
    def area(self) -> str:
        """The case's area."""
        return self.case.partition("/")[0]


class Board(NamedTuple):
    """How one tool fared.

    Attributes
    ----------
    tool : str
        Its name.
    versions : dict
        What it is made of.
    rows : list of Row
        One for each case, in the order of the cases.
    absent : str
        Why the tool could not be asked at all; empty if it was.
    """

    tool: str
    versions: Mapping[str, str]
    rows: Sequence[Row]
    absent: str = ""

    def counts(self, area: str | None = None) -> Counter[Verdict]:
        """Return how many cases of an area, or of all, got each verdict."""
        chosen = (row for row in self.rows if area is None or row.area == area)
        return Counter(row.judged.verdict for row in chosen)


def put_cases(
    name: str, command: Sequence[str], cases: Iterable[Case], limits: Limits | None = None
) -> Board:
    """Put cases to the adapter of a tool.

    An adapter that ends in the middle of a case is started anew for the next one.
    """
    rows: list[Row] = []
    try:
        with Host(command, limits) as host:
            for case in cases:
                rows.append(Row(case.id, _one(host, case)))
            return Board(host.tool, host.versions, rows)
    except AdapterError as error:
        return Board(name, {}, rows, str(error))


def _one(host: Host, case: Case) -> Judged:
    lacking = host.lacks(case.operation, case.subject)
    if lacking:
        return Judged("skipped", lacking)
    request = {
        "id": case.id,
        "operation": case.operation,
        "feature": case.subject,
        "input": inlined(dict(case.input)),
    }
    try:
        return judged(case, host.run(request))
    except Ended as ended:
        kinds: dict[str, Verdict] = {verdict: verdict for verdict in VERDICTS}
        return Judged(kinds[ended.kind], ended.detail)


def by_tool(boards: Iterable[Board], date: str) -> str:
    """Return a CSV table with a row for each tool: versions, and the number of each verdict."""
    rows = [["tool", "versions", *VERDICTS, "date"]]
    for board in boards:
        if not board.absent:
            versions = ", ".join(f"{name} {version}" for name, version in board.versions.items())
            counts = board.counts()
            rows.append([board.tool, versions, *(str(counts[v]) for v in VERDICTS), date])
    return _csv(rows)


def by_area(boards: Sequence[Board]) -> str:
    """Return a CSV table with a row for each area: how many of each tool's cases agree."""
    present = [board for board in boards if not board.absent]
    rows = [["area", "cases", *(board.tool for board in present)]]
    areas = dict.fromkeys(row.area for board in present for row in board.rows)
    for area in areas:
        cells = []
        total = 0
        for board in present:
            counts = board.counts(area)
            total = counts.total()
            asked = total - counts["skipped"]
            cells.append(f"{counts['agree']} of {asked}" if asked else "")
        rows.append([area, str(total), *cells])
    return _csv(rows)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()
