"""Unique identifiers (PS3.5 Section 9), and the registry of DICOM's own (PS3.6 Annex A).

Every registered UID that has a keyword is a constant of this module:
``pydcm.uid.CTImageStorage``, ``pydcm.uid.ExplicitVRLittleEndian``. The
transfer syntaxes among them exist once the module is imported; the others come
from the registry when they are first asked for.

Examples
--------
>>> from pydcm.uid import UID, CTImageStorage, generate_uid
>>> UID("1.2.840.10008.5.1.4.1.1.2") == CTImageStorage
True
>>> CTImageStorage.name, CTImageStorage.type
('CT Image Storage', 'SOP Class')
>>> generate_uid(entropy_srcs=["a", "b"]) == generate_uid(entropy_srcs=["a", "b"])
True
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Self, TypeAlias, TypeVar

from pydcm import config
from pydcm._borrowed import borrowed
from pydcm._std.transfer_syntaxes import TRANSFER_SYNTAXES, TransferSyntax
from pydcm.forking import held_while_forking
from pydcm.valuerep.validation import fits, validate_value

if TYPE_CHECKING:
    from pydcm._std.uid_names import *  # noqa: F403  # one name for each keyword

    UID_dictionary: dict[str, RegistryEntry]
    RE_VALID_UID: re.Pattern[str]
    RE_VALID_UID_PREFIX: re.Pattern[str]

RegistryEntry: TypeAlias = tuple[str, str, str, str, str]

MAX_LENGTH = 64
"""Characters in a UID at most (PS3.5 9.1)."""

_MAX_PREFIX_LENGTH = 54  # leaves ten digits, so that generated UIDs differ
_DICOM_ROOT = "1.2.840.10008."
_COMPONENT = "(?:0|[1-9][0-9]*)"

_lock = threading.Lock()
held_while_forking(_lock)

PYDCM_ROOT_UID = "1.2.826.0.1.3680043.9.7155."
"""What the UIDs that this project makes begin with."""


# The same few UIDs stand in every file of a series. Longer texts are not kept.
@lru_cache(maxsize=2048)
def _is_valid(text: str) -> bool:
    return fits("UI", text)


class UID(str):
    """A unique identifier: text that knows what it identifies.

    Parameters
    ----------
    val : str
        Up to 64 characters: numbers joined by dots, none with a leading zero
        (PS3.5 9.1). White space around it is dropped.
    validation_mode : int, optional
        What to do about an invalid `val`: ``config.IGNORE``, ``config.WARN`` or
        ``config.RAISE``; by default the mode for reading in force.

    Raises
    ------
    TypeError
        If `val` is no text.
    ValueRepresentationError
        If `val` is invalid and the mode is RAISE.

    Warns
    -----
    UserWarning
        If `val` is invalid and the mode is WARN.

    Examples
    --------
    >>> uid = UID("1.2.840.10008.1.2.4.50")
    >>> uid.name
    'JPEG Baseline (Process 1)'
    >>> uid.is_transfer_syntax, uid.is_compressed
    (True, True)
    """

    _private_encoding: tuple[bool, bool] | None = None

    def __new__(cls, val: str, validation_mode: int | None = None) -> Self:
        """Check the text and make it a UID."""
        if type(val) is not str:
            return _from_other(cls, val, validation_mode)
        if len(val) > MAX_LENGTH or not _is_valid(val):
            val = _checked(val, validation_mode)
        return str.__new__(cls, val)

    def __getnewargs__(self) -> tuple[str, int]:  # type: ignore[override]  # one more than str
        # A copy says nothing about faults that the original has already been blamed for.
        return str(self), config.IGNORE

    def set_private_encoding(self, implicit_vr: bool, little_endian: bool) -> None:
        """Say how a private transfer syntax encodes data sets.

        The UID then counts as a transfer syntax. It has no effect on a UID of
        the standard. :func:`register_transfer_syntax` does the same for every
        UID with the same text.

        Parameters
        ----------
        implicit_vr : bool
            Whether the VRs are left out.
        little_endian : bool
            Whether the byte order is little endian.
        """
        self._private_encoding = (implicit_vr, little_endian)

    @property
    def name(self) -> str:
        """The registered name; the UID itself where none is registered."""
        entry = _registry().get(self)
        return str(self) if entry is None else entry[0]

    @property
    def type(self) -> str:
        """What the UID identifies, such as ``"SOP Class"``; empty if not registered."""
        return self._entry()[1]

    @property
    def info(self) -> str:
        """Further information from the registry; empty if there is none."""
        return self._entry()[2]

    @property
    def is_retired(self) -> bool:
        """Whether the registry marks the UID as retired."""
        return self._entry()[3] != ""

    @property
    def keyword(self) -> str:
        """The registered keyword; empty if there is none."""
        return self._entry()[4]

    @property
    def is_private(self) -> bool:
        """Whether the UID is not under the root of the DICOM standard, 1.2.840.10008."""
        return not self.startswith(_DICOM_ROOT)

    @property
    def is_valid(self) -> bool:
        """Whether the UID obeys PS3.5 9.1; an empty one does not."""
        return 0 < len(self) <= MAX_LENGTH and _is_valid(str(self))

    @property
    def is_transfer_syntax(self) -> bool:
        """Whether the UID identifies a transfer syntax, of the standard or a registered one."""
        return self._syntax() is not None

    @property
    def is_implicit_VR(self) -> bool:
        """Whether data sets are encoded without VRs; ValueError if no transfer syntax."""
        return self._known_syntax().is_implicit_VR

    @property
    def is_little_endian(self) -> bool:
        """Whether data sets are encoded in little endian; ValueError if no transfer syntax."""
        return self._known_syntax().is_little_endian

    @property
    def is_deflated(self) -> bool:
        """Whether data sets are deflated as a whole; ValueError if no transfer syntax."""
        return self._known_syntax().is_deflated

    @property
    def is_encapsulated(self) -> bool:
        """Whether Pixel Data is encapsulated (PS3.5 A.4); ValueError if no transfer syntax."""
        return self._known_syntax().is_encapsulated

    @property
    def is_compressed(self) -> bool:
        """The same as `is_encapsulated`."""
        return self.is_encapsulated

    def _entry(self) -> RegistryEntry:
        return _registry().get(self, ("", "", "", "", ""))

    def _syntax(self) -> TransferSyntax | None:
        syntax = TRANSFER_SYNTAXES.get(self)
        return _private_syntax(self) if syntax is None and self.is_private else syntax

    def _known_syntax(self) -> TransferSyntax:
        syntax = self._syntax()
        if syntax is None:
            raise ValueError(f"UID {str(self)!r} is not a known transfer syntax")
        return syntax


_UID = TypeVar("_UID", bound=UID)


def _from_other(cls: type[_UID], val: object, validation_mode: int | None) -> _UID:
    """Make a UID from what is not exactly a string."""
    if not isinstance(val, str):
        raise TypeError(f"a UID is made from a str, not from {type(val).__name__}")
    if type(val) is cls:
        return val
    text = str(val)
    if len(text) > MAX_LENGTH or not _is_valid(text):
        text = _checked(text, validation_mode)
    uid = str.__new__(cls, text)  # not cls(): a subclass may take other arguments
    if isinstance(val, UID):
        uid._private_encoding = val._private_encoding
    return uid


def _checked(val: str, validation_mode: int | None) -> str:
    """Report an invalid UID; return the text without white space around it."""
    mode = config.reading_mode() if validation_mode is None else validation_mode
    validate_value("UI", val, mode)
    return val.strip()


def _private_syntax(uid: UID) -> TransferSyntax | None:
    encoding = uid._private_encoding
    if encoding is None:
        for known in PrivateTransferSyntaxes:
            if known == uid:
                encoding = known._private_encoding
    if encoding is None:
        return None
    implicit_vr, little_endian = encoding
    return TransferSyntax(
        uid=str(uid),
        keyword="",
        name=str(uid),
        is_little_endian=little_endian,
        is_implicit_VR=implicit_vr,
        is_deflated=False,
        is_encapsulated=True,
        codec_family="",
        loss="",
        is_video_fragmentable=None,
        sample_bits="",
        is_retired=False,
        note="",
    )


def register_transfer_syntax(
    uid: str, implicit_vr: bool | None = None, little_endian: bool | None = None
) -> UID:
    """Make a private transfer syntax known, for the whole process.

    Parameters
    ----------
    uid : str
        The Transfer Syntax UID. A transfer syntax of the standard is known
        already and stays as it is.
    implicit_vr : bool, optional
        Whether the VRs are left out; not needed if
        :meth:`UID.set_private_encoding` was called on `uid`.
    little_endian : bool, optional
        Whether the byte order is little endian; not needed likewise.

    Returns
    -------
    UID
        The UID as it is now found in `PrivateTransferSyntaxes`.

    Raises
    ------
    ValueError
        If the encoding is not given, or the UID means something else in the
        standard.

    Examples
    --------
    >>> syntax = register_transfer_syntax("1.2.3.4.5", implicit_vr=False, little_endian=True)
    >>> UID("1.2.3.4.5").is_little_endian
    True
    """
    given = UID(uid)
    if given in TRANSFER_SYNTAXES:
        return given
    if not given.is_private:
        raise ValueError(f"UID {str(given)!r} is DICOM's own and not a transfer syntax")
    encoding = given._private_encoding
    if implicit_vr is not None and little_endian is not None:
        encoding = (implicit_vr, little_endian)
    if encoding is None:
        raise ValueError(
            f"how the private transfer syntax {str(given)!r} encodes data sets is unknown: "
            "give both implicit_vr and little_endian"
        )
    known = UID(str(given), config.IGNORE)
    known.set_private_encoding(*encoding)
    with _lock:
        if known in PrivateTransferSyntaxes:
            PrivateTransferSyntaxes[PrivateTransferSyntaxes.index(known)] = known
        else:
            PrivateTransferSyntaxes.append(known)
    return known


def generate_uid(
    prefix: str | None = PYDCM_ROOT_UID, entropy_srcs: Iterable[str] | None = None
) -> UID:
    """Return a new unique identifier (PS3.5 9.1, Annex B).

    Parameters
    ----------
    prefix : str or None
        What the UID begins with: a root of your own, ending in a dot, of at
        most 54 characters. None gives a UID derived from a UUID, under 2.25
        (PS3.5 B.2), which needs no root.
    entropy_srcs : iterable of str, optional
        Texts that determine the UID: the same texts in the same order give the
        same UID. By default it is random.

    Returns
    -------
    UID
        The UID, of at most 64 characters.

    Raises
    ------
    ValueError
        If the prefix is malformed or too long.

    Examples
    --------
    >>> uid = generate_uid("1.2.3.")
    >>> uid.is_valid, uid.startswith("1.2.3.")
    (True, True)
    """
    if prefix is None:
        return UID(f"2.25.{_uuid_number(entropy_srcs)}", config.RAISE)
    if len(prefix) > _MAX_PREFIX_LENGTH:
        raise ValueError(
            f"a UID prefix has at most {_MAX_PREFIX_LENGTH} characters, not {len(prefix)}"
        )
    if _prefix_pattern().fullmatch(prefix) is None:
        raise ValueError(
            f"{prefix!r} is no UID prefix: it is made of numbers without leading zeros, "
            "each followed by a dot (PS3.5 9.1)"
        )
    room = MAX_LENGTH - len(prefix)
    if entropy_srcs is None:
        suffix = str(int.from_bytes(os.urandom(32), "big") % 10**room)
    else:
        suffix = str(int.from_bytes(_digest(entropy_srcs), "big"))[:room]
    return UID(prefix + suffix, config.RAISE)


def _digest(texts: Iterable[str]) -> bytes:
    import hashlib

    return hashlib.sha512("".join(texts).encode("utf-8")).digest()


def _uuid_number(entropy_srcs: Iterable[str] | None) -> int:
    """Return a UUID as a number: random (version 4), or of a hash (version 8, RFC 9562)."""
    version, octets = (
        (4, os.urandom(16)) if entropy_srcs is None else (8, _digest(entropy_srcs)[:16])
    )
    number = int.from_bytes(octets, "big")
    number = number & ~(0xF << 76) | version << 76
    return number & ~(0x3 << 62) | 0x2 << 62


@cache
def _registry() -> dict[str, RegistryEntry]:
    """Return {UID: (name, type, info, Retired or empty, keyword)} of all registered UIDs."""
    from pydcm._std.uids import UIDS

    registry: dict[str, RegistryEntry] = {}
    for line in UIDS.splitlines():
        uid, name, kind, retired, keyword = line.split("|")
        registry[uid] = (name, kind, "", "Retired" if retired == "1" else "", keyword)
    return registry


@cache
def _uid_by_keyword() -> dict[str, str]:
    return {entry[4]: uid for uid, entry in _registry().items() if entry[4]}


@cache
def _prefix_pattern() -> re.Pattern[str]:
    return re.compile(rf"^{_COMPONENT}(?:\.{_COMPONENT})*\.$")


def _load(name: str) -> object:
    """Return what this module offers without having made it at import."""
    match name:
        case "__all__":  # with the constants, for ``from pydcm.uid import *``
            return [*_NAMES, *_uid_by_keyword()]
        case "UID_dictionary":
            value: object = _registry()
        case "RE_VALID_UID":
            value = re.compile(rf"^{_COMPONENT}(?:\.{_COMPONENT})*$")
        case "RE_VALID_UID_PREFIX":
            value = _prefix_pattern()
        case _:
            uid = None if name.startswith("_") else _uid_by_keyword().get(name)
            if uid is None:
                return borrowed(__name__)(name)
            value = UID(uid)
    return globals().setdefault(name, value)


if not TYPE_CHECKING:  # otherwise type checkers would take every name for known
    __getattr__ = _load


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES, *_uid_by_keyword()})


def _by_keyword(*keywords: str) -> list[UID]:
    return [globals()[keyword] for keyword in keywords]


globals().update({row.keyword: UID(uid, config.IGNORE) for uid, row in TRANSFER_SYNTAXES.items()})

PYDCM_IMPLEMENTATION_UID = UID(f"{PYDCM_ROOT_UID}1")
"""The Implementation Class UID (0002,0012) of files that this project writes."""

PYDICOM_ROOT_UID = PYDCM_ROOT_UID
"""`PYDCM_ROOT_UID`, under the name of the compatible API."""

PYDICOM_IMPLEMENTATION_UID = PYDCM_IMPLEMENTATION_UID
"""`PYDCM_IMPLEMENTATION_UID`, under the name of the compatible API."""

AllTransferSyntaxes = _by_keyword(
    *(
        row.keyword
        for row in TRANSFER_SYNTAXES.values()
        if not row.is_retired or row.keyword == "ExplicitVRBigEndian"
    )
)
"""Every transfer syntax that is not retired, and big endian, which archives still hold."""

JPEGTransferSyntaxes = _by_keyword(
    "JPEGBaseline8Bit", "JPEGExtended12Bit", "JPEGLossless", "JPEGLosslessSV1"
)
"""The transfer syntaxes for JPEG (ISO/IEC 10918-1) that are not retired."""

JPEGLSTransferSyntaxes = _by_keyword("JPEGLSLossless", "JPEGLSNearLossless")
"""The transfer syntaxes for JPEG-LS."""

JPEG2000TransferSyntaxes = _by_keyword(
    "JPEG2000Lossless",
    "JPEG2000",
    "JPEG2000MCLossless",
    "JPEG2000MC",
    "HTJ2KLossless",
    "HTJ2KLosslessRPCL",
    "HTJ2K",
)
"""The transfer syntaxes for JPEG 2000, high throughput (Part 15) among them."""

MPEGTransferSyntaxes = _by_keyword(
    *(
        row.keyword
        for row in TRANSFER_SYNTAXES.values()
        if row.codec_family in ("mpeg2", "mpeg4-avc", "hevc")
    )
)
"""The transfer syntaxes for video: MPEG-2, MPEG-4 AVC/H.264 and HEVC/H.265."""

RLETransferSyntaxes = _by_keyword("RLELossless")
"""The transfer syntax for RLE."""

UncompressedTransferSyntaxes = _by_keyword(
    "ExplicitVRLittleEndian",
    "ImplicitVRLittleEndian",
    "DeflatedExplicitVRLittleEndian",
    "ExplicitVRBigEndian",
)
"""The transfer syntaxes with native, not encapsulated Pixel Data."""

PrivateTransferSyntaxes: list[UID] = []
"""What :func:`register_transfer_syntax` has made known."""

_NAMES = [
    "PYDCM_IMPLEMENTATION_UID",
    "PYDCM_ROOT_UID",
    "PYDICOM_IMPLEMENTATION_UID",
    "PYDICOM_ROOT_UID",
    "RE_VALID_UID",
    "RE_VALID_UID_PREFIX",
    "UID",
    "AllTransferSyntaxes",
    "JPEG2000TransferSyntaxes",
    "JPEGLSTransferSyntaxes",
    "JPEGTransferSyntaxes",
    "MPEGTransferSyntaxes",
    "PrivateTransferSyntaxes",
    "RLETransferSyntaxes",
    "UID_dictionary",
    "UncompressedTransferSyntaxes",
    "generate_uid",
    "register_transfer_syntax",
]
