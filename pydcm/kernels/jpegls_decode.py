"""Decoding of JPEG-LS scans (ISO 14495-1 Annex A); see :mod:`pydcm.kernels.jpegls_model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import fill_cells, helper, i64, zeros
from pydcm.kernels.jpegls_bits import long_code
from pydcm.kernels.jpegls_model import (
    CONTEXTS,
    clamped,
    golomb_k,
    in_range,
    leading_zeros,
    locate,
    predicted,
    reset,
    run_order,
    unbiased,
)
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import BAD_VALUE, TRUNCATED

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells, Int64s, Octets
    from pydcm.kernels.jpegls_model import Counters

__all__ = ["decode_lines", "decode_samples"]


@kernel("jpegls.decode_lines", clause="ISO 14495-1 A, C.2.3 ILV 0 and 1")
def decode_lines(
    windows: Cells,
    intervals: Int64s,
    table: Octets,
    coding: Int64s,
    dst: Cells,
    state: Int64s,
) -> int:
    """Decode a scan of one component, or of several whose lines take turns.

    Parameters
    ----------
    windows : array of 32-bit unsigned integers
        The bits of the scan, as ``jpegls.unstuff`` lays them out.
    intervals : array of 64-bit integers
        Three numbers for each restart interval: where it begins and ends in
        `windows`, and one that does not matter here.
    table : bytes
        The quantised gradient plus 4 for each difference from -MAXVAL to MAXVAL.
    coding : array of 64-bit integers
        MAXVAL, NEAR, RANGE, qbpp, LIMIT, RESET, rows, columns, components, and
        the rows in a restart interval.
    dst : array of 16-bit unsigned integers
        Takes a plane for each component. Each begins with a line of zeros, which is
        above the first.
    state : array of 64-bit integers
        Takes the position in `windows` that was reached.

    Returns
    -------
    int
        The rows decoded, `TRUNCATED` if an interval ends too early, `BAD_VALUE`
        if a code is none or means something that no encoder writes.
    """
    rows = i64(coding[6])
    columns = i64(coding[7])
    components = i64(coding[8])
    interval = i64(coding[9])
    A = zeros(CONTEXTS)
    B = zeros(CONTEXTS)
    C = zeros(CONTEXTS)
    N = zeros(CONTEXTS)
    leading = leading_zeros()
    run_index = zeros(components)
    line = zeros(6)
    for row in range(rows):
        if row % interval == 0:
            line[0] = intervals[3 * (row // interval)]
            line[1] = intervals[3 * (row // interval) + 1]
            reset(A, B, C, N, i64(coding[2]))
            for c in range(components):
                run_index[c] = 0
        for c in range(components):
            locate(line, 2, c * (1 + rows) * columns, columns, row, interval)
            line[5] = run_index[c]
            if not _line(windows, table, coding, leading, A, B, C, N, dst, line):
                state[0] = line[0]
                return TRUNCATED if line[0] > line[1] else BAD_VALUE
            run_index[c] = line[5]
    state[0] = line[0]
    return rows


@helper
def _line(
    windows: Cells,
    table: Octets,
    coding: Int64s,
    leading: Counters,
    A: Counters,
    B: Counters,
    C: Counters,
    N: Counters,
    dst: Cells,
    line: Counters,
) -> bool:
    """Decode one line; return whether its bits are codes.

    `line` has the position and the end of the interval in `windows`, where the line above
    the one above, the line above, and the line itself begin in `dst`, and RUNindex.
    """
    MAXVAL = i64(coding[0])
    NEAR = i64(coding[1])
    RANGE = i64(coding[2])
    qbpp = i64(coding[3])
    most_zeros = i64(coding[4]) - qbpp - 1
    RESET = i64(coding[5])
    step = 2 * NEAR + 1
    modulus = RANGE * step
    most_MErrval = 2 * RANGE  # what encoders write is at most half of it
    position = line[0]
    stop = line[1]
    x = line[4]
    up = line[3] - x
    last = x + i64(coding[7]) - 1
    run_index = line[5]
    Rc = i64(dst[line[2]])
    Rb = i64(dst[x + up])
    Ra = Rb
    Rd = i64(dst[x + up + 1]) if x < last else Rb
    q2 = i64(table[Rb - Rc + MAXVAL])
    while x <= last:
        q1 = i64(table[Rd - Rb + MAXVAL])  # and the next one's q2
        Q = 81 * q1 + 9 * q2 + i64(table[Rc - Ra + MAXVAL]) - 364
        if Q != 0:  # regular mode, A.4 to A.6
            sign = (Q >> 63) | 1
            Q *= sign
            a = A[Q]
            b = B[Q]
            c = C[Q]
            n = N[Q]
            Px = clamped(predicted(Ra, Rb, Rc) + sign * c, MAXVAL)
            k = golomb_k(n, a)
            window = (i64(windows[position >> 3]) << (position & 7)) & 0xFFFFFFFF
            q = leading[window >> 24]
            if q < 8 and q < most_zeros:  # the window has all, from the 1 that ends the zeros
                MErrval = ((q - 1) << k) + (window >> (31 - q - k))
                position += q + 1 + k
            else:
                MErrval, position = long_code(windows, position, stop, k, most_zeros, qbpp)
                if MErrval < 0:
                    line[0] = position
                    return False
            if position > stop or MErrval > most_MErrval:
                line[0] = position
                return False
            Errval = (MErrval >> 1) ^ -(MErrval & 1)
            if k == 0 and NEAR == 0 and 2 * b <= -n:
                Errval = -1 - Errval
            a += abs(Errval)
            Errval *= step
            b += Errval
            if n == RESET:
                a >>= 1
                b >>= 1
                n >>= 1
            n += 1
            A[Q] = a
            N[Q] = n
            B[Q], C[Q] = unbiased(b, c, n)
            Rx = Px + sign * Errval
            if Rx < 0 or Rx > MAXVAL:
                Rx = in_range(Rx, MAXVAL, NEAR, modulus)
            q2 = q1
        else:  # run mode, A.7
            window = (i64(windows[position >> 3]) << (position & 7)) & 0xFFFFFFFF
            while window >> 31:  # a whole segment, or what is left of the line
                position += 1
                if position > stop:
                    line[0] = position
                    return False
                segment = x + (1 << run_order(run_index))
                end = min(segment, last + 1)
                fill_cells(dst, x, end, Ra)
                x = end
                if x == segment and run_index < 31:
                    run_index += 1
                if x > last:
                    break
                window = (i64(windows[position >> 3]) << (position & 7)) & 0xFFFFFFFF
            if x > last:
                break
            order = run_order(run_index)
            end = x + (((window << 1) & 0xFFFFFFFF) >> (32 - order))
            position += 1 + order
            if position > stop or end > last:
                line[0] = position
                return False
            fill_cells(dst, x, end, Ra)
            x = end
            Rb = i64(dst[x + up])
            if abs(Ra - Rb) <= NEAR:
                RItype = 1
                sign = 1
                Px = Ra
            else:
                RItype = 0
                sign = -1 if Ra > Rb else 1
                Px = Rb
            Q = 365 + RItype
            n = N[Q]
            Nn = B[Q]
            k = golomb_k(n, A[Q] + RItype * (n >> 1))
            MErrval, position = long_code(windows, position, stop, k, most_zeros - order - 1, qbpp)
            if position > stop or MErrval < 0 or MErrval > most_MErrval:
                line[0] = position
                return False
            Errval = (MErrval + RItype + 1) >> 1
            if Errval > 0 and (MErrval + RItype) & 1 == (k != 0 or 2 * Nn >= n):
                Errval = -Errval
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
            Rx = in_range(Px + sign * Errval * step, MAXVAL, NEAR, modulus)
            Rd = i64(dst[x + up + 1]) if x < last else Rb
            q2 = i64(table[Rd - Rb + MAXVAL])
        dst[x] = Rx
        x += 1
        Ra = Rx
        Rc = Rb
        Rb = Rd
        if x < last:
            Rd = i64(dst[x + up + 1])
    line[0] = position
    line[5] = run_index
    return True


@kernel("jpegls.decode_samples", clause="ISO 14495-1 A, C.2.3 ILV 2")
def decode_samples(
    windows: Cells,
    intervals: Int64s,
    table: Octets,
    coding: Int64s,
    dst: Cells,
    state: Int64s,
) -> int:
    """Decode a scan of several components whose samples take turns.

    Parameters
    ----------
    windows, intervals, table, coding, state
        As of ``jpegls.decode_lines``.
    dst : array of 16-bit unsigned integers
        Takes the samples of each pixel side by side, after a line of zeros.

    Returns
    -------
    int
        The rows decoded, or a status as of ``jpegls.decode_lines``.
    """
    rows = i64(coding[6])
    width = i64(coding[7]) * i64(coding[8])
    interval = i64(coding[9])
    A = zeros(CONTEXTS)
    B = zeros(CONTEXTS)
    C = zeros(CONTEXTS)
    N = zeros(CONTEXTS)
    leading = leading_zeros()
    line = zeros(6)
    for row in range(rows):
        if row % interval == 0:
            line[0] = intervals[3 * (row // interval)]
            line[1] = intervals[3 * (row // interval) + 1]
            line[5] = 0
            reset(A, B, C, N, i64(coding[2]))
        locate(line, 2, 0, width, row, interval)
        if not _line_of_samples(windows, table, coding, leading, A, B, C, N, dst, line):
            state[0] = line[0]
            return TRUNCATED if line[0] > line[1] else BAD_VALUE
    state[0] = line[0]
    return rows


@helper
def _line_of_samples(
    windows: Cells,
    table: Octets,
    coding: Int64s,
    leading: Counters,
    A: Counters,
    B: Counters,
    C: Counters,
    N: Counters,
    dst: Cells,
    line: Counters,
) -> bool:
    """Decode one line of pixels, as `_line` does."""
    MAXVAL = i64(coding[0])
    NEAR = i64(coding[1])
    RANGE = i64(coding[2])
    qbpp = i64(coding[3])
    most_zeros = i64(coding[4]) - qbpp - 1
    RESET = i64(coding[5])
    step = 2 * NEAR + 1
    modulus = RANGE * step
    most_MErrval = 2 * RANGE
    position = line[0]
    stop = line[1]
    rc = line[2]  # where the neighbours of the pixel at x are
    rb = line[3]
    ra = rb
    x = line[4]
    run_index = line[5]
    samples = i64(coding[8])
    up = rb - x
    last = x + (i64(coding[7]) - 1) * samples
    gradients = zeros(samples)
    guesses = zeros(samples)
    while x <= last:
        rd = rb + samples if x < last else rb
        flat = True
        for s in range(samples):
            Ra = i64(dst[ra + s])
            Rb = i64(dst[rb + s])
            Rc = i64(dst[rc + s])
            Q = (
                81 * i64(table[i64(dst[rd + s]) - Rb + MAXVAL])
                + 9 * i64(table[Rb - Rc + MAXVAL])
                + i64(table[Rc - Ra + MAXVAL])
                - 364
            )
            gradients[s] = Q
            guesses[s] = predicted(Ra, Rb, Rc)
            if Q != 0:
                flat = False
        if flat:  # run mode, A.7
            window = (i64(windows[position >> 3]) << (position & 7)) & 0xFFFFFFFF
            while window >> 31:
                position += 1
                if position > stop:
                    line[0] = position
                    return False
                segment = x + (samples << run_order(run_index))
                end = min(segment, last + samples)
                while x < end:
                    for s in range(samples):
                        dst[x + s] = dst[ra + s]
                    x += samples
                if x == segment and run_index < 31:
                    run_index += 1
                if x > last:
                    break
                window = (i64(windows[position >> 3]) << (position & 7)) & 0xFFFFFFFF
            if x > last:
                break
            order = run_order(run_index)
            end = x + samples * (((window << 1) & 0xFFFFFFFF) >> (32 - order))
            position += 1 + order
            if position > stop or end > last:
                line[0] = position
                return False
            while x < end:
                for s in range(samples):
                    dst[x + s] = dst[ra + s]
                x += samples
            rb = x + up
            for s in range(samples):  # each is coded as one whose neighbours differ, A.7.2
                Ra = i64(dst[ra + s])
                Px = i64(dst[rb + s])
                n = N[365]
                Nn = B[365]
                k = golomb_k(n, A[365])
                MErrval, position = long_code(
                    windows, position, stop, k, most_zeros - order - 1, qbpp
                )
                if position > stop or MErrval < 0 or MErrval > most_MErrval:
                    line[0] = position
                    return False
                Errval = (MErrval + 1) >> 1
                if Errval > 0 and MErrval & 1 == (k != 0 or 2 * Nn >= n):
                    Errval = -Errval
                    Nn += 1
                A[365] += (MErrval + 1) >> 1
                if n == RESET:
                    A[365] >>= 1
                    Nn >>= 1
                    n >>= 1
                B[365] = Nn
                N[365] = n + 1
                sign = -1 if Ra > Px else 1
                dst[x + s] = in_range(Px + sign * Errval * step, MAXVAL, NEAR, modulus)
            if run_index > 0:
                run_index -= 1
        else:  # regular mode, A.4 to A.6
            for s in range(samples):
                Q = gradients[s]
                sign = (Q >> 63) | 1
                Q *= sign
                a = A[Q]
                b = B[Q]
                c = C[Q]
                n = N[Q]
                Px = clamped(guesses[s] + sign * c, MAXVAL)
                k = golomb_k(n, a)
                window = (i64(windows[position >> 3]) << (position & 7)) & 0xFFFFFFFF
                q = leading[window >> 24]
                if q < 8 and q < most_zeros:
                    MErrval = ((q - 1) << k) + (window >> (31 - q - k))
                    position += q + 1 + k
                else:
                    MErrval, position = long_code(windows, position, stop, k, most_zeros, qbpp)
                    if MErrval < 0:
                        line[0] = position
                        return False
                if position > stop or MErrval > most_MErrval:
                    line[0] = position
                    return False
                Errval = (MErrval >> 1) ^ -(MErrval & 1)
                if k == 0 and NEAR == 0 and 2 * b <= -n:
                    Errval = -1 - Errval
                a += abs(Errval)
                Errval *= step
                b += Errval
                if n == RESET:
                    a >>= 1
                    b >>= 1
                    n >>= 1
                n += 1
                A[Q] = a
                N[Q] = n
                B[Q], C[Q] = unbiased(b, c, n)
                Rx = Px + sign * Errval
                if Rx < 0 or Rx > MAXVAL:
                    Rx = in_range(Rx, MAXVAL, NEAR, modulus)
                dst[x + s] = Rx
        ra = x
        rc = rb
        rb += samples
        x += samples
    line[0] = position
    line[5] = run_index
    return True
