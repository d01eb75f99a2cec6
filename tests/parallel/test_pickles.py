"""Pickles hold what was changed and where the rest lies, whatever was looked at before."""

from __future__ import annotations

import copy
import datetime
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pydcm
from pydcm.dataelem import DataElement
from pydcm.dataset import Dataset
from pydcm.errors import ReadError, TruncatedError
from pydcm.fileset import FileSet
from pydcm.limits import Limits
from pydcm.multival import MultiValue
from pydcm.pixels import get_decoder, get_encoder
from pydcm.pixels.decoders.base import DecodeRunner
from pydcm.pixels.encoders.base import EncodeRunner
from pydcm.pixels.frames import FrameReader
from pydcm.pixels.model import read_model
from pydcm.sequence import Sequence
from pydcm.sr import Code, codes
from pydcm.tag import Tag
from pydcm.uid import UID, ExplicitVRLittleEndian, RLELossless
from pydcm.valuerep import DA, DS, DT, IS, TM, VR, DSdecimal, DSfloat, PersonName
from tests.fileset.making import own
from tests.synthetic import Encoding, multiframe, objects

MEGABYTE = 1 << 20

Look = Callable[[pydcm.FileDataset], object]

LOOKS: dict[str, Look] = {
    "nothing": lambda ds: None,
    "the pixels": lambda ds: ds.PixelData,
    "the array": lambda ds: ds.pixel_array,
    "every value": lambda ds: [element.value for element in ds.iterall()],
    "every item": lambda ds: [str(element.value) for element in ds],
    "the print": str,
    "a copy": copy.deepcopy,
    "JSON": lambda ds: ds.to_json(),
}


def _again(ds: Any) -> Any:
    return pickle.loads(pickle.dumps(ds))


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 frames of 512 x 512 in 50 MB, nearly all of it a hole."""
    path = tmp_path_factory.mktemp("frames") / "ct.dcm"
    assert multiframe.write_sparse(path, frames=100) > 50 * MEGABYTE
    return path


# --- size ----------------------------------------------------------------------


@pytest.mark.parametrize("look", sorted(LOOKS.keys() - {"JSON"}))
def test_a_multi_frame_image_of_50_megabytes(look: str, frames: Path) -> None:
    ds = pydcm.dcmread(frames)
    LOOKS[look](ds)
    packed = pickle.dumps(ds)
    assert len(packed) < 3000
    assert pickle.loads(packed).PixelData[-2:] == b"\2\1"


def test_an_edited_image_of_50_megabytes(frames: Path) -> None:
    ds = pydcm.dcmread(frames)
    assert len(ds.PixelData) == 50 * MEGABYTE
    ds.PatientName = "Doe^Jane"
    ds.add_new(0x00111001, "LO", "new")
    del ds.Modality
    packed = pickle.dumps(ds)
    assert len(packed) < 4000
    again = pickle.loads(packed)
    assert (again.PatientName, again[0x00111001].value, "Modality" in again) == (
        "Doe^Jane", "new", False,
    )  # fmt: skip
    assert again == ds


@pytest.mark.parametrize("look", sorted(LOOKS))
@pytest.mark.parametrize("encoding", [Encoding(), Encoding(explicit=False, undefined=True)])
def test_looking_at_a_data_set_does_not_make_its_pickle_larger(
    look: str, encoding: Encoding, tmp_path: Path
) -> None:
    path = tmp_path / "enhanced.dcm"
    path.write_bytes(objects.enhanced_ct(50, encoding))
    plain = len(pickle.dumps(pydcm.dcmread(path)))
    assert plain < path.stat().st_size + 3000
    ds = pydcm.dcmread(path)
    LOOKS[look](ds)
    packed = pickle.dumps(ds)
    assert len(packed) < plain + 500
    assert pickle.loads(packed) == pydcm.dcmread(path)


def test_long_functional_groups_of_a_large_file_stay_in_it(tmp_path: Path) -> None:
    path = tmp_path / "enhanced.dcm"
    path.write_bytes(objects.enhanced_ct(300, Encoding(undefined=True), size=16))
    assert path.stat().st_size > 300_000
    ds = pydcm.dcmread(path)
    expected = str(ds)
    packed = pickle.dumps(ds)
    assert len(packed) < 6000
    assert str(pickle.loads(packed)) == expected


@pytest.mark.parametrize("source", ["file", "bytes"])
@pytest.mark.parametrize("encoding", [Encoding(), Encoding(explicit=False, undefined=True)])
def test_an_item_is_pickled_at_its_own_size(
    source: str, encoding: Encoding, tmp_path: Path
) -> None:
    path = tmp_path / "enhanced.dcm"
    path.write_bytes(objects.enhanced_ct(200, encoding))
    ds = pydcm.dcmread(path if source == "file" else path.read_bytes())
    groups = ds.PerFrameFunctionalGroupsSequence
    last = groups[-1]
    inner = last.PlanePositionSequence[0]
    for item in (last, inner):
        packed = pickle.dumps(item)
        assert len(packed) < 4000
        again = pickle.loads(packed)
        assert again == item
        assert again.locate("FrameType") == item.locate("FrameType")
    assert _again(inner).file_tell == inner.file_tell
    value, same = inner.locate("ImagePositionPatient"), _again(inner).locate("ImagePositionPatient")
    assert value is not None
    assert same.read() == value.read()
    # Items that nobody has opened, and those that somebody has.
    again = _again(groups)
    assert len(again) == 200
    assert [str(item) for item in again] == [str(item) for item in groups]
    assert _again(last.PlanePositionSequence) == last.PlanePositionSequence


# --- what is in it ----------------------------------------------------------------


def test_changes_at_every_depth_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "enhanced.dcm"
    path.write_bytes(objects.enhanced_ct(20))
    ds = pydcm.dcmread(path)
    assert len(list(ds.iterall())) > 300
    groups = ds.PerFrameFunctionalGroupsSequence
    groups[3].PlanePositionSequence[0].ImagePositionPatient = [7, 8, 9]
    groups[4].PlanePositionSequence[0].ImagePositionPatient[0] = 77
    del groups[5].FrameContentSequence
    groups[6].FrameContentSequence.append(Dataset())
    groups[7].is_undefined_length_sequence_item = True
    groups[8].note = "an attribute of a program"
    vars(groups[9]["FrameContentSequence"])["mine"] = 1
    del groups[-1]
    again = _again(ds)
    assert again == ds
    found = again.PerFrameFunctionalGroupsSequence
    assert found[3].PlanePositionSequence[0].ImagePositionPatient == [7, 8, 9]
    assert found[4].PlanePositionSequence[0].ImagePositionPatient[0] == 77
    assert "FrameContentSequence" not in found[5]
    assert len(found[6].FrameContentSequence) == 2
    assert found[7].is_undefined_length_sequence_item
    assert found[8].note == "an attribute of a program"
    assert found[9]["FrameContentSequence"].mine == 1
    assert len(found) == 19
    # What is written is the same, too: untouched parts are still copied as they were.
    ds.save_as(tmp_path / "one.dcm")
    again.save_as(tmp_path / "two.dcm")
    assert (tmp_path / "one.dcm").read_bytes() == (tmp_path / "two.dcm").read_bytes()


def test_an_unpickled_data_set_is_written_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "every.dcm"
    path.write_bytes(objects.every_vr(Encoding(undefined=True)))
    for look in LOOKS.values():
        ds = pydcm.dcmread(path)
        look(ds)
        _again(ds).save_as(tmp_path / "copy.dcm")
        assert (tmp_path / "copy.dcm").read_bytes() == path.read_bytes()


def test_elements_do_not_change_when_others_they_were_read_by_do(tmp_path: Path) -> None:
    # Implicit VR: Smallest Image Pixel Value is US or SS, as Pixel Representation says.
    made = Dataset()
    made.PixelRepresentation = 0
    made.SmallestImagePixelValue = 65535
    made.add_new(0x00290010, "LO", "SIEMENS CSA HEADER")
    made.add_new(0x00291008, "CS", "IMAGE NUM 4")
    path = tmp_path / "implicit"
    pydcm.dcmwrite(path, made, implicit_vr=True, little_endian=True)
    ds = pydcm.dcmread(path, force=True)
    assert ds.SmallestImagePixelValue == 65535
    assert ds[0x00291008].VR == "CS"
    ds.PixelRepresentation = 1
    ds[0x00290010].value = "NOBODY KNOWS"
    again = _again(ds)
    assert again.SmallestImagePixelValue == 65535
    assert again[0x00291008].VR == "CS"
    assert again[0x00291008].value == "IMAGE NUM 4"


def test_text_that_was_read_in_another_character_set(tmp_path: Path) -> None:
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 100"
    made.PatientName = "Müller^Jörg"
    made.PatientComments = "schön"
    path = tmp_path / "latin"
    pydcm.dcmwrite(path, made, implicit_vr=False, little_endian=True)
    ds = pydcm.dcmread(path, force=True)
    assert ds.PatientName == "Müller^Jörg"
    ds.SpecificCharacterSet = "ISO_IR 192"
    again = _again(ds)
    assert (again.PatientName, again.PatientComments) == ("Müller^Jörg", "schön")


@pytest.mark.parametrize("form", [copy.copy, copy.deepcopy, lambda ds: ds.copy()])
def test_copies_can_be_pickled_and_keep_to_themselves(
    form: Callable[[pydcm.FileDataset], pydcm.FileDataset], frames: Path
) -> None:
    ds = pydcm.dcmread(frames)
    assert ds.Rows == 512
    copied = form(ds)
    copied.Rows = 8
    packed = pickle.dumps(copied)
    assert len(packed) < 3000
    assert (pickle.loads(packed).Rows, ds.Rows, _again(ds).Rows) == (8, 512, 512)


def test_a_pickle_of_bytes_holds_them_once(frames: Path) -> None:
    ds = pydcm.dcmread(frames.read_bytes())
    assert ds.pixel_array.shape == (100, 512, 512)
    size = frames.stat().st_size
    packed = pickle.dumps(ds)
    assert size < len(packed) < size + 3000
    assert np.array_equal(_again(ds).pixel_array, ds.pixel_array)


def test_data_sets_without_a_file() -> None:
    ds = own()
    ds.file_meta.ImplementationVersionName = "ONE"
    ds.OtherPatientIDsSequence = [own("1.2.9")]
    again = _again(ds)
    assert again == ds
    assert again.file_meta == ds.file_meta
    assert isinstance(again.OtherPatientIDsSequence, Sequence)


def test_defects_are_told_by_an_item_in_another_process() -> None:
    data = objects.enhanced_ct(5)
    ds = pydcm.dcmread(data[: data.rindex(b"\x20\x00\x32\x00")])
    item = ds.PerFrameFunctionalGroupsSequence[-1]
    again = _again(ds.PerFrameFunctionalGroupsSequence)[-1]
    assert str(again) == str(item)
    assert again.diagnostics == item.diagnostics != []


# --- when the file is gone ------------------------------------------------------------


def test_values_of_a_file_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(256))
    ds = pydcm.dcmread(path)
    assert len(ds.PixelData) == 2 * 256 * 256
    packed = pickle.dumps(ds)
    path.unlink()
    again = pickle.loads(packed)
    assert again.Rows == 256  # small values are in the pickle
    assert str(again.PatientName) == str(ds.PatientName)
    for ask in (lambda: again.PixelData, lambda: again.pixel_array, lambda: str(again)):
        with pytest.raises(ReadError, match="removed after it was read") as caught:
            ask()
        assert caught.value.path == str(path)
        assert caught.value.hint is not None
    # Where it is known at once that the path leads nowhere, the values go along.
    assert pickle.loads(pickle.dumps(ds)).PixelData == ds.PixelData


def test_values_of_a_file_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(256))
    packed = pickle.dumps(pydcm.dcmread(path))
    path.write_bytes(objects.ct(256)[:-1000])
    with pytest.raises(ReadError, match="changed after it was read"):
        _ = pickle.loads(packed).PixelData


def test_a_part_of_a_file_ends_where_its_items_do() -> None:
    ds = pydcm.dcmread(objects.enhanced_ct(3))
    item = _again(ds.PerFrameFunctionalGroupsSequence[1])
    with pytest.raises(TruncatedError):
        item._index.source.read(0, 4)


# --- everything else ------------------------------------------------------------------

VALUES = [
    Tag(0x0010, 0x0010),
    UID("1.2.840.10008.1.2"),
    PersonName("Doe^Jane=Doe^Jane"),
    DA("20200101"),
    DT("20200101120000.5+0100"),
    TM("120000.25"),
    DSfloat("1.50"),
    DSdecimal("1.50"),
    IS("5"),
    MultiValue(DS, ["1", "2.5"]),
    VR.OB,
    Code("10200004", "SCT", "Liver"),
    codes.SCT.Liver,
    DataElement("PatientName", "PN", "Doe^Jane"),
    Sequence([Dataset()]),
    Limits(),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values(value: object) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        packed = pickle.dumps(value, protocol)
        assert len(packed) < 500
        again = pickle.loads(packed)
        assert type(again) is type(value)
        assert again == value
        assert str(again) == str(value)


def test_dates_keep_their_text() -> None:
    again = _again(DA("2020.01.01"))
    assert (again, str(again)) == (datetime.date(2020, 1, 1), "2020.01.01")


def test_coders_and_their_runners(frames: Path) -> None:
    ds = pydcm.dcmread(frames)
    decoder = _again(get_decoder(RLELossless))
    assert RLELossless == decoder.UID
    assert decoder.available_plugins == get_decoder(RLELossless).available_plugins
    encoder = _again(get_encoder(RLELossless))
    assert encoder.available_plugins == get_encoder(RLELossless).available_plugins
    decoding = DecodeRunner(ExplicitVRLittleEndian)
    decoding.set_source(ds)
    packed = pickle.dumps(decoding)
    assert len(packed) < 4000
    assert pickle.loads(packed).rows == 512
    encoding = EncodeRunner(RLELossless)
    encoding.set_source(ds)
    assert len(pickle.dumps(encoding)) < 4000


def test_readers_of_frames(frames: Path) -> None:
    reader = FrameReader(read_model(pydcm.dcmread(frames)))
    packed = pickle.dumps(reader)
    assert len(packed) < 1000
    again = pickle.loads(packed)
    assert again.count == 100
    assert np.array_equal(again.read(99, 1), reader.read(99, 1))


def test_codes_keep_their_collections() -> None:
    assert _again(codes).SCT.Liver == codes.SCT.Liver
    assert _again(codes.cid7151).dir("liver") == codes.cid7151.dir("liver")
    assert len(pickle.dumps(codes)) < 200


def test_file_sets_and_their_instances(tmp_path: Path) -> None:
    built = FileSet()
    for number in range(200):
        built.add(own(f"1.2.3.{number}"))
    with pytest.raises(ValueError, match="write it first"):
        pickle.dumps(built)
    built.write(tmp_path)
    opened = FileSet(tmp_path / "DICOMDIR")
    packed = pickle.dumps(opened)
    assert len(packed) < 500
    assert len(pickle.loads(packed)) == 200
    instance = opened.find(SOPInstanceUID="1.2.3.7")[0]
    packed = pickle.dumps(instance)
    assert len(packed) < 500
    assert pickle.loads(packed).load() == instance.load()
