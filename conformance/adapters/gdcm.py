"""Adapter of GDCM, by its Python binding."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gdcm  # type: ignore[import-untyped,import-not-found,unused-ignore]  # not everywhere
import numpy as np

from conformance.adapters.cells import array_answer
from conformance.adapters.serve import Answer, Skipped, octets, serve, shown
from conformance.adapters.streams import data_set_of, syntax_of

_NUMBERS = {
    "FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
_OCTETS = frozenset("OB OD OF OL OV OW UN".split())
_SINGLE = frozenset("LT ST UR UT".split())
_LOCAL = frozenset("LO LT PN SH ST UC UT".split())
"""VRs that Specific Character Set is about (PS3.5 6.1.2.3)."""
_CODECS = {"": "ascii", "ISO_IR 6": "ascii", "ISO_IR 100": "latin-1", "ISO_IR 192": "utf-8"}
"""What needs no decoder of character sets, which GDCM does not have."""
_JPEG = "1.2.840.10008.1.2.4."
_ENCODERS = {
    "1.2.840.10008.1.2.5": gdcm.TransferSyntax.RLELossless,
    _JPEG + "57": gdcm.TransferSyntax.JPEGLosslessProcess14,
    _JPEG + "70": gdcm.TransferSyntax.JPEGLosslessProcess14_1,
    _JPEG + "80": gdcm.TransferSyntax.JPEGLSLossless,
    _JPEG + "90": gdcm.TransferSyntax.JPEG2000Lossless,
}


class Refused(Exception):
    """GDCM returned that it failed."""


def _raw(text: str) -> bytes:
    """Return the octets that the binding gives as text."""
    return text.encode("utf-8", "surrogateescape")


class Files:
    """The operations, with a file for what GDCM reads.

    Parameters
    ----------
    folder : pathlib.Path
        Where the files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._in = str(folder / "in.dcm")
        self._out = str(folder / "out.dcm")

    def _opened(self, reader: Any, given: Mapping[str, Any]) -> Any:
        Path(self._in).write_bytes(octets(given["file"]))
        Path(self._out).unlink(missing_ok=True)
        reader.SetFileName(self._in)
        if not reader.Read():
            raise Refused(f"{type(reader).__name__}.Read returned false")
        return reader

    def read(self, given: Mapping[str, Any]) -> Answer:
        """Read a data set."""
        reader = self._opened(gdcm.Reader(), given)
        file = reader.GetFile()
        return {"elements": _elements(file, file.GetDataSet(), "ascii")}

    def rewrite(self, given: Mapping[str, Any]) -> Answer:
        """Read and write a file."""
        reader = self._opened(gdcm.Reader(), given)
        writer = gdcm.Writer()
        writer.SetFileName(self._out)
        writer.SetFile(reader.GetFile())
        writer.SetCheckFileMetaInformation(False)
        if not writer.Write():
            raise Refused("Writer.Write returned false")
        return {"dataset": shown(data_set_of(Path(self._out).read_bytes()))}

    def decode(self, given: Mapping[str, Any]) -> Answer:
        """Decode an image; a single frame is cut out of all of them."""
        reader = self._opened(gdcm.ImageReader(), given)  # the image is gone with its reader
        return array_answer(_pixels(reader.GetImage(), given))

    def encode(self, given: Mapping[str, Any]) -> Answer:
        """Compress, write, and read again."""
        syntax = _ENCODERS.get(given["transfer_syntax"])
        if syntax is None or given.get("options"):
            raise Skipped("no such encoder, or no such option")
        reader = self._opened(gdcm.ImageReader(), given)
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
        change.SetInput(reader.GetImage())
        if not change.Change():
            raise Refused("ImageChangeTransferSyntax.Change returned false")
        writer = gdcm.ImageWriter()
        writer.SetFileName(self._out)
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        if not writer.Write():
            raise Refused("ImageWriter.Write returned false")
        written = Path(self._out).read_bytes()
        if syntax_of(written) != given["transfer_syntax"]:
            raise Refused(f"it wrote {syntax_of(written)}")
        return self.decode({"file": shown(written)})


def _each(ds: Any) -> Iterator[Any]:
    elements = ds.GetDES()
    place = elements.begin()
    while not place.equal(elements.end()):
        yield place.next()


def _elements(file: Any, ds: Any, codec: str) -> list[Answer]:
    found = []
    for element in _each(ds):
        tag = element.GetTag()
        number = tag.GetGroup() << 16 | tag.GetElement()
        if number == 0x00080005:
            codec = _CODECS.get(_octets_of(element).strip(b" \0").decode("ascii"), "")
        if tag.GetGroup() != 2 and tag.GetElement() != 0:
            found.append(_element(file, ds, element, number, codec))
    return found


def _octets_of(element: Any) -> bytes:
    value = element.GetByteValue()
    return _raw(value.GetBuffer()) if value is not None else b""


def _element(file: Any, ds: Any, element: Any, number: int, codec: str) -> Answer:
    vr = str(gdcm.DataSetHelper.ComputeVR(file, ds, element.GetTag()))
    vr = {"OB_OW": "OB", "US_SS": "US", "INVALID": "UN", "??": "UN"}.get(vr, vr)
    named: Answer = {"tag": f"{number:08X}", "vr": vr}
    pieces = element.GetSequenceOfFragments()
    if pieces is not None:
        table = pieces.GetTable()
        parts = [pieces.GetFragment(k) for k in range(pieces.GetNumberOfFragments())]
        named["fragments"] = [shown(_octets_of(each)) for each in [table, *parts]]
        return named
    if vr == "SQ":
        items = element.GetValueAsSQ()
        count = items.GetNumberOfItems() if items is not None else 0
        named["items"] = [
            _elements(file, items.GetItem(k + 1).GetNestedDataSet(), codec) for k in range(count)
        ]
        return named
    data = _octets_of(element)
    if vr in _OCTETS:
        if data:
            named["octets"] = shown(data)
    elif data:
        named["value"] = _values(vr, data, codec)
    return named


def _values(vr: str, data: bytes, codec: str) -> list[Any]:
    if vr in _NUMBERS:
        code = _NUMBERS[vr]
        return list(struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data))
    if vr == "AT":
        halves = struct.unpack(f"<{len(data) // 2}H", data)
        return [f"{halves[k]:04X}{halves[k + 1]:04X}" for k in range(0, len(halves), 2)]
    if vr in _LOCAL and not codec:
        raise Skipped("GDCM decodes no character sets")
    text = data.decode(codec if vr in _LOCAL else "latin-1")
    values: list[Any] = [text] if vr in _SINGLE else text.split("\\")
    if vr in ("DS", "IS"):
        kind = float if vr == "DS" else int
        values = [kind(value) if value.strip(" \0") else "" for value in values]
    return values


def _pixels(image: Any, given: Mapping[str, Any]) -> Any:
    form = image.GetPixelFormat()
    if form.GetBitsAllocated() == 1:
        raise Skipped("the binding gives pixels of one bit packed")
    kind = "i" if form.GetPixelRepresentation() else "u"
    data = _raw(image.GetBuffer())
    cells = np.frombuffer(data, f"<{kind}{form.GetBitsAllocated() // 8}")
    columns, rows, *rest = image.GetDimensions()
    samples = form.GetSamplesPerPixel()
    frames = rest[0] if rest else 1
    if samples > 1 and image.GetPlanarConfiguration():
        cells = cells.reshape(frames, samples, rows, columns).transpose(0, 2, 3, 1)
    elif samples > 1:
        cells = cells.reshape(frames, rows, columns, samples)
    else:
        cells = cells.reshape(frames, rows, columns)
    return cells[given["frame"]] if "frame" in given else cells


def main() -> None:
    """Serve."""
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))
        operations = {
            "read": files.read,
            "rewrite": files.rewrite,
            "decode": files.decode,
            "encode": files.encode,
        }
        serve("gdcm", {"gdcm": gdcm.Version.GetVersion()}, operations)


if __name__ == "__main__":
    main()
