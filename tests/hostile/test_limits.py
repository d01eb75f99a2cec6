"""What the limits refuse, and what they let through when they are raised."""

from __future__ import annotations

import copy
import io
import pickle

import pytest

import pydcm
from pydcm import limits
from pydcm.errors import LimitError, PydcmError
from tests.synthetic import Encoding, objects, part10
from tests.synthetic.encoder import DEFLATED, EXPLICIT

ENCODINGS = [
    Encoding(explicit=explicit, undefined=undefined)
    for explicit in (True, False)
    for undefined in (True, False)
]


def _written(ds: pydcm.Dataset) -> bytes:
    buffer = io.BytesIO()
    pydcm.dcmwrite(buffer, ds)
    return buffer.getvalue()


def _depth(ds: pydcm.Dataset) -> int:
    depth = 0
    while "ContentSequence" in ds:
        ds = ds.ContentSequence[0]
        depth += 1
    return depth


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_deep_nesting_is_refused_by_default(encoding: Encoding) -> None:
    data = objects.nested(300, encoding)
    with pytest.raises(LimitError, match="max_depth"):
        _depth(pydcm.dcmread(data))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_deep_nesting_is_read_and_kept_where_it_is_allowed(encoding: Encoding) -> None:
    data = objects.nested(300, encoding)
    with limits.using(max_depth=300):
        assert _depth(pydcm.dcmread(data)) == 300
        assert sum(1 for _ in pydcm.dcmread(data).iterall()) == 602
        assert _written(pydcm.dcmread(data)) == data


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_everything_works_as_deep_as_the_limit(encoding: Encoding) -> None:
    depth = limits.Limits().max_depth
    data = objects.nested(depth, encoding)
    ds = pydcm.dcmread(data)
    assert _depth(ds) == depth
    assert str(ds).count("Content Sequence") == depth
    assert pickle.loads(pickle.dumps(ds)) == ds
    assert copy.deepcopy(ds) == ds
    assert pydcm.Dataset.from_json(ds.to_json()) == ds
    assert _written(ds) == data


def test_inflated_size_is_limited() -> None:
    text = Encoding().element(0x0040A160, "UT", b" " * (8 << 20))
    data = part10(text, DEFLATED)
    with limits.using(max_inflated_bytes=1 << 20), pytest.raises(LimitError, match="inflated"):
        pydcm.dcmread(data)


def test_element_count_is_limited() -> None:
    items = Encoding().sequence(0x00081140, [b""] * 5000)
    with limits.using(max_elements=1000), pytest.raises(LimitError, match="max_elements"):
        len(pydcm.dcmread(part10(items, EXPLICIT)).ReferencedImageSequence)


@pytest.mark.parametrize("length", [0xFFFFFFFE, 0xFFFFFFF0, 0x80000000, 0x7FFFFFFE])
@pytest.mark.parametrize("vr", ["OB", "UT", "SQ", "UN"])
def test_a_length_of_gigabytes_is_reported_or_refused(length: int, vr: str) -> None:
    encoding = Encoding()
    tag = {"OB": 0x00420011, "UT": 0x0040A160, "SQ": 0x00081140, "UN": 0x00091001}[vr]
    body = encoding.text(0x00080050, "SH", "A1") + encoding.header(tag, vr, length) + b"12345678"
    data = part10(body, EXPLICIT)
    assert pydcm.dcmread(data).AccessionNumber == "A1"
    with pytest.raises(PydcmError):
        list(pydcm.dcmread(data, strict=True).iterall())
    ds = pydcm.dcmread(data)
    told = [str(diagnostic) for diagnostic in ds.diagnostics]
    try:
        list(ds.iterall())
    except PydcmError as error:
        told.append(str(error))
    told += [str(diagnostic) for diagnostic in ds.diagnostics]
    assert told
