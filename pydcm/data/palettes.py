"""The well-known colour palettes as data sets (PS3.6 Annex B, PS3.3 A.58).

They have no ICC Profile, so they are no complete Color Palette instances.
"""

from __future__ import annotations

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.pixels.well_known_palettes import well_known_palette
from pydcm.uid import ColorPaletteStorage, ExplicitVRLittleEndian

__all__ = ["PALETTES", "palette"]

PALETTES = {
    "fall.dcm": "FALL",
    "hotiron.dcm": "HOT_IRON",
    "hotmetalblue.dcm": "HOT_METAL_BLUE",
    "pet.dcm": "PET",
    "pet20step.dcm": "PET_20_STEP",
    "spring.dcm": "SPRING",
    "summer.dcm": "SUMMER",
    "winter.dcm": "WINTER",
}
"""The palette in each file."""


def palette(name: str) -> Dataset:
    """Return a palette of 256 colours of 8 bits.

    Parameters
    ----------
    name : str
        A key of :data:`PALETTES`.

    Examples
    --------
    >>> palette("hotiron.dcm").RedPaletteColorLookupTableDescriptor
    [256, 0, 8]
    """
    known = well_known_palette(PALETTES[name])
    if known is None:
        raise KeyError(name)
    made = Dataset()
    made.SOPClassUID = ColorPaletteStorage
    made.SOPInstanceUID = known.uid
    made.InstanceNumber = 1
    made.PaletteColorLookupTableUID = known.uid
    made.ContentLabel = known.label
    made.ContentDescription = known.label.replace("_", " ").title()
    made.ContentCreatorName = "pydcm"
    for colour, entries in zip(("Red", "Green", "Blue"), known.entries().T, strict=True):
        setattr(made, f"{colour}PaletteColorLookupTableDescriptor", [len(entries), 0, 8])
        setattr(made, f"{colour}PaletteColorLookupTableData", entries.tobytes())
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made
