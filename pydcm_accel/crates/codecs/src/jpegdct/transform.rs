//! The discrete cosine transform of 8 x 8 blocks in integers (ISO 10918-1 A.3.3).
//!
//! The reference computes with integers of any size. How large they become is bounded by the
//! sum of the absolute values of a block's dequantised coefficients, because none has a
//! greater weight than 11363 in either pass. Where the sum is small, as in all images that
//! were encoded from samples, 16 bits hold what is between the passes, and 32 bits all sums:
//! so several columns are computed at once. Sums may wrap on the way to a result that fits;
//! their differences are exact nevertheless.

use super::{Cell, INDEX};

/// Coefficients, or samples, of one block.
type Block<T> = [T; 64];

/// Largest weight of a coefficient in one pass, in 13 binary places.
const WEIGHT: i64 = 11363;

macro_rules! inverse_pass {
    ($name:ident, $cells:ty, $cell:expr, $narrow:ty, $wide:ty) => {
        /// Return one pass: eight sums of each column, rounded.
        ///
        /// Only the first `LINES` coefficients of a column are looked at; the others are zero.
        /// Not inlined, so that the loop stays one, of which vectors are made.
        #[inline(never)]
        fn $name<const SHIFT: u32, const LINES: usize>(
            w: &$cells,
            half: $wide,
            out: &mut Block<$narrow>,
        ) {
            // What does not fit is none that the caller asks for; saturating is quicker.
            let rounded = |sum: $wide| {
                let (least, most) = (<$narrow>::MIN as $wide, <$narrow>::MAX as $wide);
                (sum >> SHIFT).clamp(least, most) as $narrow
            };
            for c in 0..8 {
                let x = |k: usize| if k < LINES { <$wide>::from($cell(w, 8 * k + c)) } else { 0 };
                let weighted = |a: $wide, b: $wide| a.wrapping_mul(b);
                let (x0, x1, x2, x3) = (x(0), x(1), x(2), x(3));
                let (x4, x5, x6, x7) = (x(4), x(5), x(6), x(7));
                let a = weighted(x0.wrapping_add(x4), 8192).wrapping_add(half);
                let b = weighted(x0.wrapping_sub(x4), 8192).wrapping_add(half);
                let d = weighted(x2, 10703).wrapping_add(weighted(x6, 4433));
                let e = weighted(x2, 4433).wrapping_sub(weighted(x6, 10704));
                let (e0, e1) = (a.wrapping_add(d), b.wrapping_add(e));
                let (e2, e3) = (b.wrapping_sub(e), a.wrapping_sub(d));
                let odd = |k1: $wide, k3: $wide, k5: $wide, k7: $wide| {
                    weighted(x1, k1)
                        .wrapping_add(weighted(x3, k3))
                        .wrapping_add(weighted(x5, k5).wrapping_add(weighted(x7, k7)))
                };
                let o0 = odd(11363, 9633, 6437, 2260);
                let o1 = odd(9633, -2259, -11362, -6436);
                let o2 = odd(6437, -11362, 2261, 9633);
                let o3 = odd(2260, -6436, 9633, -11363);
                out[c] = rounded(e0.wrapping_add(o0));
                out[c + 8] = rounded(e1.wrapping_add(o1));
                out[c + 16] = rounded(e2.wrapping_add(o2));
                out[c + 24] = rounded(e3.wrapping_add(o3));
                out[c + 32] = rounded(e3.wrapping_sub(o3));
                out[c + 40] = rounded(e2.wrapping_sub(o2));
                out[c + 48] = rounded(e1.wrapping_sub(o1));
                out[c + 56] = rounded(e0.wrapping_sub(o0));
            }
        }
    };
}

inverse_pass!(pass_16, Block<i16>, |w: &Block<i16>, k: usize| w[k], i16, i32);
inverse_pass!(
    pass_turned,
    [[u8; 2]; 64],
    |w: &[[u8; 2]; 64], k: usize| i16::from_le_bytes(w[k]),
    i16,
    i32
);
inverse_pass!(pass_64, Block<i64>, |w: &Block<i64>, k: usize| w[k], i64, i64);

/// Return a block with rows for columns.
fn transposed<T: Copy + Default>(block: &Block<T>) -> Block<T> {
    let mut out = [T::default(); 64];
    for r in 0..8 {
        for c in 0..8 {
            out[8 * c + r] = block[8 * r + c];
        }
    }
    out
}

/// Return a block of 16 bits with rows for columns, as octets: they are written eight at once.
///
/// Only the first `LINES` columns are.
#[inline(never)]
fn transposed_16<const LINES: usize>(block: &Block<i16>, out: &mut [[u8; 2]; 64]) {
    for i in 0..2 {
        for j in 0..LINES / 4 {
            let tile = turned_16(std::array::from_fn(|r| four(&block[32 * i + 8 * r + 4 * j..])));
            for (r, row) in tile.into_iter().enumerate() {
                let place = 32 * j + 8 * r + 4 * i;
                out[place..place + 4].as_flattened_mut().copy_from_slice(&row.to_le_bytes());
            }
        }
    }
}

#[inline(always)]
fn four(cells: &[i16]) -> u64 {
    let part = |k: usize| u64::from(cells[k] as u16) << (16 * k);
    part(0) | part(1) | part(2) | part(3)
}

/// Return rows for columns of 4 x 4 cells, each row a number with its first cell lowest.
#[inline(always)]
fn turned_16(rows: [u64; 4]) -> [u64; 4] {
    let [a, b, c, d] = rows;
    let ((a, b), (c, d)) = (swapped::<16>(a, b), swapped::<16>(c, d));
    let ((a, c), (b, d)) = (swapped::<32>(a, c), swapped::<32>(b, d));
    [a, b, c, d]
}

/// Return rows for columns of 8 x 8 octets.
#[inline(always)]
fn transposed_8(rows: [u64; 8]) -> [u64; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let ((a, b), (c, d)) = (swapped::<8>(a, b), swapped::<8>(c, d));
    let ((e, f), (g, h)) = (swapped::<8>(e, f), swapped::<8>(g, h));
    let ((a, c), (b, d)) = (swapped::<16>(a, c), swapped::<16>(b, d));
    let ((e, g), (f, h)) = (swapped::<16>(e, g), swapped::<16>(f, h));
    let ((a, e), (b, f)) = (swapped::<32>(a, e), swapped::<32>(b, f));
    let ((c, g), (d, h)) = (swapped::<32>(c, g), swapped::<32>(d, h));
    [a, b, c, d, e, f, g, h]
}

/// Swap every second cell of `SIZE` bits of a row with its neighbour in the row below.
#[inline(always)]
fn swapped<const SIZE: u32>(a: u64, b: u64) -> (u64, u64) {
    let even = match SIZE {
        8 => 0x00FF_00FF_00FF_00FF,
        16 => 0x0000_FFFF_0000_FFFF,
        _ => 0x0000_0000_FFFF_FFFF,
    };
    (a & even | (b & even) << SIZE, a >> SIZE & even | b & !even)
}

/// What the samples of a component are: how they are rounded and clipped.
#[derive(Clone, Copy)]
struct Rounding {
    middle: i64,
    top: i64,
    shift: u32,
    shift_last: u32,
}

impl Rounding {
    fn new(precision: i64) -> Self {
        let extra = if precision == 8 { 2 } else { 1 }; // binary places between the passes
        Rounding {
            middle: 1 << (precision - 1),
            top: (1 << precision) - 1,
            shift: 13 - extra,
            shift_last: 13 + extra + 3,
        }
    }

    fn half(self) -> i64 {
        1 << (self.shift - 1)
    }

    fn half_last(self) -> i64 {
        (1 << (self.shift_last - 1)) + (self.middle << self.shift_last)
    }

    /// Return the largest sums of absolute coefficients, of a column and of a block, that the
    /// narrow transform takes.
    fn narrow(self) -> (u16, u32) {
        // 16 bits between the passes, where each value is rounded.
        let column = (((1 << 15) - 2) << self.shift) / WEIGHT;
        // 32 bits after the second, in which 8 rounded values come together.
        let rounded = 8 * WEIGHT + self.half_last();
        let block = ((((1 << 31) - 1 - rounded) / WEIGHT) << self.shift) / WEIGHT;
        (column as u16, block as u32)
    }

    /// Return the samples of a block whose coefficients are small, column by column.
    ///
    /// Only `LINES` coefficients of a row and of a column are looked at.
    #[inline(always)]
    fn samples_16<const LINES: usize>(self, work: &Block<i16>) -> Block<i16> {
        let (half, half_last) = (self.half() as i32, self.half_last() as i32);
        let (mut samples, mut turned) = ([0; 64], [[0; 2]; 64]);
        if self.shift == 11 {
            pass_16::<11, LINES>(work, half, &mut samples);
            transposed_16::<LINES>(&samples, &mut turned);
            pass_turned::<18, LINES>(&turned, half_last, &mut samples);
        } else {
            pass_16::<12, LINES>(work, half, &mut samples);
            transposed_16::<LINES>(&samples, &mut turned);
            pass_turned::<17, LINES>(&turned, half_last, &mut samples);
        }
        samples
    }

    /// Return the samples of any block, column by column.
    #[inline(never)]
    fn samples_64(self, block: &Block<i16>, sizes: &Block<i32>) -> Block<i16> {
        let work = std::array::from_fn(|k| i64::from(block[k]) * i64::from(sizes[k]));
        let mut samples = [0; 64];
        if self.shift == 11 {
            pass_64::<11, 8>(&work, self.half(), &mut samples);
            pass_64::<18, 8>(&transposed(&samples), self.half_last(), &mut samples);
        } else {
            pass_64::<12, 8>(&work, self.half(), &mut samples);
            pass_64::<17, 8>(&transposed(&samples), self.half_last(), &mut samples);
        }
        samples.map(|value| value.clamp(0, self.top) as i16)
    }
}

/// Return the samples of one component: dequantise, transform, shift, clip.
///
/// Returns the samples written.
pub fn inverse<T: Cell>(
    coefficients: &[i16],
    extents: &[u8],
    quantisation: &[i32],
    shape: &[i64],
    dst: &mut [T],
) -> i64 {
    let (first, across, rows, columns) = (shape[0], shape[1], shape[2], shape[3]);
    let at = |k: usize| (shape[k] & INDEX) as usize;
    let (start, step, stride) = (at(4), at(5), at(6));
    let rounding = Rounding::new(shape[7]);
    let sizes: &Block<i32> = quantisation.first_chunk().expect("64 sizes");
    let small = sizes.iter().all(|size| (0..=32767).contains(size));
    let factors = sizes.map(|size| size as i16);
    let bounds = rounding.narrow();
    let top = rounding.top as i16;
    let mut work = [0; 64];
    for y in (0..rows).step_by(8) {
        let high = (rows - y).min(8) as usize;
        for x in (0..columns).step_by(8) {
            let wide = (columns - x).min(8) as usize;
            let index = ((first + (y >> 3) * across + (x >> 3)) & INDEX) as usize;
            let block: &Block<i16> = coefficients[index << 6..].first_chunk().expect("a block");
            let q = start + y as usize * stride + x as usize * step;
            let samples = if extents[index] == 0 {
                // Nothing but the mean.
                let mean = ((i64::from(block[0]) * i64::from(sizes[0]) + 4) >> 3) + rounding.middle;
                [mean.clamp(0, rounding.top) as i16; 64]
            } else {
                let kind = if small {
                    dequantise(block, &factors, bounds, &mut work)
                } else {
                    Kind::Large
                };
                match kind {
                    Kind::Few => rounding.samples_16::<4>(&work),
                    Kind::Many => rounding.samples_16::<8>(&work),
                    Kind::Large => rounding.samples_64(block, sizes),
                }
            };
            if rounding.top == 255 {
                store(octets(&samples), (high, wide), &mut dst[q..], step, stride);
            } else {
                store(words(&samples, top), (high, wide), &mut dst[q..], step, stride);
            }
        }
    }
    rows * columns
}

/// What the dequantised coefficients of a block are.
enum Kind {
    /// Too large for the narrow transform.
    Large,
    /// Zero outside of the first four rows and columns.
    Few,
    /// Anything else.
    Many,
}

/// Dequantise a block, unless its coefficients are too large.
#[inline(never)]
fn dequantise(
    block: &Block<i16>,
    factors: &Block<i16>,
    (column, whole): (u16, u32),
    work: &mut Block<i16>,
) -> Kind {
    let mut cells = [0i16; 64];
    let mut sums = [0u16; 8];
    let mut lost = [0i16; 8];
    for r in (0..64).step_by(8) {
        for c in 0..8 {
            // 31 bits hold a product of 15 and 16.
            let product = i32::from(block[r + c]).wrapping_mul(i32::from(factors[r + c]));
            let low = product as i16;
            cells[r + c] = low;
            lost[c] |= (product >> 16) as i16 ^ (low >> 15);
            sums[c] = sums[c].saturating_add(low.unsigned_abs());
        }
    }
    *work = cells;
    // Loops to their end, of which vectors are made.
    let any = |cells: &[i16]| cells.iter().fold(0, |all, one| all | one) != 0;
    let most = sums.iter().fold(0, |most, &sum| most.max(sum));
    let sum = sums.iter().fold(0u32, |all, &sum| all.wrapping_add(u32::from(sum)));
    if any(&lost) || most > column || sum > whole {
        Kind::Large
    } else if sums[4..] != [0; 4] || any(&cells[32..]) {
        Kind::Many
    } else {
        Kind::Few
    }
}

/// Return the rows of samples of 8 bits, clipped, that are given column by column.
#[inline(never)]
fn octets(samples: &Block<i16>) -> [[u8; 8]; 8] {
    let mut columns = [[0u8; 8]; 8];
    for (column, samples) in columns.iter_mut().zip(samples.chunks_exact(8)) {
        for (octet, &sample) in column.iter_mut().zip(samples) {
            *octet = sample.clamp(0, 255) as u8;
        }
    }
    transposed_8(columns.map(u64::from_le_bytes)).map(u64::to_le_bytes)
}

/// Return the rows of samples, clipped, that are given column by column.
#[inline(never)]
fn words(samples: &Block<i16>, top: i16) -> [[u16; 8]; 8] {
    let sample = |r: usize, c: usize| samples[8 * c + r].clamp(0, top) as u16;
    std::array::from_fn(|r| std::array::from_fn(|c| sample(r, c)))
}

/// Write the samples of a block that are inside of the image.
#[inline(always)]
fn store<T: Cell, S: Copy + Into<u16>>(
    rows: [[S; 8]; 8],
    (high, wide): (usize, usize),
    dst: &mut [T],
    step: usize,
    stride: usize,
) {
    let cell = |sample: S| T::from_sample(sample.into());
    for (r, row) in rows.iter().take(high).enumerate() {
        let line = &mut dst[r * stride..];
        if wide == 8 && step == 1 {
            let cells: &mut [T; 8] = line.first_chunk_mut().expect("a row");
            *cells = row.map(cell);
        } else if wide == 8 && step == 3 {
            let cells: &mut [T; 22] = line.first_chunk_mut().expect("a row");
            for (c, &sample) in row.iter().enumerate() {
                cells[3 * c] = cell(sample);
            }
        } else {
            for (c, &sample) in row.iter().take(wide).enumerate() {
                line[c * step] = cell(sample);
            }
        }
    }
}

/// Return the coefficients of one component of 8 bits: shift, transform, quantise.
///
/// Returns the blocks transformed.
pub fn forward(src: &[u8], quantisation: &[i32], shape: &[i64], coefficients: &mut [i16]) -> i64 {
    let (across, down) = (shape[0], shape[1]);
    let stride = ((8 * across) & INDEX) as usize;
    let sizes: &Block<i32> = quantisation.first_chunk().expect("64 sizes");
    let halves = sizes.map(|size| 4 * i64::from(size));
    let factors = sizes.map(|size| (1i64 << 32) / (8 * i64::from(size)) + 1);
    for y in 0..down {
        for x in 0..across {
            let p = (y as usize * stride + x as usize) * 8;
            let mut work = [0i32; 64];
            for r in 0..8 {
                let line: &[u8; 8] = src[p + r * stride..].first_chunk().expect("a row");
                for (c, &sample) in line.iter().enumerate() {
                    work[8 * c + r] = i32::from(sample);
                }
            }
            forward_pass(&mut work, 1024, 2, 0, 11);
            let mut work = transposed(&work);
            forward_pass(&mut work, 0, 0, 2, 15);
            let index = ((shape[2] + y * shape[3] + x) & INDEX) as usize;
            let block: &mut Block<i16> = coefficients[index << 6..].first_chunk_mut().expect("one");
            for (k, cell) in block.iter_mut().enumerate() {
                // Halves are rounded away from zero.
                let value = i64::from(work[k]);
                let size = (value.abs() + halves[k]).wrapping_mul(factors[k]) >> 32;
                *cell = if value >= 0 { size } else { -size } as i16;
            }
        }
    }
    across * down
}

/// Transform the eight lines across of what lies in columns.
///
/// Samples are of 8 bits, so nothing comes near the bounds of 32. `less` is what 8 samples
/// exceed those that are shifted to the middle by; the even sums are shifted by `up` or
/// rounded by `down`, the others by `shift`.
#[inline(always)]
fn forward_pass(w: &mut Block<i32>, less: i32, up: u32, down: u32, shift: u32) {
    let half = 1 << (shift - 1);
    let half_even = 1 << down >> 1;
    for c in 0..8 {
        let s = |k: usize| w[8 * k + c];
        let (a, d0) = (s(0).wrapping_add(s(7)), s(0).wrapping_sub(s(7)));
        let (b, d1) = (s(1).wrapping_add(s(6)), s(1).wrapping_sub(s(6)));
        let (d, d2) = (s(2).wrapping_add(s(5)), s(2).wrapping_sub(s(5)));
        let (e, d3) = (s(3).wrapping_add(s(4)), s(3).wrapping_sub(s(4)));
        let even = |sum: i32| sum.wrapping_shl(up).wrapping_add(half_even) >> down;
        let two = |p: i32, q: i32, kp: i32, kq: i32| {
            let sum = p.wrapping_mul(kp).wrapping_add(q.wrapping_mul(kq));
            sum.wrapping_add(half) >> shift
        };
        let odd = |k0: i32, k1: i32, k2: i32, k3: i32| {
            let sum = d0.wrapping_mul(k0).wrapping_add(d1.wrapping_mul(k1));
            let rest = d2.wrapping_mul(k2).wrapping_add(d3.wrapping_mul(k3));
            sum.wrapping_add(rest).wrapping_add(half) >> shift
        };
        let (ae, be) = (a.wrapping_add(e), b.wrapping_add(d));
        let (ad, bd) = (a.wrapping_sub(e), b.wrapping_sub(d));
        w[c] = even(ae.wrapping_add(be).wrapping_sub(less));
        w[8 + c] = odd(11363, 9633, 6437, 2260);
        w[16 + c] = two(ad, bd, 10703, 4433);
        w[24 + c] = odd(9633, -2259, -11362, -6436);
        w[32 + c] = even(ae.wrapping_sub(be));
        w[40 + c] = odd(6437, -11362, 2261, 9633);
        w[48 + c] = two(ad, bd, 4433, -10704);
        w[56 + c] = odd(2260, -6436, 9633, -11363);
    }
}

#[cfg(test)]
mod tests {
    use super::{dequantise, inverse, Block, Kind, Rounding};

    fn both(block: &Block<i16>, precision: i64) -> Option<(Block<i16>, Block<i16>)> {
        let rounding = Rounding::new(precision);
        let top = rounding.top as i16;
        let mut work = [0; 64];
        let narrow = match dequantise(block, &[1; 64], rounding.narrow(), &mut work) {
            Kind::Large => return None,
            Kind::Few => rounding.samples_16::<4>(&work),
            Kind::Many => rounding.samples_16::<8>(&work),
        };
        let clipped = narrow.map(|sample| sample.clamp(0, top));
        Some((clipped, rounding.samples_64(block, &[1; 64])))
    }

    /// Numbers that follow each other without a pattern.
    fn dice(seed: &mut u32) -> i32 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 8) as i32
    }

    #[test]
    fn narrow_and_wide_agree_up_to_the_bounds() {
        let mut seed = 1;
        let mut narrow = 0;
        for case in 0..4000 {
            let precision = if case % 2 == 0 { 8 } else { 12 };
            let (column, whole) = Rounding::new(precision).narrow();
            let mut block = [0i16; 64];
            // Every sign that makes the sums of one column, or of all, as large as they may be.
            let count = [1, 2, 8, 64][case / 2 % 4];
            let bound = if count < 64 { i32::from(column) / count } else { whole as i32 / 64 };
            let bound = bound.min(i32::from(column) / 8.min(count));
            for k in 0..count as usize {
                let place = if count < 64 { 8 * k + (case / 8) % 8 } else { k };
                let sign = if dice(&mut seed) & 1 == 0 { -1 } else { 1 };
                block[place] = (sign * bound) as i16;
            }
            if let Some((found, expected)) = both(&block, precision) {
                assert_eq!(found, expected);
                narrow += 1;
            }
        }
        assert_eq!(narrow, 4000);
    }

    #[test]
    fn sums_beyond_the_bounds_are_seen() {
        for precision in [8, 12] {
            let (column, _) = Rounding::new(precision).narrow();
            for extreme in [column as i16 + 1, i16::MIN, i16::MAX] {
                let mut block = [0; 64];
                block[19] = extreme;
                assert!(both(&block, precision).is_none());
            }
        }
    }

    #[test]
    fn products_of_more_than_16_bits_are_seen() {
        let mut work = [0; 64];
        let mut block = [0; 64];
        block[5] = 256; // 65536 in all, of which 16 bits hold nothing
        let kind = dequantise(&block, &[256; 64], (5900, 33000), &mut work);
        assert!(matches!(kind, Kind::Large));
    }

    #[test]
    fn only_samples_of_the_image_are_written() {
        let mut block = [0i16; 64];
        (block[0], block[1], block[8]) = (40, -300, 77);
        let shape = [0, 1, 3, 5, 1, 2, 12, 8];
        let mut cells = [1u16; 40];
        assert_eq!(inverse(&block, &[2], &[1; 64], &shape, &mut cells), 15);
        for (at, &cell) in cells.iter().enumerate() {
            let (row, column) = (at / 12, at % 12);
            let inside = row < 3 && column % 2 == 1 && column < 10;
            assert_eq!(inside, cell != 1, "{at}");
        }
    }
}
