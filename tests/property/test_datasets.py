"""What is read is what was encoded, and what is written is what was read."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pydcm
from pydcm.errors import PydcmError
from pydcm.uid import UID
from tests.property.strategies import Branch, Leaf, Tree, encodings, trees
from tests.synthetic import Encoding, splice, tokenise

# the number of examples and their order are those of the profile in tests/conftest.py
usual = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def write(ds: pydcm.Dataset) -> bytes:
    buffer = io.BytesIO()
    pydcm.dcmwrite(buffer, ds)
    return buffer.getvalue()


def plain(leaf: Leaf) -> list[object]:
    """Return the values of a leaf as they should read."""
    convert = {"DS": float, "IS": int}.get(leaf.vr)
    values = [convert(str(value)) if convert else value for value in leaf.values]
    return [] if values in ([""], [b""]) else values


def found(element: pydcm.DataElement) -> list[object]:
    """Return the values of an element that was read, as plain objects."""
    value = element.value
    if value is None or element.VM == 0:
        return []
    values: Iterable[object] = value if element.VM > 1 else [value]
    plainly = {"DS": float, "IS": int, "PN": str, "UI": str, "AT": int}.get(element.VR)
    return [plainly(one) if plainly else one for one in values]


def assert_holds(ds: pydcm.Dataset, tree: Tree) -> None:
    tags = list(ds.keys())
    assert [int(tag) for tag in tags if tag != 0x00080005] == [e.tag for e in tree.elements]
    for wanted in tree.elements:
        element = ds[wanted.tag]
        assert wanted.vr == element.VR or (wanted.vr == "UN" and element.tag.is_private)
        if isinstance(wanted, Branch):
            assert len(element.value) == len(wanted.items)
            for item, tree_ in zip(element.value, wanted.items, strict=True):
                assert_holds(item, tree_)
        else:
            assert found(element) == plain(wanted)


@usual
@given(trees(), encodings)
def test_values_are_those_that_were_encoded(tree: Tree, encoding: Encoding) -> None:
    assert_holds(pydcm.dcmread(tree.file(encoding)), tree)


@usual
@given(trees())
def test_deflated_values_are_those_that_were_encoded(tree: Tree) -> None:
    data = tree.file(Encoding(), deflated=True)
    ds = pydcm.dcmread(data)
    assert_holds(ds, tree)
    assert write(ds) == data


@usual
@given(trees(), encodings)
def test_bytes_are_kept(tree: Tree, encoding: Encoding) -> None:
    data = tree.file(encoding)
    ds = pydcm.dcmread(data)
    assert write(ds) == data
    assert_holds(ds, tree)
    assert write(ds) == data
    assert write(copy.deepcopy(ds)) == data
    assert write(pickle.loads(pickle.dumps(ds))) == data


@usual
@given(trees(), encodings, encodings)
def test_values_survive_another_encoding(tree: Tree, first: Encoding, second: Encoding) -> None:
    ds = pydcm.dcmread(tree.file(first))
    buffer = io.BytesIO()
    ds.file_meta.TransferSyntaxUID = UID(second.syntax)
    pydcm.dcmwrite(buffer, ds, implicit_vr=not second.explicit, little_endian=second.little)
    again = pydcm.dcmread(buffer.getvalue())
    assert again == ds
    assert_holds(again, tree)


@usual
@given(trees())
def test_json_gives_the_values_back(tree: Tree) -> None:
    ds = pydcm.dcmread(tree.file(Encoding()))
    again = pydcm.Dataset.from_json(ds.to_json())
    assert again.to_json_dict() == ds.to_json_dict()
    assert list(again.keys()) == list(ds.keys())


@usual
@given(trees(), encodings, st.data())
def test_removing_one_element_keeps_all_others(
    tree: Tree, encoding: Encoding, data: st.DataObject
) -> None:
    file = tree.file(encoding)
    document = tokenise(file)
    ds = pydcm.dcmread(file)
    token = data.draw(st.sampled_from(document.root.children))
    del ds[token.tag]
    if token.tag == 0x00080005:
        return  # without its character set the rest is another text
    assert write(ds) == splice(document, token, b"")


@usual
@given(st.binary(max_size=400), st.booleans(), st.booleans())
def test_any_bytes_are_read_or_refused(noise: bytes, prefixed: bool, strict: bool) -> None:
    data = (bytes(128) + b"DICM" if prefixed else b"") + noise
    try:
        ds = pydcm.dcmread(data, force=True, strict=strict)
        values = [element.value for element in ds.iterall()]
    except PydcmError as error:
        reason = str(error)
    else:
        reason = f"{len(values)} values"
    assert reason
