//! Decoding of a scan.

use super::rows::{decode_row, decode_row_left, undo_pixels, undo_row};
use super::rows::{Fault, Reader, Stride, Tables};
use super::Sample;
use crate::status::{BAD_VALUE, TRUNCATED};

/// What must be known of a scan, in the order of the argument `plan`.
pub struct Plan<'a> {
    /// X: pixels of a row.
    width: usize,
    /// Cells of a pixel.
    samples: usize,
    /// Ss, 1 to 7 (Table H.1).
    predictor: i64,
    /// What predicts the first sample (H.1.2.1).
    origin: i32,
    /// Rows between restarts.
    interval: usize,
    /// The largest value of a cell.
    top: i32,
    /// Huffman tables: 1 for all of the components, or one for each.
    tables: usize,
    /// The cell of each component of the scan.
    components: &'a [i64],
}

impl<'a> Plan<'a> {
    /// Reads the argument `plan`.
    ///
    /// # Panics
    ///
    /// If a number is out of the range that the callers of the kernel keep to.
    pub fn read(plan: &'a [i64]) -> Self {
        let number = |k: usize, least: i64, most: i64| {
            let found = plan[k];
            assert!((least..=most).contains(&found), "number {k} of a scan's plan is {found}");
            found
        };
        let samples = number(1, 1, 255);
        let count = number(2, 1, samples) as usize;
        let components = &plan[8..8 + count];
        assert!(components.iter().all(|&cell| (0..samples).contains(&cell)), "cells of a pixel");
        Plan {
            width: number(0, 1, 0xFFFF) as usize,
            samples: samples as usize,
            predictor: number(3, 1, 7),
            origin: number(4, 1, 1 << 15) as i32,
            interval: number(5, 1, 1 << 32) as usize,
            top: number(6, 255, 65535) as i32,
            tables: number(7, 1, 255) as usize,
            components,
        }
    }

    /// Whether the components of the scan are all cells of a pixel, in order.
    fn whole_pixels(&self) -> bool {
        self.components.len() == self.samples
            && self.components.iter().enumerate().all(|(k, &cell)| k as i64 == cell)
    }
}

/// `jpeglossless.decode_scan`: decodes the samples of one scan.
///
/// `words` has the bits without stuffed zeros. `starts` and `ends` have the word that each restart
/// interval begins with, and the bit it ends before; `state` takes the interval that the decoder
/// comes to, and how many of its bits are used. `short` tells for the next 13 bits, if all
/// components share a table, one difference or two, or has 0 if they hold less than one; `full`
/// tells for each table and the next 16 bits ``length << 8 | SSSS``, 0 for no code. `dst` takes
/// the samples, before the point transform is undone. Returns how many there are.
///
/// # Panics
///
/// If a buffer or a number is not what callers of the kernel give it.
#[allow(clippy::too_many_arguments)] // as many as the reference has
pub fn decode_scan<T: Sample>(
    words: &[u32],
    starts: &[i64],
    ends: &[i64],
    short: &[i32],
    full: &[u16],
    plan: &[i64],
    dst: &mut [T],
    state: &mut [i64],
) -> i64 {
    let plan = Plan::read(plan);
    let short = short.try_into().expect("a short table of 13 bits");
    let tables = Tables { short, full, count: plan.tables };
    let pitch = plan.width * plan.samples;
    let count = plan.components.len();
    let mut diff = vec![0; plan.width * count + 1];
    let mut reader = Reader::new(words, 0);
    let mut part = 0;
    let mut seen = 0;
    for first in (0..dst.len() / pitch).map(|row| row * pitch) {
        let row = first / pitch;
        let mut predictor = plan.predictor;
        if row % plan.interval == 0 {
            predictor = 0; // nothing above counts
            part = row / plan.interval;
            let start = usize::try_from(starts[part]).expect("a word's number");
            reader = Reader::new(words, start);
        }
        let (before, rest) = dst.split_at_mut(first);
        let line = &mut rest[..pitch];
        let above = if predictor == 0 { &[] } else { &before[first - pitch..] };
        let decoded = if count == 1 && predictor <= 1 {
            let cell = plan.components[0] as usize;
            let ra = above.get(cell).map_or(plan.origin, |ra| ra.value());
            decode_row_left(&mut reader, tables, &mut line[cell..], plan.samples, ra)
        } else {
            decode_row(&mut reader, tables, &mut diff).map(|()| 0)
        };
        state[0] = part as i64;
        state[1] = (reader.position() - 32 * starts[part]).max(0);
        match decoded {
            Err(Fault::NoWords) => {
                state[1] = 0;
                return TRUNCATED;
            }
            _ if reader.position() > ends[part] => return TRUNCATED,
            Err(Fault::NoCode) => return BAD_VALUE,
            Ok(bits) => seen |= bits,
        }
        if count > 1 || predictor > 1 {
            seen |= undo_components(&plan, &diff, above, line, predictor);
        }
        if seen > plan.top {
            return BAD_VALUE;
        }
    }
    (dst.len() / pitch * plan.width * count) as i64
}

/// Turns the differences of a row into samples; returns all bits of them.
fn undo_components<T: Sample>(
    plan: &Plan,
    diff: &[i32],
    above: &[T],
    line: &mut [T],
    predictor: i64,
) -> i32 {
    let count = plan.components.len();
    let first = |cell: usize| above.get(cell).map_or(plan.origin, |ra| ra.value());
    if count == 3 && predictor <= 1 && plan.whole_pixels() {
        return undo_pixels(diff, line, [first(0), first(1), first(2)]);
    }
    let mut bits = 0;
    for (k, &cell) in plan.components.iter().enumerate() {
        let cell = cell as usize;
        let stride = Stride { first: cell, step: plan.samples };
        let own = diff[k..].iter().step_by(count).copied();
        bits |= undo_row(own, above, line, stride, predictor, first(cell));
    }
    bits
}
