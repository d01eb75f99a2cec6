"""Small things that a program may do, done with pydicom and with this package: the same.

The tables lie in ``behaviours/``: a line is a snippet, and ``«a ¦ b»`` in it
stands for one snippet with each. What was seen, the exceptions' types and the
warnings' categories are compared. What differs on purpose is in
``behaviours/differences.tsv``, by snippet, with its reason; an entry that does
not differ any more fails.
"""

from __future__ import annotations

import csv
import importlib
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir, contextmanager, nullcontext
from functools import cache
from pathlib import Path

import pytest

from tests.snippets import OURS, PRELUDE, THEIRS, Outcome, agree, run

pytest.importorskip("pydicom", minversion="3.0.2")
pytest.importorskip("numpy")

TABLES = Path(__file__).with_name("behaviours")


@pytest.fixture(scope="module", autouse=True)
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run in a folder of its own: some snippets write into the one they are in."""
    with chdir(tmp_path_factory.mktemp("behaviours")):
        yield


MODULES = (
    "charset datadict encaps filebase fileutil filewriter hooks jsonrep misc tag uid valuerep"
    " values util.codify util.dump util.hexutil pixels.utils=pixutils sr.coding sr.codedict"
    " fileset waveforms"
)

MORE = (
    PRELUDE
    + f"""
import datetime, importlib, itertools, pathlib
for name in {MODULES!r}.split():
    name, _, short = name.partition("=")
    module = importlib.import_module(library.__name__ + "." + name)
    globals()[short or name.split(".")[-1]] = module
Code, codes = coding.Code, codedict.codes

def image(bits, samples, **more):
    made = Dataset()
    made.file_meta = make_meta()
    made.Rows, made.Columns, made.SamplesPerPixel = 2, 3, samples
    made.PhotometricInterpretation = "MONOCHROME2" if samples == 1 else "RGB"
    if samples > 1:
        made.PlanarConfiguration = 0
    made.BitsAllocated = made.BitsStored = bits
    made.HighBit, made.PixelRepresentation = bits - 1, 0
    count = (6 * samples * bits + 7) // 8
    made.PixelData = bytes(range(count)) + b"\\0" * (count % 2)
    made["PixelData"].VR = "OB" if bits <= 8 else "OW"
    for keyword, value in more.items():
        setattr(made, keyword, value)
    made.set_original_encoding(False, True)
    return made
"""
)
"""What snippets find, besides what all of them do."""


def expand(line: str) -> list[str]:
    """Return the snippets that a line stands for."""
    pieces = re.split(r"«(.*?)»", line)
    choices = [[piece.strip() for piece in text.split("¦")] for text in pieces[1::2]]
    return [
        pieces[0] + "".join(one + rest for one, rest in zip(chosen, pieces[2::2], strict=True))
        for chosen in itertools.product(*choices)
    ]


def _snippets() -> list[str]:
    found: list[str] = []
    for path in sorted(TABLES.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                found.extend(expand(line))
    return found


def _differences() -> dict[str, str]:
    """Return the reason for each snippet that differs on purpose."""
    text = (TABLES / "differences.tsv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()[1:], delimiter="\t", quoting=csv.QUOTE_NONE))
    reasons: dict[str, str] = {}
    for line, reason in rows:
        reasons.update(dict.fromkeys(expand(line), reason))
    return reasons


SNIPPETS = _snippets()
DIFFERENCES = _differences()


@cache
def _outcomes(code: str) -> tuple[Outcome, Outcome]:
    outcomes = []
    for library in (OURS, THEIRS):
        with _registries_kept(library.package) if "datadict.add" in code else nullcontext():
            outcomes.append(_told_once(run(library, code, MORE)))
    return outcomes[0], outcomes[1]


@contextmanager
def _registries_kept(package: str) -> Iterator[None]:
    """Take back what a snippet adds to the dictionaries; it adds no creator that is known."""
    datadict = importlib.import_module(f"{package}.datadict")
    registries = (datadict.DicomDictionary, datadict.keyword_dict, datadict.private_dictionaries)
    before = [set(registry) for registry in registries]
    try:
        yield
    finally:
        for registry, known in zip(registries, before, strict=True):
            for key in set(registry) - known:
                del registry[key]


def _told_once(outcome: Outcome) -> Outcome:
    """Return an outcome with each category of warnings once; how often one comes is no contract."""
    return outcome._replace(warned=sorted(set(outcome.warned)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("code", SNIPPETS)
def test_behaviour(code: str) -> None:
    ours, theirs = _outcomes(code)
    if code in DIFFERENCES:
        assert not agree(ours, theirs), "no difference any more"
        return
    assert ours.seen == theirs.seen
    assert agree(ours, theirs), (
        f"ours raised {set(ours.raised)} and warned of {ours.warned}, "
        f"theirs raised {set(theirs.raised)} and warned of {theirs.warned}"
    )


def test_there_are_enough_and_none_stands_twice() -> None:
    assert len(SNIPPETS) >= 1000
    twice = [code for code, count in Counter(SNIPPETS).items() if count > 1]
    assert not twice


def test_every_difference_is_of_a_behaviour_and_has_a_reason() -> None:
    assert set(DIFFERENCES) <= set(SNIPPETS)
    assert all(reason.endswith(".") for reason in DIFFERENCES.values())
    assert len(DIFFERENCES) < len(SNIPPETS) / 20
