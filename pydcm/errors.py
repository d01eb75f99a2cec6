"""Every exception of pydcm.

The tree::

    PydcmError
    ├── ReadError                    a file or byte stream could not be read
    │   ├── InvalidDicomError        it is not DICOM
    │   ├── TruncatedError           it ends too early               (EOFError)
    │   ├── StructureError           its encoding breaks PS3.5       (ValueError)
    │   ├── MissingElementError      an element is needed and absent (AttributeError)
    │   ├── UnsafePathError          a file name leaves its folder (PermissionError, ValueError)
    │   └── JsonModelError           it breaks PS3.18 F   (ValueError, TypeError, KeyError)
    ├── WriteError                   a data set cannot be written    (ValueError)
    │   └── UnwritableVRError        a VR has no encoding (NotImplementedError, KeyError)
    ├── ValueRepresentationError     a value does not fit its VR     (ValueError)
    │   ├── BytesLengthException     a binary value has a wrong size (ValueError)
    │   ├── UnknownVRError           no VR is known   (NotImplementedError, KeyError)
    │   ├── CharacterSetError        no such character set          (LookupError)
    │   ├── TextDecodeError          bytes are no text       (UnicodeDecodeError)
    │   └── TextEncodeError          text has no bytes       (UnicodeEncodeError)
    ├── CodecError                   pixels could not be decoded     (RuntimeError)
    │   ├── UnsupportedSyntaxError   no codec for it                 (NotImplementedError)
    │   └── CorruptStreamError       the code stream is broken       (ValueError)
    ├── LimitError                   a limit of ``pydcm.limits`` hit (ValueError)
    ├── GeometryError                no geometry can be derived      (ValueError)
    ├── ConformanceError             ``problems`` lists why          (ValueError)
    │   ├── UnsupportedValueError    known, but not supported        (NotImplementedError)
    │   ├── WaveformError            samples and description differ (KeyError, IndexError)
    │   └── ColorProfileError        no usable ICC profile           (OSError)
    ├── NetworkError
    │   ├── AssociationRejected
    │   ├── AssociationAborted
    │   └── TimedOut                                                 (TimeoutError)
    └── BackendError                 an optional package is missing  (ImportError)

Each also subclasses the builtin that code written for the compatible APIs
already catches. Reading, decoding or converting hostile input raises
:class:`PydcmError` and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AssociationAborted",
    "AssociationRejected",
    "BackendError",
    "BytesLengthException",
    "CharacterSetError",
    "CodecError",
    "ColorProfileError",
    "ConformanceError",
    "CorruptStreamError",
    "GeometryError",
    "InvalidDicomError",
    "JsonModelError",
    "LimitError",
    "MissingElementError",
    "NetworkError",
    "PydcmError",
    "ReadError",
    "StructureError",
    "TextDecodeError",
    "TextEncodeError",
    "TimedOut",
    "TruncatedError",
    "UnknownVRError",
    "UnsafePathError",
    "UnsupportedSyntaxError",
    "UnsupportedValueError",
    "UnwritableVRError",
    "ValueRangeError",
    "ValueRepresentationError",
    "ValueTypeError",
    "WaveformError",
    "WriteError",
]


class PydcmError(Exception):
    """Base of everything pydcm raises about its input.

    Parameters
    ----------
    *args : object
        The message: what is wrong.
    path : str
        The file at fault.
    offset : int
        0-based byte offset of the fault in the file, or in the stream named
        by the message.
    tag_path : str
        Where in the data set, such as ``"ReferencedStudySequence[0].(0008,1155)"``.
    frame : int
        1-based frame number.
    clause : str
        The clause of the DICOM standard that is broken, such as ``"PS3.5 7.1"``.
    hint : str
        What to do about it.

    Examples
    --------
    >>> print(StructureError("item tag expected", offset=312, hint="try strict=False"))
    item tag expected (offset 312); try strict=False
    """

    def __init__(
        self,
        *args: object,
        path: str | None = None,
        offset: int | None = None,
        tag_path: str | None = None,
        frame: int | None = None,
        clause: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(*args)
        self.path = path
        self.offset = offset
        self.tag_path = tag_path
        self.frame = frame
        self.clause = clause
        self.hint = hint

    def __str__(self) -> str:
        where = [
            text
            for value, text in (
                (self.path, f"file {self.path!r}"),
                (self.tag_path, f"at {self.tag_path}"),
                (self.frame, f"frame {self.frame}"),
                (self.offset, f"offset {self.offset}"),
                (self.clause, f"{self.clause}"),
            )
            if value is not None
        ]
        message = self._message()
        if where:
            message = f"{message} ({', '.join(where)})".lstrip()
        return f"{message}; {self.hint}" if self.hint else message

    def _message(self) -> str:
        return super().__str__()

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), self.args, self.__dict__)


class ReadError(PydcmError):
    """A file or byte stream could not be read."""


class InvalidDicomError(ReadError):
    """The input is not a DICOM file (PS3.10 7.1: no preamble and ``DICM`` prefix)."""

    def __init__(self, *args: object, **where: object) -> None:
        if not args:
            args = ("the input is not a DICOM file",)
            where.setdefault("hint", "read it with force=True if it is a bare data set")
        super().__init__(*args, **where)  # type: ignore[arg-type]  # the keywords of PydcmError


class TruncatedError(ReadError, EOFError):
    """The input ends before its own lengths say it does."""


class StructureError(ReadError, ValueError):
    """The encoding breaks the structure that PS3.5 demands."""


class MissingElementError(ReadError, AttributeError):
    """An element is needed and the data set lacks it."""


class UnsafePathError(ReadError, PermissionError, ValueError):
    """A file name that came with data leads out of the folder it belongs to."""


class JsonModelError(ReadError, ValueError, TypeError, KeyError):
    """Text or objects are no DICOM JSON model (PS3.18 Annex F)."""

    def _message(self) -> str:
        return Exception.__str__(self)  # KeyError would put it in quotes


class WriteError(PydcmError, ValueError):
    """A data set cannot be written as asked."""


class ValueRepresentationError(PydcmError, ValueError):
    """A value does not fit its value representation (PS3.5 6.2)."""


class BytesLengthException(ValueRepresentationError):
    """A binary value's length is no multiple of what its VR needs."""


class UnknownVRError(ValueRepresentationError, NotImplementedError, KeyError):
    """A VR is none of PS3.5 6.2, or no VR is known for an element."""

    def _message(self) -> str:
        return Exception.__str__(self)  # KeyError would put it in quotes


class UnwritableVRError(WriteError, UnknownVRError):
    """A value cannot be written because its VR is none of PS3.5 6.2."""


class CharacterSetError(ValueRepresentationError, LookupError):
    """Specific Character Set names no character set (PS3.3 C.12.1.1.2)."""


class TextDecodeError(ValueRepresentationError, UnicodeDecodeError):
    """Bytes are no text in the declared character sets; `args` as of UnicodeDecodeError."""


class TextEncodeError(ValueRepresentationError, UnicodeEncodeError):
    """No declared character set has these characters; `args` as of UnicodeEncodeError."""


class ValueRangeError(ValueRepresentationError, OverflowError):
    """A number is beyond the range or the length that its VR allows."""


class ValueTypeError(ValueRepresentationError, TypeError):
    """A value is of another kind than its VR, such as a fraction for an integer."""


class CodecError(PydcmError, RuntimeError):
    """Pixels could not be decoded or encoded."""


class UnsupportedSyntaxError(CodecError, NotImplementedError):
    """No codec handles this transfer syntax or this form of it."""


class CorruptStreamError(CodecError, ValueError):
    """The code stream of a frame is broken."""


class LimitError(PydcmError, ValueError):
    """A resource limit of :mod:`pydcm.limits` was reached."""


class GeometryError(PydcmError, ValueError):
    """The frames do not determine a geometry."""


class ConformanceError(PydcmError, ValueError):
    """A data set or an implementation does not conform.

    Attributes
    ----------
    problems : list of str
        One line for each problem found.
    """

    def __init__(self, *args: object, problems: Sequence[str] = (), **where: object) -> None:
        super().__init__(*args, **where)  # type: ignore[arg-type]  # the keywords of PydcmError
        self.problems = list(problems)

    def __str__(self) -> str:
        return "\n  ".join([super().__str__(), *self.problems])


class UnsupportedValueError(ConformanceError, NotImplementedError):
    """A value is one that the compatible API does not support either."""


class WaveformError(ConformanceError, KeyError, IndexError):
    """The samples of a waveform are not what their description says (PS3.3 C.10.9)."""

    def _message(self) -> str:
        return Exception.__str__(self)  # KeyError would put it in quotes


class ColorProfileError(ConformanceError, OSError):
    """Bytes are no ICC profile, or none that suits the pixels (PS3.3 C.11.15)."""


class NetworkError(PydcmError, OSError):
    """A network operation failed."""


class AssociationRejected(NetworkError):
    """The peer rejected the association."""


class AssociationAborted(NetworkError):
    """The peer or the network aborted the association."""


class TimedOut(NetworkError, TimeoutError):
    """The peer did not answer in time."""


class BackendError(PydcmError, ImportError):
    """An optional package is missing; the message names the extra to install."""

    def __init__(self, *args: object, name: str | None = None, **where: object) -> None:
        super().__init__(*args, **where)  # type: ignore[arg-type]  # the keywords of PydcmError
        self.name = name
