"""What programs do with highdicom; run as a program, with one library or the other.

    python highdicom_flows.py pydicom|pydcm SOURCES TARGET CORPUS

For each flow it writes ``TARGET/<flow>.dcm``, reads that back, and writes
``TARGET/<flow>.json``: what was seen in it, or the error. What it sees in files of
the corpus goes to ``TARGET/corpus.json``.
"""

from __future__ import annotations

import importlib
import itertools
import json
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

SYNTAXES = {
    "explicit": "1.2.840.10008.1.2.1",
    "implicit": "1.2.840.10008.1.2",
    "rle": "1.2.840.10008.1.2.5",
    "jpegls": "1.2.840.10008.1.2.4.80",
}
_MAKER = {
    "manufacturer": "Maker",
    "manufacturer_model_name": "Model",
    "software_versions": "1.0",
    "device_serial_number": "4711",
}


class Flows:
    """The flows; each method makes one object, and ``read_<name>`` looks into it."""

    def __init__(self, sources: Path) -> None:
        self.hd: Any = importlib.import_module("highdicom")
        self.np: Any = importlib.import_module("numpy")
        self.codes: Any = importlib.import_module("pydicom.sr.codedict").codes
        self.Code: Any = importlib.import_module("pydicom.sr.coding").Code
        pydicom: Any = importlib.import_module("pydicom")
        self.dcmread: Any = pydicom.dcmread
        images = [pydicom.dcmread(path) for path in sorted((sources / "ct").iterdir())]
        self.ct = sorted(images, key=lambda ds: float(ds.ImagePositionPatient[2]))
        slide = sources / "slide.dcm"
        self.slide = pydicom.dcmread(slide) if slide.is_file() else None
        numbers = itertools.count(1)
        pydicom.uid.generate_uid = lambda prefix="2.25.", *_, **__: pydicom.uid.UID(
            f"{prefix}{next(numbers)}"
        )

    def ids(self) -> dict[str, Any]:
        """Return the arguments that all constructors take."""
        return {
            "series_instance_uid": "1.2.3.4",
            "series_number": 7,
            "sop_instance_uid": "1.2.3.4.5",
            "instance_number": 1,
            **_MAKER,
        }

    # ---- segmentations -------------------------------------------------------------

    def _segments(self, count: int) -> list[Any]:
        hd, codes = self.hd, self.codes
        algorithm = hd.AlgorithmIdentificationSequence(
            name="finder", version="1.0", family=codes.cid7162.ArtificialIntelligence
        )
        return [
            hd.seg.SegmentDescription(
                segment_number=number,
                segment_label=f"part {number}",
                segmented_property_category=codes.cid7150.Tissue,
                segmented_property_type=codes.cid7166.ConnectiveTissue,
                algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
                algorithm_identification=algorithm,
                tracking_uid=f"1.2.9.{number}",
                tracking_id=f"tracked {number}",
                anatomic_regions=[codes.SCT.Lung],
                display_color=hd.color.CIELabColor(50.0, 10.0 * number, -20.0),
            )
            for number in range(1, count + 1)
        ]

    def _mask(self) -> Any:
        np = self.np
        mask = np.zeros((len(self.ct), self.ct[0].Rows, self.ct[0].Columns), np.uint8)
        mask[1:4, 5:20, 7:25] = 1
        mask[2:5, 20:30, 3:13] = 2
        return mask

    def _seg(self, kind: str, mask: Any, syntax: str = "explicit", **more: Any) -> Any:
        return self.hd.seg.Segmentation(
            self.ct, mask, kind, self._segments(2), transfer_syntax_uid=SYNTAXES[syntax],
            content_description="two parts", content_creator_name="Doe^Jane", **self.ids(), **more,
        )  # fmt: skip

    def seg_binary(self) -> Any:
        return self._seg("BINARY", self._mask())

    def seg_binary_implicit(self) -> Any:
        return self._seg("BINARY", self._mask(), "implicit", omit_empty_frames=False)

    def seg_fractional(self) -> Any:
        mask = self._mask()
        parts = self.np.stack([mask == 1, mask == 2], axis=-1) * 0.4
        return self._seg("FRACTIONAL", parts, max_fractional_value=200)

    def seg_fractional_rle(self) -> Any:
        parts = self.np.stack([self._mask() == 1, self._mask() == 2], axis=-1) * 0.7
        return self._seg("FRACTIONAL", parts, "rle")

    def seg_labelmap(self) -> Any:
        return self._seg("LABELMAP", self._mask())

    def read_seg(self, path: Path) -> object:
        hd, np = self.hd, self.np
        seg = hd.seg.segread(path)
        uids = [ds.SOPInstanceUID for ds in self.ct]
        pixels = seg.get_pixels_by_source_instance(uids, combine_segments=False)
        volume = seg.get_volume(combine_segments=True) if "frac" not in path.stem else None
        return {
            "segments": seg.number_of_segments,
            "sums": [float(np.asarray(pixels)[..., n].sum()) for n in range(pixels.shape[-1])],
            "labels": [str(seg.get_segment_description(n).segment_label) for n in (1, 2)],
            "tracked": [str(one) for one in seg.get_tracking_ids()],
            "found": seg.get_segment_numbers(segment_label="part 2"),
            "affine": None if volume is None else np.round(volume.affine, 6).tolist(),
            "type": type(seg).__name__,
        }

    # ---- other images ---------------------------------------------------------------

    def _map(self, array: Any, syntax: str = "explicit", **more: Any) -> Any:
        hd, codes = self.hd, self.codes
        kind = float if array.dtype.kind == "f" else int
        mapping = hd.pm.RealWorldValueMapping(
            lut_label="1", lut_explanation="strength", unit=codes.UCUM.NoUnits,
            value_range=(kind(0), kind(4095)), slope=1.0, intercept=0.0,
        )  # fmt: skip
        return hd.pm.ParametricMap(
            self.ct, array, contains_recognizable_visual_features=False,
            real_world_value_mappings=[mapping], window_center=100.0, window_width=200.0,
            transfer_syntax_uid=SYNTAXES[syntax], **self.ids(), **more,
        )  # fmt: skip

    def _ramp(self, kind: str) -> Any:
        shape = self._mask().shape
        return (self.np.arange(self.np.prod(shape)) % 4001).reshape(shape).astype(kind)

    def pm_float(self) -> Any:
        return self._map(self._ramp("float32") / 7)

    def pm_integer(self) -> Any:
        return self._map(self._ramp("uint16"))

    def pm_rle(self) -> Any:
        return self._map(self._ramp("uint16"), "rle")

    def read_pm(self, path: Path) -> object:
        image = self.hd.imread(path)
        volume = image.get_volume(apply_real_world_transform=True)
        return {
            "sum": float(volume.array.sum()),
            "shape": list(volume.array.shape),
            "affine": self.np.round(volume.affine, 6).tolist(),
        }

    def _capture(self, array: Any, photometric: str, syntax: str = "explicit") -> Any:
        ids = self.ids()
        return self.hd.sc.SCImage.from_ref_dataset(
            ref_dataset=self.ct[0], pixel_array=array, photometric_interpretation=photometric,
            bits_allocated=array.itemsize * 8, coordinate_system="PATIENT",
            patient_orientation=("L", "P"), pixel_spacing=(0.5, 0.5),
            series_instance_uid=ids["series_instance_uid"], series_number=7,
            sop_instance_uid=ids["sop_instance_uid"], instance_number=1, manufacturer="Maker",
            transfer_syntax_uid=SYNTAXES[syntax],
        )  # fmt: skip

    def sc_gray(self) -> Any:
        return self._capture(self._ramp("uint16")[0], "MONOCHROME2")

    def sc_colour(self) -> Any:
        gray = self._ramp("uint8")[0]
        return self._capture(self.np.stack([gray, gray // 2, 255 - gray], axis=-1), "RGB")

    def sc_rle(self) -> Any:
        return self._capture(self._ramp("uint8")[0], "MONOCHROME2", "rle")

    def sc_jpegls(self) -> Any:
        return self._capture(self._ramp("uint16")[0], "MONOCHROME2", "jpegls")

    def read_sc(self, path: Path) -> object:
        frame = self.hd.imread(path).get_frame(1)
        return {"shape": list(frame.shape), "sum": float(frame.sum()), "kind": str(frame.dtype)}

    def legacy(self) -> Any:
        return self.hd.legacy.LegacyConvertedEnhancedCTImage(
            self.ct, series_instance_uid="1.2.3.4", series_number=7,
            sop_instance_uid="1.2.3.4.5", instance_number=1,
        )  # fmt: skip

    def read_legacy(self, path: Path) -> object:
        image = self.hd.imread(path)
        volume = image.get_volume()
        return {"sum": float(volume.array.sum()), "spacing": list(map(float, volume.spacing))}

    # ---- documents -------------------------------------------------------------------

    def _context(self) -> Any:
        hd, codes = self.hd, self.codes
        person = hd.sr.PersonObserverIdentifyingAttributes(name="Doe^Jane")
        return hd.sr.ObservationContext(
            observer_person_context=hd.sr.ObserverContext(
                observer_type=codes.DCM.Person, observer_identifying_attributes=person
            ),
            observer_device_context=hd.sr.ObserverContext(
                observer_type=codes.DCM.Device,
                observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
                    uid="1.2.3.9", name="finder"
                ),
            ),
        )

    def _measured(self) -> Any:
        hd, codes = self.hd, self.codes
        return hd.sr.Measurement(
            name=codes.SCT.Area, value=12.25, unit=codes.UCUM.SquareMillimeter,
            tracking_identifier=hd.sr.TrackingIdentifier(uid="1.2.5", identifier="region"),
            properties=hd.sr.MeasurementProperties(
                normality=self.Code("17621005", "SCT", "Normal"),
                level_of_significance=codes.SCT.NotSignificant,
            ),
        )  # fmt: skip

    def sr_tid1500(self) -> Any:
        hd, np, codes = self.hd, self.np, self.codes
        region = hd.sr.ImageRegion(
            graphic_type="POLYLINE",
            graphic_data=np.array([(5.0, 5.0), (20.0, 5.0), (20.0, 25.5), (5.0, 5.0)]),
            source_image=hd.sr.SourceImageForRegion.from_source_image(self.ct[2]),
        )
        group = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(uid="1.2.5", identifier="region"),
            referenced_region=region,
            finding_type=codes.SCT.SpinalCord,
            finding_sites=[hd.sr.FindingSite(anatomic_location=codes.SCT.CervicoThoracicSpine)],
            measurements=[self._measured()],
            qualitative_evaluations=[
                hd.sr.QualitativeEvaluation(
                    name=self.Code("111", "99X", "Kind"), value=self.Code("1", "99X", "One")
                )
            ],
        )
        report = hd.sr.MeasurementReport(
            observation_context=self._context(),
            procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
            imaging_measurements=[group],
            title=codes.DCM.ImagingMeasurementReport,
            referenced_images=self.ct,
        )
        return hd.sr.ComprehensiveSR(
            self.ct, report, "1.2.3.4", 7, "1.2.3.4.5", 1, manufacturer="Maker",
            is_complete=True, is_final=True, is_verified=True, verifying_observer_name="Roe^R",
            verifying_organization="Here",
        )  # fmt: skip

    def sr_tid1500_3d(self) -> Any:
        hd, np, codes = self.hd, self.np, self.codes
        region = hd.sr.ImageRegion3D(
            graphic_type="POLYGON",
            graphic_data=np.array([(0.0, 0.0, 5.0), (9.5, 0.0, 5.0), (9.5, 9.0, 5.0), (0, 0, 5)]),
            frame_of_reference_uid=self.ct[0].FrameOfReferenceUID,
        )
        group = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(uid="1.2.5", identifier="region"),
            referenced_region=region,
            finding_type=codes.SCT.Neoplasm if hasattr(codes.SCT, "Neoplasm") else codes.SCT.Lung,
            measurements=[self._measured()],
        )
        report = hd.sr.MeasurementReport(
            observation_context=self._context(),
            procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
            imaging_measurements=[group],
        )
        return hd.sr.Comprehensive3DSR(
            self.ct, report, "1.2.3.4", 7, "1.2.3.4.5", 1, manufacturer="Maker"
        )

    def read_sr(self, path: Path) -> object:
        sr = self.hd.sr.srread(path)
        groups = sr.content.get_planar_roi_measurement_groups()
        return {
            "title": str(sr.content[0].ConceptNameCodeSequence[0].CodeMeaning),
            "groups": len(groups),
            "tracked": [group.tracking_identifier for group in groups],
            "measured": [
                (str(one.name.meaning), float(one.value), str(one.unit.value))
                for group in groups
                for one in group.get_measurements()
            ],
            "of lung": len(
                sr.content.get_planar_roi_measurement_groups(finding_type=self.codes.SCT.Lung)
            ),
            "text": len(str(sr).splitlines()),
        }

    def ko(self) -> Any:
        hd, codes = self.hd, self.codes
        content = hd.ko.KeyObjectSelection(
            document_title=codes.DCM.Manifest, referenced_objects=self.ct[:3],
            observer_person_context=self._context()[0:0] or None, description="look here",
        )  # fmt: skip
        return hd.ko.KeyObjectSelectionDocument(
            self.ct[:3], content, "1.2.3.4", 7, "1.2.3.4.5", 1, manufacturer="Maker"
        )

    def read_ko(self, path: Path) -> object:
        document = self.hd.ko.KeyObjectSelectionDocument.from_dataset(self.dcmread(path))
        references = document.content.get_references()
        return {
            "references": len(references),
            "resolved": [list(map(str, document.resolve_reference(one))) for one in
                         [ds.SOPInstanceUID for ds in self.ct[:3]]],
        }  # fmt: skip

    def _annotation(self) -> tuple[Any, Any]:
        hd, np = self.hd, self.np
        layer = hd.pr.GraphicLayer(
            layer_name="LAYER1", order=1, description="first",
            display_color=hd.color.CIELabColor(20, 30.0, 40.0),
        )  # fmt: skip
        line = hd.pr.GraphicObject(
            graphic_type="POLYLINE", graphic_data=np.array([[1.0, 2.0], [10.0, 12.0], [20.5, 3]]),
            units="PIXEL", tracking_id="line", tracking_uid="1.2.77",
        )  # fmt: skip
        text = hd.pr.TextObject(text_value="here", bounding_box=(3, 3, 20, 20), units="PIXEL")
        annotation = hd.pr.GraphicAnnotation(
            referenced_images=self.ct[:2], graphic_layer=layer, graphic_objects=[line],
            text_objects=[text],
        )  # fmt: skip
        return layer, annotation

    def pr_gsps(self) -> Any:
        hd = self.hd
        layer, annotation = self._annotation()
        return hd.pr.GrayscaleSoftcopyPresentationState(
            referenced_images=self.ct[:2], **self.ids(), content_label="LABEL",
            content_creator_name="Doe^Jane", concept_name=self.codes.DCM.PresentationState
            if hasattr(self.codes.DCM, "PresentationState") else None,
            graphic_annotations=[annotation], graphic_layers=[layer],
            voi_lut_transformations=[hd.pr.SoftcopyVOILUTTransformation(
                window_center=40.0, window_width=400.0, window_explanation="soft tissue"
            )],
            presentation_lut_transformation=hd.PresentationLUTTransformation(
                presentation_lut_shape="INVERSE"
            ),
        )  # fmt: skip

    def pr_lut(self) -> Any:
        hd, np = self.hd, self.np
        table = hd.VOILUT(0, np.arange(256, dtype=np.uint16), lut_explanation="ramp")
        return hd.pr.GrayscaleSoftcopyPresentationState(
            referenced_images=self.ct[:2], **self.ids(), content_label="LABEL",
            modality_lut_transformation=hd.ModalityLUTTransformation(
                rescale_intercept=-1024.0, rescale_slope=1.0, rescale_type="HU"
            ),
            voi_lut_transformations=[hd.pr.SoftcopyVOILUTTransformation(voi_luts=[table])],
        )  # fmt: skip

    def read_pr(self, path: Path) -> object:
        state = self.dcmread(path)
        return {"text": len(str(state).splitlines()), "label": state.ContentLabel}

    def _ann(self, kind: str) -> Any:
        hd, np, codes = self.hd, self.np, self.codes
        size = 2 if kind == "2D" else 3
        points = [
            np.array([[x + 0.5, y + 0.25, 1.0][:size] for x, y in ((1, 1), (9, 1), (9, 7))]) + n
            if size == 2
            else np.array([[x + n, y + n, 1.0] for x, y in ((1.5, 1), (9, 1.25), (9, 7))])
            for n in range(5)
        ]
        group = hd.ann.AnnotationGroup(
            number=1, uid="1.2.88", label="nuclei",
            annotated_property_category=codes.SCT.AnatomicalStructure,
            annotated_property_type=self.Code("84640000", "SCT", "Nucleus"),
            graphic_type="POLYGON", graphic_data=points, algorithm_type="AUTOMATIC",
            algorithm_identification=hd.AlgorithmIdentificationSequence(
                name="finder", version="1.0", family=codes.cid7162.ArtificialIntelligence
            ),
            measurements=[hd.ann.Measurements(
                name=codes.SCT.Area, values=np.array([1.0, 2.5, 3, 4, 5]),
                unit=codes.UCUM.SquareMicrometer,
            )],
            description="all of them",
        )  # fmt: skip
        return hd.ann.MicroscopyBulkSimpleAnnotations(
            [self.slide], kind, [group], **self.ids(), content_label="NUCLEI"
        )

    def ann_2d(self) -> Any:
        return self._ann("2D")

    def ann_3d(self) -> Any:
        return self._ann("3D")

    def read_ann(self, path: Path) -> object:
        annotations = self.hd.ann.annread(path)
        group = annotations.get_annotation_group(number=1)
        kind = annotations.AnnotationCoordinateType
        graphics = group.get_graphic_data(coordinate_type=kind)
        names, values, units = group.get_measurements()
        return {
            "graphics": [one.tolist() for one in graphics],
            "values": values.tolist(),
            "names": [name.meaning for name in names],
            "units": [unit.value for unit in units],
        }


class Readings:
    """What highdicom sees in files of others."""

    def __init__(self) -> None:
        self.hd: Any = importlib.import_module("highdicom")

    def seg(self, path: Path) -> object:
        """Read segments, whole and frame by frame from the file."""
        whole = self.hd.seg.segread(path)
        lazy = self.hd.seg.segread(path, lazy_frame_retrieval=True)
        return [
            whole.number_of_segments,
            int(whole.pixel_array.sum()),
            [str(whole.get_segment_description(n).segment_label) for n in whole.segment_numbers],
            int(lazy.get_frame(1).sum()),
            lazy.number_of_frames,
        ]

    def image(self, path: Path) -> object:
        """Read frames of an image, whole, lazily, from bytes and by the reader of files."""
        whole = self.hd.imread(path)
        lazy = self.hd.imread(path, lazy_frame_retrieval=True)
        packed = self.hd.imread(path.read_bytes())
        with self.hd.io.ImageFileReader(path) as reader:
            one = [reader.number_of_frames, int(reader.read_frame(0).sum())]
            raw = len(reader.read_frame_raw(0))
        sums = [int(one.get_frame(1).sum()) for one in (whole, lazy, packed)]
        return [whole.number_of_frames, sums, one, raw]

    def slide(self, path: Path) -> object:
        """Put the tiles of a slide together."""
        matrix = self.hd.imread(path).get_total_pixel_matrix()
        return [list(matrix.shape), int(matrix.sum())]

    def sr(self, path: Path) -> object:
        """Read a structured report."""
        report = self.hd.sr.srread(path)
        return [type(report).__name__, str(report).replace("pydcm", "pydicom")]

    def ann(self, path: Path) -> object:
        """Read annotations of a slide."""
        groups = self.hd.ann.annread(path).get_annotation_groups()
        return [[one.label, len(one.get_graphic_data("2D"))] for one in groups]


READINGS = {
    "seg": "seg/highdicom/*.dcm",
    "image": "*/highdicom/*_image*.dcm",
    "slide": "wsi/highdicom/*.dcm",
    "sr": "sr/highdicom/*.dcm",
    "ann": "ann/highdicom/*.dcm",
}
"""The files of the corpus that each reading is for."""


def read_all(corpus: Path) -> dict[str, object]:
    """Return what is seen in the files of the corpus."""
    readings, seen = Readings(), {}
    for name, pattern in READINGS.items():
        read: Callable[[Path], object] = getattr(readings, name)
        for path in sorted(corpus.glob(pattern)):
            key = f"{name} {path.relative_to(corpus).as_posix()}"
            try:
                seen[key] = read(path)
            except Exception as error:  # what either library raises is what is compared
                seen[key] = {"error": repr(error), "trace": traceback.format_exc()}
    return seen


FLOWS = (
    "seg_binary", "seg_binary_implicit", "seg_fractional", "seg_fractional_rle", "seg_labelmap",
    "pm_float", "pm_integer", "pm_rle", "sc_gray", "sc_colour", "sc_rle", "sc_jpegls", "legacy",
    "sr_tid1500", "sr_tid1500_3d", "ko", "pr_gsps", "pr_lut", "ann_2d", "ann_3d",
)  # fmt: skip


def run(flows: Flows, name: str, target: Path) -> object:
    """Write one object, read it back, and return what was seen."""
    make: Callable[[], Any] = getattr(flows, name)
    read: Callable[[Path], object] = getattr(flows, f"read_{name.partition('_')[0]}")
    path = target / f"{name}.dcm"
    try:
        make().save_as(path)
        return {"seen": read(path)}
    except Exception as error:  # as in read_all
        return {"error": repr(error), "trace": traceback.format_exc()}


def main(library: str, sources: Path, target: Path, corpus: Path) -> None:
    """Run all flows with one library, and read the corpus if it is there."""
    warnings.simplefilter("ignore")
    if library == "pydcm":
        from pydcm.compat import install_as_pydicom

        install_as_pydicom()
    flows = Flows(sources)
    for name in FLOWS:
        if not (name.startswith("ann") and flows.slide is None):
            seen = run(flows, name, target)
            (target / f"{name}.json").write_text(json.dumps(seen), encoding="utf-8")
    (target / "corpus.json").write_text(json.dumps(read_all(corpus)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:5]))
