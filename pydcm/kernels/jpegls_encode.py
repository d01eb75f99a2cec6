"""Encoding of JPEG-LS scans (ISO 14495-1 Annex A); see :mod:`pydcm.kernels.jpegls_model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import find_other, helper, i64, zeros
from pydcm.kernels.jpegls_bits import WORD, put, put_long
from pydcm.kernels.jpegls_model import (
    CONTEXTS,
    clamped,
    golomb_k,
    locate,
    predicted,
    reset,
    run_order,
    unbiased,
)
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import OUTPUT_FULL

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells, Int64s, Octets
    from pydcm.kernels.jpegls_model import Counters

__all__ = ["encode_lines", "encode_samples"]


@kernel("jpegls.encode_lines", clause="ISO 14495-1 A, C.2.3 ILV 0 and 1")
def encode_lines(src: Cells, table: Octets, coding: Int64s, words: Cells, intervals: Int64s) -> int:
    """Encode a scan of one component, or of several whose lines take turns.

    Parameters
    ----------
    src : array of 16-bit unsigned integers
        The planes, as ``jpegls.decode_lines`` leaves them. Where NEAR is not 0,
        they become what a decoder will make of them.
    table, coding
        As of ``jpegls.decode_lines``.
    words : array of 32-bit unsigned integers
        Takes the bits, `WORD` in each element.
    intervals : array of 64-bit integers
        Takes two numbers for each restart interval: its first word, and its
        length in bits.

    Returns
    -------
    int
        The words written, or `OUTPUT_FULL` if there may be more.
    """
    LIMIT = i64(coding[4])
    rows = i64(coding[6])
    columns = i64(coding[7])
    components = i64(coding[8])
    interval = i64(coding[9])
    A = zeros(CONTEXTS)
    B = zeros(CONTEXTS)
    C = zeros(CONTEXTS)
    N = zeros(CONTEXTS)
    run_index = zeros(components)
    line = zeros(7)
    for row in range(rows):
        if row % interval == 0:
            intervals[2 * (row // interval)] = line[0]
            reset(A, B, C, N, i64(coding[2]))
            for c in range(components):
                run_index[c] = 0
        for c in range(components):
            locate(line, 3, c * (1 + rows) * columns, columns, row, interval)
            line[6] = run_index[c]
            if (len(words) - line[0] - 2) * WORD < columns * LIMIT:
                return OUTPUT_FULL
            _line(src, table, coding, A, B, C, N, words, line)
            run_index[c] = line[6]
        if row + 1 == rows or (row + 1) % interval == 0:
            finish(words, intervals, row // interval, line)
    return line[0]


@helper
def finish(words: Cells, intervals: Int64s, k: int, line: Counters) -> None:
    """End restart interval `k`, and its last word with zeros."""
    held = line[2]
    intervals[2 * k + 1] = WORD * (line[0] - i64(intervals[2 * k])) + held
    words[line[0]] = line[1] << (WORD - held)
    line[0] += 1
    line[1] = 0
    line[2] = 0


@helper
def mapped(Errval: int, flip: bool) -> int:
    """Return the value of 0 or more that stands for an error (A.5.2)."""
    if flip:
        Errval = -1 - Errval
    return (Errval << 1) ^ (Errval >> 63)


@helper
def quantised(Errval: int, NEAR: int) -> int:
    """Return a prediction error in steps of ``2 * NEAR + 1`` (A.4.4)."""
    if Errval > 0:
        return (Errval + NEAR) // (2 * NEAR + 1)
    return -((NEAR - Errval) // (2 * NEAR + 1))


@helper
def reduced(Errval: int, RANGE: int) -> int:
    """Return a prediction error modulo RANGE, between its halves (A.4.5)."""
    if Errval < -(RANGE >> 1):
        return Errval + RANGE
    if Errval > (RANGE - 1) >> 1:
        return Errval - RANGE
    return Errval


@helper
def _line(
    src: Cells,
    table: Octets,
    coding: Int64s,
    A: Counters,
    B: Counters,
    C: Counters,
    N: Counters,
    words: Cells,
    line: Counters,
) -> None:
    """Encode one line.

    `line` has the words written, the bits that wait for the next one and their number,
    where the line above the one above, the line above, and the line itself begin in `src`,
    and RUNindex.
    """
    MAXVAL = i64(coding[0])
    NEAR = i64(coding[1])
    RANGE = i64(coding[2])
    qbpp = i64(coding[3])
    most_zeros = i64(coding[4]) - qbpp - 1
    RESET = i64(coding[5])
    step = 2 * NEAR + 1
    count = line[0]
    buffer = line[1]
    held = line[2]
    x = line[5]
    up = line[4] - x
    last = x + i64(coding[7]) - 1
    run_index = line[6]
    Rc = i64(src[line[3]])
    Rb = i64(src[x + up])
    Ra = Rb
    Rd = i64(src[x + up + 1]) if x < last else Rb
    q2 = i64(table[Rb - Rc + MAXVAL])
    while x <= last:
        q1 = i64(table[Rd - Rb + MAXVAL])  # and the next one's q2
        Q = 81 * q1 + 9 * q2 + i64(table[Rc - Ra + MAXVAL]) - 364
        Ix = i64(src[x])
        if Q != 0:  # regular mode, A.4 to A.6
            sign = (Q >> 63) | 1
            Q *= sign
            a = A[Q]
            b = B[Q]
            c = C[Q]
            n = N[Q]
            Px = clamped(predicted(Ra, Rb, Rc) + sign * c, MAXVAL)
            Errval = sign * (Ix - Px)
            Rx = Ix
            if NEAR > 0:
                Errval = quantised(Errval, NEAR)
                Rx = clamped(Px + sign * Errval * step, MAXVAL)
                src[x] = Rx
            Errval = reduced(Errval, RANGE)
            k = golomb_k(n, a)
            MErrval = mapped(Errval, k == 0 and NEAR == 0 and 2 * b <= -n)
            q = MErrval >> k
            length = q + 1 + k
            if length <= WORD and q < most_zeros:
                buffer = buffer << length | 1 << k | (MErrval & ((1 << k) - 1))
                held += length
                if held >= WORD:
                    held -= WORD
                    words[count] = buffer >> held
                    buffer &= (1 << held) - 1
                    count += 1
            else:
                count, buffer, held = put_long(
                    words, count, buffer, held, MErrval, k, most_zeros, qbpp
                )
            a += abs(Errval)
            b += Errval * step
            if n == RESET:
                a >>= 1
                b >>= 1
                n >>= 1
            n += 1
            A[Q] = a
            N[Q] = n
            B[Q], C[Q] = unbiased(b, c, n)
            q2 = q1
        else:  # run mode, A.7
            first = x
            if NEAR == 0:
                x = find_other(src, x, last + 1, Ra)
            while x <= last and abs(i64(src[x]) - Ra) <= NEAR:
                src[x] = Ra
                x += 1
            run = x - first
            while run >= 1 << run_order(run_index):
                run -= 1 << run_order(run_index)
                count, buffer, held = put(words, count, buffer, held, 1, 1)
                if run_index < 31:
                    run_index += 1
            if x > last:
                if run > 0:
                    count, buffer, held = put(words, count, buffer, held, 1, 1)
                break
            order = run_order(run_index)
            count, buffer, held = put(words, count, buffer, held, run, order + 1)
            Ix = i64(src[x])
            Rb = i64(src[x + up])
            if abs(Ra - Rb) <= NEAR:
                RItype = 1
                sign = 1
                Px = Ra
            else:
                RItype = 0
                sign = -1 if Ra > Rb else 1
                Px = Rb
            Errval = sign * (Ix - Px)
            Rx = Ix
            if NEAR > 0:
                Errval = quantised(Errval, NEAR)
                Rx = clamped(Px + sign * Errval * step, MAXVAL)
                src[x] = Rx
            Errval = reduced(Errval, RANGE)
            Q = 365 + RItype
            n = N[Q]
            Nn = B[Q]
            k = golomb_k(n, A[Q] + RItype * (n >> 1))
            MErrval = interrupted(Errval, RItype, k, Nn, n)
            count, buffer, held = put_long(
                words, count, buffer, held, MErrval, k, most_zeros - order - 1, qbpp
            )
            if Errval < 0:
                Nn += 1
            A[Q] += (MErrval + 1 - RItype) >> 1
            if n == RESET:
                A[Q] >>= 1
                Nn >>= 1
                n >>= 1
            B[Q] = Nn
            N[Q] = n + 1
            if run_index > 0:
                run_index -= 1
            Rd = i64(src[x + up + 1]) if x < last else Rb
            q2 = i64(table[Rd - Rb + MAXVAL])
        x += 1
        Ra = Rx
        Rc = Rb
        Rb = Rd
        if x < last:
            Rd = i64(src[x + up + 1])
    line[0] = count
    line[1] = buffer
    line[2] = held
    line[6] = run_index


@helper
def interrupted(Errval: int, RItype: int, k: int, Nn: int, N: int) -> int:
    """Return EMErrval, which stands for the error of a sample that ends a run (A.7.2.2)."""
    if Errval > 0:
        flip = k == 0 and 2 * Nn < N
    else:
        flip = Errval < 0 and (k != 0 or 2 * Nn >= N)
    return 2 * abs(Errval) - RItype - (1 if flip else 0)


@kernel("jpegls.encode_samples", clause="ISO 14495-1 A, C.2.3 ILV 2")
def encode_samples(
    src: Cells, table: Octets, coding: Int64s, words: Cells, intervals: Int64s
) -> int:
    """Encode a scan of several components whose samples take turns.

    Parameters
    ----------
    src : array of 16-bit unsigned integers
        The pixels, as ``jpegls.decode_samples`` leaves them; else as of
        ``jpegls.encode_lines``.
    table, coding, words, intervals
        As of ``jpegls.encode_lines``.

    Returns
    -------
    int
        The words written, or `OUTPUT_FULL` if there may be more.
    """
    LIMIT = i64(coding[4])
    rows = i64(coding[6])
    width = i64(coding[7]) * i64(coding[8])
    interval = i64(coding[9])
    A = zeros(CONTEXTS)
    B = zeros(CONTEXTS)
    C = zeros(CONTEXTS)
    N = zeros(CONTEXTS)
    line = zeros(7)
    for row in range(rows):
        if row % interval == 0:
            intervals[2 * (row // interval)] = line[0]
            line[6] = 0
            reset(A, B, C, N, i64(coding[2]))
        if (len(words) - line[0] - 2) * WORD < width * LIMIT:
            return OUTPUT_FULL
        locate(line, 3, 0, width, row, interval)
        _line_of_samples(src, table, coding, A, B, C, N, words, line)
        if row + 1 == rows or (row + 1) % interval == 0:
            finish(words, intervals, row // interval, line)
    return line[0]


@helper
def _line_of_samples(
    src: Cells,
    table: Octets,
    coding: Int64s,
    A: Counters,
    B: Counters,
    C: Counters,
    N: Counters,
    words: Cells,
    line: Counters,
) -> None:
    """Encode one line of pixels, as `_line` does."""
    MAXVAL = i64(coding[0])
    NEAR = i64(coding[1])
    RANGE = i64(coding[2])
    qbpp = i64(coding[3])
    most_zeros = i64(coding[4]) - qbpp - 1
    RESET = i64(coding[5])
    step = 2 * NEAR + 1
    count = line[0]
    buffer = line[1]
    held = line[2]
    rc = line[3]  # where the neighbours of the pixel at x are
    rb = line[4]
    ra = rb
    x = line[5]
    run_index = line[6]
    samples = i64(coding[8])
    up = rb - x
    last = x + (i64(coding[7]) - 1) * samples
    gradients = zeros(samples)
    while x <= last:
        rd = rb + samples if x < last else rb
        flat = True
        for s in range(samples):
            Rb = i64(src[rb + s])
            Rc = i64(src[rc + s])
            Q = (
                81 * i64(table[i64(src[rd + s]) - Rb + MAXVAL])
                + 9 * i64(table[Rb - Rc + MAXVAL])
                + i64(table[Rc - i64(src[ra + s]) + MAXVAL])
                - 364
            )
            gradients[s] = Q
            if Q != 0:
                flat = False
        zeros_of_code = most_zeros
        if flat:  # run mode, A.7
            run = 0
            while x <= last:
                same = True
                for s in range(samples):
                    if abs(i64(src[x + s]) - i64(src[ra + s])) > NEAR:
                        same = False
                if not same:
                    break
                for s in range(samples):
                    src[x + s] = src[ra + s]
                run += 1
                x += samples
            while run >= 1 << run_order(run_index):
                run -= 1 << run_order(run_index)
                count, buffer, held = put(words, count, buffer, held, 1, 1)
                if run_index < 31:
                    run_index += 1
            if x > last:
                if run > 0:
                    count, buffer, held = put(words, count, buffer, held, 1, 1)
                break
            order = run_order(run_index)
            count, buffer, held = put(words, count, buffer, held, run, order + 1)
            zeros_of_code -= order + 1
            rb = x + up
        for s in range(samples):
            Ix = i64(src[x + s])
            Ra = i64(src[ra + s])
            Rb = i64(src[rb + s])
            if flat:  # every component is coded as one whose neighbours differ
                sign = -1 if Ra > Rb else 1
                Q = 365
                c = 0
                Px = Rb
            else:
                Q = gradients[s]
                sign = (Q >> 63) | 1
                Q *= sign
                c = C[Q]
                Px = clamped(predicted(Ra, Rb, i64(src[rc + s])) + sign * c, MAXVAL)
            a = A[Q]
            b = B[Q]
            n = N[Q]
            Errval = sign * (Ix - Px)
            if NEAR > 0:
                Errval = quantised(Errval, NEAR)
                src[x + s] = clamped(Px + sign * Errval * step, MAXVAL)
            Errval = reduced(Errval, RANGE)
            k = golomb_k(n, a)
            if flat:
                MErrval = interrupted(Errval, 0, k, b, n)
                a += (MErrval + 1) >> 1
                if Errval < 0:
                    b += 1
            else:
                MErrval = mapped(Errval, k == 0 and NEAR == 0 and 2 * b <= -n)
                a += abs(Errval)
                b += Errval * step
            q = MErrval >> k
            length = q + 1 + k
            if length <= WORD and q < zeros_of_code:
                buffer = buffer << length | 1 << k | (MErrval & ((1 << k) - 1))
                held += length
                if held >= WORD:
                    held -= WORD
                    words[count] = buffer >> held
                    buffer &= (1 << held) - 1
                    count += 1
            else:
                count, buffer, held = put_long(
                    words, count, buffer, held, MErrval, k, zeros_of_code, qbpp
                )
            if n == RESET:
                a >>= 1
                b >>= 1
                n >>= 1
            n += 1
            A[Q] = a
            N[Q] = n
            if flat:
                B[Q] = b
            else:
                B[Q], C[Q] = unbiased(b, c, n)
        if flat and run_index > 0:
            run_index -= 1
        ra = x
        rc = rb
        rb += samples
        x += samples
    line[0] = count
    line[1] = buffer
    line[2] = held
    line[6] = run_index
