"""Images of other libraries, to volumes and back. None of them is required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import BackendError, GeometryError
from pydcm.volume.placing import checked_affine, spacing_of

if TYPE_CHECKING:
    from pydcm.volume.model import Volume

__all__ = ["from_image", "to_nibabel", "to_sitk"]

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def from_image(image: Any) -> Volume:
    """Return the volume of an image of SimpleITK or nibabel.

    Parameters
    ----------
    image : SimpleITK.Image or nibabel image
        Of three dimensions. nibabel's scaling is applied; voxels of several
        components become ``[z, y, x, component]``.

    Returns
    -------
    Volume
        With the image's dtype, and a copy of SimpleITK's voxels.

    Raises
    ------
    GeometryError
        If it is no image of three dimensions with an affine.
    """
    from pydcm.volume.model import Volume

    if hasattr(image, "GetDirection"):
        pixels, affine = _of_sitk(image)
    elif hasattr(image, "affine") and hasattr(image, "dataobj"):
        pixels, affine = _of_nibabel(image)
    else:
        kind = f"{type(image).__module__}.{type(image).__name__}"
        raise GeometryError(f"a {kind} is no image of SimpleITK or nibabel")
    matrix = checked_affine(affine)
    return Volume(pixels, spacing_of(matrix), matrix, "")


def _of_sitk(image: Any) -> tuple[NDArray[Any], NDArray[np.float64]]:
    if image.GetDimension() != 3:
        raise GeometryError(f"the image has {image.GetDimension()} dimensions, not 3")
    import SimpleITK

    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    return SimpleITK.GetArrayFromImage(image), affine


def _of_nibabel(image: Any) -> tuple[NDArray[Any], NDArray[np.float64]]:
    if image.affine is None:
        raise GeometryError("the image has no affine")
    pixels = np.asanyarray(image.dataobj)
    if pixels.dtype.names:  # RGB and RGBA are records
        pixels = np.stack([pixels[name] for name in pixels.dtype.names], axis=-1)
        pixels = pixels.transpose(2, 1, 0, 3) if pixels.ndim == 4 else pixels
    elif pixels.ndim == 3:
        pixels = pixels.transpose()
    if image.ndim != 3:
        raise GeometryError(
            f"the image has {image.ndim} dimensions, not 3",
            hint="take one volume: image.slicer[..., 0]",
        )
    native = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return native, _LPS_TO_RAS @ np.asarray(image.affine, np.float64)


def to_sitk(volume: Volume) -> Any:
    """Return a volume as a ``SimpleITK.Image``; see :meth:`Volume.to_sitk`."""
    try:
        import SimpleITK
    except ImportError as error:
        raise BackendError("SimpleITK is not installed", hint="pip install SimpleITK") from error
    affine = checked_affine(volume.affine)
    spacing = spacing_of(affine)[::-1]
    pixels = volume.pixels.view(np.uint8) if volume.pixels.dtype == np.bool_ else volume.pixels
    image = SimpleITK.GetImageFromArray(pixels, isVector=pixels.ndim == 4)
    image.SetSpacing(spacing)
    image.SetOrigin(affine[:3, 3].tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    return image


def to_nibabel(volume: Volume) -> Any:
    """Return a volume as a ``nibabel.Nifti1Image``; see :meth:`Volume.to_nibabel`."""
    from pydcm.volume.nifti_header import require_nibabel

    nibabel = require_nibabel()
    pixels = volume.pixels
    if pixels.ndim == 4:
        names = ("R", "G", "B", "A")[: pixels.shape[3]]
        record = np.dtype([(name, pixels.dtype) for name in names])
        pixels = np.ascontiguousarray(pixels).view(record)[..., 0]
    image = nibabel.Nifti1Image(
        pixels.transpose(), _LPS_TO_RAS @ checked_affine(volume.affine), dtype=pixels.dtype
    )
    image.header.set_xyzt_units("mm")
    # not through the image, which would take the header's single precision over
    image.header.set_qform(image.affine, code=1)
    image.header.set_sform(image.affine, code=1)
    return image
