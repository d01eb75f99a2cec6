"""Write the stub of the accelerator's module from the registry of kernels.

python -m tools.gen_native_stub           write it
python -m tools.gen_native_stub --check   fail if it is not what would be written
"""

from __future__ import annotations

import inspect
from pathlib import Path

from pydcm.kernels import Kernel, kernels
from tools.generated import options_of, settle

ROOT = Path(__file__).resolve().parent.parent
STUB = ROOT / "pydcm_accel" / "python" / "pydcm_accel" / "_native.pyi"

_NUMBERS = ("int", "float", "bool")


def _type(annotation: object) -> str:
    """Return what the stub says of an argument: a number, or else a buffer."""
    return str(annotation) if annotation in _NUMBERS else "Buffer"


def _row(kernel: Kernel[..., object]) -> str:
    signature = inspect.signature(kernel.reference)
    arguments = ", ".join(_type(each.annotation) for each in signature.parameters.values())
    return f'        "{kernel.name}": Callable[[{arguments}], {signature.return_annotation}],\n'


def stub() -> str:
    """Return the text of the stub."""
    rows = "".join(_row(kernel) for kernel in kernels().values())
    return (
        "# Made by tools/gen_native_stub.py from the kernels of pydcm; not to be edited.\n\n"
        "from collections.abc import Callable\n"
        "from typing import TypedDict\n\n"
        "from typing_extensions import Buffer\n\n"
        "_Kernels = TypedDict(\n"
        '    "_Kernels",\n'
        f"    {{\n{rows}    }},\n"
        ")\n\n"
        '__all__ = ["ABI", "KERNELS"]\n\n'
        "ABI: int\n"
        "KERNELS: _Kernels\n"
    )


def main(argv: list[str] | None = None) -> int:
    options = options_of(__doc__).parse_args(argv)
    return settle("gen_native_stub", [(STUB, stub())], check=options.check)


if __name__ == "__main__":
    raise SystemExit(main())
