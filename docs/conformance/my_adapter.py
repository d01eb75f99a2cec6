"""An adapter of a tiny reader of DICOM files: Explicit VR Little Endian, text only."""

import base64
import json
import sys

LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
TEXT = {"AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UI", "UT"}
UID = b"1.2.840.10008.1.2.1"


class Beyond(Exception):
    """What the tool does not know: no fault of the file."""


# --- the tool -----------------------------------------------------------------


def elements(data):
    """Yield tag, VR and value of each element."""
    p = 0
    while p < len(data):
        if p + 8 > len(data):
            raise ValueError(f"a header is cut off at {p}")
        group, number = data[p : p + 2][::-1].hex(), data[p + 2 : p + 4][::-1].hex()
        vr = data[p + 4 : p + 6].decode("latin-1")
        long = vr in LONG
        begin = p + (12 if long else 8)
        size = int.from_bytes(data[begin - (4 if long else 2) : begin], "little")
        if size == 0xFFFFFFFF or vr == "SQ":
            raise Beyond("sequences")
        if begin + size > len(data):
            raise ValueError(f"the value at {begin} is longer than the file")
        yield (group + number).upper(), vr, data[begin : begin + size]
        p = begin + size


def read(file):
    """Return the data set of a file."""
    if file[128:132] != b"DICM":
        raise ValueError("not a DICOM file")
    found = []
    for tag, vr, value in elements(file[132:]):
        if tag == "00020010" and value.strip(b"\0") != UID:
            raise Beyond("other transfer syntaxes")
        if not tag.startswith("0002"):
            found.append((tag, vr, value))
    return found


# --- the adapter --------------------------------------------------------------


def answered(tag, vr, value):
    """Return an element as the cases have it."""
    if vr not in TEXT:
        raise Beyond(f"values of {vr}")
    if any(octet > 127 for octet in value):
        raise Beyond("character sets")
    text = value.decode("ascii").rstrip(" \0")
    values = [text] if vr in ("LT", "ST", "UT") else text.split("\\")
    return {"tag": tag, "vr": vr, **({"value": values} if text else {})}


def run(request):
    """Put one case to the tool."""
    file = base64.b64decode(request["input"]["file"]["base64"])
    try:
        return {"result": {"elements": [answered(*each) for each in read(file)]}}
    except Beyond as reason:
        return {"skipped": f"not known: {reason}"}
    except Exception as error:  # whatever else it raises is its refusal
        return {"error": {"type": type(error).__name__, "message": str(error)}}


if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "start":
            answer = {"protocol": 1, "tool": "tiny", "versions": {"tiny": "1.0"}}
        elif request["do"] == "describe":
            answer = {"operations": ["read"], "features": ["vr.", "structure"]}
        elif request["do"] == "run":
            answer = {"id": request["id"], **run(request)}
        else:
            break
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
