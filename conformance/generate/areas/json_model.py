"""The DICOM JSON Model (PS3.18 Annex F), both ways."""

from __future__ import annotations

import base64
import json
import math

from conformance.generate.areas.structure import nested
from conformance.generate.areas.values import NUMBERS, OCTETS, SELECTORS, SYNTAXES, TEXTS
from conformance.generate.dicom import EXPLICIT, Element, part10
from conformance.generate.writing import Area, Given


def _value(each: Element) -> dict[str, Given]:
    """Return the JSON of one element (PS3.18 F.2.2)."""
    made: dict[str, Given] = {"vr": each.vr}
    model = each.model()
    if each.vr == "SQ":
        items = each.items or ()
        if items:
            made["Value"] = [_object(list(item)) for item in items]
    elif "octets" in model:
        made["InlineBinary"] = base64.b64encode(each.octets).decode("ascii")
    elif "value" in model:
        values = model["value"]
        assert isinstance(values, list)
        if each.vr == "PN":
            made["Value"] = [_name(str(value)) for value in values]
        else:
            made["Value"] = [None if value == "" else value for value in values]
    return made


def _name(text: str) -> dict[str, Given]:
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False)
    return {name: group for name, group in groups if group}


def _object(elements: list[Element]) -> dict[str, Given]:
    return {f"{each.tag:08X}": _value(each) for each in elements}


def json_model() -> Area:
    """Return the cases of the JSON model."""
    area = Area("json", "DICOM JSON Model", "PS3.18 F.2, by an encoder of its own")
    for vr, kinds in {**TEXTS, **NUMBERS}.items():
        for kind, values in kinds:
            if kind == "specials":
                continue
            _both(area, f"{vr}-{kind}", vr, Element(SELECTORS[vr], vr, values))
    for vr, contents in OCTETS.items():
        for kind, octets in contents:
            _both(area, f"{vr}-{kind}", vr, Element(SELECTORS[vr], vr, octets=octets))
    for vr, tag in sorted(SELECTORS.items()):
        _both(area, f"{vr}-empty", vr, Element(tag, vr))
    for depth in (1, 2, 10):
        _both(area, f"SQ-nested-{depth}", "SQ", nested(depth, False))
    _both(area, "SQ-empty-item", "SQ", Element(0x00081140, "SQ", items=((),)))
    _both(area, "SQ-no-item", "SQ", Element(0x00081140, "SQ", items=()))
    for coding, syntax in SYNTAXES.items():
        each = Element(SELECTORS["OW"], "OW", octets=b"\1\2\3\4")
        area.add(f"OW-{coding}", "to-json", "json", "PS3.18 F.2.7",
                 "InlineBinary is little endian, whatever the file is",
                 {"file": part10(each.encode(syntax), syntax)},
                 {"json": _object([each])})  # fmt: skip
    name = Element(0x00100010, "PN", ("Yamada^Tarou=山田^太郎=やまだ^たろう",), charset="utf-8")
    declared = Element(0x00080005, "CS", ("ISO_IR 192",))
    data = declared.encode(EXPLICIT) + name.encode(EXPLICIT)
    area.add("utf-8-name", "to-json", "json", "PS3.18 F.2.2; PS3.18 F.2.4",
             "A name of three groups in UTF-8", {"file": part10(data, EXPLICIT)},
             {"json": _object([declared, name])})  # fmt: skip
    _accepted(area)
    _broken(area)
    return area


def _both(area: Area, name: str, vr: str, each: Element) -> None:
    made = _object([each])
    clause = {"PN": "PS3.18 F.2.2", "SQ": "PS3.18 F.2.2"}.get(vr, "PS3.18 F.2.3")
    if "InlineBinary" in json.dumps(made):
        clause = "PS3.18 F.2.7"
    if name.endswith("-empty"):
        clause = "PS3.18 F.2.5"
    area.add(f"{name}.to", "to-json", "json", clause, f"{name} to JSON",
             {"file": part10(each.encode(EXPLICIT), EXPLICIT)}, {"json": made})  # fmt: skip
    text = json.dumps(made).encode("ascii")
    area.add(f"{name}.from", "from-json", "json", clause, f"{name} from JSON",
             {"json": text}, {"elements": [each]})  # fmt: skip


def _accepted(area: Area) -> None:
    """Spellings that a reader must understand."""
    forms: dict[str, tuple[object, Element]] = {
        "ds-as-text": ({"vr": "DS", "Value": ["1.5"]}, Element(SELECTORS["DS"], "DS", (1.5,))),
        "is-as-text": ({"vr": "IS", "Value": ["12"]}, Element(SELECTORS["IS"], "IS", (12,))),
        "sv-as-text": ({"vr": "SV", "Value": ["-9223372036854775808"]},
                       Element(SELECTORS["SV"], "SV", (-(1 << 63),))),
        "uv-as-text": ({"vr": "UV", "Value": ["18446744073709551615"]},
                       Element(SELECTORS["UV"], "UV", ((1 << 64) - 1,))),
        "empty-value": ({"vr": "LO", "Value": []}, Element(SELECTORS["LO"], "LO")),
        "empty-name": ({"vr": "PN", "Value": [{}]}, Element(SELECTORS["PN"], "PN")),
        "null-among-values": ({"vr": "LO", "Value": ["a", None, "c"]},
                              Element(SELECTORS["LO"], "LO", ("a", "", "c"))),
        "integral-float": ({"vr": "US", "Value": [7]}, Element(SELECTORS["US"], "US", (7,))),
        "fd-as-integer": ({"vr": "FD", "Value": [3]}, Element(SELECTORS["FD"], "FD", (3.0,))),
    }  # fmt: skip
    for name, (value, each) in forms.items():
        text = json.dumps({f"{each.tag:08X}": value}).encode("ascii")
        area.add(f"accepted-{name}", "from-json", "json", "PS3.18 F.2.3; PS3.18 F.2.5",
                 name.replace("-", " "), {"json": text}, {"elements": [each]})  # fmt: skip
    for name, value in {
        "nan": "NaN",
        "infinity": "Infinity",
        "minus-infinity": "-Infinity",
    }.items():
        number = {"nan": math.nan, "infinity": math.inf, "minus-infinity": -math.inf}[name]
        text = json.dumps({"00720074": {"vr": "FD", "Value": [value]}}).encode("ascii")
        area.add(f"accepted-fd-{name}", "from-json", "json", "PS3.18 F.2.3",
                 f"FD of {value} as text", {"json": text},
                 {"elements": [Element(SELECTORS["FD"], "FD", (number,))]},
                 result="either")  # fmt: skip


def _broken(area: Area) -> None:
    def text(value: object) -> bytes:
        return json.dumps(value).encode("ascii")

    lo = "00720066"
    must = {
        "not-json": b"{", "empty": b"", "no-object": b"[]", "number": b"5", "null": b"null",
        "no-vr": text({lo: {"Value": ["a"]}}), "tag-of-letters": text({"PatientID?": {"vr": "LO"}}),
        "element-no-object": text({lo: ["a"]}),
        "value-no-list": text({lo: {"vr": "LO", "Value": 5}}),
        "two-values": text({"00720069": {"vr": "OW", "InlineBinary": "AAAA", "BulkDataURI": "x"}}),
        "base64-broken": text({"00720069": {"vr": "OW", "InlineBinary": "A"}}),
        "base64-number": text({"00720069": {"vr": "OW", "InlineBinary": 5}}),
        "item-no-object": text({"00081140": {"vr": "SQ", "Value": [5]}}),
        "item-list": text({"00081140": {"vr": "SQ", "Value": [["x"]]}}),
        "cut": b'{"00720066": {"vr": "LO", "Value": ["a',
    }  # fmt: skip
    may = {
        "vr-empty": text({lo: {"vr": ""}}), "vr-number": text({lo: {"vr": 5}}),
        "value-object": text({lo: {"vr": "LO", "Value": [{"a": 1}]}}),
        "number-for-text": text({lo: {"vr": "LO", "Value": [5]}}),
        "text-for-number": text({"0072007A": {"vr": "US", "Value": ["x"]}}),
        "number-too-large": text({"0072007A": {"vr": "US", "Value": [70000]}}),
        "number-huge": b'{"00720074": {"vr": "FD", "Value": [1e999]}}',
        "integer-huge": b'{"00720078": {"vr": "UL", "Value": [' + b"9" * 5000 + b"]}}",
        "at-no-tag": text({"00720060": {"vr": "AT", "Value": ["zzzz"]}}),
        "name-of-number": text({"0072006A": {"vr": "PN", "Value": [5]}}),
        "name-unknown-group": text({"0072006A": {"vr": "PN", "Value": [{"Cyrillic": "x"}]}}),
        "nested-2000": b'{"00081140": {"vr": "SQ", "Value": [' * 2000 + b"{}" + b"]}}" * 2000,
        "lists-20000": b"[" * 20000, "duplicate": b'{"%s": {"vr": "LO"}, "%s": {"vr": "SH"}}'
        % (lo.encode(), lo.encode()),
        "bulk-data": text({"00720069": {"vr": "OW", "BulkDataURI": "file:///etc/passwd"}}),
        "lone-surrogate": b'{"00720066": {"vr": "LO", "Value": ["\\ud800"]}}',
        "wrong-vr": text({lo: {"vr": "US", "Value": [1]}}),
        "tag-too-short": text({"0010": {"vr": "LO"}}), "vr-unknown": text({lo: {"vr": "ZZ"}}),
        "name-list": text({"0072006A": {"vr": "PN", "Value": [[]]}}),
    }  # fmt: skip
    for forms, result in ((must, "error"), (may, "either")):
        for name, octets in forms.items():
            area.add(f"broken-{name}", "from-json", "json", "PS3.18 F.2",
                     f"JSON that is broken: {name.replace('-', ' ')}", {"json": octets},
                     result="error" if result == "error" else "either",
                     flags=["hostile"])  # fmt: skip
