"""The DICOM JSON model, against PS3.18 Annex F and against pydicom's."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies

import pydcm
from pydcm import DataElement, Dataset, jsonrep, limits
from pydcm.errors import JsonModelError, LimitError, PydcmError, ValueRepresentationError
from pydcm.valuerep import VR
from tests.recording import recorded
from tests.shared import CORPUS, needs_corpus

pydicom = pytest.importorskip("pydicom")

TAG = "00091001"


def element(vr: str, value: Any) -> DataElement:
    return DataElement(0x00091001, vr, value)


def model(vr: str, value: Any, **options: Any) -> dict[str, Any]:
    return element(vr, value).to_json_dict(options.get("handler"), options.get("threshold", 1024))


# ---- elements to JSON ------------------------------------------------------------


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("AE", "A"), ("AS", "012Y"), ("CS", ["A", "B"]), ("DA", "20200101"), ("TM", ["12", "13"]),
        ("LO", ["a", "b"]), ("LT", "a\\b"), ("ST", "a\\b"), ("UT", "a\\b"), ("UC", ["a", "b"]),
        ("UI", ["1.2.3", "1.2"]), ("UR", "http://x"), ("SH", "x"),
        ("DS", "1.50"), ("DS", ["1", "2.5"]), ("DS", "1e3"), ("DS", " 2 "),
        ("IS", "-7"), ("IS", ["1", "2"]),
        ("FD", [1.5, 2]), ("FL", 0.1), ("FD", 0.0),
        ("SL", [5, -6]), ("SS", 0), ("US", 65535), ("UL", 7),
        ("SV", -(2**63)), ("UV", 2**64 - 1),
        ("AT", 0x00100020), ("AT", [0x00100020, 0x7FE00010]),
        ("PN", "A^B=c^d=e"), ("PN", ["A^B", "C=D"]), ("PN", "A^B"), ("PN", "=="),
        ("OB", b"\1\2"), ("OW", b"\1\2"), ("OF", b"\1\2\3\4"), ("OD", bytes(8)), ("OL", bytes(4)),
        ("OV", bytes(8)), ("UN", b"xy"), ("US or SS", 1), ("OB or OW", b"12"),
    ],
)  # fmt: skip
def test_values_as_pydicom_gives_them(vr: str, value: Any) -> None:
    theirs = pydicom.DataElement(0x00091001, vr, value).to_json_dict(None, 1024)
    ours = model(vr, value)
    assert ours == theirs
    assert repr(ours) == repr(theirs)  # 1 and 1.0 are equal and are not the same


@pytest.mark.parametrize(
    "vr",
    "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SS ST SV TM UC UI UL UN UR "
    "US UT UV".split(),
)
def test_empty_elements_have_no_value(vr: str) -> None:
    values: list[Any] = [None, []]
    for value in values:
        assert model(vr, value) == {"vr": vr}
        assert pydicom.DataElement(0x00091001, vr, value).to_json_dict(None, 1024) == {"vr": vr}


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("SQ", [], {"vr": "SQ"}),
        ("LO", ["a", "", "b"], {"vr": "LO", "Value": ["a", None, "b"]}),
        ("DS", ["1", "", "3"], {"vr": "DS", "Value": [1.0, None, 3.0]}),
        ("IS", ["", "2"], {"vr": "IS", "Value": [None, 2]}),
        ("PN", ["A", "", "C"], {"vr": "PN", "Value": [{"Alphabetic": "A"}, None,
                                                     {"Alphabetic": "C"}]}),
        ("PN", "=x=", {"vr": "PN", "Value": [{"Ideographic": "x"}]}),
        ("PN", "==p", {"vr": "PN", "Value": [{"Phonetic": "p"}]}),
    ],
)  # fmt: skip
def test_what_the_standard_demands_and_pydicom_does_not(
    vr: str, value: Any, expected: dict[str, Any]
) -> None:
    assert model(vr, value) == expected
    theirs: object
    try:
        theirs = pydicom.DataElement(0x00091001, vr, value).to_json_dict(None, 1024)
    except (IndexError, ValueError) as error:
        theirs = error
    assert theirs != expected


def test_sequences_are_nested() -> None:
    item = Dataset()
    item.PatientName = "A"
    item.PatientID = ""
    assert model("SQ", [item, Dataset()]) == {
        "vr": "SQ",
        "Value": [
            {
                "00100010": {"vr": "PN", "Value": [{"Alphabetic": "A"}]},
                "00100020": {"vr": "LO"},
            },
            {},
        ],
    }


@pytest.mark.parametrize("threshold", [0, 3, 7, 8, 9])
@pytest.mark.parametrize("vr", ["OB", "UN"])
def test_bulk_data_threshold_counts_base64(vr: str, threshold: int) -> None:
    ours = model(vr, b"1234", handler=lambda elem: f"uri/{elem.VR}", threshold=threshold)
    theirs = pydicom.DataElement(0x00091001, vr, b"1234").to_json_dict(
        lambda elem: f"uri/{elem.VR}", threshold
    )
    assert ours == theirs
    assert ("BulkDataURI" in ours) is (threshold < 8)


def test_text_is_never_bulk_data() -> None:
    assert model("UT", "a" * 5000, handler=lambda _: "uri") == {"vr": "UT", "Value": ["a" * 5000]}


def test_buffered_value_is_read_and_left_where_it_was() -> None:
    stream = io.BytesIO(b"1234")
    stream.seek(3)
    assert model("OB", stream) == {"vr": "OB", "InlineBinary": "MTIzNA=="}
    assert stream.tell() == 3
    assert model("OB", stream, handler=lambda _: "u", threshold=1)["BulkDataURI"] == "u"
    assert model("OB", io.BytesIO()) == {"vr": "OB"}


def test_value_that_cannot_be_converted() -> None:
    elem = element("DS", "1")
    elem._value = "abc"
    with pytest.raises(ValueRepresentationError) as caught:
        elem.to_json_dict(None, 1024)
    assert caught.value.tag_path == "(0009,1001)"


# ---- numbers that JSON lacks -------------------------------------------------------


def test_text_is_always_json() -> None:
    ds = Dataset()
    ds.add_new(0x00091001, "FD", [math.nan, math.inf, -math.inf, 1.5])
    text = ds.to_json()
    assert jsonrep.json_text(ds.to_json_dict()) == text
    assert '"Infinity"' in ds[0x00091001].to_json()

    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is no JSON")

    assert json.loads(text, parse_constant=refuse) == {
        TAG: {"vr": "FD", "Value": ["NaN", "Infinity", "-Infinity", 1.5]}
    }
    values = Dataset.from_json(text)[0x00091001].value
    assert math.isnan(values[0])
    assert list(values[1:]) == [math.inf, -math.inf, 1.5]


def test_text_is_sorted_like_pydicom_s() -> None:
    ours, theirs = Dataset(), pydicom.Dataset()
    for ds in (ours, theirs):
        ds.PatientName = "Ä^B"
        ds.SOPInstanceUID = "1.2.3"
        ds.add_new(0x00090010, "LO", "ACME")
    assert ours.to_json() == theirs.to_json() == jsonrep.json_text(ours.to_json_dict())


# ---- data sets to JSON ---------------------------------------------------------------


def test_order_and_group_lengths() -> None:
    ds = Dataset()
    ds.PatientID = "1"
    ds.add_new(0x00080000, "UL", 10)
    ds.SOPInstanceUID = "1.2"
    assert list(ds.to_json_dict()) == ["00080018", "00100020"]


def test_suppressing_what_cannot_be_converted(caplog: pytest.LogCaptureFixture) -> None:
    item = Dataset()
    item.PatientID = "7"
    item.add_new(0x00091001, "DS", "1")
    item[0x00091001]._value = "abc"
    ds = Dataset()
    ds.PatientName = "A"
    ds.ReferencedStudySequence = [item]
    with pytest.raises(ValueError, match="abc"):
        ds.to_json_dict()
    found = ds.to_json_dict(suppress_invalid_tags=True)
    assert found == {
        "00081110": {"vr": "SQ", "Value": [{"00100020": {"vr": "LO", "Value": ["7"]}}]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "A"}]},
    }
    assert "(0009,1001)" in caplog.text


@pytest.mark.parametrize("looked_at", [False, True])
def test_suppressing_what_does_not_fit_its_vr(looked_at: bool) -> None:
    models = []
    for package in (pydcm, pydicom):
        ds = package.Dataset()
        for tag, vr, value in (
            (0x00080020, "DA", b"2020"),
            (0x00082128, "IS", b"5.25"),
            (0x00100020, "LO", b"4711"),
            (0x00181110, "DS", b"1.5.5 "),
        ):
            ds[tag] = package.dataelem.RawDataElement(
                package.tag.Tag(tag), vr, len(value), value, 0, False, True
            )
        with recorded():
            assert not looked_at or ds[0x00080020].value == "2020"
            models.append(ds.to_json_dict(suppress_invalid_tags=True))
    assert models[0] == models[1]
    assert "00082128" not in models[0]


def test_handlers_reach_the_items() -> None:
    item = Dataset()
    item.add_new(0x00091001, "OB", b"x" * 100)
    ds = Dataset()
    ds.ReferencedStudySequence = [item]
    seen: list[DataElement] = []

    def handler(elem: DataElement) -> str:
        seen.append(elem)
        return "uri"

    found = ds.to_json_dict(10, handler)
    assert found["00081110"]["Value"][0][TAG] == {"vr": "OB", "BulkDataURI": "uri"}
    assert [elem.value for elem in seen] == [b"x" * 100]


# ---- elements from JSON ----------------------------------------------------------------


def read(elem: object) -> Any:
    return Dataset.from_json({TAG: elem})[0x00091001].value


def same_as_pydicom(elem: dict[str, Any], handler: Callable[..., Any] | None = None) -> Any:
    ours = Dataset.from_json({TAG: elem}, handler)[0x00091001]
    theirs = pydicom.Dataset.from_json({TAG: elem}, handler)[0x00091001]
    assert ours.VR == theirs.VR
    assert repr(ours.value) == repr(theirs.value)
    assert type(ours.value).__name__ == type(theirs.value).__name__
    return ours.value


@pytest.mark.parametrize(
    ("vr", "values"),
    [
        ("LO", ["a"]), ("LO", ["a", "b"]), ("LO", [None]), ("LO", ["a", None]), ("LO", []),
        ("LO", [""]), ("LO", ["a\\b"]), ("LT", ["a\\b"]), ("UT", ["x"]), ("UI", ["1.2.3"]),
        ("UI", ["1.2", None]), ("DA", ["20200101", None]),
        ("DS", [1]), ("DS", [1.5]), ("DS", ["1.50"]), ("DS", [1, None]), ("DS", [None]),
        ("DS", []), ("IS", [1]), ("IS", ["1"]), ("IS", [1.0]), ("IS", [1, None]),
        ("FD", [1]), ("FD", ["1"]), ("FD", [1, None]), ("FL", ["-Infinity"]), ("FD", [None]),
        ("SL", [1, 2]), ("US", ["1"]), ("UV", [2**64 - 1]), ("UV", ["18446744073709551615"]),
        ("SV", [-5, None]), ("UL", [None]),
        ("AT", ["00100020"]), ("AT", ["00100020", "7FE00010"]), ("AT", [None]),
        ("AT", ["00100020", None]), ("AT", ["100020"]),
        ("PN", [{"Alphabetic": "a"}]), ("PN", [{"Alphabetic": "a", "Phonetic": "p"}]),
        ("PN", [{"Ideographic": "i"}]), ("PN", [{}]), ("PN", [None]), ("PN", []),
        ("PN", [{"Alphabetic": "a"}, None, {"Alphabetic": "b"}]),
        ("SQ", []), ("ZZ", ["a"]), ("US or SS", [3]),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_values_as_pydicom_reads_them(vr: str, values: list[Any]) -> None:
    same_as_pydicom({"vr": vr, "Value": values})


@pytest.mark.parametrize("vr", ["LO", "PN", "SQ", "OB", "US", "DS", "UI"])
def test_element_without_a_value(vr: str) -> None:
    same_as_pydicom({"vr": vr})
    same_as_pydicom({"vr": vr, "Other": 5})


@pytest.mark.parametrize("vr", ["OB", "OW", "OF", "OD", "OL", "OV", "UN", "OB or OW"])
@pytest.mark.parametrize("text", ["AQIDBA==", ["AQIDBA=="]])
def test_inline_binary(vr: str, text: Any) -> None:
    assert same_as_pydicom({"vr": vr, "InlineBinary": text}) == b"\1\2\3\4"


@pytest.mark.parametrize(
    ("vr", "text", "expected"),
    [
        ("US", "AQACAA==", [1, 2]),
        ("US", "AQA=", 1),
        ("FD", "AAAAAAAA+D8=", 1.5),
        ("SS", "//8=", -1),
    ],
)
def test_inline_binary_of_numbers(vr: str, text: str, expected: Any) -> None:
    # PS3.18 F.2.7 allows it for a lookup table in US, and all rules of PS3.5 apply.
    assert read({"vr": vr, "InlineBinary": text}) == expected


HANDLERS: list[tuple[Callable[..., Any], Any]] = [
    (lambda uri: f"{uri}", "u"),
    (lambda tag, vr, uri: f"{tag} {vr} {uri}", f"{TAG} UT u"),
    (lambda *given: "|".join(given), "u"),
    (lambda _uri: None, None),
]


@pytest.mark.parametrize(("handler", "expected"), HANDLERS)
def test_bulk_data_handlers(handler: Callable[..., Any], expected: Any) -> None:
    assert same_as_pydicom({"vr": "UT", "BulkDataURI": "u"}, handler) == expected


def test_bulk_data_handler_of_vr_and_uri() -> None:
    ds = Dataset.from_json({TAG: {"vr": "UT", "BulkDataURI": "u"}}, lambda vr, uri: vr + uri)
    assert ds[0x00091001].value == "UTu"


def test_bulk_data_handler_reaches_the_items() -> None:
    ds = Dataset.from_json(
        {"00081110": {"vr": "SQ", "Value": [{TAG: {"vr": "OB", "BulkDataURI": "u"}}]}},
        lambda tag, vr, uri: (tag + vr + uri).encode(),
    )
    assert ds.ReferencedStudySequence[0][0x00091001].value == b"00091001OBu"


@pytest.mark.parametrize("vr", ["OB", "LO", "PN", "SQ", "US"])
def test_bulk_data_without_a_handler(vr: str) -> None:
    with pytest.warns(UserWarning, match="bulk data"):
        same_as_pydicom({"vr": vr, "BulkDataURI": "http://x"})


def test_name_that_is_no_object() -> None:
    with pytest.warns(UserWarning, match=r"person name|formatted"):
        assert same_as_pydicom({"vr": "PN", "Value": ["a=b"]}) == "a=b"


def test_tag_that_is_no_number() -> None:
    with pytest.warns(UserWarning, match=r"AT element|attribute tag"):
        assert same_as_pydicom({"vr": "AT", "Value": ["PatientID"]}) is None


FAULTS: list[tuple[Any, type[Exception]]] = [
    ({}, KeyError),
    ({"Value": ["a"]}, KeyError),
    ({"vr": "LO", "Value": "a"}, TypeError),
    ({"vr": "LO", "Value": None}, TypeError),
    ({"vr": "SQ", "Value": {}}, TypeError),
    ({"vr": "OB", "InlineBinary": 5}, TypeError),
    ({"vr": "OB", "InlineBinary": None}, TypeError),
    ({"vr": "OB", "InlineBinary": "A"}, ValueError),
    ({"vr": "OB", "BulkDataURI": 5}, TypeError),
    ({"vr": "US", "Value": ["x"]}, ValueError),
    ({"vr": "PN", "Value": [{"Alphabetic": 5}]}, TypeError),
    ({"vr": "UI", "Value": [5]}, ValueError),
    (["x"], TypeError),
    (None, TypeError),
]


@pytest.mark.parametrize(("elem", "error"), FAULTS)
def test_faults_are_those_that_pydicom_raises_too(elem: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        pydicom.Dataset.from_json({TAG: elem})
    with pytest.raises(error) as caught:
        Dataset.from_json({TAG: elem})
    assert isinstance(caught.value, PydcmError)
    assert caught.value.tag_path == TAG


@pytest.mark.parametrize(
    "elem",
    [
        {"vr": "SQ", "Value": [5]},
        {"vr": "SQ", "Value": ["x"]},
        {"vr": 5, "Value": ["x"]},
        {"vr": "AT", "Value": [1048608]},
        {"vr": "OB", "InlineBinary": []},
        {"vr": "US", "InlineBinary": "AQID"},
        {"vr": "FD", "Value": [10**400]},
        {"vr": "SQ", "InlineBinary": "AQID"},
        {"vr": "LO", "Value": ["a"], "InlineBinary": "AQID"},
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_other_faults(elem: Any) -> None:
    with pytest.raises(PydcmError):
        Dataset.from_json({TAG: elem})


@pytest.mark.parametrize("tag", ["xyz", "1234567890", "", "-1"])
def test_keys_that_are_no_tags(tag: str) -> None:
    with pytest.raises(JsonModelError):
        Dataset.from_json({tag: {"vr": "LO"}})


@pytest.mark.parametrize("text", ["[]", "{", "5", '"x"', b"\xff\xfe\xff", ""])
def test_text_that_is_no_data_set(text: str | bytes) -> None:
    with pytest.raises(JsonModelError):
        Dataset.from_json(text)


def nested(depth: int) -> dict[str, Any]:
    model: dict[str, Any] = {}
    for _ in range(depth):
        model = {"00081110": {"vr": "SQ", "Value": [model]}}
    return model


def test_deep_nesting_is_refused() -> None:
    allowed = limits.current().max_depth
    with pytest.raises(LimitError, match="max_depth"):
        Dataset.from_json(nested(allowed + 1))
    ds = Dataset.from_json(nested(allowed))
    assert ds.to_json_dict() == nested(allowed)
    assert Dataset.from_json(ds.to_json()).to_json() == ds.to_json()


def test_as_deep_as_the_limit_can_be_raised() -> None:
    with limits.using(max_depth=128):
        ds = Dataset.from_json(nested(128))
        assert Dataset.from_json(ds.to_json()).to_json() == ds.to_json()


@pytest.mark.parametrize(
    "source", [nested(3000), '{"00081110":{"vr":"SQ","Value":[' * 100_000], ids=["model", "text"]
)
def test_nesting_beyond_what_python_can_do_is_refused(source: Any) -> None:
    with limits.using(max_depth=100_000), pytest.raises(LimitError, match="nested"):
        Dataset.from_json(source)


def test_items_are_of_the_class_that_reads() -> None:
    class Study(Dataset):
        pass

    ds = Study.from_json('{"00081110": {"vr": "SQ", "Value": [{}]}}')
    assert type(ds) is Study
    assert type(ds.ReferencedStudySequence[0]) is Study
    assert Dataset.from_json(b"{}") == Dataset()


ANYTHING = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(max_size=8)
    | strategies.sampled_from(["00100020", "1.2.3", "20200101", "AQID", "1\\2", "a=b=c=d"]),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.sampled_from([TAG, "vr", "Value", "Alphabetic", "Phonetic", "x"]), inner
        )
    ),
    max_leaves=8,
)
ELEMENT = strategies.fixed_dictionaries(
    {"vr": strategies.sampled_from(sorted(VR)) | ANYTHING},
    optional=dict.fromkeys(("Value", "InlineBinary", "BulkDataURI"), ANYTHING),
)


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(ELEMENT | ANYTHING)
def test_nothing_but_an_error_of_ours_comes_of_hostile_json(elem: Any) -> None:
    try:
        ds = Dataset.from_json({TAG: elem})
        text = ds.to_json()
    except PydcmError:
        return
    assert json.loads(text).keys() == {TAG}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("value", [[1], ["ab"], [None, None], [[1]], [True, "AQID"]])
@pytest.mark.parametrize("vr", ["OB", "OW", "OF", "OD", "OL", "OV", "UN"])
def test_octets_that_are_none_are_refused(vr: str, value: Any) -> None:
    ds = Dataset.from_json({TAG: {"vr": vr, "Value": value}})
    with pytest.raises(ValueRepresentationError, match=r"octets, not .*\(0009,1001\)"):
        ds.to_json()


# ---- the names of the module ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "vr"),
    [
        ("1", "IS"), (None, "IS"), (["1", "2"], "IS"), ([], "DS"), ("1.5", "DS"), ((1, 2), "US"),
        ("x", "LO"), (["x"], "LO"), ("00100020", "AT"), (5, "AT"), (1.7, "US"), (None, "LO"),
        ("", "LO"),
    ],
)  # fmt: skip
def test_numbers(value: Any, vr: str) -> None:
    ours = jsonrep.convert_to_python_number(value, vr)
    theirs = pydicom.jsonrep.convert_to_python_number(value, vr)
    assert repr(ours) == repr(theirs)


def test_text_that_is_no_number() -> None:
    for value in ("x", ["1", "x"]):
        with pytest.raises(ValueError, match="x"):
            jsonrep.convert_to_python_number(value, "IS")


def test_converter_by_hand() -> None:
    for module, kind in ((jsonrep, Dataset), (pydicom.jsonrep, pydicom.Dataset)):
        made = module.JsonDataElementConverter(kind, "00100020", "LO", ["a"], "Value", None)
        assert made.get_element_values() == "a"
        assert made.get_regular_element_value("x") == "x"
        assert made.get_pn_element_value({"Phonetic": "x"}) == "==x"
        assert made.get_sequence_item({"00100020": {"vr": "LO"}}).PatientID == ""
        assert len(made.get_sequence_item(None)) == 0
    assert set(jsonrep.JSON_VALUE_KEYS) == set(pydicom.jsonrep.JSON_VALUE_KEYS)


def test_fault_in_an_item_names_the_way_to_it() -> None:
    with pytest.raises(JsonModelError) as caught:
        Dataset.from_json({"00081110": {"vr": "SQ", "Value": [{}, {TAG: {"Value": []}}]}})
    assert caught.value.tag_path == f"00081110.{TAG}"


def test_element_by_hand() -> None:
    elem = DataElement.from_json(Dataset, "00100020", "LO", ["a"], "Value")
    assert (elem.tag, elem.value) == (0x00100020, "a")
    assert DataElement.from_json(Dataset, "00100020", "SQ", None, None).value == []
    with pytest.raises(ValueError, match="Other"):
        DataElement.from_json(Dataset, "00100020", "LO", ["a"], "Other")


# ---- real files ------------------------------------------------------------------------------


@needs_corpus
@pytest.mark.filterwarnings("ignore:.*bulk data:UserWarning")
@pytest.mark.parametrize("name", ["test1.json", "test_PN.json"])
def test_samples(name: str) -> None:
    text = (CORPUS / "dicom-json" / "pydicom" / name).read_text("utf-8")
    ours, theirs = Dataset.from_json(text), pydicom.Dataset.from_json(text)
    assert len(ours) > 0
    assert json.loads(ours.to_json()) == json.loads(theirs.to_json())
    assert Dataset.from_json(ours.to_json()) == ours


def test_a_number_is_no_name() -> None:
    model = {"00100010": {"vr": "PN", "Value": [5]}}
    with pytest.warns(UserWarning, match="component groups"), pytest.raises(JsonModelError):
        Dataset.from_json(model)
