from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import pydcm
from pydcm.errors import BackendError, ColorProfileError, UnsupportedValueError
from pydcm.pixels import apply_icc_profile, create_icc_transform
from tests.pixels.twins import outcome, same, twins

theirs = pytest.importorskip("pydicom.pixels.processing")
cms = pytest.importorskip("PIL.ImageCms")

RGB = np.random.default_rng(3).integers(0, 256, (20, 30, 3)).astype(np.uint8)


def _swapped() -> bytes:
    """Return a profile that is sRGB with red and green exchanged, so that it does something."""
    profile = bytearray(cms.ImageCmsProfile(cms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


PROFILE = _swapped()


@pytest.mark.parametrize("intent", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("space", [None, "sRGB", "SRGB"])
def test_as_pydicom_applies_it(intent: int | None, space: str | None) -> None:
    ours, peer = twins(ICCProfile=PROFILE)
    found, expected = RGB.copy(), RGB.copy()
    assert apply_icc_profile(found, ours, intent=intent, color_space=space) is found
    theirs.apply_icc_profile(expected, peer, intent=intent, color_space=space)
    assert same(found, expected)
    assert not same(found, RGB)


def test_frames_one_by_one() -> None:
    ours, _ = twins(ICCProfile=PROFILE, ColorSpace="SRGB")
    stack = np.stack([RGB, RGB[::-1]])
    apply_icc_profile(stack, ours)
    assert same(stack[0], apply_icc_profile(RGB.copy(), ours))
    assert same(stack[1], stack[0][::-1])
    assert apply_icc_profile(np.zeros((0, 4, 3), np.uint8), ours).size == 0


def test_with_a_transform() -> None:
    ours, peer = twins(ICCProfile=PROFILE)
    transform = create_icc_transform(icc_profile=PROFILE)
    expected = theirs.apply_icc_profile(RGB.copy(), peer)
    assert same(apply_icc_profile(RGB.copy(), transform=transform), expected)
    assert same(apply_icc_profile(RGB.copy(), transform=create_icc_transform(ours)), expected)


@pytest.mark.parametrize("profile", [b"", b"garbage", PROFILE[:200], bytes(128)])
def test_no_profile(profile: bytes) -> None:
    ours, peer = twins(ICCProfile=profile)
    expected = outcome(theirs.create_icc_transform, peer)
    assert isinstance(expected, (OSError, ValueError, cms.PyCMSError))
    with pytest.raises(ColorProfileError) as caught:
        create_icc_transform(ours)
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value, ValueError)


def test_a_profile_that_is_not_for_rgb() -> None:
    lab = cms.ImageCmsProfile(cms.createProfile("LAB")).tobytes()
    with pytest.raises(ColorProfileError, match="cannot"):
        create_icc_transform(icc_profile=lab)
    with pytest.raises(ColorProfileError, match="cannot"):
        create_icc_transform(icc_profile=PROFILE, color_space="LAB")


@pytest.mark.parametrize("space", ["ADOBERGB", "foo"])
def test_colour_spaces_that_pillow_does_not_have(space: str) -> None:
    ours, peer = twins(ICCProfile=PROFILE, ColorSpace=space)
    assert isinstance(outcome(theirs.create_icc_transform, peer), ValueError)
    with pytest.raises(UnsupportedValueError, match="color_space='sRGB'"):
        create_icc_transform(ours)
    with pytest.raises(UnsupportedValueError):
        create_icc_transform(icc_profile=PROFILE, color_space=space)
    assert create_icc_transform(ours, color_space="sRGB").inputMode == "RGB"


@pytest.mark.parametrize("options", [
    {}, {"ds": 1, "icc_profile": PROFILE}, {"ds": 1, "intent": 4}, {"ds": 1, "intent": -1},
])  # fmt: skip
def test_wrong_arguments_for_a_transform(options: dict[str, Any]) -> None:
    ours, peer = twins(ICCProfile=PROFILE)
    with pytest.raises(ValueError, match=r"ICC transform|intents"):
        create_icc_transform(**{**options, **({"ds": ours} if options else {})})
    found = outcome(theirs.create_icc_transform, **{**options, **({"ds": peer} if options else {})})
    assert isinstance(found, ValueError)


@pytest.mark.parametrize(
    "array", [RGB[0], RGB[None, None], RGB[..., :2], RGB.astype(np.uint16)], ids=lambda a: a.shape
)
def test_wrong_arrays(array: Any) -> None:
    ours, peer = twins(ICCProfile=PROFILE)
    expected = outcome(theirs.apply_icc_profile, array, peer)
    with pytest.raises(type(expected)):
        apply_icc_profile(array, ours)


def test_data_set_or_transform() -> None:
    ours, _ = twins(ICCProfile=PROFILE)
    with pytest.raises(ValueError, match="give one"):
        apply_icc_profile(RGB)
    with pytest.raises(ValueError, match="give one"):
        apply_icc_profile(RGB, ours, create_icc_transform(ours))
    with pytest.raises(ColorProfileError, match="absent"):
        apply_icc_profile(RGB.copy(), pydcm.Dataset())


def test_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(BackendError, match="`codecs`") as caught:
        create_icc_transform(icc_profile=PROFILE)
    assert caught.value.name == "PIL"
