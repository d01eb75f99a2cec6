"""The text of Siemens protocols: the ASCCONV part, one assignment a line.

The protocol is in the CSA series header as ``MrPhoenixProtocol``, before
software VB as ``MrProtocol``, and from software XA on in (0021,xx19) of the
creator ``SIEMENS MR SDS 01``. Its ASCCONV part lies between two marks::

    ### ASCCONV BEGIN ###
    sKSpace.lBaseResolution = 64
    tProtocolName           = ""fmri""
    ### ASCCONV END ###
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

__all__ = ["Protocol", "read_protocol"]

_BEGIN = "### ASCCONV BEGIN"
_END = "### ASCCONV END"


class Protocol(Mapping[str, str]):
    """The assignments of a protocol by name, values as they are written.

    Parameters
    ----------
    assignments : mapping of str to str
        Values without quotes.

    Examples
    --------
    >>> protocol = Protocol({"sPat.lAccelFactPE": "2", "ucPhasePartialFourier": "0x10"})
    >>> protocol.number("sPat.lAccelFactPE"), protocol.number("ucPhasePartialFourier")
    (2.0, 16.0)
    """

    def __init__(self, assignments: Mapping[str, str]) -> None:
        self._assignments = dict(assignments)

    def __getitem__(self, name: str) -> str:
        return self._assignments[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._assignments)

    def __len__(self) -> int:
        return len(self._assignments)

    def __repr__(self) -> str:
        return f"<Protocol of {len(self)} assignments>"

    def number(self, *names: str) -> float | None:
        """Return the first of the named values that is a finite number.

        Whole numbers may be hexadecimal.
        """
        for name in names:
            text = self._assignments.get(name, "")
            try:
                number = float(int(text, 16)) if text[:2].lower() == "0x" else float(text)
            except (ValueError, OverflowError):
                continue
            if math.isfinite(number):
                return number
        return None

    def text(self, *names: str) -> str | None:
        """Return the first of the named values that is not empty."""
        return next((text for name in names if (text := self._assignments.get(name))), None)


def read_protocol(text: str) -> Protocol:
    r"""Read the ASCCONV part of a protocol.

    Parameters
    ----------
    text : str
        The whole protocol; what is outside the marks is ignored.

    Returns
    -------
    Protocol
        Empty if there is no ASCCONV part.

    Examples
    --------
    >>> marks = "### ASCCONV BEGIN ###", "### ASCCONV END ###"
    >>> protocol = read_protocol(f"{marks[0]}\nlContrasts = 1 # echoes\n{marks[1]}")
    >>> protocol["lContrasts"]
    '1'
    """
    _, found, rest = text.partition(_BEGIN)
    if not found:
        return Protocol({})
    _, _, rest = rest.partition("\n")
    body = rest.partition(_END)[0]
    assignments: dict[str, str] = {}
    for line in body.splitlines():
        name, equals, value = line.partition("=")
        if equals and name.strip():
            assignments.setdefault(name.strip(), _value(value))
    return Protocol(assignments)


def _value(text: str) -> str:
    text = text.strip()
    if text.startswith('"'):
        return text.strip('"').strip()
    return text.partition("#")[0].strip()
