"""What programs do with libraries that stand on pydicom; run as a program.

    python library_flows.py pydicom|pydcm RESULTS LIBRARY FOLDER...

It prints, as JSON, what the flow of a library saw in the folders.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any


def nifti(results: Path, series: Path) -> object:
    """Convert a series of slices to one file (dicom2nifti)."""
    nibabel: Any = importlib.import_module("nibabel")
    convert: Any = importlib.import_module("dicom2nifti.convert_dicom")
    target = results / "volume.nii"
    convert.dicom_series_to_nifti(str(series), str(target))
    volume = nibabel.load(target)
    voxels = volume.get_fdata()
    return [volume.affine.tolist(), list(voxels.shape), voxels.sum(), voxels.std()]


def segments(results: Path, folder: Path) -> object:
    """Read the segments of segmentations, and write one (pydicom-seg)."""
    import numpy as np
    import pydicom

    # These names were removed after the version of pydicom that the library asks for.
    sys.modules.setdefault("pydicom._storage_sopclass_uids", pydicom.uid)
    seg: Any = importlib.import_module("pydicom_seg")
    seen: list[object] = []
    for path in sorted(folder.rglob("*.dcm")):
        ds = pydicom.dcmread(path)
        if ds.get("Modality") == "SEG" and ds.SegmentationType == "BINARY":
            result = seg.SegmentReader().read(ds)
            for number in sorted(result.available_segments):
                data = result.segment_data(number)
                label = str(result.segment_infos[number].SegmentLabel)
                seen.append([path.name, number, label, list(data.shape), int(data.sum())])
            seen.append([np.asarray(result.spacing).tolist(), np.asarray(result.origin).tolist()])
            seen.append([str(result.referenced_series_uid), len(result.referenced_instance_uids)])
    return seen


def dose(results: Path, folder: Path) -> object:
    """Compute histograms of dose and volume (dicompyler-core)."""
    dicomio: Any = importlib.import_module("pydicom.dicomio")
    # This name was removed after the version of pydicom that the library asks for.
    if not hasattr(dicomio, "read_file"):
        dicomio.read_file = dicomio.dcmread
    parser: Any = importlib.import_module("dicompylercore.dicomparser")
    histograms: Any = importlib.import_module("dicompylercore.dvhcalc")
    structures = parser.DicomParser(str(folder / "rt_ss.dcm"))
    doses = parser.DicomParser(str(folder / "rt_dose.dcm"))
    plan = parser.DicomParser(str(folder / "rt_plan.dcm"))
    seen: list[object] = [structures.GetDemographics(), plan.GetPlan(), plan.GetStudyInfo()]
    for number, structure in sorted(structures.GetStructures().items()):
        coordinates = structures.GetStructureCoordinates(number)
        seen.append([number, structure["name"], structure["type"], len(coordinates)])
        made = histograms.get_dvh(structures.ds, doses.ds, number)
        seen.append([float(made.volume), float(made.mean), float(made.max), len(made.counts)])
    seen.append({name: str(value) for name, value in sorted(doses.GetDoseData().items())})
    grid = doses.GetDoseGrid(0)
    return [*seen, list(grid.shape), float(grid.sum())]


FLOWS: dict[str, Callable[..., object]] = {
    "dicom2nifti": nifti, "pydicom_seg": segments, "dicompylercore": dose,
}  # fmt: skip


def main(library: str, results: str, flow: str, *folders: str) -> None:
    """Run one flow on one library, and print what was seen."""
    warnings.simplefilter("ignore")
    if library == "pydcm":
        from pydcm.compat import install_as_pydicom

        install_as_pydicom()
    seen = FLOWS[flow](Path(results), *map(Path, folders))
    sys.stdout.write(json.dumps(seen, default=str) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
