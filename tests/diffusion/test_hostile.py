"""Values that no gradient can have: never a wrong entry, never another exception."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pydcm import dcmread, diffusion_table, load_dwi
from pydcm.dataset import Dataset
from pydcm.diffusion import diffusion_survey
from pydcm.diffusion.gradients import DiffusionFrame, diffusion_frames
from pydcm.errors import MissingElementError, PydcmError
from tests.diffusion.made import (
    AXIAL,
    GRADIENTS,
    enhanced,
    ge,
    image,
    philips,
    save,
    siemens,
    standard,
    uih,
    write_series,
)

NAN, INF = float("nan"), float("inf")


def _element(tag: int, vr: str, value: object) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        dataset.add_new(tag, vr, value)

    return change


BROKEN: dict[str, tuple[Callable[..., None], Callable[[Dataset], None], str]] = {
    "b is not a number": (standard, _element(0x00189087, "FD", NAN), "finite"),
    "b is infinite": (standard, _element(0x00189087, "FD", INF), "finite"),
    "b is negative": (standard, _element(0x00189087, "FD", -1000.0), "no b-value"),
    "b is absurd": (standard, _element(0x00189087, "FD", 1e9), "no b-value"),
    "two b-values": (standard, _element(0x00189087, "FD", [0.0, 1000.0]), "2 values where 1"),
    "direction is not a number": (
        standard,
        _element(0x00189089, "FD", [0.0, NAN, 1.0]),
        "finite",
    ),
    "two components": (standard, _element(0x00189089, "FD", [0.0, 1.0]), "2 values where 3"),
    "six components": (standard, _element(0x00189089, "FD", [0.0] * 6), "6 values where 3"),
    "direction too long": (standard, _element(0x00189089, "FD", [1.0, 1.0, 0.0]), "length 1.414"),
    "direction too short": (standard, _element(0x00189089, "FD", [0.0, 0.5, 0.0]), "length 0.5"),
    "cosines of no plane": (
        standard,
        _element(0x00200037, "DS", [1, 0, 0, 1, 0, 0]),
        "perpendicular",
    ),
    "Siemens direction of two": (siemens, _element(0x0019100E, "FD", [0.0, 1.0]), "2 values"),
    "Siemens b-value of bytes": (siemens, _element(0x0019100C, "UN", b"12z "), "finite"),
    "GE direction too long": (ge, _element(0x001910BB, "DS", 5), "length 5"),
    "Philips b-value cut off": (philips, _element(0x20011003, "UN", b"\x00\x00"), "2"),
    "UIH direction cut off": (uih, _element(0x00651037, "UN", b"\0" * 20), "20 bytes"),
    "UIH direction of four": (
        uih,
        _element(0x00651037, "UN", struct.pack("<4d", 0, 0, 1, 0)),
        "4 values where 3",
    ),
}


@pytest.mark.filterwarnings("ignore:.*value of VR IS:UserWarning")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_gradient_is_left_out_and_named(tmp_path: Path, name: str) -> None:
    mark, break_it, reason = BROKEN[name]

    def change(dataset: Dataset) -> None:
        dataset.InPlanePhaseEncodingDirection = "COL"
        if dataset.InstanceNumber == 2:
            break_it(dataset)

    gradients = [GRADIENTS[1], GRADIENTS[2], GRADIENTS[1]]
    write_series(tmp_path, mark, gradients=gradients, slices=1, change=change)
    with pytest.warns(UserWarning, match=rf"1 file such as 002\.dcm: .*{reason}"):
        bvals, bvecs = diffusion_table(tmp_path)
    assert bvals.tolist() == [1000.0, 1000.0]
    np.testing.assert_allclose(bvecs[:, 0], bvecs[:, 1])


def test_when_all_are_broken_the_error_says_why(tmp_path: Path) -> None:
    write_series(tmp_path, change=_element(0x00189087, "FD", NAN))
    for read in (diffusion_table, load_dwi):
        with pytest.raises(MissingElementError, match=r"9 files such as 001\.dcm: .*finite"):
            read(tmp_path)


@pytest.mark.parametrize("data", [b"", b"SV10", b"SV10\x04\x03\x02\x01\xff\xff\xff\x7f\x4d\0\0\0"])
def test_a_csa_header_that_lies(tmp_path: Path, data: bytes) -> None:
    dataset = image(1, AXIAL, 0)
    dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", data)
    save(dataset, tmp_path / "1.dcm")
    with pytest.raises(MissingElementError):
        diffusion_table(tmp_path)


def test_functional_groups_for_another_number_of_frames(tmp_path: Path) -> None:
    dataset = enhanced([(700.0, (0.0, 1.0, 0.0), "DIRECTIONAL")])
    dataset.NumberOfFrames = 5
    save(dataset, tmp_path / "enhanced.dcm")
    with pytest.raises(MissingElementError, match="5 frames, but functional groups for 2"):
        diffusion_table(tmp_path)


def test_a_truncated_file_is_left_out(tmp_path: Path) -> None:
    files = write_series(tmp_path)
    content = files[4].read_bytes()
    cut = content.index(b"\x18\x00\x87\x90") + 4
    files[4].write_bytes(content[:cut])
    found = diffusion_survey(tmp_path)
    assert len(found.frames) == 8


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A file of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    files = []
    for number, mark in enumerate([standard, siemens, ge, philips, uih]):
        files += write_series(folder / str(number), mark, gradients=GRADIENTS[1:2], slices=1)
    frames = [(700.0, (0.0, 1.0, 0.0), "DIRECTIONAL")]
    files.append(save(enhanced(frames), folder / "enhanced.dcm"))
    return [file.read_bytes() for file in files]


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 5),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
)
def test_any_bytes_give_a_whole_gradient_or_a_pydcm_error(
    whole: list[bytes], kind: int, changes: list[tuple[float, int]]
) -> None:
    content = bytearray(whole[kind])
    start = 132  # what comes before is not looked at
    for place, byte in changes:
        content[start + int(place * (len(content) - start))] = byte
    try:
        frames = list(diffusion_frames(dcmread(bytes(content)), "made.dcm"))
        directions = [frame.in_image() for frame in frames if isinstance(frame, DiffusionFrame)]
    except PydcmError:
        return
    for direction in directions:
        length = np.linalg.norm(direction)
        assert length == pytest.approx(1.0) or length == 0
