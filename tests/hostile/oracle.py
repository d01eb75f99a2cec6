"""The oracle of the hostile suite: what may happen when any bytes at all are read and used."""

from __future__ import annotations

import copy
import io
import pickle
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pydcm
from conformance.alarm import TooLongError, at_most
from pydcm import limits
from pydcm.errors import PydcmError

T = TypeVar("T")


class ViolationError(Exception):
    """Something other than `PydcmError` escaped."""


def exercise(data: bytes, path: Path, *, seconds: float = 60.0) -> bool:
    """Read `data` in every way and use all that was read.

    Parameters
    ----------
    data : bytes
        The input.
    path : Path
        Where to write it, to have it read from a file as well.
    seconds : float
        How long that may take: a safety net, far above what any input needs.

    Returns
    -------
    bool
        Whether it could be opened.

    Raises
    ------
    ViolationError
        If anything but `PydcmError` escaped.
    """
    path.write_bytes(data)
    try:
        with at_most(seconds), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ds = guard("read bytes", lambda: pydcm.dcmread(data, force=True))
            if ds is not None:
                _use(ds)
            guard("read strictly", lambda: _walk(pydcm.dcmread(data, force=True, strict=True)))
            from_file = guard("read file", lambda: pydcm.dcmread(path, defer_size=64))
            if from_file is not None:
                guard("walk file", lambda: _walk(from_file))
                guard("decode file", lambda: pydcm.decode(path))
                guard("write file", lambda: _write(from_file))
    except TooLongError:
        raise ViolationError(f"still busy after {seconds} s") from None
    return ds is not None


def _use(ds: pydcm.Dataset) -> None:
    """Do to a data set what programs do."""
    guard("walk", lambda: _walk(ds))
    guard("iterall", lambda: [element.value for element in ds.iterall()])
    guard("str", lambda: str(ds))
    guard("json", ds.to_json_dict)
    guard("json without the invalid", lambda: ds.to_json_dict(suppress_invalid_tags=True))
    guard("copy", lambda: copy.deepcopy(ds) == ds)
    guard("pickle", lambda: pickle.loads(pickle.dumps(ds)) == ds)
    guard("diagnostics", lambda: [str(diagnostic) for diagnostic in ds.diagnostics])
    if any(keyword in ds for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        guard("pixels", lambda: ds.pixel_array)
    written = guard("write", lambda: _write(ds))
    if written is not None:
        guard("read again", lambda: _walk(pydcm.dcmread(written, force=True)))


def guard(step: str, action: Callable[[], T]) -> T | None:
    """Run one step; any end but success and `PydcmError` is a violation."""
    try:
        with limits.using(max_frame_pixels=1 << 18, max_array_bytes=1 << 22):
            return action()
    except PydcmError as error:
        _check_message(step, error)
        return None
    except TooLongError:
        raise
    except BaseException as error:  # SystemExit is one, too
        raise _violation(step, error) from error


def _violation(step: str, error: BaseException) -> ViolationError:
    where = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(where))
    return ViolationError(f"{step}: {type(error).__name__}: {str(error)[:200]} ({places})")


def _check_message(step: str, error: PydcmError) -> None:
    if not str(error).strip():
        raise ViolationError(f"{step}: {type(error).__name__} without a message")


def _walk(ds: pydcm.Dataset) -> int:
    """Touch every value on its own, so that a bad one hides no other; return their number."""
    touched = 0
    for tag in list(ds.keys()):
        try:
            element = ds[tag]
            value = element.value
            repr(element)
        except PydcmError:
            continue
        touched += 1
        if element.VR == "SQ":
            touched += sum(_walk(item) for item in value)
    return touched


def _write(ds: pydcm.Dataset) -> bytes:
    buffer = io.BytesIO()
    pydcm.dcmwrite(buffer, ds)
    return buffer.getvalue()
