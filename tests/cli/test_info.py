"""``pydcm info``."""

from __future__ import annotations

import json
import re

from pydcm import __version__
from pydcm.kernels import kernels
from tests.cli.command import pydcm


def test_text_names_versions_kernels_and_syntaxes() -> None:
    text = pydcm("info").stdout
    assert f"pydcm        {__version__}" in text
    for name in kernels():
        assert f"\n{name} " in text
    runs = r"^1\.2\.840\.10008\.1\.2\.5 +(pydcm|imagecodecs) +pydcm +RLE Lossless$"
    assert re.search(runs, text, re.M)


def test_json_says_what_runs_and_why_nothing_faster() -> None:
    told = json.loads(pydcm("info", "--json", PYDCM_IMPL="").stdout)
    assert told["versions"]["pydcm"] == __version__
    assert {row["name"] for row in told["kernels"]} == set(kernels())
    for row in told["kernels"]:
        assert row["runs"] in {"reference", "numba", "accel"}
        assert bool(row["why_not_faster"]) == (row["runs"] != "accel")
        assert row["clause"].startswith(("PS3.", "ISO "))
    decodes = {row["uid"]: row["decodes"] for row in told["codecs"]}
    assert decodes["1.2.840.10008.1.2.1"] == "yes"
    assert decodes["1.2.840.10008.1.2.4.100"].startswith("no: ")
    rle = next(row for row in told["codecs"] if row["uid"] == "1.2.840.10008.1.2.5")
    assert rle["encoder"] == "pydcm"
    assert rle["decoder"] in rle["known"].split(", ")


def test_a_forced_implementation_is_given_as_the_reason() -> None:
    told = json.loads(pydcm("info", "--json", PYDCM_IMPL="reference").stdout)
    for row in told["kernels"]:
        assert row["runs"] == "reference"
        assert "numba: " in row["why_not_faster"]


def test_an_unknown_implementation_is_one_line() -> None:
    assert "PYDCM_IMPL=fast" in pydcm("info", code=1, PYDCM_IMPL="fast").stderr
