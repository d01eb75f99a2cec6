"""Elements as attributes: getting, setting, deleting, and what looks like a keyword."""

from __future__ import annotations

import pytest

import pydcm
from tests.snippets import Difference, assert_alike, assert_different, lines

GETTING = lines("""
ds.PatientID, ds.PatientName, ds.Rows, ds.ImageType, ds.PixelSpacing, ds.BeamSequence
ds.Foo
ds.foo
ds.PatientBirthDate
ds.PatientBirthDate()
getattr(ds, "PatientBirthDate", "d"), getattr(ds, "Foo", 3), hasattr(ds, "Foo"), hasattr(ds, "Rows")
ds.OverlayRows
ds.add_new(0x60000010, "US", 5); ds
ds.add_new(0x60000010, "US", 5); ds.OverlayRows
ds.foo = 3; see(ds.foo); del ds.foo; ds.foo
del ds.PatientID; ds
del ds.Foo
del ds.PatientBirthDate
""")

NAMES = [
    f"ds.{name} = 3; ds.{name}"
    for name in (
        "x _x F Fo Foo Foo1 FOO FOOBAR FooBar fooBar foo_bar Foo_Bar FooBar_ _FooBar A1B "
        "patientName PatientNam PatientNames fOO fooB aBaa aaBa aaB aB3a B333 a33B"
    ).split()
]

RULES = lines("""
config.INVALID_KEYWORD_BEHAVIOR = "RAISE"; ds.PatientNames = 3
config.INVALID_KEYWORD_BEHAVIOR = "RAISE"; ds.fooBar = 3
config.INVALID_KEYWORD_BEHAVIOR = "IGNORE"; ds.PatientNames = 3; ds.PatientNames
config.INVALID_KEYWORD_BEHAVIOR = "RAISE"; ds.PatientName = "x"; ds.PatientName
ds.OverlayData = b"ab"
ds.OverlayRows = 5
ds.CurveData = b"1"
setattr(ds, "", 1)
""")

SETTING = lines("""
ds.PixelData = b"1234"; ds
ds.PixelData = None; ds
ds.Rows = "5"; ds
ds.Rows = None; ds
ds.Rows = [1, 2]; ds
ds.Rows = -1; ds
ds.Rows = 1.5; ds
ds.Rows = []; ds
ds.PatientID = 5; ds
ds.PatientID = "a\\\\b"; ds
ds.PatientID = ""; ds
ds.PatientID = None; ds
ds.PatientID = []; ds
ds.PatientID = ["a"]; ds
ds.PatientID = b"x"; ds
ds.PatientID = b"x\\\\y"; ds
ds.PatientID = "a" * 65; ds
ds.BeamSequence = None; ds
ds.BeamSequence = []; ds
ds.BeamSequence = Dataset()
ds.BeamSequence = make()
ds.BeamSequence = Sequence([Dataset()]); ds
ds.BeamSequence = (Dataset(),); ds
ds.BeamSequence = 5
ds.BeamSequence = [Dataset(), 5]
s = Sequence([Dataset()]); ds.BeamSequence = s; ds.BeamSequence is s
ds.SmallestImagePixelValue = 3; ds
ds.SOPInstanceUID = "abc"; ds
ds.SOPInstanceUID = ""; ds
ds.SOPInstanceUID = None; ds
ds.SOPInstanceUID = b"1.2"; ds
ds.SOPInstanceUID = ["1.2", "1.3"]; ds
ds.PatientName = None; ds
ds.PatientName = ""; ds
ds.PatientName = ["A", "B"]; ds
ds.PatientName = b"A^B"; ds
ds.PixelSpacing = [1, 2]; ds
ds.PixelSpacing = 1; ds
ds.PixelSpacing = "1\\\\2"; ds
ds.PixelSpacing = [1.123456789012345678, 2]; ds
ds.PixelSpacing = "abc"
ds.PixelSpacing = ""; ds
ds.InstanceNumber = 5; ds
ds.InstanceNumber = "5"; ds
ds.InstanceNumber = 5.5
ds.InstanceNumber = ""; ds
ds.InstanceNumber = b""; ds
ds.InstanceNumber = "abc"
ds.InstanceNumber = None; ds
ds.FrameIncrementPointer = 0x00180040; ds
ds.FrameIncrementPointer = "Rows"; ds
ds.FrameIncrementPointer = [0x00180040, (0x18, 0x41)]; ds
ds.FrameIncrementPointer = None; ds
ds.FrameIncrementPointer = "Foo"
ds.StudyDate = "20200101"; ds
ds.StudyDate = "2020"; ds
import datetime; ds.StudyDate = datetime.date(2020, 1, 1); ds
config.datetime_conversion = True; import datetime; ds.StudyDate = datetime.date(2020, 1, 1); ds
config.datetime_conversion = True; ds.StudyTime = "101010.5"; ds.AcquisitionDateTime = "2020"; ds
config.use_DS_decimal = True; ds.PixelSpacing = ["1.0", "2.5"]; ds
config.use_none_as_empty_text_VR_value = True; ds.PatientID = ""; ds["Rows"].clear(); ds
import numpy; ds.PixelSpacing = numpy.array([1.5, 2.5]); ds
import numpy; ds.Rows = numpy.uint16(7); ds
import array; ds.PixelSpacing = array.array("d", [1.5, 2.5]); ds
""")

DIFFERENT = [
    Difference(
        "ds.PixelData = bytearray(b'12'); ds['PixelData'].VR = 'OB'; encode(ds)",
        "ds.PixelData = b'12'; ds['PixelData'].VR = 'OB'; encode(ds)",
        "A bytearray is bytes, not a list of numbers",
    ),
]


@pytest.mark.parametrize("code", GETTING + NAMES + RULES)
def test_names(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", SETTING)
def test_setting(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)


def test_the_warning_points_at_the_line_that_causes_it() -> None:
    ds = pydcm.Dataset()
    with pytest.warns(UserWarning, match="PatientNames") as caught:
        ds.PatientNames = 3
    assert caught[0].filename == __file__


def test_setting_keeps_the_element() -> None:
    ds = pydcm.Dataset()
    ds.add_new("PatientID", "SH", "a")
    before = ds["PatientID"]
    ds.PatientID = "b"
    assert ds["PatientID"] is before
    assert (before.VR, before.value) == ("SH", "b")
