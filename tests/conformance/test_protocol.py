from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.corpus import ROOT, Case
from conformance.generate.dicom import EXPLICIT, IMPLICIT, Element, part10
from conformance.tools.board import Board, by_area, by_tool, put_cases
from conformance.tools.command import main
from conformance.tools.host import AdapterError, Host, Limits
from conformance.tools.judging import inlined, judged

SCRIPT = Path(__file__).with_name("adapter_by_script.py")
LIMITS = Limits(seconds=1.0, megabytes=32)


def case(name: str, result: str = "ok", operation: str = "charset") -> Case:
    return Case.of(
        {
            "id": f"meta/{name}",
            "operation": operation,
            "feature": "charset.any",
            "clause": "PS3.5 6.1",
            "edition": "2026b",
            "comment": "A case",
            "flags": [],
            "input": {"octets": {"hex": "00ff"}, "charsets": [], "vr": "PN"},
            "result": result,
            "expected": {"text": "right"},
            "source": "the test",
        }
    )


def put(manner: str, *cases: Case) -> Board:
    return put_cases("t", [sys.executable, str(SCRIPT), manner], cases, LIMITS)


@pytest.mark.parametrize(
    ("manner", "verdict", "detail"),
    [
        ("right", "agree", ""),
        ("lies", "differ", "expected 'right', got 'wrong'"),
        ("refuses", "refused", "ParseError: no"),
        ("skips", "skipped", "not today"),
        ("crashes", "crashed", "SIGSEGV: the last words"),
        ("exits", "crashed", "status 3"),
        ("hangs", "timeout", "no answer"),
        ("loops", "timeout", "no answer"),
        ("grows", "memory", "beyond what it has at rest"),
        ("garbage", "garbage", "not a JSON object"),
        ("number", "garbage", "not a JSON object"),
        ("other", "garbage", "another case"),
        ("both", "garbage", "result, skipped"),
        ("shapeless", "garbage", "the answer has no text"),
        ("listless", "garbage", "no object"),
        ("reports", "crashed", "SIGSEGV"),
    ],
)
def test_what_an_adapter_does_is_what_is_reported(manner: str, verdict: str, detail: str) -> None:
    board = put(manner, case("first"), case("second"))
    first, second = board.rows
    assert (first.judged.verdict, second.judged.verdict) == (
        "differ" if manner == "shapeless" else verdict,
        "agree",
    )
    assert detail in first.judged.detail
    assert not board.absent


def test_an_adapter_that_asks_for_too_much_is_stopped_by_the_system() -> None:
    (row,) = put("bombs", case("first")).rows
    assert row.judged.verdict == "crashed"
    assert "MemoryError" in row.judged.detail


@pytest.mark.parametrize(
    ("result", "manner", "verdict"),
    [
        ("error", "refuses", "agree"),
        ("error", "right", "differ"),
        ("error", "crashes", "crashed"),
        ("either", "refuses", "agree"),
        ("either", "right", "agree"),
        ("either", "lies", "differ"),
    ],
)
def test_how_answers_count(result: str, manner: str, verdict: str) -> None:
    (row,) = put(manner, case("first", result)).rows
    assert row.judged.verdict == verdict


def test_what_a_tool_does_not_offer_is_not_asked() -> None:
    (row,) = put("crashes", case("first", operation="decode")).rows
    assert row.judged == ("skipped", "no operation decode")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ([sys.executable, str(SCRIPT), "newer"], "speaks protocol 99"),
        ([sys.executable, str(SCRIPT), "mute"], "operations"),
        ([sys.executable, "-c", "raise SystemExit(4)"], "status 4"),
        (["/no/such/program"], "does not start"),
    ],
)
def test_an_adapter_of_no_use_is_absent(command: list[str], why: str) -> None:
    board = put_cases("t", command, [case("first")], LIMITS)
    assert why in board.absent
    with pytest.raises(AdapterError, match=re.escape(why)), Host(command, LIMITS):
        pass  # pragma: no cover


def test_octets_are_inline() -> None:
    made = inlined({"file": {"hex": "00ff"}, "elements": [{"octets": {"hex": ""}, "tag": "x"}]})
    assert made == {
        "file": {"base64": "AP8="},
        "elements": [{"octets": {"base64": ""}, "tag": "x"}],
    }


def test_an_error_without_a_type_is_garbage() -> None:
    assert judged(case("x"), {"error": "bad"}).verdict == "garbage"


def test_tables() -> None:
    boards = [put("lies", case("first"), case("second")), put("skips", case("first"))]
    boards.append(Board("gone", {}, [], "not installed"))
    assert by_tool(boards, "2026-01-02").splitlines() == [
        "tool,versions,agree,differ,refused,crashed,timeout,memory,garbage,skipped,date",
        "t,t 1,1,1,0,0,0,0,0,0,2026-01-02",
        "t,t 1,0,0,0,0,0,0,0,1,2026-01-02",
    ]
    assert by_area(boards).splitlines()[1] == "meta,1,1 of 2,"


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = [path for path in (ROOT / "cases").glob("*.json") if "kernel" not in path.name]
    if not found:
        pytest.skip("there are no cases")
    area = json.loads(found[0].read_text("utf-8"))["area"]
    command = f"t={sys.executable} {SCRIPT} skips"
    report = tmp_path / "report.json"
    assert main(["--command", command, "--area", area, "--json", str(report)]) == 0
    assert "skipped" in capsys.readouterr().out
    (told,) = json.loads(report.read_text("utf-8"))["tools"]
    assert told["counts"]["skipped"] + told["counts"].get("garbage", 0) > 0
    with pytest.raises(SystemExit):
        main(["--tools", "no-such-tool"])


def test_the_adapter_of_the_tutorial_works() -> None:
    script = ROOT.parent / "docs" / "conformance" / "my_adapter.py"
    assert 60 <= len(script.read_text("utf-8").splitlines()) <= 100
    name = Element(0x00100010, "PN", ("A^B", "C"))
    with Host([sys.executable, str(script)], LIMITS) as host:
        assert host.lacks("read", "vr.pn") == ""
        assert host.lacks("read", "charset.gb18030") == "no feature charset.gb18030"

        def answer(data: bytes, syntax: str = EXPLICIT) -> dict[str, object]:
            file = base64.b64encode(part10(data, syntax)).decode()
            request = {"id": "a/b", "operation": "read", "input": {"file": {"base64": file}}}
            return host.run(request)

        assert answer(name.encode(EXPLICIT)) == {
            "id": "a/b",
            "result": {"elements": [{"tag": "00100010", "vr": "PN", "value": ["A^B", "C"]}]},
        }
        assert "longer than the file" in str(answer(name.encode(EXPLICIT)[:-2])["error"])
        assert answer(name.encode(IMPLICIT), IMPLICIT)["skipped"]
        assert answer(Element(0x00280010, "US", (7,)).encode(EXPLICIT))["skipped"]


def test_the_smallest_adapter_of_the_protocol_works(tmp_path: Path) -> None:
    text = (ROOT / "protocol.md").read_text("utf-8").split("## The smallest adapter")[1]
    code = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    script = tmp_path / "smallest.py"
    script.write_text("\n".join(code[: code.index("python -m conformance tools "
                      "--command mytool='./my_adapter --flag' --area encoding")]))  # fmt: skip
    with Host([sys.executable, str(script)], LIMITS) as host:
        assert (host.tool, host.operations) == ("nothing", [])
        assert host.run({"id": "a/b"}) == {"id": "a/b", "skipped": "cannot do anything"}
    done = subprocess.run([sys.executable, str(script)], input=b'{"do": "stop"}\n', check=False)
    assert done.returncode == 0
