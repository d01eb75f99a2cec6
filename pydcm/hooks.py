"""Which VR a raw element has and how its value is decoded, and how to change that.

A program may register functions of its own in :data:`hooks`; they hold for the
whole process. As long as it does not, the reader takes a shorter way with the
same result.

Examples
--------
>>> from pydcm.hooks import hooks, raw_element_value_fix_separator
>>> hooks.register_callback("raw_element_value", raw_element_value_fix_separator)
>>> hooks.register_kwargs("raw_element_kwargs", {"separator": ",", "target_VRs": ("DS",)})
>>> hooks.are_default()
False
>>> hooks.reset()
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from typing import TYPE_CHECKING, Any, Protocol

from pydcm import config
from pydcm._borrowed import borrowed
from pydcm.charset import convert_encodings, encode_string, split_encoded
from pydcm.datadict import dictionary_VR, private_dictionaries
from pydcm.dataelem import TOO_LONG_FOR_SHORT_FORM
from pydcm.errors import BytesLengthException, UnknownVRError
from pydcm.tag import BaseTag
from pydcm.values import convert_value, converters, decode_value

if TYPE_CHECKING:
    from pydcm.dataelem import RawDataElement
    from pydcm.dataset import Dataset

__all__ = [
    "Hooks",
    "PrivateCreators",
    "hooks",
    "lookup_vr",
    "raw_element_value",
    "raw_element_value_fix_separator",
    "raw_element_value_retry",
    "raw_element_vr",
    "unsigned_lut_entries",
    "wrong_length_to_un",
]

LUT_DESCRIPTORS = frozenset({0x00281101, 0x00281102, 0x00281103, 0x00283002})


class PrivateCreators(Protocol):
    """What tells which private creator an element belongs to: a data set."""

    def private_creator_of(self, tag: int, /) -> str | None:
        """Return the private creator of the block that `tag` is in, if it is known."""


# --- the VR -----------------------------------------------------------------------


def lookup_vr(tag: int, vr: str | None, ds: PrivateCreators | None, length: int = 0) -> str:
    """Return the VR of an element whose header may not tell it.

    Parameters
    ----------
    tag : int
        The element.
    vr : str or None
        The VR in the file; None in Implicit VR.
    ds : Dataset or None
        The data set with the private creators.
    length : int
        Bytes of the value.

    Returns
    -------
    str
        `vr` if that is known. Otherwise, and for UN if
        ``config.replace_un_with_known_vr`` is true, the VR in the data
        dictionary or in the private creator's, UL for group lengths, and LO for
        private creators; UN for what is unknown. UN stays for a value that is
        too long for a short length field, which is why it was chosen (PS3.5
        6.2.2), unless the element is private.

    Raises
    ------
    UnknownVRError
        If the dictionary lacks the element, it is not private, and the reading
        validation mode is RAISE; in the other modes there is a warning.

    Examples
    --------
    >>> lookup_vr(0x00100010, None, None), lookup_vr(0x00090010, "UN", None)
    ('PN', 'LO')
    """
    if vr is not None and (vr != "UN" or not config.replace_un_with_known_vr):
        return vr
    if tag & 0x10000:
        return private_vr(tag, vr, ds.private_creator_of(tag) if ds is not None else None)
    if vr is not None and length >= TOO_LONG_FOR_SHORT_FORM:
        return vr
    try:
        return dictionary_VR(tag)
    except KeyError:
        return _unknown_vr(tag) if vr is None else vr


def private_vr(tag: int, vr: str | None, creator: str | None) -> str:
    """Return the VR of an element of an odd group (PS3.5 7.8).

    Parameters
    ----------
    tag : int
        The element.
    vr : str or None
        ``"UN"``, or None in Implicit VR.
    creator : str or None
        The private creator of its block, if it is known.

    Returns
    -------
    str
        The VR in the creator's dictionary, LO for private creators themselves,
        UL for group lengths, and UN for what is unknown.
    """
    element = tag & 0xFFFF
    if 0x10 <= element <= 0xFF:
        return "LO"
    if element == 0 and vr is None:
        return "UL"
    if creator is None:
        return "UN"
    try:
        entry = private_dictionaries.entry(tag, creator)
    except KeyError:
        return "UN"
    return "UN" if entry is None else entry[0]


def _unknown_vr(tag: int) -> str:
    if tag & 0xFFFF == 0:
        return "UL"
    message = f"the data dictionary has no element {BaseTag(tag)}"
    if config.reading_mode() == config.RAISE:
        raise UnknownVRError(message, clause="PS3.5 7.1.3")
    config.warn_and_log(f"{message}; its value is read as UN", UserWarning, stacklevel=3)
    return "UN"


def raw_element_vr(
    raw: RawDataElement,
    data: dict[str, Any],
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None = None,
    **kwargs: Any,
) -> None:
    """Put the VR of a raw element into `data`.

    Parameters
    ----------
    raw : RawDataElement
        The element.
    data : dict
        Receives the VR under ``"VR"``.
    encoding : str or list of str, optional
        Not used.
    ds : Dataset, optional
        The data set the element is in, for private creators.
    **kwargs : object
        Not used.

    See Also
    --------
    lookup_vr : What decides.
    """
    length = 0 if raw.value is None else len(raw.value)
    data["VR"] = lookup_vr(raw.tag, raw.VR, ds, length)


# --- the value --------------------------------------------------------------------


def unsigned_lut_entries(tag: int, vr: str, value: object) -> object:
    """Return the value with the first number of a LUT descriptor made unsigned.

    The number of entries is unsigned even where the VR is SS (PS3.3 C.11.1.1).

    Parameters
    ----------
    tag : int
        The element.
    vr : str
        Its VR.
    value : object
        Its value, which is changed in place if it is a LUT descriptor's.

    Examples
    --------
    >>> unsigned_lut_entries(0x00283002, "SS", [-4096, -1024, 16])
    [61440, -1024, 16]
    """
    if vr == "SS" and tag in LUT_DESCRIPTORS and isinstance(value, list) and value:
        value[0] &= 0xFFFF
    return value


def wrong_length_to_un(tag: int, vr: str, error: BytesLengthException) -> str:
    """Return UN for an element with a value of wrong length, if that is configured.

    Parameters
    ----------
    tag : int
        The element.
    vr : str
        Its VR.
    error : BytesLengthException
        What decoding the value by `vr` raised.

    Returns
    -------
    str
        ``"UN"``, after a warning, if ``config.convert_wrong_length_to_UN`` is true.

    Raises
    ------
    BytesLengthException
        Otherwise: `error`, which now names the element.
    """
    message = f"{BaseTag(tag)} has VR {vr}, but {error.args[0]}"
    if not config.convert_wrong_length_to_UN:
        error.args = (message,)
        raise error
    config.warn_and_log(f"{message}; its VR is changed to UN", UserWarning, stacklevel=3)
    return "UN"


def raw_element_value(
    raw: RawDataElement,
    data: dict[str, Any],
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None = None,
    **kwargs: Any,
) -> None:
    """Put the value of a raw element into `data`.

    Parameters
    ----------
    raw : RawDataElement
        The element.
    data : dict
        Has the VR under ``"VR"``, and receives the value under ``"value"``.
    encoding : str or list of str, optional
        The codecs of text.
    ds : Dataset, optional
        Not used.
    **kwargs : object
        Not used.

    Raises
    ------
    BytesLengthException
        If a binary value has a wrong length; if
        ``config.convert_wrong_length_to_UN`` is true, the VR becomes UN instead.
    ValueRepresentationError
        If a value does not fit its VR and the reading validation mode is RAISE.
    """
    vr = data["VR"]
    try:
        if vr in converters:
            value = convert_value(vr, raw, encoding)
        else:
            value = decode_value(vr, raw.value or b"", raw.is_little_endian, [])
    except UnknownVRError as error:
        error.args = (f"{raw.tag}: {error.args[0]}",)
        raise
    except BytesLengthException as error:
        data["VR"] = wrong_length_to_un(raw.tag, vr, error)
        value = raw.value
    data["value"] = unsigned_lut_entries(raw.tag, vr, value)


def raw_element_value_retry(
    raw: RawDataElement,
    data: dict[str, Any],
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None = None,
    target_VRs: dict[str, tuple[str, ...]] | None = None,
    **kwargs: Any,
) -> None:
    """Put the value of a raw element into `data`, by another VR if its own fails.

    Parameters
    ----------
    raw : RawDataElement
        The element.
    data : dict
        Has the VR under ``"VR"``, which is changed to the one that succeeded, and
        receives the value under ``"value"``.
    encoding : str or list of str, optional
        The codecs of text.
    ds : Dataset, optional
        Not used.
    target_VRs : dict of {str: tuple of str}, optional
        For a VR those to try in its place, in that order.
    **kwargs : object
        Not used.

    Raises
    ------
    PydcmError
        What the element's own VR raises, if none succeeded.
    """
    vr = data["VR"]
    try:
        raw_element_value(raw, data, encoding=encoding, ds=ds, **kwargs)
    except Exception:  # a converter may be the caller's
        for other in (target_VRs or {}).get(vr, ()):
            try:
                data["value"] = convert_value(other, raw, encoding)
            except Exception:  # as above
                continue
            data["VR"] = other
            return
        raise


def raw_element_value_fix_separator(
    raw: RawDataElement,
    data: dict[str, Any],
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None = None,
    separator: str | bytes = b",",
    target_VRs: tuple[str, ...] | None = None,
    **kwargs: Any,
) -> None:
    """Put the value of a raw element into `data`, with another separator than a backslash.

    Parameters
    ----------
    raw : RawDataElement
        The element.
    data : dict
        Has the VR under ``"VR"``, and receives the value under ``"value"``.
    encoding : str or list of str, optional
        The codecs of text.
    ds : Dataset, optional
        Not used.
    separator : str or bytes
        What stands between values.
    target_VRs : tuple of str, optional
        The VRs in which it does; in all others nothing is replaced.
    **kwargs : object
        Not used.

    Raises
    ------
    ValueRepresentationError
        As of :func:`raw_element_value`.
    """
    if data["VR"] in (target_VRs or ()) and raw.value:
        encodings = encoding
        if encodings is None or isinstance(encodings, str):
            encodings = convert_encodings(encodings)
        if isinstance(separator, str):
            separator = encode_string(separator, encodings)
        if len(separator) == 1:
            values = split_encoded(raw.value, encodings, separator)
        else:
            values = raw.value.split(separator)
        raw = raw._replace(value=b"\\".join(values))
    raw_element_value(raw, data, encoding=encoding, ds=ds, **kwargs)


# --- registration -----------------------------------------------------------------


class Hooks:
    """The functions that turn raw elements into elements.

    Attributes
    ----------
    raw_element_vr : callable
        Puts the VR into a dict; :func:`raw_element_vr` unless another was registered.
    raw_element_value : callable
        Puts the value into a dict; :func:`raw_element_value` unless another was registered.
    raw_element_kwargs : dict
        Keyword arguments that both are called with.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Return to the functions of this module."""
        self.raw_element_vr: Callable[..., None] = raw_element_vr
        self.raw_element_value: Callable[..., None] = raw_element_value
        self.raw_element_kwargs: dict[str, Any] = {}

    def are_default(self) -> bool:
        """Whether nobody has registered other functions."""
        return self.raw_element_value is raw_element_value and self.raw_element_vr is raw_element_vr

    def register_callback(self, hook: str, func: Callable[..., None]) -> None:
        """Use another function.

        Parameters
        ----------
        hook : {"raw_element_vr", "raw_element_value"}
            The function to replace.
        func : callable
            Called with the raw element, a dict, and the keywords `encoding` and
            `ds` besides those that :meth:`register_kwargs` adds.

        Raises
        ------
        ValueError
            If `hook` is none of these.
        TypeError
            If `func` cannot be called.
        """
        if not callable(func):
            raise TypeError(f"a hook must be callable, not {type(func).__name__!r}")
        if hook not in ("raw_element_vr", "raw_element_value"):
            raise ValueError(f"there is no hook {hook!r} for a function")
        setattr(self, hook, func)

    def register_kwargs(self, hook: str, kwargs: dict[str, Any]) -> None:
        """Use other keyword arguments.

        Parameters
        ----------
        hook : {"raw_element_kwargs"}
            What to replace.
        kwargs : dict
            Passed to both functions.

        Raises
        ------
        ValueError
            If `hook` is anything else.
        TypeError
            If `kwargs` is no dict.
        """
        if not isinstance(kwargs, dict):
            raise TypeError(f"keyword arguments must be a dict, not {type(kwargs).__name__!r}")
        if hook != "raw_element_kwargs":
            raise ValueError(f"there is no hook {hook!r} for keyword arguments")
        self.raw_element_kwargs = kwargs


hooks = Hooks()
"""The one :class:`Hooks` object, which holds for the whole process."""

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
