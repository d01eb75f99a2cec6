"""The same work on many series, on one machine or many.

Assembling a series is a function of a list of files and nothing else, so series
can be handed out to processes and machines as they are.

Examples
--------
>>> from pydcm.batch import find_series, run
>>> found = find_series("incoming")  # doctest: +SKIP
>>> outcomes = run(found.series, "nifti", "converted", workers=4)  # doctest: +SKIP
>>> [each.series for each in outcomes if each.status == "failed"]  # doctest: +SKIP
"""

from pydcm.batch.converting import to_nifti
from pydcm.batch.outcomes import Failure, Outcome, read_outcomes
from pydcm.batch.running import run
from pydcm.batch.series import FoundSeries, Series, find_series

__all__ = [
    "Failure",
    "FoundSeries",
    "Outcome",
    "Series",
    "find_series",
    "read_outcomes",
    "run",
    "to_nifti",
]
