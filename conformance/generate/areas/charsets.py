"""Character sets: the examples of PS3.5 Annexes H to K, and each set by itself."""

from __future__ import annotations

import struct

from conformance.generate.dicom import EXPLICIT, Element, element, part10
from conformance.generate.writing import Area

ESC = b"\x1b"

EXAMPLES: list[tuple[str, str, list[str], str, bytes, str]] = [
    ("H.3.1", "japanese-1", ["", "ISO 2022 IR 87"], "PN",
     b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
     "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    ("H.3.2", "japanese-2", ["ISO 2022 IR 13", "ISO 2022 IR 87"], "PN",
     b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J="
     b"\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    ("I.2", "korean-name", ["", "ISO 2022 IR 149"], "PN",
     b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7"
     b"=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
     "Hong^Gildong=洪^吉洞=홍^길동"),
    ("I.3", "korean-text", ["", "ISO 2022 IR 149"], "LT",
     b"\x1b$)CThe 1st line includes \xb1\xe6\xb5\xbf.\r\n"
     b"\x1b$)CThe 2nd line includes \xb1\xe6\xb5\xbf, too.\r\nThe 3rd line.",
     "The 1st line includes 길동.\r\nThe 2nd line includes 길동, too.\r\nThe 3rd line."),
    ("J.1", "chinese-utf8", ["ISO_IR 192"], "PN", "Wang^XiaoDong=王^小東=".encode(),
     "Wang^XiaoDong=王^小東="),
    ("J.2", "chinese-utf8-text", ["ISO_IR 192"], "LT",
     "The first line includes 中文.\r\nThe second line.\r\nThe third line.".encode(),
     "The first line includes 中文.\r\nThe second line.\r\nThe third line."),
    ("J.3", "chinese-gb18030", ["GB18030"], "PN", "Wang^XiaoDong=王^小东=".encode("gb18030"),
     "Wang^XiaoDong=王^小东="),
    ("J.4", "chinese-gb18030-text", ["GB18030"], "LT",
     "The first line includes 中文.\r\nThe second line.".encode("gb18030"),
     "The first line includes 中文.\r\nThe second line."),
    ("K.2", "chinese-58-name", ["", "ISO 2022 IR 58"], "PN",
     b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=", "Zhang^XiaoDong=张^小东="),
    ("K.3", "chinese-58-text", ["", "ISO 2022 IR 58"], "LT",
     b"1.\x1b$)A\xb5\xda\xd2\xbb\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n2.\x1b$)A\xb5\xda\xb6\xfe"
     b"\xd0\xd0\r\n3.", "1.第一行文字。\r\n2.第二行\r\n3."),
    ("H.3.1", "japanese-212", ["", "ISO 2022 IR 87", "ISO 2022 IR 159"], "LO",
     b"A\x1b$(D0!\x1b(BZ", "A丂Z"),
]  # fmt: skip

SINGLE: dict[str, tuple[str, str]] = {
    "ISO_IR 100": ("latin-1", "Äneas^Rüdiger é ñ ÿ"),
    "ISO_IR 101": ("iso8859-2", "Łukasz^Žižek ő"),
    "ISO_IR 109": ("iso8859-3", "Ĉapelo^Ĥoro ŭ"),
    "ISO_IR 110": ("iso8859-4", "Ģirts^Ņikita ū"),
    "ISO_IR 144": ("iso8859-5", "Люкceмбypг"),
    "ISO_IR 127": ("iso8859-6", "قباني^لنزار"),
    "ISO_IR 126": ("iso8859-7", "Διονυσιος"),
    "ISO_IR 138": ("iso8859-8", "שרון^דבורה"),
    "ISO_IR 148": ("iso8859-9", "Çavuşoğlu^İrem"),
    "ISO_IR 203": ("iso8859-15", "Œuvre^Škoda €"),
    "ISO_IR 13": ("shift_jis", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    "ISO_IR 166": ("tis-620", "นามสกุล^ชื่อ"),
    "ISO_IR 192": ("utf-8", "Łukasz^王 𝄞 ñ"),
    "GB18030": ("gb18030", "王小东 𝄞"),
    "GBK": ("gbk", "王小东"),
}
"""Sets without code extensions (PS3.3 Table C.12-2, C.12-5), a codec of Python, and a text."""

_ESCAPES = {
    "ISO 2022 IR 100": ("latin-1", b"\x1b-A", "éñ"),
    "ISO 2022 IR 101": ("iso8859-2", b"\x1b-B", "Łő"),
    "ISO 2022 IR 109": ("iso8859-3", b"\x1b-C", "Ĉŭ"), "ISO 2022 IR 110":
    ("iso8859-4", b"\x1b-D", "Ģū"), "ISO 2022 IR 144": ("iso8859-5", b"\x1b-L", "Люк"),
    "ISO 2022 IR 127": ("iso8859-6", b"\x1b-G", "قبا"), "ISO 2022 IR 126":
    ("iso8859-7", b"\x1b-F", "Διο"), "ISO 2022 IR 138": ("iso8859-8", b"\x1b-H", "שרו"),
    "ISO 2022 IR 148": ("iso8859-9", b"\x1b-M", "Çşğ"), "ISO 2022 IR 166":
    ("tis-620", b"\x1b-T", "นาม"), "ISO 2022 IR 13": ("shift_jis", b"\x1b)I", "ﾔﾏ"),
    "ISO 2022 IR 203": ("iso8859-15", b"\x1b-b", "Œ€"),
}  # fmt: skip
"""Sets with code extensions: what calls each into G1, and a text (PS3.3 Table C.12-3)."""


def _feature(charset: str) -> str:
    return "charset." + charset.lower().replace(" ", "-").replace("_", "-")


def charsets() -> Area:
    """Return the cases of character sets."""
    area = Area("charsets", "Character sets", "PS3.5 6.1 and Annexes H to K, Python's codecs")
    _examples(area)
    _single(area)
    _extended(area)
    _delimiters(area)
    _broken(area)
    return area


def _add(area: Area, name: str, clause: str, comment: str, charsets: list[str], vr: str,
         octets: bytes, text: str) -> None:  # fmt: skip
    named = next((each for each in reversed(charsets) if each), "default")
    area.add(name, "charset", _feature(named), clause, comment,
             {"octets": octets, "charsets": charsets, "vr": vr}, {"text": text})  # fmt: skip


def _examples(area: Area) -> None:
    for clause, name, charsets, vr, octets, text in EXAMPLES:
        _add(area, f"example-{name}", f"PS3.5 {clause}", f"The standard's example: {name}",
             charsets, vr, octets, text)  # fmt: skip
        declared = Element(0x00080005, "CS", tuple(charsets))
        tag = {"PN": 0x00100010, "LT": 0x001021B0, "LO": 0x00081030}[vr]
        padded = octets + b" " * (len(octets) % 2)
        file = part10(declared.encode(EXPLICIT) + element(tag, vr, padded), EXPLICIT)
        area.add(f"example-{name}.read", "read", _feature(charsets[-1]), f"PS3.5 {clause}",
                 "The standard's example, in a file", {"file": file},
                 {"elements": [declared, Element(tag, vr, (text,))]})  # fmt: skip
        data = declared.encode(EXPLICIT) + element(tag, vr, padded)
        area.add(f"example-{name}.again", "rewrite", _feature(charsets[-1]), f"PS3.5 {clause}",
                 "The standard's example, written again", {"file": file},
                 {"dataset": data})  # fmt: skip


def _single(area: Area) -> None:
    for charset, (codec, text) in SINGLE.items():
        declared = Element(0x00080005, "CS", (charset,))
        written = Element(0x00100010, "PN", (text,), charset=codec)
        data = declared.encode(EXPLICIT) + written.encode(EXPLICIT)
        area.add(f"{charset.lower().replace(' ', '-')}-written", "write", _feature(charset),
                 "PS3.3 C.12.1.1.2; PS3.5 6.1.2", f"A name is written in {charset}",
                 {"elements": [declared, written], "transfer_syntax": EXPLICIT},
                 {"dataset": data})  # fmt: skip
        for vr in ("PN", "LO", "UT"):
            _add(area, f"{charset.lower().replace(' ', '-')}-{vr.lower()}",
                 "PS3.3 C.12.1.1.2; PS3.5 6.1.2", f"{vr} in {charset}", [charset], vr,
                 text.encode(codec), text)  # fmt: skip
    _add(area, "default-pn", "PS3.5 6.1.2.1", "The default repertoire", [], "PN",
         b"Adams^John Robert Quincy^^Rev.", "Adams^John Robert Quincy^^Rev.")  # fmt: skip


def _extended(area: Area) -> None:
    for charset, (codec, escape, text) in _ESCAPES.items():
        octets = b"Abc=" + escape + text.encode(codec) + b"\x1b(B^Z"
        name = charset.lower().replace(" ", "-")
        if charset != "ISO 2022 IR 13":
            _add(area, f"{name}-called", "PS3.5 6.1.2.5; PS3.3 C.12.1.1.2",
                 f"{charset} called by an escape sequence", ["", charset], "PN", octets,
                 f"Abc={text}^Z")  # fmt: skip
        if charset != "ISO 2022 IR 13":
            _add(area, f"{name}-initial", "PS3.5 6.1.2.4", f"{charset} from the beginning",
                 [charset, "ISO 2022 IR 87"], "LO", text.encode(codec) + b" \x1b$B;3\x1b(B",
                 f"{text} 山")  # fmt: skip
    latin, greek = "ISO 2022 IR 100", "ISO 2022 IR 126"
    _add(area, "two-sets-one-value", "PS3.5 6.1.2.5.3", "Latin and Greek in one value",
         [latin, greek], "LO", "é".encode("latin-1") + b"\x1b-F" + "Δι".encode("iso8859-7")
         + b"\x1b-A" + "ñ".encode("latin-1"), "éΔιñ")  # fmt: skip


def _delimiters(area: Area) -> None:
    """Where the first set is active again (PS3.5 6.1.2.5.3)."""
    greek = b"\x1b-F" + "Δ".encode("iso8859-7")
    charsets = ["ISO 2022 IR 100", "ISO 2022 IR 126"]
    e = "é".encode("latin-1")
    resets = {"caret": ("PN", b"^"), "equals": ("PN", b"="), "backslash-pn": ("PN", b"\\"),
              "backslash": ("LO", b"\\"), "line-feed": ("LT", b"\n"), "return": ("LT", b"\r\n"),
              "form-feed": ("UT", b"\f"), "tab": ("ST", b"\t")}  # fmt: skip
    for name, (vr, delimiter) in resets.items():
        area.add(f"reset-by-{name}", "charset", "charset.reset", "PS3.5 6.1.2.5.3",
                 f"After {delimiter!r} in {vr} the first set is active again",
                 {"octets": greek + delimiter + e, "charsets": charsets, "vr": vr},
                 {"text": "Δ" + delimiter.decode() + "é"})  # fmt: skip
    for vr, delimiter in (("LO", b"^"), ("LO", b"="), ("LT", b"\\"), ("LT", b"^")):
        octets = greek + delimiter + "ι".encode("iso8859-7")
        area.add(f"no-reset-by-{delimiter.hex()}-{vr.lower()}", "charset", "charset.reset",
                 "PS3.5 6.1.2.5.3", f"{delimiter!r} in {vr} is a character like others",
                 {"octets": octets, "charsets": charsets, "vr": vr},
                 {"text": "Δ" + delimiter.decode() + "ι"})  # fmt: skip
    for name, vr, octet, delimiter in (("backslash", "LO", b"\x5c", b"\\"),
                                       ("caret", "PN", b"\x5e", b"^")):  # fmt: skip
        kanji = b"\x1b$B\x30" + octet + b"\x1b(B"
        text = kanji.decode("iso2022_jp") + delimiter.decode() + "x"
        _add(area, f"{name}-octet-in-kanji", "PS3.5 6.1.2.5.3",
             f"An octet of a {name} within two-octet codes delimits nothing",
             ["", "ISO 2022 IR 87"], vr, b"A=" * (vr == "PN") + kanji + delimiter + b"x",
             "A=" * (vr == "PN") + text)  # fmt: skip
    _add(area, "backslash-octet-in-gb18030", "PS3.5 6.1.2.5.3; PS3.5 J.3",
         "The second octet of a character of GB18030 is that of a backslash",
         ["GB18030"], "LO", "乗".encode("gb18030") + b"\\b", "乗\\b")  # fmt: skip


def _broken(area: Area) -> None:
    """Octets that are no text, and sets that are none."""
    forms: dict[str, tuple[list[str], bytes]] = {
        "unknown-set": (["ISO_IR 999"], b"abc"), "empty-among-sets": (["ISO_IR 100", ""], b"\xe9"),
        "lower-case-set": (["iso_ir 100"], b"\xe9"), "no-space-set": (["ISOIR100"], b"\xe9"),
        "hyphen-set": (["ISO-IR 100"], b"\xe9"), "utf8-set": (["UTF8"], "é".encode()),
        "utf8-with-others": (["ISO_IR 192", "ISO 2022 IR 87"], "é".encode()),
        "no-utf8": (["ISO_IR 192"], b"\xff\xfe\xe9"), "cut-utf8": (["ISO_IR 192"], b"ab\xe7\x8e"),
        "overlong-utf8": (["ISO_IR 192"], b"\xc0\xaf"),
        "surrogate": (["ISO_IR 192"], b"\xed\xa0\x80"),
        "high-octets-in-default": ([], b"Andr\xe9"), "unknown-escape": (["", "ISO 2022 IR 87"],
        b"\x1b$Zab"), "undeclared-escape": (["ISO 2022 IR 100"], b"\x1b$B;3\x1b(B"),
        "lone-escape": (["", "ISO 2022 IR 87"], b"abc\x1b"), "half-kanji":
        (["", "ISO 2022 IR 87"], b"\x1b$B;"), "no-return": (["", "ISO 2022 IR 87"], b"\x1b$B;3ED"),
        "half-hangul": (["", "ISO 2022 IR 149"], b"\x1b$)C\xb1"), "cut-gb18030": (["GB18030"],
        b"\x81\x30\x81"), "thousand-escapes": (["", "ISO 2022 IR 87"], b"\x1b$B\x1b(B" * 1000),
        "twenty-sets": (["ISO 2022 IR 100"] * 20, b"abc"), "set-of-octets": (["\x01\x02"], b"abc"),
    }  # fmt: skip
    for name, (charsets, octets) in forms.items():
        area.add(f"broken-{name}", "charset", "charset.broken", "PS3.5 6.1; PS3.3 C.12.1.1.2",
                 name.replace("-", " "), {"octets": octets, "charsets": charsets, "vr": "LO"},
                 result="either", flags=["hostile"])  # fmt: skip
    names = {"carets": b"^" * 200, "equals": b"=" * 200, "mixed": b"^=" * 200}
    for name, octets in names.items():
        area.add(f"broken-name-of-{name}", "charset", "charset.broken", "PS3.5 6.2.1.1",
                 f"A name of nothing but {name}",
                 {"octets": octets, "charsets": [], "vr": "PN"}, result="either",
                 flags=["hostile"])  # fmt: skip
    length = struct.pack("<H", 4)
    file = part10(b"\x08\x00\x05\x00UN" + length + b"ISO_" + element(0x00100010, "PN", b"A^B "),
                  EXPLICIT)  # fmt: skip
    area.add("broken-set-with-wrong-vr", "read", "charset.broken", "PS3.3 C.12.1.1.2",
             "Specific Character Set with a VR that it cannot have", {"file": file},
             result="either", flags=["hostile"])  # fmt: skip
