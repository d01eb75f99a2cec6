"""Reads a data set by name: from a file, a member of an archive, or a URL."""

from __future__ import annotations

import os
import re

from pydcm.dataset import FileDataset
from pydcm.diagnostics import ReadContext
from pydcm.elementindex import ANY_TAG
from pydcm.errors import PydcmError
from pydcm.filereader import dcmread
from pydcm.filereader.part10 import read_file
from pydcm.filereader.window import DEFER_ABOVE, FIRST_READ
from pydcm.source import ByteSource

__all__ = ["is_remote", "read", "source_of", "split_member"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::)")
"""A scheme has two letters or more, so that ``C:`` is none."""

_PIXELS = 0x7FE00008
"""The first of Float, Double Float and plain Pixel Data."""

_MEMBER = "!/"


def is_remote(name: str) -> bool:
    """Tell whether a name is a URL, possibly one inside another such as ``zip://a::s3://b``."""
    return bool(_URL.match(name))


def split_member(name: str) -> tuple[str, str] | None:
    """Return archive and member of a name such as ``study.zip!/ct0001``, None for other names."""
    if _MEMBER not in name or os.path.exists(name):
        return None
    start = name.find(_MEMBER)
    while start >= 0:
        if os.path.isfile(name[:start]):
            return name[:start], name[start + len(_MEMBER) :]
        start = name.find(_MEMBER, start + 1)
    return None


def read(
    name: str | os.PathLike[str], *, stop_before_pixels: bool = False, force: bool = False
) -> FileDataset:
    """Read a data set by a name of :func:`list_files`.

    Pixel data stay where they are until they are asked for: of a URL only the
    header is fetched, of an archive only the beginning of the member is
    decompressed.

    Parameters
    ----------
    name : str or PathLike
        A path, ``archive.zip!/member``, or a URL that fsspec knows.
    stop_before_pixels : bool
        Leave out Pixel Data and what comes after.
    force : bool
        Read a bare data set, without the preamble and ``DICM`` of PS3.10 7.1.

    Returns
    -------
    FileDataset
        The data set; its ``filename`` is the name.

    Raises
    ------
    InvalidDicomError
        If it is not DICOM.
    ReadError
        If it cannot be read, or the archive is broken.
    LimitError
        If the member of an archive is larger than :mod:`pydcm.limits` allow.
    OSError
        If it cannot be opened.
    BackendError
        If a URL needs a package that is not installed.

    Examples
    --------
    >>> from pydcm import examples
    >>> read(examples.get_path("ct")).Modality
    'CT'
    """
    text = os.fspath(name)
    source = source_of(text)
    if source is None:
        return dcmread(text, stop_before_pixels=stop_before_pixels, force=force)
    try:
        window = source.read(0, min(source.size, FIRST_READ))
        ds = read_file(
            source,
            window,
            ReadContext(text),
            force=force,
            until=_PIXELS if stop_before_pixels else ANY_TAG,
            defer_above=DEFER_ABOVE,
        )
    except PydcmError as error:
        error.path = error.path or text
        raise
    ds.__dict__.update(filename=text, buffer=None, timestamp=None)
    return ds


def source_of(name: str) -> ByteSource | None:
    """Return where the bytes of a name are, None for a plain file."""
    if is_remote(name):
        from pydcm.volume.files.remote import RemoteSource

        return RemoteSource(name)
    parts = split_member(name)
    if parts is None:
        return None
    from pydcm.volume.files.archive import MemberSource

    return MemberSource(*parts)
