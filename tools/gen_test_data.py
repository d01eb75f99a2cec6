"""Writes ``tests/data``: one small file for each way in which a file can be encoded.

    python -m tools.gen_test_data            write the files and their manifest
    python -m tools.gen_test_data --check    fail if they are not what this makes

All content is made here; the same code always gives the same bytes.
"""

from __future__ import annotations

import argparse
import io
import json
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pydcm.dataset import Dataset
from pydcm.encaps import encapsulate
from pydcm.examples.identity import example_uid, item, new_instance
from pydcm.filewriter import dcmwrite
from pydcm.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    SecondaryCaptureImageStorage,
)

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "data"


class Made(NamedTuple):
    """A file and what it is for.

    Attributes
    ----------
    content : bytes
        The file.
    about : str
        What is particular about it.
    conformant : bool
        Whether writing it again must give the same bytes.
    pixels : bool
        Whether it has pixels that can be decoded.
    """

    content: bytes
    about: str
    conformant: bool = True
    pixels: bool = True


def image(syntax: UID = ExplicitVRLittleEndian, **elements: object) -> Dataset:
    """Return an image of 6 x 7 pixels of 16 bits; `elements` change it."""
    values = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 6,
        "Columns": 7,
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
    }
    dataset = new_instance(SecondaryCaptureImageStorage, "OT", "test data", transfer_syntax=syntax)
    dataset.ConversionType = "SYN"
    for keyword, value in {**values, **elements}.items():
        setattr(dataset, keyword, value)
    dataset.file_meta.ImplementationClassUID = example_uid("test data", "implementation")
    dataset.file_meta.ImplementationVersionName = "TEST_DATA"
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    dataset.PixelData = struct.pack(f"{order}42H", *((97 * k) % 4096 for k in range(42)))
    return dataset


def encoded(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def syntax(uid: UID, about: str) -> Made:
    return Made(encoded(image(uid)), about)


def rle() -> Made:
    """Return three frames of RLE, of which the first and the last have one fragment each."""
    dataset = image(RLELossless, NumberOfFrames=3)
    frames = [rle_frame([(97 * k + 13 * n) % 4096 for k in range(42)]) for n in range(3)]
    dataset.PixelData = encapsulate(frames)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return Made(encoded(dataset), "RLE, three frames, literal and replicate runs")


def rle_frame(values: list[int]) -> bytes:
    """Encode a frame of 16 bits (PS3.5 G.3): high bytes as runs of two, low bytes literally."""
    high = b"".join(bytes([255, value >> 8]) for value in values[::2])  # each byte twice
    low = bytes([len(values) - 1]) + bytes(value & 0xFF for value in values)
    segments = [bytes(part) + b"\0" * (len(part) % 2) for part in (high, low)]
    offsets = [64, 64 + len(segments[0])]
    return struct.pack("<16I", 2, *offsets, *[0] * 13) + b"".join(segments)


def undefined_lengths() -> Made:
    """Return sequences in sequences, all of undefined length."""
    inner = item(CodeValue="121181", CodingSchemeDesignator="DCM", CodeMeaning="DICOM Headers")
    inner.is_undefined_length_sequence_item = True
    middle = item(PurposeOfReferenceCodeSequence=[inner], ReferencedSOPInstanceUID="1.2.3")
    middle.is_undefined_length_sequence_item = True
    middle["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    dataset = image(SourceImageSequence=[middle, Dataset()])
    dataset.SourceImageSequence[1].is_undefined_length_sequence_item = True
    dataset["SourceImageSequence"].is_undefined_length = True
    return Made(encoded(dataset), "nested sequences and items of undefined length, one item empty")


def bits() -> Made:
    """Return three frames of 5 x 7 single bits, which do not start at bytes (PS3.5 8.1.1)."""
    dataset = image(NumberOfFrames=3, Rows=5, Columns=7, BitsAllocated=1, BitsStored=1, HighBit=0)
    packed = sum(1 << k for k in range(105) if k % 3 == 0 or k % 7 == 1)
    dataset.PixelData = packed.to_bytes(14, "little")
    dataset["PixelData"].VR = "OB"
    return Made(encoded(dataset), "three frames of single bits, not aligned to bytes")


def planar() -> Made:
    dataset = image(
        SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=1,
        BitsAllocated=8, BitsStored=8, HighBit=7,
    )  # fmt: skip
    dataset.PixelData = bytes((53 * k) % 256 for k in range(126))
    dataset["PixelData"].VR = "OB"
    return Made(encoded(dataset), "RGB, a plane for each colour")


def signed_overflow() -> Made:
    """Return signed 12-bit values with other data in the four bits above them."""
    dataset = image(PixelRepresentation=1)
    words = [((311 * k) % 4096) | ((k % 16) << 12) for k in range(42)]
    dataset.PixelData = struct.pack("<42H", *words)
    return Made(encoded(dataset), "signed 12-bit values with unrelated bits above them")


def private() -> Made:
    dataset = image()
    block = dataset.private_block(0x0099, "PYDCM TEST", create=True)
    block.add_new(0x01, "LO", "private text")
    block.add_new(0x02, "FD", [1.5, -2.25])
    nested = Dataset()
    nested.private_block(0x0099, "PYDCM TEST", create=True).add_new(0x03, "US", 7)
    block.add_new(0x10, "SQ", [nested])
    block.add_new(0x20, "UN", b"\x01\x02\x03\x04")
    return Made(encoded(dataset), "private elements, also nested and of unknown VR")


def charset(encoding: str | list[str], name: str, about: str) -> Made:
    dataset = image(SpecificCharacterSet=encoding)
    dataset.PatientName = name
    return Made(encoded(dataset), about)


def no_preamble() -> Made:
    dataset = image(ImplicitVRLittleEndian)
    del dataset.file_meta
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, implicit_vr=True, little_endian=True)
    return Made(buffer.getvalue(), "a bare data set", pixels=False)


def truncated() -> Made:
    whole = encoded(image())
    return Made(whole[:-31], "the pixels end too early", conformant=False, pixels=False)


def wrong_group_length() -> Made:
    whole = bytearray(encoded(image()))
    whole[140:144] = struct.pack("<I", 4)
    about = "a wrong File Meta Information Group Length"
    return Made(bytes(whole), about, conformant=False)


FILES: dict[str, Callable[[], Made]] = {
    "explicit_little.dcm": lambda: syntax(ExplicitVRLittleEndian, "Explicit VR Little Endian"),
    "implicit_little.dcm": lambda: syntax(ImplicitVRLittleEndian, "Implicit VR Little Endian"),
    "explicit_big.dcm": lambda: syntax(ExplicitVRBigEndian, "Explicit VR Big Endian"),
    "deflated.dcm": lambda: syntax(DeflatedExplicitVRLittleEndian, "Deflated"),
    "rle.dcm": rle,
    "undefined_lengths.dcm": undefined_lengths,
    "bits.dcm": bits,
    "planar.dcm": planar,
    "signed_overflow.dcm": signed_overflow,
    "private.dcm": private,
    "utf8.dcm": lambda: charset("ISO_IR 192", "Grün^Žofie=山田^花子", "UTF-8"),
    "japanese.dcm": lambda: charset(
        ["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "escapes to ISO 2022 IR 87"
    ),
    "no_preamble.dcm": no_preamble,
    "truncated.dcm": truncated,
    "wrong_group_length.dcm": wrong_group_length,
}


def generate() -> dict[str, bytes]:
    """Return every file by name, the manifest too."""
    files: dict[str, bytes] = {}
    manifest = {}
    for name, make in FILES.items():
        made = make()
        files[name] = made.content
        manifest[name] = {
            "about": made.about,
            "conformant": made.conformant,
            "pixels": made.pixels,
        }
    files["manifest.json"] = (json.dumps(manifest, indent=2) + "\n").encode()
    return files


def differences(folder: Path) -> list[str]:
    """Return how the files of a folder differ from what is generated."""
    files = generate()
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    found = [f"{name} should not be there" for name in sorted(there - set(files))]
    for name, content in files.items():
        if name not in there:
            found.append(f"{name} is missing")
        elif inflated((folder / name).read_bytes()) != inflated(content):
            found.append(f"{name} is not what the generator makes")
    return found


def inflated(content: bytes) -> bytes:
    """Return a file with its deflated data set inflated: zlibs of other makes deflate otherwise."""
    uid = DeflatedExplicitVRLittleEndian.encode()
    if uid not in content[:400]:
        return content
    start = 144 + struct.unpack_from("<I", content, 140)[0]
    return content[:start] + zlib.decompress(content[start:], -zlib.MAX_WBITS)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files are")
    arguments = parser.parse_args(argv)
    if arguments.check:
        found = differences(arguments.folder)
        for line in found:
            sys.stderr.write(f"{arguments.folder}: {line}\n")
        return 1 if found else 0
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, content in generate().items():
        (arguments.folder / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
