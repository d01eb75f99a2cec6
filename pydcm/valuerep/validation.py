"""Checks of single values against their value representation (PS3.5 6.2)."""

from __future__ import annotations

from collections.abc import Callable

from pydcm import config
from pydcm.errors import ValueRepresentationError
from pydcm.valuerep.patterns import (
    MAX_NAME_GROUP_LEN,
    MAX_NAME_GROUPS,
    TEXT_TESTS,
    VR_REGEXES,
    byte_regexes,
    fits,
    str_regexes,
)
from pydcm.valuerep.vr import MAX_VALUE_LEN, VALUE_LENGTH

__all__ = [
    "VALIDATORS",
    "VR_REGEXES",
    "fits",
    "validate_date_time",
    "validate_length_and_type_and_regex",
    "validate_number",
    "validate_pn",
    "validate_pn_component",
    "validate_pn_component_length",
    "validate_regex",
    "validate_type",
    "validate_type_and_length",
    "validate_type_and_regex",
    "validate_value",
    "validate_vr_length",
]

Verdict = tuple[bool, str]
Validator = Callable[[str, object], Verdict]


def validate_type(vr: str, value: object, types: type | tuple[type, ...]) -> Verdict:
    """Check the class of a value; None is fine for every VR.

    Parameters
    ----------
    vr : str
        The value representation.
    value : object
        One value.
    types : type or tuple of type
        The classes a value may have.

    Returns
    -------
    tuple of (bool, str)
        Whether the value is valid, and what is wrong with it.
    """
    if value is None or isinstance(value, types):
        return True, ""
    return False, f"a value of VR {vr} cannot be of type {type(value).__name__!r}"


def validate_vr_length(vr: str, value: str | bytes) -> Verdict:
    """Check the length of a value, as :func:`validate_type` returns it.

    Parameters
    ----------
    vr : str
        The value representation.
    value : str or bytes
        One value; bytes are counted as if each was a character.
    """
    limit = MAX_VALUE_LEN.get(vr)
    if limit is None or len(value) <= limit:
        return True, ""
    return False, f"a value of VR {vr} has at most {limit} characters, not {len(value)}"


def validate_regex(vr: str, value: str | bytes | None) -> Verdict:
    """Check a value against the pattern of its VR, as :func:`validate_type` returns it.

    Parameters
    ----------
    vr : str
        A key of `VR_REGEXES`.
    value : str, bytes or None
        One value.
    """
    if not value:
        return True, ""
    if isinstance(value, bytes):
        matches = byte_regexes[vr].match(value) is not None
    else:
        matches = str_regexes[vr].match(value) is not None
    if matches:
        return True, ""
    return False, f"{_shown(value)} is no valid value of VR {vr} (PS3.5 table 6.2-1)"


def _shown(value: str | bytes) -> str:
    """Return the text of a value for a message, cut to a readable length."""
    longest = 80
    return repr(value) if len(value) <= longest else f"{value[:longest]!r}..."


def validate_type_and_length(vr: str, value: object) -> Verdict:
    """Check that a value is a string of legal length, as :func:`validate_type` returns it."""
    if isinstance(value, (str, bytes)):
        return validate_vr_length(vr, value)
    return validate_type(vr, value, (str, bytes))


def validate_type_and_regex(vr: str, value: object) -> Verdict:
    """Check that a value is a string of legal form, as :func:`validate_type` returns it."""
    if isinstance(value, (str, bytes)):
        return validate_regex(vr, value)
    return validate_type(vr, value, (str, bytes))


def validate_length_and_type_and_regex(vr: str, value: object) -> Verdict:
    """Check that a value is a string of legal length and form.

    Returns what :func:`validate_type` returns; the text names both faults.
    """
    if not isinstance(value, (str, bytes)):
        return validate_type(vr, value, (str, bytes))
    length_is_valid, wrong_length = validate_vr_length(vr, value)
    form_is_valid, wrong_form = validate_regex(vr, value)
    wrong = "; ".join(filter(None, (wrong_length, wrong_form)))
    return length_is_valid and form_is_valid, wrong


def validate_date_time(vr: str, value: object, date_time_type: type) -> Verdict:
    """Check a date, a time or both, as :func:`validate_type` returns it.

    Parameters
    ----------
    vr : str
        DA, DT or TM.
    value : object
        A string, or an instance of `date_time_type`.
    date_time_type : type
        A class of :mod:`datetime`.
    """
    if isinstance(value, date_time_type):
        return True, ""
    return validate_type_and_regex(vr, value)


def _validate_datetime_class(vr: str, value: object) -> Verdict:
    # datetime is slow to import, and strings do without it.
    if value is None or isinstance(value, (str, bytes)):
        return validate_type_and_regex(vr, value)
    import datetime

    types = {"DA": datetime.date, "DT": datetime.datetime, "TM": datetime.time}
    return validate_date_time(vr, value, types[vr])


def validate_pn_component_length(vr: str, value: str | bytes) -> Verdict:
    """Check the length of one component group, as :func:`validate_type` returns it.

    Parameters
    ----------
    vr : str
        PN.
    value : str or bytes
        The component group.
    """
    if len(value) <= MAX_NAME_GROUP_LEN:
        return True, ""
    return False, (
        f"a component group of VR {vr} has at most {MAX_NAME_GROUP_LEN} characters,"
        f" not {len(value)}"
    )


def validate_pn_component(value: str | bytes) -> None:
    """Check one component of a name in the mode for writing.

    Parameters
    ----------
    value : str or bytes
        A component such as the family name.

    Raises
    ------
    ValueRepresentationError
        If it is too long and the mode is RAISE; WARN warns.
    """
    if not value:
        return
    validate_value("PN", value, config.writing_mode(), _component_validator)


def _component_validator(vr: str, value: object) -> Verdict:
    if isinstance(value, (str, bytes)):
        return validate_pn_component_length(vr, value)
    return validate_type(vr, value, (str, bytes))


def validate_pn(vr: str, value: object) -> Verdict:
    """Check a person name, as :func:`validate_type` returns it.

    Parameters
    ----------
    vr : str
        PN.
    value : object
        A string, bytes or PersonName.
    """
    if not value:
        return True, ""
    if isinstance(value, str):
        groups: list[str] | list[bytes] = value.split("=")
    elif isinstance(value, bytes):
        groups = value.split(b"=")
    else:
        from pydcm.valuerep.names import PersonName

        return validate_type(vr, value, (str, bytes, PersonName))
    if len(groups) > MAX_NAME_GROUPS:
        wrong = f"a value of VR {vr} has at most {MAX_NAME_GROUPS} component groups"
        return False, f"{wrong}, not {len(groups)}"
    for group in groups:
        is_valid, wrong = validate_pn_component_length(vr, group)
        if not is_valid:
            return False, wrong
    return True, ""


def validate_number(vr: str, value: object, min_value: int, max_value: int) -> Verdict:
    """Check an integer, as :func:`validate_type` returns it.

    Parameters
    ----------
    vr : str
        A key of `VALUE_LENGTH`.
    value : object
        An int, or the bytes of one or more values.
    min_value, max_value : int
        The inclusive range.
    """
    if isinstance(value, bytes):
        size = VALUE_LENGTH[vr]
        if len(value) % size:
            return False, f"{len(value)} bytes of VR {vr} are no multiple of {size}"
        return True, ""
    if not isinstance(value, int):
        return validate_type(vr, value, (int, bytes))
    if min_value <= value <= max_value:
        return True, ""
    return False, f"a value of VR {vr} is from {min_value} to {max_value}, not {value}"


def _integers(vr: str, signed: bool) -> Validator:
    bits = 8 * VALUE_LENGTH[vr]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)

    def validate(vr: str, value: object) -> Verdict:
        return validate_number(vr, value, low, high)

    return validate


def _validate_float(vr: str, value: object) -> Verdict:
    return validate_type(vr, value, (float, int))


def _validate_bytes(vr: str, value: object) -> Verdict:
    return validate_type(vr, value, (bytes, bytearray))


VALIDATORS: dict[str, Validator] = {
    **dict.fromkeys(("AE", "CS", "DS", "IS", "UI"), validate_length_and_type_and_regex),
    **dict.fromkeys(("AS", "UR"), validate_type_and_regex),
    **dict.fromkeys(("DA", "DT", "TM"), _validate_datetime_class),
    **dict.fromkeys(("LO", "LT", "SH", "ST"), validate_type_and_length),
    "PN": validate_pn,
    **dict.fromkeys(("FD", "FL"), _validate_float),
    **dict.fromkeys(("OB", "OD", "OF", "OL", "OV", "OW"), _validate_bytes),
    **{vr: _integers(vr, signed=True) for vr in ("SL", "SS", "SV")},
    **{vr: _integers(vr, signed=False) for vr in ("UL", "US", "UV")},
}
"""The validator of each VR that has one."""


def validate_value(
    vr: str,
    value: object,
    validation_mode: int,
    validator: Validator | None = None,
) -> None:
    """Check one value against its VR, and warn or raise if it is invalid.

    Parameters
    ----------
    vr : str
        The value representation.
    value : object
        One value, also bytes as they are in a file.
    validation_mode : int
        ``config.IGNORE``, ``config.WARN`` or ``config.RAISE``.
    validator : callable, optional
        Called with `vr` and `value` in place of the VR's own check; returns
        whether the value is valid, and what is wrong with it.

    Raises
    ------
    ValueRepresentationError
        If the value is invalid and the mode is RAISE.

    Warns
    -----
    UserWarning
        If the value is invalid and the mode is WARN.

    Examples
    --------
    >>> validate_value("CS", "lower", config.RAISE)
    Traceback (most recent call last):
    ...
    pydcm.errors.ValueRepresentationError: 'lower' is no valid value of VR CS (PS3.5 table 6.2-1)
    """
    if validation_mode == 0 or (validator is None and type(value) is str and TEXT_TESTS[vr](value)):
        return
    if validator is None:
        validator = VALIDATORS.get(vr)
        if validator is None:
            return
    is_valid, wrong = validator(vr, value)
    if is_valid:
        return
    if validation_mode == config.RAISE:
        raise ValueRepresentationError(wrong)
    config.warn_and_log(wrong)
