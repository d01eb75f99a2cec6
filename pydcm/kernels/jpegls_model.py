"""What decoding and encoding of JPEG-LS have in common (ISO 14495-1 Annex A).

The names are those of the standard: `Ra`, `Rb`, `Rc` and `Rd` are the reconstructed
neighbours to the left, above, above left and above right of a sample `Ix`, `Px` is
its prediction and `Rx` its reconstruction. Each context `Q` has the counters `A`, `B`,
`C` and `N`. Contexts 365 and 366 are those of run interruption, whose `Nn` is in `B`.

What takes no buffer is a function here, which LLVM merges into its caller; a function
that takes buffers is called for a line or for what is rare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import helper, zeros

if TYPE_CHECKING:
    from array import array

    Counters = list[int] | array[int]
    """What `zeros` of the dialect returns."""

__all__ = [
    "CONTEXTS",
    "clamped",
    "golomb_k",
    "in_range",
    "leading_zeros",
    "locate",
    "predicted",
    "reset",
    "run_order",
    "unbiased",
]

CONTEXTS = 367
"""364 by gradients, the one without gradients, and two of run interruption."""


@helper
def reset(A: Counters, B: Counters, C: Counters, N: Counters, RANGE: int) -> None:
    """Set the counters to what they are at the start of an interval (A.2.1)."""
    initial = max(2, (RANGE + 32) >> 6)
    for Q in range(CONTEXTS):
        A[Q] = initial
        B[Q] = 0
        C[Q] = 0
        N[Q] = 1


@helper
def leading_zeros() -> Counters:
    """Return for each octet how many of its leading bits are 0."""
    found = zeros(256)
    count = 8
    for octet in range(256):
        if octet >> (8 - count):
            count -= 1
        found[octet] = count
    return found


@helper
def locate(line: Counters, at: int, origin: int, width: int, row: int, interval: int) -> None:
    """Note where a line and the two above it begin in a plane that begins with a line of zeros.

    That line also is above the first one of a restart interval, as long as there is none.

    Parameters
    ----------
    line : list of int
        Takes three numbers, the uppermost line's first.
    at : int
        Where in `line`.
    origin, width : int
        Where the plane begins, and the length of its lines.
    row, interval : int
        The line, from 0, and the lines in a restart interval.
    """
    here = origin + (1 + row) * width
    line[at] = here - 2 * width if row % interval > 1 else origin
    line[at + 1] = here - width if row % interval > 0 else origin
    line[at + 2] = here


@helper
def run_order(run_index: int) -> int:
    """Return J[RUNindex], the logarithm of the length of a run segment (A.2.1)."""
    if run_index < 16:
        return run_index >> 2
    if run_index < 24:
        return (run_index >> 1) - 4
    return run_index - 16


@helper
def predicted(Ra: int, Rb: int, Rc: int) -> int:
    """Return the median of two neighbours and of the plane through all three (A.4.1)."""
    low = Ra if Ra < Rb else Rb
    high = Rb if Ra < Rb else Ra
    plane = Ra + Rb - Rc
    return low if plane < low else high if plane > high else plane


@helper
def clamped(value: int, MAXVAL: int) -> int:
    """Return what of 0 to `MAXVAL` is nearest to `value`."""
    return 0 if value < 0 else MAXVAL if value > MAXVAL else value


@helper
def golomb_k(N: int, A: int) -> int:
    """Return the parameter of the Golomb code (A.5.1)."""
    k = 0
    while N << k < A:
        k += 1
    return k


@helper
def unbiased(B: int, C: int, N: int) -> tuple[int, int]:
    """Return B and C after the update of the bias (A.6.2)."""
    if B <= -N:
        return max(B + N, 1 - N), max(C - 1, -128)
    if B > 0:
        return min(B - N, 0), min(C + 1, 127)
    return B, C


@helper
def in_range(Rx: int, MAXVAL: int, NEAR: int, modulus: int) -> int:
    """Return a reconstruction reduced modulo RANGE * (2 * NEAR + 1) and clamped (A.4.5)."""
    if Rx < -NEAR:
        Rx += modulus
    elif Rx > MAXVAL + NEAR:
        Rx -= modulus
    return clamped(Rx, MAXVAL)
