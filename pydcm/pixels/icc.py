"""Colours through an ICC profile (PS3.3 C.11.15); Pillow does the work."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import BackendError, ColorProfileError, UnsupportedValueError

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

__all__ = ["apply_icc_profile", "create_icc_transform"]

_TARGETS: dict[str, Literal["LAB", "XYZ", "sRGB"]] = {"SRGB": "sRGB", "XYZ": "XYZ", "LAB": "LAB"}
"""Colour spaces that Pillow can make a profile of, by the term in upper case."""

_INTENTS = ("perceptual", "relative colorimetric", "saturation", "absolute colorimetric")
"""Rendering intents of ICC.1, in the order of their numbers."""

_CLAUSE = "PS3.3 C.11.15"


def apply_icc_profile(
    arr: NDArray[Any],
    ds: Dataset | None = None,
    transform: ImageCmsTransform | None = None,
    intent: int | None = None,
    color_space: str | None = None,
) -> NDArray[Any]:
    """Transform colours by an ICC profile, in place.

    Parameters
    ----------
    arr : ndarray of uint8, shape ([frames], rows, columns, 3)
        RGB pixels, whose place the result takes.
    ds : Dataset, optional
        Has ICC Profile, and perhaps Color Space.
    transform : PIL.ImageCms.ImageCmsTransform, optional
        Instead of `ds`, see :func:`create_icc_transform`.
    intent, color_space
        As for :func:`create_icc_transform`.

    Returns
    -------
    ndarray of uint8
        `arr`.

    Raises
    ------
    ValueError
        If there is neither `ds` nor `transform`, or both, or `arr` has another
        shape.
    ColorProfileError
        If `ds` has no usable profile.
    BackendError
        If Pillow is not installed.

    Notes
    -----
    A profile is for RGB. Palettes and YBR come first, and nothing that changes
    colours may come between the profile and the display.
    """
    if (ds is None) == (transform is None):
        raise ValueError("an ICC profile is applied by a data set or by a transform: give one")
    if arr.ndim not in (3, 4):
        raise ValueError(f"colour pixels have 3 or 4 axes, not {arr.ndim}")
    if arr.shape[-1] != 3:
        raise ValueError(f"an array of shape {arr.shape} has no axis of three samples at its end")
    if arr.dtype != np.uint8:
        raise TypeError(f"an ICC profile is applied to uint8, not to {arr.dtype}")
    if transform is None:
        transform = create_icc_transform(ds, intent=intent, color_space=color_space)
    from PIL import ImageCms
    from PIL.Image import fromarray

    for frame in arr if arr.ndim == 4 else arr[np.newaxis]:
        if not frame.size:
            continue
        try:
            image = ImageCms.applyTransform(fromarray(np.ascontiguousarray(frame)), transform)
        except ImageCms.PyCMSError as error:
            raise _unusable(error) from error
        frame[...] = np.asarray(image)
    return arr


def create_icc_transform(
    ds: Dataset | None = None,
    icc_profile: bytes = b"",
    intent: int | None = None,
    color_space: str | None = None,
) -> ImageCmsTransform:
    """Return what transforms RGB from the profile of a device to a colour space.

    Parameters
    ----------
    ds : Dataset, optional
        Has ICC Profile (0028,2000), and perhaps Color Space (0028,2002).
    icc_profile : bytes
        A profile, instead of `ds`.
    intent : int, optional
        0 perceptual, 1 relative colorimetric, 2 saturation, 3 absolute
        colorimetric; by default the profile's own.
    color_space : str, optional
        ``"sRGB"``, ``"LAB"`` or ``"XYZ"``; by default Color Space, or sRGB.

    Returns
    -------
    PIL.ImageCms.ImageCmsTransform

    Raises
    ------
    ValueError
        If there is neither `ds` nor `icc_profile`, or both, or `intent` is
        another number.
    ColorProfileError
        If the profile is absent or broken, or fits no transform from RGB to
        the colour space.
    UnsupportedValueError
        If the colour space is another one.
    BackendError
        If Pillow is not installed.
    """
    if ds is None and not icc_profile:
        raise ValueError("an ICC transform is made of a data set or of a profile: give one")
    if ds is not None and icc_profile:
        raise ValueError("an ICC transform is made of a data set or of a profile, not of both")
    if intent is not None and intent not in range(len(_INTENTS)):
        raise ValueError(f"there are the rendering intents 0 to 3, and not {intent}")
    profile = icc_profile or _profile(ds)
    target = _target(ds, color_space)
    try:
        from PIL import ImageCms
    except ImportError as error:
        raise BackendError(
            "ICC profiles need Pillow", name="PIL", hint="install the extra `codecs`"
        ) from error
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if intent is None:
            intent = ImageCms.getDefaultIntent(source)
        wanted = ImageCms.ImageCmsProfile(ImageCms.createProfile(target))
        return ImageCms.ImageCmsTransform(source, wanted, "RGB", "RGB", ImageCms.Intent(intent))
    except (OSError, TypeError, ValueError, ImageCms.PyCMSError) as error:
        raise _unusable(error) from error


def _profile(ds: Dataset | None) -> bytes:
    """Return the ICC Profile of a data set."""
    found = None if ds is None else ds.get("ICCProfile")
    if not found:
        raise ColorProfileError("ICC Profile is absent", tag_path="ICCProfile", clause=_CLAUSE)
    return bytes(found)


def _target(ds: Dataset | None, color_space: str | None) -> Literal["LAB", "XYZ", "sRGB"]:
    """Return the colour space to transform to."""
    named = color_space or (ds.get("ColorSpace") if ds is not None else None) or "sRGB"
    target = _TARGETS.get(str(named).upper())
    if target is None:
        raise UnsupportedValueError(
            f"colour space {str(named)!r} is not supported",
            tag_path=None if color_space else "ColorSpace",
            clause=_CLAUSE,
            hint="pass color_space='sRGB'",
        )
    return target


def _unusable(error: Exception) -> ColorProfileError:
    return ColorProfileError(
        f"the ICC profile cannot be used: {error}", tag_path="ICCProfile", clause=_CLAUSE
    )
