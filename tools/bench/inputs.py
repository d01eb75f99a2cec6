"""The files that are measured, made anew and the same in every run."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydcm.fileset import FileSet
from tests.synthetic import Encoding, multiframe, objects

# without the tests' own module for it, which needs pytest
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
CORPUS_CT = (
    CORPUS
    / "transfer-syntaxes/cornerstoneWADOImageLoader"
    / "CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm"
)
"""A real CT of 269 elements with 512 x 512 pixels."""


class Inputs:
    """Files in `folder`, each made when it is first asked for; `series` of them in one series."""

    def __init__(self, folder: Path, series: int) -> None:
        self.folder = folder
        self.series_size = series

    def _write(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    @cached_property
    def ct_header(self) -> str:
        """A CT without pixels."""
        return self._write("ct_header.dcm", objects.ct(pixels=False))

    @cached_property
    def ct(self) -> str:
        """A CT of 512 x 512."""
        return self._write("ct.dcm", objects.ct())

    @cached_property
    def report(self) -> str:
        """An SR with 2,000 content items."""
        return self._write("report.dcm", objects.structured_report())

    @cached_property
    def enhanced(self) -> str:
        """An enhanced CT of 500 frames whose sequences have lengths."""
        return self._write("enhanced.dcm", objects.enhanced_ct())

    @cached_property
    def enhanced_undefined(self) -> str:
        """The same with sequences and items of undefined length."""
        encoding = Encoding(undefined=True)
        return self._write("enhanced_undefined.dcm", objects.enhanced_ct(encoding=encoding))

    @cached_property
    def report_undefined(self) -> str:
        """An SR with 2,000 content items and undefined lengths."""
        encoding = Encoding(undefined=True)
        return self._write("report_undefined.dcm", objects.structured_report(encoding=encoding))

    @cached_property
    def contours(self) -> str:
        """An RT structure set of 60 ROIs, 40 contours each, 60 points each."""
        return self._write("contours.dcm", objects.structure_set())

    @cached_property
    def series(self) -> list[str]:
        """CT files of 64 x 64."""
        (self.folder / "series").mkdir()
        return [
            self._write(f"series/{number:04}.dcm", objects.ct(64, number))
            for number in range(1, self.series_size + 1)
        ]

    @cached_property
    def file_set(self) -> str:
        """The DICOMDIR of a file-set of the series."""
        built = FileSet()
        for path in self.series:
            built.add(path)
        built.write(self.folder / "media")
        return str(self.folder / "media" / "DICOMDIR")

    @cached_property
    def gigabyte(self) -> str:
        """2,048 frames of 512 x 512 x 16 bits in a sparse file."""
        path = self.folder / "gigabyte.dcm"
        multiframe.write_sparse(path)
        return str(path)

    @cached_property
    def four_frames(self) -> str:
        """Four such frames."""
        path = self.folder / "four.dcm"
        multiframe.write_sparse(path, frames=4)
        return str(path)
