"""Settings of the compatible API that change what a data set holds, and the hooks."""

from __future__ import annotations

import pytest

import pydcm
from pydcm import config
from pydcm.errors import ValueRepresentationError
from tests.snippets import Difference, assert_alike, assert_different, blocks, lines

CLASSES = lines("""
config.DS_decimal(True); r = bare(ds); see(r.PixelSpacing); config.DS_decimal(False)
config.use_DS_decimal = True; ds.PixelSpacing = ["1.0", "2.5"]; ds
config.DS_numpy(True); r = bare(ds); see(type(r.PixelSpacing).__name__, list(r.PixelSpacing))
    config.DS_numpy(False)
config.datetime_conversion = True; r = bare(ds); r.StudyDate, r.StudyTime, r.AcquisitionDateTime
import datetime; config.datetime_conversion = True; r = bare(ds)
    r.StudyDate = datetime.date(2021, 1, 1); encode(r)
config.datetime_conversion = True; r = bare(ds); r.StudyDate; r.StudyTime; encode(r)
config.use_none_as_empty_text_VR_value = True; ds.PatientID = ""; r = bare(ds); r.PatientID
ds.PatientID = ""; ds.Rows = None; ds.PixelSpacing = None; ds.BeamSequence = []
    ds.PatientName = ""; r = bare(ds); r, r.Rows
ds[0x00080050] = E(0x00080050, "UN", b"12"); bare(ds)
config.replace_un_with_known_vr = False; ds.add_new(0x00080050, "UN", b"12"); bare(ds)
config.replace_un_with_known_vr = False; E("PatientID", "UN", b"x").VR
config.show_file_meta = False; str(whole(ds))
x = encode(ds).replace(b"US\\x02\\x00\\x05\\x00", b"US\\x03\\x00\\x05\\x00\\x00")
    dcmread(io.BytesIO(x), force=True).Rows
""")

CALLBACKS = blocks("""
def call(raw, **kwargs):
    see(raw.tag, raw.VR, sorted(kwargs))
    return raw
config.data_element_callback = call; config.data_element_callback_kwargs = {"a": 1}
r = bare(ds); r.PatientID, r.Rows, r.BeamSequence[0].PatientID

def call(raw, **kwargs):
    return raw._replace(value=b"zz") if raw.tag == 0x00100020 else raw
config.data_element_callback = call; r = bare(ds); see(r.PatientID, r.BeamSequence[0].PatientID)
    encode(r)

def call(raw):
    return raw._replace(VR="SH") if raw.VR == "LO" else raw
config.data_element_callback = call; r = bare(ds); r

def call(raw):
    raise ValueError("x")
config.data_element_callback = call; r = bare(ds); see(len(r)); r.PatientID

config.data_element_callback = lambda raw: raw._replace(value=b"zz")
convert_raw_data_element(RawDataElement(Tag(0x00100020), "LO", 2, b"ab", 0, False, True))

config.data_element_callback = lambda raw: raw._replace(value=b"zz"); encode(bare(ds))
""")

LONG = '"a" * 70'

MODES = [
    f"config.settings.reading_validation_mode = {reading}; "
    f"config.settings.writing_validation_mode = {writing}; {line}"
    for reading in range(3)
    for writing in range(3)
    for line in lines("""
d = Dataset(); d.PatientID = "a" * 70; d
d = Dataset(); d.add_new("PatientID", "LO", "a" * 70); d
E("PatientID", "LO", "a" * 70)
d = Dataset(); d.SOPInstanceUID = "abc"; d
d = Dataset(); d.Rows = "x"; d
""")
]

DIFFERENT = [
    Difference(
        "config.convert_wrong_length_to_UN = True; x = encode(ds).replace(b'US\\x02\\0\\5\\0', "
        "b'US\\x03\\0\\5\\0\\0'); dcmread(io.BytesIO(x), force=True)['Rows'].VR",
        "'UN'",
        "A value that does not fit US becomes UN, as the setting says; pydicom names it US again",
    ),
    Difference(
        "config.settings.reading_validation_mode = 2; ds.PatientID = 'a' * 70",
        "ValueError",
        "The mode in force when a value is set counts, not the one when its element was made",
    ),
    Difference(
        "x = E('PatientID', 'LO', 'x'); config.settings.reading_validation_mode = 0; "
        "x.value = 'a' * 70; x.value",
        "'a' * 70",
        "The mode in force when a value is set counts, not the one when its element was made",
    ),
]


@pytest.mark.parametrize("code", CLASSES)
def test_classes_of_values(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", CALLBACKS)
def test_callback(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", MODES)
def test_validation_modes(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)


def test_a_block_has_its_own_mode_for_values_that_are_set() -> None:
    ds = pydcm.Dataset()
    with config.validation(writing=config.RAISE), pytest.raises(ValueRepresentationError):
        ds.PatientID = "a" * 70
    with config.validation(writing=config.IGNORE):
        ds.PatientID = "a" * 70
    with config.validation(writing=config.RAISE), pytest.raises(ValueRepresentationError):
        ds.PatientID = "b" * 70
    assert ds.PatientID == "a" * 70
    with pytest.warns(UserWarning, match="64"):
        ds.PatientID = "c" * 70


def test_the_mode_of_an_element_wins() -> None:
    elem = pydcm.DataElement("PatientID", "LO", "a" * 70, validation_mode=config.IGNORE)
    with config.validation(writing=config.RAISE):
        elem.value = "b" * 70
    assert elem.value == "b" * 70
    elem.validation_mode = config.RAISE
    with pytest.raises(ValueRepresentationError):
        elem.value = "c" * 70
