"""Adapter of pydicom, with the decoders that are installed beside it."""

from __future__ import annotations

import importlib.metadata
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pydicom
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import generate_fragments, parse_basic_offsets
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import (
    apply_color_lut,
    apply_modality_lut,
    apply_presentation_lut,
    apply_voi_lut,
)

from conformance.adapters.serve import Answer, Skipped, octets, serve, shown
from conformance.adapters.streams import charset_file, data_set_of

_WIDTHS = {"OB": 1, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "UN": 1}
_WHOLE = frozenset("IS SL SS SV UL US UV".split())
_REAL = frozenset("DS FD FL".split())
_PLUGINS = (
    "pyjpegls",
    "pylibjpeg",
    "pylibjpeg-libjpeg",
    "pylibjpeg-openjpeg",
    "pylibjpeg-rle",
    "python-gdcm",
)


def elements(ds: Dataset, swapped: bool) -> list[Answer]:
    """Return a data set as cases have it."""
    return [_element(e, swapped) for e in ds if e.tag.group != 2 and e.tag.element != 0]


def _element(element: DataElement, swapped: bool) -> Answer:
    vr = str(element.VR)
    named: Answer = {"tag": f"{int(element.tag):08X}", "vr": vr}
    value = element.value
    if vr == "SQ":
        named["items"] = [elements(item, swapped) for item in value or []]
    elif element.tag == 0x7FE00010 and element.is_undefined_length and value:
        table = b"".join(n.to_bytes(4, "little") for n in parse_basic_offsets(value))
        pieces = [table, *generate_fragments(value[8 + len(table) :])]
        named["fragments"] = [shown(bytes(piece)) for piece in pieces]
    elif vr in _WIDTHS:
        data = bytes(value or b"")
        width = _WIDTHS[vr] if swapped else 1
        if width > 1:
            data = np.frombuffer(data, f"u{width}").byteswap().tobytes()
        if data:
            named["octets"] = shown(data)
    elif value is not None and value != "":
        values = list(value) if element.VM > 1 else [value]
        named["value"] = [_plain(vr, each) for each in values]
    return named


def _plain(vr: str, value: Any) -> Any:
    if vr == "AT":
        return f"{int(value):08X}"
    if value is None or value == "":
        return ""
    if vr in _WHOLE and not isinstance(value, str):
        return int(value)
    if vr in _REAL and not isinstance(value, str):
        return float(value)
    return str(value)


def data_set(named: list[Answer]) -> Dataset:
    """Return the data set that elements of a case describe."""
    ds = Dataset()
    for each in named:
        tag, vr = int(each["tag"], 16), each["vr"]
        if vr == "SQ":
            value: Any = [data_set(item) for item in each.get("items", [])]
        elif "octets" in each:
            value = octets(each["octets"])
        elif "fragments" in each:
            pieces = [octets(piece) for piece in each["fragments"]]
            begin = b"\xfe\xff\x00\xe0"
            value = b"".join(begin + len(p).to_bytes(4, "little") + p for p in pieces)
        else:
            values = each.get("value", [])
            if vr == "AT":
                values = [int(one, 16) for one in values]
            elif vr in ("FD", "FL"):
                values = [float(one) for one in values]
            value = values[0] if len(values) == 1 else values or None
        ds.add_new(tag, vr, value)
        if "fragments" in each:
            ds[tag].is_undefined_length = True
    return ds


def _file(given: Mapping[str, Any]) -> pydicom.FileDataset:
    return pydicom.dcmread(io.BytesIO(octets(given["file"])))


def _read(given: Mapping[str, Any]) -> Answer:
    ds = _file(given)
    return {"elements": elements(ds, ds.original_encoding[1] is False)}


def _write(given: Mapping[str, Any]) -> Answer:
    ds = data_set(given["elements"])
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID(given["transfer_syntax"])
    ds.file_meta.MediaStorageSOPClassUID = pydicom.uid.UID("1.2.840.10008.5.1.4.1.1.7")
    ds.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.UID("1.2.3.4")
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return {"dataset": shown(data_set_of(out.getvalue()))}


def _rewrite(given: Mapping[str, Any]) -> Answer:
    out = io.BytesIO()
    _file(given).save_as(out)
    return {"dataset": shown(data_set_of(out.getvalue()))}


def _frames(ds: Dataset, given: Mapping[str, Any]) -> Any:
    syntax = ds.file_meta.TransferSyntaxUID
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise Skipped(str(error)) from error
    if not decoder.is_available:
        raise Skipped(f"no decoder of {syntax.name} is installed")
    index = given.get("frame")
    array, meta = decoder.as_array(ds, raw=True, index=index)
    samples = int(meta["samples_per_pixel"])
    shape: tuple[int, ...] = (int(meta["rows"]), int(meta["columns"]))
    if samples > 1:
        shape += (samples,)
    return array.reshape(shape if index is not None else (-1, *shape))


def _array(array: Any) -> Answer:
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    named = {"dtype": array.dtype.name, "shape": list(array.shape)}
    return {"array": {**named, "octets": shown(little.tobytes())}}


def _decode(given: Mapping[str, Any]) -> Answer:
    return _array(_frames(_file(given), given))


def _encode(given: Mapping[str, Any]) -> Answer:
    ds = _file(given)
    options = dict(given.get("options", {}))
    near = options.pop("near", None)
    if options:
        raise Skipped(f"no option {', '.join(options)}")
    if near is not None:
        options["jls_error"] = near
    try:
        ds.compress(given["transfer_syntax"], **options)
    except NotImplementedError as error:
        raise Skipped(str(error)) from error
    except RuntimeError as error:
        if "missing dependencies" in str(error):
            raise Skipped(str(error)) from error
        raise
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return _array(_frames(pydicom.dcmread(io.BytesIO(out.getvalue())), {}))


def _modality(given: Mapping[str, Any]) -> Answer:
    ds = _file(given)
    return _array(apply_modality_lut(_frames(ds, given), ds))


def _voi(given: Mapping[str, Any]) -> Answer:
    ds = _file(given)
    modality = apply_modality_lut(_frames(ds, given), ds)
    return _array(apply_voi_lut(modality, ds, given.get("index", 0)))


def _presentation(given: Mapping[str, Any]) -> Answer:
    ds = _file(given)
    voi = apply_voi_lut(apply_modality_lut(_frames(ds, given), ds), ds)
    return _array(apply_presentation_lut(voi, ds))


def _palette(given: Mapping[str, Any]) -> Answer:
    ds = _file(given)
    return _array(apply_color_lut(_frames(ds, given), ds))


def _to_json(given: Mapping[str, Any]) -> Answer:
    return {"json": json.loads(_file(given).to_json())}


def _from_json(given: Mapping[str, Any]) -> Answer:
    return {"elements": elements(Dataset.from_json(octets(given["json"]).decode()), False)}


def _charset(given: Mapping[str, Any]) -> Answer:
    ds = pydicom.dcmread(io.BytesIO(charset_file(given)))
    element = ds[0x00100010]
    values = list(element.value) if element.VM > 1 else [element.value]
    return {"text": "\\".join(map(str, values))}


OPERATIONS = {
    "read": _read,
    "write": _write,
    "rewrite": _rewrite,
    "decode": _decode,
    "encode": _encode,
    "modality": _modality,
    "voi": _voi,
    "presentation": _presentation,
    "palette": _palette,
    "to-json": _to_json,
    "from-json": _from_json,
    "charset": _charset,
}


def _versions() -> dict[str, str]:
    versions = {"pydicom": pydicom.__version__}
    for name in _PLUGINS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


if __name__ == "__main__":
    serve("pydicom", _versions(), OPERATIONS)
