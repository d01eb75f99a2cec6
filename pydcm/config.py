"""Settings of the library.

Two kinds of settings live here:

* how strictly values are checked against their value representation (PS3.5
  6.2), for reading and for writing. The process default is an attribute of
  :data:`settings`; :func:`validation` and its two shorthands change it for one
  block in one thread or task only;
* plain names of this module, such as ``use_DS_decimal``, which a program sets
  once at its start: ``config.use_DS_decimal = True``. They hold for the whole
  process.

Examples
--------
>>> from pydcm import config
>>> with config.validation(reading=config.RAISE):
...     config.settings.reading_validation_mode == config.RAISE
True
>>> config.settings.reading_validation_mode == config.WARN
True
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

    logger: logging.Logger
    have_numpy: bool
    pixel_data_handlers: list[object]

IGNORE = 0
"""Validation mode: values are not checked."""
WARN = 1
"""Validation mode: a value that breaks its VR causes a ``UserWarning``."""
RAISE = 2
"""Validation mode: a value that breaks its VR raises ``ValueRepresentationError``."""

# The block-local modes. None stands for "as the process default says".
_local_reading: ContextVar[int | None] = ContextVar("pydcm_reading_mode", default=None)
_local_writing: ContextVar[int | None] = ContextVar("pydcm_writing_mode", default=None)


class Settings:
    """The settings that have rules of their own."""

    def __init__(self) -> None:
        self._default_reading: int | None = None
        self._default_writing: int | None = None
        self._buffered_read_size = 8192
        self._infer_sq_for_un_vr = True

    @property
    def infer_sq_for_un_vr(self) -> bool:
        """Whether an element of VR UN and undefined length is read as a sequence.

        PS3.5 6.2.2, note 2.
        """
        return self._infer_sq_for_un_vr

    @infer_sq_for_un_vr.setter
    def infer_sq_for_un_vr(self, value: bool) -> None:
        self._infer_sq_for_un_vr = value

    @property
    def buffered_read_size(self) -> int:
        """Bytes taken at a time from a buffered value, at least 1."""
        return self._buffered_read_size

    @buffered_read_size.setter
    def buffered_read_size(self, value: int) -> None:
        if value <= 0:
            raise ValueError(f"buffered_read_size must be at least 1 byte, not {value}")
        self._buffered_read_size = value

    @property
    def reading_validation_mode(self) -> int:
        """IGNORE, WARN or RAISE for values that are read.

        Assigning changes the process default, unless the assignment happens
        inside a block of :func:`validation`: then it lasts until its end.
        Assigning None returns to the built-in default, WARN.
        """
        return reading_mode()

    @reading_validation_mode.setter
    def reading_validation_mode(self, mode: int | None) -> None:
        if _local_reading.get() is None:
            self._default_reading = mode
        else:
            _local_reading.set(mode)

    @property
    def writing_validation_mode(self) -> int:
        """IGNORE, WARN or RAISE for values that are written.

        For values that are set it counts in a block of :func:`validation` that
        gives it; see :func:`setting_mode`.

        See :attr:`reading_validation_mode` for what assigning does.
        """
        return writing_mode()

    @writing_validation_mode.setter
    def writing_validation_mode(self, mode: int | None) -> None:
        if _local_writing.get() is None:
            self._default_writing = mode
        else:
            _local_writing.set(mode)


settings = Settings()
"""The one :class:`Settings` object."""


def reading_mode() -> int:
    """Return the validation mode for reading in force in this thread or task.

    The same as ``settings.reading_validation_mode``, but quicker.

    Returns
    -------
    int
        IGNORE, WARN or RAISE.
    """
    mode = _local_reading.get()
    if mode is None:
        mode = settings._default_reading
        if mode is None:
            return RAISE if enforce_valid_values else WARN
    return mode


def writing_mode() -> int:
    """Return the validation mode for writing in force in this thread or task.

    The same as ``settings.writing_validation_mode``, but quicker.

    Returns
    -------
    int
        IGNORE, WARN or RAISE.
    """
    mode = _local_writing.get()
    if mode is None:
        mode = settings._default_writing
        if mode is None:
            return RAISE if enforce_valid_values else WARN
    return mode


def setting_mode() -> int:
    """Return the validation mode for values that a program sets.

    Returns
    -------
    int
        The mode for writing in a block of :func:`validation` that gives one;
        anywhere else the mode for reading, as the compatible API has it.
    """
    mode = _local_writing.get()
    return reading_mode() if mode is None else mode


@contextmanager
def validation(
    *, reading: int | None = None, writing: int | None = None
) -> Generator[None, None, None]:
    """Change the validation modes for a block, in this thread or task only.

    Parameters
    ----------
    reading, writing : int, optional
        IGNORE, WARN or RAISE; a mode that is not given stays as it is.

    Examples
    --------
    >>> with validation(writing=IGNORE):
    ...     writing_mode() == IGNORE
    True
    """
    undo_reading = None if reading is None else _local_reading.set(reading)
    undo_writing = None if writing is None else _local_writing.set(writing)
    try:
        yield
    finally:
        if undo_reading is not None:
            _local_reading.reset(undo_reading)
        if undo_writing is not None:
            _local_writing.reset(undo_writing)


@contextmanager
def disable_value_validation() -> Generator[None, None, None]:
    """Check no values in the enclosed block, in this thread or task only.

    Examples
    --------
    >>> with disable_value_validation():
    ...     reading_mode() == writing_mode() == IGNORE
    True
    """
    with validation(reading=IGNORE, writing=IGNORE):
        yield


@contextmanager
def strict_reading() -> Generator[None, None, None]:
    """Raise for invalid values that are read in the enclosed block.

    This thread or task only; the mode for writing stays as it is.

    Examples
    --------
    >>> with strict_reading():
    ...     reading_mode() == RAISE
    True
    """
    with validation(reading=RAISE):
        yield


# --- names that a program may assign -----------------------------------------

enforce_valid_values = False
"""If true, modes that have not been set explicitly are RAISE instead of WARN."""

allow_DS_float = False
"""If true, a DSdecimal may be made from a float without rounding it first."""

use_DS_decimal = False
"""If true, Decimal String values become DSdecimal instead of DSfloat."""

use_DS_numpy = False
"""If true, several Decimal String values become an array of float64."""

use_IS_numpy = False
"""If true, several Integer String values become an array of int64."""

datetime_conversion = False
"""If true, DA, DT and TM values become the classes of those names instead of str."""

use_none_as_empty_text_VR_value = False
"""If true, an empty text value is None instead of an empty string."""

convert_wrong_length_to_UN = False
"""If true, an element whose value has a wrong length is kept with VR UN."""

replace_un_with_known_vr = True
"""If true, an element of VR UN takes the VR that the dictionary has for its tag."""

assume_implicit_vr_switch = True
"""If true, an element without a valid explicit VR is read as implicit VR."""

show_file_meta = True
"""If true, printing a dataset prints its file meta information first."""

APPLY_J2K_CORRECTIONS = True
"""If true, JPEG 2000 precision and signedness overrule the image pixel module."""

INVALID_KEYWORD_BEHAVIOR = "WARN"
"""On setting an attribute of a dataset that is near a keyword: WARN, RAISE or IGNORE."""

INVALID_KEY_BEHAVIOR = "WARN"
"""On looking for a key that can be no tag in a dataset: WARN, RAISE or IGNORE."""

data_element_callback: Callable[..., object] | None = None
"""Called with each raw data element before it is converted; returns one in its place."""

data_element_callback_kwargs: dict[str, object] = {}
"""Keyword arguments for `data_element_callback`."""

debugging = False
"""Whether details of reading and writing are logged; set it with :func:`debug`."""

_use_future = False


def reset_data_element_callback() -> None:
    """Forget `data_element_callback` and its keyword arguments."""
    global data_element_callback, data_element_callback_kwargs
    data_element_callback = None
    data_element_callback_kwargs = {}


def DS_decimal(use_Decimal_boolean: bool = True) -> None:
    """Choose the class for Decimal String values.

    Parameters
    ----------
    use_Decimal_boolean : bool
        True for DSdecimal, False for DSfloat.

    Raises
    ------
    ValueError
        If true while `use_DS_numpy` is true.
    """
    global use_DS_decimal
    if use_Decimal_boolean and use_DS_numpy:
        raise ValueError("use_DS_decimal and use_DS_numpy cannot both be true")
    use_DS_decimal = use_Decimal_boolean


def DS_numpy(use_numpy: bool = True) -> None:
    """Choose whether several Decimal String values become a numpy array.

    Parameters
    ----------
    use_numpy : bool
        True for an array of float64.

    Raises
    ------
    ValueError
        If true while `use_DS_decimal` is true.
    """
    global use_DS_numpy
    if use_numpy and use_DS_decimal:
        raise ValueError("use_DS_numpy and use_DS_decimal cannot both be true")
    use_DS_numpy = use_numpy


def future_behavior(enable_future: bool = True) -> None:
    """Try the defaults that are meant to come: stricter on writing and on keywords.

    Parameters
    ----------
    enable_future : bool
        False returns to the present defaults.
    """
    global _use_future, INVALID_KEYWORD_BEHAVIOR
    _use_future = enable_future
    settings._default_writing = RAISE if enable_future else None
    INVALID_KEYWORD_BEHAVIOR = "RAISE" if enable_future else "WARN"


def debug(debug_on: bool = True, default_handler: bool = True) -> None:
    """Log details of reading and writing, or stop doing so.

    Parameters
    ----------
    debug_on : bool
        True logs from level DEBUG, False from level WARNING.
    default_handler : bool
        True also prints the log on standard error.
    """
    import logging

    global debugging
    debugging = debug_on
    log = _logger()
    log.setLevel(logging.DEBUG if debug_on else logging.WARNING)
    # A second handler would print every line twice.
    if default_handler and not any(type(h) is logging.StreamHandler for h in log.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)


def warn_and_log(msg: str, category: type[Warning] | None = None, stacklevel: int = 1) -> None:
    """Warn, and log the same text with level WARNING.

    Parameters
    ----------
    msg : str
        The text.
    category : type, optional
        The class of the warning, UserWarning by default.
    stacklevel : int
        Whose line the warning shows: 1 is the caller of this function.
    """
    _logger().warning(msg)
    warnings.warn(msg, category, stacklevel=stacklevel + 1)


def _logger() -> logging.Logger:
    import logging

    log = logging.getLogger("pydcm")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
        if log.level == logging.NOTSET:
            log.setLevel(logging.WARNING)
    return log


def _pixel_data_handlers() -> list[object]:
    """Return the modules that decoded pixels in older versions of the compatible API.

    Programs put them in another order or take some away. One codec decodes each
    transfer syntax here, so that the list changes nothing.
    """
    from importlib import import_module

    names = ("numpy", "gdcm", "pillow", "jpeg_ls", "pylibjpeg", "rle")
    return [import_module(f"pydcm.pixel_data_handlers.{name}_handler") for name in names]


def _apply_environment() -> None:
    """Take the future behaviour from the environment variable ``PYDCM_FUTURE``."""
    text = os.environ.get("PYDCM_FUTURE", "").lower()
    if text in {"true", "yes", "on", "1"}:
        future_behavior()
    elif text not in {"", "false", "no", "off", "0"}:
        raise ValueError(f"PYDCM_FUTURE is {text!r}; it must be true or false")


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        # Importing logging takes longer than importing all of the data model,
        # and reading metadata must not import numpy: both only when asked for.
        if name == "logger":
            return globals().setdefault("logger", _logger())
        if name == "have_numpy":
            from importlib.util import find_spec

            return globals().setdefault("have_numpy", find_spec("numpy") is not None)
        if name == "pixel_data_handlers":
            return globals().setdefault("pixel_data_handlers", _pixel_data_handlers())
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_apply_environment()
