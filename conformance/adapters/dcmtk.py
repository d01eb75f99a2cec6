"""Adapter of DCMTK: its command line programs, one run for each case."""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.adapters.cells import Image, array_answer, native, parsed, stored
from conformance.adapters.serve import Answer, ProgramFailed, Skipped, octets, serve, shown
from conformance.adapters.streams import EXPLICIT, charset_file, data_set_of, syntax_of

_SECONDS = 9
_MEMORY = 512 << 20
_OCTETS = frozenset("OB OD OF OL OV OW UN".split())
_REAL = frozenset("DS FD FL".split())
_WHOLE = frozenset("IS SL SS SV UL US UV".split())
_JPEG = "1.2.840.10008.1.2.4."
_DECODERS = {
    "1.2.840.10008.1.2.5": ["dcmdrle"],
    **{_JPEG + n: ["dcmdjpeg", "+cn", "+px"] for n in ("50", "51", "57", "70")},
    **{_JPEG + n: ["dcmdjpls", "+px"] for n in ("80", "81")},
}
_ENCODERS = {
    "1.2.840.10008.1.2.5": ["dcmcrle"],
    _JPEG + "50": ["dcmcjpeg", "+eb"],
    _JPEG + "51": ["dcmcjpeg", "+ee"],
    _JPEG + "57": ["dcmcjpeg", "+el"],
    _JPEG + "70": ["dcmcjpeg", "+e1"],
    _JPEG + "80": ["dcmcjpls", "+el"],
    _JPEG + "81": ["dcmcjpls", "+en"],
}
_OPTIONS = {
    ("dcmcjpls", "near"): "+md",
    ("dcmcjpeg", "predictor"): "+sv",
    ("dcmcjpeg", "quality"): "+q",
}


class Refused(Exception):
    """A program ended with a status other than 0."""


def _bounds() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(*arguments: str) -> bytes:
    """Run a program and return its output.

    Raises
    ------
    Refused
        If it says that it cannot.
    ProgramFailed
        If it does not come to an end of its own.
    """
    try:
        done = subprocess.run(
            arguments,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            preexec_fn=_bounds,  # there are no threads here
        )
    except subprocess.TimeoutExpired:
        raise ProgramFailed("timeout", f"{arguments[0]} took {_SECONDS} s") from None
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode < 0:
        kind = "memory" if "bad_alloc" in said else "crash"
        raise ProgramFailed(kind, f"{arguments[0]}: signal {-done.returncode}: {said[-200:]}")
    if done.returncode:
        raise Refused(said.splitlines()[-1] if said else f"status {done.returncode}")
    return done.stdout


class Programs:
    """The operations, with a folder for the files that the programs read and write.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    """

    def __init__(self, folder: Path) -> None:
        self._in = str(folder / "in.dcm")
        self._out = folder / "out.dcm"
        self._middle = str(folder / "middle.dcm")

    def _file(self, given: Mapping[str, Any]) -> bytes:
        data = octets(given["file"])
        Path(self._in).write_bytes(data)
        self._out.unlink(missing_ok=True)
        return data

    def _json(self) -> dict[str, Any]:
        text = _run("dcm2json", "-fc", "-ee", self._in).decode("utf-8", "replace")
        # Numbers that JSON has not are written as C++ writes them.
        text = re.sub(r"(?<=[\[,])(-?)inf(?=[\],])", r"\1Infinity", text)
        text = re.sub(r"(?<=[\[,])-?nan(?=[\],])", "NaN", text)
        found: dict[str, Any] = json.loads(text)
        return found

    def read(self, given: Mapping[str, Any]) -> Answer:
        """Read by way of the DICOM JSON Model."""
        self._file(given)
        found = self._json()
        if "00080005" in found:  # dcm2json puts there what it converted the texts to
            said = _run("dcmdump", "-q", "-s", "+L", "+P", "0008,0005", self._in)
            value = re.search(rb"\[(.*?)\]", said)
            values = value[1].decode("ascii", "replace").split("\\") if value else []
            found["00080005"]["Value"] = values
        return {"elements": _elements(found)}

    def to_json(self, given: Mapping[str, Any]) -> Answer:
        """Return what dcm2json writes."""
        self._file(given)
        return {"json": self._json()}

    def charset(self, given: Mapping[str, Any]) -> Answer:
        """Return what dcm2json makes of a text."""
        self._file({"file": shown(charset_file(given))})
        element = _element("00100010", self._json()["00100010"])
        return {"text": "\\".join(map(str, element.get("value", [])))}

    def rewrite(self, given: Mapping[str, Any]) -> Answer:
        """Read and write by dcmconv."""
        self._file(given)
        _run("dcmconv", self._in, str(self._out))
        return {"dataset": shown(data_set_of(self._out.read_bytes()))}

    def decode(self, given: Mapping[str, Any]) -> Answer:
        """Decompress; which pixels a file holds then is read by the adapter."""
        data = self._file(given)
        self._decompressed(syntax_of(data), self._in)
        return self._pixels(given)

    def encode(self, given: Mapping[str, Any]) -> Answer:
        """Compress and decompress."""
        self._file(given)
        syntax = given["transfer_syntax"]
        command = _ENCODERS.get(syntax)
        if command is None:
            raise Skipped(f"no program compresses to {syntax}")
        options = []
        for name, value in given.get("options", {}).items():
            if (command[0], name) not in _OPTIONS:
                raise Skipped(f"no option {name}")
            options += [_OPTIONS[command[0], name], str(value)]
        _run(*command, *options, self._in, self._middle)
        self._decompressed(syntax, self._middle)
        return self._pixels({})

    def _decompressed(self, syntax: str, path: str) -> None:
        command = _DECODERS.get(syntax)
        if command is None:
            raise Skipped(f"no program decompresses {syntax}")
        _run(*command, "+te", path, str(self._out))

    def _pixels(self, given: Mapping[str, Any]) -> Answer:
        file = self._out.read_bytes()
        if syntax_of(file) != EXPLICIT:
            raise Refused("the file was not decompressed")
        found, _ = parsed(data_set_of(file))
        image = Image.of(found)
        frames = stored(native(found[0x7FE00010], image), image)
        return array_answer(frames[given["frame"]] if "frame" in given else frames)


def _elements(found: dict[str, Any]) -> list[Answer]:
    return [_element(tag, each) for tag, each in found.items() if not tag.endswith("0000")]


def _element(tag: str, each: dict[str, Any]) -> Answer:
    vr = each["vr"]
    named: Answer = {"tag": tag, "vr": vr}
    if vr == "SQ":
        named["items"] = [_elements(item) for item in each.get("Value", [])]
    elif "InlineBinary" in each:
        named["octets"] = {"base64": each["InlineBinary"]}
    elif vr in _OCTETS:
        pass
    elif each.get("Value"):
        named["value"] = [_plain(vr, value) for value in each["Value"]]
    return named


def _plain(vr: str, value: Any) -> Any:
    if value is None:
        return ""
    if vr == "PN":
        groups = [value.get(name, "") for name in ("Alphabetic", "Ideographic", "Phonetic")]
        return "=".join(groups).rstrip("=")
    if isinstance(value, str) and vr in _REAL:
        return float(value)
    if isinstance(value, str) and vr in _WHOLE:
        return int(value)
    return value


def main() -> None:
    """Serve, or end if the programs are not here."""
    if shutil.which("dcm2json") is None:
        sys.exit("DCMTK's programs are not installed")
    version = re.search(rb" v(\S+)", _run("dcm2json", "--version"))
    with tempfile.TemporaryDirectory() as folder:
        programs = Programs(Path(folder))
        operations = {
            "read": programs.read,
            "rewrite": programs.rewrite,
            "decode": programs.decode,
            "encode": programs.encode,
            "to-json": programs.to_json,
            "charset": programs.charset,
        }
        serve("dcmtk", {"dcmtk": version[1].decode() if version else "unknown"}, operations)


if __name__ == "__main__":
    main()
