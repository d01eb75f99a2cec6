"""Real files that we compress, read by others: pydicom, DCMTK and GDCM."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import pydcm
from pydcm.errors import UnsupportedSyntaxError
from pydcm.pixels import compress, get_encoder, pixel_array
from tests.pixels.making import RLE
from tests.shared import CORPUS, needs_corpus

pydicom = pytest.importorskip("pydicom")

pytestmark = [needs_corpus, pytest.mark.filterwarnings("ignore")]

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_PROCESS_14, JPEG_SV1 = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
JPEG_LS, JPEG_LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
J2K_LOSSLESS, HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"

FILES = [
    "transfer-syntaxes/pydicom/MR_small_implicit.dcm",
    "transfer-syntaxes/pydicom/MR_small_bigendian.dcm",
    "volume/dicom2nifti/hitachi/anatomical/001/001.dcm",
    "enhanced-mf/dcm_qa_enh/In/Siemens/XA10/6_2.dcm",
    "wsi/highdicom/sm_image.dcm",
    "wsi/highdicom/sm_image_grayscale.dcm",
    "transfer-syntaxes/highdicom/dx_image.dcm",
    "transfer-syntaxes/pydicom/ExplVR_BigEnd.dcm",
    "transfer-syntaxes/pydicom/SC_rgb_small_odd_big_endian.dcm",
    "transfer-syntaxes/pydicom/SC_ybr_full_422_uncompressed.dcm",
    "transfer-syntaxes/pydicom/SC_rgb_rle_16bit_2frame.dcm",
    "seg/dcmqi/segmentations/sparse-labelmap-noppv.dcm",
    "transfer-syntaxes/fo-dicom/TestPattern_Palette_16.dcm",
]
"""One for each kind of pixels: bits, sign, samples, colours, byte order, frames."""

PLUGINS = {
    RLE: "pydicom",
    JPEG_BASELINE: "pylibjpeg",
    JPEG_PROCESS_14: "pylibjpeg",
    JPEG_SV1: "pylibjpeg",
    JPEG_LS: "pyjpegls",
    JPEG_LS_NEAR: "pyjpegls",
    J2K_LOSSLESS: "pylibjpeg",
    HTJ2K_LOSSLESS: "pylibjpeg",
}
"""What decodes in pydicom; never GDCM, which may take the process with it."""

DCMTK = {
    RLE: ["dcmdrle"],
    JPEG_SV1: ["dcmdjpeg", "+cn"],  # colours as they are
    JPEG_LS: ["dcmdjpls"],
}

LOSSLESS = [RLE, JPEG_PROCESS_14, JPEG_SV1, JPEG_LS, J2K_LOSSLESS, HTJ2K_LOSSLESS]


def compressed(name: str, uid: str, folder: Path, **options: Any) -> tuple[Path, NDArray[Any]]:
    """Return a file of the corpus compressed, and the pixels that should be in it."""
    path = CORPUS / name
    if not path.is_file():
        pytest.skip(f"{name} is not in the corpus")
    if not get_encoder(uid).is_available:
        pytest.skip("; ".join(get_encoder(uid).missing_dependencies))
    ds = pydcm.dcmread(path)
    expected = pixel_array(ds, raw=True)
    try:
        compress(ds, uid, **options)
    except UnsupportedSyntaxError as error:
        pytest.skip(str(error))
    except ValueError as error:
        if "not for pixels like these" not in str(error):
            raise
        pytest.skip("the standard does not allow it")
    target = folder / "compressed.dcm"
    ds.save_as(target, enforce_file_format=True)
    return target, native(expected)


def native(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(array.dtype.newbyteorder("="))


def by_pydicom(path: Path, plugin: str = "") -> NDArray[Any]:
    ds = pydicom.dcmread(path)
    decoder = pydicom.pixels.get_decoder(ds.file_meta.TransferSyntaxUID)
    if plugin and plugin not in decoder.available_plugins:
        pytest.skip(f"pydicom's plugin {plugin} is not installed")
    found: NDArray[Any] = pydicom.pixels.pixel_array(ds, raw=True, decoding_plugin=plugin)
    return native(found)


def run(*command: str) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def gdcm_takes(path: Path, target: Path) -> bool:
    command = ["gdcmconv", "--raw", str(path), str(target)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize("uid", LOSSLESS)
@pytest.mark.parametrize("name", FILES)
def test_pydicom_reads_the_same_pixels(name: str, uid: str, tmp_path: Path) -> None:
    path, expected = compressed(name, uid, tmp_path)
    assert np.array_equal(native(pixel_array(path, raw=True)), expected)
    assert np.array_equal(by_pydicom(path, PLUGINS[uid]), expected)


@pytest.mark.parametrize("uid", [RLE, JPEG_SV1, JPEG_LS])
@pytest.mark.parametrize("name", FILES)
def test_dcmtk_reads_the_same_pixels(name: str, uid: str, tmp_path: Path) -> None:
    path, expected = compressed(name, uid, tmp_path)
    target = tmp_path / "decoded.dcm"
    run(*DCMTK[uid], str(path), str(target))
    assert np.array_equal(by_pydicom(target), expected)


@pytest.mark.parametrize("uid", LOSSLESS[:5])
@pytest.mark.parametrize("name", FILES)
def test_gdcm_reads_the_same_pixels(name: str, uid: str, tmp_path: Path) -> None:
    path, expected = compressed(name, uid, tmp_path)
    target = tmp_path / "decoded.dcm"
    if shutil.which("gdcmconv") is None:
        pytest.skip("gdcmconv is not installed")
    ds = pydcm.dcmread(path)
    ds.decompress(as_rgb=False)
    ds.save_as(tmp_path / "native.dcm")
    if not gdcm_takes(tmp_path / "native.dcm", target):
        pytest.skip("GDCM does not take the image uncompressed either")
    assert gdcm_takes(path, target)
    assert np.array_equal(by_pydicom(target), expected)


@pytest.mark.parametrize("name", FILES[:6])
def test_extended_offset_tables_of_files(name: str, tmp_path: Path) -> None:
    path, expected = compressed(name, RLE, tmp_path, encapsulate_ext=True)
    assert np.array_equal(by_pydicom(path, "pydicom"), expected)
    assert np.array_equal(native(pixel_array(path, raw=True)), expected)


@pytest.mark.parametrize("near", [1, 5])
@pytest.mark.parametrize("name", FILES[2:8])
def test_near_lossless_is_as_near_as_asked(name: str, near: int, tmp_path: Path) -> None:
    path, expected = compressed(name, JPEG_LS_NEAR, tmp_path, jls_error=near)
    found = by_pydicom(path, "pyjpegls")
    assert np.abs(found.astype(np.int64) - expected).max() <= near
    assert np.array_equal(native(pixel_array(path, raw=True)), found)
    target = tmp_path / "decoded.dcm"
    run("dcmdjpls", str(path), str(target))
    assert np.array_equal(by_pydicom(target), found)
    assert pydicom.dcmread(path).LossyImageCompressionMethod == "ISO_14495_1"


@pytest.mark.parametrize("name", ["wsi/highdicom/sm_image.dcm", FILES[6]])
def test_baseline_jpeg_is_near_the_original(name: str, tmp_path: Path) -> None:
    pytest.importorskip("libjpeg", reason="pylibjpeg-libjpeg is not installed")
    path, expected = compressed(name, JPEG_BASELINE, tmp_path, quality=95)
    found = native(pixel_array(path))
    assert np.abs(found.astype(int) - expected).mean() < 8
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = pydicom.dcmread(path)
        there = pydicom.pixels.pixel_array(ds, decoding_plugin="pylibjpeg")
    assert np.abs(found.astype(int) - there).max() <= 3
    assert ds.LossyImageCompression == "01"
    assert ds.LossyImageCompressionMethod == "ISO_10918_1"
    run("dcmdjpeg", str(path), str(tmp_path / "decoded.dcm"))
