//! Encoding of scans of several components whose samples take turns (ISO 14495-1 A, C.2.3).

use super::decode_samples::{differences, gradients, pixel, put_pixel};
use super::encode::Place;
use super::model::{predicted, rows_above, Coding, Model};
use crate::status::OUTPUT_FULL;

/// `jpegls.encode_samples`: encodes pixels, whose samples are side by side, below a row of zeros.
///
/// Arguments and result are those of [`encode_lines`](super::encode_lines).
///
/// # Panics
///
/// As of `encode_lines`; and if there are more than four components (C.2.3).
pub fn encode_samples(
    src: &mut [u16],
    table: &[u8],
    coding: &[i64],
    words: &mut [u32],
    intervals: &mut [i64],
) -> i64 {
    let coding = Coding::read(coding, table);
    let encode = match (coding.components, coding.near) {
        (1, 0) => rows::<1, true>,
        (1, _) => rows::<1, false>,
        (2, 0) => rows::<2, true>,
        (2, _) => rows::<2, false>,
        (3, 0) => rows::<3, true>,
        (3, _) => rows::<3, false>,
        (4, 0) => rows::<4, true>,
        (4, _) => rows::<4, false>,
        _ => panic!("a scan of {} components", coding.components),
    };
    encode(src, &coding, words, intervals)
}

fn rows<const S: usize, const LOSSLESS: bool>(
    src: &mut [u16],
    coding: &Coding,
    words: &mut [u32],
    intervals: &mut [i64],
) -> i64 {
    let width = coding.columns * S;
    let mut model = Model::new(coding);
    let mut place = Place::default();
    for row in 0..coding.rows {
        if row % coding.interval == 0 {
            intervals[2 * (row / coding.interval)] = place.pending.count as i64;
            place.run_index = 0;
            model = Model::new(coding);
        }
        if !place.pending.fits(words, width * coding.limit) {
            return OUTPUT_FULL;
        }
        let here = (1 + row) * width;
        let (rc, rb) = rows_above(here, 0, width, row % coding.interval);
        let (before, line) = src.split_at_mut(here);
        let corner = pixel::<S>(&before[rc..]);
        let (above, line) = (&before[rb..][..width], &mut line[..width]);
        place =
            line_of_pixels::<S, LOSSLESS>(coding, &mut model, corner, above, line, words, place);
        if row + 1 == coding.rows || (row + 1) % coding.interval == 0 {
            place.pending.finish(words, &mut intervals[2 * (row / coding.interval)..]);
        }
    }
    place.pending.count as i64
}

/// Encodes one line of pixels below `above`.
fn line_of_pixels<const S: usize, const LOSSLESS: bool>(
    coding: &Coding,
    model: &mut Model,
    corner: [i64; S],
    above: &[u16],
    line: &mut [u16],
    words: &mut [u32],
    place: Place,
) -> Place {
    let width = line.len();
    let Place { mut pending, mut run_index } = place;
    let mut x = 0;
    let mut rc = corner;
    let mut rb = pixel::<S>(above);
    let mut ra = rb;
    let mut q2 = differences(&coding.regions, rb, rc);
    let mut rx = [0; S];
    while x < width {
        let mut rd = if x + S < width { pixel::<S>(&above[x + S..]) } else { rb };
        let contexts = gradients(&coding.regions, &mut q2, ra, rb, rc, rd);
        if contexts.iter().fold(0, |all, q| all | q) != 0 {
            let sample = pixel::<S>(&line[x..]);
            for s in 0..S {
                let guess = predicted(ra[s], rb[s], rc[s]);
                (pending, rx[s]) = coding.regular::<LOSSLESS>(
                    model,
                    contexts[s],
                    guess,
                    sample[s],
                    words,
                    pending,
                );
            }
        } else {
            let same = |other: &&[u16]| {
                ra.iter().zip(*other).all(|(ra, &x)| (i64::from(x) - ra).abs() <= coding.near)
            };
            let length = line[x..].chunks_exact(S).take_while(same).count();
            if !LOSSLESS {
                for pixel in line[x..x + S * length].chunks_exact_mut(S) {
                    put_pixel(pixel, ra);
                }
            }
            x += S * length;
            let mut run = Place { pending, run_index }.run(words, length, x == width);
            (pending, run_index) = (run.pending, run.run_index);
            if x == width {
                break;
            }
            rb = pixel::<S>(&above[x..]);
            let sample = pixel::<S>(&line[x..]);
            for s in 0..S {
                // every component is coded as one whose neighbours differ, A.7.2
                (run.pending, rx[s]) =
                    coding.ending(model, run, false, ra[s], rb[s], sample[s], words);
            }
            pending = run.pending;
            run_index = run_index.saturating_sub(1);
            rd = if x + S < width { pixel::<S>(&above[x + S..]) } else { rb };
            q2 = differences(&coding.regions, rd, rb);
        }
        if !LOSSLESS {
            put_pixel(&mut line[x..], rx);
        }
        x += S;
        ra = rx;
        rc = rb;
        rb = rd;
    }
    Place { pending, run_index }
}
