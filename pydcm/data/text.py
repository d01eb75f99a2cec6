"""Data sets with names in many character sets (PS3.3 C.12.1.1.2).

Those called after a clause hold the name of that clause of PS3.5: H.3.1, H.3.2,
I.2 and, with an X, Annex J.
"""

from __future__ import annotations

from pydcm.dataset import Dataset
from pydcm.examples.identity import item, new_instance
from pydcm.uid import SecondaryCaptureImageStorage

__all__ = ["TEXTS", "text"]

_JAPANESE = "Yamada^Tarou=山田^太郎=やまだ^たろう"
_KOREAN = "Hong^Gildong=洪^吉洞=홍^길동"

TEXTS: dict[str, tuple[str, str]] = {
    "chrArab.dcm": ("ISO_IR 127", "سليم^ليلى"),
    "chrFren.dcm": ("ISO_IR 100", "Lefèvre^Hélène"),
    "chrFrenMulti.dcm": ("ISO_IR 100", "Lefèvre^Hélène\\Noël^Anaïs"),
    "chrGerm.dcm": ("ISO_IR 100", "Müller^Jörg"),
    "chrGreek.dcm": ("ISO_IR 126", "Παπαδοπουλου^Ελενη"),
    "chrH31.dcm": ("\\ISO 2022 IR 87", _JAPANESE),
    "chrH32.dcm": ("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    "chrHbrw.dcm": ("ISO_IR 138", "כהן^דוד"),
    "chrI2.dcm": ("\\ISO 2022 IR 149", _KOREAN),
    "chrJapMulti.dcm": ("\\ISO 2022 IR 87", f"{_JAPANESE}\\Suzuki^Hanako=鈴木^花子"),
    "chrJapMultiExplicitIR6.dcm": (
        "ISO 2022 IR 6\\ISO 2022 IR 87",
        f"{_JAPANESE}\\Suzuki^Hanako=鈴木^花子",
    ),
    "chrKoreanMulti.dcm": ("\\ISO 2022 IR 149", f"{_KOREAN}\\Kim^Hui=金^姬=김^희"),
    "chrRuss.dcm": ("ISO_IR 144", "Иванова^Анна"),
    "chrSQEncoding.dcm": ("ISO_IR 192", _JAPANESE),
    "chrSQEncoding1.dcm": ("ISO 2022 IR 13\\ISO 2022 IR 87", _JAPANESE),
    "chrX1.dcm": ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
    "chrX2.dcm": ("GB18030", "Wang^XiaoDong=王^小东"),
}
"""Specific Character Set and names in each file; values are divided by a backslash."""


def text(name: str) -> Dataset:
    """Return a data set with text.

    Several names are in Other Patient Names too. Files of sequences have an item
    of another character set than the data set.

    Parameters
    ----------
    name : str
        A key of :data:`TEXTS`.

    Examples
    --------
    >>> str(text("chrX1.dcm").PatientName)
    'Wang^XiaoDong=王^小東'
    """
    charset, names = TEXTS[name]
    first, *others = names.split("\\")
    made = new_instance(SecondaryCaptureImageStorage, "OT", name)
    made.SpecificCharacterSet = charset.split("\\") if "\\" in charset else charset
    made.PatientName = first
    if others:
        made.OtherPatientNames = [first, *others]
    if "SQ" in name:
        made.RequestedProcedureCodeSequence = [
            item(
                SpecificCharacterSet="ISO_IR 100",
                CodeValue="1",
                CodingSchemeDesignator="99PYDCM",
                CodeMeaning="Schädel",
            )
        ]
    return made
