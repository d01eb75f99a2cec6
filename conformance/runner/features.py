"""pydcm's answers to the cases of features."""

from __future__ import annotations

import io
import json
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from conformance.comparing import Array
from conformance.corpus import Case, Json, octets_of
from conformance.runner.elements import as_octets, dataset_of, elements_of
from pydcm import Dataset, FileDataset, dcmread
from pydcm.errors import BackendError, UnsupportedSyntaxError
from pydcm.fileset import FileSet
from pydcm.fileset.nodes import file_components
from pydcm.pixels import apply_color_lut, apply_modality_lut, apply_presentation_lut, apply_voi_lut
from pydcm.pixels.frames import FrameReader
from pydcm.pixels.model import read_model
from pydcm.safe_path import safe_join

__all__ = ["LibraryAbsent", "Unsupported", "answer", "array_answer"]

Answer = dict[str, Json]


_BIG = "1.2.840.10008.1.2.2"


class Unsupported(Exception):
    """pydcm does not do what a case asks for."""


class LibraryAbsent(Exception):
    """pydcm does what a case asks for, with a library that is not installed here."""


def answer(case: Case) -> Answer:
    """Return what pydcm answers to the case of a feature.

    Raises
    ------
    Unsupported
        If it does not know the operation.
    LibraryAbsent
        If it needs a library that is not installed.
    """
    try:
        return _OPERATIONS[case.operation](case.input)
    except KeyError as error:
        if error.args == (case.operation,):
            raise Unsupported(f"pydcm has no operation {case.operation}") from error
        raise
    except (BackendError, UnsupportedSyntaxError) as error:
        hint = error.hint or ""
        if "is not installed" in f"{error} {hint}":
            raise LibraryAbsent(hint or str(error)) from error
        raise


def array_answer(array: Array) -> Answer:
    """Return an array as an answer has it."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    shape = cast("list[Json]", list(array.shape))
    octets = as_octets(little.tobytes())
    return {"array": {"dtype": array.dtype.name, "shape": shape, "octets": octets}}


def _file(given: Mapping[str, Json]) -> FileDataset:
    return dcmread(io.BytesIO(octets_of(given["file"])))


def _read(given: Mapping[str, Json]) -> Answer:
    ds = _file(given)
    return {"elements": elements_of(ds, little=ds.original_encoding[1] is not False)}


def _written(ds: Dataset, syntax: str | None) -> Answer:
    out = io.BytesIO()
    if syntax is None:
        ds.save_as(out)
    else:
        ds.file_meta = _meta(syntax)
        ds.save_as(out, enforce_file_format=True)
    return {"dataset": as_octets(_data_set_of(out.getvalue()))}


def _meta(syntax: str) -> Any:
    from pydcm.dataset import FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    return meta


def _data_set_of(file: bytes) -> bytes:
    """Return what follows the File Meta Information (PS3.10 7.1)."""
    p = 132
    if file[128:132] != b"DICM":
        return file
    while file[p : p + 2] == b"\x02\x00":
        vr = file[p + 4 : p + 6]
        if vr in (b"OB", b"UN"):
            p += 12 + int.from_bytes(file[p + 8 : p + 12], "little")
        else:
            p += 8 + int.from_bytes(file[p + 6 : p + 8], "little")
    return file[p:]


def _write(given: Mapping[str, Json]) -> Answer:
    syntax = str(given["transfer_syntax"])
    return _written(dataset_of(given["elements"], little=syntax != _BIG), syntax)


def _rewrite(given: Mapping[str, Json]) -> Answer:
    return _written(_file(given), None)


def _frames(given: Mapping[str, Json], ds: Dataset) -> Array:
    reader = FrameReader(read_model(ds))
    if "frame" in given:
        pixels: Array = reader.read(cast("int", given["frame"]), 1)[0]
    else:
        pixels = reader.read(0, reader.count)
    return pixels if reader.model.layout.samples > 1 else pixels[..., 0]


def _decode(given: Mapping[str, Json]) -> Answer:
    return array_answer(_frames(given, _file(given)))


_OPTIONS = {"near": "jls_error"}


def _encode(given: Mapping[str, Json]) -> Answer:
    ds = _file(given)
    options = cast("dict[str, Any]", given.get("options", {}))
    named = {_OPTIONS.get(name, name): value for name, value in options.items()}
    ds.compress(str(given["transfer_syntax"]), **named)
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    again = dcmread(io.BytesIO(out.getvalue()))
    return array_answer(_frames({}, again))


def _modality(given: Mapping[str, Json]) -> Answer:
    ds = _file(given)
    return array_answer(apply_modality_lut(_frames(given, ds), ds))


def _voi(given: Mapping[str, Json]) -> Answer:
    ds = _file(given)
    index = cast("int", given.get("index", 0))
    return array_answer(apply_voi_lut(apply_modality_lut(_frames(given, ds), ds), ds, index))


def _presentation(given: Mapping[str, Json]) -> Answer:
    ds = _file(given)
    shown = apply_voi_lut(apply_modality_lut(_frames(given, ds), ds), ds)
    return array_answer(apply_presentation_lut(shown, ds))


def _palette(given: Mapping[str, Json]) -> Answer:
    ds = _file(given)
    return array_answer(apply_color_lut(_frames(given, ds), ds))


def _to_json(given: Mapping[str, Json]) -> Answer:
    return {"json": json.loads(_file(given).to_json())}


def _from_json(given: Mapping[str, Json]) -> Answer:
    return {"elements": elements_of(Dataset.from_json(octets_of(given["json"]).decode("utf-8")))}


def _charset(given: Mapping[str, Json]) -> Answer:
    """Read the octets as the value of an element of a file that declares the character sets."""
    charsets = "\\".join(cast("list[str]", given["charsets"])).encode("ascii")
    value = octets_of(given["octets"])
    vr = str(given["vr"]).encode("ascii")
    declared = b"\x08\x00\x05\x00CS" + _padded(charsets)
    element = b"\x10\x00\x10\x00" + vr + (b"\0\0" if vr in (b"UT", b"UC") else b"")
    size = 4 if vr in (b"UT", b"UC") else 2
    element += _padded(value, size)
    meta = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\0"
    group = b"\x02\x00\x00\x00UL\x04\x00" + len(meta).to_bytes(4, "little")
    file = bytes(128) + b"DICM" + group + meta + declared + element
    found = dcmread(io.BytesIO(file))[0x00100010]
    text = found.value
    if hasattr(text, "append"):
        return {"text": "\\".join(map(str, text))}
    return {"text": str(text)}


def _padded(value: bytes, size: int = 2) -> bytes:
    value += b" " * (len(value) % 2)
    return len(value).to_bytes(size, "little") + value


def _fileset(given: Mapping[str, Json]) -> Answer:
    """Open a file-set in a folder that has a file wherever its records say that there is one."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the files are empty
        descriptor = Path(folder, "DICOMDIR")
        descriptor.write_bytes(octets_of(given["file"]))
        for record in dcmread(descriptor).get("DirectoryRecordSequence") or []:
            names = file_components(record)
            if names:
                file = Path(safe_join(folder, names))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
        found = FileSet(descriptor)
        paths = [Path(instance.path).relative_to(folder).as_posix() for instance in found]
    return {"paths": cast("list[Json]", paths)}


_OPERATIONS: dict[str, Callable[[Mapping[str, Json]], Answer]] = {
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
    "fileset": _fileset,
}
