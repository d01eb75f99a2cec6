"""Synthetic objects of the sizes that real ones have; the same arguments give the same bytes."""

from __future__ import annotations

import random
import struct

from tests.synthetic.encoder import DEFLATED, PIXEL_DATA, Encoding, part10

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"

DEFAULT = Encoding()

_CT_TEXT = """
00080005 CS ISO_IR 100|00080008 CS ORIGINAL\\PRIMARY\\AXIAL|00080012 DA 20200101
00080013 TM 101112|00080016 UI 1.2.840.10008.5.1.4.1.1.2|00080020 DA 20200101
00080021 DA 20200101|00080022 DA 20200101|00080023 DA 20200101|00080030 TM 101112.25
00080031 TM 101113|00080032 TM 101114.5|00080033 TM 101115|00080050 SH A20200101
00080060 CS CT|00080070 LO Example Systems|00080080 LO Example Hospital
00080090 PN Doe^Jane^^Dr|00081010 SH CT01|00081030 LO Abdomen with contrast
0008103E LO Axial 1.25 mm|00081050 PN Roe^Richard|00081070 PN Operator^One
00081090 LO Example CT 64|00100010 PN Subject^Synthetic|00100020 LO SYN-0001
00100030 DA 19600101|00100040 CS O|00101010 AS 060Y|00101020 DS 1.75|00101030 DS 72.5
00180010 LO Iohexol|00180015 CS ABDOMEN|00180022 CS HELICAL MODE|00180050 DS 1.25
00180060 DS 120|00180088 DS 1.25|00180090 DS 500.000000|00181020 LO 1.0\\2.1
00181030 LO Protocol 5.1|00181040 LO Oral & IV|00181100 DS 360.000000|00181110 DS 949.075012
00181111 DS 541.000000|00181120 DS 0.000000|00181130 DS 154.500000|00181140 CS CW
00181150 IS 600|00181151 IS 380|00181152 IS 228|00181160 SH BODY FILTER|00181170 IS 45600
00181190 DS 1.200000|00181210 SH STANDARD|00185100 CS FFS|0020000D UI 2.25.101
0020000E UI 2.25.102|00200010 SH S1|00200011 IS 2|00200012 IS 1
00200037 DS 1.000000\\0.000000\\0.000000\\0.000000\\1.000000\\0.000000|00200052 UI 2.25.103
00201040 LO XY|00280004 CS MONOCHROME2|00280030 DS 0.703125\\0.703125|00281050 DS 40\\400
00281051 DS 400\\2000|00281052 DS -1024|00281053 DS 1|00281054 LO HU
00400244 DA 20200101|00400245 TM 101112|00400253 SH P1|00400254 LO CT Abdomen
"""

_PRIVATE_BLOCKS = {
    "0009 GEMS_IDEN_01": "01LO 02SH 04SH 27SL 30SH 31SH E6SH E7UL E9SL",
    "0011 GEMS_PATI_01": "10SS",
    "0019 GEMS_ACQU_01": """
        02SL 03DS 04DS 0FDS 11SS 13SS 14SS 15SS 16SS 17SS 18LO 19DS 1ALO 1BDS 1EDS 23DS 24DS 25SS
        26SL 27DS 2ADS 2BDS 2CSL 2EDS 2FDS 39SS 40SS 41SS 42SS 43SS 44DS 47SS 4ASS 4BSL 52SS 57SS
        58SS 5ESL 5FSL 60SL 61SL 62SL 6ASS 6BSS 70SS 71SS 72DS 73DS 74DS 75DS 76DS DASS DBDS DCSS
        DDSS DEDS""",
    "0021 GEMS_RELA_01": "03SS 05SH 07UL 15US 16SS 18SH 19UL 37SS 4ALO 90SS 91SS 92FL 93FL",
    "0023 GEMS_STDY_01": "70FD 74SL 7DSS",
    "0025 GEMS_SERS_01": "06SS 07SL 10SL 11SS 17SL 18SL 19SL 1ASH",
    "0027 GEMS_IMAG_01": """
        06SL 10SS 1CSL 1DSS 1ESL 1FSL 20SS 30SH 35SS 40SH 41FL 42FL 43FL 44FL 45FL 46FL 47FL 48FL
        49FL 4AFL 4BFL 4CFL 4DFL 50FL 51FL 52SH 53SH 54SH 55SH""",
    "0029 GEMS_IMPS_01": "04SL 05DS 06DS 07SL 08SH 09SH 0ASS 26SS 34SL 35SL",
    "0043 GEMS_PARM_01": """
        10US 11US 12SS 13SS 14SS 15SS 16SS 17DS 18DS 19SS 1ASL 1BSS 1CSS 1DSS 1EDS 1FSL 20DS 21SS
        25SS 26US 27SH 28OB 29OB 2AOB 2BSS 31DS 40FL 41FL 42SL 43SL 44SL 45SL 46SL 47SL 48SL 49SL
        4ASS 4BSL 4CSS 4DFL 4EFL""",
}
"""Group and creator, and the numbers and VRs that a common scanner writes there."""


def _private_blocks(encoding: Encoding, dice: random.Random) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for block, elements in _PRIVATE_BLOCKS.items():
        group, creator = block.split()
        base = int(group, 16) << 16
        found[base | 0x10] = encoding.text(base | 0x10, "LO", creator)
        for element in elements.split():
            tag = base | 0x1000 | int(element[:2], 16)
            found[tag] = _private_element(encoding, tag, element[2:], dice)
    return found


def _private_element(encoding: Encoding, tag: int, vr: str, dice: random.Random) -> bytes:
    if vr in ("LO", "SH"):
        return encoding.text(tag, vr, f"PRIVATE {dice.randrange(1000)}")
    if vr == "DS":
        return encoding.text(tag, vr, f"{dice.uniform(-500, 500):.6f}")
    if vr == "OB":
        return encoding.element(tag, vr, dice.randbytes(250))
    if vr in ("FL", "FD"):
        return encoding.numbers(tag, vr, dice.uniform(-1e3, 1e3))
    count = 4 if dice.random() < 0.1 else 1
    return encoding.numbers(tag, vr, *(dice.randrange(100) for _ in range(count)))


def _text_table(encoding: Encoding, table: str) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for line in table.replace("\n", "|").strip("|").split("|"):
        tag, vr, value = line.split(" ", 2)
        found[int(tag, 16)] = encoding.text(int(tag, 16), vr, value)
    return found


def ct(
    size: int = 512, instance: int = 1, encoding: Encoding = DEFAULT, *, pixels: bool = True
) -> bytes:
    """Return a CT image with about 250 elements, of which two thirds are private.

    Parameters
    ----------
    size : int
        Rows and Columns.
    instance : int
        Its place in the series.
    encoding : Encoding
        How to encode it.
    pixels : bool
        Whether it has Pixel Data.
    """
    dice = random.Random(instance)
    elements = _text_table(encoding, _CT_TEXT) | _private_blocks(encoding, dice)
    for tag, vr, text in (
        (0x00080018, "UI", f"2.25.104.{instance}"),
        (0x00200013, "IS", str(instance)),
        (0x00200032, "DS", f"-180.000000\\-175.500000\\{instance * 1.25:.6f}"),
        (0x00201041, "DS", f"{instance * 1.25:.6f}"),
    ):
        elements[tag] = encoding.text(tag, vr, text)
    for tag, number in (
        (0x00280002, 1), (0x00280010, size), (0x00280011, size), (0x00280100, 16),
        (0x00280101, 16), (0x00280102, 15), (0x00280103, 1),
    ):  # fmt: skip
        elements[tag] = encoding.numbers(tag, "US", number)
    elements[0x00280120] = encoding.numbers(0x00280120, "SS", -2000)
    code = encoding.text(0x00080100, "SH", "24627-2") + encoding.text(0x00080102, "SH", "LN")
    code += encoding.text(0x00080104, "LO", "CT Abdomen")
    elements[0x00081032] = encoding.sequence(0x00081032, [code])
    if pixels:
        row = struct.pack(f"{encoding.order}{size}h", *(i % 3000 - 1000 for i in range(size)))
        elements[PIXEL_DATA] = encoding.element(PIXEL_DATA, "OW", row * size)
    body = b"".join(elements[tag] for tag in sorted(elements))
    return part10(body, encoding.syntax, CT_IMAGE, f"2.25.104.{instance}")


def enhanced_ct(frames: int = 500, encoding: Encoding = DEFAULT, size: int = 4) -> bytes:
    """Return an Enhanced CT whose functional groups repeat for each frame (PS3.3 C.7.6.16)."""
    body = b"".join(
        (
            encoding.text(0x00080005, "CS", "ISO_IR 192"),
            encoding.text(0x00080016, "UI", ENHANCED_CT),
            encoding.text(0x00080018, "UI", "2.25.201"),
            encoding.text(0x00080060, "CS", "CT"),
            encoding.text(0x00100010, "PN", "Subject^Enhanced"),
            encoding.text(0x00100020, "LO", "SYN-0002"),
            encoding.text(0x0020000D, "UI", "2.25.202"),
            encoding.text(0x0020000E, "UI", "2.25.203"),
            encoding.numbers(0x00280002, "US", 1),
            encoding.text(0x00280004, "CS", "MONOCHROME2"),
            encoding.text(0x00280008, "IS", str(frames)),
            encoding.numbers(0x00280010, "US", size),
            encoding.numbers(0x00280011, "US", size),
            encoding.numbers(0x00280100, "US", 16),
            encoding.numbers(0x00280101, "US", 12),
            encoding.numbers(0x00280102, "US", 11),
            encoding.numbers(0x00280103, "US", 0),
            encoding.sequence(0x52009229, [_shared_groups(encoding)]),
            encoding.sequence(0x52009230, [_frame_groups(encoding, n) for n in range(frames)]),
            encoding.element(PIXEL_DATA, "OW", bytes(2 * size * size * frames)),
        )
    )
    return part10(body, encoding.syntax, ENHANCED_CT, "2.25.201")


def _shared_groups(encoding: Encoding) -> bytes:
    measures = encoding.text(0x00180050, "DS", "1.25") + encoding.text(0x00280030, "DS", "0.7\\0.7")
    plane = encoding.text(0x00200037, "DS", "1\\0\\0\\0\\1\\0")
    return encoding.sequence(0x00209116, [plane]) + encoding.sequence(0x00289110, [measures])


def _frame_groups(encoding: Encoding, number: int) -> bytes:
    text, numbers, sequence = encoding.text, encoding.numbers, encoding.sequence
    return b"".join(
        (
            sequence(0x00189301, [text(0x00089007, "CS", "ORIGINAL\\PRIMARY\\VOLUME\\NONE")]),
            sequence(
                0x00189304,
                [
                    text(0x00181140, "CS", "CW")
                    + numbers(0x00189305, "FD", 0.35)
                    + numbers(0x00189306, "FD", 0.625)
                    + numbers(0x00189307, "FD", 40.0),
                ],
            ),
            sequence(
                0x00189321,
                [
                    text(0x00189323, "CS", "MODULATED")
                    + numbers(0x00189328, "FD", 500.5)
                    + numbers(0x00189330, "FD", 300.0 + number % 7)
                    + numbers(0x00189332, "FD", 150.25),
                ],
            ),
            sequence(0x00189326, [numbers(0x00189327, "FD", number * 1.25)]),
            sequence(
                0x00209111,
                [
                    text(0x00189074, "DT", f"20200101101112.{number:06d}")
                    + numbers(0x00189220, "FD", 500.0)
                    + text(0x00209056, "SH", "1")
                    + numbers(0x00209057, "UL", number + 1)
                    + numbers(0x00209157, "UL", 1, number + 1),
                ],
            ),
            sequence(0x00209113, [text(0x00200032, "DS", f"-180\\-175.5\\{number * 1.25:.4f}")]),
            sequence(0x00289132, [text(0x00281050, "DS", "40") + text(0x00281051, "DS", "400")]),
            sequence(
                0x00289145,
                [
                    text(0x00281052, "DS", "-1024")
                    + text(0x00281053, "DS", "1")
                    + text(0x00281054, "LO", "HU"),
                ],
            ),
        )
    )


def structure_set(
    rois: int = 60, contours: int = 40, points: int = 60, encoding: Encoding = DEFAULT
) -> bytes:
    """Return an RT Structure Set (PS3.3 A.19) with `points` in each of `contours` of each ROI."""
    dice = random.Random(rois)
    text = encoding.text

    def coordinates(z: float) -> str:
        return "\\".join(
            f"{dice.uniform(-200, 200):.2f}\\{dice.uniform(-200, 200):.2f}\\{z:.2f}"
            for _ in range(points)
        )

    def contour(number: int) -> bytes:
        image = text(0x00081150, "UI", CT_IMAGE) + text(0x00081155, "UI", f"2.25.104.{number + 1}")
        return b"".join(
            (
                encoding.sequence(0x30060016, [image]),
                text(0x30060042, "CS", "CLOSED_PLANAR"),
                text(0x30060046, "IS", str(points)),
                # longer than a 16-bit length allows for many points, so the caller keeps it short
                text(0x30060050, "DS", coordinates(number * 1.25)),
            )
        )

    regions = [
        text(0x30060022, "IS", str(n + 1))
        + text(0x30060024, "UI", "2.25.103")
        + text(0x30060026, "LO", f"Region {n + 1}")
        + text(0x30060036, "CS", "MANUAL")
        for n in range(rois)
    ]
    shapes = [
        text(0x3006002A, "IS", "255\\0\\64")
        + encoding.sequence(0x30060040, [contour(c) for c in range(contours)])
        + text(0x30060084, "IS", str(n + 1))
        for n in range(rois)
    ]
    body = b"".join(
        (
            text(0x00080005, "CS", "ISO_IR 100"),
            text(0x00080016, "UI", STRUCTURE_SET),
            text(0x00080018, "UI", "2.25.301"),
            text(0x00080060, "CS", "RTSTRUCT"),
            text(0x00100010, "PN", "Subject^Contoured"),
            text(0x0020000D, "UI", "2.25.302"),
            text(0x30060002, "SH", "SYNTHETIC"),
            encoding.sequence(0x30060020, regions),
            encoding.sequence(0x30060039, shapes),
        )
    )
    return part10(body, encoding.syntax, STRUCTURE_SET, "2.25.301")


def structured_report(items: int = 2000, encoding: Encoding = DEFAULT) -> bytes:
    """Return an SR document with `items` content items, 50 in each container (PS3.3 C.17.3)."""
    text, sequence = encoding.text, encoding.sequence

    def code(value: str, scheme: str, meaning: str) -> bytes:
        return (
            text(0x00080100, "SH", value)
            + text(0x00080102, "SH", scheme)
            + text(0x00080104, "LO", meaning)
        )

    def measurement(number: int) -> bytes:
        unit = sequence(0x004008EA, [code("mm", "UCUM", "millimeter")])
        measured = unit + text(0x0040A30A, "DS", f"{number * 0.37:.3f}")
        return b"".join(
            (
                text(0x0040A010, "CS", "CONTAINS"),
                text(0x0040A040, "CS", "NUM"),
                sequence(0x0040A043, [code("410668003", "SCT", f"Length {number}")]),
                sequence(0x0040A300, [measured]),
            )
        )

    def container(first: int, count: int) -> bytes:
        return b"".join(
            (
                text(0x0040A010, "CS", "CONTAINS"),
                text(0x0040A040, "CS", "CONTAINER"),
                sequence(0x0040A043, [code("125007", "DCM", "Measurement Group")]),
                text(0x0040A050, "CS", "SEPARATE"),
                sequence(0x0040A730, [measurement(n) for n in range(first + 1, first + count)]),
            )
        )

    body = b"".join(
        (
            text(0x00080005, "CS", "ISO_IR 192"),
            text(0x00080016, "UI", COMPREHENSIVE_SR),
            text(0x00080018, "UI", "2.25.401"),
            text(0x00080060, "CS", "SR"),
            text(0x00100010, "PN", "Subject^Measured"),
            text(0x0020000D, "UI", "2.25.402"),
            text(0x0040A040, "CS", "CONTAINER"),
            sequence(0x0040A043, [code("126000", "DCM", "Imaging Measurement Report")]),
            text(0x0040A050, "CS", "SEPARATE"),
            sequence(
                0x0040A730,
                [container(first, min(50, items - first)) for first in range(0, items, 50)],
            ),
        )
    )
    return part10(body, encoding.syntax, COMPREHENSIVE_SR, "2.25.401")


def nested(depth: int, encoding: Encoding = DEFAULT) -> bytes:
    """Return a file with a sequence nested `depth` times.

    The levels are Content Sequences, each item with a Value Type beside the
    next level.
    """
    content = encoding.text(0x0040A040, "CS", "TEXT")
    for _ in range(depth):
        content = encoding.text(0x0040A040, "CS", "CONTAINER") + encoding.sequence(
            0x0040A730, [content]
        )
    head = encoding.text(0x00080016, "UI", COMPREHENSIVE_SR)
    return part10(head + content, encoding.syntax, COMPREHENSIVE_SR)


def every_vr(encoding: Encoding = DEFAULT, *, deflated: bool = False) -> bytes:
    """Return a small image with an element of every VR, nested sequences and private blocks."""
    text, numbers, element = encoding.text, encoding.numbers, encoding.element
    utf8 = "utf-8"
    inner = text(0x00080100, "SH", "A-1") + text(0x00080102, "SH", "99SYN")
    outer = text(0x00081150, "UI", CT_IMAGE) + encoding.sequence(0x0040A170, [inner, inner])
    body = b"".join(
        (
            text(0x00080005, "CS", "ISO_IR 192"),
            text(0x00080008, "CS", "DERIVED\\SECONDARY"),
            text(0x00080016, "UI", SECONDARY_CAPTURE),
            text(0x00080018, "UI", "2.25.601"),
            text(0x00080020, "DA", "20200229"),
            text(0x0008002A, "DT", "20200229101112.5+0100"),
            text(0x00080030, "TM", "101112.123456"),
            text(0x00080054, "AE", "ARCHIVE"),
            text(0x00080060, "CS", "OT"),
            text(0x00080119, "UC", "A code too long for a short string", utf8),
            text(0x00080120, "UR", "http://example.com/code?a=1"),
            encoding.sequence(0x00081140, [outer, b"", outer]),
            encoding.sequence(0x00081199, []),
            element(0x00091001, "UN", b"unknown!"),
            text(0x00100010, "PN", "Müller^Jörg=山田^太郎=やまだ^たろう", utf8),
            text(0x00100020, "LO", "Größe\\αβγ", utf8),
            text(0x00101010, "AS", "042Y"),
            text(0x00101030, "DS", "72.50\\1e2\\-0.5"),
            text(0x00104000, "LT", "first line\r\nsecond line", utf8),
            numbers(0x00109431, "FL", 2.25),
            text(0x00181151, "IS", "-12\\0\\380"),
            numbers(0x00189073, "FD", 1.5),
            text(0x00190010, "LO", "SYNTHETIC BLOCK"),
            text(0x00191001, "SH", "private"),
            encoding.sequence(0x00191002, [text(0x00191003, "LO", "deep")]),
            numbers(0x00209128, "UL", 1),
            numbers(0x00280002, "US", 1),
            text(0x00280004, "CS", "MONOCHROME2"),
            numbers(0x00280009, "AT", 0x00181063, 0x00181065),
            numbers(0x00280010, "US", 4),
            numbers(0x00280011, "US", 3),
            numbers(0x00280100, "US", 16),
            numbers(0x00280101, "US", 12),
            numbers(0x00280102, "US", 11),
            numbers(0x00280103, "US", 1),
            numbers(0x00280106, "SS", -7),
            text(0x00400280, "ST", "a comment", utf8),
            text(0x0040A160, "UT", "text without a limit " * 40, utf8),
            numbers(0x0040A162, "SL", -70000),
            numbers(0x00660016, "OF", 0.5, -1.0),
            numbers(0x00660023, "OW", 1, 2, 3),
            numbers(0x00660040, "OL", 1, 70000),
            numbers(0x00660129, "OL", 4),
            numbers(0x00720052, "AT", 0x00080060),
            numbers(0x00720073, "OD", 0.25),
            numbers(0x00720082, "SV", -(2**40)),
            numbers(0x00720083, "UV", 2**63),
            numbers(0x7FE00001, "OV", 0),
            element(PIXEL_DATA, "OW", struct.pack(f"{encoding.order}12h", *range(-6, 6))),
        )
    )
    return part10(body, DEFLATED if deflated else encoding.syntax, SECONDARY_CAPTURE, "2.25.601")
