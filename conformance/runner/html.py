"""One page that shows what agrees: tables, and pictures of images that differ."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from conformance.comparing import Array, array_of
from conformance.corpus import Case, Json, areas
from conformance.runner.outcomes import Outcome
from conformance.runner.reports import By, cell, counted, labels_of
from pydcm.png import encode_png

__all__ = ["html", "pictures"]

_PICTURES = 8
"""Images of each area that are shown although all agree."""

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e;
  --known: #9a6700; --quiet: #8888; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; font-size: 1.2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: left;
  vertical-align: top; }
td.n { font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { display: inline-block; height: .7em; width: 7em; margin-right: .5em;
  background: var(--quiet); border-radius: 2px; overflow: hidden; vertical-align: baseline; }
.bar i { display: inline-block; height: 100%; float: left; }
.pass { background: var(--good); } .fail, .unexpected, .skip { background: var(--bad); }
.known, .absent { background: var(--known); }
.big { display: flex; gap: 2rem; flex-wrap: wrap; margin: 1rem 0; }
.big div { border: 1px solid var(--line); border-radius: 8px; padding: .7rem 1.2rem; }
.big b { font-size: 1.7rem; display: block; }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; }
figure img { image-rendering: pixelated; height: 128px; min-width: 32px;
  border: 1px solid var(--line); }
figcaption { font-size: .8rem; }
code { font-size: .9em; } details { margin: .3rem 0; } .quiet { opacity: .7; }
"""


def _grey(array: Array, least: float, most: float) -> NDArray[np.uint8]:
    numbers = array.astype(np.float64)
    scaled = (numbers - least) * (255 / (most - least) if most > least else 0)
    return np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)


def _plane(array: Array) -> Array:
    """Return the first frame of an array, which may be colour."""
    while array.ndim > 3 or (array.ndim == 3 and array.shape[-1] != 3):
        array = array[0]
    return array


def _picture(array: NDArray[np.uint8], caption: str) -> str:
    channels = 3 if array.ndim == 3 else 1
    png = encode_png(array.tobytes(), array.shape[1], array.shape[0], channels=channels)
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def pictures(expected: Json, got: Json | None) -> str:
    """Return the expected image, the one that came, and their difference."""
    wanted = _plane(array_of(expected))
    if wanted.ndim < 2 or wanted.size == 0:
        return ""
    numbers = np.nan_to_num(wanted.astype(np.float64))
    least, most = float(numbers.min()), float(numbers.max())
    made = _picture(_grey(wanted, least, most), "expected")
    if got is None:
        return made
    answered = _plane(array_of(got))
    if answered.ndim < 2 or answered.size == 0:
        return made
    made += _picture(_grey(answered, least, most), "got")
    if answered.shape == wanted.shape:
        gap = np.abs(answered.astype(np.float64) - wanted.astype(np.float64))
        largest = float(np.nan_to_num(gap).max())
        made += _picture(_grey(gap, 0, largest or 1), f"difference, white is {largest:g}")
    return made


def _bar(counter: Counter[str]) -> str:
    total = sum(counter.values()) or 1
    parts = "".join(
        f'<i class="{verdict}" style="width:{100 * counter[verdict] / total:.2f}%"></i>'
        for verdict in ("pass", "known", "absent", "skip", "unexpected", "fail")
        if counter[verdict]
    )
    return f'<span class="bar">{parts}</span>{escape(cell(counter))}'


def _table(outcomes: Sequence[Outcome], by: By, titles: Mapping[str, str]) -> str:
    labels = labels_of(outcomes)
    head = "".join(f"<th>{escape(label)}</th>" for label in labels)
    rows = []
    for key, row in counted(outcomes, by).items():
        cells = "".join(
            f'<td class="n">{_bar(row[label]) if label in row else "&ndash;"}</td>'
            for label in labels
        )
        title = f'<br><span class="quiet">{escape(titles[key])}</span>' if key in titles else ""
        rows.append(f"<tr><td><code>{escape(key)}</code>{title}</td>{cells}</tr>")
    return f"<table><tr><th>{by}</th>{head}</tr>{''.join(rows)}</table>"


def _failure(outcome: Outcome, opened: str = " open") -> str:
    case = outcome.case
    shown = ""
    if case.expected and "array" in case.expected:
        answer = outcome.answer or {}
        shown = pictures(case.expected["array"], answer.get("array"))
    return (
        f"<details{opened}><summary><b>{outcome.verdict}</b> <code>{escape(case.id)}</code> "
        f"on {escape(outcome.implementation)}</summary><p>{escape(case.comment)} "
        f'<span class="quiet">({escape(case.clause)})</span><br>{escape(outcome.detail)}</p>'
        f"{shown}</details>"
    )


def _gallery(cases: Sequence[Case]) -> str:
    """Return some of the images that all agree on."""
    shown: list[str] = []
    seen: Counter[str] = Counter()
    for case in cases:
        if case.result != "ok" or not case.expected or "array" not in case.expected:
            continue
        array = array_of(case.expected["array"])
        if array.size < 64 or seen[case.area] >= _PICTURES:
            continue
        seen[case.area] += 1
        plane = _plane(array)
        numbers = np.nan_to_num(plane.astype(np.float64))
        shown.append(_picture(_grey(plane, float(numbers.min()), float(numbers.max())), case.id))
    return "".join(shown)


def html(
    outcomes: Sequence[Outcome],
    absent: Mapping[str, str],
    problems: Sequence[str],
    cases: Sequence[Case],
) -> str:
    """Return the page; it needs nothing but itself."""
    bad = [outcome for outcome in outcomes if not outcome.good]
    known = [outcome for outcome in outcomes if outcome.verdict == "known"]
    hostile = sum(case.hostile for case in cases)
    titles = {file.area: file.title for file in areas()}
    boxes = "".join(
        f"<div><b>{number}</b>{escape(what)}</div>"
        for number, what in (
            (len(cases), "cases"), (hostile, "of them hostile"), (len(outcomes), "runs"),
            (len({c for case in cases for c in case.clauses}), "clauses"),
            (len(bad) + len(problems), "failures"), (len(known), "known failures"),
        )
    )  # fmt: skip
    said = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    said += "".join(f"<li>{escape(k)} is absent: {escape(v)}</li>" for k, v in absent.items())
    listed = "".join(_failure(outcome, "") for outcome in known) or "<p>None.</p>"
    failures = "".join(_failure(outcome) for outcome in bad) or "<p>None.</p>"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>pydcm: conformance</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>
<body><h1>Conformance of pydcm's implementations</h1>
<p>Every case has an expected answer that follows from a clause of the standard; every
implementation must give it bit for bit, or within the tolerance that the case states.</p>
<div class="big">{boxes}</div><ul>{said}</ul>
<h2>Areas</h2>{_table(outcomes, "area", titles)}
<h2>Failures</h2>{failures}
<h2>Known failures</h2>{listed}
<h2>Clauses</h2>{_table(outcomes, "clause", {})}
<h2>Kernels and features</h2>{_table(outcomes, "subject", {})}
<h2>Some of the images</h2><p>As they are expected, and as all that pass gave them.</p>
{_gallery(cases)}
</body></html>
"""
