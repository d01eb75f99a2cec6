"""Elements of single-frame and enhanced images, and what is unreadable in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import pydcm
from pydcm import Dataset
from pydcm.vendors.header import Header, private_block, values_of
from pydcm.vendors.manufacturer import maker
from pydcm.vendors.protocol import read_protocol
from tests.shared import CORPUS, needs_corpus


def _with(group: Dataset, keyword: str, **values: object) -> Dataset:
    item = Dataset()
    for name, value in values.items():
        setattr(item, name, value)
    setattr(group, keyword, [item])
    return item


def _enhanced() -> Dataset:
    ds, shared = Dataset(), Dataset()
    _with(shared, "MRTimingAndRelatedParametersSequence", RepetitionTime="500", FlipAngle="52")
    frames = []
    for time in (30.0, 45.0):
        frame = Dataset()
        _with(frame, "MREchoSequence", EffectiveEchoTime=time)
        inner = _with(frame, "MRImageFrameTypeSequence", FrameType=["ORIGINAL", "PRIMARY"])
        inner.private_block(0x21, "MADE UP", create=True).add_new(0x77, "LO", f"echo {time:g}")
        frames.append(frame)
    ds.SharedFunctionalGroupsSequence = [shared]
    ds.PerFrameFunctionalGroupsSequence = frames
    return ds


def test_functional_groups_answer_for_their_frame() -> None:
    ds = _enhanced()
    for frame, echo in enumerate((30.0, 45.0)):
        header = Header(ds, frame)
        assert header.number("RepetitionTime") == 500
        assert header.number("EffectiveEchoTime") == echo
        assert header.private_text(0x21, "MADE UP", 0x77) == f"echo {echo:g}"


def test_a_frame_that_is_not_there_has_the_shared_groups_only() -> None:
    header = Header(_enhanced(), 2)
    assert header.number("RepetitionTime") == 500
    assert header.number("EffectiveEchoTime") is None


def test_the_data_set_itself_counts_before_its_groups() -> None:
    ds = _enhanced()
    ds.RepetitionTime = "700"
    assert Header(ds).number("RepetitionTime") == 700


@pytest.mark.parametrize(
    ("vr", "value"), [("FD", float("nan")), ("FD", float("inf")), ("FL", 1.7e38), ("LO", "many")]
)
def test_what_is_no_number_is_not_known(vr: str, value: object) -> None:
    ds = Dataset()
    ds.private_block(0x21, "MADE UP", create=True).add_new(0x01, vr, value)
    assert Header(ds).private_number(0x21, "MADE UP", 0x01) is None


def test_numbers_whose_vr_was_lost_are_read_as_text() -> None:
    ds = Dataset()
    ds.private_block(0x21, "MADE UP", create=True).add_new(0x01, "UN", b"0.5\\1 ")
    assert Header(ds).private_numbers(0x21, "MADE UP", 0x01) == (0.5, 1.0)


def test_whole_numbers_only_where_they_are_asked_for() -> None:
    ds = Dataset()
    ds.EchoTime = "22.6"
    ds.Rows = 64
    header = Header(ds)
    assert header.integer("Rows") == 64
    assert header.integer("EchoTime") is None
    assert header.number("EchoTime") == 22.6


def test_a_name_is_one_value() -> None:
    ds = Dataset()
    ds.PatientName = "Doe^Jane"
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    assert Header(ds).texts("PatientName") == ("Doe^Jane",)
    assert values_of(ds, "ImageType") == ("ORIGINAL", "PRIMARY")
    assert values_of(ds, "PatientID") == ()


def test_blocks_are_found_whatever_their_case_and_place() -> None:
    ds = Dataset()
    ds.add_new(0x002100FF, "LO", "Made Up ")
    ds.add_new(0x00210010, "LO", "ANOTHER")
    assert private_block(ds, 0x21, "MADE UP") == 0x0021FF00
    assert private_block(ds, 0x21, "NOBODY") is None


def test_what_is_read_once_is_kept() -> None:
    header = Header(Dataset())
    calls: list[Header] = []

    def read(of: Header) -> int:
        calls.append(of)
        return len(calls)

    assert header.once(read) == header.once(read) == 1


@pytest.mark.parametrize(
    ("manufacturer", "name"),
    [
        ("SIEMENS", "Siemens"),
        ("Siemens HealthCare GmbH", "Siemens"),
        ("GE MEDICAL SYSTEMS", "GE"),
        ("Gentle Machines", ""),
        ("Philips Medical Systems", "Philips"),
        ("UIH", "UIH"),
        ("TOSHIBA_MEC", "Toshiba"),
        ("CANON_MEC", "Canon"),
        ("", ""),
    ],
)
def test_makers(manufacturer: str, name: str) -> None:
    ds = Dataset()
    ds.Manufacturer = manufacturer
    assert maker(Header(ds)) == name


def _values(text: str) -> dict[str, str]:
    return dict(
        read_protocol(f"x\n### ASCCONV BEGIN object=A ###\n{text}\n### ASCCONV END ###\ny = 1")
    )


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("a.b[0] = 64", "64"),
        ("a.b[0]\t = \t-0.5", "-0.5"),
        ('a.b[0] = ""a # b""', "a # b"),
        ("a.b[0] = 0x10 # hexadecimal", "0x10"),
        ("a.b[0] =", ""),
    ],
)
def test_assignments_of_protocols(line: str, value: str) -> None:
    assert _values(line) == {"a.b[0]": value}


def test_text_without_assignments() -> None:
    assert dict(read_protocol("a = 1")) == {}
    assert _values("no assignment\n= 3\n") == {}


@pytest.mark.parametrize(
    ("text", "number"),
    [("0x10", 16), ("1e3", 1000), ("0xfg", None), ("nan", None), ("1e999", None), ("", None)],
)
def test_numbers_of_protocols(text: str, number: float | None) -> None:
    protocol = read_protocol(f"### ASCCONV BEGIN ###\na = {text}\n### ASCCONV END ###")
    assert protocol.number("b", "a") == number


@needs_corpus
def test_a_real_protocol() -> None:
    path = CORPUS / "dwi" / "nibabel" / "ascconv_sample.txt"
    protocol = read_protocol(path.read_text(encoding="latin-1"))
    assert protocol.text("tSequenceFileName") == r"%SiemensSeq%\ep2d_diff"
    assert protocol.number("sProtConsistencyInfo.flNominalB0") == 2.89362
    assert protocol.number("ucScanRegionPosValid") == 1


def _private_item(header: Header) -> object:
    return header.private_text(0x0051, "SIEMENS MR HEADER", 0x0E)


@needs_corpus
@pytest.mark.parametrize(
    ("path", "read", "value"),
    [
        ("dwi/dcm_qa_nih/In/20180918Si/mr_0003/epi_pe_ap-00001.dcm", _private_item, "Tra"),
        (
            "enhanced-mf/dcm_qa_enh/In/Siemens/XA10/6_1.dcm",
            lambda header: header.private_text(0x0021, "SIEMENS MR SDI 02", 0x58),
            "64p*64",
        ),
        (
            "dwi/dcm_qa_philips/In/Magdeburg_2014/fmri/201_EPI_asc_CLEAR_0001_01.dcm",
            lambda header: header.number("MRAcquisitionFrequencyEncodingSteps"),
            64,
        ),
    ],
)
def test_elements_of_real_images(
    path: str, read: Callable[[Header], object], value: object
) -> None:
    assert read(Header(pydcm.dcmread(CORPUS / path))) == value
