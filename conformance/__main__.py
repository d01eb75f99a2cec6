"""``python -m conformance COMMAND``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import cast

COMMANDS = {
    "generate": ("conformance.generate.command", "write the cases, or check them"),
    "run": ("conformance.runner.command", "run pydcm's implementations over the cases"),
    "tools": ("conformance.tools.command", "run other tools over the cases"),
    "mutate": ("conformance.mutate.command", "prove that the cases of kernels can fail"),
}


def main(arguments: list[str]) -> int:
    """Run a command and return its exit status."""
    if not arguments or arguments[0] not in COMMANDS:
        width = max(map(len, COMMANDS))
        known = "\n".join(f"  {name:{width}}  {what}" for name, (_, what) in COMMANDS.items())
        print(f"usage: python -m conformance COMMAND ...\n\n{known}", file=sys.stderr)
        return 2
    if arguments[0] == "run" and "--mutate" in arguments:  # the same, as an option
        arguments = ["mutate", *(each for each in arguments[1:] if each != "--mutate")]
    module = importlib.import_module(COMMANDS[arguments[0]][0])
    command = cast("Callable[[list[str]], int]", module.main)
    return command(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
