"""An adapter for tests that behaves as its first argument says, once a case is put to it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time


def answer(manner: str, case: str) -> str:
    """Return the line to write for a case, or do not return."""
    if manner == "crashes":
        sys.stderr.write("the last words\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGSEGV)
    if manner == "exits":
        sys.exit(3)
    if manner == "hangs":
        time.sleep(600)
    if manner == "loops":
        while True:
            pass
    if manner == "grows":
        held = bytearray(64 << 20)
        for k in range(0, len(held), 4096):
            held[k] = 1
    if manner == "bombs":
        held = bytearray(1 << 40)
    told: dict[str, dict[str, object]] = {
        "right": {"id": case, "result": {"text": "right"}},
        "lies": {"id": case, "result": {"text": "wrong"}},
        "refuses": {"id": case, "error": {"type": "ParseError", "message": "no"}},
        "skips": {"id": case, "skipped": "not today"},
        "grows": {"id": case, "result": {"text": "right"}},
        "other": {"id": "another case", "result": {"text": "right"}},
        "both": {"id": case, "result": {"text": "right"}, "skipped": "and not"},
        "shapeless": {"id": case, "result": {"array": {"dtype": "what", "shape": 3}}},
        "listless": {"id": case, "result": [1, 2]},
        "reports": {"id": case, "error": {"type": "crash", "message": "SIGSEGV"}},
    }
    if manner == "garbage":
        return "%!PS-Adobe\x00 not JSON"
    if manner == "number":
        return "42"
    return json.dumps(told[manner])


def main() -> None:
    """Serve."""
    manner = sys.argv[1]
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "start":
            protocol = 99 if manner == "newer" else 1
            told: dict[str, object] = {"protocol": protocol, "tool": "t", "versions": {"t": "1"}}
            sys.stdout.write(json.dumps(told) + "\n")
        elif request["do"] == "describe":
            sys.stdout.write("{}\n" if manner == "mute" else '{"operations": ["charset"]}\n')
        elif request["do"] == "run":
            # Only the first case meets the manner; what comes after it is answered rightly.
            first = request["id"].endswith("/first")
            sys.stdout.write(answer(manner if first else "right", request["id"]) + "\n")
        else:
            break
        sys.stdout.flush()


if __name__ == "__main__":
    main()
