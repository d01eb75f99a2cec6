//! YBR_FULL to RGB and back, of 8 bits (PS3.3 C.7.6.3.1.2).
//!
//! The references divide exact fractions and round each quotient to the nearest, halves up.
//! Here the quotients are sums of binary fractions from tables. These are a little too large,
//! by less than what any quotient lacks of the next half, so that the same integers come out:
//! the tests see that of all pixels that there are.

/// Binary places of the fractions.
const PLACES: u32 = 20;
/// What every sum is too large by, at least, in units of the last place.
const EXCESS: i32 = 2;

/// What one sample contributes to the three of the result; the fourth is for alignment.
type Part = [i32; 4];

const fn fraction(numerator: i64, denominator: i64) -> i32 {
    ((numerator * (2 << PLACES) + denominator).div_euclid(2 * denominator)) as i32
}

const HALF: i32 = (1 << (PLACES - 1)) + EXCESS;

/// Build the parts of all values of a sample: each weight is a fraction with its constant.
const fn parts(weights: [(i64, i64); 3], middle: i64, constant: Part) -> [Part; 256] {
    let mut table = [[0; 4]; 256];
    let mut value = 0;
    while value < 256 {
        let mut k = 0;
        while k < 3 {
            let (numerator, denominator) = weights[k];
            let part = fraction((value as i64 - middle) * numerator, denominator);
            table[value][k] = part + constant[k];
            k += 1;
        }
        value += 1;
    }
    table
}

static LUMINANCE: [Part; 256] = parts([(1, 1); 3], 0, [HALF, HALF, HALF, 0]);
static BLUE_DIFFERENCE: [Part; 256] =
    parts([(0, 1), (-114 * 1772, 587_000), (1772, 1000)], 128, [0; 4]);
static RED_DIFFERENCE: [Part; 256] =
    parts([(1402, 1000), (-299 * 1402, 587_000), (0, 1)], 128, [0; 4]);

const MIDDLE: i32 = (128 << PLACES) + HALF;
static RED: [Part; 256] =
    parts([(299, 1000), (-299, 1772), (701, 1402)], 0, [HALF, MIDDLE, MIDDLE, 0]);
static GREEN: [Part; 256] = parts([(587, 1000), (-587, 1772), (-587, 1402)], 0, [0; 4]);
static BLUE: [Part; 256] = parts([(114, 1000), (886, 1772), (-114, 1402)], 0, [0; 4]);

/// Convert Y, CB, CR to red, green, blue, in place; return the pixels converted.
pub fn ybr_to_rgb(pixels: &mut [u8]) -> i64 {
    convert(pixels, &LUMINANCE, &BLUE_DIFFERENCE, &RED_DIFFERENCE)
}

/// Convert red, green, blue to Y, CB, CR, in place; return the pixels converted.
pub fn rgb_to_ybr(pixels: &mut [u8]) -> i64 {
    convert(pixels, &RED, &GREEN, &BLUE)
}

/// Pixels at a time: each step is a loop of its own, of which vectors are made.
const BLOCK: usize = 64;

#[inline(always)]
fn convert(pixels: &mut [u8], a: &[Part; 256], b: &[Part; 256], c: &[Part; 256]) -> i64 {
    let count = pixels.len() / 3;
    let mut sums = [[0; 4]; BLOCK];
    let mut octets = [[0; 4]; BLOCK];
    let mut blocks = pixels[..3 * count].chunks_exact_mut(3 * BLOCK);
    for block in &mut blocks {
        add(block, a, b, c, &mut sums);
        clip(&sums, &mut octets);
        join(&octets, block);
    }
    let rest = blocks.into_remainder();
    if !rest.is_empty() {
        let mut block = [0; 3 * BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        add(&block, a, b, c, &mut sums);
        clip(&sums, &mut octets);
        join(&octets, &mut block);
        rest.copy_from_slice(&block[..rest.len()]);
    }
    count as i64
}

/// Add what the three samples of each pixel contribute.
///
/// Not inlined: if it knew the tables, the compiler would leave out their zeros and add one
/// number after the other instead of four at once.
#[inline(never)]
fn add(block: &[u8], a: &[Part; 256], b: &[Part; 256], c: &[Part; 256], sums: &mut [Part; BLOCK]) {
    for (sum, pixel) in sums.iter_mut().zip(block.chunks_exact(3)) {
        let a = &a[usize::from(pixel[0])];
        let b = &b[usize::from(pixel[1])];
        let c = &c[usize::from(pixel[2])];
        // They are below 1024, with their places: nothing wraps.
        for k in 0..4 {
            sum[k] = a[k].wrapping_add(b[k]).wrapping_add(c[k]);
        }
    }
}

/// Take the integers of the sums, as octets.
#[inline(never)]
fn clip(sums: &[Part; BLOCK], octets: &mut [[u8; 4]; BLOCK]) {
    let octets = octets.as_flattened_mut().chunks_exact_mut(16);
    for (octets, sums) in octets.zip(sums.as_flattened().chunks_exact(16)) {
        for (octet, &sum) in octets.iter_mut().zip(sums) {
            *octet = (sum >> PLACES).clamp(0, 255) as u8;
        }
    }
}

/// Put pixels side by side, without the octet of nothing behind each.
#[inline(always)]
fn join(octets: &[[u8; 4]; BLOCK], block: &mut [u8]) {
    for (to, from) in block.chunks_exact_mut(12).zip(octets.chunks_exact(4)) {
        let pixel = |k: usize| u32::from_le_bytes(from[k]);
        let (p, q, r, s) = (pixel(0), pixel(1), pixel(2), pixel(3));
        to[..4].copy_from_slice(&(p | q << 24).to_le_bytes());
        to[4..8].copy_from_slice(&(q >> 8 | r << 16).to_le_bytes());
        to[8..].copy_from_slice(&(r >> 16 | s << 8).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::{rgb_to_ybr, ybr_to_rgb};

    fn nearest(numerator: i64, denominator: i64) -> i64 {
        (2 * numerator + denominator).div_euclid(2 * denominator)
    }

    fn clip(value: i64) -> u8 {
        value.clamp(0, 255) as u8
    }

    /// Every pixel whose first sample is `first`.
    fn all(first: u8) -> Vec<u8> {
        let rest = (0..=255u8).flat_map(|b| (0..=255u8).map(move |c| (b, c)));
        rest.flat_map(|(b, c)| [first, b, c]).collect()
    }

    #[test]
    fn every_pixel_to_rgb() {
        for y in 0..=255 {
            let source = all(y);
            let mut pixels = source.clone();
            assert_eq!(ybr_to_rgb(&mut pixels), 65536);
            for (pixel, found) in source.chunks(3).zip(pixels.chunks(3)) {
                let [y, cb, cr] = [0, 1, 2].map(|k| i64::from(pixel[k]));
                let (cb, cr) = (cb - 128, cr - 128);
                let green = nearest(-114 * 1772 * cb - 299 * 1402 * cr, 587_000);
                let expected = [
                    clip(y + nearest(1402 * cr, 1000)),
                    clip(y + green),
                    clip(y + nearest(1772 * cb, 1000)),
                ];
                assert_eq!(found, expected, "{pixel:?}");
            }
        }
    }

    #[test]
    fn every_pixel_to_ybr() {
        for red in 0..=255 {
            let source = all(red);
            let mut pixels = source.clone();
            assert_eq!(rgb_to_ybr(&mut pixels), 65536);
            for (pixel, found) in source.chunks(3).zip(pixels.chunks(3)) {
                let [r, g, b] = [0, 1, 2].map(|k| i64::from(pixel[k]));
                let expected = [
                    clip(nearest(299 * r + 587 * g + 114 * b, 1000)),
                    clip(128 + nearest(-299 * r - 587 * g + 886 * b, 1772)),
                    clip(128 + nearest(701 * r - 587 * g - 114 * b, 1402)),
                ];
                assert_eq!(found, expected, "{pixel:?}");
            }
        }
    }

    #[test]
    fn what_is_no_pixel_is_left_alone() {
        let mut octets = [200, 10, 30, 4, 5];
        assert_eq!(ybr_to_rgb(&mut octets), 1);
        assert_eq!(octets[3..], [4, 5]);
    }
}
