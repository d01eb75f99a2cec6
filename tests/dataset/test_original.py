"""How a data set was read, its character set, and what becomes of both when they change."""

from __future__ import annotations

import io
import warnings

import pytest

import pydcm
from tests.snippets import Difference, assert_alike, assert_different, lines

STATE = (
    "x.is_implicit_VR, x.is_little_endian, x.original_encoding, x.original_character_set, "
    "x.is_original_encoding"
)

ENCODING = [
    f"{line}; {STATE}"
    for line in lines("""
x = ds
x = bare(ds)
x = bare(ds, implicit=True)
x = bare(ds, little=False)
x = whole(ds)
x = whole(ds)[:]
x = bare(ds).group_dataset(0x10)
x = Dataset(); x.is_implicit_VR = True; x.is_little_endian = True
x = whole(ds); x.is_implicit_VR = True
x = whole(ds); x.is_little_endian = False
x = Dataset(); x.set_original_encoding(True, True)
x = Dataset(); x.set_original_encoding(True, True, "latin_1")
x = Dataset(); x.set_original_encoding(True, True, ["latin_1", "utf8"])
x = Dataset(); x.set_original_encoding(None, None, "iso8859")
x = whole(ds); x.set_original_encoding(True, False, "utf8")
x = whole(ds); x.set_original_encoding(True, False)
x = FileDataset("f", ds)
x = FileDataset("f", ds, is_implicit_VR=False, is_little_endian=False)
x = FileDataset("f", {}, is_implicit_VR=False)
x = copy.deepcopy(whole(ds))
x = pickle.loads(pickle.dumps(whole(ds)))
""")
]

DEPRECATED = lines("""
ds.read_implicit_vr, ds.read_little_endian, ds.read_encoding
x = whole(ds); x.read_implicit_vr, x.read_little_endian, x.read_encoding
""")

CHARACTER_SET = lines("""
Dataset().original_character_set
ds.SpecificCharacterSet = "ISO_IR 192"; ds.is_original_encoding
ds.SpecificCharacterSet = "ISO_IR 192"; r = bare(ds)
    r.original_character_set, r.is_original_encoding
ds.SpecificCharacterSet = ["", "ISO 2022 IR 87"]; r = bare(ds); r.original_character_set
ds.SpecificCharacterSet = "ISO_IR 192"; r = bare(ds); r.BeamSequence[0].original_character_set
""")

LATIN = 'ds.SpecificCharacterSet = "ISO_IR 100"; '

CHANGES = [
    LATIN + line
    for line in lines("""
ds.PatientName = "Jör"; r = bare(ds); r.SpecificCharacterSet = "ISO_IR 192"; r.is_original_encoding
ds.PatientName = "Jör"; r = bare(ds); r.SpecificCharacterSet = "ISO_IR 192"; see(r.PatientName)
    encode(r)
ds.PatientID = "ö"; r = bare(ds); r.SpecificCharacterSet = "ISO_IR 192"; r.PatientID
ds.PatientID = "ö"; r = bare(ds); r["SpecificCharacterSet"].value = "ISO_IR 192"; r.PatientID
ds.PatientID = "ö"; r = bare(ds)
    r["SpecificCharacterSet"] = E("SpecificCharacterSet", "CS", "ISO_IR 192"); see(r.PatientID)
    encode(r)
ds.PatientID = "ö"; r = bare(ds); del r.SpecificCharacterSet; r.PatientID
ds.PatientID = "ö"; r = bare(ds); r.pop("SpecificCharacterSet"); r.PatientID
ds.PatientID = "ö"; r = bare(ds); r.clear(); r.PatientID = "ö"; encode(r)
ds.PatientID = "ö"; r = bare(ds); r.PatientID; r.SpecificCharacterSet = "ISO_IR 192"; r.decode()
    r.PatientID
ds.PatientID = "ö"; r = bare(ds); r.SpecificCharacterSet = "ISO_IR 192"; r.decode()
    see(r.PatientID); encode(r)
ds.BeamSequence[0].PatientID = "ö"; r = bare(ds); r.SpecificCharacterSet = "ISO_IR 192"
    r.decode(); see(r.BeamSequence[0].PatientID); encode(r)
ds.BeamSequence[0].PatientID = "ö"; r = bare(ds); r.BeamSequence[0].PatientID
    r.SpecificCharacterSet = "ISO_IR 192"; encode(r)
ds.BeamSequence[0].PatientID = "ö"; r = bare(ds); del r.SpecificCharacterSet
    r.BeamSequence[0].PatientID
ds.BeamSequence[0].SpecificCharacterSet = "ISO_IR 192"; ds.BeamSequence[0].PatientID = "ö"
    r = bare(ds); r.BeamSequence[0].PatientID
ds.BeamSequence[0].SpecificCharacterSet = "ISO_IR 192"; ds.BeamSequence[0].PatientID = "ö"
    r = bare(ds); r.BeamSequence[0].original_character_set
ds.PatientID = "ö"; x = Dataset(); x.add(bare(ds)["PatientID"])
    x.SpecificCharacterSet = "ISO_IR 192"; encode(x)
""")
]

DECODING = lines("""
ds.SpecificCharacterSet = "ISO_IR 192"; ds["PatientID"]._value = "ö".encode(); ds.decode()
    ds.PatientID
ds.SpecificCharacterSet = "ISO_IR 192"; ds.PatientName = b"\\xc3\\xb6^a"; ds.decode()
    ds.PatientName
ds.PatientName = b"\\xf6^a"; ds.decode(); ds.PatientName
ds.SpecificCharacterSet = "ISO_IR 192"; x = ds.BeamSequence[0]; x.PatientName = b"\\xc3\\xb6^a"
    ds.decode(); x.PatientName
ds.SpecificCharacterSet = "ISO_IR 192"; x = ds.BeamSequence[0]
    x.SpecificCharacterSet = "ISO_IR 100"; x.PatientName = b"\\xf6^a"; ds.decode(); x.PatientName
""")

DIFFERENT = [
    Difference(
        "i = whole(ds).BeamSequence[0]\n"
        "i.is_implicit_VR, i.is_little_endian, i.is_original_encoding",
        "False, True, True",
        "An item knows how it was read, as a data set does",
    ),
    Difference(
        "x = Dataset(bare(ds)); x.original_encoding, x.is_implicit_VR",
        "(False, True), False",
        "What was taken over from a data set that was read still knows how",
    ),
    Difference(
        "m = make_meta(); m.original_encoding, m.is_implicit_VR, m.is_little_endian",
        "(False, True), False, True",
        "PS3.10 7.1: group 0002 is always Explicit VR Little Endian",
    ),
    Difference(
        LATIN + 'ds.BeamSequence[0].PatientID = "ö"; r = bare(ds); r.SpecificCharacterSet = '
        '"ISO_IR 192"; bare(r).BeamSequence[0].PatientID',
        '"ö"',
        "Text in items that nobody opened is converted to the new character set; pydicom writes "
        "its old bytes under the new declaration",
    ),
]


@pytest.mark.parametrize("code", ENCODING + DEPRECATED)
def test_encoding(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", CHARACTER_SET + CHANGES + DECODING)
def test_character_set(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)


@pytest.mark.parametrize("name", ["is_implicit_VR", "is_little_endian"])
def test_deprecation_points_at_the_line_that_causes_it(name: str) -> None:
    ds = pydcm.Dataset()
    with pytest.warns(DeprecationWarning, match=name) as caught:
        setattr(ds, name, True)
    assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="read_encoding") as caught:
        assert ds.read_encoding == ""
    assert caught[0].filename == __file__


def test_an_unknown_character_set_warns_and_reads_on() -> None:
    ds = pydcm.Dataset()
    ds.SpecificCharacterSet = "FOO"
    ds.PatientName = "Doe"
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydcm.dcmwrite(stream, ds, implicit_vr=False, little_endian=True)
    with pytest.warns(UserWarning, match="FOO"):
        assert pydcm.dcmread(stream.getvalue(), force=True).PatientName == "Doe"
