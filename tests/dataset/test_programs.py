"""Random programs that edit a data set, run with both libraries: same text, same bytes."""

from __future__ import annotations

import random

import pytest

from tests.snippets import OURS, THEIRS, lines, run

STEPS = lines("""
ds.PatientID = "new"
ds.PatientID += "x"
del ds.PatientID
ds.pop("Rows", None)
ds.Rows = 7
ds.ImageType.append("Q")
ds.ImageType[0] = "Z"
ds.PixelSpacing = [3, 4]
ds.PixelSpacing[0] = "9"
ds.BeamSequence.append(Dataset())
ds.BeamSequence[0].PatientID = "zz"
ds.BeamSequence[-1].Columns = 3
del ds.BeamSequence[0]
ds.BeamSequence.insert(0, make())
ds.BeamSequence[0].BeamSequence = [Dataset()]
ds.BeamSequence[0].BeamSequence[0].PatientName = "A^B"
ds.BeamSequence = [ds.BeamSequence[-1]]
ds.SpecificCharacterSet = "ISO_IR 192"
ds.PatientName = "Jörg^ä"
ds.PatientComments = "ü"
ds.BeamSequence[0].PatientComments = "é"
ds.decode()
ds = copy.deepcopy(ds)
ds = pickle.loads(pickle.dumps(ds))
ds = bare(ds)
ds = bare(ds, implicit=True)
ds = bare(ds, little=False)
ds.remove_private_tags()
ds.private_block(0x11, "B", create=True).add_new(1, "DS", [1, 2])
ds.walk(lambda d, elem: setattr(elem, "value", "W") if elem.VR == "PN" else None)
str(ds)
list(ds.iterall())
list(ds.elements())
ds.update({"Columns": 9, "PatientBirthDate": "20200101"})
ds[0x00100020:0x00100030]
ds.setdefault("PatientAge", "010Y")
ds.popitem()
ds = ds[0x00080000:]
ds.PixelRepresentation = 1
ds["BeamSequence"].is_undefined_length = True
ds.BeamSequence[0].is_undefined_length_sequence_item = True
ds["PatientID"].VR = "SH"
ds.update(make())
ds.BeamSequence[0].update(make()[0x00100000:0x00300000])
ds.BeamSequence.reverse()
ds.BeamSequence[0], ds.BeamSequence[-1] = ds.BeamSequence[-1], ds.BeamSequence[0]
ds.BeamSequence[0].add(ds["PatientName"])
ds.add(ds.BeamSequence[0]["PatientID"])
ds["PatientName"] = ds["PatientName"]
ds.PatientName = ds.BeamSequence[0].PatientID
""")


def program(dice: random.Random) -> str:
    """Return some of the steps; one that fails must fail with both libraries."""
    steps = dice.choices(STEPS, k=dice.randint(5, 20))
    tried = [f"try:\n    {step}\nexcept Exception:\n    see('failed')" for step in steps]
    return "\n".join(["ds = bare(ds)", *tried, "see(str(ds))", "encode(ds)"])


@pytest.mark.parametrize("seed", range(10))
def test_random_programs(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(8):
        code = program(dice)
        theirs, ours = run(THEIRS, code), run(OURS, code)
        assert ours.seen == theirs.seen, code
        assert not ours.raised, code
        assert len(ours.seen) >= 2
